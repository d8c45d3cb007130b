/*
 * Temporary folders of plain files. Not for folders that others write to. Internal to sim/measure
 * and sim/figures.
 */
#ifndef EHR_MEASURE_FOLDER_H
#define EHR_MEASURE_FOLDER_H

#include "sim/measure/results.h"

/* Makes a folder `<base>.<pid>-<n>.tmp` and stores its path, to be freed, in `*path`; NULL on an
 * error. */
EHR_MEASURE_MUST_CHECK
enum ehr_measure_status ehr_folder_make_temporary(char **path, const char *base,
                                                  struct ehr_measure_error *error);

/* Removes the folder and the plain files in it, as far as possible. */
void ehr_folder_remove(const char *path);

#endif /* EHR_MEASURE_FOLDER_H */
