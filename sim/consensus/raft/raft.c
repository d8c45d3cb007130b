/* The Raft engine: storage, and one event in, effects out. */
#include "sim/consensus/raft/raft.h"
#include "sim/consensus/storage.h"

static uint32_t majority_of(uint32_t replicas)
{
    return replicas / 2 + 1;
}

/* What follows from the configuration. */
static void derive(struct ehr_engine *e, const struct ehr_engine_config *config)
{
    assert(config->replicas >= 1 && config->replicas <= EHR_ENGINE_REPLICAS_MAX);
    assert(config->self < config->replicas && config->batch_max >= 1);
    assert(config->window >= 1 && config->checkpoint_interval >= 1);
    assert(config->request_timeout_ns > 0 && config->request_timeout_ns <= UINT64_MAX / 4);
    e->config = *config;
    e->majority = majority_of(config->replicas);
    /* A window kept below the checkpoint, an interval until the next, a window committed and not
     * executed, one in flight. */
    uint64_t slots = 4;
    while (slots < 3 * (uint64_t)config->window + config->checkpoint_interval + 1)
        slots *= 2;
    e->mask = slots - 1;
    e->span = slots - 1;
}

static void lay_out(struct ehr_engine *e, struct ehr_storage *storage)
{
    e->slots = ehr_storage_take(storage, (e->mask + 1) * sizeof(*e->slots));
    e->peers = ehr_storage_take(storage, e->config.replicas * sizeof(*e->peers));
    e->list = ehr_storage_take(storage, (e->mask + 1) * sizeof(*e->list));
    e->chunk = ehr_storage_take(storage, EHR_RAFT_APPEND_BYTES +
                                             (size_t)e->config.window * EHR_RAFT_ENTRY_BYTES);
}

static size_t raft_size(const struct ehr_engine_config *config)
{
    struct ehr_engine measured = {0};
    struct ehr_storage measure = {0};
    derive(&measured, config);
    ehr_storage_take(&measure, sizeof(struct ehr_engine));
    lay_out(&measured, &measure);
    return measure.used;
}

static uint32_t raft_effects_max(const struct ehr_engine_config *config)
{
    struct ehr_engine measured = {0};
    derive(&measured, config);
    /* Entries of a window persisted, a whole log committed; the rest is said once each. */
    return (uint32_t)(config->window + measured.span + 32);
}

static struct ehr_engine *raft_init(void *storage, const struct ehr_engine_config *config,
                                    const struct ehr_engine_memory *memory)
{
    (void)memory;
    memset(storage, 0, raft_size(config));
    struct ehr_engine *e = storage;
    struct ehr_storage from = {.base = storage};
    ehr_storage_take(&from, sizeof(*e));
    derive(e, config);
    lay_out(e, &from);
    e->role = EHR_RAFT_FOLLOWER;
    e->voted = e->leader = EHR_RAFT_NOBODY;
    return e;
}

static void raft_close(struct ehr_engine *e)
{
    (void)e;
}

static void receive(struct ehr_engine *e, const struct ehr_engine_message *m)
{
    if (ehr_raft_wants(e, m) == EHR_WANT_DROP) /* the state may have moved on */
        return;
    /* Figure 2, all servers: a later term makes a follower. A pre-vote only asks about one. */
    if (m->view > e->term && m->type != EHR_ENGINE_RAFT_PRE_VOTE)
        ehr_raft_adopt(e, m->view);
    switch (m->type) {
    case EHR_ENGINE_RAFT_PRE_VOTE:
        ehr_raft_on_pre_vote(e, m);
        break;
    case EHR_ENGINE_RAFT_VOTE:
        ehr_raft_on_vote(e, m);
        break;
    case EHR_ENGINE_RAFT_PRE_VOTE_REPLY:
    case EHR_ENGINE_RAFT_VOTE_REPLY:
        ehr_raft_on_ballot(e, m);
        break;
    case EHR_ENGINE_RAFT_APPEND:
        ehr_raft_on_append(e, m);
        break;
    case EHR_ENGINE_RAFT_APPEND_REPLY:
        ehr_raft_on_append_reply(e, m);
        break;
    case EHR_ENGINE_RAFT_SNAPSHOT:
        ehr_raft_on_snapshot(e, m);
        break;
    default: /* dropped above */
        break;
    }
}

static void on_timer(struct ehr_engine *e, uint16_t id, uint32_t generation)
{
    if (id == EHR_ENGINE_TIMER_ELECTION) {
        ehr_raft_on_election_timer(e, generation);
    } else if (id == EHR_ENGINE_TIMER_HEARTBEAT) {
        ehr_raft_on_heartbeat_timer(e, generation);
    } else if (id == EHR_ENGINE_TIMER_BATCH) {
        ehr_batch_expired(&e->batch, generation);
        ehr_raft_try_propose(e);
    }
}

static void raft_step(struct ehr_engine *e, const struct ehr_engine_auth *auth,
                      const struct ehr_event *event, struct ehr_effects *effects)
{
    assert(e->started == (event->type != EHR_EVENT_START));
    e->auth = auth;
    e->out = effects;
    e->now_ns = event->now_ns;
    e->small_count = 0;
    e->long_used = false;
    effects->count = 0;
    switch (event->type) {
    case EHR_EVENT_START:
        ehr_raft_on_start(e, event);
        break;
    case EHR_EVENT_RECEIVE:
        receive(e, event->as.receive.message);
        break;
    case EHR_EVENT_TIMER:
        on_timer(e, event->as.timer.id, event->as.timer.generation);
        break;
    case EHR_EVENT_PENDING:
        e->batch.unproposed = event->as.pending.unproposed;
        ehr_raft_try_propose(e);
        break;
    case EHR_EVENT_PROPOSAL:
        ehr_raft_on_proposal(e, event->as.proposal.view, event->as.proposal.height,
                             &event->as.proposal.block, event->as.proposal.empty);
        break;
    case EHR_EVENT_EXECUTED:
        ehr_raft_on_executed(e, event->as.executed.height, &event->as.executed.state);
        break;
    case EHR_EVENT_INSTALLED:
        ehr_raft_on_installed(e, &(struct ehr_raft_point){.height = event->as.installed.height,
                                                          .term = event->as.installed.view,
                                                          .block = event->as.installed.block,
                                                          .state = event->as.installed.state});
        break;
    }
    e->auth = NULL;
    e->out = NULL;
}

static uint64_t raft_view(const struct ehr_engine *e)
{
    return e->term;
}

/* Between leaders: the likeliest one. */
static uint16_t raft_leader(const struct ehr_engine *e)
{
    return e->leader != EHR_RAFT_NOBODY ? e->leader : e->hint;
}

/* Any replica may lead any term. Between leaders the likeliest one stands for the term before, so
 * that whoever is elected in this one comes after it. */
static uint64_t raft_turn(const struct ehr_engine *e)
{
    bool known = e->leader != EHR_RAFT_NOBODY || e->term == 0;
    return (e->term - (known ? 0 : 1)) * e->config.replicas + raft_leader(e);
}

/* Followers watch their leader's heartbeats, not what it does with requests. */
static enum ehr_engine_requests raft_requests(const struct ehr_engine_config *config)
{
    (void)config;
    return EHR_ENGINE_REQUESTS_LEADER;
}

/* What the node has to know of the messages; the names stand in consensus.csv. */
static const struct ehr_engine_message_kind kinds[] = {
    [EHR_ENGINE_CHECKPOINT] = {NULL, EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS, false},
    [EHR_ENGINE_RAFT_PRE_VOTE] = {"pre_vote", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_NOTHING,
                                  false},
    [EHR_ENGINE_RAFT_PRE_VOTE_REPLY] = {"pre_vote_reply", EHR_ENGINE_CARRIES_NOTHING,
                                        EHR_ENGINE_KEEPS_NOTHING, false},
    [EHR_ENGINE_RAFT_VOTE] = {"vote", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_LATEST, false},
    [EHR_ENGINE_RAFT_VOTE_REPLY] = {"vote_reply", EHR_ENGINE_CARRIES_NOTHING,
                                    EHR_ENGINE_KEEPS_NOTHING, false},
    [EHR_ENGINE_RAFT_APPEND] = {"append", EHR_ENGINE_CARRIES_ENTRIES, EHR_ENGINE_KEEPS_HEIGHTS,
                                true},
    [EHR_ENGINE_RAFT_APPEND_REPLY] = {"append_reply", EHR_ENGINE_CARRIES_NOTHING,
                                      EHR_ENGINE_KEEPS_NOTHING, false},
    [EHR_ENGINE_RAFT_SNAPSHOT] = {"snapshot", EHR_ENGINE_CARRIES_NOTHING, EHR_ENGINE_KEEPS_HEIGHTS,
                                  false},
};

const struct ehr_engine_type ehr_raft_engine_type = {
    .name = "raft",
    .size = raft_size,
    .effects_max = raft_effects_max,
    .init = raft_init,
    .close = raft_close,
    .wants = ehr_raft_wants,
    .step = raft_step,
    .view = raft_view,
    .leader = raft_leader,
    .turn = raft_turn,
    .requests = raft_requests,
    .certificate_quorum = majority_of,
    .pairwise = UINT32_MAX, /* nothing is ever shown to a third party */
    .kinds = kinds,
    .kind_count = sizeof(kinds) / sizeof(kinds[0]),
    .trust = "crash",
    .snapshot = ehr_raft_picture,
};
