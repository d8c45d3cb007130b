/* Where messages, bytes and load of a run are: by type and tier, by node. */
#include <stdlib.h>
#include <string.h>

#include "sim/figures/build.h"
#include "sim/figures/run.h"
#include "sim/figures/table.h"
#include "sim/measure/memory.h"

#define TYPES_SHOWN 12u
#define NODES_SHOWN 12u

enum tier { PRIVATE, ALLIANCE, TIERS };

struct node {
    char *name;
    enum tier tier; /* TIERS: no chain node */
    double busy_s, queue;
};

struct type {
    char *name;
    double messages[TIERS], bytes[TIERS]; /* sent, per transaction of the tier */
};

struct traffic {
    struct node *nodes;
    size_t node_count, node_capacity;
    struct type *types;
    size_t type_count;
    double transactions[TIERS], sim_time_s;
};

/* ---- rows ---- */

static enum ehr_measure_status summary_read(void *data, const struct ehr_csv_reader *reader,
                                            const size_t *columns, struct ehr_measure_error *error)
{
    struct traffic *traffic = data;
    double *const numbers[] = {&traffic->transactions[PRIVATE], &traffic->transactions[ALLIANCE],
                               &traffic->sim_time_s};
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (size_t i = 0; i < 3 && status == EHR_MEASURE_DONE; i++)
        status = ehr_figures_number_read(reader, columns[i], numbers[i], error);
    return status;
}

static enum ehr_measure_status node_read(void *data, const struct ehr_csv_reader *reader,
                                         const size_t *columns, struct ehr_measure_error *error)
{
    struct traffic *traffic = data;
    struct node node = {.tier = TIERS};
    enum ehr_measure_status status =
        ehr_figures_number_read(reader, columns[2], &node.busy_s, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_number_read(reader, columns[3], &node.queue, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    const char *role = ehr_csv_reader_cell(reader, columns[1]);
    if (strcmp(role, "private-node") == 0)
        node.tier = PRIVATE;
    else if (strcmp(role, "alliance-node") == 0)
        node.tier = ALLIANCE;
    node.name = ehr_figures_text("%s", ehr_csv_reader_cell(reader, columns[0]));
    if (traffic->node_count == traffic->node_capacity) {
        size_t more = traffic->node_capacity == 0 ? 64 : 2 * traffic->node_capacity;
        traffic->nodes =
            ehr_measure_grow(traffic->nodes, traffic->node_capacity, more, sizeof(node));
        traffic->node_capacity = more;
    }
    traffic->nodes[traffic->node_count++] = node;
    return EHR_MEASURE_DONE;
}

static struct type *type_of(struct traffic *traffic, const char *name)
{
    size_t count = traffic->type_count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(traffic->types[i].name, name) == 0)
            return &traffic->types[i];
    traffic->types = ehr_measure_grow(traffic->types, count, count + 1, sizeof(*traffic->types));
    traffic->types[count].name = ehr_figures_text("%s", name);
    traffic->type_count++;
    return &traffic->types[count];
}

/* Rows of a node follow each other, in the order of nodes.csv: the search begins there. */
static enum ehr_measure_status message_read(void *data, const struct ehr_csv_reader *reader,
                                            const size_t *columns, struct ehr_measure_error *error)
{
    struct traffic *traffic = data;
    double count = 0, bytes = 0;
    if (strcmp(ehr_csv_reader_cell(reader, columns[2]), "out") != 0)
        return EHR_MEASURE_DONE;
    enum ehr_measure_status status = ehr_figures_number_read(reader, columns[3], &count, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_number_read(reader, columns[4], &bytes, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    const char *name = ehr_csv_reader_cell(reader, columns[0]);
    enum tier tier = TIERS;
    for (size_t i = 0; i < traffic->node_count; i++)
        if (strcmp(traffic->nodes[i].name, name) == 0) {
            tier = traffic->nodes[i].tier;
            break;
        }
    if (tier == TIERS || traffic->transactions[tier] == 0)
        return EHR_MEASURE_DONE;
    struct type *type = type_of(traffic, ehr_csv_reader_cell(reader, columns[1]));
    type->messages[tier] += count / traffic->transactions[tier];
    type->bytes[tier] += bytes / traffic->transactions[tier];
    return EHR_MEASURE_DONE;
}

/* ---- messages ---- */

static double most_of(const double *values)
{
    return values[PRIVATE] > values[ALLIANCE] ? values[PRIVATE] : values[ALLIANCE];
}

/* Many messages first; of equal ones, the name decides. */
static int type_compare(const void *one, const void *two)
{
    const struct type *a = one, *b = two;
    double first = most_of(a->messages), second = most_of(b->messages);
    return first != second ? (first < second) - (first > second) : strcmp(a->name, b->name);
}

/* The last one shown stands for itself and all that follow. */
static void types_join(struct traffic *traffic)
{
    struct type *rest = &traffic->types[TYPES_SHOWN - 1];
    if (traffic->type_count <= TYPES_SHOWN)
        return;
    free(rest->name);
    rest->name = ehr_figures_text("%zu others", traffic->type_count - TYPES_SHOWN + 1);
    for (size_t i = TYPES_SHOWN; i < traffic->type_count; i++) {
        for (enum tier tier = 0; tier < TIERS; tier++) {
            rest->messages[tier] += traffic->types[i].messages[tier];
            rest->bytes[tier] += traffic->types[i].bytes[tier];
        }
        free(traffic->types[i].name);
    }
    traffic->type_count = TYPES_SHOWN;
}

static void messages_make(struct ehr_figures *figures, const struct traffic *traffic)
{
    static const char *const labels[] = {"messages per transaction", "bytes per transaction"};
    static const char *const tiers[] = {"private chains", "alliance chain"};
    struct ehr_figure *figure =
        ehr_figure_new(figures, EHR_FIGURE_BARS, "messages", "Messages per transaction",
                       "What chain nodes sent for a committed transaction of their tier, by type "
                       "of message; with the assumed headers.");
    for (size_t k = 0; k < 2; k++) {
        struct ehr_figure_panel *panel = ehr_figure_panel_new(figure, labels[k]);
        ehr_figure_axis_set(&panel->x, "message type", "");
        ehr_figure_axis_set(&panel->y, labels[k], k == 0 ? "" : "B");
        for (enum tier tier = 0; tier < TIERS; tier++) {
            if (traffic->transactions[tier] == 0)
                continue;
            struct ehr_figure_series *series =
                ehr_figure_series_new(panel, tiers[tier], tier == PRIVATE ? 2 : 0);
            for (size_t i = 0; i < traffic->type_count; i++) {
                const struct type *type = &traffic->types[i];
                double x = (double)ehr_figure_category(panel, type->name);
                double y = k == 0 ? type->messages[tier] : type->bytes[tier];
                if (y > 0)
                    ehr_figure_point_add(series, ehr_figure_point_of(x, y, 0));
            }
        }
    }
    ehr_figure_finish(figures, 1, false);
}

/* ---- load ---- */

static int node_compare(const void *one, const void *two)
{
    const struct node *a = one, *b = two;
    return a->busy_s != b->busy_s ? (a->busy_s < b->busy_s) - (a->busy_s > b->busy_s)
                                  : strcmp(a->name, b->name);
}

static void load_make(struct ehr_figures *figures, const struct traffic *traffic)
{
    struct ehr_figure *figure =
        ehr_figure_new(figures, EHR_FIGURE_BARS, "load", "Load of the busiest nodes",
                       "Share of the run in which a node's processor was busy, and the most "
                       "events that waited for it at one time.");
    size_t count = traffic->node_count < NODES_SHOWN ? traffic->node_count : NODES_SHOWN;
    for (size_t k = 0; k < 2; k++) {
        const char *label = k == 0 ? "processor busy" : "longest queue";
        struct ehr_figure_panel *panel = ehr_figure_panel_new(figure, label);
        ehr_figure_axis_set(&panel->x, "node", "");
        ehr_figure_axis_set(&panel->y, k == 0 ? label : "events waiting", k == 0 ? "%" : "");
        struct ehr_figure_series *series = ehr_figure_series_new(panel, label, k == 0 ? 0 : 2);
        for (size_t i = 0; i < count && traffic->sim_time_s > 0; i++) {
            const struct node *node = &traffic->nodes[i];
            double x = (double)ehr_figure_category(panel, node->name);
            double busy = 100 * node->busy_s / traffic->sim_time_s;
            ehr_figure_point_add(series, ehr_figure_point_of(x, k == 0 ? busy : node->queue, 0));
        }
    }
    ehr_figure_finish(figures, 1, false);
}

enum ehr_measure_status ehr_figures_traffic(struct ehr_figures *figures, const char *dir,
                                            struct ehr_measure_error *error)
{
    static const char *const summary[] = {"private_transactions", "alliance_transactions",
                                          "sim_time_s", NULL};
    static const char *const nodes[] = {"node", "role", "busy_s", "queue_max", NULL};
    static const char *const messages[] = {"node", "type", "direction", "count", "bytes", NULL};
    struct traffic traffic = {0};
    enum ehr_measure_status status =
        ehr_figures_table_read(dir, "summary.csv", summary, summary_read, &traffic, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_table_read(dir, "nodes.csv", nodes, node_read, &traffic, error);
    if (status == EHR_MEASURE_DONE)
        status =
            ehr_figures_table_read(dir, "messages.csv", messages, message_read, &traffic, error);
    if (status == EHR_MEASURE_DONE) {
        if (traffic.type_count > 0)
            qsort(traffic.types, traffic.type_count, sizeof(*traffic.types), type_compare);
        types_join(&traffic);
        messages_make(figures, &traffic);
        if (traffic.node_count > 0)
            qsort(traffic.nodes, traffic.node_count, sizeof(*traffic.nodes), node_compare);
        load_make(figures, &traffic);
    }
    for (size_t i = 0; i < traffic.node_count; i++)
        free(traffic.nodes[i].name);
    for (size_t i = 0; i < traffic.type_count; i++)
        free(traffic.types[i].name);
    free(traffic.nodes);
    free(traffic.types);
    return status;
}
