/* `ehrgrid plot`: its figures, and what it says of folders it cannot draw. */
#include "tests/unit/unit.h"

#include "sim/measure/plot.h"
#include "tests/unit/measure_run.h"

/* A result folder "run" in `folder` with `count` visits and retrievals that ended ok. */
static char *run_folder(const char *folder, unsigned count)
{
    struct ehr_measure_error error;
    struct ehr_results *results = NULL;
    char *target = path_join(folder, "run");
    if (ehr_results_new(&results, target, &error) != EHR_MEASURE_DONE)
        abort();
    struct ehr_measure *measure = run_new();
    struct ehr_request_log *log = ehr_measure_requests(measure);
    struct ehr_measure_meta meta = run_meta();
    meta.scenario = "it's `touch HACKED` \"$(touch HACKED)\" a_b^c {x";
    for (unsigned i = 0; i < count; i++) {
        uint64_t start_ns = 2 * (uint64_t)SEC + i * (uint64_t)MS;
        uint32_t id = ehr_request_open(log, EHR_FLOW_VISIT, 0, start_ns);
        ehr_request_phase(log, id, EHR_PHASE_CHECK, start_ns);
        ehr_request_phase(log, id, EHR_PHASE_SEAL, start_ns + 3 * MS);
        ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, start_ns + (10 + i) * MS);
        id = ehr_request_open(log, EHR_FLOW_RETRIEVE, 0, start_ns);
        ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, start_ns + i);
    }
    if (ehr_measure_write(measure, results, &meta, &error) != EHR_MEASURE_DONE)
        abort();
    ehr_results_free(results);
    ehr_measure_free(measure);
    return target;
}

static bool gnuplot_is_here(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}

static bool file_begins(const char *folder, const char *name, const char *beginning)
{
    char *text = file_read(folder, name);
    bool begins = text != NULL && strncmp(text, beginning, strlen(beginning)) == 0;
    free(text);
    return begins;
}

static void six_files_are_drawn_and_replaced_when_drawn_again(void)
{
    if (!gnuplot_is_here()) {
        printf("skipped: gnuplot is not installed ");
        return;
    }
    struct ehr_measure_error error = {""};
    char *folder = folder_new(), *run = run_folder(folder, 50);
    char *figures = path_join(run, "figures");
    for (unsigned round = 0; round < 2; round++) {
        enum ehr_measure_status status = ehr_plot_run(run, &error);
        if (status != EHR_MEASURE_DONE)
            fprintf(stderr, "%s\n", error.text);
        CU_ASSERT_EQUAL(status, EHR_MEASURE_DONE);
        CU_ASSERT_EQUAL(folder_entries(figures), 6);
        CU_ASSERT_EQUAL(folder_entries(run), 12); /* 11 files, figures; no HACKED, no *.tmp */
    }
    CU_ASSERT_TRUE(file_begins(figures, "latency-cdf.png", "\x89PNG"));
    CU_ASSERT_TRUE(file_begins(figures, "phases.png", "\x89PNG"));
    CU_ASSERT_TRUE(file_begins(figures, "latency-cdf.svg", "<?xml"));
    char *svg = file_read(figures, "latency-cdf.svg");
    CU_ASSERT_PTR_NOT_NULL_FATAL(svg);
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "run 0123"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "visit"));
    CU_ASSERT_PTR_NULL(strstr(svg, "share")); /* nothing ended ok */
    free(svg);
    folder_remove(folder);
    free(figures);
    free(run);
    free(folder);
}

/* Expects BAD_INPUT with `what` in the message, and no figures. */
static void expect_bad(const char *run, const char *what)
{
    struct ehr_measure_error error = {""};
    CU_ASSERT_EQUAL(ehr_plot_run(run, &error), EHR_MEASURE_BAD_INPUT);
    if (strstr(error.text, what) == NULL)
        fprintf(stderr, "\nmessage: %s\nexpected: %s\n", error.text, what);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, what));
    char *figures = path_join(run, "figures");
    CU_ASSERT_EQUAL(folder_entries(figures), -1);
    free(figures);
}

#define HEADER                                                                                     \
    "id,flow,outcome,measured,start_s,end_s,issue_s,check_s,seal_s,store_s,private_order_s,"       \
    "anchor_s,alliance_order_s,consent_s,order_s,search_s,locate_s,compare_s,fetch_s,open_s,"      \
    "reencrypt_s,combine_s,effect_s\n"
#define PHASES ",,,,,,,,,,,,,,,,\n"
#define GOOD   "1,visit,ok,1,1.000000000,2.000000000," PHASES

static void malformed_files_are_named_with_their_line(void)
{
    static const struct {
        const char *text;
        const char *what;
    } bad[] = {
        {"", "requests.csv:1: the file is empty"},
        {"id,flow\n", "requests.csv:1: the column outcome is missing"},
        {HEADER GOOD "2,visit,ok,1\n", "requests.csv:3: 4 cells where the header has 23"},
        {HEADER GOOD "2,visit,ok,1,1.0000", "requests.csv:3: the line is cut off"},
        {HEADER GOOD "2,vist,ok,1,1.000000000,2.000000000," PHASES,
         "requests.csv:3: flow: \"vist\""},
        {HEADER GOOD GOOD "3,visit,ok,2,1.000000000,2.000000000," PHASES,
         "requests.csv:4: measured: \"2\""},
        {HEADER "1,visit,ok,1,1.0,2.000000000," PHASES, "requests.csv:2: start_s: \"1.0\""},
        {HEADER "1,visit,ok,1,2.000000000,1.000000000," PHASES, "requests.csv:2: end_s"},
        {HEADER "1,visit,ok,1,2.000000000,," PHASES, "requests.csv:2: end_s: \"\""},
        {HEADER "1,visit,ok,1,1.000000000,2.000000000,,soon,,,,,,,,,,,,,,,\n",
         "requests.csv:2: check_s: \"soon\""},
        {HEADER "1,visit,ok,1,1.000000000,2.000000000,,-1,,,,,,,,,,,,,,,\n",
         "requests.csv:2: check_s: \"-1\""},
        {HEADER "1,\"visit", "requests.csv:2: a quoted cell does not end"},
        {HEADER "1,visit,refused,1,1.000000000,2.000000000," PHASES, "nothing to draw"},
    };
    char *folder = folder_new(), *run = run_folder(folder, 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        file_write(run, "requests.csv", bad[i].text);
        expect_bad(run, bad[i].what);
    }
    folder_remove(folder);
    free(run);
    free(folder);
}

static void missing_files_are_named(void)
{
    char *folder = folder_new(), *none = path_join(folder, "none");
    char *run = run_folder(folder, 1), *requests = path_join(run, "requests.csv");
    expect_bad(none, "none: No such file");
    expect_bad(requests, "not a folder of results");
    CU_ASSERT_EQUAL(unlink(requests), 0);
    expect_bad(run, "requests.csv: No such file");
    expect_bad(folder, "summary.csv: No such file");
    folder_remove(folder);
    free(requests);
    free(run);
    free(none);
    free(folder);
}

static void a_missing_gnuplot_is_told_with_its_package(void)
{
    struct ehr_measure_error error = {""};
    char *folder = folder_new(), *run = run_folder(folder, 3);
    const char *found = getenv("PATH");
    char *path = found == NULL ? NULL : path_join(found, ""); /* a copy: setenv may move it */
    CU_ASSERT_EQUAL(setenv("PATH", folder, 1), 0);
    CU_ASSERT_EQUAL(ehr_plot_run(run, &error), EHR_MEASURE_ENVIRONMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "gnuplot-nox"));
    CU_ASSERT_EQUAL(folder_entries(run), 11);
    /* One that fails: its complaint is passed on, and nothing is left. */
    file_write(folder, "gnuplot",
               "#!/bin/sh\necho; echo '\"phases.gp\" line 7: out of ink'; echo bye; exit 1\n");
    char *fake = path_join(folder, "gnuplot");
    CU_ASSERT_EQUAL(chmod(fake, 0755), 0);
    CU_ASSERT_EQUAL(ehr_plot_run(run, &error), EHR_MEASURE_ENVIRONMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "line 7: out of ink"));
    CU_ASSERT_EQUAL(folder_entries(run), 11);
    if (path != NULL)
        CU_ASSERT_EQUAL(setenv("PATH", path, 1), 0);
    folder_remove(folder);
    free(fake);
    free(path);
    free(run);
    free(folder);
}

static const struct ehr_unit_case cases[] = {
    {"six_files_are_drawn_and_replaced_when_drawn_again",
     six_files_are_drawn_and_replaced_when_drawn_again},
    {"malformed_files_are_named_with_their_line", malformed_files_are_named_with_their_line},
    {"missing_files_are_named", missing_files_are_named},
    {"a_missing_gnuplot_is_told_with_its_package", a_missing_gnuplot_is_told_with_its_package},
};

EHR_UNIT_MAIN("measure_plot", cases)
