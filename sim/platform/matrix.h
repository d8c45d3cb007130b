/* A table of round trips between regions, from measurements: what a map of regions is made of. */
#ifndef EHR_PLATFORM_MATRIX_H
#define EHR_PLATFORM_MATRIX_H

#include "sim/platform/names.h"
#include "sim/scenario/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EHR_MATRIX_REGIONS_MAX = 200 };

#define EHR_MATRIX_MISSING UINT64_MAX
#define EHR_MATRIX_MS_MAX  1e6

enum ehr_matrix_statistic { EHR_MATRIX_MIN = 1, EHR_MATRIX_AVG, EHR_MATRIX_MAX };

struct ehr_matrix {
    char *file;
    struct ehr_names regions; /* as the file calls them, in its order */
    uint64_t *rtt_ns;         /* [from * count + to], EHR_MATRIX_MISSING where nothing is said */
};

/* Reads `path`, one of three forms:
 *  - a folder of files <region>.dat, sorted by name, with lines min/avg/max/mdev:region: pings from
 *    <region>, ms, of which `statistic` is taken;
 *  - CSV with the columns from, to, rtt_ms;
 *  - CSV whose first header cell is rtt_ms and the others regions: a row per region, "" or "-"
 * where nothing is known. False after adding every problem that was found; a file that cannot be
 * read is one, too. The caller closes in any case. */
bool ehr_matrix_read(const char *path, enum ehr_matrix_statistic statistic,
                     struct ehr_problem_list *problems, struct ehr_matrix *matrix);

void ehr_matrix_close(struct ehr_matrix *matrix); /* accepts NULL */

/* Milliseconds, 0 to EHR_MATRIX_MS_MAX, to nanoseconds; false: something else. */
bool ehr_matrix_ms_parse(const char *text, uint64_t *ns);

/* For the readers: the region of that name, or EHR_MATRIX_REGIONS_MAX. */
size_t ehr_matrix_region(const struct ehr_matrix *matrix, const char *name);
/* All entries missing, after the regions are known. */
void ehr_matrix_clear(struct ehr_matrix *matrix);
bool ehr_matrix_pings_read(const char *folder, enum ehr_matrix_statistic statistic,
                           struct ehr_problem_list *problems, struct ehr_matrix *matrix);

#endif /* EHR_PLATFORM_MATRIX_H */
