#include "sim/records/assemble.h"

#include <stdlib.h>
#include <string.h>

#include "sim/records/keywords.h"

void ehr_record_text_append(struct ehr_record_text *text, const char *bytes, size_t length)
{
    if (text->failed)
        return;
    if (length > text->capacity - text->length) {
        size_t capacity = text->capacity < 2048 ? 4096 : text->capacity * 2;
        if (capacity < text->length + length)
            capacity = text->length + length;
        char *grown = realloc(text->bytes, capacity);
        if (grown == NULL) {
            text->failed = true;
            return;
        }
        text->bytes = grown;
        text->capacity = capacity;
    }
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void ehr_record_text_string(struct ehr_record_text *text, const char *string)
{
    ehr_record_text_append(text, string, strlen(string));
}

void ehr_record_text_close(struct ehr_record_text *text)
{
    free(text->bytes);
    *text = (struct ehr_record_text){0};
}

bool ehr_record_assemble(struct ehr_record_text *text, const struct ehr_record_facts *facts,
                         const struct ehr_record_keywords *keywords, struct ehr_record *record)
{
    *record = (struct ehr_record){0};
    size_t length = text->length;
    const char *strings[3] = {facts->encounter, facts->start, facts->class_code};
    size_t at[3];
    ehr_record_text_append(text, "", 1);
    for (int i = 0; i < 3; i++) {
        at[i] = text->length;
        ehr_record_text_append(text, strings[i], strlen(strings[i]) + 1);
    }
    size_t keywords_at = text->length;
    ehr_record_text_append(text, keywords->strings.bytes, keywords->strings.length);

    const char **list = calloc(keywords->count > 0 ? keywords->count : 1, sizeof(*list));
    char *storage = text->failed ? NULL : realloc(text->bytes, text->length);
    if (list == NULL || storage == NULL) {
        free(list);
        if (storage != NULL)
            text->bytes = storage;
        ehr_record_text_close(text);
        return false;
    }
    *text = (struct ehr_record_text){0};
    for (size_t i = 0; i < keywords->count; i++)
        list[i] = storage + keywords_at + keywords->offsets[i];
    *record = (struct ehr_record){
        .text = storage,
        .length = length,
        .clinical_bytes = facts->clinical_bytes,
        .resource_count = facts->resource_count,
        .keywords = list,
        .keyword_count = keywords->count,
        .encounter = storage + at[0],
        .start = storage + at[1],
        .start_s = facts->start_s,
        .class_code = storage + at[2],
        .storage = storage,
    };
    return true;
}

void ehr_record_close(struct ehr_record *record)
{
    if (record == NULL)
        return;
    free(record->storage);
    free(record->keywords);
    *record = (struct ehr_record){0};
}
