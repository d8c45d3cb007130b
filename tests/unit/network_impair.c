/* The kernel: partitions, loss, delay spikes, slow hosts and changed links, in every fidelity. */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/network_world.h"

static void after_counters(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        const struct ehr_kernel_counters *c = ehr_kernel_counters(world.kernel, i);
        say(0, i, "in %" PRIu64 " out %" PRIu64 " dropped %" PRIu64, c->messages_in,
            c->messages_out, c->dropped);
    }
}

/* The generation of a timer of node 0 is the number of the note that it sends to node 1. */
static void timer_send(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                       uint64_t generation)
{
    (void)lane, (void)id;
    send(fx, 1 - node, generation);
}

static void send_at(struct ehr_fx *fx, const uint64_t *times_us, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ehr_fx_timer(fx, 1, times_us[i], times_us[i] * 1000);
}

#define SEND_AT(fx, ...)                                                                           \
    do {                                                                                           \
        static const uint64_t times_us[] = {__VA_ARGS__};                                          \
        send_at(fx, times_us, sizeof times_us / sizeof times_us[0]);                               \
    } while (0)

/* ---- partitions ---- */

static const uint16_t apart[] = {1, 2};

static void build_partition(void)
{
    build_pair();
    ehr_kernel_partition(world.kernel, apart, 2000000, 4000000);
}

/* A note takes 1.001 ms. Those of 1 ms and 1.5 ms are on their way at 2 ms; that of 2 ms leaves
 * when the partition begins, that of 4 ms when it has healed. */
static void start_partition(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        SEND_AT(fx, 500, 1000, 1500, 2000, 3999, 4000);
    else
        SEND_AT(fx, 999, 3000);
}

static void loses_what_leaves_or_is_on_its_way_when_parted(void)
{
    static const struct plot plot = {
        PAIR, build_partition, start_partition, NULL, timer_send, after_counters, NULL};
    expect_everywhere(&plot, "1501000 1 got 500\n5001000 1 got 4000\n"
                             "0 0 in 0 out 6 dropped 2\n0 1 in 2 out 2 dropped 4\n");
}

static void build_blink(void)
{
    build_pair();
    ehr_kernel_partition(world.kernel, apart, 2000000, 2200000);
}

static void start_blink(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        SEND_AT(fx, 1500, 2200);
}

/* Sent at 1.5 ms, arrival at 2.501 ms, parted from 2 to 2.2 ms. */
static void loses_what_is_on_its_way_when_the_partition_heals_before_it_arrives(void)
{
    static const struct plot plot = {PAIR,       build_blink,    start_blink, NULL,
                                     timer_send, after_counters, NULL};
    expect_everywhere(&plot, "3201000 1 got 2200\n"
                             "0 0 in 0 out 2 dropped 0\n0 1 in 1 out 0 dropped 1\n");
}

static void start_busy(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        SEND_AT(fx, 100);
    else
        ehr_fx_charge(fx, EHR_COST_HASH, 1, 3000000);
}

/* Arrived at 1.101 ms, and waited for the node, which computes until 3 ms. */
static void keeps_what_has_arrived_when_it_waits_for_its_node(void)
{
    static const struct plot plot = {PAIR,       build_partition, start_busy, NULL,
                                     timer_send, after_counters,  NULL};
    expect_everywhere(&plot, "3000000 1 got 100\n"
                             "0 0 in 0 out 1 dropped 0\n0 1 in 1 out 0 dropped 0\n");
}

static void build_groups(void)
{
    static const uint16_t groups[] = {1, 2, 0, 1};
    build_mesh();
    ehr_kernel_partition(world.kernel, groups, 0, 0);
}

static void start_groups(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node < 3)
        ehr_fx_timer(fx, node, node, (1 + 10 * (uint64_t)node) * 1000000);
}

static void timer_groups(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                         uint64_t generation)
{
    (void)node, (void)lane, (void)id;
    ehr_fx_broadcast(fx, world.group, note(generation));
}

/* Host 2 is in no group: it hears everybody. Copies of one broadcast may arrive in any order of
 * nodes at one ns. */
static void parts_groups_and_nobody_else_when_a_host_is_in_none(void)
{
    static const struct plot plot = {MESH,         build_groups, start_groups, NULL,
                                     timer_groups, NULL,         NULL};
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++) {
        char *text = run(&plot, (enum ehr_fidelity)f);
        static const char *const there[] = {" 2 got 0\n", " 3 got 0\n", " 2 got 1\n",
                                            " 0 got 2\n", " 1 got 2\n", " 3 got 2\n"};
        static const char *const lost[] = {" 1 got 0\n", " 0 got 1\n", " 3 got 1\n"};
        for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
            CU_ASSERT_PTR_NOT_NULL(strstr(text, there[i]));
        for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
            CU_ASSERT_PTR_NULL(strstr(text, lost[i]));
        free(text);
    }
}

/* ---- loss ---- */

enum { LOSS_NOTES = 1000 };
static uint64_t loss_key = 7;
static double loss_probability = 0.1;

/* Only from host 0 to host 1; the first half of the notes leaves before, the draws count from the
 * beginning of the loss. */
static void build_loss(void)
{
    static const uint32_t a = 0, b = 1;
    const struct ehr_kernel_hosts from = {&a, 1}, to = {&b, 1};
    build_pair();
    ehr_kernel_loss_key(world.kernel, loss_key);
    ehr_kernel_loss(world.kernel, &from, &to, loss_probability, 500000000, 0);
}

static void start_loss(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)node, (void)saved;
    for (uint64_t i = 0; i < LOSS_NOTES + 500; i++)
        ehr_fx_timer(fx, 1, i, i * 1000000);
}

static void after_loss(void)
{
    say(0, 0, "lost %" PRIu64, ehr_kernel_counters(world.kernel, 0)->dropped);
    say(0, 1, "lost %" PRIu64, ehr_kernel_counters(world.kernel, 1)->dropped);
}

static const struct plot plot_loss = {PAIR,       build_loss, start_loss, NULL,
                                      timer_send, after_loss, NULL};

static unsigned lost_of(const char *text, uint32_t node)
{
    char key[16];
    snprintf(key, sizeof key, "\n0 %u lost ", node);
    const char *at = strstr(text, key);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    return (unsigned)strtoul(at + strlen(key), NULL, 10);
}

/* 1000 draws of 0.1: 100 on average, sigma 9.5. */
static void loses_the_same_at_about_the_rate_when_fidelities_differ(void)
{
    char *texts[4] = {NULL};
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++) {
        texts[f] = run(&plot_loss, (enum ehr_fidelity)f);
        CU_ASSERT_EQUAL(lost_of(texts[f], 0), 0);
        CU_ASSERT_TRUE(lost_of(texts[f], 1) > 70 && lost_of(texts[f], 1) < 130);
        CU_ASSERT_PTR_NOT_NULL(strstr(texts[f], "1 got 499\n"));
    }
    CU_ASSERT_STRING_EQUAL(texts[EHR_FIDELITY_QUEUE], texts[EHR_FIDELITY_DELAY]);
    for (uint64_t i = 0; i < LOSS_NOTES + 500; i++) {
        char line[32];
        snprintf(line, sizeof line, " 1 got %" PRIu64 "\n", i);
        CU_ASSERT_EQUAL(strstr(texts[EHR_FIDELITY_FLOW], line) != NULL,
                        strstr(texts[EHR_FIDELITY_DELAY], line) != NULL);
    }
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++)
        free(texts[f]);
}

static void loses_others_when_the_key_differs_and_all_or_none_at_the_ends(void)
{
    char *one = run(&plot_loss, EHR_FIDELITY_DELAY), *again = run(&plot_loss, EHR_FIDELITY_DELAY);
    loss_key = 8;
    char *other = run(&plot_loss, EHR_FIDELITY_DELAY);
    loss_probability = 1;
    char *all = run(&plot_loss, EHR_FIDELITY_DELAY);
    loss_probability = 0;
    char *none = run(&plot_loss, EHR_FIDELITY_DELAY);
    CU_ASSERT_STRING_EQUAL(one, again);
    CU_ASSERT_STRING_NOT_EQUAL(one, other);
    CU_ASSERT_EQUAL(lost_of(all, 1), LOSS_NOTES);
    CU_ASSERT_EQUAL(lost_of(none, 1), 0);
    loss_key = 7;
    loss_probability = 0.1;
    free(one);
    free(again);
    free(other);
    free(all);
    free(none);
}

/* ---- delay spikes ---- */

static void build_delay(void)
{
    static const uint32_t a = 0;
    const struct ehr_kernel_hosts from = {&a, 1};
    build_pair();
    ehr_kernel_delay(world.kernel, &from, NULL, 200000000, 2000000, 4000000);
    ehr_kernel_delay(world.kernel, NULL, NULL, 100000000, 3900000, 3950000);
}

/* 1.9 + 1.001; 2 + 1.001 + 200; 3.9 + 1.001 + 200 + 100; 4 + 1.001 would be there earlier, and
 * waits. Of the other direction: 3 + 1.001; 3.9 + 1.001 + 100. */
static void start_delay(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        SEND_AT(fx, 1900, 2000, 3900, 4000, 400000);
    else
        SEND_AT(fx, 3000, 3900);
}

static void takes_so_much_longer_and_keeps_the_order_when_delayed(void)
{
    static const struct plot plot = {PAIR, build_delay, start_delay, NULL, timer_send, NULL, NULL};
    expect_everywhere(&plot, "2901000 1 got 1900\n4001000 0 got 3000\n104901000 0 got 3900\n"
                             "203001000 1 got 2000\n304901000 1 got 3900\n304901000 1 got 4000\n"
                             "401001000 1 got 400000\n");
}

/* ---- slow hosts ---- */

static void build_slow(void)
{
    build_pair();
    ehr_kernel_slow(world.kernel, 1, 4, 2000000, 4000000);
    ehr_kernel_slow(world.kernel, 1, 1.5, 20000000, 40000000);
    ehr_kernel_slow(world.kernel, 1, 2, 30000000, 30500000);
}

static void config_slow(struct ehr_kernel_config *config)
{
    config->storage_write_ns = 100000;
}

static void start_slow(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)node, (void)saved;
    SEND_AT(fx, 1500, 3000, 8000, 20000, 30000, 40000);
}

/* Computes 1 ms, writes 0.1 ms. */
static void timer_slow(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                       uint64_t generation)
{
    (void)lane, (void)id;
    if (node == 0 && generation != 3000)
        return;
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    ehr_fx_persist(fx, 1, 1, NULL);
    mark(fx, generation);
}

/* Of 1.5 ms: computing asked for before (to 2.5), writing while slow (0.4). Of 3: 4 ms, then 0.1.
 * Of 20: 1.5 and 0.15. Of 30: 1 x 1.5 x 2 = 3 ms, then 0.15, as the second factor is over. */
static void takes_factor_times_as_long_when_slow(void)
{
    static const struct plot plot = {PAIR,       build_slow, start_slow, NULL,
                                     timer_slow, NULL,       config_slow};
    expect_everywhere(&plot, "2900000 1 mark 1500\n4100000 0 mark 3000\n7100000 1 mark 3000\n"
                             "9100000 1 mark 8000\n21650000 1 mark 20000\n"
                             "33150000 1 mark 30000\n41100000 1 mark 40000\n");
}

/* Two cores' worth of jobs in parallel on host 3 of MESH (4 cores, half the speed). */
static void build_slow_parallel(void)
{
    build_mesh();
    ehr_kernel_slow(world.kernel, 3, 3, 0, 0);
}

static void start_slow_parallel(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 3)
        return;
    ehr_fx_charge_parallel(fx, EHR_COST_ED_VERIFY, 8, 0);
    mark(fx, 1);
}

/* 8 jobs on 4 cores: 2 rounds of 1 ms x 2 (speed) x 3. */
static void takes_factor_times_as_long_when_all_cores_compute(void)
{
    static const struct plot plot = {
        MESH, build_slow_parallel, start_slow_parallel, NULL, NULL, NULL, NULL};
    expect_everywhere(&plot, "12000000 3 mark 1\n");
}

/* ---- links ---- */

static uint32_t link_of(const char *name)
{
    for (uint32_t i = 0; i < ehr_platform_link_count(); i++)
        if (strcmp(ehr_platform_link_name(i), name) == 0)
            return i;
    say(0, 0, "no link %s", name);
    return 0;
}

static void build_link(void)
{
    build_pair();
    ehr_kernel_link(world.kernel, link_of("l_UP"), 1000000, 5000000, 2000000, 20000000);
    ehr_kernel_link(world.kernel, link_of("l_UP"), 0, 2000000, 10000000, 30000000);
}

/* From 2 ms 5 ms and 1000 B at 1 MB/s = 1 ms; from 10 ms 2 ms and 1 ms; from 20 ms 2 ms and 1 us;
 * from 30 ms 1 ms and 1 us. The other direction keeps 1.001 ms. */
static void start_link(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        SEND_AT(fx, 500, 2000, 10000, 20000, 30000);
    else
        SEND_AT(fx, 3000);
}

static void has_other_bandwidth_and_latency_when_changed(void)
{
    static const struct plot plot = {PAIR, build_link, start_link, NULL, timer_send, NULL, NULL};
    expect_everywhere(&plot, "1501000 1 got 500\n4001000 0 got 3000\n8000000 1 got 2000\n"
                             "13000000 1 got 10000\n22001000 1 got 20000\n31001000 1 got 30000\n");
}

static void build_meanwhile(void)
{
    build_pair();
    ehr_kernel_link(world.kernel, link_of("l_UP"), 100000000, UINT64_MAX, 6000000, 0);
}

/* 10 MB leave at 0: 5 MB are through at 6 ms. 1000 B leave at 5.5 ms, in order behind them. */
static void start_meanwhile(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        ehr_fx_send(fx, (struct ehr_address){1, 0}, parcel(1, 10000000));
}

/* The other 5 MB at 100 MB/s take 50 ms; queue and delay keep what was calculated at 0. */
static void shares_the_new_bandwidth_in_flow_when_changed_on_the_way(void)
{
    static const struct plot plot = {PAIR, build_meanwhile, start_meanwhile, NULL, NULL, NULL,
                                     NULL};
    expect(&plot, EHR_FIDELITY_FLOW, "56000000 1 got 1\n");
    expect(&plot, EHR_FIDELITY_QUEUE, "11000000 1 got 1\n");
    expect(&plot, EHR_FIDELITY_DELAY, "11000000 1 got 1\n");
}

static void build_latency_phase(void)
{
    build_pair();
    ehr_kernel_link(world.kernel, link_of("l_UP"), 1000000, UINT64_MAX, 2000000, 0);
}

static void start_latency_phase(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        SEND_AT(fx, 1500, 10000);
}

/* Changed while the note of 1.5 ms is in its latency: to 2.5 ms, and 1 ms for its bytes. */
static void arrives_when_changed_during_the_latency(void)
{
    static const struct plot plot = {
        PAIR, build_latency_phase, start_latency_phase, NULL, timer_send, NULL, NULL};
    expect(&plot, EHR_FIDELITY_FLOW, "3500000 1 got 1500\n12000000 1 got 10000\n");
    expect(&plot, EHR_FIDELITY_QUEUE, "3500000 1 got 1500\n12000000 1 got 10000\n");
    expect(&plot, EHR_FIDELITY_DELAY, "2501000 1 got 1500\n12000000 1 got 10000\n");
}

static void build_faster(void)
{
    build_pair();
    ehr_kernel_link(world.kernel, link_of("l_UP"), 0, 9000000, 2000000, 4000000);
}

/* That of 3 ms is there at 12.001 ms; that of 4 ms would be at 5.001 ms. */
static void start_faster(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 0)
        SEND_AT(fx, 3000, 4000);
}

/* queue: a card takes 1 us for each. */
static void keeps_the_order_when_a_link_became_faster(void)
{
    static const struct plot plot = {PAIR,       build_faster, start_faster, NULL,
                                     timer_send, NULL,         NULL};
    expect(&plot, EHR_FIDELITY_DELAY, "12001000 1 got 3000\n12001000 1 got 4000\n");
    expect(&plot, EHR_FIDELITY_QUEUE, "12001000 1 got 3000\n12002000 1 got 4000\n");
    expect(&plot, EHR_FIDELITY_FLOW, "12001000 1 got 3000\n12001000 1 got 4000\n");
}

static void build_broadcast(void)
{
    build_mesh();
    ehr_kernel_link(world.kernel, link_of("bd_UP"), 0, 500000, 4000000, 0);
}

static void start_broadcast(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == 1)
        for (uint64_t ms = 1; ms <= 5; ms += 4)
            ehr_fx_timer(fx, 1, ms, ms * 1000000);
}

/* Node 3 is nearest after the change, and gets its copy first. */
static void sorts_a_broadcast_anew_when_a_link_changed(void)
{
    static const struct plot plot = {
        MESH, build_broadcast, start_broadcast, NULL, timer_groups, NULL, NULL};
    expect(&plot, EHR_FIDELITY_DELAY,
           "2001000 0 got 1\n2001000 2 got 1\n2001000 3 got 1\n"
           "5501000 3 got 5\n6001000 0 got 5\n6001000 2 got 5\n");
    expect(&plot, EHR_FIDELITY_QUEUE,
           "2001000 2 got 1\n2002000 3 got 1\n2003000 0 got 1\n"
           "5501000 3 got 5\n6002000 2 got 5\n6003000 0 got 5\n");
}

static const struct ehr_unit_case cases[] = {
    {"loses_what_leaves_or_is_on_its_way_when_parted",
     loses_what_leaves_or_is_on_its_way_when_parted},
    {"loses_what_is_on_its_way_when_the_partition_heals_before_it_arrives",
     loses_what_is_on_its_way_when_the_partition_heals_before_it_arrives},
    {"keeps_what_has_arrived_when_it_waits_for_its_node",
     keeps_what_has_arrived_when_it_waits_for_its_node},
    {"parts_groups_and_nobody_else_when_a_host_is_in_none",
     parts_groups_and_nobody_else_when_a_host_is_in_none},
    {"loses_the_same_at_about_the_rate_when_fidelities_differ",
     loses_the_same_at_about_the_rate_when_fidelities_differ},
    {"loses_others_when_the_key_differs_and_all_or_none_at_the_ends",
     loses_others_when_the_key_differs_and_all_or_none_at_the_ends},
    {"takes_so_much_longer_and_keeps_the_order_when_delayed",
     takes_so_much_longer_and_keeps_the_order_when_delayed},
    {"takes_factor_times_as_long_when_slow", takes_factor_times_as_long_when_slow},
    {"takes_factor_times_as_long_when_all_cores_compute",
     takes_factor_times_as_long_when_all_cores_compute},
    {"has_other_bandwidth_and_latency_when_changed", has_other_bandwidth_and_latency_when_changed},
    {"shares_the_new_bandwidth_in_flow_when_changed_on_the_way",
     shares_the_new_bandwidth_in_flow_when_changed_on_the_way},
    {"arrives_when_changed_during_the_latency", arrives_when_changed_during_the_latency},
    {"keeps_the_order_when_a_link_became_faster", keeps_the_order_when_a_link_became_faster},
    {"sorts_a_broadcast_anew_when_a_link_changed", sorts_a_broadcast_anew_when_a_link_changed},
};
EHR_UNIT_MAIN("network impairments", cases)
