/* What a test of roles does to messages on their way. */
#ifndef EHR_TESTS_ROLE_MEDDLER_H
#define EHR_TESTS_ROLE_MEDDLER_H

#include "tests/simulation/role_world.h"

enum meddling {
    MEDDLE_NOTHING,
    MEDDLE_DRAFT_LABELS,    /* a label of every draft is changed */
    MEDDLE_DRAFT_RECORD,    /* a bit of every sealed record is flipped */
    MEDDLE_CARD_REFERENCE,  /* doctors ask about another card */
    MEDDLE_FIRST_SUBMIT,    /* the first SUBMIT is lost */
    MEDDLE_STORE_RECORD,    /* the ciphertext is changed on its way to the hospital */
    MEDDLE_RECEIPTS_LOST,   /* patients get no receipt */
    MEDDLE_CFRAG,           /* proxy 0 sends forged shares */
    MEDDLE_CFRAG_SIGNED,    /* and signs them */
    MEDDLE_BODY_LEFT_OUT,   /* proxy 0 sends heads only */
    MEDDLE_HITS_OMITTED,    /* alliance node 0 leaves out all hits, and signs that */
    MEDDLE_SILENT_PATIENT,  /* a patient's device sends nothing */
    MEDDLE_SILENT_HOSPITAL, /* hospital server 0 sends nothing */
};

struct meddler {
    struct role_world *world;
    enum meddling what;
    uint32_t count; /* messages meddled with */
    uint32_t submits;
};

/* Starts meddling with the messages of the world, which borrows the meddler. */
void role_meddler_start(struct meddler *meddler, struct role_world *world, enum meddling what);

/* Whether the request was closed and reported exactly once, with this reply. */
bool role_ended_with(const struct role_world *world, uint32_t request, enum ehr_reply reply);

/* Patient 0 has a card of hospital 0 (request 1) and a shared visit there (request 2, record 0). */
struct role_world *role_world_with_visit(double consent);

#endif /* EHR_TESTS_ROLE_MEDDLER_H */
