#include "sim/scenario/scenario.h"

#include "sim/scenario/document.h"
#include "sim/scenario/group.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/profile.h"
#include "sim/scenario/reader.h"
#include "sim/scenario/where.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

/* libxml2 is never let near another file: neither by an entity nor by a schema location. */
static xmlParserInputPtr entity_refuse(const char *url, const char *id, xmlParserCtxtPtr context)
{
    (void)url;
    (void)id;
    (void)context;
    return NULL;
}

struct sets {
    const char *const *items;
    size_t count;
    const char **values; /* where they start; NULL: refused */
};

static void sets_apply(xmlDocPtr document, const struct sets *sets, bool of_groups,
                       struct ehr_problem_list *problems)
{
    for (size_t i = 0; i < sets->count; i++)
        if (ehr_document_override_is_of_groups(sets->items[i]) == of_groups)
            sets->values[i] = ehr_document_override(document, sets->items[i], problems);
}

/* Overrides of groups, then the members that follow, then all other overrides, which may be of
 * members. Returns what ehr_group_members_make does. */
static size_t *document_complete(xmlDocPtr document, const char *file, struct sets *sets,
                                 struct ehr_problem_list *problems)
{
    sets->values = ehr_scenario_allocate(sets->count, sizeof(*sets->values));
    sets_apply(document, sets, true, problems);
    size_t *members = ehr_group_members_make(document, file);
    sets_apply(document, sets, false, problems);
    return members;
}

static void set_keep(struct ehr_scenario *scenario, const char *set, const char *value)
{
    if (value == NULL)
        return; /* refused */
    struct ehr_scenario_override *override = &scenario->overrides[scenario->override_count++];
    override->path = ehr_scenario_text_format("%.*s", (int)(value - 1 - set), set);
    override->value = ehr_scenario_text_copy(value);
}

static void document_use(struct ehr_scenario *scenario, xmlDocPtr document,
                         const struct ehr_scenario_text *text, struct ehr_problem_list *problems)
{
    scenario->overrides = ehr_scenario_allocate(text->set_count, sizeof(*scenario->overrides));
    struct sets sets = {.items = text->sets, .count = text->set_count};
    size_t *members = document_complete(document, text->path, &sets, problems);
    for (size_t i = 0; i < text->set_count; i++)
        set_keep(scenario, text->sets[i], sets.values[i]);
    ehr_scenario_tree_read(document, scenario, problems);
    ehr_group_members_find(document, scenario, members);
    free(members);
    free(sets.values);
    if (text->platform_elsewhere) {
        free(scenario->platform_file);
        scenario->platform_file = NULL;
    }
    ehr_scenario_check(document, scenario, problems);
    ehr_document_validate(scenario->file, document, problems);
}

enum ehr_scenario_status ehr_scenario_text_read(const struct ehr_scenario_text *text,
                                                struct ehr_problem_list *problems,
                                                struct ehr_scenario **scenario)
{
    *scenario = NULL;
    size_t errors = problems->error_count;
    xmlExternalEntityLoader loader = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(entity_refuse);
    struct ehr_scenario *read = ehr_scenario_allocate(1, sizeof(*read));
    read->file = ehr_scenario_text_copy(text->path);
    read->raw = ehr_scenario_allocate(text->bytes, 1);
    read->raw_bytes = text->bytes;
    if (text->bytes > 0)
        memcpy(read->raw, text->text, text->bytes);
    xmlDocPtr document = ehr_document_read(text->path, text->text, text->bytes, problems);
    if (document != NULL) {
        document_use(read, document, text, problems);
        xmlFreeDoc(document);
    }
    xmlSetExternalEntityLoader(loader);
    ehr_problem_list_sort(problems);
    if (problems->error_count > errors) {
        ehr_scenario_free(read);
        return EHR_SCENARIO_INVALID;
    }
    *scenario = read;
    return EHR_SCENARIO_OK;
}

enum ehr_scenario_status ehr_scenario_parse(const char *path, const uint8_t *text,
                                            size_t text_bytes, const char *const *sets,
                                            size_t set_count, struct ehr_problem_list *problems,
                                            struct ehr_scenario **scenario)
{
    const struct ehr_scenario_text whole = {path, text, text_bytes, sets, set_count, false};
    return ehr_scenario_text_read(&whole, problems, scenario);
}

enum ehr_scenario_status ehr_scenario_load(const char *path, const char *const *sets,
                                           size_t set_count, struct ehr_problem_list *problems,
                                           struct ehr_scenario **scenario)
{
    *scenario = NULL;
    uint8_t *bytes = NULL;
    size_t count = 0;
    enum ehr_scenario_status status = ehr_scenario_file_read(path, problems, &bytes, &count);
    if (status == EHR_SCENARIO_OK)
        status = ehr_scenario_parse(path, bytes, count, sets, set_count, problems, scenario);
    free(bytes);
    return status;
}

bool ehr_scenario_wheres_hold(const struct ehr_scenario *scenario, const char *const *sets,
                              size_t set_count)
{
    struct ehr_problem_list problems;
    if (scenario->sweep.where_count == 0)
        return true;
    ehr_problem_list_init(&problems);
    xmlDocPtr document =
        ehr_document_read(scenario->file, scenario->raw, scenario->raw_bytes, &problems);
    struct sets all = {.items = sets, .count = set_count};
    if (document != NULL)
        free(document_complete(document, scenario->file, &all, &problems));
    free(all.values);
    bool hold = true;
    for (size_t i = 0; problems.error_count == 0 && hold && i < scenario->sweep.where_count; i++)
        hold = ehr_where_holds(scenario->sweep.wheres[i].test, document);
    xmlFreeDoc(document);
    ehr_problem_list_close(&problems);
    return hold;
}

static void hosts_close(struct ehr_scenario_hosts *hosts)
{
    free(hosts->pattern);
    free(hosts->index);
}

static void hospital_close(struct ehr_scenario_hospital *hospital)
{
    free(hospital->id);
    free(hospital->chain.consensus);
    hosts_close(&hospital->server);
    hosts_close(&hospital->nodes);
    hosts_close(&hospital->doctors);
    hosts_close(&hospital->patients);
}

static void workload_close(struct ehr_scenario_workload *workload)
{
    for (size_t i = 0; i < workload->ordering_count; i++) {
        free(workload->orderings[i].chain);
        ehr_profile_close(&workload->orderings[i].profile);
        hosts_close(&workload->orderings[i].hosts);
    }
    free(workload->orderings);
    free(workload->trace.file);
    ehr_profile_close(&workload->visits.profile);
    ehr_profile_close(&workload->retrievals.profile);
    ehr_profile_close(&workload->shares.profile);
}

static void faults_close(struct ehr_scenario *scenario)
{
    for (size_t i = 0; i < scenario->partition_count; i++) {
        free(scenario->partitions[i].groups);
        free(scenario->partitions[i].group);
    }
    for (size_t i = 0; i < scenario->loss_count; i++) {
        hosts_close(&scenario->losses[i].from);
        hosts_close(&scenario->losses[i].to);
    }
    for (size_t i = 0; i < scenario->delay_count; i++) {
        hosts_close(&scenario->delays[i].from);
        hosts_close(&scenario->delays[i].to);
    }
    for (size_t i = 0; i < scenario->slow_count; i++)
        hosts_close(&scenario->slows[i].host);
    for (size_t i = 0; i < scenario->link_count; i++)
        hosts_close(&scenario->links[i].name);
    free(scenario->partitions);
    free(scenario->losses);
    free(scenario->delays);
    free(scenario->slows);
    free(scenario->links);
}

void ehr_scenario_free(struct ehr_scenario *scenario)
{
    if (scenario == NULL)
        return;
    for (size_t i = 0; i < scenario->hospital_count; i++)
        hospital_close(&scenario->hospitals[i]);
    for (size_t i = 0; i < scenario->hospital_group_count; i++) {
        hospital_close(&scenario->hospital_groups[i].model);
        free(scenario->hospital_groups[i].names);
    }
    for (size_t i = 0; i < scenario->data_user_count; i++) {
        free(scenario->data_users[i].id);
        hosts_close(&scenario->data_users[i].host);
    }
    for (size_t i = 0; i < scenario->crash_count; i++) {
        free(scenario->crashes[i].hospital_id);
        hosts_close(&scenario->crashes[i].host);
    }
    for (size_t i = 0; i < scenario->revoke_count; i++) {
        free(scenario->revokes[i].hospital_id);
        free(scenario->revokes[i].data_user_id);
    }
    workload_close(&scenario->workload);
    faults_close(scenario);
    ehr_sweep_close(&scenario->sweep);
    for (size_t i = 0; i < scenario->byzantine_count; i++) {
        hosts_close(&scenario->byzantines[i].node);
        free(scenario->byzantines[i].victim);
    }
    for (size_t i = 0; i < scenario->override_count; i++) {
        free(scenario->overrides[i].path);
        free(scenario->overrides[i].value);
    }
    hosts_close(&scenario->alliance.nodes);
    free(scenario->alliance.chain.consensus);
    free(scenario->hospitals);
    free(scenario->hospital_groups);
    free(scenario->data_users);
    free(scenario->crashes);
    free(scenario->revokes);
    free(scenario->byzantines);
    free(scenario->overrides);
    free(scenario->crypto.costs_file);
    free(scenario->records.directory);
    free(scenario->platform_file);
    free(scenario->raw);
    free(scenario->file);
    free(scenario->name);
    free(scenario);
}

void ehr_scenario_library_close(void)
{
    xmlCleanupParser();
}
