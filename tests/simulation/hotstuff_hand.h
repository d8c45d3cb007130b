/* One HotStuff replica whose peers are the test's hands: the others are down, and the test sends
 * nodes, votes and timeouts in their names, with certificates as good or bad as it likes. n is 4
 * unless the options say otherwise; signatures are on. */
#ifndef EHR_TESTS_SIMULATION_HOTSTUFF_HAND_H
#define EHR_TESTS_SIMULATION_HOTSTUFF_HAND_H

#include "tests/simulation/engine_puppet.h"
#include "tests/simulation/hotstuff_bytes.h"

struct ehr_hand_node {
    struct ehr_bytes_node node;
    struct ehr_digest id;
};

struct ehr_hand {
    struct ehr_cluster *cluster;
    uint16_t replicas, self;
    uint32_t made; /* blocks made up */
    struct ehr_hand_node genesis;
    /* Since the replica woke. */
    uint32_t sent[EHR_ENGINE_MESSAGE_TYPES], persisted[EHR_ENGINE_MESSAGE_TYPES];
    uint32_t committed, fetched, entered;
    struct ehr_digest block;      /* last committed */
    struct ehr_digest voted;      /* id in the last VOTE sent, */
    uint64_t voted_view;          /* its view, */
    uint16_t voted_to;            /* and its receiver */
    bool vote_was_persisted;      /* before it was sent, in the same step */
    uint64_t left, left_high;     /* of the last TIMEOUT */
    uint64_t proposed, justified; /* views of the last node proposed and of its certificate */
    bool proposed_empty;
    bool justify_valid;       /* its certificate holds three good signatures */
    struct ehr_hand_node own; /* that node */
};

/* A quorum of three of four, as bits. */
enum { EHR_HAND_QUORUM = 0x7, EHR_HAND_OTHER_QUORUM = 0xb };

void ehr_hand_open(struct ehr_hand *hand, uint16_t self, bool two_chain, bool fixed_leader);
void ehr_hand_close(struct ehr_hand *hand);
/* A node on `parent`; with a block of its own unless `empty`. Every replica holds the block. */
struct ehr_hand_node ehr_hand_child(struct ehr_hand *hand, const struct ehr_hand_node *parent,
                                    uint64_t view, bool empty);
/* What shows that a quorum has left a view; key UINT64_MAX: nothing. */
struct ehr_hand_departure {
    uint64_t key, high; /* the highest view that one of them names */
    uint32_t signers;
};
/* The leader of the node's view proposes it with a certificate of `justify` by `signers`. */
void ehr_hand_propose(struct ehr_hand *hand, const struct ehr_hand_node *node,
                      const struct ehr_hand_node *justify, uint32_t signers,
                      const struct ehr_hand_departure *departure);
/* The same in the name of `from`. */
void ehr_hand_propose_from(struct ehr_hand *hand, uint16_t from, const struct ehr_hand_node *node,
                           const struct ehr_hand_node *justify, uint32_t signers,
                           const struct ehr_hand_departure *departure);
/* A chain of good proposals on `from`, views first .. last, blocks in all; returns the last. */
struct ehr_hand_node ehr_hand_chain(struct ehr_hand *hand, const struct ehr_hand_node *from,
                                    uint64_t first, uint64_t last);
void ehr_hand_vote(struct ehr_hand *hand, uint16_t from, const struct ehr_hand_node *node);
void ehr_hand_timeout(struct ehr_hand *hand, uint16_t from, uint64_t key,
                      const struct ehr_hand_node *high, uint32_t signers);
void ehr_hand_wait(struct ehr_hand *hand, uint64_t ms);

#endif /* EHR_TESTS_SIMULATION_HOTSTUFF_HAND_H */
