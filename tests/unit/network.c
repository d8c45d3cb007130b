/* The kernel: what each effect means, with times calculated by hand, in every fidelity. */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/network_world.h"

/* Two hosts, a link of 1 ms and 1 GB/s: 1000 bytes take 1 ms + 1 us. */
#define PAIR                                                                                       \
    "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"             \
    "<link id='l' bandwidth='1GBps' latency='1ms' sharing_policy='SPLITDUPLEX'/>"                  \
    "<route src='a' dst='b'><link_ctn id='l' direction='UP'/></route></zone>"
/* Four hosts; every pair has a link of its own. Host 3 has 4 cores, at half the speed. */
#define MESH_LINK(x, y)                                                                            \
    "<link id='" x y "' bandwidth='1GBps' latency='1ms' sharing_policy='SPLITDUPLEX'/>"
#define MESH_ROUTE(x, y)                                                                           \
    "<route src='" x "' dst='" y "'><link_ctn id='" x y "' direction='UP'/></route>"
#define MESH_PAIRS(F) F("a", "b") F("a", "c") F("a", "d") F("b", "c") F("b", "d") F("c", "d")
#define MESH                                                                                       \
    "<zone id='z' routing='Full'><host id='a' speed='1Gf'/><host id='b' speed='1Gf'/>"             \
    "<host id='c' speed='1Gf'/><host id='d' speed='500Mf' core='4'/>" MESH_PAIRS(MESH_LINK)        \
        MESH_PAIRS(MESH_ROUTE) "</zone>"
/* Sixteen hosts around a switch: 50 us and 125 MB/s each way. */
#define CLUSTER                                                                                    \
    "<cluster id='c' prefix='h' suffix='' radical='0-15' speed='1Gf' bw='125MBps' lat='50us'/>"

static const char *const names[] = {"", "flow", "queue", "delay"};

static void expect(const struct plot *plot, enum ehr_fidelity fidelity, const char *expected)
{
    char *text = run(plot, fidelity);
    if (strcmp(text, expected) != 0)
        printf("\n    %s gave\n%s    instead of\n%s", names[fidelity], text, expected);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void expect_everywhere(const struct plot *plot, const char *expected)
{
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++)
        expect(plot, (enum ehr_fidelity)f, expected);
}

static void send(struct ehr_fx *fx, uint32_t to, uint64_t number)
{
    ehr_fx_send(fx, (struct ehr_address){to, 0}, note(number));
}

static void build_pair(void)
{
    node_add(0, EHR_NODE_ROLE, 0);
    node_add(1, EHR_NODE_REPLICA, 0);
}

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

static void build_mesh(void)
{
    for (uint32_t i = 0; i < 4; i++)
        node_add(i, EHR_NODE_REPLICA, 0);
    group_all();
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

/* ---- crashes ---- */

static void after_counters(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        const struct ehr_kernel_counters *c = ehr_kernel_counters(world.kernel, i);
        say(0, i, "in %" PRIu64 " out %" PRIu64 " dropped %" PRIu64, c->messages_in,
            c->messages_out, c->dropped);
    }
}

static void build_crash(void)
{
    build_pair();
    ehr_kernel_journal_keep(world.kernel, 1);
    ehr_kernel_crash_node(world.kernel, 1, 2000000, 6000000);
}

/* Node 1 writes "a" at 0.5 ms and would write "b" and answer at 2.5 ms: the crash comes at 2. */
static void start_crash(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    if (node == 0) {
        ehr_fx_timer(fx, 1, 0, 500000);  /* arrives at 1.501 ms: waits, and is lost */
        ehr_fx_timer(fx, 1, 1, 2000000); /* sent to a node that is down */
        ehr_fx_timer(fx, 1, 2, 5500000); /* the same; would arrive when it is back */
        ehr_fx_timer(fx, 1, 3, 7000000);
        return;
    }
    if (saved != NULL) {
        say(ehr_fx_now(fx), node, "back with %u: %u %.*s", saved->count, saved->records[0].kind,
            (int)saved->records[0].data->length, (const char *)saved->records[0].data->bytes);
        return;
    }
    ehr_fx_charge(fx, EHR_COST_HASH, 1, 500000);
    ehr_fx_persist(fx, 1, 3, ehr_blob_new("a", 1));
    mark(fx, 1);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 2, 0);
    ehr_fx_persist(fx, 1, 4, ehr_blob_new("b", 1));
    send(fx, 0, 66);
    mark(fx, 2);
    ehr_fx_timer(fx, 9, 9, 0);
}

static void timer_crash(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                        uint64_t generation)
{
    (void)lane, (void)id;
    send(fx, 1, generation);
    say(ehr_fx_now(fx), node, "sent %" PRIu64, generation);
}

static void loses_what_comes_after_when_crashed(void)
{
    static const struct plot plot = {PAIR,        build_crash,    start_crash, NULL,
                                     timer_crash, after_counters, NULL};
    expect_everywhere(&plot,
                      "500000 0 sent 0\n500000 1 mark 1\n2000000 0 sent 1\n"
                      "5500000 0 sent 2\n6000000 1 back with 1: 3 a\n7000000 0 sent 3\n"
                      "8001000 1 got 3\n0 0 in 0 out 4 dropped 0\n0 1 in 2 out 0 dropped 2\n");
}

/* Sent at 1.5 ms, the receiver is away from 2 to 2.2 ms, arrival at 2.501 ms: of another life. */
static void build_blink(void)
{
    build_pair();
    ehr_kernel_crash_host(world.kernel, 1, 2000000, 2200000);
    ehr_kernel_crash_node(world.kernel, 1, 2100000, 2150000);
}

static void start_blink(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    if (node == 0)
        ehr_fx_timer(fx, 1, 5, 1500000);
    else
        say(ehr_fx_now(fx), node, "%s", saved == NULL ? "first" : "again");
    if (node == 1 && saved == NULL)
        ehr_fx_timer(fx, 1, 6, 3000000);
}

static void loses_messages_and_timers_when_of_another_life(void)
{
    static const struct plot plot = {PAIR,        build_blink,    start_blink, NULL,
                                     timer_crash, after_counters, NULL};
    expect_everywhere(&plot, "0 1 first\n1500000 0 sent 5\n2200000 1 again\n"
                             "0 0 in 0 out 1 dropped 0\n0 1 in 0 out 0 dropped 1\n");
}

static void build_same_time(void)
{
    for (uint32_t i = 0; i < 4; i++)
        node_add(i, i == 0 ? EHR_NODE_ROLE : EHR_NODE_REPLICA, 0);
    ehr_kernel_crash_node(world.kernel, 1, 1000000, 0);
    ehr_kernel_crash_node(world.kernel, 2, 1001000, UINT64_MAX);
    ehr_kernel_crash_node(world.kernel, 3, 2000000, 2000000);
}

/* Node 3 at half speed: 1 ms of work is done at 2 ms. */
static void start_same_time(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    if (saved != NULL) {
        say(ehr_fx_now(fx), node, "back");
        return;
    }
    ehr_fx_timer(fx, 1, 0, 1000000);
    if (node == 0)
        send(fx, 2, 8);
    if (node == 3) {
        ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
        mark(fx, 4);
    }
}

static void comes_first_when_a_crash_is_at_the_same_time(void)
{
    static const struct plot plot = {MESH, build_same_time, start_same_time, NULL, NULL, NULL,
                                     NULL};
    static const char by_sequence[] = "1000000 0 timer 1 0\n1000000 2 timer 1 0\n2000000 3 back\n";
    expect(&plot, EHR_FIDELITY_FLOW, "1000000 2 timer 1 0\n1000000 0 timer 1 0\n2000000 3 back\n");
    expect(&plot, EHR_FIDELITY_QUEUE, by_sequence);
    expect(&plot, EHR_FIDELITY_DELAY, by_sequence);
}

static void build_absent(void)
{
    build_mesh();
    ehr_kernel_crash_node(world.kernel, 2, 0, 0);
}

static void start_absent(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 1)
        ehr_fx_broadcast(fx, world.group, parcel(3, 1000000));
}

/* The copy for node 2, which would leave first, takes no time of the card. */
static void takes_no_card_when_the_receiver_is_down(void)
{
    static const struct plot plot = {MESH, build_absent, start_absent, NULL, NULL, NULL, NULL};
    expect(&plot, EHR_FIDELITY_QUEUE, "2000000 3 got 3\n3000000 0 got 3\n");
}

static void build_rewrite(void)
{
    build_pair();
    ehr_kernel_journal_keep(world.kernel, 0);
    ehr_kernel_crash_node(world.kernel, 0, 1000, 2000);
}

static void start_rewrite(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    for (uint16_t i = 0; node == 0 && i < 40; i++)
        ehr_fx_persist(fx, 1, i, NULL);
    for (uint32_t i = 0; saved != NULL && i < saved->count; i++)
        if (saved->records[i].kind != i)
            say(ehr_fx_now(fx), node, "record %u is %u", i, saved->records[i].kind);
    if (saved != NULL)
        say(ehr_fx_now(fx), node, "back with %u", saved->count);
}

/* Storage that takes no time: the journal grows while the handler reads it. */
static void stays_readable_when_on_start_writes(void)
{
    static const struct plot plot = {PAIR, build_rewrite, start_rewrite, NULL, NULL, NULL, NULL};
    expect_everywhere(&plot, "2000 0 back with 40\n");
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
    {"shares_the_receiver_when_two_send", shares_the_receiver_when_two_send},
    {"loses_what_comes_after_when_crashed", loses_what_comes_after_when_crashed},
    {"loses_messages_and_timers_when_of_another_life",
     loses_messages_and_timers_when_of_another_life},
    {"comes_first_when_a_crash_is_at_the_same_time", comes_first_when_a_crash_is_at_the_same_time},
    {"takes_no_card_when_the_receiver_is_down", takes_no_card_when_the_receiver_is_down},
    {"stays_readable_when_on_start_writes", stays_readable_when_on_start_writes},
};
EHR_UNIT_MAIN("network", cases)
