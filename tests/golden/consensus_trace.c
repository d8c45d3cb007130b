/* Traces of a small cluster that a person can read, compared with the files beside this one.
 *
 *   test_consensus_trace                        compares all
 *   test_consensus_trace consensus-normal       prints: pbft, one request, no fault
 *   test_consensus_trace consensus-view-change  pbft: the primary crashes with a block in flight
 *   test_consensus_trace raft-normal            raft: the first election, one request
 *   test_consensus_trace raft-election          raft: the leader crashes with a block in flight */
#include "tests/simulation/engine_cluster.h"

#include <stdlib.h>
#include <string.h>

enum { MS = 1000000 };

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    ehr_cluster_print(context, replica, event, effects);
}

/* The primary's pre-prepare misses replica 3: the others prepare but cannot commit. */
static bool miss(void *context, uint16_t to, struct ehr_engine_message *message)
{
    (void)context;
    return message->type != EHR_ENGINE_PRE_PREPARE || message->view > 0 || to != 3;
}

static void trace_raft(FILE *out, bool crash)
{
    struct ehr_cluster_options options = {.engine = "raft", .replicas = 3};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = out};
    if (!crash)
        ehr_cluster_hooks_set(c, &hooks);
    ehr_cluster_run(c, 10 * MS);
    ehr_cluster_hooks_set(c, &hooks);
    ehr_cluster_submit(c, 0);
    if (crash) {
        ehr_cluster_run(c, 11 * MS + MS / 2); /* the others hold the block */
        ehr_cluster_crash(c, 0);
    }
    ehr_cluster_run_executed(c, 1, 1000 * (uint64_t)MS);
    ehr_cluster_run(c, ehr_cluster_now(c) + 5 * MS);
    ehr_cluster_free(c);
}

static void trace_pbft(FILE *out, bool change)
{
    struct ehr_cluster_options options = {.replicas = 4, .signatures = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = out};
    if (change)
        hooks.sending = miss;
    ehr_cluster_hooks_set(c, &hooks);
    ehr_cluster_submit(c, 0);
    if (change) {
        ehr_cluster_run(c, MS / 2);
        ehr_cluster_crash(c, 0);
    }
    ehr_cluster_run_executed(c, 1, 1000 * (uint64_t)MS);
    ehr_cluster_run(c, ehr_cluster_now(c) + 5 * MS);
    ehr_cluster_free(c);
}

static void trace(FILE *out, const char *which)
{
    if (strncmp(which, "raft-", 5) == 0)
        trace_raft(out, strcmp(which, "raft-election") == 0);
    else
        trace_pbft(out, strcmp(which, "consensus-view-change") == 0);
}

/* Returns whether the trace equals the file; says where they part. */
static int compare(const char *which)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/golden/%s.txt", EHR_SOURCE_DIR, which);
    FILE *expected = fopen(path, "r"), *got = tmpfile();
    if (expected == NULL || got == NULL) {
        printf("%s: cannot be read\n", path);
        return 1;
    }
    trace(got, which);
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
    static const char *const all[] = {"consensus-normal", "consensus-view-change", "raft-normal",
                                      "raft-election"};
    int differs = 0;
    if (argc > 1)
        trace(stdout, argv[1]);
    for (size_t i = 0; argc == 1 && i < sizeof(all) / sizeof(all[0]); i++)
        differs |= compare(all[i]);
    return differs;
}
