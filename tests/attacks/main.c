/* attacks CASE: runs one attack and prints its outcome. attacks --cases NAME...: whether these are
 * all there are. Exit 0: it came out as it must; 1: it did not; 2: the scene could not be set. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/attacks/attack.h"
#include "tests/attacks/cases.h"

#define CASE(name) {#name, attack_##name},
static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {ATTACK_CASES(CASE)};
enum { CASES = sizeof cases / sizeof *cases };

static unsigned failures;

void must(enum ehr_status status)
{
    if (status == EHR_OK)
        return;
    printf("the scene could not be set: %s\n", ehr_status_name(status));
    exit(2);
}

void expect(bool condition, const char *text)
{
    if (condition)
        return;
    printf("NOT SO: %s\n", text);
    failures++;
}

void expect_status(enum ehr_status found, enum ehr_status wanted, const char *text)
{
    if (found == wanted)
        return;
    printf("NOT SO: %s: %s, expected %s\n", text, ehr_status_name(found), ehr_status_name(wanted));
    failures++;
}

void outcome(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

static int listed(int argc, char **argv)
{
    int missing = argc - 2 != CASES;
    for (int i = 0; i < CASES; i++) {
        int found = 0;
        for (int k = 2; k < argc; k++)
            found |= strcmp(argv[k], cases[i].name) == 0;
        if (!found)
            printf("%s is not run\n", cases[i].name);
        missing |= !found;
    }
    printf("%d attacks, %d run\n", CASES, argc - 2);
    return missing;
}

int main(int argc, char **argv)
{
    ehr_crypto_init();
    if (argc > 1 && strcmp(argv[1], "--cases") == 0)
        return listed(argc, argv);
    for (int i = 0; argc == 2 && i < CASES; i++) {
        if (strcmp(argv[1], cases[i].name) != 0)
            continue;
        cases[i].run();
        return failures != 0;
    }
    fputs("attacks CASE, one of:\n", stderr);
    for (int i = 0; i < CASES; i++)
        fprintf(stderr, "  %s\n", cases[i].name);
    return 2;
}
