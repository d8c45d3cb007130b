/* A TOY: unanimous consensus, to show what an engine has to do and nothing more.
 *
 * It tolerates NO lie, NO crash and NO lost message: one replica that stays away stops the chain
 * for ever, and one that lies is believed. Replica 0 proposes a block; every other replica says
 * that it has it; when all have said so, replica 0 commits and tells the others. One block is under
 * way at a time: 2 delays a block at replica 0, 3 elsewhere, 3 (n - 1) messages.
 *
 * An engine is a pure state machine: `step` takes an event and fills in effects. No clock, no
 * memory but what `size` asked for, no output. The promises are in <ehrgrid.h>, "engine". */
#include "toy.h"

#include <string.h>

struct ehr_engine {
    struct ehr_engine_config config;
    uint32_t unproposed;    /* requests that wait at this node */
    uint64_t committed;     /* height of the last block decided */
    struct ehr_digest last; /* that block */
    struct ehr_digest held; /* the block above it, while there is one */
    bool holding, asked;    /* asked: the node is building the block that was asked for */
    uint16_t missing;       /* replica 0: so many have not acknowledged yet */
};

/* ---- effects ---- */

static void emit(struct ehr_effects *effects, struct ehr_effect effect)
{
    effects->item[effects->count++] = effect;
}

/* A proposal travels with the body of its block. */
static void send(const struct ehr_engine *e, struct ehr_effects *effects, uint16_t to, uint8_t type)
{
    bool proposal = type == EHR_ENGINE_PRE_PREPARE;
    const struct ehr_engine_message message = {
        .type = type,
        .sender = e->config.self,
        .height = e->committed + 1,
        .digest = e->held,
        .carried = proposal ? &e->held : NULL,
        .carried_count = proposal ? 1 : 0,
    };
    emit(effects, (struct ehr_effect){.type = EHR_EFFECT_SEND, .as.send = {to, message}});
}

static void commit(struct ehr_engine *e, struct ehr_effects *effects)
{
    if (e->config.self == 0 && e->config.replicas > 1)
        send(e, effects, EHR_ENGINE_TO_ALL, EHR_ENGINE_COMMIT);
    e->committed++;
    e->last = e->held;
    e->holding = false;
    emit(effects, (struct ehr_effect){.type = EHR_EFFECT_COMMIT,
                                      .as.commit = {.height = e->committed, .block = e->last}});
}

/* Replica 0 asks its node for the next block, if there is anything to put into it. */
static void ask(struct ehr_engine *e, struct ehr_effects *effects)
{
    if (e->config.self != 0 || e->holding || e->asked || e->unproposed == 0)
        return;
    e->asked = true;
    emit(effects, (struct ehr_effect){.type = EHR_EFFECT_PROPOSE,
                                      .as.propose = {.height = e->committed + 1,
                                                     .parent = e->last,
                                                     .requests_max = e->config.batch_max}});
}

/* ---- events ---- */

/* The node's answer: the block stands, and goes to everybody with its body. */
static void on_proposal(struct ehr_engine *e, const struct ehr_event *event,
                        struct ehr_effects *effects)
{
    e->asked = false;
    e->unproposed = 0; /* if there is more, EHR_EVENT_PENDING will say so */
    if (event->as.proposal.empty || event->as.proposal.height != e->committed + 1)
        return;
    e->held = event->as.proposal.block;
    e->holding = true;
    e->missing = (uint16_t)(e->config.replicas - 1);
    if (e->missing == 0)
        commit(e, effects);
    else
        send(e, effects, EHR_ENGINE_TO_ALL, EHR_ENGINE_PRE_PREPARE);
}

/* The node asks before it pays for checking a signature. */
static enum ehr_want toy_wants(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    bool due = message->height == e->committed + 1;
    bool to_leader = e->config.self == 0 && message->type == EHR_ENGINE_PREPARE && e->holding;
    bool from_leader = message->sender == 0 && (message->type == EHR_ENGINE_PRE_PREPARE ||
                                                message->type == EHR_ENGINE_COMMIT);
    return due && (to_leader || from_leader) ? EHR_WANT_VERIFY : EHR_WANT_DROP;
}

static void on_message(struct ehr_engine *e, const struct ehr_engine_message *message,
                       struct ehr_effects *effects)
{
    if (toy_wants(e, message) == EHR_WANT_DROP)
        return;
    if (message->type == EHR_ENGINE_PRE_PREPARE) {
        e->held = message->digest;
        e->holding = true;
        send(e, effects, 0, EHR_ENGINE_PREPARE);
    } else if (e->holding && memcmp(&message->digest, &e->held, sizeof(e->held)) == 0 &&
               (message->type == EHR_ENGINE_COMMIT || --e->missing == 0)) {
        commit(e, effects);
    }
}

static void toy_step(struct ehr_engine *e, const struct ehr_engine_auth *auth,
                     const struct ehr_event *event, struct ehr_effects *effects)
{
    (void)auth; /* checks nested signatures; the toy has none */
    effects->count = 0;
    switch (event->type) {
    case EHR_EVENT_START:
        e->committed = event->as.start.height;
        e->last = event->as.start.block;
        break;
    case EHR_EVENT_RECEIVE:
        on_message(e, event->as.receive.message, effects);
        break;
    case EHR_EVENT_PENDING:
        e->unproposed = event->as.pending.unproposed;
        break;
    case EHR_EVENT_PROPOSAL:
        on_proposal(e, event, effects);
        break;
    case EHR_EVENT_TIMER: /* it sets none */
    case EHR_EVENT_EXECUTED:
    case EHR_EVENT_INSTALLED:
        break;
    }
    ask(e, effects);
}

/* ---- what the node has to know ---- */

static size_t toy_size(const struct ehr_engine_config *config)
{
    (void)config;
    return sizeof(struct ehr_engine);
}

static uint32_t toy_effects_max(const struct ehr_engine_config *config)
{
    (void)config;
    return 4; /* of one step */
}

static struct ehr_engine *toy_init(void *storage, const struct ehr_engine_config *config,
                                   const struct ehr_engine_memory *memory)
{
    (void)memory;
    struct ehr_engine *e = storage;
    *e = (struct ehr_engine){.config = *config};
    return e;
}

/* Messages: their names in consensus.csv, and what travels with them. */
static const struct ehr_engine_message_kind kinds[] = {
    [EHR_ENGINE_PRE_PREPARE] = {.name = "toy_proposal", .carries = EHR_ENGINE_CARRIES_PROPOSAL},
    [EHR_ENGINE_PREPARE] = {.name = "toy_ack"},
    [EHR_ENGINE_COMMIT] = {.name = "toy_decision"},
};

/* It has one view and one leader, replica 0; certificates need all signers: what NULL means. */
const struct ehr_engine_type ehr_toy_engine_type = {
    .name = "toy",
    .size = toy_size,
    .effects_max = toy_effects_max,
    .init = toy_init,
    .wants = toy_wants,
    .step = toy_step,
    .kinds = kinds,
    .kind_count = sizeof(kinds) / sizeof(kinds[0]),
    .trust = "single",
};
