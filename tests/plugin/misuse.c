/* Calls in the wrong order, and configurations that are none: a message and a status, and the
 * program goes on. Arguments: a platform, a deployment, and the messages that are expected. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>

#include <ehrgrid.h>

static int failures;

static void expect(const char *what, int found, int wanted)
{
    printf("%s: %d\n", what, found);
    if (found == wanted)
        return;
    printf("FAILED: %s: found %d, wanted %d\n", what, found, wanted);
    failures++;
}

/* What came to stderr, line by line as in the file. */
static void messages_compare(FILE *said, const char *path)
{
    FILE *expected = fopen(path, "r");
    char found[512], wanted[512];
    if (expected == NULL) {
        perror(path);
        failures++;
        return;
    }
    rewind(said);
    for (bool more = true; more;) {
        bool one = fgets(found, sizeof found, said) != NULL;
        bool other = fgets(wanted, sizeof wanted, expected) != NULL;
        more = one || other;
        if (more && (!one || !other || strcmp(found, wanted) != 0)) {
            printf("FAILED: message\n%swanted\n%s", one ? found : "-\n", other ? wanted : "-\n");
            failures++;
        }
    }
    fclose(expected);
}

static void configurations_try(void)
{
    static const char *const sets[] = {"run/@seed=1", NULL};
    static const struct ehr_hooks unsized;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    config.size = 0;
    expect("config.size 0", ehr_plugin_init(&config), EHR_EXIT_INPUT);
    config = (struct ehr_plugin_config)EHR_PLUGIN_CONFIG_INIT;
    config.model = (enum ehr_plugin_model)7;
    expect("config.model 7", ehr_plugin_init(&config), EHR_EXIT_INPUT);
    config = (struct ehr_plugin_config)EHR_PLUGIN_CONFIG_INIT;
    config.resources = 1U << 9;
    expect("config.resources 512", ehr_plugin_init(&config), EHR_EXIT_INPUT);
    config = (struct ehr_plugin_config)EHR_PLUGIN_CONFIG_INIT;
    config.set_count = 2;
    expect("config.sets NULL", ehr_plugin_init(&config), EHR_EXIT_INPUT);
    config.sets = sets;
    expect("config.sets[1] NULL", ehr_plugin_init(&config), EHR_EXIT_INPUT);
    config = (struct ehr_plugin_config)EHR_PLUGIN_CONFIG_INIT;
    config.hooks = &unsized;
    expect("config.hooks of size 0", ehr_plugin_init(&config), EHR_EXIT_INPUT);
}

/* ---- from an actor ---- */

static void careless(int argc, char **argv)
{
    struct ehr_submission visit = EHR_SUBMISSION_INIT;
    double value;
    (void)argc, (void)argv;
    sg_actor_sleep_for(2);
    expect("close by an actor", ehr_plugin_close(), EHR_EXIT_INPUT);
    expect("submission NULL", (int)ehr_submit(NULL, NULL, 0), 0);
    expect("metric NULL", ehr_metric(NULL, &value), false);
    expect("metric into NULL", ehr_metric("visit_ok", NULL), false);
    expect("engine NULL", ehr_engine_register(NULL), EHR_EXIT_INPUT);
    visit.flow = "visit";
    uint32_t request = ehr_submit(&visit, NULL, 0);
    expect("read into NULL", ehr_request_read(request, NULL), true);
    expect("wait for 0 s", ehr_request_wait(request, 0, NULL), false);
    expect("that took no time", simgrid_get_clock() == 2, true);
    expect("wait for 1 us", ehr_request_wait(request, 1e-6, NULL), false);
    expect("wait to the end", ehr_request_wait(request, -1, NULL), true);
}

int main(int argc, char **argv)
{
    simgrid_init(&argc, argv);
    FILE *said = tmpfile();
    if (argc != 4 || said == NULL || dup2(fileno(said), STDERR_FILENO) < 0)
        return 2;
    expect("close before init", ehr_plugin_close(), EHR_EXIT_INPUT);
    expect("platform before init", ehr_plugin_load_platform(argv[1]), EHR_EXIT_INPUT);
    expect("deployment before init", ehr_plugin_load_deployment(argv[2]), EHR_EXIT_INPUT);
    configurations_try();
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    config.size = offsetof(struct ehr_plugin_config, model); /* of an older version */
    expect("an older configuration", ehr_plugin_init(&config), EHR_EXIT_DONE);
    expect("init again", ehr_plugin_init(NULL), EHR_EXIT_INPUT);
    expect("deployment before platform", ehr_plugin_load_deployment(argv[2]), EHR_EXIT_INPUT);
    expect("platform", ehr_plugin_load_platform(argv[1]), EHR_EXIT_DONE);
    expect("platform again", ehr_plugin_load_platform(argv[1]), EHR_EXIT_INPUT);
    expect("deployment", ehr_plugin_load_deployment(argv[2]), EHR_EXIT_DONE);
    sg_actor_t actor = sg_actor_init("careless", sg_host_by_name("institute"));
    sg_actor_start_(actor, careless, 0, NULL);
    expect("deployment again", ehr_plugin_load_deployment(argv[2]), EHR_EXIT_INPUT);
    simgrid_run();
    expect("close: what was refused stays", ehr_plugin_close(), EHR_EXIT_INPUT);
    expect("close again", ehr_plugin_close(), EHR_EXIT_INPUT);
    expect("init after the platform", ehr_plugin_init(NULL), EHR_EXIT_INPUT);
    messages_compare(said, argv[3]);
    return failures > 0;
}
