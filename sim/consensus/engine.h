/* One consensus replica as a pure state machine: the interface every engine implements.
 *
 * Not a node: it has no I/O, clock, generator, cryptography or memory of its own. The chain node
 * (actors/chain_node*.c) authenticates what arrives, feeds events one at a time, performs the
 * effects in order, then feeds the next event. Equal state and equal event give equal effects, byte
 * for byte. Blocks are opaque 32-byte digests here; their bodies live with the node, which checks
 * every body a message carries before it feeds the message. Not re-entrant.
 *
 * Heights are 1, 2, 3 ..; views start at 0. Integers are in host order.
 * Quorums: f = floor((n-1)/3), q = ceil((n+f+1)/2) (Castro and Liskov, OSDI'99, generalised to
 * n != 3f+1: two quorums meet in more than f replicas). */
#ifndef EHR_CONSENSUS_ENGINE_H
#define EHR_CONSENSUS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Visible in the shared library. */
#define EHR_API __attribute__((visibility("default")))

enum {
    EHR_ENGINE_REPLICAS_MAX = 1024,
    EHR_ENGINE_TO_ALL = UINT16_MAX, /* every replica but the sender */
};

struct ehr_digest {
    uint8_t bytes[32];
};

/* Types of all engines share one space; retired values are never used again. The value is also the
 * `phase` of the vote digest that the sender signs (crypto.md g). */
enum ehr_engine_message_type {
    EHR_ENGINE_PRE_PREPARE = 1, /* pbft; solo: the sequencer's decision */
    EHR_ENGINE_PREPARE = 2,
    EHR_ENGINE_COMMIT = 3,
    EHR_ENGINE_CHECKPOINT = 4, /* digest: the state root after `height` */
    EHR_ENGINE_VIEW_CHANGE = 5,
    EHR_ENGINE_NEW_VIEW = 6,
    /* raft: all have bodies; `view` is the term */
    EHR_ENGINE_RAFT_PRE_VOTE = 7, /* view: the term it would stand in; height: of its last entry */
    EHR_ENGINE_RAFT_PRE_VOTE_REPLY = 8,
    EHR_ENGINE_RAFT_VOTE = 9, /* height: of its last entry */
    EHR_ENGINE_RAFT_VOTE_REPLY = 10,
    EHR_ENGINE_RAFT_APPEND = 11,       /* entries above `height`; none: a heartbeat or a notice */
    EHR_ENGINE_RAFT_APPEND_REPLY = 12, /* height: where the logs match, or may match */
    EHR_ENGINE_RAFT_SNAPSHOT = 13,     /* the log begins above the checkpoint at `height` */
    /* hotstuff; it shares CHECKPOINT */
    EHR_ENGINE_HOTSTUFF_PROPOSAL = 14, /* body: a node and the certificate of its parent */
    EHR_ENGINE_HOTSTUFF_VOTE = 15,     /* digest: the node's; height 0 */
    EHR_ENGINE_HOTSTUFF_TIMEOUT = 16,  /* height: the view of the certificate in the body */
    EHR_ENGINE_HOTSTUFF_NEED = 17,     /* digest: of the node asked for, above `height` */
    EHR_ENGINE_HOTSTUFF_CHAIN = 18,    /* body: the highest certificate, and nodes if asked */
    EHR_ENGINE_PBFT_STATUS = 19,       /* body: what it lacks from `height` on; 0: between views */
    EHR_ENGINE_MESSAGE_TYPES = 20,
};

/* A consensus message. Immutable once sent. What is signed: the vote digest of (view, height, type,
 * digest) for the first four types; for those with a body, `digest` is the hash of the body, which
 * the node computes on sending and checks on receiving. */
struct ehr_engine_message {
    uint8_t type; /* enum ehr_engine_message_type */
    uint16_t sender;
    uint32_t body_length; /* bytes; 0 for the fixed-size types */
    uint64_t view;
    uint64_t height;
    struct ehr_digest digest;
    const uint8_t *body;              /* canonical encoding of the variable part, or NULL */
    const struct ehr_digest *carried; /* blocks whose bodies travel with the message */
    uint32_t carried_count;
    const uint8_t *signature; /* 64 bytes on receipt; NULL where authentication is off, or MACs
                               * stand in for it (struct ehr_engine_type, pairwise) */
};

/* What a replica must not forget: written before any later SEND of the same step leaves. `type` is
 * - PRE_PREPARE, PREPARE: it voted so; the body of the block has to be durable with the record;
 * - COMMIT: it voted so; `proof` is its certificate that the block is prepared;
 * - CHECKPOINT: `height` is stable with the state `digest`, `proof` is the certificate. From then
 *   on the node may forget every record of these four types whose height is below `height`;
 * - VIEW_CHANGE: it left every view before `view`; NEW_VIEW: it entered `view`, which carries over
 *   blocks up to `height`. The node may forget older records of these two types.
 * - RAFT_VOTE: its term is `view`, and it voted there for replica `height` - 1, for nobody if 0.
 * The node may forget older records of this type.
 * - RAFT_APPEND: the log ends with the entry of term `view` at `height`, whose body has to be
 *   durable with the record; an all-zero digest: with the barrier of that term on top of `height`.
 * - RAFT_SNAPSHOT: it asks for the state `digest` after `height`, whose entry is of term `view`.
 *   CHECKPOINT lets the node forget these two types too: records below its height.
 * - HOTSTUFF_VOTE: it voted for the node in `proof`; the body of the block, if the node adds one,
 *   has to be durable with the record. CHECKPOINT lets the node forget records below its height.
 * - HOTSTUFF_TIMEOUT: `proof` is all it must not forget besides the nodes it voted for; it votes in
 *   no view before `view`. The node may forget older records of this type.
 * The bytes of `proof` have to come back at START; the node copies them when it performs the
 * effect. Those of pbft are empty where votes carry no signatures. */
struct ehr_engine_record {
    uint8_t type; /* enum ehr_engine_message_type */
    uint64_t view;
    uint64_t height;
    struct ehr_digest digest;
    const uint8_t *proof;  /* the engine's, until the next step; NULL if proof_length is 0 */
    uint32_t proof_length; /* bytes */
};

enum ehr_engine_timer {
    EHR_ENGINE_TIMER_REQUEST = 1,
    EHR_ENGINE_TIMER_BATCH,
    EHR_ENGINE_TIMER_ELECTION,  /* raft: no leader was heard */
    EHR_ENGINE_TIMER_HEARTBEAT, /* raft: as leader */
    EHR_ENGINE_TIMER_NEED,      /* hotstuff: who was asked for a node has not answered */
    EHR_ENGINE_TIMER_REPEAT,    /* pbft: time to ask for what may have been lost */
    EHR_ENGINE_TIMERS,
};

enum ehr_event_type {
    EHR_EVENT_START = 1, /* first event of a life */
    EHR_EVENT_RECEIVE,   /* an authenticated message, its carried blocks checked and stored */
    EHR_EVENT_TIMER,
    EHR_EVENT_PENDING,   /* the node's pool of requests changed */
    EHR_EVENT_PROPOSAL,  /* answer to EHR_EFFECT_PROPOSE */
    EHR_EVENT_EXECUTED,  /* the node executed a committed block: one that the engine has committed,
                          * or one above that block synchronisation brought with proof. Not all of
                          * these are told, and an engine need not look at them */
    EHR_EVENT_INSTALLED, /* state transfer brought the node to a height */
};

struct ehr_event {
    enum ehr_event_type type;
    uint64_t now_ns; /* simulated time, never decreases */
    union {          /* pointers are borrowed for the duration of the call */
        struct {
            const struct ehr_engine_record *records; /* oldest first; NULL on the first boot */
            uint32_t record_count;
            uint64_t height; /* last height executed and durable, with its block and state root */
            struct ehr_digest block;
            struct ehr_digest state;
        } start;
        struct {
            const struct ehr_engine_message *message;
        } receive;
        struct {
            uint16_t id; /* enum ehr_engine_timer */
            uint32_t generation;
        } timer; /* a stale generation is a no-op */
        struct {
            uint32_t unproposed; /* valid requests in the pool that stand in no block seen yet */
            uint32_t waiting;    /* requests this replica waits to see executed */
            uint64_t oldest;     /* identifies the one that waits longest; changes when executed */
        } pending;
        struct {
            uint64_t view; /* as in the effect; a stale answer is ignored */
            uint64_t height;
            struct ehr_digest block;
            bool empty; /* nothing to propose after all */
        } proposal;
        struct {
            uint64_t height;
            struct ehr_digest state;
            struct ehr_digest block; /* at `height` */
            uint64_t view;           /* installed only: of the FETCH that asked for it */
        } executed, installed;       /* installed: `state` is that of a certified checkpoint */
    } as;
};

enum ehr_effect_type {
    EHR_EFFECT_PERSIST = 1, /* durable before any later SEND leaves */
    EHR_EFFECT_SEND,
    EHR_EFFECT_TIMER,
    EHR_EFFECT_PROPOSE,  /* build a block on `parent` for `height`, at most `requests_max` */
    EHR_EFFECT_COMMIT,   /* heights 1, 2, 3 .. without gaps */
    EHR_EFFECT_FETCH,    /* others are certified to be at `height`: transfer state */
    EHR_EFFECT_NEW_VIEW, /* entered a view: only requests in the first `carried` blocks that its
                          * NEW_VIEW message carries are proposed; the others are unproposed again.
                          * Comes before the leader's SEND of that message; a follower has just
                          * received it */
};

struct ehr_effect {
    enum ehr_effect_type type;
    union {
        struct ehr_engine_record persist;
        struct {
            uint16_t to;                       /* replica or EHR_ENGINE_TO_ALL */
            struct ehr_engine_message message; /* its pointers are the engine's, until next step */
        } send;
        struct {
            uint16_t id;
            uint32_t generation;
            uint64_t delay_ns; /* 0: cancel */
        } timer;
        struct {
            uint64_t view;
            uint64_t height;
            struct ehr_digest parent; /* all zero at height 1 */
            uint32_t requests_max;
        } propose;
        struct {
            uint64_t height;
            uint64_t view;
            struct ehr_digest block;
        } commit;
        struct {
            uint64_t height;
            uint64_t view; /* the engine's; comes back with INSTALLED, which is for this height */
            struct ehr_digest state;
        } fetch;
        struct {
            uint64_t view;
            uint16_t leader;
            uint32_t carried;
            const struct ehr_digest
                *kept;           /* blocks in flight whose requests stay proposed, where */
            uint32_t kept_count; /* no NEW_VIEW message carries them; until next step */
            bool timed_out;      /* the view before was given up: a view change worth counting, as
                                  * the first leader and a replica that is late are not */
        } new_view;
    } as;
};

/* Filled by a step. `item` is the caller's array of ehr_engine_effects_max(config) entries; the
 * engine never emits more. */
struct ehr_effects {
    uint32_t count;
    uint32_t capacity;
    struct ehr_effect *item;
};

/* Signatures nested in messages (certificates), and blocks; the node charges what it computes. */
struct ehr_engine_auth {
    /* Whether `signature` (64 bytes) is replica `signer`'s on the vote (type, view, height,
     * digest). Always true where authentication is off. */
    bool (*vote_valid)(void *context, uint16_t signer, uint8_t type, uint64_t view, uint64_t height,
                       const struct ehr_digest *digest, const uint8_t *signature);
    /* Digest of a body, as it is signed. */
    void (*body_digest)(void *context, const uint8_t *body, size_t length,
                        struct ehr_digest *digest);
    /* Whether the node holds a checked body for the block, and the block's parent. */
    bool (*block_parent)(void *context, const struct ehr_digest *block, struct ehr_digest *parent);
    void *context;
    /* This replica's own signature on a vote, for a certificate that it makes. Only hotstuff asks,
     * only where there are signatures, and only for what it has persisted. */
    void (*vote_sign)(void *context, uint8_t type, uint64_t view, uint64_t height,
                      const struct ehr_digest *digest, uint8_t signature[64]);
};

/* Memory for what cannot be sized in advance (view changes, replicas that vote for different
 * blocks, restarts); never called in the steady state.
 * resize(context, NULL, size) allocates, resize(context, p, 0) frees; never returns NULL else. */
struct ehr_engine_memory {
    void *(*resize)(void *context, void *old, size_t size);
    void *context;
};

enum ehr_engine_votes { EHR_ENGINE_VOTES_BACKUPS = 1, EHR_ENGINE_VOTES_ALL };

struct ehr_engine_config {
    uint16_t replicas; /* n >= 1 */
    uint16_t self;     /* 0 .. n-1 */
    uint32_t batch_max;
    uint64_t batch_timeout_ns;
    uint64_t request_timeout_ns;  /* doubles with every view change that brings no progress; raft:
                                   * the smallest election timeout */
    uint32_t checkpoint_interval; /* heights */
    uint32_t window;              /* heights above the stable checkpoint that may be in flight */
    enum ehr_engine_votes votes;
    bool signatures; /* messages carry signatures that the engine keeps as proofs */
    /* hotstuff: commits on a chain of two certified nodes in consecutive views, not of three; one
     * replica leads until it is timed out, not each for one view. */
    bool two_chain, fixed_leader;
};

struct ehr_engine; /* opaque */

/* Is it worth the price of authenticating this message? */
enum ehr_want { EHR_WANT_DROP = 1, EHR_WANT_VERIFY };

/* Who needs the requests of clients. */
enum ehr_engine_requests {
    EHR_ENGINE_REQUESTS_WATCHED = 1, /* the leader; the others watch that what they know of is
                                      * executed, and give a leader up that does not see to it */
    EHR_ENGINE_REQUESTS_LEADER, /* the leader alone: who holds one, and hears of another leader,
                                 * has to pass it on */
    EHR_ENGINE_REQUESTS_ALL, /* every replica: each proposes, in its turn, what it holds itself */
};

/* What the bodies of blocks that travel with a message are, for the node that handles requests. */
enum ehr_engine_carriage {
    EHR_ENGINE_CARRIES_NOTHING = 0,
    EHR_ENGINE_CARRIES_BLOCKS,   /* blocks that somebody may lack */
    EHR_ENGINE_CARRIES_ENTRIES,  /* blocks that the leader proposes, or proposed before */
    EHR_ENGINE_CARRIES_FLIGHT,   /* blocks under way: their requests are proposed */
    EHR_ENGINE_CARRIES_PROPOSAL, /* at most one, the sender's own, at the message's height; its
                                  * requests are proposed */
    EHR_ENGINE_CARRIES_VIEW,     /* as the effect NEW_VIEW says */
};

/* How long a record of a type has to be kept. */
enum ehr_engine_keeping {
    EHR_ENGINE_KEEPS_NOTHING = 0, /* there are no such records */
    EHR_ENGINE_KEEPS_HEIGHTS,     /* until a record CHECKPOINT stands above its height */
    EHR_ENGINE_KEEPS_LATEST,      /* until the next of its type */
};

/* One type of message, and of record, as the node has to know it. */
struct ehr_engine_message_kind {
    const char *name; /* in results: "pre_prepare"; NULL: the engine has no such messages */
    enum ehr_engine_carriage carries;
    enum ehr_engine_keeping keeps; /* as a record */
    bool keeps_block;              /* as a record: the block it names has to be durable with it */
};

/* Of struct ehr_engine_config: what means something to some engines only. */
enum {
    EHR_ENGINE_CHOICE_VOTES = 1U << 0,
    EHR_ENGINE_CHOICE_CHAIN = 1U << 1,  /* two_chain */
    EHR_ENGINE_CHOICE_LEADER = 1U << 2, /* fixed_leader */
};

/* One engine: registered by one line in registry.c, or by the program that has it
 * (ehr_engine_register), which may leave out the functions that say what they mean if NULL. */
struct ehr_engine_type {
    const char *name; /* as in the scenario: "pbft" */
    /* Bytes of storage and the most effects one step can give. */
    size_t (*size)(const struct ehr_engine_config *config);
    uint32_t (*effects_max)(const struct ehr_engine_config *config);
    struct ehr_engine *(*init)(void *storage, const struct ehr_engine_config *config,
                               const struct ehr_engine_memory *memory);
    /* Gives back what `memory` lent. NULL: it lent nothing. */
    void (*close)(struct ehr_engine *engine);
    enum ehr_want (*wants)(const struct ehr_engine *engine,
                           const struct ehr_engine_message *message);
    void (*step)(struct ehr_engine *engine, const struct ehr_engine_auth *auth,
                 const struct ehr_event *event, struct ehr_effects *effects);
    uint64_t (*view)(const struct ehr_engine *engine);   /* NULL: always 0 */
    uint16_t (*leader)(const struct ehr_engine *engine); /* NULL: always replica 0 */
    /* What clients go by when they look for the leader: modulo n it is the leader's number, and of
     * two the larger is of the later view. NULL: the view itself is such a number. */
    uint64_t (*turn)(const struct ehr_engine *engine);
    /* NULL: REQUESTS_WATCHED. */
    enum ehr_engine_requests (*requests)(const struct ehr_engine_config *config);
    /* Signers that make a block certificate convincing to outsiders: q, majority or 1. NULL: all
     * replicas. */
    uint32_t (*certificate_quorum)(uint32_t replicas);
    /* Types of messages, bit 1 << type, that no engine ever shows to a third party: MACs are
     * enough for them even where `signatures` is set. */
    uint32_t pairwise;
    uint32_t choices; /* EHR_ENGINE_CHOICE_*: which mean something to it */
    const struct ehr_engine_message_kind *kinds; /* by type of message */
    uint32_t kind_count;
    const char *trust; /* "bft", "crash" or "single" */
    /* Writes a canonical picture of the state for the determinism tests, at most `capacity`
     * bytes; returns the length of the whole picture, which may be more than was written. NULL:
     * an empty one. */
    size_t (*snapshot)(const struct ehr_engine *engine, uint8_t *out, size_t capacity);
};

/* f = floor((n-1)/3) and q = ceil((n+f+1)/2). */
EHR_API uint32_t ehr_engine_faults(uint32_t replicas);
EHR_API uint32_t ehr_engine_quorum(uint32_t replicas);

#endif /* EHR_CONSENSUS_ENGINE_H */
