/* What stands in for cryptography and blocks around the engines. */
#include "tests/simulation/engine_cluster_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint64_t host_mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

uint64_t ehr_cluster_random(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t host_mix_bytes(uint64_t h, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        h = host_mix(h, bytes[i]);
    return host_mix(h, length);
}

void host_fill(uint8_t *out, size_t length, uint64_t seed)
{
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = ehr_cluster_random(&seed);
        memcpy(out + i, &word, 8);
    }
}

void ehr_cluster_body_digest(const uint8_t *body, size_t length, struct ehr_digest *digest)
{
    host_fill(digest->bytes, 32, host_mix_bytes(1, body, length));
}

void ehr_cluster_sign(uint16_t signer, uint8_t type, uint64_t view, uint64_t height,
                      const struct ehr_digest *digest, uint8_t signature[64])
{
    uint64_t h = host_mix(host_mix(host_mix(host_mix(2, signer), type), view), height);
    host_fill(signature, 64, host_mix_bytes(h, digest->bytes, 32));
}

bool host_vote_valid(void *context, uint16_t signer, uint8_t type, uint64_t view, uint64_t height,
                     const struct ehr_digest *digest, const uint8_t *signature)
{
    (void)context;
    uint8_t expected[64];
    ehr_cluster_sign(signer, type, view, height, digest, expected);
    return memcmp(expected, signature, 64) == 0;
}

void host_vote_sign(void *context, uint8_t type, uint64_t view, uint64_t height,
                    const struct ehr_digest *digest, uint8_t signature[64])
{
    const struct node *node = context;
    ehr_cluster_sign(node->id, type, view, height, digest, signature);
}

void host_body_digest(void *context, const uint8_t *body, size_t length, struct ehr_digest *digest)
{
    (void)context;
    ehr_cluster_body_digest(body, length, digest);
}

bool host_same(const struct ehr_digest *a, const struct ehr_digest *b)
{
    return memcmp(a->bytes, b->bytes, 32) == 0;
}

struct block *host_block_find(struct ehr_cluster *c, const struct ehr_digest *digest)
{
    uint32_t index;
    memcpy(&index, digest->bytes, sizeof(index));
    return index < c->block_count && host_same(&c->blocks[index].digest, digest) ? &c->blocks[index]
                                                                                 : NULL;
}

bool host_block_parent(void *context, const struct ehr_digest *digest, struct ehr_digest *parent)
{
    const struct node *node = context;
    const struct block *block = host_block_find(node->cluster, digest);
    if (block == NULL || !block->held[node->id])
        return false;
    *parent = block->parent;
    return true;
}

struct block *host_block_new(struct ehr_cluster *c, const struct ehr_digest *parent)
{
    if (c->block_count == c->block_capacity) {
        c->block_capacity = c->block_capacity == 0 ? 256 : 2 * c->block_capacity;
        c->blocks = realloc(c->blocks, c->block_capacity * sizeof(*c->blocks));
        assert(c->blocks != NULL);
    }
    struct block *block = &c->blocks[c->block_count];
    memset(block, 0, sizeof(*block));
    block->parent = *parent;
    host_fill(block->digest.bytes, 32, host_mix(3, c->block_count));
    memcpy(block->digest.bytes, &c->block_count, sizeof(c->block_count));
    c->block_count++;
    return block;
}

struct ehr_digest ehr_cluster_block(struct ehr_cluster *c, const struct ehr_digest *parent,
                                    const uint32_t *requests, uint32_t count)
{
    struct block *block = host_block_new(c, parent);
    block->count = count;
    if (count > 0)
        memcpy(block->requests, requests, count * sizeof(*requests));
    for (uint16_t i = 0; i < c->options.replicas; i++)
        block->held[i] = true;
    return block->digest;
}
