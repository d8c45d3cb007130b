/* The PBFT engine: storage, and one event in, effects out. */
#include "sim/consensus/pbft/pbft.h"
#include "sim/consensus/storage.h"

/* What follows from the configuration. */
static void derive(struct ehr_engine *e, const struct ehr_engine_config *config)
{
    assert(config->replicas >= 1 && config->replicas <= EHR_ENGINE_REPLICAS_MAX);
    assert(config->self < config->replicas && config->batch_max >= 1);
    assert(config->window >= 1 && config->checkpoint_interval >= 1);
    assert(config->checkpoint_interval <= config->window); /* or the window never moves */
    assert(config->request_timeout_ns > 0);
    assert(config->votes == EHR_ENGINE_VOTES_BACKUPS || config->votes == EHR_ENGINE_VOTES_ALL);
    e->config = *config;
    e->faults = ehr_engine_faults(config->replicas);
    e->quorum = ehr_engine_quorum(config->replicas);
    e->words = (config->replicas + 63U) / 64U;
    /* Twice the window: others may be stable up to a window ahead and as far again above it. */
    uint64_t slots = 2;
    while (slots < 2 * (uint64_t)config->window + 2)
        slots *= 2;
    e->mask = slots - 1;
    e->span = slots - 1;
    e->checkpoint_slots = (uint32_t)(e->span / config->checkpoint_interval + 2);
}

static void lay_out(struct ehr_engine *e, struct ehr_storage *storage)
{
    size_t slots = e->mask + 1, replicas = e->config.replicas;
    size_t proof =
        e->config.signatures ? EHR_PBFT_FLAG_BYTES + (size_t)e->quorum * EHR_PBFT_SIGNER_BYTES : 0;
    e->now.slots = ehr_storage_take(storage, ehr_pbft_ring_bytes(e));
    e->prepared = ehr_storage_take(storage, slots * sizeof(*e->prepared));
    e->promises = ehr_storage_take(storage, slots * sizeof(*e->promises));
    e->chain = ehr_storage_take(storage, slots * sizeof(*e->chain));
    e->latest = ehr_storage_take(storage, replicas * sizeof(*e->latest));
    e->departures = ehr_storage_take(storage, replicas * sizeof(*e->departures));
    e->carried = ehr_storage_take(storage, (slots + 2) * sizeof(*e->carried));
    e->new_view_carried = ehr_storage_take(storage, (slots + 2) * sizeof(*e->new_view_carried));
    e->status = ehr_storage_take(storage, ehr_pbft_status_bytes(e));
    e->stable_certificate.proof = ehr_storage_take(storage, proof);
    e->certified.proof = ehr_storage_take(storage, proof);
    e->asked.proof = ehr_storage_take(storage, proof);
    if (proof == 0)
        e->stable_certificate.proof = e->certified.proof = e->asked.proof = NULL;
    e->checkpoints = ehr_storage_take(storage, e->checkpoint_slots * sizeof(*e->checkpoints));
    for (uint32_t i = 0; i < e->checkpoint_slots; i++) {
        uint64_t *words = ehr_storage_take(storage, 2 * e->words * sizeof(uint64_t));
        uint8_t *votes = ehr_storage_take(storage, proof);
        if (storage->base == NULL)
            continue;
        e->checkpoints[i].votes.seen = words;
        e->checkpoints[i].votes.voted = words + e->words;
        e->checkpoints[i].votes.proof = proof > 0 ? votes : NULL;
    }
}

static size_t pbft_size(const struct ehr_engine_config *config)
{
    struct ehr_engine measured = {0};
    struct ehr_storage measure = {0};
    derive(&measured, config);
    ehr_storage_take(&measure, sizeof(struct ehr_engine));
    lay_out(&measured, &measure);
    return measure.used;
}

static uint32_t pbft_effects_max(const struct ehr_engine_config *config)
{
    struct ehr_engine measured = {0};
    derive(&measured, config);
    /* A new view, or a restart, may accept, prepare and commit every slot at once: five effects
     * each; the rest are timers, view changes and proposals. */
    return (uint32_t)(6 * (measured.mask + 1) + 32);
}

static struct ehr_engine *pbft_init(void *storage, const struct ehr_engine_config *config,
                                    const struct ehr_engine_memory *memory)
{
    memset(storage, 0, pbft_size(config));
    struct ehr_engine *e = storage;
    struct ehr_storage from = {.base = storage};
    ehr_storage_take(&from, sizeof(*e));
    derive(e, config);
    lay_out(e, &from);
    ehr_pbft_ring_init(e, &e->now, e->now.slots);
    e->memory = *memory;
    return e;
}

static void give_back(struct ehr_engine *e, void *lent)
{
    if (lent != NULL)
        e->memory.resize(e->memory.context, lent, 0);
}

static void pbft_close(struct ehr_engine *e)
{
    if (e == NULL)
        return;
    ehr_pbft_ring_clear(e, &e->now, 0);
    ehr_pbft_ring_clear(e, &e->next, 0);
    for (uint32_t i = 0; i < e->checkpoint_slots; i++)
        ehr_pbft_tally_reset(e, &e->checkpoints[i].votes);
    ehr_pbft_prepared_drop(e, UINT64_MAX);
    for (uint32_t i = 0; i < e->config.replicas; i++)
        give_back(e, e->departures[i].body);
    give_back(e, e->next_storage);
    give_back(e, e->new_view);
    give_back(e, e->choice);
}

/* Commits are counted and forgotten, statuses answered: no certificate holds one. */
enum { PAIRWISE = 1U << EHR_ENGINE_COMMIT | 1U << EHR_ENGINE_PBFT_STATUS };

static bool is_pairwise(uint8_t type)
{
    return (PAIRWISE >> type & 1U) != 0;
}

static void receive(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    /* The state may have moved on since the node asked. */
    if (ehr_pbft_wants(e, message) == EHR_WANT_DROP ||
        (e->config.signatures && message->signature == NULL && !is_pairwise(message->type)))
        return;
    switch (message->type) {
    case EHR_ENGINE_PRE_PREPARE:
        ehr_pbft_on_pre_prepare(e, message);
        break;
    case EHR_ENGINE_PREPARE:
    case EHR_ENGINE_COMMIT:
        ehr_pbft_on_vote(e, message);
        break;
    case EHR_ENGINE_CHECKPOINT:
        ehr_pbft_on_checkpoint(e, message);
        break;
    case EHR_ENGINE_VIEW_CHANGE:
        ehr_pbft_on_view_change(e, message);
        break;
    case EHR_ENGINE_NEW_VIEW:
        ehr_pbft_on_new_view(e, message);
        break;
    case EHR_ENGINE_PBFT_STATUS:
        ehr_pbft_on_status(e, message);
        break;
    default: /* dropped above */
        break;
    }
}

static void pbft_step(struct ehr_engine *e, const struct ehr_engine_auth *auth,
                      const struct ehr_event *event, struct ehr_effects *effects)
{
    assert(e->started == (event->type != EHR_EVENT_START));
    e->auth = auth;
    e->out = effects;
    e->now_ns = event->now_ns;
    effects->count = 0;
    if (e->departures_stale)
        ehr_pbft_departures_forget(e);
    switch (event->type) {
    case EHR_EVENT_START:
        ehr_pbft_on_start(e, event);
        break;
    case EHR_EVENT_RECEIVE:
        receive(e, event->as.receive.message);
        break;
    case EHR_EVENT_TIMER:
        ehr_pbft_on_timer(e, event->as.timer.id, event->as.timer.generation);
        break;
    case EHR_EVENT_PENDING:
        ehr_pbft_on_pending(e, event->as.pending.unproposed, event->as.pending.waiting,
                            event->as.pending.oldest);
        break;
    case EHR_EVENT_PROPOSAL:
        ehr_pbft_on_proposal(e, event->as.proposal.view, event->as.proposal.height,
                             &event->as.proposal.block, event->as.proposal.empty);
        break;
    case EHR_EVENT_EXECUTED:
        ehr_pbft_on_executed(e, event->as.executed.height, &event->as.executed.state,
                             &event->as.executed.block);
        break;
    case EHR_EVENT_INSTALLED:
        ehr_pbft_on_installed(e, event->as.installed.height, &event->as.installed.state,
                              &event->as.installed.block);
        break;
    }
    e->auth = NULL;
    e->out = NULL;
}

static uint64_t pbft_view(const struct ehr_engine *e)
{
    return e->view;
}

static uint16_t pbft_leader(const struct ehr_engine *e)
{
    return ehr_pbft_primary(e, e->view);
}

/* What the node has to know of the messages; the names stand in consensus.csv. */
static const struct ehr_engine_message_kind kinds[] = {
    [EHR_ENGINE_PRE_PREPARE] = {"pre_prepare", EHR_ENGINE_CARRIES_PROPOSAL,
                                EHR_ENGINE_KEEPS_HEIGHTS, true},
    [EHR_ENGINE_PREPARE] = {"prepare", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS, true},
    [EHR_ENGINE_COMMIT] = {"commit", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS, false},
    [EHR_ENGINE_CHECKPOINT] = {"checkpoint", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS,
                               false},
    [EHR_ENGINE_VIEW_CHANGE] = {"view_change", EHR_ENGINE_CARRIES_BLOCKS, EHR_ENGINE_KEEPS_LATEST,
                                false},
    [EHR_ENGINE_NEW_VIEW] = {"new_view", EHR_ENGINE_CARRIES_VIEW, EHR_ENGINE_KEEPS_LATEST, false},
    [EHR_ENGINE_PBFT_STATUS] = {"status", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_NOTHING,
                                false},
};

const struct ehr_engine_type ehr_pbft_engine_type = {
    .name = "pbft",
    .size = pbft_size,
    .effects_max = pbft_effects_max,
    .init = pbft_init,
    .close = pbft_close,
    .wants = ehr_pbft_wants,
    .step = pbft_step,
    .view = pbft_view,
    .leader = pbft_leader,
    .certificate_quorum = ehr_engine_quorum,
    .pairwise = PAIRWISE,
    .choices = EHR_ENGINE_CHOICE_VOTES,
    .kinds = kinds,
    .kind_count = sizeof(kinds) / sizeof(kinds[0]),
    .trust = "bft",
    .snapshot = ehr_pbft_snapshot,
};
