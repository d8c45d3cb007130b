/* The state of a hospital server, for the files that make it up.
 *
 * hospital.c         life, dispatch, restart from the journal
 * hospital_cards.c   cards: issue and check
 * hospital_store.c   ciphertexts: store, compare and release, orphans
 * hospital_blocks.c  private blocks: certificates from shares, bodies, gaps
 * hospital_emergency.c  keys without a card, and the audit of it
 * hospital_anchor.c  private blocks to the alliance chain, end of visits
 * hospital_mail.c    receipts, until the patients have them */
#ifndef EHR_ACTORS_HOSPITAL_INTERNAL_H
#define EHR_ACTORS_HOSPITAL_INTERNAL_H

#include "actors/client.h"
#include "actors/directory.h"
#include "actors/hospital.h"
#include "actors/marks.h"
#include "actors/memory.h"
#include "actors/resend.h"
#include "actors/roles.h"
#include "sim/ledger/quorum_cert.h"
#include "sim/ledger/wire.h"

#define uthash_fatal(message) abort()
#include <uthash.h>
#include <utlist.h>

/* Timer ids; those of a private block are its height, from 1. */
#define HOSPITAL_TIMER_ORPHANS UINT32_MAX
#define HOSPITAL_TIMER_GAP     (UINT32_MAX - 1)
#define HOSPITAL_TIMER_MAIL    (UINT32_MAX - 2)

enum {
    HOSPITAL_SCAN_HEIGHTS = 16,     /* asked for at a time */
    HOSPITAL_WINDOW_HEIGHTS = 65536 /* shares of later heights are not kept */
};

struct card {
    uint8_t reference[32]; /* key: H32("card-ref"; m) */
    uint8_t keys[128];     /* key: V|O|C|F */
    uint32_t patient;      /* lane */
    uint64_t regno;
    UT_hash_handle hh, hh_keys;
};

/* A visit as the hospital sees it: the card was checked; then the ciphertext. */
struct kept {
    uint64_t request; /* key until shared */
    uint8_t P[32];    /* key once stored */
    uint32_t patient;
    uint32_t emergency;      /* 1 + number of the doctor who got the keys for it; 0: by a card */
    struct ehr_blob *record; /* NULL: not stored yet */
    uint8_t ct_hash[32], body_hash[32];
    uint64_t since_ns;
    uint64_t height; /* of the private block under which it is shared in this life; 0: none yet */
    bool referenced; /* by a private block: no orphan */
    bool by_request; /* in that table */
    UT_hash_handle hh, hh_pseudonym;
    struct kept *prev, *next; /* not referenced, oldest first */
};

/* A header that shares speak of, with its outcome. */
struct candidate {
    uint8_t digest[32], block_hash[32];
    struct ehr_block_header parsed;
    uint8_t header[EHR_BLOCK_HEADER_BYTES];
    uint8_t previous_state[32];
    struct ehr_blob *refused;
    struct ehr_quorum_vote *votes; /* verified */
    uint32_t vote_count, vote_capacity;
    bool counted; /* as a fork */
    struct candidate *next;
};

enum block_step {
    BLOCK_SHARES = 1, /* too few shares */
    BLOCK_BODY,       /* certified; transactions awaited */
    BLOCK_READY,      /* waits for its turn */
    BLOCK_SUBMITTED,  /* anchor and index transactions under way */
    BLOCK_SHARED,     /* nothing left to do but for the receipts */
};

struct block;

/* One record of a private block on its way to the alliance chain. */
struct sharing {
    uint8_t id[32]; /* key: of the index transaction */
    struct block *block;
    uint64_t request; /* of the visit */
    uint8_t receipt[128];
    struct ehr_tx *tx; /* kept for a repetition after NO_HEADER */
    struct ehr_client client;
    uint8_t attempts;
    bool open;
    bool reported;  /* as timed out or refused: the client waits no longer, the hospital goes on */
    bool no_header; /* refused so in the last attempt that is made at once */
    bool emergency; /* two doctors signed it: */
    uint8_t doctor_id[32], second_id[32];
    bool waits_for_anchor; /* answered NO_HEADER before the anchor was there */
    UT_hash_handle hh;
};

struct block {
    uint64_t height; /* key */
    enum block_step step;
    struct candidate *candidates;
    struct candidate *certified;  /* one of them */
    struct ehr_block *body;       /* with that hash, if certified; else whatever came */
    struct ehr_patience fetching; /* the body */
    uint32_t asked;               /* signer, in the order of the shares */
    struct ehr_client anchor;
    bool anchored;
    struct sharing *sharings;
    uint32_t sharing_count, open_count;
    uint32_t mail_count; /* receipts neither collected nor in the journal */
    UT_hash_handle hh;
};

/* A receipt that the patient has not acknowledged. */
struct mail {
    uint8_t P[32]; /* key */
    struct ehr_resend resend;
    uint64_t generation; /* key: of its timer */
    struct block *block; /* that is not done with before it; NULL: it is in the journal */
    UT_hash_handle hh, hh_timer;
};

/* What a doctor had of the emergencies allowed within an hour. */
struct emergencies {
    uint64_t since_ns; /* the hour began */
    uint32_t count;
};

struct hospital {
    struct ehr_node node; /* first */
    struct ehr_hospital_config config;
    const struct ehr_hospital_info *info;
    struct card *cards, *cards_by_keys;
    uint64_t regno;
    struct emergencies *emergencies;   /* by doctor */
    struct kept *visits, *ciphertexts; /* by request, by P */
    struct kept *unreferenced;
    bool orphan_timer;
    uint64_t orphan_generation;
    struct block *blocks;
    struct sharing *sharings;
    struct mail *mails, *mails_by_timer;
    uint64_t anchored;          /* every height up to it is done with: persisted */
    uint64_t next_height;       /* the next to submit */
    uint64_t highest_certified; /* or `anchored` */
    uint64_t highest_heard;     /* the same, signed by one member at least */
    bool scanning;              /* after a restart: the private chain may be ahead */
    uint64_t scanned;           /* heights asked for */
    struct ehr_patience gap;
    uint64_t gap_height; /* that it waits for; others may be missing too */
    uint64_t view;       /* of the alliance chain, as far as known */
    uint64_t generation;
    struct ehr_hospital_counts counts;
};

static inline const uint8_t *hospital_id(const struct hospital *self)
{
    return self->info->server.cert.id;
}

/* A peer's bad message: counted and dropped. */
void hospital_drop(struct ehr_fx *fx, const struct ehr_message *message);

/* ---- hospital_cards.c ---- */
void hospital_on_enrol(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void hospital_on_card_check(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d);
/* Number of the doctor on that node; UINT32_MAX: no doctor of this hospital. */
uint32_t hospital_doctor_find(const struct hospital *self, uint32_t node);
void hospital_card_restore(struct hospital *self, const struct ehr_blob *data);
void hospital_cards_forget(struct hospital *self);

/* ---- hospital_store.c ---- */
/* The visit begins here: its patient is known by the card, or in an emergency by what the doctor
 * says. `emergency` as in struct kept. Nothing happens if the request has a visit. */
void hospital_visit_open(struct hospital *self, struct ehr_fx *fx, uint64_t request,
                         uint32_t patient, uint32_t emergency);
/* The visit that is open under a request, or NULL. */
struct kept *hospital_visit_find(const struct hospital *self, uint64_t request);
void hospital_on_store(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void hospital_on_compare(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void hospital_orphans_collect(struct hospital *self, struct ehr_fx *fx);
/* A private block refers to the ciphertext under P; its visit, or NULL. */
struct kept *hospital_ciphertext_refer(struct hospital *self, const uint8_t P[32]);
struct kept *hospital_ciphertext_find(const struct hospital *self, const uint8_t P[32]);
/* The visit is shared: only its ciphertext stays. */
void hospital_visit_close(struct hospital *self, struct kept *kept);
void hospital_ciphertext_restore(struct hospital *self, struct ehr_blob *record,
                                 const struct ehr_blob *data);
void hospital_store_forget(struct hospital *self);

/* ---- hospital_emergency.c ---- */
void hospital_on_emergency_ask(struct hospital *self, struct ehr_fx *fx,
                               const struct ehr_delivery *d);
void hospital_audit_restore(struct hospital *self, const struct ehr_blob *data);
/* The receipt of an emergency record, sealed; it tells the patient who wrote it. NULL: a doctor
 * whose record its chain would have refused. */
struct ehr_message *hospital_audit_make(const struct hospital *self, const struct sharing *sharing,
                                        uint64_t height);

/* ---- hospital_blocks.c ---- */
void hospital_on_block_sign(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void hospital_on_body(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d);
/* Timer of a private block's body; true if it was one. */
bool hospital_body_timer(struct hospital *self, struct ehr_fx *fx, struct block *block,
                         uint64_t generation);
void hospital_gap_timer(struct hospital *self, struct ehr_fx *fx, uint64_t generation);
/* Looks whether a height is missing, and asks for it if it stays so. */
void hospital_gap_check(struct hospital *self, struct ehr_fx *fx);
/* After a restart: asks for what followed the last anchored height. */
void hospital_scan(struct hospital *self, struct ehr_fx *fx);
struct block *hospital_block_find(const struct hospital *self, uint64_t height);
void hospital_block_free(struct hospital *self, struct block *block);
void hospital_blocks_forget(struct hospital *self);

/* ---- hospital_anchor.c ---- */
/* Blocks completely shared in a row, their receipts safe, need not be looked at any more. */
void hospital_advance(struct hospital *self, struct ehr_fx *fx);
/* Submits, in order of height, the blocks whose turn it is. */
void hospital_anchor_ready(struct hospital *self, struct ehr_fx *fx);
void hospital_on_reply(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d);
void hospital_anchor_timer(struct hospital *self, struct ehr_fx *fx, struct block *block,
                           uint64_t generation);
void hospital_sharings_free(struct hospital *self, struct block *block);

/* ---- hospital_mail.c ---- */
/* Sends the sealed receipt of a visit under `P` until the patient acknowledges it; takes over the
 * reference. Until then, or until it is in the journal, the block is not done with. */
void hospital_mail_post(struct hospital *self, struct ehr_fx *fx, struct block *block,
                        const uint8_t P[32], uint32_t patient, struct ehr_message *take_receipt);
void hospital_on_receipt_ack(struct hospital *self, struct ehr_fx *fx,
                             const struct ehr_delivery *d);
void hospital_mail_timer(struct hospital *self, struct ehr_fx *fx, uint64_t generation);
void hospital_mail_restore(struct hospital *self, const struct ehr_blob *data);
void hospital_mail_collected(struct hospital *self, const struct ehr_blob *data);
/* After a restart: what was restored. */
void hospital_mail_send(struct hospital *self, struct ehr_fx *fx);
void hospital_mail_forget(struct hospital *self);

#endif /* EHR_ACTORS_HOSPITAL_INTERNAL_H */
