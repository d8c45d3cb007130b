/* The HotStuff engine: storage, and one event in, effects out. */
#include "sim/consensus/hotstuff/hotstuff.h"
#include "sim/consensus/storage.h"

/* What follows from the configuration. */
static void derive(struct ehr_engine *e, const struct ehr_engine_config *config)
{
    assert(config->replicas >= 1 && config->replicas <= EHR_ENGINE_REPLICAS_MAX);
    assert(config->self < config->replicas && config->batch_max >= 1);
    assert(config->window >= 1 && config->checkpoint_interval >= 1);
    assert(config->request_timeout_ns > 0);
    e->config = *config;
    e->faults = ehr_engine_faults(config->replicas);
    e->quorum = ehr_engine_quorum(config->replicas);
    e->words = (config->replicas + 63U) / 64U;
    size_t bitmap = ehr_hotstuff_bitmap_bytes(e);
    size_t proof = config->signatures ? (size_t)e->quorum * EHR_HOTSTUFF_SIGNATURE_BYTES : 0;
    e->certificate_bytes = (uint32_t)(EHR_HOTSTUFF_NODE_BYTES + bitmap + proof);
    e->departure_bytes = (uint32_t)(8 + bitmap + e->quorum * ehr_hotstuff_entry_bytes(e));
    /* A block in flight stands in a handful of views, unless leaders fail; and some history. */
    e->capacity = 128 + 4 * config->window;
    e->mask = 1;
    while (e->mask < e->capacity)
        e->mask = 2 * e->mask + 1;
}

static void lay_out_tally(struct ehr_engine *e, struct ehr_hotstuff_tally *tally, bool votes,
                          struct ehr_storage *storage)
{
    uint64_t *words = ehr_storage_take(storage, 2 * e->words * sizeof(uint64_t));
    bool proofs = votes && e->config.signatures;
    uint16_t *order = ehr_storage_take(storage, proofs ? e->config.replicas * sizeof(uint16_t) : 0);
    uint8_t *signatures =
        ehr_storage_take(storage, proofs ? (size_t)e->quorum * EHR_HOTSTUFF_SIGNATURE_BYTES : 0);
    if (storage->base == NULL)
        return;
    tally->seen = words;
    tally->voted = words + e->words;
    tally->order = proofs ? order : NULL;
    tally->signatures = proofs ? signatures : NULL;
}

static void lay_out_index(struct ehr_engine *e, struct ehr_hotstuff_index *index,
                          struct ehr_storage *storage)
{
    index->heads = ehr_storage_take(storage, (e->mask + 1) * sizeof(*index->heads));
    index->next = ehr_storage_take(storage, e->capacity * sizeof(*index->next));
}

static void lay_out(struct ehr_engine *e, struct ehr_storage *storage)
{
    size_t replicas = e->config.replicas, capacity = e->capacity;
    size_t proposal =
        EHR_HOTSTUFF_NODE_BYTES + (size_t)e->certificate_bytes + 1 + e->departure_bytes;
    e->nodes = ehr_storage_take(storage, capacity * sizeof(*e->nodes));
    lay_out_index(e, &e->by_id, storage);
    lay_out_index(e, &e->by_view, storage);
    e->by_age = ehr_storage_take(storage, capacity * sizeof(*e->by_age));
    e->path = ehr_storage_take(storage, capacity * sizeof(*e->path));
    e->carried = ehr_storage_take(storage, capacity * sizeof(*e->carried));
    e->released = ehr_storage_take(storage, capacity * sizeof(*e->released));
    e->timeouts = ehr_storage_take(storage, replicas * sizeof(*e->timeouts));
    e->latest = ehr_storage_take(storage, replicas * sizeof(*e->latest));
    e->high.bytes = ehr_storage_take(storage, e->certificate_bytes);
    e->ahead.bytes = ehr_storage_take(storage, e->certificate_bytes);
    e->named.bytes = ehr_storage_take(storage, e->certificate_bytes);
    e->scratch = ehr_storage_take(storage, e->certificate_bytes);
    e->timeout = ehr_storage_take(storage, e->certificate_bytes);
    e->departure = ehr_storage_take(storage, e->departure_bytes);
    e->proposal = ehr_storage_take(storage, proposal);
    e->held = ehr_storage_take(storage, proposal);
    e->chain = ehr_storage_take(storage, (size_t)e->certificate_bytes + 1 + e->departure_bytes + 2 +
                                             capacity * EHR_HOTSTUFF_NODE_BYTES);
    e->safety = ehr_storage_take(storage, ehr_hotstuff_safety_bytes(e));
    e->records = ehr_storage_take(
        storage, EHR_HOTSTUFF_RECORDS * (EHR_HOTSTUFF_NODE_BYTES + (size_t)e->certificate_bytes));
    for (uint32_t i = 0; i < EHR_HOTSTUFF_TALLIES; i++) {
        lay_out_tally(e, &e->tallies[i], true, storage);
        lay_out_tally(e, &e->checkpoints[i], false, storage);
    }
}

static size_t hotstuff_size(const struct ehr_engine_config *config)
{
    struct ehr_engine measured = {0};
    struct ehr_storage measure = {0};
    derive(&measured, config);
    ehr_storage_take(&measure, sizeof(struct ehr_engine));
    lay_out(&measured, &measure);
    return measure.used;
}

static uint32_t hotstuff_effects_max(const struct ehr_engine_config *config)
{
    struct ehr_engine measured = {0};
    derive(&measured, config);
    return measured.capacity + 4 * config->replicas + 64; /* a branch may commit at once */
}

static struct ehr_engine *hotstuff_init(void *storage, const struct ehr_engine_config *config,
                                        const struct ehr_engine_memory *memory)
{
    memset(storage, 0, hotstuff_size(config));
    struct ehr_engine *e = storage;
    struct ehr_storage from = {.base = storage};
    ehr_storage_take(&from, sizeof(*e));
    derive(e, config);
    lay_out(e, &from);
    e->memory = *memory;
    return e;
}

static void hotstuff_close(struct ehr_engine *e)
{
    if (e == NULL)
        return;
    for (uint32_t i = 0; i < EHR_HOTSTUFF_TALLIES; i++) {
        ehr_hotstuff_tally_reset(e, &e->tallies[i], 0);
        ehr_hotstuff_tally_reset(e, &e->checkpoints[i], 0);
    }
}

/* Votes and timeouts are shown in certificates; what a proposal says is proven by what it holds. */
enum {
    PAIRWISE = 1U << EHR_ENGINE_CHECKPOINT | 1U << EHR_ENGINE_HOTSTUFF_PROPOSAL |
               1U << EHR_ENGINE_HOTSTUFF_NEED | 1U << EHR_ENGINE_HOTSTUFF_CHAIN
};

static void receive(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    bool pairwise = message->type < 32 && (PAIRWISE >> message->type & 1U) != 0;
    /* The state may have moved on since the node asked. */
    if (ehr_hotstuff_wants(e, message) == EHR_WANT_DROP ||
        (e->config.signatures && message->signature == NULL && !pairwise))
        return;
    switch (message->type) {
    case EHR_ENGINE_HOTSTUFF_PROPOSAL:
        ehr_hotstuff_on_message(e, message);
        break;
    case EHR_ENGINE_HOTSTUFF_VOTE:
        ehr_hotstuff_on_vote(e, message);
        ehr_hotstuff_retry(e);
        break;
    case EHR_ENGINE_HOTSTUFF_TIMEOUT:
        ehr_hotstuff_on_timeout(e, message);
        break;
    case EHR_ENGINE_HOTSTUFF_NEED:
        ehr_hotstuff_on_need(e, message);
        break;
    case EHR_ENGINE_HOTSTUFF_CHAIN:
        ehr_hotstuff_on_chain(e, message);
        break;
    case EHR_ENGINE_CHECKPOINT:
        ehr_hotstuff_on_checkpoint(e, message);
        break;
    default: /* `wants` has refused it */
        break;
    }
}

static void hotstuff_step(struct ehr_engine *e, const struct ehr_engine_auth *auth,
                          const struct ehr_event *event, struct ehr_effects *effects)
{
    assert(e->started == (event->type != EHR_EVENT_START));
    e->auth = auth;
    e->out = effects;
    e->now_ns = event->now_ns;
    e->record_next = 0;
    effects->count = 0;
    switch (event->type) {
    case EHR_EVENT_START:
        ehr_hotstuff_on_start(e, event);
        break;
    case EHR_EVENT_RECEIVE:
        receive(e, event->as.receive.message);
        break;
    case EHR_EVENT_TIMER:
        ehr_hotstuff_on_timer(e, event->as.timer.id, event->as.timer.generation);
        break;
    case EHR_EVENT_PENDING:
        ehr_hotstuff_on_pending(e, event->as.pending.unproposed, event->as.pending.waiting,
                                event->as.pending.oldest);
        break;
    case EHR_EVENT_PROPOSAL:
        ehr_hotstuff_on_proposal(e, event->as.proposal.view, event->as.proposal.height,
                                 &event->as.proposal.block, event->as.proposal.empty);
        break;
    case EHR_EVENT_EXECUTED:
        ehr_hotstuff_on_executed(e, event->as.executed.height, &event->as.executed.state,
                                 &event->as.executed.block);
        break;
    case EHR_EVENT_INSTALLED:
        ehr_hotstuff_on_installed(e, event->as.installed.height, &event->as.installed.state,
                                  &event->as.installed.block);
        break;
    }
    ehr_hotstuff_try_propose(e);
    ehr_hotstuff_timers_update(e);
    e->auth = NULL;
    e->out = NULL;
}

static uint64_t hotstuff_view(const struct ehr_engine *e)
{
    return e->view;
}

static uint16_t hotstuff_leader(const struct ehr_engine *e)
{
    return ehr_hotstuff_leader(e, e->view);
}

/* Views of one epoch have one leader. */
static uint64_t hotstuff_turn(const struct ehr_engine *e)
{
    return e->config.fixed_leader ? e->view >> EHR_HOTSTUFF_EPOCH : e->view;
}

/* PODC'19, 1 and 4: clients send to all replicas. A leader for one view proposes what it holds, and
 * the next has to hold what is left. */
static enum ehr_engine_requests hotstuff_requests(const struct ehr_engine_config *config)
{
    return config->fixed_leader ? EHR_ENGINE_REQUESTS_WATCHED : EHR_ENGINE_REQUESTS_ALL;
}

/* What the node has to know of the messages; the names stand in consensus.csv. */
static const struct ehr_engine_message_kind kinds[] = {
    [EHR_ENGINE_CHECKPOINT] = {"checkpoint", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS,
                               false},
    [EHR_ENGINE_HOTSTUFF_PROPOSAL] = {"proposal", EHR_ENGINE_CARRIES_PROPOSAL,
                                      EHR_ENGINE_KEEPS_NOTHING, false},
    [EHR_ENGINE_HOTSTUFF_VOTE] = {"vote", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS,
                                  true},
    [EHR_ENGINE_HOTSTUFF_TIMEOUT] = {"timeout", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_LATEST,
                                     false},
    [EHR_ENGINE_HOTSTUFF_NEED] = {"need", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_NOTHING,
                                  false},
    [EHR_ENGINE_HOTSTUFF_CHAIN] = {"chain", EHR_ENGINE_CARRIES_FLIGHT, EHR_ENGINE_KEEPS_NOTHING,
                                   false},
};

const struct ehr_engine_type ehr_hotstuff_engine_type = {
    .name = "hotstuff",
    .size = hotstuff_size,
    .effects_max = hotstuff_effects_max,
    .init = hotstuff_init,
    .close = hotstuff_close,
    .wants = ehr_hotstuff_wants,
    .step = hotstuff_step,
    .view = hotstuff_view,
    .leader = hotstuff_leader,
    .turn = hotstuff_turn,
    .requests = hotstuff_requests,
    .certificate_quorum = ehr_engine_quorum,
    .pairwise = PAIRWISE,
    .choices = EHR_ENGINE_CHOICE_CHAIN | EHR_ENGINE_CHOICE_LEADER,
    .kinds = kinds,
    .kind_count = sizeof(kinds) / sizeof(kinds[0]),
    .trust = "bft",
    .snapshot = ehr_hotstuff_snapshot,
};
