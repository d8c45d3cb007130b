/* Changed links. The bandwidth of SimGrid's own link is changed, so that flow shares the new one
 * among what is on the way, and the routes that queue and delay have kept are asked for again.
 *
 * Its latency is not: where SimGrid changes the latency of a link, a communication that is in its
 * latency never ends (3.32, network/optim:Lazy: the end of the latency finds the flow enabled and
 * does not look when it will be done). Routes count the wanted latency (routes.c); in flow
 * SimGrid's link has the least of all that it will have, from before the run, and couriers add the
 * rest. */
#include "sim/network/flow_state.h"
#include "sim/network/impair.h"

#include <simgrid/link.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/memory.h"

/* ---- the links of the platform, by name ---- */

static struct {
    sg_link_t *links;
    uint32_t count;
} platform;

static int by_name(const void *a, const void *b)
{
    return strcmp(sg_link_get_name(*(const sg_link_t *)a), sg_link_get_name(*(const sg_link_t *)b));
}

/* SimGrid's own loopback carries nothing here: a message to the same host takes `loopback`. */
static void platform_ask(void)
{
    if (platform.links != NULL)
        return;
    size_t all = sg_link_count();
    sg_link_t *links = sg_link_list();
    platform.links = ehr_zeroed(all + 1, sizeof *platform.links);
    for (size_t i = 0; i < all; i++)
        if (strcmp(sg_link_get_name(links[i]), "__loopback__") != 0)
            platform.links[platform.count++] = links[i];
    free(links);
    if (platform.count > 1)
        qsort(platform.links, platform.count, sizeof *platform.links, by_name);
}

uint32_t ehr_platform_link_count(void)
{
    platform_ask();
    return platform.count;
}

const char *ehr_platform_link_name(uint32_t link)
{
    platform_ask();
    assert(link < platform.count);
    return sg_link_get_name(platform.links[link]);
}

sg_link_t ehr_platform_link(uint32_t link)
{
    platform_ask();
    assert(link < platform.count);
    return platform.links[link];
}

/* ---- changes ---- */

static struct ehr_link_state *state_of(struct ehr_impair *impair, uint32_t link)
{
    for (size_t i = 0; i < impair->link_count; i++)
        if (impair->links[i]->link == link)
            return impair->links[i];
    if (impair->link_count == impair->link_capacity)
        impair->links =
            ehr_grow(impair->links, &impair->link_capacity, sizeof(struct ehr_link_state *));
    struct ehr_link_state *state = ehr_zeroed(1, sizeof *state);
    state->link = link;
    state->bandwidth = state->wanted_bandwidth = sg_link_get_bandwidth(platform.links[link]);
    state->latency = sg_link_get_latency(platform.links[link]);
    impair->links[impair->link_count++] = state;
    return state;
}

static void latency_plan(struct ehr_kernel *kernel, const struct ehr_link_state *state,
                         double seconds)
{
    sg_link_t link = platform.links[state->link];
    ehr_route_latency_set(link, state->latency);
    if (kernel->config.fidelity != EHR_FIDELITY_FLOW)
        return;
    kernel->impair->late = true;
    if (seconds < sg_link_get_latency(link))
        sg_link_set_latency(link, seconds);
}

void ehr_kernel_link(struct ehr_kernel *kernel, uint32_t link, uint64_t bytes_per_s,
                     uint64_t latency_ns, uint64_t at_ns, uint64_t until_ns)
{
    assert(!kernel->running && link < ehr_platform_link_count());
    struct ehr_impair *impair = ehr_impair_of(kernel);
    struct ehr_link_state *state = state_of(impair, link);
    if (latency_ns != EHR_NEVER)
        latency_plan(kernel, state, (double)latency_ns * 1e-9);
    if (impair->change_count == impair->change_capacity)
        impair->changes =
            ehr_grow(impair->changes, &impair->change_capacity, sizeof *impair->changes);
    impair->changes[impair->change_count] = (struct ehr_link_change){
        .link = link, .bytes_per_s = bytes_per_s, .latency_ns = latency_ns};
    ehr_fault_plan(kernel, EHR_FAULT_LINK, (uint32_t)impair->change_count++, at_ns, until_ns);
}

static void wanted_find(const struct ehr_impair *impair, struct ehr_link_state *state)
{
    uint64_t bandwidth_since = 0, latency_since = 0;
    double latency = state->latency;
    state->wanted_bandwidth = state->bandwidth;
    for (size_t i = 0; i < impair->change_count; i++) {
        const struct ehr_link_change *change = &impair->changes[i];
        if (change->link != state->link)
            continue;
        if (change->bytes_per_s > 0 && change->since > bandwidth_since) {
            bandwidth_since = change->since;
            state->wanted_bandwidth = (double)change->bytes_per_s;
        }
        if (change->latency_ns != EHR_NEVER && change->since > latency_since) {
            latency_since = change->since;
            latency = (double)change->latency_ns * 1e-9;
        }
    }
    ehr_route_latency_set(platform.links[state->link], latency);
}

void ehr_link_apply(const struct ehr_link_state *state)
{
    sg_link_set_bandwidth(platform.links[state->link], state->wanted_bandwidth);
}

/* Copies of broadcasts on their way keep their times of arrival. */
static void routes_again(struct ehr_kernel *kernel)
{
    ehr_routes_forget();
    for (size_t i = 0; i < kernel->seat_count; i++)
        ehr_lists_close(kernel->seats[i]);
}

void ehr_link_perform(struct ehr_kernel *kernel, uint32_t index, bool over)
{
    struct ehr_impair *impair = kernel->impair;
    struct ehr_link_change *change = &impair->changes[index];
    struct ehr_link_state *state = state_of(impair, change->link);
    change->since = over ? 0 : ehr_sequence_next(kernel);
    wanted_find(impair, state);
    if (kernel->flow != NULL)
        ehr_flow_deed(kernel, EHR_DEED_LINK, state);
    else
        ehr_link_apply(state);
    routes_again(kernel);
}
