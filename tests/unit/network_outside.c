/* What others may do to a kernel that runs: actors that are not its own, hooks, a node's adversary
 * that holds messages back. The same in every fidelity, to the nanosecond. */
#include "tests/unit/network_world.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/semaphore.h>

#include "tests/unit/unit.h"

static const uint32_t role = 0, control = 1, replica = 2;

static void build_three(void)
{
    node_add(0, EHR_NODE_ROLE, 0);
    node_add(0, EHR_NODE_CONTROL, 0);
    node_add(1, EHR_NODE_REPLICA, 0);
}

/* The run would last until the timer of the role. */
static void start_timer(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)saved;
    if (node == role)
        ehr_fx_timer(fx, 1, 0, 10000000);
}

static void message_pass(uint32_t node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    say(ehr_fx_now(fx), node, "got %" PRIu64, number_of(d));
    if (node == role && number_of(d) > 0)
        ehr_fx_send(fx, (struct ehr_address){replica, 0}, note(number_of(d)));
}

static void after_end(void)
{
    say(ehr_kernel_now(world.kernel), 0, "%s",
        world.end == EHR_KERNEL_STOPPED ? "stopped" : "idle");
}

/* ---- actors of others ---- */

static void code_tell(void *context, struct ehr_node *node, struct ehr_fx *fx)
{
    say(ehr_fx_now(fx), node->id, "told");
    ehr_fx_post(fx, (struct ehr_address){role, 0}, note(*(const uint64_t *)context));
}

static void code_stop(void *context, struct ehr_node *node, struct ehr_fx *fx)
{
    (void)context, (void)node, (void)fx;
    ehr_kernel_stop(world.kernel);
}

static void teller_actor(int argc, char **argv)
{
    uint64_t number = 7;
    (void)argc, (void)argv;
    sg_actor_sleep_for(0.0025);
    ehr_kernel_call(world.kernel, control, code_tell, &number);
    sg_actor_sleep_for(0.0025);
    ehr_kernel_call(world.kernel, control, code_stop, NULL);
    sg_actor_sleep_for(0.0025);
    if (ehr_kernel_call(world.kernel, control, code_tell, &number))
        say(0, 0, "heard after the end");
}

static void build_teller(void)
{
    build_three();
    sg_actor_t actor = sg_actor_init("teller", sg_host_by_name("b"));
    sg_actor_start_(actor, teller_actor, 0, NULL);
}

/* 1 ms + 1 us to the replica; the timer at 10 ms never comes. */
static void happens_at_the_time_of_the_actor_that_calls(void)
{
    static const struct plot plot = {PAIR, build_teller, start_timer, message_pass,
                                     NULL, after_end,    NULL};
    expect_everywhere(&plot, "2500000 1 told\n2500000 0 got 7\n3501000 2 got 7\n"
                             "5000000 0 stopped\n");
}

/* ---- the hook ---- */

static unsigned settled_count;
static bool within; /* a handler */

static void settled_tell(void *context)
{
    uint64_t number = settled_count;
    (void)context;
    if (within)
        say(0, 0, "in the middle of something");
    if (settled_count++ < 2)
        ehr_kernel_call(world.kernel, control, code_tell, &number);
}

static void message_within(uint32_t node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    within = true;
    message_pass(node, fx, d);
    within = false;
}

/* Before the first event, and after it. */
static void is_told_when_nothing_is_under_way(void)
{
    static const struct plot plot = {PAIR, build_three, start_timer, message_within,
                                     NULL, after_end,   NULL};
    world_settled = settled_tell;
    expect_everywhere(&plot, "0 1 told\n0 1 told\n0 0 got 0\n0 0 got 1\n"
                             "1001000 2 got 1\n10000000 0 timer 1 0\n10000000 0 idle\n");
    world_settled = NULL;
}

/* Where nobody but the kernel is there its clock runs ahead: a hook may ask for SimGrid's. */
static void settled_clock(void *context)
{
    (void)context;
    ehr_kernel_clock(world.kernel);
    if (llround(simgrid_get_clock() * 1e9) != (long long)ehr_kernel_now(world.kernel))
        say(ehr_kernel_now(world.kernel), 0, "another time");
}

static void sees_the_clock_when_it_asks_for_it(void)
{
    static const struct plot plot = {PAIR, build_three, start_timer, message_pass,
                                     NULL, after_end,   NULL};
    world_settled = settled_clock;
    expect_everywhere(&plot, "10000000 0 timer 1 0\n10000000 0 idle\n");
    world_settled = NULL;
}

/* ---- messages held back ---- */

/* The first leaves 2 ms late, the second at once. */
static struct ehr_message *rewrite_late(void *context, uint64_t now_ns, uint32_t to,
                                        struct ehr_message *message)
{
    static bool again;
    (void)context, (void)now_ns, (void)to;
    if (!again)
        ehr_kernel_hold_back(world.kernel, 2000000);
    again = true;
    return message;
}

static void build_late(void)
{
    build_three();
    ehr_kernel_rewrite_set(world.kernel, role, rewrite_late, NULL);
}

static void start_two(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    if (node != role || saved != NULL)
        return;
    ehr_fx_send(fx, (struct ehr_address){replica, 0}, note(1));
    ehr_fx_send(fx, (struct ehr_address){replica, 0}, note(2));
}

static void leaves_later_when_held_back(void)
{
    static const struct plot plot = {PAIR, build_late, start_two, NULL, NULL, after_end, NULL};
    expect_everywhere(&plot, "1001000 2 got 2\n3001000 2 got 1\n3001000 0 idle\n");
}

static void build_late_crash(void)
{
    build_late();
    ehr_kernel_journal_keep(world.kernel, role);
    ehr_kernel_crash_node(world.kernel, role, 1000000, 1500000);
}

static void never_leaves_when_the_node_crashes_meanwhile(void)
{
    static const struct plot plot = {PAIR, build_late_crash, start_two, NULL, NULL, NULL, NULL};
    expect_everywhere(&plot, "1001000 2 got 2\n");
}

static const struct ehr_unit_case cases[] = {
    {"happens_at_the_time_of_the_actor_that_calls", happens_at_the_time_of_the_actor_that_calls},
    {"is_told_when_nothing_is_under_way", is_told_when_nothing_is_under_way},
    {"sees_the_clock_when_it_asks_for_it", sees_the_clock_when_it_asks_for_it},
    {"leaves_later_when_held_back", leaves_later_when_held_back},
    {"never_leaves_when_the_node_crashes_meanwhile", never_leaves_when_the_node_crashes_meanwhile},
};

EHR_UNIT_MAIN("outside", cases)
