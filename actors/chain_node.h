/* A chain node: hosts one consensus engine, validates and executes what it orders, and serves what
 * the chain holds. Private nodes and alliance nodes are the same replica with different services.
 *
 * chain_node.c            life, dispatch, requests of clients
 * chain_node_consensus.c  events and effects of the engine
 * chain_node_auth.c       signatures and MACs under its messages
 * chain_node_bodies.c     proposals that carry ids in the place of transactions
 * chain_node_execute.c    committed blocks: execution, replies, block certificates
 * chain_node_known.c      blocks checked and not yet deep in the chain
 * chain_node_journal.c    what is written to disk, and read at a restart
 * chain_node_sync*.c      blocks that this node lacks: asking, checking, giving
 * private_service.c       private nodes: block bodies for the hospital, private entries
 * alliance_search.c       alliance nodes: queries over the secure index
 * alliance_release.c      alliance nodes: locate, compare, fetch; for patients and data users
 * alliance_proxy.c        alliance nodes: re-encryption under a committed grant
 *
 * After a crash a node has what it wrote to disk and gets the rest from its peers:
 * docs/recovery.md. */
#ifndef EHR_ACTORS_CHAIN_NODE_H
#define EHR_ACTORS_CHAIN_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "actors/directory.h"
#include "actors/marks.h"
#include "crypto/random.h"
#include "sim/consensus/engine.h"
#include "sim/contract/chain.h"
#include "sim/ledger/mempool.h"
#include "sim/network/node.h"

struct ehr_chain_node_config {
    const struct ehr_directory *directory; /* borrowed, as all pointers here */
    const struct ehr_committee *committee;
    uint32_t replica;
    struct ehr_chain *chain; /* shared by the committee */
    const struct ehr_engine_type *engine;
    struct ehr_engine_config engine_config; /* `self` and `replicas` are set from the above */
    struct ehr_effects *effects;            /* scratch shared by the committee */
    struct ehr_secrets secrets;
    struct ehr_rng *rng;
    uint64_t query_expiry_max; /* heights a query's expiry may lie ahead */
    bool macs; /* beside signatures: what the engine never passes on carries tags instead */
    bool bare; /* no block certificates: a consensus alone, with no outsiders to prove to */
};

struct ehr_node *ehr_chain_node_new(const char *name, const struct ehr_chain_node_config *config);
void ehr_chain_node_free(struct ehr_node *node);

/* Before it starts: it executes on a chain of its own, not on the one of its committee. Borrowed.
 */
void ehr_chain_node_chain_set(struct ehr_node *node, struct ehr_chain *chain);

/* What the liveness check asks. A request that waits here only because this replica is behind, as
 * the chain has executed it above its height, is not pending. */
struct ehr_chain_node_state {
    uint32_t waiting;
    uint32_t pending;
    uint64_t oldest_since_ns; /* when the oldest pending request came */
    uint64_t height;          /* executed */
    uint64_t behind; /* a height that others have reached and that it tries to reach; 0: none */
    uint64_t view;
    const char *engine; /* its name */
};
struct ehr_chain_node_state ehr_chain_node_state(const struct ehr_node *node);

#endif /* EHR_ACTORS_CHAIN_NODE_H */
