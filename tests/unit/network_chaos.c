/* The kernel under random effects and crashes, in every fidelity: accounts, leaks, repetition. */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/network_world.h"

#define CLUSTER                                                                                    \
    "<cluster id='c' prefix='h' suffix='' radical='0-15' speed='1Gf' bw='125MBps' lat='50us'/>"
static void config_disk(struct ehr_kernel_config *config)
{
    config->storage_write_ns = 70000;
    config->storage_bytes_per_s = 500000000;
}

enum { CHAOS_NODES = 9, CHAOS_LANES = 5 };
static uint64_t chaos_state[CHAOS_NODES];
static uint32_t chaos_left[CHAOS_NODES];
static uint32_t chaos_acts = 400; /* of each node */

static uint64_t draw(uint32_t node, uint64_t below)
{
    chaos_state[node] = chaos_state[node] * 6364136223846793005U + 1442695040888963407U + node;
    return (chaos_state[node] >> 33) % below;
}

/* Hosts 0 to 4 carry nodes. */
static void impair_chaos(void)
{
    static const uint32_t two[] = {1, 3};
    static const struct ehr_kernel_hosts some = {two, 2};
    static const uint16_t groups[16] = {1, 2, 1, 0, 2};
    for (uint64_t i = 0; i < 6; i++) {
        uint64_t at = 5000000 * i + 777;
        ehr_kernel_partition(world.kernel, groups, at, at + 700000);
        ehr_kernel_loss(world.kernel, i % 2 == 0 ? &some : NULL, NULL, 0.3, at, at + 3000000);
        ehr_kernel_delay(world.kernel, NULL, &some, 100000 * i, at, at + 2000000);
        ehr_kernel_slow(world.kernel, (uint32_t)i % 5, 1.0 + 0.7 * (double)i, at, at + 4000000);
        ehr_kernel_link(world.kernel, (uint32_t)i, 1000000, 200000, at, at + 1000000);
    }
}

static void build_chaos(void)
{
    static const enum ehr_node_place places[CHAOS_NODES] = {
        EHR_NODE_ROLE,    EHR_NODE_REPLICA, EHR_NODE_DEVICES, EHR_NODE_REPLICA, EHR_NODE_ROLE,
        EHR_NODE_REPLICA, EHR_NODE_DEVICES, EHR_NODE_REPLICA, EHR_NODE_CONTROL};
    for (uint32_t i = 0; i < CHAOS_NODES; i++) {
        node_add(i / 2, places[i], CHAOS_LANES);
        if (i % 3 != 0)
            ehr_kernel_journal_keep(world.kernel, i);
        chaos_left[i] = chaos_acts;
    }
    impair_chaos();
    const uint32_t most[] = {0, 1, 3, 4, 5, 6, 7};
    world.group = ehr_kernel_group_add(world.kernel, most, 7);
    for (uint32_t i = 0; i < 12; i++) {
        uint64_t at = 3000000 * (uint64_t)i + 12345;
        if (i % 3 == 0)
            ehr_kernel_crash_host(world.kernel, i % 4, at, at + 2000000);
        ehr_kernel_crash_node(world.kernel, i % 8, at, at + 500000 * (1 + i % 9));
    }
}

static struct ehr_address someone(uint32_t node, uint32_t nodes)
{
    struct ehr_address to = {(uint32_t)draw(node, nodes), 0};
    if (to.node == 2 || to.node == 6)
        to.lane = (uint32_t)draw(node, CHAOS_LANES);
    return to;
}

static void chaos_act(uint32_t node, struct ehr_fx *fx)
{
    if (chaos_left[node] == 0)
        return;
    chaos_left[node]--;
    for (uint64_t i = draw(node, 5); i > 0; i--) {
        /* one draw a statement: compilers differ in the order of arguments */
        uint64_t what = draw(node, node == 8 ? 2 : 8);
        uint64_t small = draw(node, 9), large = 1100 + draw(node, 50000);
        struct ehr_address to = someone(node, what == 0 ? CHAOS_NODES : 8);
        if (what == 0)
            ehr_fx_post(fx, to, note(i));
        else if (what == 1)
            ehr_fx_timer(fx, 1, i, 60 * large);
        else if (what == 2)
            ehr_fx_charge(fx, EHR_COST_HASH, 1, small * large);
        else if (what == 3)
            ehr_fx_charge_parallel(fx, EHR_COST_HASH, small, large);
        else if (what == 4)
            ehr_fx_persist(fx, large, 7, ehr_blob_new("a record", small % 7));
        else if (what == 5)
            ehr_fx_broadcast(fx, world.group, parcel(i, large / 10 + 1100));
        else
            ehr_fx_send(fx, to, parcel(i, large));
        mark(fx, what);
    }
}

static void start_chaos(uint32_t node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    for (uint32_t i = 0; saved != NULL && i < saved->count; i++)
        if (saved->records[i].kind != 7 || saved->records[i].data->length > 6)
            say(0, node, "a wrong record");
    say(ehr_fx_now(fx), node, "start %u", saved != NULL ? saved->count : 0);
    chaos_act(node, fx);
    ehr_fx_timer(fx, 2, 0, 100000);
}

static void message_chaos(uint32_t node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    say(ehr_fx_now(fx), node, "%u got %" PRIu64 " of %u", d->lane, number_of(d), d->from.node);
    chaos_act(node, fx);
}

static void timer_chaos(uint32_t node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                        uint64_t generation)
{
    (void)id, (void)generation, (void)lane;
    chaos_act(node, fx);
}

static void after_chaos(void)
{
    uint64_t in = 0, out = 0, dropped = 0;
    for (uint32_t i = 0; i < CHAOS_NODES; i++) {
        const struct ehr_kernel_counters *c = ehr_kernel_counters(world.kernel, i);
        in += c->messages_in, out += c->messages_out, dropped += c->dropped;
        if (!ehr_kernel_node_up(world.kernel, i))
            say(0, i, "still down");
    }
    bool kept = in + dropped == out && dropped > 20 && in > (uint64_t)chaos_acts;
    say(0, 0, "%s %" PRIu64 " = %" PRIu64 " + %" PRIu64, kept ? "kept" : "LOST", out, in, dropped);
    if (world.end != EHR_KERNEL_IDLE)
        say(0, 0, "not idle");
}

/* Every message sent arrives or is counted as dropped, nothing leaks, runs repeat exactly. */
static void keeps_account_when_nodes_crash(void)
{
    static const struct plot plot = {CLUSTER,     build_chaos, start_chaos, message_chaos,
                                     timer_chaos, after_chaos, config_disk};
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++) {
        char *one = run(&plot, (enum ehr_fidelity)f), *two = run(&plot, (enum ehr_fidelity)f);
        CU_ASSERT_PTR_NOT_NULL(strstr(one, "kept"));
        CU_ASSERT_PTR_NULL(strstr(one, "LOST"));
        CU_ASSERT_PTR_NOT_NULL(strstr(one, "\n7512345 2 start ")); /* whatever its lanes do */
        CU_ASSERT_PTR_NULL(strstr(one, "left:"));
        CU_ASSERT_PTR_NULL(strstr(one, "wrong"));
        CU_ASSERT_PTR_NULL(strstr(one, "child"));
        CU_ASSERT_PTR_NULL(strstr(one, "still down"));
        CU_ASSERT_PTR_NULL(strstr(one, "not idle"));
        CU_ASSERT_STRING_EQUAL(one, two);
        if (getenv("EHRGRID_PRINT") != NULL)
            printf("%s", one);
        free(one);
        free(two);
    }
}

/* Nodes in actors of a program do what those of the kernel do: the same trace, byte for byte. */
static void is_the_same_when_actors_of_a_program_inhabit_the_nodes(void)
{
    static const struct plot plot = {CLUSTER,     build_chaos, start_chaos, message_chaos,
                                     timer_chaos, after_chaos, config_disk};
    chaos_acts = 120;
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++) {
        world_inside = false;
        char *own = run(&plot, (enum ehr_fidelity)f);
        world_inside = true;
        char *inhabited = run(&plot, (enum ehr_fidelity)f);
        CU_ASSERT_PTR_NOT_NULL(strstr(inhabited, "kept"));
        CU_ASSERT_STRING_EQUAL(own, inhabited);
        if (getenv("EHRGRID_PRINT") != NULL)
            printf("%s", inhabited);
        free(own);
        free(inhabited);
    }
    world_inside = false;
    chaos_acts = 400;
}

#define PROFILE(host, text)                                                                        \
    "<trace id='t" host "' periodicity='0.02'>\n" text "\n</trace><trace_connect trace='t" host    \
    "' element='" host "' kind='HOST_AVAIL'/>"

/* While all that goes on SimGrid's hosts go off and on, that of control (h0) too. */
static void keeps_account_when_hosts_go_off(void)
{
    static const struct plot plot = {CLUSTER PROFILE("h0", "0.004 0\n0.0052 1")
                                         PROFILE("h1", "0.002 0\n0.0031 1\n0.0035 0\n0.009 1")
                                             PROFILE("h3", "0.0071 0\n0.0096 1")
                                                 PROFILE("h4", "0.004 0\n0.0043 1"),
                                     build_chaos,
                                     start_chaos,
                                     message_chaos,
                                     timer_chaos,
                                     after_chaos,
                                     config_disk};
    chaos_acts = 150;
    for (int i = 0; i < 6; i++) {
        world_inside = world_restart = i % 2 == 1;
        char *text = run(&plot, (enum ehr_fidelity)(i / 2 + 1));
        bool kept = strstr(text, "kept") != NULL && strstr(text, "left:") == NULL &&
                    strstr(text, "child") == NULL && strstr(text, "wrong") == NULL &&
                    strstr(text, "not idle") == NULL;
        CU_ASSERT(kept);
        CU_ASSERT(i % 2 == 0 || strstr(text, "orphaned") != NULL);
        if (!kept || getenv("EHRGRID_PRINT") != NULL)
            printf("%d %s", i, strlen(text) > 1500 && kept ? text + strlen(text) - 200 : text);
        free(text);
    }
    world_inside = world_restart = false;
    chaos_acts = 400;
}

static const struct ehr_unit_case cases[] = {
    {"keeps_account_when_hosts_go_off", keeps_account_when_hosts_go_off},
    {"is_the_same_when_actors_of_a_program_inhabit_the_nodes",
     is_the_same_when_actors_of_a_program_inhabit_the_nodes},
    {"keeps_account_when_nodes_crash", keeps_account_when_nodes_crash},
};
EHR_UNIT_MAIN("network chaos", cases)
