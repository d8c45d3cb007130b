/* Figures of a run: what they show, drawing them, and what is said of folders without any. */
#include "tests/unit/unit.h"

#include "sim/figures/figures.h"
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

static const struct ehr_figures_choice everything;

static enum ehr_measure_status plot(const char *run, const char *formats,
                                    struct ehr_measure_error *error)
{
    struct ehr_figures figures;
    char *target = path_join(run, "figures");
    enum ehr_measure_status status = ehr_figures_read(&figures, run, &everything, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figures_draw(&figures, target, formats, error);
    ehr_figures_close(&figures);
    free(target);
    return status;
}

static const struct ehr_figure *figure_of(const struct ehr_figures *figures, const char *name)
{
    for (size_t i = 0; i < figures->count; i++)
        if (strcmp(figures->figures[i].name, name) == 0)
            return &figures->figures[i];
    return NULL;
}

static void table_check(const struct ehr_figures *figures, const char *name, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    const struct ehr_figure *figure = figure_of(figures, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(figure);
    FILE *out = open_memstream(&text, &size);
    ehr_figure_table_write(figure, out);
    fclose(out);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\n%s:\n%s", name, text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

#define COLUMNS "panel,series,x,x_unit,x_low,x_high,y,y_unit,low,high,n\n"

/* Two visits, of 10 and 11 ms: 3 ms of check, then seal. Retrievals of 0 and 1 ns without phases.
 */
static void tables_are_those_made_by_hand(void)
{
    struct ehr_measure_error error = {""};
    struct ehr_figures figures;
    char *folder = folder_new(), *run = run_folder(folder, 2);
    CU_ASSERT_EQUAL(ehr_figures_read(&figures, run, &everything, &error), EHR_MEASURE_DONE);
    CU_ASSERT_STRING_EQUAL(error.text, "");
    CU_ASSERT_FALSE(figures.sweep);
    CU_ASSERT_STRING_EQUAL(figures.caption,
                           "scenario it's `touch HACKED` \"$(touch HACKED)\" a_b^c {x (sha256 "
                           "abcd), run 0123, seed 18446744073709551615, replication 3, ehrgrid "
                           "0.1.0, SimGrid 3.32, fidelity flow, crypto modelled");
    table_check(&figures, "latency-cdf",
                COLUMNS "requests not slower,visit (2),10,ms,,,0,%,,,2\n"
                        "requests not slower,visit (2),10,ms,,,50,%,,,2\n"
                        "requests not slower,visit (2),11,ms,,,50,%,,,2\n"
                        "requests not slower,visit (2),11,ms,,,100,%,,,2\n"
                        "requests not slower,retrieve (2),0,ms,,,0,%,,,2\n"
                        "requests not slower,retrieve (2),0,ms,,,50,%,,,2\n"
                        "requests not slower,retrieve (2),1e-06,ms,,,50,%,,,2\n"
                        "requests not slower,retrieve (2),1e-06,ms,,,100,%,,,2\n");
    table_check(&figures, "phases",
                COLUMNS "\"visit, mean of 2\",check,visit,,,,3,ms,,,2\n"
                        "\"visit, mean of 2\",seal,visit,,,,7.5,ms,,,2\n"
                        "\"retrieve, mean of 2\",in no phase,retrieve,,,,0.0005,\xc2\xb5s,,,2\n");
    /* all four arrive and end within the third second */
    table_check(&figures, "throughput",
                COLUMNS "requests,offered,0,s,,,0,1/s,,,\nrequests,offered,1,s,,,0,1/s,,,\n"
                        "requests,offered,2,s,,,4,1/s,,,\nrequests,offered,3,s,,,4,1/s,,,\n"
                        "requests,ended ok,0,s,,,0,1/s,,,\nrequests,ended ok,1,s,,,0,1/s,,,\n"
                        "requests,ended ok,2,s,,,4,1/s,,,\nrequests,ended ok,3,s,,,4,1/s,,,\n"
                        "\"ended ok, by flow\",visit,0,s,,,0,1/s,,,\n"
                        "\"ended ok, by flow\",visit,1,s,,,0,1/s,,,\n"
                        "\"ended ok, by flow\",visit,2,s,,,2,1/s,,,\n"
                        "\"ended ok, by flow\",visit,3,s,,,2,1/s,,,\n"
                        "\"ended ok, by flow\",retrieve,0,s,,,0,1/s,,,\n"
                        "\"ended ok, by flow\",retrieve,1,s,,,0,1/s,,,\n"
                        "\"ended ok, by flow\",retrieve,2,s,,,2,1/s,,,\n"
                        "\"ended ok, by flow\",retrieve,3,s,,,2,1/s,,,\n");
    CU_ASSERT_PTR_NULL(figure_of(&figures, "messages")); /* nobody sent any */
    CU_ASSERT_EQUAL_FATAL(figures.notice_count, 1);
    CU_ASSERT_STRING_EQUAL(figures.notices[0], "messages: not drawn: nothing to show");
    ehr_figures_close(&figures);
    folder_remove(folder);
    free(run);
    free(folder);
}

/* Two that begin together share a label; one lasts until the end. */
static void faults_are_marked_and_named(void)
{
    static const struct ehr_figures_choice throughput = {.only = "throughput"};
    struct ehr_measure_error error = {""};
    struct ehr_figures figures;
    char *text = NULL;
    size_t size = 0;
    char *folder = folder_new(), *run = run_folder(folder, 2);
    file_write(run, "faults.csv",
               "fault,kind,target,value,begin_s,end_s\n1,crash,alliance-1,,1.000000000,\n"
               "2,loss,\"a, b\",0.01,1.000000000,2.000000000\n"
               "3,crash,alliance-2,,2.500000000,2.700000000\n");
    CU_ASSERT_EQUAL(ehr_figures_read(&figures, run, &throughput, &error), EHR_MEASURE_DONE);
    CU_ASSERT_EQUAL_FATAL(figures.count, 1);
    FILE *out = open_memstream(&text, &size);
    ehr_figure_table_write(&figures.figures[0], out);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nfault,1 crash alliance-1,1,s,1,,,,,,\n"
                                        "fault,\"2 loss a, b\",1,s,1,2,,,,,\n"
                                        "fault,3 crash alliance-2,2.5,s,2.5,2.7,,,,,\n"));
    free(text);
    if (gnuplot_is_here()) {
        CU_ASSERT_EQUAL(ehr_figures_draw(&figures, run, "svg", &error), EHR_MEASURE_DONE);
        text = file_read(run, "throughput.svg");
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, ">1-2<"));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "loss a, b"));
        free(text);
    }
    ehr_figures_close(&figures);
    folder_remove(folder);
    free(run);
    free(folder);
}

static void files_are_drawn_and_replaced_when_drawn_again(void)
{
    if (!gnuplot_is_here()) {
        printf("skipped: gnuplot is not installed ");
        return;
    }
    struct ehr_measure_error error = {""};
    char *folder = folder_new(), *run = run_folder(folder, 50);
    char *figures = path_join(run, "figures"), *before = NULL;
    for (unsigned round = 0; round < 2; round++) {
        enum ehr_measure_status status = plot(run, "svg,png,pdf", &error);
        if (status != EHR_MEASURE_DONE)
            fprintf(stderr, "%s\n", error.text);
        CU_ASSERT_EQUAL(status, EHR_MEASURE_DONE);
        CU_ASSERT_EQUAL(folder_entries(figures), 16); /* four figures in three formats, as CSV */
        CU_ASSERT_EQUAL(folder_entries(run), 12);     /* 11 files, figures; no HACKED, no *.tmp */
        char *svg = file_read(figures, "phases.svg");
        CU_ASSERT_TRUE(before == NULL || (svg != NULL && strcmp(before, svg) == 0));
        free(before);
        before = svg;
    }
    CU_ASSERT_TRUE(file_begins(figures, "latency-cdf.png", "\x89PNG"));
    CU_ASSERT_TRUE(file_begins(figures, "phases.pdf", "%PDF-"));
    CU_ASSERT_TRUE(file_begins(figures, "load.csv", "panel,series,x,"));
    CU_ASSERT_TRUE(file_begins(figures, "latency-cdf.svg", "<?xml"));
    char *svg = file_read(figures, "latency-cdf.svg");
    CU_ASSERT_PTR_NOT_NULL_FATAL(svg);
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "run 0123"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "sha256 abcd"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "visit (50)"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "id=\"latency-cdf-gnuplot_"));
    CU_ASSERT_PTR_NULL(strstr(svg, "'#gp"));  /* ids are the figure's own */
    CU_ASSERT_PTR_NULL(strstr(svg, "share")); /* nothing ended ok */
    free(svg);
    free(before);
    folder_remove(folder);
    free(figures);
    free(run);
    free(folder);
}

static void choices_that_a_run_does_not_have_are_told(void)
{
    static const struct {
        struct ehr_figures_choice choice;
        const char *formats, *what;
    } bad[] = {
        {{.only = "phases,pases"}, "svg", "no figure pases: throughput, latency-cdf, phases, load"},
        {{.x = "alliance/@batch"}, "svg", "not a sweep (no design.csv)"},
        {{.only = "phases"}, "svg,gif", "format: gif: svg, png or pdf"},
        {{.only = "phases"}, "", "format: : svg, png or pdf"},
    };
    char *folder = folder_new(), *run = run_folder(folder, 1);
    char *target = path_join(run, "figures");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ehr_measure_error error = {""};
        struct ehr_figures figures;
        enum ehr_measure_status status = ehr_figures_read(&figures, run, &bad[i].choice, &error);
        if (status == EHR_MEASURE_DONE)
            status = ehr_figures_draw(&figures, target, bad[i].formats, &error);
        CU_ASSERT_EQUAL(status, EHR_MEASURE_BAD_INPUT);
        if (strstr(error.text, bad[i].what) == NULL)
            fprintf(stderr, "\nmessage: %s\nexpected: %s\n", error.text, bad[i].what);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, bad[i].what));
        CU_ASSERT_EQUAL(folder_entries(target), -1);
        ehr_figures_close(&figures);
    }
    folder_remove(folder);
    free(target);
    free(run);
    free(folder);
}

/* Expects BAD_INPUT with `what` in the message, and no figures. */
static void expect_bad(const char *run, const char *what)
{
    struct ehr_measure_error error = {""};
    CU_ASSERT_EQUAL(plot(run, "svg", &error), EHR_MEASURE_BAD_INPUT);
    if (strstr(error.text, what) == NULL)
        fprintf(stderr, "\nmessage: %s\nexpected: %s\n", error.text, what);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, what));
    char *figures = path_join(run, "figures");
    CU_ASSERT_EQUAL(folder_entries(figures), -1);
    free(figures);
}

#define HEADER                                                                                     \
    "id,flow,outcome,reason,measured,sent_s,start_s,end_s,issue_s,check_s,seal_s,store_s,"         \
    "private_order_s,anchor_s,alliance_order_s,consent_s,order_s,search_s,locate_s,compare_s,"     \
    "fetch_s,open_s,reencrypt_s,combine_s,effect_s\n"
#define PHASES ",,,,,,,,,,,,,,,,\n"
#define GOOD   "1,visit,ok,none,1,,1.000000000,2.000000000," PHASES

static void malformed_files_are_named_with_their_line(void)
{
    static const struct {
        const char *text;
        const char *what;
    } bad[] = {
        {"", "requests.csv:1: the file is empty"},
        {"id,flow\n", "requests.csv:1: the column outcome is missing"},
        {HEADER GOOD "2,visit,ok,none\n", "requests.csv:3: 4 cells where the header has 25"},
        {HEADER GOOD "2,visit,ok,none,1,,1.0000", "requests.csv:3: the line is cut off"},
        {HEADER GOOD "2,vist,ok,none,1,,1.000000000,2.000000000," PHASES,
         "requests.csv:3: flow: \"vist\""},
        {HEADER "1,visit,fine,none,1,,1.000000000,2.000000000," PHASES,
         "requests.csv:2: outcome: \"fine\""},
        {HEADER "1,visit,ok,why,1,,1.000000000,2.000000000," PHASES,
         "requests.csv:2: reason: \"why\""},
        {HEADER "1,visit,ok,none,1,1.000000000,2.000000000,3.000000000," PHASES,
         "requests.csv:2: sent_s: \"1.000000000\": before start_s"},
        {HEADER GOOD GOOD "3,visit,ok,none,2,,1.000000000,2.000000000," PHASES,
         "requests.csv:4: measured: \"2\""},
        {HEADER "1,visit,ok,none,1,,1.0,2.000000000," PHASES, "requests.csv:2: start_s: \"1.0\""},
        {HEADER "1,visit,ok,none,1,,2.000000000,1.000000000," PHASES, "requests.csv:2: end_s"},
        {HEADER "1,visit,ok,none,1,,2.000000000,," PHASES, "requests.csv:2: end_s: \"\""},
        {HEADER "1,visit,ok,none,1,,1.000000000,2.000000000,,soon,,,,,,,,,,,,,,,\n",
         "requests.csv:2: check_s: \"soon\""},
        {HEADER "1,visit,ok,none,1,,1.000000000,2.000000000,,-1,,,,,,,,,,,,,,,\n",
         "requests.csv:2: check_s: \"-1\""},
        {HEADER "1,\"visit", "requests.csv:2: a quoted cell does not end"},
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

/* Requests that did not end ok: only what was offered over time is left, and no broken figure. */
static void what_would_be_empty_is_not_drawn(void)
{
    struct ehr_measure_error error = {""};
    struct ehr_figures figures;
    char *folder = folder_new(), *run = run_folder(folder, 1);
    file_write(run, "requests.csv",
               HEADER "1,visit,refused,bad_evidence,1,,1.000000000,2.000000000," PHASES);
    CU_ASSERT_EQUAL(ehr_figures_read(&figures, run, &everything, &error), EHR_MEASURE_DONE);
    CU_ASSERT_EQUAL(figures.count, 2);
    CU_ASSERT_PTR_NOT_NULL(figure_of(&figures, "throughput"));
    CU_ASSERT_PTR_NOT_NULL(figure_of(&figures, "load"));
    CU_ASSERT_EQUAL_FATAL(figures.notice_count, 3);
    CU_ASSERT_STRING_EQUAL(figures.notices[0], "latency-cdf: not drawn: nothing to show");
    CU_ASSERT_STRING_EQUAL(figures.notices[1], "phases: not drawn: nothing to show");
    ehr_figures_close(&figures);
    file_write(run, "requests.csv", HEADER);
    CU_ASSERT_EQUAL(ehr_figures_read(&figures, run, &everything, &error), EHR_MEASURE_DONE);
    CU_ASSERT_EQUAL(figures.count, 1);
    ehr_figures_close(&figures);
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
    expect_bad(folder, "neither the folder of a run (summary.csv) nor of a sweep");
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
    CU_ASSERT_EQUAL(plot(run, "svg", &error), EHR_MEASURE_ENVIRONMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "gnuplot-nox"));
    CU_ASSERT_EQUAL(folder_entries(run), 11);
    /* One that fails: its complaint is passed on, and nothing is left. */
    file_write(folder, "gnuplot",
               "#!/bin/sh\necho; echo '\"stack.gp\" line 7: out of ink'; echo bye; exit 1\n");
    char *fake = path_join(folder, "gnuplot");
    CU_ASSERT_EQUAL(chmod(fake, 0755), 0);
    CU_ASSERT_EQUAL(plot(run, "svg", &error), EHR_MEASURE_ENVIRONMENT);
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
    {"tables_are_those_made_by_hand", tables_are_those_made_by_hand},
    {"faults_are_marked_and_named", faults_are_marked_and_named},
    {"files_are_drawn_and_replaced_when_drawn_again",
     files_are_drawn_and_replaced_when_drawn_again},
    {"choices_that_a_run_does_not_have_are_told", choices_that_a_run_does_not_have_are_told},
    {"malformed_files_are_named_with_their_line", malformed_files_are_named_with_their_line},
    {"what_would_be_empty_is_not_drawn", what_would_be_empty_is_not_drawn},
    {"missing_files_are_named", missing_files_are_named},
    {"a_missing_gnuplot_is_told_with_its_package", a_missing_gnuplot_is_told_with_its_package},
};

EHR_UNIT_MAIN("figures_run", cases)
