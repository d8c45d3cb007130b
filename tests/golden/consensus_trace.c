/* Traces of a cluster of four that a person can read, compared with the files beside this one.
 *
 *   test_consensus_trace               compares both
 *   test_consensus_trace normal        prints: one request, no fault
 *   test_consensus_trace view-change   prints: the primary crashes with a block in flight */
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

static void trace(FILE *out, const char *which)
{
    struct ehr_cluster_options options = {.replicas = 4, .signatures = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = out};
    bool change = strcmp(which, "view-change") == 0;
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

/* Returns whether the trace equals the file; says where they part. */
static int compare(const char *which)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/golden/consensus-%s.txt", EHR_SOURCE_DIR, which);
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
    if (argc == 1)
        return compare("normal") | compare("view-change");
    trace(stdout, argv[1]);
    return 0;
}
