/* Growing text, and the record made of it: what the loader and the generator share. */
#ifndef EHR_RECORDS_ASSEMBLE_H
#define EHR_RECORDS_ASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/records/records.h"

#define EHR_RECORD_OPENING "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
#define EHR_RECORD_CLOSING "]}"

struct ehr_record_keywords;

/* All zero is an empty text. After a failed allocation `failed` stays set and appends do nothing.
 * The bytes are not NUL-terminated. */
struct ehr_record_text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
};

void ehr_record_text_append(struct ehr_record_text *text, const char *bytes, size_t length);
void ehr_record_text_string(struct ehr_record_text *text, const char *string);
void ehr_record_text_close(struct ehr_record_text *text);

/* What a record says about itself besides text and keywords. */
struct ehr_record_facts {
    size_t clinical_bytes;
    size_t resource_count;
    const char *encounter;
    const char *start;
    int64_t start_s;
    const char *class_code;
};

/* Makes a record of a complete text; copies facts and keywords. Takes the bytes of `text`, which is
 * empty afterwards. False where memory is short, also earlier (text->failed): `record` is empty. */
bool ehr_record_assemble(struct ehr_record_text *text, const struct ehr_record_facts *facts,
                         const struct ehr_record_keywords *keywords, struct ehr_record *record);

#endif /* EHR_RECORDS_ASSEMBLE_H */
