/* Nanoseconds per message of an engine: `wants` and `step`, with a plain queue between the
 * replicas.
 *
 *   bench_engine [decisions at n = 4; fewer at larger n]
 *
 * Execution and proposals are immediate; no message is copied but its 100-byte header. */
#include "sim/consensus/engine.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A broadcast is one message and a letter for each receiver. */
struct letter {
    uint16_t to;
    uint32_t message;
};

enum { LETTERS = 1 << 16, MESSAGES = 1 << 12, BODY_MAX = 128 };

struct bench {
    const struct ehr_engine_type *type;
    uint32_t replicas;
    struct ehr_engine **engines;
    void **storage;
    struct ehr_effects effects;
    struct letter *queue;                /* ring of LETTERS */
    struct ehr_engine_message *messages; /* ring of MESSAGES */
    uint8_t (*bodies)[BODY_MAX];
    uint32_t head, tail, message_count;
    uint64_t steps, offered, wanted, heights, committed;
    uint8_t signature[64];
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

static void body_digest(void *context, const uint8_t *body, size_t length,
                        struct ehr_digest *digest)
{
    (void)context, (void)body, (void)length;
    memset(digest, 0, sizeof(*digest));
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
    (void)context;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, size);
}

static void feed(struct bench *b, uint16_t replica, const struct ehr_event *event);

static void post(struct bench *b, uint16_t from, uint16_t to,
                 const struct ehr_engine_message *message)
{
    uint32_t at = b->message_count++ % MESSAGES;
    b->messages[at] = *message;
    b->messages[at].carried = NULL;
    b->messages[at].signature = b->signature;
    assert(message->body_length <= BODY_MAX);
    if (message->body_length > 0)
        b->messages[at].body = memcpy(b->bodies[at], message->body, message->body_length);
    for (uint16_t i = 0; i < b->replicas; i++) {
        if (i == from || (to != EHR_ENGINE_TO_ALL && to != i))
            continue;
        b->queue[b->tail++ % LETTERS] = (struct letter){.to = i, .message = at};
        assert(b->tail - b->head <= LETTERS);
    }
}

static void feed(struct bench *b, uint16_t replica, const struct ehr_event *event)
{
    static const struct ehr_engine_auth auth = {
        .vote_valid = vote_valid, .body_digest = body_digest, .block_parent = block_parent};
    struct ehr_event next[8];
    uint32_t count = 0;
    b->type->step(b->engines[replica], &auth, event, &b->effects);
    b->steps++;
    for (uint32_t i = 0; i < b->effects.count; i++) {
        const struct ehr_effect *effect = &b->effects.item[i];
        assert(count < 8);
        struct ehr_event *follow = &next[count];
        memset(follow, 0, sizeof(*follow));
        if (effect->type == EHR_EFFECT_SEND) {
            post(b, replica, effect->as.send.to, &effect->as.send.message);
        } else if (effect->type == EHR_EFFECT_PROPOSE) {
            follow->type = EHR_EVENT_PROPOSAL;
            follow->as.proposal.view = effect->as.propose.view;
            follow->as.proposal.height = effect->as.propose.height;
            follow->as.proposal.block = block_at(effect->as.propose.height);
            follow->as.proposal.empty = effect->as.propose.height > b->heights;
            count++;
        } else if (effect->type == EHR_EFFECT_COMMIT) {
            follow->type = EHR_EVENT_EXECUTED;
            follow->as.executed.height = effect->as.commit.height;
            follow->as.executed.state = effect->as.commit.block;
            b->committed++;
            count++;
        }
    }
    for (uint32_t i = 0; i < count; i++)
        feed(b, replica, &next[i]);
}

static void deliver(struct bench *b)
{
    for (; b->head != b->tail; b->head++) {
        struct letter *letter = &b->queue[b->head % LETTERS];
        const struct ehr_engine_message *message = &b->messages[letter->message];
        b->offered++;
        if (b->type->wants(b->engines[letter->to], message) == EHR_WANT_DROP)
            continue;
        b->wanted++;
        struct ehr_event event = {.type = EHR_EVENT_RECEIVE};
        event.as.receive.message = message;
        feed(b, letter->to, &event);
    }
}

static void run(const char *engine, uint16_t replicas, enum ehr_engine_votes votes, bool signatures,
                uint64_t heights)
{
    struct bench b = {.type = ehr_engine_find(engine), .replicas = replicas, .heights = heights};
    struct ehr_engine_config config = {.replicas = replicas,
                                       .batch_max = 1,
                                       .request_timeout_ns = 1,
                                       .checkpoint_interval = 16,
                                       .window = 32,
                                       .votes = votes,
                                       .signatures = signatures};
    struct ehr_engine_memory memory = {.resize = resize};
    b.effects.capacity = b.type->effects_max(&config);
    b.effects.item = malloc(b.effects.capacity * sizeof(*b.effects.item));
    b.engines = calloc(replicas, sizeof(*b.engines));
    b.storage = calloc(replicas, sizeof(*b.storage));
    b.queue = malloc(LETTERS * sizeof(*b.queue));
    b.messages = malloc(MESSAGES * sizeof(*b.messages));
    b.bodies = malloc(MESSAGES * sizeof(*b.bodies));
    assert(b.bodies != NULL && b.queue != NULL && b.messages != NULL && b.engines != NULL &&
           b.storage != NULL && b.effects.item != NULL);
    size_t bytes = b.type->size(&config);
    for (uint16_t i = 0; i < replicas; i++) {
        config.self = i;
        b.storage[i] = malloc(bytes);
        b.engines[i] = b.type->init(b.storage[i], &config, &memory);
        feed(&b, i, &(struct ehr_event){.type = EHR_EVENT_START});
    }
    deliver(&b); /* an election, where there has to be one */
    b.offered = b.wanted = 0;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    b.steps = 0;
    for (uint64_t height = 1; height <= heights; height++) {
        struct ehr_event pending = {.type = EHR_EVENT_PENDING};
        pending.as.pending.unproposed = 1;
        b.heights = height;
        feed(&b, 0, &pending);
        deliver(&b);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert(b.committed == heights * replicas);
    double ns = (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
    printf("%-4s n %4u %-7s %-8s %8.1f ns a message, %8.1f ns a step, %5.1f%% dropped, %7zu B a "
           "replica\n",
           engine, replicas, votes == EHR_ENGINE_VOTES_ALL ? "all" : "backups",
           signatures ? "signed" : "unsigned", ns / (double)b.offered, ns / (double)b.steps,
           100.0 * (1.0 - (double)b.wanted / (double)b.offered), bytes);
    for (uint16_t i = 0; i < replicas; i++) {
        b.type->close(b.engines[i]);
        free(b.storage[i]);
    }
    free(b.engines);
    free(b.storage);
    free(b.queue);
    free(b.messages);
    free(b.bodies);
    free(b.effects.item);
}

int main(int argc, char **argv)
{
    static const uint16_t sizes[] = {4, 16, 64, 128};
    uint64_t heights = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t fewer = heights * 16 / ((uint64_t)sizes[i] * sizes[i]) + 2;
        run("pbft", sizes[i], EHR_ENGINE_VOTES_BACKUPS, false, fewer);
        run("pbft", sizes[i], EHR_ENGINE_VOTES_BACKUPS, true, fewer);
        run("pbft", sizes[i], EHR_ENGINE_VOTES_ALL, true, fewer);
        run("raft", sizes[i], EHR_ENGINE_VOTES_BACKUPS, false, heights);
    }
    return 0;
}
