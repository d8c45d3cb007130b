/* State of a PBFT replica, private to this folder.
 *
 * Castro and Liskov, "Practical Byzantine Fault Tolerance", OSDI'99, and the journal version, TOCS
 * 2002, on a chain of blocks; what differs and why it is safe stands in docs/consensus.md. Words: a
 * block is *accepted* (its pre-prepare was), then *prepared*, then *committed*, in this order and
 * in order of height. *Stable* is the height of the last checkpoint known to be certified; it is
 * the low water mark. */
#ifndef EHR_CONSENSUS_PBFT_PBFT_H
#define EHR_CONSENSUS_PBFT_PBFT_H

#include "sim/consensus/batch.h"
#include "sim/consensus/effects.h"
#include "sim/consensus/engine.h"

#include <assert.h>
#include <string.h>

enum {
    EHR_PBFT_SIGNATURE_BYTES = 64,
    EHR_PBFT_SIGNER_BYTES = 2 + EHR_PBFT_SIGNATURE_BYTES, /* replica u16, signature */
    /* A proof as it is persisted opens with a flag byte: 1 if the primary's signature in it is on a
     * pre-prepare. */
    EHR_PBFT_FLAG_BYTES = 1,
};

/* A vote for another digest than the one its tally counts. */
struct ehr_pbft_stray {
    uint16_t replica;
    struct ehr_digest digest;
    uint8_t signature[EHR_PBFT_SIGNATURE_BYTES];
};

/* The votes of one kind for one height: one per replica. Counts one digest, the first it saw or the
 * one that was settled; votes for others are kept aside until then. */
struct ehr_pbft_tally {
    struct ehr_digest digest;
    uint32_t count;       /* votes for `digest` */
    uint32_t proof_count; /* signers in `proof` */
    uint32_t stray_count;
    bool used;       /* `digest` is set */
    bool settled;    /* `digest` will not change */
    uint64_t *seen;  /* bitmap: has voted for anything */
    uint64_t *voted; /* bitmap: has voted for `digest` */
    uint8_t *proof;  /* NULL, or a flag byte and room for q signers, in order of arrival */
    struct ehr_pbft_stray *strays; /* NULL, or room for n */
};

enum ehr_pbft_phase {
    EHR_PBFT_EMPTY = 1, /* votes may have come, the pre-prepare has not */
    EHR_PBFT_HELD,      /* the pre-prepare waits for its predecessor or for the window */
    EHR_PBFT_ACCEPTED,
    EHR_PBFT_PREPARED,
    EHR_PBFT_COMMITTED,
};

struct ehr_pbft_slot {
    uint64_t height; /* 0: unused */
    enum ehr_pbft_phase phase;
    bool fresh; /* proposed in this view by a pre-prepare, not carried over by its new-view */
    struct ehr_digest block;
    struct ehr_digest parent;
    uint8_t signature[EHR_PBFT_SIGNATURE_BYTES]; /* of the pre-prepare */
    struct ehr_pbft_tally prepares;
    struct ehr_pbft_tally commits;
};

/* The slots of one view: heights (stable, stable + span], and that of `stable` itself. */
struct ehr_pbft_ring {
    uint64_t view;
    struct ehr_pbft_slot *slots; /* index: height & mask */
};

/* A certificate that a block was prepared, as view changes report it. */
struct ehr_pbft_prepared {
    uint64_t height; /* 0: unused */
    uint64_t view;
    struct ehr_digest block;
    bool fresh;           /* as in the slot: the primary's signature is on a pre-prepare */
    uint32_t proof_count; /* signers; never this replica itself, whose view change speaks for it */
    uint8_t *proof;       /* signers, ascending, no flag byte; lent by `memory` */
};

/* The last vote for a height, which a replica must not contradict, restarts or not. */
struct ehr_pbft_promise {
    uint64_t height; /* 0: unused */
    uint64_t view;
    struct ehr_digest block;
    bool proposed; /* before a restart, by a pre-prepare of its own */
};

struct ehr_pbft_checkpoint {
    uint64_t height; /* 0: unused */
    struct ehr_pbft_tally votes;
};

/* The last checkpoint each replica spoke of, however far ahead. */
struct ehr_pbft_latest {
    uint64_t height;
    struct ehr_digest state;
    uint8_t signature[EHR_PBFT_SIGNATURE_BYTES];
    bool answered; /* its status, last at answered_ns */
    uint64_t answered_ns;
};

/* A certified state. */
struct ehr_pbft_certificate {
    uint64_t height;
    struct ehr_digest state;
    uint32_t proof_count;
    uint8_t *proof; /* NULL, or a flag byte and room for q signers */
};

/* The last view change of a replica; the body is lent by `memory`. */
struct ehr_pbft_departure {
    uint64_t view; /* 0: none */
    uint32_t length;
    uint8_t *body; /* NULL when it came too late to matter */
    uint8_t signature[EHR_PBFT_SIGNATURE_BYTES];
};

struct ehr_pbft_executed {
    uint64_t height; /* 0: unknown */
    struct ehr_digest block;
};

struct ehr_engine {
    struct ehr_engine_config config;
    struct ehr_engine_memory memory;
    uint32_t faults, quorum, words;
    uint64_t span, mask; /* of the rings: span heights above stable; mask = slots - 1 */

    uint64_t view;
    bool active; /* false: between view changes, `view` is the one it wants */
    bool started;
    uint32_t changes; /* view changes since the last commit */

    uint64_t genesis; /* height this replica's first life began at */
    struct ehr_digest genesis_block;
    uint64_t stable;
    struct ehr_digest stable_block;
    bool stable_block_known;
    struct ehr_pbft_certificate stable_certificate;
    struct ehr_pbft_certificate certified; /* the highest, of f+1 at least */
    struct ehr_pbft_certificate asked;     /* the last asked for by FETCH */
    uint64_t own_height;                   /* the last checkpoint this replica spoke of; 0: none */
    struct ehr_digest own_state;

    uint64_t top; /* highest accepted in this view without gaps */
    struct ehr_digest top_block;
    bool top_known;
    uint64_t carried_top;  /* highest height carried over by the new-view of this view */
    uint64_t prepared_top; /* highest prepared in this view without gaps */
    uint64_t committed;    /* highest COMMIT given */
    uint64_t executed;

    struct ehr_batch batch;
    uint32_t waiting;
    uint64_t oldest;
    bool request_armed;
    bool request_final; /* the last part of the request timer's run is running */
    uint32_t request_generation;
    uint64_t request_left_ns; /* of the run, after the part that is running */
    uint64_t request_mark;    /* where this replica was when that part began */

    struct ehr_pbft_ring now, next; /* next.slots is lent on the first message of a later view */
    void *next_storage;             /* what `memory` lent for either of them */
    struct ehr_pbft_prepared *prepared; /* ring, heights >= stable */
    struct ehr_pbft_promise *promises;  /* ring */
    struct ehr_pbft_executed *chain;    /* ring: blocks executed, heights >= stable */
    uint64_t checkpoint_base;           /* checkpoints above it are tallied */
    uint32_t checkpoint_slots;
    struct ehr_pbft_checkpoint *checkpoints; /* ring: height / interval */
    struct ehr_pbft_latest *latest;          /* by replica */
    struct ehr_pbft_departure *departures;   /* by replica */
    uint8_t *new_view; /* as primary: the body of this view's NEW_VIEW, for who missed it */
    uint32_t new_view_length;
    uint8_t *status;            /* body of the STATUS being sent */
    struct ehr_digest *carried; /* blocks of the message being sent, room for window + 2 */
    struct ehr_digest *new_view_carried;
    uint32_t new_view_carried_count;
    uint64_t new_view_height;
    void *choice;          /* scratch of choose.c, lent */
    bool departures_stale; /* bodies no longer needed can be given back at the next step */

    /* Valid during a step only. */
    const struct ehr_engine_auth *auth;
    struct ehr_effects *out;
    uint64_t now_ns;
};

/* effects.c: one function per effect. */
void ehr_pbft_emit_persist(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                           const struct ehr_digest *digest);
void ehr_pbft_emit_persist_proof(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                                 const struct ehr_digest *digest, const uint8_t *proof,
                                 uint32_t proof_count);
/* Returns the message, for the caller to attach body and carried blocks; NULL if n is 1. */
void ehr_pbft_emit_propose(struct ehr_engine *e);
void ehr_pbft_emit_commit(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block);
void ehr_pbft_emit_new_view(struct ehr_engine *e, uint64_t view, uint32_t carried);

/* tally.c */
void ehr_pbft_tally_reset(struct ehr_engine *e, struct ehr_pbft_tally *tally);
bool ehr_pbft_tally_has(const struct ehr_pbft_tally *tally, uint16_t replica);
/* Counts a vote unless the replica has voted; returns the votes its digest has now, or 0 if the
 * vote was not counted. `signature` may be NULL. */
uint32_t ehr_pbft_tally_add(struct ehr_engine *e, struct ehr_pbft_tally *tally, uint16_t replica,
                            const struct ehr_digest *digest, const uint8_t *signature);
/* From now on counts `digest` alone. */
void ehr_pbft_tally_settle(struct ehr_engine *e, struct ehr_pbft_tally *tally,
                           const struct ehr_digest *digest);
/* Sets the primary's vote for the settled digest and its signature. */
void ehr_pbft_tally_overwrite(struct ehr_engine *e, struct ehr_pbft_tally *tally, uint16_t replica,
                              const uint8_t *signature);

/* ring.c */
size_t ehr_pbft_ring_bytes(const struct ehr_engine *e);
void ehr_pbft_ring_init(struct ehr_engine *e, struct ehr_pbft_ring *ring, void *storage);
void ehr_pbft_ring_clear(struct ehr_engine *e, struct ehr_pbft_ring *ring, uint64_t view);
bool ehr_pbft_in_reach(const struct ehr_engine *e, uint64_t height);
/* The slot of a height in reach, emptied if another height had it. */
struct ehr_pbft_slot *ehr_pbft_slot_get(struct ehr_engine *e, struct ehr_pbft_ring *ring,
                                        uint64_t height);
/* The slot of a height, NULL if it is not in use for it. */
struct ehr_pbft_slot *ehr_pbft_slot_find(const struct ehr_engine *e,
                                         const struct ehr_pbft_ring *ring, uint64_t height);
/* The ring that takes votes of a view: this view's or the next one's; NULL for others. `find` does
 * not make room for the next view. */
struct ehr_pbft_ring *ehr_pbft_ring_of(struct ehr_engine *e, uint64_t view);
const struct ehr_pbft_ring *ehr_pbft_ring_find(const struct ehr_engine *e, uint64_t view);
bool ehr_pbft_view_followed(const struct ehr_engine *e, uint64_t view);
uint16_t ehr_pbft_primary(const struct ehr_engine *e, uint64_t view);
bool ehr_pbft_is_primary(const struct ehr_engine *e);
/* The executed block at a height, if known. */
const struct ehr_digest *ehr_pbft_chain_block(const struct ehr_engine *e, uint64_t height);
void ehr_pbft_chain_set(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block);
bool ehr_pbft_digest_equal(const struct ehr_digest *a, const struct ehr_digest *b);

/* propose.c */
void ehr_pbft_on_proposal(struct ehr_engine *e, uint64_t view, uint64_t height,
                          const struct ehr_digest *block, bool empty);
void ehr_pbft_on_pre_prepare(struct ehr_engine *e, const struct ehr_engine_message *message);
/* Puts a block the new-view carries over in its slot; it is accepted without a pre-prepare. */
void ehr_pbft_carry_over(struct ehr_engine *e, uint64_t height, const struct ehr_digest *block,
                         const struct ehr_digest *parent);
/* Accepts what is held and can be, then proposes what may be. */
void ehr_pbft_accept_held(struct ehr_engine *e);
void ehr_pbft_try_propose(struct ehr_engine *e);

/* vote.c */
void ehr_pbft_on_vote(struct ehr_engine *e, const struct ehr_engine_message *message);
/* Votes for the block just accepted in a slot. */
void ehr_pbft_vote(struct ehr_engine *e, struct ehr_pbft_slot *slot);
/* Prepares and commits, in order of height, whatever has its votes. */
void ehr_pbft_advance(struct ehr_engine *e);

/* checkpoint.c */
void ehr_pbft_on_executed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                          const struct ehr_digest *block);
void ehr_pbft_on_installed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                           const struct ehr_digest *block);
void ehr_pbft_on_checkpoint(struct ehr_engine *e, const struct ehr_engine_message *message);
/* Votes for the state at a checkpoint height. */
void ehr_pbft_checkpoint_own(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state);
/* Says again what others may have missed. */
void ehr_pbft_checkpoint_resend(struct ehr_engine *e);
void ehr_pbft_checkpoint_send(struct ehr_engine *e, uint16_t to);
bool ehr_pbft_checkpoint_tallied(const struct ehr_engine *e, uint64_t height);
const struct ehr_pbft_checkpoint *ehr_pbft_checkpoint_find(const struct ehr_engine *e,
                                                           uint64_t height);
/* Moves the low water mark. `block` may be NULL where it is not known. */
void ehr_pbft_stabilise(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                        const uint8_t *proof, uint32_t proof_count, const struct ehr_digest *block);
/* Whether the proof of the stable checkpoint misses signers (it was learnt from others), and adds
 * one. */
bool ehr_pbft_stable_short(const struct ehr_engine *e, uint16_t replica);
void ehr_pbft_stable_add(struct ehr_engine *e, uint16_t replica, const uint8_t *signature);
/* Whether f+1 vouch for the stable checkpoint in a view change of this replica, itself included. A
 * proof that came from a view change names few, and perhaps this replica. */
bool ehr_pbft_stable_proven(const struct ehr_engine *e);
/* Learns that a state is certified. */
void ehr_pbft_certified_set(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state,
                            const uint8_t *proof, uint32_t proof_count);
/* Asks for the highest certified state unless it did so before; returns whether it asked. */
bool ehr_pbft_fetch(struct ehr_engine *e);

/* prepared.c */
void ehr_pbft_prepared_pack(struct ehr_engine *e);
void ehr_pbft_prepared_set(struct ehr_engine *e, uint64_t height, uint64_t view,
                           const struct ehr_digest *block, bool fresh, const uint8_t *proof,
                           uint32_t proof_count);
void ehr_pbft_prepared_drop(struct ehr_engine *e, uint64_t below);
void ehr_pbft_proof_sort(uint8_t *proof, uint32_t count);

/* timers.c */
void ehr_pbft_on_timer(struct ehr_engine *e, uint16_t id, uint32_t generation);
void ehr_pbft_on_pending(struct ehr_engine *e, uint32_t unproposed, uint32_t waiting,
                         uint64_t oldest);
void ehr_pbft_request_timer_start(struct ehr_engine *e);
void ehr_pbft_request_timer_stop(struct ehr_engine *e);

/* codec.c: bodies of VIEW_CHANGE and NEW_VIEW. Readers point into the body they read. */
struct ehr_pbft_proof_view {
    uint32_t count;
    const uint8_t *entries; /* EHR_PBFT_SIGNER_BYTES each, ascending */
};
struct ehr_pbft_entry { /* of P */
    uint64_t height;
    uint64_t view;
    struct ehr_digest block;
    bool fresh;
    struct ehr_pbft_proof_view proof;
};
struct ehr_pbft_cursor {
    const uint8_t *at, *end;
    bool failed;
};
/* The head of a VIEW_CHANGE body; `entries` is left at the first entry of P. */
struct ehr_pbft_change_view {
    uint64_t stable;
    struct ehr_digest state;
    struct ehr_pbft_proof_view proof;
    uint32_t entry_count;
    struct ehr_pbft_cursor entries;
};
/* One element of V in a NEW_VIEW body. */
struct ehr_pbft_nested_view {
    uint16_t sender;
    uint32_t length;
    const uint8_t *body;
    const uint8_t *signature; /* NULL for the primary's own and where there are none */
};
struct ehr_pbft_new_view_view {
    uint32_t nested_count;
    struct ehr_pbft_cursor nested;
    uint32_t block_count;
    const uint8_t *blocks; /* O: 32 bytes each, from the height above the base */
};
uint16_t ehr_pbft_signer_at(const uint8_t *proof, uint32_t index);
const uint8_t *ehr_pbft_signature_at(const uint8_t *proof, uint32_t index);
/* The encoding is canonical: what decodes has one encoding only. False: malformed. */
bool ehr_pbft_change_decode(const struct ehr_engine *e, const uint8_t *body, uint32_t length,
                            struct ehr_pbft_change_view *view);
/* Next entry of P; the caller asks entry_count times. */
void ehr_pbft_entry_next(struct ehr_pbft_cursor *cursor, struct ehr_pbft_entry *entry);
bool ehr_pbft_new_view_decode(const struct ehr_engine *e, uint16_t primary, const uint8_t *body,
                              uint32_t length, struct ehr_pbft_new_view_view *view);
void ehr_pbft_nested_next(const struct ehr_engine *e, uint16_t primary,
                          struct ehr_pbft_cursor *cursor, struct ehr_pbft_nested_view *nested);
/* Writes this replica's VIEW_CHANGE body into memory lent for it. */
uint8_t *ehr_pbft_change_encode(struct ehr_engine *e, uint32_t *length);
uint8_t *ehr_pbft_new_view_encode(struct ehr_engine *e, const bool *chosen,
                                  const struct ehr_digest *blocks, uint32_t block_count,
                                  uint32_t *length);

/* choose.c: from the view changes of a quorum to the blocks the new view starts with. */
struct ehr_pbft_choice {
    uint64_t base; /* the highest stable checkpoint proven */
    struct ehr_digest state;
    struct ehr_pbft_proof_view proof;
    bool base_known;
    struct ehr_digest base_block;
    uint32_t count;             /* blocks chosen, heights base + 1 .. base + count */
    struct ehr_digest *blocks;  /* count, then the stopper if there is one */
    struct ehr_digest *parents; /* of the blocks */
    bool stopper;               /* blocks[count] is a candidate that does not continue the chain */
};
void ehr_pbft_choose_begin(struct ehr_engine *e);
/* Adds a view change that was decoded and found valid. */
void ehr_pbft_choose_add(struct ehr_engine *e, const struct ehr_pbft_change_view *change);
/* False if the node lacks the body of a block that matters. */
bool ehr_pbft_choose_end(struct ehr_engine *e, struct ehr_pbft_choice *choice);

/* view_change.c */
void ehr_pbft_view_change_start(struct ehr_engine *e, uint64_t view);
void ehr_pbft_view_change_resend(struct ehr_engine *e);
void ehr_pbft_view_change_send(struct ehr_engine *e, uint16_t to);
void ehr_pbft_on_view_change(struct ehr_engine *e, const struct ehr_engine_message *message);
uint32_t ehr_pbft_departures_count(const struct ehr_engine *e, uint64_t view);
/* Replicas that have left every view below this one's, as far as this replica knows. */
uint32_t ehr_pbft_left_count(const struct ehr_engine *e);
/* Whether a VIEW_CHANGE body proves what it says. `bodies`: the blocks it reports must be held. */
bool ehr_pbft_change_valid(struct ehr_engine *e, uint16_t sender, uint64_t view,
                           const struct ehr_pbft_change_view *change, bool bodies);

/* Gives back the bodies a new view has made useless. */
void ehr_pbft_departures_forget(struct ehr_engine *e);

/* new_view.c */
void ehr_pbft_new_view_try(struct ehr_engine *e);
void ehr_pbft_on_new_view(struct ehr_engine *e, const struct ehr_engine_message *message);
/* Sends this view's NEW_VIEW again to one that missed it. */
void ehr_pbft_new_view_resend(struct ehr_engine *e, uint16_t to);

/* status.c: what is sent again. */
size_t ehr_pbft_status_bytes(const struct ehr_engine *e);
/* Says what this replica lacks. */
void ehr_pbft_status_send(struct ehr_engine *e);
void ehr_pbft_on_status(struct ehr_engine *e, const struct ehr_engine_message *message);
/* Sends its votes on an accepted block of this view to all, as it did before. */
void ehr_pbft_votes_resend(struct ehr_engine *e, struct ehr_pbft_slot *slot);

/* restart.c */
void ehr_pbft_on_start(struct ehr_engine *e, const struct ehr_event *event);

/* wants.c, snapshot.c */
enum ehr_want ehr_pbft_wants(const struct ehr_engine *e, const struct ehr_engine_message *message);
size_t ehr_pbft_snapshot(const struct ehr_engine *e, uint8_t *out, size_t capacity);

#endif /* EHR_CONSENSUS_PBFT_PBFT_H */
