/* Faults of the network and of machines, from the scenario into the kernel. */
#include "sim/app/world_internal.h"

#include <string.h>

#include "sim/app/memory.h"

static uint64_t end_of(uint64_t until_ns)
{
    return until_ns == EHR_SCENARIO_NEVER ? 0 : until_ns;
}

/* The pattern that means every host needs no list of them. */
static const struct ehr_kernel_hosts *hosts_of(const struct ehr_scenario_hosts *hosts,
                                               struct ehr_kernel_hosts *list)
{
    if (strcmp(hosts->pattern, "*") == 0)
        return NULL;
    *list = (struct ehr_kernel_hosts){hosts->index, hosts->count};
    return list;
}

/* What is lost is drawn apart from everything else: a scenario without loss draws as before. */
static uint64_t loss_key(const struct ehr_world *world)
{
    struct ehr_drbg draws;
    uint8_t bytes[8];
    uint64_t key = 0;
    ehr_drbg_init(&draws, world->options.seed, world->options.replication, "loss",
                  EHR_DRBG_WORKLOAD);
    ehr_rng_fill(&draws.rng, bytes, sizeof bytes);
    ehr_drbg_close(&draws);
    for (size_t i = 0; i < sizeof bytes; i++)
        key |= (uint64_t)bytes[i] << (8 * i);
    return key;
}

static void links_plan(struct ehr_world *world)
{
    const struct ehr_scenario *scenario = world->scenario;
    for (size_t i = 0; i < scenario->link_count; i++) {
        const struct ehr_scenario_link *link = &scenario->links[i];
        for (size_t k = 0; k < link->name.count; k++)
            ehr_kernel_link(world->kernel, link->name.index[k], link->bandwidth_Bps,
                            link->latency_ns, link->at_ns, end_of(link->until_ns));
    }
}

void world_network_plan(struct ehr_world *world)
{
    const struct ehr_scenario *scenario = world->scenario;
    struct ehr_kernel_hosts from, to;
    for (size_t i = 0; i < scenario->partition_count; i++) {
        const struct ehr_scenario_partition *partition = &scenario->partitions[i];
        ehr_kernel_partition(world->kernel, partition->group, partition->at_ns,
                             end_of(partition->heal_ns));
    }
    if (scenario->loss_count > 0)
        ehr_kernel_loss_key(world->kernel, loss_key(world));
    for (size_t i = 0; i < scenario->loss_count; i++) {
        const struct ehr_scenario_loss *loss = &scenario->losses[i];
        ehr_kernel_loss(world->kernel, hosts_of(&loss->from, &from), hosts_of(&loss->to, &to),
                        loss->probability, loss->at_ns, end_of(loss->until_ns));
    }
    for (size_t i = 0; i < scenario->delay_count; i++) {
        const struct ehr_scenario_delay *delay = &scenario->delays[i];
        ehr_kernel_delay(world->kernel, hosts_of(&delay->from, &from), hosts_of(&delay->to, &to),
                         delay->extra_ns, delay->at_ns, end_of(delay->until_ns));
    }
    for (size_t i = 0; i < scenario->slow_count; i++) {
        const struct ehr_scenario_slow *slow = &scenario->slows[i];
        for (size_t k = 0; k < slow->host.count; k++)
            ehr_kernel_slow(world->kernel, slow->host.index[k], slow->factor, slow->at_ns,
                            end_of(slow->until_ns));
    }
    links_plan(world);
}
