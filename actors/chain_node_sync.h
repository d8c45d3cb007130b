/* Block synchronisation of a chain node, for the files chain_node_sync*.c: what it lacks it asks of
 * one peer at a time; a page that comes is taken when it is proven (chain_node_sync_page.c). */
#ifndef EHR_ACTORS_CHAIN_NODE_SYNC_H
#define EHR_ACTORS_CHAIN_NODE_SYNC_H

#include "actors/chain_node_internal.h"

enum {
    /* The `phase` under which answers are signed: no engine's. */
    SYNC_PHASE = 255,
    SYNC_PAGE_BYTES = 256 * 1024, /* of blocks, and of certificates, in one answer */
    SYNC_PAGE_BLOCKS = 512,
};

/* What is known of a peer. */
struct sync_peer {
    uint64_t executed;         /* the highest height it said it had executed */
    uint64_t voted;            /* the highest that it voted to commit */
    uint64_t shunned_until_ns; /* it answered wrongly, and is not asked before */
    uint64_t told_round;       /* in this round it had nothing that this node lacks, */
    uint64_t told_height;      /* which was here then */
    bool agrees, differs;      /* named the same hash, another one, for the page that waits */
};

struct chain_sync {
    bool active;
    uint64_t round;                   /* of asking around; serial */
    uint64_t number;                  /* of the question that is open; serial */
    uint64_t asked_height;            /* blocks above it were asked for */
    uint64_t timer;                   /* generation */
    uint32_t peer;                    /* who was asked */
    uint32_t fruitless;               /* attempts since there was progress */
    struct ehr_msg_sync_blocks *page; /* waits for others to name its last hash; or NULL */
    bool fetching;                    /* the engine waits for this height and state: */
    uint64_t fetch_height, fetch_view;
    struct ehr_digest fetch_state;
    bool lack_watched; /* the timer runs; when it began: */
    uint64_t lack_timer, lack_height, lack_certified;
    struct sync_peer peers[];
};

/* Peers whose word is enough together: one of them is correct. */
uint32_t sync_quorum(const struct chain_node *self);

/* ---- chain_node_sync_page.c ---- */

/* The block at `index` of a page is of this height. */
uint64_t sync_page_height(const struct ehr_msg_sync_blocks *page, uint32_t index);
/* Whether the page is what was asked for, and continues this node's chain, block on block. */
bool sync_page_linked(const struct chain_node *self, struct ehr_fx *fx,
                      const struct ehr_msg_sync_blocks *page);
/* The highest height up to which the page proves itself, by a block certificate or by the state
 * that the engine asked for; 0: none. False: it is wrong. */
bool sync_page_proven(struct chain_node *self, struct ehr_fx *fx,
                      const struct ehr_msg_sync_blocks *page, uint64_t *height);
/* Checks and executes the blocks of the page up to `height`. False: a body is wrong. */
bool sync_page_execute(struct chain_node *self, struct ehr_fx *fx,
                       const struct ehr_msg_sync_blocks *page, uint64_t height);
/* Takes the certificates of blocks that are executed here. False: one is wrong. */
bool sync_page_certificates_take(struct chain_node *self, struct ehr_fx *fx,
                                 const struct ehr_msg_sync_blocks *page);

/* ---- chain_node_sync_serve.c ---- */

/* What an answer says, as it is signed. */
struct ehr_engine_message sync_statement(uint32_t sender, uint64_t number, uint64_t height,
                                         const uint8_t hash[32]);
void sync_answer_blocks(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void sync_answer_hash(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);

#endif /* EHR_ACTORS_CHAIN_NODE_SYNC_H */
