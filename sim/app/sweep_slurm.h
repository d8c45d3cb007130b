/* A sweep as jobs of Slurm (https://slurm.schedmd.com): an array, each task of which runs a pack of
 * the lines of DIR/jobs.txt by GNU parallel on its node, and a job after it that writes
 * DIR/summary.csv. When and where they run is Slurm's; the folder and this program have to be
 * visible under the same paths on the nodes. */
#ifndef EHR_APP_SWEEP_SLURM_H
#define EHR_APP_SWEEP_SLURM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/app/sweep_folder.h"

struct ehr_sweep_slurm {
    uint32_t at_once;           /* runs of a task at a time, and its processors; at least 1 */
    uint32_t pack;              /* runs of a task; 0: as many as make at most 100 tasks */
    const char *const *options; /* for sbatch: "--time=1:00:00" */
    size_t option_count;
    bool quiet;
};

/* Whether sbatch is there; else EHR_EXIT_ENVIRONMENT, after a message. */
enum ehr_exit ehr_sweep_slurm_check(void);

/* EHR_EXIT_INPUT, after a message: Slurm would misread the folder's path. */
enum ehr_exit ehr_sweep_slurm_path_check(const struct ehr_sweep_folder *folder);

/* EHR_EXIT_INPUT, after a message, while an array that was submitted for this folder waits or
 * runs. */
enum ehr_exit ehr_sweep_slurm_idle(const struct ehr_sweep_folder *folder);

/* What ehr_sweep_slurm_submit would write and run for `count` lines of jobs.txt. */
enum ehr_exit ehr_sweep_slurm_print(const struct ehr_sweep_slurm *slurm,
                                    const struct ehr_sweep_folder *folder, size_t count, FILE *out);

/* Writes DIR/slurm.sh and DIR/slurm-gather.sh and submits them; the numbers of the jobs are kept in
 * DIR/slurm/jobs and printed. `count` > 0 lines of jobs.txt are there. */
enum ehr_exit ehr_sweep_slurm_submit(const struct ehr_sweep_slurm *slurm,
                                     const struct ehr_sweep_folder *folder, size_t count);

#endif /* EHR_APP_SWEEP_SLURM_H */
