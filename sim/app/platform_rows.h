/* The table of the options of `ehrgrid platform import`, `regions` and `generate`: how each is
 * called, explained and read, and where it goes. Internal to sim/app. */
#ifndef EHR_APP_PLATFORM_ROWS_H
#define EHR_APP_PLATFORM_ROWS_H

#include <stddef.h>

#include "sim/app/options.h"
#include "sim/app/platform_options.h"

enum ehr_platform_kind {
    EHR_PLATFORM_HEADING = 0, /* no option */
    EHR_PLATFORM_FLAG,
    EHR_PLATFORM_TEXT,
    EHR_PLATFORM_FILE,  /* a text of which the comment in front has the last part */
    EHR_PLATFORM_OUT,   /* a text of which it has nothing */
    EHR_PLATFORM_QUIET, /* a flag of which it has nothing */
    EHR_PLATFORM_NAME,
    EHR_PLATFORM_NAMES,
    EHR_PLATFORM_COUNT, /* unsigned, `least` to `most` */
    EHR_PLATFORM_FACTOR,
    EHR_PLATFORM_TIME,
    EHR_PLATFORM_BANDWIDTH,
    EHR_PLATFORM_HOSPITALS, /* as a count; not in the options */
    EHR_PLATFORM_ROUTING,
    EHR_PLATFORM_STATISTIC,
    EHR_PLATFORM_DIRECTIONS,
    EHR_PLATFORM_UNPLACED,
};

struct ehr_platform_row {
    const char *name;
    unsigned verbs; /* of enum ehr_platform_verb */
    enum ehr_platform_kind kind;
    size_t offset; /* in struct ehr_platform_options */
    unsigned least, most;
    const char *argument, *help; /* as of struct ehr_option */
};

/* By the id of an option. */
const struct ehr_platform_row *ehr_platform_row(int id);

/* Rows of the verb, in the order of its help, ended by one of zeros. Static. */
const struct ehr_option *ehr_platform_rows(enum ehr_platform_verb verb);

#endif /* EHR_APP_PLATFORM_ROWS_H */
