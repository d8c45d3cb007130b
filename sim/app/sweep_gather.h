/* The results of a sweep in one table: DIR/summary.csv, a row for each run that is there, in the
 * order of the design, with the parameters before what the run's own summary.csv says.
 * docs/sweeps.md has the columns. */
#ifndef EHR_APP_SWEEP_GATHER_H
#define EHR_APP_SWEEP_GATHER_H

#include <stddef.h>

#include "sim/app/sweep_folder.h"

struct ehr_sweep_tally {
    size_t there;   /* runs with results; of these */
    size_t wrong;   /* ended wrongly; */
    size_t missing; /* and those without */
};

/* Writes the table, replacing one that is there, unless no run has results; and tells on stderr
 * which runs failed. */
enum ehr_exit ehr_sweep_gather(const struct ehr_sweep_folder *folder,
                               struct ehr_sweep_tally *tally);

#endif /* EHR_APP_SWEEP_GATHER_H */
