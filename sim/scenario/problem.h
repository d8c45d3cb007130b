/* A list of everything that is wrong with an input file, each as
 * `file:line: what: found: allowed`; it does not decide what is wrong.
 * Format: docs/formats/scenario.md. */
#ifndef EHR_SCENARIO_PROBLEM_H
#define EHR_SCENARIO_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ehr_problem {
    char *file;    /* as the user named it */
    int line;      /* end of the start tag; 0 = not tied to a line */
    char *what;    /* element or attribute: "alliance/@batch" */
    char *found;   /* the value as written */
    char *allowed; /* what would have been accepted */
    bool warning;  /* the scenario runs in spite of it */
};

struct ehr_problem_list {
    struct ehr_problem *items;
    size_t count;
    size_t capacity;
    size_t error_count; /* items that are not warnings */
};

void ehr_problem_list_init(struct ehr_problem_list *list);

/* Frees what the list owns; accepts NULL. */
void ehr_problem_list_close(struct ehr_problem_list *list);

/* Appends a problem; the texts are copied. Control characters in them are replaced by '?', so that
 * a problem always prints as one line. There is no limit on the number. */
void ehr_problem_list_add(struct ehr_problem_list *list, bool warning, const char *file, int line,
                          const char *what, const char *found, const char *allowed);

/* Orders by file and line, then by text, and drops what is said twice. */
void ehr_problem_list_sort(struct ehr_problem_list *list);

/* One line each: `file:line: what: found: allowed`, warnings with `warning: ` before `what`;
 * `:line` is left out where line is 0. */
void ehr_problem_list_write(const struct ehr_problem_list *list, FILE *out);

#endif /* EHR_SCENARIO_PROBLEM_H */
