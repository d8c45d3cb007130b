/* Figures of a sweep: which ones its parameters make, and what they show, against values by hand.
 * Intervals: scipy.stats.t.interval(0.95, n - 1, mean, scipy.stats.sem), SciPy 1.10.1, the same
 * values as in measure_aggregate.c. */
#include "tests/unit/unit.h"

#include <math.h>

#include "sim/figures/figures.h"
#include "tests/unit/measure_run.h"

/* ---- folders ---- */

/* DIR/summary.csv of a sweep of `parameters` ("a/@b,c/@d"); the rest of a row is up to `rows`. */
static char *sweep_folder(const char *parameters, const char *rows)
{
    char text[8192];
    char *folder = folder_new();
    snprintf(text, sizeof(text),
             "run,point,replication,seed,%s,run_id,ended_wrongly,scenario,sha256,version,"
             "simgrid_version,fidelity,crypto,ordering_ok,ordering_offered_per_s,"
             "ordering_committed_per_s,ordering_lat_mean_s,ordering_lat_p50_s,ordering_lat_p95_s,"
             "alliance_messages_per_tx,alliance_bytes_per_tx\n%s",
             parameters, rows);
    file_write(folder, "summary.csv", text);
    file_write(folder, "design.csv", "");
    return folder;
}

/* DIR/runs/ID/run.json with so many replicas of the alliance chain, and hospitals. */
static void run_add(const char *folder, const char *id, unsigned replicas, unsigned hospitals)
{
    char text[1024];
    char *runs = path_join(folder, "runs"), *run = path_join(runs, id);
    (void)mkdir(runs, 0777);
    (void)mkdir(run, 0777);
    int length = snprintf(text, sizeof(text),
                          "{\"chains\": [{\"chain\": \"alliance\", \"replicas\": %u}", replicas);
    for (unsigned i = 0; i < hospitals; i++)
        length += snprintf(text + length, sizeof(text) - (size_t)length,
                           ", {\"chain\": \"h%u\", \"replicas\": 4}", i);
    snprintf(text + length, sizeof(text) - (size_t)length, "]}");
    file_write(run, "run.json", text);
    free(run);
    free(runs);
}

static struct ehr_figures figures_read(const char *folder, const struct ehr_figures_choice *choice)
{
    struct ehr_measure_error error = {""};
    struct ehr_figures figures;
    enum ehr_measure_status status = ehr_figures_read(&figures, folder, choice, &error);
    if (status != EHR_MEASURE_DONE)
        fprintf(stderr, "\n%s\n", error.text);
    CU_ASSERT_EQUAL(status, EHR_MEASURE_DONE);
    return figures;
}

/* Names of all figures, between blanks. */
static void names_check(const struct ehr_figures *figures, const char *expected)
{
    char names[512] = "";
    for (size_t i = 0; i < figures->count; i++)
        snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i == 0 ? "" : " ",
                 figures->figures[i].name);
    CU_ASSERT_STRING_EQUAL(names, expected);
}

static const struct ehr_figure *figure_of(const struct ehr_figures *figures, const char *name)
{
    for (size_t i = 0; i < figures->count; i++)
        if (strcmp(figures->figures[i].name, name) == 0)
            return &figures->figures[i];
    CU_FAIL_FATAL("no such figure");
    return NULL;
}

static void table_check(const struct ehr_figures *figures, const char *name, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ehr_figure_table_write(figure_of(figures, name), out);
    fclose(out);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\n%s:\n%s", name, text);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void folder_end(char *folder)
{
    folder_remove(folder);
    free(folder);
}

static const struct ehr_figures_choice everything;

#define COLUMNS "panel,series,x,x_unit,x_low,x_high,y,y_unit,low,high,n\n"
#define META    "tiny,abcdef0123456789,0.1.0,3.32,flow,real"

/* ---- one parameter ---- */

/* Five replications with the latencies of the SciPy values, in milliseconds; and a run without. */
static void intervals_are_those_of_scipy(void)
{
    char *folder = sweep_folder("alliance/@batch-timeout",
                                "1,1,0,9,20ms,a,0," META ",90,10,10,0.0121,0.01,0.02,24,900\n"
                                "2,1,1,9,20ms,b,0," META ",90,10,10,0.0114,0.01,0.02,24,900\n"
                                "3,1,2,9,20ms,c,0," META ",90,10,10,0.0130,0.01,0.02,24,900\n"
                                "4,1,3,9,20ms,d,0," META ",90,10,10,0.0127,0.01,0.02,24,900\n"
                                "5,1,4,9,20ms,e,0," META ",90,10,10,0.0119,0.01,0.02,24,900\n"
                                "6,2,0,9,50ms,f,0," META ",90,10,9,0.032,0.03,0.04,12,450\n"
                                "7,2,1,9,50ms,g,1," META ",0,10,0,,,,,\n");
    struct ehr_figures figures = figures_read(folder, &everything);
    CU_ASSERT_TRUE(figures.sweep);
    names_check(&figures, "by-batch-timeout messages");
    CU_ASSERT_STRING_EQUAL(figures.caption,
                           "scenario tiny (sha256 abcdef012345), 2 points, seed 9, 1 to 5 "
                           "replications (mean and 95 % t interval), ehrgrid 0.1.0, SimGrid 3.32, "
                           "fidelity flow, crypto real");
    table_check(&figures, "by-batch-timeout",
                COLUMNS "ordering committed,ordering committed,20,ms,,,10,1/s,10,10,5\n"
                        "ordering committed,ordering committed,50,ms,,,9,1/s,,,1\n"
                        "ordering latency,median,20,ms,,,10,ms,10,10,5\n"
                        "ordering latency,median,50,ms,,,30,ms,,,1\n"
                        "ordering latency,mean,20,ms,,,12.22,ms,11.4278612,13.0121388,5\n"
                        "ordering latency,mean,50,ms,,,32,ms,,,1\n"
                        "ordering latency,95th percentile,20,ms,,,20,ms,20,20,5\n"
                        "ordering latency,95th percentile,50,ms,,,40,ms,,,1\n");
    table_check(&figures, "messages",
                COLUMNS "messages per transaction,alliance chain,20,ms,,,24,,24,24,5\n"
                        "messages per transaction,alliance chain,50,ms,,,12,,,,1\n"
                        "bytes per transaction,alliance chain,20,ms,,,900,B,900,900,5\n"
                        "bytes per transaction,alliance chain,50,ms,,,450,B,,,1\n");
    CU_ASSERT_STRING_EQUAL(figures.notices[0], "1 runs ended wrongly and were left out");
    ehr_figures_close(&figures);
    folder_end(folder);
}

/* ---- load and committee ---- */

/* Committees of 4 and 7 nodes, whose host lists say nothing of their number; proxies go with them;
 * loads are not in their order. */
#define GRID                                                                                       \
    "1,1,0,9,x-*,2,200/s,a,0," META ",9,200,150,0.5,0.4,0.9,24,900\n"                              \
    "2,2,0,8,x-*,2,100/s,b,0," META ",9,100,100,0.02,0.01,0.03,24,900\n"                           \
    "3,3,0,7,y-* z,5,200/s,c,0," META ",9,200,120,2,1,3,84,1900\n"                                 \
    "4,4,0,6,y-* z,5,100/s,d,0," META ",9,100,90,0.2,0.1,0.3,84,1900\n"

static char *grid_folder(void)
{
    char *folder =
        sweep_folder("alliance/nodes/@hosts,alliance/@proxies,workload/ordering/@rate", GRID);
    run_add(folder, "a", 4, 2);
    run_add(folder, "b", 4, 2);
    run_add(folder, "c", 7, 2);
    run_add(folder, "d", 7, 2);
    return folder;
}

static void load_makes_an_l_curve_in_its_order(void)
{
    char *folder = grid_folder();
    struct ehr_figures figures = figures_read(folder, &everything);
    names_check(&figures, "l-curve offered committee messages");
    const struct ehr_figure *figure = figure_of(&figures, "l-curve");
    CU_ASSERT_STRING_EQUAL(figure->legend, "alliance/nodes/@hosts");
    CU_ASSERT_EQUAL_FATAL(figure->panel_count, 3);
    CU_ASSERT_TRUE(figure->panels[0].y.logarithmic); /* 10 ms to 1 s */
    const char *l_curve =
        COLUMNS "\"ordering latency, median\",4 nodes,100,1/s,,,0.01,s,,,1\n"
                "\"ordering latency, median\",4 nodes,150,1/s,,,0.4,s,,,1\n"
                "\"ordering latency, median\",7 nodes,90,1/s,,,0.1,s,,,1\n"
                "\"ordering latency, median\",7 nodes,120,1/s,,,1,s,,,1\n"
                "\"ordering latency, mean\",4 nodes,100,1/s,,,0.02,s,,,1\n"
                "\"ordering latency, mean\",4 nodes,150,1/s,,,0.5,s,,,1\n"
                "\"ordering latency, mean\",7 nodes,90,1/s,,,0.2,s,,,1\n"
                "\"ordering latency, mean\",7 nodes,120,1/s,,,2,s,,,1\n"
                "\"ordering latency, 95th percentile\",4 nodes,100,1/s,,,0.03,s,,,1\n"
                "\"ordering latency, 95th percentile\",4 nodes,150,1/s,,,0.9,s,,,1\n"
                "\"ordering latency, 95th percentile\",7 nodes,90,1/s,,,0.3,s,,,1\n"
                "\"ordering latency, 95th percentile\",7 nodes,120,1/s,,,3,s,,,1\n";
    table_check(&figures, "l-curve", l_curve);
    table_check(&figures, "offered",
                COLUMNS "requests committed,4 nodes,100,1/s,,,100,1/s,,,1\n"
                        "requests committed,4 nodes,200,1/s,,,150,1/s,,,1\n"
                        "requests committed,7 nodes,100,1/s,,,90,1/s,,,1\n"
                        "requests committed,7 nodes,200,1/s,,,120,1/s,,,1\n"
                        "requests committed,all that is offered,100,1/s,,,100,1/s,,,\n"
                        "requests committed,all that is offered,200,1/s,,,200,1/s,,,\n");
    ehr_figures_close(&figures);
    folder_end(folder);
}

static void committee_is_drawn_by_its_real_number_of_nodes(void)
{
    char *folder = grid_folder();
    struct ehr_figures figures = figures_read(folder, &everything);
    const struct ehr_figure *figure = figure_of(&figures, "committee");
    CU_ASSERT_STRING_EQUAL(figure->legend, "workload/ordering/@rate");
    CU_ASSERT_EQUAL_FATAL(figure->panel_count, 3);
    const struct ehr_figure_panel *panel = &figure->panels[0];
    CU_ASSERT_STRING_EQUAL(panel->x.label, "nodes of the alliance chain");
    CU_ASSERT_EQUAL_FATAL(panel->series_count, 2);
    CU_ASSERT_STRING_EQUAL(panel->series[0].name, "rate 200/s");
    CU_ASSERT_EQUAL_FATAL(panel->series[0].count, 2);
    CU_ASSERT_EQUAL(panel->series[0].points[0].x, 4);
    CU_ASSERT_EQUAL(panel->series[0].points[0].y, 150);
    CU_ASSERT_EQUAL(panel->series[0].points[1].x, 7);
    CU_ASSERT_EQUAL(panel->series[0].points[1].y, 120);
    CU_ASSERT_TRUE(isnan(panel->series[0].points[1].low));
    ehr_figures_close(&figures);
    folder_end(folder);
}

static void hospitals_are_counted_where_the_parameter_makes_them(void)
{
    char *folder =
        sweep_folder("hospital-group/@count", "1,1,0,9,2,a,0," META ",9,9,9,1,1,1,24,900\n"
                                              "2,2,0,8,8,b,0," META ",9,9,7,2,1,1,24,900\n");
    run_add(folder, "a", 4, 2);
    run_add(folder, "b", 4, 8);
    struct ehr_figures figures = figures_read(folder, &everything);
    names_check(&figures, "hospitals messages");
    const struct ehr_figure *figure = figure_of(&figures, "hospitals");
    CU_ASSERT_STRING_EQUAL(figure->panels[0].x.label, "hospitals");
    CU_ASSERT_EQUAL(figure->panels[0].series[0].points[1].x, 8);
    ehr_figures_close(&figures);
    folder_end(folder);
}

/* ---- words, choices ---- */

#define WORDS                                                                                      \
    "1,1,0,9,raft,1,a,0," META ",9,9,9,1,1,1,24,900\n"                                             \
    "2,2,0,8,raft,2,b,0," META ",9,9,7,2,1,1,24,900\n"                                             \
    "3,3,0,9,pbft,1,c,0," META ",9,9,8,1,1,1,24,900\n"                                             \
    "4,4,0,8,pbft,2,d,0," META ",9,9,6,2,1,1,24,900\n"

static void words_are_categories(void)
{
    char *folder = sweep_folder("alliance/@consensus,alliance/@batch", WORDS);
    const struct ehr_figures_choice choice = {.x = "alliance/@consensus",
                                              .metric = "ordering_committed_per_s"};
    struct ehr_figures figures = figures_read(folder, &choice);
    names_check(&figures, "by-consensus");
    CU_ASSERT_EQUAL(figures.figures[0].kind, EHR_FIGURE_BARS);
    table_check(&figures, "by-consensus",
                COLUMNS "ordering committed,batch 1,raft,,,,9,1/s,,,1\n"
                        "ordering committed,batch 1,pbft,,,,8,1/s,,,1\n"
                        "ordering committed,batch 2,raft,,,,7,1/s,,,1\n"
                        "ordering committed,batch 2,pbft,,,,6,1/s,,,1\n");
    ehr_figures_close(&figures);
    figures = figures_read(folder, &everything);
    names_check(&figures, "by-consensus by-batch messages");
    ehr_figures_close(&figures);
    folder_end(folder);
}

static void figures_of_the_same_attribute_have_names_of_their_own(void)
{
    char *folder = sweep_folder("alliance/@batch,hospital[@id='../minsk']/@batch",
                                "1,1,0,9,1,10,a,0," META ",9,9,9,1,1,1,24,900\n"
                                "2,2,0,9,2,10,b,0," META ",9,9,7,2,1,1,24,900\n"
                                "3,3,0,9,1,20,c,0," META ",9,9,7,2,1,1,24,900\n");
    struct ehr_figures figures = figures_read(folder, &everything);
    names_check(&figures, "by-alliance-batch by-hospital-id-minsk-batch messages");
    ehr_figures_close(&figures);
    folder_end(folder);
}

/* Of files the name; what a sweep varies is no fact of the caption. */
static void files_and_fidelities_are_told_apart(void)
{
    char *folder = sweep_folder(
        "platform/@file,network/@fidelity",
        "1,1,0,9,../platforms/clinic.xml,flow,a,0," META ",9,9,9,1,1,1,24,900\n"
        "2,2,0,9,../platforms/metro.xml,delay,b,0,tiny,abcdef0123456789,0.1.0,3.32,delay,real,"
        "9,9,7,2,1,1,24,900\n");
    const struct ehr_figures_choice choice = {.x = "platform/@file",
                                              .metric = "ordering_committed_per_s"};
    struct ehr_figures figures = figures_read(folder, &choice);
    CU_ASSERT_PTR_NOT_NULL(strstr(figures.caption, ", fidelity varied, crypto real"));
    table_check(&figures, "by-file",
                COLUMNS "ordering committed,ordering committed,clinic,,,,9,1/s,,,1\n"
                        "ordering committed,ordering committed,metro,,,,7,1/s,,,1\n");
    ehr_figures_close(&figures);
    folder_end(folder);
}

static void choices_that_the_sweep_does_not_have_are_told(void)
{
    static const struct {
        struct ehr_figures_choice choice;
        const char *what;
    } bad[] = {
        {{.x = "alliance/@batsch"},
         "no parameter alliance/@batsch: alliance/@consensus, alliance/"},
        {{.by = "seed"}, "no parameter seed: "},
        {{.metric = "ordering_ok,ok"}, "summary.csv: ok: not a column of numbers"},
        {{.only = "l-curve"}, "no figure l-curve: by-consensus, by-batch, messages"},
        {{.x = "alliance/@batch", .by = "alliance/@batch"}, "on the axis and in the lines"},
    };
    char *folder = sweep_folder("alliance/@consensus,alliance/@batch", WORDS);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ehr_measure_error error = {""};
        struct ehr_figures figures;
        CU_ASSERT_EQUAL(ehr_figures_read(&figures, folder, &bad[i].choice, &error),
                        EHR_MEASURE_BAD_INPUT);
        if (strstr(error.text, bad[i].what) == NULL)
            fprintf(stderr, "\nmessage: %s\nexpected: %s\n", error.text, bad[i].what);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, bad[i].what));
        ehr_figures_close(&figures);
    }
    folder_end(folder);
}

static void a_single_point_is_no_figure(void)
{
    char *folder = sweep_folder("alliance/@batch", "1,1,0,9,2,a,0," META ",9,9,9,1,1,1,24,900\n");
    struct ehr_figures figures = figures_read(folder, &everything);
    CU_ASSERT_EQUAL(figures.count, 0);
    CU_ASSERT_EQUAL_FATAL(figures.notice_count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(figures.notices[0], "a sweep of 1 point: nothing to compare"));
    ehr_figures_close(&figures);
    folder_end(folder);
}

static void runs_that_do_not_go_together_are_refused(void)
{
    struct ehr_measure_error error = {""};
    struct ehr_figures figures;
    char *folder =
        sweep_folder("alliance/@batch", "1,1,0,9,2,a,0," META ",9,9,9,1,1,1,24,900\n"
                                        "2,2,0,9,3,b,0,tiny,abcdef0123456789,0.2.0,3.32,flow,real,"
                                        "9,9,9,1,1,1,24,900\n");
    CU_ASSERT_EQUAL(ehr_figures_read(&figures, folder, &everything, &error), EHR_MEASURE_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "summary.csv:3: version: 0.2.0"));
    ehr_figures_close(&figures);
    folder_end(folder);
}

static const struct ehr_unit_case cases[] = {
    {"intervals_are_those_of_scipy", intervals_are_those_of_scipy},
    {"load_makes_an_l_curve_in_its_order", load_makes_an_l_curve_in_its_order},
    {"committee_is_drawn_by_its_real_number_of_nodes",
     committee_is_drawn_by_its_real_number_of_nodes},
    {"hospitals_are_counted_where_the_parameter_makes_them",
     hospitals_are_counted_where_the_parameter_makes_them},
    {"words_are_categories", words_are_categories},
    {"figures_of_the_same_attribute_have_names_of_their_own",
     figures_of_the_same_attribute_have_names_of_their_own},
    {"files_and_fidelities_are_told_apart", files_and_fidelities_are_told_apart},
    {"choices_that_the_sweep_does_not_have_are_told",
     choices_that_the_sweep_does_not_have_are_told},
    {"a_single_point_is_no_figure", a_single_point_is_no_figure},
    {"runs_that_do_not_go_together_are_refused", runs_that_do_not_go_together_are_refused},
};

EHR_UNIT_MAIN("figures_sweep", cases)
