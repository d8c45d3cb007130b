/* resources.csv and its sums, against figures calculated by hand. */
#include "tests/unit/unit.h"

#include <math.h>

#include "tests/unit/measure_run.h"

/* Two visits end ok, one before the measured window begins, and one fails; alliance 4 and minsk 1
 * transactions. */
static void run_do(struct ehr_measure *measure)
{
    struct ehr_request_log *log = ehr_measure_requests(measure);
    uint32_t early = ehr_request_open(log, EHR_FLOW_VISIT, 0, MS);
    uint32_t visit = ehr_request_open(log, EHR_FLOW_VISIT, 0, 2 * (uint64_t)SEC);
    uint32_t failed = ehr_request_open(log, EHR_FLOW_VISIT, 0, 2 * (uint64_t)SEC);
    uint32_t retrieval = ehr_request_open(log, EHR_FLOW_RETRIEVE, 0, 2 * (uint64_t)SEC);
    ehr_request_close(log, early, EHR_OUTCOME_OK, EHR_REASON_NONE, 2 * MS);
    ehr_request_close(log, visit, EHR_OUTCOME_OK, EHR_REASON_NONE, 3 * (uint64_t)SEC);
    ehr_request_close(log, failed, EHR_OUTCOME_FAILED, EHR_REASON_TIMED_OUT, 3 * (uint64_t)SEC);
    ehr_request_close(log, retrieval, EHR_OUTCOME_OK, EHR_REASON_NONE, 3 * (uint64_t)SEC);
    struct ehr_counters *counters = ehr_measure_counters(measure);
    const struct ehr_block_facts alliance = {1, 0, 500, 4, NODE_A0},
                                 minsk = {1, 0, 200, 1, NODE_P0};
    ehr_counters_block_committed(counters, 0, &alliance, 5 * (uint64_t)SEC);
    ehr_counters_block_committed(counters, 1, &minsk, 5 * (uint64_t)SEC);
}

static const struct ehr_measure_resource resources[] = {
    {.kind = EHR_RESOURCE_HOST,
     .name = "host-a",
     .energy_J = 700,
     .idle_J = 550,
     .load = 0.25,
     .busy_core_s = 1.5,
     .flops = 1.5e9},
    {.kind = EHR_RESOURCE_HOST,
     .name = "host,c",
     .energy_J = 300,
     .idle_J = 290,
     .load = 0.125,
     .busy_core_s = 0.5,
     .flops = 5e8},
    {.kind = EHR_RESOURCE_LINK,
     .name = "l_UP",
     .energy_J = 60,
     .idle_J = 50,
     .load = 0.5,
     .bytes = 2000},
    {.kind = EHR_RESOURCE_LINK,
     .name = "l_DOWN",
     .energy_J = 40,
     .idle_J = 40,
     .load = 0,
     .bytes = 0},
};

/* resources.csv of a run that asked so; NULL: there is none. To be freed. */
static char *written(const struct ehr_measure_asked *asked, const struct ehr_measure_resource *list,
                     size_t count)
{
    char *parent = folder_new(), *folder = path_join(parent, "run");
    struct ehr_results *results;
    struct ehr_measure_error error;
    struct ehr_measure *measure = run_new();
    struct ehr_measure_meta meta = run_meta();
    meta.energy = meta.load = "all";
    CU_ASSERT_EQUAL_FATAL(ehr_results_new(&results, folder, &error), EHR_MEASURE_DONE);
    run_do(measure);
    ehr_measure_resources_ask(measure, asked);
    if (list != NULL)
        ehr_measure_resources_set(measure, list, count, 5.5);
    CU_ASSERT_EQUAL_FATAL(ehr_measure_write(measure, results, &meta, &error), EHR_MEASURE_DONE);
    ehr_results_free(results);
    ehr_measure_free(measure);
    char *text = file_read(folder, "resources.csv");
    folder_remove(parent);
    free(folder);
    free(parent);
    return text;
}

/* 1100 J, 930 J of them idle; by 2 visits and 1 + 4 transactions. */
static void rows_and_sums_are_those_by_hand(void)
{
    static const struct ehr_measure_asked all = {true, true, true, true};
    char *text = written(&all, resources, 4);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, "resource,name,metric,value\n"
                                 "host,host-a,energy_J,700\n"
                                 "host,host-a,idle_J,550\n"
                                 "host,host-a,above_idle_J,150\n"
                                 "host,host-a,busy_core_s,1.5\n"
                                 "host,host-a,load,0.25\n"
                                 "host,host-a,flops,1.5e+09\n"
                                 "host,\"host,c\",energy_J,300\n"
                                 "host,\"host,c\",idle_J,290\n"
                                 "host,\"host,c\",above_idle_J,10\n"
                                 "host,\"host,c\",busy_core_s,0.5\n"
                                 "host,\"host,c\",load,0.125\n"
                                 "host,\"host,c\",flops,500000000\n"
                                 "link,l_UP,energy_J,60\n"
                                 "link,l_UP,idle_J,50\n"
                                 "link,l_UP,above_idle_J,10\n"
                                 "link,l_UP,bytes,2000\n"
                                 "link,l_UP,load,0.5\n"
                                 "link,l_DOWN,energy_J,40\n"
                                 "link,l_DOWN,idle_J,40\n"
                                 "link,l_DOWN,above_idle_J,0\n"
                                 "link,l_DOWN,bytes,0\n"
                                 "link,l_DOWN,load,0\n"
                                 "hosts,,energy_J,1000\n"
                                 "hosts,,idle_J,840\n"
                                 "hosts,,above_idle_J,160\n"
                                 "hosts,,busy_core_s,2\n"
                                 "hosts,,flops,2e+09\n"
                                 "links,,energy_J,100\n"
                                 "links,,idle_J,90\n"
                                 "links,,above_idle_J,10\n"
                                 "links,,bytes,2000\n"
                                 "run,,window_s,5.5\n"
                                 "run,,visits,2\n"
                                 "run,,private_transactions,1\n"
                                 "run,,alliance_transactions,4\n"
                                 "run,,energy_J,1100\n"
                                 "run,,idle_J,930\n"
                                 "run,,above_idle_J,170\n"
                                 "run,,energy_per_visit_J,550\n"
                                 "run,,above_idle_per_visit_J,85\n"
                                 "run,,energy_per_private_transaction_J,1100\n"
                                 "run,,above_idle_per_private_transaction_J,170\n"
                                 "run,,energy_per_alliance_transaction_J,275\n"
                                 "run,,above_idle_per_alliance_transaction_J,42.5\n"
                                 "run,,energy_per_transaction_J,220\n"
                                 "run,,above_idle_per_transaction_J,34\n");
    free(text);
}

/* Energy of hosts alone: the run's joules are theirs. */
static void what_was_not_asked_for_has_no_row(void)
{
    static const struct ehr_measure_asked hosts = {.host_energy = true};
    char *text = written(&hosts, resources, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NULL(strstr(text, "link"));
    CU_ASSERT_PTR_NULL(strstr(text, "load"));
    CU_ASSERT_PTR_NULL(strstr(text, "flops"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nrun,,energy_J,1000\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nrun,,energy_per_visit_J,500\n"));
    free(text);
    static const struct ehr_measure_asked loads = {.link_load = true};
    text = written(&loads, resources + 2, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NULL(strstr(text, "_J"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nlinks,,bytes,2000\nrun,,window_s,5.5\n"));
    free(text);
}

static void what_has_no_value_is_an_empty_cell(void)
{
    static const struct ehr_measure_asked links = {.link_energy = true};
    struct ehr_measure_resource unknown = resources[2];
    unknown.idle_J = NAN;
    char *text = written(&links, &unknown, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nlink,l_UP,energy_J,60\nlink,l_UP,idle_J,\n"
                                        "link,l_UP,above_idle_J,\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nrun,,energy_per_visit_J,30\n"
                                        "run,,above_idle_per_visit_J,\n"));
    free(text);
    CU_ASSERT_TRUE(isnan(ehr_resource_per(5, 0)));
}

static void there_is_no_file_when_nothing_was_asked_for(void)
{
    static const struct ehr_measure_asked nothing = {.host_energy = false};
    static const struct ehr_measure_asked hosts = {.host_energy = true};
    CU_ASSERT_PTR_NULL(written(&nothing, NULL, 0));
    char *text = written(&hosts, NULL, 0); /* a deadlock: nothing was read */
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, "resource,name,metric,value\n");
    free(text);
}

static const struct ehr_unit_case cases[] = {
    {"rows_and_sums_are_those_by_hand", rows_and_sums_are_those_by_hand},
    {"what_was_not_asked_for_has_no_row", what_was_not_asked_for_has_no_row},
    {"what_has_no_value_is_an_empty_cell", what_has_no_value_is_an_empty_cell},
    {"there_is_no_file_when_nothing_was_asked_for", there_is_no_file_when_nothing_was_asked_for},
};

EHR_UNIT_MAIN("measure_resources", cases)
