/* Messages about a wrong file, compared with the .expected beside it. EHRGRID_GOLDEN_WRITE=1 writes
 * them instead, to be read before they are committed. */
#ifndef EHR_TEST_EXPECTED_MESSAGES_H
#define EHR_TEST_EXPECTED_MESSAGES_H

#include <stdlib.h>
#include <string.h>

#include "sim/scenario/problem.h"
#include "tests/unit/unit.h"

enum { PATH_BYTES = 512 };

/* The caller frees; NULL if there is no such file. */
static char *file_text(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return NULL;
    char *text = calloc(1, 1 << 20);
    size_t bytes = fread(text, 1, (1 << 20) - 1, in);
    text[bytes] = '\0';
    fclose(in);
    return text;
}

/* The problems as they are printed; the caller frees. Closes the list. */
static char *messages_take(struct ehr_problem_list *problems)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    ehr_problem_list_write(problems, out);
    fclose(out);
    ehr_problem_list_close(problems);
    return text;
}

/* Beside `path` (NAME.xml) stands NAME.expected. Frees `found`. */
static void messages_check(const char *path, char *found)
{
    char expected_path[PATH_BYTES];
    snprintf(expected_path, sizeof(expected_path), "%.*s.expected", (int)(strlen(path) - 4), path);
    if (getenv("EHRGRID_GOLDEN_WRITE") != NULL) {
        FILE *out = fopen(expected_path, "wb");
        fputs(found, out);
        fclose(out);
    }
    char *expected = file_text(expected_path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(expected);
    if (strcmp(found, expected) != 0)
        printf("\n%s: expected\n%sfound\n%s", path, expected, found);
    CU_ASSERT_STRING_EQUAL(found, expected);
    free(expected);
    free(found);
}

#endif /* EHR_TEST_EXPECTED_MESSAGES_H */
