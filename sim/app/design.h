/* The design of a sweep: every run of it, with its point, replication, seed and name. Made from the
 * scenario's <sweep> (sim/scenario/sweep.h); it does not run anything.
 * docs/sweeps.md says how seeds come about. */
#ifndef EHR_APP_DESIGN_H
#define EHR_APP_DESIGN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "include/ehrgrid.h"
#include "sim/app/report.h"
#include "sim/app/setup.h"

struct ehr_design_run {
    size_t point;         /* from 0; in design.csv from 1 */
    size_t place;         /* of the point among those of the sweep before <where>, from 0 */
    uint32_t replication; /* from 0 */
    uint64_t seed;
    char run_id[EHR_RUN_ID_BYTES]; /* that `ehrgrid run` will give it */
};

struct ehr_design {
    struct ehr_setup setup; /* the scenario without its sweep */
    const struct ehr_setup_request *request;
    size_t parameter_count;
    struct ehr_design_run *runs; /* by point, then by replication */
    size_t run_count;
    size_t point_count;
    size_t dropped; /* points at which a <where> does not hold */
};

/* Reads the scenario, and again at every point with the values of that point, as `ehrgrid run` with
 * --set would; the nodes are placed wherever the platform is the scenario's own. All problems go to
 * stderr. No point left is a problem, too. `request` is borrowed. After anything but EHR_EXIT_DONE
 * the design is empty. */
enum ehr_exit ehr_design_open(struct ehr_design *design, const struct ehr_setup_request *request)
    __attribute__((warn_unused_result));

/* The same where the setup of `design` is open already, and nothing else but `request` filled in.
 */
enum ehr_exit ehr_design_make(struct ehr_design *design) __attribute__((warn_unused_result));

/* An empty one is accepted. */
void ehr_design_close(struct ehr_design *design);

/* "alliance/@batch". The design's. */
const char *ehr_design_parameter(const struct ehr_design *design, size_t parameter);

/* "10", at the run's point. The design's. */
const char *ehr_design_value(const struct ehr_design *design, const struct ehr_design_run *run,
                             size_t parameter);

/* design.csv: run, point, replication, seed, a column for each parameter, run_id. */
void ehr_design_write(const struct ehr_design *design, FILE *out);

#endif /* EHR_APP_DESIGN_H */
