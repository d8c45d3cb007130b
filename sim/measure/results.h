/*
 * The result folder of a run: reserved before the run, filled and given its name when whole.
 * It is not the measuring itself (measure.h). Files and columns: docs/formats/.
 *
 * Until ehr_results_commit, everything lies in a folder `DIR.<pid>.tmp` beside the target. Whatever
 * goes wrong, no folder with the target's name appears and the temporary one is removed.
 */
#ifndef EHR_MEASURE_RESULTS_H
#define EHR_MEASURE_RESULTS_H

#include <stdio.h>

/* How an operation on files ended; the command maps BAD_INPUT to exit 2, ENVIRONMENT to exit 3. */
enum ehr_measure_status {
    EHR_MEASURE_INVALID = 0,
    EHR_MEASURE_DONE,
    EHR_MEASURE_BAD_INPUT,   /* a folder that exists or is missing, a malformed file */
    EHR_MEASURE_ENVIRONMENT, /* disk full, no permission, a program that is not installed */
};

/* What went wrong, for people: names the file and the system's reason. No line break at the end. */
struct ehr_measure_error {
    char text[1024];
};

#define EHR_MEASURE_MUST_CHECK __attribute__((warn_unused_result))

struct ehr_results;

/* Reserves `dir` (which must not exist; missing parents are made) and stores the handle in
 * `*results`; free it with ehr_results_free. Call before the run starts, so that a run is not lost
 * to a folder that exists (BAD_INPUT) or cannot be written (ENVIRONMENT). On an error `*results`
 * is NULL. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_results_new(struct ehr_results **results, const char *dir,
                                        struct ehr_measure_error *error);

/* Opens a file of the folder for writing, `name` without a slash. NULL and `error` when it cannot
 * be made. Close it with ehr_results_file_close and nothing else. */
EHR_MEASURE_MUST_CHECK
FILE *ehr_results_file_open(struct ehr_results *results, const char *name,
                            struct ehr_measure_error *error);

/* Flushes to the disk and closes; reports any error since the file was opened. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_results_file_close(struct ehr_results *results, FILE *file,
                                               const char *name, struct ehr_measure_error *error);

/* A scratch file without a name, for reading and writing: in the folder, so that what is too much
 * for its disk is found out early; `results` NULL: in TMPDIR, or /tmp. Returns a descriptor, to be
 * closed, or -1 with `error`. */
EHR_MEASURE_MUST_CHECK
int ehr_results_scratch(struct ehr_results *results, struct ehr_measure_error *error);

/* Gives the folder its name. On an error nothing is left once ehr_results_free is called. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_results_commit(struct ehr_results *results,
                                           struct ehr_measure_error *error);

/* Removes what was written, unless it was committed. Accepts NULL. */
void ehr_results_free(struct ehr_results *results);

/* Frees the folder that was reserved last, if there is one: for a program that ends at once. */
void ehr_results_abandon(void);

#endif /* EHR_MEASURE_RESULTS_H */
