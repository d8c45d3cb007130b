/* The state of a chain node, for the files that make it up (list in chain_node.h). */
#ifndef EHR_ACTORS_CHAIN_NODE_INTERNAL_H
#define EHR_ACTORS_CHAIN_NODE_INTERNAL_H

#include "actors/chain_node.h"
#include "crypto/authenticator.h"

/* Timers of a chain node: engine timers keep their own numbers below this. */
enum {
    CHAIN_NODE_TIMER_JOB = 16,
    CHAIN_NODE_TIMER_SYNC,
    CHAIN_NODE_TIMER_EXECUTE,
    CHAIN_NODE_TIMER_LACK,
    CHAIN_NODE_TIMER_BODIES,
};

struct known_block;     /* chain_node_known.c */
struct certifying;      /* chain_node_execute.c */
struct job_slot;        /* alliance_release.c */
struct waiting_message; /* chain_node_bodies.c */
struct chain_sync;      /* chain_node_sync.h */

/* A block that the engine has committed and that waits for the disk (chain_node_consensus.c). */
struct decided {
    uint64_t height, view;
    struct ehr_digest block;
};

struct chain_node {
    struct ehr_node node; /* first */
    struct ehr_chain_node_config config;
    struct ehr_engine *engine;
    void *engine_storage;
    struct ehr_mempool *pool;
    enum ehr_engine_requests requests; /* who needs those of clients */
    uint64_t height;                   /* executed by this replica */
    /* up to where the engine knows of it: below `height` while block synchronisation is ahead */
    uint64_t engine_height;
    uint64_t journal_serial; /* mark of the last engine record that replaces those before it */
    struct decided *decided; /* in order */
    uint32_t decided_count, decided_capacity;
    bool decided_alone; /* this step persists what no other replica has */
    struct chain_sync *sync;
    bool catching_up;            /* restarted, and has not yet heard where the others are */
    uint32_t request_generation; /* of the engine's request timer; 0: cancelled */
    /* what the engine was last told of the pool */
    uint32_t told_unproposed, told_waiting;
    uint32_t carried_over; /* blocks that the view entered last proposes again */
    uint64_t told_oldest;
    /* blocks whose bodies this node has checked, by hash; oldest first */
    struct known_block *known;
    uint32_t known_limit; /* how many there may be before old ones are looked for */
    /* events to feed, in order: the current one and those its effects give rise to */
    struct ehr_event *events;
    uint32_t event_count, event_capacity;
    bool feeding;
    struct ehr_mac_peer *peers; /* with macs only: by replica; those met have keys */
    bool *peer_met;
    /* messages that wait for bodies, oldest first */
    struct waiting_message *waiting_bodies;
    uint32_t waiting_bodies_count, waiting_bodies_serial;
    bool diverged;     /* committed a block that is not the chain's */
    bool *doctor_seen; /* private nodes: whose certificates were verified */
    /* alliance nodes */
    struct certifying *certifying;
    uint64_t certified;                 /* every block up to here has its certificate here */
    struct ehr_table nonces[2];         /* of queries, in two generations */
    uint64_t nonces_since;              /* height at which the younger one began */
    struct job_slot *jobs, *jobs_named; /* the same ones, by number and by who asked for what */
    uint32_t job_serial;
    bool *data_user_seen;
};

static inline struct chain_node *chain_node_of(struct ehr_node *node)
{
    return (struct chain_node *)(void *)node;
}

static inline bool chain_node_is_alliance(const struct chain_node *self)
{
    return self->config.committee->chain == 0;
}

static inline const struct ehr_member *chain_node_self(const struct chain_node *self)
{
    return &self->config.committee->members[self->config.replica];
}

/* The hospital of a private node. */
static inline const struct ehr_hospital_info *chain_node_hospital(const struct chain_node *self)
{
    return &self->config.directory->hospitals[self->config.committee->chain - 1];
}

/* A peer's bad message: counted and dropped. */
void chain_node_drop(struct ehr_fx *fx, uint16_t message_type);

/* Charges the stateless check of `tx` in one go; `parallel` where many are checked at once. */
void chain_node_charge_check(struct chain_node *self, struct ehr_fx *fx, const struct ehr_tx *tx);
void chain_node_charge_block(struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_block *block);

/* Passes everything that waits here on to `leader`. */
void chain_node_relay_all(struct chain_node *self, struct ehr_fx *fx, uint16_t leader);

/* ---- chain_node_auth.c ---- */
/* Who asks, and on whose account: the context of the engine's questions. */
struct chain_node_auth {
    struct chain_node *self;
    struct ehr_fx *fx;
};
/* Three questions of an engine (struct ehr_engine_auth); `context` is a struct chain_node_auth. */
bool chain_node_vote_valid(void *context, uint16_t signer, uint8_t type, uint64_t view,
                           uint64_t height, const struct ehr_digest *digest,
                           const uint8_t *signature);
void chain_node_body_digest(void *context, const uint8_t *body, size_t length,
                            struct ehr_digest *digest);
void chain_node_vote_sign(void *context, uint8_t type, uint64_t view, uint64_t height,
                          const struct ehr_digest *digest, uint8_t signature[64]);
/* Whether the message is its sender's: body, and signature or tag. */
bool chain_node_authentic(struct chain_node *self, struct ehr_fx *fx,
                          const struct ehr_engine_message *m, const struct ehr_auth *auth);
/* Signs a message to `to`, or makes its tags. */
void chain_node_vouch(struct chain_node *self, struct ehr_fx *fx, struct ehr_auth *auth,
                      const struct ehr_engine_message *m, const struct ehr_digest *digest,
                      uint16_t to);
void chain_node_auth_close(struct chain_node *self);

/* ---- chain_node_bodies.c ---- */
/* What the blocks in a message of this type are, and how many there may be. */
enum ehr_engine_carriage chain_node_carriage(const struct chain_node *self, uint8_t type);
uint32_t chain_node_carried_max(enum ehr_engine_carriage carriage);
/* Whether messages of this engine type travel without the bodies of their blocks. */
bool chain_node_bodies_travel_apart(const struct chain_node *self, uint8_t type);
/* The message, not yet sealed, with ids in the place of the blocks that it carries; sealed. */
struct ehr_message *chain_node_bodies_leave_out(struct ehr_msg_consensus *take_message);
/* The other way round, for a message of its own whose blocks it knows. */
struct ehr_message *chain_node_bodies_put_in(const struct chain_node *self,
                                             const struct ehr_msg_consensus_ids *message);
void chain_node_on_consensus_ids(struct chain_node *self, struct ehr_fx *fx,
                                 const struct ehr_delivery *d);
void chain_node_on_tx_get(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void chain_node_on_tx_body(struct chain_node *self, struct ehr_fx *fx,
                           const struct ehr_delivery *d);
/* A body has come; what waited for it alone is taken in. Whether anything missed it. */
bool chain_node_bodies_arrived(struct chain_node *self, struct ehr_fx *fx, struct ehr_tx *tx);
void chain_node_on_bodies_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation);
void chain_node_bodies_close(struct chain_node *self);

/* ---- chain_node_consensus.c ---- */
/* What the engine hears of a message of node `from` that names `carried` blocks, these apart (it
 * borrows from `m`); false if it does not want it, or `from` is no member. */
bool chain_node_consensus_hear(const struct chain_node *self, uint32_t from,
                               const struct ehr_msg_consensus *m, uint32_t carried,
                               struct ehr_engine_message *message);
/* Whether it is its sender's; if not it is dropped, as a message of `type`. */
bool chain_node_consensus_welcome(struct chain_node *self, struct ehr_fx *fx,
                                  const struct ehr_engine_message *message,
                                  const struct ehr_auth *auth, uint16_t type);
/* Takes in a message that was welcome, with the blocks of `m`. */
void chain_node_consensus_take(struct chain_node *self, struct ehr_fx *fx,
                               struct ehr_engine_message *message,
                               const struct ehr_msg_consensus *m, uint16_t type);
/* `saved` is NULL on the first boot. */
void chain_node_consensus_start(struct chain_node *self, struct ehr_fx *fx,
                                const struct ehr_journal *saved);
/* Feeds an event; its effects are performed in order, then the events they gave rise to. */
void chain_node_feed(struct chain_node *self, struct ehr_fx *fx, const struct ehr_event *event);
/* Tells the engine what came of the block executed at `height`. */
void chain_node_executed_feed(struct chain_node *self, struct ehr_fx *fx, uint64_t height);
void chain_node_on_decided(struct chain_node *self, struct ehr_fx *fx);
void chain_node_on_consensus(struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_delivery *d);
void chain_node_on_engine_timer(struct chain_node *self, struct ehr_fx *fx, uint16_t id,
                                uint32_t generation);
/* Tells the engine about the pool if anything it looks at has changed. */
void chain_node_pool_changed(struct chain_node *self, struct ehr_fx *fx);
void chain_node_consensus_close(struct chain_node *self);

/* ---- chain_node_known.c ---- */
/* A checked block by its hash, for as long as this handler runs; or NULL. */
struct ehr_block *chain_node_block_find(const struct chain_node *self, const uint8_t hash[32]);
/* Keeps a block whose body was checked. */
void chain_node_block_know(struct chain_node *self, struct ehr_block *block, uint64_t height);
/* What the engine asks about blocks (struct ehr_engine_auth). */
bool chain_node_block_parent(void *context, const struct ehr_digest *block,
                             struct ehr_digest *parent);
/* Forgets what lies far below the executed height, when there is much of it. */
void chain_node_known_forget(struct chain_node *self);
void chain_node_known_close(struct chain_node *self);

/* ---- chain_node_execute.c ---- */
/* What else is done with a block that is executed. */
enum {
    CHAIN_NODE_REPLY = 1, /* all clients are told; else those that asked this node */
    CHAIN_NODE_SIGN = 2,  /* its certificate digest is signed and shown */
};
/* False if another block stands at `height`. */
bool chain_node_execute(struct chain_node *self, struct ehr_fx *fx, uint64_t height, uint64_t view,
                        struct ehr_block *block, unsigned how);
/* Alliance nodes: the certificate of a block executed here has come, and is valid. */
void chain_node_certificate_take(struct chain_node *self, uint64_t height);
void chain_node_reply(struct chain_node *self, struct ehr_fx *fx, const struct ehr_tx *tx,
                      enum ehr_reply status, uint64_t height);
void chain_node_on_block_sign(struct chain_node *self, struct ehr_fx *fx,
                              const struct ehr_delivery *d);
void chain_node_push_signature(struct chain_node *self, struct ehr_fx *fx, uint64_t height);
void chain_node_execute_close(struct chain_node *self);

/* ---- chain_node_journal.c ---- */
void chain_node_journal_record(struct chain_node *self, struct ehr_fx *fx,
                               const struct ehr_engine_record *record, struct ehr_block *block);
void chain_node_journal_block(struct chain_node *self, struct ehr_fx *fx, uint64_t bytes);
/* What a restarted node has: heights and certified height, known blocks, and the records of its
 * engine, oldest first, as many as are returned; the caller's to free, borrows from `saved`. */
struct ehr_engine_record *chain_node_journal_load(struct chain_node *self,
                                                  const struct ehr_journal *saved, uint32_t *count);

/* ---- chain_node_sync.c, chain_node_sync_page.c, chain_node_sync_serve.c ---- */
struct chain_sync *chain_node_sync_new(const struct chain_node *self);
void chain_node_sync_close(struct chain_node *self);
/* Asks the others for what this node lacks, unless it does so already. */
void chain_node_sync_begin(struct chain_node *self, struct ehr_fx *fx);
/* The engine has asked for the state `state` of `height`. */
void chain_node_sync_fetch(struct chain_node *self, struct ehr_fx *fx, uint64_t height,
                           uint64_t view, const struct ehr_digest *state);
/* A replica is known to have executed `height`, if it is correct. */
void chain_node_sync_heard(struct chain_node *self, struct ehr_fx *fx, uint32_t replica,
                           uint64_t height);
/* A replica votes to commit `height`: so far it has got at least. */
void chain_node_sync_voted(struct chain_node *self, struct ehr_fx *fx, uint32_t replica,
                           uint64_t height);
/* Where others are said to be, or certified to be; 0 if not above this node. */
uint64_t chain_node_sync_behind(const struct chain_node *self);
bool chain_node_on_sync(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void chain_node_on_sync_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation);
/* Looks whether something is lacking that others have: a block that peers say they have executed
 * or vote to commit, or the certificate of a block executed here. If it still is after a request
 * timeout without any progress, the peers are asked: messages get lost. */
void chain_node_lack_check(struct chain_node *self, struct ehr_fx *fx);
void chain_node_on_lack_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation);

/* ---- private_service.c ---- */
void chain_node_on_body_get(struct chain_node *self, struct ehr_fx *fx,
                            const struct ehr_delivery *d);
void chain_node_on_locate(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);

/* ---- alliance_search.c ---- */
void chain_node_on_query(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);

/* ---- alliance_release.c ---- */
/* For whom an alliance node gets a record. */
enum release_kind { RELEASE_TO_PATIENT = 1, RELEASE_TO_DATA_USER };

/* A record that somebody wants and may have. */
struct release_job {
    uint64_t request;
    enum release_kind kind;
    struct ehr_address client;
    uint8_t share; /* index in the grant; data users only */
    bool whole;    /* the body too, not only the head */
    uint8_t grant_id[32];
    struct ehr_tx *visit;   /* its index transaction; the chain keeps it alive */
    uint8_t txid[32];       /* of it: H32("atx"; ..) */
    struct ehr_blob *entry; /* NULL until located */
};
/* What a hospital released, when its hash is the one on chain; borrows from the message. */
struct released {
    const uint8_t *head; /* EHR_RECORD_HEAD_BYTES bytes */
    uint8_t body_hash[32];
    uint8_t ct_hash[32];
    struct ehr_blob *record; /* NULL if only the head was asked for */
};
/* Starts a job, unless the same one runs; the copy is the node's. False if the hospital of the
 * visit is unknown. */
bool release_begin(struct chain_node *self, struct ehr_fx *fx, const struct release_job *job);
void chain_node_on_complaint(struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_delivery *d);
void chain_node_on_fetch(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void chain_node_on_located(struct chain_node *self, struct ehr_fx *fx,
                           const struct ehr_delivery *d);
void chain_node_on_release(struct chain_node *self, struct ehr_fx *fx,
                           const struct ehr_delivery *d);
void chain_node_on_job_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation);
void chain_node_release_close(struct chain_node *self);

/* ---- alliance_proxy.c ---- */
void chain_node_on_access(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d);
/* The hospital released head (and body): re-encrypt and answer. */
void proxy_answer(struct chain_node *self, struct ehr_fx *fx, const struct release_job *job,
                  const struct released *released);
void proxy_refuse(struct ehr_fx *fx, const struct release_job *job, enum ehr_reply status);

#endif /* EHR_ACTORS_CHAIN_NODE_INTERNAL_H */
