#include "sim/measure/timeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/measure/memory.h"
#include "sim/measure/timeline_record.h"

/* A handler that runs: it is kept when it has ended, since only then it is known whose it is. */
struct ehr_timeline_open {
    struct ehr_timeline_record handler;
    struct ehr_timeline_record step; /* that goes on; kind 0: none */
    struct ehr_timeline_record *parts;
    size_t part_count, part_capacity;
    struct ehr_subject *owners;
    size_t owner_count, owner_capacity;
    struct ehr_timeline_open *next; /* of the idle ones */
};

struct ehr_timeline *ehr_timeline_new(uint32_t limit)
{
    struct ehr_timeline *timeline = ehr_measure_zeroed(1, sizeof *timeline);
    assert(limit >= EHR_TIMELINE_EVENTS_MIN && limit <= EHR_TIMELINE_EVENTS_MAX);
    timeline->limit = limit;
    timeline->every = 1;
    return timeline;
}

static void open_free(struct ehr_timeline_open *open)
{
    if (open == NULL)
        return;
    free(open->parts);
    free(open->owners);
    free(open);
}

void ehr_timeline_free(struct ehr_timeline *timeline)
{
    if (timeline == NULL)
        return;
    for (unsigned device = 0; device < 2; device++) {
        for (size_t i = 0; i < timeline->open_count[device]; i++)
            open_free(timeline->open[device][i]);
        free(timeline->open[device]);
    }
    while (timeline->idle != NULL) {
        struct ehr_timeline_open *next = timeline->idle->next;
        open_free(timeline->idle);
        timeline->idle = next;
    }
    free(timeline->records);
    free(timeline);
}

/* ---- what is kept ---- */

uint64_t ehr_timeline_weight(const struct ehr_timeline_record *record)
{
    switch ((enum ehr_record_kind)record->kind) {
    case EHR_RECORD_OWNER:
        return 0;
    case EHR_RECORD_HANDLER:
    case EHR_RECORD_STEP:
    case EHR_RECORD_NOTICE:
    case EHR_RECORD_SEND:
    case EHR_RECORD_RECEIVE:
    case EHR_RECORD_LOST:
    case EHR_RECORD_PHASE_ADD:
        return 1;
    case EHR_RECORD_PHASE: /* begins and ends */
        return 2;
    case EHR_RECORD_REQUEST: /* the same, and durable and shared */
        return 4;
    case EHR_RECORD_BLOCK: /* itself and its two parts */
        return 6;
    }
    return 0;
}

static bool is_sampled(const struct ehr_timeline *timeline, uint64_t number)
{
    return number % timeline->every == 0;
}

static bool is_part(const struct ehr_timeline_record *record)
{
    return record->kind == EHR_RECORD_HANDLER || record->kind == EHR_RECORD_STEP ||
           record->kind == EHR_RECORD_NOTICE;
}

/* Half of the subjects go, with all that belongs to none that stays. */
static void thin(struct ehr_timeline *timeline)
{
    size_t kept = 0;
    bool owned = false, owners = false;
    timeline->every *= 2;
    timeline->used = 0;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct ehr_timeline_record *record = &timeline->records[i];
        bool stays = is_sampled(timeline, record->subject);
        if (record->kind == EHR_RECORD_OWNER) {
            owned = (owners && owned) || stays;
            owners = true;
        } else {
            owners = false;
            if (is_part(record))
                stays = owned;
        }
        if (!stays)
            continue;
        timeline->used += ehr_timeline_weight(record);
        timeline->records[kept++] = *record;
    }
    timeline->count = kept;
}

static void make_room(struct ehr_timeline *timeline)
{
    while (timeline->used + timeline->reserved > timeline->limit && timeline->count > 0)
        thin(timeline);
}

static void put(struct ehr_timeline *timeline, const struct ehr_timeline_record *record)
{
    if (timeline->count == timeline->capacity) {
        size_t capacity = timeline->capacity == 0 ? 1024 : 2 * timeline->capacity;
        timeline->records = ehr_measure_grow(timeline->records, timeline->capacity, capacity,
                                             sizeof *timeline->records);
        timeline->capacity = capacity;
    }
    timeline->records[timeline->count++] = *record;
    timeline->used += ehr_timeline_weight(record);
}

static void keep(struct ehr_timeline *timeline, struct ehr_timeline_record record,
                 struct ehr_subject subject)
{
    if (!is_sampled(timeline, subject.number))
        return;
    record.subject = subject.number;
    record.chain = subject.chain;
    record.of = (uint8_t)subject.kind;
    put(timeline, &record);
    make_room(timeline);
}

/* ---- handlers ---- */

static struct ehr_timeline_open **slot_of(struct ehr_timeline *timeline,
                                          struct ehr_timeline_track track)
{
    size_t count = timeline->open_count[track.device];
    if (track.index >= count) {
        size_t wanted = (size_t)track.index + count + 64;
        timeline->open[track.device] = ehr_measure_grow(timeline->open[track.device], count, wanted,
                                                        sizeof(struct ehr_timeline_open *));
        timeline->open_count[track.device] = wanted;
    }
    return &timeline->open[track.device][track.index];
}

static bool subjects_equal(struct ehr_subject a, struct ehr_subject b)
{
    return a.kind == b.kind && a.number == b.number && a.chain == b.chain;
}

/* A broadcast is many messages of one subject, a block's receipts are of many: the last ones are
 * looked at, and one that is noted twice does no harm. */
static void owner_add(struct ehr_timeline *timeline, struct ehr_timeline_open *open,
                      struct ehr_subject subject)
{
    const size_t looked = 8;
    if (!is_sampled(timeline, subject.number))
        return;
    for (size_t i = open->owner_count; i-- > 0 && i + looked >= open->owner_count;)
        if (subjects_equal(open->owners[i], subject))
            return;
    if (open->owner_count == open->owner_capacity) {
        size_t capacity = open->owner_capacity == 0 ? 4 : 2 * open->owner_capacity;
        open->owners =
            ehr_measure_grow(open->owners, open->owner_capacity, capacity, sizeof *open->owners);
        open->owner_capacity = capacity;
    }
    open->owners[open->owner_count++] = subject;
}

static void part_add(struct ehr_timeline_open *open, const struct ehr_timeline_record *part)
{
    if (open->part_count == open->part_capacity) {
        size_t capacity = open->part_capacity == 0 ? 4 : 2 * open->part_capacity;
        open->parts =
            ehr_measure_grow(open->parts, open->part_capacity, capacity, sizeof *open->parts);
        open->part_capacity = capacity;
    }
    open->parts[open->part_count++] = *part;
}

void ehr_timeline_begin(struct ehr_timeline *timeline, uint64_t now_ns,
                        const struct ehr_timeline_handler *handler)
{
    struct ehr_timeline_open **slot = slot_of(timeline, handler->track);
    if (*slot != NULL) /* its actor died in the middle */
        ehr_timeline_end(timeline, now_ns, handler->track, true);
    timeline->last_ns = now_ns;
    struct ehr_timeline_open *open = timeline->idle;
    if (open != NULL)
        timeline->idle = open->next;
    else
        open = ehr_measure_zeroed(1, sizeof *open);
    *slot = open;
    open->part_count = open->owner_count = 0;
    open->step.kind = 0;
    open->handler = (struct ehr_timeline_record){
        .order = ++timeline->order,
        .at_ns = now_ns,
        .track = handler->track.index,
        .device = handler->track.device,
        .node = handler->node,
        .to = handler->waiting,
        .type = handler->type,
        .phase = (uint16_t)handler->phase,
        .cause = (uint8_t)handler->cause,
        .kind = EHR_RECORD_HANDLER,
    };
    struct ehr_subject subject = handler->subject;
    if (handler->cause == EHR_TIMELINE_START || handler->cause == EHR_TIMELINE_TIMER)
        subject = (struct ehr_subject){.kind = EHR_SUBJECT_OWN, .number = ++timeline->handlers};
    owner_add(timeline, open, subject);
    if (handler->cause != EHR_TIMELINE_MESSAGE)
        return;
    struct ehr_timeline_record receive = open->handler;
    receive.kind = EHR_RECORD_RECEIVE;
    receive.order = ++timeline->order;
    receive.to = handler->node;
    receive.number = handler->number;
    keep(timeline, receive, subject);
}

void ehr_timeline_step(struct ehr_timeline *timeline, uint64_t now_ns,
                       struct ehr_timeline_track track, enum ehr_timeline_step step)
{
    struct ehr_timeline_open *open = *slot_of(timeline, track);
    assert(open != NULL && open->step.kind == 0);
    timeline->last_ns = now_ns;
    open->step = (struct ehr_timeline_record){
        .order = ++timeline->order,
        .at_ns = now_ns,
        .track = track.index,
        .device = track.device,
        .type = step,
        .kind = EHR_RECORD_STEP,
    };
}

void ehr_timeline_step_end(struct ehr_timeline *timeline, uint64_t now_ns,
                           struct ehr_timeline_track track)
{
    struct ehr_timeline_open *open = *slot_of(timeline, track);
    assert(open != NULL && open->step.kind != 0 && now_ns >= open->step.at_ns);
    timeline->last_ns = now_ns;
    open->step.span_ns = now_ns - open->step.at_ns;
    part_add(open, &open->step);
    open->step.kind = 0;
}

void ehr_timeline_end(struct ehr_timeline *timeline, uint64_t now_ns,
                      struct ehr_timeline_track track, bool cut)
{
    struct ehr_timeline_open **slot = slot_of(timeline, track), *open = *slot;
    assert(open != NULL && now_ns >= open->handler.at_ns);
    *slot = NULL;
    if (open->step.kind != 0) { /* that nobody will end */
        open->step.span_ns = now_ns - open->step.at_ns;
        part_add(open, &open->step);
    }
    open->handler.span_ns = now_ns - open->handler.at_ns;
    open->handler.cut = cut;
    bool owned = false;
    for (size_t i = 0; i < open->owner_count; i++) {
        const struct ehr_subject owner = open->owners[i];
        const struct ehr_timeline_record record = {.subject = owner.number,
                                                   .chain = owner.chain,
                                                   .of = (uint8_t)owner.kind,
                                                   .kind = EHR_RECORD_OWNER};
        if (!is_sampled(timeline, owner.number)) /* any more */
            continue;
        put(timeline, &record);
        owned = true;
    }
    if (owned) {
        put(timeline, &open->handler);
        for (size_t i = 0; i < open->part_count; i++)
            put(timeline, &open->parts[i]);
        make_room(timeline);
    }
    open->next = timeline->idle;
    timeline->idle = open;
}

void ehr_timeline_belongs(struct ehr_timeline *timeline, struct ehr_timeline_track track,
                          struct ehr_subject subject)
{
    struct ehr_timeline_open *open = *slot_of(timeline, track);
    if (open != NULL)
        owner_add(timeline, open, subject);
}

void ehr_timeline_notice(struct ehr_timeline *timeline, uint64_t now_ns,
                         struct ehr_timeline_track track, enum ehr_timeline_notice notice,
                         uint64_t value)
{
    struct ehr_timeline_open *open = *slot_of(timeline, track);
    const struct ehr_timeline_record record = {
        .order = ++timeline->order,
        .at_ns = now_ns,
        .number = value,
        .track = track.index,
        .device = track.device,
        .type = notice,
        .kind = EHR_RECORD_NOTICE,
    };
    if (open != NULL)
        part_add(open, &record);
}

/* A message that an adversary held back leaves when nothing runs: an instant's work stands for it,
 * as arrows begin and end at work. */
static void send_alone(struct ehr_timeline *timeline, uint64_t now_ns,
                       const struct ehr_timeline_message *message)
{
    const struct ehr_timeline_handler handler = {.track = message->track,
                                                 .subject = message->subject,
                                                 .cause = EHR_TIMELINE_POST,
                                                 .node = message->from,
                                                 .type = message->type,
                                                 .phase = message->phase};
    ehr_timeline_begin(timeline, now_ns, &handler);
    ehr_timeline_send(timeline, now_ns, message);
    ehr_timeline_end(timeline, now_ns, message->track, false);
}

void ehr_timeline_send(struct ehr_timeline *timeline, uint64_t now_ns,
                       const struct ehr_timeline_message *message)
{
    struct ehr_timeline_open *open = *slot_of(timeline, message->track);
    if (open == NULL) {
        send_alone(timeline, now_ns, message);
        return;
    }
    timeline->last_ns = now_ns;
    const struct ehr_timeline_record record = {
        .order = ++timeline->order,
        .at_ns = now_ns,
        .number = message->number,
        .track = message->track.index,
        .device = message->track.device,
        .node = message->from,
        .to = message->to,
        .type = message->type,
        .phase = (uint16_t)message->phase,
        .bytes = message->bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)message->bytes,
        .kind = message->number == 0 ? EHR_RECORD_LOST : EHR_RECORD_SEND,
    };
    owner_add(timeline, open, message->subject);
    keep(timeline, record, message->subject);
}

/* ---- requests, blocks ---- */

void ehr_timeline_request(struct ehr_timeline *timeline, uint32_t request)
{
    const struct ehr_subject subject = {.kind = EHR_SUBJECT_REQUEST, .number = request};
    const struct ehr_timeline_record record = {.order = ++timeline->order,
                                               .kind = EHR_RECORD_REQUEST};
    keep(timeline, record, subject);
}

void ehr_timeline_phase(struct ehr_timeline *timeline, uint64_t now_ns, uint32_t request,
                        enum ehr_phase phase)
{
    const struct ehr_subject subject = {.kind = EHR_SUBJECT_REQUEST, .number = request};
    const struct ehr_timeline_record record = {
        .order = ++timeline->order, .at_ns = now_ns, .type = phase, .kind = EHR_RECORD_PHASE};
    keep(timeline, record, subject);
}

void ehr_timeline_phase_add(struct ehr_timeline *timeline, uint64_t now_ns, uint32_t request,
                            enum ehr_phase phase, uint64_t added_ns)
{
    const struct ehr_subject subject = {.kind = EHR_SUBJECT_REQUEST, .number = request};
    const struct ehr_timeline_record record = {.order = ++timeline->order,
                                               .at_ns = now_ns,
                                               .span_ns = added_ns,
                                               .type = phase,
                                               .kind = EHR_RECORD_PHASE_ADD};
    keep(timeline, record, subject);
}

void ehr_timeline_block(struct ehr_timeline *timeline, uint32_t chain, uint64_t height)
{
    const struct ehr_subject subject = {
        .kind = EHR_SUBJECT_BLOCK, .chain = chain, .number = height};
    const struct ehr_timeline_record record = {.order = ++timeline->order,
                                               .kind = EHR_RECORD_BLOCK};
    keep(timeline, record, subject);
}

/* ---- the end ---- */

void ehr_timeline_finish(struct ehr_timeline *timeline, uint64_t now_ns, uint64_t reserved)
{
    if (now_ns < timeline->last_ns) /* the last event may have passed the deadline */
        now_ns = timeline->last_ns;
    for (unsigned device = 0; device < 2; device++)
        for (uint32_t i = 0; i < timeline->open_count[device]; i++)
            if (timeline->open[device][i] != NULL)
                ehr_timeline_end(timeline, now_ns, (struct ehr_timeline_track){i, device == 1},
                                 true);
    timeline->reserved = reserved;
    make_room(timeline);
}
