/* Strands: one handler at a time, then the script of effects that it left behind, step by step. */
#include "sim/network/impair.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/memory.h"

/* ---- inbox ---- */

static void inbox_grow(struct ehr_strand *strand)
{
    size_t old = strand->inbox_capacity;
    strand->inbox = ehr_grow(strand->inbox, &strand->inbox_capacity, sizeof *strand->inbox);
    /* The part before the head moves behind the old end: the ring is in order again. */
    memcpy(strand->inbox + old, strand->inbox, strand->inbox_head * sizeof *strand->inbox);
}

static void inbox_add(struct ehr_kernel *kernel, struct ehr_strand *strand,
                      const struct ehr_item *item)
{
    if (strand->inbox_count == strand->inbox_capacity)
        inbox_grow(strand);
    size_t at = strand->inbox_head + strand->inbox_count++;
    strand->inbox[at & (strand->inbox_capacity - 1)] = *item;
    if (item->kind == EHR_ITEM_MESSAGE || item->kind == EHR_ITEM_POST)
        ehr_message_ref(item->as.message);
    struct ehr_kernel_counters *counters = &kernel->seats[item->node]->counters;
    if (strand->inbox_count > counters->queue_max)
        counters->queue_max = (uint32_t)strand->inbox_count;
}

static struct ehr_item inbox_take(struct ehr_strand *strand)
{
    struct ehr_item item = strand->inbox[strand->inbox_head];
    strand->inbox_head = (strand->inbox_head + 1) & (strand->inbox_capacity - 1);
    strand->inbox_count--;
    return item;
}

static void item_release(const struct ehr_item *item)
{
    if (item->kind == EHR_ITEM_MESSAGE || item->kind == EHR_ITEM_POST)
        ehr_message_unref(item->as.message);
}

static bool item_void(const struct ehr_kernel *kernel, const struct ehr_item *item)
{
    uint64_t since = kernel->seats[item->node]->since;
    return since == EHR_NEVER || since > item->since;
}

/* Arrived messages have crossed the network: what waits in an inbox is not asked again. */
static bool item_cut(const struct ehr_kernel *kernel, const struct ehr_item *item)
{
    if ((item->since >= kernel->cut_since && !kernel->mortal) || item->kind != EHR_ITEM_MESSAGE)
        return false;
    const struct ehr_seat *from = kernel->seats[item->from];
    if (kernel->mortal && ehr_way_broken(kernel, from, kernel->seats[item->node]))
        return true;
    return item->since < kernel->cut_since &&
           (item->since < kernel->hosts[from->host].cut_since ||
            (kernel->impair != NULL && ehr_partition_cuts(kernel, item)));
}

/* ---- handlers ---- */

void ehr_handler_call_here(struct ehr_fx *fx, const struct ehr_item *item)
{
    struct ehr_seat *seat = fx->seat;
    struct ehr_node *node = seat->node;
    switch ((enum ehr_item_kind)item->kind) {
    case EHR_ITEM_START: {
        struct ehr_journal journal = ehr_journal_view(seat);
        bool first = seat->first_life;
        seat->first_life = false;
        node->type->on_start(node, fx, first ? NULL : &journal);
        return;
    }
    case EHR_ITEM_MESSAGE:
    case EHR_ITEM_POST: {
        struct ehr_delivery delivery = {
            .from = {item->from, item->from_lane}, .lane = item->lane, .message = item->as.message};
        node->type->on_message(node, fx, &delivery);
        return;
    }
    case EHR_ITEM_TIMER:
        node->type->on_timer(node, fx, item->lane, item->from, item->as.generation);
        return;
    }
}

/* ---- devices ---- */

static struct ehr_strand *device_open(struct ehr_kernel *kernel, uint32_t lane)
{
    struct ehr_strand *strand = kernel->devices[lane];
    if (strand != NULL)
        return strand;
    strand = kernel->devices_idle;
    if (strand != NULL) {
        kernel->devices_idle = strand->next;
    } else {
        strand = ehr_zeroed(1, sizeof *strand);
        strand->device = true;
    }
    strand->next = NULL;
    strand->lane = lane;
    kernel->devices[lane] = strand;
    return strand;
}

/* Only devices that are busy hold memory; the storage of an idle one serves the next. */
static void device_release(struct ehr_kernel *kernel, struct ehr_strand *strand)
{
    assert(!strand->busy && strand->inbox_count == 0);
    kernel->devices[strand->lane] = NULL;
    strand->next = kernel->devices_idle;
    kernel->devices_idle = strand;
}

static struct ehr_strand *strand_of(struct ehr_kernel *kernel, const struct ehr_item *item)
{
    struct ehr_seat *seat = kernel->seats[item->node];
    /* A population starts as a whole, and waits for none of its devices. */
    if (seat->place != EHR_NODE_DEVICES || item->kind == EHR_ITEM_START)
        return &seat->strand;
    assert(item->lane < seat->lanes);
    return device_open(kernel, item->lane);
}

/* ---- watching ---- */

static struct ehr_watch_strand watched(const struct ehr_strand *strand)
{
    return (struct ehr_watch_strand){strand->device ? strand->lane : strand->owner, strand->device};
}

static void watch_begin(struct ehr_kernel *kernel, const struct ehr_strand *strand,
                        const struct ehr_item *item)
{
    static const enum ehr_watch_cause causes[] = {[EHR_ITEM_START] = EHR_WATCH_START,
                                                  [EHR_ITEM_MESSAGE] = EHR_WATCH_MESSAGE,
                                                  [EHR_ITEM_POST] = EHR_WATCH_POST,
                                                  [EHR_ITEM_TIMER] = EHR_WATCH_TIMER};
    const struct ehr_kernel_watch *watch = kernel->hooks.watch;
    struct ehr_watch_handler handler = {.strand = watched(strand),
                                        .node = item->node,
                                        .waiting = (uint32_t)strand->inbox_count,
                                        .cause = causes[item->kind],
                                        .number = item->since};
    if (item->kind == EHR_ITEM_MESSAGE || item->kind == EHR_ITEM_POST)
        handler.message = item->as.message;
    if (item->kind == EHR_ITEM_TIMER)
        handler.timer = item->from;
    watch->begin(watch->context, kernel->now_ns, &handler);
}

static void watch_end(struct ehr_kernel *kernel, const struct ehr_strand *strand, bool cut)
{
    const struct ehr_kernel_watch *watch = kernel->hooks.watch;
    if (watch != NULL)
        watch->end(watch->context, kernel->now_ns, watched(strand), cut);
}

static void watch_step(struct ehr_kernel *kernel, const struct ehr_strand *strand,
                       const struct ehr_step *step)
{
    const struct ehr_kernel_watch *watch = kernel->hooks.watch;
    if (watch != NULL)
        watch->step(watch->context, kernel->now_ns, watched(strand),
                    step->kind == EHR_STEP_COMPUTE ? EHR_WATCH_COMPUTE : EHR_WATCH_PERSIST);
}

static void watch_step_end(struct ehr_kernel *kernel, const struct ehr_strand *strand)
{
    const struct ehr_kernel_watch *watch = kernel->hooks.watch;
    if (watch != NULL)
        watch->step_end(watch->context, kernel->now_ns, watched(strand));
}

/* ---- running ---- */

/* Begins a step that takes time; false: it took none and is done. */
static bool step_begin(struct ehr_kernel *kernel, struct ehr_strand *strand,
                       const struct ehr_step *step)
{
    struct ehr_seat *seat = kernel->seats[strand->owner];
    struct ehr_host *host = &kernel->hosts[seat->host];
    uint64_t end;
    if (step->kind == EHR_STEP_COMPUTE) {
        uint64_t jobs = step->as.compute.jobs, each_ns = step->as.compute.each_ns;
        if (kernel->mortal)
            ehr_host_look(kernel, seat->host);
        seat->counters.busy_ns += jobs * ehr_host_ns(host, each_ns);
        if (!strand->device)
            return kernel->medium.compute(kernel, strand, jobs, each_ns);
        end = kernel->now_ns + jobs * ehr_host_ns(host, each_ns);
    } else if (strand->device) {
        seat->counters.disk_ns += ehr_host_write_ns(kernel, host, step->as.persist.bytes);
        end = kernel->now_ns + ehr_host_write_ns(kernel, host, step->as.persist.bytes);
    } else {
        seat->counters.disk_ns += ehr_host_write_ns(kernel, host, step->as.persist.bytes);
        end = ehr_host_write(kernel, host, kernel->now_ns, step->as.persist.bytes);
    }
    if (end == kernel->now_ns)
        return false;
    struct ehr_event event = {.kind = EHR_KIND_RESUME, .as.resume = {strand, strand->generation}};
    ehr_agenda_push(kernel, ehr_agenda_of(kernel, strand->owner), end, ehr_sequence_next(kernel),
                    &event);
    return true;
}

static void step_end(struct ehr_kernel *kernel, struct ehr_strand *strand,
                     const struct ehr_step *step)
{
    if (step->kind == EHR_STEP_PERSIST)
        ehr_journal_append(kernel->seats[strand->owner], step->as.persist.kind,
                           step->as.persist.mark, step->as.persist.data);
}

/* Performs steps until one takes time, or the script ends. */
static void script_advance(struct ehr_kernel *kernel, struct ehr_strand *strand)
{
    struct ehr_seat *seat = kernel->seats[strand->owner];
    while (strand->cursor < strand->step_count) {
        struct ehr_step step = strand->steps[strand->cursor];
        bool timed = step.kind == EHR_STEP_COMPUTE || step.kind == EHR_STEP_PERSIST;
        if (timed && step_begin(kernel, strand, &step)) {
            watch_step(kernel, strand, &step);
            return;
        }
        strand->cursor++;
        if (timed)
            step_end(kernel, strand, &step);
        else
            ehr_step_perform(kernel, seat, strand->lane, &step);
    }
    strand->step_count = strand->cursor = 0;
    strand->busy = false;
    watch_end(kernel, strand, false);
}

static void handler_run(struct ehr_kernel *kernel, struct ehr_strand *strand,
                        const struct ehr_item *item)
{
    struct ehr_fx fx = {.kernel = kernel,
                        .seat = kernel->seats[item->node],
                        .strand = strand,
                        .now_ns = kernel->now_ns,
                        .lane = item->lane,
                        /* on_start reads its journal while it may ask to write to it */
                        .delayed = item->kind == EHR_ITEM_START};
    if (kernel->hooks.watch != NULL)
        watch_begin(kernel, strand, item);
    ehr_handler_call(&fx, item);
    if (!fx.delayed) {
        watch_end(kernel, strand, false);
        return;
    }
    strand->busy = true;
    strand->owner = item->node;
    strand->lane = item->lane;
    script_advance(kernel, strand);
}

static void inbox_run(struct ehr_kernel *kernel, struct ehr_strand *strand)
{
    while (!strand->busy && strand->inbox_count > 0) {
        struct ehr_item item = inbox_take(strand);
        if (!item_void(kernel, &item))
            handler_run(kernel, strand, &item);
        item_release(&item);
    }
    if (strand->device && !strand->busy)
        device_release(kernel, strand);
}

static void count_arrived(struct ehr_kernel *kernel, const struct ehr_item *item)
{
    const struct ehr_message *message = item->as.message;
    struct ehr_kernel_counters *counters = &kernel->seats[item->node]->counters;
    uint64_t bytes = message->size + kernel->config.overhead_bytes;
    counters->messages_in++;
    counters->bytes_in += bytes;
    counters->type_messages_in[message->type]++;
    counters->type_bytes_in[message->type] += bytes;
    if (kernel->hooks.arrive != NULL)
        kernel->hooks.arrive(kernel->hooks.context, item->node, message, false);
}

void ehr_item_arrive(struct ehr_kernel *kernel, const struct ehr_item *item)
{
    if (item_void(kernel, item) || item_cut(kernel, item)) {
        if (item->kind == EHR_ITEM_MESSAGE)
            ehr_dropped_count(kernel, item->node, item->as.message);
        return;
    }
    if (item->kind == EHR_ITEM_MESSAGE)
        count_arrived(kernel, item);
    struct ehr_strand *strand = strand_of(kernel, item);
    if (strand->busy || strand->inbox_count > 0) {
        inbox_add(kernel, strand, item);
        return;
    }
    handler_run(kernel, strand, item);
    if (strand->device && !strand->busy && strand->inbox_count == 0)
        device_release(kernel, strand);
}

void ehr_strand_resume(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t generation)
{
    if (strand->generation != generation)
        return;
    step_end(kernel, strand, &strand->steps[strand->cursor]);
    strand->cursor++;
    watch_step_end(kernel, strand);
    script_advance(kernel, strand);
    if (!strand->busy)
        inbox_run(kernel, strand);
}

/* ---- crash ---- */

static void script_drop(struct ehr_strand *strand)
{
    for (size_t i = strand->cursor; i < strand->step_count; i++)
        ehr_step_drop(&strand->steps[i]);
    strand->step_count = strand->cursor = 0;
    strand->busy = false;
    strand->generation++;
}

void ehr_strand_reset(struct ehr_strand *strand)
{
    script_drop(strand);
    while (strand->inbox_count > 0) {
        struct ehr_item item = inbox_take(strand);
        item_release(&item);
    }
}

void ehr_strand_close(struct ehr_strand *strand)
{
    ehr_strand_reset(strand);
    free(strand->steps);
    free(strand->inbox);
}

/* A device may serve several nodes: only the script of the node that crashed ends, and what waits
 * behind it for other nodes goes on. */
void ehr_strands_drop(struct ehr_kernel *kernel, uint32_t node)
{
    struct ehr_seat *seat = kernel->seats[node];
    if (seat->strand.busy)
        watch_end(kernel, &seat->strand, true);
    ehr_strand_reset(&seat->strand);
    for (uint32_t lane = 0; seat->place == EHR_NODE_DEVICES && lane < seat->lanes; lane++) {
        struct ehr_strand *strand = kernel->devices[lane];
        if (strand == NULL || strand->owner != node || !strand->busy)
            continue;
        watch_end(kernel, strand, true);
        script_drop(strand);
        inbox_run(kernel, strand);
    }
}
