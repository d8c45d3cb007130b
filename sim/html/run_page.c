/* The page of a run. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/html/memory.h"
#include "sim/html/pages.h"
#include "sim/html/run_data.h"
#include "sim/html/run_repeat.h"

/* ---- what was run ---- */

static void chain_write(struct ehr_html_page *page, const cJSON *chain, const char *name)
{
    const cJSON *replicas = cJSON_GetObjectItemCaseSensitive(chain, "replicas");
    const cJSON *quorum = cJSON_GetObjectItemCaseSensitive(chain, "certificate_quorum");
    ehr_html_markup(page, "<tr>");
    ehr_html_element(page, "th scope=\"row\"", name);
    ehr_html_element(page, "td class=\"text\"", ehr_html_run_text(chain, "engine"));
    ehr_html_cell_number(page, cJSON_IsNumber(replicas) ? replicas->valuedouble : NAN);
    ehr_html_cell_number(page, cJSON_IsNumber(quorum) ? quorum->valuedouble : NAN);
    ehr_html_element(page, "td class=\"text\"", ehr_html_run_text(chain, "trust"));
    ehr_html_markup(page, "</tr>\n");
}

static bool chains_alike(const cJSON *one, const cJSON *other)
{
    static const char *const members[] = {"engine", "trust", "replicas", "certificate_quorum"};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (!cJSON_Compare(cJSON_GetObjectItemCaseSensitive(one, members[i]),
                           cJSON_GetObjectItemCaseSensitive(other, members[i]), true))
            return false;
    return true;
}

/* Chains that follow each other and are alike share a row. */
static void chains_write(struct ehr_html_page *page, const cJSON *json)
{
    static const char *const columns[] = {
        "chain", " consensus", "replicas", "signatures of a certificate", " trust", NULL};
    const cJSON *chains = cJSON_GetObjectItemCaseSensitive(json, "chains");
    ehr_html_table_begin(page, "Chains", columns);
    for (const cJSON *first = chains != NULL ? chains->child : NULL; first != NULL;) {
        const cJSON *last = first, *next = first->next;
        unsigned alike = 1;
        bool alliance = strcmp(ehr_html_run_text(first, "chain"), "alliance") == 0;
        for (; !alliance && next != NULL && chains_alike(first, next); next = next->next, alike++)
            last = next;
        char *name = alike < 4 ? NULL
                               : ehr_html_memory_text("%u chains, %s to %s", alike,
                                                      ehr_html_run_text(first, "chain"),
                                                      ehr_html_run_text(last, "chain"));
        if (name != NULL)
            chain_write(page, first, name);
        for (const cJSON *one = first; name == NULL && one != next; one = one->next)
            chain_write(page, one, ehr_html_run_text(one, "chain"));
        ehr_html_memory_free(name);
        first = next;
    }
    ehr_html_table_end(page);
}

static const char *input_path(const cJSON *json, const char *kind)
{
    const cJSON *input;
    cJSON_ArrayForEach(input,
                       cJSON_GetObjectItemCaseSensitive(
                           json, "inputs")) if (strcmp(ehr_html_run_text(input, "kind"), kind) ==
                                                0) return ehr_html_run_text(input, "path");
    return "";
}

static void facts_write(struct ehr_html_page *page, const struct ehr_html_run *run)
{
    const cJSON *chains = cJSON_GetObjectItemCaseSensitive(run->json, "chains");
    const cJSON *parameter;
    char *hospitals = ehr_html_memory_text("%d", cJSON_GetArraySize(chains) - 1);
    char *window = ehr_html_memory_text("%.6g s, from %.6g s on, of %.6g s simulated",
                                        ehr_html_table_number(&run->summary, 0, "window_s"),
                                        ehr_html_table_number(&run->summary, 0, "warmup_s"),
                                        ehr_html_table_number(&run->summary, 0, "sim_time_s"));
    char *versions =
        ehr_html_memory_text("ehrgrid %s, SimGrid %s", ehr_html_run_text(run->json, "version"),
                             ehr_html_run_text(run->json, "simgrid_version"));
    ehr_html_markup(page, "<table class=\"facts\"><tbody>\n");
    ehr_html_fact(page, "Scenario", ehr_html_run_text(run->json, "scenario"));
    ehr_html_fact(page, "SHA-256 of its file", ehr_html_run_text(run->json, "sha256"));
    cJSON_ArrayForEach(parameter, cJSON_GetObjectItemCaseSensitive(run->json, "parameters"))
        ehr_html_fact(page, ehr_html_run_text(parameter, "path"),
                      ehr_html_run_text(parameter, "value"));
    ehr_html_fact(page, "Platform", input_path(run->json, "platform"));
    ehr_html_fact(page, "Hospitals", hospitals);
    ehr_html_fact(page, "Fidelity of the network", ehr_html_run_text(run->json, "fidelity"));
    ehr_html_fact(page, "Cryptography", ehr_html_run_text(run->json, "crypto"));
    ehr_html_fact(page, "Seed", ehr_html_run_text(run->json, "seed"));
    ehr_html_fact(page, "Replication", ehr_html_run_text(run->json, "replication"));
    ehr_html_fact(page, "Measured window", window);
    ehr_html_fact(page, "Versions", versions);
    ehr_html_markup(page, "</tbody></table>\n");
    ehr_html_memory_free(versions);
    ehr_html_memory_free(window);
    ehr_html_memory_free(hospitals);
}

static void byzantine_write(struct ehr_html_page *page, const cJSON *json)
{
    static const char *const columns[] = {"adversary", " behaviour", "from, s", "until, s", NULL};
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "byzantine"), *one;
    if (cJSON_GetArraySize(list) == 0)
        return;
    ehr_html_table_begin(page, "Byzantine nodes", columns);
    cJSON_ArrayForEach(one, list)
    {
        ehr_html_markup(page, "<tr>");
        ehr_html_element(page, "th scope=\"row\"", ehr_html_run_text(one, "node"));
        ehr_html_element(page, "td class=\"text\"", ehr_html_run_text(one, "behaviour"));
        ehr_html_cell_number(page, ehr_html_table_parse(ehr_html_run_text(one, "at_ns")) / 1e9);
        ehr_html_cell_number(page, ehr_html_table_parse(ehr_html_run_text(one, "until_ns")) / 1e9);
        ehr_html_markup(page, "</tr>\n");
    }
    ehr_html_table_end(page);
}

/* ---- results ---- */

static double number_of(const struct ehr_html_run *run, const char *name, const char *column)
{
    return ehr_html_table_parse(ehr_html_run_cell(run, name, column));
}

static void cells_write(struct ehr_html_page *page, const struct ehr_html_run *run,
                        const char *name, const char *const *columns)
{
    for (; *columns != NULL; columns++) {
        double number = number_of(run, name, *columns);
        /* counts whole, whatever their size */
        if (number >= 1 && number < 1e15 && number == floor(number))
            ehr_html_cell_count(page, (uint64_t)number);
        else
            ehr_html_cell_number(page, number);
    }
    ehr_html_markup(page, "</tr>\n");
}

static void flow_name_write(struct ehr_html_page *page, const char *name)
{
    ehr_html_markup(page,
                    "<tr><th scope=\"row\"><button type=\"button\" class=\"flow\" data-flow=\"");
    ehr_html_text(page, name);
    ehr_html_markup(page, "\">");
    ehr_html_text(page, name);
    ehr_html_markup(page, "</button></th>");
}

static void flows_write(struct ehr_html_page *page, const struct ehr_html_run *run)
{
    static const char *const rates_head[] = {"flow",   "offered",     "ok",         "refused",
                                             "failed", "timeout",     "unfinished", "offered/s",
                                             "sent/s", "committed/s", NULL};
    static const char *const rates[] = {
        "_offered",       "_ok",         "_refused",         "_failed", "_timeout", "_unfinished",
        "_offered_per_s", "_sent_per_s", "_committed_per_s", NULL};
    static const char *const latency_head[] = {"flow", "mean", "p50", "p90",
                                               "p95",  "p99",  "max", NULL};
    static const char *const latency[] = {"_lat_mean_s", "_lat_p50_s", "_lat_p90_s", "_lat_p95_s",
                                          "_lat_p99_s",  "_lat_max_s", NULL};
    static const char *const durable[] = {"_mean_s", "_p50_s", "_p90_s", "_p95_s",
                                          "_p99_s",  "_max_s", NULL};
    ehr_html_table_begin(page, "Measured requests: how they ended, and rates over the window",
                         rates_head);
    for (unsigned flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        const char *name = ehr_flow_name((enum ehr_flow)flow);
        if (!(number_of(run, name, "_offered") > 0))
            continue;
        flow_name_write(page, name);
        cells_write(page, run, name, rates);
    }
    ehr_html_table_end(page);
    ehr_html_table_begin(page, "Latency of those that ended ok, s", latency_head);
    for (unsigned flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        const char *name = ehr_flow_name((enum ehr_flow)flow);
        if (!(number_of(run, name, "_ok") > 0))
            continue;
        flow_name_write(page, name);
        cells_write(page, run, name, latency);
    }
    if (number_of(run, "visit", "_durable") > 0) {
        ehr_html_markup(page, "<tr><th scope=\"row\">visit, until durable</th>");
        cells_write(page, run, "visit_durable", durable);
    }
    ehr_html_table_end(page);
}

static void load_write(struct ehr_html_page *page, const struct ehr_html_run *run)
{
    static const char *const columns[] = {
        "flow",       "offered/s", "ended ok/s", "open at its begin", "open at its end",
        " saturated", NULL};
    ehr_html_table_begin(page,
                         "Offered against committed: the second half of the time in which "
                         "measured requests were offered",
                         columns);
    for (unsigned flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        size_t count;
        const struct ehr_request_row *rows = ehr_html_run_rows(run, (enum ehr_flow)flow, &count);
        if (count == 0)
            continue;
        struct ehr_load load = ehr_findings_load(rows, count);
        ehr_html_markup(page, "<tr>");
        ehr_html_element(page, "th scope=\"row\"", ehr_flow_name((enum ehr_flow)flow));
        ehr_html_cell_number(page, load.offered_per_s);
        ehr_html_cell_number(page, load.committed_per_s);
        ehr_html_cell_count(page, load.open_half);
        ehr_html_cell_count(page, load.open_end);
        ehr_html_element(page, "td class=\"text\"",
                         load.saturated ? "yes"
                         : load.judged  ? "no"
                                        : "too short to say");
        ehr_html_markup(page, "</tr>\n");
    }
    ehr_html_table_end(page);
}

static void tiers_write(struct ehr_html_page *page, const struct ehr_html_run *run)
{
    static const char *const tiers[] = {"private", "alliance"};
    static const char *const head[] = {"tier",
                                       "blocks",
                                       "transactions",
                                       "messages",
                                       "bytes",
                                       "messages per transaction",
                                       "bytes per transaction",
                                       "view changes",
                                       NULL};
    static const char *const columns[] = {
        "_blocks",          "_transactions", "_messages",     "_bytes",
        "_messages_per_tx", "_bytes_per_tx", "_view_changes", NULL};
    ehr_html_table_begin(page, "Chains by tier, whole run", head);
    for (size_t i = 0; i < 2; i++) {
        ehr_html_markup(page, "<tr>");
        ehr_html_element(page, "th scope=\"row\"", tiers[i]);
        cells_write(page, run, tiers[i], columns);
    }
    ehr_html_table_end(page);
}

static void reasons_write(struct ehr_html_page *page, const struct ehr_html_run *run)
{
    static const char *const columns[] = {"flow",     " outcome", " reason",
                                          " meaning", "requests", NULL};
    static const size_t cells = (size_t)EHR_FLOW_END * EHR_OUTCOME_END * EHR_REASON_END;
    size_t *counts = ehr_html_memory_zeroed(cells, sizeof(*counts)), found = 0;
    for (size_t i = 0; i < run->requests.count; i++) {
        const struct ehr_request_row *row = &run->requests.rows[i];
        size_t cell = ((size_t)row->flow * EHR_OUTCOME_END + row->outcome) * EHR_REASON_END;
        bool told = row->measured && row->outcome != EHR_OUTCOME_OK &&
                    row->outcome != EHR_OUTCOME_UNFINISHED;
        counts[cell + row->reason] += told;
        found += told;
    }
    if (found > 0)
        ehr_html_table_begin(page, "Why measured requests were refused, failed or given up",
                             columns);
    for (size_t cell = 0; cell < cells; cell++) {
        if (counts[cell] == 0)
            continue;
        enum ehr_reason reason = (enum ehr_reason)(cell % EHR_REASON_END);
        size_t pair = cell / EHR_REASON_END;
        ehr_html_markup(page, "<tr>");
        ehr_html_element(page, "th scope=\"row\"",
                         ehr_flow_name((enum ehr_flow)(pair / EHR_OUTCOME_END)));
        ehr_html_element(page, "td class=\"text\"",
                         ehr_outcome_name((enum ehr_outcome)(pair % EHR_OUTCOME_END)));
        ehr_html_element(page, "td class=\"text\"", ehr_reason_name(reason));
        ehr_html_element(page, "td class=\"text\"", ehr_reason_text(reason));
        ehr_html_cell_count(page, counts[cell]);
        ehr_html_markup(page, "</tr>\n");
    }
    if (found > 0)
        ehr_html_table_end(page);
    ehr_html_memory_free(counts);
}

/* A table as it is in the file: the named columns, the first `texts` of them of text. */
static void table_copy(struct ehr_html_page *page, const char *caption,
                       const struct ehr_html_table *table, const char *const *head,
                       const char *const *columns)
{
    if (table->row_count == 0)
        return;
    ehr_html_table_begin(page, caption, head);
    for (size_t row = 0; row < table->row_count; row++) {
        ehr_html_markup(page, "<tr>");
        for (size_t i = 0; columns[i] != NULL; i++) {
            const char *cell = ehr_html_table_cell(table, row, columns[i]);
            double number = ehr_html_table_parse(cell);
            bool text = head[i][0] == ' ';
            if (i == 0)
                ehr_html_element(page, "th scope=\"row\"", cell);
            else if (text || !isfinite(number))
                ehr_html_element(page, text ? "td class=\"text\"" : "td",
                                 *cell != '\0' ? cell : "-");
            else
                ehr_html_cell_number(page, number);
        }
        ehr_html_markup(page, "</tr>\n");
    }
    ehr_html_table_end(page);
}

static void faults_write(struct ehr_html_page *page, const struct ehr_html_run *run)
{
    static const char *const fault_head[] = {"fault",   " kind",    " hits", " how hard",
                                             "from, s", "until, s", NULL};
    static const char *const fault[] = {"fault",   "kind",  "target", "value",
                                        "begin_s", "end_s", NULL};
    static const char *const back_head[] = {"fault",           " series",  " name",
                                            "before/s",        "lowest/s", "lowest at, s",
                                            "recovered at, s", "after, s", NULL};
    static const char *const back[] = {"fault",        "series",       "name",
                                       "before_per_s", "lowest_per_s", "lowest_s",
                                       "recovered_s",  "recovery_s",   NULL};
    if (run->faults.row_count == 0)
        ehr_html_markup(page, "<p>No faults.</p>\n");
    table_copy(page, "Faults", &run->faults, fault_head, fault);
    table_copy(page, "Throughput after each fault", &run->recovery, back_head, back);
}

/* ---- the page ---- */

static void page_write(struct ehr_html_page *page, const struct ehr_html_run *run,
                       const struct ehr_html_figures *figures)
{
    const char *scenario = ehr_html_run_text(run->json, "scenario");
    const char *id = ehr_html_run_text(run->json, "run_id");
    char *title = ehr_html_memory_text("%s, run %s", scenario, id);
    ehr_html_begin(page, title);
    ehr_html_markup(page, "<header>\n");
    ehr_html_element(page, "h1", scenario);
    ehr_html_markup(page, "\n<p>Run <code>");
    ehr_html_text(page, id);
    ehr_html_markup(page, "</code> of EHRGrid</p>\n</header>\n");
    ehr_html_findings(page, &run->findings);
    ehr_html_markup(page, "<section id=\"run\">\n<h2>What was run</h2>\n");
    facts_write(page, run);
    chains_write(page, run->json);
    byzantine_write(page, run->json);
    ehr_html_markup(page, "</section>\n<section id=\"results\">\n<h2>Results</h2>\n");
    flows_write(page, run);
    load_write(page, run);
    tiers_write(page, run);
    reasons_write(page, run);
    faults_write(page, run);
    ehr_html_markup(page, "</section>\n");
    ehr_html_figures(page, figures);
    ehr_html_run_repeat(page, run->json);
    ehr_html_end(page, figures, ehr_html_run_text(run->json, "version"));
    ehr_html_memory_free(title);
}

enum ehr_measure_status ehr_html_run_page(struct ehr_html_page *page, const char *dir,
                                          const struct ehr_html_figures *figures,
                                          struct ehr_measure_error *error)
{
    struct ehr_html_run run;
    enum ehr_measure_status status = ehr_html_run_init(&run, dir, error);
    if (status == EHR_MEASURE_DONE)
        page_write(page, &run, figures);
    ehr_html_run_close(&run);
    return status;
}
