/* The timeline of a run: what the kernel shows of its work, and to which request or block it
 * belongs. A message belongs to the request whose number it carries, or to the block whose height
 * it names. */
#include "sim/app/world_internal.h"

static struct ehr_timeline_track track_of(struct ehr_watch_strand strand)
{
    return (struct ehr_timeline_track){strand.index, strand.device};
}

/* The fields of an engine's message; false: it is none. */
static bool engine_fields(const struct ehr_message *message, uint32_t *phase, uint64_t *height)
{
    if (message->type == EHR_MSG_CONSENSUS) {
        *phase = EHR_AS(consensus, message)->phase;
        *height = EHR_AS(consensus, message)->height;
        return true;
    }
    if (message->type == EHR_MSG_CONSENSUS_IDS) {
        *phase = EHR_AS(consensus_ids, message)->phase;
        *height = EHR_AS(consensus_ids, message)->height;
        return true;
    }
    return false;
}

static bool is_request(const struct ehr_world *world, uint32_t request)
{
    return request != EHR_REQUEST_NONE &&
           request <= ehr_request_count(ehr_measure_requests(world->measure));
}

/* `own`: what stands for a message that belongs to neither. */
static struct ehr_subject subject_of(const struct ehr_world *world, uint32_t node,
                                     const struct ehr_message *message, uint64_t own,
                                     uint32_t *phase)
{
    uint64_t height = 0;
    if (engine_fields(message, phase, &height)) {
        uint32_t chain = world->node_chains[node];
        ++*phase;
        if (height > 0 && chain < world->names.chain_count)
            return (struct ehr_subject){height, chain, EHR_SUBJECT_BLOCK};
    } else if (ehr_observer_type_has_request(message->type)) {
        uint32_t request = (uint32_t)((const struct ehr_msg_enrol *)(const void *)message)->request;
        if (is_request(world, request))
            return (struct ehr_subject){request, 0, EHR_SUBJECT_REQUEST};
    }
    return (struct ehr_subject){own, 0, EHR_SUBJECT_OWN};
}

static void on_begin(void *context, uint64_t now_ns, const struct ehr_watch_handler *seen)
{
    static const enum ehr_timeline_cause causes[] = {[EHR_WATCH_START] = EHR_TIMELINE_START,
                                                     [EHR_WATCH_MESSAGE] = EHR_TIMELINE_MESSAGE,
                                                     [EHR_WATCH_POST] = EHR_TIMELINE_POST,
                                                     [EHR_WATCH_TIMER] = EHR_TIMELINE_TIMER};
    const struct ehr_world *world = context;
    struct ehr_timeline_handler handler = {.track = track_of(seen->strand),
                                           .cause = causes[seen->cause],
                                           .node = seen->node,
                                           .type = seen->timer,
                                           .waiting = seen->waiting,
                                           .number = seen->number};
    if (seen->message != NULL) {
        handler.type = seen->message->type;
        handler.subject =
            subject_of(world, seen->node, seen->message, seen->number, &handler.phase);
    }
    ehr_timeline_begin(world->timeline, now_ns, &handler);
}

static void on_end(void *context, uint64_t now_ns, struct ehr_watch_strand strand, bool cut)
{
    ehr_timeline_end(((struct ehr_world *)context)->timeline, now_ns, track_of(strand), cut);
}

static void on_step(void *context, uint64_t now_ns, struct ehr_watch_strand strand,
                    enum ehr_watch_step step)
{
    ehr_timeline_step(((struct ehr_world *)context)->timeline, now_ns, track_of(strand),
                      step == EHR_WATCH_COMPUTE ? EHR_TIMELINE_COMPUTE : EHR_TIMELINE_PERSIST);
}

static void on_step_end(void *context, uint64_t now_ns, struct ehr_watch_strand strand)
{
    ehr_timeline_step_end(((struct ehr_world *)context)->timeline, now_ns, track_of(strand));
}

static void on_leave(void *context, uint64_t now_ns, const struct ehr_watch_message *seen)
{
    const struct ehr_world *world = context;
    struct ehr_timeline_message message = {
        .track = track_of(seen->strand),
        .from = seen->from,
        .to = seen->to,
        .type = seen->message->type,
        .bytes = seen->message->size + world->scenario->network.overhead_bytes,
        .number = seen->number,
    };
    message.subject = subject_of(world, seen->from, seen->message, seen->number, &message.phase);
    ehr_timeline_send(world->timeline, now_ns, &message);
}

void world_timeline_open(struct ehr_world *world)
{
    if (world->options.trace_events == 0)
        return;
    world->timeline = ehr_timeline_new(world->options.trace_events);
    ehr_measure_timeline_set(world->measure, world->timeline);
}

const struct ehr_kernel_watch *world_timeline_watch(struct ehr_world *world)
{
    world->watch = (struct ehr_kernel_watch){.context = world,
                                             .begin = on_begin,
                                             .end = on_end,
                                             .step = on_step,
                                             .step_end = on_step_end,
                                             .leave = on_leave};
    return world->options.trace_events > 0 ? &world->watch : NULL;
}

/* Who marks something of a request or a block works for it. Of devices a mark does not say which
 * one made it. */
void world_timeline_mark(struct ehr_world *world, uint64_t now_ns, uint32_t node,
                         const struct ehr_mark *mark)
{
    struct ehr_timeline *timeline = world->timeline;
    const struct ehr_timeline_track track = {node, false};
    if (timeline == NULL)
        return;
    switch ((enum ehr_mark_kind)mark->kind) {
    case EHR_MARK_PROPOSED:
    case EHR_MARK_COMMITTED:
        ehr_timeline_belongs(timeline, track,
                             (struct ehr_subject){mark->value, mark->phase, EHR_SUBJECT_BLOCK});
        return;
    case EHR_MARK_VIEW:
        ehr_timeline_notice(timeline, now_ns, track, EHR_TIMELINE_VIEW, mark->value);
        return;
    case EHR_MARK_EXPIRED:
        ehr_timeline_notice(timeline, now_ns, track, EHR_TIMELINE_EXPIRED, mark->value);
        return;
    case EHR_MARK_EXPOSED:
        ehr_timeline_notice(timeline, now_ns, track, EHR_TIMELINE_EXPOSED, mark->request);
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
    case EHR_MARK_REFUSED_TX:
        if (is_request(world, mark->request))
            ehr_timeline_belongs(timeline, track,
                                 (struct ehr_subject){mark->request, 0, EHR_SUBJECT_REQUEST});
        return;
    case EHR_MARK_SIGNERS:
    case EHR_MARK_DIVERGED:
    case EHR_MARK_DROPPED:
    case EHR_MARK_ACKED:
    case EHR_MARK_PRIVATE_COMMIT:
        return;
    }
}
