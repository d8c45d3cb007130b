/* Scenarios that are right: every default, overrides, hosts, and the effective scenario. */
#include "sim/scenario/scenario.h"
#include "tests/unit/scenario_engines.h"
#include "tests/unit/scenario_hosts.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define SMALL                                                                                      \
    "<scenario xmlns='urn:ehrgrid:scenario:1' name='small'>\n"                                     \
    "<platform file='platforms/uniform.xml'/>\n"                                                   \
    "<alliance><nodes hosts='alliance-*'/></alliance>\n"                                           \
    "<hospital id='minsk' server='minsk-server'><nodes hosts='minsk-node-*'/>\n"                   \
    "<doctors hosts='minsk-desk-*'/><patients host='minsk-home'/></hospital>\n"

static struct ehr_problem_list problems;

static struct ehr_scenario *small_parse(const char *more, const char *const *sets, size_t count)
{
    char text[4096];
    snprintf(text, sizeof(text), "%s%s</scenario>\n", SMALL, more);
    struct ehr_scenario *scenario = NULL;
    enum ehr_scenario_status status = ehr_scenario_parse(
        "small.xml", (const uint8_t *)text, strlen(text), sets, count, &problems, &scenario);
    ehr_problem_list_write(&problems, stdout);
    CU_ASSERT_EQUAL_FATAL(status, EHR_SCENARIO_OK);
    return scenario;
}

static void chain_is_default(const struct ehr_scenario_chain *chain)
{
    CU_ASSERT_STRING_EQUAL(chain->consensus, "pbft");
    CU_ASSERT_EQUAL(chain->chain, 0);
    CU_ASSERT_EQUAL(chain->leader, 0);
    CU_ASSERT_EQUAL(chain->batch, 100);
    CU_ASSERT_EQUAL(chain->batch_timeout_ns, 50000000);
    CU_ASSERT_EQUAL(chain->request_timeout_ns, 2000000000);
    CU_ASSERT_EQUAL(chain->checkpoint_interval, 128);
    CU_ASSERT_EQUAL(chain->window, 256);
    CU_ASSERT_EQUAL(chain->votes, EHR_SCENARIO_VOTES_BACKUPS);
    CU_ASSERT_EQUAL(chain->authentication, EHR_SCENARIO_AUTHENTICATION_SIGNATURE);
}

static void run_defaults_hold_when_nothing_is_said(void)
{
    struct ehr_scenario *s = small_parse("", NULL, 0);
    CU_ASSERT_STRING_EQUAL(s->name, "small");
    CU_ASSERT_STRING_EQUAL(s->platform_file, "platforms/uniform.xml");
    CU_ASSERT_EQUAL(s->run.seed, 1);
    CU_ASSERT_EQUAL(s->run.duration_ns, UINT64_C(600000000000));
    CU_ASSERT_EQUAL(s->run.warmup_ns, 0);
    CU_ASSERT_EQUAL(s->run.replications, 1);
    CU_ASSERT_EQUAL(s->run.drain_ns, UINT64_C(300000000000));
    CU_ASSERT_EQUAL(s->run.liveness_window_ns, UINT64_C(60000000000));
    CU_ASSERT_EQUAL(s->network.fidelity, EHR_SCENARIO_FIDELITY_FLOW);
    CU_ASSERT_EQUAL(s->network.model, EHR_SCENARIO_MODEL_CM02);
    CU_ASSERT_EQUAL(s->network.optim, EHR_SCENARIO_OPTIM_LAZY);
    CU_ASSERT_EQUAL(s->network.overhead_bytes, 66);
    CU_ASSERT_EQUAL(s->network.loopback_ns, 10000);
    CU_ASSERT_EQUAL(s->storage.write_ns, 100000);
    CU_ASSERT_EQUAL(s->storage.bandwidth_Bps, 500000000);
    CU_ASSERT_EQUAL(s->crypto.mode, EHR_SCENARIO_CRYPTO_REAL);
    CU_ASSERT_EQUAL(s->crypto.memo_entries, 65536);
    CU_ASSERT_EQUAL(s->crypto.costs, EHR_SCENARIO_COSTS_DEFAULT);
    CU_ASSERT_PTR_NULL(s->crypto.costs_file);
    CU_ASSERT_EQUAL(s->records.source, EHR_SCENARIO_SOURCE_SYNTHETIC);
    CU_ASSERT_EQUAL(s->raw_bytes, strlen(SMALL) + strlen("</scenario>\n"));
    CU_ASSERT_EQUAL(memcmp(s->raw, SMALL, strlen(SMALL)), 0);
    ehr_scenario_free(s);
}

static void chain_and_load_defaults_hold_when_nothing_is_said(void)
{
    struct ehr_scenario *s = small_parse("", NULL, 0);
    chain_is_default(&s->alliance.chain);
    CU_ASSERT_EQUAL(s->alliance.line, 3);
    CU_ASSERT_EQUAL(s->alliance.proxies, 4);
    CU_ASSERT_EQUAL(s->alliance.threshold, 3);
    CU_ASSERT_EQUAL(s->alliance.client_quorum, 0);
    CU_ASSERT_EQUAL(s->alliance.query_expiry_blocks, 100);
    CU_ASSERT_EQUAL(s->alliance.search, EHR_SCENARIO_SEARCH_DICTIONARY);
    CU_ASSERT_EQUAL(s->alliance.trapdoors, EHR_SCENARIO_TRAPDOORS_DESIGNATED);
    CU_ASSERT_EQUAL(s->workload.retrievals.keywords, 1);
    CU_ASSERT_EQUAL_FATAL(s->hospital_count, 1);
    chain_is_default(&s->hospitals[0].chain);
    CU_ASSERT_EQUAL(s->hospitals[0].doctors_per_host, 1);
    CU_ASSERT_EQUAL(s->hospitals[0].patient_count, 20);
    CU_ASSERT_EQUAL(s->workload.visits.arrivals, EHR_SCENARIO_ARRIVALS_POISSON);
    CU_ASSERT_EQUAL(s->workload.visits.rate_per_s, 0.5);
    CU_ASSERT_EQUAL(s->workload.visits.count, 0);
    CU_ASSERT_EQUAL(s->workload.retrievals.probability, 0);
    CU_ASSERT_EQUAL(s->workload.retrievals.rate_per_s, 0);
    CU_ASSERT_EQUAL(s->workload.shares.rate_per_s, 0);
    CU_ASSERT_EQUAL(s->workload.shares.consent, 1);
    CU_ASSERT_EQUAL(s->workload.shares.consent_timeout_ns, UINT64_C(3600000000000));
    CU_ASSERT_EQUAL(s->workload.revocations.delay_ns, UINT64_C(10000000000));
    CU_ASSERT_EQUAL(s->crash_count, 0);
    ehr_scenario_free(s);
}

static void rates_follow_from_counts_when_no_rate_is_given(void)
{
    struct ehr_scenario *s = small_parse("<data-user id='u' host='insurer'/>"
                                         "<workload><retrievals count='270'/>"
                                         "<shares count='60' rate='6/min'/></workload>",
                                         NULL, 0);
    CU_ASSERT_EQUAL(s->workload.retrievals.rate_per_s, 0.45); /* 270 in 10 min */
    CU_ASSERT_EQUAL(s->workload.shares.rate_per_s, 0.1);
    ehr_scenario_free(s);
}

static void overrides_replace_values_when_set(void)
{
    static const char *const sets[] = {"alliance/@batch=10", "run/@seed=7",
                                       "hospital[@id='minsk']/@window=512",
                                       "workload/visits/@rate=30/min", "@name=other"};
    struct ehr_scenario *s = small_parse("", sets, 5);
    CU_ASSERT_EQUAL(s->alliance.chain.batch, 10);
    CU_ASSERT_EQUAL(s->run.seed, 7);
    CU_ASSERT_EQUAL(s->hospitals[0].chain.window, 512);
    CU_ASSERT_EQUAL(s->hospitals[0].chain.batch, 100);
    CU_ASSERT_EQUAL(s->workload.visits.rate_per_s, 0.5);
    CU_ASSERT_STRING_EQUAL(s->name, "other");
    CU_ASSERT_EQUAL_FATAL(s->override_count, 5);
    CU_ASSERT_STRING_EQUAL(s->overrides[2].path, "hospital[@id='minsk']/@window");
    CU_ASSERT_STRING_EQUAL(s->overrides[2].value, "512");
    ehr_scenario_free(s);
}

static char *effective_text(const struct ehr_scenario *scenario)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    CU_ASSERT_TRUE(ehr_scenario_effective_write(scenario, out));
    fclose(out);
    return text;
}

/* Where the schema is said to be matters to editors only: nothing is opened there. */
static void hints_are_passed_over_when_the_schema_is_elsewhere(void)
{
    static const char text[] =
        "<scenario xmlns='urn:ehrgrid:scenario:1' name='small' "
        "xmlns:x='http://www.w3.org/2001/XMLSchema-instance' "
        "x:schemaLocation='urn:x  file:///dev/full\n urn:ehrgrid:scenario:1 /no/such.xsd '>\n"
        "<platform file='platforms/uniform.xml'/><alliance><nodes hosts='alliance-*'/></alliance>\n"
        "<workload><ordering/></workload></scenario>\n";
    struct ehr_scenario *s = NULL;
    CU_ASSERT_EQUAL_FATAL(ehr_scenario_parse("small.xml", (const uint8_t *)text, strlen(text), NULL,
                                             0, &problems, &s),
                          EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL(problems.count, 0);
    char *effective = effective_text(s);
    CU_ASSERT_PTR_NULL(strstr(effective, "schemaLocation"));
    free(effective);
    ehr_scenario_free(s);
}

static void overrides_are_refused_when_they_name_nothing(void)
{
    static const char *const sets[] = {"alliance/@batch",
                                       "batch=10",
                                       "alliance/@bach=10",
                                       "aliance/@batch=10",
                                       "hospital[@id='x']/@batch=1",
                                       "alliance[@id=x]/@batch=1",
                                       "",
                                       "=",
                                       "/@=",
                                       "alliance/@batch=0"};
    struct ehr_scenario *scenario = NULL;
    struct ehr_problem_list found;
    ehr_problem_list_init(&found);
    static const char text[] = SMALL "</scenario>";
    CU_ASSERT_EQUAL(ehr_scenario_parse("small.xml", (const uint8_t *)text, strlen(text), sets, 10,
                                       &found, &scenario),
                    EHR_SCENARIO_INVALID);
    CU_ASSERT_EQUAL(found.error_count, 10);
    CU_ASSERT_STRING_EQUAL(found.items[9].found, "0 (from --set)");
    CU_ASSERT_EQUAL(found.items[9].line, 3);
    ehr_problem_list_close(&found);
}

static void crashes_are_resolved_when_named_by_role(void)
{
    struct ehr_scenario *s = small_parse(
        "<faults><crash host='alliance-2' at='2min' recover='4min'/>"
        "<crash role='hospital' hospital='minsk' on='private-commit' count='3' recover='2min'/>"
        "<crash host='alliance-1' at='0s'/></faults>",
        NULL, 0);
    CU_ASSERT_EQUAL_FATAL(s->crash_count, 3);
    CU_ASSERT_EQUAL(s->crashes[0].trigger, EHR_SCENARIO_CRASH_AT_TIME);
    CU_ASSERT_EQUAL(s->crashes[0].at_ns, UINT64_C(120000000000));
    CU_ASSERT_EQUAL(s->crashes[0].recover_ns, UINT64_C(240000000000));
    CU_ASSERT_EQUAL(s->crashes[1].trigger, EHR_SCENARIO_CRASH_ON_PRIVATE_COMMIT);
    CU_ASSERT_EQUAL(s->crashes[1].count, 3);
    CU_ASSERT_EQUAL(s->crashes[1].at_ns, EHR_SCENARIO_NEVER);
    CU_ASSERT_EQUAL(s->crashes[1].recover_ns, UINT64_C(120000000000));
    CU_ASSERT_EQUAL(s->crashes[2].recover_ns, EHR_SCENARIO_NEVER);
    CU_ASSERT_EQUAL(
        ehr_scenario_place(s, three_hospitals_hosts, three_hospitals_host_count, &problems),
        EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL(s->crashes[1].hospital, 0);
    CU_ASSERT_EQUAL(s->crashes[1].host.count, 1);
    CU_ASSERT_EQUAL(s->crashes[1].host.index[0], 29); /* minsk-server */
    CU_ASSERT_EQUAL(s->crashes[0].host.index[0], 1);
    ehr_scenario_free(s);
}

static void hosts_are_taken_once_in_platform_order_when_patterns_overlap(void)
{
    static const char *const sets[] = {
        "alliance/nodes/@hosts=alliance-4, minsk-node-? al*-2,alliance-4 *-1",
        "alliance/@proxies=32", "alliance/@proxies=9"};
    struct ehr_scenario *s = small_parse("", sets, 3);
    CU_ASSERT_EQUAL(
        ehr_scenario_place(s, three_hospitals_hosts, three_hospitals_host_count, &problems),
        EHR_SCENARIO_OK);
    /* alliance-1 -2 -4, brest-desk-1, brest-node-1, grodno-desk-1, grodno-node-1, minsk-desk-1,
     * minsk-node-1 .. 4 */
    static const uint32_t expected[] = {0, 1, 3, 4, 7, 12, 15, 22, 25, 26, 27, 28};
    CU_ASSERT_EQUAL_FATAL(s->alliance.nodes.count, 12);
    CU_ASSERT_EQUAL(memcmp(s->alliance.nodes.index, expected, sizeof(expected)), 0);
    CU_ASSERT_EQUAL(s->hospitals[0].patients.count, 1);
    CU_ASSERT_EQUAL(s->hospitals[0].patients.index[0], 24);
    ehr_scenario_free(s);
}

/* Four are needed for an arbitrary fault, three for a crash; solo tolerates none at any size. */
static void committees_are_warned_of_when_no_fault_is_tolerated(void)
{
    static const struct {
        const char *engine, *hosts;
        size_t warnings;
    } committees[] = {
        {"hospital/@consensus=pbft", "hospital/nodes/@hosts=minsk-node-1", 1},
        {"hospital/@consensus=hotstuff", "hospital/nodes/@hosts=minsk-node-1 minsk-node-2", 1},
        {"hospital/@consensus=raft", "hospital/nodes/@hosts=minsk-node-1 minsk-node-2", 1},
        {"hospital/@consensus=raft", "hospital/nodes/@hosts=minsk-node-1 brest-node-*", 0},
        {"hospital/@consensus=solo", "hospital/nodes/@hosts=minsk-node-1", 0},
    };
    for (size_t i = 0; i < sizeof(committees) / sizeof(committees[0]); i++) {
        const char *const sets[] = {committees[i].engine, committees[i].hosts};
        struct ehr_scenario *s = small_parse("", sets, 2);
        CU_ASSERT_EQUAL(ehr_scenario_engines_check(s, test_engines, test_engine_count, &problems),
                        EHR_SCENARIO_OK);
        CU_ASSERT_EQUAL(
            ehr_scenario_place(s, three_hospitals_hosts, three_hospitals_host_count, &problems),
            EHR_SCENARIO_OK);
        CU_ASSERT_EQUAL(problems.count, committees[i].warnings);
        CU_ASSERT_EQUAL(problems.error_count, 0);
        ehr_scenario_free(s);
        ehr_problem_list_close(&problems);
    }
}

/* A choice is filled in where the engine has it, and nowhere else. */
static void choices_are_filled_in_when_the_engine_has_them(void)
{
    static const char *const sets[] = {"alliance/@consensus=hotstuff", "alliance/@chain=two"};
    struct ehr_scenario *s = small_parse("", sets, 2);
    CU_ASSERT_EQUAL(ehr_scenario_engines_check(s, test_engines, test_engine_count, &problems),
                    EHR_SCENARIO_OK);
    CU_ASSERT_PTR_EQUAL(s->alliance.chain.engine, &test_engines[0]);
    CU_ASSERT_EQUAL(s->alliance.chain.chain, EHR_SCENARIO_CHAIN_TWO);
    CU_ASSERT_EQUAL(s->alliance.chain.leader, EHR_SCENARIO_LEADER_ROTATING);
    CU_ASSERT_EQUAL(s->hospitals[0].chain.chain, 0);
    CU_ASSERT_EQUAL(s->hospitals[0].chain.leader, 0);
    CU_ASSERT_EQUAL(problems.count, 0);
    ehr_scenario_free(s);
    ehr_problem_list_close(&problems);
}

static void effective_reads_back(const char *path)
{
    struct ehr_scenario *first = NULL;
    struct ehr_scenario *second = NULL;
    CU_ASSERT_EQUAL_FATAL(ehr_scenario_load(path, NULL, 0, &problems, &first), EHR_SCENARIO_OK);
    char *text = effective_text(first);
    CU_ASSERT_EQUAL_FATAL(ehr_scenario_parse("effective.xml", (const uint8_t *)text, strlen(text),
                                             NULL, 0, &problems, &second),
                          EHR_SCENARIO_OK);
    char *again = effective_text(second);
    CU_ASSERT_STRING_EQUAL(text, again);
    CU_ASSERT_EQUAL(first->workload.shares.rate_per_s, second->workload.shares.rate_per_s);
    CU_ASSERT_EQUAL(problems.count, 0);
    free(text);
    free(again);
    ehr_scenario_free(first);
    ehr_scenario_free(second);
}

static void effective_scenarios_read_back_when_written(void)
{
    effective_reads_back("scenarios/quickstart.xml");
    effective_reads_back("scenarios/regions.xml");
}

static void quickstart_is_what_the_manual_says(void)
{
    struct ehr_scenario *s = NULL;
    CU_ASSERT_EQUAL_FATAL(ehr_scenario_load("scenarios/quickstart.xml", NULL, 0, &problems, &s),
                          EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL(
        ehr_scenario_place(s, three_hospitals_hosts, three_hospitals_host_count, &problems),
        EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL(problems.count, 0);
    CU_ASSERT_EQUAL(s->run.seed, 42);
    CU_ASSERT_EQUAL(s->alliance.nodes.count, 4);
    CU_ASSERT_EQUAL_FATAL(s->hospital_count, 3);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(s->hospitals[i].nodes.count, 4);
        CU_ASSERT_EQUAL(s->hospitals[i].doctors.count * s->hospitals[i].doctors_per_host, 2);
        CU_ASSERT_EQUAL(s->hospitals[i].patient_count, 20);
    }
    CU_ASSERT_EQUAL(s->data_user_count, 2);
    CU_ASSERT_EQUAL(s->workload.visits.count, 900);
    CU_ASSERT_EQUAL(s->workload.retrievals.count, 270);
    CU_ASSERT_EQUAL(s->workload.shares.count, 60);
    ehr_scenario_free(s);
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"run_defaults_hold_when_nothing_is_said", run_defaults_hold_when_nothing_is_said},
    {"chain_and_load_defaults_hold_when_nothing_is_said",
     chain_and_load_defaults_hold_when_nothing_is_said},
    {"rates_follow_from_counts_when_no_rate_is_given",
     rates_follow_from_counts_when_no_rate_is_given},
    {"overrides_replace_values_when_set", overrides_replace_values_when_set},
    {"hints_are_passed_over_when_the_schema_is_elsewhere",
     hints_are_passed_over_when_the_schema_is_elsewhere},
    {"overrides_are_refused_when_they_name_nothing", overrides_are_refused_when_they_name_nothing},
    {"crashes_are_resolved_when_named_by_role", crashes_are_resolved_when_named_by_role},
    {"hosts_are_taken_once_in_platform_order_when_patterns_overlap",
     hosts_are_taken_once_in_platform_order_when_patterns_overlap},
    {"committees_are_warned_of_when_no_fault_is_tolerated",
     committees_are_warned_of_when_no_fault_is_tolerated},
    {"choices_are_filled_in_when_the_engine_has_them",
     choices_are_filled_in_when_the_engine_has_them},
    {"effective_scenarios_read_back_when_written", effective_scenarios_read_back_when_written},
    {"quickstart_is_what_the_manual_says", quickstart_is_what_the_manual_says},
};

EHR_UNIT_MAIN("scenario", cases)
