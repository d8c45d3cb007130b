/* The program turns off all hosts but its own at one instant, that of the world first, and on
 * again; then one off and on at once: the run goes on. Arguments: platform, deployment, fidelity.
 */
#include <stdio.h>
#include <string.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>

#include <ehrgrid.h>

static bool well, over;

static void all_turn(bool on)
{
    static const char *const names[] = {"alliance-1",   "minsk-home",   "minsk-server",
                                        "minsk-node-1", "minsk-node-2", "minsk-node-3",
                                        "minsk-node-4", "minsk-desk-1", "alliance-2",
                                        "alliance-3",   "alliance-4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (on)
            sg_host_turn_on(sg_host_by_name(names[i]));
        else
            sg_host_turn_off(sg_host_by_name(names[i]));
}

static void visit(const char *when)
{
    struct ehr_submission wanted = EHR_SUBMISSION_INIT;
    struct ehr_request_event event;
    char error[200] = "";
    wanted.flow = "visit";
    uint32_t request = ehr_submit(&wanted, error, sizeof error);
    bool ended = ehr_request_wait(request, 20, &event);
    well = ended && strcmp(event.outcome, "ok") == 0;
    printf("%s: %s%s\n", when, ended ? event.outcome : "open", error);
}

static void switchman(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_actor_sleep_for(4);
    all_turn(false);
    sg_actor_sleep_for(5);
    all_turn(true);
    sg_actor_sleep_for(1);
    visit("all off for 5 s");
    if (!well)
        return;
    sg_host_turn_off(sg_host_by_name("alliance-2"));
    sg_host_turn_on(sg_host_by_name("alliance-2"));
    sg_actor_sleep_for(5);
    visit("one off and on at once");
    ehr_plugin_stop();
}

static void on_done(void *context)
{
    (void)context;
    over = true;
}

int main(int argc, char **argv)
{
    struct ehr_hooks hooks = EHR_HOOKS_INIT;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    simgrid_init(&argc, argv);
    if (argc != 4)
        return 2;
    const char *const sets[] = {argv[3]};
    hooks.done = on_done;
    config.hooks = &hooks;
    config.sets = sets;
    config.set_count = 1;
    config.quiet = true;
    if (ehr_plugin_init(&config) != EHR_EXIT_DONE ||
        ehr_plugin_load_platform(argv[1]) != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment(argv[2]) != EHR_EXIT_DONE)
        return 2;
    sg_actor_start_(sg_actor_init("switchman", sg_host_by_name("institute")), switchman, 0, NULL);
    simgrid_run();
    return ehr_plugin_close() != EHR_EXIT_DONE || !well || !over;
}
