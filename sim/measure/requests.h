/*
 * The log of requests: what was asked of the system, how it ended, and how long each phase took.
 * It is not a metric stream and knows nothing of messages, nodes' work or files (counters.h,
 * results.h). Source: protocol.md, sections "Flows" and "Accounting".
 *
 * Times are simulated nanoseconds since the start of the run. One log serves a whole run; it is
 * not thread safe. Ids are 1, 2, 3, ... in the order of opening, so that requests.csv is sorted.
 */
#ifndef EHR_MEASURE_REQUESTS_H
#define EHR_MEASURE_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

/* X(SYMBOL, name in the files). The order is the order of the columns in summary.csv. */
#define EHR_FLOW_TABLE(X)                                                                          \
    X(REGISTER, "register") /* patient -> hospital: a card */                                      \
    X(VISIT, "visit")       /* write: durable on the private chain, then shared on the alliance */ \
    X(RETRIEVE, "retrieve") /* read by the patient at another hospital */                          \
    X(SHARE, "share")       /* re-encrypted copies for a data user */                              \
    X(REVOKE, "revoke")     /* take a grant back; phase `effect` is the exposure time */           \
    X(ORDERING, "ordering") /* a raw transaction of <ordering>, to study a consensus alone */

enum ehr_flow {
    EHR_FLOW_INVALID = 0,
#define EHR_X(symbol, name) EHR_FLOW_##symbol,
    EHR_FLOW_TABLE(EHR_X)
#undef EHR_X
        EHR_FLOW_END /* one past the last */
};

#define EHR_OUTCOME_TABLE(X)                                                                       \
    X(OK, "ok")                 /* the flow reached its end */                                     \
    X(REFUSED, "refused")       /* somebody said no, with a reason, as the protocol demands */     \
    X(FAILED, "failed")         /* could not be carried out: a peer is away, an answer is wrong */ \
    X(TIMEOUT, "timeout")       /* the asker gave up waiting */                                    \
    X(UNFINISHED, "unfinished") /* still open when the run ended; set by ehr_request_finish_all */

enum ehr_outcome {
    EHR_OUTCOME_INVALID = 0, /* in a log: the request is open */
#define EHR_X(symbol, name) EHR_OUTCOME_##symbol,
    EHR_OUTCOME_TABLE(EHR_X)
#undef EHR_X
        EHR_OUTCOME_END
};

/* X(SYMBOL, name in the files, text for people). Names are never reused with another meaning. */
#define EHR_REASON_TABLE(X)                                                                        \
    X(NONE, "none", "ended well, or did not end")                                                  \
    X(BAD_EVIDENCE, "bad_evidence", "the doctor's evidence does not verify")                       \
    X(UNKNOWN_DOCTOR, "unknown_doctor", "no doctor of this hospital has this key")                 \
    X(REVOKED_DOCTOR, "revoked_doctor", "the doctor's certificate was revoked")                    \
    X(REVOKED_CERTIFICATE, "revoked_certificate",                                                  \
      "the certificate of a hospital or data user was revoked")                                    \
    X(REUSED_PSEUDONYM, "reused_pseudonym", "a record under this pseudonym is on the chain")       \
    X(REUSED_LABEL, "reused_label", "an index label is on the chain already")                      \
    X(WRONG_CARD, "wrong_card", "the card does not match the hospital's register")                 \
    X(DRAFT_REJECTED, "draft_rejected", "the patient's device found the draft wrong")              \
    X(TAMPERED_CIPHERTEXT, "tampered_ciphertext", "the ciphertext does not have its hash")         \
    X(RECORD_MISMATCH, "record_mismatch", "the opened record is not the original")                 \
    X(FOREIGN_TRAPDOOR, "foreign_trapdoor", "the trapdoor belongs to another patient")             \
    X(QUERY_REPLAY, "query_replay", "the query's nonce was seen before")                           \
    X(QUERY_EXPIRED, "query_expired", "the query's expiry has passed")                             \
    X(QUERY_UNLOGGED, "query_unlogged", "the query's commitments are not on the chain")            \
    X(NOT_FOUND, "not_found", "nothing is stored under this name, or the patient has no receipt")  \
    X(NO_GRANT, "no_grant", "no grant covers this access")                                         \
    X(EXPIRED_GRANT, "expired_grant", "the grant has expired")                                     \
    X(REVOKED_GRANT, "revoked_grant", "the patient revoked the grant")                             \
    X(OUT_OF_SCOPE, "out_of_scope", "no keyword of the grant's scope indexes the visit")           \
    X(EMERGENCY_LIMIT, "emergency_limit", "too many emergencies of this doctor within an hour")    \
    X(STALE_COMMITTEE, "stale_committee", "the grant names a committee that has been replaced")    \
    X(TOO_FEW_SHARES, "too_few_shares", "fewer than t valid re-encryption shares")                 \
    X(FORGED_SHARE, "forged_share", "a re-encryption share does not verify; its node is blamed")   \
    X(CONSENT_DENIED, "consent_denied", "the patient said no")                                     \
    X(CONSENT_TIMEOUT, "consent_timeout", "the patient did not answer in time")                    \
    X(WRONG_MERKLE_PATH, "wrong_merkle_path", "the Merkle path does not lead to the root")         \
    X(WRONG_CERTIFICATE, "wrong_certificate", "the block certificate does not verify")             \
    X(NO_HEADER, "no_header", "the transaction refers to a block that is not anchored")            \
    X(FORK_PROOF, "fork_proof", "two certified headers at one height")                             \
    X(HOSPITAL_SUSPENDED, "hospital_suspended", "the hospital is suspended or not a member")       \
    X(HOSPITAL_UNREACHABLE, "hospital_unreachable", "the hospital does not answer")                \
    X(PATIENT_OFFLINE, "patient_offline", "the patient's device is away")                          \
    X(NODE_UNREACHABLE, "node_unreachable", "no chain node that could serve answers")              \
    X(MALFORMED, "malformed", "a message could not be decoded")                                    \
    X(TIMED_OUT, "timeout", "no answer in time and no better-known cause")

enum ehr_reason {
    EHR_REASON_INVALID = 0,
#define EHR_X(symbol, name, text) EHR_REASON_##symbol,
    EHR_REASON_TABLE(EHR_X)
#undef EHR_X
        EHR_REASON_END
};

/* X(SYMBOL, name in the files): every phase once; flows share phases of the same meaning.
 * The order is the order of the columns in requests.csv. */
#define EHR_PHASE_TABLE(X)                                                                         \
    X(ISSUE, "issue")                                                                              \
    X(CHECK, "check")                                                                              \
    X(SEAL, "seal")                                                                                \
    X(STORE, "store")                                                                              \
    X(PRIVATE_ORDER, "private_order")                                                              \
    X(ANCHOR, "anchor")                                                                            \
    X(ALLIANCE_ORDER, "alliance_order")                                                            \
    X(CONSENT, "consent")                                                                          \
    X(ORDER, "order")                                                                              \
    X(SEARCH, "search")                                                                            \
    X(LOCATE, "locate")                                                                            \
    X(COMPARE, "compare")                                                                          \
    X(FETCH, "fetch")                                                                              \
    X(OPEN, "open")                                                                                \
    X(REENCRYPT, "reencrypt")                                                                      \
    X(COMBINE, "combine")                                                                          \
    X(EFFECT, "effect")

enum ehr_phase {
    EHR_PHASE_INVALID = 0,
#define EHR_X(symbol, name) EHR_PHASE_##symbol,
    EHR_PHASE_TABLE(EHR_X)
#undef EHR_X
        EHR_PHASE_END
};

/* X(flow, phase): which phases a flow has, in the order of the protocol. */
#define EHR_FLOW_PHASE_TABLE(X)                                                                    \
    X(REGISTER, ISSUE)                                                                             \
    X(VISIT, CHECK)                                                                                \
    X(VISIT, SEAL)                                                                                 \
    X(VISIT, STORE)                                                                                \
    X(VISIT, PRIVATE_ORDER)                                                                        \
    X(VISIT, ANCHOR)                                                                               \
    X(VISIT, ALLIANCE_ORDER)                                                                       \
    X(RETRIEVE, ORDER)                                                                             \
    X(RETRIEVE, SEARCH)                                                                            \
    X(RETRIEVE, LOCATE)                                                                            \
    X(RETRIEVE, COMPARE)                                                                           \
    X(RETRIEVE, FETCH)                                                                             \
    X(RETRIEVE, OPEN)                                                                              \
    X(SHARE, CONSENT)                                                                              \
    X(SHARE, ORDER)                                                                                \
    X(SHARE, LOCATE)                                                                               \
    X(SHARE, FETCH)                                                                                \
    X(SHARE, REENCRYPT)                                                                            \
    X(SHARE, COMBINE)                                                                              \
    X(REVOKE, ORDER)                                                                               \
    X(REVOKE, EFFECT)                                                                              \
    X(ORDERING, ORDER)

/* The most phases a flow has; requests.c checks it. */
#define EHR_FLOW_PHASES_MAX 6u

#define EHR_REQUEST_NONE         0u         /* no request: the first id is 1 */
#define EHR_REQUEST_NO_HOSPITAL  UINT32_MAX /* a request that no hospital hosts (ordering) */
#define EHR_REQUEST_NOBODY       UINT32_MAX /* nobody is blamed */
#define EHR_REQUEST_TIME_UNKNOWN UINT64_MAX /* a moment that was never reached */

/* One request as recorded. Read-only outside the log. */
struct ehr_request {
    uint64_t start_ns;   /* when it was offered (arrived), even if a busy device sent it later */
    uint64_t sent_ns;    /* when its first message left, or EHR_REQUEST_TIME_UNKNOWN */
    uint64_t end_ns;     /* when it was closed; undefined while open */
    uint64_t durable_ns; /* committed on the private chain, or EHR_REQUEST_TIME_UNKNOWN */
    uint64_t shared_ns;  /* committed on the alliance chain, or EHR_REQUEST_TIME_UNKNOWN */
    uint64_t running_ns; /* start of the running phase */
    uint64_t phase_ns[EHR_FLOW_PHASES_MAX]; /* by ehr_flow_phase_slot */
    uint64_t bytes;                         /* what the request put on the network */
    uint32_t hospital;                      /* index into the table of hospitals */
    uint32_t blamed;                        /* node index or EHR_REQUEST_NOBODY */
    uint8_t flow;                           /* enum ehr_flow */
    uint8_t outcome;                        /* enum ehr_outcome; INVALID while open */
    uint8_t reason;                         /* enum ehr_reason */
    uint8_t running;                        /* enum ehr_phase; INVALID when none runs */
    uint8_t phases_seen;                    /* bit per slot: the phase was entered */
    bool identical;                         /* the record opened byte for byte as it was written */
};

struct ehr_request_log;
struct ehr_request_pages;
struct ehr_results;

/* How many requests are in memory, at most. */
#define EHR_REQUEST_LOG_RESIDENT 32768u

/* The names used in the files. The argument must be a value of its table. */
const char *ehr_flow_name(enum ehr_flow flow);
const char *ehr_outcome_name(enum ehr_outcome outcome);
const char *ehr_reason_name(enum ehr_reason reason);
const char *ehr_reason_text(enum ehr_reason reason);
const char *ehr_phase_name(enum ehr_phase phase);

/* The position of `phase` among the phases of `flow`, 0 first, or -1 if the flow has none such. */
int ehr_flow_phase_slot(enum ehr_flow flow, enum ehr_phase phase);

/* An empty log; free with ehr_request_log_free. A request takes 120 bytes; the
 * EHR_REQUEST_LOG_RESIDENT used last are in memory, the others in a scratch file beside `results`
 * (ehr_results_scratch; borrowed, may be NULL). Running out of memory or of disk ends the program
 * with a message (ehr_measure_exit). */
struct ehr_request_log *ehr_request_log_new(struct ehr_results *results);

/* The same on pages of another size (request_pages.h). */
struct ehr_request_log *ehr_request_log_new_of(struct ehr_request_pages *take_pages);

/* Accepts NULL. */
void ehr_request_log_free(struct ehr_request_log *log);

/* Opens a request that is offered at `now_ns`; returns its id (never EHR_REQUEST_NONE). `hospital`
 * is the index the caller's table gives it, or EHR_REQUEST_NO_HOSPITAL. */
uint32_t ehr_request_open(struct ehr_request_log *log, enum ehr_flow flow, uint32_t hospital,
                          uint64_t now_ns);

/* Whether the request is still open. A late answer to a closed one is not an error: see below. */
bool ehr_request_is_open(const struct ehr_request_log *log, uint32_t id);

/* The first message of the request leaves now. Further calls are no-ops. A request that was closed
 * without having been sent (its device was busy or away) counts as offered, not as sent. */
void ehr_request_sent(struct ehr_request_log *log, uint32_t id, uint64_t now_ns);

/* `phase` begins now, and the phase that was running ends. The phase must belong to the flow.
 * Entering a phase again (a retry) adds to its duration. A request that begins its first phase when
 * it opens, and closes in its last, has phases that add up to its latency. On a closed request: a
 * no-op, because late messages of a timed-out request are normal. `now_ns` must not go back. */
void ehr_request_phase(struct ehr_request_log *log, uint32_t id, enum ehr_phase phase,
                       uint64_t now_ns);

/* Adds a duration measured elsewhere (by the node that does the work) to a phase, without touching
 * the running one. On a closed request: a no-op. */
void ehr_request_phase_add(struct ehr_request_log *log, uint32_t id, enum ehr_phase phase,
                           uint64_t duration_ns);

/* Adds to the bytes the request put on the network; allowed after closing. */
void ehr_request_bytes(struct ehr_request_log *log, uint32_t id, uint64_t bytes);

/* Blames a node (index) for the way the request ends; the first one stays. Allowed after closing.
 */
void ehr_request_blame(struct ehr_request_log *log, uint32_t id, uint32_t node);

/* The record opened byte for byte as it was written. Call before closing. */
void ehr_request_identical(struct ehr_request_log *log, uint32_t id);

/* The visit is on the private chain (durable), on the alliance chain (shared). The first call
 * counts. Allowed after closing: a visit its doctor gave up may still become durable or shared. */
void ehr_request_durable(struct ehr_request_log *log, uint32_t id, uint64_t now_ns);
void ehr_request_shared(struct ehr_request_log *log, uint32_t id, uint64_t now_ns);

/* Ends the request and its running phase. OK takes EHR_REASON_NONE, the others any other reason;
 * UNFINISHED is not for callers. Closing twice is a bug and asserts: ask ehr_request_is_open. */
void ehr_request_close(struct ehr_request_log *log, uint32_t id, enum ehr_outcome outcome,
                       enum ehr_reason reason, uint64_t now_ns);

/* Ends whatever is open as UNFINISHED, at the end of the run. */
void ehr_request_finish_all(struct ehr_request_log *log, uint64_t now_ns);

/* How many requests were opened: ids 1 .. count. */
uint32_t ehr_request_count(const struct ehr_request_log *log);

/* How many of them are open. */
uint32_t ehr_request_open_count(const struct ehr_request_log *log);

/* The request with this id. Valid until the log is asked about another one. */
const struct ehr_request *ehr_request_get(const struct ehr_request_log *log, uint32_t id);

#endif /* EHR_MEASURE_REQUESTS_H */
