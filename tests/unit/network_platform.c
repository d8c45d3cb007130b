/* The kernel: platform files, good and bad, and the routes in them. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/factors.h"
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
    /* SimGrid 3.32 takes one number; newer ones take this, but queue and delay do not. */
    expect_load("<config><prop id='network/latency-factor' value='0:1;1500:2'/></config>"
                "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"
                "<link id='l' bandwidth='1GBps' latency='10ms'/>"
                "<route src='a' dst='b'><link_ctn id='l'/></route></zone></platform>",
                "/tmp/ehr-platform-");
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

/* ---- the factors of the network model ---- */

/* 10 ms and 1 GB/s; a TCP window of 4194304 B would let through 209715200 B/s. */
#define LONG_WAY                                                                                   \
    "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"             \
    "<link id='l' bandwidth='1GBps' latency='10ms'/>"                                              \
    "<route src='a' dst='b'><link_ctn id='l'/></route></zone>"
#define FACTORS                                                                                    \
    "<config><prop id='network/latency-factor' value='2.5'/>"                                      \
    "<prop id='network/bandwidth-factor' value='0.3125'/></config>"

/* What routes use, then what three transfers say. */
static void build_factors(void)
{
    uint64_t latency_ns = 0, bytes_per_s = 0;
    struct ehr_factors measured = {0, 0, false};
    build_ends();
    ehr_platform_route(0, 1, &latency_ns, &bytes_per_s);
    say(latency_ns, (uint32_t)bytes_per_s, "asked");
    bool could = ehr_factors_measure(&measured);
    say(could, measured.certain, "%.12g %.12g", measured.latency, measured.bandwidth);
}

static void with_lv08(struct ehr_kernel_config *config)
{
    config->lv08 = true;
}

/* 13.01 x 10 ms and 0.97 x 209715200 B/s; with the file's, 2.5 x 10 ms and 0.3125 GB/s. */
static void knows_the_factors_when_the_model_or_the_platform_sets_them(void)
{
    static const struct plot plots[] = {
        {.platform = LONG_WAY, .build = build_factors},
        {.platform = LONG_WAY, .build = build_factors, .config = with_lv08},
        {.platform = FACTORS LONG_WAY, .build = build_factors},
    };
    static const char *const expected[] = {
        "10000000 1000000000 asked\n1 1 1 1\n",
        "130100000 203423744 asked\n1 1 13.01 0.97\n",
        "25000000 312500000 asked\n1 1 2.5 0.3125\n",
    };
    for (size_t i = 0; i < sizeof plots / sizeof plots[0]; i++) {
        char *trace = run(&plots[i], EHR_FIDELITY_DELAY);
        if (strcmp(trace, expected[i]) != 0)
            printf("\n    wanted %s, got %s\n", expected[i], trace);
        CU_ASSERT_STRING_EQUAL(trace, expected[i]);
        free(trace);
    }
}

static const struct ehr_unit_case cases[] = {
    {"gives_an_error_when_a_platform_is_bad", gives_an_error_when_a_platform_is_bad},
    {"knows_routes_when_the_zone_computes_them", knows_routes_when_the_zone_computes_them},
    {"knows_the_factors_when_the_model_or_the_platform_sets_them",
     knows_the_factors_when_the_model_or_the_platform_sets_them},
};
EHR_UNIT_MAIN("network platforms", cases)
