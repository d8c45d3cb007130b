/* The state of the patients, for the files that make them up.
 *
 * patient.c           devices, places, dispatch, how a request ends
 * patient_enrol.c     A: a card
 * patient_visit.c     B: the card is shown, a draft checked
 * patient_receipt.c   B: the receipt kept and acknowledged, and what waits for it
 * patient_search.c    C and D: queries to alliance nodes, answers, blame
 * patient_log.c       C and D: the commitments of a query on the chain
 * patient_hits.c      C and D: what answers prove
 * patient_retrieve.c  C: the record
 * patient_consent.c   D: a grant
 * patient_batch.c     D: several at once
 * patient_scope.c     D: what shows that a visit is in the scope
 * patient_revoke.c    E: its end */
#ifndef EHR_ACTORS_PATIENT_INTERNAL_H
#define EHR_ACTORS_PATIENT_INTERNAL_H

#include "actors/client.h"
#include "actors/directory.h"
#include "actors/marks.h"
#include "actors/memory.h"
#include "actors/resend.h"
#include "actors/roles.h"
#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/drbg.h"
#include "crypto/pseudonym.h"

enum { PATIENT_TIMER = 1, PATIENT_ANSWERS_KEPT = 16 };

struct patient_card {
    uint32_t hospital;
    uint8_t m[32]; /* secret */
    uint8_t card[EHR_CARD_BYTES];
    struct patient_card *next;
};

/* A doctor whose certificates and index key were verified. */
struct patient_doctor {
    uint32_t hospital, node;
    uint8_t cert_id[32];
    struct ehr_point dh_pk, W;
    bool has_key;
    uint8_t key[32]; /* index key K, computed at first use */
    struct patient_doctor *next;
};

/* A visit of this patient. */
struct patient_visit {
    uint64_t request; /* 0: found on the chain only */
    uint32_t hospital;
    uint8_t pseudonym[EHR_PSEUDONYM_BYTES];
    struct ehr_visit_keys keys;
    uint8_t body[32]; /* what the token was given for */
    bool shared;      /* the receipt is there, or a search has found: */
    uint8_t txid[32];
    uint64_t height; /* of the alliance chain */
};

struct patient_grant {
    uint8_t grant_id[32];
    uint32_t visit; /* index */
};

/* An answer that is given again when the data user asks again. */
struct patient_answer {
    uint64_t request;
    uint32_t data_user; /* its node */
    struct ehr_message *message;
};

enum errand_kind { ERRAND_ENROL = 1, ERRAND_RETRIEVE, ERRAND_CONSENT, ERRAND_REVOKE };

struct search;      /* patient_search.c */
struct batch;       /* patient_batch.c */
struct patient_log; /* patient_log.c */
struct place;

/* An open request of this patient. */
struct errand {
    uint64_t request;
    enum errand_kind kind;
    const struct place *place; /* where it began and its answers come to */
    struct ehr_resend resend;  /* ENROL */
    struct search *search;     /* RETRIEVE, CONSENT */
    struct ehr_client client;  /* CONSENT, REVOKE */
    uint64_t visit_request;    /* the visit it is about */
    struct ehr_patience mail;  /* RETRIEVE, CONSENT: until the receipt of that visit is there */
    uint32_t record;           /* RETRIEVE: of the cases */
    /* RETRIEVE, once found */
    struct ehr_patience fetching;
    uint32_t holder;  /* whom to ask, among those who have the hit */
    uint32_t refused; /* how many of them refused */
    bool *refused_by;
    /* CONSENT */
    struct ehr_address data_user;
    uint8_t du_cert_id[32], Y[32];
    uint8_t purpose, kw[32];
    uint32_t visit; /* index of the visit granted */
    struct ehr_blob *atx, *grant, *scope;
    uint8_t txid[32];
    uint8_t wanted;      /* visits that a BATCH_ASK is about, at most; 0: ACCESS_ASK */
    struct batch *batch; /* patient_batch.c */
    /* CONSENT, REVOKE */
    uint8_t grant_id[32];
    struct errand *next;
};

struct patient {
    uint32_t index; /* lane */
    struct ehr_patient_keys keys;
    struct ehr_drbg crypto, workload;
    bool keys_charged;
    struct patient_card *cards;
    struct patient_doctor *doctors; /* in order of acquaintance */
    struct patient_visit *visits;
    uint32_t visit_count, visit_capacity;
    struct patient_grant *grants;
    uint32_t grant_count, grant_capacity;
    struct patient_answer answers[PATIENT_ANSWERS_KEPT];
    uint32_t answer_next;
    struct errand *errands;
    struct patient_log *logs;
    uint64_t known_height; /* of the alliance chain */
    uint64_t view;
    uint64_t generation;
};

struct ehr_patients {
    struct ehr_patients_config config;
    struct patient **devices; /* made at the first event: most never see one */
};

struct place {
    struct ehr_node node; /* first */
    struct ehr_patients *patients;
    uint32_t hospital;
};

/* What every handler works on: the patient whose device runs, where it is, and its effects. */
struct here {
    struct patient *patient;
    const struct place *place;
    struct ehr_fx *fx;
    const struct ehr_patients_config *config;
    const struct ehr_directory *directory;
};

/* ---- patient.c ---- */
/* A peer's bad message: counted and dropped. */
void patient_drop(const struct here *here, const struct ehr_message *message);
struct errand *patient_errand_new(const struct here *here, uint64_t request, enum errand_kind kind);
/* Any open request of that key; NULL: none. */
struct errand *patient_errand_find(const struct here *here, uint64_t request);
void patient_errand_free(struct patient *patient, struct errand *errand);
/* Ends a measured request of the patient (not CONSENT) and frees the errand. */
void patient_errand_close(const struct here *here, struct errand *errand, enum ehr_reply reply);
void patient_errand_time_out(const struct here *here, struct errand *errand, enum ehr_reply reply);
/* Ends a request that never became an errand. */
void patient_request_close(const struct here *here, uint64_t request, enum ehr_reply reply);
struct patient_visit *patient_visit_by_request(const struct here *here, uint64_t request);
struct patient_visit *patient_visit_by_pseudonym(const struct here *here, const uint8_t P[32]);
struct patient_visit *patient_visit_add(const struct here *here);
void patient_height_seen(const struct here *here, uint64_t height);
/* Submits a transaction of an errand to the alliance chain. */
void patient_submit(const struct here *here, struct errand *errand, uint8_t type,
                    const struct ehr_blob *bytes);
/* The transaction of an errand is through. */
void patient_submitted(const struct here *here, struct errand *errand,
                       const struct ehr_client_result *result);
/* From the workload stream, uniform below `bound` > 0. */
uint64_t patient_draw_below(const struct here *here, uint64_t bound);
double patient_draw_unit(const struct here *here);

/* ---- patient_enrol.c ---- */
void patient_on_begin_enrol(const struct here *here, const struct ehr_delivery *d);
void patient_on_card(const struct here *here, const struct ehr_delivery *d);
const struct patient_card *patient_card_find(const struct patient *patient, uint32_t hospital);

/* ---- patient_visit.c ---- */
void patient_on_card_ask(const struct here *here, const struct ehr_delivery *d);
void patient_on_draft(const struct here *here, const struct ehr_delivery *d);
/* A doctor that showed these certificates (hospital, doctor) and this index key at this place,
 * verified; known afterwards. False: it is none of this hospital. */
bool patient_doctor_known(const struct here *here, const struct ehr_msg_card_ask *ask,
                          uint32_t node);
/* The index key with a doctor, computed and charged once. */
bool patient_index_key(const struct here *here, struct patient_doctor *doctor);

/* ---- patient_receipt.c ---- */
void patient_on_receipt(const struct here *here, const struct ehr_delivery *d);
/* A record was written in an emergency: the patient learns of it, and of the doctor. */
void patient_on_audit(const struct here *here, const struct ehr_delivery *d);
/* The shared visit that an errand is about; NULL: neither receipt nor search have told of it. */
const struct patient_visit *patient_visit_shared(const struct here *here, uint64_t request);
/* From which height on an index has that visit, as far as known. */
uint64_t patient_visit_height(const struct here *here, uint64_t request);
/* The errand, whose search, if any, was in vain, goes on when that receipt has come, or ends as
 * NOT_FOUND. */
void patient_receipt_await(const struct here *here, struct errand *errand);
/* True if the timer was of that wait. */
bool patient_receipt_timer(const struct here *here, struct errand *errand, uint64_t generation);

/* ---- patient_search.c ---- */

/* An own visit that a search found on the chain. */
struct found {
    uint8_t txid[32];
    struct ehr_blob *atx;
    uint64_t height;   /* of the alliance block */
    uint32_t visit;    /* index; UINT32_MAX: not this patient's */
    bool matches;      /* a trapdoor of the query, as far as known */
    bool wanted;       /* all keywords of it, as far as known */
    uint32_t *holders; /* members whose answers have it */
    uint32_t holder_count, holder_capacity;
};

/* Searches records with all of `terms` >= 1 keywords (32 bytes each) in the index of every doctor
 * seen; with as many of them as a query can carry. Ends in patient_retrieve_found or
 * patient_consent_found. False: no doctor was ever seen. */
bool patient_search_start(const struct here *here, struct errand *errand, const uint8_t *kw,
                          size_t terms, uint8_t purpose, uint64_t min_height);
void patient_on_answer(const struct here *here, const struct ehr_delivery *d);
/* True if the timer was the search's. */
bool patient_search_timer(const struct here *here, struct errand *errand, uint64_t generation);
void patient_search_free(struct search *search);
/* What was found: by transaction; the newest one of the patient's own; NULL: not there. */
const struct found *patient_search_by_txid(const struct search *search, const uint8_t txid[32]);
const struct found *patient_search_newest(const struct search *search);
/* All that was found, not only the patient's own; how many. */
uint32_t patient_search_found(const struct search *search, const struct found **found);
const uint8_t *patient_search_query_id(const struct search *search);
/* Height to which a member's answer spoke. */
uint64_t patient_search_height(const struct search *search, uint32_t member);
/* The trapdoors, 32 bytes each; how many. Secret. */
size_t patient_search_trapdoors(const struct search *search, const uint8_t **trapdoors);
/* Commitments of the trapdoors, 32 bytes each, strictly ascending. */
size_t patient_search_commitments(const struct search *search, const uint8_t **commitments);

/* The log of the query is through: the search, if it waits for that, goes on, or ends. */
void patient_search_logged(const struct here *here, struct errand *errand,
                           const uint8_t query_id[32], enum ehr_reply status);

/* ---- patient_log.c ---- */
/* Has the commitments of the search's trapdoors ordered, as those of a query; ends in
 * patient_search_logged, unless the errand is over by then. */
void patient_log_submit(const struct here *here, const struct errand *errand,
                        const uint8_t query_id[32]);
/* True if the reply, or the timer, was of a log. */
bool patient_log_reply(const struct here *here, const struct ehr_delivery *d);
bool patient_log_timer(const struct here *here, uint64_t generation);
/* Those that began at the place; NULL: all. */
void patient_logs_free(struct patient *patient, const struct place *place);

/* ---- patient_retrieve.c ---- */
void patient_on_begin_retrieve(const struct here *here, const struct ehr_delivery *d);
/* The visit is known. */
void patient_retrieve_search(const struct here *here, struct errand *errand);
void patient_retrieve_found(const struct here *here, struct errand *errand);
void patient_on_record(const struct here *here, const struct ehr_delivery *d);
bool patient_retrieve_timer(const struct here *here, struct errand *errand, uint64_t generation);

/* ---- patient_consent.c ---- */
void patient_on_access_ask(const struct here *here, const struct ehr_delivery *d);
/* Decides, and begins the search; `visits` as errand->wanted. */
void patient_consent_begin(const struct here *here, const struct ehr_delivery *d,
                           const struct ehr_msg_access_ask *ask, uint8_t visits);
/* The visit is known, if one was named. */
void patient_consent_search(const struct here *here, struct errand *errand);
void patient_consent_found(const struct here *here, struct errand *errand);
/* Answers the data user and ends the errand. */
void patient_consent_answer(const struct here *here, struct errand *errand, enum ehr_reply reply);

/* Makes the grant of errand->visit under errand->scope: errand->grant and grant_id. */
bool patient_grant_make(const struct here *here, struct errand *errand);
struct ehr_blob *patient_scope_make(const struct errand *errand);
void patient_grant_keep(const struct here *here, const uint8_t grant_id[32], uint32_t visit);

/* ---- patient_batch.c ---- */
void patient_on_batch_ask(const struct here *here, const struct ehr_delivery *d);
void patient_batch_found(const struct here *here, struct errand *errand);
void patient_on_reply_items(const struct here *here, const struct ehr_delivery *d);
/* Whether f+1 members say the same of each grant of the batch, or it has none. If not, `result`
 * waits for them. */
bool patient_batch_settled(const struct here *here, struct errand *errand,
                           const struct ehr_client_result *result);
/* The answer to the data user when the transaction is through with `reply`. */
struct ehr_message *patient_batch_answer(const struct here *here, struct errand *errand,
                                         enum ehr_reply reply);
void patient_batch_free(struct batch *batch);

/* ---- patient_scope.c ---- */
/* A trapdoor of the errand's search that indexes the visit, sealed to the data user under the
 * grant: EHR_SCOPE_PROOF_BOX_BYTES. False: none does. */
bool patient_scope_prove(const struct here *here, const struct errand *errand,
                         const struct ehr_blob *index, const uint8_t grant_id[32], uint8_t *box);

/* ---- patient_revoke.c ---- */
void patient_on_begin_revoke(const struct here *here, const struct ehr_delivery *d);
void patient_revoke_done(const struct here *here, struct errand *errand,
                         const struct ehr_client_result *result);

#endif /* EHR_ACTORS_PATIENT_INTERNAL_H */
