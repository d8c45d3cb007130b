/* Hits of an answer: each must be an index transaction of a hospital, in a block that the alliance
 * certified, not refused there. */
#include <string.h>

#include "actors/patient_search_internal.h"
#include "crypto/conjunction.h"
#include "sim/ledger/quorum_cert.h"
#include "sim/ledger/wire.h"

struct found *patient_found_by_txid(const struct search *search, const uint8_t txid[32])
{
    for (uint32_t i = 0; i < search->found_count; i++)
        if (memcmp(search->found[i].txid, txid, 32) == 0)
            return &search->found[i];
    return NULL;
}

bool patient_found_is_held_by(const struct found *found, uint32_t member)
{
    for (uint32_t i = 0; i < found->holder_count; i++)
        if (found->holders[i] == member)
            return true;
    return false;
}

static void found_hold(struct found *found, uint32_t member)
{
    if (patient_found_is_held_by(found, member))
        return;
    if (found->holder_count == found->holder_capacity) {
        found->holder_capacity = found->holder_capacity == 0 ? 4 : 2 * found->holder_capacity;
        found->holders =
            ehr_actor_resize(found->holders, found->holder_capacity * sizeof(*found->holders));
    }
    found->holders[found->holder_count++] = member;
}

static bool is_certified(const struct search *search, const uint8_t digest[32])
{
    for (uint32_t i = 0; i < search->certified_count; i++)
        if (memcmp(search->certified[i], digest, 32) == 0)
            return true;
    return false;
}

/* The alliance block of a hit: certified by the alliance. A block and outcome that another hit of
 * this search has proved is not verified again. */
static bool block_is_proved(const struct here *here, struct search *search,
                            const struct ehr_block_proof *proof, struct ehr_block_header *header)
{
    const struct ehr_committee *alliance = &here->directory->alliance;
    if (ehr_block_header_parse(header, proof->header, EHR_BLOCK_HEADER_BYTES) != EHR_OK)
        return false;
    uint8_t hash[32], root[32], digest[32];
    ehr_block_hash(hash, proof->header);
    ehr_state_root(root, proof->previous_state, hash, proof->refused, proof->refused_len);
    ehr_block_cert_digest(digest, header->chain_id, header->epoch, header->height, hash, root);
    ehr_fx_charge(here->fx, EHR_COST_HASH, 3, EHR_BLOCK_HEADER_BYTES);
    if (is_certified(search, digest))
        return true;
    struct ehr_quorum_cert cert;
    if (ehr_quorum_cert_parse(&cert, proof->certificate, proof->certificate_len, alliance->count) !=
        EHR_OK)
        return false;
    ehr_fx_charge(here->fx, EHR_COST_ED_VERIFY, cert.signers, 0);
    if (ehr_block_proof_verify(proof, alliance->chain_id, alliance->keys, alliance->count,
                               alliance->certificate_quorum, NULL, NULL, NULL) != EHR_OK)
        return false;
    if (search->certified_count == search->certified_capacity) {
        search->certified_capacity =
            search->certified_capacity == 0 ? 4 : 2 * search->certified_capacity;
        search->certified =
            ehr_actor_resize(search->certified, search->certified_capacity * sizeof(digest));
    }
    memcpy(search->certified[search->certified_count++], digest, 32);
    return true;
}

static bool hit_is_proved(const struct here *here, struct search *search, const struct ehr_hit *hit,
                          struct ehr_block_header *header)
{
    uint8_t leaf[32];
    if (!block_is_proved(here, search, &hit->proof, header))
        return false;
    ehr_alliance_leaf(leaf, EHR_TX_INDEX, hit->atx, hit->atx_len);
    ehr_fx_charge(here->fx, EHR_COST_HASH, 1, hit->atx_len);
    ehr_fx_charge(here->fx, EHR_COST_MERKLE_NODE, hit->depth, 0);
    return hit->leaf_index < header->count &&
           !ehr_block_proof_refused(&hit->proof, hit->leaf_index) &&
           ehr_merkle_verify(header->merkle_root, leaf, hit->leaf_index, hit->path, hit->depth) ==
               EHR_OK;
}

/* Whose visit it is: known from the draft, else the pseudonym tells. */
static uint32_t visit_of_hit(const struct here *here, const struct ehr_atx *atx, uint32_t hospital)
{
    struct patient_visit *visit = patient_visit_by_pseudonym(here, atx->pseudonym);
    if (visit == NULL) {
        struct ehr_visit_keys keys;
        bool hit;
        enum ehr_status status = ehr_pseudonym_detect(
            &keys, &hit, atx->pseudonym, EHR_PSEUDONYM_BYTES, &here->patient->keys, atx->hid);
        ehr_fx_charge(here->fx,
                      status == EHR_OK && hit ? EHR_COST_PSEUDONYM_DETECT_HIT
                                              : EHR_COST_PSEUDONYM_DETECT_MISS,
                      1, 0);
        if (status != EHR_OK || !hit)
            return UINT32_MAX;
        visit = patient_visit_add(here);
        visit->hospital = hospital;
        memcpy(visit->pseudonym, atx->pseudonym, EHR_PSEUDONYM_BYTES);
        visit->keys = keys;
        ehr_wipe(&keys, sizeof(keys));
    }
    return (uint32_t)(visit - here->patient->visits);
}

/* Where the receipt of an own visit has not come (lost, or the place was down), the chain says the
 * same: the patient knows the pseudonym from the draft. */
static void receipt_replace(const struct here *here, const struct found *found)
{
    if (found->visit == UINT32_MAX || here->patient->visits[found->visit].shared)
        return;
    struct patient_visit *visit = &here->patient->visits[found->visit];
    visit->shared = true;
    memcpy(visit->txid, found->txid, sizeof(visit->txid));
    visit->height = found->height;
}

static struct found *found_add(struct search *search)
{
    if (search->found_count == search->found_capacity) {
        search->found_capacity = search->found_capacity == 0 ? 4 : 2 * search->found_capacity;
        search->found =
            ehr_actor_resize(search->found, search->found_capacity * sizeof(*search->found));
    }
    struct found *found = &search->found[search->found_count++];
    *found = (struct found){0};
    return found;
}

/* Verifies a hit and adds it to the union; false: the node sent something that is not one. */
static bool hit_take(const struct here *here, struct search *search, const struct ehr_hit *hit,
                     uint32_t member)
{
    struct ehr_atx atx;
    uint8_t txid[32];
    if (ehr_atx_parse(&atx, hit->atx, hit->atx_len) != EHR_OK)
        return false;
    ehr_atx_id(txid, &atx);
    ehr_fx_charge(here->fx, EHR_COST_HASH, 1, hit->atx_len);
    struct found *found = patient_found_by_txid(search, txid);
    if (found != NULL && found->atx->length == hit->atx_len &&
        memcmp(found->atx->bytes, hit->atx, hit->atx_len) == 0) {
        found_hold(found, member); /* proved by another node's answer */
        return true;
    }
    uint32_t hospital = ehr_directory_hospital(here->directory, atx.hid);
    struct ehr_block_header header;
    if (found != NULL || hospital == UINT32_MAX || !hit_is_proved(here, search, hit, &header))
        return false;
    const struct ehr_cert *server = &here->directory->hospitals[hospital].server.cert;
    ehr_fx_charge(here->fx, EHR_COST_ATX_VERIFY, 1, 0);
    if (ehr_atx_verify_signature(txid, &atx, server->id, server->ed_pk) != EHR_OK)
        return false;
    found = found_add(search);
    memcpy(found->txid, txid, 32);
    found->atx = ehr_blob_new(hit->atx, hit->atx_len);
    found->height = header.height;
    found->matches = found->wanted = true;
    found->visit = visit_of_hit(here, &atx, hospital);
    receipt_replace(here, found);
    found_hold(found, member);
    return true;
}

bool patient_hits_take(const struct here *here, struct search *search,
                       const struct ehr_msg_answer *answer, uint32_t member)
{
    size_t offset = 0, left = 0;
    struct ehr_hit hit;
    bool malformed = false;
    while (ehr_hits_next(answer->hits, &offset, &left, &hit, &malformed))
        if (!hit_take(here, search, &hit, member))
            return false;
    return !malformed;
}

/* The patient does over the union what a node does over the chain: only it knows which trapdoors
 * belong together, and a transaction that no trapdoor matches is no hit, however well proved. */
void patient_hits_match(const struct here *here, struct search *search)
{
    size_t count = search->found_count, groups = search->count / search->terms, tried = 0;
    if (search->matched || count == 0)
        return;
    search->matched = true;
    bool scan = here->directory->scan;
    bool *sets = ehr_actor_new(search->count * count * sizeof(*sets));
    bool *result = ehr_actor_new(count * sizeof(*result));
    struct ehr_scan_entry *records = ehr_actor_new(count * sizeof(*records));
    for (size_t i = 0; i < count; i++) {
        const struct ehr_blob *bytes = search->found[i].atx;
        struct ehr_atx atx;
        if (ehr_atx_parse(&atx, bytes->bytes, bytes->length) != EHR_OK)
            continue; /* parsed before it was taken */
        memcpy(records[i].P, atx.pseudonym, sizeof(records[i].P));
        records[i].labels = atx.labels;
        records[i].nkw = atx.nkw;
    }
    for (size_t t = 0; t < search->count; t++)
        tried += (scan ? ehr_conjunction_set_scan : ehr_conjunction_set_dictionary)(
            sets + t * count, search->trapdoors + 32 * t, records, count);
    if (scan)
        ehr_fx_charge(here->fx, EHR_COST_SCAN_ENTRY, tried, 0);
    ehr_fx_charge(here->fx, EHR_COST_LABEL, scan ? search->count : tried, 0);
    ehr_conjunction_result(result, sets, search->count, 1, count);
    for (size_t i = 0; i < count; i++)
        search->found[i].matches = result[i];
    ehr_conjunction_result(result, sets, groups, search->terms, count);
    for (size_t i = 0; i < count; i++)
        search->found[i].wanted = result[i];
    free(records);
    free(result);
    free(sets);
}
