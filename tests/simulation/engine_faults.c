/* Seeded schedules of crashes, restarts, partitions, delays and a Byzantine replica; then the
 * faults end and everything submitted has to be executed everywhere.
 *
 *   test_engine_faults [first seed] [seeds] [engine]
 *
 * A broken seed prints the command that replays it; with EHR_TRACE set every step is printed. */
#include "tests/simulation/engine_cluster.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MS = 1000000 };

struct run {
    struct ehr_cluster *cluster;
    struct ehr_cluster_options options;
    uint64_t random;
    uint32_t submitted;
    uint16_t byzantine; /* UINT16_MAX: none */
    struct ehr_digest lies[4];
    uint32_t lie_count;
};

static uint64_t draw(struct run *run, uint64_t below)
{
    return ehr_cluster_random(&run->random) % below;
}

/* The Byzantine replica tells halves of the cluster different things, or nothing. */
static bool sending(void *context, uint16_t to, struct ehr_engine_message *message)
{
    struct run *run = context;
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
    (void)context;
    ehr_cluster_print(stdout, replica, event, effects);
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
        if (down_count(run) < ehr_engine_faults(run->options.replicas) && ehr_cluster_up(c, who))
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
        for (uint16_t i = 0; i < run->options.replicas; i++)
            ehr_cluster_group_set(c, i, 0);
        break;
    }
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
}

/* Faults are over: requests keep coming, so that whoever fell behind hears of checkpoints (what was
 * committed since the last one reaches it by block synchronisation, which is not the engine's). */
static bool settles(struct run *run)
{
    uint32_t owed = run->submitted;
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
            for (uint32_t r = 0; r < owed && i != run->byzantine; r++)
                all &= ehr_cluster_executed(run->cluster, i, r);
        if (all)
            return true;
    }
    return false;
}

static bool run_seed(uint64_t seed, const char *engine)
{
    struct run run = {.random = seed * 7919 + 1};
    options_draw(&run, seed, engine);
    run.cluster = ehr_cluster_new(&run.options);
    struct ehr_cluster_hooks hooks = {.sending = sending, .context = &run};
    if (getenv("EHR_TRACE") != NULL)
        hooks.stepped = stepped;
    ehr_cluster_hooks_set(run.cluster, &hooks);
    if (run.byzantine != UINT16_MAX)
        ehr_cluster_exclude(run.cluster, run.byzantine);
    for (uint32_t i = 0; i < 40; i++) {
        submit(&run, draw(&run, 4));
        fault(&run);
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
    printf("%" PRIu64 " schedules, %" PRIu64 " without liveness\n", count, failed);
    return failed != 0;
}
