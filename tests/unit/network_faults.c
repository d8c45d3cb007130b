/* The kernel: crashes, other lives, and addresses that nobody has, in every fidelity. */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/network_world.h"

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

/* The core is taken until 3 ms by what the first life asked for at 0; the second begins at 1.5 ms
 * and asks for 1 ms, and a message of 2.601 ms waits behind that. */
static void build_computing(void)
{
    build_pair();
    ehr_kernel_crash_node(world.kernel, 1, 1200000, 1500000);
}

static void start_computing(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    if (node == 0) {
        ehr_fx_timer(fx, 1, 7, 100000);  /* arrives at 1.101 ms: waits, and is lost in the crash */
        ehr_fx_timer(fx, 1, 8, 300000);  /* of another life when it arrives at 1.301 ms */
        ehr_fx_timer(fx, 1, 9, 1600000); /* arrives at 2.601 ms */
        return;
    }
    say(ehr_fx_now(fx), node, "%s", saved == NULL ? "first" : "again");
    ehr_fx_charge(fx, EHR_COST_HASH, 1, saved == NULL ? 3000000 : 1000000);
    mark(fx, saved == NULL ? 1 : 2);
}

static void lives_again_while_the_core_still_works_for_the_first_life(void)
{
    static const struct plot plot = {
        PAIR, build_computing, start_computing, NULL, timer_crash, after_counters, NULL};
    expect_everywhere(&plot,
                      "0 1 first\n100000 0 sent 7\n300000 0 sent 8\n"
                      "1500000 1 again\n1600000 0 sent 9\n4000000 1 mark 2\n4000000 1 got 9\n"
                      "0 0 in 0 out 3 dropped 0\n0 1 in 2 out 0 dropped 1\n");
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

/* ---- addresses ---- */

/* What a faulty peer may have made up: no such node, or a lane that the population does not have.
 */
static void start_nobody(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node != 0)
        return;
    ehr_fx_send(fx, (struct ehr_address){7, 0}, note(1));
    ehr_fx_send(fx, (struct ehr_address){UINT32_MAX, UINT32_MAX}, note(2));
    send(fx, 1, 3);
}

static void after_nobody(void)
{
    after_counters();
    say(0, 0, "unroutable %" PRIu64, ehr_kernel_counters(world.kernel, 0)->unroutable);
}

static void loses_a_message_when_nobody_has_the_address(void)
{
    static const struct plot plot = {PAIR, build_pair,   start_nobody, NULL,
                                     NULL, after_nobody, NULL};
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++) {
        char *text = run(&plot, (enum ehr_fidelity)f);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "1 got 3"));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "0 0 in 0 out 1 dropped 0"));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "unroutable 2"));
        free(text);
    }
}

static const struct ehr_unit_case cases[] = {
    {"loses_what_comes_after_when_crashed", loses_what_comes_after_when_crashed},
    {"loses_messages_and_timers_when_of_another_life",
     loses_messages_and_timers_when_of_another_life},
    {"lives_again_while_the_core_still_works_for_the_first_life",
     lives_again_while_the_core_still_works_for_the_first_life},
    {"comes_first_when_a_crash_is_at_the_same_time", comes_first_when_a_crash_is_at_the_same_time},
    {"takes_no_card_when_the_receiver_is_down", takes_no_card_when_the_receiver_is_down},
    {"stays_readable_when_on_start_writes", stays_readable_when_on_start_writes},
    {"loses_a_message_when_nobody_has_the_address", loses_a_message_when_nobody_has_the_address},
};
EHR_UNIT_MAIN("network faults", cases)
