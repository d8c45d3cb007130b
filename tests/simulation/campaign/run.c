/* The loop: what happens, in order, until everything is executed or something is broken. */
#include "tests/simulation/campaign/check.h"
#include "tests/simulation/campaign/liar.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/time.h>

/* The run that a failed assertion, or a signal, belongs to. */
static struct ehr_world *running;

enum { STEPS_MAX = 3000000, HANG_S = 20 };

void ehr_world_broken(struct ehr_world *w, const char *kind, const char *detail, ...)
{
    va_list arguments;
    if (w->verdict.broken)
        return;
    w->verdict.broken = true;
    snprintf(w->verdict.kind, sizeof(w->verdict.kind), "%s", kind);
    va_start(arguments, detail);
    int length = vsnprintf(w->verdict.detail, sizeof(w->verdict.detail), detail, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof(w->verdict.detail))
        snprintf(w->verdict.detail + length, sizeof(w->verdict.detail) - (size_t)length,
                 " at %.3f ms", (double)w->now_ns / 1e6);
}

void ehr_world_push(struct ehr_world *w, uint64_t delay_ns, enum ehr_happening_kind kind,
                    uint16_t to, uint32_t ref, uint32_t extra)
{
    struct ehr_happening happening = {.at_ns = w->now_ns + delay_ns,
                                      .ref = ref,
                                      .extra = extra,
                                      .kind = (uint8_t)kind,
                                      .to = (uint8_t)to,
                                      .from = (uint8_t)to,
                                      .life = w->instances[to].life};
    ehr_queue_push(&w->queue, &happening);
}

/* ---- what an engine must not do, but may ---- */

#ifdef __GLIBC__
void __assert_fail(const char *assertion, const char *file, unsigned int line, const char *function)
{
    const char *name = strrchr(file, '/');
    name = name != NULL ? name + 1 : file;
    if (running == NULL) {
        fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, assertion);
        abort();
    }
    char kind[EHR_VERDICT_KIND_MAX];
    snprintf(kind, sizeof(kind), "assertion: %s: %s", name, assertion);
    ehr_world_broken(running, kind, "%s:%u, %s: %s", name, line, function, assertion);
    siglongjmp(running->escape, 1);
}
#endif

static void on_signal(int number)
{
    if (running == NULL) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    ehr_world_broken(running, number == SIGVTALRM ? "hangs" : "crash of the program", "signal %d",
                     number);
    siglongjmp(running->escape, 1);
}

static void signals_catch(void)
{
    static const int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGVTALRM};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}

/* An engine that never returns is stopped by the processor time it takes. */
static void alarm_set(uint32_t seconds)
{
    struct itimerval timer = {.it_value.tv_sec = seconds};
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

/* ---- the world ---- */

struct ehr_world *ehr_world_new(void)
{
    struct ehr_world *w = calloc(1, sizeof(*w));
    assert(w != NULL);
    w->bodies = malloc(EHR_BLOCKS_MAX * sizeof(*w->bodies));
    assert(w->bodies != NULL);
    signals_catch();
    return w;
}

void ehr_world_free(struct ehr_world *w)
{
    if (w == NULL)
        return;
    for (uint32_t i = 0; i < EHR_INSTANCES_MAX; i++) {
        free(w->instances[i].storage);
        free(w->instances[i].effects.item);
        free(w->instances[i].records);
    }
    ehr_queue_close(&w->queue);
    ehr_blobs_close(&w->blobs);
    ehr_check_free(w->checks);
    ehr_liar_free(w->liar);
    free(w->parcels);
    free(w->parcels_unused);
    free(w->bodies);
    free(w);
}

static void reset(struct ehr_world *w, const struct ehr_setup *setup,
                  const struct ehr_tape_cuts *cuts)
{
    w->setup = *setup;
    w->cuts = cuts != NULL ? *cuts : (struct ehr_tape_cuts){0};
    ehr_tape_open(&w->tape, setup->seed, &w->cuts);
    w->queue.count = w->queue.number = 0;
    w->tally = (struct ehr_tally){.seeds = 1, .liars = setup->liars};
    w->verdict = (struct ehr_verdict){0};
    w->now_ns = 0;
    w->secret = ehr_tape_mix(setup->seed ^ UINT64_C(0x6B6579));
    w->steps_max = STEPS_MAX;
    w->words = 1;
    w->instance_count = 0;
    w->submitted = w->round = w->owed = w->healed = w->body_count = 0;
    w->settling = w->done = false;
    w->top = w->states_top = 0;
    w->parcel_count = w->parcels_unused_count = 0;
    for (uint32_t i = 0; i < EHR_KEPT_MAX; i++)
        w->kept[i].parcel = UINT32_MAX;
    for (uint32_t i = 0; i < EHR_ASKS_MAX; i++)
        w->asks[i].next = i + 1 < EHR_ASKS_MAX ? i + 1 : UINT32_MAX;
    w->ask_unused = 0;
    w->event = NULL;
}

static void node_happening(struct ehr_world *w, const struct ehr_happening *h)
{
    struct ehr_instance *i = &w->instances[h->to];
    struct ehr_event event = {.type = EHR_EVENT_TIMER};
    bool asked = h->kind == EHR_HAPPENING_BUILD || h->kind == EHR_HAPPENING_TRANSFER;
    if (!i->up || h->life != i->life) {
        if (asked)
            ehr_node_ask_end(w, h->ref);
        return;
    }
    switch (h->kind) {
    case EHR_HAPPENING_TIMER:
        event.as.timer.id = (uint16_t)h->ref;
        event.as.timer.generation = h->extra;
        ehr_node_feed(w, i, &event);
        break;
    case EHR_HAPPENING_BUILD:
        ehr_node_build(w, i, h->ref);
        break;
    case EHR_HAPPENING_EXECUTE:
        ehr_node_execute(w, i, h->ref);
        break;
    case EHR_HAPPENING_TRANSFER:
        ehr_node_transfer(w, i, h->ref);
        break;
    case EHR_HAPPENING_SYNC:
        ehr_node_sync(w, i);
        break;
    case EHR_HAPPENING_SUBMIT:
        ehr_node_submit(w, i, h->ref);
        break;
    default: /* handled by the caller */
        break;
    }
}

static void step(struct ehr_world *w)
{
    struct ehr_happening h = ehr_queue_pop(&w->queue);
    w->now_ns = h.at_ns;
    if (h.kind == EHR_HAPPENING_ROUND) {
        if (w->settling)
            ehr_settle_round(w);
        else
            ehr_faults_round(w);
        return;
    }
    if (h.kind == EHR_HAPPENING_DELIVER)
        ehr_network_deliver(w, &h);
    else
        node_happening(w, &h);
    ehr_node_pool(w, &w->instances[h.to]);
}

static void run(struct ehr_world *w)
{
    ehr_check_open(w);
    ehr_liar_open(w);
    ehr_faults_open(w);
    while (!w->done && !w->verdict.broken) {
        step(w);
        if (w->tally.steps > w->steps_max)
            ehr_world_broken(w, "endless", "%" PRIu64 " steps", w->tally.steps);
    }
    for (uint16_t i = 0; i < w->instance_count; i++)
        ehr_node_close(w, &w->instances[i]);
    w->tally.heights = w->top;
    w->tally.requests = w->submitted;
}

struct ehr_verdict ehr_world_run(struct ehr_world *w, const struct ehr_setup *setup,
                                 const struct ehr_tape_cuts *cuts, FILE *trace,
                                 struct ehr_tally *tally)
{
    struct ehr_world *outer = running;
    reset(w, setup, cuts);
    w->trace = trace;
    running = w;
    alarm_set(HANG_S);
    if (sigsetjmp(w->escape, 1) == 0)
        run(w);
    alarm_set(0);
    running = outer;
    for (uint16_t i = 0; i < w->instance_count; i++) { /* an assertion leaves everything behind */
        w->instances[i].engine = NULL;
        w->instances[i].record_count = 0;
    }
    ehr_blobs_reset(&w->blobs);
    w->verdict.position = w->tape.position;
    w->tally.failed = w->verdict.broken;
    ehr_tally_add(tally, &w->tally);
    return w->verdict;
}

void ehr_tally_add(struct ehr_tally *sum, const struct ehr_tally *more)
{
    uint64_t *to = (uint64_t *)(void *)sum;
    const uint64_t *from = (const uint64_t *)(const void *)more;
    uint64_t lent = sum->lent_max > more->lent_max ? sum->lent_max : more->lent_max;
    uint64_t settling = sum->settling_ns > more->settling_ns ? sum->settling_ns : more->settling_ns;
    for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
        to[i] += from[i];
    sum->lent_max = lent;
    sum->settling_ns = settling;
}
