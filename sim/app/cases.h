/* The records of a run: made up from the seed, or read from a folder of bundles. Also says which
 * patients there are and which record each visit writes. */
#ifndef EHR_APP_CASES_H
#define EHR_APP_CASES_H

#include <stddef.h>
#include <stdint.h>

#include "actors/roles.h"
#include "actors/workload.h"
#include "sim/records/generate.h"
#include "sim/records/records.h"

struct ehr_app_cases {
    struct ehr_cases cases;     /* what roles see; first */
    struct ehr_visit_plan plan; /* what the workload sees */
    struct ehr_record_source source;
    const struct ehr_record_set *set; /* NULL: synthetic; borrowed */
    uint32_t *first;                  /* of a set: the first record of each bundle, and the end */
    uint32_t patients;
};

/* Records that follow from (seed, replication), any number for each of `patients`, each with an
 * image of `attachment_bytes` (0: none). */
void ehr_app_cases_synthetic(struct ehr_app_cases *cases, uint64_t seed, uint32_t replication,
                             uint32_t patients, uint32_t attachment_bytes);

/* The records of a set: one patient a bundle, its encounters as visits in order of date. */
void ehr_app_cases_directory(struct ehr_app_cases *cases, const struct ehr_record_set *set);

void ehr_app_cases_close(struct ehr_app_cases *cases);

#endif /* EHR_APP_CASES_H */
