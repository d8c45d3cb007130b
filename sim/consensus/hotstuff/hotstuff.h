/* State of a HotStuff replica, private to this folder.
 *
 * Yin, Malkhi, Reiter, Golan Gueta and Abraham, "HotStuff: BFT Consensus with Linearity and
 * Responsiveness", PODC'19, chained; with two chains as in Jolteon (Gelashvili et al., FC'22) and
 * DiemBFT v4. What differs and why it is safe stands in docs/consensus.md. Words: a *node* is one
 * vertex of the tree, proposed in one view; it adds a block (one height) or is *empty* (it stands
 * at the height and block of its parent). A node is *certified* when a certificate for it exists.
 * The *root* is the committed node of the highest view, *high* the highest certificate whose whole
 * branch is here, *ahead* a higher one whose branch is not. */
#ifndef EHR_CONSENSUS_HOTSTUFF_HOTSTUFF_H
#define EHR_CONSENSUS_HOTSTUFF_HOTSTUFF_H

#include "sim/consensus/batch.h"
#include "sim/consensus/effects.h"
#include "sim/consensus/engine.h"

#include <assert.h>
#include <string.h>

enum {
    EHR_HOTSTUFF_SIGNATURE_BYTES = 64,
    EHR_HOTSTUFF_NODE_BYTES = 8 + 8 + 1 + 32 + 8 + 32,
    EHR_HOTSTUFF_TALLIES = 4, /* views whose votes are counted at a time */
    EHR_HOTSTUFF_EPOCH = 32,  /* fixed leader: bits of a view that count within one leader's time */
};

struct ehr_hotstuff_node {
    struct ehr_digest id; /* digest of the rest as encoded; this is what votes sign */
    uint64_t view;        /* 0: the genesis node */
    uint64_t height;
    bool empty;
    struct ehr_digest block;
    uint64_t parent_view;
    struct ehr_digest parent;
};

/* A quorum's votes for a node. `bytes` is its encoding (codec.c), certificate_bytes long. */
struct ehr_hotstuff_certificate {
    bool present;
    struct ehr_hotstuff_node node;
    uint8_t *bytes;
};

/* A vote for another digest than the one its tally counts. */
struct ehr_hotstuff_stray {
    uint16_t replica;
    struct ehr_digest digest;
    uint8_t signature[EHR_HOTSTUFF_SIGNATURE_BYTES];
};

/* The votes of one view or the checkpoints of one height: one per replica. Counts the digest it saw
 * first, or a later one that has a quorum; votes for others are kept aside in lent memory. */
struct ehr_hotstuff_tally {
    uint64_t at; /* view or height; 0: unused */
    bool done;
    struct ehr_digest digest;
    uint32_t count, stray_count;
    uint64_t *seen, *voted;            /* bitmaps */
    uint16_t *order;                   /* by replica: place in `signatures`; NULL for checkpoints */
    uint8_t *signatures;               /* quorum of them; NULL without signatures */
    struct ehr_hotstuff_stray *strays; /* NULL, or room for n */
};

/* The last timeout of a replica. */
struct ehr_hotstuff_timeout {
    bool present;
    uint64_t key;  /* what it left: a view, or the time of a fixed leader */
    uint64_t high; /* view of its highest certificate */
    struct ehr_digest digest;
    uint8_t signature[EHR_HOTSTUFF_SIGNATURE_BYTES];
};

struct ehr_hotstuff_latest {
    uint64_t height; /* 0: none */
    struct ehr_digest state;
};

/* Chains of the nodes whose key falls into the same bucket; places plus one, 0 ends a chain. */
struct ehr_hotstuff_index {
    uint32_t *heads; /* mask + 1 */
    uint32_t *next;  /* by place */
};

struct ehr_engine {
    struct ehr_engine_config config;
    struct ehr_engine_memory memory;
    uint32_t faults, quorum, words;
    uint32_t certificate_bytes, departure_bytes; /* of the two kinds of certificate, encoded */
    uint32_t capacity;                           /* nodes */
    uint64_t mask;                               /* buckets of an index, less one */
    bool started;

    uint64_t view;
    uint64_t barrier; /* it votes in no view below: it has left them */
    uint32_t changes; /* timeouts since the last commit */
    uint64_t voted_view;
    struct ehr_hotstuff_node voted;
    uint64_t locked_view;
    struct ehr_digest locked;
    struct ehr_hotstuff_certificate high, ahead;
    struct ehr_hotstuff_certificate named; /* the highest of all: what departures name */
    bool departure_present;                /* the certificate by which it left `departure_key` */
    uint64_t departure_key;
    uint8_t *departure;
    struct ehr_hotstuff_node genesis;

    struct ehr_hotstuff_node root;
    bool root_loose; /* after a restart or a state transfer: only height and block are known */
    uint64_t committed, executed;
    uint64_t told; /* committed as of the last proposal: what the others know, too */
    uint64_t tip;  /* height of the last proposal accepted, or of `high` */
    uint64_t stable, own_height;
    struct ehr_digest own_state;
    uint64_t fetched;
    struct ehr_hotstuff_latest certified; /* the highest checkpoint f+1 vouch for */

    struct ehr_batch batch;
    uint32_t waiting;
    uint64_t oldest;
    bool timer_armed, timer_restart;
    uint32_t timer_generation;
    bool need_armed;
    uint32_t need_generation;
    uint64_t patience; /* view whose timer has been spent on catching up */

    uint64_t held_view; /* a proposal that waits for its branch; 0: none */
    uint32_t held_length;
    uint8_t *held;
    bool needing; /* asked for a node */
    struct ehr_digest needed;
    uint64_t needed_until_ns;
    uint16_t peer; /* who was asked last */

    uint32_t node_count;
    struct ehr_hotstuff_node *nodes; /* known: proposed by a leader, or proven by a certificate */
    struct ehr_hotstuff_index by_id, by_view;
    uint32_t *by_age;                      /* heap of places, the lowest view on top */
    const struct ehr_hotstuff_node **path; /* scratch */
    struct ehr_hotstuff_tally tallies[EHR_HOTSTUFF_TALLIES];
    struct ehr_hotstuff_timeout *timeouts; /* by replica */
    uint64_t left_end;                     /* one above the highest key in them; 0: none */
    uint64_t checkpoint_base;              /* checkpoints above it are tallied */
    struct ehr_hotstuff_tally checkpoints[EHR_HOTSTUFF_TALLIES]; /* by height / interval */
    struct ehr_hotstuff_latest *latest;                          /* by replica */

    /* Bodies and records of the step, until the next. */
    uint8_t *proposal, *timeout, *chain, *safety, *scratch;
    uint8_t *records;
    uint32_t record_next;
    struct ehr_digest *carried, *released;

    /* Valid during a step only. */
    uint64_t now_ns;
    const struct ehr_engine_auth *auth;
    struct ehr_effects *out;
};

/* effects.c */
enum { EHR_HOTSTUFF_RECORDS = 8 }; /* votes one step can give (a cluster of one); few else */
/* NULL if n is 1. */
void ehr_hotstuff_emit_vote_record(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                                   const uint8_t *justify);
/* Everything it must not forget but the branch itself (safety.c). */
void ehr_hotstuff_emit_safety(struct ehr_engine *e);
void ehr_hotstuff_emit_propose(struct ehr_engine *e, const struct ehr_hotstuff_node *parent);
void ehr_hotstuff_emit_commit(struct ehr_engine *e, const struct ehr_hotstuff_node *node);
/* Only what stands on the branch of `high` above the root is proposed from now on. */
void ehr_hotstuff_emit_new_view(struct ehr_engine *e, bool timed_out);

/* views.c: arithmetic of views. With a rotating leader every view is left by itself; a fixed leader
 * has 2^32 views in a row, left together. */
uint16_t ehr_hotstuff_leader(const struct ehr_engine *e, uint64_t view);
bool ehr_hotstuff_leads(const struct ehr_engine *e);
uint64_t ehr_hotstuff_key(const struct ehr_engine *e, uint64_t view);
uint64_t ehr_hotstuff_after(const struct ehr_engine *e, uint64_t key);
bool ehr_hotstuff_left(const struct ehr_engine *e);
bool ehr_hotstuff_same(const struct ehr_digest *a, const struct ehr_digest *b);

/* codec.c */
void ehr_hotstuff_put(uint8_t *at, uint64_t value, size_t length);
uint64_t ehr_hotstuff_get(const uint8_t *at, size_t length);
bool ehr_hotstuff_bit(const uint8_t *bitmap, uint32_t index);
void ehr_hotstuff_node_encode(const struct ehr_hotstuff_node *node, uint8_t *at);
/* Computes the id as well. False: not canonical. */
bool ehr_hotstuff_node_decode(struct ehr_engine *e, const uint8_t *at,
                              struct ehr_hotstuff_node *node);
void ehr_hotstuff_node_seal(struct ehr_engine *e, struct ehr_hotstuff_node *node);
size_t ehr_hotstuff_bitmap_bytes(const struct ehr_engine *e);
size_t ehr_hotstuff_entry_bytes(const struct ehr_engine *e);

/* certificate.c */
/* Decodes and checks a certificate; one for a node that `high` or `ahead` certifies, or that is
 * older than `high`, is not checked twice. */
bool ehr_hotstuff_certificate_read(struct ehr_engine *e, const uint8_t *bytes,
                                   struct ehr_hotstuff_certificate *certificate);
void ehr_hotstuff_certificate_copy(struct ehr_engine *e, struct ehr_hotstuff_certificate *to,
                                   const struct ehr_hotstuff_certificate *from);
void ehr_hotstuff_certificate_build(struct ehr_engine *e, const struct ehr_hotstuff_tally *tally,
                                    const struct ehr_hotstuff_node *node, uint8_t *bytes);
/* Checks a certificate that a quorum has left `key`; `high` becomes the highest view it names. */
bool ehr_hotstuff_departure_read(struct ehr_engine *e, const uint8_t *bytes, uint64_t *key,
                                 uint64_t *high);
void ehr_hotstuff_departure_build(struct ehr_engine *e, uint64_t key, uint8_t *bytes);
uint64_t ehr_hotstuff_departure_high(const struct ehr_engine *e, const uint8_t *bytes);

/* tally.c */
void ehr_hotstuff_tally_reset(struct ehr_engine *e, struct ehr_hotstuff_tally *tally, uint64_t at);
bool ehr_hotstuff_tally_has(const struct ehr_hotstuff_tally *tally, uint16_t replica);
/* Counts a vote unless the replica has voted; true if its digest has `needed` (<= quorum) now. */
bool ehr_hotstuff_tally_add(struct ehr_engine *e, struct ehr_hotstuff_tally *tally,
                            uint16_t replica, const struct ehr_digest *digest,
                            const uint8_t *signature, uint32_t needed);

/* tree.c */
/* Whether it holds a node of the view. */
bool ehr_hotstuff_view_known(const struct ehr_engine *e, uint64_t view);
const struct ehr_hotstuff_node *ehr_hotstuff_find(const struct ehr_engine *e,
                                                  const struct ehr_digest *id);
/* Remembers a node; NULL if there is no room. The pointer is good until the next call. */
const struct ehr_hotstuff_node *ehr_hotstuff_add(struct ehr_engine *e,
                                                 const struct ehr_hotstuff_node *node);
bool ehr_hotstuff_is_root(const struct ehr_engine *e, const struct ehr_hotstuff_node *node);
/* Whether the whole branch from the root to `node` is here, bodies too. If not, `missing` is the
 * node to ask for, or `hopeless` is set: the branch does not extend the root. */
bool ehr_hotstuff_connected(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                            struct ehr_digest *missing, bool *hopeless);
bool ehr_hotstuff_extends(const struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                          uint64_t view, const struct ehr_digest *ancestor);
bool ehr_hotstuff_body_held(struct ehr_engine *e, const struct ehr_hotstuff_node *node);
/* Writes the nodes above the root that add blocks, up to `node`, from the top into e->path. */
uint32_t ehr_hotstuff_branch(struct ehr_engine *e, const struct ehr_hotstuff_node *node);

/* chain.c: what a certificate means. */
/* Takes a certificate that was checked: lock, commit, view. False if its branch is not here; then
 * `from` is asked for it. */
bool ehr_hotstuff_learn(struct ehr_engine *e, const struct ehr_hotstuff_certificate *certificate,
                        uint16_t from);
/* Tries again what waited for a branch. */
void ehr_hotstuff_retry(struct ehr_engine *e);

/* propose.c */
void ehr_hotstuff_try_propose(struct ehr_engine *e);
void ehr_hotstuff_on_proposal(struct ehr_engine *e, uint64_t view, uint64_t height,
                              const struct ehr_digest *block, bool empty);

/* accept.c: a proposal of another replica. */
void ehr_hotstuff_on_message(struct ehr_engine *e, const struct ehr_engine_message *message);
void ehr_hotstuff_held_retry(struct ehr_engine *e);

/* vote.c */
/* `bound`: the highest view the departure certificate of the proposal names; 0 without one. */
bool ehr_hotstuff_may_vote(const struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                           uint64_t bound);
void ehr_hotstuff_vote_persist(struct ehr_engine *e, const struct ehr_hotstuff_node *node,
                               const uint8_t *justify);
void ehr_hotstuff_vote_send(struct ehr_engine *e);
/* Says the vote of this view again, to everybody. */
void ehr_hotstuff_vote_repeat(struct ehr_engine *e);
void ehr_hotstuff_on_vote(struct ehr_engine *e, const struct ehr_engine_message *message);
struct ehr_hotstuff_tally *ehr_hotstuff_tally_of(struct ehr_engine *e, uint64_t view);
void ehr_hotstuff_tallies_retry(struct ehr_engine *e);

/* pacemaker.c */
void ehr_hotstuff_enter(struct ehr_engine *e, uint64_t view, bool by_departure);
void ehr_hotstuff_leave(struct ehr_engine *e, uint64_t key);
void ehr_hotstuff_timeout_send(struct ehr_engine *e);
void ehr_hotstuff_on_timeout(struct ehr_engine *e, const struct ehr_engine_message *message);
/* Takes a departure certificate that was checked. */
void ehr_hotstuff_departure_take(struct ehr_engine *e, uint64_t key, const uint8_t *bytes);
void ehr_hotstuff_departure_try(struct ehr_engine *e);
/* Whether a quorum has left this view, some of them for later ones. */
bool ehr_hotstuff_outrun(const struct ehr_engine *e);

/* timers.c */
void ehr_hotstuff_timers_update(struct ehr_engine *e);
/* A commit ends the back-off. */
void ehr_hotstuff_progress(struct ehr_engine *e);
void ehr_hotstuff_on_timer(struct ehr_engine *e, uint16_t id, uint32_t generation);
void ehr_hotstuff_on_pending(struct ehr_engine *e, uint32_t unproposed, uint32_t waiting,
                             uint64_t oldest);

/* sync.c */
void ehr_hotstuff_need(struct ehr_engine *e, const struct ehr_digest *id, uint16_t from);
void ehr_hotstuff_need_again(struct ehr_engine *e);
void ehr_hotstuff_on_need(struct ehr_engine *e, const struct ehr_engine_message *message);
/* Shows a replica that is late where this one is; `from` may be NULL: no nodes. */
void ehr_hotstuff_show(struct ehr_engine *e, uint16_t to, const struct ehr_hotstuff_node *from,
                       uint64_t height);
void ehr_hotstuff_on_chain(struct ehr_engine *e, const struct ehr_engine_message *message);

/* checkpoint.c */
void ehr_hotstuff_on_executed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                              const struct ehr_digest *block);
void ehr_hotstuff_on_installed(struct ehr_engine *e, uint64_t height,
                               const struct ehr_digest *state, const struct ehr_digest *block);
void ehr_hotstuff_on_checkpoint(struct ehr_engine *e, const struct ehr_engine_message *message);
void ehr_hotstuff_checkpoint_own(struct ehr_engine *e, uint64_t height,
                                 const struct ehr_digest *state);
void ehr_hotstuff_checkpoint_repeat(struct ehr_engine *e, uint16_t to);
bool ehr_hotstuff_checkpoint_tallied(const struct ehr_engine *e, uint64_t height);
struct ehr_hotstuff_tally *ehr_hotstuff_checkpoint_slot(struct ehr_engine *e, uint64_t height);
/* Asks for the highest certified state unless it did so before; returns whether it asked. */
bool ehr_hotstuff_fetch(struct ehr_engine *e);

/* restart.c, wants.c, snapshot.c */
void ehr_hotstuff_on_start(struct ehr_engine *e, const struct ehr_event *event);
size_t ehr_hotstuff_safety_bytes(const struct ehr_engine *e);
void ehr_hotstuff_safety_encode(const struct ehr_engine *e, uint8_t *at);
enum ehr_want ehr_hotstuff_wants(const struct ehr_engine *e,
                                 const struct ehr_engine_message *message);
size_t ehr_hotstuff_snapshot(const struct ehr_engine *e, uint8_t *out, size_t capacity);

#endif /* EHR_CONSENSUS_HOTSTUFF_HOTSTUFF_H */
