#include "actors/visit_keywords.h"

#include <string.h>

static bool contains(const struct ehr_visit_keywords *keywords, const uint8_t kw[32])
{
    for (size_t i = 0; i < keywords->count; i++)
        if (memcmp(keywords->kw[i], kw, 32) == 0)
            return true;
    return false;
}

void ehr_visit_keywords_make(struct ehr_visit_keywords *keywords, const struct ehr_record *record)
{
    keywords->count = 0;
    for (size_t i = 0; i < record->keyword_count; i++) {
        const char *text = record->keywords[i];
        struct ehr_index_keyword keyword;
        if (ehr_index_keyword_make(&keyword, (const uint8_t *)text, strlen(text)) != EHR_OK)
            continue;
        uint8_t kw[32];
        ehr_index_keyword_hash(kw, &keyword);
        if (contains(keywords, kw))
            continue; /* two spellings of one keyword would give one label twice */
        if (keywords->count == EHR_INDEX_RECORD_KEYWORDS_MAX)
            return;
        memcpy(keywords->kw[keywords->count++], kw, 32);
    }
}
