/* Energy and load of hosts and links, from SimGrid's plugins into the results. */
#include "sim/app/world_internal.h"

#include <stdlib.h>

#include "sim/app/memory.h"

static bool of_hosts(enum ehr_scenario_measured measured)
{
    return measured == EHR_SCENARIO_MEASURED_HOSTS || measured == EHR_SCENARIO_MEASURED_ALL;
}

static bool of_links(enum ehr_scenario_measured measured)
{
    return measured == EHR_SCENARIO_MEASURED_LINKS || measured == EHR_SCENARIO_MEASURED_ALL;
}

unsigned world_resources_flags(const struct ehr_scenario *scenario)
{
    const struct ehr_scenario_measure *measure = &scenario->measure;
    return (of_hosts(measure->energy) ? EHR_RESOURCES_HOST_ENERGY : 0U) |
           (of_links(measure->energy) ? EHR_RESOURCES_LINK_ENERGY : 0U) |
           (of_hosts(measure->load) ? EHR_RESOURCES_HOST_LOAD : 0U) |
           (of_links(measure->load) ? EHR_RESOURCES_LINK_LOAD : 0U);
}

void world_resources_open(struct ehr_world *world)
{
    const struct ehr_scenario_measure *measure = &world->scenario->measure;
    const struct ehr_measure_asked asked = {.host_energy = of_hosts(measure->energy),
                                            .link_energy = of_links(measure->energy),
                                            .host_load = of_hosts(measure->load),
                                            .link_load = of_links(measure->load)};
    ehr_measure_resources_ask(world->measure, &asked);
}

void world_resources_read(struct ehr_world *world)
{
    if (world_resources_flags(world->scenario) != 0)
        world->resources = ehr_resources_read();
}

void world_resources_collect(struct ehr_world *world)
{
    const struct ehr_resources *from = world->resources;
    size_t count = 0;
    if (from == NULL)
        return;
    struct ehr_measure_resource *to =
        ehr_app_zeroed((size_t)from->host_count + from->link_count + 1, sizeof *to);
    for (uint32_t i = 0; i < from->host_count; i++) {
        const struct ehr_resources_host *host = &from->hosts[i];
        to[count++] = (struct ehr_measure_resource){.kind = EHR_RESOURCE_HOST,
                                                    .name = host->name,
                                                    .energy_J = host->energy_J,
                                                    .idle_J = host->idle_J,
                                                    .load = host->load,
                                                    .busy_core_s = host->busy_core_s,
                                                    .flops = host->flops};
    }
    for (uint32_t i = 0; i < from->link_count; i++) {
        const struct ehr_resources_link *link = &from->links[i];
        to[count++] = (struct ehr_measure_resource){.kind = EHR_RESOURCE_LINK,
                                                    .name = link->name,
                                                    .energy_J = link->energy_J,
                                                    .idle_J = link->idle_J,
                                                    .load = link->load,
                                                    .bytes = link->bytes};
    }
    ehr_measure_resources_set(world->measure, to, count, from->window_s);
    free(to);
}
