/* Writes FHIR R4 resources of one synthetic encounter as JSON text, as cJSON would print it. */
#ifndef EHR_RECORDS_RESOURCES_H
#define EHR_RECORDS_RESOURCES_H

#include "sim/records/assemble.h"
#include "sim/records/date.h"
#include "sim/records/sampler.h"
#include "sim/records/vocabulary.h"

/* At least what one more code costs, rounded up; the choice of codes counts with these. */
#define EHR_RECORD_ENCOUNTER_BYTES 700 /* with its type and the shortest narrative */
#define EHR_RECORD_REASON_BYTES    140 /* a condition as Encounter.reasonCode */
#define EHR_RECORD_RESOURCE_BYTES  760 /* Condition, Procedure, MedicationRequest, Immunization */
#define EHR_RECORD_COMPONENT_BYTES 240 /* a measurement as a component of an Observation */
#define EHR_RECORD_GROUP_BYTES     560 /* an Observation without its components */

#define EHR_RECORD_URN_BYTES 46 /* "urn:uuid:", 36 characters, NUL */

struct ehr_record_writer {
    struct ehr_record_text text; /* entries, each after a comma but the first */
    struct ehr_stream *stream;
    size_t clinical_bytes; /* of the finished resources */
    size_t resource_count;
    size_t resource_at; /* where the open one begins */
    char subject[72];   /* URL of the patient, who is outside the record */
    char encounter[EHR_RECORD_URN_BYTES];
    char start[EHR_RECORD_DATE_BYTES];
    char end[EHR_RECORD_DATE_BYTES];
};

/* A version 4 UUID of two words of `stream`, as a URN. */
void ehr_record_urn_draw(struct ehr_stream *stream, char urn[EHR_RECORD_URN_BYTES]);

/* Appends every string up to a NULL. */
void ehr_record_text_strings(struct ehr_record_text *text, const char *const strings[]);

/* The Encounter in two parts: the narrative, XHTML text, goes between them. */
void ehr_record_write_encounter(struct ehr_record_writer *writer);
void ehr_record_write_encounter_rest(struct ehr_record_writer *writer, const char *class_code,
                                     const struct ehr_record_concept *type,
                                     const struct ehr_record_concept *const reasons[],
                                     size_t reason_count);

/* A whole resource; `urn` gets its fullUrl. `reason` is the URN of a Condition, or NULL. */
void ehr_record_write_condition(struct ehr_record_writer *writer,
                                const struct ehr_record_concept *concept,
                                char urn[EHR_RECORD_URN_BYTES]);
void ehr_record_write_medication(struct ehr_record_writer *writer,
                                 const struct ehr_record_concept *concept, const char *reason);
void ehr_record_write_procedure(struct ehr_record_writer *writer,
                                const struct ehr_record_concept *concept);
void ehr_record_write_immunization(struct ehr_record_writer *writer,
                                   const struct ehr_record_concept *concept);

/* Measurements of one kind (VITAL or LAB): one as an Observation, or several as components. */
void ehr_record_write_observation(struct ehr_record_writer *writer, enum ehr_record_kind kind,
                                  const struct ehr_record_concept *concept,
                                  char urn[EHR_RECORD_URN_BYTES]);
void ehr_record_write_group(struct ehr_record_writer *writer, enum ehr_record_kind kind,
                            const struct ehr_record_concept *const concepts[], size_t count,
                            char urn[EHR_RECORD_URN_BYTES]);

/* `results` are URNs of Observations; equal neighbours are written once. */
void ehr_record_write_report(struct ehr_record_writer *writer,
                             const struct ehr_record_concept *concept,
                             const char (*results)[EHR_RECORD_URN_BYTES], size_t result_count);

/* An image of `bytes` random bytes, rounded up to a multiple of 3, as a Media resource. */
void ehr_record_write_media(struct ehr_record_writer *writer, size_t bytes);

/* Exact text whatever the words: `bytes` characters of plain sentences. bytes >= 16. */
void ehr_record_write_narrative(struct ehr_record_text *text, struct ehr_stream *stream,
                                size_t bytes);

#endif /* EHR_RECORDS_RESOURCES_H */
