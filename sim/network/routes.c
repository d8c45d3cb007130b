#include "sim/network/routes.h"

#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/link.h>
#include <xbt/config.h>
#include <xbt/dynar.h>

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sim/network/kernel.h"
#include "sim/network/memory.h"

enum { PAGE_ROUTES = 16 };

/* Routes are kept in pages of neighbouring destinations, made when first asked for: no hash on the
 * way of a message, and no memory for the pairs that never talk. */
struct page {
    bool known[PAGE_ROUTES];
    struct ehr_route route[PAGE_ROUTES];
};

static struct {
    sg_host_t *hosts;
    uint32_t count;
    struct page ***rows; /* [from][to / PAGE_ROUTES] */
    double latency_factor, bandwidth_factor, tcp_gamma;
} platform;

static void platform_ask(void)
{
    if (platform.hosts != NULL)
        return;
    platform.count = (uint32_t)sg_host_count();
    platform.hosts = sg_host_list();
    platform.rows = ehr_zeroed(platform.count, sizeof(struct page **));
    platform.latency_factor = sg_cfg_get_double("network/latency-factor");
    platform.bandwidth_factor = sg_cfg_get_double("network/bandwidth-factor");
    platform.tcp_gamma = sg_cfg_get_double("network/TCP-gamma");
}

uint32_t ehr_platform_host_count(void)
{
    platform_ask();
    return platform.count;
}

sg_host_t ehr_platform_host(uint32_t host)
{
    platform_ask();
    assert(host < platform.count);
    return platform.hosts[host];
}

const char *ehr_platform_host_name(uint32_t host)
{
    return sg_host_get_name(ehr_platform_host(host));
}

uint32_t ehr_platform_host_cores(uint32_t host)
{
    return (uint32_t)sg_host_core_count(ehr_platform_host(host));
}

double ehr_platform_host_speed(uint32_t host)
{
    return sg_host_get_speed(ehr_platform_host(host));
}

static uint64_t bandwidth(double bytes_per_s)
{
    double value = bytes_per_s * platform.bandwidth_factor;
    return value >= 1 ? (uint64_t)llround(value) : 1;
}

static void route_ask(struct ehr_route *route, uint32_t from, uint32_t to)
{
    xbt_dynar_t links = xbt_dynar_new(sizeof(sg_link_t), NULL);
    sg_host_get_route(platform.hosts[from], platform.hosts[to], links);
    unsigned long count = xbt_dynar_length(links);
    double latency = sg_host_get_route_latency(platform.hosts[from], platform.hosts[to]) *
                     platform.latency_factor;
    double narrow = -1;
    *route = (struct ehr_route){.latency_ns = (uint64_t)llround(latency * 1e9)};
    for (unsigned long i = 0; i < count; i++) {
        sg_link_t link = *(sg_link_t *)xbt_dynar_get_ptr(links, i);
        double b = sg_link_get_bandwidth(link);
        if (i == 0)
            route->first_bytes_per_s = bandwidth(b);
        route->last_bytes_per_s = bandwidth(b);
        if (narrow < 0 || b < narrow)
            narrow = b;
    }
    if (count > 0)
        route->bytes_per_s = bandwidth(narrow);
    /* A TCP window lets through at most gamma / 2 in the latency (models that have one). */
    double window = platform.tcp_gamma / (2 * latency);
    if (count > 0 && platform.tcp_gamma > 0 && latency > 0 && window < (double)route->bytes_per_s)
        route->bytes_per_s = (uint64_t)llround(window);
    xbt_dynar_free(&links);
}

const struct ehr_route *ehr_route_of(uint32_t from, uint32_t to)
{
    platform_ask();
    assert(from < platform.count && to < platform.count);
    struct page ***row = &platform.rows[from];
    if (*row == NULL)
        *row = ehr_zeroed(platform.count / PAGE_ROUTES + 1, sizeof(struct page *));
    struct page **page = &(*row)[to / PAGE_ROUTES];
    if (*page == NULL)
        *page = ehr_zeroed(1, sizeof **page);
    uint32_t k = to % PAGE_ROUTES;
    if (!(*page)->known[k]) {
        route_ask(&(*page)->route[k], from, to);
        (*page)->known[k] = true;
    }
    return &(*page)->route[k];
}

void ehr_platform_route(uint32_t from, uint32_t to, uint64_t *latency_ns, uint64_t *bytes_per_s)
{
    const struct ehr_route *route = ehr_route_of(from, to);
    *latency_ns = route->latency_ns;
    *bytes_per_s = route->bytes_per_s;
}
