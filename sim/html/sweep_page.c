/* The page of a sweep. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/html/memory.h"
#include "sim/html/pages.h"
#include "sim/html/run_data.h"
#include "sim/html/run_repeat.h"
#include "sim/html/sweep_data.h"
#include "sim/measure/requests.h"

/* Of a table; more parameters than that are in design.csv. */
#define PARAMETERS_MAX 8u
#define COLUMNS_MAX    24u
#define VALUE_MAX      24u /* characters; longer lists are shortened */

static const char *of_all(const struct ehr_html_sweep *sweep, const char *column)
{
    return sweep->summary.row_count > 0 ? ehr_html_table_cell(&sweep->summary, 0, column) : "";
}

/* ---- what was run ---- */

/* The values of a parameter in the order of the points, each once. */
static void values_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep,
                         size_t column)
{
    for (size_t i = 0; i < sweep->point_count; i++) {
        const char *value = ehr_html_table_at(&sweep->design, sweep->points[i].row, column);
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen =
                strcmp(ehr_html_table_at(&sweep->design, sweep->points[j].row, column), value) == 0;
        if (!seen)
            ehr_html_format(page, "%s%s", i > 0 ? ", " : "", value);
    }
}

static void facts_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep)
{
    char *runs = ehr_html_memory_text("%zu of %zu, at %zu points", sweep->summary.row_count,
                                      sweep->design.row_count, sweep->point_count);
    char *versions = ehr_html_memory_text("ehrgrid %s, SimGrid %s", of_all(sweep, "version"),
                                          of_all(sweep, "simgrid_version"));
    ehr_html_markup(page, "<table class=\"facts\"><tbody>\n");
    ehr_html_fact(page, "Scenario", of_all(sweep, "scenario"));
    ehr_html_fact(page, "SHA-256 of its file", of_all(sweep, "sha256"));
    ehr_html_fact(page, "Runs", runs);
    for (size_t i = sweep->parameter_first; i < sweep->parameter_end; i++) {
        ehr_html_markup(page, "<tr>");
        ehr_html_element(page, "th scope=\"row\"", sweep->design.columns[i]);
        ehr_html_markup(page, "<td>");
        values_write(page, sweep, i);
        ehr_html_markup(page, "</td></tr>\n");
    }
    ehr_html_fact(page, "Fidelity of the network", of_all(sweep, "fidelity"));
    ehr_html_fact(page, "Cryptography", of_all(sweep, "crypto"));
    ehr_html_fact(page, "Versions", versions);
    ehr_html_markup(page, "</tbody></table>\n");
    ehr_html_memory_free(versions);
    ehr_html_memory_free(runs);
}

/* ---- results ---- */

/* In the unit that is 1/`scale` of that of the file. */
static void moments_cell(struct ehr_html_page *page, const struct ehr_aggregate_moments *moments,
                         double scale)
{
    if (moments->count == 0) {
        ehr_html_markup(page, "<td>-</td>");
        return;
    }
    double half = moments->count > 1 ? (moments->high - moments->mean) * scale : 0;
    fprintf(page->out, "<td>%.4g", moments->mean * scale);
    if (half > 0)
        fprintf(page->out,
                half < 99.5 ? " <span class=\"interval\">&#177; %.2g</span>"
                            : " <span class=\"interval\">&#177; %.0f</span>",
                half);
    ehr_html_markup(page, "</td>");
}

/* The head of a table with a row a point: point, parameters, `more`. */
static void head_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep,
                       const char *caption, const char *const *more)
{
    const char *columns[COLUMNS_MAX + 1];
    char *parameters[PARAMETERS_MAX];
    size_t count = 0, taken = 0;
    columns[count++] = "point";
    for (size_t i = sweep->parameter_first; i < sweep->parameter_end && taken < PARAMETERS_MAX; i++)
        columns[count++] = parameters[taken++] =
            ehr_html_memory_text(" %s", sweep->design.columns[i]);
    while (*more != NULL)
        columns[count++] = *more++;
    columns[count] = NULL;
    ehr_html_table_begin(page, caption, columns);
    while (taken > 0)
        ehr_html_memory_free(parameters[--taken]);
}

/* Lists of hosts would leave no room for results: of a list its first and last; facts_write has it
 * whole. */
static void parameter_cell(struct ehr_html_page *page, const char *value)
{
    const char *first_end = strchr(value, ' '), *last = strrchr(value, ' ');
    if (strlen(value) <= VALUE_MAX || first_end == NULL || first_end == last) {
        ehr_html_element(page, "td class=\"text\"", value);
        return;
    }
    unsigned words = 1;
    for (const char *c = value; *c != '\0'; c++)
        words += *c == ' ' && c[1] != ' ' && c[1] != '\0';
    char *text =
        ehr_html_memory_text("%.*s ..%s (%u)", (int)(first_end - value), value, last, words);
    ehr_html_element(page, "td class=\"text\"", text);
    ehr_html_memory_free(text);
}

static void point_begin(struct ehr_html_page *page, const struct ehr_html_sweep *sweep,
                        size_t point)
{
    size_t count = 0;
    fprintf(page->out, "<tr><th scope=\"row\">%zu</th>", point + 1);
    for (size_t i = sweep->parameter_first; i < sweep->parameter_end && count < PARAMETERS_MAX;
         i++, count++)
        parameter_cell(page, ehr_html_table_at(&sweep->design, sweep->points[point].row, i));
}

static void column_cell(struct ehr_html_page *page, const struct ehr_html_sweep *sweep,
                        size_t point, const char *prefix, const char *suffix)
{
    char *column = ehr_html_memory_text("%s%s", prefix, suffix);
    struct ehr_aggregate_moments moments = ehr_html_sweep_moments(sweep, point, column);
    moments_cell(page, &moments, strstr(suffix, "_lat_") != NULL ? 1e3 : 1);
    ehr_html_memory_free(column);
}

/* A table with a row a point, of the columns `prefix``suffixes`; the suffix "saturated" stands for
 * the runs in which the flow did. */
static void points_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep,
                         const char *caption, const char *prefix, enum ehr_flow flow,
                         const char *const *head, const char *const *suffixes)
{
    head_write(page, sweep, caption, head);
    for (size_t i = 0; i < sweep->point_count; i++) {
        const struct ehr_html_point *point = &sweep->points[i];
        point_begin(page, sweep, i);
        fprintf(page->out, "<td>%zu</td>", point->there - point->wrong);
        for (const char *const *suffix = suffixes; *suffix != NULL; suffix++) {
            if (strcmp(*suffix, "saturated") == 0)
                fprintf(page->out, "<td>%zu of %zu</td>", point->saturated[flow], point->looked_at);
            else
                column_cell(page, sweep, i, prefix, *suffix);
        }
        ehr_html_markup(page, "</tr>\n");
    }
    ehr_html_table_end(page);
}

/* Whether a run has any of that: `name``suffix` is a column of counts. */
static bool has_any(const struct ehr_html_sweep *sweep, const char *name, const char *suffix)
{
    char *column = ehr_html_memory_text("%s%s", name, suffix);
    bool any = false;
    for (size_t row = 0; row < sweep->summary.row_count && !any; row++)
        any = ehr_html_table_number(&sweep->summary, row, column) > 0;
    ehr_html_memory_free(column);
    return any;
}

static void results_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep)
{
    static const char *const flow_head[] = {"runs",     "offered/s", "committed/s", "saturated",
                                            "mean, ms", "p50, ms",   "p95, ms",     "p99, ms",
                                            "refused",  "timeouts",  NULL};
    static const char *const flow_columns[] = {
        "_offered_per_s", "_committed_per_s", "saturated", "_lat_mean_s", "_lat_p50_s",
        "_lat_p95_s",     "_lat_p99_s",       "_refused",  "_timeout",    NULL};
    static const char *const tier_head[] = {"runs",
                                            "messages per transaction",
                                            "bytes per transaction",
                                            "transactions",
                                            "blocks",
                                            "view changes",
                                            NULL};
    static const char *const tier_columns[] = {"_messages_per_tx", "_bytes_per_tx", "_transactions",
                                               "_blocks",          "_view_changes", NULL};
    for (unsigned flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        const char *name = ehr_flow_name((enum ehr_flow)flow);
        if (!has_any(sweep, name, "_offered"))
            continue;
        char *caption = ehr_html_memory_text("%s: rates, and latency of what ended ok", name);
        points_write(page, sweep, caption, name, (enum ehr_flow)flow, flow_head, flow_columns);
        ehr_html_memory_free(caption);
    }
    if (has_any(sweep, "alliance", "_blocks"))
        points_write(page, sweep, "Alliance chain", "alliance", EHR_FLOW_INVALID, tier_head,
                     tier_columns);
    if (has_any(sweep, "private", "_blocks"))
        points_write(page, sweep, "Private chains", "private", EHR_FLOW_INVALID, tier_head,
                     tier_columns);
}

/* ---- how to reproduce ---- */

static void runs_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep)
{
    static const char *const more[] = {"replication",   "seed",    " run_id",
                                       "ended wrongly", "wall, s", NULL};
    static const char *const cells[] = {"replication",   "seed",   "run_id",
                                        "ended_wrongly", "wall_s", NULL};
    ehr_html_markup(page, "<details><summary>All runs that are there</summary>\n");
    head_write(page, sweep, "Runs", more);
    for (size_t row = 0; row < sweep->summary.row_count; row++) {
        point_begin(page, sweep, (size_t)ehr_html_table_number(&sweep->summary, row, "point") - 1);
        for (size_t i = 0; cells[i] != NULL; i++)
            ehr_html_cell_text(page, ehr_html_table_cell(&sweep->summary, row, cells[i]));
        ehr_html_markup(page, "</tr>\n");
    }
    ehr_html_table_end(page);
    ehr_html_markup(page, "</details>\n");
}

static void repeat_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep)
{
    const char *const jobs[] = {"less", "jobs.txt"};
    ehr_html_markup(page, "<section id=\"repeat\">\n<h2>How to reproduce</h2>\n");
    if (sweep->json == NULL)
        ehr_html_markup(page, "<p>The folders of the runs are not there: their commands are those "
                              "of design.csv.</p>\n");
    else
        ehr_html_sweep_repeat(page, sweep->json, &sweep->design, sweep->parameter_first,
                              sweep->parameter_end);
    ehr_html_markup(page, "<p>");
    ehr_html_words(page, jobs, 2);
    ehr_html_markup(page,
                    " in the folder of the sweep has the command of each run that was missing "
                    "when it began or went on.</p>\n");
    runs_write(page, sweep);
    if (sweep->json != NULL)
        ehr_html_run_inputs(page, sweep->json);
    ehr_html_markup(page, "</section>\n");
}

/* ---- the page ---- */

static void page_write(struct ehr_html_page *page, const struct ehr_html_sweep *sweep,
                       const struct ehr_html_figures *figures)
{
    const char *scenario = of_all(sweep, "scenario");
    char *title = ehr_html_memory_text("%s, sweep", scenario);
    ehr_html_begin(page, title);
    ehr_html_markup(page, "<header>\n");
    ehr_html_element(page, "h1", scenario);
    ehr_html_markup(page, "\n<p>Sweep of EHRGrid: ");
    ehr_html_format(page, "%zu points, %zu runs", sweep->point_count, sweep->summary.row_count);
    ehr_html_markup(page, "</p>\n</header>\n");
    ehr_html_findings(page, &sweep->findings);
    ehr_html_markup(page, "<section id=\"run\">\n<h2>What was run</h2>\n");
    facts_write(page, sweep);
    ehr_html_markup(page, "</section>\n<section id=\"results\">\n<h2>Results</h2>\n"
                          "<p>Means over the replications that ended well, with half of the 95 % "
                          "interval of the mean (Student's t) where there are two or more.</p>\n");
    results_write(page, sweep);
    ehr_html_markup(page, "</section>\n");
    ehr_html_figures(page, figures);
    repeat_write(page, sweep);
    ehr_html_end(page, figures, of_all(sweep, "version"));
    ehr_html_memory_free(title);
}

enum ehr_measure_status ehr_html_sweep_page(struct ehr_html_page *page, const char *dir,
                                            const struct ehr_html_figures *figures,
                                            struct ehr_measure_error *error)
{
    struct ehr_html_sweep sweep;
    enum ehr_measure_status status = ehr_html_sweep_init(&sweep, dir, error);
    if (status == EHR_MEASURE_DONE)
        page_write(page, &sweep, figures);
    ehr_html_sweep_close(&sweep);
    return status;
}
