/* A node of HotStuff as bytes, as sim/consensus/hotstuff/codec.c lays it out: for tests that make
 * nodes up or look into messages. Its id, the hash of these bytes, is the caller's to compute. */
#ifndef EHR_TESTS_SIMULATION_HOTSTUFF_NODE_H
#define EHR_TESTS_SIMULATION_HOTSTUFF_NODE_H

#include <string.h>

#include "crypto/codec.h"
#include "sim/consensus/engine.h"

enum { EHR_BYTES_NODE = 89 };
struct ehr_bytes_node {
    uint64_t view, height, parent_view;
    bool empty;
    struct ehr_digest block, parent;
};

static inline void ehr_bytes_node_put(const struct ehr_bytes_node *node, uint8_t *at)
{
    ehr_le64(at, node->view);
    ehr_le64(at + 8, node->height);
    at[16] = node->empty || node->view == 0;
    memcpy(at + 17, node->block.bytes, 32);
    ehr_le64(at + 49, node->parent_view);
    memcpy(at + 57, node->parent.bytes, 32);
}

static inline struct ehr_bytes_node ehr_bytes_node_get(const uint8_t *at)
{
    struct ehr_bytes_node node = {.view = ehr_le64_get(at),
                                  .height = ehr_le64_get(at + 8),
                                  .empty = at[16] == 1,
                                  .parent_view = ehr_le64_get(at + 49)};
    memcpy(node.block.bytes, at + 17, 32);
    memcpy(node.parent.bytes, at + 57, 32);
    return node;
}

#endif /* EHR_TESTS_SIMULATION_HOTSTUFF_NODE_H */
