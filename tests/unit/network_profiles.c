/* Speeds, bandwidths, latencies and states that a platform's profiles change, and traffic that is
 * not the kernel's: times calculated by hand, in every fidelity. */
#include "tests/unit/network_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>

#include "tests/unit/unit.h"

#define PROFILE(kind, element, text)                                                               \
    "<trace id='t' periodicity='-1'>\n" text                                                       \
    "\n</trace><trace_connect trace='t' element='" element "' kind='" kind "'/>"

/* ---- speed ---- */

static void start_jobs(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 1)
        return;
    ehr_fx_timer(fx, 0, 1, 0);
    ehr_fx_timer(fx, 0, 2, 6000000);
    ehr_fx_timer(fx, 0, 3, 10500000);
}

static void timer_job(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                      uint64_t generation)
{
    (void)node, (void)lane, (void)id;
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    mark(fx, generation);
}

/* 1 ms at full speed; from 5 ms on half of it: 2 ms. The third begins 0.5 ms before the speed is
 * full again: SimGrid lets it do a quarter of its work until then; where its time is calculated
 * when it begins it keeps that. */
static void computes_as_fast_as_the_host_is_now(void)
{
    static const struct plot plot = {PAIR PROFILE("SPEED", "b", "0.005 0.5\n0.011 1.0"),
                                     build_pair,
                                     start_jobs,
                                     NULL,
                                     timer_job,
                                     NULL,
                                     NULL};
    expect(&plot, EHR_FIDELITY_FLOW, "1000000 1 mark 1\n8000000 1 mark 2\n11750000 1 mark 3\n");
    expect(&plot, EHR_FIDELITY_QUEUE, "1000000 1 mark 1\n8000000 1 mark 2\n12500000 1 mark 3\n");
    expect(&plot, EHR_FIDELITY_DELAY, "1000000 1 mark 1\n8000000 1 mark 2\n12500000 1 mark 3\n");
}

/* ---- links ---- */

static const uint64_t parcels_ns[] = {0, 4500000, 9000000};

static void start_parcels(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    for (uint64_t i = 0; node == 0 && i < 3; i++)
        ehr_fx_timer(fx, 0, i, parcels_ns[i]);
}

static void timer_parcel(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                         uint64_t generation)
{
    (void)node, (void)lane, (void)id;
    ehr_fx_send(fx, (struct ehr_address){1, 0}, parcel(generation, 1000000));
}

/* PAIR and MESH, with a profile of one link. */
#define PAIR_LINK(kind)                                                                            \
    "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"             \
    "<link id='l' bandwidth='1GBps' latency='1ms' sharing_policy='SPLITDUPLEX' " kind              \
    "_file='" WORLD_PROFILE "'/>"                                                                  \
    "<route src='a' dst='b'><link_ctn id='l' direction='UP'/></route></zone>"
#define PARCELS(kind, after)                                                                       \
    {                                                                                              \
        PAIR_LINK(kind), build_pair, start_parcels, NULL, timer_parcel, after, NULL                \
    }

/* 1 ms of latency, then 1 ms, or 2 at half the bandwidth. The second is in its latency when that
 * changes: it gets the new one, but in delay. */
static void takes_the_bandwidth_of_now(void)
{
    static const struct plot plot = PARCELS("bandwidth", NULL);
    world_profile = "0.005 500000000\n";
    expect(&plot, EHR_FIDELITY_FLOW, "2000000 1 got 0\n7500000 1 got 1\n12000000 1 got 2\n");
    expect(&plot, EHR_FIDELITY_QUEUE, "2000000 1 got 0\n7500000 1 got 1\n12000000 1 got 2\n");
    expect(&plot, EHR_FIDELITY_DELAY, "2000000 1 got 0\n6500000 1 got 1\n12000000 1 got 2\n");
}

/* The second has 0.5 ms of its latency behind it when that becomes 3 ms. With network/optim:Lazy
 * SimGrid 3.32 would let it wait for ever; with Full, which is chosen where a profile has
 * latencies, it begins its transfer at once. */
static void takes_the_latency_of_now(void)
{
    static const struct plot plot = PARCELS("latency", NULL);
    world_profile = "0.005 0.003\n";
    char *text = run(&plot, EHR_FIDELITY_FLOW);
    const char *second = strstr(text, "2000000 1 got 0\n"), *third = NULL;
    uint64_t ns = second != NULL ? strtoull(second + 16, NULL, 10) : 0;
    CU_ASSERT(ns >= 6000000 && ns <= 8500000);
    third = strstr(text, " 1 got 1\n13000000 1 got 2\n");
    CU_ASSERT_PTR_NOT_NULL(third);
    free(text);
    expect(&plot, EHR_FIDELITY_QUEUE, "2000000 1 got 0\n6500000 1 got 1\n13000000 1 got 2\n");
    expect(&plot, EHR_FIDELITY_DELAY, "2000000 1 got 0\n6500000 1 got 1\n13000000 1 got 2\n");
}

static void after_parcels(void)
{
    const struct ehr_kernel_counters *c = ehr_kernel_counters(world.kernel, 1);
    say(0, 9, "%" PRIu64 " came, %" PRIu64 " lost", c->messages_in, c->dropped);
}

/* Off from 5 ms to 9.5: the second is on its way, the third leaves meanwhile. */
static void loses_what_needs_a_link_that_is_off(void)
{
    static const struct plot plot = {
        "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"
        "<link id='l' bandwidth='1GBps' latency='1ms' state_file='" WORLD_PROFILE "'/>"
        "<route src='a' dst='b'><link_ctn id='l'/></route></zone>",
        build_pair,
        start_parcels,
        NULL,
        timer_parcel,
        after_parcels,
        NULL};
    world_profile = "0.005 0\n0.0095 1\n";
    expect_everywhere(&plot, "2000000 1 got 0\n0 9 1 came, 2 lost\n");
}

static void build_three(void)
{
    node_add(0, EHR_NODE_REPLICA, 0);
    node_add(1, EHR_NODE_REPLICA, 0);
    node_add(2, EHR_NODE_REPLICA, 0);
    group_all();
}

static void timer_cast(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                       uint64_t generation)
{
    (void)node, (void)lane, (void)id;
    ehr_fx_broadcast(fx, world.group, parcel(generation, 1000000));
}

/* What is remembered of a group is made anew: the copy over the slow link comes later. */
static void casts_over_links_as_they_are_now(void)
{
    static const struct plot plot = {
        "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"
        "<host id='c' speed='1Gf'/>"
        "<link id='ab' bandwidth='1GBps' latency='1ms' bandwidth_file='" WORLD_PROFILE "'/>"
        "<link id='ac' bandwidth='1GBps' latency='1ms'/><route src='a' dst='b'><link_ctn id='ab'/>"
        "</route><route src='a' dst='c'><link_ctn id='ac'/></route>"
        "<route src='b' dst='c'><link_ctn id='ac'/></route></zone>",
        build_three,
        start_parcels,
        NULL,
        timer_cast,
        NULL,
        NULL};
    world_profile = "0.005 500000000\n";
    expect(&plot, EHR_FIDELITY_DELAY,
           "2000000 1 got 0\n2000000 2 got 0\n6500000 1 got 1\n6500000 2 got 1\n"
           "11000000 2 got 2\n12000000 1 got 2\n");
}

/* ---- others' traffic ---- */

static void stream_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_host_sendto(sg_host_by_name("a"), sg_host_by_name("b"), 10e6);
    say((uint64_t)(simgrid_get_clock() * 1e9 + 0.5), 99, "stream done");
}

static void program_streams(void)
{
    sg_actor_start_(sg_actor_init("stream", sg_host_by_name("b")), stream_actor, 0, NULL);
}

static void start_one(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        ehr_fx_send(fx, (struct ehr_address){1, 0}, parcel(7, 1000000));
    ehr_fx_timer(fx, 5, 0, 20000000);
}

/* Both have 1 ms of latency; then 1 MB at half of 1 GB/s takes 2 ms, and the 9 MB that are left of
 * the stream have the link for themselves. Alone the message takes 2 ms, as it does in queue and
 * delay, where messages do not meet others' traffic. */
static void shares_the_link_with_a_program_in_flow(void)
{
    static const struct plot plot = {PAIR, build_pair, start_one, NULL, NULL, NULL, NULL};
    world_inside = true;
    world_program = program_streams;
    expect(&plot, EHR_FIDELITY_FLOW,
           "3000000 1 got 7\n12000000 99 stream done\n"
           "20000000 0 timer 5 0\n20000000 1 timer 5 0\n");
    expect(&plot, EHR_FIDELITY_DELAY,
           "2000000 1 got 7\n11000000 99 stream done\n"
           "20000000 0 timer 5 0\n20000000 1 timer 5 0\n");
    world_inside = false;
    world_program = NULL;
}

static void worker_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_actor_execute(3e6);
    say((uint64_t)(simgrid_get_clock() * 1e9 + 0.5), 99, "work done");
}

static void program_works(void)
{
    sg_actor_start_(sg_actor_init("work", sg_host_by_name("b")), worker_actor, 0, NULL);
}

/* The job of 1 ms gets half of the core until it is done, at 2 ms; the program's 3 ms then have 2
 * ms left. */
static void shares_the_core_with_a_program_in_flow(void)
{
    static const struct plot plot = {PAIR, build_pair, start_jobs, NULL, timer_job, NULL, NULL};
    world_inside = true;
    world_program = program_works;
    expect(&plot, EHR_FIDELITY_FLOW,
           "2000000 1 mark 1\n4000000 99 work done\n7000000 1 mark 2\n11500000 1 mark 3\n");
    world_inside = false;
    world_program = NULL;
}

static const struct ehr_unit_case cases[] = {
    {"computes_as_fast_as_the_host_is_now", computes_as_fast_as_the_host_is_now},
    {"takes_the_bandwidth_of_now", takes_the_bandwidth_of_now},
    {"takes_the_latency_of_now", takes_the_latency_of_now},
    {"loses_what_needs_a_link_that_is_off", loses_what_needs_a_link_that_is_off},
    {"casts_over_links_as_they_are_now", casts_over_links_as_they_are_now},
    {"shares_the_link_with_a_program_in_flow", shares_the_link_with_a_program_in_flow},
    {"shares_the_core_with_a_program_in_flow", shares_the_core_with_a_program_in_flow},
};
EHR_UNIT_MAIN("profiles", cases)
