#include "sim/figures/requests.h"

#include <stdlib.h>

#include "sim/measure/latency.h"
#include "sim/measure/memory.h"
#include "sim/measure/request_table.h"

#define NS_PER_S 1000000000u

static void latencies_take(struct ehr_figures_flow *flow, const struct ehr_request_row *rows,
                           size_t count)
{
    flow->latencies_ns = ehr_measure_zeroed(count, sizeof(*flow->latencies_ns));
    for (size_t i = 0; i < count; i++)
        if (rows[i].measured && rows[i].outcome == EHR_OUTCOME_OK)
            flow->latencies_ns[flow->count++] = rows[i].end_ns - rows[i].start_ns;
    flow->mean_s = ehr_latency_of(flow->latencies_ns, flow->count).mean_ns / NS_PER_S; /* sorts */
}

static void phases_take(struct ehr_figures_flow *taken, enum ehr_flow flow, const double *phase_s)
{
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        int slot = ehr_flow_phase_slot(flow, phase);
        if (slot >= 0 && taken->count > 0)
            taken->phase_s[slot] = phase_s[phase] / (double)taken->count;
    }
}

enum ehr_measure_status ehr_figures_requests_init(struct ehr_figures_requests *data,
                                                  const char *dir, struct ehr_measure_error *error)
{
    struct ehr_request_table table;
    *data = (struct ehr_figures_requests){0};
    enum ehr_measure_status status = ehr_request_table_init(&table, dir, error);
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1;
         flow < EHR_FLOW_END && status == EHR_MEASURE_DONE; flow++) {
        size_t first = table.first[flow], count = table.first[flow + 1] - first;
        if (count == 0)
            continue;
        latencies_take(&data->flows[flow], table.rows + first, count);
        phases_take(&data->flows[flow], flow, table.phase_s[flow]);
    }
    ehr_request_table_close(&table);
    return status;
}

void ehr_figures_requests_close(struct ehr_figures_requests *data)
{
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++)
        free(data->flows[flow].latencies_ns);
    *data = (struct ehr_figures_requests){0};
}
