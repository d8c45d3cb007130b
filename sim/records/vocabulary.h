/* Real public codes with short clinical names: what synthetic records speak about.
 *
 * A sample, not a terminology: the commonest entries of each kind come first. Codes are those of
 * SNOMED CT, LOINC, RxNorm and CVX; the names are ours. */
#ifndef EHR_RECORDS_VOCABULARY_H
#define EHR_RECORDS_VOCABULARY_H

#include <stddef.h>

#include "sim/records/keywords.h"

#define EHR_RECORD_CHRONIC_COUNT 30 /* the first conditions: they stay with a patient */

enum ehr_record_kind {
    EHR_RECORD_KIND_INVALID = 0,
    EHR_RECORD_KIND_AMBULATORY = 1, /* SNOMED: Encounter.type by class */
    EHR_RECORD_KIND_EMERGENCY = 2,
    EHR_RECORD_KIND_INPATIENT = 3,
    EHR_RECORD_KIND_CONDITION = 4,  /* SNOMED */
    EHR_RECORD_KIND_PROCEDURE = 5,  /* SNOMED */
    EHR_RECORD_KIND_MEDICATION = 6, /* RxNorm */
    EHR_RECORD_KIND_VACCINE = 7,    /* CVX */
    EHR_RECORD_KIND_VITAL = 8,      /* LOINC */
    EHR_RECORD_KIND_LAB = 9,        /* LOINC, in the order of the panels */
    EHR_RECORD_KIND_PANEL = 10,     /* LOINC: DiagnosticReport.code */
    EHR_RECORD_KIND_LAST = EHR_RECORD_KIND_PANEL,
};

/* One code. Observations have a unit (UCUM) and a range of integers, shown with `decimals`. */
struct ehr_record_concept {
    const char *code;
    const char *display; /* ASCII without " \ < > & */
    const char *unit;
    int low;
    int high;
    int decimals;
};

/* Labs measured together: `count` from `first`; panel is an index of KIND_PANEL, -1 for none. */
struct ehr_record_lab_group {
    size_t first;
    size_t count;
    int panel;
};

const struct ehr_record_concept *ehr_record_vocabulary(enum ehr_record_kind kind, size_t *count);
const struct ehr_record_lab_group *ehr_record_lab_groups(size_t *count);
enum ehr_record_system ehr_record_kind_system(enum ehr_record_kind kind);

#endif /* EHR_RECORDS_VOCABULARY_H */
