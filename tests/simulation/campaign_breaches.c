/* Breaches made by hand, in the effects of a real engine's step, and how each has to be noticed. */
#include "tests/simulation/campaign_breaches.h"

#include <assert.h>
#include <string.h>

/* The memory that the engine of the running replica borrows from. */
struct ehr_engine_memory ehr_breach_memory;

static struct ehr_effect *find(struct ehr_effects *effects, enum ehr_effect_type type,
                               uint8_t message)
{
    for (uint32_t i = 0; i < effects->count; i++) {
        struct ehr_effect *effect = &effects->item[i];
        if (effect->type != type ||
            (type == EHR_EFFECT_PERSIST && effect->as.persist.type != message) ||
            (type == EHR_EFFECT_SEND && effect->as.send.message.type != message))
            continue;
        return effect;
    }
    return NULL;
}

static void drop(struct ehr_effects *effects, enum ehr_effect_type type, uint8_t message)
{
    struct ehr_effect *effect = find(effects, type, message);
    if (effect == NULL)
        return;
    uint32_t behind = effects->count - (uint32_t)(effect - effects->item) - 1;
    memmove(effect, effect + 1, behind * sizeof(*effect));
    effects->count--;
}

static struct ehr_effect *add(struct ehr_effects *effects, enum ehr_effect_type type)
{
    struct ehr_effect *effect = &effects->item[effects->count++];
    memset(effect, 0, sizeof(*effect));
    effect->type = type;
    return effect;
}

static const struct ehr_engine_message *received(const struct ehr_event *event, uint8_t type)
{
    return event->type == EHR_EVENT_RECEIVE && event->as.receive.message->type == type
               ? event->as.receive.message
               : NULL;
}

#define BREACH(name)                                                                               \
    static void name(struct ehr_engine *e, const struct ehr_event *event,                          \
                     struct ehr_effects *effects)

BREACH(forget_prepare)
{
    (void)e, (void)event;
    drop(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_PREPARE);
}

BREACH(forget_commit)
{
    (void)e, (void)event;
    drop(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_COMMIT);
}

BREACH(vote_twice)
{
    (void)e, (void)event;
    struct ehr_effect *vote = find(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_PREPARE);
    if (vote == NULL)
        return;
    struct ehr_effect *other = add(effects, EHR_EFFECT_PERSIST);
    other->as.persist = vote->as.persist;
    other->as.persist.digest.bytes[0] ^= 1;
}

BREACH(commit_twice)
{
    (void)e, (void)event;
    struct ehr_effect *commit = find(effects, EHR_EFFECT_COMMIT, 0);
    if (commit != NULL)
        *add(effects, EHR_EFFECT_COMMIT) = *commit;
}

BREACH(commit_later)
{
    (void)e, (void)event;
    struct ehr_effect *commit = find(effects, EHR_EFFECT_COMMIT, 0);
    if (commit != NULL)
        commit->as.commit.height++;
}

BREACH(commit_nothing)
{
    (void)e, (void)event;
    struct ehr_effect *commit = find(effects, EHR_EFFECT_COMMIT, 0);
    if (commit != NULL)
        commit->as.commit.block.bytes[9] ^= 1;
}

/* Everybody commits the first block again in place of the second. */
BREACH(commit_on_wrong_parent)
{
    static struct ehr_digest first;
    (void)e, (void)event;
    struct ehr_effect *commit = find(effects, EHR_EFFECT_COMMIT, 0);
    if (commit != NULL && commit->as.commit.height == 1)
        first = commit->as.commit.block;
    if (commit != NULL && commit->as.commit.height == 2)
        commit->as.commit.block = first;
}

/* Whoever commits a height last commits the block below. */
BREACH(fork_the_last)
{
    static uint32_t commits;
    static struct ehr_digest first;
    (void)e;
    struct ehr_effect *commit = find(effects, EHR_EFFECT_COMMIT, 0);
    if (event->type == EHR_EVENT_START)
        commits = 0;
    if (commit != NULL && commit->as.commit.height == 1)
        first = commit->as.commit.block;
    if (commit != NULL && commit->as.commit.height == 2 && ++commits == 3)
        commit->as.commit.block = first;
}

BREACH(commit_at_once)
{
    (void)e;
    const struct ehr_engine_message *m = received(event, EHR_ENGINE_PRE_PREPARE);
    if (m == NULL || m->height != 1)
        return;
    struct ehr_effect *commit = add(effects, EHR_EFFECT_COMMIT);
    commit->as.commit.height = m->height;
    commit->as.commit.block = m->digest;
}

BREACH(prepare_at_once)
{
    (void)e;
    const struct ehr_engine_message *m = received(event, EHR_ENGINE_PRE_PREPARE);
    if (m == NULL || m->height != 1)
        return;
    struct ehr_effect *record = add(effects, EHR_EFFECT_PERSIST);
    record->as.persist.type = EHR_ENGINE_COMMIT;
    record->as.persist.height = m->height;
    record->as.persist.digest = m->digest;
}

BREACH(fetch_anything)
{
    (void)e;
    if (event->type == EHR_EVENT_EXECUTED)
        add(effects, EHR_EFFECT_FETCH)->as.fetch.height = event->as.executed.height + 3;
}

BREACH(vouch_wrongly)
{
    (void)e, (void)event;
    struct ehr_effect *vote = find(effects, EHR_EFFECT_SEND, EHR_ENGINE_CHECKPOINT);
    if (vote != NULL)
        vote->as.send.message.digest.bytes[5] ^= 1;
}

BREACH(vouch_early)
{
    (void)e, (void)event;
    struct ehr_effect *vote = find(effects, EHR_EFFECT_SEND, EHR_ENGINE_CHECKPOINT);
    if (vote != NULL)
        vote->as.send.message.height += 2;
}

BREACH(stable_wrongly)
{
    (void)e, (void)event;
    struct ehr_effect *record = find(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_CHECKPOINT);
    if (record != NULL)
        record->as.persist.digest.bytes[5] ^= 1;
}

BREACH(carry_anything)
{
    static struct ehr_digest unknown = {{1, 2, 3}};
    (void)e, (void)event;
    struct ehr_effect *proposal = find(effects, EHR_EFFECT_SEND, EHR_ENGINE_PRE_PREPARE);
    if (proposal != NULL)
        proposal->as.send.message.carried = &unknown;
}

BREACH(certificate_forged)
{
    static uint8_t proof[4096];
    (void)e, (void)event;
    struct ehr_effect *record = find(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_COMMIT);
    if (record == NULL || record->as.persist.proof_length == 0)
        return;
    memcpy(proof, record->as.persist.proof, record->as.persist.proof_length);
    proof[record->as.persist.proof_length - 1] ^= 1;
    record->as.persist.proof = proof;
}

BREACH(certificate_short)
{
    (void)e, (void)event;
    struct ehr_effect *record = find(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_COMMIT);
    if (record != NULL && record->as.persist.proof_length > 66)
        record->as.persist.proof_length -= 66;
}

BREACH(speak_for_another)
{
    (void)e, (void)event;
    struct ehr_effect *vote = find(effects, EHR_EFFECT_SEND, EHR_ENGINE_COMMIT);
    if (vote != NULL)
        vote->as.send.message.sender ^= 1;
}

BREACH(lead_everywhere)
{
    static uint16_t leader;
    (void)e;
    if (event->type != EHR_EVENT_START)
        return;
    struct ehr_effect *view = add(effects, EHR_EFFECT_NEW_VIEW);
    view->as.new_view.view = 1;
    view->as.new_view.leader = leader++ % 2;
}

BREACH(promise_too_little)
{
    (void)e, (void)event;
    effects->count = effects->capacity + 1;
}

BREACH(keep_memory)
{
    (void)e;
    if (event->type == EHR_EVENT_START)
        ehr_breach_memory.resize(ehr_breach_memory.context, NULL, 100);
    (void)effects;
}

BREACH(take_memory)
{
    (void)e, (void)effects;
    if (event->type == EHR_EVENT_EXECUTED)
        ehr_breach_memory.resize(ehr_breach_memory.context, NULL, 2000000);
}

void ehr_breach_assertion(struct ehr_engine *e, const struct ehr_event *event,
                          struct ehr_effects *effects)
{
    (void)e, (void)effects;
    assert(event->type != EHR_EVENT_EXECUTED);
}

BREACH(say_nothing)
{
    (void)e, (void)event;
    drop(effects, EHR_EFFECT_SEND, EHR_ENGINE_PREPARE);
}

BREACH(forget_node_vote)
{
    (void)e, (void)event;
    drop(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_HOTSTUFF_VOTE);
}

BREACH(commit_node_at_once)
{
    (void)e;
    const struct ehr_engine_message *m = received(event, EHR_ENGINE_HOTSTUFF_PROPOSAL);
    if (m == NULL || m->height != 1 || m->carried_count == 0)
        return;
    struct ehr_effect *commit = add(effects, EHR_EFFECT_COMMIT);
    commit->as.commit.height = 1;
    commit->as.commit.block = m->carried[0];
}

BREACH(node_certificate_forged)
{
    static uint8_t body[4096];
    (void)e, (void)event;
    struct ehr_effect *sent = find(effects, EHR_EFFECT_SEND, EHR_ENGINE_HOTSTUFF_PROPOSAL);
    if (sent == NULL || sent->as.send.message.view < 3)
        return;
    memcpy(body, sent->as.send.message.body, sent->as.send.message.body_length);
    body[2 * 89 + 40] ^= 1; /* in the first signature */
    sent->as.send.message.body = body;
}

/* Changes a copy of the proof of a vote, from a view on. */
static uint8_t *vote_proof(struct ehr_effects *effects, uint64_t view)
{
    static uint8_t proof[4096];
    struct ehr_effect *vote = find(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_HOTSTUFF_VOTE);
    if (vote == NULL || vote->as.persist.view < view)
        return NULL;
    memcpy(proof, vote->as.persist.proof, vote->as.persist.proof_length);
    vote->as.persist.proof = proof;
    return proof;
}

BREACH(vote_on_forged_certificate)
{
    (void)e, (void)event;
    uint8_t *proof = vote_proof(effects, 3);
    if (proof != NULL)
        proof[2 * 89 + 40] ^= 1;
}

BREACH(vote_for_what_nobody_proposed)
{
    (void)e, (void)event;
    uint8_t *proof = vote_proof(effects, 3);
    if (proof != NULL)
        proof[17] ^= 1; /* another block */
}

BREACH(propose_too_soon)
{
    static uint8_t body[4096];
    (void)e, (void)event;
    struct ehr_effect *sent = find(effects, EHR_EFFECT_SEND, EHR_ENGINE_HOTSTUFF_PROPOSAL);
    if (sent == NULL || sent->as.send.message.view < 3)
        return;
    memcpy(body, sent->as.send.message.body, sent->as.send.message.body_length);
    body[0]++; /* a view later than the certificate allows */
    sent->as.send.message.body = body;
}

BREACH(depart_with_a_claim)
{
    static uint8_t body[4096];
    (void)e, (void)event;
    drop(effects, EHR_EFFECT_SEND, EHR_ENGINE_PRE_PREPARE); /* so that the view is left */
    struct ehr_effect *sent = find(effects, EHR_EFFECT_SEND, EHR_ENGINE_VIEW_CHANGE);
    if (sent == NULL)
        return;
    memcpy(body, sent->as.send.message.body, sent->as.send.message.body_length);
    body[0] = 5; /* stable, it says */
    sent->as.send.message.body = body;
}

BREACH(forget_ballot)
{
    (void)e, (void)event;
    drop(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_RAFT_VOTE);
}

BREACH(forget_entry)
{
    (void)e;
    if (received(event, EHR_ENGINE_RAFT_APPEND) != NULL)
        drop(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_RAFT_APPEND);
}

BREACH(lead_unasked)
{
    (void)e;
    if (event->type != EHR_EVENT_EXECUTED)
        return;
    struct ehr_effect *view = add(effects, EHR_EFFECT_NEW_VIEW);
    view->as.new_view.view = 9;
    view->as.new_view.leader = 1;
}

BREACH(commit_entry_at_once)
{
    (void)e, (void)event;
    struct ehr_effect *record = find(effects, EHR_EFFECT_PERSIST, EHR_ENGINE_RAFT_APPEND);
    if (record == NULL || record->as.persist.height != 1 || event->type != EHR_EVENT_PROPOSAL)
        return;
    struct ehr_effect *commit = add(effects, EHR_EFFECT_COMMIT);
    commit->as.commit.height = 1;
    commit->as.commit.view = record->as.persist.view;
    commit->as.commit.block = record->as.persist.digest;
}

const struct ehr_breach ehr_breaches[] = {
    {"pbft", forget_prepare, "a vote that is not persisted"},
    {"pbft", forget_commit, "a vote that is not persisted"},
    {"pbft", vote_twice, "two votes"},
    {"pbft", commit_twice, "gap"},
    {"pbft", commit_later, "gap"},
    {"pbft", commit_nothing, "committed a block without a body"},
    {"pbft", commit_on_wrong_parent, "a block on another parent"},
    {"pbft", fork_the_last, "fork"},
    {"pbft", commit_at_once, "committed without a quorum"},
    {"pbft", prepare_at_once, "prepared without a quorum"},
    {"pbft", fetch_anything, "fetches a state nobody has"},
    {"pbft", vouch_wrongly, "vouches for a wrong state"},
    {"pbft", vouch_early, "vouches for a state it has not"},
    {"pbft", stable_wrongly, "a wrong state is stable"},
    {"pbft", carry_anything, "carries a body it does not hold"},
    {"pbft", certificate_forged, "a certificate that proves nothing"},
    {"pbft", certificate_short, "a certificate that proves nothing"},
    {"pbft", speak_for_another, "a message from or to nobody"},
    {"pbft", lead_everywhere, "two leaders in a view"},
    {"pbft", promise_too_little, "more effects than promised"},
    {"pbft", keep_memory, "memory kept"},
    {"pbft", take_memory, "memory without bound"},
    {"pbft", say_nothing, "liveness"},
    {"hotstuff", forget_node_vote, "a vote that is not persisted"},
    {"hotstuff", commit_node_at_once, "committed without a chain of certificates"},
    {"hotstuff", node_certificate_forged, "a certificate that proves nothing"},
    {"hotstuff", vote_on_forged_certificate, "a vote on a certificate that proves nothing"},
    {"hotstuff", vote_for_what_nobody_proposed, "a vote without a reason for its view"},
    {"hotstuff", propose_too_soon, "proposes without a reason"},
    {"pbft", depart_with_a_claim, "a view change that proves nothing"},
    {"hotstuff", stable_wrongly, "a wrong state is stable"},
    {"raft", forget_ballot, "speaks in a term it has not persisted"},
    {"raft", forget_entry, "acknowledges what it does not hold"},
    {"raft", lead_unasked, "leads without votes"},
    {"raft", commit_entry_at_once, "committed without a majority"},
    {"solo", commit_twice, "gap"},
};

const size_t ehr_breaches_count = sizeof(ehr_breaches) / sizeof(ehr_breaches[0]);
