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

/* The same without a change to anything, nor a lock: the folder need not be there; if it is, it
 * has to be expected (`exists`), and to hold no other sweep. */
enum ehr_exit ehr_sweep_folder_look(struct ehr_sweep_folder *folder,
                                    const struct ehr_design *design, const char *path, bool exists);

void ehr_sweep_folder_close(struct ehr_sweep_folder *folder);

/* Whether a design is there. */
bool ehr_sweep_folder_begun(const struct ehr_sweep_folder *folder);

/* The folder of a run, a new text. */
char *ehr_sweep_folder_run(const struct ehr_sweep_folder *folder, const struct ehr_design_run *run);

bool ehr_sweep_folder_has(const struct ehr_sweep_folder *folder, const struct ehr_design_run *run);

/* Removes what runs left that were killed. */
void ehr_sweep_folder_clean(const struct ehr_sweep_folder *folder);

#endif /* EHR_APP_SWEEP_FOLDER_H */
