/* Private blocks as the hospital learns of them: shares make the certificate, a signer sends the
 * transactions. A height that some have signed and that stays without certificate is asked for, as
 * after a restart: shares and bodies may be lost, and all later heights wait for it. */
#include "actors/hospital_internal.h"

#include <assert.h>
#include <string.h>

struct block *hospital_block_find(const struct hospital *self, uint64_t height)
{
    struct block *block;
    HASH_FIND(hh, self->blocks, &height, sizeof(height), block);
    return block;
}

static struct block *block_get(struct hospital *self, uint64_t height)
{
    struct block *block = hospital_block_find(self, height);
    if (block == NULL) {
        block = ehr_actor_new(sizeof(*block));
        block->height = height;
        block->step = BLOCK_SHARES;
        HASH_ADD(hh, self->blocks, height, sizeof(block->height), block);
    }
    return block;
}

void hospital_block_free(struct hospital *self, struct block *block)
{
    HASH_DEL(self->blocks, block);
    hospital_sharings_free(self, block);
    ehr_client_stop(&block->anchor);
    ehr_block_unref(block->body);
    struct candidate *candidate, *next;
    LL_FOREACH_SAFE(block->candidates, candidate, next)
    {
        ehr_blob_unref(candidate->refused);
        free(candidate->votes);
        free(candidate);
    }
    free(block);
}

void hospital_blocks_forget(struct hospital *self)
{
    struct block *block, *next;
    HASH_ITER(hh, self->blocks, block, next)
    hospital_block_free(self, block);
}

static bool is_wanted_height(const struct hospital *self, uint64_t height)
{
    return height > self->anchored && height <= self->highest_certified + HOSPITAL_WINDOW_HEIGHTS;
}

/* ---- shares ---- */

static size_t blob_length(const struct ehr_blob *blob)
{
    return blob != NULL ? blob->length : 0;
}

static bool read_share(const struct hospital *self, const struct ehr_msg_block_sign *share,
                       struct candidate *read)
{
    const struct ehr_committee *committee = &self->info->committee;
    if (ehr_block_header_parse(&read->parsed, share->header, sizeof(share->header)) != EHR_OK ||
        memcmp(read->parsed.chain_id, committee->chain_id, 32) != 0 ||
        blob_length(share->refused) != ehr_block_refused_len(read->parsed.count))
        return false;
    const uint8_t *refused = share->refused != NULL ? share->refused->bytes : NULL;
    uint8_t root[32];
    ehr_block_hash(read->block_hash, share->header);
    ehr_state_root(root, share->previous_state, read->block_hash, refused,
                   blob_length(share->refused));
    ehr_block_cert_digest(read->digest, committee->chain_id, read->parsed.epoch,
                          read->parsed.height, read->block_hash, root);
    return true;
}

static struct candidate *candidate_get(struct block *block, const struct ehr_msg_block_sign *share,
                                       const struct candidate *read)
{
    struct candidate *candidate;
    LL_FOREACH(block->candidates, candidate)
    if (memcmp(candidate->digest, read->digest, 32) == 0)
        return candidate;
    candidate = ehr_actor_new(sizeof(*candidate));
    *candidate = *read;
    memcpy(candidate->header, share->header, sizeof(candidate->header));
    memcpy(candidate->previous_state, share->previous_state, 32);
    candidate->refused = ehr_blob_ref(share->refused);
    LL_APPEND(block->candidates, candidate);
    return candidate;
}

static bool has_voted(const struct candidate *candidate, uint32_t member)
{
    for (uint32_t i = 0; i < candidate->vote_count; i++)
        if (candidate->votes[i].member == member)
            return true;
    return false;
}

static void vote_add(struct candidate *candidate, uint32_t member, const uint8_t sig[64])
{
    if (candidate->vote_count == candidate->vote_capacity) {
        candidate->vote_capacity = candidate->vote_capacity == 0 ? 4 : 2 * candidate->vote_capacity;
        candidate->votes = ehr_actor_resize(candidate->votes,
                                            candidate->vote_capacity * sizeof(*candidate->votes));
    }
    struct ehr_quorum_vote *vote = &candidate->votes[candidate->vote_count++];
    vote->member = member;
    memcpy(vote->sig, sig, 64);
}

/* What a member may say at one height: one block, and one more that shows its fault. */
static bool may_vote(const struct block *block, uint32_t member)
{
    uint32_t votes = 0;
    const struct candidate *candidate;
    LL_FOREACH(block->candidates, candidate)
    votes += has_voted(candidate, member);
    return votes < 2;
}

static void ask_body(struct hospital *self, struct ehr_fx *fx, struct block *block)
{
    const struct candidate *certified = block->certified;
    size_t signer = certified->votes[block->asked++ % certified->vote_count].member;
    struct ehr_msg_body_get *get = EHR_NEW(body_get, BODY_GET);
    get->height = block->height;
    memcpy(get->block_hash, certified->block_hash, 32);
    ehr_fx_send(fx, (struct ehr_address){self->info->committee.members[signer].node, 0},
                ehr_message_seal(&get->head));
}

static bool all_refused(const struct candidate *certified)
{
    for (uint32_t i = 0; i < certified->parsed.count; i++)
        if ((certified->refused->bytes[i / 8] >> (i % 8) & 1) == 0)
            return false;
    return true;
}

static bool body_is_certified(struct ehr_fx *fx, const struct block *block);

static void block_ready(struct hospital *self, struct ehr_fx *fx, struct block *block)
{
    block->step = BLOCK_READY;
    ehr_patience_stop(&block->fetching);
    ehr_mark(fx, EHR_MARK_PRIVATE_COMMIT, 0, 0, self->config.hospital);
    hospital_anchor_ready(self, fx);
    hospital_gap_check(self, fx);
}

static void certify(struct hospital *self, struct ehr_fx *fx, struct block *block,
                    struct candidate *candidate)
{
    if (block->certified != NULL) {
        /* the proof of a fork; presenting it is not the hospital's part */
        self->counts.forks += !candidate->counted;
        candidate->counted = true;
        return;
    }
    block->certified = candidate;
    ehr_mark(fx, EHR_MARK_SIGNERS, candidate->vote_count, (uint16_t)self->info->committee.chain,
             block->height);
    if (block->height > self->highest_certified)
        self->highest_certified = block->height;
    if (all_refused(candidate)) {
        block_ready(self, fx, block); /* nothing to share: no body, no anchor */
        return;
    }
    if (block->body != NULL && body_is_certified(fx, block)) {
        block_ready(self, fx, block);
        return;
    }
    ehr_block_unref(block->body);
    block->body = NULL;
    block->step = BLOCK_BODY;
    ask_body(self, fx, block);
    ehr_patience_start(&block->fetching, fx, self->config.directory, (uint32_t)block->height,
                       ++self->generation);
    hospital_gap_check(self, fx);
}

void hospital_on_block_sign(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_block_sign *share = EHR_AS(block_sign, d->message);
    const struct ehr_committee *committee = &self->info->committee;
    uint32_t member = ehr_committee_replica(committee, d->from.node);
    struct candidate read = {0};
    if (member == UINT32_MAX || !read_share(self, share, &read)) {
        hospital_drop(fx, d->message);
        return;
    }
    if (!is_wanted_height(self, read.parsed.height))
        return; /* late: shared already */
    struct block *block = hospital_block_find(self, read.parsed.height);
    if (block != NULL) {
        if (block->certified != NULL && memcmp(block->certified->digest, read.digest, 32) == 0)
            return; /* beyond the quorum: neither verified nor charged */
        if (!may_vote(block, member)) {
            hospital_drop(fx, d->message);
            return;
        }
    }
    ehr_fx_charge(fx, EHR_COST_HASH, 3, EHR_BLOCK_HEADER_BYTES);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    if (ehr_block_cert_verify(read.digest, committee->members[member].cert.ed_pk,
                              share->signature) != EHR_OK) {
        hospital_drop(fx, d->message);
        return;
    }
    block = block_get(self, read.parsed.height);
    if (read.parsed.height > self->highest_heard)
        self->highest_heard = read.parsed.height;
    struct candidate *candidate = candidate_get(block, share, &read);
    if (has_voted(candidate, member))
        return;
    vote_add(candidate, member, share->signature);
    if (candidate->vote_count >= committee->certificate_quorum)
        certify(self, fx, block, candidate);
    else
        hospital_gap_check(self, fx);
}

/* ---- bodies ---- */

/* The header is the certified one and the transactions are those of its Merkle root. */
static bool body_is_certified(struct ehr_fx *fx, const struct block *block)
{
    const struct candidate *certified = block->certified;
    const struct ehr_block *body = block->body;
    assert(body->count > 0); /* hospital_on_body takes no other */
    if (memcmp(body->header, certified->header, sizeof(certified->header)) != 0)
        return false;
    uint8_t *leaves = ehr_actor_new(32 * (size_t)body->count);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < body->count; i++) {
        memcpy(leaves + 32 * (size_t)i, body->tx[i]->id, 32);
        bytes += body->tx[i]->length;
    }
    uint8_t root[32];
    ehr_merkle_root(root, leaves, body->count);
    free(leaves);
    ehr_fx_charge_parallel(fx, EHR_COST_HASH, 3 * (uint64_t)body->count,
                           bytes / (3 * (uint64_t)body->count));
    ehr_fx_charge(fx, EHR_COST_MERKLE_NODE, body->count, 0);
    return memcmp(root, certified->parsed.merkle_root, 32) == 0;
}

void hospital_on_body(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_body *body = EHR_AS(body, d->message);
    if (ehr_committee_replica(&self->info->committee, d->from.node) == UINT32_MAX ||
        body->blocks == NULL || body->blocks->count != 1 || body->blocks->block[0]->count == 0) {
        hospital_drop(fx, d->message);
        return;
    }
    if (!is_wanted_height(self, body->height))
        return;
    struct block *block = block_get(self, body->height);
    if (block->step == BLOCK_SHARES) {
        /* ahead of its certificate: of several, the last is as good as the first */
        ehr_block_unref(block->body);
        block->body = ehr_block_ref(body->blocks->block[0]);
        return;
    }
    if (block->step != BLOCK_BODY)
        return; /* a second answer */
    block->body = ehr_block_ref(body->blocks->block[0]);
    if (body_is_certified(fx, block)) {
        block_ready(self, fx, block);
        return;
    }
    ehr_block_unref(block->body);
    block->body = NULL;
    hospital_drop(fx, d->message);
    ask_body(self, fx, block);
}

bool hospital_body_timer(struct hospital *self, struct ehr_fx *fx, struct block *block,
                         uint64_t generation)
{
    if (block->fetching.generation != generation)
        return false;
    if (!ehr_patience_on_timer(&block->fetching, fx, self->config.directory,
                               (uint32_t)block->height))
        ehr_patience_start(&block->fetching, fx, self->config.directory, (uint32_t)block->height,
                           ++self->generation);
    ask_body(self, fx, block);
    return true;
}

/* ---- missing heights ---- */

static bool is_certified(const struct hospital *self, uint64_t height)
{
    const struct block *block = hospital_block_find(self, height);
    return block != NULL && block->certified != NULL;
}

/* Asks every private node for heights without certificate: with the body each sends its share. */
static void ask_heights(struct hospital *self, struct ehr_fx *fx, uint64_t last)
{
    for (uint64_t height = self->next_height; height <= last; height++) {
        if (is_certified(self, height))
            continue;
        struct ehr_msg_body_get *get = EHR_NEW(body_get, BODY_GET);
        get->height = height;
        struct ehr_message *sealed = ehr_message_seal(&get->head);
        for (uint32_t i = 0; i < self->info->committee.count; i++)
            ehr_fx_send(fx, (struct ehr_address){self->info->committee.members[i].node, 0},
                        ehr_message_ref(sealed));
        ehr_message_unref(sealed);
    }
}

static uint64_t scan_end(const struct hospital *self)
{
    return self->next_height + HOSPITAL_SCAN_HEIGHTS - 1;
}

void hospital_scan(struct hospital *self, struct ehr_fx *fx)
{
    self->scanning = true;
    self->scanned = scan_end(self);
    ask_heights(self, fx, self->scanned);
    ehr_patience_start(&self->gap, fx, self->config.directory, HOSPITAL_TIMER_GAP,
                       ++self->generation);
}

/* A height that shares speak of is there: the hospital asks for it as long as it takes. */
static void gap_wait(struct hospital *self, struct ehr_fx *fx)
{
    self->gap_height = self->next_height;
    ehr_patience_start(&self->gap, fx, self->config.directory, HOSPITAL_TIMER_GAP,
                       ++self->generation);
}

void hospital_gap_check(struct hospital *self, struct ehr_fx *fx)
{
    if (self->scanning) {
        if (self->next_height > self->scanned)
            hospital_scan(self, fx); /* all of the last were there: go on */
        return;
    }
    bool gap = self->highest_heard >= self->next_height && !is_certified(self, self->next_height);
    if (!gap)
        ehr_patience_stop(&self->gap);
    else if (self->gap.generation == 0 || self->gap_height != self->next_height)
        gap_wait(self, fx);
}

void hospital_gap_timer(struct hospital *self, struct ehr_fx *fx, uint64_t generation)
{
    if (self->gap.generation != generation)
        return;
    if (!ehr_patience_on_timer(&self->gap, fx, self->config.directory, HOSPITAL_TIMER_GAP)) {
        if (self->scanning) {
            self->scanning = false;
            return;
        }
        gap_wait(self, fx);
    }
    uint64_t last = scan_end(self);
    if (!self->scanning && last > self->highest_heard)
        last = self->highest_heard;
    ask_heights(self, fx, last);
}
