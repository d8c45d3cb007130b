#include "sim/app/monitor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "actors/chain_node.h"
#include "actors/workload.h"

/* A text that is written piece by piece and cut when full. */
struct text {
    char *to;
    size_t length, capacity;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *text, const char *format, ...)
{
    if (text->length >= text->capacity)
        return;
    va_list arguments;
    va_start(arguments, format);
    int written =
        vsnprintf(text->to + text->length, text->capacity - text->length, format, arguments);
    va_end(arguments);
    text->length += written > 0 ? (size_t)written : 0;
}

static struct ehr_workload_state workload_state(const struct ehr_monitor *monitor)
{
    return ehr_workload_state(monitor->nodes[monitor->directory->workload]);
}

static const struct ehr_committee *committee_of(const struct ehr_monitor *monitor, uint32_t chain)
{
    return chain == 0 ? &monitor->directory->alliance
                      : &monitor->directory->hospitals[chain - 1].committee;
}

static const char *chain_name(const struct ehr_monitor *monitor, uint32_t chain)
{
    return chain == 0 ? "alliance" : monitor->directory->hospitals[chain - 1].id;
}

/* The state of a replica; false if it is down, or an adversary. */
static bool replica_state(const struct ehr_monitor *monitor, const struct ehr_committee *committee,
                          uint32_t replica, struct ehr_chain_node_state *state)
{
    uint32_t node = committee->members[replica].node;
    if (monitor->byzantine[node] || !ehr_kernel_node_up(monitor->kernel, node))
        return false;
    *state = ehr_chain_node_state(monitor->nodes[node]);
    return true;
}

/* What the live replicas of a chain wait for: requests that the chain has not executed. What it has
 * is not pending, though a replica that is behind still waits for it. */
struct standing {
    uint32_t pending; /* at the replica that has most */
    uint64_t since_ns;
    uint64_t view;
    const char *engine;
};

/* A replica that is behind may hold what the others have refused, and could not execute it; it is
 * asked only where nobody else is left. Clients repeat to all. */
static struct standing standing_of(const struct ehr_monitor *monitor, uint32_t chain)
{
    const struct ehr_committee *committee = committee_of(monitor, chain);
    struct standing standing = {.since_ns = UINT64_MAX};
    struct ehr_chain_node_state state;
    bool abreast = false;
    for (uint32_t i = 0; i < committee->count; i++)
        abreast = abreast || (replica_state(monitor, committee, i, &state) && state.behind == 0);
    for (uint32_t i = 0; i < committee->count; i++) {
        if (!replica_state(monitor, committee, i, &state))
            continue;
        standing.engine = state.engine;
        if (state.view > standing.view)
            standing.view = state.view;
        if (abreast && state.behind > 0)
            continue;
        if (state.pending > standing.pending)
            standing.pending = state.pending;
        if (state.pending > 0 && state.oldest_since_ns < standing.since_ns)
            standing.since_ns = state.oldest_since_ns;
    }
    return standing;
}

static void describe_replicas(const struct ehr_monitor *monitor, uint32_t chain, struct text *text)
{
    const struct ehr_committee *committee = committee_of(monitor, chain);
    for (uint32_t i = 0; i < committee->count; i++) {
        const char *name = committee->members[i].name, *comma = i > 0 ? "," : "";
        struct ehr_chain_node_state state;
        if (!replica_state(monitor, committee, i, &state)) {
            say(text, "%s %s is %s", comma, name,
                monitor->byzantine[committee->members[i].node] ? "Byzantine" : "down");
            continue;
        }
        say(text, "%s %s is at height %" PRIu64 " in view %" PRIu64 ", %" PRIu32 " waiting", comma,
            name, state.height, state.view, state.waiting);
        if (state.behind > 0)
            say(text, " (behind: lacks the state of height %" PRIu64 ")", state.behind);
    }
}

static void describe_oldest(const struct ehr_monitor *monitor, struct text *text)
{
    struct ehr_workload_state state = workload_state(monitor);
    if (state.open > 0)
        say(text, "%" PRIu64 " requests are open, the oldest is %" PRIu32 " (%s)", state.open,
            state.oldest, ehr_flow_name(state.flow));
    else
        say(text, "no measured request is open");
}

static void describe_chain(const struct ehr_monitor *monitor, uint32_t chain,
                           const struct standing *standing, struct text *text)
{
    say(text, "%" PRIu32 " requests wait since %.3f s, view %" PRIu64 ";", standing->pending,
        (double)standing->since_ns / 1e9, standing->view);
    describe_replicas(monitor, chain, text);
    say(text, "; ");
}

static bool chain_stuck(const struct ehr_monitor *monitor, uint32_t chain, uint64_t now_ns,
                        struct text *text)
{
    struct standing standing = standing_of(monitor, chain);
    if (standing.pending == 0)
        return false;
    uint64_t committed_ns = ehr_observer_committed_ns(monitor->observer, chain);
    uint64_t since_ns = committed_ns > standing.since_ns ? committed_ns : standing.since_ns;
    if (now_ns < since_ns + monitor->window_ns)
        return false;
    say(text, "chain %s (%s) has committed nothing for %.3f s: ", chain_name(monitor, chain),
        standing.engine, (double)(now_ns - since_ns) / 1e9);
    describe_chain(monitor, chain, &standing, text);
    describe_oldest(monitor, text);
    return true;
}

/* When nobody waits any more if the last request comes at `last_ns`. */
static uint64_t drained(const struct ehr_monitor *monitor, uint64_t last_ns)
{
    if (last_ns < monitor->duration_ns)
        last_ns = monitor->duration_ns;
    return last_ns > UINT64_MAX - monitor->drain_ns ? UINT64_MAX : last_ns + monitor->drain_ns;
}

uint64_t ehr_monitor_deadline(const struct ehr_monitor *monitor)
{
    struct ehr_workload_state state = workload_state(monitor);
    return state.arrived ? drained(monitor, state.offered_ns) : UINT64_MAX;
}

struct ehr_outlook ehr_monitor_outlook(const struct ehr_monitor *monitor, uint64_t now_ns)
{
    const struct ehr_workload_outlook workload =
        ehr_workload_outlook(monitor->nodes[monitor->directory->workload], now_ns);
    return (struct ehr_outlook){
        .until_ns = workload.until_ns,
        .deadline_ns = workload.counted ? UINT64_MAX : drained(monitor, workload.until_ns),
        .due = workload.lasts ? 0 : workload.due,
        .left = workload.left,
        .ended = workload.ended,
    };
}

enum ehr_monitor_verdict ehr_monitor_look(struct ehr_monitor *monitor, uint64_t now_ns, char *to,
                                          size_t capacity)
{
    if (now_ns < monitor->next_ns)
        return EHR_MONITOR_GO_ON;
    uint64_t deadline_ns = ehr_monitor_deadline(monitor);
    uint64_t step_ns = monitor->window_ns / 8 + 1;
    monitor->next_ns = now_ns + step_ns;
    /* While requests arrive, the one now may be the last. */
    uint64_t look_ns = deadline_ns == UINT64_MAX ? drained(monitor, now_ns) : deadline_ns;
    if (look_ns >= now_ns && look_ns < monitor->next_ns)
        monitor->next_ns = look_ns;
    if (now_ns >= deadline_ns)
        return EHR_MONITOR_OVER;
    struct text text = {to, 0, capacity};
    for (uint32_t chain = 0; chain <= monitor->directory->hospital_count; chain++)
        if (chain_stuck(monitor, chain, now_ns, &text))
            return EHR_MONITOR_STUCK;
    return EHR_MONITOR_GO_ON;
}

bool ehr_monitor_left(const struct ehr_monitor *monitor, char *to, size_t capacity)
{
    struct text text = {to, 0, capacity};
    if (workload_state(monitor).open == 0)
        return false;
    say(&text, "the run is over, but ");
    describe_oldest(monitor, &text);
    return true;
}

static bool is_replica(const struct ehr_monitor *monitor, uint32_t node)
{
    for (uint32_t chain = 0; chain <= monitor->directory->hospital_count; chain++)
        if (ehr_committee_replica(committee_of(monitor, chain), node) != UINT32_MAX)
            return true;
    return false;
}

/* A request of a party that is down for good ends with it: that is no loss of liveness. A chain
 * that lost replicas is none: it has to go on, or to be seen to stand. */
static bool party_down(const struct ehr_monitor *monitor)
{
    for (uint32_t node = 0; node < monitor->directory->workload; node++)
        if (!ehr_kernel_node_up(monitor->kernel, node) && !is_replica(monitor, node))
            return true;
    return false;
}

bool ehr_monitor_idle(const struct ehr_monitor *monitor, char *to, size_t capacity)
{
    struct text text = {to, 0, capacity};
    struct ehr_workload_state state = workload_state(monitor);
    if (state.open + state.waiting == 0 || monitor->parties_crash || party_down(monitor))
        return false;
    say(&text, "nothing is left to happen, but ");
    for (uint32_t chain = 0; chain <= monitor->directory->hospital_count; chain++) {
        struct standing standing = standing_of(monitor, chain);
        if (standing.pending == 0)
            continue;
        say(&text, "at chain %s (%s) ", chain_name(monitor, chain), standing.engine);
        describe_chain(monitor, chain, &standing, &text);
    }
    describe_oldest(monitor, &text);
    say(&text, ", %" PRIu64 " wait for a patient or a record", state.waiting);
    return true;
}

uint32_t ehr_monitor_behind(const struct ehr_monitor *monitor, char *to, size_t capacity)
{
    struct text text = {to, 0, capacity};
    uint32_t count = 0;
    for (uint32_t chain = 0; chain <= monitor->directory->hospital_count; chain++) {
        const struct ehr_committee *committee = committee_of(monitor, chain);
        for (uint32_t i = 0; i < committee->count; i++) {
            struct ehr_chain_node_state state;
            if (!replica_state(monitor, committee, i, &state) || state.behind == 0)
                continue;
            say(&text, "%s%s at height %" PRIu64 " lacks the state of height %" PRIu64,
                count++ > 0 ? ", " : "", committee->members[i].name, state.height, state.behind);
        }
    }
    return count;
}
