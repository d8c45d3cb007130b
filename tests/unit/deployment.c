/* Deployments that are right: every scenario written as a deployment is read back as the same, and
 * a deployment says what no scenario can: its own order, other numbers of doctors on each host. */
#include "sim/scenario/deployment.h"
#include "sim/scenario/deployment_roles.h"
#include "tests/unit/scenario_engines.h"
#include "tests/unit/scenario_hosts.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static const char *const links[] = {"site-1_DOWN", "site-1_UP", "wan"};

struct reading {
    struct ehr_deployment_file file;
    struct ehr_scenario *scenario;
    struct ehr_deployment_seat *seats;
};

/* Of a text that has no mistakes. */
static struct reading deployment_read(const char *text, const char *const *sets, size_t count)
{
    struct reading reading = {0};
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    enum ehr_scenario_status status = ehr_deployment_file_parse(
        "tests/d.xml", (const uint8_t *)text, strlen(text), &problems, &reading.file);
    CU_ASSERT_EQUAL_FATAL(status, EHR_SCENARIO_OK);
    reading.seats = calloc(reading.file.actor_count, sizeof *reading.seats);
    const struct ehr_deployment_source source = {
        .path = "tests/d.xml",
        .raw = reading.file.text,
        .raw_bytes = reading.file.text_bytes,
        .actors = reading.file.actors,
        .actor_count = reading.file.actor_count,
        .host_names = three_hospitals_hosts,
        .host_count = three_hospitals_host_count,
        .link_names = links,
        .link_count = 3,
        .engines = test_engines,
        .engine_count = test_engine_count,
        .sets = sets,
        .set_count = count,
    };
    status = ehr_deployment_read(&source, &problems, &reading.scenario, reading.seats);
    ehr_problem_list_write(&problems, stdout);
    CU_ASSERT_EQUAL_FATAL(status, EHR_SCENARIO_OK);
    ehr_problem_list_close(&problems);
    return reading;
}

static void reading_close(struct reading *reading)
{
    ehr_deployment_file_close(&reading->file);
    ehr_scenario_free(reading->scenario);
    free(reading->seats);
}

static char *deployment_of(const struct ehr_scenario *scenario)
{
    struct ehr_problem_list problems;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    ehr_problem_list_init(&problems);
    CU_ASSERT(ehr_deployment_write(scenario, three_hospitals_hosts, false, &problems, out));
    ehr_problem_list_close(&problems);
    fclose(out);
    return text;
}

static char *effective_of(const struct ehr_scenario *scenario)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    CU_ASSERT(ehr_scenario_effective_write(scenario, out));
    fclose(out);
    return text;
}

static void hosts_are_equal(const struct ehr_scenario_hosts *a, const struct ehr_scenario_hosts *b)
{
    CU_ASSERT_EQUAL_FATAL(a->count, b->count);
    CU_ASSERT(memcmp(a->index, b->index, a->count * sizeof *a->index) == 0);
}

static void places_are_equal(const struct ehr_scenario *a, const struct ehr_scenario *b)
{
    hosts_are_equal(&a->alliance.nodes, &b->alliance.nodes);
    CU_ASSERT_EQUAL_FATAL(a->hospital_count, b->hospital_count);
    for (size_t h = 0; h < a->hospital_count; h++) {
        hosts_are_equal(&a->hospitals[h].server, &b->hospitals[h].server);
        hosts_are_equal(&a->hospitals[h].nodes, &b->hospitals[h].nodes);
        hosts_are_equal(&a->hospitals[h].doctors, &b->hospitals[h].doctors);
        hosts_are_equal(&a->hospitals[h].patients, &b->hospitals[h].patients);
    }
    CU_ASSERT_EQUAL_FATAL(a->data_user_count, b->data_user_count);
    for (size_t u = 0; u < a->data_user_count; u++)
        hosts_are_equal(&a->data_users[u].host, &b->data_users[u].host);
}

/* What the effective scenario says of places is compared by number; of all else by text. */
static void places_blank(char *text)
{
    static const char *const names[] = {" hosts=\"", " server=\"", " host=\"",    " client-host=\"",
                                        " file=\"",  " costs=\"",  " per-host=\""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *at = text;
        while ((at = strstr(at, names[i])) != NULL) {
            const char *end = strchr(at + strlen(names[i]), '"') + 1;
            memmove(at, end, strlen(end) + 1);
        }
    }
}

static void scenario_check(const char *path, const char *const *sets, size_t count)
{
    struct ehr_problem_list problems;
    struct ehr_scenario *scenario = NULL;
    ehr_problem_list_init(&problems);
    CU_ASSERT_EQUAL_FATAL(ehr_scenario_load(path, sets, count, &problems, &scenario),
                          EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL_FATAL(
        ehr_scenario_engines_check(scenario, test_engines, test_engine_count, &problems),
        EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL_FATAL(
        ehr_scenario_place(scenario, three_hospitals_hosts, three_hospitals_host_count, &problems),
        EHR_SCENARIO_OK);
    CU_ASSERT_EQUAL_FATAL(ehr_scenario_place_links(scenario, links, 3, &problems), EHR_SCENARIO_OK);
    char *first = deployment_of(scenario);
    struct reading reading = deployment_read(first, NULL, 0);
    char *wanted = effective_of(scenario);
    char *found = effective_of(reading.scenario);
    places_blank(wanted);
    places_blank(found);
    CU_ASSERT_STRING_EQUAL(wanted, found);
    if (strcmp(wanted, found) != 0)
        printf("\n%s: wanted\n%sfound\n%s", path, wanted, found);
    if (scenario->hospital_count == 0 || scenario->hospitals[0].doctors_per_host == 1)
        places_are_equal(scenario, reading.scenario);
    CU_ASSERT_EQUAL(scenario->crypto.costs, reading.scenario->crypto.costs);
    if (reading.scenario->crypto.costs_file != NULL)
        CU_ASSERT_EQUAL(reading.scenario->crypto.costs_file[0], '/'); /* found from anywhere */
    free(found);
    free(wanted);
    reading_close(&reading);
    free(first);
    ehr_scenario_free(scenario);
    ehr_problem_list_close(&problems);
}

static void scenario_is_the_same_when_written_and_read(void)
{
    static const char *const paths[] = {
        "scenarios/quickstart.xml",           "scenarios/resilience/byzantine.xml",
        "scenarios/resilience/f-crashes.xml", "scenarios/resilience/leader-crash.xml",
        "scenarios/resilience/partition.xml", "scenarios/resilience/recovery.xml",
    };
    static const char *const sets[] = {
        "alliance/@consensus=hotstuff",   "alliance/@chain=two",
        "network/@fidelity=delay",        "hospital[@id='minsk']/@batch=7",
        "hospital/@authentication=mac",   "crypto/@costs=validation/hotstuff-costs.json",
        "run/@seed=18446744073709551615", "workload/visits/@rate=0.333333333/s",
        "workload/retrievals/@keywords=3"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        scenario_check(paths[i], NULL, 0);
    scenario_check("scenarios/quickstart.xml", sets, sizeof sets / sizeof sets[0]);
}

#define ACTOR(host, function, argument)                                                            \
    "<actor host='" host "' function='" function "'><argument value='" argument "'/>"
#define PLAIN(host, function, argument) ACTOR(host, function, argument) "</actor>\n"
#define SMALL                                                                                      \
    "<!DOCTYPE platform SYSTEM 'https://simgrid.org/simgrid.dtd'>\n<platform version='4.1'>\n"     \
    "<actor host='insurer' function='their.own' start_time='5'><prop id='x' "                      \
    "value='y'/></actor>\n" PLAIN("alliance-3", "ehr.chain_node", "alliance") PLAIN(               \
        "alliance-1", "ehr.chain_node", "alliance") PLAIN("minsk-desk-2", "ehr.doctor", "minsk")   \
        PLAIN("minsk-desk-1", "ehr.doctor", "minsk") PLAIN("minsk-desk-2", "ehr.doctor", "minsk")  \
            PLAIN("minsk-desk-2", "ehr.doctor", "minsk") ACTOR(                                    \
                "minsk-server", "ehr.hospital",                                                    \
                "minsk") "<prop id='batch' value='9'/></actor>\n" PLAIN("minsk-home",              \
                                                                        "ehr.patients", "minsk")   \
                PLAIN("minsk-node-2", "ehr.chain_node",                                            \
                      "minsk") "<actor host='alliance-1' function='ehr.scenario'>"                 \
                               "<prop id='alliance/@consensus' value='solo'/><prop "               \
                               "id='alliance/@proxies' value='2'/>"                                \
                               "<prop id='alliance/@threshold' value='2'/>"                        \
                               "<prop id='crypto/@costs' "                                         \
                               "value='../scenarios/validation/hotstuff-costs.json'/></actor>\n"
#define END "</platform>\n"

static void order_and_numbers_are_those_of_the_deployment(void)
{
    struct reading reading = deployment_read(SMALL END, NULL, 0);
    const struct ehr_scenario *s = reading.scenario;
    CU_ASSERT_STRING_EQUAL(s->name, "deployment");
    CU_ASSERT_STRING_EQUAL(s->file, "tests/d.xml");
    CU_ASSERT_PTR_NULL(s->platform_file);
    CU_ASSERT_EQUAL_FATAL(s->alliance.nodes.count, 2);
    CU_ASSERT_EQUAL(s->alliance.nodes.index[0], 2);
    CU_ASSERT_EQUAL(s->alliance.nodes.index[1], 0);
    CU_ASSERT_EQUAL(s->hospitals[0].chain.batch, 9);
    CU_ASSERT_EQUAL_FATAL(s->hospitals[0].doctors.count, 4);
    CU_ASSERT_EQUAL(s->hospitals[0].doctors_per_host, 1);
    static const uint32_t doctors[] = {23, 22, 23, 23};
    CU_ASSERT(memcmp(s->hospitals[0].doctors.index, doctors, sizeof doctors) == 0);
    CU_ASSERT_STRING_EQUAL(s->crypto.costs_file,
                           "tests/../scenarios/validation/hotstuff-costs.json");
    static const struct ehr_deployment_seat seats[] = {
        {0, 0, 0},
        {EHR_DEPLOYMENT_CHAIN_NODE, 0, 0},
        {EHR_DEPLOYMENT_CHAIN_NODE, 0, 1},
        {EHR_DEPLOYMENT_DOCTOR, 0, 0},
        {EHR_DEPLOYMENT_DOCTOR, 0, 1},
        {EHR_DEPLOYMENT_DOCTOR, 0, 2},
        {EHR_DEPLOYMENT_DOCTOR, 0, 3},
        {EHR_DEPLOYMENT_HOSPITAL, 0, 0},
        {EHR_DEPLOYMENT_PATIENTS, 0, 0},
        {EHR_DEPLOYMENT_CHAIN_NODE, 1, 0},
        {EHR_DEPLOYMENT_SCENARIO, 0, 0},
    };
    CU_ASSERT_EQUAL_FATAL(reading.file.actor_count, sizeof seats / sizeof seats[0]);
    for (size_t i = 0; i < reading.file.actor_count; i++) {
        CU_ASSERT_EQUAL(reading.seats[i].role, seats[i].role);
        CU_ASSERT_EQUAL(reading.seats[i].group, seats[i].group);
        CU_ASSERT_EQUAL(reading.seats[i].index, seats[i].index);
    }
    reading_close(&reading);
}

static void nobody_visits_when_nothing_is_said_of_visits(void)
{
    static const char *const sets[] = {"workload/visits/@rate=3/s", "hospital/@batch=4"};
    struct reading reading = deployment_read(SMALL END, NULL, 0);
    CU_ASSERT_EQUAL(reading.scenario->workload.visits.rate_per_s, 0);
    reading_close(&reading);
    reading = deployment_read(SMALL END, sets, 2);
    CU_ASSERT_EQUAL(reading.scenario->workload.visits.rate_per_s, 3);
    CU_ASSERT_EQUAL(reading.scenario->hospitals[0].chain.batch, 4);
    CU_ASSERT_EQUAL(reading.scenario->override_count, 2);
    reading_close(&reading);
}

static void clients_are_where_the_deployment_has_them(void)
{
    struct reading reading = deployment_read(
        SMALL PLAIN("insurer", "ehr.client", "load") PLAIN("institute", "ehr.client", "load")
            PLAIN("insurer", "ehr.client", "load")
                ACTOR("alliance-1", "ehr.ordering",
                      "load") "<prop id='chain' value='minsk'/></actor>" END,
        NULL, 0);
    const struct ehr_scenario_ordering *ordering = reading.scenario->workload.orderings;
    CU_ASSERT_EQUAL_FATAL(reading.scenario->workload.ordering_count, 1);
    CU_ASSERT_EQUAL(ordering->clients, 3);
    CU_ASSERT_EQUAL(ordering->number, 1);
    static const uint32_t hosts[] = {21, 20, 21};
    CU_ASSERT_EQUAL_FATAL(ordering->hosts.count, 3);
    CU_ASSERT(memcmp(ordering->hosts.index, hosts, sizeof hosts) == 0);
    CU_ASSERT_EQUAL(reading.seats[12].role, EHR_DEPLOYMENT_CLIENT);
    CU_ASSERT_EQUAL(reading.seats[12].index, 1);
    reading_close(&reading);
}

static void placements_are_refused_when_set(void)
{
    static const char *const refused[] = {"platform/@file=x", "hospital[@id='a=b']/@server=x",
                                          "workload/ordering/@clients=3", "@name=x"};
    static const char *const allowed[] = {"run/@seed=2", "hospital/@batch=server",
                                          "faults/crash/@host=a"};
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_PTR_NOT_NULL(ehr_deployment_set_refusal(refused[i]));
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_PTR_NULL(ehr_deployment_set_refusal(allowed[i]));
}

/* The page has a row for every role and argument, and for every property. */
static void page_has_the_roles_and_properties(void)
{
    FILE *in = fopen("docs/formats/deployment.md", "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    char *page = calloc(1, 1 << 20);
    page[fread(page, 1, (1 << 20) - 1, in)] = '\0';
    fclose(in);
    for (unsigned role = 1; role < EHR_DEPLOYMENT_ROLES; role++) {
        const struct ehr_deployment_word *word =
            ehr_deployment_word((enum ehr_deployment_role)role);
        const struct ehr_vocabulary_element *element = NULL;
        char row[1024];
        if (word->element != NULL)
            element = ehr_deployment_element((enum ehr_deployment_role)role, "");
        int used = snprintf(row, sizeof row, "| `%s` | `%s`%s | ", word->function, word->argument,
                            word->optional ? " or none" : "");
        for (size_t i = 0; element != NULL && i < element->attribute_count; i++)
            if (ehr_deployment_attribute((enum ehr_deployment_role)role, element,
                                         element->attributes[i].name) != NULL)
                used += snprintf(row + used, sizeof row - (size_t)used, "`%s` ",
                                 element->attributes[i].name);
        if (strstr(page, row) == NULL)
            printf("\ndocs/formats/deployment.md lacks: %s\n", row);
        CU_ASSERT_PTR_NOT_NULL(strstr(page, row));
    }
    free(page);
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"scenario_is_the_same_when_written_and_read", scenario_is_the_same_when_written_and_read},
    {"order_and_numbers_are_those_of_the_deployment",
     order_and_numbers_are_those_of_the_deployment},
    {"nobody_visits_when_nothing_is_said_of_visits", nobody_visits_when_nothing_is_said_of_visits},
    {"clients_are_where_the_deployment_has_them", clients_are_where_the_deployment_has_them},
    {"placements_are_refused_when_set", placements_are_refused_when_set},
    {"page_has_the_roles_and_properties", page_has_the_roles_and_properties},
};

EHR_UNIT_MAIN("deployment", cases)
