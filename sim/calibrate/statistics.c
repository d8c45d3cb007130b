#include "sim/calibrate/statistics.h"

#include <assert.h>
#include <stdlib.h>

enum { POINTS_MAX = 8 };

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* `part` of the way from the least to the greatest, in quarters. */
static double quantile(const double *sorted, size_t count, unsigned quarters)
{
    size_t scaled = (count - 1) * quarters, at = scaled / 4;
    double rest = (double)(scaled % 4) / 4;
    return rest == 0 ? sorted[at] : sorted[at] + rest * (sorted[at + 1] - sorted[at]);
}

struct ehr_quartiles ehr_quartiles_of(double *values, size_t count)
{
    assert(count >= 1);
    qsort(values, count, sizeof *values, compare);
    return (struct ehr_quartiles){quantile(values, count, 1), quantile(values, count, 2),
                                  quantile(values, count, 3)};
}

struct ehr_line ehr_line_fit(const double *x, const double *y, size_t count)
{
    double slopes[POINTS_MAX * (POINTS_MAX - 1) / 2] = {0};
    size_t pairs = 0;
    assert(count >= 2 && count <= POINTS_MAX);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            assert(x[j] > x[i]);
            slopes[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
        }
    double slope = ehr_quartiles_of(slopes, pairs).median;
    return (struct ehr_line){.base = y[0] - slope * x[0], .slope = slope};
}
