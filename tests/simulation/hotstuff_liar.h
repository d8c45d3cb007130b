/* A Byzantine HotStuff replica as a filter on what its engine sends, and the eye that watches the
 * correct ones: nobody may vote for two nodes in one view, before or after a restart.
 *
 * The liar leads different halves to different blocks, votes for both, proposes on certificates
 * that are older than what others have locked, shows forged and short certificates, understates its
 * highest certificate when it leaves a view, and corrupts what it is asked for. */
#ifndef EHR_TESTS_SIMULATION_HOTSTUFF_LIAR_H
#define EHR_TESTS_SIMULATION_HOTSTUFF_LIAR_H

#include "tests/simulation/engine_cluster.h"

struct ehr_hotstuff_liar;

/* `who`: the liar, UINT16_MAX for none; then it only watches. */
struct ehr_hotstuff_liar *ehr_hotstuff_liar_new(struct ehr_cluster *cluster,
                                                const struct ehr_cluster_options *options,
                                                uint16_t who, uint64_t seed);
void ehr_hotstuff_liar_free(struct ehr_hotstuff_liar *liar);
/* To be called from the `sending` hook; false: the message is not sent. It may be changed. Aborts
 * when a correct replica votes twice in a view. */
bool ehr_hotstuff_liar_sending(struct ehr_hotstuff_liar *liar, uint16_t to,
                               struct ehr_engine_message *message, uint32_t requests);

/* The bytes of bodies, for tests that make them up (sim/consensus/hotstuff/codec.c). */
enum { EHR_LIAR_NODE_BYTES = 89 };
struct ehr_liar_node {
    uint64_t view, height, parent_view;
    bool empty;
    struct ehr_digest block, parent;
};
/* Writes the node and returns its id. */
struct ehr_digest ehr_liar_node_write(const struct ehr_liar_node *node, uint8_t *at);
/* A certificate for a node with the signatures of the replicas in `signers` (bits); returns its
 * length. The genesis node is {0}, with no signers. */
uint32_t ehr_liar_certificate_write(uint16_t replicas, const struct ehr_liar_node *node,
                                    uint32_t signers, uint8_t *at);

#endif /* EHR_TESTS_SIMULATION_HOTSTUFF_LIAR_H */
