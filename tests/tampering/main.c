/* tampering [--out FOLDER] CASE [FIDELITY [PATH=VALUE ...]]: one case, one run under these
 * overrides of the scenario; its results in a new folder. tampering --cases [NAME...]: whether
 * these are all; without names, which there are. */
#include <stdio.h>
#include <string.h>

#include "tests/tampering/tamper.h"

static const struct tamper_case *const tables[] = {
    tamper_cases_party, tamper_cases_visit, tamper_cases_read,    tamper_cases_share,
    tamper_cases_brief, tamper_cases_chain, tamper_cases_replica, tamper_cases_evidence};

static const struct tamper_case *case_find(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct tamper_case *at = tables[i]; at->name != NULL; at++)
            if (strcmp(at->name, name) == 0)
                return at;
    return NULL;
}

static bool is_named(int count, char **names, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int cases_list(void)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct tamper_case *at = tables[i]; at->name != NULL; at++)
            puts(at->name);
    return 0;
}

/* The tests registered with CTest are those that there are. */
static int cases_compare(int count, char **names)
{
    int missing = 0;
    for (int i = 0; i < count; i++)
        if (case_find(names[i]) == NULL)
            missing += printf("no case %s\n", names[i]) > 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct tamper_case *at = tables[i]; at->name != NULL; at++)
            if (!is_named(count, names, at->name))
                missing += printf("%s is no test\n", at->name) > 0;
    return missing > 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--cases") == 0)
        return cases_list();
    if (argc > 1 && strcmp(argv[1], "--cases") == 0)
        return cases_compare(argc - 2, argv + 2);
    const char *out = NULL;
    if (argc > 2 && strcmp(argv[1], "--out") == 0) {
        out = argv[2];
        argv += 2;
        argc -= 2;
    }
    const struct tamper_case *what = argc > 1 ? case_find(argv[1]) : NULL;
    if (what == NULL || argc > 3 + TAMPER_SETS_MAX) {
        fprintf(stderr,
                "usage: tampering [--out FOLDER] CASE [delay|queue|flow [PATH=VALUE ...]]\n");
        return 2;
    }
    const struct tamper_run run = {.scenario = "tests/tampering/scenario.xml",
                                   .fidelity = argc > 2 ? argv[2] : "delay",
                                   .sets = argv + (argc > 3 ? 3 : argc),
                                   .out = out};
    return tamper_run(what, &run) ? 0 : 1;
}
