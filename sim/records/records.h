/* Health records as the simulator sees them: one record is the text of one FHIR R4 encounter.
 *
 * Loads folders of FHIR R4 bundles and turns every Encounter into a record with its keywords. It is
 * not a FHIR validator: what a record does not need (profiles, value sets, cardinalities) is not
 * looked at. Synthetic records are generate.h. The format is described in docs/formats/records.md.
 *
 * Source: HL7 FHIR R4 (4.0.1), resources Bundle and Encounter, data types Coding and dateTime. */
#ifndef EHR_RECORDS_RECORDS_H
#define EHR_RECORDS_RECORDS_H

#include <stddef.h>
#include <stdint.h>

enum ehr_record_status {
    EHR_RECORD_INVALID = 0,
    EHR_RECORD_OK = 1,
    EHR_RECORD_BAD_INPUT = 2,       /* a file or folder is missing or malformed: exit status 2 */
    EHR_RECORD_BAD_ENVIRONMENT = 3, /* read error, no permission, no memory: exit status 3 */
};

/* One encounter. All strings live in `storage`, which the record owns and close releases. */
struct ehr_record {
    const char *text;      /* the original: UTF-8 JSON without spaces; `length` bytes, then NUL */
    size_t length;         /* bytes of text, without the NUL */
    size_t clinical_bytes; /* bytes of the resources alone, without the bundle around them */
    size_t resource_count;
    const char **keywords; /* keyword_count strings "<system>:<code>", system snomed, loinc, rxnorm
                              or cvx; distinct, in order of first appearance in text */
    size_t keyword_count;
    const char *encounter;  /* Encounter.id */
    const char *start;      /* Encounter.period.start as written: a FHIR dateTime */
    int64_t start_s;        /* the same instant, seconds since 1970-01-01T00:00:00Z */
    const char *class_code; /* Encounter.class.code: AMB, EMER, IMP, ... */
    char *storage;
};

/* One patient: the encounters of one bundle. */
struct ehr_patient_bundle {
    char *name;    /* file name without ".json" */
    char *patient; /* Patient.id; without a Patient resource, what Encounter.subject refers to */
    struct ehr_record *records; /* record_count, by (start_s, encounter) */
    size_t record_count;
};

struct ehr_record_set {
    struct ehr_patient_bundle *bundles; /* bundle_count, by file name in byte order */
    size_t bundle_count;
};

/* Problems as text, one line each: `file:line: what: found: allowed`, or without the line where
 * JSON is well-formed and only its content is wrong. The caller owns `text` (NUL-terminated;
 * capacity >= 1 bytes; NULL with capacity 0 to count only); whole lines that no longer fit are left
 * out, `count` counts them all. Start with {.text = buffer, .capacity = sizeof(buffer)}. */
struct ehr_record_errors {
    char *text;
    size_t capacity;
    size_t length;
    size_t count;
};

/* Loads every regular file *.json of `directory` (names that open with a dot are not read). Every
 * file is looked at even after a problem. EHR_RECORD_OK: `set` holds at least one bundle, each with
 * at least one record, and the caller closes it. Otherwise `set` is empty (closing it is harmless)
 * and `errors` has at least one line. `set` is overwritten: it must not hold anything. */
__attribute__((warn_unused_result)) enum ehr_record_status
ehr_record_set_load(const char *directory, struct ehr_record_set *set,
                    struct ehr_record_errors *errors);

/* Releases everything in `set` and empties it; NULL and an empty set are accepted. */
void ehr_record_set_close(struct ehr_record_set *set);

/* Parses one bundle: `length` bytes at `bytes`, not NUL-terminated; `name` is the path in
 * messages; the bundle keeps it without folder and ".json". As ehr_record_set_load for one file. */
__attribute__((warn_unused_result)) enum ehr_record_status
ehr_record_bundle_parse(const char *name, const char *bytes, size_t length,
                        struct ehr_patient_bundle *bundle, struct ehr_record_errors *errors);

/* The same, but the records come without their texts (text empty, length and clinical_bytes 0): for
 * who has the text and wants its keywords. */
__attribute__((warn_unused_result)) enum ehr_record_status
ehr_record_bundle_index(const char *name, const char *bytes, size_t length,
                        struct ehr_patient_bundle *bundle, struct ehr_record_errors *errors);

void ehr_record_bundle_close(struct ehr_patient_bundle *bundle);

/* Releases what a record owns and empties it; NULL and an empty record are accepted. */
void ehr_record_close(struct ehr_record *record);

#endif /* EHR_RECORDS_RECORDS_H */
