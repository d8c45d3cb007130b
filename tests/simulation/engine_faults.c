/* Seeded schedules of crashes, restarts, partitions, delays, losses, repetitions, links that are
 * cut in one direction and a Byzantine replica (none for engines that tolerate crashes only, and a
 * perfect network for `solo`); then the faults end and everything submitted has to be executed
 * everywhere.
 *
 *   test_engine_faults [first seed] [seeds] [engine]
 *
 * A broken seed prints the command that replays it; with EHR_TRACE set every step is printed. */
#include "tests/simulation/engine_cluster.h"
#include "tests/simulation/raft_watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MS = 1000000, HELD = 32, BODY_MAX = 4096, CARRIED_MAX = 64 };

/* A message that the network has kept. */
struct held {
    struct ehr_engine_message message;
    uint16_t to;
    bool used;
    uint8_t body[BODY_MAX];
    struct ehr_digest carried[CARRIED_MAX];
};

struct run {
    struct ehr_cluster *cluster;
    struct ehr_cluster_options options;
    uint64_t random;
    uint32_t submitted;
    uint16_t byzantine; /* UINT16_MAX: none */
    struct ehr_digest lies[4];
    uint32_t lie_count;
    bool lossy;                 /* the rest of this */
    bool crashes;               /* the engine trusts its peers, but not their machines */
    uint64_t hunted;            /* of a thousand rounds: the leader fails */
    uint64_t loss, again, late; /* of a thousand messages */
    struct held held[HELD];     /* messages that arrive rounds later, or once more */
    uint32_t down_max;
    bool cut[EHR_CLUSTER_REPLICAS_MAX][EHR_CLUSTER_REPLICAS_MAX]; /* from, to */
    struct ehr_raft_watch *watch;
    bool trace;
};

static uint64_t draw(struct run *run, uint64_t below)
{
    return ehr_cluster_random(&run->random) % below;
}

static bool hold(struct run *run, uint16_t to, const struct ehr_engine_message *message)
{
    struct held *held = &run->held[draw(run, HELD)];
    if (held->used || message->body_length > BODY_MAX || message->carried_count > CARRIED_MAX)
        return false;
    held->used = true;
    held->to = to;
    held->message = *message;
    if (message->body_length > 0)
        memcpy(held->body, message->body, message->body_length);
    if (message->carried_count > 0)
        memcpy(held->carried, message->carried, message->carried_count * sizeof(*held->carried));
    held->message.body = message->body != NULL ? held->body : NULL;
    held->message.carried = held->carried;
    return true;
}

/* Some of what was kept arrives, and some of that will arrive again. */
static void release(struct run *run)
{
    for (uint32_t i = 0; i < HELD; i++) {
        struct held *held = &run->held[i];
        if (!held->used || draw(run, 4) != 0)
            continue;
        ehr_cluster_inject(run->cluster, held->to, &held->message);
        held->used = draw(run, 3) == 0;
    }
}

/* A network that loses and repeats, and links that fail in one direction. */
static bool carried(struct run *run, uint16_t to, const struct ehr_engine_message *message)
{
    if (run->cut[message->sender][to] || draw(run, 1000) < run->loss)
        return false;
    if (draw(run, 1000) < run->again)
        ehr_cluster_inject(run->cluster, to, message);
    bool election = message->type >= EHR_ENGINE_VIEW_CHANGE &&
                    message->type <= EHR_ENGINE_RAFT_VOTE_REPLY; /* a few messages that matter */
    return draw(run, 1000) >= (election ? 2 : 1) * run->late || !hold(run, to, message);
}

/* The Byzantine replica tells halves of the cluster different things, or nothing. */
static bool sending(void *context, uint16_t to, struct ehr_engine_message *message)
{
    struct run *run = context;
    if (!carried(run, to, message))
        return false;
    if (message->sender != run->byzantine)
        return true;
    uint64_t mood = draw(run, 8);
    if (mood == 0)
        return false;
    if (mood > 4 || message->type > EHR_ENGINE_CHECKPOINT || to % 2 == 0)
        return true;
    if (message->type == EHR_ENGINE_PRE_PREPARE) {
        uint32_t request = run->submitted > 0 ? (uint32_t)draw(run, run->submitted) : 0;
        struct ehr_digest parent = message->digest; /* wrong, or right by the next block */
        run->lies[run->lie_count % 4] = ehr_cluster_block(run->cluster, &parent, &request, 1);
        message->digest = run->lies[run->lie_count++ % 4];
        message->carried = &message->digest;
        message->carried_count = 1;
    } else {
        message->digest.bytes[31] ^= (uint8_t)(1 + draw(run, 3));
    }
    return true;
}

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    struct run *run = context;
    if (run->trace)
        ehr_cluster_print(stdout, replica, event, effects);
    if (run->watch != NULL)
        ehr_raft_watch_step(run->watch, replica, event, effects);
}

static void submit(struct run *run, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        ehr_cluster_submit(run->cluster, run->submitted++);
}

static uint32_t down_count(const struct run *run)
{
    uint32_t count = run->byzantine != UINT16_MAX;
    for (uint16_t i = 0; i < run->options.replicas; i++)
        count += !ehr_cluster_up(run->cluster, i);
    return count;
}

static void fault(struct run *run)
{
    uint16_t who = (uint16_t)draw(run, run->options.replicas);
    struct ehr_cluster *c = run->cluster;
    switch (draw(run, 6)) {
    case 0: /* crash at some effect soon */
        if (down_count(run) < run->down_max && ehr_cluster_up(c, who))
            ehr_cluster_crash_at(c, who, ehr_cluster_effects(c, who) + 1 + draw(run, 12));
        break;
    case 1:
        if (!ehr_cluster_up(c, who))
            ehr_cluster_restart(c, who);
        break;
    case 2: /* power cut: everybody at once, from what they wrote */
        if (draw(run, 4) != 0)
            break;
        for (uint16_t i = 0; i < run->options.replicas; i++)
            if (ehr_cluster_up(c, i))
                ehr_cluster_crash(c, i);
        for (uint16_t i = 0; i < run->options.replicas; i++)
            ehr_cluster_restart(c, i);
        break;
    case 3:
        ehr_cluster_group_set(c, who, (uint16_t)draw(run, 2));
        break;
    default:
        if (run->crashes && draw(run, 2) == 0)
            break;
        for (uint16_t i = 0; i < run->options.replicas; i++)
            ehr_cluster_group_set(c, i, 0);
        memset(run->cut, 0, sizeof(run->cut));
        break;
    }
}

/* Each seed leaves out whole kinds of fault, or has much of them. */
static void network_draw(struct run *run)
{
    static const uint64_t often[] = {0, 0, 20, 200};
    run->loss = often[draw(run, 4)];
    run->again = often[draw(run, 4)];
    run->hunted = often[draw(run, 4)] * 2;
    run->late = often[draw(run, 4)];
}

static void crashes_draw(struct run *run)
{
    static const uint16_t sizes[] = {3, 4, 5, 7, 2, 5};
    uint16_t n = run->options.replicas = sizes[draw(run, 6)];
    network_draw(run);
    static const uint64_t timeouts[] = {30, 60, 100, 200};
    run->options.request_timeout_ns = timeouts[draw(run, 4)] * MS;
    run->down_max = draw(run, 2) == 0 ? (n - 1U) / 2 : n;
}

/* Who leads, as the replica of the highest view has it. */
static uint16_t leader(const struct run *run)
{
    uint16_t of = 0;
    for (uint16_t i = 1; i < run->options.replicas; i++)
        if (ehr_cluster_view(run->cluster, i) > ehr_cluster_view(run->cluster, of))
            of = i;
    return ehr_cluster_type(run->cluster)->leader(ehr_cluster_engine(run->cluster, of));
}

/* Most of what can go wrong goes wrong around a leader that fails at the wrong moment. */
static void leader_fault(struct run *run)
{
    uint16_t who = leader(run);
    if (draw(run, 2) == 0)
        ehr_cluster_group_set(run->cluster, who, (uint16_t)(1 + draw(run, 3)));
    else if (down_count(run) < run->down_max && ehr_cluster_up(run->cluster, who))
        ehr_cluster_crash_at(run->cluster, who,
                             ehr_cluster_effects(run->cluster, who) + 1 + draw(run, 12));
}

static void crash_fault(struct run *run)
{
    if (draw(run, 1000) < run->hunted)
        leader_fault(run);
    if (draw(run, 3) == 0)
        run->cut[draw(run, run->options.replicas)][draw(run, run->options.replicas)] = true;
    release(run);
}

static void options_draw(struct run *run, uint64_t seed, const char *engine)
{
    static const uint16_t sizes[] = {4, 5, 7, 8, 4, 4};
    struct ehr_cluster_options *o = &run->options;
    o->engine = engine;
    o->seed = seed;
    o->replicas = sizes[draw(run, 6)];
    o->votes = draw(run, 2) == 0 ? EHR_ENGINE_VOTES_BACKUPS : EHR_ENGINE_VOTES_ALL;
    o->signatures = draw(run, 8) != 0;
    o->batch_max = 1 + (uint32_t)draw(run, 4);
    o->checkpoint_interval = 1 + (uint32_t)draw(run, 4);
    o->window = o->checkpoint_interval * (1 + (uint32_t)draw(run, 3));
    bool trusting = strcmp(ehr_engine_find(engine)->trust, "bft") != 0;
    run->byzantine = !trusting && o->signatures && draw(run, 3) == 0
                         ? (uint16_t)draw(run, o->replicas)
                         : UINT16_MAX;
    run->down_max = ehr_engine_faults(o->replicas);
    run->crashes = strcmp(ehr_engine_find(engine)->trust, "crash") == 0;
    if (run->crashes)
        crashes_draw(run);
    else if (!trusting)
        network_draw(run);
    run->lossy = run->crashes || !trusting;
}

/* The faults end. In half of the seeds only a quorum comes back, the others stay down for good. */
static void heal(struct run *run)
{
    uint32_t spare =
        run->crashes ? (run->options.replicas - 1U) / 2 : ehr_engine_faults(run->options.replicas);
    spare -= run->byzantine != UINT16_MAX;
    if (!run->lossy || draw(run, 2) == 0)
        spare = 0;
    run->loss = run->again = run->late = 0;
    memset(run->cut, 0, sizeof(run->cut));
    for (uint16_t i = 0; i < run->options.replicas; i++) {
        bool up = ehr_cluster_up(run->cluster, i);
        ehr_cluster_group_set(run->cluster, i, 0);
        ehr_cluster_crash_at(run->cluster, i, 0);
        bool stays_down = spare > 0 && i != run->byzantine && draw(run, 2) == 0;
        if (stays_down)
            spare--;
        if (stays_down && up)
            ehr_cluster_crash(run->cluster, i);
        else if (!stays_down && !up)
            ehr_cluster_restart(run->cluster, i);
    }
}

/* Requests keep coming, so that whoever fell behind hears of checkpoints (what was committed since
 * the last one reaches it by block synchronisation, which is not the engine's). It is over when
 * everybody who is up has executed what was owed, or when nothing more is. */
static bool settles(struct run *run)
{
    uint32_t owed = run->submitted;
    uint64_t reached = 0;
    heal(run);
    for (uint32_t idle = 0; idle < 200; idle++) {
        ehr_cluster_run(run->cluster, ehr_cluster_now(run->cluster) + 400 * (uint64_t)MS);
        if (run->submitted < owed + 200)
            submit(run, 1);
        uint64_t executed = 0;
        bool all = true;
        for (uint16_t i = 0; i < run->options.replicas; i++)
            for (uint32_t r = 0; r < owed && i != run->byzantine; r++) {
                bool done = ehr_cluster_executed(run->cluster, i, r);
                executed += done;
                all &= done || !ehr_cluster_up(run->cluster, i);
            }
        if (all)
            return true;
        idle = executed > reached ? 0 : idle;
        reached = executed;
    }
    return false;
}

/* What all seeds together went through: a bench whose faults do nothing would be green too. */
static struct {
    uint64_t heights, views, fetches;
} seen;

static void reach(const struct run *run)
{
    uint64_t height = 0, view = 0;
    for (uint16_t i = 0; i < run->options.replicas; i++) {
        uint64_t h = ehr_cluster_height(run->cluster, i), v = ehr_cluster_view(run->cluster, i);
        height = h > height ? h : height;
        view = v > view ? v : view;
    }
    seen.heights += height;
    seen.views += view;
    seen.fetches += ehr_cluster_fetches(run->cluster);
}

static bool run_seed(uint64_t seed, const char *engine)
{
    struct run run = {.random = seed * 7919 + 1};
    options_draw(&run, seed, engine);
    run.cluster = ehr_cluster_new(&run.options);
    struct ehr_cluster_hooks hooks = {.sending = sending, .context = &run};
    run.trace = getenv("EHR_TRACE") != NULL;
    if (strcmp(engine, "raft") == 0)
        run.watch = ehr_raft_watch_new(run.cluster, run.options.replicas, seed,
                                       run.options.request_timeout_ns);
    if (run.trace || run.watch != NULL)
        hooks.stepped = stepped;
    ehr_cluster_hooks_set(run.cluster, &hooks);
    if (run.byzantine != UINT16_MAX)
        ehr_cluster_exclude(run.cluster, run.byzantine);
    uint32_t rounds = run.crashes ? 80 : 40;
    for (uint32_t i = 0; i < rounds; i++) {
        submit(&run, draw(&run, 4));
        fault(&run);
        if (run.lossy)
            crash_fault(&run);
        ehr_cluster_run(run.cluster, ehr_cluster_now(run.cluster) + (1 + draw(&run, 120)) * MS);
    }
    bool good = settles(&run);
    if (!good) {
        printf("liveness: seed %" PRIu64 " n %u votes %d byzantine %d:", seed, run.options.replicas,
               (int)run.options.votes, run.byzantine == UINT16_MAX ? -1 : (int)run.byzantine);
        for (uint16_t i = 0; i < run.options.replicas; i++)
            printf(" r%u view %" PRIu64 " height %" PRIu64, i, ehr_cluster_view(run.cluster, i),
                   ehr_cluster_height(run.cluster, i));
        printf("\n  replay: test_engine_faults %" PRIu64 " 1 %s\n", seed, engine);
    }
    reach(&run);
    ehr_raft_watch_free(run.watch);
    ehr_cluster_free(run.cluster);
    return good;
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 200;
    const char *engine = argc > 3 ? argv[3] : "pbft";
    uint64_t failed = 0;
    for (uint64_t seed = first; seed < first + count; seed++)
        failed += !run_seed(seed, engine);
    printf("%" PRIu64 " schedules, %" PRIu64 " without liveness; %" PRIu64 " heights, %" PRIu64
           " views, %" PRIu64 " state transfers\n",
           count, failed, seen.heights, seen.views, seen.fetches);
    return failed != 0;
}
