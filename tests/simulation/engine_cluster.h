/* A cluster of consensus engines in one process, with the node around each of them reduced to what
 * an engine can notice: bodies as digests with parents, a pool of numbered requests, execution as a
 * chain of digests, records that survive a crash. Signatures are keyless hashes: nobody forges here
 * unless a test does. No SimGrid, no clock, no generator but the seeded one.
 *
 * The cluster checks safety outside the engines after every effect (one block per height in all
 * replicas, no gaps) and aborts the process, with the seed, when it is broken. */
#ifndef EHR_TESTS_SIMULATION_ENGINE_CLUSTER_H
#define EHR_TESTS_SIMULATION_ENGINE_CLUSTER_H

#include "sim/consensus/engine.h"

#include <stdio.h>

enum {
    EHR_CLUSTER_REPLICAS_MAX = 16,
    EHR_CLUSTER_REQUESTS_MAX = 4096,
    EHR_CLUSTER_HEIGHTS_MAX = 8192,
    EHR_CLUSTER_BLOCK_REQUESTS_MAX = 64,
};

struct ehr_cluster_options {
    const char *engine; /* "pbft" if NULL */
    uint16_t replicas;
    enum ehr_engine_votes votes; /* backups if 0 */
    bool signatures;
    uint64_t seed; /* of delays; 0: every delay is delay_min_ns, so that links are FIFO */
    uint64_t delay_min_ns, delay_max_ns; /* 1 ms, and 20 ms, if 0 */
    uint32_t batch_max;                  /* 4 if 0 */
    uint64_t batch_timeout_ns;           /* 5 ms if 0 */
    uint64_t request_timeout_ns;         /* 200 ms if 0 */
    uint32_t checkpoint_interval;        /* 4 if 0 */
    uint32_t window;                     /* 8 if 0 */
    bool two_chain, fixed_leader;        /* hotstuff */
};

struct ehr_cluster;

/* What a test may watch or change. Each may be NULL. */
struct ehr_cluster_hooks {
    /* Called before a message is scheduled; false drops it. It may change the message, which is
     * signed afterwards by its sender (a Byzantine sender). */
    bool (*sending)(void *context, uint16_t to, struct ehr_engine_message *message);
    /* Called after every step with the event and its effects. */
    void (*stepped)(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects);
    void *context;
};

struct ehr_cluster *ehr_cluster_new(const struct ehr_cluster_options *options);
void ehr_cluster_free(struct ehr_cluster *cluster);
void ehr_cluster_hooks_set(struct ehr_cluster *cluster, const struct ehr_cluster_hooks *hooks);

/* Gives a request to every replica that is up, or to one. */
void ehr_cluster_submit(struct ehr_cluster *cluster, uint32_t request);
void ehr_cluster_submit_to(struct ehr_cluster *cluster, uint16_t replica, uint32_t request);
/* Handles one event; false if there is none. */
bool ehr_cluster_step(struct ehr_cluster *cluster);
/* Runs until simulated time `until_ns` or until nothing is left to do. */
void ehr_cluster_run(struct ehr_cluster *cluster, uint64_t until_ns);
/* Runs until every replica that is up has executed requests 0 .. count-1; false at the deadline. */
bool ehr_cluster_run_executed(struct ehr_cluster *cluster, uint32_t count, uint64_t until_ns);

void ehr_cluster_crash(struct ehr_cluster *cluster, uint16_t replica);
/* From what it persisted. */
void ehr_cluster_restart(struct ehr_cluster *cluster, uint16_t replica);
/* Crashes the replica when it would perform effect number k (from 1) of its life; 0: never. */
void ehr_cluster_crash_at(struct ehr_cluster *cluster, uint16_t replica, uint64_t effect);
/* Replicas of different groups do not hear each other; all start in group 0. */
void ehr_cluster_group_set(struct ehr_cluster *cluster, uint16_t replica, uint16_t group);
/* Leaves a replica out of the safety checks and of run_executed: it is Byzantine. */
void ehr_cluster_exclude(struct ehr_cluster *cluster, uint16_t replica);

uint64_t ehr_cluster_now(const struct ehr_cluster *cluster);
bool ehr_cluster_up(const struct ehr_cluster *cluster, uint16_t replica);
uint64_t ehr_cluster_height(const struct ehr_cluster *cluster, uint16_t replica);
struct ehr_digest ehr_cluster_state(const struct ehr_cluster *cluster, uint16_t replica);
uint64_t ehr_cluster_view(const struct ehr_cluster *cluster, uint16_t replica);
bool ehr_cluster_executed(const struct ehr_cluster *cluster, uint16_t replica, uint32_t request);
uint64_t ehr_cluster_effects(const struct ehr_cluster *cluster, uint16_t replica);
uint64_t ehr_cluster_sent(const struct ehr_cluster *cluster, uint8_t type);
uint64_t ehr_cluster_dropped(const struct ehr_cluster *cluster); /* by `wants` */
uint64_t ehr_cluster_fetches(const struct ehr_cluster *cluster);
uint64_t ehr_cluster_lent(const struct ehr_cluster *cluster); /* calls of the memory callback */
uint32_t ehr_cluster_records(const struct ehr_cluster *cluster, uint16_t replica,
                             const struct ehr_engine_record **records);
struct ehr_engine *ehr_cluster_engine(struct ehr_cluster *cluster, uint16_t replica);
const struct ehr_engine_type *ehr_cluster_type(const struct ehr_cluster *cluster);
/* Digest of everything every replica's snapshot shows. */
uint64_t ehr_cluster_picture(struct ehr_cluster *cluster);

/* A block that a test makes up; every replica holds it. */
struct ehr_digest ehr_cluster_block(struct ehr_cluster *cluster, const struct ehr_digest *parent,
                                    const uint32_t *requests, uint32_t count);
/* Schedules a message a test makes up, signed by its sender, after one delay. */
void ehr_cluster_inject(struct ehr_cluster *cluster, uint16_t to,
                        const struct ehr_engine_message *message);
/* The signature of a replica on a vote, and the digest of a body. */
void ehr_cluster_sign(uint16_t signer, uint8_t type, uint64_t view, uint64_t height,
                      const struct ehr_digest *digest, uint8_t signature[64]);
void ehr_cluster_body_digest(const uint8_t *body, size_t length, struct ehr_digest *digest);
/* Seeded numbers for tests. */
uint64_t ehr_cluster_random(uint64_t *state);

/* One line for people: "r1 <- PREPARE v0 h1 aa01 from r2" and so on. */
void ehr_cluster_print(FILE *out, uint16_t replica, const struct ehr_event *event,
                       const struct ehr_effects *effects);

#endif /* EHR_TESTS_SIMULATION_ENGINE_CLUSTER_H */
