/* Nodes and certificates of HotStuff as bytes (sim/consensus/hotstuff/codec.c), for tests that make
 * messages up. Signatures are those of the cluster (engine_cluster.h). */
#ifndef EHR_TESTS_SIMULATION_HOTSTUFF_BYTES_H
#define EHR_TESTS_SIMULATION_HOTSTUFF_BYTES_H

#include "tests/simulation/engine_cluster.h"
#include "tests/simulation/hotstuff_node.h"

/* Writes the node and returns its id. */
struct ehr_digest ehr_bytes_node_write(const struct ehr_bytes_node *node, uint8_t *at);
/* A certificate for a node with the signatures of the replicas in `signers` (bits); returns its
 * length. The genesis node is {0}, with no signers. */
uint32_t ehr_bytes_certificate_write(uint16_t replicas, const struct ehr_bytes_node *node,
                                     uint32_t signers, uint8_t *at);

#endif /* EHR_TESTS_SIMULATION_HOTSTUFF_BYTES_H */
