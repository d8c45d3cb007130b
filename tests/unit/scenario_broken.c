/* Every file of tests/golden/scenarios-broken gives exactly the messages in the .expected beside
 * it (expected_messages.h). */
#include "sim/scenario/document.h"
#include "sim/scenario/scenario.h"
#include "tests/unit/expected_messages.h"
#include "tests/unit/scenario_engines.h"
#include "tests/unit/scenario_hosts.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER         "tests/golden/scenarios-broken/"
#define FILES_EXPECTED 58

static enum ehr_scenario_status placed_status(struct ehr_scenario *scenario,
                                              struct ehr_problem_list *problems)
{
    static const char *const links[] = {"site-1_DOWN", "site-1_UP", "wan"};
    enum ehr_scenario_status hosts =
        ehr_scenario_place(scenario, three_hospitals_hosts, three_hospitals_host_count, problems);
    enum ehr_scenario_status named = ehr_scenario_place_links(scenario, links, 3, problems);
    return hosts != EHR_SCENARIO_OK ? hosts : named;
}

/* Loads and, if that went well, looks up the engines and places on the hosts of uniform.xml and
 * three links. */
static char *messages_of(const char *path)
{
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    struct ehr_scenario *scenario = NULL;
    enum ehr_scenario_status status = ehr_scenario_load(path, NULL, 0, &problems, &scenario);
    if (status == EHR_SCENARIO_OK)
        status = ehr_scenario_engines_check(scenario, test_engines, test_engine_count, &problems);
    if (status == EHR_SCENARIO_OK)
        status = placed_status(scenario, &problems);
    CU_ASSERT_EQUAL(status, EHR_SCENARIO_INVALID);
    char *text = messages_take(&problems);
    ehr_scenario_free(scenario);
    return text;
}

static void messages_are_exact_when_a_scenario_is_broken(void)
{
    struct dirent **entries = NULL;
    int count = scandir(FOLDER, &entries, NULL, alphasort);
    CU_ASSERT_FATAL(count > 0);
    int files = 0;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        size_t chars = strlen(name);
        if (chars > 4 && strcmp(name + chars - 4, ".xml") == 0) {
            char path[PATH_BYTES];
            snprintf(path, sizeof(path), FOLDER "%s", name);
            messages_check(path, messages_of(path));
            files++;
        }
        free(entries[i]);
    }
    free(entries);
    CU_ASSERT_EQUAL(files, FILES_EXPECTED);
}

/* An entity that were expanded would be 10^12 characters, or the contents of a file. */
static void entities_are_never_expanded_when_declared(void)
{
    static const char *const files[] = {"entity-bomb.expected", "external-entity.expected",
                                        "doctype.expected"};
    for (size_t i = 0; i < 3; i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof(path), FOLDER "%s", files[i]);
        char *text = file_text(path);
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, ":2: DOCTYPE: "));
        CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
        free(text);
    }
}

/* The lines on which the schema and the reader find something wrong, each alone. */
static void lines_mark(const struct ehr_problem_list *problems, bool lines[64])
{
    memset(lines, 0, 64 * sizeof(bool));
    for (size_t i = 0; i < problems->count; i++)
        if (problems->items[i].line < 64)
            lines[problems->items[i].line] = true;
}

static void schema_and_reader_agree_when_values_are_wrong(void)
{
    static const char *const files[] = {"bad-characters", "missing",    "negative",         "text",
                                        "wrong-number",   "wrong-unit", "unknown-attribute"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof(path), FOLDER "%s.xml", files[i]);
        char *text = file_text(path);
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        struct ehr_problem_list by_reader;
        struct ehr_problem_list by_schema;
        ehr_problem_list_init(&by_reader);
        ehr_problem_list_init(&by_schema);
        struct ehr_scenario *scenario = NULL;
        CU_ASSERT_EQUAL(ehr_scenario_load(path, NULL, 0, &by_reader, &scenario),
                        EHR_SCENARIO_INVALID);
        xmlDocPtr document =
            ehr_document_read(path, (const uint8_t *)text, strlen(text), &by_schema);
        CU_ASSERT_PTR_NOT_NULL_FATAL(document);
        CU_ASSERT_TRUE(ehr_document_validate(path, document, &by_schema) > 0);
        bool reader_lines[64];
        bool schema_lines[64];
        lines_mark(&by_reader, reader_lines);
        lines_mark(&by_schema, schema_lines);
        CU_ASSERT_EQUAL(memcmp(reader_lines, schema_lines, sizeof(reader_lines)), 0);
        xmlFreeDoc(document);
        ehr_problem_list_close(&by_reader);
        ehr_problem_list_close(&by_schema);
        free(text);
    }
}

static void status_tells_invalid_from_unreadable_when_there_is_no_file(void)
{
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    struct ehr_scenario *scenario = NULL;
    CU_ASSERT_EQUAL(ehr_scenario_load("no/such.xml", NULL, 0, &problems, &scenario),
                    EHR_SCENARIO_INVALID);
    CU_ASSERT_EQUAL(ehr_scenario_load("tests", NULL, 0, &problems, &scenario),
                    EHR_SCENARIO_INVALID);
    CU_ASSERT_EQUAL(problems.error_count, 2);
    CU_ASSERT_STRING_EQUAL(problems.items[0].found, "No such file or directory");
    ehr_problem_list_close(&problems);
}

static void closes(void)
{
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"messages_are_exact_when_a_scenario_is_broken", messages_are_exact_when_a_scenario_is_broken},
    {"entities_are_never_expanded_when_declared", entities_are_never_expanded_when_declared},
    {"schema_and_reader_agree_when_values_are_wrong",
     schema_and_reader_agree_when_values_are_wrong},
    {"status_tells_invalid_from_unreadable_when_there_is_no_file",
     status_tells_invalid_from_unreadable_when_there_is_no_file},
    {"closes", closes},
};

EHR_UNIT_MAIN("broken scenarios", cases)
