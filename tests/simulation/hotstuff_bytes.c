/* HotStuff's nodes and certificates as bytes. */
#include "tests/simulation/hotstuff_bytes.h"

#include <string.h>

struct ehr_digest ehr_bytes_node_write(const struct ehr_bytes_node *node, uint8_t *at)
{
    struct ehr_digest id;
    ehr_bytes_node_put(node, at);
    ehr_cluster_body_digest(at, EHR_BYTES_NODE, &id);
    return id;
}

uint32_t ehr_bytes_certificate_write(uint16_t replicas, const struct ehr_bytes_node *node,
                                     uint32_t signers, uint8_t *at)
{
    uint32_t bitmap = (replicas + 7U) / 8U;
    uint32_t length = EHR_BYTES_NODE + bitmap + 64 * ehr_engine_quorum(replicas);
    memset(at, 0, length);
    struct ehr_digest id = ehr_bytes_node_write(node, at);
    uint8_t *signature = at + EHR_BYTES_NODE + bitmap;
    for (uint16_t i = 0; i < replicas; i++) {
        if (!(signers >> i & 1))
            continue;
        at[EHR_BYTES_NODE + i / 8] |= (uint8_t)(1U << (i % 8));
        if (signature < at + length)
            ehr_cluster_sign(i, EHR_ENGINE_HOTSTUFF_VOTE, node->view, 0, &id, signature);
        signature += 64;
    }
    return length;
}
