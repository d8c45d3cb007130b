/* Watches a cluster of Raft engines from outside and aborts, with the seed, when one of the paper's
 * properties (ATC'14, figure 3) is broken. It knows only effects, records and messages:
 *
 * - election safety: at most one leader in a term;
 * - log matching: entries of equal term and height are equal, and so are those before them;
 * - leader completeness: who leads has every block that was committed in an earlier term;
 * - a block is committed only when a majority has it on disk, under an entry of the leader's term;
 * - nobody votes for a log that is less up to date than its own, or stands without pre-votes, or
 *   leads without votes, or without a majority that answers, or is willing to vote while it hears a
 * leader;
 * - nothing is said that a restart could take back: terms, votes, entries are persisted first. */
#ifndef EHR_TESTS_SIMULATION_RAFT_WATCH_H
#define EHR_TESTS_SIMULATION_RAFT_WATCH_H

#include "tests/simulation/engine_cluster.h"

struct ehr_raft_watch;

/* `timeout_ns`: the smallest election timeout. */
struct ehr_raft_watch *ehr_raft_watch_new(struct ehr_cluster *cluster, uint16_t replicas,
                                          uint64_t seed, uint64_t timeout_ns);
void ehr_raft_watch_free(struct ehr_raft_watch *watch);
/* To be called from the `stepped` hook. */
void ehr_raft_watch_step(struct ehr_raft_watch *watch, uint16_t replica,
                         const struct ehr_event *event, const struct ehr_effects *effects);

#endif /* EHR_TESTS_SIMULATION_RAFT_WATCH_H */
