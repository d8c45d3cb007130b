#include "sim/records/keywords.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *uri;
    const char *name;
} systems[] = {
    [EHR_RECORD_SYSTEM_NONE] = {"", ""},
    [EHR_RECORD_SYSTEM_SNOMED] = {"http://snomed.info/sct", "snomed"},
    [EHR_RECORD_SYSTEM_LOINC] = {"http://loinc.org", "loinc"},
    [EHR_RECORD_SYSTEM_RXNORM] = {"http://www.nlm.nih.gov/research/umls/rxnorm", "rxnorm"},
    [EHR_RECORD_SYSTEM_CVX] = {"http://hl7.org/fhir/sid/cvx", "cvx"},
};

enum ehr_record_system ehr_record_system_of(const char *uri)
{
    for (int i = EHR_RECORD_SYSTEM_SNOMED; i <= EHR_RECORD_SYSTEM_CVX; i++)
        if (strcmp(uri, systems[i].uri) == 0)
            return (enum ehr_record_system)i;
    return EHR_RECORD_SYSTEM_NONE;
}

const char *ehr_record_system_uri(enum ehr_record_system system)
{
    return systems[system].uri;
}

/* FNV-1a: spreads codes, and the order of keywords never depends on it. */
static size_t hash_of(const char *string)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *string != '\0'; string++)
        hash = (hash ^ (unsigned char)*string) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ (hash >> 32));
}

/* Slot that holds `keyword`, else the free slot where it belongs. */
static uint32_t *slot_of(const struct ehr_record_keywords *keywords, const char *keyword)
{
    size_t mask = keywords->slot_count - 1;
    size_t at = hash_of(keyword) & mask;
    while (keywords->slots[at] != 0) {
        size_t index = keywords->slots[at] - 1;
        if (strcmp(keywords->strings.bytes + keywords->offsets[index], keyword) == 0)
            break;
        at = (at + 1) & mask;
    }
    return &keywords->slots[at];
}

/* Makes room for one more; at most half of the slots are used. */
static bool reserve(struct ehr_record_keywords *keywords)
{
    if (keywords->count < keywords->capacity)
        return true;
    size_t capacity = keywords->capacity == 0 ? 64 : keywords->capacity * 2;
    size_t *offsets = realloc(keywords->offsets, capacity * sizeof(*offsets));
    if (offsets == NULL)
        return false;
    keywords->offsets = offsets;
    uint32_t *slots = calloc(capacity * 2, sizeof(*slots));
    if (slots == NULL)
        return false;
    free(keywords->slots);
    keywords->slots = slots;
    keywords->slot_count = capacity * 2;
    keywords->capacity = capacity;
    for (size_t i = 0; i < keywords->count; i++)
        *slot_of(keywords, keywords->strings.bytes + offsets[i]) = (uint32_t)(i + 1);
    return true;
}

bool ehr_record_keywords_add(struct ehr_record_keywords *keywords, enum ehr_record_system system,
                             const char *code)
{
    size_t code_bytes = strlen(code);
    assert(system != EHR_RECORD_SYSTEM_NONE && code_bytes <= EHR_RECORD_CODE_BYTES_MAX);
    char keyword[sizeof("snomed:") + EHR_RECORD_CODE_BYTES_MAX];
    size_t name_bytes = strlen(systems[system].name);
    memcpy(keyword, systems[system].name, name_bytes);
    keyword[name_bytes] = ':';
    memcpy(keyword + name_bytes + 1, code, code_bytes + 1);

    if (!reserve(keywords))
        return false;
    uint32_t *slot = slot_of(keywords, keyword);
    if (*slot != 0)
        return true;
    size_t offset = keywords->strings.length;
    ehr_record_text_append(&keywords->strings, keyword, name_bytes + 1 + code_bytes + 1);
    if (keywords->strings.failed)
        return false;
    keywords->offsets[keywords->count++] = offset;
    *slot = (uint32_t)keywords->count;
    return true;
}

void ehr_record_keywords_clear(struct ehr_record_keywords *keywords)
{
    keywords->count = 0;
    keywords->strings.length = 0;
    if (keywords->slots != NULL)
        memset(keywords->slots, 0, keywords->slot_count * sizeof(*keywords->slots));
}

void ehr_record_keywords_close(struct ehr_record_keywords *keywords)
{
    ehr_record_text_close(&keywords->strings);
    free(keywords->offsets);
    free(keywords->slots);
    *keywords = (struct ehr_record_keywords){0};
}
