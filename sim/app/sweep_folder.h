/* The folder of a sweep: DIR/design.csv, DIR/jobs.txt, DIR/joblog.tsv, DIR/runs/RUNID/. A run is
 * there when its folder is, as folders of runs appear whole. */
#ifndef EHR_APP_SWEEP_FOLDER_H
#define EHR_APP_SWEEP_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "include/ehrgrid.h"
#include "sim/app/design.h"

struct ehr_sweep_folder {
    const struct ehr_design *design; /* borrowed */
    char *path;                      /* absolute */
    int lock;                        /* -1: none */
};

/* Makes the folder and writes design.csv into it; or, to resume, takes one that is there, whose
 * design is the same. Waits while runs of a killed sweep are still under way in it, and removes
 * what they left half done. EHR_EXIT_INPUT: it exists; it holds another sweep. Messages go to
 * stderr. Close in any case. */
enum ehr_exit ehr_sweep_folder_open(struct ehr_sweep_folder *folder,
                                    const struct ehr_design *design, const char *path, bool resume);
void ehr_sweep_folder_close(struct ehr_sweep_folder *folder);

/* The folder of a run, a new text. */
char *ehr_sweep_folder_run(const struct ehr_sweep_folder *folder, const struct ehr_design_run *run);

bool ehr_sweep_folder_has(const struct ehr_sweep_folder *folder, const struct ehr_design_run *run);

/* Removes what runs left that were killed. */
void ehr_sweep_folder_clean(const struct ehr_sweep_folder *folder);

/* Writes jobs.txt, a shell command for every run that is not there; `*count` is their number. */
enum ehr_exit ehr_sweep_folder_jobs(const struct ehr_sweep_folder *folder, size_t *count);

#endif /* EHR_APP_SWEEP_FOLDER_H */
