/* Golden platforms in SimGrid: its latencies and bandwidths between hosts are those by hand. */
#include "tests/unit/unit.h"

#include <simgrid/engine.h>
#include <simgrid/host.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct figures {
    double latency_s, bytes_per_s;
};

static void child_run(const char *path, const char *from, const char *to, int out)
{
    char program[] = "test", *words[] = {program, NULL};
    int count = 1;
    simgrid_init(&count, words);
    simgrid_load_platform(path);
    simgrid_run_until(0); /* Floyd finds its routes now */
    sg_host_t a = sg_host_by_name(from), b = sg_host_by_name(to);
    struct figures figures = {sg_host_get_route_latency(a, b), sg_host_get_route_bandwidth(a, b)};
    _exit(write(out, &figures, sizeof figures) == (ssize_t)sizeof figures ? 0 : 1);
}

/* One process for each: SimGrid has one platform. */
static bool route_is(const char *name, const char *from, const char *to, double latency_us,
                     double bits_per_s)
{
    char path[512];
    int ends[2], status = 0;
    struct figures found = {0, 0};
    snprintf(path, sizeof path, "%s/tests/golden/platforms/%s.xml", EHR_SOURCE_DIR, name);
    fflush(NULL);
    if (pipe(ends) != 0)
        abort();
    pid_t child = fork();
    if (child == 0)
        child_run(path, from, to, ends[1]);
    close(ends[1]);
    bool whole = read(ends[0], &found, sizeof found) == (ssize_t)sizeof found;
    close(ends[0]);
    waitpid(child, &status, 0);
    bool equal = whole && status == 0 && fabs(1e6 * found.latency_s - latency_us) < 1e-3 &&
                 fabs(8 * found.bytes_per_s - bits_per_s) < 1;
    if (!equal)
        fprintf(stderr, "%s: %s to %s: %.3f us, %.0f bit/s\n", name, from, to,
                1e6 * found.latency_s, 8 * found.bytes_per_s);
    return equal;
}

/* towns.graphml: west, middle, east at 0, 2 and 4 degrees of the equator, east-b 0.1 degrees north
 * of east. 2 degrees are 222.390 km: x 1.5 / 199.8616 km/ms = 1669 us; 0.1 degrees 83 us. By way of
 * `between` it is as far and as many links, and the link named first wins. A port takes 50 us. */
static void imported_routes_are_the_shortest(void)
{
    CU_ASSERT_TRUE(route_is("import", "west", "middle", 50 + 1669 + 50, 2e6));
    CU_ASSERT_TRUE(route_is("import", "west", "east-b", 50 + 2 * 1669 + 83 + 50, 2e6));
    CU_ASSERT_TRUE(route_is("import", "east-b", "west", 50 + 2 * 1669 + 83 + 50, 2e6));
    CU_ASSERT_TRUE(route_is("import", "between", "east", 50 + 1669 + 50, 1e9)); /* the ports */
}

/* --route-factor 1: 1113 and 56 us; links of `between` 3 ms. */
static void floyd_counts_links(void)
{
    CU_ASSERT_TRUE(route_is("import-hops", "west-1", "west-2", 100, 1e9));
    CU_ASSERT_TRUE(route_is("import-hops", "west-1", "between-2", 50 + 3000 + 50, 1e9));
    CU_ASSERT_TRUE(route_is("import-hops", "east-b-2", "middle-1", 50 + 56 + 1113 + 50, 1e9));
}

/* regions.csv: half of the mean of 10 and 12 ms; with --directions own half of each. */
static void regions_are_half_a_round_trip_apart(void)
{
    CU_ASSERT_TRUE(route_is("regions", "north", "south", 5500, 1e9));
    CU_ASSERT_TRUE(route_is("regions", "sea", "north", 50000, 1e9));
    CU_ASSERT_TRUE(route_is("regions", "south", "sea", 40250, 1e9));
    CU_ASSERT_TRUE(route_is("regions-own", "north-1", "south-2", 5000, 1e9));
    CU_ASSERT_TRUE(route_is("regions-own", "south-2", "north-1", 6000, 1e9));
    CU_ASSERT_TRUE(route_is("regions-own", "north-1", "north-2", 200, 1e9));
}

static void hospitals_are_joined_by_their_access_links(void)
{
    CU_ASSERT_TRUE(route_is("generate", "hospital-1-server", "hospital-1-node-3", 100, 1e9));
    CU_ASSERT_TRUE(
        route_is("generate", "hospital-1-server", "alliance-2", 50 + 500 + 500 + 50, 100e6));
    CU_ASSERT_TRUE(
        route_is("generate", "hospital-2-home-2", "hospital-1-desk-1", 5000 + 500 + 50, 50e6));
    CU_ASSERT_TRUE(route_is("generate", "institute", "hospital-1-home-1", 500 + 5000, 50e6));
    CU_ASSERT_TRUE(route_is("generate-map", "west-server", "east-b-server",
                            50 + 500 + 2 * 1669 + 83 + 500 + 50, 2e6));
    CU_ASSERT_TRUE(
        route_is("generate-platform", "a-server", "b-home", 50 + 500 + 49850 + 5000, 50e6));
}

static const struct ehr_unit_case cases[] = {
    {"imported_routes_are_the_shortest", imported_routes_are_the_shortest},
    {"floyd_counts_links", floyd_counts_links},
    {"regions_are_half_a_round_trip_apart", regions_are_half_a_round_trip_apart},
    {"hospitals_are_joined_by_their_access_links", hospitals_are_joined_by_their_access_links},
};

EHR_UNIT_MAIN("platform_routes", cases)
