/* What is to be warned of in a sweep. */
#include <stdio.h>
#include <string.h>

#include "sim/html/memory.h"
#include "sim/html/sweep_data.h"

#define REPLICATIONS_FEW 5u
#define POINTS_NAMED     12u

/* A list of points, of which the first ones are named. */
struct list {
    char text[384];
    size_t points, runs;
};

static void list_add(struct list *list, size_t point, size_t runs, size_t of)
{
    size_t length = strlen(list->text);
    list->runs += runs;
    if (list->points++ < POINTS_NAMED)
        snprintf(list->text + length, sizeof(list->text) - length, "%spoint %zu (%zu of %zu)",
                 length > 0 ? ", " : "", point + 1, runs, of);
    else if (list->points == POINTS_NAMED + 1)
        snprintf(list->text + length, sizeof(list->text) - length, ", and more");
}

/* Runs with a warning of this kind, by point. */
static void kind_find(struct ehr_html_sweep *sweep, enum ehr_finding_kind kind, const char *meaning)
{
    struct list list = {.points = 0};
    for (size_t i = 0; i < sweep->point_count; i++)
        if (sweep->points[i].warned[kind] > 0)
            list_add(&list, i, sweep->points[i].warned[kind], sweep->points[i].looked_at);
    if (list.points > 0)
        ehr_findings_add(&sweep->findings, kind, "%zu run%s: %s. %s", list.runs,
                         list.runs == 1 ? "" : "s", list.text, meaning);
}

static void counts_find(struct ehr_html_sweep *sweep)
{
    struct list wrong = {.points = 0}, missing = {.points = 0};
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < sweep->point_count; i++) {
        const struct ehr_html_point *point = &sweep->points[i];
        size_t good = point->there - point->wrong;
        if (point->wrong > 0)
            list_add(&wrong, i, point->wrong, point->there);
        if (point->there < point->planned)
            list_add(&missing, i, point->planned - point->there, point->planned);
        fewest = good < fewest ? good : fewest;
    }
    if (wrong.points > 0)
        ehr_findings_add(&sweep->findings, EHR_FINDING_ENDED_WRONGLY,
                         "%zu run%s: %s. They are left out of all means.", wrong.runs,
                         wrong.runs == 1 ? "" : "s", wrong.text);
    if (missing.points > 0)
        ehr_findings_add(&sweep->findings, EHR_FINDING_MISSING,
                         "%zu run%s of the design: %s. ehrgrid sweep --resume makes them.",
                         missing.runs, missing.runs == 1 ? "" : "s", missing.text);
    if (fewest < 2)
        ehr_findings_add(&sweep->findings, EHR_FINDING_REPLICATIONS,
                         "There are points with fewer than two runs: they have no interval.");
    else if (fewest < REPLICATIONS_FEW)
        ehr_findings_add(&sweep->findings, EHR_FINDING_REPLICATIONS,
                         "There are points with %zu runs: an interval of so few is wide, and rests "
                         "on the assumption that runs vary normally.",
                         fewest);
}

static bool is_parameter(const struct ehr_html_sweep *sweep, const char *path)
{
    size_t column = ehr_html_table_column(&sweep->design, path);
    return column >= sweep->parameter_first && column < sweep->parameter_end;
}

/* Runs that should not be compared with each other: aggregate.h refuses them. */
static void mixture_find(struct ehr_html_sweep *sweep)
{
    static const struct {
        const char *column, *parameter;
    } shared[] = {
        {"version", ""},  {"simgrid_version", ""},           {"sha256", ""},
        {"scenario", ""}, {"fidelity", "network/@fidelity"}, {"crypto", "crypto/@mode"},
    };
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
        const char *first = NULL;
        bool mixed = false;
        for (size_t row = 0; row < sweep->summary.row_count; row++) {
            const char *cell = ehr_html_table_cell(&sweep->summary, row, shared[i].column);
            first = first == NULL ? cell : first;
            mixed = mixed || strcmp(first, cell) != 0;
        }
        if (mixed && !is_parameter(sweep, shared[i].parameter))
            ehr_findings_add(
                &sweep->findings, EHR_FINDING_MIXED,
                "The runs differ in %s: their means compare what does not go together.",
                shared[i].column);
    }
}

void ehr_html_sweep_findings(struct ehr_html_sweep *sweep)
{
    sweep->findings.count = 0;
    counts_find(sweep);
    mixture_find(sweep);
    kind_find(sweep, EHR_FINDING_SATURATED,
              "Their latencies say how long a run was, not how fast the system is.");
    kind_find(sweep, EHR_FINDING_CLIENT_LIMIT, "Requests waited at the side that asks.");
    kind_find(sweep, EHR_FINDING_UNFINISHED, "Requests were open when the run ended.");
    kind_find(sweep, EHR_FINDING_BEHIND, "Chain nodes lacked blocks when the run ended.");
    kind_find(sweep, EHR_FINDING_WARM_UP, "The first requests took another time than later ones.");
    kind_find(
        sweep, EHR_FINDING_MODELLED,
        "Anybody can forge its signatures and read its secrets. Sizes, costs and outcomes are "
        "those of the real one.");
    kind_find(
        sweep, EHR_FINDING_QUANTILE,
        "With fewer than 1000 requests of a flow that ended ok, p99 rests on fewer than ten.");
}
