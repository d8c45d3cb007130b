/* Chain nodes of one hospital and of the alliance, driven by the loop of tests/simulation, with the
 * real engine; hospital server, clients and data users are stand-ins that the test plays. */
#ifndef EHR_TESTS_UNIT_CHAIN_NODE_WORLD_H
#define EHR_TESTS_UNIT_CHAIN_NODE_WORLD_H

#include "actors/adversary.h"
#include "actors/chain_node.h"
#include "tests/simulation/node_loop.h"
#include "tests/unit/exchange.h"

enum {
    WORLD_REPLICAS = 2 * EXCHANGE_REPLICAS, /* alliance 0..3, hospital 0's private nodes 4..7 */
    WORLD_VISITS = 20,
    WORLD_SETTLE_NS = 200000000, /* shorter than the engine's request timeout */
    WORLD_REQUEST_TIMEOUT_NS = 500000000,
    WORLD_EXPIRY_MAX = 4,
    WORLD_BATCH_MAX = 4,
};

/* All zero: pbft, signatures, block certificates, everybody honest. */
struct world_options {
    const char *engine;
    bool macs, bare;
    /* Byzantine alliance replicas, as bits, and what they do (borrowed) */
    uint32_t byzantine, act_count;
    const struct ehr_adversary_act *acts;
};

struct world {
    struct exchange x;
    struct node_loop loop;
    struct ehr_chain *alliance, *private_chain;
    struct ehr_node *nodes[WORLD_REPLICAS];
    struct ehr_drbg drbgs[WORLD_REPLICAS];
    struct ehr_effects effects;
    struct world_options options;
    uint8_t sides[EXCHANGE_REPLICAS]; /* of the alliance, for its adversaries */
    struct visit visits[WORLD_VISITS];
    uint8_t txids[WORLD_VISITS][32]; /* of the index transactions */
    struct ehr_tx *records[WORLD_VISITS];
};
void world_open(struct world *w);
void world_open_with(struct world *w, const struct world_options *options);
void world_close(struct world *w);
void world_settle(struct world *w);

/* The client's address, and a replica's. */
struct ehr_address world_client(void);
struct ehr_address world_at(uint32_t node);

/* The client submits a transaction to a node (a reference is taken). */
void world_submit(struct world *w, uint32_t node, struct ehr_tx *tx);
/* Takes the replies to it that wait at the client: how many are equal to the first, which is copied
 * (tx_id and signature too), and whether others differ. */
struct world_replies {
    uint32_t equal, other;
    struct ehr_msg_reply first;
};
struct world_replies world_replies(struct world *w, const struct ehr_tx *tx);
/* Submits to the alliance's primary; the status on which a client quorum agrees (asserted). */
enum ehr_reply world_order(struct world *w, struct ehr_tx *take_tx);

/* Orders `count` visits on the private chain, then anchors and indexes them on the alliance. */
void world_share(struct world *w, uint32_t count);
/* Makes the certificate of a private block of what its nodes pushed to the hospital; how many valid
 * signatures there were. */
uint32_t world_certify(struct world *w, uint64_t height);
/* Orders one grant-sized no-op a block, to let the alliance's height grow by `blocks`. */
void world_grow(struct world *w, uint32_t blocks);

#endif /* EHR_TESTS_UNIT_CHAIN_NODE_WORLD_H */
