#include "sim/scenario/problem.h"

#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

void ehr_problem_list_init(struct ehr_problem_list *list)
{
    *list = (struct ehr_problem_list){0};
}

static void problem_close(struct ehr_problem *problem)
{
    free(problem->file);
    free(problem->what);
    free(problem->found);
    free(problem->allowed);
}

void ehr_problem_list_close(struct ehr_problem_list *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        problem_close(&list->items[i]);
    free(list->items);
    ehr_problem_list_init(list);
}

static char *one_line(const char *text)
{
    char *copy = ehr_scenario_text_copy(text);
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return copy;
}

void ehr_problem_list_add(struct ehr_problem_list *list, bool warning, const char *file, int line,
                          const char *what, const char *found, const char *allowed)
{
    list->items =
        ehr_scenario_array_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = (struct ehr_problem){
        .file = one_line(file),
        .line = line,
        .what = one_line(what),
        .found = one_line(found),
        .allowed = one_line(allowed),
        .warning = warning,
    };
    if (!warning)
        list->error_count++;
}

static int problem_compare(const void *left, const void *right)
{
    const struct ehr_problem *a = left;
    const struct ehr_problem *b = right;
    int order = strcmp(a->file, b->file);
    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    if (order == 0)
        order = strcmp(a->what, b->what);
    if (order == 0)
        order = strcmp(a->found, b->found);
    if (order == 0)
        order = strcmp(a->allowed, b->allowed);
    return order != 0 ? order : (int)a->warning - (int)b->warning;
}

void ehr_problem_list_sort(struct ehr_problem_list *list)
{
    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof(*list->items), problem_compare);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++) {
        if (problem_compare(&list->items[kept - 1], &list->items[i]) != 0) {
            list->items[kept++] = list->items[i];
            continue;
        }
        list->error_count -= !list->items[i].warning;
        problem_close(&list->items[i]);
    }
    list->count = kept;
}

void ehr_problem_list_write(const struct ehr_problem_list *list, FILE *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct ehr_problem *problem = &list->items[i];
        fputs(problem->file, out);
        if (problem->line > 0)
            fprintf(out, ":%d", problem->line);
        fprintf(out, ": %s%s: %s: %s\n", problem->warning ? "warning: " : "", problem->what,
                problem->found, problem->allowed);
    }
}
