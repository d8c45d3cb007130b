/* Arrivals from a file: a CSV with a request in each row becomes events of the workload. It says
 * nothing about what a request does. Format: docs/formats/arrivals.md; requests.csv of a run is one
 * of these. */
#ifndef EHR_APP_ARRIVALS_H
#define EHR_APP_ARRIVALS_H

#include <stddef.h>
#include <stdint.h>

#include "actors/workload_event.h"
#include "sim/scenario/scenario.h"

/* 24 bytes a row are kept, and nothing else of the file. */
struct ehr_arrivals {
    struct ehr_workload_event *events; /* ascending in time; ordering: `who` is the number of the
                                        * <ordering> element */
    size_t count;
};

/* Reads `path` for the scenario; `patients` says how many each hospital has. Adds everything that
 * is wrong to `problems`, up to the hundredth mistake, and as warnings what is left out. INVALID
 * and ENVIRONMENT leave `arrivals` empty. */
enum ehr_scenario_status ehr_arrivals_load(struct ehr_arrivals *arrivals, const char *path,
                                           const struct ehr_scenario *scenario,
                                           const uint32_t *patients,
                                           struct ehr_problem_list *problems)
    __attribute__((warn_unused_result));

/* An empty one is accepted. */
void ehr_arrivals_close(struct ehr_arrivals *arrivals);

#endif /* EHR_APP_ARRIVALS_H */
