/* A broadcast is one message and a letter for each receiver. Bodies lie in a ring of their own,
 * since HotStuff's grow with n. */
#include "tests/lab/engine_ring.h"
#include "sim/consensus/registry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct letter {
    uint16_t to;
    uint32_t message;
};

enum { MESSAGES = 1 << 12, FOLLOWS = 64, SIGNATURE_BYTES = 64 };

struct ehr_ring {
    const struct ehr_engine_type *type;
    struct ehr_ring_options options;
    struct ehr_engine **engines;
    void **storage;
    struct ehr_effects effects;
    struct letter *queue; /* ring of letters_mask + 1 */
    uint32_t letters_mask;
    struct ehr_engine_message *messages; /* ring of MESSAGES, */
    struct ehr_digest *blocks;           /* and the block each carries, if any */
    uint8_t *bodies;                     /* ring of body_count */
    uint32_t body_count, body_next;
    size_t body_bytes;
    uint32_t head, tail, message_count;
    uint64_t target; /* heights that may be proposed */
    uint64_t committed;
    bool forbidden;
    struct ehr_ring_counts counts;
    uint8_t signature[SIGNATURE_BYTES];
};

static struct ehr_digest block_at(uint64_t height)
{
    struct ehr_digest digest = {{0}};
    memcpy(digest.bytes, &height, sizeof(height));
    return digest;
}

static bool vote_valid(void *context, uint16_t signer, uint8_t type, uint64_t view, uint64_t height,
                       const struct ehr_digest *digest, const uint8_t *signature)
{
    (void)context, (void)signer, (void)type, (void)view, (void)height, (void)digest;
    return signature != NULL;
}

static void vote_sign(void *context, uint8_t type, uint64_t view, uint64_t height,
                      const struct ehr_digest *digest, uint8_t signature[SIGNATURE_BYTES])
{
    (void)context, (void)type, (void)view, (void)height, (void)digest;
    memset(signature, 1, SIGNATURE_BYTES);
}

/* Not a hash of cryptography: eight bytes at a time, so that it does not outweigh the engine. */
static void body_digest(void *context, const uint8_t *body, size_t length,
                        struct ehr_digest *digest)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ length, word;
    (void)context;
    for (size_t i = 0; i < length; i += sizeof(word)) {
        word = 0;
        memcpy(&word, body + i, length - i < sizeof(word) ? length - i : sizeof(word));
        h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    memset(digest, 0, sizeof(*digest));
    memcpy(digest->bytes, &h, sizeof(h));
}

static bool block_parent(void *context, const struct ehr_digest *block, struct ehr_digest *parent)
{
    (void)context;
    uint64_t height;
    memcpy(&height, block->bytes, sizeof(height));
    *parent = block_at(height - 1);
    return true;
}

static void *resize(void *context, void *old, size_t size)
{
    struct ehr_ring *ring = context;
    ring->counts.lent++;
    if (ring->forbidden) {
        fprintf(stderr, "%s asks for %zu B of memory in the steady state\n", ring->type->name,
                size);
        abort();
    }
    if (size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, size);
}

static void post(struct ehr_ring *ring, uint16_t from, uint16_t to,
                 const struct ehr_engine_message *message)
{
    uint32_t at = ring->message_count++ % MESSAGES;
    struct ehr_engine_message *copy = &ring->messages[at];
    *copy = *message;
    assert(message->carried_count <= 1);
    if (message->carried_count == 1) {
        ring->blocks[at] = message->carried[0];
        copy->carried = &ring->blocks[at];
    }
    copy->signature = ring->signature;
    assert(message->body_length <= ring->body_bytes);
    if (message->body_length > 0)
        copy->body =
            memcpy(ring->bodies + (size_t)(ring->body_next++ % ring->body_count) * ring->body_bytes,
                   message->body, message->body_length);
    uint16_t first = to == EHR_ENGINE_TO_ALL ? 0 : to;
    uint16_t end = to == EHR_ENGINE_TO_ALL ? ring->options.replicas : (uint16_t)(to + 1);
    for (uint16_t i = first; i < end; i++) {
        if (i == from)
            continue;
        ring->queue[ring->tail++ & ring->letters_mask] = (struct letter){.to = i, .message = at};
        assert(ring->tail - ring->head <= ring->letters_mask);
    }
}

static void feed(struct ehr_ring *ring, uint16_t replica, const struct ehr_event *event)
{
    const struct ehr_engine_auth auth = {.vote_valid = vote_valid,
                                         .body_digest = body_digest,
                                         .block_parent = block_parent,
                                         .vote_sign = vote_sign};
    struct ehr_event next[FOLLOWS];
    uint32_t count = 0;
    ring->type->step(ring->engines[replica], &auth, event, &ring->effects);
    ring->counts.steps++;
    for (uint32_t i = 0; i < ring->effects.count; i++) {
        const struct ehr_effect *effect = &ring->effects.item[i];
        assert(count < FOLLOWS);
        struct ehr_event *follow = &next[count];
        if (effect->type == EHR_EFFECT_SEND) {
            post(ring, replica, effect->as.send.to, &effect->as.send.message);
        } else if (effect->type == EHR_EFFECT_PROPOSE) {
            *follow = (struct ehr_event){.type = EHR_EVENT_PROPOSAL};
            follow->as.proposal.view = effect->as.propose.view;
            follow->as.proposal.height = effect->as.propose.height;
            follow->as.proposal.block = block_at(effect->as.propose.height);
            follow->as.proposal.empty = effect->as.propose.height > ring->target;
            count++;
        } else if (effect->type == EHR_EFFECT_COMMIT) {
            *follow = (struct ehr_event){.type = EHR_EVENT_EXECUTED};
            follow->as.executed.height = effect->as.commit.height;
            follow->as.executed.state = effect->as.commit.block;
            ring->committed++;
            count++;
        }
    }
    for (uint32_t i = 0; i < count; i++)
        feed(ring, replica, &next[i]);
}

static void deliver(struct ehr_ring *ring)
{
    for (; ring->head != ring->tail; ring->head++) {
        struct letter *letter = &ring->queue[ring->head & ring->letters_mask];
        const struct ehr_engine_message *message = &ring->messages[letter->message];
        ring->counts.messages++;
        if (ring->type->wants(ring->engines[letter->to], message) == EHR_WANT_DROP)
            continue;
        ring->counts.wanted++;
        struct ehr_event event = {.type = EHR_EVENT_RECEIVE};
        event.as.receive.message = message;
        feed(ring, letter->to, &event);
    }
}

static void pending(struct ehr_ring *ring, uint16_t replica, uint32_t unproposed)
{
    struct ehr_event event = {.type = EHR_EVENT_PENDING};
    event.as.pending.unproposed = unproposed;
    feed(ring, replica, &event);
}

static bool rotates(const struct ehr_ring *ring)
{
    return strcmp(ring->options.engine, "hotstuff") == 0;
}

void ehr_ring_order(struct ehr_ring *ring, uint64_t blocks)
{
    if (rotates(ring)) { /* each proposes in its turn, one block behind the other */
        ring->target += blocks;
        for (uint16_t i = 0; i < ring->options.replicas; i++)
            pending(ring, i, UINT32_MAX);
        deliver(ring);
    }
    for (uint64_t i = 0; !rotates(ring) && i < blocks; i++) {
        ring->target++;
        pending(ring, 0, 1);
        deliver(ring);
    }
    assert(ring->committed == ring->target * ring->options.replicas);
}

static void ring_allocate(struct ehr_ring *ring)
{
    size_t n = ring->options.replicas;
    ring->body_bytes = rotates(ring) ? 4096 + 80 * n : 128;
    ring->body_count = rotates(ring) ? 16 : MESSAGES;
    ring->letters_mask = 1;
    while (ring->letters_mask < 4 * n * n)
        ring->letters_mask = 2 * ring->letters_mask + 1;
    ring->effects.item = malloc(ring->effects.capacity * sizeof(*ring->effects.item));
    ring->engines = calloc(n, sizeof(*ring->engines));
    ring->storage = calloc(n, sizeof(*ring->storage));
    ring->queue = malloc((ring->letters_mask + (size_t)1) * sizeof(*ring->queue));
    ring->messages = malloc(MESSAGES * sizeof(*ring->messages));
    ring->blocks = malloc(MESSAGES * sizeof(*ring->blocks));
    ring->bodies = malloc(ring->body_count * ring->body_bytes);
    assert(ring->bodies != NULL && ring->blocks != NULL && ring->queue != NULL &&
           ring->messages != NULL && ring->engines != NULL && ring->storage != NULL &&
           ring->effects.item != NULL);
}

struct ehr_ring *ehr_ring_new(const struct ehr_ring_options *options)
{
    struct ehr_engine_config config = {.replicas = options->replicas,
                                       .batch_max = 1,
                                       .request_timeout_ns = 1,
                                       .checkpoint_interval = 16,
                                       .window = 32,
                                       .votes = options->votes,
                                       .signatures = options->signatures,
                                       .two_chain = options->two_chain};
    struct ehr_ring *ring = calloc(1, sizeof(*ring));
    assert(ring != NULL);
    ring->type = ehr_engine_find(options->engine);
    assert(ring->type != NULL);
    ring->options = *options;
    ring->effects.capacity = ring->type->effects_max(&config);
    ring->counts.bytes = ring->type->size(&config);
    ring_allocate(ring);
    struct ehr_engine_memory memory = {.resize = resize, .context = ring};
    for (uint16_t i = 0; i < options->replicas; i++) {
        config.self = i;
        ring->storage[i] = malloc(ring->counts.bytes);
        assert(ring->storage[i] != NULL);
        ring->engines[i] = ring->type->init(ring->storage[i], &config, &memory);
        feed(ring, i, &(struct ehr_event){.type = EHR_EVENT_START});
    }
    deliver(ring); /* an election, where there has to be one */
    return ring;
}

void ehr_ring_free(struct ehr_ring *ring)
{
    ring->forbidden = false;
    for (uint16_t i = 0; i < ring->options.replicas; i++) {
        ring->type->close(ring->engines[i]);
        free(ring->storage[i]);
    }
    free(ring->engines);
    free(ring->storage);
    free(ring->queue);
    free(ring->messages);
    free(ring->blocks);
    free(ring->bodies);
    free(ring->effects.item);
    free(ring);
}

void ehr_ring_forbid_memory(struct ehr_ring *ring)
{
    ring->forbidden = true;
}

struct ehr_ring_counts ehr_ring_counts(const struct ehr_ring *ring)
{
    struct ehr_ring_counts counts = ring->counts;
    counts.blocks = ring->committed / ring->options.replicas;
    return counts;
}
