/* Checks of what was read that need no platform; for the files that check parts of a scenario.
 * Internal to sim/scenario. */
#ifndef EHR_SCENARIO_CHECK_H
#define EHR_SCENARIO_CHECK_H

#include "sim/scenario/reader.h"

struct ehr_check {
    xmlDocPtr document;
    struct ehr_scenario *scenario;
    struct ehr_problem_list *problems;
    size_t read_count; /* problems of the reader: elements on their lines are skipped */
};

void ehr_check_add(struct ehr_check *check, bool warning, int line, const char *what,
                   const char *found, const char *allowed);
bool ehr_check_is_sound(const struct ehr_check *check, int line);

/* The line of the element `name` in `parent` (NULL: in the scenario), which may stand once; of what
 * is around it if it is not there. */
int ehr_check_line(const struct ehr_check *check, const char *parent, const char *name);

/* check_workload.c: visits, retrievals, shares, revocations; a profile needs a rate. */
void ehr_check_workload(struct ehr_check *check);
void ehr_check_profile(struct ehr_check *check, int line, const char *what,
                       const struct ehr_scenario_profile *profile, double rate_per_s);

/* check_groups.c: ids, and whether there are as many names as members. */
void ehr_check_ids(struct ehr_check *check);
void ehr_check_groups(struct ehr_check *check);

/* Whether every group has its members, so that a hospital that is not found is not there. */
bool ehr_check_groups_are_whole(const struct ehr_check *check);

/* check_faults.c: partitions, losses, delays, slow hosts, changed links, Byzantine nodes. */
void ehr_check_faults(struct ehr_check *check);

/* check_sweep.c: parameters and values of the sweep, which it makes the items of. */
void ehr_check_sweep(struct ehr_check *check);

/* check_ordering.c: raw requests, and what else there has to be. Also takes visits out that nobody
 * asked for. */
void ehr_check_ordering(struct ehr_check *check);

#endif /* EHR_SCENARIO_CHECK_H */
