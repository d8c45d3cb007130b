/* The sweep of a scenario: which parameters take which values, and the points that this makes. It
 * is not the running of them (sim/app/design.h). Every `vary` is an axis, and every `together` is
 * one: its parameters go through their values in step. A point is one value of every axis; the axes
 * are in file order, those of `vary` first, and the last one changes fastest. Without axes there is
 * one point, the scenario itself. Points at which a `where` does not hold are not meant
 * (ehr_scenario_wheres_hold). */
#ifndef EHR_SCENARIO_SWEEP_H
#define EHR_SCENARIO_SWEEP_H

#include <stddef.h>

#define EHR_SWEEP_RUNS_MAX 100000 /* points times replications */

enum ehr_scenario_random {
    EHR_SCENARIO_RANDOM_INDEPENDENT = 1, /* a seed for each point */
    EHR_SCENARIO_RANDOM_COMMON,          /* run.seed at every point */
};

struct ehr_scenario_vary {
    int line;
    char *parameter; /* a path as of --set, without the value */
    char *values;    /* as written: "1,10,100..500 step 100" */
    char **items;    /* one by one, each valid for the parameter; by the check */
    size_t item_count;
};

/* All of `varies` have the same number of items. */
struct ehr_scenario_together {
    int line;
    struct ehr_scenario_vary *varies;
    size_t vary_count;
};

/* A condition that the points have to meet. */
struct ehr_scenario_where {
    int line;
    char *test; /* "alliance/@threshold le alliance/@proxies" */
};

struct ehr_scenario_sweep {
    int line; /* 0: the scenario has none */
    enum ehr_scenario_random random;
    struct ehr_scenario_vary *varies;
    size_t vary_count;
    struct ehr_scenario_together *togethers;
    size_t together_count;
    struct ehr_scenario_where *wheres;
    size_t where_count;
};

/* Before any `where` is asked. At least 1; more than EHR_SWEEP_RUNS_MAX is told as one more than
 * that. */
size_t ehr_sweep_point_count(const struct ehr_scenario_sweep *sweep);

/* Parameters of all axes, in their order. */
size_t ehr_sweep_parameter_count(const struct ehr_scenario_sweep *sweep);
const struct ehr_scenario_vary *ehr_sweep_parameter(const struct ehr_scenario_sweep *sweep,
                                                    size_t parameter);

/* What the parameter is at the point, both counted from 0. The sweep's. */
const char *ehr_sweep_value(const struct ehr_scenario_sweep *sweep, size_t point, size_t parameter);

/* Frees what the sweep owns. */
void ehr_sweep_close(struct ehr_scenario_sweep *sweep);

#endif /* EHR_SCENARIO_SWEEP_H */
