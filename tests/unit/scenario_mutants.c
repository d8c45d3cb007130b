/* Every shipped scenario, cut short at 50 places and with each of its values broken, read in one
 * process (under the sanitizers, too): refused, with the line. tests/e2e/cases_malformed.py does
 * more of it, by the command. */
#include "sim/scenario/scenario.h"
#include "tests/unit/scenario_engines.h"
#include "tests/unit/unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#define PLACES      50
#define FILES_LEAST 19
#define FILES_MOST  200
#define BROKEN      ",?!" /* of a list: nothing, and what cannot be */

static char *paths[FILES_MOST];
static size_t path_count;

static int path_keep(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)place;
    size_t chars = strlen(path);
    if (kind == FTW_F && chars > 4 && strcmp(path + chars - 4, ".xml") == 0 &&
        path_count < FILES_MOST)
        paths[path_count++] = strdup(path);
    return 0;
}

static char *text_read(const char *path)
{
    FILE *in = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    char *text = calloc(1, 1 << 20);
    text[fread(text, 1, (1 << 20) - 1, in)] = '\0';
    fclose(in);
    return text;
}

static enum ehr_scenario_status status_of(const char *path, const char *text, size_t bytes,
                                          struct ehr_problem_list *problems)
{
    struct ehr_scenario *scenario = NULL;
    ehr_problem_list_init(problems);
    enum ehr_scenario_status status =
        ehr_scenario_parse(path, (const uint8_t *)text, bytes, NULL, 0, problems, &scenario);
    if (status == EHR_SCENARIO_OK)
        status = ehr_scenario_engines_check(scenario, test_engines, test_engine_count, problems);
    ehr_scenario_free(scenario);
    return status;
}

static int lines_of(const char *text, size_t bytes)
{
    int lines = 1;
    for (size_t i = 0; i < bytes; i++)
        lines += text[i] == '\n';
    return lines;
}

static void cut_short_is_refused_at_every_place(void)
{
    for (size_t f = 0; f < path_count; f++) {
        char *text = text_read(paths[f]);
        size_t whole = (size_t)(strrchr(text, '>') - text); /* what comes later may be missing */
        for (size_t i = 0; i < PLACES; i++) {
            struct ehr_problem_list problems;
            size_t bytes = whole * i / PLACES;
            char *part = malloc(bytes); /* so that reading behind its end is seen */
            memcpy(part, text, bytes);
            CU_ASSERT_EQUAL(status_of(paths[f], part, bytes, &problems), EHR_SCENARIO_INVALID);
            CU_ASSERT_EQUAL_FATAL(problems.count, 1);
            CU_ASSERT_TRUE(problems.items[0].line >= 1 &&
                           problems.items[0].line <= lines_of(part, bytes));
            ehr_problem_list_close(&problems);
            free(part);
        }
        free(text);
    }
}

/* The next value after `at`: between quotes, in a start tag that says what scenarios mean. */
static char *value_find(char *at)
{
    for (;;) {
        char *quote = strchr(at, '"');
        if (quote == NULL)
            return NULL;
        char *comment = strstr(at, "<!--");
        const char *tag = quote;
        while (*tag != '<')
            tag--;
        bool of_root = strncmp(tag, "<?xml", 5) == 0 || strncmp(tag, "<scenario ", 10) == 0;
        if (comment != NULL && comment < quote)
            at = strstr(comment, "-->");
        else if (of_root)
            at = strchr(quote + 1, '"') + 1;
        else
            return quote + 1;
    }
}

static bool has_line(const struct ehr_problem_list *problems, int line)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->items[i].line == line && !problems->items[i].warning)
            return true;
    return false;
}

static void broken_values_are_refused_one_by_one(void)
{
    size_t mutants = 0;
    for (size_t f = 0; f < path_count; f++) {
        char *text = text_read(paths[f]);
        char *broken = calloc(1, strlen(text) + sizeof BROKEN);
        char *end = text;
        for (char *value; (value = value_find(end)) != NULL; mutants++) {
            end = strchr(value, '"');
            int length = sprintf(broken, "%.*s%s%s", (int)(value - text), text, BROKEN, end);
            struct ehr_problem_list problems;
            int line = lines_of(text, (size_t)(strchr(end, '>') - text));
            enum ehr_scenario_status status =
                status_of(paths[f], broken, (size_t)length, &problems);
            if (status != EHR_SCENARIO_INVALID || !has_line(&problems, line))
                printf("\n%s:%d: %.*s\n", paths[f], line, (int)(end - value), value);
            CU_ASSERT_EQUAL(status, EHR_SCENARIO_INVALID);
            CU_ASSERT_TRUE(has_line(&problems, line));
            ehr_problem_list_close(&problems);
            end++;
        }
        free(broken);
        free(text);
    }
    printf("%zu scenarios, %zu values ", path_count, mutants);
    CU_ASSERT_TRUE(mutants >= 200);
}

static void files_are_found(void)
{
    CU_ASSERT_EQUAL(nftw("scenarios", path_keep, 8, FTW_PHYS), 0);
    CU_ASSERT_TRUE_FATAL(path_count >= FILES_LEAST && path_count < FILES_MOST);
}

static void closes(void)
{
    for (size_t f = 0; f < path_count; f++)
        free(paths[f]);
    ehr_scenario_library_close();
}

static const struct ehr_unit_case cases[] = {
    {"files_are_found", files_are_found},
    {"cut_short_is_refused_at_every_place", cut_short_is_refused_at_every_place},
    {"broken_values_are_refused_one_by_one", broken_values_are_refused_one_by_one},
    {"closes", closes},
};

EHR_UNIT_MAIN("scenarios broken in one place", cases)
