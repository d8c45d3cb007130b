/* What holds for every engine; and which family an engine is of. */
#include "tests/simulation/campaign/check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* Bytes that an engine may have at a time: view changes of all, with proofs for every height. */
static uint64_t lent_max(const struct ehr_world *w)
{
    const struct ehr_engine_config *c = &w->setup.config;
    uint64_t heights = 2 * (uint64_t)c->window + 2 * c->checkpoint_interval + 4;
    uint64_t change = 256 + heights * (64 + 66 * (uint64_t)c->replicas);
    return (uint64_t)(2 * c->replicas + 4) * change + heights * 4096;
}

void ehr_check_open(struct ehr_world *w)
{
    static const struct {
        const char *name;
        enum ehr_family family;
    } families[] = {{"pbft", EHR_FAMILY_PBFT},
                    {"hotstuff", EHR_FAMILY_HOTSTUFF},
                    {"raft", EHR_FAMILY_RAFT},
                    {"solo", EHR_FAMILY_PLAIN}};
    struct ehr_checks *c = w->checks;
    if (c == NULL)
        w->checks = c = calloc(1, sizeof(*c));
    assert(c != NULL);
    c->family = EHR_FAMILY_PLAIN;
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (strcmp(families[i].name, w->setup.type->name) == 0)
            c->family = families[i].family;
    uint32_t n = w->setup.config.replicas;
    c->faults = (n - 1) / 3;
    c->quorum = (n + c->faults + 2) / 2; /* ceil((n+f+1)/2), not by the engines' function */
    c->byzantine = (1U << w->setup.liars) - 1;
    ehr_map_reset(&c->map);
    memset(c->left, 0, sizeof(c->left));
    memset(c->locks, 0, sizeof(c->locks));
    memset(c->entered, 0, sizeof(c->entered));
    c->node_count = c->newest_count = 0;
    if (c->family == EHR_FAMILY_RAFT)
        ehr_check_raft_open(w);
}

void ehr_check_free(struct ehr_checks *c)
{
    if (c == NULL)
        return;
    ehr_map_close(&c->map);
    ehr_check_raft_free(c->raft);
    free(c->nodes);
    free(c);
}

void ehr_check_step(struct ehr_world *w, struct ehr_instance *i)
{
    if (i->effects.count > i->effects.capacity)
        ehr_world_broken(w, "more effects than promised", "r%u: %u", i->replica, i->effects.count);
    uint64_t view = w->setup.type->view(i->engine);
    if (view < i->view && !i->byzantine)
        ehr_world_broken(w, "a view falls", "r%u from %" PRIu64 " to %" PRIu64, i->replica, i->view,
                         view);
    i->view = view;
    if (i->lent > lent_max(w))
        ehr_world_broken(w, "memory without bound", "r%u has %" PRIu64 " bytes", i->replica,
                         i->lent);
}

/* Requests of a block: somebody submitted them. One may stand in two blocks, since a leader that
 * lags behind may propose what is executed elsewhere: nodes execute it once. */
static void requests_check(struct ehr_world *w, const struct ehr_instance *i,
                           const struct ehr_body *body)
{
    for (uint32_t k = 0; k < body->count; k++) {
        uint16_t request = body->requests[k];
        if (request >= w->submitted)
            ehr_world_broken(w, "a request nobody submitted", "r%u height %" PRIu64, i->replica,
                             body->height);
        uint64_t *first = ehr_map_at(&w->checks->map, ehr_host_key(77, request, 0, 0));
        w->tally.repeated += *first != 0;
        *first = 1;
    }
}

static void commit_check(struct ehr_world *w, struct ehr_instance *i,
                         const struct ehr_effect *effect)
{
    uint64_t height = effect->as.commit.height;
    const struct ehr_body *body = ehr_host_body(w, &effect->as.commit.block);
    if (height != i->committed + 1 && (height <= i->committed || height > i->ahead + 1)) {
        ehr_world_broken(w, "gap", "r%u commits %" PRIu64 " after %" PRIu64, i->replica, height,
                         i->committed);
        return;
    }
    if (height >= EHR_HEIGHTS_MAX) {
        ehr_world_broken(w, "endless", "height %" PRIu64, height);
        return;
    }
    if (body == NULL || (body->held >> i->index & 1U) == 0) {
        ehr_world_broken(w, "committed a block without a body", "r%u height %" PRIu64, i->replica,
                         height);
        return;
    }
    uint32_t index = (uint32_t)(body - w->bodies);
    if (height <= w->top) {
        if (w->chain[height] != index)
            ehr_world_broken(w, "fork", "r%u height %" PRIu64 " block %u, others %u", i->replica,
                             height, index, w->chain[height]);
        return;
    }
    static const struct ehr_digest none;
    const struct ehr_digest *below = height == 1 ? &none : &w->bodies[w->chain[height - 1]].digest;
    if (!ehr_host_same(&body->parent, below) || body->height != height)
        ehr_world_broken(w, "a block on another parent", "r%u height %" PRIu64, i->replica, height);
    requests_check(w, i, body);
    w->top = height;
    w->chain[height] = index;
}

static void state_check(struct ehr_world *w, const struct ehr_instance *i, const char *what,
                        uint64_t height, const struct ehr_digest *state)
{
    static const struct ehr_digest genesis;
    const struct ehr_digest *right = height == 0 ? &genesis : &w->states[height];
    if (height > w->states_top || !ehr_host_same(state, right))
        ehr_world_broken(w, what, "r%u height %" PRIu64, i->replica, height);
}

static void send_check(struct ehr_world *w, struct ehr_instance *i, const struct ehr_effect *effect)
{
    const struct ehr_engine_message *m = &effect->as.send.message;
    if (m->sender != i->replica || m->type >= EHR_ENGINE_MESSAGE_TYPES ||
        (effect->as.send.to != EHR_ENGINE_TO_ALL &&
         (effect->as.send.to >= w->setup.config.replicas || effect->as.send.to == i->replica)))
        ehr_world_broken(w, "a message from or to nobody", "r%u type %u", i->replica, m->type);
    for (uint32_t k = 0; k < m->carried_count; k++) {
        const struct ehr_body *body = ehr_host_body(w, &m->carried[k]);
        if (body == NULL || (body->held >> i->index & 1U) == 0) {
            ehr_world_broken(w, "carries a body it does not hold", "r%u type %u", i->replica,
                             m->type);
            return;
        }
    }
    if (m->type == EHR_ENGINE_CHECKPOINT) {
        if (m->height > i->executed)
            ehr_world_broken(w, "vouches for a state it has not", "r%u height %" PRIu64, i->replica,
                             m->height);
        state_check(w, i, "vouches for a wrong state", m->height, &m->digest);
    }
    if (w->checks->family == EHR_FAMILY_PBFT) {
        ehr_check_votes_send(w, i, m);
        ehr_check_departures_send(w, i, m);
    }
    if (w->checks->family == EHR_FAMILY_HOTSTUFF)
        ehr_check_hotstuff_send(w, i, m);
}

static void persist_check(struct ehr_world *w, struct ehr_instance *i,
                          const struct ehr_engine_record *record)
{
    if (record->type == EHR_ENGINE_CHECKPOINT) {
        /* PBFT's view changes may begin above what a replica has: it fetches the state. */
        if (record->height > i->executed && w->checks->family != EHR_FAMILY_PBFT)
            ehr_world_broken(w, "forgets what it has not executed", "r%u height %" PRIu64,
                             i->replica, record->height);
        state_check(w, i, "a wrong state is stable", record->height, &record->digest);
    }
    if (w->checks->family == EHR_FAMILY_PBFT)
        ehr_check_votes_persist(w, i, record);
    if (w->checks->family == EHR_FAMILY_PBFT)
        ehr_check_departures_vote(w, i, record);
    if (w->checks->family == EHR_FAMILY_HOTSTUFF)
        ehr_check_hotstuff_persist(w, i, record);
}

static void leader_check(struct ehr_world *w, const struct ehr_instance *i,
                         const struct ehr_effect *effect)
{
    uint64_t *first = ehr_map_at(&w->checks->map, ehr_host_key(78, effect->as.new_view.view, 0, 0));
    uint64_t leader = effect->as.new_view.leader + 1U;
    if (leader > w->setup.config.replicas || (*first != 0 && *first != leader))
        ehr_world_broken(w, "two leaders in a view", "r%u view %" PRIu64, i->replica,
                         effect->as.new_view.view);
    w->tally.views += *first == 0;
    *first = leader;
}

void ehr_check_effect(struct ehr_world *w, struct ehr_instance *i, const struct ehr_effect *effect)
{
    if (i->byzantine)
        return;
    switch (effect->type) {
    case EHR_EFFECT_PERSIST:
        persist_check(w, i, &effect->as.persist);
        break;
    case EHR_EFFECT_SEND:
        send_check(w, i, effect);
        break;
    case EHR_EFFECT_COMMIT:
        commit_check(w, i, effect);
        if (w->checks->family == EHR_FAMILY_PBFT)
            ehr_check_votes_commit(w, i, effect);
        if (w->checks->family == EHR_FAMILY_HOTSTUFF)
            ehr_check_hotstuff_commit(w, i, effect);
        break;
    case EHR_EFFECT_FETCH:
        state_check(w, i, "fetches a state nobody has", effect->as.fetch.height,
                    &effect->as.fetch.state);
        break;
    case EHR_EFFECT_NEW_VIEW:
        leader_check(w, i, effect);
        break;
    case EHR_EFFECT_TIMER:
    case EHR_EFFECT_PROPOSE:
        break;
    }
    if (w->checks->family == EHR_FAMILY_RAFT && !w->verdict.broken)
        ehr_check_raft_effect(w, i, effect);
}

void ehr_check_delivery(struct ehr_world *w, struct ehr_instance *i,
                        const struct ehr_engine_message *message)
{
    if (i->byzantine)
        return;
    if (w->checks->family == EHR_FAMILY_PBFT)
        ehr_check_votes_delivery(w, i, message);
    if (w->checks->family == EHR_FAMILY_HOTSTUFF)
        ehr_check_hotstuff_delivery(w, i, message);
    if (w->checks->family == EHR_FAMILY_RAFT)
        ehr_check_raft_delivery(w, i, message);
}

void ehr_check_crash(struct ehr_world *w, struct ehr_instance *i)
{
    if (w->checks->family == EHR_FAMILY_RAFT)
        ehr_check_raft_crash(w, i);
}

/* PBFT's primary is told at the start of its view which requests are proposed: what the view
 * carries over, above its base. They must not be proposed again on top. After a restart nobody says
 * so. */
void ehr_check_built(struct ehr_world *w, const struct ehr_instance *i, const struct ehr_body *body)
{
    const struct ehr_body *below = ehr_host_body(w, &body->parent);
    if (i->byzantine || w->checks->family != EHR_FAMILY_PBFT)
        return;
    for (; below != NULL && below->height > i->executed && below->height > i->base;
         below = ehr_host_body(w, &below->parent))
        for (uint32_t a = 0; a < below->count; a++)
            for (uint32_t b = 0; b < body->count; b++)
                if (below->requests[a] == body->requests[b])
                    ehr_world_broken(w, "a request again in one branch",
                                     "r%u heights %" PRIu64 " and %" PRIu64, i->replica,
                                     below->height, body->height);
}
