/* Hashes, signatures and bodies. */
#include "tests/simulation/campaign/inside.h"

#include <stdlib.h>

uint64_t ehr_host_key(uint32_t what, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t h = ehr_host_mix(what, UINT64_C(0x6B6579));
    h = ehr_host_mix(ehr_host_mix(ehr_host_mix(h, a), b), c);
    return ehr_tape_mix(h);
}

static inline uint64_t word(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

uint64_t ehr_host_digest64(const struct ehr_digest *digest)
{
    return ehr_host_mix(word(digest->bytes), word(digest->bytes + 8)) ^ word(digest->bytes + 16) ^
           word(digest->bytes + 24) * 31;
}

bool ehr_host_same(const struct ehr_digest *a, const struct ehr_digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

uint32_t ehr_host_members(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

static void spread(uint8_t *out, uint32_t words, uint64_t h)
{
    for (uint32_t i = 0; i < words; i++) {
        uint64_t value = ehr_tape_mix(h + (i + 1) * UINT64_C(0x9E3779B97F4A7C15));
        memcpy(out + (size_t)8 * i, &value, 8);
    }
}

static uint64_t seal(const struct ehr_world *w, uint16_t signer, uint8_t type, uint64_t view,
                     uint64_t height, const struct ehr_digest *digest)
{
    uint64_t h = ehr_host_mix(w->secret, (uint64_t)signer << 8 | type);
    return ehr_host_mix(ehr_host_mix(ehr_host_mix(h, view), height), ehr_host_digest64(digest));
}

void ehr_host_sign(const struct ehr_world *w, uint16_t signer, uint8_t type, uint64_t view,
                   uint64_t height, const struct ehr_digest *digest, uint8_t signature[64])
{
    uint64_t h = seal(w, signer, type, view, height, digest);
    for (uint32_t i = 0; i < 8; i++) {
        uint64_t value = h * (2 * i + 1) ^ h >> (i + 7);
        memcpy(signature + (size_t)8 * i, &value, 8);
    }
}

bool ehr_host_signed(const struct ehr_world *w, uint16_t signer, uint8_t type, uint64_t view,
                     uint64_t height, const struct ehr_digest *digest, const uint8_t *signature)
{
    uint8_t expected[64];
    ehr_host_sign(w, signer, type, view, height, digest, expected);
    return memcmp(expected, signature, 64) == 0;
}

void ehr_host_hash(const uint8_t *bytes, size_t length, struct ehr_digest *digest)
{
    uint64_t h = length * UINT64_C(0xD6E8FEB86659FD93) + 1, last = 0;
    size_t at = 0;
    uint64_t lanes[4] = {h, ~h, h ^ 5, h ^ 7}; /* so that they need not wait for each other */
    for (; at + 32 <= length; at += 32)
        for (uint32_t k = 0; k < 4; k++)
            lanes[k] = ehr_host_mix(lanes[k], word(bytes + at + (size_t)8 * k));
    for (uint32_t k = 0; k < 4; k++)
        h = ehr_host_mix(h, lanes[k]);
    for (; at + 8 <= length; at += 8)
        h = ehr_host_mix(h, word(bytes + at));
    if (at < length)
        memcpy(&last, bytes + at, length - at);
    spread(digest->bytes, 4, ehr_host_mix(h, last));
}

struct ehr_body *ehr_host_body(struct ehr_world *w, const struct ehr_digest *digest)
{
    uint32_t index;
    memcpy(&index, digest->bytes, sizeof(index));
    return index < w->body_count && ehr_host_same(&w->bodies[index].digest, digest)
               ? &w->bodies[index]
               : NULL;
}

struct ehr_body *ehr_host_body_new(struct ehr_world *w, const struct ehr_digest *parent,
                                   uint64_t height, uint16_t proposer, const uint16_t *requests,
                                   uint16_t count)
{
    if (w->body_count == EHR_BLOCKS_MAX) {
        ehr_world_broken(w, "endless", "more than %u blocks were proposed", EHR_BLOCKS_MAX);
        return NULL;
    }
    struct ehr_body *body = &w->bodies[w->body_count];
    *body = (struct ehr_body){
        .parent = *parent, .height = height, .proposer = proposer, .count = count};
    memcpy(body->requests, requests, count * sizeof(*requests));
    uint64_t h = ehr_host_mix(w->secret ^ 3, w->body_count);
    spread(body->digest.bytes, 4, h);
    memcpy(body->digest.bytes, &w->body_count, sizeof(w->body_count));
    w->body_count++;
    return body;
}

/* ---- what an engine calls ---- */

static bool vote_valid(void *context, uint16_t signer, uint8_t type, uint64_t view, uint64_t height,
                       const struct ehr_digest *digest, const uint8_t *signature)
{
    const struct ehr_instance *instance = context;
    return !instance->world->setup.config.signatures ||
           ehr_host_signed(instance->world, signer, type, view, height, digest, signature);
}

static void body_digest(void *context, const uint8_t *body, size_t length,
                        struct ehr_digest *digest)
{
    (void)context;
    ehr_host_hash(body, length, digest);
}

static bool block_parent(void *context, const struct ehr_digest *digest, struct ehr_digest *parent)
{
    const struct ehr_instance *instance = context;
    const struct ehr_body *body = ehr_host_body(instance->world, digest);
    if (body == NULL || (body->held >> instance->index & 1U) == 0)
        return false;
    *parent = body->parent;
    return true;
}

static void vote_sign(void *context, uint8_t type, uint64_t view, uint64_t height,
                      const struct ehr_digest *digest, uint8_t signature[64])
{
    const struct ehr_instance *instance = context;
    ehr_host_sign(instance->world, instance->replica, type, view, height, digest, signature);
}

struct ehr_engine_auth ehr_host_auth(struct ehr_instance *instance)
{
    return (struct ehr_engine_auth){.vote_valid = vote_valid,
                                    .body_digest = body_digest,
                                    .block_parent = block_parent,
                                    .context = instance,
                                    .vote_sign = vote_sign};
}

static void *resize(void *context, void *old, size_t size)
{
    struct ehr_instance *instance = context;
    struct ehr_world *w = instance->world;
    size_t before = old != NULL ? ehr_blob_size(old) : 0;
    void *lent = NULL;
    if (size > 0) {
        lent = ehr_blob_take(&w->blobs, size);
        if (before > 0)
            memcpy(lent, old, before < size ? before : size);
    }
    ehr_blob_give(&w->blobs, old);
    instance->lent += size - before;
    if (instance->lent > w->tally.lent_max)
        w->tally.lent_max = instance->lent;
    return lent;
}

struct ehr_engine_memory ehr_host_memory(struct ehr_instance *instance)
{
    return (struct ehr_engine_memory){.resize = resize, .context = instance};
}
