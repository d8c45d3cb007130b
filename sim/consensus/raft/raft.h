/* State of a Raft replica, private to this folder.
 *
 * Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC'14, and
 * Ongaro's thesis (Stanford 2014) for pre-vote, snapshots and stepping down; what differs and why
 * it is safe stands in docs/consensus.md. Terms are the interface's views.
 *
 * An entry of the log is a block: its height is the entry's index. A leader opens its term with a
 * *barrier*, an entry without a block, which has no height of its own: it stands on top of the last
 * block it found. A place in a log is a *position* (term, height); the position of a barrier is
 * (its term, the height below it). What follows a barrier is a block of the same term or a later
 * barrier, which takes its place; hence a log is an array of (term, block) by height and the term
 * of its last entry, `log_term`. */
#ifndef EHR_CONSENSUS_RAFT_RAFT_H
#define EHR_CONSENSUS_RAFT_RAFT_H

#include "sim/consensus/batch.h"
#include "sim/consensus/effects.h"
#include "sim/consensus/engine.h"

#include <assert.h>
#include <string.h>

enum {
    EHR_RAFT_NOBODY = UINT16_MAX,
    EHR_RAFT_ENTRY_BYTES = 8 + 32,             /* term, block */
    EHR_RAFT_APPEND_BYTES = 8 + 8 + 8 + 1 + 4, /* without entries */
    EHR_RAFT_SMALL_BYTES = EHR_RAFT_APPEND_BYTES + EHR_RAFT_ENTRY_BYTES,
    EHR_RAFT_SNAPSHOT_BYTES = 8 + 32 + 32,
    EHR_RAFT_SMALLS = 6,           /* bodies of one step, but for one long one */
    EHR_RAFT_PROOF_BYTES = 1 + 32, /* of a CHECKPOINT record: flag, block */
    EHR_RAFT_REPAIR_TICKS = 2,     /* heartbeats after which a repair is forgotten */
    EHR_RAFT_HEARTBEATS = 4,       /* in an election timeout */
};

enum ehr_raft_role {
    EHR_RAFT_FOLLOWER = 1,
    EHR_RAFT_PRE_CANDIDATE, /* asks whether it could win; its term has not changed */
    EHR_RAFT_CANDIDATE,
    EHR_RAFT_LEADER,
};

struct ehr_raft_slot {
    uint64_t term;
    struct ehr_digest block;
    uint32_t acks; /* leader: others whose log holds this entry, counted at its own term */
};

/* What a leader, or a candidate, knows of another replica. */
struct ehr_raft_peer {
    uint64_t match;    /* highest height at which its log is known to equal this one */
    uint64_t counted;  /* heights up to here were added to `acks` */
    uint64_t heard_ns; /* when it answered last in this term */
    uint64_t probe;    /* previous height of the entries sent last to it alone */
    uint64_t sent;     /* last height of those */
    uint8_t repairing; /* heartbeats left to wait for the answer; 0: nothing outstanding */
    bool granted;      /* its vote, or pre-vote, of this round */
};

/* The entry below the log, or a checkpoint with its state. */
struct ehr_raft_point {
    uint64_t height;
    uint64_t term;
    struct ehr_digest block;
    struct ehr_digest state;
};

struct ehr_engine {
    struct ehr_engine_config config;
    uint32_t majority;
    uint64_t span, mask; /* the log holds heights (base, base + span]; mask = slots - 1 */
    uint64_t now_ns;

    bool started;
    enum ehr_raft_role role;
    uint64_t term;
    uint16_t voted;  /* in this term, or NOBODY */
    uint16_t leader; /* of this term, or NOBODY */
    uint16_t hint;   /* the last leader known, or the candidate voted for */
    uint32_t granted;
    uint32_t attempts; /* elections begun since a leader was heard */

    struct ehr_raft_point base; /* without state */
    uint64_t last, log_term;    /* position of the last entry */
    uint64_t committed, executed;
    uint64_t barrier;                 /* leader: height below the entry that opened its term */
    struct ehr_raft_point checkpoint; /* the last one executed or installed */
    uint64_t fetched;                 /* height asked for last */

    struct ehr_batch batch;
    uint64_t told;         /* leader: commit index that went to all last */
    uint64_t broadcast_ns; /* leader: when something with an answer went to all last */
    uint64_t heard_ns;     /* when this replica heard its leader last */
    bool heard;            /* it ever did, in this life */
    uint64_t deadline_ns;  /* of the election timer, */
    uint64_t fires_ns;     /* which may run out earlier, and is then set again */
    uint32_t election_generation, heartbeat_generation;

    struct ehr_raft_slot *slots;
    struct ehr_raft_peer *peers;
    /* What the effects of a step point to. */
    uint8_t small[EHR_RAFT_SMALLS][EHR_RAFT_SMALL_BYTES];
    uint32_t small_count;
    uint8_t proof[EHR_RAFT_PROOF_BYTES];
    uint8_t *chunk;          /* body with up to `window` entries */
    struct ehr_digest *list; /* blocks: up to span */
    bool long_used;

    /* Valid during a step only. */
    const struct ehr_engine_auth *auth;
    struct ehr_effects *out;
};

/* effects.c: one function per effect. `proof` may be NULL. */
void ehr_raft_emit_persist(struct ehr_engine *e, uint8_t type, uint64_t view, uint64_t height,
                           const struct ehr_digest *digest, const uint8_t *proof, uint32_t length);
/* NULL if n is 1. The body has to outlive the step. */
struct ehr_engine_message *ehr_raft_emit_send(struct ehr_engine *e, uint16_t to, uint8_t type,
                                              uint64_t view, uint64_t height, const uint8_t *body,
                                              uint32_t length);
void ehr_raft_emit_propose(struct ehr_engine *e);
void ehr_raft_emit_commit(struct ehr_engine *e, uint64_t height);
void ehr_raft_emit_new_view(struct ehr_engine *e, uint16_t leader, uint32_t kept_count,
                            bool timed_out);
/* Room for a short body, until the next step. */
uint8_t *ehr_raft_small(struct ehr_engine *e);

/* codec.c: bodies. Little-endian, one encoding per value; the readers point into the body. False:
 * malformed. */
struct ehr_raft_append {
    uint64_t prev_term; /* of the block at the message's height */
    uint64_t commit;
    uint64_t end_term; /* position at the end of the entries: later than the last one's if the
                        * barrier of the sender's term stands on it */
    bool answer;
    uint32_t count;
    const uint8_t *entries; /* EHR_RAFT_ENTRY_BYTES each */
};
struct ehr_raft_append_reply {
    bool success;
    uint64_t term; /* of the position that matches; else of the conflicting entry, 0: none */
    uint64_t prev; /* height of the message that is answered */
};
struct ehr_raft_ballot { /* all four messages of an election */
    bool granted;        /* replies */
    uint64_t term;       /* requests: of the last entry; replies: the term asked for */
};
uint32_t ehr_raft_append_encode(uint8_t *body, const struct ehr_raft_append *append);
void ehr_raft_entry_encode(uint8_t *at, uint64_t term, const struct ehr_digest *block);
void ehr_raft_entry_decode(const uint8_t *at, uint64_t *term, struct ehr_digest *block);
bool ehr_raft_append_decode(const struct ehr_engine_message *m, struct ehr_raft_append *append);
uint32_t ehr_raft_reply_encode(uint8_t *body, const struct ehr_raft_append_reply *reply);
bool ehr_raft_reply_decode(const struct ehr_engine_message *m, struct ehr_raft_append_reply *reply);
uint32_t ehr_raft_ballot_encode(uint8_t *body, const struct ehr_raft_ballot *ballot);
bool ehr_raft_ballot_decode(const struct ehr_engine_message *m, struct ehr_raft_ballot *ballot);
uint32_t ehr_raft_point_encode(uint8_t *body, const struct ehr_raft_point *point);
bool ehr_raft_point_decode(const struct ehr_engine_message *m, struct ehr_raft_point *point);

/* log.c */
struct ehr_raft_slot *ehr_raft_slot(const struct ehr_engine *e, uint64_t height);
/* Of a height in [base, last]. */
uint64_t ehr_raft_term_at(const struct ehr_engine *e, uint64_t height);
const struct ehr_digest *ehr_raft_block_at(const struct ehr_engine *e, uint64_t height);
bool ehr_raft_log_full(const struct ehr_engine *e);
/* Makes the entry the last one, and persists it: what stood there and above is gone. */
void ehr_raft_log_put(struct ehr_engine *e, uint64_t height, uint64_t term,
                      const struct ehr_digest *block);
/* The same with the barrier of a term on top of `height`. */
void ehr_raft_log_barrier(struct ehr_engine *e, uint64_t height, uint64_t term);
/* From a record. */
void ehr_raft_log_put_replayed(struct ehr_engine *e, uint64_t height, uint64_t term,
                               const struct ehr_digest *block);
/* Empties the log; it now begins above a point. */
void ehr_raft_log_restart(struct ehr_engine *e, const struct ehr_raft_point *point);
/* Whether a candidate's last entry is at least as late as this replica's. */
bool ehr_raft_log_up_to_date(const struct ehr_engine *e, uint64_t term, uint64_t height);
void ehr_raft_commit(struct ehr_engine *e, uint64_t height);

/* elect.c */
uint64_t ehr_raft_election_timeout(const struct ehr_engine *e);
/* The election timer starts over. */
void ehr_raft_patience(struct ehr_engine *e);
void ehr_raft_stand(struct ehr_engine *e);
/* A later term exists. */
void ehr_raft_adopt(struct ehr_engine *e, uint64_t term);
/* Gives up any candidature or leadership. */
void ehr_raft_follow(struct ehr_engine *e);
void ehr_raft_on_election_timer(struct ehr_engine *e, uint32_t generation);
void ehr_raft_on_pre_vote(struct ehr_engine *e, const struct ehr_engine_message *m);
void ehr_raft_on_vote(struct ehr_engine *e, const struct ehr_engine_message *m);
void ehr_raft_on_ballot(struct ehr_engine *e, const struct ehr_engine_message *m);

/* lead.c */
void ehr_raft_lead(struct ehr_engine *e);
void ehr_raft_resign(struct ehr_engine *e);
void ehr_raft_try_propose(struct ehr_engine *e);
void ehr_raft_on_proposal(struct ehr_engine *e, uint64_t view, uint64_t height,
                          const struct ehr_digest *block, bool empty);
void ehr_raft_on_heartbeat_timer(struct ehr_engine *e, uint32_t generation);
/* Says how far the log is committed, unless the next entries will say it soon. */
void ehr_raft_notice(struct ehr_engine *e);

/* replies.c */
void ehr_raft_on_append_reply(struct ehr_engine *e, const struct ehr_engine_message *m);

/* accept.c */
/* The sender is this term's leader, and lives. */
void ehr_raft_obey(struct ehr_engine *e, uint16_t leader);
void ehr_raft_on_append(struct ehr_engine *e, const struct ehr_engine_message *m);
void ehr_raft_reply(struct ehr_engine *e, uint16_t to, bool success, uint64_t height, uint64_t term,
                    uint64_t prev);

/* compact.c */
void ehr_raft_on_executed(struct ehr_engine *e, uint64_t height, const struct ehr_digest *state);
void ehr_raft_on_snapshot(struct ehr_engine *e, const struct ehr_engine_message *m);
void ehr_raft_on_installed(struct ehr_engine *e, const struct ehr_raft_point *point);
/* The log goes on from a state that came from outside; persists it. */
void ehr_raft_install(struct ehr_engine *e, const struct ehr_raft_point *point);

/* restart.c, wants.c, picture.c */
void ehr_raft_on_start(struct ehr_engine *e, const struct ehr_event *event);
enum ehr_want ehr_raft_wants(const struct ehr_engine *e, const struct ehr_engine_message *message);
size_t ehr_raft_picture(const struct ehr_engine *e, uint8_t *out, size_t capacity);

#endif /* EHR_CONSENSUS_RAFT_RAFT_H */
