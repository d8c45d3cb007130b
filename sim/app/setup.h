/* What a scenario or a deployment names, read and checked: the scenario itself, its table of costs,
 * its records, and its platform, which is loaded into SimGrid. Shared by `run`, `validate`, the
 * plugin and tests of whole runs; it makes no nodes (world.h). */
#ifndef EHR_APP_SETUP_H
#define EHR_APP_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/cost.h"
#include "include/ehrgrid.h"
#include "sim/app/arrivals.h"
#include "sim/records/records.h"
#include "sim/scenario/deployment.h"
#include "sim/scenario/scenario.h"

/* What the command line adds to the scenario. */
struct ehr_setup_request {
    const char *path;        /* of the scenario */
    const char *const *sets; /* PATH=VALUE */
    size_t set_count;
    char *
        *settings; /* "--cfg=KEY:VALUE", "--log=SPEC" for SimGrid, checked before; see request.h */
    size_t setting_count;
    const char *records; /* folder of bundles instead of the scenario's source; NULL: none */
    bool seed_given;
    uint64_t seed;
    bool quiet; /* no warnings and notices */
};

struct ehr_setup {
    struct ehr_scenario *scenario; /* placed */
    struct ehr_cost_table costs;
    struct ehr_record_set records;
    bool from_records;                   /* `records` holds the cases */
    struct ehr_arrivals arrivals;        /* of the trace */
    bool deployed;                       /* by ehr_setup_deploy */
    struct ehr_scenario_engine *engines; /* those that scenarios may name; the scenario borrows */
};

/* Reads everything; problems, all of them, go to stderr. Once per process, as it loads the platform
 * into SimGrid. After anything but EHR_EXIT_DONE the setup is empty. */
enum ehr_exit ehr_setup_open(struct ehr_setup *setup, const struct ehr_setup_request *request)
    __attribute__((warn_unused_result));

/* The same from the actors of a deployment, on a platform that is loaded. The caller's `source`
 * says everything but engines and names of hosts and links; `seats` as of ehr_deployment_read.
 * `problems` may hold some already, and is printed. */
enum ehr_exit ehr_setup_deploy(struct ehr_setup *setup, const struct ehr_deployment_source *source,
                               bool quiet, struct ehr_problem_list *problems,
                               struct ehr_deployment_seat *seats)
    __attribute__((warn_unused_result));

/* Names of the loaded platform's hosts, in its order; the array is the caller's. */
const char **ehr_setup_host_names(uint32_t *count);

/* An empty one is accepted. */
void ehr_setup_close(struct ehr_setup *setup);

#endif /* EHR_APP_SETUP_H */
