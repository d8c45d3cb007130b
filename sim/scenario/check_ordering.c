/* Raw requests, and what else there has to be when they are all that is asked for. */
#include "sim/scenario/check.h"

#include "sim/scenario/document.h"
#include "sim/scenario/memory.h"

#include <string.h>

static const xmlNode *child_find(const xmlNode *parent, const char *name)
{
    const xmlNode *node = parent != NULL ? parent->children : NULL;
    while (node != NULL &&
           (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, name) != 0))
        node = node->next;
    return node;
}

static void chain_find(struct ehr_check *check, struct ehr_scenario_ordering *ordering)
{
    const struct ehr_scenario *scenario = check->scenario;
    if (ordering->chain == NULL || strcmp(ordering->chain, "alliance") == 0)
        return;
    for (size_t h = 0; h < scenario->hospital_count; h++) {
        const char *id = scenario->hospitals[h].id;
        if (id != NULL && strcmp(id, ordering->chain) == 0)
            ordering->number = (uint32_t)h + 1;
    }
    if (ordering->number == 0 && ehr_check_groups_are_whole(check))
        ehr_check_add(check, false, ordering->line, "workload/ordering/@chain", ordering->chain,
                      "alliance, or the id of a hospital of the scenario");
}

static void ordering_check(struct ehr_check *check, struct ehr_scenario_ordering *ordering)
{
    if (!ehr_check_is_sound(check, ordering->line))
        return;
    chain_find(check, ordering);
    if (ordering->rate_per_s > 0 && ordering->outstanding > 1)
        ehr_check_add(check, false, ordering->line, "workload/ordering/@outstanding",
                      "given together with rate",
                      "either rate (an open loop) or outstanding (a closed one)");
    if (ordering->rate_per_s <= 0 && ordering->outstanding == 0 && ordering->requests > 0)
        ehr_check_add(check, false, ordering->line, "workload/ordering/@requests",
                      "given with outstanding 0",
                      "a rate or an outstanding above 0 that asks for them, or no requests");
    if (ordering->rate_per_s <= 0 && ordering->arrivals != EHR_SCENARIO_ARRIVALS_POISSON)
        ehr_check_add(check, false, ordering->line, "workload/ordering/@arrivals",
                      "given without rate", "a rate (an open loop), or no arrivals");
    ehr_check_profile(check, ordering->line, "workload/ordering/@profile", &ordering->profile,
                      ordering->rate_per_s);
    if (ordering->requests > 0 && ordering->requests < ordering->clients)
        ehr_check_add(check, false, ordering->line, "workload/ordering/@requests",
                      "fewer than clients", "at least one for each client, or 0: until duration");
}

bool ehr_scenario_has_visits(const struct ehr_scenario *scenario)
{
    const struct ehr_scenario_workload *workload = &scenario->workload;
    return workload->visits.rate_per_s > 0 || workload->visits.count > 0 ||
           workload->retrievals.probability > 0 || workload->retrievals.rate_per_s > 0 ||
           workload->retrievals.count > 0 || workload->shares.rate_per_s > 0 ||
           workload->shares.count > 0 ||
           (workload->trace.file != NULL && scenario->hospital_count > 0) ||
           scenario->records.source == EHR_SCENARIO_SOURCE_DIRECTORY;
}

void ehr_check_ordering(struct ehr_check *check)
{
    struct ehr_scenario *scenario = check->scenario;
    struct ehr_scenario_workload *workload = &scenario->workload;
    const xmlNode *root = xmlDocGetRootElement(check->document);
    for (size_t i = 0; i < workload->ordering_count; i++)
        ordering_check(check, &workload->orderings[i]);
    /* Visits have a rate by default, but whoever asks for raw requests or has a trace did not mean
     * that. */
    bool other = workload->ordering_count > 0 || workload->trace.file != NULL;
    if (other && child_find(child_find(root, "workload"), "visits") == NULL)
        workload->visits.rate_per_s = 0;
    if (scenario->hospital_count == 0 && ehr_check_groups_are_whole(check) &&
        (workload->ordering_count == 0 || ehr_scenario_has_visits(scenario)))
        ehr_check_add(check, false, ehr_document_line(root), "scenario", "no element hospital",
                      "at least one; none only where ordering is all that the workload asks for");
}
