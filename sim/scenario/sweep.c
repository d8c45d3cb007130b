#include "sim/scenario/sweep.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

static size_t axis_count(const struct ehr_scenario_sweep *sweep)
{
    return sweep->vary_count + sweep->together_count;
}

/* The parameters of an axis, of which there is at least one in a checked sweep. */
static const struct ehr_scenario_vary *axis_varies(const struct ehr_scenario_sweep *sweep,
                                                   size_t axis, size_t *count)
{
    if (axis < sweep->vary_count) {
        *count = 1;
        return &sweep->varies[axis];
    }
    const struct ehr_scenario_together *together = &sweep->togethers[axis - sweep->vary_count];
    *count = together->vary_count;
    return together->varies;
}

static size_t axis_length(const struct ehr_scenario_sweep *sweep, size_t axis)
{
    size_t count;
    const struct ehr_scenario_vary *varies = axis_varies(sweep, axis, &count);
    return count > 0 ? varies[0].item_count : 0;
}

size_t ehr_sweep_point_count(const struct ehr_scenario_sweep *sweep)
{
    size_t points = 1;
    for (size_t axis = 0; axis < axis_count(sweep); axis++) {
        size_t length = axis_length(sweep, axis);
        if (length == 0)
            return 0;
        if (length > EHR_SWEEP_RUNS_MAX / points)
            return EHR_SWEEP_RUNS_MAX + 1;
        points *= length;
    }
    return points;
}

size_t ehr_sweep_parameter_count(const struct ehr_scenario_sweep *sweep)
{
    size_t parameters = sweep->vary_count;
    for (size_t i = 0; i < sweep->together_count; i++)
        parameters += sweep->togethers[i].vary_count;
    return parameters;
}

/* The axis of a parameter, and the parameter itself. */
static const struct ehr_scenario_vary *parameter_find(const struct ehr_scenario_sweep *sweep,
                                                      size_t parameter, size_t *axis)
{
    for (*axis = 0; *axis < axis_count(sweep); ++*axis) {
        size_t count;
        const struct ehr_scenario_vary *varies = axis_varies(sweep, *axis, &count);
        if (parameter < count)
            return &varies[parameter];
        parameter -= count;
    }
    assert(false); /* the caller counts from ehr_sweep_parameter_count */
    return NULL;
}

const struct ehr_scenario_vary *ehr_sweep_parameter(const struct ehr_scenario_sweep *sweep,
                                                    size_t parameter)
{
    size_t axis;
    return parameter_find(sweep, parameter, &axis);
}

const char *ehr_sweep_value(const struct ehr_scenario_sweep *sweep, size_t point, size_t parameter)
{
    size_t axis;
    const struct ehr_scenario_vary *vary = parameter_find(sweep, parameter, &axis);
    for (size_t later = axis_count(sweep); later-- > axis + 1;) { /* they change faster */
        size_t length = axis_length(sweep, later);
        assert(length > 0);
        point /= length;
    }
    return vary->items[point % vary->item_count];
}

static void varies_close(struct ehr_scenario_vary *varies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < varies[i].item_count; k++)
            free(varies[i].items[k]);
        free(varies[i].items);
        free(varies[i].parameter);
        free(varies[i].values);
    }
    free(varies);
}

void ehr_sweep_close(struct ehr_scenario_sweep *sweep)
{
    varies_close(sweep->varies, sweep->vary_count);
    for (size_t i = 0; i < sweep->together_count; i++)
        varies_close(sweep->togethers[i].varies, sweep->togethers[i].vary_count);
    free(sweep->togethers);
    for (size_t i = 0; i < sweep->where_count; i++)
        free(sweep->wheres[i].test);
    free(sweep->wheres);
    *sweep = (struct ehr_scenario_sweep){0};
}
