/* The state of an adversary, for the files that make it up (list in adversary.h). */
#ifndef EHR_ACTORS_ADVERSARY_INTERNAL_H
#define EHR_ACTORS_ADVERSARY_INTERNAL_H

#include "actors/adversary.h"
#include "actors/chain_node_internal.h"
#include "sim/network/tap.h"

enum {
    ADVERSARY_FACES = 2,
    ADVERSARY_MEMORY = 32, /* messages of its own that it can repeat */
    /* numbers of the puppets' timers are doubled; the adversary's own stands above all of them */
    ADVERSARY_TIMER_HELD = INT32_MAX,
};

struct adversary;

/* One of its puppets, and the tap between it and the world. */
struct adversary_face {
    struct adversary *self;
    uint32_t number;         /* 0: the puppet; 1: its twin */
    struct ehr_node *puppet; /* NULL: none */
    struct ehr_chain *chain;
    struct ehr_fx_tap tap;
};

/* A message that leaves later. */
struct adversary_held {
    uint64_t serial; /* of its timer */
    struct ehr_address to;
    struct ehr_message *message;
};

/* A message that has left. */
struct adversary_said {
    uint32_t to; /* replica, or EHR_ENGINE_TO_ALL */
    struct ehr_message *message;
};

struct adversary {
    struct ehr_node node; /* first */
    struct ehr_adversary_config config;
    struct ehr_adversary_act *acts;
    const struct ehr_adversary_act *act; /* during a handler; NULL: none fits the time */
    struct adversary_face faces[ADVERSARY_FACES];
    struct adversary_held *held;
    uint32_t held_count, held_capacity;
    uint64_t held_serial;
    struct adversary_said said[ADVERSARY_MEMORY]; /* ring: the oldest at said_count % .. */
    uint64_t said_count;
    struct ehr_message *departure; /* the first view change or timeout it sent */
    uint64_t turn;                 /* which of several lies comes next */
};

static inline struct adversary *adversary_of(struct ehr_node *node)
{
    return (struct adversary *)(void *)node;
}

static inline bool adversary_does(const struct adversary *self, enum ehr_behaviour behaviour)
{
    return self->act != NULL && self->act->behaviour == behaviour;
}

/* ---- adversary_forge.c ---- */
/* What a consensus message becomes; what is NULL stays as it is in `like`. */
struct forgery {
    const struct ehr_msg_consensus *like;
    uint64_t view;
    const uint8_t *digest;   /* not where there is a body: the body's hash is */
    struct ehr_blob *body;   /* borrowed */
    struct ehr_block *block; /* carried in the place of all that was; borrowed */
};
/* Makes it, signed or tagged by the seat's own keys for `to`. */
struct ehr_message *adversary_forge(struct adversary *self, struct ehr_fx *fx,
                                    const struct forgery *forgery, uint32_t to);
/* The same vote for something that nobody proposed. */
struct ehr_message *adversary_forge_vote(struct adversary *self, struct ehr_fx *fx,
                                         const struct ehr_msg_consensus *like, uint32_t to);
/* A lie of the kind CORRUPT_DIGEST tells in the place of this message; `turn` chooses. */
struct ehr_message *adversary_corrupt(struct adversary *self, struct ehr_fx *fx,
                                      const struct ehr_msg_consensus *like, uint64_t turn,
                                      uint32_t to);

/* ---- adversary_lies.c ---- */
/* What CORRUPT_DIGEST says in the place of a message that is not the engine's: a reply, a share of
 * a block certificate, an answer to who lacks blocks; others are as they are. `turn` chooses. */
struct ehr_message *adversary_lie(struct adversary *self, struct ehr_fx *fx,
                                  struct ehr_message *take_message, uint64_t turn, uint32_t to);

/* ---- adversary_mouth.c ---- */
/* What the puppet says to one address, or (`group`) to its committee; takes the reference over. */
void adversary_say(struct adversary *self, struct ehr_fx *fx, bool group, struct ehr_address to,
                   struct ehr_message *take_message);
/* The timer of a message that was held back. */
void adversary_held_release(struct adversary *self, struct ehr_fx *fx, uint64_t serial);
/* Forgets what it holds, and what it said. */
void adversary_mouth_close(struct adversary *self);

#endif /* EHR_ACTORS_ADVERSARY_INTERNAL_H */
