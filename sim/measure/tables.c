#include "sim/measure/tables.h"

#include "sim/measure/csv.h"

static void header(struct ehr_csv *csv, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ehr_csv_text(csv, names[i]);
}

#define HEADER(csv, ...)                                                                           \
    header((csv), (const char *const[]){__VA_ARGS__},                                              \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void moment_or_empty(struct ehr_csv *csv, uint64_t ns)
{
    if (ns == EHR_REQUEST_TIME_UNKNOWN)
        ehr_csv_empty(csv);
    else
        ehr_csv_moment(csv, ns);
}

static void node_name_or_empty(struct ehr_csv *csv, const struct ehr_measure_names *names,
                               uint32_t node)
{
    if (node < names->node_count)
        ehr_csv_text(csv, names->nodes[node].name);
    else
        ehr_csv_empty(csv);
}

static void phases(struct ehr_csv *csv, const struct ehr_request *request)
{
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        int slot = ehr_flow_phase_slot((enum ehr_flow)request->flow, phase);
        if (slot >= 0 && (request->phases_seen >> slot & 1) != 0)
            ehr_csv_duration(csv, (double)request->phase_ns[slot]);
        else
            ehr_csv_empty(csv);
    }
}

void ehr_table_requests(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                        FILE *file)
{
    (void)meta;
    const struct ehr_measure_names *names = &measure->counters.names;
    struct ehr_csv csv = {.file = file};
    HEADER(&csv, "id", "flow", "hospital", "start_s", "end_s", "outcome", "reason");
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++)
        ehr_csv_name(&csv, "", ehr_phase_name(phase), "_s");
    HEADER(&csv, "bytes", "measured", "sent_s", "durable_s", "shared_s", "identical", "blamed");
    ehr_csv_end(&csv);
    uint32_t count = ehr_request_count(measure->requests);
    for (uint32_t id = 1; id <= count; id++) {
        const struct ehr_request *request = ehr_request_get(measure->requests, id);
        ehr_csv_count(&csv, id);
        ehr_csv_text(&csv, ehr_flow_name((enum ehr_flow)request->flow));
        if (request->hospital < names->hospital_count)
            ehr_csv_text(&csv, names->hospitals[request->hospital]);
        else
            ehr_csv_empty(&csv);
        ehr_csv_moment(&csv, request->start_ns);
        bool ended = request->outcome != EHR_OUTCOME_UNFINISHED;
        moment_or_empty(&csv, ended ? request->end_ns : EHR_REQUEST_TIME_UNKNOWN);
        ehr_csv_text(&csv, ehr_outcome_name((enum ehr_outcome)request->outcome));
        ehr_csv_text(&csv, ehr_reason_name((enum ehr_reason)request->reason));
        phases(&csv, request);
        ehr_csv_count(&csv, request->bytes);
        ehr_csv_count(&csv, ehr_measure_is_measured(measure, request));
        moment_or_empty(&csv, request->sent_ns);
        moment_or_empty(&csv, request->durable_ns);
        moment_or_empty(&csv, request->shared_ns);
        ehr_csv_count(&csv, request->identical);
        node_name_or_empty(&csv, names, request->blamed);
        ehr_csv_end(&csv);
    }
}

void ehr_table_blocks(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                      FILE *file)
{
    (void)meta;
    const struct ehr_counters *counters = &measure->counters;
    struct ehr_csv csv = {.file = file};
    HEADER(&csv, "chain", "height", "view", "proposer", "transactions", "bytes", "proposed_s",
           "committed_first_s", "committed_last_s", "signers");
    ehr_csv_end(&csv);
    for (uint32_t chain = 0; chain < counters->names.chain_count; chain++) {
        const struct ehr_chain_rows *rows = &counters->chains[chain];
        for (size_t i = 0; i < rows->row_count; i++) {
            const struct ehr_block_row *row = &rows->rows[i];
            if (row->committed == 0)
                continue;
            ehr_csv_text(&csv, counters->names.chains[chain].name);
            ehr_csv_count(&csv, i + 1);
            ehr_csv_count(&csv, row->view);
            node_name_or_empty(&csv, &counters->names, row->proposer);
            ehr_csv_count(&csv, row->transactions);
            ehr_csv_count(&csv, row->bytes);
            moment_or_empty(&csv, row->proposed_ns);
            ehr_csv_moment(&csv, row->committed_first_ns);
            ehr_csv_moment(&csv, row->committed_last_ns);
            ehr_csv_count(&csv, row->signers);
            ehr_csv_end(&csv);
        }
    }
}

void ehr_table_nodes(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                     FILE *file)
{
    (void)meta;
    const struct ehr_counters *counters = &measure->counters;
    struct ehr_csv csv = {.file = file};
    HEADER(&csv, "node", "role", "host", "messages_in", "messages_out", "bytes_in", "bytes_out",
           "busy_s", "queue_max", "disk_busy_s");
    ehr_csv_end(&csv);
    for (uint32_t node = 0; node < counters->names.node_count; node++) {
        struct ehr_tally in = ehr_counters_node(counters, node, EHR_DIRECTION_IN);
        struct ehr_tally out = ehr_counters_node(counters, node, EHR_DIRECTION_OUT);
        const struct ehr_node_load *load = &counters->loads[node];
        ehr_csv_text(&csv, counters->names.nodes[node].name);
        ehr_csv_text(&csv, counters->names.nodes[node].role);
        ehr_csv_text(&csv, counters->names.nodes[node].host);
        ehr_csv_count(&csv, in.count);
        ehr_csv_count(&csv, out.count);
        ehr_csv_count(&csv, in.bytes);
        ehr_csv_count(&csv, out.bytes);
        ehr_csv_duration(&csv, (double)load->busy_ns);
        ehr_csv_count(&csv, load->queue_max);
        ehr_csv_duration(&csv, (double)load->disk_ns);
        ehr_csv_end(&csv);
    }
}

static void message_row(struct ehr_csv *csv, const struct ehr_counters *counters, uint32_t node,
                        uint32_t message, enum ehr_direction direction)
{
    const struct ehr_tally *tally = ehr_counters_tally(counters, node, direction, message);
    if (tally->count == 0)
        return;
    ehr_csv_text(csv, counters->names.nodes[node].name);
    ehr_csv_text(csv, counters->names.messages[message].name);
    ehr_csv_text(csv, ehr_direction_name(direction));
    ehr_csv_count(csv, tally->count);
    ehr_csv_count(csv, tally->bytes);
    ehr_csv_end(csv);
}

void ehr_table_messages(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                        FILE *file)
{
    (void)meta;
    const struct ehr_counters *counters = &measure->counters;
    struct ehr_csv csv = {.file = file};
    HEADER(&csv, "node", "type", "direction", "count", "bytes");
    ehr_csv_end(&csv);
    for (uint32_t node = 0; node < counters->names.node_count; node++) {
        for (uint32_t message = 0; message < counters->names.message_count; message++) {
            for (enum ehr_direction direction = EHR_DIRECTION_INVALID + 1;
                 direction < EHR_DIRECTION_END; direction++)
                message_row(&csv, counters, node, message, direction);
        }
    }
}

void ehr_table_operations(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                          FILE *file)
{
    (void)meta;
    const struct ehr_counters *counters = &measure->counters;
    uint32_t operation_count = counters->names.operation_count;
    struct ehr_csv csv = {.file = file};
    HEADER(&csv, "node", "operation", "charged", "busy_s");
    ehr_csv_end(&csv);
    for (uint32_t node = 0; node < counters->names.node_count; node++) {
        for (uint32_t operation = 0; operation < operation_count; operation++) {
            const struct ehr_charge *charge =
                &counters->charges[(size_t)node * operation_count + operation];
            if (charge->count == 0)
                continue;
            ehr_csv_text(&csv, counters->names.nodes[node].name);
            ehr_csv_text(&csv, counters->names.operations[operation]);
            ehr_csv_count(&csv, charge->count);
            ehr_csv_duration(&csv, (double)charge->busy_ns);
            ehr_csv_end(&csv);
        }
    }
}

void ehr_table_parameters(const struct ehr_measure *measure, const struct ehr_measure_meta *meta,
                          FILE *file)
{
    (void)measure;
    struct ehr_csv csv = {.file = file};
    HEADER(&csv, "run_id", "path", "value");
    ehr_csv_end(&csv);
    for (size_t i = 0; i < meta->parameter_count; i++) {
        ehr_csv_text(&csv, meta->run_id);
        ehr_csv_text(&csv, meta->parameters[i].path);
        ehr_csv_text(&csv, meta->parameters[i].value);
        ehr_csv_end(&csv);
    }
}
