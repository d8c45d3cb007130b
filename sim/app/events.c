#include "sim/app/events.h"

#include <simgrid/actor.h>

#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"

enum kind { BLOCK = 1, REQUEST, REFUSAL, VIEW };

struct queued {
    enum kind kind;
    uint32_t request, chain, node;
    uint64_t number; /* height, view */
    uint64_t now_ns;
    enum ehr_reason reason;
    uint8_t hash[32];
};

struct ehr_events {
    struct ehr_hooks hooks; /* those that the program knows of */
    const struct ehr_measure_names *names;
    struct ehr_request_log *log;
    struct ehr_counters *counters;
    struct queued *queue;
    size_t told, count, capacity;
    bool telling;
    aid_t teller; /* actor that tells */
};

struct ehr_events *ehr_events_new(const struct ehr_hooks *hooks,
                                  const struct ehr_measure_names *names,
                                  struct ehr_measure *measure)
{
    struct ehr_events *events = ehr_app_zeroed(1, sizeof *events);
    size_t known = hooks->size < sizeof *hooks ? hooks->size : sizeof *hooks;
    memcpy(&events->hooks, hooks, known);
    events->names = names;
    events->log = ehr_measure_requests(measure);
    events->counters = ehr_measure_counters(measure);
    return events;
}

void ehr_events_free(struct ehr_events *events)
{
    if (events == NULL)
        return;
    free(events->queue);
    free(events);
}

/* ---- what happens ---- */

static struct queued *add(struct ehr_events *events, enum kind kind, uint64_t now_ns)
{
    if (events->told == events->count)
        events->told = events->count = 0;
    if (events->count == events->capacity) {
        events->capacity = 2 * events->capacity + 64;
        events->queue = ehr_app_resize(events->queue, events->capacity * sizeof *events->queue);
    }
    struct queued *queued = &events->queue[events->count++];
    *queued = (struct queued){.kind = kind, .now_ns = now_ns};
    return queued;
}

void ehr_events_block(struct ehr_events *events, uint32_t chain, uint64_t height,
                      const uint8_t hash[32], uint64_t now_ns)
{
    if (events == NULL || events->hooks.block == NULL)
        return;
    struct queued *queued = add(events, BLOCK, now_ns);
    queued->chain = chain;
    queued->number = height;
    memcpy(queued->hash, hash, sizeof queued->hash);
}

void ehr_events_request(struct ehr_events *events, uint32_t request, uint64_t now_ns)
{
    if (events == NULL || events->hooks.request == NULL)
        return;
    add(events, REQUEST, now_ns)->request = request;
}

void ehr_events_refusal(struct ehr_events *events, uint32_t request, uint32_t chain, uint32_t node,
                        enum ehr_reason reason, uint64_t now_ns)
{
    if (events == NULL || events->hooks.refusal == NULL)
        return;
    struct queued *queued = add(events, REFUSAL, now_ns);
    queued->request = request;
    queued->chain = chain;
    queued->node = node;
    queued->reason = reason;
}

void ehr_events_view(struct ehr_events *events, uint32_t chain, uint32_t node, uint64_t view,
                     uint64_t now_ns)
{
    if (events == NULL || events->hooks.view_change == NULL)
        return;
    struct queued *queued = add(events, VIEW, now_ns);
    queued->chain = chain;
    queued->node = node;
    queued->number = view;
}

/* ---- telling ---- */

static const char *node_name(const struct ehr_events *events, uint32_t node)
{
    return node < events->names->node_count ? events->names->nodes[node].name : NULL;
}

static void block_tell(const struct ehr_events *events, const struct queued *queued)
{
    const struct ehr_block_row *row =
        ehr_counters_block(events->counters, queued->chain, queued->number);
    struct ehr_block_event event = {.chain = events->names->chains[queued->chain].name,
                                    .height = queued->number,
                                    .view = row->view,
                                    .proposer = node_name(events, row->proposer),
                                    .transactions = row->transactions,
                                    .bytes = row->bytes,
                                    .proposed_ns = row->proposed_ns,
                                    .committed_ns = queued->now_ns};
    memcpy(event.hash.bytes, queued->hash, sizeof event.hash.bytes);
    events->hooks.block(events->hooks.context, &event);
}

struct ehr_request_event ehr_events_request_of(const struct ehr_measure_names *names,
                                               const struct ehr_request_log *log, uint32_t request)
{
    const struct ehr_request *r = ehr_request_get(log, request);
    bool ended = r->outcome != EHR_OUTCOME_INVALID;
    bool well = r->outcome == EHR_OUTCOME_OK || r->outcome == EHR_OUTCOME_UNFINISHED;
    return (struct ehr_request_event){
        .request = request,
        .flow = ehr_flow_name((enum ehr_flow)r->flow),
        .hospital = r->hospital < names->hospital_count ? names->hospitals[r->hospital] : NULL,
        .outcome = ended ? ehr_outcome_name((enum ehr_outcome)r->outcome) : NULL,
        .reason = ended && !well ? ehr_reason_name((enum ehr_reason)r->reason) : "",
        .start_ns = r->start_ns,
        .end_ns = ended ? r->end_ns : 0,
        .identical = r->identical,
    };
}

static void refusal_tell(const struct ehr_events *events, const struct queued *queued)
{
    const struct ehr_refusal_event event = {
        .request = queued->request,
        .chain = queued->chain == UINT32_MAX ? NULL : events->names->chains[queued->chain].name,
        .node = node_name(events, queued->node),
        .reason = ehr_reason_name(queued->reason),
        .now_ns = queued->now_ns,
    };
    events->hooks.refusal(events->hooks.context, &event);
}

static void tell(const struct ehr_events *events, const struct queued *queued)
{
    const struct ehr_hooks *hooks = &events->hooks;
    switch (queued->kind) {
    case BLOCK:
        block_tell(events, queued);
        return;
    case REQUEST: {
        const struct ehr_request_event event =
            ehr_events_request_of(events->names, events->log, queued->request);
        hooks->request(hooks->context, &event);
        return;
    }
    case REFUSAL:
        refusal_tell(events, queued);
        return;
    case VIEW: {
        const struct ehr_view_event event = {.chain = events->names->chains[queued->chain].name,
                                             .node = node_name(events, queued->node),
                                             .view = queued->number,
                                             .now_ns = queued->now_ns};
        hooks->view_change(hooks->context, &event);
        return;
    }
    }
}

bool ehr_events_telling(const struct ehr_events *events)
{
    return events != NULL && events->telling && events->teller == sg_actor_self_get_pid();
}

bool ehr_events_waiting(const struct ehr_events *events)
{
    return events != NULL && events->told < events->count;
}

/* A teller may have been killed while its hook was in SimGrid: then the next one goes on. */
static bool telling(const struct ehr_events *events)
{
    return events->telling && sg_actor_by_pid(events->teller) != NULL;
}

void ehr_events_flush(struct ehr_events *events)
{
    if (!ehr_events_waiting(events) || telling(events))
        return;
    events->telling = true;
    events->teller = sg_actor_self_get_pid();
    while (events->told < events->count) {
        const struct queued queued = events->queue[events->told++]; /* the queue may move */
        tell(events, &queued);
    }
    events->telling = false;
}

void ehr_events_ready(struct ehr_events *events)
{
    if (events == NULL || events->hooks.ready == NULL)
        return;
    events->telling = true;
    events->teller = sg_actor_self_get_pid();
    events->hooks.ready(events->hooks.context);
    events->telling = false;
}

void ehr_events_done(struct ehr_events *events)
{
    if (events == NULL)
        return;
    ehr_events_flush(events);
    if (events->hooks.done != NULL)
        events->hooks.done(events->hooks.context);
}
