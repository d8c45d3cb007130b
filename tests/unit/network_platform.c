/* The kernel: platform files, good and bad, and the routes in them. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/network_world.h"

static const char head[] = "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
                           "\"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">\n";

static void build_ends(void)
{
    node_add(0, EHR_NODE_REPLICA, 0);
    node_add(1, EHR_NODE_REPLICA, 0);
}

/* ---- platform files ---- */

static void expect_load(const char *body, const char *part)
{
    char *text = body != NULL ? malloc(sizeof head + strlen(body)) : NULL;
    if (body != NULL)
        sprintf(text, "%s%s", head, body);
    char *result = load(text);
    if (strstr(result, part) == NULL)
        printf("\n    wanted %s, got %s\n", part, result);
    CU_ASSERT_PTR_NOT_NULL(strstr(result, part));
    CU_ASSERT_PTR_NULL(strstr(result, "stderr"));
    CU_ASSERT_PTR_NULL(strstr(result, "child ended"));
    free(result);
    free(text);
}

static void gives_an_error_when_a_platform_is_bad(void)
{
    expect_load("<zone id='z' routing='Full'>\n<host id='a' speed='1Gf'/></zone></platform>\n",
                "loaded");
    expect_load(NULL, "/tmp/ehr-no-such-platform/x.xml: No such file");
    expect_load("<zone id='z' routing='Full'>\n<host id='a' speed='1Gf'/>\n", ":6: ");
    expect_load("<zone id='z' routing='Full'>\n<host id='a' speed='1Gparsec'/></zone></platform>",
                ":5: unknown unit: Gparsec");
    expect_load("<zone id='z' routing='Full'>\n<host id='a' speed='1Gf'/>\n"
                "<link id='l' bandwidth='1GBps' latency='1ms'/>\n"
                "<route src='a' dst='nobody'><link_ctn id='l'/></route></zone></platform>",
                ":7: Route dst='nobody'");
    expect_load("<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"
                "</zone></platform>",
                "no usable route from a to b");
    expect_load("<zone id='z' routing='Full'></zone></platform>", "no host");
}

/* ---- routes ---- */

static void build_floyd(void)
{
    uint64_t latency_ns = 0, bytes_per_s = 0;
    build_ends();
    ehr_platform_route(0, 2, &latency_ns, &bytes_per_s);
    say(latency_ns, (uint32_t)bytes_per_s, "%u %s %u", ehr_platform_host_count(),
        ehr_platform_host_name(2), ehr_platform_host_cores(2));
}

/* a - b - c: 1 ms + 2 ms, the narrower of 1 GB/s and 250 MB/s; asked before the run */
static void knows_routes_when_the_zone_computes_them(void)
{
#define FLOYD(kind)                                                                                \
    "<zone id='z' routing='" kind "'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"         \
    "<host id='c' speed='1Gf' core='3'/><link id='l' bandwidth='1GBps' latency='1ms'/>"            \
    "<link id='m' bandwidth='250MBps' latency='2ms'/>"                                             \
    "<route src='a' dst='b'><link_ctn id='l'/></route>"                                            \
    "<route src='b' dst='c'><link_ctn id='m'/></route></zone>"
    static const struct plot floyd = {FLOYD("Floyd"), build_floyd, NULL, NULL, NULL, NULL, NULL};
    static const struct plot dijkstra = {
        FLOYD("Dijkstra"), build_floyd, NULL, NULL, NULL, NULL, NULL};
    char *a = run(&floyd, EHR_FIDELITY_DELAY), *b = run(&dijkstra, EHR_FIDELITY_FLOW);
    CU_ASSERT_STRING_EQUAL(a, "3000000 250000000 3 c 3\n");
    CU_ASSERT_STRING_EQUAL(b, "3000000 250000000 3 c 3\n");
    free(a);
    free(b);
}

static const struct ehr_unit_case cases[] = {
    {"gives_an_error_when_a_platform_is_bad", gives_an_error_when_a_platform_is_bad},
    {"knows_routes_when_the_zone_computes_them", knows_routes_when_the_zone_computes_them},
};
EHR_UNIT_MAIN("network platforms", cases)
