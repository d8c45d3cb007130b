#include "sim/scenario/check.h"

#include "sim/scenario/document.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/sweep_values.h"
#include "sim/scenario/where.h"

#include <stdlib.h>
#include <string.h>

/* Takes found and allowed. */
static void refuse(struct ehr_check *check, int line, const char *what, char *found, char *allowed)
{
    ehr_check_add(check, false, line, what, found, allowed);
    free(found);
    free(allowed);
}

/* What the sweep itself goes by. */
static bool is_fixed(const char *parameter)
{
    return *parameter == '@' || strncmp(parameter, "sweep/", 6) == 0 ||
           strcmp(parameter, "run/@seed") == 0 || strcmp(parameter, "run/@replications") == 0;
}

static void vary_check(struct ehr_check *check, struct ehr_scenario_vary *vary)
{
    char *found = NULL, *allowed = NULL;
    if (vary->parameter == NULL || vary->values == NULL)
        return; /* said */
    const struct ehr_vocabulary_attribute *word =
        ehr_document_path_attribute(vary->parameter, &found, &allowed);
    if (word == NULL) {
        char *whole = ehr_scenario_text_format("%s (%s)", vary->parameter, found);
        free(found);
        refuse(check, vary->line, "sweep/vary/@parameter", whole, allowed);
    } else if (is_fixed(vary->parameter)) {
        refuse(check, vary->line, "sweep/vary/@parameter", ehr_scenario_text_copy(vary->parameter),
               ehr_scenario_text_copy("an attribute other than name, version, run/@seed, "
                                      "run/@replications and those of sweep"));
    } else if (!ehr_sweep_values_read(word, vary, &found, &allowed)) {
        char *what = ehr_scenario_text_format("sweep/vary/@values of %s", vary->parameter);
        refuse(check, vary->line, what, found, allowed);
        free(what);
    }
}

static void where_check(struct ehr_check *check, const struct ehr_scenario_where *where)
{
    char *found = NULL, *allowed = NULL;
    if (where->test != NULL && !ehr_where_check(where->test, check->document, &found, &allowed))
        refuse(check, where->line, "sweep/where/@test", found, allowed);
}

static void counts_check(struct ehr_check *check, const struct ehr_scenario_together *together)
{
    for (size_t i = 1; i < together->vary_count; i++) {
        const struct ehr_scenario_vary *vary = &together->varies[i];
        size_t first = together->varies[0].item_count;
        if (vary->item_count != first)
            refuse(check, vary->line, "sweep/together/vary/@values",
                   ehr_scenario_text_format("%zu values", vary->item_count),
                   ehr_scenario_text_format("%zu, as many as of %s (line %d)", first,
                                            together->varies[0].parameter,
                                            together->varies[0].line));
    }
}

/* Whether two rows of an axis are the same. */
static bool rows_are_equal(const struct ehr_scenario_vary *varies, size_t count, size_t a, size_t b)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(varies[i].items[a], varies[i].items[b]) != 0)
            return false;
    return true;
}

static void rows_check(struct ehr_check *check, const struct ehr_scenario_vary *varies,
                       size_t count)
{
    enum { COMPARED_MAX = 1000 }; /* longer ones come of ranges */
    size_t rows = count > 0 ? varies[0].item_count : 0;
    for (size_t b = 1; b < rows && b < COMPARED_MAX; b++)
        for (size_t a = 0; a < b; a++)
            if (rows_are_equal(varies, count, a, b)) {
                refuse(check, varies[0].line, "sweep/vary/@values",
                       ehr_scenario_text_format("%s given again", varies[0].items[b]),
                       ehr_scenario_text_copy("each value once"));
                return;
            }
}

static void parameters_check(struct ehr_check *check, const struct ehr_scenario_sweep *sweep)
{
    size_t count = ehr_sweep_parameter_count(sweep);
    for (size_t b = 1; b < count; b++)
        for (size_t a = 0; a < b; a++) {
            const struct ehr_scenario_vary *first = ehr_sweep_parameter(sweep, a),
                                           *second = ehr_sweep_parameter(sweep, b);
            if (first->parameter == NULL || second->parameter == NULL ||
                strcmp(first->parameter, second->parameter) != 0)
                continue;
            refuse(check, second->line, "sweep/vary/@parameter",
                   ehr_scenario_text_format("%s given again", second->parameter),
                   ehr_scenario_text_format("each parameter once (line %d)", first->line));
            break;
        }
}

/* Not of a parameter that the reader has refused, on whatever line. */
static bool all_have_values(const struct ehr_scenario_sweep *sweep)
{
    for (size_t i = 0; i < ehr_sweep_parameter_count(sweep); i++)
        if (ehr_sweep_parameter(sweep, i)->item_count == 0)
            return false;
    return true;
}

void ehr_check_sweep(struct ehr_check *check)
{
    struct ehr_scenario_sweep *sweep = &check->scenario->sweep;
    size_t errors = check->problems->error_count;
    for (size_t i = 0; i < sweep->vary_count; i++)
        vary_check(check, &sweep->varies[i]);
    for (size_t i = 0; i < sweep->together_count; i++)
        for (size_t k = 0; k < sweep->togethers[i].vary_count; k++)
            vary_check(check, &sweep->togethers[i].varies[k]);
    for (size_t i = 0; i < sweep->where_count; i++)
        where_check(check, &sweep->wheres[i]);
    parameters_check(check, sweep);
    if (check->problems->error_count > errors || !all_have_values(sweep))
        return;
    for (size_t i = 0; i < sweep->together_count; i++)
        counts_check(check, &sweep->togethers[i]);
    if (check->problems->error_count > errors)
        return;
    for (size_t i = 0; i < sweep->vary_count; i++)
        rows_check(check, &sweep->varies[i], 1);
    for (size_t i = 0; i < sweep->together_count; i++)
        rows_check(check, sweep->togethers[i].varies, sweep->togethers[i].vary_count);
    if (ehr_sweep_point_count(sweep) > EHR_SWEEP_RUNS_MAX / check->scenario->run.replications)
        refuse(
            check, sweep->line, "sweep", ehr_scenario_text_copy("too many runs"),
            ehr_scenario_text_format("at most %d points times replications", EHR_SWEEP_RUNS_MAX));
}
