/* The roles: how the world makes them. Each is a struct ehr_node (sim/network/node.h) whose
 * handlers are in the file of its name; nothing else of them is public.
 * Memory: new/free. Directory, cases and strings are borrowed and must outlive the node. */
#ifndef EHR_ACTORS_ROLES_H
#define EHR_ACTORS_ROLES_H

#include "actors/directory.h"
#include "crypto/card.h"
#include "crypto/random.h"
#include "sim/records/records.h"

/* The records of the run: case `index` is one encounter; the originals to compare with. */
struct ehr_cases {
    /* Makes record `index`; the caller closes it (ehr_record_close). */
    void (*get)(const struct ehr_cases *cases, uint32_t index, struct ehr_record *record);
    uint32_t count;
};
/* Whether `text` is record `index`, byte for byte. */
bool ehr_cases_identical(const struct ehr_cases *cases, uint32_t index, const uint8_t *text,
                         size_t length);

/* All patients of the run: their devices move between places, so their state is one table. */
struct ehr_patients;
struct ehr_patients_config {
    const struct ehr_directory *directory;
    const struct ehr_cases *cases;
    uint64_t seed;
    uint32_t replication;
    double consent;    /* probability that a request for consent is granted */
    uint32_t keywords; /* that a retrieval asks for together, 1 .. EHR_INDEX_RECORD_KEYWORDS_MAX */
};
struct ehr_patients *ehr_patients_new(const struct ehr_patients_config *config);
void ehr_patients_free(struct ehr_patients *patients);

/* A place where patients are present: lane i is patient i of the whole run. */
struct ehr_node *ehr_patient_place_new(const char *name, struct ehr_patients *patients,
                                       uint32_t hospital);
void ehr_patient_place_free(struct ehr_node *node);

struct ehr_doctor_config {
    const struct ehr_directory *directory;
    const struct ehr_cases *cases;
    uint32_t hospital;
    uint32_t index; /* among the hospital's doctors */
    struct ehr_secrets secrets;
    struct ehr_rng *rng; /* crypto stream; borrowed */
};
struct ehr_node *ehr_doctor_new(const char *name, const struct ehr_doctor_config *config);
void ehr_doctor_free(struct ehr_node *node);

struct ehr_hospital_config {
    const struct ehr_directory *directory;
    uint32_t hospital;
    struct ehr_secrets secrets;
    uint8_t card_secret[32]; /* k_H */
    struct ehr_rng *rng;
};
struct ehr_node *ehr_hospital_new(const char *name, const struct ehr_hospital_config *config);
void ehr_hospital_free(struct ehr_node *node);

struct ehr_data_user_config {
    const struct ehr_directory *directory;
    const struct ehr_cases *cases;
    uint32_t index;
    struct ehr_secrets secrets;
    struct ehr_rng *rng;
    /* Which record a visit wrote, by the visit's request, to compare with; UINT32_MAX: there is no
     * such visit. Not asked by the party but by the experiment; NULL: BEGIN_BATCH is dropped. */
    uint32_t (*record_of)(void *context, uint32_t visit);
    void *context;
};
struct ehr_node *ehr_data_user_new(const char *name, const struct ehr_data_user_config *config);
void ehr_data_user_free(struct ehr_node *node);

#endif /* EHR_ACTORS_ROLES_H */
