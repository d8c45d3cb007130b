#include "sim/html/run_data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/html/memory.h"

#define JSON_BYTES_MAX (256u << 20)

static enum ehr_measure_status bad(struct ehr_measure_error *error, const char *path,
                                   const char *what)
{
    snprintf(error->text, sizeof(error->text), "%s: %s", path, what);
    return EHR_MEASURE_BAD_INPUT;
}

enum ehr_measure_status ehr_html_run_json(cJSON **json, const char *dir,
                                          struct ehr_measure_error *error)
{
    size_t size;
    char *path = ehr_html_memory_text("%s/run.json", dir);
    char *text = ehr_html_memory_file(path, JSON_BYTES_MAX, &size);
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    *json = NULL;
    if (text == NULL) {
        bool missing = errno == ENOENT || errno == ENOTDIR;
        bad(error, path, strerror(errno));
        status = missing ? EHR_MEASURE_BAD_INPUT : EHR_MEASURE_ENVIRONMENT;
    } else {
        *json = cJSON_Parse(text);
        if (*json == NULL || strcmp(ehr_html_run_text(*json, "format"), "ehrgrid-run") != 0)
            status = bad(error, path, "not the description of a run");
    }
    ehr_html_memory_free(text);
    ehr_html_memory_free(path);
    return status;
}

const char *ehr_html_run_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

static double fact_of(const cJSON *json, const char *name)
{
    const cJSON *facts = cJSON_GetObjectItemCaseSensitive(json, "facts");
    const cJSON *fact = cJSON_GetObjectItemCaseSensitive(facts, name);
    return cJSON_IsNumber(fact) ? fact->valuedouble : 0.0;
}

void ehr_html_run_findings(struct ehr_findings *findings, const cJSON *json,
                           const struct ehr_request_table *requests)
{
    const char *reason = ehr_html_run_text(json, "reason");
    const struct ehr_findings_run run = {
        .crypto = ehr_html_run_text(json, "crypto"),
        .reason = *reason != '\0' ? reason : NULL,
        .ended_wrongly = fact_of(json, "ended_wrongly") > 0,
        .replicas_behind = (uint64_t)fact_of(json, "replicas_behind"),
    };
    ehr_findings_of_run(findings, &run, requests);
}

enum ehr_measure_status ehr_html_run_init(struct ehr_html_run *run, const char *dir,
                                          struct ehr_measure_error *error)
{
    *run = (struct ehr_html_run){.dir = dir};
    const struct {
        struct ehr_html_table *table;
        const char *name;
    } tables[] = {
        {&run->summary, "summary.csv"},
        {&run->faults, "faults.csv"},
        {&run->recovery, "recovery.csv"},
    };
    enum ehr_measure_status status = ehr_html_run_json(&run->json, dir, error);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && status == EHR_MEASURE_DONE; i++)
        status = ehr_html_table_init(tables[i].table, dir, tables[i].name, error);
    if (status == EHR_MEASURE_DONE && run->summary.row_count != 1) {
        snprintf(error->text, sizeof(error->text), "%s/summary.csv: %zu rows: one of one run", dir,
                 run->summary.row_count);
        status = EHR_MEASURE_BAD_INPUT;
    }
    if (status == EHR_MEASURE_DONE)
        status = ehr_request_table_init(&run->requests, dir, error);
    if (status == EHR_MEASURE_DONE)
        ehr_html_run_findings(&run->findings, run->json, &run->requests);
    return status;
}

void ehr_html_run_close(struct ehr_html_run *run)
{
    cJSON_Delete(run->json);
    ehr_html_table_close(&run->summary);
    ehr_html_table_close(&run->faults);
    ehr_html_table_close(&run->recovery);
    ehr_request_table_close(&run->requests);
    *run = (struct ehr_html_run){0};
}

const char *ehr_html_run_cell(const struct ehr_html_run *run, const char *name, const char *column)
{
    char *whole = ehr_html_memory_text("%s%s", name, column);
    const char *cell = ehr_html_table_cell(&run->summary, 0, whole);
    ehr_html_memory_free(whole);
    return cell;
}

const struct ehr_request_row *ehr_html_run_rows(const struct ehr_html_run *run, enum ehr_flow flow,
                                                size_t *count)
{
    size_t first = run->requests.first[flow];
    *count = run->requests.first[flow + 1] - first;
    return *count > 0 ? run->requests.rows + first : NULL;
}
