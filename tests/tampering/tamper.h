/* Whole runs with one adversary among honest parties: what the adversary does, how the requests
 * that it touches have to end, and that nothing else ends differently. The tests are tables of
 * struct tamper_case; each is one process, as SimGrid is one run a process (main.c).
 *
 * An adversary has a mouth (ehr_kernel_rewrite_set: every message of a node before it leaves), and
 * where it has to understand the answers to what it forged, an ear (`ear`, `hear`: every message
 * before the node's role sees it). It signs with the keys of its own node, from genesis. */
#ifndef EHR_TESTS_TAMPER_H
#define EHR_TESTS_TAMPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actors/marks.h"
#include "crypto/drbg.h"
#include "crypto/pseudonym.h"
#include "sim/app/world.h"
#include "sim/ledger/wire.h"

enum { TAMPER_REQUESTS_MAX = 1024, TAMPER_FORGED_MAX = 256, TAMPER_SETS_MAX = 8 };

/* How a request has to end. */
struct tamper_end {
    enum ehr_outcome outcome; /* INVALID: as if nobody had touched it */
    enum ehr_reason reason;
    uint32_t blamed; /* node, EHR_REQUEST_NOBODY */
    bool or_well;    /* ok is right too */
};

/* A transaction that left in the place of another. */
struct tamper_forged {
    uint64_t request;
    uint8_t forged[32], own[32];
};

struct tamper_case;

struct tamper {
    const struct tamper_case *what;
    struct ehr_world *world;
    struct ehr_genesis *genesis;
    const struct ehr_directory *directory;
    uint64_t seed;
    struct ehr_drbg rng; /* the adversary's own */
    uint64_t now_ns;     /* of the last mark or message */
    struct tamper_end expected[TAMPER_REQUESTS_MAX];
    uint32_t attacks; /* requests or messages that were attacked: tamper_attack */
    struct tamper_forged forged[TAMPER_FORGED_MAX];
    uint32_t forged_count;
    uint32_t problems; /* what was not as it should be */
    /* what was seen in the run */
    uint32_t refused[EHR_REPLY_COUNT]; /* transactions, by reason */
    uint32_t dropped[EHR_MESSAGE_TYPES];
    uint32_t said[EHR_REPLY_COUNT]; /* answers of alliance nodes to queries, by status */
    uint32_t complaints;
    uint32_t views; /* changes of view, by a replica each */
};

struct tamper_case {
    const char *name;
    const char *attack;                /* who does what */
    const char *sets[4];               /* overrides of the scenario */
    void (*prepare)(struct tamper *t); /* sets up the adversary, before the run */
    void (*mark)(struct tamper *t, uint32_t node, const struct ehr_mark *mark); /* or NULL */
    void (*see)(struct tamper *t, uint32_t from, uint32_t to,
                const struct ehr_message *message); /* every message on the network; or NULL */
    /* After the run, before requests are compared with what is expected; or NULL. */
    void (*judge)(struct tamper *t);
    const char *ear; /* node; NULL: none */
    /* A message before that node gets it: NULL: as it is; else another, which is given up. */
    struct ehr_message *(*hear)(struct tamper *t, const struct ehr_delivery *d);
    enum ehr_phase before; /* attacked requests end before this phase begins; 0: in any */
    bool invisible; /* the attack touches no request: only `judge` says whether it took place */
};

/* ---- the mouth ---- */

/* `rewrite` gets `t` as its context. */
void tamper_mouth(struct tamper *t, const char *node, ehr_kernel_rewrite *rewrite);
/* A copy that shares nothing with the message, which is given up. Seal it again if it grew. */
struct ehr_message *tamper_copy(struct ehr_message *take);
/* The transaction of that type that the message submits, borrowed; NULL: it submits none. */
const struct ehr_tx *tamper_submitted(const struct ehr_message *message, uint8_t type);
/* A SUBMIT of `bytes` in the place of the one that is given up; tamper_hear_own finds its answer.
 */
struct ehr_message *tamper_submit(struct tamper *t, struct ehr_message *take, const uint8_t *bytes,
                                  size_t length);
/* A `hear` that makes of replies to forged transactions replies to the ones they replaced, unsigned
 * as a signature is over the forged one: the role then wants as many as a quorum. */
struct ehr_message *tamper_hear_own(struct tamper *t, const struct ehr_delivery *d);

/* What ACCESS and ACCESS_SCOPED have in common; pointers into the message. */
struct tamper_access {
    uint64_t request; /* of one visit of several: the share's below, its number above */
    uint8_t share, whole;
    uint8_t *grant_id, *signature;
};
bool tamper_access_read(struct tamper_access *access, const struct ehr_message *message);
/* Grant `item` of a GRANT, which has one, or a GRANT_BATCH. EHR_LEN: there is none. */
enum ehr_status tamper_grant_item(struct ehr_grant_tx *out, const struct ehr_tx *tx, uint32_t item);

/* ---- expectations ---- */

/* The request was attacked and must end so; of one visit of several: the share that it is part of.
 * Once more with the same: no effect. */
void tamper_attack(struct tamper *t, uint64_t request, enum ehr_outcome outcome,
                   enum ehr_reason reason, uint32_t blamed);
/* refused, nobody blamed */
void tamper_refusal(struct tamper *t, uint64_t request, enum ehr_reason reason);
bool tamper_attacked(const struct tamper *t, uint64_t request);
/* Notes a problem unless `good`; says what was found in any case. */
void tamper_check(struct tamper *t, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- who is who ---- */

uint32_t tamper_node(const struct tamper *t, const char *name);
const struct ehr_request *tamper_request(const struct tamper *t, uint64_t request);
/* Keys of the patient of that lane; of the visit under an encoded pseudonym, whoever's it is. */
void tamper_patient_keys(const struct tamper *t, uint32_t lane, struct ehr_patient_keys *keys);
void tamper_visit_keys(const struct tamper *t, const uint8_t pseudonym[EHR_PSEUDONYM_BYTES],
                       const uint8_t hid[32], struct ehr_visit_keys *keys);

/* ---- the cases, each table ended by an empty name ---- */

extern const struct tamper_case tamper_cases_party[];
extern const struct tamper_case tamper_cases_visit[];
extern const struct tamper_case tamper_cases_read[];
extern const struct tamper_case tamper_cases_share[];
extern const struct tamper_case tamper_cases_brief[];
extern const struct tamper_case tamper_cases_chain[];
extern const struct tamper_case tamper_cases_replica[];
extern const struct tamper_case tamper_cases_evidence[];

/* ---- a run ---- */

struct tamper_run {
    const char *scenario, *fidelity;
    char *const
        *sets;       /* overrides of the scenario, PATH=VALUE; at most TAMPER_SETS_MAX, then NULL */
    const char *out; /* a folder for the results, which must not exist; NULL: none */
};

/* Runs the case and prints what was found. Whether all was as expected. */
bool tamper_run(const struct tamper_case *what, const struct tamper_run *run);

#endif /* EHR_TESTS_TAMPER_H */
