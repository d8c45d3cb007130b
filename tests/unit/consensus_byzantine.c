/* Replicas that lie, and memory that survives a crash. */
#include "tests/simulation/engine_puppet.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define MS ((uint64_t)EHR_PUPPET_MS)

static const struct ehr_digest none;

struct liar {
    struct ehr_cluster *cluster;
    uint16_t who;
    uint32_t lies;
    uint8_t body[65536];
};

/* Two pre-prepares for one height: replica 1 gets one block, the others another. */
static bool equivocate(void *context, uint16_t to, struct ehr_engine_message *message)
{
    struct liar *liar = context;
    static struct ehr_digest other;
    if (message->sender != liar->who || message->type != EHR_ENGINE_PRE_PREPARE || to != 1)
        return true;
    uint32_t request = 7;
    other = ehr_cluster_block(liar->cluster, &none, &request, 1);
    message->digest = other;
    message->carried = &other;
    liar->lies++;
    return true;
}

static void nothing_forks_when_the_primary_equivocates(void)
{
    for (uint32_t votes = 1; votes <= 2; votes++) {
        struct ehr_cluster_options options = {
            .replicas = 4, .signatures = true, .votes = (enum ehr_engine_votes)votes};
        struct liar liar = {.cluster = ehr_cluster_new(&options), .who = 0};
        struct ehr_cluster_hooks hooks = {.sending = equivocate, .context = &liar};
        ehr_cluster_hooks_set(liar.cluster, &hooks);
        ehr_cluster_exclude(liar.cluster, 0);
        for (uint32_t i = 0; i < 10; i++) {
            ehr_cluster_submit(liar.cluster, i);
            ehr_cluster_run(liar.cluster, ehr_cluster_now(liar.cluster) + 20 * MS);
        }
        ehr_cluster_run(liar.cluster, ehr_cluster_now(liar.cluster) + 2000 * MS);
        for (uint32_t i = 10; i < 20; i++) { /* checkpoints for the replica that was deceived */
            ehr_cluster_submit(liar.cluster, i);
            ehr_cluster_run(liar.cluster, ehr_cluster_now(liar.cluster) + 500 * MS);
        }
        CU_ASSERT(ehr_cluster_run_executed(liar.cluster, 10, 60000 * MS)); /* the cluster checks */
        CU_ASSERT(liar.lies > 0);
        ehr_cluster_free(liar.cluster);
    }
}

/* A new primary that leaves out of O what was prepared. */
static bool forget_chosen(void *context, uint16_t to, struct ehr_engine_message *message)
{
    struct liar *liar = context;
    (void)to;
    if (message->sender != liar->who || message->type != EHR_ENGINE_NEW_VIEW)
        return true;
    CU_ASSERT(message->carried_count == 1 && message->body_length < sizeof(liar->body));
    memcpy(liar->body, message->body, message->body_length);
    message->body_length -= 32;
    memset(liar->body + message->body_length - 4, 0, 4);
    message->body = liar->body;
    liar->lies++;
    return true;
}

static void new_view_is_refused_when_it_drops_a_prepared_block(void)
{
    struct ehr_cluster_options options = {.replicas = 4, .signatures = true};
    struct liar liar = {.cluster = ehr_cluster_new(&options), .who = 1};
    struct ehr_cluster_hooks hooks = {.sending = forget_chosen, .context = &liar};
    ehr_cluster_hooks_set(liar.cluster, &hooks);
    ehr_cluster_exclude(liar.cluster, 1);
    ehr_cluster_submit(liar.cluster, 0);
    ehr_cluster_run(liar.cluster, 5 * MS / 2); /* prepared everywhere */
    ehr_cluster_crash(liar.cluster, 0);
    for (uint16_t i = 1; i < 4; i++) /* nor may they commit */
        ehr_cluster_group_set(liar.cluster, i, i);
    ehr_cluster_run(liar.cluster, 190 * MS); /* nor when they ask again: their timers run out */
    for (uint16_t i = 1; i < 4; i++)
        ehr_cluster_group_set(liar.cluster, i, 1);
    ehr_cluster_run(liar.cluster, 240 * MS);
    CU_ASSERT_EQUAL(liar.lies, 3);
    CU_ASSERT_EQUAL(ehr_cluster_height(liar.cluster, 2), 0);
    CU_ASSERT_EQUAL(ehr_cluster_sent(liar.cluster, EHR_ENGINE_COMMIT), 4 * 3); /* view 0's only */
    ehr_cluster_group_set(liar.cluster, 0, 1);
    ehr_cluster_restart(liar.cluster, 0); /* else two faulty of four */
    CU_ASSERT(ehr_cluster_run_executed(liar.cluster, 1, 5000 * MS));
    ehr_cluster_free(liar.cluster);
}

#define PUPPET(name, replica, votes_)                                                              \
    struct ehr_puppet name;                                                                        \
    do {                                                                                           \
        struct ehr_cluster_options options_ = {                                                    \
            .replicas = 4, .signatures = true, .votes = votes_};                                   \
        ehr_puppet_open(&name, &options_, replica);                                                \
    } while (0)

static void votes_count_when_they_come_before_the_pre_prepare(void)
{
    PUPPET(p, 1, EHR_ENGINE_VOTES_BACKUPS);
    struct ehr_digest b = ehr_cluster_block(p.cluster, &none, NULL, 0);
    ehr_puppet_send(&p, 2, EHR_ENGINE_COMMIT, 0, 1, &b);
    ehr_puppet_send(&p, 3, EHR_ENGINE_COMMIT, 0, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    CU_ASSERT_EQUAL(p.committed, 1);
    ehr_puppet_close(&p);
}

static void correct_votes_survive_when_garbage_came_first(void)
{
    PUPPET(p, 1, EHR_ENGINE_VOTES_BACKUPS);
    struct ehr_digest b = ehr_cluster_block(p.cluster, &none, NULL, 0), garbage = {{1}};
    ehr_puppet_send(&p, 3, EHR_ENGINE_PREPARE, 0, 1, &garbage);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    CU_ASSERT_EQUAL(ehr_cluster_lent(p.cluster), 2); /* for the stray, and back */
    ehr_puppet_close(&p);
}

static void prepare_of_everybody_is_needed_when_votes_is_all(void)
{
    PUPPET(p, 1, EHR_ENGINE_VOTES_ALL);
    struct ehr_digest b = ehr_cluster_block(p.cluster, &none, NULL, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 0); /* the proposal is no vote */
    ehr_puppet_send(&p, 0, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    ehr_puppet_close(&p);
}

static void block_is_refused_when_its_parent_is_another(void)
{
    PUPPET(p, 1, EHR_ENGINE_VOTES_BACKUPS);
    struct ehr_digest stranger = {{5}};
    struct ehr_digest b = ehr_cluster_block(p.cluster, &stranger, NULL, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0);
    ehr_puppet_close(&p);
}

static bool wanted(struct ehr_puppet *p, uint8_t type, uint16_t from, uint64_t view,
                   uint64_t height, const struct ehr_digest *digest)
{
    struct ehr_engine_message m = {
        .type = type, .sender = from, .view = view, .height = height, .digest = *digest};
    return ehr_cluster_type(p->cluster)->wants(ehr_cluster_engine(p->cluster, p->replica), &m) ==
           EHR_WANT_VERIFY;
}

static void messages_are_dropped_unverified_when_they_cannot_matter(void)
{
    PUPPET(p, 1, EHR_ENGINE_VOTES_BACKUPS);
    struct ehr_digest b = ehr_cluster_block(p.cluster, &none, NULL, 0);
    CU_ASSERT(wanted(&p, EHR_ENGINE_PREPARE, 2, 0, 1, &b));
    CU_ASSERT(wanted(&p, EHR_ENGINE_PREPARE, 2, 1, 1, &b)); /* the next view may be open already */
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 2, 2, 1, &b));
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 0, 0, 1, &b)); /* the primary's */
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 1, 0, 1, &b)); /* its own */
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 4, 0, 1, &b)); /* nobody's */
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 2, 0, 0, &b));
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 2, 0, 1000, &b));
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PRE_PREPARE, 2, 0, 1, &b));
    CU_ASSERT_FALSE(wanted(&p, 0, 2, 0, 1, &b));
    CU_ASSERT_FALSE(wanted(&p, 99, 2, 0, 1, &b));
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_CHECKPOINT, 2, 0, 5, &b)); /* no multiple of 4 */
    CU_ASSERT(wanted(&p, EHR_ENGINE_CHECKPOINT, 2, 0, 8, &b));
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_NEW_VIEW, 2, 1, 0, &b)); /* 1 leads view 1 */
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 2, 0, 1, &b)); /* a duplicate */
    CU_ASSERT(wanted(&p, EHR_ENGINE_PREPARE, 3, 0, 1, &b));
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_PREPARE, 3, 0, 1, &b)); /* beyond the quorum */
    CU_ASSERT(wanted(&p, EHR_ENGINE_COMMIT, 3, 0, 1, &b));
    ehr_puppet_send(&p, 0, EHR_ENGINE_COMMIT, 0, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_COMMIT, 0, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 1);
    CU_ASSERT_FALSE(wanted(&p, EHR_ENGINE_COMMIT, 3, 0, 1, &b));
    ehr_puppet_close(&p);
}

static void vote_is_not_contradicted_when_the_replica_restarts(void)
{
    PUPPET(p, 1, EHR_ENGINE_VOTES_BACKUPS);
    struct ehr_digest b = ehr_cluster_block(p.cluster, &none, NULL, 0),
                      other = ehr_cluster_block(p.cluster, &none, NULL, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    ehr_cluster_crash(p.cluster, 1);
    ehr_puppet_reset(&p);
    ehr_cluster_restart(p.cluster, 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1); /* the same vote again: it may not have left */
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &other);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &other);
    ehr_puppet_send(&p, 3, EHR_ENGINE_PREPARE, 0, 1, &other);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 0);
    ehr_puppet_close(&p);
}

static void view_left_is_not_entered_again_when_the_replica_restarts(void)
{
    PUPPET(p, 3, EHR_ENGINE_VOTES_BACKUPS);
    struct ehr_digest b = ehr_cluster_block(p.cluster, &none, NULL, 0);
    ehr_puppet_depart(&p, 1, 1);
    ehr_puppet_depart(&p, 2, 1);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_cluster_crash(p.cluster, 3);
    ehr_puppet_reset(&p);
    ehr_cluster_restart(p.cluster, 3);
    CU_ASSERT_EQUAL(ehr_cluster_view(p.cluster, 3), 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0);
    ehr_puppet_close(&p);
}

static bool same(const struct ehr_digest *a, const struct ehr_digest *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Replica 2 leads view 2; nobody signs, so that the view changes need no proofs. */
static void new_view_takes_the_highest_view_and_stops_when_the_chain_breaks(void)
{
    struct ehr_cluster_options options = {.replicas = 4};
    struct ehr_puppet p;
    ehr_puppet_open(&p, &options, 2);
    struct ehr_digest old = ehr_cluster_block(p.cluster, &none, NULL, 0),
                      young = ehr_cluster_block(p.cluster, &none, NULL, 0),
                      on_old = ehr_cluster_block(p.cluster, &old, NULL, 0),
                      beyond = ehr_cluster_block(p.cluster, &on_old, NULL, 0);
    const struct ehr_puppet_entry first[] = {{1, 0, old}, {2, 0, on_old}, {3, 0, beyond}};
    const struct ehr_puppet_entry second[] = {{1, 1, young}};
    ehr_puppet_depart_with(&p, 0, 2, first, 3);
    ehr_puppet_depart_with(&p, 3, 2, second, 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 1);
    /* young, and on_old to show why the chain stops there */
    CU_ASSERT_EQUAL_FATAL(p.carried_count, 2);
    CU_ASSERT(same(&p.carried[0], &young));
    CU_ASSERT(same(&p.carried[1], &on_old));
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    ehr_puppet_close(&p);

    ehr_puppet_open(&p, &options, 2); /* the same with a chain that holds, in the other order */
    old = ehr_cluster_block(p.cluster, &none, NULL, 0);
    young = ehr_cluster_block(p.cluster, &none, NULL, 0);
    struct ehr_digest on_it = ehr_cluster_block(p.cluster, &young, NULL, 0);
    const struct ehr_puppet_entry third[] = {{1, 1, young}, {2, 1, on_it}};
    const struct ehr_puppet_entry fourth[] = {{1, 0, old}};
    ehr_puppet_depart_with(&p, 0, 2, third, 2);
    ehr_puppet_depart_with(&p, 3, 2, fourth, 1);
    CU_ASSERT_EQUAL_FATAL(p.carried_count, 2);
    CU_ASSERT(same(&p.carried[0], &young));
    CU_ASSERT(same(&p.carried[1], &on_it));
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 2);
    ehr_puppet_close(&p);
}

static void commit_waits_when_the_height_below_is_not_prepared(void)
{
    PUPPET(p, 1, EHR_ENGINE_VOTES_BACKUPS);
    struct ehr_digest b1 = ehr_cluster_block(p.cluster, &none, NULL, 0),
                      b2 = ehr_cluster_block(p.cluster, &b1, NULL, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b1);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 2, &b2);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 2, &b2);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 0);
    ehr_puppet_send(&p, 3, EHR_ENGINE_PREPARE, 0, 1, &b1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 2);
    ehr_puppet_close(&p);
}

/* Keeps the first VIEW_CHANGE and NEW_VIEW sent to replica 3. */
struct captured {
    struct ehr_engine_message message[2];
    uint8_t body[2][65536];
    struct ehr_digest carried[2][64];
};

static bool capture(void *context, uint16_t to, struct ehr_engine_message *message)
{
    struct captured *captured = context;
    if (to != 3 || message->body == NULL)
        return true;
    size_t which = message->type == EHR_ENGINE_NEW_VIEW;
    if (captured->message[which].body != NULL)
        return false; /* only what the test injects arrives */
    captured->message[which] = *message;
    memcpy(captured->body[which], message->body, message->body_length);
    if (message->carried_count > 0)
        memcpy(captured->carried[which], message->carried,
               message->carried_count * sizeof(struct ehr_digest));
    captured->message[which].body = captured->body[which];
    captured->message[which].carried = captured->carried[which];
    return false;
}

static void inject(struct ehr_cluster *c, struct ehr_engine_message message, const uint8_t *body,
                   uint32_t length)
{
    message.body = body;
    message.body_length = length;
    ehr_cluster_inject(c, 3, &message);
    ehr_cluster_run(c, ehr_cluster_now(c) + 2 * MS);
}

static void bodies_are_dropped_when_malformed(void)
{
    struct ehr_cluster_options options = {
        .replicas = 4, .signatures = true, .request_timeout_ns = 50 * MS};
    struct captured *captured = calloc(1, sizeof(*captured));
    struct ehr_cluster *c = ehr_cluster_new(&options);
    struct ehr_cluster_hooks hooks = {.sending = capture, .context = captured};
    for (uint32_t i = 0; i < 22; i++) /* past a checkpoint, so that it has a proof */
        ehr_cluster_submit(c, i);
    ehr_cluster_run(c, 40 * MS);
    ehr_cluster_hooks_set(c, &hooks);
    ehr_cluster_crash(c, 0);
    ehr_cluster_submit(c, 22);
    ehr_cluster_run(c, 100 * MS);
    for (uint16_t i = 1; i < 3; i++)
        ehr_cluster_crash(c, i);
    CU_ASSERT_FATAL(captured->message[0].body != NULL && captured->message[1].body != NULL);
    uint64_t random = 1;
    uint32_t refused = 0, tried = 0;
    for (size_t which = 0; which < 2; which++) {
        const struct ehr_engine_message *m = &captured->message[which];
        uint8_t *body = malloc(m->body_length + 1);
        for (uint32_t length = 0; length <= m->body_length + 1; length++) {
            memset(body, 0, m->body_length + 1);
            memcpy(body, m->body, length < m->body_length ? length : m->body_length);
            if (length == m->body_length)
                continue; /* the message itself */
            ehr_cluster_run(c, ehr_cluster_now(c));
            uint64_t view = ehr_cluster_view(c, 3);
            inject(c, *m, body, length);
            tried++;
            refused += ehr_cluster_view(c, 3) == view;
        }
        for (uint32_t i = 0; i < 3000; i++) {
            memcpy(body, m->body, m->body_length);
            for (uint64_t flips = 1 + ehr_cluster_random(&random) % 3; flips > 0; flips--)
                body[ehr_cluster_random(&random) % m->body_length] ^=
                    (uint8_t)(1 + ehr_cluster_random(&random) % 255);
            inject(c, *m, body, m->body_length);
        }
        free(body);
    }
    CU_ASSERT_EQUAL(refused, tried);
    /* None of it moved the replica out of its view change; the true message does. */
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 3), 1);
    uint64_t before = ehr_cluster_sent(c, EHR_ENGINE_PREPARE);
    inject(c, captured->message[1], captured->body[1], captured->message[1].body_length);
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 3), 1);
    CU_ASSERT(ehr_cluster_sent(c, EHR_ENGINE_PREPARE) > before);
    ehr_cluster_free(c);
    free(captured);
}

/* Everybody stops when it has written that it entered the view, before it votes there. */
struct outage {
    struct ehr_cluster *cluster;
    uint32_t stopped;
};

static bool commits_reach_one(void *context, uint16_t to, struct ehr_engine_message *message)
{
    (void)context;
    return message->type != EHR_ENGINE_COMMIT || message->view > 0 || to == 3;
}

static void stop_in_new_view(void *context, uint16_t replica, const struct ehr_event *event,
                             const struct ehr_effects *effects)
{
    struct outage *outage = context;
    (void)event;
    for (uint32_t i = 0; i < effects->count && outage->stopped < 4; i++) {
        const struct ehr_effect *effect = &effects->item[i];
        if (effect->type != EHR_EFFECT_PERSIST || effect->as.persist.type != EHR_ENGINE_NEW_VIEW)
            continue;
        bool leads = replica == 1; /* its message leaves */
        ehr_cluster_crash_at(outage->cluster, replica,
                             ehr_cluster_effects(outage->cluster, replica) + i + 2 + 2 * leads);
        outage->stopped++;
    }
}

/* A block that one replica has executed is carried over; nobody remembers more of the new view than
 * that it was entered. */
static void carried_blocks_are_not_replaced_when_all_restart_in_the_new_view(void)
{
    struct ehr_cluster_options options = {.replicas = 4, .signatures = true};
    struct outage outage = {.cluster = ehr_cluster_new(&options)};
    struct ehr_cluster *c = outage.cluster;
    struct ehr_cluster_hooks hooks = {
        .sending = commits_reach_one, .stepped = stop_in_new_view, .context = &outage};
    ehr_cluster_hooks_set(c, &hooks);
    ehr_cluster_submit(c, 0);
    ehr_cluster_run(c, 100 * EHR_PUPPET_MS);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 3), 1);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 1), 0);
    ehr_cluster_submit(c, 1);
    ehr_cluster_run(c, 1000 * (uint64_t)EHR_PUPPET_MS);
    CU_ASSERT_EQUAL(outage.stopped, 4);
    for (uint16_t i = 0; i < 4; i++) {
        CU_ASSERT(!ehr_cluster_up(c, i));
        CU_ASSERT_EQUAL(ehr_cluster_view(c, i), 1);
    }
    for (uint16_t i = 0; i < 4; i++)
        ehr_cluster_restart(c, i);
    CU_ASSERT(
        ehr_cluster_run_executed(c, 2, 5000 * (uint64_t)EHR_PUPPET_MS)); /* aborts at a fork */
    CU_ASSERT(ehr_cluster_view(c, 1) > 1);
    ehr_cluster_free(c);
}

static const struct ehr_unit_case cases[] = {
    {"nothing_forks_when_the_primary_equivocates", nothing_forks_when_the_primary_equivocates},
    {"new_view_is_refused_when_it_drops_a_prepared_block",
     new_view_is_refused_when_it_drops_a_prepared_block},
    {"votes_count_when_they_come_before_the_pre_prepare",
     votes_count_when_they_come_before_the_pre_prepare},
    {"correct_votes_survive_when_garbage_came_first",
     correct_votes_survive_when_garbage_came_first},
    {"prepare_of_everybody_is_needed_when_votes_is_all",
     prepare_of_everybody_is_needed_when_votes_is_all},
    {"block_is_refused_when_its_parent_is_another", block_is_refused_when_its_parent_is_another},
    {"messages_are_dropped_unverified_when_they_cannot_matter",
     messages_are_dropped_unverified_when_they_cannot_matter},
    {"vote_is_not_contradicted_when_the_replica_restarts",
     vote_is_not_contradicted_when_the_replica_restarts},
    {"carried_blocks_are_not_replaced_when_all_restart_in_the_new_view",
     carried_blocks_are_not_replaced_when_all_restart_in_the_new_view},
    {"view_left_is_not_entered_again_when_the_replica_restarts",
     view_left_is_not_entered_again_when_the_replica_restarts},
    {"new_view_takes_the_highest_view_and_stops_when_the_chain_breaks",
     new_view_takes_the_highest_view_and_stops_when_the_chain_breaks},
    {"commit_waits_when_the_height_below_is_not_prepared",
     commit_waits_when_the_height_below_is_not_prepared},
    {"bodies_are_dropped_when_malformed", bodies_are_dropped_when_malformed},
};

EHR_UNIT_MAIN("consensus, Byzantine", cases)
