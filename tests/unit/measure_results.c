/* The result folder: bytes of its files, and what is left when writing fails. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "tests/unit/measure_run.h"

/* The visits and retrievals whose sums stand in `summary_expected`. */
static void tiny_requests(struct ehr_request_log *log)
{
    /* 1: before the window, ends ok inside it. */
    uint32_t id = ehr_request_open(log, EHR_FLOW_VISIT, 0, 500 * MS);
    ehr_request_sent(log, id, 500 * MS);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, 1500 * MS);
    /* 2: ok in 2 s, durable after 1.5 s. */
    id = ehr_request_open(log, EHR_FLOW_VISIT, 0, 2000 * MS);
    ehr_request_phase(log, id, EHR_PHASE_CHECK, 2000 * MS);
    ehr_request_sent(log, id, 2100 * MS);
    ehr_request_phase(log, id, EHR_PHASE_SEAL, 2250 * MS);
    ehr_request_phase(log, id, EHR_PHASE_STORE, 2500 * MS);
    ehr_request_phase(log, id, EHR_PHASE_PRIVATE_ORDER, 3000 * MS);
    ehr_request_durable(log, id, 3500 * MS);
    ehr_request_phase(log, id, EHR_PHASE_ANCHOR, 3500 * MS);
    ehr_request_phase(log, id, EHR_PHASE_ALLIANCE_ORDER, 3750 * MS);
    ehr_request_shared(log, id, 4000 * MS);
    ehr_request_bytes(log, id, 600);
    ehr_request_bytes(log, id, 400);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, 4000 * MS);
    /* 3, 4, 5: refused; timed out but durable after 1 s, unshared; failed. */
    id = ehr_request_open(log, EHR_FLOW_VISIT, 1, (uint64_t)5 * SEC);
    ehr_request_sent(log, id, (uint64_t)5 * SEC);
    ehr_request_phase(log, id, EHR_PHASE_CHECK, (uint64_t)5 * SEC);
    ehr_request_close(log, id, EHR_OUTCOME_REFUSED, EHR_REASON_WRONG_CARD, (uint64_t)5500 * MS);
    id = ehr_request_open(log, EHR_FLOW_VISIT, 1, (uint64_t)6 * SEC);
    ehr_request_sent(log, id, (uint64_t)6 * SEC);
    ehr_request_durable(log, id, (uint64_t)7 * SEC);
    ehr_request_blame(log, id, NODE_A0);
    ehr_request_close(log, id, EHR_OUTCOME_TIMEOUT, EHR_REASON_TIMED_OUT, (uint64_t)9 * SEC);
    id = ehr_request_open(log, EHR_FLOW_VISIT, 1, 3000 * MS);
    ehr_request_sent(log, id, 3000 * MS);
    ehr_request_close(log, id, EHR_OUTCOME_FAILED, EHR_REASON_HOSPITAL_UNREACHABLE, 3250 * MS);
    /* 6: ok in 1 s, the record identical; 7: offered in the last nanosecond, never sent or ended.
     */
    id = ehr_request_open(log, EHR_FLOW_RETRIEVE, 0, (uint64_t)8 * SEC);
    ehr_request_sent(log, id, (uint64_t)8 * SEC);
    ehr_request_phase(log, id, EHR_PHASE_SEARCH, (uint64_t)8 * SEC);
    ehr_request_phase_add(log, id, EHR_PHASE_COMPARE, 1);
    ehr_request_identical(log, id);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, (uint64_t)9 * SEC);
    ehr_request_open(log, EHR_FLOW_RETRIEVE, EHR_REQUEST_NO_HOSPITAL, (uint64_t)11 * SEC - 1);
    /* 8: the first nanosecond after the window. */
    id = ehr_request_open(log, EHR_FLOW_VISIT, 0, (uint64_t)11 * SEC);
    ehr_request_sent(log, id, (uint64_t)11 * SEC);
    ehr_request_close(log, id, EHR_OUTCOME_OK, EHR_REASON_NONE, (uint64_t)12 * SEC);
}

static void tiny_counters(struct ehr_counters *counters)
{
    struct ehr_block_facts first = {
        .height = 1, .view = 0, .bytes = 500, .transactions = 3, .proposer = NODE_A0};
    struct ehr_block_facts second = {
        .height = 2, .view = 1, .bytes = 200, .transactions = 1, .proposer = NODE_A1};
    ehr_counters_block_proposed(counters, 0, 1, 0, NODE_A0, 3750 * MS);
    ehr_counters_block_committed(counters, 0, &first, 3900 * MS);
    ehr_counters_block_committed(counters, 0, &first, 3950 * MS);
    ehr_counters_block_signers(counters, 0, 1, 2);
    ehr_counters_view_change(counters, 0);
    ehr_counters_block_committed(counters, 0, &second, (uint64_t)6500 * MS);
    ehr_counters_block_proposed(counters, 0, 3, 1, NODE_A1, (uint64_t)7 * SEC);
    ehr_counters_message(counters, NODE_A0, EHR_DIRECTION_OUT, MESSAGE_PREPARE, 4, 100);
    ehr_counters_message(counters, NODE_A1, EHR_DIRECTION_OUT, MESSAGE_PREPARE, 4, 100);
    ehr_counters_message(counters, NODE_A1, EHR_DIRECTION_IN, MESSAGE_PREPARE, 4, 100);
    ehr_counters_message(counters, NODE_A1, EHR_DIRECTION_DROPPED, MESSAGE_PREPARE, 1, 100);
    ehr_counters_message(counters, NODE_A0, EHR_DIRECTION_OUT, MESSAGE_QUERY, 1, 50);
    ehr_counters_message(counters, NODE_P0, EHR_DIRECTION_LOST, MESSAGE_QUERY, 1, 50);
    ehr_counters_charge(counters, NODE_A0, 1, 3, 120000);
    ehr_counters_busy(counters, NODE_A0, 40000);
    ehr_counters_queue(counters, NODE_A0, 5);
    ehr_counters_queue(counters, NODE_A0, 2);
    ehr_counters_disk(counters, NODE_P0, 100000);
    ehr_counters_consensus(counters, NODE_A0, EHR_DIRECTION_OUT, 2, 150);
    ehr_counters_consensus(counters, NODE_A0, EHR_DIRECTION_OUT, 2, 170);
    ehr_counters_consensus(counters, NODE_A1, EHR_DIRECTION_IN, 2, 150);
    ehr_counters_consensus(counters, NODE_A1, EHR_DIRECTION_LOST, 1, 10);
    ehr_counters_consensus(counters, NODE_P0, EHR_DIRECTION_OUT, 1, 10); /* its engine has none */
    ehr_counters_consensus(counters, NODE_P0, EHR_DIRECTION_OUT, 2, 20);
    ehr_counters_consensus(counters, NODE_P0, EHR_DIRECTION_OUT, 3, 20); /* nor has any */
    ehr_counters_timeout(counters, NODE_A1, 1);
    ehr_counters_timeout(counters, NODE_A1, 0); /* no time-out */
    ehr_counters_timeout(counters, NODE_A1, 2);
}

#define NO_REQUESTS "0,0,0,0,0,0,0,0,,,,,,,,0,0,0,0,"

/* Register; visit: 2, 3, 4, 5 are measured, 1 and 2 committed inside, 2 and 4 became durable;
 * retrieve: 6 and 7; share, revoke, ordering; private; alliance. */
static const char summary_expected[] =
    "0123,\"tiny, by hand\",abcd,0.1.0,3.32,18446744073709551615,3,flow,modelled,"
    "20.000000005,1,10," NO_REQUESTS
    "4,1,1,1,1,0,0,0.1,2,2,2,2,2,2,2,4,0.4,0.4,0.2,2,1,1.25,1,1.5,1.5,1.5,1.5,1.5,"
    "2,1,0,0,0,1,1,0.1,1,1,1,1,1,1,1,1,0.2,0.1,0.1," NO_REQUESTS NO_REQUESTS NO_REQUESTS
    "0,0,0,0,,,0,"
    "2,4,8,800,2,200,1,"
    "0.25,4096\n";

static const char requests_expected[] =
    "id,flow,hospital,start_s,end_s,outcome,reason,issue_s,check_s,seal_s,store_s,private_order_s,"
    "anchor_s,alliance_order_s,consent_s,order_s,search_s,locate_s,compare_s,fetch_s,open_s,"
    "reencrypt_s,combine_s,effect_s,bytes,measured,sent_s,durable_s,shared_s,identical,blamed\n"
    "1,visit,minsk,0.500000000,1.500000000,ok,none,,,,,,,,,,,,,,,,,,0,0,0.500000000,,,0,\n"
    "2,visit,minsk,2.000000000,4.000000000,ok,none,,0.25,0.25,0.5,0.5,0.25,0.25,,,,,,,,,,,1000,1,"
    "2.100000000,3.500000000,4.000000000,0,\n"
    "3,visit,brest,5.000000000,5.500000000,refused,wrong_card,,0.5,,,,,,,,,,,,,,,,0,1,5.000000000,,"
    ","
    "0,\n"
    "4,visit,brest,6.000000000,9.000000000,timeout,timeout,,,,,,,,,,,,,,,,,,0,1,6.000000000,"
    "7.000000000,,0,alliance-0\n"
    "5,visit,brest,3.000000000,3.250000000,failed,hospital_unreachable,,,,,,,,,,,,,,,,,,0,1,"
    "3.000000000,,,0,\n"
    "6,retrieve,minsk,8.000000000,9.000000000,ok,none,,,,,,,,,,1,,1e-09,,,,,,0,1,8.000000000,,,1,\n"
    "7,retrieve,,10.999999999,,unfinished,none,,,,,,,,,,,,,,,,,,0,1,,,,0,\n"
    "8,visit,minsk,11.000000000,12.000000000,ok,none,,,,,,,,,,,,,,,,,,0,0,11.000000000,,,0,\n";

static const char blocks_expected[] =
    "chain,height,view,proposer,transactions,bytes,proposed_s,committed_first_s,committed_last_s,"
    "signers\n"
    "alliance,1,0,alliance-0,3,500,3.750000000,3.900000000,3.950000000,2\n"
    "alliance,2,1,alliance-1,1,200,,6.500000000,6.500000000,0\n";

static const char nodes_expected[] =
    "node,role,host,messages_in,messages_out,bytes_in,bytes_out,busy_s,queue_max,disk_busy_s\n"
    "alliance-0,chain_node,host-a,0,5,0,450,4e-05,5,0\n"
    "alliance-1,chain_node,host-b,4,4,400,400,0,0,0\n"
    "minsk-0,chain_node,\"host,c\",0,0,0,0,0,0,0.0001\n";

static const char messages_expected[] = "node,type,direction,count,bytes\n"
                                        "alliance-0,prepare,out,4,400\n"
                                        "alliance-0,query,out,1,50\n"
                                        "alliance-1,prepare,out,4,400\n"
                                        "alliance-1,prepare,in,4,400\n"
                                        "alliance-1,prepare,dropped,1,100\n"
                                        "minsk-0,query,lost,1,50\n";

static const char consensus_expected[] = "chain,node,kind,type,direction,count,bytes\n"
                                         "alliance,,view_change,,,1,\n"
                                         "alliance,alliance-0,message,commit,out,2,320\n"
                                         "alliance,alliance-1,message,prepare,lost,1,10\n"
                                         "alliance,alliance-1,message,commit,in,1,150\n"
                                         "alliance,alliance-1,timeout,request,,1,\n"
                                         "minsk,,view_change,,,0,\n"
                                         "minsk,minsk-0,message,append,out,1,20\n";

/* Writes the tiny run to `target`. */
static enum ehr_measure_status write_tiny(const char *target, struct ehr_measure_error *error)
{
    struct ehr_results *results = NULL;
    enum ehr_measure_status status = ehr_results_new(&results, target, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    struct ehr_measure *measure = run_new();
    struct ehr_measure_meta meta = run_meta();
    tiny_requests(ehr_measure_requests(measure));
    tiny_counters(ehr_measure_counters(measure));
    status = ehr_measure_write(measure, results, &meta, error);
    ehr_results_free(results);
    ehr_measure_free(measure);
    return status;
}

static void expect_file(const char *folder, const char *name, const char *expected)
{
    char *text = file_read(folder, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\n%s is\n%s---- expected\n%s", name, text, expected);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void expect_tiny(const char *target)
{
    char *summary = file_read(target, "summary.csv");
    CU_ASSERT_PTR_NOT_NULL_FATAL(summary);
    char *row = strchr(summary, '\n') + 1;
    if (strcmp(row, summary_expected) != 0)
        fprintf(stderr, "\n%s---- expected\n%s", row, summary_expected);
    CU_ASSERT_STRING_EQUAL(row, summary_expected);
    free(summary);
    expect_file(target, "requests.csv", requests_expected);
    expect_file(target, "blocks.csv", blocks_expected);
    expect_file(target, "nodes.csv", nodes_expected);
    expect_file(target, "messages.csv", messages_expected);
    expect_file(target, "consensus.csv", consensus_expected);
    expect_file(target, "operations.csv",
                "node,operation,charged,busy_s\nalliance-0,verify,3,0.00012\n");
    expect_file(target, "parameters.csv", "run_id,path,value\n0123,alliance/@batch,\"10,20\"\n");
}

static void files_are_exact_when_the_run_is_counted_by_hand(void)
{
    struct ehr_measure_error error;
    char *folder = folder_new(), *target = path_join(folder, "tiny");
    CU_ASSERT_EQUAL_FATAL(write_tiny(target, &error), EHR_MEASURE_DONE);
    expect_tiny(target);
    CU_ASSERT_EQUAL(folder_entries(target), 11);
    CU_ASSERT_EQUAL(folder_entries(folder), 1); /* the temporary folder is gone */
    folder_remove(folder);
    free(target);
    free(folder);
}

static size_t count_of(const char *text, char wanted, const char *end)
{
    size_t count = 0;
    for (; text < end; text++)
        count += *text == wanted;
    return count;
}

static void summary_has_a_name_for_each_cell_and_machine_figures_last(void)
{
    struct ehr_measure_error error;
    char *folder = folder_new(), *target = path_join(folder, "tiny");
    CU_ASSERT_EQUAL_FATAL(write_tiny(target, &error), EHR_MEASURE_DONE);
    char *summary = file_read(target, "summary.csv");
    char *row = strchr(summary, '\n');
    /* One comma of the row is inside the quoted name. */
    CU_ASSERT_EQUAL(count_of(summary, ',', row) + 1, count_of(row, ',', row + strlen(row)));
    *row = '\0';
    const char *tail = ",alliance_view_changes,wall_s,peak_rss_bytes";
    CU_ASSERT_STRING_EQUAL(summary + strlen(summary) - strlen(tail), tail);
    CU_ASSERT_PTR_NOT_NULL(strstr(summary, ",visit_offered,visit_ok,visit_refused,visit_failed,"
                                           "visit_timeout,visit_unfinished,visit_records_identical,"
                                           "visit_rate_per_s,visit_lat_mean_s,visit_lat_p50_s,"));
    free(summary);
    folder_remove(folder);
    free(target);
    free(folder);
}

static void run_json_keeps_seed_inputs_and_command(void)
{
    struct ehr_measure_error error;
    char *folder = folder_new(), *target = path_join(folder, "tiny");
    CU_ASSERT_EQUAL_FATAL(write_tiny(target, &error), EHR_MEASURE_DONE);
    char *text = file_read(target, "run.json");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"seed\":\t\"18446744073709551615\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"a \\\"b\\\".xml\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"<scenario/>\\n\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"trust\":\t\"bft\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"certificate_quorum\":\t3"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"verify_cache_hits\":\t0.5"));
    CU_ASSERT_PTR_NULL(strstr(text, "4096"));
    free(text);
    folder_remove(folder);
    free(target);
    free(folder);
}

static void files_are_the_same_when_the_locale_has_a_decimal_comma(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "ru_RU.UTF-8", "fr_FR.UTF-8", "de_DE"};
    const char *chosen = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && chosen == NULL; i++)
        chosen = setlocale(LC_NUMERIC, names[i]);
    if (chosen == NULL) {
        printf("skipped: no locale with a decimal comma ");
        return;
    }
    struct ehr_measure_error error;
    char *folder = folder_new(), *target = path_join(folder, "tiny");
    CU_ASSERT_EQUAL_FATAL(write_tiny(target, &error), EHR_MEASURE_DONE);
    char comma[8];
    snprintf(comma, sizeof(comma), "%.1f", 0.5); /* the caller's locale is as it was */
    CU_ASSERT_STRING_EQUAL(comma, "0,5");
    setlocale(LC_NUMERIC, "C");
    expect_tiny(target);
    folder_remove(folder);
    free(target);
    free(folder);
}

static void an_existing_folder_is_refused_and_left_alone(void)
{
    struct ehr_measure_error error;
    struct ehr_results *results = NULL;
    char *folder = folder_new();
    file_write(folder, "mine", "x");
    CU_ASSERT_EQUAL(ehr_results_new(&results, folder, &error), EHR_MEASURE_BAD_INPUT);
    CU_ASSERT_PTR_NULL(results);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, folder));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "exists"));
    CU_ASSERT_EQUAL(folder_entries(folder), 1);
    char *below_a_file = path_join(folder, "mine/results");
    CU_ASSERT_EQUAL(ehr_results_new(&results, below_a_file, &error), EHR_MEASURE_ENVIRONMENT);
    CU_ASSERT_EQUAL(ehr_results_new(&results, "", &error), EHR_MEASURE_BAD_INPUT);
    free(below_a_file);
    folder_remove(folder);
    free(folder);
}

static void a_folder_that_appears_during_the_run_is_not_replaced(void)
{
    struct ehr_measure_error error;
    struct ehr_results *results = NULL;
    char *folder = folder_new(), *target = path_join(folder, "late");
    CU_ASSERT_EQUAL_FATAL(ehr_results_new(&results, target, &error), EHR_MEASURE_DONE);
    CU_ASSERT_EQUAL(mkdir(target, 0777), 0); /* empty: rename() alone would replace it */
    CU_ASSERT_EQUAL(ehr_results_commit(results, &error), EHR_MEASURE_BAD_INPUT);
    ehr_results_free(results);
    CU_ASSERT_EQUAL(folder_entries(folder), 1);
    CU_ASSERT_EQUAL(folder_entries(target), 0);
    folder_remove(folder);
    free(target);
    free(folder);
}

static void parents_are_made_and_removed_again_when_the_run_fails(void)
{
    struct ehr_measure_error error;
    struct ehr_results *results = NULL;
    char *folder = folder_new(), *target = path_join(folder, "a//b/c/");
    CU_ASSERT_EQUAL_FATAL(ehr_results_new(&results, target, &error), EHR_MEASURE_DONE);
    CU_ASSERT_EQUAL(folder_entries(folder), 1);
    ehr_results_free(results); /* never committed */
    CU_ASSERT_EQUAL(folder_entries(folder), 0);
    CU_ASSERT_EQUAL_FATAL(write_tiny(target, &error), EHR_MEASURE_DONE);
    CU_ASSERT_EQUAL(folder_entries(target), 11);
    folder_remove(folder);
    free(target);
    free(folder);
}

/* Writes a run of 20000 requests (above a megabyte), expecting it to fail in requests.csv. */
static void expect_no_room(const char *folder, int reason)
{
    struct ehr_measure_error error = {""};
    struct ehr_results *results = NULL;
    char *target = path_join(folder, "full");
    CU_ASSERT_EQUAL_FATAL(ehr_results_new(&results, target, &error), EHR_MEASURE_DONE);
    struct ehr_measure *measure = run_new();
    struct ehr_measure_meta meta = run_meta();
    for (unsigned i = 0; i < 20000; i++)
        ehr_request_open(ehr_measure_requests(measure), EHR_FLOW_VISIT, 0, (uint64_t)i * MS);
    CU_ASSERT_EQUAL(ehr_measure_write(measure, results, &meta, &error), EHR_MEASURE_ENVIRONMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "requests.csv"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, strerror(reason)));
    CU_ASSERT_EQUAL(folder_entries(target), -1);
    ehr_results_free(results);
    ehr_measure_free(measure);
    CU_ASSERT_EQUAL(folder_entries(folder), 0);
    free(target);
}

static void nothing_is_left_when_a_size_limit_is_hit(void)
{
    struct rlimit before, tight;
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 100000;
    char *folder = folder_new();
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &tight), 0);
    expect_no_room(folder, EFBIG);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    folder_remove(folder);
    free(folder);
}

static void nothing_is_left_when_the_disk_is_full(void)
{
    char *folder = folder_new();
    if (mount("none", folder, "tmpfs", 0, "size=128k") != 0) {
        printf("skipped: cannot mount a small file system ");
    } else {
        expect_no_room(folder, ENOSPC);
        CU_ASSERT_EQUAL(umount(folder), 0);
    }
    folder_remove(folder);
    free(folder);
}

static void an_unwritable_place_is_reported_before_the_run(void)
{
    struct ehr_measure_error error;
    struct ehr_results *results = NULL;
    CU_ASSERT_EQUAL(ehr_results_new(&results, "/proc/ehrgrid/results", &error),
                    EHR_MEASURE_ENVIRONMENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "/proc/ehrgrid"));
    CU_ASSERT_PTR_NULL(results);
}

static const struct ehr_unit_case cases[] = {
    {"files_are_exact_when_the_run_is_counted_by_hand",
     files_are_exact_when_the_run_is_counted_by_hand},
    {"summary_has_a_name_for_each_cell_and_machine_figures_last",
     summary_has_a_name_for_each_cell_and_machine_figures_last},
    {"run_json_keeps_seed_inputs_and_command", run_json_keeps_seed_inputs_and_command},
    {"files_are_the_same_when_the_locale_has_a_decimal_comma",
     files_are_the_same_when_the_locale_has_a_decimal_comma},
    {"an_existing_folder_is_refused_and_left_alone", an_existing_folder_is_refused_and_left_alone},
    {"a_folder_that_appears_during_the_run_is_not_replaced",
     a_folder_that_appears_during_the_run_is_not_replaced},
    {"parents_are_made_and_removed_again_when_the_run_fails",
     parents_are_made_and_removed_again_when_the_run_fails},
    {"nothing_is_left_when_a_size_limit_is_hit", nothing_is_left_when_a_size_limit_is_hit},
    {"nothing_is_left_when_the_disk_is_full", nothing_is_left_when_the_disk_is_full},
    {"an_unwritable_place_is_reported_before_the_run",
     an_unwritable_place_is_reported_before_the_run},
};

EHR_UNIT_MAIN("measure_results", cases)
