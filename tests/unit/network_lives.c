/* Hosts that SimGrid turns off and on, actors that are killed and restarted: crash and recovery of
 * nodes, in every fidelity, by profiles of the platform and by a program that runs SimGrid. */
#include "tests/unit/network_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simgrid/actor.h>
#include <simgrid/host.h>

#include "tests/unit/unit.h"

#define PROFILE(host, text)                                                                        \
    "<trace id='t" host "' periodicity='-1'>\n" text "\n</trace><trace_connect trace='t" host      \
    "' element='" host "' kind='HOST_AVAIL'/>"

static const uint32_t sender = 0, receiver = 1;

/* Node 0 sends a note each millisecond, ten in all; node 1 computes 0.3 ms for each, as one job or
 * as two, and writes it down. Timers keep the run from being idle until 15 ms. */
enum { KEEP_TIMER = 9 };
static uint64_t first_ns = 1000000;

static void start_notes(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    say(ehr_fx_now(fx), node, "start %d", saved != NULL ? (int)saved->count : -1);
    if (node == sender && saved == NULL)
        ehr_fx_timer(fx, 0, 0, first_ns);
    if (saved == NULL)
        ehr_fx_timer(fx, KEEP_TIMER, 0, 15000000 - ehr_fx_now(fx));
}

static void timer_notes(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                        uint64_t generation)
{
    (void)lane;
    if (node != sender || id == KEEP_TIMER)
        return;
    send(fx, receiver, generation);
    if (generation < 9)
        ehr_fx_timer(fx, 0, generation + 1, 1000000);
}

static void message_notes(uint32_t node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    (void)node;
    if (number_of(d) % 2 == 0)
        ehr_fx_charge(fx, EHR_COST_HASH, 1, 300000);
    else
        ehr_fx_charge_parallel(fx, EHR_COST_HASH, 2, 150000);
    ehr_fx_persist(fx, 10, 1, NULL);
    mark(fx, number_of(d));
}

static void after_notes(void)
{
    uint64_t in = 0, out = 0, dropped = 0;
    for (uint32_t i = 0; i < 2; i++) {
        const struct ehr_kernel_counters *c = ehr_kernel_counters(world.kernel, i);
        in += c->messages_in, out += c->messages_out, dropped += c->dropped;
    }
    say(ehr_kernel_now(world.kernel), 9, "%s: %" PRIu64 " sent, %" PRIu64 " came, %" PRIu64 " lost",
        world.end == EHR_KERNEL_IDLE ? "idle" : "not idle", out, in, dropped);
}

/* Note k leaves at k + 1 ms, comes at k + 2.001, is written down at k + 2.301. Off at 5.2: notes 0
 * to 2 have been written down, note 3 is being computed for and note 4 is on its way; 5, 6 and 7
 * leave while the host is off, until 8.5. */
#define NOTES_BEFORE                                                                               \
    "0 0 start -1\n0 1 start -1\n2301000 1 mark 0\n3301000 1 mark 1\n4301000 1 mark 2\n"
#define NOTES_AFTER                                                                                \
    "8500000 1 start 3\n10301000 1 mark 8\n11301000 1 mark 9\n"                                    \
    "15000000 9 idle: 10 sent, 6 came, 4 lost\n"

static const char notes[] = NOTES_BEFORE NOTES_AFTER;

static void crashes_when_a_profile_turns_the_host_off(void)
{
    static const struct plot plot = {PAIR PROFILE("b", "0.0052 0\n0.0085 1"),
                                     build_pair,
                                     start_notes,
                                     message_notes,
                                     timer_notes,
                                     after_notes,
                                     NULL};
    expect_everywhere(&plot, notes);
}

static void start_burst(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    if (node == sender)
        ehr_fx_timer(fx, 0, 0, 5199900);
    else if (saved == NULL)
        ehr_fx_timer(fx, KEEP_TIMER, 0, 15000000);
}

static void timer_burst(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                        uint64_t generation)
{
    (void)lane, (void)id, (void)generation;
    for (uint64_t i = 0; node == sender && i < 200; i++)
        send(fx, receiver, i);
}

/* In flow one leaves each ns: half of them when the receiver is off already. SimGrid would abort.
 */
static void loses_what_leaves_for_a_host_that_is_off(void)
{
    static const struct plot plot = {PAIR PROFILE("b", "0.0052 0"),
                                     build_pair,
                                     start_burst,
                                     message_notes,
                                     timer_burst,
                                     after_notes,
                                     NULL};
    expect_everywhere(&plot, "15000000 9 idle: 200 sent, 0 came, 200 lost\n");
}

/* ---- inside a program ---- */

static void build_kept(void)
{
    build_pair();
    ehr_kernel_journal_keep(world.kernel, receiver);
}

static void turner(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_host_t host = sg_host_by_name("b");
    sg_actor_sleep_until(0.0052);
    sg_host_turn_off(host);
    sg_actor_sleep_until(0.0085);
    sg_host_turn_on(host);
}

static void actor_start(const char *name, const char *host, void (*code)(int, char **))
{
    sg_actor_start_(sg_actor_init(name, sg_host_by_name(host)), code, 0, NULL);
}

static void program_turns(void)
{
    actor_start("turner", "a", turner);
}

static void inside(void (*program)(void), bool restart)
{
    world_inside = true;
    world_program = program;
    world_restart = restart;
}

static void outside(void)
{
    inside(NULL, false);
    world_inside = false;
}

/* The nodes' actors are SimGrid's to restart. */
static void crashes_when_a_program_turns_the_host_off(void)
{
    static const struct plot plot = {PAIR,        build_kept,  start_notes, message_notes,
                                     timer_notes, after_notes, NULL};
    inside(program_turns, true);
    expect_everywhere(&plot, notes);
    outside();
}

static double killed_s = 0.0052;

static void killer(int argc, char **argv)
{
    (void)argc, (void)argv;
    static const char *arguments[] = {"1", NULL};
    sg_actor_sleep_until(killed_s);
    sg_actor_kill(world.probes[receiver].actor);
    sg_actor_sleep_until(0.0085);
    sg_actor_start_(sg_actor_init("another", sg_host_by_name("b")), world_node_actor, 1, arguments);
}

static void program_kills(void)
{
    actor_start("killer", "a", killer);
}

static void crashes_when_the_actor_is_killed(void)
{
    static const struct plot plot = {PAIR,        build_kept,  start_notes, message_notes,
                                     timer_notes, after_notes, NULL};
    inside(program_kills, false);
    expect_everywhere(&plot, notes);
    outside();
}

static void build_crashes(void)
{
    build_kept();
    ehr_kernel_crash_node(world.kernel, receiver, 4100000, 4150000);
}

/* A crash takes the node from its actor, which still executes what it had begun for note 2; at 4.2
 * ms that dies. */
static void keeps_account_when_the_actor_is_killed_after_a_crash(void)
{
    static const struct plot plot = {PAIR,        build_crashes, start_notes, message_notes,
                                     timer_notes, after_notes,   NULL};
    inside(program_kills, false);
    killed_s = 0.0042;
    expect_everywhere(&plot, "0 0 start -1\n0 1 start -1\n2301000 1 mark 0\n3301000 1 mark 1\n"
                             "4150000 1 start 2\n8500000 1 start 2\n10301000 1 mark 8\n"
                             "11301000 1 mark 9\n15000000 9 idle: 10 sent, 5 came, 5 lost\n");
    killed_s = 0.0052;
    outside();
}

/* Nobody restarts the actor: notes 4 to 9 are lost. */
static void stays_down_when_the_actor_is_not_restarted(void)
{
    static const struct plot plot = {PAIR,        build_kept,  start_notes, message_notes,
                                     timer_notes, after_notes, NULL};
    inside(program_turns, false);
    expect_everywhere(&plot, NOTES_BEFORE "15000000 9 idle: 10 sent, 4 came, 6 lost\n");
    outside();
}

/* ---- who else dies ---- */

static void build_apart(void)
{
    node_add(1, EHR_NODE_ROLE, 0);
    node_add(2, EHR_NODE_REPLICA, 0);
}

static const char undisturbed[] =
    "0 0 start -1\n0 1 start -1\n2301000 1 mark 0\n3301000 1 mark 1\n4301000 1 mark 2\n"
    "5301000 1 mark 3\n6301000 1 mark 4\n7301000 1 mark 5\n8301000 1 mark 6\n9301000 1 mark 7\n"
    "10301000 1 mark 8\n11301000 1 mark 9\n";

/* The actor that performs the run is on the first host, which has no node. */
static void goes_on_when_the_host_of_control_is_off(void)
{
    static const struct plot plot = {MESH PROFILE("a", "0.0052 0"),
                                     build_apart,
                                     start_notes,
                                     message_notes,
                                     timer_notes,
                                     after_notes,
                                     NULL};
    char expected[600];
    snprintf(expected, sizeof expected, "%s15000000 9 idle: 10 sent, 10 came, 0 lost\n",
             undisturbed);
    expect_everywhere(&plot, expected);
}

/* The program's actor that has the run in it, on the first host, dies, too. */
static void goes_on_when_the_actor_of_the_program_dies(void)
{
    static const struct plot plot = {MESH PROFILE("a", "0.0052 0"),
                                     build_apart,
                                     start_notes,
                                     message_notes,
                                     timer_notes,
                                     after_notes,
                                     NULL};
    char expected[600];
    snprintf(expected, sizeof expected,
             "%s15000000 99 orphaned\n15000000 9 idle: 10 sent, 10 came, 0 lost\n", undisturbed);
    inside(NULL, true);
    expect_everywhere(&plot, expected);
    outside();
}

/* A host that was off from the begin is looked at each 10 ms. Note 9 leaves at 10.5. */
static void starts_later_when_the_host_is_off_at_first(void)
{
    static const struct plot plot = {PAIR PROFILE("b", "0 0\n0.0025 1"),
                                     build_pair,
                                     start_notes,
                                     message_notes,
                                     timer_notes,
                                     after_notes,
                                     NULL};
    first_ns = 1500000;
    expect_everywhere(&plot, "0 0 start -1\n10000000 1 start -1\n11801000 1 mark 9\n"
                             "15000000 9 idle: 10 sent, 1 came, 9 lost\n");
    first_ns = 1000000;
}

/* What the sender had sent and had not come when its host went off at 5.2 ms is lost: note 4. The
 * first host is control's, too. */
static void loses_what_is_on_its_way_when_the_sender_is_off(void)
{
    static const struct plot plot = {PAIR PROFILE("a", "0.0052 0\n0.0085 1"),
                                     build_pair,
                                     start_notes,
                                     message_notes,
                                     timer_notes,
                                     after_notes,
                                     NULL};
    expect_everywhere(&plot, NOTES_BEFORE "5301000 1 mark 3\n8500000 0 start 0\n"
                                          "15000000 9 idle: 5 sent, 4 came, 1 lost\n");
}

/* All hosts of the platform, one after another and together. */
static void ends_when_all_hosts_are_off(void)
{
    static const struct plot plot = {PAIR PROFILE("a", "0.0052 0") PROFILE("b", "0.0052 0"),
                                     build_pair,
                                     start_notes,
                                     message_notes,
                                     timer_notes,
                                     after_notes,
                                     NULL};
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++) {
        char *text = run(&plot, (enum ehr_fidelity)f);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "4301000 1 mark 2\n"));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, " 9 not idle: 5 sent"));
        CU_ASSERT_PTR_NULL(strstr(text, "child"));
        if (strstr(text, "child") != NULL)
            printf("%s", text);
        free(text);
    }
}

static const struct ehr_unit_case cases[] = {
    {"crashes_when_a_profile_turns_the_host_off", crashes_when_a_profile_turns_the_host_off},
    {"loses_what_leaves_for_a_host_that_is_off", loses_what_leaves_for_a_host_that_is_off},
    {"crashes_when_a_program_turns_the_host_off", crashes_when_a_program_turns_the_host_off},
    {"crashes_when_the_actor_is_killed", crashes_when_the_actor_is_killed},
    {"keeps_account_when_the_actor_is_killed_after_a_crash",
     keeps_account_when_the_actor_is_killed_after_a_crash},
    {"stays_down_when_the_actor_is_not_restarted", stays_down_when_the_actor_is_not_restarted},
    {"goes_on_when_the_host_of_control_is_off", goes_on_when_the_host_of_control_is_off},
    {"goes_on_when_the_actor_of_the_program_dies", goes_on_when_the_actor_of_the_program_dies},
    {"starts_later_when_the_host_is_off_at_first", starts_later_when_the_host_is_off_at_first},
    {"loses_what_is_on_its_way_when_the_sender_is_off",
     loses_what_is_on_its_way_when_the_sender_is_off},
    {"ends_when_all_hosts_are_off", ends_when_all_hosts_are_off},
};
EHR_UNIT_MAIN("lives", cases)
