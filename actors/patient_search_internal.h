/* The state of one search, for patient_search.c (queries and answers) and patient_hits.c (what the
 * answers prove). */
#ifndef EHR_ACTORS_PATIENT_SEARCH_INTERNAL_H
#define EHR_ACTORS_PATIENT_SEARCH_INTERNAL_H

#include "actors/patient_internal.h"

enum member_state {
    MEMBER_IDLE = 0,
    MEMBER_ASKED,
    MEMBER_ANSWERED, /* well: its hits are in the union */
    MEMBER_REFUSED,  /* signed, with its height */
    MEMBER_FAILED,   /* too late, or sent hits that are none */
};

struct search {
    uint8_t nonce[16], query_id[32];
    uint8_t *bytes; /* QRY1 of this round; secret: trapdoors */
    size_t length;
    uint8_t *trapdoors;   /* 32 * count, those of a doctor one behind the other; secret */
    uint8_t *commitments; /* 32 * count, ascending */
    size_t count;
    size_t terms; /* keywords that a record must have: trapdoors of a doctor */
    uint8_t purpose;
    uint64_t min_height;
    uint64_t known_height; /* by which the expiry of this round was chosen */
    uint32_t first;        /* member asked first in this round */
    uint32_t pending, answered;
    uint32_t replayed; /* members that knew the nonce of this round */
    uint32_t unlogged; /* members that found no commitments of this round on the chain */
    bool logging;      /* nobody is asked before they stand there */
    uint8_t *state;    /* enum member_state of each member */
    uint64_t *heights; /* of the answers */
    struct found *found;
    uint32_t found_count, found_capacity;
    bool matched;             /* patient_hits_match was called */
    uint8_t (*certified)[32]; /* digests of block certificates verified in this search */
    uint32_t certified_count, certified_capacity;
    struct ehr_patience patience;
};

/* ---- patient_hits.c ---- */
/* Verifies all hits of an answer and adds them to the union; false: the member sent something that
 * is not a hit. */
bool patient_hits_take(const struct here *here, struct search *search,
                       const struct ehr_msg_answer *answer, uint32_t member);
struct found *patient_found_by_txid(const struct search *search, const uint8_t txid[32]);
/* Finds out what each of the union matches: once per search, when it is complete. */
void patient_hits_match(const struct here *here, struct search *search);
bool patient_found_is_held_by(const struct found *found, uint32_t member);

#endif /* EHR_ACTORS_PATIENT_SEARCH_INTERNAL_H */
