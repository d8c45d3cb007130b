/* Groups of hospitals and their members, and that every hospital and data user has its own id. */
#include "sim/scenario/check.h"

#include "sim/scenario/group.h"
#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t members_count(const struct ehr_scenario *scenario, size_t group)
{
    size_t members = 0;
    for (size_t i = 0; i < scenario->hospital_count; i++)
        members += scenario->hospitals[i].group == group + 1;
    return members;
}

bool ehr_check_groups_are_whole(const struct ehr_check *check)
{
    const struct ehr_scenario *scenario = check->scenario;
    for (size_t g = 0; g < scenario->hospital_group_count; g++) {
        size_t members = members_count(scenario, g);
        if (members == 0 || members < scenario->hospital_groups[g].count)
            return false;
    }
    return true;
}

void ehr_check_groups(struct ehr_check *check)
{
    for (size_t g = 0; g < check->scenario->hospital_group_count; g++) {
        const struct ehr_scenario_hospital_group *group = &check->scenario->hospital_groups[g];
        size_t members = members_count(check->scenario, g);
        if (!ehr_check_is_sound(check, group->model.line) || members == group->count)
            continue;
        char *found = ehr_scenario_text_format("%u from number %u", (unsigned)group->count,
                                               (unsigned)group->first);
        char *allowed =
            ehr_scenario_text_format("as many as there are names: %zu from there", members);
        ehr_check_add(check, false, group->model.line, "hospital-group/@count", found, allowed);
        free(found);
        free(allowed);
    }
}

struct id {
    const char *text;
    const char *what;
    int line;
    uint32_t group;
};

static int id_compare(const void *left, const void *right)
{
    const struct id *a = left;
    const struct id *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* Of two groups the first id that both have is enough. */
static bool is_said(const struct id *said, const struct id *first, const struct id *second)
{
    return said != NULL && first->group > 0 && second->group == said->group &&
           first->group == said[-1].group;
}

/* Hospitals and data users share one space of ids: both stand in the results' columns. */
void ehr_check_ids(struct ehr_check *check)
{
    const struct ehr_scenario *scenario = check->scenario;
    struct id *ids =
        ehr_scenario_allocate(scenario->hospital_count + scenario->data_user_count, sizeof(*ids));
    size_t count = 0;
    for (size_t i = 0; i < scenario->hospital_count; i++)
        if (scenario->hospitals[i].id != NULL)
            ids[count++] = (struct id){scenario->hospitals[i].id,
                                       scenario->hospitals[i].group > 0 ? "hospital-group/@id"
                                                                        : "hospital/@id",
                                       scenario->hospitals[i].line, scenario->hospitals[i].group};
    for (size_t i = 0; i < scenario->data_user_count; i++)
        if (scenario->data_users[i].id != NULL)
            ids[count++] = (struct id){scenario->data_users[i].id, "data-user/@id",
                                       scenario->data_users[i].line, 0};
    if (count > 1)
        qsort(ids, count, sizeof(*ids), id_compare);
    const struct id *said = NULL;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(ids[i - 1].text, ids[i].text) != 0 || is_said(said, &ids[i - 1], &ids[i]))
            continue;
        said = &ids[i];
        char *allowed =
            ehr_scenario_text_format("an id of its own (taken in line %d)", ids[i - 1].line);
        ehr_check_add(check, false, ids[i].line, ids[i].what, ids[i].text, allowed);
        free(allowed);
    }
    free(ids);
}
