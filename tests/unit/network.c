/* The kernel: what each effect means, with times calculated by hand, in every fidelity. */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/network_world.h"

/* ---- messages ---- */

static void start_send(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 0)
        return;
    ehr_fx_send(fx, (struct ehr_address){1, 0}, parcel(7, 1000000));
    mark(fx, 1);
}

/* 1 ms + 10^6 B / 10^9 B/s = 2 ms */
static void takes_latency_and_transfer_when_sent(void)
{
    static const struct plot plot = {PAIR, build_pair, start_send, NULL, NULL, NULL, NULL};
    expect_everywhere(&plot, "0 0 mark 1\n2000000 1 got 7\n");
}

static void build_same_host(void)
{
    node_add(0, EHR_NODE_ROLE, 0);
    node_add(0, EHR_NODE_REPLICA, 0);
}

static void takes_loopback_when_on_one_host(void)
{
    static const struct plot plot = {PAIR, build_same_host, start_send, NULL, NULL, NULL, NULL};
    expect_everywhere(&plot, "0 0 mark 1\n10000 1 got 7\n");
}

static void start_charge_send(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 0)
        return;
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 2, 0);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, 500);
    mark(fx, 1);
    send(fx, 1, 9);
    ehr_fx_timer(fx, 4, 5, 1000);
}

/* 2 ms + 500 ns, then 1.001 ms; the timer runs from then, too */
static void leaves_after_the_charge_when_sent_behind_it(void)
{
    static const struct plot plot = {PAIR, build_pair, start_charge_send, NULL, NULL, NULL, NULL};
    expect_everywhere(&plot, "2000500 0 mark 1\n2001500 0 timer 4 5\n3001500 1 got 9\n");
}

static void start_broadcast(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 1)
        ehr_fx_broadcast(fx, world.group, note(3));
}

static void departs_k_ns_later_when_broadcast_in_flow(void)
{
    static const struct plot plot = {MESH, build_mesh, start_broadcast, NULL, NULL, NULL, NULL};
    expect(&plot, EHR_FIDELITY_DELAY, "1001000 0 got 3\n1001000 2 got 3\n1001000 3 got 3\n");
    /* nearest first, then those behind the sender: 2, 3, 0 */
    expect(&plot, EHR_FIDELITY_FLOW, "1001000 2 got 3\n1001001 3 got 3\n1001002 0 got 3\n");
    /* the copies leave the card of 1 GB/s one behind the other */
    expect(&plot, EHR_FIDELITY_QUEUE, "1001000 2 got 3\n1002000 3 got 3\n1003000 0 got 3\n");
}

/* ---- cores and disk ---- */

static void timer_sends(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                        uint64_t generation)
{
    (void)node, (void)lane, (void)id, (void)generation;
    send(fx, 3, 4);
}

static void start_pair_of_sends(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 1)
        return;
    send(fx, 0, 1);
    send(fx, 2, 2);
    send(fx, 3, 3);
    ehr_fx_timer(fx, 1, 0, 2000000);
}

/* Different links, but one host: a ns apart, and no longer so when time has passed. */
static void departs_a_ns_later_when_the_host_has_just_sent_in_flow(void)
{
    static const struct plot plot = {MESH, build_mesh, start_pair_of_sends, NULL, timer_sends,
                                     NULL, NULL};
    expect(&plot, EHR_FIDELITY_FLOW,
           "1001000 0 got 1\n1001001 2 got 2\n1001002 3 got 3\n3001000 3 got 4\n");
}

static void build_three_on_one(void)
{
    for (int i = 0; i < 3; i++)
        node_add(0, i == 1 ? EHR_NODE_ROLE : EHR_NODE_REPLICA, 0);
}

static void start_one_job(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)node, (void)saved;
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    mark(fx, node);
}

static void end_one_after_another_when_on_one_core(void)
{
    static const struct plot plot = {PAIR, build_three_on_one, start_one_job, NULL, NULL, NULL,
                                     NULL};
    expect_everywhere(&plot, "1000000 0 mark 0\n2000000 1 mark 1\n3000000 2 mark 2\n");
}

static void build_two_on_four_cores(void)
{
    node_add(3, EHR_NODE_REPLICA, 0);
    node_add(3, EHR_NODE_ROLE, 0);
}

static void start_parallel(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, node == 0 ? 6 : 4, 0);
    mark(fx, node);
    if (node == 1)
        ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, 9, 0);
    mark(fx, 10 + node);
}

/* Jobs of 2 ms (half speed) on 4 cores: 6 of node 0 in [0,2] and [2,4]; the other two cores of the
 * second round and two of the third go to node 1, done at 6; its 9 then take 3 rounds: 12 ms. */
static void takes_rounds_when_parallel(void)
{
    static const struct plot plot = {
        MESH, build_two_on_four_cores, start_parallel, NULL, NULL, NULL, NULL};
    expect_everywhere(&plot, "4000000 0 mark 0\n4000000 0 mark 10\n6000000 1 mark 1\n"
                             "12000000 1 mark 11\n");
}

static void config_storage(struct ehr_kernel_config *config)
{
    config->storage_write_ns = 100000;
    config->storage_bytes_per_s = 1000000000;
}

static void start_persist(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)node, (void)saved;
    ehr_fx_persist(fx, 1000000, 1, NULL);
    mark(fx, node);
}

static void writes_one_after_another_when_on_one_disk(void)
{
    static const struct plot plot = {PAIR, build_three_on_one, start_persist, NULL, NULL,
                                     NULL, config_storage};
    expect_everywhere(&plot, "1100000 0 mark 0\n2200000 1 mark 1\n3300000 2 mark 2\n");
}

/* ---- order of handlers ---- */

static void start_several(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0) {
        for (uint64_t i = 1; i <= 3; i++) {
            send(fx, 1, i);
            ehr_fx_charge(fx, EHR_COST_HASH, 1, 10000);
        }
    } else {
        ehr_fx_timer(fx, 8, 1, 1015000);
    }
}

static void message_busy(uint32_t node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    say(ehr_fx_now(fx), node, "got %" PRIu64, number_of(d));
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
}

/* Arrivals at 1001, 1011, 1021 us, a timer at 1015 us; each message keeps the node for 1 ms, the
 * timer for none. */
static void runs_in_order_of_arrival_when_busy(void)
{
    static const struct plot plot = {PAIR, build_pair, start_several, message_busy,
                                     NULL, NULL,       NULL};
    expect_everywhere(&plot,
                      "1001000 1 got 1\n2001000 1 got 2\n3001000 1 timer 8 1\n3001000 1 got 3\n");
}

static void build_devices(void)
{
    node_add(0, EHR_NODE_DEVICES, 3);
    node_add(0, EHR_NODE_DEVICES, 3);
    node_add(0, EHR_NODE_CONTROL, 0);
}

static void start_devices(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 2)
        return;
    for (uint32_t i = 0; i < 6; i++)
        ehr_fx_post(fx, (struct ehr_address){i / 4, i % 3}, note(i));
}

static void message_device(uint32_t node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    say(ehr_fx_now(fx), node, "lane %u got %" PRIu64, d->lane, number_of(d));
    ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, 2, 0);
    ehr_fx_timer(fx, 1, number_of(d), 0);
}

static void timer_device(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                         uint64_t generation)
{
    (void)id;
    say(ehr_fx_now(fx), node, "lane %u done %" PRIu64, lane, generation);
}

/* Lanes compute side by side, 2 x 1 ms on the one core of each; a lane is the same device at both
 * nodes: 0 and 3 are lane 0 of node 0; 1 and 4 lane 1 of nodes 0 and 1; 2 and 5 lane 2. Timers set
 * at 2 ms wait for the handlers of messages that had come at 0. */
static void computes_alone_when_a_lane(void)
{
    static const struct plot plot = {PAIR,         build_devices, start_devices, message_device,
                                     timer_device, NULL,          NULL};
#define BEGUN                                                                                      \
    "0 0 lane 0 got 0\n0 0 lane 1 got 1\n0 0 lane 2 got 2\n"                                       \
    "2000000 0 lane 0 got 3\n2000000 1 lane 1 got 4\n2000000 1 lane 2 got 5\n"
    static const char in_sequence[] =
        BEGUN "4000000 0 lane 0 done 0\n4000000 0 lane 1 done 1\n4000000 0 lane 2 done 2\n"
              "4000000 0 lane 0 done 3\n4000000 1 lane 1 done 4\n4000000 1 lane 2 done 5\n";
    /* at one instant flow takes node after node */
    static const char by_node[] =
        BEGUN "4000000 0 lane 0 done 0\n4000000 0 lane 0 done 3\n4000000 0 lane 1 done 1\n"
              "4000000 0 lane 2 done 2\n4000000 1 lane 1 done 4\n4000000 1 lane 2 done 5\n";
    expect(&plot, EHR_FIDELITY_FLOW, by_node);
    expect(&plot, EHR_FIDELITY_QUEUE, in_sequence);
    expect(&plot, EHR_FIDELITY_DELAY, in_sequence);
}

/* ---- network cards ---- */

static void build_star(void)
{
    for (uint32_t i = 0; i < 3; i++)
        node_add(i, EHR_NODE_REPLICA, 0);
}

static void start_two_to_one(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node < 2)
        ehr_fx_send(fx, (struct ehr_address){2, 0}, parcel(node, 125000));
}

/* 100 us of latency and 1 ms of transfer each. delay: they do not see each other. queue: the second
 * follows the first through the receiver's card. flow: they share it. */
static void shares_the_receiver_when_two_send(void)
{
    static const struct plot plot = {CLUSTER, build_star, start_two_to_one, NULL, NULL, NULL, NULL};
    expect(&plot, EHR_FIDELITY_DELAY, "1100000 2 got 0\n1100000 2 got 1\n");
    expect(&plot, EHR_FIDELITY_QUEUE, "1100000 2 got 0\n2100000 2 got 1\n");
    expect(&plot, EHR_FIDELITY_FLOW, "2100000 2 got 0\n2100000 2 got 1\n");
}

/* ---- order ---- */

static void start_large_then_small(uint32_t node, struct ehr_fx *fx,
                                   const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 0)
        return;
    ehr_fx_send(fx, (struct ehr_address){1, 0}, parcel(1, 1000000));
    send(fx, 1, 2);
    send(fx, 1, 3);
}

/* Alone the large one takes 2 ms, a small one 1 ms: it waits. In flow all share the link, in queue
 * the small ones are behind the large one anyway. */
static void arrive_as_sent_when_small_ones_follow_a_large_one(void)
{
    static const struct plot plot = {PAIR, build_pair, start_large_then_small, NULL, NULL,
                                     NULL, NULL};
    expect(&plot, EHR_FIDELITY_DELAY, "2000000 1 got 1\n2000000 1 got 2\n2000000 1 got 3\n");
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_QUEUE; f++) {
        char *text = run(&plot, (enum ehr_fidelity)f);
        const char *first = strstr(text, "got 1"), *second = strstr(text, "got 2"),
                   *third = strstr(text, "got 3");
        CU_ASSERT(first != NULL && second != NULL && third != NULL);
        CU_ASSERT(first < second && second < third);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "200")); /* not before 2.00 ms */
        free(text);
    }
}

static const struct ehr_unit_case cases[] = {
    {"takes_latency_and_transfer_when_sent", takes_latency_and_transfer_when_sent},
    {"takes_loopback_when_on_one_host", takes_loopback_when_on_one_host},
    {"leaves_after_the_charge_when_sent_behind_it", leaves_after_the_charge_when_sent_behind_it},
    {"departs_k_ns_later_when_broadcast_in_flow", departs_k_ns_later_when_broadcast_in_flow},
    {"departs_a_ns_later_when_the_host_has_just_sent_in_flow",
     departs_a_ns_later_when_the_host_has_just_sent_in_flow},
    {"end_one_after_another_when_on_one_core", end_one_after_another_when_on_one_core},
    {"takes_rounds_when_parallel", takes_rounds_when_parallel},
    {"writes_one_after_another_when_on_one_disk", writes_one_after_another_when_on_one_disk},
    {"runs_in_order_of_arrival_when_busy", runs_in_order_of_arrival_when_busy},
    {"computes_alone_when_a_lane", computes_alone_when_a_lane},
    {"arrive_as_sent_when_small_ones_follow_a_large_one",
     arrive_as_sent_when_small_ones_follow_a_large_one},
    {"shares_the_receiver_when_two_send", shares_the_receiver_when_two_send},
};
EHR_UNIT_MAIN("network", cases)
