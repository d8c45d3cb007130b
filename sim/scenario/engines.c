/* The consensus engines that a scenario names, against those that there are. */
#include "sim/scenario/scenario.h"

#include "sim/scenario/group.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/vocabulary.h"

#include <stdlib.h>
#include <string.h>

struct finding {
    struct ehr_scenario *scenario;
    const struct ehr_scenario_engine *engines;
    size_t count;
    struct ehr_problem_list *problems;
};

/* Takes `what` and `found`. */
static void add(struct finding *finding, bool warning, int line, char *what, char *found,
                const char *allowed)
{
    ehr_problem_list_add(finding->problems, warning, finding->scenario->file, line, what, found,
                         allowed);
    free(what);
    free(found);
}

/* The names, and the nearest where no more than half of it has to be changed. */
static char *names_describe(const struct finding *finding, const char *found)
{
    char *text = ehr_scenario_text_copy("");
    const char *nearest = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < finding->count; i++) {
        const char *name = finding->engines[i].name;
        char *more = ehr_scenario_text_format("%s%s%s", text, i == 0 ? "" : ", ", name);
        free(text);
        text = more;
        size_t letters = ehr_vocabulary_distance(found, name);
        if (letters < least && 2 * letters <= strlen(name)) {
            least = letters;
            nearest = name;
        }
    }
    if (nearest == NULL)
        return text;
    char *whole = ehr_scenario_text_format("%s; did you mean %s?", text, nearest);
    free(text);
    return whole;
}

static const struct ehr_scenario_engine *engine_find(const struct finding *finding,
                                                     const char *name)
{
    for (size_t i = 0; i < finding->count; i++)
        if (strcmp(finding->engines[i].name, name) == 0)
            return &finding->engines[i];
    return NULL;
}

/* What means something to some engines only. */
enum choice { CHOICE_CHAIN, CHOICE_LEADER, CHOICE_VOTES };

static bool has_choice(const struct ehr_scenario_engine *engine, enum choice choice)
{
    switch (choice) {
    case CHOICE_CHAIN:
        return engine->chain;
    case CHOICE_LEADER:
        return engine->leader;
    case CHOICE_VOTES:
        return engine->votes;
    }
    return false;
}

/* Which engines have the choice: "hotstuff". */
static char *owners_describe(const struct finding *finding, enum choice choice)
{
    char *text = ehr_scenario_text_copy("");
    for (size_t i = 0; i < finding->count; i++) {
        const struct ehr_scenario_engine *engine = &finding->engines[i];
        if (!has_choice(engine, choice))
            continue;
        char *more =
            ehr_scenario_text_format("%s%s%s", text, *text == '\0' ? "" : " or ", engine->name);
        free(text);
        text = more;
    }
    return text;
}

/* An attribute that the engine would ignore. */
static void choice_refuse(struct finding *finding, bool warning, int line, const char *element,
                          enum choice choice, const char *engine)
{
    static const char *const names[] = {"chain", "leader", "votes"};
    const char *name = names[choice];
    char *owners = owners_describe(finding, choice);
    char *allowed = ehr_scenario_text_format("consensus=\"%s\", or no %s", owners, name);
    add(finding, warning, line, ehr_scenario_text_format("%s/@%s", element, name),
        ehr_scenario_text_format("given with consensus=\"%s\"", engine), allowed);
    free(allowed);
    free(owners);
}

static void chain_check(struct finding *finding, int line, const char *element,
                        struct ehr_scenario_chain *chain)
{
    const struct ehr_scenario_engine *engine = engine_find(finding, chain->consensus);
    if (engine == NULL) {
        char *allowed = names_describe(finding, chain->consensus);
        add(finding, false, line, ehr_scenario_text_format("%s/@consensus", element),
            ehr_scenario_text_copy(chain->consensus), allowed);
        free(allowed);
        return;
    }
    chain->engine = engine;
    if (!engine->chain && (unsigned)chain->chain != 0)
        choice_refuse(finding, false, line, element, CHOICE_CHAIN, engine->name);
    if (!engine->leader && (unsigned)chain->leader != 0)
        choice_refuse(finding, false, line, element, CHOICE_LEADER, engine->name);
    if (!engine->votes && chain->votes != EHR_SCENARIO_VOTES_BACKUPS)
        choice_refuse(finding, true, line, element, CHOICE_VOTES, engine->name);
    if (engine->chain && (unsigned)chain->chain == 0)
        chain->chain = EHR_SCENARIO_CHAIN_THREE;
    if (engine->leader && (unsigned)chain->leader == 0)
        chain->leader = EHR_SCENARIO_LEADER_ROTATING;
}

enum ehr_scenario_status ehr_scenario_engines_check(struct ehr_scenario *scenario,
                                                    const struct ehr_scenario_engine *engines,
                                                    size_t count, struct ehr_problem_list *problems)
{
    size_t errors = problems->error_count;
    struct finding finding = {scenario, engines, count, problems};
    chain_check(&finding, scenario->alliance.line, "alliance", &scenario->alliance.chain);
    for (size_t i = 0; i < scenario->hospital_count; i++)
        chain_check(&finding, scenario->hospitals[i].line,
                    ehr_group_element(&scenario->hospitals[i]), &scenario->hospitals[i].chain);
    ehr_problem_list_sort(problems);
    return problems->error_count > errors ? EHR_SCENARIO_INVALID : EHR_SCENARIO_OK;
}
