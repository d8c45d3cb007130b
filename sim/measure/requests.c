#include "sim/measure/requests.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "sim/measure/memory.h"
#include "sim/measure/request_pages.h"

/* A country-day has half a million requests: 60 MB, of which less than 4 are in memory. */
#define PAGE_REQUESTS  256u
#define RESIDENT_PAGES 128u
_Static_assert(PAGE_REQUESTS *RESIDENT_PAGES == EHR_REQUEST_LOG_RESIDENT, "as the header says");
_Static_assert(sizeof(struct ehr_request) == 120, "as the header says");

struct ehr_request_log {
    struct ehr_request_pages *pages;
    uint32_t count;
    uint32_t open_count;
};

static const char *const flow_names[] = {
#define EHR_X(symbol, name) [EHR_FLOW_##symbol] = name,
    EHR_FLOW_TABLE(EHR_X)
#undef EHR_X
};

static const char *const outcome_names[] = {
#define EHR_X(symbol, name) [EHR_OUTCOME_##symbol] = name,
    EHR_OUTCOME_TABLE(EHR_X)
#undef EHR_X
};

static const char *const reason_names[] = {
#define EHR_X(symbol, name, text) [EHR_REASON_##symbol] = name,
    EHR_REASON_TABLE(EHR_X)
#undef EHR_X
};

static const char *const reason_texts[] = {
#define EHR_X(symbol, name, text) [EHR_REASON_##symbol] = text,
    EHR_REASON_TABLE(EHR_X)
#undef EHR_X
};

static const char *const phase_names[] = {
#define EHR_X(symbol, name) [EHR_PHASE_##symbol] = name,
    EHR_PHASE_TABLE(EHR_X)
#undef EHR_X
};

static const struct {
    uint8_t flow;
    uint8_t phase;
} flow_phases[] = {
#define EHR_X(flow, phase) {EHR_FLOW_##flow, EHR_PHASE_##phase},
    EHR_FLOW_PHASE_TABLE(EHR_X)
#undef EHR_X
};

const char *ehr_flow_name(enum ehr_flow flow)
{
    assert(flow > EHR_FLOW_INVALID && flow < EHR_FLOW_END);
    return flow_names[flow];
}

const char *ehr_outcome_name(enum ehr_outcome outcome)
{
    assert(outcome > EHR_OUTCOME_INVALID && outcome < EHR_OUTCOME_END);
    return outcome_names[outcome];
}

const char *ehr_reason_name(enum ehr_reason reason)
{
    assert(reason > EHR_REASON_INVALID && reason < EHR_REASON_END);
    return reason_names[reason];
}

const char *ehr_reason_text(enum ehr_reason reason)
{
    assert(reason > EHR_REASON_INVALID && reason < EHR_REASON_END);
    return reason_texts[reason];
}

const char *ehr_phase_name(enum ehr_phase phase)
{
    assert(phase > EHR_PHASE_INVALID && phase < EHR_PHASE_END);
    return phase_names[phase];
}

int ehr_flow_phase_slot(enum ehr_flow flow, enum ehr_phase phase)
{
    int slot = 0;
    for (size_t i = 0; i < sizeof(flow_phases) / sizeof(flow_phases[0]); i++) {
        if (flow_phases[i].flow != flow)
            continue;
        if (flow_phases[i].phase == phase)
            return slot;
        slot++;
    }
    return -1;
}

struct ehr_request_log *ehr_request_log_new(struct ehr_results *results)
{
    return ehr_request_log_new_of(ehr_request_pages_new(results, PAGE_REQUESTS, RESIDENT_PAGES));
}

struct ehr_request_log *ehr_request_log_new_of(struct ehr_request_pages *take_pages)
{
    struct ehr_request_log *log = ehr_measure_zeroed(1, sizeof(*log));
    log->pages = take_pages;
    return log;
}

void ehr_request_log_free(struct ehr_request_log *log)
{
    if (log == NULL)
        return;
    ehr_request_pages_free(log->pages);
    free(log);
}

/* To be written to. */
static struct ehr_request *find(struct ehr_request_log *log, uint32_t id)
{
    assert(id != EHR_REQUEST_NONE && id <= log->count);
    return ehr_request_pages_at(log->pages, id - 1, true);
}

const struct ehr_request *ehr_request_get(const struct ehr_request_log *log, uint32_t id)
{
    assert(id != EHR_REQUEST_NONE && id <= log->count);
    return ehr_request_pages_at(log->pages, id - 1, false);
}

static bool is_open(const struct ehr_request *request)
{
    return request->outcome == EHR_OUTCOME_INVALID;
}

uint32_t ehr_request_open(struct ehr_request_log *log, enum ehr_flow flow, uint32_t hospital,
                          uint64_t now_ns)
{
    assert(flow > EHR_FLOW_INVALID && flow < EHR_FLOW_END);
    assert(log->count < UINT32_MAX);
    uint32_t id = ++log->count;
    log->open_count++;
    struct ehr_request *request = find(log, id);
    request->start_ns = now_ns;
    request->sent_ns = EHR_REQUEST_TIME_UNKNOWN;
    request->durable_ns = EHR_REQUEST_TIME_UNKNOWN;
    request->shared_ns = EHR_REQUEST_TIME_UNKNOWN;
    request->hospital = hospital;
    request->blamed = EHR_REQUEST_NOBODY;
    request->flow = (uint8_t)flow;
    return id;
}

bool ehr_request_is_open(const struct ehr_request_log *log, uint32_t id)
{
    return is_open(ehr_request_get(log, id));
}

void ehr_request_sent(struct ehr_request_log *log, uint32_t id, uint64_t now_ns)
{
    struct ehr_request *request = find(log, id);
    assert(now_ns >= request->start_ns);
    if (is_open(request) && request->sent_ns == EHR_REQUEST_TIME_UNKNOWN)
        request->sent_ns = now_ns;
}

static unsigned slot_of(const struct ehr_request *request, enum ehr_phase phase)
{
    int slot = ehr_flow_phase_slot((enum ehr_flow)request->flow, phase);
    assert(slot >= 0 && slot < (int)EHR_FLOW_PHASES_MAX);
    return (unsigned)slot;
}

static void end_running_phase(struct ehr_request *request, uint64_t now_ns)
{
    if (request->running == EHR_PHASE_INVALID)
        return;
    assert(now_ns >= request->running_ns);
    unsigned slot = slot_of(request, (enum ehr_phase)request->running);
    request->phase_ns[slot] += now_ns - request->running_ns;
    request->running = EHR_PHASE_INVALID;
}

void ehr_request_phase(struct ehr_request_log *log, uint32_t id, enum ehr_phase phase,
                       uint64_t now_ns)
{
    struct ehr_request *request = find(log, id);
    unsigned slot = slot_of(request, phase);
    if (!is_open(request))
        return;
    assert(now_ns >= request->start_ns);
    end_running_phase(request, now_ns);
    request->running = (uint8_t)phase;
    request->running_ns = now_ns;
    request->phases_seen = (uint8_t)(request->phases_seen | 1u << slot);
}

void ehr_request_phase_add(struct ehr_request_log *log, uint32_t id, enum ehr_phase phase,
                           uint64_t duration_ns)
{
    struct ehr_request *request = find(log, id);
    unsigned slot = slot_of(request, phase);
    if (!is_open(request))
        return;
    request->phase_ns[slot] += duration_ns;
    request->phases_seen = (uint8_t)(request->phases_seen | 1u << slot);
}

void ehr_request_bytes(struct ehr_request_log *log, uint32_t id, uint64_t bytes)
{
    find(log, id)->bytes += bytes;
}

void ehr_request_blame(struct ehr_request_log *log, uint32_t id, uint32_t node)
{
    struct ehr_request *request = find(log, id);
    if (request->blamed == EHR_REQUEST_NOBODY)
        request->blamed = node;
}

void ehr_request_identical(struct ehr_request_log *log, uint32_t id)
{
    struct ehr_request *request = find(log, id);
    assert(is_open(request));
    request->identical = true;
}

void ehr_request_durable(struct ehr_request_log *log, uint32_t id, uint64_t now_ns)
{
    struct ehr_request *request = find(log, id);
    assert(now_ns >= request->start_ns);
    if (request->durable_ns == EHR_REQUEST_TIME_UNKNOWN)
        request->durable_ns = now_ns;
}

void ehr_request_shared(struct ehr_request_log *log, uint32_t id, uint64_t now_ns)
{
    struct ehr_request *request = find(log, id);
    assert(now_ns >= request->start_ns);
    if (request->shared_ns == EHR_REQUEST_TIME_UNKNOWN)
        request->shared_ns = now_ns;
}

static void close_request(struct ehr_request_log *log, struct ehr_request *request,
                          enum ehr_outcome outcome, enum ehr_reason reason, uint64_t now_ns)
{
    assert(is_open(request)); /* closed twice */
    assert(now_ns >= request->start_ns);
    end_running_phase(request, now_ns);
    request->end_ns = now_ns;
    request->outcome = (uint8_t)outcome;
    request->reason = (uint8_t)reason;
    log->open_count--;
}

void ehr_request_close(struct ehr_request_log *log, uint32_t id, enum ehr_outcome outcome,
                       enum ehr_reason reason, uint64_t now_ns)
{
    assert(outcome > EHR_OUTCOME_INVALID && outcome < EHR_OUTCOME_UNFINISHED);
    assert(reason > EHR_REASON_INVALID && reason < EHR_REASON_END);
    assert((outcome == EHR_OUTCOME_OK) == (reason == EHR_REASON_NONE));
    close_request(log, find(log, id), outcome, reason, now_ns);
}

void ehr_request_finish_all(struct ehr_request_log *log, uint64_t now_ns)
{
    for (uint32_t id = 1; id <= log->count && log->open_count > 0; id++) {
        if (ehr_request_is_open(log, id))
            close_request(log, find(log, id), EHR_OUTCOME_UNFINISHED, EHR_REASON_NONE, now_ns);
    }
}

uint32_t ehr_request_count(const struct ehr_request_log *log)
{
    return log->count;
}

uint32_t ehr_request_open_count(const struct ehr_request_log *log)
{
    return log->open_count;
}

/* The header promises room for the phases of every flow. */
#define COUNT_IF(flow, phase) +(EHR_FLOW_##flow == CHECKED_FLOW ? 1 : 0)
#define CHECKED_FLOW          EHR_FLOW_VISIT
_Static_assert(0 EHR_FLOW_PHASE_TABLE(COUNT_IF) <= (int)EHR_FLOW_PHASES_MAX, "visit");
#undef CHECKED_FLOW
#define CHECKED_FLOW EHR_FLOW_RETRIEVE
_Static_assert(0 EHR_FLOW_PHASE_TABLE(COUNT_IF) <= (int)EHR_FLOW_PHASES_MAX, "retrieve");
#undef CHECKED_FLOW
#define CHECKED_FLOW EHR_FLOW_SHARE
_Static_assert(0 EHR_FLOW_PHASE_TABLE(COUNT_IF) <= (int)EHR_FLOW_PHASES_MAX, "share");
_Static_assert(EHR_FLOW_PHASES_MAX <= 8, "phases_seen has a bit for each");
