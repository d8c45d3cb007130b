/* A Byzantine chain node: owns the keys of a seat of a committee, hosts an ordinary chain node as
 * its puppet (which knows what a correct replica would know and say), and decides what leaves.
 *
 * The puppet is the role of chain_node.h, unchanged; honest engines know nothing of this. What the
 * puppet asks of the world comes here first (sim/network/tap.h). An adversary can say whatever its
 * own keys can sign, to whom and when it likes; it cannot forge what others sign, and it computes
 * at the price everybody pays. Nobody believes what it reports of its chain: its puppet commits to
 * a copy of the chain of its own, never to the one that the correct replicas share.
 *
 * adversary.c          life, dispatch, the two faces of one that equivocates
 * adversary_forge.c    messages that its keys make true
 * adversary_lies.c     replies, certificate shares and answers that are not what is
 * adversary_mouth.c    what leaves in the place of what the puppet says, for each behaviour
 *
 * What each behaviour sends, message by message, and what honest nodes do: docs/adversaries.md.
 * Equivocation is that of Twins (Bano et al., OPODIS 2021): two puppets with one key, each of which
 * talks to one half of the committee. */
#ifndef EHR_ACTORS_ADVERSARY_H
#define EHR_ACTORS_ADVERSARY_H

#include "actors/chain_node.h"

enum ehr_behaviour {
    EHR_BEHAVIOUR_SILENT = 1,        /* says nothing to anybody, and listens */
    EHR_BEHAVIOUR_EQUIVOCATE,        /* one thing to one half, another to the other */
    EHR_BEHAVIOUR_CONFLICTING_VOTES, /* votes for another digest to every second replica */
    EHR_BEHAVIOUR_DELAYED_VOTES,     /* every vote `delay_ns` late */
    EHR_BEHAVIOUR_CORRUPT_DIGEST,    /* votes, bodies, proposals, replies that are not what is */
    EHR_BEHAVIOUR_STALE_VIEW,        /* speaks in the view before, and repeats itself */
    EHR_BEHAVIOUR_SELECTIVE,         /* acts as if `victim` did not exist */
    EHR_BEHAVIOURS,
};

/* What it does from `from_ns` on and before `until_ns`; outside of its acts the puppet speaks. */
struct ehr_adversary_act {
    enum ehr_behaviour behaviour;
    uint64_t from_ns, until_ns;
    uint64_t delay_ns; /* DELAYED_VOTES */
    uint32_t victim;   /* SELECTIVE: a node of the kernel */
};

/* Where a replica stands when its committee is split in two. */
enum ehr_adversary_side {
    EHR_SIDE_FIRST = 0, /* at least as many as on the second */
    EHR_SIDE_SECOND = 1,
    EHR_SIDE_BOTH = 2, /* an accomplice: the adversaries of a committee that equivocate */
};

struct ehr_adversary_config {
    struct ehr_chain_node_config puppet;  /* its chain is the committee's, and not used */
    const struct ehr_adversary_act *acts; /* copied; the first that fits the time is the one */
    uint32_t act_count;
    const uint8_t *sides; /* enum ehr_adversary_side by replica; borrowed */
    /* A chain of the same rules with nothing on it, for one puppet; the adversary owns it. */
    struct ehr_chain *(*chain_new)(void *context, uint32_t chain);
    void *context;
};

struct ehr_node *ehr_adversary_new(const char *name, const struct ehr_adversary_config *config);
void ehr_adversary_free(struct ehr_node *node);

/* "equivocate", as in scenarios; NULL for what is no behaviour. */
const char *ehr_behaviour_name(enum ehr_behaviour behaviour);

/* Puts every replica of a committee of `count` on a side: `accomplice[i]` tells those on both. */
void ehr_adversary_sides(uint8_t *sides, const bool *accomplice, uint32_t count);

#endif /* EHR_ACTORS_ADVERSARY_H */
