#define _XOPEN_SOURCE 700 /* nftw */
/* Whole pages of the golden run, and of sweeps made of it: which parts they have, and what they say
 * of a folder that is none. The browser's view of them: tests/e2e/cases_report.py. */
#include "tests/unit/unit.h"

#include "sim/html/chart_library.h"
#include "sim/html/report.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOLDEN EHR_SOURCE_DIR "/tests/golden/run-small/expected"

static char *page;
static struct ehr_html_notice notice;
static struct ehr_measure_error error;
static char folder[] = "/tmp/ehrgrid-html-XXXXXX", run[256], sweep[256];

static enum ehr_measure_status page_make(const char *dir, const char *library)
{
    size_t size;
    const struct ehr_html_options options = {.chart_library = library};
    free(page);
    page = NULL;
    FILE *out = open_memstream(&page, &size);
    enum ehr_measure_status status = ehr_html_report_write(dir, &options, out, &notice, &error);
    fclose(out);
    if (status != EHR_MEASURE_DONE)
        printf("\n  %s\n", error.text);
    return status;
}

static bool has(const char *text)
{
    bool found = page != NULL && strstr(page, text) != NULL;
    if (!found)
        printf("\n  the page lacks %s\n", text);
    return found;
}

static void file_write(const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static void unlink_in(const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    unlink(path);
}

/* A library that is none, but looks like one. */
static const char *library_make(const char *text)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/chart.js", folder);
    file_write(folder, "chart.js", text);
    return path;
}

/* The two lines of the golden summary.csv. */
static void summary_read(char header[8192], char row[8192])
{
    FILE *file = fopen(GOLDEN "/summary.csv", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(header, 8192, file));
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(row, 8192, file));
    fclose(file);
}

static void file_copy(const char *dir, const char *name)
{
    char path[512], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(getdelim(&text, &size, '\0', file) > 0);
    fclose(file);
    file_write(dir, name, text);
    free(text);
}

/* The golden run, with the files and columns that are not kept of it. */
static void run_make(const char *dir)
{
    char header[8192], row[8192], text[16500];
    mkdir(dir, 0777);
    file_copy(dir, "requests.csv");
    file_copy(dir, "blocks.csv");
    summary_read(header, row);
    snprintf(text, sizeof text, "version,simgrid_version,%s0.1,3.32,%s", header, row);
    file_write(dir, "summary.csv", text);
    file_write(dir, "run.json",
               "{\"format\": \"ehrgrid-run\", \"scenario\": \"golden\", \"crypto\": \"modelled\", "
               "\"seed\": \"1\", \"replication\": \"0\", \"command\": [\"run\", \"golden.xml\"], "
               "\"parameters\": [{\"path\": \"alliance/@name\", \"value\": \"a < b\"}], "
               "\"inputs\": [{\"kind\": \"scenario\", \"path\": \"golden.xml\", \"sha256\": \"0\", "
               "\"text\": \"<scenario/>\"}], \"chains\": [{\"chain\": \"alliance\"}], "
               "\"facts\": {\"ended_wrongly\": 0}}");
    file_write(dir, "faults.csv",
               "fault,kind,target,value,begin_s,end_s\n1,crash,a,,1.000000000,\n");
    file_write(dir, "recovery.csv",
               "fault,series,name,bin_s,before_per_s,lowest_per_s,lowest_s,"
               "recovered_s,recovery_s\n");
    file_write(dir, "messages.csv", "node,type,direction,count,bytes\nn,query,out,3,300\n");
    file_write(dir, "nodes.csv",
               "node,role,host,messages_in,messages_out,bytes_in,bytes_out,"
               "busy_s,queue_max,disk_busy_s\nn,alliance-node,h,1,1,1,1,1,1,1\n");
    file_write(dir, "consensus.csv", "chain,node,kind,type,direction,count,bytes\n");
}

/* The cells of a row of summary.csv but run_id, seed and replication, behind `before`. */
static void summary_row(FILE *out, const char *before, const char *header, const char *row)
{
    fputs(before, out);
    for (;;) {
        size_t name = strcspn(header, ",\n"), cell = strcspn(row, ",\n");
        if (strncmp(header, "run_id,", 7) != 0 && strncmp(header, "seed,", 5) != 0 &&
            strncmp(header, "replication,", 12) != 0)
            fprintf(out, ",%.*s", (int)cell, row);
        if (header[name] == '\n')
            break;
        header += name + 1;
        row += cell + 1;
    }
    fputc('\n', out);
}

/* Two points of two runs each; three are there, of the first the folder, too. */
static void sweep_make(void)
{
    char path[512], header[8192], row[8192], runs[512];
    mkdir(sweep, 0777);
    snprintf(runs, sizeof runs, "%s/runs", sweep);
    mkdir(runs, 0777);
    snprintf(runs, sizeof runs, "%s/runs/r1", sweep);
    run_make(runs);
    file_write(sweep, "design.csv",
               "run,point,replication,seed,alliance/@name,run_id\n1,1,0,1,a < b,r1\n"
               "2,1,1,1,a < b,r2\n3,2,0,1,c,r3\n4,2,1,1,c,r4\n");
    summary_read(header, row);
    snprintf(path, sizeof path, "%s/summary.csv", sweep);
    FILE *out = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    summary_row(out,
                "run,point,replication,seed,alliance/@name,run_id,ended_wrongly,version,"
                "simgrid_version",
                header, header);
    summary_row(out, "1,1,0,1,a < b,r1,0,0.1,3.32", header, row);
    summary_row(out, "2,1,1,1,a < b,r2,0,0.1,3.32", header, row);
    summary_row(out, "3,2,0,1,c,r3,0,0.1,3.32", header, row);
    fclose(out);
}

static int entry_remove(const char *path, const struct stat *found, int kind, struct FTW *walk)
{
    (void)found, (void)kind, (void)walk;
    return remove(path);
}

static void folder_remove(void)
{
    nftw(folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static const char banner[] = "/*!\n * Chart.js v4.1\n * (c) 2022 <Somebody>\n * Released under the "
                             "MIT License\n */\n";

static void page_of_a_run_has_all_sections(void)
{
    char library[512];
    run_make(run);
    snprintf(library, sizeof library, "%svar Chart = 1 < 2;\n", banner);
    CU_ASSERT_EQUAL_FATAL(page_make(run, library_make(library)), EHR_MEASURE_DONE);
    CU_ASSERT_STRING_EQUAL(notice.text, "");
    static const char *const sections[] = {"warnings", "run", "results", "figures", "repeat"};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "<section id=\"%s\">", sections[i]);
        CU_ASSERT_TRUE(has(wanted));
    }
    CU_ASSERT_EQUAL(strncmp(page, "<!DOCTYPE html>", 15), 0);
    CU_ASSERT_TRUE(has("var Chart = 1 < 2;\n")); /* as it is */
    CU_ASSERT_TRUE(has("(c) 2022 &lt;Somebody&gt;"));
    CU_ASSERT_TRUE(has("Permission is hereby granted, free of charge"));
    CU_ASSERT_TRUE(has("id=\"figure-latency-cdf\""));
}

static void library_that_cannot_be_used_is_not(void)
{
    char ends[512];
    snprintf(ends, sizeof ends, "%svar x = '</SCRIPT>';", banner);
    const struct {
        const char *text, *why;
    } rows[] = {
        {"var Chart;", "not Chart.js 3 or 4"},
        {"/*! Chart.js v2.9 Released under the MIT License */", "not Chart.js 3 or 4"},
        {"/*! Chart.js v4.1 */ MIT License", "does not name the MIT License"},
        {ends, "would end a <script>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ehr_html_chart_library library;
        ehr_html_chart_library_init(&library, library_make(rows[i].text));
        CU_ASSERT_PTR_NULL(library.bytes);
        CU_ASSERT_PTR_NOT_NULL(strstr(library.why, rows[i].why));
        ehr_html_chart_library_close(&library);
    }
}

static void page_of_a_sweep_has_its_points(void)
{
    char library[512];
    snprintf(library, sizeof library, "%s;\n", banner);
    sweep_make();
    CU_ASSERT_EQUAL_FATAL(page_make(sweep, library_make(library)), EHR_MEASURE_DONE);
    CU_ASSERT_TRUE(has("<strong>missing runs</strong> 1 run of the design: point 2 (1 of 2)."));
    CU_ASSERT_TRUE(has("<strong>few replications</strong>"));
    CU_ASSERT_TRUE(has("<td class=\"text\">a &lt; b</td>"));
    CU_ASSERT_TRUE(has("<code>ehrgrid expand golden.xml</code>"));
    CU_ASSERT_TRUE(has("--set &#39;alliance/@name=a &lt; b&#39;")); /* of one run */
    CU_ASSERT_TRUE(has("<strong>modelled cryptography</strong> 1 run: point 1 (1 of 1)."));
}

static void folder_that_is_none_is_refused(void)
{
    CU_ASSERT_EQUAL(page_make(folder, NULL), EHR_MEASURE_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "neither the folder of a run"));
    unlink_in(run, "faults.csv");
    CU_ASSERT_EQUAL(page_make(run, NULL), EHR_MEASURE_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "faults.csv"));
}

static const struct ehr_unit_case cases[] = {
    {"page_of_a_run_has_all_sections", page_of_a_run_has_all_sections},
    {"library_that_cannot_be_used_is_not", library_that_cannot_be_used_is_not},
    {"page_of_a_sweep_has_its_points", page_of_a_sweep_has_its_points},
    {"folder_that_is_none_is_refused", folder_that_is_none_is_refused},
};

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 2;
    snprintf(run, sizeof run, "%s/run", folder);
    snprintf(sweep, sizeof sweep, "%s/sweep", folder);
    int status = ehr_unit_run("html report", cases, sizeof cases / sizeof *cases);
    free(page);
    folder_remove();
    return status;
}
