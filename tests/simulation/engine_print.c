/* Steps as lines for people; the golden traces. */
#include "tests/simulation/engine_cluster.h"

#include <inttypes.h>
#include <string.h>

static const char *message_name(uint8_t type)
{
    static const char *const names[] = {
        "?",           "PRE_PREPARE", "PREPARE",      "COMMIT",         "CHECKPOINT",
        "VIEW_CHANGE", "NEW_VIEW",    "PRE_VOTE",     "PRE_VOTE_REPLY", "VOTE",
        "VOTE_REPLY",  "APPEND",      "APPEND_REPLY", "SNAPSHOT",       "PROPOSAL",
        "VOTE",        "TIMEOUT",     "NEED",         "CHAIN",          "STATUS"};
    return type < sizeof(names) / sizeof(names[0]) ? names[type] : "?";
}

/* Blocks of the cluster are numbered from 0 in the order they were made. */
static void print_block(FILE *out, const struct ehr_digest *digest)
{
    static const struct ehr_digest zero;
    uint32_t index;
    memcpy(&index, digest->bytes, sizeof(index));
    if (memcmp(digest, &zero, sizeof(zero)) == 0)
        fprintf(out, "none");
    else
        fprintf(out, "b%" PRIu32, index + 1);
}

static const char *timer_name(uint16_t id)
{
    static const char *const names[] = {"?",         "request", "batch", "election",
                                        "heartbeat", "need",    "repeat"};
    return id < sizeof(names) / sizeof(names[0]) ? names[id] : "?";
}

static void print_message(FILE *out, const struct ehr_engine_message *m)
{
    fprintf(out, "%s view %" PRIu64 " height %" PRIu64, message_name(m->type), m->view, m->height);
    if (m->type <= EHR_ENGINE_COMMIT) {
        fprintf(out, " ");
        print_block(out, &m->digest);
    }
    if (m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY || m->type == EHR_ENGINE_RAFT_VOTE_REPLY ||
        m->type == EHR_ENGINE_RAFT_APPEND_REPLY)
        fprintf(out, m->body_length > 0 && m->body[0] == 1 ? " yes" : " no");
    if (m->body_length > 0)
        fprintf(out, " body %" PRIu32 " B", m->body_length);
    for (uint32_t i = 0; i < m->carried_count; i++) {
        fprintf(out, i == 0 ? " carries " : ",");
        print_block(out, &m->carried[i]);
    }
}

static void print_event(FILE *out, const struct ehr_event *event)
{
    switch (event->type) {
    case EHR_EVENT_START:
        fprintf(out, "start height %" PRIu64 " records %" PRIu32, event->as.start.height,
                event->as.start.record_count);
        break;
    case EHR_EVENT_RECEIVE:
        fprintf(out, "from r%u: ", event->as.receive.message->sender);
        print_message(out, event->as.receive.message);
        break;
    case EHR_EVENT_TIMER:
        fprintf(out, "timer %s", timer_name(event->as.timer.id));
        break;
    case EHR_EVENT_PENDING:
        fprintf(out, "pending: %" PRIu32 " unproposed, %" PRIu32 " waiting",
                event->as.pending.unproposed, event->as.pending.waiting);
        break;
    case EHR_EVENT_PROPOSAL:
        fprintf(out, "proposal height %" PRIu64 " ", event->as.proposal.height);
        if (event->as.proposal.empty)
            fprintf(out, "empty");
        else
            print_block(out, &event->as.proposal.block);
        break;
    case EHR_EVENT_EXECUTED:
        fprintf(out, "executed height %" PRIu64, event->as.executed.height);
        break;
    case EHR_EVENT_INSTALLED:
        fprintf(out, "installed height %" PRIu64, event->as.installed.height);
        break;
    }
}

static void print_effect(FILE *out, const struct ehr_effect *effect)
{
    switch (effect->type) {
    case EHR_EFFECT_PERSIST:
        fprintf(out, "persist %s view %" PRIu64 " height %" PRIu64 " proof %" PRIu32 " B",
                message_name(effect->as.persist.type), effect->as.persist.view,
                effect->as.persist.height, effect->as.persist.proof_length);
        break;
    case EHR_EFFECT_SEND:
        if (effect->as.send.to == EHR_ENGINE_TO_ALL)
            fprintf(out, "send to all: ");
        else
            fprintf(out, "send to r%u: ", effect->as.send.to);
        print_message(out, &effect->as.send.message);
        break;
    case EHR_EFFECT_TIMER:
        fprintf(out, "timer %s ", timer_name(effect->as.timer.id));
        if (effect->as.timer.delay_ns == 0)
            fprintf(out, "off");
        else
            fprintf(out, "in %" PRIu64 " us", effect->as.timer.delay_ns / 1000);
        break;
    case EHR_EFFECT_PROPOSE:
        fprintf(out, "propose height %" PRIu64 " on ", effect->as.propose.height);
        print_block(out, &effect->as.propose.parent);
        break;
    case EHR_EFFECT_COMMIT:
        fprintf(out, "COMMITTED height %" PRIu64 " ", effect->as.commit.height);
        print_block(out, &effect->as.commit.block);
        break;
    case EHR_EFFECT_FETCH:
        fprintf(out, "fetch height %" PRIu64, effect->as.fetch.height);
        break;
    case EHR_EFFECT_NEW_VIEW:
        fprintf(out, "NOW IN VIEW %" PRIu64 ", leader r%u", effect->as.new_view.view,
                effect->as.new_view.leader);
        break;
    }
}

void ehr_cluster_print(FILE *out, uint16_t replica, const struct ehr_event *event,
                       const struct ehr_effects *effects)
{
    fprintf(out, "%8.3f ms r%u ", (double)event->now_ns / 1e6, replica);
    print_event(out, event);
    fprintf(out, "\n");
    for (uint32_t i = 0; i < effects->count; i++) {
        fprintf(out, "                  -> ");
        print_effect(out, &effects->item[i]);
        fprintf(out, "\n");
    }
}
