/* Faults of the network and of machines, from the scenario into the kernel. */
#include "sim/app/world_internal.h"

#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"
#include "sim/scenario/value.h"

static uint64_t end_of(uint64_t until_ns)
{
    return until_ns == EHR_SCENARIO_NEVER ? 0 : until_ns;
}

void world_fault_note(struct ehr_world *world, const char *kind, const char *target,
                      const char *value, uint64_t begin_ns, uint64_t end_ns)
{
    const struct ehr_measure_fault fault = {kind, target, value, begin_ns, end_ns};
    ehr_measure_fault_add(world->measure, &fault);
}

static void note_way(struct ehr_world *world, const char *kind,
                     const struct ehr_scenario_hosts *from, const struct ehr_scenario_hosts *to,
                     const char *value, uint64_t at_ns, uint64_t until_ns)
{
    char *target = ehr_app_text("%s -> %s", from->pattern, to->pattern);
    world_fault_note(world, kind, target, value, at_ns, until_ns);
    free(target);
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
        char bandwidth[EHR_VALUE_TEXT_BYTES] = "", latency[EHR_VALUE_TEXT_BYTES] = "";
        if (link->bandwidth_Bps > 0)
            ehr_value_bandwidth_write(bandwidth, link->bandwidth_Bps);
        if (link->latency_ns != EHR_SCENARIO_NEVER)
            ehr_value_time_write(latency, link->latency_ns);
        bool both = bandwidth[0] != '\0' && latency[0] != '\0';
        char *value = ehr_app_text("%s%s%s", bandwidth, both ? " " : "", latency);
        world_fault_note(world, "link", link->name.pattern, value, link->at_ns, link->until_ns);
        free(value);
        for (size_t k = 0; k < link->name.count; k++)
            ehr_kernel_link(world->kernel, link->name.index[k], link->bandwidth_Bps,
                            link->latency_ns, link->at_ns, end_of(link->until_ns));
    }
}

void world_network_plan(struct ehr_world *world)
{
    const struct ehr_scenario *scenario = world->scenario;
    struct ehr_kernel_hosts from, to;
    char value[EHR_VALUE_TEXT_BYTES];
    for (size_t i = 0; i < scenario->partition_count; i++) {
        const struct ehr_scenario_partition *partition = &scenario->partitions[i];
        ehr_kernel_partition(world->kernel, partition->group, partition->at_ns,
                             end_of(partition->heal_ns));
        world_fault_note(world, "partition", partition->groups, "", partition->at_ns,
                         partition->heal_ns);
    }
    if (scenario->loss_count > 0)
        ehr_kernel_loss_key(world->kernel, loss_key(world));
    for (size_t i = 0; i < scenario->loss_count; i++) {
        const struct ehr_scenario_loss *loss = &scenario->losses[i];
        ehr_kernel_loss(world->kernel, hosts_of(&loss->from, &from), hosts_of(&loss->to, &to),
                        loss->probability, loss->at_ns, end_of(loss->until_ns));
        ehr_value_probability_write(value, loss->probability);
        note_way(world, "loss", &loss->from, &loss->to, value, loss->at_ns, loss->until_ns);
    }
    for (size_t i = 0; i < scenario->delay_count; i++) {
        const struct ehr_scenario_delay *delay = &scenario->delays[i];
        ehr_kernel_delay(world->kernel, hosts_of(&delay->from, &from), hosts_of(&delay->to, &to),
                         delay->extra_ns, delay->at_ns, end_of(delay->until_ns));
        ehr_value_time_write(value, delay->extra_ns);
        note_way(world, "delay", &delay->from, &delay->to, value, delay->at_ns, delay->until_ns);
    }
    for (size_t i = 0; i < scenario->slow_count; i++) {
        const struct ehr_scenario_slow *slow = &scenario->slows[i];
        for (size_t k = 0; k < slow->host.count; k++)
            ehr_kernel_slow(world->kernel, slow->host.index[k], slow->factor, slow->at_ns,
                            end_of(slow->until_ns));
        ehr_value_factor_write(value, slow->factor);
        world_fault_note(world, "slow", slow->host.pattern, value, slow->at_ns, slow->until_ns);
    }
    links_plan(world);
}
