/* The distinct keywords of one record, in order of first appearance. */
#ifndef EHR_RECORDS_KEYWORDS_H
#define EHR_RECORDS_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/records/assemble.h"

#define EHR_RECORD_CODE_BYTES_MAX 64 /* of a code; real ones have at most 18 */

enum ehr_record_system {
    EHR_RECORD_SYSTEM_NONE = 0, /* any other code system: not a keyword */
    EHR_RECORD_SYSTEM_SNOMED = 1,
    EHR_RECORD_SYSTEM_LOINC = 2,
    EHR_RECORD_SYSTEM_RXNORM = 3,
    EHR_RECORD_SYSTEM_CVX = 4,
};

/* Code system of a FHIR Coding.system URI. */
enum ehr_record_system ehr_record_system_of(const char *uri);

/* "" for EHR_RECORD_SYSTEM_NONE. */
const char *ehr_record_system_uri(enum ehr_record_system system);

/* Keywords as NUL-terminated strings one after another in `strings`; `offsets` has where each
 * begins, `slots` finds one by its hash. All zero is an empty set. */
struct ehr_record_keywords {
    struct ehr_record_text strings;
    size_t *offsets;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* slot_count, a power of two: 0 or index + 1 */
    size_t slot_count;
};

/* Adds "<system>:<code>" unless it is there. False where memory is short: the set is unchanged. */
bool ehr_record_keywords_add(struct ehr_record_keywords *keywords, enum ehr_record_system system,
                             const char *code);
void ehr_record_keywords_clear(struct ehr_record_keywords *keywords);
void ehr_record_keywords_close(struct ehr_record_keywords *keywords);

#endif /* EHR_RECORDS_KEYWORDS_H */
