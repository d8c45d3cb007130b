#include "sim/network/meter.h"

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/link.h>
#include <simgrid/mailbox.h>
#include <simgrid/plugins/energy.h>
#include <simgrid/plugins/load.h>

#include <assert.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/memory.h"
#include "sim/network/resources.h"
#include "sim/network/routes.h"
#include "sim/network/simgrid_compat.h"

/* How long before the end of a latency its links are looked at: longer than SimGrid's precision
 * (1 ps), within which it performs two events together, and than rounding errors. */
#define EARLY_S 1e-11

/* The links from a host to another. */
struct way {
    double latency_s;
    uint32_t count;
    uint32_t links[];
};

static struct {
    struct way ***ways; /* [from][to], rows made when needed */
    uint32_t *flights;  /* by link: messages on it */
    uint32_t *busy;     /* links with any, in no order */
    uint32_t *place;    /* by link: in `busy` */
    uint32_t busy_count;
    double looked_s;
} meter;

bool ehr_meter_is_on(void)
{
    return (ehr_resources_flags() & (EHR_RESOURCES_LINK_ENERGY | EHR_RESOURCES_LINK_LOAD)) != 0;
}

static void meter_open(void)
{
    if (meter.ways != NULL)
        return;
    uint32_t links = ehr_platform_link_count();
    meter.ways = ehr_zeroed(ehr_platform_host_count(), sizeof *meter.ways);
    meter.flights = ehr_zeroed(links + 1, sizeof *meter.flights);
    meter.busy = ehr_zeroed(links + 1, sizeof *meter.busy);
    meter.place = ehr_zeroed(links + 1, sizeof *meter.place);
    meter.looked_s = -1;
}

/* ---- ways ---- */

static uint32_t link_number(sg_link_t link)
{
    uint32_t low = 0, high = ehr_platform_link_count();
    const char *name = sg_link_get_name(link);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(ehr_platform_link_name(middle), name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT32_MAX; /* SimGrid's loopback */
}

static struct way *way_ask(uint32_t from, uint32_t to)
{
    size_t count;
    sg_link_t *links =
        ehr_simgrid_route_links(ehr_platform_host(from), ehr_platform_host(to), &count);
    struct way *way = ehr_zeroed(1, sizeof *way + count * sizeof way->links[0]);
    way->latency_s = ehr_route_simgrid_latency(from, to);
    for (size_t i = 0; i < count; i++) {
        uint32_t link = link_number(links[i]);
        if (link != UINT32_MAX)
            way->links[way->count++] = link;
    }
    free(links);
    return way;
}

static const struct way *way_of(uint32_t from, uint32_t to)
{
    if (meter.ways[from] == NULL)
        meter.ways[from] = ehr_zeroed(ehr_platform_host_count(), sizeof **meter.ways);
    struct way **way = &meter.ways[from][to];
    if (*way == NULL)
        *way = way_ask(from, to);
    return *way;
}

static void way_begin(const struct way *way)
{
    for (uint32_t i = 0; i < way->count; i++) {
        uint32_t link = way->links[i];
        if (meter.flights[link]++ > 0)
            continue;
        meter.place[link] = meter.busy_count;
        meter.busy[meter.busy_count++] = link;
    }
}

static void way_end(const struct way *way)
{
    for (uint32_t i = 0; i < way->count; i++) {
        uint32_t link = way->links[i];
        assert(meter.flights[link] > 0);
        if (--meter.flights[link] > 0)
            continue;
        uint32_t last = meter.busy[--meter.busy_count];
        meter.busy[meter.place[link]] = last;
        meter.place[last] = meter.place[link];
    }
}

/* ---- looking ---- */

/* SimGrid lets others run while it looks; they may begin or end a way, but rates stay as they are
 * until its clock moves. */
static void links_look(void)
{
    double now_s = simgrid_get_clock();
    if (now_s <= meter.looked_s)
        return;
    meter.looked_s = now_s;
    bool load = (ehr_resources_flags() & EHR_RESOURCES_LINK_LOAD) != 0;
    bool energy = (ehr_resources_flags() & EHR_RESOURCES_LINK_ENERGY) != 0;
    uint32_t count = meter.busy_count;
    uint32_t *links = ehr_zeroed(count + 1, sizeof *links);
    memcpy(links, meter.busy, count * sizeof *links);
    for (uint32_t i = 0; i < count; i++) {
        if (load)
            (void)sg_link_get_cum_load(ehr_platform_link(links[i]));
        if (energy)
            (void)sg_link_get_consumed_energy(ehr_platform_link(links[i]));
    }
    free(links);
}

sg_error_t ehr_meter_carry(uint32_t from, uint32_t to, sg_mailbox_t mailbox, void *payload,
                           long bytes)
{
    meter_open();
    const struct way *way = way_of(from, to);
    double early_s = EARLY_S + 8 * DBL_EPSILON * simgrid_get_clock();
    if (way->latency_s <= early_s)
        links_look();
    way_begin(way);
    sg_comm_t comm = sg_mailbox_put_async(mailbox, payload, bytes);
    if (way->latency_s > early_s) {
        sg_actor_sleep_for(way->latency_s - early_s);
        links_look();
    }
    sg_error_t result = sg_comm_wait(comm);
    links_look();
    way_end(way);
    return result;
}
