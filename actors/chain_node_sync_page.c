/* Block synchronisation: when a page of blocks is taken.
 *
 * Each block names the one before, from this node's own last block on, so that what proves the last
 * proves all. Two things prove a block without others being asked: a block certificate over it, and
 * the state that the engine's checkpoint certifies, which is a hash over all blocks and outcomes.
 * Outcomes come with the page for these alone; what a block does is found out by executing it. */
#include <string.h>

#include "actors/chain_node_sync.h"
#include "crypto/codec.h"
#include "sim/ledger/quorum_cert.h"

uint64_t sync_page_height(const struct ehr_msg_sync_blocks *page, uint32_t index)
{
    struct ehr_block_header header;
    return ehr_block_header_parse(&header, page->blocks->block[index]->header,
                                  EHR_BLOCK_HEADER_BYTES) == EHR_OK
               ? header.height
               : 0;
}

static bool header_continues(const struct chain_node *self, struct ehr_fx *fx,
                             const struct ehr_block *block, uint64_t height,
                             const uint8_t previous[32])
{
    struct ehr_block_header header;
    return ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES) == EHR_OK &&
           header.height == height && memcmp(header.previous_hash, previous, 32) == 0 &&
           memcmp(header.chain_id, self->config.committee->chain_id, 32) == 0 &&
           header.time_ns <= ehr_fx_now(fx);
}

bool sync_page_linked(const struct chain_node *self, struct ehr_fx *fx,
                      const struct ehr_msg_sync_blocks *page)
{
    static const uint8_t none[32];
    const struct ehr_block_list *blocks = page->blocks;
    uint64_t first = sync_page_height(page, 0);
    if (first != self->sync->asked_height + 1) /* old blocks would bring nothing, again and again */
        return false;
    const uint8_t *previous =
        first == 1 ? none : ehr_chain_block_at(self->config.chain, first - 1)->block->hash;
    size_t outcomes = 0;
    for (uint32_t i = 0; i < blocks->count; i++) {
        const struct ehr_block *block = blocks->block[i];
        uint64_t height = first + i;
        if (!header_continues(self, fx, block, height, previous))
            return false;
        if (height <= self->height && /* the engine was there meanwhile */
            memcmp(ehr_chain_block_at(self->config.chain, height)->block->hash, block->hash, 32) !=
                0)
            return false;
        previous = block->hash;
        outcomes += ehr_block_refused_len(block->count);
    }
    ehr_fx_charge(fx, EHR_COST_HASH, blocks->count,
                  (uint64_t)blocks->count * EHR_BLOCK_HEADER_BYTES);
    return outcomes == (page->outcomes != NULL ? page->outcomes->length : 0);
}

/* ---- certificates ---- */

struct certificate {
    uint64_t height;
    const uint8_t *bytes;
    size_t length;
};

/* Reads the certificate at *offset; false at the end, or, with *malformed set, on bad bytes. */
static bool certificate_next(const struct ehr_blob *blob, size_t *offset,
                             struct certificate *certificate, bool *malformed)
{
    *malformed = false;
    if (blob == NULL || *offset == blob->length)
        return false;
    *malformed = true;
    if (blob->length - *offset < 12)
        return false;
    certificate->height = ehr_le64_get(blob->bytes + *offset);
    certificate->length = ehr_le32_get(blob->bytes + *offset + 8);
    certificate->bytes = blob->bytes + *offset + 12;
    if (blob->length - *offset - 12 < certificate->length)
        return false;
    *offset += 12 + certificate->length;
    *malformed = false;
    return true;
}

static bool certificate_valid(const struct chain_node *self, struct ehr_fx *fx,
                              const struct certificate *certificate, const uint8_t digest[32])
{
    const struct ehr_committee *committee = self->config.committee;
    struct ehr_quorum_cert_verified verified;
    ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, committee->certificate_quorum, 0);
    return ehr_quorum_cert_check(&verified, certificate->bytes, certificate->length, "sig-block",
                                 digest, committee->keys, committee->count,
                                 committee->certificate_quorum) == EHR_OK;
}

/* ---- proof ---- */

/* The highest certificate of the page that is for one of its blocks; height 0: none. */
static bool certificate_highest(const struct ehr_msg_sync_blocks *page, uint64_t first,
                                struct certificate *highest)
{
    struct certificate certificate;
    size_t offset = 0;
    bool malformed;
    *highest = (struct certificate){0};
    while (certificate_next(page->certificates, &offset, &certificate, &malformed))
        if (certificate.height >= first && certificate.height - first < page->blocks->count &&
            certificate.height > highest->height)
            *highest = certificate;
    return !malformed;
}

/* From the state before the block at `index` of the page to the one after it; *outcome: where its
 * outcome stands. */
static void outcome_add(const struct ehr_msg_sync_blocks *page, uint32_t index, size_t *outcome,
                        uint8_t state[32])
{
    const struct ehr_block *block = page->blocks->block[index];
    size_t length = ehr_block_refused_len(block->count);
    ehr_state_root(state, state, block->hash, length > 0 ? page->outcomes->bytes + *outcome : NULL,
                   length);
    *outcome += length;
}

bool sync_page_proven(struct chain_node *self, struct ehr_fx *fx,
                      const struct ehr_msg_sync_blocks *page, uint64_t *height)
{
    const struct chain_sync *sync = self->sync;
    const struct ehr_committee *committee = self->config.committee;
    uint64_t first = sync_page_height(page, 0);
    uint8_t state[32] = {0}, digest[32];
    struct certificate certificate = {0};
    size_t outcome = 0;
    *height = 0;
    if (chain_node_is_alliance(self) && !certificate_highest(page, first, &certificate))
        return false;
    if (first > 1)
        memcpy(state, ehr_chain_block_at(self->config.chain, first - 1)->state_root, 32);
    ehr_fx_charge(fx, EHR_COST_HASH, page->blocks->count, 0);
    for (uint32_t i = 0; i < page->blocks->count; i++) {
        uint64_t at = first + i;
        outcome_add(page, i, &outcome, state);
        if (sync->fetching && at == sync->fetch_height) {
            if (memcmp(state, sync->fetch_state.bytes, 32) != 0)
                return false;
            *height = at;
        }
        if (at == certificate.height) {
            ehr_block_cert_digest(digest, committee->chain_id, self->config.chain->epoch, at,
                                  page->blocks->block[i]->hash, state);
            if (!certificate_valid(self, fx, &certificate, digest))
                return false;
            *height = at;
        }
    }
    return true;
}

/* ---- taking ---- */

static bool body_valid(struct chain_node *self, struct ehr_fx *fx, const struct ehr_block *block)
{
    if (chain_node_block_find(self, block->hash) != NULL)
        return true;
    chain_node_charge_block(self, fx, block);
    return block->count <= self->config.engine_config.batch_max &&
           ehr_chain_block_check(self->config.chain, block) == EHR_REPLY_OK;
}

static bool certificate_comes(const struct ehr_msg_sync_blocks *page, uint64_t height)
{
    struct certificate certificate;
    size_t offset = 0;
    bool malformed;
    while (certificate_next(page->certificates, &offset, &certificate, &malformed))
        if (certificate.height == height)
            return true;
    return false;
}

bool sync_page_execute(struct chain_node *self, struct ehr_fx *fx,
                       const struct ehr_msg_sync_blocks *page, uint64_t height)
{
    const struct ehr_chain *chain = self->config.chain;
    uint64_t first = sync_page_height(page, 0);
    for (uint64_t at = self->height + 1; at <= height && at - first < page->blocks->count; at++) {
        struct ehr_block *block = page->blocks->block[at - first];
        uint64_t view = at <= chain->height ? ehr_chain_block_at(chain, at)->view : 0;
        if (!body_valid(self, fx, block))
            return false;
        /* what lies deep was signed by enough others; the last blocks may want this signature */
        bool tail = at + self->config.engine_config.window >= page->height;
        bool sign = tail && !certificate_comes(page, at);
        self->diverged = !chain_node_execute(self, fx, at, view, block, sign ? CHAIN_NODE_SIGN : 0);
        if (self->diverged)
            return true;
    }
    return true;
}

bool sync_page_certificates_take(struct chain_node *self, struct ehr_fx *fx,
                                 const struct ehr_msg_sync_blocks *page)
{
    struct certificate certificate;
    size_t offset = 0;
    bool malformed;
    while (certificate_next(page->certificates, &offset, &certificate, &malformed)) {
        if (certificate.height <= self->certified || certificate.height > self->height)
            continue;
        const struct ehr_chain_block *entry =
            ehr_chain_block_at(self->config.chain, certificate.height);
        if (!certificate_valid(self, fx, &certificate, entry->digest))
            return false;
        chain_node_certificate_take(self, certificate.height);
    }
    return !malformed;
}
