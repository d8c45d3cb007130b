/* Traces of a cluster of four HotStuff replicas that a person can read, compared with the files
 * beside this one.
 *
 *   test_hotstuff_trace            compares both
 *   test_hotstuff_trace normal     prints: one request, three chains, rotating leaders, no fault
 *   test_hotstuff_trace timeout    prints: two chains; the second leader is down */
#include "tests/simulation/engine_cluster.h"

#include <stdlib.h>
#include <string.h>

enum { MS = 1000000 };

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    ehr_cluster_print(context, replica, event, effects);
}

static void trace(FILE *out, const char *which)
{
    bool timeout = strcmp(which, "timeout") == 0;
    struct ehr_cluster_options options = {
        .engine = "hotstuff", .replicas = 4, .signatures = true, .two_chain = timeout};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = out};
    ehr_cluster_hooks_set(c, &hooks);
    if (timeout)
        ehr_cluster_crash(c, 2);
    ehr_cluster_submit(c, 0);
    ehr_cluster_run_executed(c, 1, 2000 * (uint64_t)MS);
    ehr_cluster_run(c, ehr_cluster_now(c) + 5 * MS);
    ehr_cluster_free(c);
}

/* Returns whether the trace equals the file; says where they part. */
static int compare(const char *which)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/golden/consensus-hotstuff-%s.txt", EHR_SOURCE_DIR,
             which);
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
        return compare("normal") | compare("timeout");
    trace(stdout, argv[1]);
    return 0;
}
