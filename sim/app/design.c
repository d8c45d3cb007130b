#include "sim/app/design.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "sim/app/engines.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/measure/csv.h"
#include "sim/network/kernel.h"

/* Then it is no use to read on. */
enum { PROBLEMS_MAX = 200 };

struct making {
    struct ehr_design *design;
    const struct ehr_scenario_sweep *sweep;
    const struct ehr_scenario_engine *engines;
    size_t engine_count;
    const char **sets; /* the command line's, then those of the point */
    struct ehr_problem_list problems;
};

/* ---- one point ---- */

static void sets_make(struct making *making, size_t point)
{
    const struct ehr_setup_request *request = making->design->request;
    for (size_t i = 0; i < making->design->parameter_count; i++)
        making->sets[request->set_count + i] =
            ehr_app_text("%s=%s", ehr_sweep_parameter(making->sweep, i)->parameter,
                         ehr_sweep_value(making->sweep, point, i));
}

static void sets_free(struct making *making)
{
    const struct ehr_setup_request *request = making->design->request;
    for (size_t i = 0; i < making->design->parameter_count; i++)
        free((void *)(uintptr_t)making->sets[request->set_count + i]);
}

static uint32_t place_names(const char ***names, uint32_t count, const char *(*name)(uint32_t))
{
    *names = ehr_app_zeroed(count, sizeof(char *));
    for (uint32_t i = 0; i < count; i++)
        (*names)[i] = name(i);
    return count;
}

static bool point_place(struct ehr_scenario *scenario, struct ehr_problem_list *problems)
{
    const char **names;
    uint32_t count = place_names(&names, ehr_platform_host_count(), ehr_platform_host_name);
    bool sound = ehr_scenario_place(scenario, names, count, problems) == EHR_SCENARIO_OK;
    free(names);
    count = place_names(&names, ehr_platform_link_count(), ehr_platform_link_name);
    sound = ehr_scenario_place_links(scenario, names, count, problems) == EHR_SCENARIO_OK && sound;
    free(names);
    return sound;
}

/* The scenario at the point whose sets are made; NULL after problems. */
static struct ehr_scenario *point_read(const struct making *making,
                                       struct ehr_problem_list *problems)
{
    const struct ehr_scenario *base = making->design->setup.scenario;
    const struct ehr_setup_request *request = making->design->request;
    struct ehr_scenario *scenario = NULL;
    enum ehr_scenario_status status = ehr_scenario_parse(
        request->path, base->raw, base->raw_bytes, making->sets,
        request->set_count + making->design->parameter_count, problems, &scenario);
    if (status == EHR_SCENARIO_OK)
        status =
            ehr_scenario_engines_check(scenario, making->engines, making->engine_count, problems);
    bool sound = status == EHR_SCENARIO_OK;
    if (sound && strcmp(scenario->platform_file, base->platform_file) == 0)
        sound = point_place(scenario, problems);
    if (sound)
        return scenario;
    ehr_scenario_free(scenario);
    return NULL;
}

/* "alliance/@batch=1 alliance/@proxies=4" */
static char *point_describe(const struct making *making)
{
    const struct ehr_setup_request *request = making->design->request;
    char *text = ehr_app_text("sweep at");
    for (size_t i = 0; i < making->design->parameter_count; i++) {
        char *more = ehr_app_text("%s %s", text, making->sets[request->set_count + i]);
        free(text);
        text = more;
    }
    return text;
}

static void problem_take(struct making *making, const char *point,
                         const struct ehr_problem *problem)
{
    size_t count = making->design->parameter_count;
    int line = count == 1 ? ehr_sweep_parameter(making->sweep, 0)->line : making->sweep->line;
    char *what = ehr_app_text("%s: %s", point, problem->what);
    for (size_t i = 0; strcmp(problem->file, "--set") == 0 && i < count; i++) {
        const struct ehr_scenario_vary *vary = ehr_sweep_parameter(making->sweep, i);
        if (strcmp(vary->parameter, problem->what) != 0)
            continue;
        free(what); /* the same at all points */
        what = ehr_app_text("sweep/vary/@parameter: %s", vary->parameter);
        line = vary->line;
        break;
    }
    ehr_problem_list_add(&making->problems, false, making->design->request->path, line, what,
                         problem->found, problem->allowed);
    free(what);
}

static void problems_take(struct making *making, const struct ehr_problem_list *problems)
{
    char *point = point_describe(making);
    for (size_t i = 0; i < problems->count; i++)
        if (!problems->items[i].warning)
            problem_take(making, point, &problems->items[i]);
    free(point);
}

/* A point keeps its seed when values are added to the sweep: it is made of its own values. */
static uint64_t point_seed(const struct making *making, size_t point)
{
    size_t count = making->design->parameter_count, next = 0;
    uint64_t base = making->design->setup.scenario->run.seed;
    if (count == 0 || making->sweep->random == EHR_SCENARIO_RANDOM_COMMON)
        return base;
    struct ehr_part *parts = ehr_app_zeroed(1 + 2 * count, sizeof *parts);
    uint8_t number[8], hash[32];
    ehr_le64(number, base);
    parts[next++] = EHR_P(number, sizeof number);
    for (size_t i = 0; i < count; i++) {
        const char *parameter = ehr_sweep_parameter(making->sweep, i)->parameter;
        const char *value = ehr_sweep_value(making->sweep, point, i);
        parts[next++] = EHR_P(parameter, strlen(parameter));
        parts[next++] = EHR_P(value, strlen(value));
    }
    ehr_crypto_init();
    ehr_hash32(hash, "sweep-seed", parts, next);
    free(parts);
    uint64_t seed = 0;
    for (int i = 8; i-- > 0;)
        seed = seed << 8 | hash[i];
    return seed;
}

static void point_add(struct making *making, size_t place, struct ehr_scenario *scenario)
{
    struct ehr_design *design = making->design;
    uint32_t replications = design->setup.scenario->run.replications;
    scenario->run.seed = point_seed(making, place);
    const struct ehr_setup setup = {.scenario = scenario};
    for (uint32_t replication = 0; replication < replications; replication++) {
        struct ehr_design_run *run = &design->runs[design->run_count++];
        *run = (struct ehr_design_run){.point = design->point_count,
                                       .place = place,
                                       .replication = replication,
                                       .seed = scenario->run.seed};
        ehr_run_id(run->run_id, &setup, design->request, replication);
    }
    design->point_count++;
}

/* ---- all ---- */

/* The point whose sets are made. */
static void point_make(struct making *making, size_t place)
{
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    struct ehr_scenario *scenario = point_read(making, &problems);
    if (scenario != NULL)
        point_add(making, place, scenario);
    else
        problems_take(making, &problems);
    ehr_scenario_free(scenario);
    ehr_problem_list_close(&problems);
}

static void points_make(struct making *making, size_t count)
{
    struct ehr_design *design = making->design;
    for (size_t place = 0; place < count && making->problems.count < PROBLEMS_MAX; place++) {
        sets_make(making, place);
        if (ehr_scenario_wheres_hold(design->setup.scenario, making->sets,
                                     design->request->set_count + design->parameter_count))
            point_make(making, place);
        else
            design->dropped++;
        sets_free(making);
    }
    if (design->dropped < count)
        return;
    char *found = ehr_app_text("no point of %zu left", count);
    ehr_problem_list_add(&making->problems, false, design->request->path,
                         making->sweep->wheres[0].line, "sweep/where", found,
                         "tests that all hold at one point at least");
    free(found);
}

enum ehr_exit ehr_design_make(struct ehr_design *design)
{
    const struct ehr_setup_request *request = design->request;
    enum ehr_exit status = EHR_EXIT_DONE;
    struct making making = {.design = design, .sweep = &design->setup.scenario->sweep};
    size_t points = ehr_sweep_point_count(making.sweep);
    design->parameter_count = ehr_sweep_parameter_count(making.sweep);
    design->runs =
        ehr_app_zeroed(points * design->setup.scenario->run.replications, sizeof *design->runs);
    making.sets = ehr_app_zeroed(request->set_count + design->parameter_count, sizeof(char *));
    for (size_t i = 0; i < request->set_count; i++)
        making.sets[i] = request->sets[i];
    struct ehr_scenario_engine *engines = ehr_app_engines(&making.engine_count);
    making.engines = engines;
    ehr_problem_list_init(&making.problems);
    points_make(&making, points);
    ehr_problem_list_sort(&making.problems);
    ehr_said_problems(&making.problems);
    if (making.problems.error_count > 0)
        status = EHR_EXIT_INPUT;
    ehr_problem_list_close(&making.problems);
    free(engines);
    free(making.sets);
    if (status != EHR_EXIT_DONE)
        ehr_design_close(design);
    else if (design->dropped > 0 && !request->quiet)
        fprintf(stderr, "ehrgrid: <where> leaves out %zu of %zu points\n", design->dropped, points);
    return status;
}

enum ehr_exit ehr_design_open(struct ehr_design *design, const struct ehr_setup_request *request)
{
    *design = (struct ehr_design){.request = request};
    enum ehr_exit status = ehr_setup_open(&design->setup, request);
    return status == EHR_EXIT_DONE ? ehr_design_make(design) : status;
}

void ehr_design_close(struct ehr_design *design)
{
    ehr_setup_close(&design->setup);
    free(design->runs);
    *design = (struct ehr_design){0};
}

const char *ehr_design_parameter(const struct ehr_design *design, size_t parameter)
{
    return ehr_sweep_parameter(&design->setup.scenario->sweep, parameter)->parameter;
}

const char *ehr_design_value(const struct ehr_design *design, const struct ehr_design_run *run,
                             size_t parameter)
{
    return ehr_sweep_value(&design->setup.scenario->sweep, run->place, parameter);
}

void ehr_design_write(const struct ehr_design *design, FILE *out)
{
    struct ehr_csv csv = {.file = out};
    static const char *const columns[] = {"run", "point", "replication", "seed"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ehr_csv_text(&csv, columns[i]);
    for (size_t i = 0; i < design->parameter_count; i++)
        ehr_csv_text(&csv, ehr_design_parameter(design, i));
    ehr_csv_text(&csv, "run_id");
    ehr_csv_end(&csv);
    for (size_t r = 0; r < design->run_count; r++) {
        const struct ehr_design_run *run = &design->runs[r];
        ehr_csv_count(&csv, r + 1);
        ehr_csv_count(&csv, run->point + 1);
        ehr_csv_count(&csv, run->replication);
        ehr_csv_count(&csv, run->seed);
        for (size_t i = 0; i < design->parameter_count; i++)
            ehr_csv_text(&csv, ehr_design_value(design, run, i));
        ehr_csv_text(&csv, run->run_id);
        ehr_csv_end(&csv);
    }
}
