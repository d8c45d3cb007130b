/* The keywords under which a record is indexed: what doctor and patient must compute alike. */
#ifndef EHR_ACTORS_VISIT_KEYWORDS_H
#define EHR_ACTORS_VISIT_KEYWORDS_H

#include "crypto/index.h"
#include "sim/records/records.h"

/* kw of the keywords of a record, canonical and distinct, in order of first appearance. */
struct ehr_visit_keywords {
    size_t count;
    uint8_t kw[EHR_INDEX_RECORD_KEYWORDS_MAX][32];
};

/* Keywords without a canonical form, and those after the first EHR_INDEX_RECORD_KEYWORDS_MAX, are
 * not indexed. */
void ehr_visit_keywords_make(struct ehr_visit_keywords *keywords, const struct ehr_record *record);

#endif /* EHR_ACTORS_VISIT_KEYWORDS_H */
