/* Traces of a small cluster that a person can read, compared with the files beside this one: for
 * each engine the good case, a change of leader and a transfer of state.
 *
 *   test_consensus_trace               compares all
 *   test_consensus_trace pbft-normal   prints what that file has to be
 *
 * Every delay is 1 ms. A state transfer shows the late replica alone. */
#include "tests/simulation/engine_cluster.h"

#include <stdlib.h>
#include <string.h>

enum { MS = 1000000, SHOWN_MS = 5, NOBODY = UINT16_MAX };

struct schedule {
    const char *name;
    struct ehr_cluster_options options;
    uint64_t begin_ns;   /* the trace and the first request begin here: 0 shows an election too */
    bool from_start;     /* the trace shows what was before the request, too */
    uint16_t crashed;    /* a replica that stops `crash_ns` after the request; NOBODY */
    uint64_t crash_ns;   /* 0: before it */
    bool misses;         /* replica 3 misses the first primary's pre-prepare */
    uint16_t late;       /* a replica cut off while `blocks` are executed; NOBODY */
    uint32_t blocks;     /* one request each */
    uint32_t afterwards; /* requests after it is back */
};

#define QUIET                  .crashed = NOBODY, .late = NOBODY
#define TRANSFER(count, after) .crashed = NOBODY, .late = 3, .blocks = count, .afterwards = after
#define SMALL                  .checkpoint_interval = 2, .window = 4

static const struct schedule schedules[] = {
    {"pbft-normal", {.engine = "pbft", .replicas = 4, .signatures = true}, QUIET},
    /* The primary crashes with a block in flight: the others prepare, but cannot commit. */
    {"pbft-view-change",
     {.engine = "pbft", .replicas = 4, .signatures = true},
     .crashed = 0,
     .crash_ns = MS / 2,
     .misses = true,
     .late = NOBODY},
    {"pbft-state-transfer",
     {.engine = "pbft", .replicas = 4, .signatures = true, SMALL},
     TRANSFER(12, 3)},
    {"hotstuff-normal", {.engine = "hotstuff", .replicas = 4, .signatures = true}, QUIET},
    /* The leader of view 2 is down. */
    {"hotstuff-timeout",
     {.engine = "hotstuff", .replicas = 4, .signatures = true},
     .crashed = 2,
     .late = NOBODY},
    /* With one leader: when leaders rotate, four replicas with one away commit nothing in a row. */
    {"hotstuff-state-transfer",
     {.engine = "hotstuff", .replicas = 4, .signatures = true, .fixed_leader = true, SMALL},
     TRANSFER(60, 3)},
    /* The same, missing less than the others still hold: no state is asked for, but nodes are. */
    {"hotstuff-synchronisation",
     {.engine = "hotstuff", .replicas = 4, .signatures = true, .fixed_leader = true, SMALL},
     TRANSFER(5, 1)},
    {"hotstuff-two-chain-normal",
     {.engine = "hotstuff", .replicas = 4, .signatures = true, .two_chain = true},
     QUIET},
    {"hotstuff-two-chain-timeout",
     {.engine = "hotstuff", .replicas = 4, .signatures = true, .two_chain = true},
     .crashed = 2,
     .late = NOBODY},
    /* The first election, and one request. */
    {"raft-normal",
     {.engine = "raft", .replicas = 3},
     .begin_ns = 10 * MS,
     .from_start = true,
     QUIET},
    /* The leader crashes when the others hold the block. */
    {"raft-election",
     {.engine = "raft", .replicas = 3},
     .begin_ns = 10 * MS,
     .crashed = 0,
     .crash_ns = MS + MS / 2,
     .late = NOBODY},
    {"raft-state-transfer",
     {.engine = "raft", .replicas = 4, SMALL},
     .begin_ns = 10 * MS,
     TRANSFER(12, 3)},
};

struct printer {
    FILE *out;
    const struct schedule *schedule;
};

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    const struct printer *printer = context;
    if (printer->schedule->late == NOBODY || replica == printer->schedule->late)
        ehr_cluster_print(printer->out, replica, event, effects);
}

static bool miss(void *context, uint16_t to, struct ehr_engine_message *message)
{
    (void)context;
    return message->type != EHR_ENGINE_PRE_PREPARE || message->view > 0 || to != 3;
}

/* The others go on without the late replica, one block a request, until it is out of reach. */
static uint32_t leave_behind(struct ehr_cluster *c, const struct schedule *s)
{
    ehr_cluster_group_set(c, s->late, 1);
    for (uint32_t i = 0; i < s->blocks; i++) {
        for (uint16_t r = 0; r < s->options.replicas; r++)
            if (r != s->late)
                ehr_cluster_submit_to(c, r, i);
        ehr_cluster_run(c, ehr_cluster_now(c) + 20 * MS);
    }
    ehr_cluster_group_set(c, s->late, 0);
    return s->blocks;
}

static void trace(FILE *out, const struct schedule *s)
{
    struct ehr_cluster *c = ehr_cluster_new(&s->options);
    struct printer printer = {out, s};
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = &printer};
    if (s->misses)
        hooks.sending = miss;
    if (s->from_start)
        ehr_cluster_hooks_set(c, &hooks);
    if (s->crashed != NOBODY && s->crash_ns == 0)
        ehr_cluster_crash(c, s->crashed);
    ehr_cluster_run(c, s->begin_ns);
    uint32_t requests = s->late != NOBODY ? leave_behind(c, s) : 0;
    ehr_cluster_hooks_set(c, &hooks);
    uint32_t end = requests + (s->late != NOBODY ? s->afterwards : 1);
    for (; requests < end; requests++) {
        ehr_cluster_submit(c, requests);
        if (s->late != NOBODY)
            ehr_cluster_run(c, ehr_cluster_now(c) + 10 * MS);
    }
    if (s->crashed != NOBODY && s->crash_ns > 0) {
        ehr_cluster_run(c, ehr_cluster_now(c) + s->crash_ns);
        ehr_cluster_crash(c, s->crashed);
    }
    ehr_cluster_run_executed(c, requests, 2000 * (uint64_t)MS);
    ehr_cluster_run(c, ehr_cluster_now(c) + SHOWN_MS * MS);
    ehr_cluster_free(c);
}

/* Returns whether the trace differs from the file; says where they part. */
static int compare(const struct schedule *schedule)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/golden/%s.txt", EHR_SOURCE_DIR, schedule->name);
    FILE *expected = fopen(path, "r"), *got = tmpfile();
    if (expected == NULL || got == NULL) {
        printf("%s: cannot be read\n", path);
        return 1;
    }
    trace(got, schedule);
    rewind(got);
    char a[256], b[256];
    int line = 0, differs = 0;
    for (;;) {
        char *x = fgets(a, sizeof(a), expected), *y = fgets(b, sizeof(b), got);
        line++;
        if (x == NULL && y == NULL)
            break;
        if (x != NULL && y != NULL && strcmp(x, y) == 0)
            continue;
        printf("%s:%d: expected %s  got %s", path, line, x != NULL ? x : "the end\n",
               y != NULL ? y : "the end\n");
        differs = 1;
        break;
    }
    fclose(expected);
    fclose(got);
    return differs;
}

int main(int argc, char **argv)
{
    int differs = 0, known = 0;
    for (size_t i = 0; i < sizeof(schedules) / sizeof(schedules[0]); i++) {
        if (argc == 1)
            differs |= compare(&schedules[i]);
        else if (strcmp(argv[1], schedules[i].name) == 0) {
            trace(stdout, &schedules[i]);
            known = 1;
        }
    }
    if (argc > 1 && known == 0)
        fprintf(stderr, "test_consensus_trace: %s: no such trace\n", argv[1]);
    return argc > 1 && known == 0 ? 2 : differs;
}
