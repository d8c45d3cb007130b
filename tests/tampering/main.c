/* tampering CASE [FIDELITY]: one case, one run. tampering --cases NAME...: whether these are all.
 */
#include <stdio.h>
#include <string.h>

#include "tests/tampering/tamper.h"

static const struct tamper_case *const tables[] = {tamper_cases_party, tamper_cases_visit,
                                                   tamper_cases_read,  tamper_cases_share,
                                                   tamper_cases_chain, tamper_cases_replica};

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
    if (argc > 1 && strcmp(argv[1], "--cases") == 0)
        return cases_compare(argc - 2, argv + 2);
    const struct tamper_case *what = argc > 1 ? case_find(argv[1]) : NULL;
    if (what == NULL || argc > 3 + TAMPER_SETS_MAX) {
        fprintf(stderr, "usage: tampering CASE [delay|queue|flow [PATH=VALUE ...]]\n");
        return 2;
    }
    const char *fidelity = argc > 2 ? argv[2] : "delay";
    char *const *more = argv + (argc > 3 ? 3 : argc);
    return tamper_run(what, "tests/tampering/scenario.xml", fidelity, more) ? 0 : 1;
}
