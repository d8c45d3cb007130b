#include "sim/app/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"
#include "sim/measure/latency.h"

enum subject { OF_FLOW = 1, OF_CHAIN, OF_TIER, OF_ALL };

/* Of a flow, of a chain or a tier, of all: one list, as names are made of subject and quantity. */
enum quantity {
    OFFERED = 1,
    OK,
    REFUSED,
    FAILED,
    TIMEOUT,
    OPEN,
    LATENCY_MEAN,
    LATENCY_P50,
    LATENCY_P99,
    BLOCKS,
    TRANSACTIONS,
    VIEW_CHANGES,
    MESSAGES,
    BYTES,
    HEIGHT,
    TIME,
    EVENTS,
};

static const struct {
    enum quantity quantity;
    const char *name;
} of_flow[] = {{OFFERED, "offered"},         {OK, "ok"},
               {REFUSED, "refused"},         {FAILED, "failed"},
               {TIMEOUT, "timeout"},         {OPEN, "open"},
               {LATENCY_MEAN, "lat_mean_s"}, {LATENCY_P50, "lat_p50_s"},
               {LATENCY_P99, "lat_p99_s"}},
  of_chain[] = {{BLOCKS, "blocks"},
                {TRANSACTIONS, "transactions"},
                {VIEW_CHANGES, "view_changes"},
                {MESSAGES, "messages"},
                {BYTES, "bytes"},
                {HEIGHT, "height"}},
  of_all[] = {{TIME, "time_s"}, {EVENTS, "events"}, {MESSAGES, "messages"}, {BYTES, "bytes"}};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct metric {
    enum subject subject;
    enum quantity quantity;
    uint32_t index; /* flow, chain, tier */
};

/* The sums of a flow, as long as nothing has begun or ended: programs ask for several at once. */
struct flow_sums {
    uint32_t count, open; /* of the log, when it was summed up; count 0: never */
    uint64_t outcomes[EHR_OUTCOME_END];
    struct ehr_latency latency;
};

struct ehr_metrics {
    const struct ehr_measure_names *measured;
    const struct ehr_request_log *log;
    const struct ehr_counters *counters;
    const struct ehr_kernel *kernel;
    struct metric *metrics;
    char **names; /* the same, NULL at the end */
    size_t count;
    struct flow_sums flows[EHR_FLOW_END];
};

/* ---- names ---- */

static void name_add(struct ehr_metrics *self, char *take_name, enum subject subject,
                     enum quantity quantity, uint32_t index)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->names[i], take_name) == 0) { /* a hospital called "private" */
            free(take_name);
            return;
        }
    self->metrics[self->count] = (struct metric){subject, quantity, index};
    self->names[self->count++] = take_name;
}

static void chain_names(struct ehr_metrics *self, const char *name, enum subject subject,
                        uint32_t index)
{
    for (size_t i = 0; i < LENGTH(of_chain); i++)
        if (subject == OF_CHAIN || of_chain[i].quantity != HEIGHT)
            name_add(self, ehr_app_text("%s_%s", name, of_chain[i].name), subject,
                     of_chain[i].quantity, index);
}

static void names_make(struct ehr_metrics *self)
{
    const struct ehr_measure_names *names = self->measured;
    size_t most = EHR_FLOW_END * LENGTH(of_flow) + (names->chain_count + 1) * LENGTH(of_chain) +
                  LENGTH(of_all);
    self->metrics = ehr_app_zeroed(most, sizeof *self->metrics);
    self->names = ehr_app_zeroed(most + 1, sizeof(char *));
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        for (size_t i = 0; i < LENGTH(of_flow); i++)
            name_add(self, ehr_app_text("%s_%s", ehr_flow_name(flow), of_flow[i].name), OF_FLOW,
                     of_flow[i].quantity, (uint32_t)flow);
    chain_names(self, ehr_tier_name(EHR_TIER_PRIVATE), OF_TIER, EHR_TIER_PRIVATE);
    for (uint32_t c = 0; c < names->chain_count; c++)
        chain_names(self, names->chains[c].name, OF_CHAIN, c);
    for (size_t i = 0; i < LENGTH(of_all); i++)
        name_add(self, ehr_app_text("%s", of_all[i].name), OF_ALL, of_all[i].quantity, 0);
}

struct ehr_metrics *ehr_metrics_new(const struct ehr_measure_names *names,
                                    struct ehr_measure *measure, const struct ehr_kernel *kernel)
{
    struct ehr_metrics *self = ehr_app_zeroed(1, sizeof *self);
    self->measured = names;
    self->log = ehr_measure_requests(measure);
    self->counters = ehr_measure_counters(measure);
    self->kernel = kernel;
    names_make(self);
    return self;
}

void ehr_metrics_free(struct ehr_metrics *self)
{
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->count; i++)
        free(self->names[i]);
    free(self->names);
    free(self->metrics);
    free(self);
}

const char *const *ehr_metrics_names(const struct ehr_metrics *self)
{
    return (const char *const *)self->names;
}

/* ---- flows ---- */

static const struct flow_sums *flow_sum(struct ehr_metrics *self, enum ehr_flow flow)
{
    struct flow_sums *sums = &self->flows[flow];
    uint32_t count = ehr_request_count(self->log), open = ehr_request_open_count(self->log);
    if (sums->count == count && sums->open == open)
        return sums;
    uint64_t *durations = ehr_app_zeroed(count, sizeof *durations);
    size_t ok = 0;
    *sums = (struct flow_sums){.count = count, .open = open};
    for (uint32_t id = 1; id <= count; id++) {
        const struct ehr_request *request = ehr_request_get(self->log, id);
        if (request->flow != flow)
            continue;
        sums->outcomes[request->outcome]++;
        if (request->outcome == EHR_OUTCOME_OK)
            durations[ok++] = request->end_ns - request->start_ns;
    }
    sums->latency = ehr_latency_of(durations, ok);
    free(durations);
    return sums;
}

static double flow_value(struct ehr_metrics *self, enum ehr_flow flow, enum quantity quantity)
{
    const struct flow_sums *sums = flow_sum(self, flow);
    double scale = sums->latency.count > 0 ? 1e-9 : (double)NAN;
    uint64_t all = 0;
    for (unsigned i = 0; i < EHR_OUTCOME_END; i++)
        all += sums->outcomes[i];
    switch ((int)quantity) {
    case OFFERED:
        return (double)all;
    case OK:
        return (double)sums->outcomes[EHR_OUTCOME_OK];
    case REFUSED:
        return (double)sums->outcomes[EHR_OUTCOME_REFUSED];
    case FAILED:
        return (double)sums->outcomes[EHR_OUTCOME_FAILED];
    case TIMEOUT:
        return (double)sums->outcomes[EHR_OUTCOME_TIMEOUT];
    case OPEN:
        return (double)(sums->outcomes[EHR_OUTCOME_INVALID] +
                        sums->outcomes[EHR_OUTCOME_UNFINISHED]);
    case LATENCY_MEAN:
        return sums->latency.mean_ns * scale;
    case LATENCY_P50:
        return (double)sums->latency.p50_ns * scale;
    default:
        return (double)sums->latency.p99_ns * scale;
    }
}

/* ---- chains ---- */

/* What nodes have sent so far: all of it, or what is part of ordering a chain. */
static void sent_add(const struct ehr_metrics *self, uint32_t node, bool ordering,
                     struct ehr_tally *sum)
{
    const struct ehr_kernel_counters *counters = ehr_kernel_counters(self->kernel, node);
    for (uint32_t type = 0; type < self->measured->message_count; type++) {
        if (ordering && !self->measured->messages[type].ordering)
            continue;
        sum->count += counters->type_messages_out[type];
        sum->bytes += counters->type_bytes_out[type];
    }
}

static double sent_value(const struct ehr_metrics *self, const struct metric *metric)
{
    const struct ehr_measure_names *names = self->measured;
    struct ehr_tally sum = {0};
    for (uint32_t node = 0; node < names->node_count; node++)
        if (metric->subject == OF_ALL ||
            (metric->subject == OF_TIER && names->nodes[node].tier == metric->index) ||
            (metric->subject == OF_CHAIN && names->consensus.chains[node] == metric->index))
            sent_add(self, node, metric->subject != OF_ALL, &sum);
    return (double)(metric->quantity == MESSAGES ? sum.count : sum.bytes);
}

static double chain_value(const struct ehr_metrics *self, const struct metric *metric)
{
    struct ehr_chain_totals sum = {0};
    for (uint32_t chain = 0; chain < self->measured->chain_count; chain++) {
        bool wanted = metric->subject == OF_CHAIN
                          ? chain == metric->index
                          : self->measured->chains[chain].tier == metric->index;
        if (!wanted)
            continue;
        const struct ehr_chain_totals one = ehr_counters_chain(self->counters, chain);
        sum.height = one.height;
        sum.blocks += one.blocks;
        sum.transactions += one.transactions;
        sum.view_changes += one.view_changes;
    }
    switch ((int)metric->quantity) {
    case BLOCKS:
        return (double)sum.blocks;
    case TRANSACTIONS:
        return (double)sum.transactions;
    case VIEW_CHANGES:
        return (double)sum.view_changes;
    default:
        return (double)sum.height;
    }
}

/* ---- values ---- */

static double value_of(struct ehr_metrics *self, const struct metric *metric, uint64_t now_ns)
{
    if (metric->subject == OF_FLOW)
        return flow_value(self, (enum ehr_flow)metric->index, metric->quantity);
    if (metric->quantity == MESSAGES || metric->quantity == BYTES)
        return sent_value(self, metric);
    if (metric->quantity == TIME)
        return (double)now_ns * 1e-9;
    if (metric->quantity == EVENTS)
        return (double)ehr_kernel_events(self->kernel);
    return chain_value(self, metric);
}

bool ehr_metrics_get(struct ehr_metrics *self, const char *name, uint64_t now_ns, double *value)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->names[i], name) == 0) {
            *value = value_of(self, &self->metrics[i], now_ns);
            return true;
        }
    return false;
}
