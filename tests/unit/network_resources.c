/* The kernel with SimGrid's energy and load plugins: joules and bytes are those that a calculation
 * by hand gives. */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/resources.h"
#include "tests/unit/network_world.h"

static void wants_all(struct ehr_kernel_config *config)
{
    config->resources = EHR_RESOURCES_ALL;
}

static void wants_energy_of_hosts(struct ehr_kernel_config *config)
{
    config->resources = EHR_RESOURCES_HOST_ENERGY;
}

static void wants_energy_of_links(struct ehr_kernel_config *config)
{
    config->resources = EHR_RESOURCES_LINK_ENERGY;
}

static void wants_loads(struct ehr_kernel_config *config)
{
    config->resources = EHR_RESOURCES_HOST_LOAD | EHR_RESOURCES_LINK_LOAD;
}

/* What has no value is written as -1. */
static double value(double x)
{
    return isnan(x) ? -1 : x;
}

static void hosts_say(void *context)
{
    (void)context;
    struct ehr_resources *resources = ehr_resources_read();
    for (uint32_t i = 0; i < resources->host_count; i++) {
        const struct ehr_resources_host *host = &resources->hosts[i];
        say(0, i, "%s %.7g s: %.7g J, %.7g J idle, %.7g core s, load %.7g, %.7g flop", host->name,
            resources->window_s, value(host->energy_J), value(host->idle_J),
            value(host->busy_core_s), value(host->load), value(host->flops));
    }
    ehr_resources_free(resources);
}

static void links_say(void *context)
{
    (void)context;
    struct ehr_resources *resources = ehr_resources_read();
    for (uint32_t i = 0; i < resources->link_count; i++) {
        const struct ehr_resources_link *link = &resources->links[i];
        say(0, i, "%s %.6g s: %.6g J, %.6g J idle, %.6g B, load %.6g", link->name,
            resources->window_s, value(link->energy_J), value(link->idle_J), value(link->bytes),
            value(link->load));
    }
    ehr_resources_free(resources);
}

/* ---- hosts ---- */

#define HOST(id, more, watts)                                                                      \
    "<host id='" id "' speed='1Gf'" more "><prop id='wattage_per_state' value='" watts "'/></"     \
    "host>"
#define LINK(id, latency, policy, watts)                                                           \
    "<link id='" id "' bandwidth='1MBps' latency='" latency "' sharing_policy='" policy "'>"       \
    "<prop id='wattage_range' value='" watts "'/></link>"
#define ROUTE(x, y, links) "<route src='" x "' dst='" y "'>" links "</route>"
#define ZONE(content)      "<zone id='z' routing='Full'>" content "</zone>"
#define HOSTS(b)                                                                                   \
    ZONE(HOST("a", "", "100.0:120.0:200.0") b LINK("l", "10ms", "SHARED", "10.0:30.0")             \
             ROUTE("a", "b", "<link_ctn id='l'/>"))

/* Node 0 computes 1.5 s on one core, node 1 six jobs of 1 ms, four at a time; a timer ends the run
 * at 5.5 s. */
static void start_computing(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0) {
        ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1500, 0);
        ehr_fx_timer(fx, 1, 0, 4000000000);
    } else {
        ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, 6, 0);
    }
}

static void timer_nothing(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                          uint64_t generation)
{
    (void)node, (void)fx, (void)lane, (void)id, (void)generation;
}

#define COMPUTED                                                                                   \
    "0 0 a 5.5 s: 700 J, 550 J idle, 1.5 core s, load 0.2727273, 1.5e+09 flop\n"                   \
    "0 1 b 5.5 s: 275.06 J, 275 J idle, 0.006 core s, load 0.0002727273, 6000000 flop\n"

/* a: 100 W x 5.5 s + (200 - 100) W x 1.5 s. b: 50 W x 5.5 s + (90 - 50) W / 4 cores x 6 ms. */
static void joules_of_hosts_are_power_times_time(void)
{
    static const struct plot plot = {.platform = HOSTS(HOST("b", " core='4'", "50:90")),
                                     .build = build_pair,
                                     .start = start_computing,
                                     .timer = timer_nothing,
                                     .config = wants_all};
    world_over = hosts_say;
    expect(&plot, EHR_FIDELITY_FLOW, COMPUTED);
}

/* The third of three figures is for all cores; above idle, the second counts as soon as one works:
 * 50 W x 5.5 s + (60 - 50) W x 2 ms + (90 - 60) W / 4 cores x 6 ms. */
static void a_host_that_is_not_idle_draws_its_least(void)
{
    static const struct plot plot = {.platform = HOSTS(HOST("b", " core='4'", "50:60:90")),
                                     .build = build_pair,
                                     .start = start_computing,
                                     .timer = timer_nothing,
                                     .config = wants_energy_of_hosts};
    world_over = hosts_say;
    expect(&plot, EHR_FIDELITY_FLOW,
           "0 0 a 5.5 s: 700 J, 550 J idle, -1 core s, load -1, -1 flop\n"
           "0 1 b 5.5 s: 275.065 J, 275 J idle, -1 core s, load -1, -1 flop\n");
}

/* The load of hosts needs no watts; the job of a node that crashes half-way is done all the same.
 */
static void build_crash(void)
{
    build_pair();
    ehr_kernel_crash_node(world.kernel, 0, 700000000, 1000000000);
}

static void start_once(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (ehr_fx_now(fx) == 0)
        start_computing(node, fx, NULL);
}

static void work_of_a_crashed_node_counts(void)
{
    static const struct plot plot = {
        .platform = ZONE("<host id='a' speed='1Gf'/><host id='b' speed='1Gf' core='4'/>" LINK(
            "l", "10ms", "SHARED", "10:30") ROUTE("a", "b", "<link_ctn id='l'/>")),
        .build = build_crash,
        .start = start_once,
        .timer = timer_nothing,
        .config = wants_loads};
    world_over = hosts_say;
    expect(&plot, EHR_FIDELITY_FLOW,
           "0 0 a 1.5 s: -1 J, -1 J idle, 1.5 core s, load 1, 1.5e+09 flop\n"
           "0 1 b 1.5 s: -1 J, -1 J idle, 0.006 core s, load 0.001, 6000000 flop\n");
}

/* ---- links ---- */

/* Two messages of 100 kB leave together and share 1 MB/s: 200 ms after 10 ms of latency. */
static void start_two(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    for (uint64_t i = 0; node == 0 && i < 2; i++)
        ehr_fx_send(fx, (struct ehr_address){1, 0}, parcel(i, 100000));
}

/* 10 W x 210 ms + (30 - 10) W x 200 ms: what is in its latency needs no power. */
static void latency_draws_no_power(void)
{
    static const struct plot plot = {.platform = HOSTS(HOST("b", "", "50:60:90")),
                                     .build = build_pair,
                                     .start = start_two,
                                     .config = wants_all};
    world_over = links_say;
    char *text = run(&plot, EHR_FIDELITY_FLOW);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "0 0 l 0.21 s: 6.1 J, 2.1 J idle, 200000 B, load 0.952381\n"));
    free(text);
}

/* a sends 100 kB to c, then b does, 50 ms later: they share c's link, and a's own gets slower
 * without a message of its own beginning or ending. */
#define STAR                                                                                       \
    ZONE(HOST("a", "", "1:2") HOST("b", "", "1:2") HOST("c", "", "1:2")                            \
             LINK("la", "10ms", "SHARED", "10:30") LINK("lb", "10ms", "SHARED", "10:30")           \
                 LINK("lc", "10ms", "SHARED", "0:100")                                             \
                     ROUTE("a", "c", "<link_ctn id='la'/><link_ctn id='lc'/>")                     \
                         ROUTE("b", "c", "<link_ctn id='lb'/><link_ctn id='lc'/>")                 \
                             ROUTE("a", "b", "<link_ctn id='la'/><link_ctn id='lb'/>"))

static void build_star(void)
{
    for (uint32_t i = 0; i < 3; i++)
        node_add(i, EHR_NODE_REPLICA, 0);
}

static void start_star(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        ehr_fx_send(fx, (struct ehr_address){2, 0}, parcel(0, 100000));
    if (node == 1)
        ehr_fx_timer(fx, 1, 0, 50000000);
}

static void timer_send(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                       uint64_t generation)
{
    (void)node, (void)lane, (void)id, (void)generation;
    ehr_fx_send(fx, (struct ehr_address){2, 0}, parcel(1, 100000));
}

/* a's: from 20 ms, 50 kB by 70 ms, the rest at half the rate until 170 ms. b's: from 70 ms, 50 kB
 * by 170 ms, the rest by 220 ms. */
static void bytes_are_right_where_others_slow_a_link_down(void)
{
    static const struct plot plot = {.platform = STAR,
                                     .build = build_star,
                                     .start = start_star,
                                     .timer = timer_send,
                                     .config = wants_all};
    world_over = links_say;
    expect(&plot, EHR_FIDELITY_FLOW,
           "170000000 2 got 0\n220000000 2 got 1\n"
           "0 0 la 0.22 s: 4.2 J, 2.2 J idle, 100000 B, load 0.454545\n"
           "0 1 lb 0.22 s: 4.2 J, 2.2 J idle, 100000 B, load 0.454545\n"
           "0 2 lc 0.22 s: 20 J, 0 J idle, 200000 B, load 0.909091\n");
}

/* What a run does is the same with and without plugins. */
static void plugins_change_nothing(void)
{
    world_over = NULL;
    static const struct plot with = {.platform = STAR,
                                     .build = build_star,
                                     .start = start_star,
                                     .timer = timer_send,
                                     .config = wants_all};
    static const struct plot without = {
        .platform = STAR, .build = build_star, .start = start_star, .timer = timer_send};
    char *a = run(&with, EHR_FIDELITY_FLOW), *b = run(&without, EHR_FIDELITY_FLOW);
    CU_ASSERT_STRING_EQUAL(a, b);
    free(a);
    free(b);
}

/* In a program that runs SimGrid itself. What links draw idle is not known there: that is measured
 * where a platform is tried. */
static void joules_are_the_same_inside_a_program(void)
{
    static const struct plot computing = {.platform = HOSTS(HOST("b", " core='4'", "50:90")),
                                          .build = build_pair,
                                          .start = start_computing,
                                          .timer = timer_nothing,
                                          .config = wants_all};
    static const struct plot star = {.platform = STAR,
                                     .build = build_star,
                                     .start = start_star,
                                     .timer = timer_send,
                                     .config = wants_all};
    world_inside = true;
    world_over = hosts_say;
    expect(&computing, EHR_FIDELITY_FLOW, COMPUTED);
    world_over = links_say;
    expect(&star, EHR_FIDELITY_FLOW,
           "170000000 2 got 0\n220000000 2 got 1\n"
           "0 0 la 0.22 s: 4.2 J, -1 J idle, 100000 B, load 0.454545\n"
           "0 1 lb 0.22 s: 4.2 J, -1 J idle, 100000 B, load 0.454545\n"
           "0 2 lc 0.22 s: 20 J, -1 J idle, 200000 B, load 0.909091\n");
    world_inside = false;
}

/* ---- platforms that do not say what they draw ---- */

static void expect_refused(const char *platform, bool links, const char *part)
{
    world_over = NULL;
    const struct plot plot = {.platform = platform,
                              .build = build_pair,
                              .config = links ? wants_energy_of_links : wants_energy_of_hosts};
    char *text = run(&plot, EHR_FIDELITY_FLOW);
    if (strstr(text, part) == NULL)
        printf("\n    wanted %s, got %s\n", part, text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, part));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "/tmp/ehr-platform-")); /* the file */
    CU_ASSERT_PTR_NULL(strstr(text, "child ended"));
    free(text);
}

static void platforms_without_power_are_refused(void)
{
#define WANTED "IDLE:ALL or IDLE:EPSILON:ALL in watts, for each of its speeds (1)"
    expect_refused(HOSTS("<host id='b' speed='1Gf'/>"), false,
                   ": host b: prop wattage_per_state: missing: " WANTED);
    expect_refused(HOSTS(HOST("b", "", "lots")), false,
                   ": host b: prop wattage_per_state: lots: " WANTED);
    expect_refused(HOSTS(HOST("b", "", "1")), false, ": 1: " WANTED);
    expect_refused(HOSTS(HOST("b", "", "1:2:3:4")), false, ": 1:2:3:4: " WANTED);
    expect_refused(HOSTS(HOST("b", "", "1:2,3:4")), false, ": 1:2,3:4: " WANTED);
    expect_refused(HOSTS(HOST("b", "", "1:-2")), false, ": 1:-2: " WANTED);
    expect_refused(HOSTS(HOST("b", "", "1:2W")), false, ": 1:2W: " WANTED);
    expect_refused(HOSTS("<host id='b' speed='1Gf'><prop id='wattage_per_state' value='1:2'/>"
                         "<prop id='wattage_off' value='none'/></host>"),
                   false, ": host b: prop wattage_off: none: watts");
    expect_refused(ZONE(HOST("a", "", "1:2") HOST("b", "", "1:2") LINK("l", "1ms", "SHARED", "10")
                            ROUTE("a", "b", "<link_ctn id='l'/>")),
                   true, "for link l");
    expect_refused(ZONE(HOST("a", "", "1:2") HOST("b", "", "1:2") LINK("l", "1ms", "SHARED", "x:y")
                            ROUTE("a", "b", "<link_ctn id='l'/>")),
                   true, "link l");
    expect_refused(PAIR, true, ": no link draws any: prop wattage_range: IDLE:BUSY in watts");
}

/* b computes from 0 to 1 s and, by a timer, from 1.5 s on, and is off from 2 to 5 s. A message
 * comes before, one is lost, one comes after. */
static void wants_what_bears_it(struct ehr_kernel_config *config)
{
    config->resources =
        EHR_RESOURCES_HOST_ENERGY | EHR_RESOURCES_LINK_ENERGY | EHR_RESOURCES_LINK_LOAD;
}

static void start_off_and_on(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (ehr_fx_now(fx) > 0)
        return;
    for (uint32_t i = 0; node == 0 && i < 4; i++)
        ehr_fx_timer(fx, i, 0, (uint64_t[]){100000000, 3000000000, 6000000000, 10000000000}[i]);
    if (node == 1) {
        ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1000, 0);
        ehr_fx_timer(fx, 9, 0, 500000000);
    }
}

static void timer_off_and_on(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                             uint64_t generation)
{
    (void)lane, (void)generation;
    if (node == 1)
        ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 2000, 0);
    else if (id < 3)
        ehr_fx_send(fx, (struct ehr_address){1, 0}, parcel(id, 100000));
}

/* 50 W x 7 s + (90 - 50) W x (1 s + 0.5 s) + 7 W x 3 s; the link 10 W x 10 s + 20 W x 0.2 s. */
static void a_host_that_is_off_draws_what_it_says(void)
{
    static const struct plot plot = {
        .platform = ZONE(HOST(
            "a", "", "1:2") "<host id='b' speed='1Gf'><prop id='wattage_per_state' "
                            "value='50:90'/><prop id='wattage_off' value='7'/></host>" LINK(
                                "l", "10ms", "SHARED", "10:30")
                                ROUTE("a", "b",
                                      "<link_ctn id='l'/>")) "<trace id='t' periodicity='-1'>\n"
                                                             "2 0\n5 1\n</trace>"
                                                             "<trace_connect trace='t' "
                                                             "element='b' kind='HOST_AVAIL'/>",
        .build = build_pair,
        .start = start_off_and_on,
        .timer = timer_off_and_on,
        .config = wants_what_bears_it};
    world_over = hosts_say;
    expect(&plot, EHR_FIDELITY_FLOW,
           "1000000000 1 got 0\n6110000000 1 got 2\n"
           "0 0 a 10 s: 10 J, 10 J idle, -1 core s, load -1, -1 flop\n"
           "0 1 b 10 s: 431 J, 500 J idle, -1 core s, load -1, -1 flop\n");
    world_over = links_say;
    expect(&plot, EHR_FIDELITY_FLOW,
           "1000000000 1 got 0\n6110000000 1 got 2\n"
           "0 0 l 10 s: 104 J, 100 J idle, 200000 B, load 0.02\n");
}

/* Their energy is right; the plugin of their load would read what is freed. */
#define GOES_OFF(what)                                                                             \
    "<zone id='z' routing='Full'>\n<host id='a' speed='1Gf' " what                                 \
    "/>\n<host id='b' speed='1Gf'/>\n<link id='l' bandwidth='1MBps' latency='1ms'/>"               \
    "<route src='a' dst='b'><link_ctn id='l'/></route></zone>"

static void the_load_of_hosts_that_go_off_is_refused(void)
{
    static const struct plot plot = {
        .platform = GOES_OFF("state_file='a.trace'"), .build = build_pair, .config = wants_loads};
    char *text = run(&plot, EHR_FIDELITY_FLOW);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ":4: a host that goes off: with the load of hosts"));
    free(text);
}

static void links_that_draw_power_at_work_alone_are_accepted(void)
{
    static const struct plot plot = {
        .platform = ZONE(HOST("a", "", "1:2") HOST("b", "", "1:2") LINK(
            "l", "10ms", "SHARED", "0:20") ROUTE("a", "b", "<link_ctn id='l'/>")),
        .build = build_pair,
        .start = start_two,
        .config = wants_energy_of_links};
    world_over = links_say;
    char *text = run(&plot, EHR_FIDELITY_FLOW);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "0 0 l 0.21 s: 4 J, 0 J idle, -1 B, load -1\n"));
    free(text);
}

static const struct ehr_unit_case cases[] = {
    {"joules_of_hosts_are_power_times_time", joules_of_hosts_are_power_times_time},
    {"a_host_that_is_not_idle_draws_its_least", a_host_that_is_not_idle_draws_its_least},
    {"work_of_a_crashed_node_counts", work_of_a_crashed_node_counts},
    {"latency_draws_no_power", latency_draws_no_power},
    {"bytes_are_right_where_others_slow_a_link_down",
     bytes_are_right_where_others_slow_a_link_down},
    {"plugins_change_nothing", plugins_change_nothing},
    {"joules_are_the_same_inside_a_program", joules_are_the_same_inside_a_program},
    {"platforms_without_power_are_refused", platforms_without_power_are_refused},
    {"a_host_that_is_off_draws_what_it_says", a_host_that_is_off_draws_what_it_says},
    {"the_load_of_hosts_that_go_off_is_refused", the_load_of_hosts_that_go_off_is_refused},
    {"links_that_draw_power_at_work_alone_are_accepted",
     links_that_draw_power_at_work_alone_are_accepted},
};

EHR_UNIT_MAIN("resources of the kernel", cases)
