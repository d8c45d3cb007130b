/* The state of a doctor, for the files that make it up.
 *
 * doctor.c        life, dispatch, the queue of each patient, how a visit ends
 * doctor_check.c  card of the patient, at the patient and at the hospital
 * doctor_seal.c   record, pseudonym, index; the draft and the patient's token
 * doctor_emergency.c  no card, no draft: keys from the hospital, a second doctor's signature
 * doctor_store.c  ciphertext to the hospital, record transaction to the private chain */
#ifndef EHR_ACTORS_DOCTOR_INTERNAL_H
#define EHR_ACTORS_DOCTOR_INTERNAL_H

#include "actors/client.h"
#include "actors/directory.h"
#include "actors/marks.h"
#include "actors/memory.h"
#include "actors/resend.h"
#include "actors/roles.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "sim/ledger/private_tx.h"

#define uthash_fatal(message) abort()
#include <uthash.h>
#include <utlist.h>

enum visit_step {
    VISIT_WAITS = 1, /* for an earlier visit of the same patient */
    VISIT_ASKED,     /* CARD_ASK sent, CARD_SHOW awaited */
    VISIT_CHECKED,   /* CARD_CHECK sent, CARD_STATUS awaited */
    VISIT_DRAFTED,   /* DRAFT sent, TOKEN awaited */
    VISIT_KEYS,      /* emergency: EMERGENCY_ASK sent */
    VISIT_COSIGN,    /* emergency: COSIGN_ASK sent */
    VISIT_STORED,    /* STORE sent, STORE_ACK awaited */
    VISIT_SUBMITTED, /* record transaction sent, replies awaited */
};

/* The doctor's counter of one trapdoor: the number of the next label. */
struct trapdoor_counter {
    uint8_t T[32];
    uint32_t next;
    bool doubtful; /* a transaction with label `next` was not acknowledged: is it on the chain? */
    UT_hash_handle hh;
};

struct acquaintance;

/* An open visit. */
struct visit {
    uint64_t request; /* key */
    enum visit_step step;
    uint32_t record; /* of the cases */
    struct acquaintance *patient;
    struct ehr_resend resend; /* all steps but the last */
    struct ehr_client client; /* the last */
    uint8_t nonce[EHR_NONCE_BYTES];
    struct ehr_patient_public public;
    uint8_t pseudonym[EHR_PSEUDONYM_BYTES];
    struct ehr_blob *labels; /* packed */
    struct ehr_blob *sealed;
    uint8_t ct_hash[32];
    bool emergency;
    uint8_t token[EHR_PTX_EMERGENCY_BYTES]; /* or the patient's, which is shorter */
    struct trapdoor_counter **counters;     /* of the record's keywords; stepped when durable */
    size_t counter_count;
    UT_hash_handle hh;
    struct visit *next; /* in the patient's queue */
};

/* A patient that this doctor has seen. One visit at a time: labels of a second one would need to
 * know whether the first became durable. */
struct acquaintance {
    uint32_t lane;       /* key */
    struct visit *queue; /* the first is under way */
    bool has_key;
    struct ehr_point F; /* for which `key` was computed */
    uint8_t key[32];    /* index key K of the epoch */
    UT_hash_handle hh;
};

struct doctor {
    struct ehr_node node; /* first */
    struct ehr_doctor_config config;
    const struct ehr_hospital_info *hospital;
    const struct ehr_member *self;
    struct ehr_blob *certificates; /* hospital | doctor */
    struct visit *visits;
    struct acquaintance *patients;
    struct trapdoor_counter *counters;
    uint64_t view;       /* of the private chain, as far as known */
    uint64_t generation; /* of the last timer */
};

/* ---- doctor.c ---- */
/* A peer's bad message: counted and dropped. */
void doctor_drop(struct ehr_fx *fx, const struct ehr_message *message);
/* The visit of an answer, if it is at that step; NULL for late and foreign ones. */
struct visit *doctor_visit_at(struct doctor *self, uint64_t request, enum visit_step step);
/* Sends the message of the next step and repeats it until answered. */
void doctor_visit_send(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                       enum visit_step step, struct ehr_address to, struct ehr_message *take);
struct ehr_address doctor_patient_address(const struct doctor *self, const struct visit *visit);
struct ehr_address doctor_server_address(const struct doctor *self);
/* The visit ends here, refused or failed; it is freed and the patient's next one begins. */
void doctor_visit_refuse(struct doctor *self, struct ehr_fx *fx, struct visit *visit,
                         enum ehr_reply reply);
void doctor_visit_time_out(struct doctor *self, struct ehr_fx *fx, struct visit *visit);
/* The doctor's part is done; the hospital ends the request. */
void doctor_visit_done(struct doctor *self, struct ehr_fx *fx, struct visit *visit);

/* ---- doctor_check.c ---- */
void doctor_ask_card(struct doctor *self, struct ehr_fx *fx, struct visit *visit);
void doctor_on_card_show(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void doctor_on_card_status(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);

/* ---- doctor_seal.c ---- */
/* Pseudonym, sealed record and labels; the labels' counters, or NULL: keys of the patient are bad.
 */
struct ehr_blob *doctor_seal(struct doctor *self, struct ehr_fx *fx, struct visit *visit);
void doctor_send_draft(struct doctor *self, struct ehr_fx *fx, struct visit *visit);
void doctor_on_token(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);
/* What doctor and patient sign; borrows from both. */
struct ehr_ptx_terms doctor_visit_terms(const struct doctor *self, const struct visit *visit);

/* ---- doctor_emergency.c ---- */
void doctor_ask_keys(struct doctor *self, struct ehr_fx *fx, struct visit *visit);
void doctor_on_emergency_keys(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void doctor_on_cosign_ask(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void doctor_on_cosigned(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);

/* ---- doctor_store.c ---- */
void doctor_send_store(struct doctor *self, struct ehr_fx *fx, struct visit *visit);
void doctor_on_store_ack(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void doctor_on_reply(struct doctor *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void doctor_submit_time_out(struct doctor *self, struct ehr_fx *fx, struct visit *visit);

#endif /* EHR_ACTORS_DOCTOR_INTERNAL_H */
