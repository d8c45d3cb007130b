/* The state of a data user, for the files that make it up.
 *
 * data_user.c         life, dispatch, the request for consent, how a request ends
 * data_user_shares.c  the grant, access requests to proxies, their shares
 * data_user_open.c    combination of t shares, blame
 * data_user_batch.c   several visits at once */
#ifndef EHR_ACTORS_DATA_USER_INTERNAL_H
#define EHR_ACTORS_DATA_USER_INTERNAL_H

#include "actors/directory.h"
#include "actors/marks.h"
#include "actors/memory.h"
#include "actors/resend.h"
#include "actors/roles.h"
#include "crypto/combine.h"
#include "crypto/grant.h"
#include "crypto/record.h"
#include "crypto/reencrypt.h"
#include "sim/ledger/scope_proof.h"

#define uthash_fatal(message) abort()
#include <uthash.h>

enum proxy_state {
    PROXY_IDLE = 0,
    PROXY_ASKED,
    PROXY_LATE,    /* passed over; it may still answer, or be asked again */
    PROXY_GOOD,    /* its share is there */
    PROXY_REFUSED, /* with `status` */
    PROXY_BAD,     /* forged: blamed */
};

struct proxy {
    enum proxy_state state;
    bool whole;      /* it was asked for the body too */
    bool was_behind; /* it did not know the grant, and is asked again */
    enum ehr_reply status;
    uint8_t cfrag[EHR_CFRAG_BYTES];
};

enum demand_step {
    DEMAND_CONSENT = 1,
    DEMAND_SHARES,
    DEMAND_BATCH, /* its visits are demands of their own */
};

/* An open request of this data user. */
struct demand {
    uint64_t request; /* key */
    enum demand_step step;
    uint32_t patient, visit, record;
    struct ehr_resend resend;    /* ACCESS_ASK */
    uint64_t consent_generation; /* of the timer that ends the wait for consent */
    struct ehr_blob *index, *grant_bytes;
    struct ehr_grant_verified grant; /* of grant_bytes */
    uint8_t priv[32];                /* of the index transaction */
    struct ehr_scope_proof proof;    /* where scopes are enforced; secret */
    struct ehr_blob *head;           /* verified; the first that came */
    struct ehr_blob *sealed;         /* the whole record */
    struct proxy proxies[EHR_GRANT_PROXIES_MAX];
    uint32_t first; /* the proxy asked first */
    struct ehr_patience patience;
    /* several visits */
    uint8_t wanted;         /* at most so many; 0: one visit */
    uint32_t left, opened;  /* visits that have not ended; ended well */
    enum ehr_reply failure; /* why the first of the others ended */
    UT_hash_handle hh;
};

struct data_user {
    struct ehr_node node; /* first */
    struct ehr_data_user_config config;
    const struct ehr_member *self;
    struct ehr_blob *certificates;
    struct demand *demands;
    uint64_t generation;
};

/* ---- data_user.c ---- */
/* A peer's bad message: counted and dropped. */
void data_user_drop(struct ehr_fx *fx, const struct ehr_message *message);
struct demand *data_user_demand_at(struct data_user *self, uint64_t request, enum demand_step step);
void data_user_close(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                     enum ehr_reply reply);
void data_user_time_out(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                        enum ehr_reply reply);

/* Draws a keyword of the record and asks the patient. */
void data_user_begin(struct data_user *self, struct ehr_fx *fx, struct demand *demand);

/* ---- data_user_shares.c ---- */
void data_user_on_access_reply(struct data_user *self, struct ehr_fx *fx,
                               const struct ehr_delivery *d);
void data_user_on_access_reply_scoped(struct data_user *self, struct ehr_fx *fx,
                                      const struct ehr_delivery *d);
void data_user_on_share(struct data_user *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void data_user_shares_timer(struct data_user *self, struct ehr_fx *fx, struct demand *demand);
/* Asks as many proxies as shares are missing; ends the request when too few are left. */
void data_user_ask_more(struct data_user *self, struct ehr_fx *fx, struct demand *demand);
uint32_t data_user_proxies_in(const struct data_user *self, const struct demand *demand,
                              enum proxy_state state);
/* The proxy sent something forged. */
void data_user_blame(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                     uint32_t proxy);

/* The patient's answer brought a grant: checks it and asks the proxies. */
void data_user_granted(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                       const struct ehr_msg_access_reply *reply, const uint8_t *trapdoor,
                       size_t trapdoor_len);

/* ---- data_user_open.c ---- */
void data_user_combine(struct data_user *self, struct ehr_fx *fx, struct demand *demand);

/* ---- data_user_batch.c ---- */
/* Whether it is one visit of several. */
static inline bool demand_is_child(const struct demand *demand)
{
    return demand->request > UINT32_MAX;
}
void data_user_on_begin_batch(struct data_user *self, struct ehr_fx *fx,
                              const struct ehr_delivery *d);
void data_user_on_batch_reply(struct data_user *self, struct ehr_fx *fx,
                              const struct ehr_delivery *d);
struct ehr_message *data_user_batch_ask(struct data_user *self, const struct demand *demand,
                                        struct ehr_blob *take_keyword);
/* The visit with this key has ended. */
void data_user_batch_ended(struct data_user *self, struct ehr_fx *fx, uint64_t child,
                           enum ehr_reply reply);
/* The visit of that request whose timer this is. */
struct demand *data_user_batch_waiting(struct data_user *self, uint64_t request,
                                       uint64_t generation);

#endif /* EHR_ACTORS_DATA_USER_INTERNAL_H */
