/* What the tests of sim/platform share: options with round figures, problems as text. */
#ifndef EHR_TESTS_PLATFORM_MAKE_H
#define EHR_TESTS_PLATFORM_MAKE_H

#include "sim/platform/hospitals.h"
#include "sim/platform/import.h"
#include "sim/platform/regions.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline char *problems_text(const struct ehr_problem_list *problems)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    ehr_problem_list_write(problems, out);
    fclose(out);
    return text;
}

/* The problems are exactly these lines; closes the list. */
static inline bool problems_are(struct ehr_problem_list *problems, const char *expected)
{
    ehr_problem_list_sort(problems);
    char *text = problems_text(problems);
    bool equal = strcmp(text, expected) == 0;
    if (!equal)
        fprintf(stderr, "found:\n%sexpected:\n%s", text, expected);
    free(text);
    ehr_problem_list_close(problems);
    return equal;
}

static inline struct ehr_import_options import_options(void)
{
    return (struct ehr_import_options){
        .route_factor = 1.5,
        .latency_min_ns = 50000,
        .default_bytes_per_s = 1250000000,
        .lan_latency_ns = 100000,
        .lan_bytes_per_s = 125000000,
    };
}

#endif /* EHR_TESTS_PLATFORM_MAKE_H */
