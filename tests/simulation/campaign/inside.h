/* Inside a world; for the files of this folder only. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_INSIDE_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_INSIDE_H

#include "tests/simulation/campaign/blobs.h"
#include "tests/simulation/campaign/map.h"
#include "tests/simulation/campaign/queue.h"
#include "tests/simulation/campaign/world.h"

#include <setjmp.h>
#include <string.h>

enum {
    EHR_INSTANCES_MAX = 16, /* replicas and second copies */
    EHR_REQUESTS_MAX = 1024,
    EHR_REQUEST_WORDS = EHR_REQUESTS_MAX / 64,
    EHR_HEIGHTS_MAX = 2048,
    EHR_BLOCKS_MAX = 16384,
    EHR_BLOCK_REQUESTS_MAX = 8,
    EHR_KEPT_MAX = 64, /* messages that come again */
    EHR_ASKS_MAX = 1024,
};

enum ehr_happening_kind {
    EHR_HAPPENING_DELIVER = 1, /* ref: message */
    EHR_HAPPENING_TIMER,       /* ref: id; extra: generation */
    EHR_HAPPENING_BUILD,       /* the node answers PROPOSE; ref: what was asked */
    EHR_HAPPENING_EXECUTE,     /* the node executes a committed block; ref: height */
    EHR_HAPPENING_TRANSFER,    /* the node tries to get a state; ref: what was asked */
    EHR_HAPPENING_SUBMIT,      /* ref: request */
    EHR_HAPPENING_SYNC,        /* the node asks a peer for blocks above its own */
    EHR_HAPPENING_ROUND,       /* the driver of the phase */
};

struct ehr_parcel {
    struct ehr_engine_message header; /* its pointers lead into this parcel */
    uint32_t references, index;
    bool to_all;
    uint8_t signature[64];
    uint8_t rest[]; /* the body, then on a boundary of 8 what is carried */
};

struct ehr_body {
    struct ehr_digest digest, parent;
    uint64_t height;
    uint16_t proposer;
    uint16_t count;
    uint16_t requests[EHR_BLOCK_REQUESTS_MAX];
    uint32_t held, durable; /* bits: instances */
};

/* What the engine asked for: a block, or a state. */
struct ehr_ask {
    uint64_t height, view;
    struct ehr_digest digest; /* parent, or state */
    uint32_t next;            /* unused ones */
};

struct ehr_instance {
    struct ehr_world *world;
    uint16_t index, replica;
    bool up, byzantine, slow, told;
    uint8_t life;
    struct ehr_engine *engine;
    void *storage;
    size_t storage_bytes;
    struct ehr_effects effects;
    uint32_t effects_room;
    uint64_t performed, crash_at; /* effects */
    uint32_t crash_type;          /* ... or after the next effect of this type */
    uint64_t view;
    uint64_t lent; /* bytes */
    uint64_t slow_until_ns, exiled_until_ns;
    /* Durable. */
    uint64_t executed; /* by the node */
    uint64_t born;     /* height its engine began this life at without a record: 0 if it had any */
    struct ehr_digest block, state; /* after `executed` */
    uint64_t decided;               /* ... as far as its engine has decided or installed it */
    struct ehr_engine_record *records;
    uint32_t record_count, record_room, record_limit;
    /* Gone with a crash. */
    uint64_t committed; /* by the engine */
    uint64_t ahead;     /* highest height that it was told of without having decided it */
    uint32_t carried_over;
    uint64_t base; /* pbft: where its view began, UINT64_MAX: not known in this life */
    uint32_t told_unproposed, told_waiting;
    uint64_t told_oldest;
    bool pool_changed;
    uint64_t known[EHR_REQUEST_WORDS], seen[EHR_REQUEST_WORDS];
    uint64_t done[EHR_REQUEST_WORDS]; /* durable */
    uint32_t queue[EHR_HEIGHTS_MAX];  /* committed blocks, by height */
};

struct ehr_kept {
    uint32_t parcel; /* UINT32_MAX: none */
    uint8_t from, to;
};

struct ehr_checks; /* check.h */
struct ehr_liar;   /* liar.h */

struct ehr_world {
    struct ehr_setup setup;
    struct ehr_tape tape;
    struct ehr_tape_cuts cuts;
    struct ehr_queue queue;
    struct ehr_blobs blobs;
    struct ehr_tally tally;
    struct ehr_verdict verdict;
    FILE *trace;
    uint64_t now_ns, secret; /* of the signatures */
    uint64_t steps_max;
    uint32_t words; /* of the request sets in use */
    uint16_t instance_count;
    uint32_t submitted;
    bool settling, done;
    uint32_t round;
    uint64_t settled_from_ns, settled_by_ns;
    uint32_t owed;   /* requests that the liveness phase has to see executed */
    uint32_t healed; /* instances that have to execute them, bits */
    /* Network. */
    uint32_t cut[EHR_INSTANCES_MAX];    /* bits: who does not hear this one, by partition */
    uint32_t oneway[EHR_INSTANCES_MAX]; /* ... by a link that failed */
    uint32_t deaf[EHR_INSTANCES_MAX];   /* ... because the twins share the cluster */
    uint16_t group[EHR_INSTANCES_MAX];
    uint32_t link_ns[EHR_INSTANCES_MAX][EHR_INSTANCES_MAX];
    struct ehr_kept kept[EHR_KEPT_MAX];
    struct ehr_parcel **parcels;
    uint32_t parcel_count, parcel_room, *parcels_unused, parcels_unused_count;
    struct ehr_ask asks[EHR_ASKS_MAX];
    uint32_t ask_unused;
    struct ehr_body *bodies;
    uint32_t body_count;
    /* What correct replicas agreed on. */
    uint64_t top; /* highest height executed or committed by a correct replica */
    uint32_t chain[EHR_HEIGHTS_MAX];
    struct ehr_digest states[EHR_HEIGHTS_MAX];
    uint64_t states_top;
    const struct ehr_event *event; /* that is being handled */
    struct ehr_checks *checks;
    struct ehr_liar *liar;
    sigjmp_buf escape;
    struct ehr_instance instances[EHR_INSTANCES_MAX];
};

/* run.c. The first breach counts. `detail` as printf. */
void ehr_world_broken(struct ehr_world *w, const char *kind, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));
void ehr_world_push(struct ehr_world *w, uint64_t delay_ns, enum ehr_happening_kind kind,
                    uint16_t to, uint32_t ref, uint32_t extra);

/* host.c: what stands in for cryptography and bodies. Keyed by the world's secret: nobody makes the
 * signature of another by accident, and no code here makes one on purpose. */
static inline uint64_t ehr_host_mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}
/* A key of what the invariants remember; `what` keeps their kinds apart. */
uint64_t ehr_host_key(uint32_t what, uint64_t a, uint64_t b, uint64_t c);
uint64_t ehr_host_digest64(const struct ehr_digest *digest);
bool ehr_host_same(const struct ehr_digest *a, const struct ehr_digest *b);
void ehr_host_sign(const struct ehr_world *w, uint16_t signer, uint8_t type, uint64_t view,
                   uint64_t height, const struct ehr_digest *digest, uint8_t signature[64]);
bool ehr_host_signed(const struct ehr_world *w, uint16_t signer, uint8_t type, uint64_t view,
                     uint64_t height, const struct ehr_digest *digest, const uint8_t *signature);
void ehr_host_hash(const uint8_t *bytes, size_t length, struct ehr_digest *digest);
struct ehr_body *ehr_host_body(struct ehr_world *w, const struct ehr_digest *digest);
/* NULL when there are too many. */
struct ehr_body *ehr_host_body_new(struct ehr_world *w, const struct ehr_digest *parent,
                                   uint64_t height, uint16_t proposer, const uint16_t *requests,
                                   uint16_t count);
struct ehr_engine_auth ehr_host_auth(struct ehr_instance *instance);
struct ehr_engine_memory ehr_host_memory(struct ehr_instance *instance);
uint32_t ehr_host_members(uint64_t bits);

/* network.c */
void ehr_network_send(struct ehr_world *w, struct ehr_instance *from, uint16_t to,
                      const struct ehr_engine_message *message);
/* One message to one instance, after a delay or lost. */
void ehr_network_carry(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                       struct ehr_parcel *parcel);
/* Signed by its sender; one reference, the caller's. */
struct ehr_parcel *ehr_network_parcel(struct ehr_world *w,
                                      const struct ehr_engine_message *message);
void ehr_network_release(struct ehr_world *w, struct ehr_parcel *parcel);
void ehr_network_deliver(struct ehr_world *w, const struct ehr_happening *happening);
bool ehr_network_linked(const struct ehr_world *w, uint16_t from, uint16_t to);
/* Some of what was kept comes again. */
void ehr_network_replay(struct ehr_world *w);
void ehr_network_forget(struct ehr_world *w);

/* node.c */
void ehr_node_open(struct ehr_world *w, uint16_t index, uint16_t replica);
void ehr_node_close(struct ehr_world *w, struct ehr_instance *instance);
void ehr_node_start(struct ehr_world *w, struct ehr_instance *instance);
void ehr_node_crash(struct ehr_world *w, struct ehr_instance *instance);
void ehr_node_feed(struct ehr_world *w, struct ehr_instance *instance, struct ehr_event *event);
void ehr_node_hold(struct ehr_world *w, struct ehr_instance *instance,
                   const struct ehr_digest *blocks, uint32_t count);
void ehr_node_submit(struct ehr_world *w, struct ehr_instance *instance, uint32_t request);
/* Tells the engine of its pool, if that has changed. */
void ehr_node_pool(struct ehr_world *w, struct ehr_instance *instance);
/* The node answers, or nobody waits for the answer any more. */
struct ehr_ask ehr_node_ask_end(struct ehr_world *w, uint32_t ask);
void ehr_node_build(struct ehr_world *w, struct ehr_instance *instance, uint32_t ask);
void ehr_node_execute(struct ehr_world *w, struct ehr_instance *instance, uint64_t height);
/* Block synchronisation: some of what a peer has, then the engine hears of it. */
void ehr_node_sync(struct ehr_world *w, struct ehr_instance *instance);
void ehr_node_transfer(struct ehr_world *w, struct ehr_instance *instance, uint32_t ask);
/* records.c */
void ehr_node_persist(struct ehr_world *w, struct ehr_instance *instance,
                      const struct ehr_engine_record *record);
void ehr_node_records_forget(struct ehr_world *w, struct ehr_instance *instance);
void ehr_node_records_drop(struct ehr_world *w, struct ehr_instance *instance);

/* faults.c: a round of the safety phase; settle.c: of the liveness phase. */
void ehr_faults_open(struct ehr_world *w);
void ehr_faults_round(struct ehr_world *w);
void ehr_faults_committed(struct ehr_world *w, struct ehr_instance *instance);
void ehr_settle_begin(struct ehr_world *w);
void ehr_settle_round(struct ehr_world *w);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_INSIDE_H */
