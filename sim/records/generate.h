/* Synthetic records: FHIR R4 bundles whose sizes and numbers of codes follow measured ones.
 *
 * Not a model of disease: which codes stand together is plausible, not epidemiology. The two
 * distributions were fitted to 18,098 encounters of Synthea (docs/formats/records.md). */
#ifndef EHR_RECORDS_GENERATE_H
#define EHR_RECORDS_GENERATE_H

#include "sim/records/records.h"
#include "sim/records/sampler.h"

#define EHR_RECORD_SIZE_MU      8.230 /* of the natural logarithm of the clinical bytes */
#define EHR_RECORD_SIZE_SIGMA   1.076
#define EHR_RECORD_SIZE_MIN     700     /* bytes: the sampled size is clipped to this range */
#define EHR_RECORD_SIZE_MAX     2097152 /* bytes */
#define EHR_RECORD_CODES_MAX    73      /* distinct codes */
#define EHR_RECORD_VISITS_LIMIT 100000  /* visits of one patient: keeps the year within 4 digits */

/* A source of records. A record is a function of (key, patient, visit) alone, so records can be
 * made in any order, again, or never. */
struct ehr_record_source {
    uint64_t key;
    size_t attachment_bytes; /* an image in every record, beside the sampled size; 0: none. What
                              * else is in the records does not depend on it */
};

/* Draws the key from `stream`, once; no attachment. */
void ehr_record_source_init(struct ehr_record_source *source, struct ehr_stream *stream);

/* Makes the record of one visit; the caller closes it. Same source, patient and visit: same bytes,
 * on every compiler. Visits of a patient are in date order of their numbers. `record` is
 * overwritten: it must not hold anything. Precondition: visit < EHR_RECORD_VISITS_LIMIT.
 * EHR_RECORD_BAD_ENVIRONMENT where memory is short; `record` is then empty. */
__attribute__((warn_unused_result)) enum ehr_record_status
ehr_record_generate(const struct ehr_record_source *source, uint64_t patient, uint64_t visit,
                    struct ehr_record *record);

/* What ehr_record_generate aims at for one rank pair: sizes and codes before the vocabulary is
 * asked. size_rank and codes_rank in [0, 1). Exposed for tests and documentation. */
size_t ehr_record_size_quantile(double size_rank);   /* bytes of the resources */
size_t ehr_record_codes_quantile(double codes_rank); /* distinct codes, 1..EHR_RECORD_CODES_MAX */

#endif /* EHR_RECORDS_GENERATE_H */
