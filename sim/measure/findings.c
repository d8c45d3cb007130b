#include "sim/measure/findings.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Thresholds; docs/report.md states and explains them. */
#define REQUESTS_MIN    100u  /* fewer say nothing about saturation or warm-up */
#define LATENCIES_MIN   5u    /* a half of the arrivals lasts so many of the shortest latency */
#define GROWTH_SHARE    0.1   /* of what is offered in the second half stays open */
#define GROWTH_NOISE    5.0   /* square roots of what is open anyway */
#define BATCHES         10u   /* tenths of the requests */
#define BATCHES_SETTLED 3u    /* tenths that are not compared with */
#define WARM_UP_NOISE   4.0   /* standard deviations of the settled tenths */
#define WARM_UP_SHARE   0.1   /* of their mean */
#define WAIT_SHARE      0.25  /* of the latency, before the first message leaves */
#define UNSENT_SHARE    0.01  /* of the measured requests */
#define P99_REQUESTS    1000u /* ten requests beyond the quantile */

const char *ehr_finding_name(enum ehr_finding_kind kind)
{
    static const char *const names[EHR_FINDING_END] = {
#define EHR_X(symbol, name) [EHR_FINDING_##symbol] = name,
        EHR_FINDING_TABLE(EHR_X)
#undef EHR_X
    };
    assert(kind > EHR_FINDING_INVALID && kind < EHR_FINDING_END);
    return names[kind];
}

void ehr_findings_add(struct ehr_findings *findings, enum ehr_finding_kind kind, const char *format,
                      ...)
{
    if (findings->count == EHR_FINDINGS_MAX)
        return;
    size_t at = findings->count++;
    for (; at > 0 && findings->items[at - 1].kind > kind; at--)
        findings->items[at] = findings->items[at - 1];
    struct ehr_finding *finding = &findings->items[at];
    va_list arguments;
    finding->kind = kind;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
}

size_t ehr_findings_of_kind(const struct ehr_findings *findings, enum ehr_finding_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].kind == kind;
    return count;
}

/* ---- saturation ---- */

static bool is_over(const struct ehr_request_row *row, uint64_t now_ns)
{
    bool answered = row->outcome == EHR_OUTCOME_OK || row->outcome == EHR_OUTCOME_REFUSED ||
                    row->outcome == EHR_OUTCOME_FAILED;
    return answered && row->end_ns <= now_ns;
}

static uint64_t open_at(const struct ehr_request_row *rows, size_t count, uint64_t now_ns)
{
    uint64_t open = 0;
    for (size_t i = 0; i < count && rows[i].start_ns <= now_ns; i++)
        open += !is_over(&rows[i], now_ns);
    return open;
}

/* When measured requests were offered, and how fast the fastest of all was served: the first ones
 * found the system empty, even if a warm-up leaves them out. */
struct arrivals {
    size_t measured;
    uint64_t first_ns, last_ns;
    uint64_t shortest_ns; /* UINT64_MAX: none ended ok */
};

static struct arrivals arrivals_of(const struct ehr_request_row *rows, size_t count)
{
    struct arrivals arrivals = {.shortest_ns = UINT64_MAX};
    for (size_t i = 0; i < count; i++) {
        uint64_t latency_ns = rows[i].end_ns - rows[i].start_ns;
        if (rows[i].outcome == EHR_OUTCOME_OK && latency_ns < arrivals.shortest_ns)
            arrivals.shortest_ns = latency_ns;
        if (!rows[i].measured)
            continue;
        if (arrivals.measured++ == 0)
            arrivals.first_ns = rows[i].start_ns;
        arrivals.last_ns = rows[i].start_ns;
    }
    return arrivals;
}

/* What is open fluctuates: a rise counts if it is a good part of what was offered, more than chance
 * makes of what is open anyway, and did not come in one go. */
static bool is_growing(uint64_t half, uint64_t three_quarters, uint64_t end, uint64_t offered)
{
    if (three_quarters <= half || end <= three_quarters)
        return false;
    double growth = (double)(end - half);
    return growth >= GROWTH_SHARE * (double)offered &&
           growth >= GROWTH_NOISE * sqrt((double)half + 1.0);
}

struct ehr_load ehr_findings_load(const struct ehr_request_row *rows, size_t count)
{
    struct ehr_load load = {0};
    struct arrivals arrivals = arrivals_of(rows, count);
    uint64_t half_ns = (arrivals.last_ns - arrivals.first_ns) / 2;
    if (half_ns == 0)
        return load;
    uint64_t middle_ns = arrivals.last_ns - half_ns;
    uint64_t offered = 0, committed = 0;
    for (size_t i = 0; i < count && rows[i].start_ns <= arrivals.last_ns; i++) {
        offered += rows[i].start_ns > middle_ns;
        committed += rows[i].outcome == EHR_OUTCOME_OK && rows[i].end_ns > middle_ns &&
                     rows[i].end_ns <= arrivals.last_ns;
    }
    load.offered_per_s = (double)offered * 1e9 / (double)half_ns;
    load.committed_per_s = (double)committed * 1e9 / (double)half_ns;
    load.open_half = open_at(rows, count, middle_ns);
    load.open_end = open_at(rows, count, arrivals.last_ns);
    load.judged = arrivals.measured >= REQUESTS_MIN && arrivals.shortest_ns != UINT64_MAX &&
                  half_ns / LATENCIES_MIN >= arrivals.shortest_ns;
    uint64_t three_quarters = open_at(rows, count, arrivals.last_ns - half_ns / 2);
    load.saturated =
        load.judged && is_growing(load.open_half, three_quarters, load.open_end, offered);
    return load;
}

/* ---- warm-up ---- */

struct ehr_warm_up ehr_findings_warm_up(const struct ehr_request_row *rows, size_t count)
{
    struct ehr_warm_up warm_up = {0};
    double means[BATCHES] = {0};
    size_t ok = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        ok += rows[i].measured && rows[i].outcome == EHR_OUTCOME_OK;
    if (ok < REQUESTS_MIN)
        return warm_up;
    size_t batch = ok / BATCHES;
    for (size_t i = 0; i < count && at < BATCHES * batch; i++) {
        if (!rows[i].measured || rows[i].outcome != EHR_OUTCOME_OK)
            continue;
        means[at++ / batch] += (double)(rows[i].end_ns - rows[i].start_ns) / 1e9 / (double)batch;
    }
    const unsigned settled = BATCHES - BATCHES_SETTLED;
    double sum = 0, squares = 0;
    for (unsigned i = BATCHES_SETTLED; i < BATCHES; i++)
        sum += means[i];
    warm_up.judged = true;
    warm_up.first_s = means[0];
    warm_up.later_s = sum / settled;
    for (unsigned i = BATCHES_SETTLED; i < BATCHES; i++)
        squares += (means[i] - warm_up.later_s) * (means[i] - warm_up.later_s);
    double off_s = fabs(warm_up.first_s - warm_up.later_s);
    warm_up.too_short = off_s > WARM_UP_NOISE * sqrt(squares / (settled - 1)) &&
                        off_s > WARM_UP_SHARE * warm_up.later_s;
    return warm_up;
}

/* ---- the others ---- */

static void load_find(struct ehr_findings *findings, const char *flow,
                      const struct ehr_request_row *rows, size_t count)
{
    struct ehr_load load = ehr_findings_load(rows, count);
    if (load.saturated) {
        ehr_findings_add(findings, EHR_FINDING_SATURATED,
                         "%s: in the second half of the arrivals %.4g/s were offered and %.4g/s "
                         "ended ok; open requests grew from %" PRIu64 " to %" PRIu64
                         ". Latencies say how long the run was, not how fast the system is.",
                         flow, load.offered_per_s, load.committed_per_s, load.open_half,
                         load.open_end);
        return; /* latencies that grow all the time are no warm-up */
    }
    struct ehr_warm_up warm_up = ehr_findings_warm_up(rows, count);
    if (warm_up.too_short)
        ehr_findings_add(findings, EHR_FINDING_WARM_UP,
                         "%s: the first tenth of the measured requests took %.4g s on average, the "
                         "last seven tenths %.4g s. A longer run/@warmup leaves the beginning out.",
                         flow, warm_up.first_s, warm_up.later_s);
}

static void client_find(struct ehr_findings *findings, const char *flow,
                        const struct ehr_request_row *rows, size_t count)
{
    size_t measured = 0, ok = 0, unsent = 0;
    double waited_s = 0, latency_s = 0;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].measured)
            continue;
        measured++;
        /* one that failed at once found nobody up: that is no limit of the client */
        unsent +=
            rows[i].sent_ns == EHR_REQUEST_TIME_UNKNOWN &&
            (rows[i].outcome == EHR_OUTCOME_TIMEOUT || rows[i].outcome == EHR_OUTCOME_UNFINISHED);
        if (rows[i].outcome != EHR_OUTCOME_OK || rows[i].sent_ns == EHR_REQUEST_TIME_UNKNOWN)
            continue;
        ok++;
        waited_s += (double)(rows[i].sent_ns - rows[i].start_ns) / 1e9;
        latency_s += (double)(rows[i].end_ns - rows[i].start_ns) / 1e9;
    }
    bool waits = ok > 0 && waited_s > WAIT_SHARE * latency_s;
    bool stuck = (double)unsent > UNSENT_SHARE * (double)measured;
    if (waits || stuck)
        ehr_findings_add(findings, EHR_FINDING_CLIENT_LIMIT,
                         "%s: requests waited %.4g s on average of %.4g s before their device sent "
                         "them, and %zu of %zu were never sent: the asking side is the limit.",
                         flow, ok > 0 ? waited_s / (double)ok : 0.0,
                         ok > 0 ? latency_s / (double)ok : 0.0, unsent, measured);
}

/* Counts of measured requests with that outcome. */
static size_t outcomes_count(const struct ehr_request_row *rows, size_t count,
                             enum ehr_outcome outcome)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += rows[i].measured && rows[i].outcome == outcome;
    return found;
}

/* "register 60, visit 900" */
static void list_add(char *list, size_t size, const char *flow, size_t count)
{
    size_t length = strlen(list);
    snprintf(list + length, size - length, "%s%s %zu", length > 0 ? ", " : "", flow, count);
}

static void counts_find(struct ehr_findings *findings, const struct ehr_request_table *table)
{
    char open[256] = "", few[256] = "";
    for (unsigned flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        size_t count = table->first[flow + 1] - table->first[flow];
        if (count == 0)
            continue;
        const struct ehr_request_row *rows = table->rows + table->first[flow];
        size_t ok = outcomes_count(rows, count, EHR_OUTCOME_OK);
        size_t unfinished = outcomes_count(rows, count, EHR_OUTCOME_UNFINISHED);
        if (unfinished > 0)
            list_add(open, sizeof(open), ehr_flow_name((enum ehr_flow)flow), unfinished);
        if (ok > 0 && ok < P99_REQUESTS)
            list_add(few, sizeof(few), ehr_flow_name((enum ehr_flow)flow), ok);
    }
    if (*open != '\0')
        ehr_findings_add(findings, EHR_FINDING_UNFINISHED,
                         "%s: open when the run ended. Their latencies are in no figure.", open);
    if (*few != '\0')
        ehr_findings_add(
            findings, EHR_FINDING_QUANTILE,
            "%s: of fewer than %u requests that ended ok, p99 rests on fewer than ten; "
            "of fewer than 100 it is the slowest one.",
            few, P99_REQUESTS);
}

void ehr_findings_of_run(struct ehr_findings *findings, const struct ehr_findings_run *run,
                         const struct ehr_request_table *table)
{
    findings->count = 0;
    if (run->ended_wrongly)
        ehr_findings_add(
            findings, EHR_FINDING_ENDED_WRONGLY, "%s. The figures show what happened until then.",
            run->reason != NULL ? run->reason : "Liveness was lost or an invariant was broken");
    if (run->replicas_behind > 0)
        ehr_findings_add(findings, EHR_FINDING_BEHIND,
                         "%" PRIu64
                         " chain node%s up at the end but lacked blocks: the run was one "
                         "with fewer working replicas than the scenario has.",
                         run->replicas_behind, run->replicas_behind == 1 ? " was" : "s were");
    if (strcmp(run->crypto, "modelled") == 0)
        ehr_findings_add(findings, EHR_FINDING_MODELLED,
                         "Anybody can forge its signatures and read its secrets. Sizes, costs and "
                         "outcomes are those of the real one.");
    for (unsigned flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        size_t count = table->first[flow + 1] - table->first[flow];
        const char *name = ehr_flow_name((enum ehr_flow)flow);
        if (count == 0)
            continue;
        const struct ehr_request_row *rows = table->rows + table->first[flow];
        if (!run->ended_wrongly)
            load_find(findings, name, rows, count);
        client_find(findings, name, rows, count);
    }
    counts_find(findings, table);
}
