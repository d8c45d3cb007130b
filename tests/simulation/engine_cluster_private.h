/* Inside the cluster of engines; for its own files only. */
#ifndef EHR_TESTS_SIMULATION_ENGINE_CLUSTER_PRIVATE_H
#define EHR_TESTS_SIMULATION_ENGINE_CLUSTER_PRIVATE_H

#include "tests/simulation/engine_cluster.h"

struct message {
    uint32_t references;
    struct ehr_engine_message header;
    uint8_t *body;
    struct ehr_digest *carried;
    uint8_t signature[64];
};

enum happening_kind {
    HAPPENING_DELIVER = 1,
    HAPPENING_TIMER,
    HAPPENING_EVENT,
    HAPPENING_BUILD,    /* the node answers PROPOSE */
    HAPPENING_EXECUTE,  /* the node executes its next committed block */
    HAPPENING_TRANSFER, /* the node tries to get a state */
    HAPPENING_PENDING,
};

struct happening {
    uint64_t at_ns, number;
    enum happening_kind kind;
    uint16_t replica;
    uint32_t incarnation;
    struct message *message;
    struct ehr_event event;
};

struct block {
    struct ehr_digest digest, parent;
    uint32_t count;
    uint32_t requests[EHR_CLUSTER_BLOCK_REQUESTS_MAX];
    bool held[EHR_CLUSTER_REPLICAS_MAX];
};

struct node {
    struct ehr_cluster *cluster;
    uint16_t id, group;
    bool up, excluded;
    uint32_t incarnation;
    void *storage;
    struct ehr_engine *engine;
    struct ehr_effects effects;
    uint64_t effects_performed, crash_at;
    uint64_t committed, executed;                     /* heights */
    struct ehr_digest block;                          /* at `executed` */
    struct ehr_digest queue[EHR_CLUSTER_HEIGHTS_MAX]; /* committed blocks by height */
    struct ehr_digest state;
    struct ehr_engine_record *records;
    uint32_t record_count, record_capacity;
    uint32_t carried_over; /* blocks that the view just entered proposes again */
    bool known[EHR_CLUSTER_REQUESTS_MAX], seen[EHR_CLUSTER_REQUESTS_MAX],
        done[EHR_CLUSTER_REQUESTS_MAX];
    uint32_t known_end; /* requests at or above it are unknown */
    uint32_t executed_count;
    bool pending_scheduled;
};

struct ehr_cluster {
    struct ehr_cluster_options options;
    struct ehr_cluster_hooks hooks;
    const struct ehr_engine_type *type;
    uint64_t now_ns, number, random;
    struct happening *heap;
    size_t heap_count, heap_capacity;
    struct block *blocks;
    uint32_t block_count, block_capacity;
    uint64_t sent[EHR_ENGINE_MESSAGE_TYPES], dropped, fetches, lent, lent_now;
    /* What correct replicas agreed on. */
    bool agreed[EHR_CLUSTER_HEIGHTS_MAX];
    struct ehr_digest chain[EHR_CLUSTER_HEIGHTS_MAX], states[EHR_CLUSTER_HEIGHTS_MAX];
    struct node nodes[EHR_CLUSTER_REPLICAS_MAX];
};

void cluster_schedule(struct ehr_cluster *c, uint64_t delay_ns, struct happening happening);
void cluster_send(struct ehr_cluster *c, uint16_t from, uint16_t to,
                  const struct ehr_engine_message *message);

/* engine_host.c */
uint64_t host_mix(uint64_t h, uint64_t value);
uint64_t host_mix_bytes(uint64_t h, const uint8_t *bytes, size_t length);
void host_fill(uint8_t *out, size_t length, uint64_t seed);
bool host_same(const struct ehr_digest *a, const struct ehr_digest *b);
struct block *host_block_find(struct ehr_cluster *c, const struct ehr_digest *digest);
struct block *host_block_new(struct ehr_cluster *c, const struct ehr_digest *parent);
bool host_vote_valid(void *context, uint16_t signer, uint8_t type, uint64_t view, uint64_t height,
                     const struct ehr_digest *digest, const uint8_t *signature);
void host_body_digest(void *context, const uint8_t *body, size_t length, struct ehr_digest *digest);
void host_vote_sign(void *context, uint8_t type, uint64_t view, uint64_t height,
                    const struct ehr_digest *digest, uint8_t signature[64]);
bool host_block_parent(void *context, const struct ehr_digest *digest, struct ehr_digest *parent);

void node_open(struct ehr_cluster *c, uint16_t replica);
void node_start(struct ehr_cluster *c, uint16_t replica);
void node_close(struct ehr_cluster *c, uint16_t replica);
void node_feed(struct ehr_cluster *c, uint16_t replica, struct ehr_event *event);
void node_hold(struct ehr_cluster *c, uint16_t replica, const struct ehr_digest *blocks,
               uint32_t count);
void node_build(struct ehr_cluster *c, uint16_t replica, const struct ehr_event *event);
void node_execute(struct ehr_cluster *c, uint16_t replica);
void node_transfer(struct ehr_cluster *c, uint16_t replica, uint64_t height, uint64_t view);
void node_pending(struct ehr_cluster *c, uint16_t replica);

#endif /* EHR_TESTS_SIMULATION_ENGINE_CLUSTER_PRIVATE_H */
