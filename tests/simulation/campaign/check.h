/* The invariants, checked outside the engines from what goes in and comes out of them, in time
 * proportional to that. Every engine:
 *
 * - correct replicas commit one block a height, without gaps, each on its parent, each with a body
 *   they hold, with requests that somebody submitted;
 * - what is sent names only bodies that the sender holds; no step has more effects than promised;
 *   what an engine was lent comes back, and is bounded;
 * - a state is fetched, vouched for or made stable only if correct replicas executed it;
 * - views do not fall within a life, and everybody has the same leader for a view.
 *
 * Where votes are counted (check_votes.c: pbft, hotstuff): no vote leaves before it is persisted or
 * contradicts a persisted one, restarts included; none in a view that was left; what is prepared or
 * committed was voted for by a quorum; certificates hold enough signatures, all genuine. PBFT: none
 * against what a view carries over. HotStuff: none against the lock, or in a view that was entered
 * without a reason (check_lock.c). Raft
 * (check_raft.c): figure 3 of ATC'14, and what it needs on disk. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_CHECK_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_CHECK_H

#include "tests/simulation/campaign/inside.h"

struct ehr_raft_disk;
struct ehr_raft_check;

/* A HotStuff node that somebody proposed. */
struct ehr_node_seen {
    struct ehr_digest id, block, parent;
    uint64_t view, height, parent_view;
    uint32_t below; /* index of the parent, UINT32_MAX: not seen */
    uint32_t votes; /* bits: replicas */
    bool empty, final;
};

enum ehr_family { EHR_FAMILY_PLAIN, EHR_FAMILY_PBFT, EHR_FAMILY_HOTSTUFF, EHR_FAMILY_RAFT };

/* HotStuff's lock, as the votes on disk show it. */
struct ehr_lock {
    uint64_t view;
    struct ehr_digest id;
    uint64_t certified; /* the highest view of a certificate that it voted on */
};

struct ehr_checks {
    enum ehr_family family;
    uint32_t quorum, faults;
    uint32_t byzantine; /* bits: replicas */
    struct ehr_map map;
    uint64_t left[EHR_INSTANCES_MAX];         /* persisted: no vote in a view below */
    uint64_t entered[EHR_INSTANCES_MAX];      /* persisted: pbft */
    struct ehr_lock locks[EHR_INSTANCES_MAX]; /* hotstuff */
    struct ehr_node_seen *nodes;              /* hotstuff */
    uint32_t node_count, node_room;
    uint32_t newest[64]; /* certified nodes, a ring */
    uint32_t newest_count;
    struct ehr_raft_check *raft;
};

void ehr_check_open(struct ehr_world *w);
void ehr_check_free(struct ehr_checks *checks);
/* After a step, before its effects are performed. */
void ehr_check_step(struct ehr_world *w, struct ehr_instance *instance);
/* Just before the effect is performed. */
void ehr_check_effect(struct ehr_world *w, struct ehr_instance *instance,
                      const struct ehr_effect *effect);
/* Just before the engine hears of a message. */
void ehr_check_delivery(struct ehr_world *w, struct ehr_instance *instance,
                        const struct ehr_engine_message *message);
/* A node has built a block for its engine from what it was told is not proposed yet. */
void ehr_check_built(struct ehr_world *w, const struct ehr_instance *instance,
                     const struct ehr_body *body);
void ehr_check_crash(struct ehr_world *w, struct ehr_instance *instance);

/* check_votes.c */
void ehr_check_votes_persist(struct ehr_world *w, struct ehr_instance *instance,
                             const struct ehr_engine_record *record);
void ehr_check_votes_send(struct ehr_world *w, struct ehr_instance *instance,
                          const struct ehr_engine_message *message);
void ehr_check_votes_commit(struct ehr_world *w, struct ehr_instance *instance,
                            const struct ehr_effect *effect);
void ehr_check_votes_delivery(struct ehr_world *w, struct ehr_instance *instance,
                              const struct ehr_engine_message *message);
/* check_departures.c */
void ehr_check_departures_vote(struct ehr_world *w, struct ehr_instance *instance,
                               const struct ehr_engine_record *record);
void ehr_check_departures_send(struct ehr_world *w, struct ehr_instance *instance,
                               const struct ehr_engine_message *message);
/* check_hotstuff.c; bytes of a node; returns its index. The node below it, NULL: not seen. */
uint32_t ehr_check_node_learn(struct ehr_world *w, const uint8_t *bytes);
struct ehr_node_seen *ehr_check_node_below(struct ehr_world *w, struct ehr_node_seen *node);
/* check_lock.c: a proposal that an instance sends, or hears; a vote that it persists. */
void ehr_check_lock_proposal(struct ehr_world *w, struct ehr_instance *instance,
                             const struct ehr_engine_message *message, bool own);
void ehr_check_lock_departure(struct ehr_world *w, struct ehr_instance *instance,
                              const struct ehr_engine_message *message);
void ehr_check_lock_vote(struct ehr_world *w, struct ehr_instance *instance,
                         const struct ehr_engine_record *record);
void ehr_check_hotstuff_persist(struct ehr_world *w, struct ehr_instance *instance,
                                const struct ehr_engine_record *record);
void ehr_check_hotstuff_send(struct ehr_world *w, struct ehr_instance *instance,
                             const struct ehr_engine_message *message);
void ehr_check_hotstuff_commit(struct ehr_world *w, struct ehr_instance *instance,
                               const struct ehr_effect *effect);
void ehr_check_hotstuff_delivery(struct ehr_world *w, struct ehr_instance *instance,
                                 const struct ehr_engine_message *message);
/* check_raft.c */
void ehr_check_raft_open(struct ehr_world *w);
void ehr_check_raft_free(struct ehr_raft_check *raft);
void ehr_check_raft_effect(struct ehr_world *w, struct ehr_instance *instance,
                           const struct ehr_effect *effect);
void ehr_check_raft_delivery(struct ehr_world *w, struct ehr_instance *instance,
                             const struct ehr_engine_message *message);
void ehr_check_raft_crash(struct ehr_world *w, struct ehr_instance *instance);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_CHECK_H */
