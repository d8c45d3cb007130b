/* What the comment in front of a platform says: what it models, where each figure comes from,
 * units. One paragraph a line, for ehr_markup_head. */
#ifndef EHR_PLATFORM_DESCRIBE_H
#define EHR_PLATFORM_DESCRIBE_H

#include "sim/platform/hospitals.h"
#include "sim/platform/import.h"
#include "sim/platform/regions.h"

/* What the user says of it; either may be NULL. */
struct ehr_describe_words {
    const char *title;  /* what it models */
    const char *source; /* where the input file comes from */
};

/* All texts are the caller's. */
char *ehr_describe_import(const struct ehr_graph *graph, const struct ehr_import_options *options,
                          const struct ehr_map *map, const struct ehr_map_hosts *hosts,
                          const struct ehr_describe_words *words);

char *ehr_describe_regions(const struct ehr_matrix *matrix,
                           const struct ehr_regions_options *options, const char *statistic,
                           const struct ehr_map *map, const struct ehr_map_hosts *hosts,
                           const struct ehr_describe_words *words);

/* `ground`: what was said of what they hang on, or NULL. */
char *ehr_describe_hospitals(const struct ehr_hospitals_options *options, const char *ground,
                             const struct ehr_describe_words *words);

#endif /* EHR_PLATFORM_DESCRIBE_H */
