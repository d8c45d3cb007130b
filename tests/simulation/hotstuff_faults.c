/* Seeded schedules for HotStuff: three chains and two, rotating and fixed leaders, crashes, power
 * cuts, partitions, losses, repetitions and a liar (hotstuff_liar.h); then the faults end and
 * everything submitted has to be executed everywhere.
 *
 *   test_hotstuff_faults [first seed] [seeds]
 *
 * A broken seed prints the command that replays it; with EHR_TRACE set every step is printed. */
#include "tests/simulation/hotstuff_liar.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MS = 1000000, HELD = 48, BODY_MAX = 8192, ROUNDS = 40 };

/* A message that the network repeats later. */
struct held {
    struct ehr_engine_message message;
    uint16_t to;
    bool used;
    uint8_t body[BODY_MAX];
    struct ehr_digest block;
};

struct run {
    struct ehr_cluster *cluster;
    struct ehr_cluster_options options;
    struct ehr_hotstuff_liar *liar;
    uint64_t random, loss, again;    /* of a thousand messages */
    uint64_t crashes, power, splits; /* of a thousand rounds */
    uint64_t hunted;                 /* of a thousand commits: who knows of it is cut off */
    uint32_t exile[EHR_CLUSTER_REPLICAS_MAX]; /* rounds it stays so */
    uint32_t exiled;
    bool settling, trace;
    uint32_t submitted;
    uint16_t who;
    struct held held[HELD];
};

/* What all seeds together went through: a bench whose faults do nothing would be green too. */
static struct {
    uint64_t heights, timeouts, needs, transfers;
} seen;

static uint64_t draw(struct run *run, uint64_t below)
{
    return ehr_cluster_random(&run->random) % below;
}

static void keep(struct run *run, uint16_t to, const struct ehr_engine_message *message)
{
    struct held *held = &run->held[draw(run, HELD)];
    if (message->body_length > BODY_MAX || message->carried_count > 1)
        return;
    held->used = true;
    held->to = to;
    held->message = *message;
    if (message->body_length > 0)
        memcpy(held->body, message->body, message->body_length);
    if (message->carried_count > 0)
        held->block = message->carried[0];
    held->message.body = message->body != NULL ? held->body : NULL;
    held->message.carried = &held->block;
}

static bool sending(void *context, uint16_t to, struct ehr_engine_message *message)
{
    struct run *run = context;
    if (!ehr_hotstuff_liar_sending(run->liar, to, message, run->submitted))
        return false;
    if (draw(run, 1000) < run->again)
        keep(run, to, message);
    return draw(run, 1000) >= run->loss;
}

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    struct run *run = context;
    if (run->trace)
        ehr_cluster_print(stdout, replica, event, effects);
    for (uint32_t i = 0; i < effects->count && !run->settling; i++)
        if (effects->item[i].type == EHR_EFFECT_COMMIT && draw(run, 1000) < run->hunted &&
            run->exiled < ehr_engine_faults(run->options.replicas)) {
            ehr_cluster_group_set(run->cluster, replica, (uint16_t)(2 + replica));
            run->exiled += run->exile[replica] == 0;
            run->exile[replica] = 4 + (uint32_t)draw(run, 16);
        }
}

static void submit(struct run *run, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        ehr_cluster_submit(run->cluster, run->submitted++);
}

static uint32_t down_count(const struct run *run)
{
    uint32_t count = run->who != UINT16_MAX;
    for (uint16_t i = 0; i < run->options.replicas; i++)
        count += !ehr_cluster_up(run->cluster, i);
    return count;
}

static void fault(struct run *run)
{
    struct ehr_cluster *c = run->cluster;
    uint16_t n = run->options.replicas, who = (uint16_t)draw(run, n);
    if (draw(run, 1000) < run->crashes && ehr_cluster_up(c, who) &&
        down_count(run) < ehr_engine_faults(n))
        ehr_cluster_crash_at(c, who, ehr_cluster_effects(c, who) + 1 + draw(run, 12));
    who = (uint16_t)draw(run, n);
    if (draw(run, 3) == 0 && !ehr_cluster_up(c, who))
        ehr_cluster_restart(c, who);
    if (draw(run, 1000) < run->power) { /* everybody at once, from what they wrote */
        for (uint16_t i = 0; i < n; i++)
            if (ehr_cluster_up(c, i))
                ehr_cluster_crash(c, i);
        for (uint16_t i = 0; i < n; i++)
            ehr_cluster_restart(c, i);
    }
    if (draw(run, 1000) < run->splits)
        ehr_cluster_group_set(c, (uint16_t)draw(run, n), (uint16_t)draw(run, 2));
    bool heal = draw(run, 3) == 0;
    for (uint16_t i = 0; i < n; i++) {
        run->exiled -= run->exile[i] == 1;
        run->exile[i] -= run->exile[i] > 0;
        if (heal && run->exile[i] == 0)
            ehr_cluster_group_set(c, i, 0);
    }
    for (uint32_t i = 0; i < HELD; i++)
        if (run->held[i].used && draw(run, 4) == 0) {
            ehr_cluster_inject(c, run->held[i].to, &run->held[i].message);
            run->held[i].used = draw(run, 2) == 0;
        }
}

/* Each seed leaves out whole kinds of fault, or has much of them. */
static void options_draw(struct run *run, uint64_t seed)
{
    static const uint16_t sizes[] = {4, 5, 7, 8, 4, 4};
    static const uint64_t often[] = {0, 0, 30, 300}, timeouts[] = {60, 100, 200, 200};
    struct ehr_cluster_options *o = &run->options;
    o->engine = "hotstuff";
    o->seed = seed;
    o->replicas = sizes[draw(run, 6)];
    o->two_chain = draw(run, 2) == 0;
    o->fixed_leader = draw(run, 3) == 0;
    o->signatures = draw(run, 8) != 0;
    o->batch_max = 1 + (uint32_t)draw(run, 4);
    o->checkpoint_interval = 1 + (uint32_t)draw(run, 4);
    o->window = o->checkpoint_interval * (1 + (uint32_t)draw(run, 3));
    o->request_timeout_ns = timeouts[draw(run, 4)] * MS;
    run->who = o->signatures && draw(run, 3) != 0 ? (uint16_t)draw(run, o->replicas) : UINT16_MAX;
    run->loss = often[draw(run, 4)] / 3;
    run->again = often[draw(run, 4)];
    run->crashes = often[draw(run, 4)];
    run->power = often[draw(run, 4)] / 4;
    run->splits = often[draw(run, 4)] * 2;
    run->hunted = often[draw(run, 4)];
}

static bool settles(struct run *run)
{
    uint32_t owed = run->submitted;
    run->loss = 0;
    run->settling = true;
    for (uint16_t i = 0; i < run->options.replicas; i++) {
        ehr_cluster_group_set(run->cluster, i, 0);
        ehr_cluster_crash_at(run->cluster, i, 0);
        if (!ehr_cluster_up(run->cluster, i))
            ehr_cluster_restart(run->cluster, i);
    }
    for (uint32_t round = 0; round < 200; round++) {
        ehr_cluster_run(run->cluster, ehr_cluster_now(run->cluster) + 400 * (uint64_t)MS);
        submit(run, 1);
        bool all = true;
        for (uint16_t i = 0; i < run->options.replicas; i++)
            for (uint32_t r = 0; r < owed && i != run->who; r++)
                all &= ehr_cluster_executed(run->cluster, i, r);
        if (all)
            return true;
    }
    return false;
}

static void complain(const struct run *run)
{
    const struct ehr_cluster_options *o = &run->options;
    printf("liveness: seed %" PRIu64 " n %u chain %d fixed %d liar %d:", o->seed, o->replicas,
           o->two_chain ? 2 : 3, o->fixed_leader, run->who == UINT16_MAX ? -1 : (int)run->who);
    for (uint16_t i = 0; i < o->replicas; i++)
        printf(" r%u view %" PRIu64 " height %" PRIu64, i, ehr_cluster_view(run->cluster, i),
               ehr_cluster_height(run->cluster, i));
    printf("\n  replay: test_hotstuff_faults %" PRIu64 " 1\n", o->seed);
}

static bool run_seed(struct run *run, uint64_t seed)
{
    memset(run, 0, sizeof(*run));
    run->random = seed * 7919 + 1;
    options_draw(run, seed);
    run->cluster = ehr_cluster_new(&run->options);
    run->liar = ehr_hotstuff_liar_new(run->cluster, &run->options, run->who, seed * 31 + 7);
    struct ehr_cluster_hooks hooks = {.sending = sending, .stepped = stepped, .context = run};
    run->trace = getenv("EHR_TRACE") != NULL;
    ehr_cluster_hooks_set(run->cluster, &hooks);
    if (run->who != UINT16_MAX)
        ehr_cluster_exclude(run->cluster, run->who);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        submit(run, draw(run, 4));
        fault(run);
        ehr_cluster_run(run->cluster, ehr_cluster_now(run->cluster) + (1 + draw(run, 120)) * MS);
    }
    bool good = settles(run);
    if (!good)
        complain(run);
    seen.heights += ehr_cluster_height(run->cluster, run->who == 0 ? 1 : 0);
    seen.timeouts += ehr_cluster_sent(run->cluster, EHR_ENGINE_HOTSTUFF_TIMEOUT);
    seen.needs += ehr_cluster_sent(run->cluster, EHR_ENGINE_HOTSTUFF_NEED);
    seen.transfers += ehr_cluster_fetches(run->cluster);
    ehr_cluster_free(run->cluster);
    ehr_hotstuff_liar_free(run->liar);
    return good;
}

int main(int argc, char **argv)
{
    static struct run run;
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 200;
    uint64_t failed = 0;
    for (uint64_t seed = first; seed < first + count; seed++)
        failed += !run_seed(&run, seed);
    printf("%" PRIu64 " schedules, %" PRIu64 " without liveness; %" PRIu64 " heights, %" PRIu64
           " timeouts, %" PRIu64 " nodes asked for, %" PRIu64 " state transfers\n",
           count, failed, seen.heights, seen.timeouts, seen.needs, seen.transfers);
    return failed != 0;
}
