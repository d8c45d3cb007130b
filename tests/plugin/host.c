/* A SimGrid program that has nothing of its own but two actor functions: loads a platform and a
 * deployment with the plugin and says how it went.
 *
 *     host PLATFORM DEPLOYMENT [--out DIR] [--plain] [--set PATH=VALUE] [--quiet] [--model NAME]
 *          [--resources NUMBER] [--replication NUMBER]
 *
 * --plain: by SimGrid's own calls. --resources: bits of EHR_PLUGIN_HOST_ENERGY and so on. Further
 * arguments are SimGrid's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>

#include <ehrgrid.h>

enum { SETS_MAX = 32 };

struct host {
    struct ehr_plugin_config config;
    const char *sets[SETS_MAX];
    const char *platform, *deployment;
    bool plain;
};

/* "their_own": a function that deployments may name. */
static void their_own(int argc, char **argv)
{
    sg_actor_sleep_for(argc > 1 ? strtod(argv[1], NULL) : 1);
    printf("their_own ends at %g\n", simgrid_get_clock());
}

/* "their_visit": asks for a visit of patient 0 as soon as it begins. */
static void their_visit(int argc, char **argv)
{
    struct ehr_submission wanted = EHR_SUBMISSION_INIT;
    struct ehr_request_event visit = {0};
    char error[200] = "";
    (void)argc, (void)argv;
    wanted.flow = "visit";
    uint32_t request = ehr_submit(&wanted, error, sizeof error);
    if (ehr_request_wait(request, -1, &visit))
        printf("their_visit %u began at %g: %s\n", request, (double)visit.start_ns * 1e-9,
               visit.outcome);
    else
        printf("their_visit: %s\n", error);
}

static void option_read(struct host *host, int argc, char **argv, int *at)
{
    const char *word = argv[*at], *next = *at + 1 < argc ? argv[*at + 1] : "";
    if (strcmp(word, "--plain") == 0) {
        host->plain = true;
    } else if (strcmp(word, "--quiet") == 0) {
        host->config.quiet = true;
    } else if (strcmp(word, "--out") == 0) {
        host->config.out = next;
        ++*at;
    } else if (strcmp(word, "--resources") == 0) {
        host->config.resources = (unsigned)strtoul(next, NULL, 0);
        ++*at;
    } else if (strcmp(word, "--replication") == 0) {
        host->config.replication = (uint32_t)strtoul(next, NULL, 10);
        ++*at;
    } else if (strcmp(word, "--model") == 0) {
        host->config.model = strcmp(next, "lv08") == 0   ? EHR_PLUGIN_MODEL_LV08
                             : strcmp(next, "host") == 0 ? EHR_PLUGIN_MODEL_HOST
                                                         : EHR_PLUGIN_MODEL_CM02;
        ++*at;
    } else if (strcmp(word, "--set") == 0 && host->config.set_count < SETS_MAX) {
        host->sets[host->config.set_count++] = next;
        ++*at;
    } else if (host->platform == NULL) {
        host->platform = word;
    } else {
        host->deployment = word;
    }
}

static int host_run(const struct host *host)
{
    if (ehr_plugin_init(&host->config) != EHR_EXIT_DONE)
        return 2;
    simgrid_register_function("their_own", their_own);
    simgrid_register_function("their_visit", their_visit);
    if (host->plain) {
        simgrid_load_platform(host->platform);
        simgrid_load_deployment(host->deployment);
    } else if (ehr_plugin_load_platform(host->platform) != EHR_EXIT_DONE ||
               ehr_plugin_load_deployment(host->deployment) != EHR_EXIT_DONE) {
        return ehr_plugin_close();
    }
    simgrid_run();
    return ehr_plugin_close();
}

int main(int argc, char **argv)
{
    static struct host host = {.config = EHR_PLUGIN_CONFIG_INIT};
    simgrid_init(&argc, argv);
    host.config.sets = host.sets;
    for (int i = 1; i < argc; i++)
        option_read(&host, argc, argv, &i);
    if (host.deployment == NULL) {
        fputs("usage: host PLATFORM DEPLOYMENT [--out DIR] [--plain] [--set PATH=VALUE]\n", stderr);
        return 2;
    }
    int status = host_run(&host);
    printf("status %d\n", status);
    return status;
}
