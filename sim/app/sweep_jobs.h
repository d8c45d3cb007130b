/* The commands of a sweep: one for each run that is missing, and the one that gathers their
 * results. They are lines for sh, with absolute paths, so that they mean the same on every machine
 * that sees the same files. */
#ifndef EHR_APP_SWEEP_JOBS_H
#define EHR_APP_SWEEP_JOBS_H

#include <stddef.h>
#include <stdio.h>

#include "sim/app/sweep_folder.h"

/* `ehrgrid run ...` for every run that is not there; `*count` is their number. EHR_EXIT_INPUT,
 * after a message: a line break in what they name. */
enum ehr_exit ehr_sweep_jobs_write(const struct ehr_sweep_folder *folder, FILE *out, size_t *count);

/* The same as DIR/jobs.txt. */
enum ehr_exit ehr_sweep_jobs_keep(const struct ehr_sweep_folder *folder, size_t *count);

/* What people call the same runs, line by line: "alliance/@batch=10, replication 2", with blanks
 * behind it as for a bar of progress. A file without a name, the caller's; NULL if there is none.
 */
FILE *ehr_sweep_jobs_labels(const struct ehr_sweep_folder *folder);

/* `ehrgrid sweep ... --gather`. */
enum ehr_exit ehr_sweep_jobs_gather_write(const struct ehr_sweep_folder *folder, FILE *out);

#endif /* EHR_APP_SWEEP_JOBS_H */
