#include "sim/network/routes.h"

#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/link.h>
#include <xbt/config.h>

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/factors.h"
#include "sim/network/kernel.h"
#include "sim/network/memory.h"
#include "sim/network/simgrid_compat.h"

enum { PAGE_ROUTES = 16 };

/* Routes are kept in pages of neighbouring destinations, made when first asked for: no hash on the
 * way of a message, and no memory for the pairs that never talk. */
struct page {
    bool known[PAGE_ROUTES];
    struct ehr_route route[PAGE_ROUTES];
    struct sight *sight[PAGE_ROUTES]; /* where links may change */
};

/* The links of a route as they were when it was asked for. */
struct sight {
    size_t count;
    struct seen_link {
        sg_link_t link;
        double bandwidth, latency;
        bool on;
    } links[];
};

static struct {
    sg_host_t *hosts;
    uint32_t count;
    struct page ***rows; /* [from][to / PAGE_ROUTES] */
    struct ehr_factors factors;
    double tcp_gamma;
    bool crosstraffic;
    struct link_latency {
        sg_link_t link;
        double seconds;
    } * latencies; /* of links that are changed in the course of the run */
    size_t latency_count, latency_capacity;
    uint64_t version; /* of the routes */
} platform;

static void platform_ask(void)
{
    if (platform.hosts != NULL)
        return;
    platform.count = (uint32_t)sg_host_count();
    platform.hosts = sg_host_list();
    platform.rows = ehr_zeroed(platform.count, sizeof(struct page **));
    platform.factors = ehr_factors_ask();
    platform.crosstraffic = sg_cfg_get_boolean("network/crosstraffic") != 0;
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

/* What is asked for while a profile says 0 takes a million times as long: it has to end. */
double ehr_platform_host_speed(uint32_t host)
{
    sg_host_t h = ehr_platform_host(host);
    double available = ehr_platform_changes() ? sg_host_get_available_speed(h) : 1;
    return sg_host_get_speed(h) * fmax(available, 1e-6);
}

static uint64_t bandwidth(double bytes_per_s)
{
    double value = bytes_per_s * platform.factors.bandwidth;
    return value >= 1 ? (uint64_t)llround(value) : 1;
}

/* The links of a route, and those of the way back. */
struct way {
    sg_link_t *links, *back;
    size_t count, back_count;
};

static struct way way_ask(sg_host_t from, sg_host_t to)
{
    struct way way;
    way.links = ehr_simgrid_route_links(from, to, &way.count);
    way.back = ehr_simgrid_route_links(to, from, &way.back_count);
    return way;
}

static void way_close(struct way *way)
{
    free(way->links);
    free(way->back);
}

static bool among(const sg_link_t *links, size_t count, sg_link_t link)
{
    for (size_t i = 0; i < count; i++)
        if (links[i] == link)
            return true;
    return false;
}

/* Bytes per second of a lone transfer, before the factor. With cross-traffic SimGrid lets it use
 * each link of the way back, too, for a twentieth of its rate: a link that serves both directions
 * carries 1/1.05 of its bandwidth. A TCP window lets through at most gamma / 2 in the latency
 * (models that have one). */
static double narrowest(const struct way *way, double latency)
{
    double least = -1;
    for (size_t i = 0; i < way->count; i++) {
        double b = sg_link_get_bandwidth(way->links[i]);
        if (platform.crosstraffic && among(way->back, way->back_count, way->links[i]))
            b /= 1.05;
        if (least < 0 || b < least)
            least = b;
    }
    double window = latency > 0 ? platform.tcp_gamma / (2 * latency) : 0;
    return platform.tcp_gamma > 0 && latency > 0 && window < least ? window : least;
}

bool ehr_route_lone(uint32_t from, uint32_t to, double *latency, double *bytes_per_s)
{
    sg_host_t a = ehr_platform_host(from), b = ehr_platform_host(to);
    struct way way = way_ask(a, b);
    bool some = way.count > 0;
    *latency = sg_host_get_route_latency(a, b);
    *bytes_per_s = some ? narrowest(&way, *latency) : 0;
    way_close(&way);
    return some;
}

void ehr_route_latency_set(sg_link_t link, double seconds)
{
    size_t i = 0;
    while (i < platform.latency_count && platform.latencies[i].link != link)
        i++;
    if (i == platform.latency_capacity)
        platform.latencies =
            ehr_grow(platform.latencies, &platform.latency_capacity, sizeof *platform.latencies);
    platform.latencies[i] = (struct link_latency){link, seconds};
    if (i == platform.latency_count)
        platform.latency_count++;
}

/* What the links of a route take longer than SimGrid's. */
static double lateness(const struct way *way)
{
    double late = 0;
    for (size_t i = 0; i < platform.latency_count; i++)
        if (among(way->links, way->count, platform.latencies[i].link))
            late += platform.latencies[i].seconds - sg_link_get_latency(platform.latencies[i].link);
    return late;
}

static uint64_t latency_ns_of(double seconds)
{
    return seconds > 0 ? (uint64_t)llround(seconds * platform.factors.latency * 1e9) : 0;
}

static struct seen_link see(sg_link_t link)
{
    return (struct seen_link){link, sg_link_get_bandwidth(link), sg_link_get_latency(link),
                              ehr_simgrid_link_on(link)};
}

static struct sight *sight_make(const struct way *way, struct ehr_route *route)
{
    struct sight *sight = ehr_zeroed(1, sizeof *sight + way->count * sizeof sight->links[0]);
    sight->count = way->count;
    for (size_t i = 0; i < way->count; i++) {
        sight->links[i] = see(way->links[i]);
        route->broken = route->broken || !sight->links[i].on;
    }
    return sight;
}

static bool sight_holds(const struct sight *sight)
{
    for (size_t i = 0; i < sight->count; i++) {
        struct seen_link now = see(sight->links[i].link), then = sight->links[i];
        if (now.bandwidth < then.bandwidth || now.bandwidth > then.bandwidth ||
            now.latency < then.latency || now.latency > then.latency || now.on != then.on)
            return false;
    }
    return true;
}

/* Latency and rate of a lone transfer, as SimGrid's network model computes them. */
static void route_ask(struct ehr_route *route, struct sight **sight, uint32_t from, uint32_t to)
{
    sg_host_t a = platform.hosts[from], b = platform.hosts[to];
    struct way way = way_ask(a, b);
    double own = sg_host_get_route_latency(a, b), latency = own + lateness(&way);
    *route = (struct ehr_route){.latency_ns = latency_ns_of(latency),
                                .late_ns = latency_ns_of(latency - own)};
    if (way.count > 0) {
        route->bytes_per_s = bandwidth(narrowest(&way, latency));
        route->first_bytes_per_s = bandwidth(sg_link_get_bandwidth(way.links[0]));
        route->last_bytes_per_s = bandwidth(sg_link_get_bandwidth(way.links[way.count - 1]));
    }
    if (ehr_platform_changes()) {
        free(*sight);
        *sight = sight_make(&way, route);
    }
    way_close(&way);
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
    if ((*page)->known[k] && (*page)->sight[k] != NULL && !sight_holds((*page)->sight[k])) {
        (*page)->known[k] = false;
        platform.version++;
    }
    if (!(*page)->known[k]) {
        route_ask(&(*page)->route[k], &(*page)->sight[k], from, to);
        (*page)->known[k] = true;
    }
    return &(*page)->route[k];
}

uint64_t ehr_routes_version(void)
{
    return platform.version;
}

double ehr_route_simgrid_latency(uint32_t from, uint32_t to)
{
    platform_ask();
    return sg_host_get_route_latency(platform.hosts[from], platform.hosts[to]) *
           platform.factors.latency;
}

void ehr_routes_forget(void)
{
    platform_ask();
    for (uint32_t from = 0; from < platform.count; from++)
        for (uint32_t i = 0; platform.rows[from] != NULL && i <= platform.count / PAGE_ROUTES; i++)
            if (platform.rows[from][i] != NULL)
                memset(platform.rows[from][i]->known, 0, sizeof platform.rows[from][i]->known);
}

void ehr_platform_route(uint32_t from, uint32_t to, uint64_t *latency_ns, uint64_t *bytes_per_s)
{
    const struct ehr_route *route = ehr_route_of(from, to);
    *latency_ns = route->latency_ns;
    *bytes_per_s = route->bytes_per_s;
}
