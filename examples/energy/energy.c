/* What a visit costs in joules, by SimGrid's host-energy plugin; and the same by hand: idle power
 * times the time of the run, and the power of a busy core times the time for which cores were busy.
 */
#include <ehrgrid.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/plugins/energy.h>
#include <simgrid/plugins/load.h>
#include <stdio.h>

/* As the platform says: wattage_per_state. */
static const struct {
    const char *host;
    double idle_w, busy_w;
} servers[] = {{"centre", 60, 150}, {"clinic", 2.1, 6.41}};

/* The run is over: the clock stands at its end. */
static void print_energy(void *context)
{
    (void)context;
    double seconds = simgrid_get_clock(), total = 0, busy_total = 0, visits = 0;
    printf("%.9f s simulated\n", seconds);
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        sg_host_t host = sg_host_by_name(servers[i].host);
        double busy_s = sg_host_get_computed_flops(host) / sg_host_get_speed(host);
        double busy_j = (servers[i].busy_w - servers[i].idle_w) / sg_host_core_count(host) * busy_s;
        double joules = sg_host_get_consumed_energy(host);
        printf("%-6s  %.6f J; by hand %.6f J: idle %.6f J, %.9f core-seconds %.6f J\n",
               servers[i].host, joules, servers[i].idle_w * seconds + busy_j,
               servers[i].idle_w * seconds, busy_s, busy_j);
        total += joules;
        busy_total += busy_j;
    }
    if (ehr_metric("visit_ok", &visits) && visits > 0)
        printf("%.0f visits: %.6f J each, of which %.6f J are not idling\n", visits, total / visits,
               busy_total / visits);
}

int main(int argc, char **argv)
{
    simgrid_init(&argc, argv);
    if (argc != 3) {
        fprintf(stderr, "usage: %s PLATFORM DEPLOYMENT\n", argv[0]);
        return EHR_EXIT_INPUT;
    }
    struct ehr_hooks hooks = EHR_HOOKS_INIT;
    hooks.done = print_energy;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    config.hooks = &hooks;
    config.resources = EHR_PLUGIN_HOST_ENERGY | EHR_PLUGIN_HOST_LOAD;
    if (ehr_plugin_init(&config) != EHR_EXIT_DONE ||
        ehr_plugin_load_platform(argv[1]) != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment(argv[2]) != EHR_EXIT_DONE)
        return EHR_EXIT_INPUT;
    simgrid_run();
    return ehr_plugin_close();
}
