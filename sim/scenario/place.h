/* Resolving names and patterns against the platform; for the files that place parts of a scenario.
 * Internal to sim/scenario. */
#ifndef EHR_SCENARIO_PLACE_H
#define EHR_SCENARIO_PLACE_H

#include "sim/scenario/scenario.h"

struct ehr_placement {
    struct ehr_scenario *scenario;
    const char *noun; /* "host": what the names are of */
    const char *const *names;
    size_t count;
    size_t told;         /* of them: what messages count */
    const char **sorted; /* the same names, for exact ones */
    bool *taken;         /* by the attribute being resolved */
    bool quiet;          /* nothing more is said, though something may be wrong */
    struct ehr_problem_list *problems;
};

void ehr_placement_open(struct ehr_placement *placement, struct ehr_scenario *scenario,
                        const char *noun, const char *const *names, size_t count,
                        struct ehr_problem_list *problems);
void ehr_placement_close(struct ehr_placement *placement);

void ehr_placement_refuse(struct ehr_placement *placement, int line, const char *what,
                          const char *found, const char *allowed);

/* Fills in index and count, unless a deployment has. False after a problem: what depends on the
 * number of hosts is then not worth checking. */
bool ehr_placement_hosts(struct ehr_placement *placement, const char *what,
                         struct ehr_scenario_hosts *hosts);

/* place_faults.c: hosts of partitions, losses, delays and slow hosts. */
void ehr_placement_faults(struct ehr_placement *placement);

/* byzantine.c: hosts of Byzantine nodes; and, where all is well so far, whether chain nodes run
 * there, how many of a committee they are, and who their victims are. After all committees. */
void ehr_placement_byzantine(struct ehr_placement *placement);

#endif /* EHR_SCENARIO_PLACE_H */
