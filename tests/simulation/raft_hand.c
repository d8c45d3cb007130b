/* Messages for one Raft engine, by hand. */
#include "tests/simulation/raft_hand.h"
#include "sim/consensus/registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_BYTES = 40, APPEND_BYTES = 29, WINDOW = 16, INTERVAL = 16 };

struct ehr_digest ehr_raft_hand_block(uint64_t term, uint64_t height)
{
    struct ehr_digest digest = {{(uint8_t)height, (uint8_t)term, 0xB1}};
    return height == 0 ? (struct ehr_digest){{0}} : digest;
}

static bool block_parent(void *context, const struct ehr_digest *block, struct ehr_digest *parent)
{
    const struct ehr_raft_hand *hand = context;
    uint8_t height = block->bytes[0], term = block->bytes[1];
    *parent = ehr_raft_hand_block(hand->below[term][height], height - 1U);
    return true;
}

void ehr_raft_hand_learn(struct ehr_raft_hand *hand, const uint64_t *terms, uint64_t count)
{
    for (uint64_t h = 2; h <= count; h++)
        hand->below[terms[h - 1]][h] = terms[h - 2];
}

static void persisted(struct ehr_raft_hand *hand, const struct ehr_engine_record *record)
{
    hand->persisted[record->type]++;
    if (record->type == EHR_ENGINE_RAFT_VOTE) {
        hand->term = record->view;
        hand->voted = record->height;
    } else if (record->type == EHR_ENGINE_RAFT_APPEND) {
        hand->last = record->height;
        hand->log_term = record->view;
        if (record->digest.bytes[2] != 0) /* else a barrier */
            hand->log[record->height] = record->view;
    }
}

void ehr_raft_hand_step(struct ehr_raft_hand *hand, struct ehr_event *event)
{
    const struct ehr_engine_auth auth = {.block_parent = block_parent, .context = hand};
    event->now_ns = hand->now_ns;
    memset(hand->persisted, 0, sizeof(hand->persisted));
    hand->type->step(hand->engine, &auth, event, &hand->effects);
    for (uint32_t i = 0; i < hand->effects.count; i++) {
        const struct ehr_effect *effect = &hand->effects.item[i];
        if (effect->type == EHR_EFFECT_PERSIST)
            persisted(hand, &effect->as.persist);
        if (effect->type == EHR_EFFECT_COMMIT)
            hand->committed = effect->as.commit.height;
        if (effect->type == EHR_EFFECT_TIMER) {
            hand->timer_at[effect->as.timer.id] = hand->now_ns + effect->as.timer.delay_ns;
            hand->timer_generation[effect->as.timer.id] = effect->as.timer.generation;
        }
    }
}

void ehr_raft_hand_open(struct ehr_raft_hand *hand, uint16_t replicas, uint16_t self, uint64_t term,
                        uint64_t voted, const uint64_t *terms, uint64_t count)
{
    struct ehr_engine_config config = {.replicas = replicas,
                                       .self = self,
                                       .batch_max = 1,
                                       .request_timeout_ns =
                                           EHR_RAFT_HAND_TIMEOUT_MS * (uint64_t)EHR_RAFT_HAND_MS,
                                       .checkpoint_interval = INTERVAL,
                                       .window = WINDOW,
                                       .votes = EHR_ENGINE_VOTES_BACKUPS};
    struct ehr_engine_memory memory = {0};
    struct ehr_engine_record records[EHR_RAFT_HAND_HEIGHTS + 1];
    struct ehr_event event = {.type = EHR_EVENT_START};
    uint32_t record_count = 0;
    memset(hand, 0, sizeof(*hand));
    memset(records, 0, sizeof(records));
    hand->replicas = replicas;
    hand->self = self;
    hand->term = term;
    hand->voted = voted;
    hand->last = count;
    hand->log_term = count > 0 ? terms[count - 1] : 0;
    if (term > 0)
        records[record_count++] =
            (struct ehr_engine_record){.type = EHR_ENGINE_RAFT_VOTE, .view = term, .height = voted};
    for (uint64_t h = 1; h <= count; h++) {
        hand->log[h] = terms[h - 1];
        records[record_count++] =
            (struct ehr_engine_record){.type = EHR_ENGINE_RAFT_APPEND,
                                       .view = terms[h - 1],
                                       .height = h,
                                       .digest = ehr_raft_hand_block(terms[h - 1], h)};
    }
    ehr_raft_hand_learn(hand, terms, count);
    hand->type = ehr_engine_find("raft");
    hand->storage = malloc(hand->type->size(&config));
    hand->effects.capacity = hand->type->effects_max(&config);
    hand->effects.item = calloc(hand->effects.capacity, sizeof(struct ehr_effect));
    assert(hand->storage != NULL && hand->effects.item != NULL);
    hand->engine = hand->type->init(hand->storage, &config, &memory);
    event.as.start.records = record_count > 0 ? records : NULL;
    event.as.start.record_count = record_count;
    ehr_raft_hand_step(hand, &event);
}

void ehr_raft_hand_close(struct ehr_raft_hand *hand)
{
    hand->type->close(hand->engine);
    free(hand->storage);
    free(hand->effects.item);
}

void ehr_raft_hand_receive(struct ehr_raft_hand *hand, const struct ehr_engine_message *message)
{
    struct ehr_event event = {.type = EHR_EVENT_RECEIVE};
    event.as.receive.message = message;
    hand->effects.count = 0;
    if (hand->type->wants(hand->engine, message) == EHR_WANT_VERIFY)
        ehr_raft_hand_step(hand, &event);
}

void ehr_raft_hand_wait(struct ehr_raft_hand *hand, uint64_t ms)
{
    hand->now_ns += ms * EHR_RAFT_HAND_MS;
}

void ehr_raft_hand_timer(struct ehr_raft_hand *hand, uint16_t id)
{
    struct ehr_event event = {.type = EHR_EVENT_TIMER};
    if (hand->now_ns < hand->timer_at[id])
        hand->now_ns = hand->timer_at[id];
    event.as.timer.id = id;
    event.as.timer.generation = hand->timer_generation[id];
    ehr_raft_hand_step(hand, &event);
}

static void put_u64(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

void ehr_raft_hand_append(struct ehr_raft_hand *hand, const struct ehr_raft_hand_append *append)
{
    uint8_t body[APPEND_BYTES + WINDOW * ENTRY_BYTES] = {0};
    assert(append->count <= WINDOW);
    put_u64(body, append->prev_term);
    put_u64(body + 8, append->commit);
    put_u64(body + 16, append->end_term);
    body[24] = !append->silent;
    body[25] = (uint8_t)append->count;
    uint64_t below = append->prev_term;
    for (uint32_t i = 0; i < append->count; i++) {
        uint64_t term = append->terms[i], height = append->prev + 1 + i;
        struct ehr_digest block = ehr_raft_hand_block(term, height);
        uint8_t *at = body + APPEND_BYTES + (size_t)i * ENTRY_BYTES;
        put_u64(at, term);
        memcpy(at + 8, block.bytes, sizeof(block.bytes));
        hand->below[term][height] = below;
        below = term;
    }
    struct ehr_engine_message message = {.type = EHR_ENGINE_RAFT_APPEND,
                                         .sender = append->from,
                                         .view = append->term,
                                         .height = append->prev,
                                         .body = body,
                                         .body_length = APPEND_BYTES + append->count * ENTRY_BYTES};
    ehr_raft_hand_receive(hand, &message);
}

static void ballot(struct ehr_raft_hand *hand, uint16_t from, uint8_t type, uint64_t view,
                   uint64_t height, bool granted, uint64_t term)
{
    uint8_t body[9] = {granted};
    put_u64(body + 1, term);
    struct ehr_engine_message message = {.type = type,
                                         .sender = from,
                                         .view = view,
                                         .height = height,
                                         .body = body,
                                         .body_length = sizeof(body)};
    ehr_raft_hand_receive(hand, &message);
}

void ehr_raft_hand_ask(struct ehr_raft_hand *hand, uint16_t from, uint8_t type, uint64_t term,
                       uint64_t last_term, uint64_t last)
{
    ballot(hand, from, type, term, last, false, last_term);
}

void ehr_raft_hand_ballot(struct ehr_raft_hand *hand, uint16_t from, uint8_t type, uint64_t own,
                          uint64_t term, bool granted)
{
    ballot(hand, from, type, own, 0, granted, term);
}

void ehr_raft_hand_reply(struct ehr_raft_hand *hand, uint16_t from, uint64_t term, bool success,
                         uint64_t height, uint64_t match_term, uint64_t prev)
{
    uint8_t body[17] = {success};
    put_u64(body + 1, match_term);
    put_u64(body + 9, prev);
    struct ehr_engine_message message = {.type = EHR_ENGINE_RAFT_APPEND_REPLY,
                                         .sender = from,
                                         .view = term,
                                         .height = height,
                                         .body = body,
                                         .body_length = sizeof(body)};
    ehr_raft_hand_receive(hand, &message);
}

void ehr_raft_hand_elect(struct ehr_raft_hand *hand)
{
    uint64_t term = hand->term;
    while (ehr_raft_hand_sent(hand, EHR_ENGINE_RAFT_PRE_VOTE) == NULL)
        ehr_raft_hand_timer(hand, EHR_ENGINE_TIMER_ELECTION);
    for (uint16_t i = 1; i <= hand->replicas / 2; i++)
        ehr_raft_hand_ballot(hand, (uint16_t)((hand->self + i) % hand->replicas),
                             EHR_ENGINE_RAFT_PRE_VOTE_REPLY, term, term + 1, true);
    for (uint16_t i = 1; i <= hand->replicas / 2; i++)
        ehr_raft_hand_ballot(hand, (uint16_t)((hand->self + i) % hand->replicas),
                             EHR_ENGINE_RAFT_VOTE_REPLY, term + 1, term + 1, true);
}

void ehr_raft_hand_order(struct ehr_raft_hand *hand)
{
    struct ehr_event pending = {.type = EHR_EVENT_PENDING};
    pending.as.pending.unproposed = 1;
    ehr_raft_hand_step(hand, &pending);
    uint64_t height = hand->last + 1;
    struct ehr_event proposal = {.type = EHR_EVENT_PROPOSAL};
    proposal.as.proposal.view = hand->term;
    proposal.as.proposal.height = height;
    proposal.as.proposal.block = ehr_raft_hand_block(hand->term, height);
    hand->below[hand->term][height] = height > 1 ? hand->log[height - 1] : 0;
    ehr_raft_hand_step(hand, &proposal);
}

const struct ehr_engine_message *ehr_raft_hand_sent(const struct ehr_raft_hand *hand, uint8_t type)
{
    for (uint32_t i = 0; i < hand->effects.count; i++)
        if (hand->effects.item[i].type == EHR_EFFECT_SEND &&
            hand->effects.item[i].as.send.message.type == type)
            return &hand->effects.item[i].as.send.message;
    return NULL;
}

bool ehr_raft_hand_yes(const struct ehr_engine_message *reply)
{
    return reply != NULL && reply->body_length > 0 && reply->body[0] == 1;
}

uint64_t ehr_raft_hand_number(const struct ehr_engine_message *message, uint32_t at)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < 8; i++)
        value |= (uint64_t)message->body[at + i] << (8 * i);
    return value;
}

uint32_t ehr_raft_hand_count(const struct ehr_raft_hand *hand, enum ehr_effect_type type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < hand->effects.count; i++)
        count += hand->effects.item[i].type == type;
    return count;
}

bool ehr_raft_hand_log_is(const struct ehr_raft_hand *hand, const uint64_t *terms, uint64_t count)
{
    return hand->last == count &&
           (count == 0 || memcmp(hand->log + 1, terms, (size_t)count * sizeof(*terms)) == 0);
}
