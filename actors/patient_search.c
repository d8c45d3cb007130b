/* C.1-2 and D.2: the same query, sealed to each of f+1 alliance nodes, or in clear to all; every
 * hit is verified, the union counts, and a node that left one out is blamed. */
#include <string.h>

#include "actors/patient_search_internal.h"
#include "crypto/index.h"
#include "crypto/query.h"
#include "sim/ledger/wire.h"

/* ---- making ---- */

static int compare_values(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static bool trapdoors_make(const struct here *here, struct search *search, const uint8_t *kw,
                           size_t terms)
{
    size_t doctors = 0;
    for (struct patient_doctor *doctor = here->patient->doctors; doctor; doctor = doctor->next)
        doctors++;
    while (terms > 1 && terms * doctors > EHR_QUERY_TRAPDOORS_SERVED)
        terms--;
    search->terms = terms;
    search->trapdoors = ehr_actor_new(32 * doctors * terms);
    search->commitments = ehr_actor_new(32 * doctors * terms);
    for (struct patient_doctor *doctor = here->patient->doctors; doctor; doctor = doctor->next) {
        for (size_t i = 0; i < terms && patient_index_key(here, doctor); i++) {
            uint8_t *T = search->trapdoors + 32 * search->count;
            ehr_index_trapdoor(T, doctor->key, here->directory->epoch, kw + 32 * i);
            ehr_index_td_com(search->commitments + 32 * search->count, T);
            search->count++;
        }
    }
    ehr_fx_charge(here->fx, EHR_COST_TRAPDOOR, search->count, 0);
    ehr_fx_charge(here->fx, EHR_COST_HASH, search->count, 32 * search->count);
    qsort(search->commitments, search->count, 32, compare_values);
    return search->count > 0;
}

/* In clear: nothing is computed but the query's id. */
static void query_broadcast(const struct here *here, const struct errand *errand, uint32_t member)
{
    const struct search *search = errand->search;
    struct ehr_msg_query *query = EHR_NEW(query, QUERY);
    query->request = errand->request;
    query->box = ehr_blob_new(search->bytes, search->length);
    ehr_fx_send(here->fx, (struct ehr_address){here->directory->alliance.members[member].node, 0},
                ehr_message_seal(&query->head));
}

static void query_send(const struct here *here, const struct errand *errand, uint32_t member)
{
    const struct search *search = errand->search;
    const struct ehr_member *node = &here->directory->alliance.members[member];
    struct ehr_msg_query *query = EHR_NEW(query, QUERY);
    uint8_t context[32];
    ehr_query_context(context, node->cert.id);
    query->request = errand->request;
    query->box = ehr_blob_new(NULL, search->length + EHR_BOX_OVERHEAD_BYTES);
    ehr_fx_charge(here->fx, EHR_COST_QUERY_MAKE, 1, search->length);
    if (ehr_box_seal(query->box->bytes, &node->epoch_key, context, search->bytes, search->length,
                     &here->patient->crypto.rng) != EHR_OK) {
        ehr_message_unref(&query->head); /* a scalar of zero, or a bad key: as if lost */
        return;
    }
    ehr_fx_send(here->fx, (struct ehr_address){node->node, 0}, ehr_message_seal(&query->head));
}

/* Keeps as many members asked as answers are missing, as long as there are members; or all. */
static void ask_more(const struct here *here, struct errand *errand)
{
    struct search *search = errand->search;
    const struct ehr_committee *alliance = &here->directory->alliance;
    for (uint32_t i = 0; !search->logging && i < alliance->count; i++) {
        if (!here->directory->broadcast &&
            search->answered + search->pending >= alliance->client_quorum)
            return;
        uint32_t member = (search->first + i) % alliance->count;
        if (search->state[member] != MEMBER_IDLE)
            continue;
        search->state[member] = MEMBER_ASKED;
        search->pending++;
        (here->directory->broadcast ? query_broadcast : query_send)(here, errand, member);
    }
}

/* The commitments of a new query go to the chain, if they are to. They were made, and charged, with
 * the trapdoors. */
static void round_log(const struct here *here, struct errand *errand)
{
    struct search *search = errand->search;
    if (here->directory->query_logging == EHR_QUERY_LOGGING_NONE)
        return;
    search->logging = here->directory->query_logging == EHR_QUERY_LOGGING_BEFORE;
    if (search->logging && errand->kind == ERRAND_RETRIEVE)
        ehr_mark_phase(here->fx, errand->request, EHR_PHASE_ORDER);
    patient_log_submit(here, errand, search->query_id);
}

/* A query with a new nonce, to members that have not answered well yet. */
static void round_begin(const struct here *here, struct errand *errand)
{
    struct search *search = errand->search;
    const struct ehr_committee *alliance = &here->directory->alliance;
    ehr_rng_fill(&here->patient->crypto.rng, search->nonce, sizeof(search->nonce));
    /* ascending: their order must not tell which belong to one doctor */
    uint8_t *trapdoors = ehr_actor_new(32 * search->count);
    memcpy(trapdoors, search->trapdoors, 32 * search->count);
    qsort(trapdoors, search->count, 32, compare_values);
    search->known_height = here->patient->known_height;
    const struct ehr_query query = {
        .nonce = search->nonce,
        .expiry = search->known_height + here->directory->query_expiry_blocks,
        .min_height = search->min_height,
        .purpose = search->purpose,
        .chain_id = alliance->chain_id,
        .trapdoors = trapdoors,
        .count = search->count,
    };
    search->length = EHR_QUERY_BYTES(search->count);
    if (search->bytes == NULL)
        search->bytes = ehr_actor_new(search->length);
    ehr_query_encode(search->bytes, &query);
    ehr_wipe(trapdoors, 32 * search->count);
    free(trapdoors);
    if (here->directory->broadcast)
        ehr_fx_charge(here->fx, EHR_COST_HASH, 1, search->length);
    ehr_query_id(search->query_id, search->bytes, search->length);
    search->first = (uint32_t)patient_draw_below(here, alliance->count);
    search->pending = search->replayed = search->unlogged = 0;
    for (uint32_t i = 0; i < alliance->count; i++)
        if (search->state[i] != MEMBER_ANSWERED)
            search->state[i] = MEMBER_IDLE;
    round_log(here, errand);
    ask_more(here, errand);
}

bool patient_search_start(const struct here *here, struct errand *errand, const uint8_t *kw,
                          size_t terms, uint8_t purpose, uint64_t min_height)
{
    struct search *search = ehr_actor_new(sizeof(*search));
    errand->search = search;
    search->purpose = purpose;
    search->min_height = min_height;
    search->state = ehr_actor_new(here->directory->alliance.count);
    search->heights = ehr_actor_new(here->directory->alliance.count * sizeof(uint64_t));
    if (!trapdoors_make(here, search, kw, terms))
        return false;
    round_begin(here, errand);
    ehr_patience_start(&search->patience, here->fx, here->directory, PATIENT_TIMER,
                       ++here->patient->generation);
    return true;
}

void patient_search_free(struct search *search)
{
    if (search == NULL)
        return;
    for (uint32_t i = 0; i < search->found_count; i++) {
        ehr_blob_unref(search->found[i].atx);
        free(search->found[i].holders);
    }
    free(search->found);
    ehr_wipe(search->bytes, search->bytes == NULL ? 0 : search->length);
    ehr_wipe(search->trapdoors, 32 * search->count);
    free(search->bytes);
    free(search->trapdoors);
    free(search->commitments);
    free(search->state);
    free(search->heights);
    free(search->certified);
    free(search);
}

/* ---- answers ---- */

/* Whether the answer of `member` speaks of the hit's height and lacks it. */
static bool omits(const struct search *search, uint32_t member, const struct found *found)
{
    return found->height <= search->heights[member] && !patient_found_is_held_by(found, member);
}

/* Whether its answer lacks what a trapdoor matches, or has what none does. */
static bool is_to_blame(const struct search *search, uint32_t member)
{
    for (uint32_t i = 0; i < search->found_count; i++) {
        const struct found *found = &search->found[i];
        if (found->matches ? omits(search, member, found) : patient_found_is_held_by(found, member))
            return true;
    }
    return false;
}

/* What the union matches is looked at only where an answer lacks something: a proof shows no more
 * than that a transaction is on the chain, and one that was not asked for must not discredit those
 * who left it out. */
static void blame_answers(const struct here *here, const struct errand *errand)
{
    struct search *search = errand->search;
    const struct ehr_committee *alliance = &here->directory->alliance;
    bool differ = search->terms > 1;
    for (uint32_t i = 0; i < alliance->count; i++)
        differ = differ || (search->state[i] == MEMBER_ANSWERED && is_to_blame(search, i));
    if (!differ)
        return;
    patient_hits_match(here, search);
    for (uint32_t i = 0; i < alliance->count; i++)
        if (search->state[i] == MEMBER_ANSWERED && is_to_blame(search, i))
            ehr_mark(here->fx, EHR_MARK_BLAME, errand->request, 0, alliance->members[i].node);
}

/* The greatest height that f+1 members in that state have reached: one of them is correct. */
static uint64_t height_of_members(const struct here *here, const struct search *search,
                                  enum member_state state)
{
    const struct ehr_committee *alliance = &here->directory->alliance;
    uint64_t best = 0;
    for (uint32_t i = 0; i < alliance->count; i++) {
        uint32_t reached = 0;
        for (uint32_t k = 0; k < alliance->count; k++)
            reached += search->state[k] == state && search->heights[k] >= search->heights[i];
        if (search->state[i] == state && reached >= alliance->client_quorum &&
            search->heights[i] > best)
            best = search->heights[i];
    }
    return best;
}

static void search_done(const struct here *here, struct errand *errand)
{
    ehr_patience_stop(&errand->search->patience);
    blame_answers(here, errand);
    patient_height_seen(here, height_of_members(here, errand->search, MEMBER_ANSWERED));
    if (errand->kind == ERRAND_RETRIEVE)
        patient_retrieve_found(here, errand);
    else
        patient_consent_found(here, errand);
}

static bool answer_is_signed(const struct here *here, const struct search *search,
                             const struct ehr_msg_answer *answer, uint32_t member)
{
    uint8_t digest[32];
    ehr_answer_digest(digest, search->query_id, answer->status, answer->height, answer->hits);
    ehr_fx_charge(here->fx, EHR_COST_HASH, 1, answer->hits != NULL ? answer->hits->length : 0);
    ehr_fx_charge(here->fx, EHR_COST_ED_VERIFY, 1, 0);
    return ehr_sign_verify(here->directory->alliance.members[member].cert.ed_pk, "sig-answer",
                           digest, answer->signature) == EHR_OK;
}

/* The patient's idea of the height was too old and its query had expired. */
static bool height_learned(const struct here *here, const struct search *search)
{
    uint64_t height = height_of_members(here, search, MEMBER_REFUSED);
    patient_height_seen(here, height);
    return height > search->known_height;
}

void patient_on_answer(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_answer *answer = EHR_AS(answer, d->message);
    struct errand *errand = patient_errand_find(here, answer->request);
    struct search *search = errand != NULL ? errand->search : NULL;
    uint32_t member = ehr_committee_replica(&here->directory->alliance, d->from.node);
    if (search == NULL || search->patience.generation == 0 || member == UINT32_MAX ||
        search->state[member] == MEMBER_IDLE || search->state[member] == MEMBER_ANSWERED ||
        memcmp(answer->query_id, search->query_id, 32) != 0) {
        if (!here->directory->broadcast)    /* more answers than the quorum are normal there */
            patient_drop(here, d->message); /* late, or to another round */
        return;
    }
    if (!answer_is_signed(here, search, answer, member)) {
        patient_drop(here, d->message);
        return;
    }
    if (search->state[member] == MEMBER_ASKED)
        search->pending--;
    search->heights[member] = answer->height;
    if (answer->status != EHR_REPLY_OK) {
        if (search->state[member] != MEMBER_REFUSED) {
            search->replayed += answer->status == EHR_REPLY_QUERY_REPLAY;
            search->unlogged += answer->status == EHR_REPLY_QUERY_UNLOGGED;
        }
        search->state[member] = MEMBER_REFUSED;
    } else if (patient_hits_take(here, search, answer, member)) {
        search->state[member] = MEMBER_ANSWERED;
        search->answered++;
    } else {
        search->state[member] = MEMBER_FAILED;
        ehr_mark(here->fx, EHR_MARK_BLAME, errand->request, 0, d->from.node);
    }
    if (search->answered >= here->directory->alliance.client_quorum)
        search_done(here, errand);
    else if (height_learned(here, search))
        round_begin(here, errand);
    else
        ask_more(here, errand);
}

/* Who has not answered by now is passed over; after the last member a new round begins. */
static void round_go_on(const struct here *here, struct errand *errand)
{
    struct search *search = errand->search;
    const struct ehr_committee *alliance = &here->directory->alliance;
    bool idle = false;
    for (uint32_t i = 0; i < alliance->count; i++) {
        idle = idle || search->state[i] == MEMBER_IDLE;
        if (search->state[i] == MEMBER_ASKED)
            search->state[i] = MEMBER_FAILED; /* a late answer still counts */
    }
    search->pending = 0;
    if (idle)
        ask_more(here, errand);
    else
        round_begin(here, errand);
}

static void search_end(const struct here *here, struct errand *errand, enum ehr_reply reply)
{
    if (errand->kind != ERRAND_RETRIEVE)
        patient_consent_answer(here, errand, reply);
    else if (reply != EHR_REPLY_NODE_UNREACHABLE)
        patient_errand_close(here, errand, reply);
    else
        patient_errand_time_out(here, errand, reply);
}

/* Too few answered in time. Where f+1 knew the nonce of the last round, or found its commitments
 * not on the chain, that is why. */
static void search_give_up(const struct here *here, struct errand *errand)
{
    uint32_t quorum = here->directory->alliance.client_quorum;
    search_end(here, errand,
               errand->search->replayed >= quorum   ? EHR_REPLY_QUERY_REPLAY
               : errand->search->unlogged >= quorum ? EHR_REPLY_QUERY_UNLOGGED
                                                    : EHR_REPLY_NODE_UNREACHABLE);
}

void patient_search_logged(const struct here *here, struct errand *errand,
                           const uint8_t query_id[32], enum ehr_reply status)
{
    struct search *search = errand->search;
    if (!search->logging || memcmp(query_id, search->query_id, 32) != 0)
        return;
    search->logging = false;
    if (status != EHR_REPLY_OK) {
        search_end(here, errand, status);
        return;
    }
    if (here->patient->known_height > search->known_height + here->directory->query_expiry_blocks) {
        /* it has expired meanwhile; the next one knows better at which height it is */
        if (ehr_patience_is_over(&search->patience, here->fx, here->directory))
            search_end(here, errand, EHR_REPLY_QUERY_EXPIRED);
        else
            round_begin(here, errand);
        return;
    }
    if (errand->kind == ERRAND_RETRIEVE)
        ehr_mark_phase(here->fx, errand->request, EHR_PHASE_SEARCH);
    ehr_patience_start(&search->patience, here->fx, here->directory, PATIENT_TIMER,
                       ++here->patient->generation);
    ask_more(here, errand);
}

bool patient_search_timer(const struct here *here, struct errand *errand, uint64_t generation)
{
    struct search *search = errand->search;
    if (search == NULL || search->patience.generation != generation)
        return false;
    if (search->logging)
        ehr_patience_insist(&search->patience, here->fx, here->directory, PATIENT_TIMER);
    else if (ehr_patience_on_timer(&search->patience, here->fx, here->directory, PATIENT_TIMER))
        round_go_on(here, errand);
    else
        search_give_up(here, errand);
    return true;
}

/* ---- results ---- */

const struct found *patient_search_by_txid(const struct search *search, const uint8_t txid[32])
{
    const struct found *found = patient_found_by_txid(search, txid);
    return found != NULL && found->visit != UINT32_MAX && found->wanted ? found : NULL;
}

const struct found *patient_search_newest(const struct search *search)
{
    const struct found *newest = NULL;
    for (uint32_t i = 0; i < search->found_count; i++)
        if (search->found[i].visit != UINT32_MAX && search->found[i].wanted &&
            (newest == NULL || search->found[i].height > newest->height))
            newest = &search->found[i];
    return newest;
}

uint32_t patient_search_found(const struct search *search, const struct found **found)
{
    *found = search->found;
    return search->found_count;
}

const uint8_t *patient_search_query_id(const struct search *search)
{
    return search->query_id;
}

uint64_t patient_search_height(const struct search *search, uint32_t member)
{
    return search->heights[member];
}

size_t patient_search_trapdoors(const struct search *search, const uint8_t **trapdoors)
{
    *trapdoors = search->trapdoors;
    return search->count;
}

size_t patient_search_commitments(const struct search *search, const uint8_t **commitments)
{
    *commitments = search->commitments;
    return search->count;
}
