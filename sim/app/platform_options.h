/* The options of `ehrgrid platform import`, `regions` and `generate`, with their defaults and the
 * units they carry. Internal to sim/app. */
#ifndef EHR_APP_PLATFORM_OPTIONS_H
#define EHR_APP_PLATFORM_OPTIONS_H

#include "include/ehrgrid.h"
#include "sim/app/options.h"
#include "sim/platform/describe.h"

enum ehr_platform_verb {
    EHR_PLATFORM_IMPORT = 1U << 0,
    EHR_PLATFORM_REGIONS = 1U << 1,
    EHR_PLATFORM_GENERATE = 1U << 2,
};

struct ehr_platform_options {
    enum ehr_platform_verb verb;
    const struct ehr_usage *usage;
    char *command; /* as it was given, files without their folders; without --out and --quiet */
    bool json, quiet;
    const char *file; /* import: the graph */
    const char *out, *matrix, *on;
    struct ehr_describe_words words;
    const char *name; /* of the outermost zone; NULL: by default */
    struct ehr_map_hosts hosts;
    struct ehr_import_options import;
    struct ehr_regions_options regions;
    struct ehr_names regions_wanted;
    enum ehr_matrix_statistic statistic;
    const char *statistic_text;
    struct ehr_hospitals_options hospitals;
};

/* Static. */
const struct ehr_usage *ehr_platform_usage(enum ehr_platform_verb verb);

/* As ehr_options_read; the caller closes in any case. Texts of argv are borrowed. */
bool ehr_platform_options_read(struct ehr_platform_options *options, enum ehr_platform_verb verb,
                               int argc, char **argv, enum ehr_exit *status);

void ehr_platform_options_close(struct ehr_platform_options *options);

#endif /* EHR_APP_PLATFORM_OPTIONS_H */
