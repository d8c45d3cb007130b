#include "sim/app/observer.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"

/* A revocation whose patient has been told, or of which a proxy has heard. */
struct exposure {
    uint32_t request;
    uint32_t exposed; /* proxies that stopped serving */
    bool told;
    bool ended;
};

struct watched_chain {
    uint64_t committed_ns;
    uint64_t view; /* highest that was counted */
};

struct ehr_observer {
    struct ehr_observer_config config;
    struct ehr_request_log *log;
    struct ehr_counters *counters;
    struct watched_chain *chains;
    struct exposure *exposures; /* few: a linear search from the youngest */
    size_t exposure_count, exposure_capacity;
};

struct ehr_observer *ehr_observer_new(const struct ehr_observer_config *config)
{
    struct ehr_observer *observer = ehr_app_zeroed(1, sizeof *observer);
    observer->config = *config;
    observer->log = ehr_measure_requests(config->measure);
    observer->counters = ehr_measure_counters(config->measure);
    observer->chains = ehr_app_zeroed(config->names->chain_count, sizeof *observer->chains);
    return observer;
}

void ehr_observer_free(struct ehr_observer *observer)
{
    if (observer == NULL)
        return;
    free(observer->chains);
    free(observer->exposures);
    free(observer);
}

uint64_t ehr_observer_committed_ns(const struct ehr_observer *observer, uint32_t chain)
{
    return observer->chains[chain].committed_ns;
}

/* ---- requests ---- */

static bool is_request(const struct ehr_observer *observer, uint64_t request)
{
    return request != EHR_REQUEST_NONE && request <= ehr_request_count(observer->log);
}

uint32_t ehr_observer_open(struct ehr_observer *observer, enum ehr_flow flow, uint32_t hospital,
                           uint64_t now_ns)
{
    uint32_t request = ehr_request_open(observer->log, flow, hospital, now_ns);
    if (observer->config.timeline != NULL)
        ehr_timeline_request(observer->config.timeline, request);
    return request;
}

/* `node`: who says so; UINT32_MAX: nobody. */
static void request_close(struct ehr_observer *observer, uint32_t request, enum ehr_outcome outcome,
                          enum ehr_reason reason, uint32_t node, uint64_t now_ns)
{
    if (!ehr_request_is_open(observer->log, request))
        return;
    ehr_request_close(observer->log, request, outcome, reason, now_ns);
    if (outcome == EHR_OUTCOME_REFUSED)
        ehr_events_refusal(observer->config.events, request, UINT32_MAX, node, reason, now_ns);
    ehr_events_request(observer->config.events, request, now_ns);
}

void ehr_observer_close(struct ehr_observer *observer, uint32_t request, enum ehr_reply reply,
                        uint64_t now_ns)
{
    if (is_request(observer, request))
        request_close(observer, request, ehr_reply_outcome(reply), ehr_reply_reason(reply),
                      UINT32_MAX, now_ns);
}

static void phase_show(struct ehr_observer *observer, const struct ehr_mark *mark, uint64_t now_ns)
{
    struct ehr_timeline *timeline = observer->config.timeline;
    const enum ehr_phase phase = (enum ehr_phase)mark->phase;
    if (timeline == NULL || !ehr_request_is_open(observer->log, mark->request))
        return;
    if (mark->kind == EHR_MARK_PHASE)
        ehr_timeline_phase(timeline, now_ns, mark->request, phase);
    else
        ehr_timeline_phase_add(timeline, now_ns, mark->request, phase, mark->value);
}

/* Peers choose the numbers in their messages: what does not fit is no measurement. */
static void phase_enter(struct ehr_observer *observer, const struct ehr_mark *mark, uint64_t now_ns)
{
    enum ehr_flow flow = (enum ehr_flow)ehr_request_get(observer->log, mark->request)->flow;
    if (mark->phase == EHR_PHASE_INVALID || mark->phase >= EHR_PHASE_END ||
        ehr_flow_phase_slot(flow, (enum ehr_phase)mark->phase) < 0)
        return;
    phase_show(observer, mark, now_ns);
    if (mark->kind == EHR_MARK_PHASE)
        ehr_request_phase(observer->log, mark->request, (enum ehr_phase)mark->phase, now_ns);
    else
        ehr_request_phase_add(observer->log, mark->request, (enum ehr_phase)mark->phase,
                              mark->value);
}

/* ---- revocations ---- */

static struct exposure *exposure_of(struct ehr_observer *observer, uint32_t request)
{
    for (size_t i = observer->exposure_count; i-- > 0;)
        if (observer->exposures[i].request == request)
            return &observer->exposures[i];
    if (observer->exposure_count == observer->exposure_capacity) {
        observer->exposure_capacity = 2 * observer->exposure_capacity + 16;
        observer->exposures = ehr_app_resize(observer->exposures, observer->exposure_capacity *
                                                                      sizeof *observer->exposures);
    }
    struct exposure *exposure = &observer->exposures[observer->exposure_count++];
    *exposure = (struct exposure){.request = request};
    return exposure;
}

static bool is_byzantine(const struct ehr_observer *observer, uint32_t node)
{
    return observer->config.byzantine != NULL && observer->config.byzantine[node];
}

static uint32_t proxies_up(const struct ehr_observer *observer)
{
    const struct ehr_directory *directory = observer->config.directory;
    uint32_t up = 0;
    for (uint32_t i = 0; i < directory->proxies; i++)
        up += observer->config.up(observer->config.context, directory->alliance.members[i].node) &&
              !is_byzantine(observer, directory->alliance.members[i].node);
    return up;
}

static void exposure_look(struct ehr_observer *observer, struct exposure *exposure, uint64_t now_ns)
{
    if (exposure->ended || !exposure->told || exposure->exposed < proxies_up(observer))
        return;
    exposure->ended = true;
    request_close(observer, exposure->request, EHR_OUTCOME_OK, EHR_REASON_NONE, UINT32_MAX, now_ns);
}

static void exposed(struct ehr_observer *observer, uint32_t node, uint32_t request, uint64_t now_ns)
{
    const struct ehr_directory *directory = observer->config.directory;
    if (ehr_committee_replica(&directory->alliance, node) >= directory->proxies)
        return;
    struct exposure *exposure = exposure_of(observer, request);
    exposure->exposed++;
    exposure_look(observer, exposure, now_ns);
}

void ehr_observer_finish(struct ehr_observer *observer, uint64_t now_ns)
{
    for (size_t i = 0; i < observer->exposure_count; i++)
        if (observer->exposures[i].told)
            request_close(observer, observer->exposures[i].request, EHR_OUTCOME_OK, EHR_REASON_NONE,
                          UINT32_MAX, now_ns);
}

static void close(struct ehr_observer *observer, const struct ehr_mark *mark, uint32_t node,
                  uint64_t now_ns)
{
    enum ehr_reply reply = (enum ehr_reply)mark->phase;
    enum ehr_outcome outcome = ehr_reply_outcome(reply);
    bool revocation = ehr_request_get(observer->log, mark->request)->flow == EHR_FLOW_REVOKE;
    if (revocation && outcome == EHR_OUTCOME_OK) {
        struct exposure *exposure = exposure_of(observer, mark->request);
        exposure->told = true;
        exposure_look(observer, exposure, now_ns);
        return;
    }
    request_close(observer, mark->request, outcome, ehr_reply_reason(reply), node, now_ns);
}

static void give_up(struct ehr_observer *observer, const struct ehr_mark *mark, uint32_t node,
                    uint64_t now_ns)
{
    enum ehr_reason reason = ehr_reply_reason((enum ehr_reply)mark->phase);
    if (mark->phase == EHR_REPLY_INVALID || reason == EHR_REASON_NONE)
        reason = EHR_REASON_TIMED_OUT;
    request_close(observer, mark->request, EHR_OUTCOME_TIMEOUT, reason, node, now_ns);
}

static void request_mark(struct ehr_observer *observer, uint64_t now_ns, uint32_t node,
                         const struct ehr_mark *mark)
{
    struct ehr_request_log *log = observer->log;
    if (!is_request(observer, mark->request))
        return;
    switch ((enum ehr_mark_kind)mark->kind) {
    case EHR_MARK_SENT:
        ehr_request_sent(log, mark->request, now_ns);
        return;
    case EHR_MARK_PHASE:
    case EHR_MARK_PHASE_ADD:
        phase_enter(observer, mark, now_ns);
        return;
    case EHR_MARK_CLOSE:
        close(observer, mark, node, now_ns);
        return;
    case EHR_MARK_TIMEOUT:
        give_up(observer, mark, node, now_ns);
        return;
    case EHR_MARK_BLAME:
        if (mark->value < observer->config.names->node_count)
            ehr_request_blame(log, mark->request, (uint32_t)mark->value);
        return;
    case EHR_MARK_IDENTICAL:
        if (ehr_request_is_open(log, mark->request))
            ehr_request_identical(log, mark->request);
        return;
    case EHR_MARK_DURABLE:
        ehr_request_durable(log, mark->request, now_ns);
        ehr_safety_durable(observer->config.safety, mark->request);
        return;
    case EHR_MARK_SHARED:
        ehr_request_shared(log, mark->request, now_ns);
        ehr_safety_shared(observer->config.safety, mark->request);
        return;
    case EHR_MARK_EXPOSED:
        exposed(observer, node, mark->request, now_ns);
        return;
    case EHR_MARK_PROPOSED:
    case EHR_MARK_COMMITTED:
    case EHR_MARK_SIGNERS:
    case EHR_MARK_VIEW:
    case EHR_MARK_EXPIRED:
    case EHR_MARK_DIVERGED:
    case EHR_MARK_DROPPED:
    case EHR_MARK_REFUSED_TX:
    case EHR_MARK_ACKED:
    case EHR_MARK_PRIVATE_COMMIT:
        return;
    }
}

/* ---- chains ---- */

static void committed(struct ehr_observer *observer, uint64_t now_ns, const struct ehr_mark *mark)
{
    const struct ehr_chain *chain = observer->config.chains[mark->phase];
    struct watched_chain *watched = &observer->chains[mark->phase];
    const struct ehr_chain_block *entry = ehr_chain_block_at(chain, mark->value);
    const struct ehr_block_facts facts = {.height = mark->value,
                                          .view = mark->request,
                                          .bytes = entry->block->length,
                                          .transactions = entry->block->count,
                                          .proposer = entry->proposer};
    watched->committed_ns = now_ns;
    if (ehr_counters_block_committed(observer->counters, mark->phase, &facts, now_ns)) {
        ehr_events_block(observer->config.events, mark->phase, mark->value, entry->block->hash,
                         now_ns);
        if (observer->config.timeline != NULL)
            ehr_timeline_block(observer->config.timeline, mark->phase, mark->value);
    }
    ehr_safety_commit(observer->config.safety, mark->phase, mark->value);
}

static void chain_mark(struct ehr_observer *observer, uint64_t now_ns, uint32_t node,
                       const struct ehr_mark *mark)
{
    struct watched_chain *watched = &observer->chains[mark->phase];
    if (mark->kind == EHR_MARK_PROPOSED) {
        ehr_counters_block_proposed(observer->counters, mark->phase, mark->value, mark->request,
                                    node, now_ns);
    } else if (mark->kind == EHR_MARK_COMMITTED) {
        committed(observer, now_ns, mark);
    } else if (mark->kind == EHR_MARK_SIGNERS) {
        ehr_counters_block_signers(observer->counters, mark->phase, mark->value, mark->request);
    } else if (mark->kind == EHR_MARK_VIEW) {
        ehr_events_view(observer->config.events, mark->phase, node, mark->value, now_ns);
        if (mark->value <= watched->view)
            return;
        watched->view = mark->value;
        ehr_counters_view_change(observer->counters, mark->phase);
    } else if (mark->kind == EHR_MARK_EXPIRED) {
        ehr_counters_timeout(observer->counters, node, (uint32_t)mark->value);
    } else if (mark->kind == EHR_MARK_DIVERGED) {
        const struct ehr_chain *chain = observer->config.chains[mark->phase];
        uint32_t first = ehr_chain_block_at(chain, mark->value)->executor;
        ehr_safety_diverged(
            observer->config.safety, observer->config.names->chains[mark->phase].name, mark->value,
            observer->config.names->nodes[first].name, observer->config.names->nodes[node].name);
    } else if (mark->kind == EHR_MARK_ACKED) {
        ehr_safety_acknowledged(observer->config.safety, mark->phase, mark->value);
    }
}

/* What only a correct replica can say: what its chain holds, and whom it serves no more. */
static bool is_testimony(const struct ehr_mark *mark)
{
    return mark->kind == EHR_MARK_COMMITTED || mark->kind == EHR_MARK_SIGNERS ||
           mark->kind == EHR_MARK_VIEW || mark->kind == EHR_MARK_DIVERGED ||
           mark->kind == EHR_MARK_EXPOSED || mark->kind == EHR_MARK_REFUSED_TX;
}

void ehr_observer_mark(struct ehr_observer *observer, uint64_t now_ns, uint32_t node,
                       const struct ehr_mark *mark)
{
    if (is_byzantine(observer, node) && is_testimony(mark))
        return;
    switch ((enum ehr_mark_kind)mark->kind) {
    case EHR_MARK_PROPOSED:
    case EHR_MARK_COMMITTED:
    case EHR_MARK_SIGNERS:
    case EHR_MARK_VIEW:
    case EHR_MARK_EXPIRED:
    case EHR_MARK_DIVERGED:
    case EHR_MARK_ACKED:
        assert(mark->phase < observer->config.names->chain_count);
        chain_mark(observer, now_ns, node, mark);
        return;
    case EHR_MARK_DROPPED:
        if (mark->phase < observer->config.names->message_count)
            ehr_counters_message(observer->counters, node, EHR_DIRECTION_DROPPED, mark->phase, 1,
                                 mark->value);
        return;
    case EHR_MARK_REFUSED_TX:
        ehr_events_refusal(observer->config.events,
                           is_request(observer, mark->request) ? mark->request : EHR_REQUEST_NONE,
                           mark->phase, node, ehr_reply_reason((enum ehr_reply)mark->value),
                           now_ns);
        return;
    case EHR_MARK_PRIVATE_COMMIT:
        return;
    case EHR_MARK_SENT:
    case EHR_MARK_PHASE:
    case EHR_MARK_PHASE_ADD:
    case EHR_MARK_CLOSE:
    case EHR_MARK_TIMEOUT:
    case EHR_MARK_BLAME:
    case EHR_MARK_IDENTICAL:
    case EHR_MARK_DURABLE:
    case EHR_MARK_SHARED:
    case EHR_MARK_EXPOSED:
        request_mark(observer, now_ns, node, mark);
        return;
    }
}

/* ---- messages ---- */

bool ehr_observer_type_has_request(uint16_t type)
{
    switch ((enum ehr_message_type)type) {
    case EHR_MSG_CONSENSUS:
    case EHR_MSG_CONSENSUS_IDS:
    case EHR_MSG_TX_GET:
    case EHR_MSG_TX_BODY:
    case EHR_MSG_GARBLED:
    case EHR_MSG_BLOCK_SIGN:
    case EHR_MSG_BODY_GET:
    case EHR_MSG_BODY:
    case EHR_MSG_COMPLAINT:
    case EHR_MSG_SYNC_ASK:
    case EHR_MSG_SYNC_BLOCKS:
    case EHR_MSG_SYNC_HASH_ASK:
    case EHR_MSG_SYNC_HASH:
    case EHR_MESSAGE_INVALID:
    case EHR_MESSAGE_TYPES:
        return false;
    case EHR_MSG_ENROL:
    case EHR_MSG_CARD:
    case EHR_MSG_CARD_ASK:
    case EHR_MSG_CARD_SHOW:
    case EHR_MSG_CARD_CHECK:
    case EHR_MSG_CARD_STATUS:
    case EHR_MSG_DRAFT:
    case EHR_MSG_TOKEN:
    case EHR_MSG_STORE:
    case EHR_MSG_STORE_ACK:
    case EHR_MSG_SUBMIT:
    case EHR_MSG_REPLY:
    case EHR_MSG_RECEIPT:
    case EHR_MSG_QUERY:
    case EHR_MSG_ANSWER:
    case EHR_MSG_FETCH:
    case EHR_MSG_LOCATE:
    case EHR_MSG_LOCATED:
    case EHR_MSG_COMPARE:
    case EHR_MSG_RELEASE:
    case EHR_MSG_RECORD:
    case EHR_MSG_ACCESS_ASK:
    case EHR_MSG_ACCESS_REPLY:
    case EHR_MSG_ACCESS:
    case EHR_MSG_SHARE:
    case EHR_MSG_BEGIN_ENROL:
    case EHR_MSG_BEGIN_VISIT:
    case EHR_MSG_BEGIN_RETRIEVE:
    case EHR_MSG_BEGIN_SHARE:
    case EHR_MSG_BEGIN_REVOKE:
    case EHR_MSG_BEGIN_BATCH:
    case EHR_MSG_BEGIN_ORDER:
    case EHR_MSG_BATCH_ASK:
    case EHR_MSG_BATCH_REPLY:
    case EHR_MSG_REPLY_ITEMS:
    case EHR_MSG_ACCESS_REPLY_SCOPED:
    case EHR_MSG_ACCESS_SCOPED:
    case EHR_MSG_EMERGENCY_ASK:
    case EHR_MSG_EMERGENCY_KEYS:
    case EHR_MSG_COSIGN_ASK:
    case EHR_MSG_COSIGNED:
    case EHR_MSG_AUDIT:
    case EHR_MSG_RECEIPT_ACK:
    case EHR_MSG_ENDED:
        return true;
    }
    return false;
}

void ehr_observer_message(struct ehr_observer *observer, uint32_t from,
                          const struct ehr_message *message)
{
    ehr_safety_message(observer->config.safety, from, message);
    if (!ehr_observer_type_has_request(message->type))
        return;
    /* The first field of all of them: a test compares with the table of messages. Above its low
     * half stands what tells apart those who ask for the request: the job of a node, a visit of a
     * batch, a block of a hospital (which has no request below). */
    uint32_t request = (uint32_t)((const struct ehr_msg_enrol *)(const void *)message)->request;
    if (is_request(observer, request))
        ehr_request_bytes(observer->log, request, message->size + observer->config.overhead_bytes);
}

void ehr_observer_consensus(struct ehr_observer *observer, uint32_t node,
                            enum ehr_direction direction, const struct ehr_message *message)
{
    const uint64_t bytes = message->size + observer->config.overhead_bytes;
    if (message->type == EHR_MSG_CONSENSUS)
        ehr_counters_consensus(observer->counters, node, direction,
                               EHR_AS(consensus, message)->phase, bytes);
    else if (message->type == EHR_MSG_CONSENSUS_IDS) /* the same, its transactions apart */
        ehr_counters_consensus(observer->counters, node, direction,
                               EHR_AS(consensus_ids, message)->phase, bytes);
}
