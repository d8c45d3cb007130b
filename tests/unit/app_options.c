/* Reading of a command line by a table, help made of the table, and what was meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/options.h"
#include "tests/unit/unit.h"

enum { WORDS_MAX = 12, TEXT = 2048 };

/* What `take` was called with: "1=dir 2 0=file". */
static char taken[TEXT];

static enum ehr_exit take(void *context, int id, const char *value)
{
    uint64_t number;
    char *end = taken + strlen(taken);
    snprintf(end, TEXT - (size_t)(end - taken), "%s%d%s%s", end != taken ? " " : "", id,
             value != NULL ? "=" : "", value != NULL ? value : "");
    return id == 2 ? ehr_options_number(context, "jobs", value, 1, 100, &number) : EHR_EXIT_DONE;
}

static const struct ehr_option rows[] = {
    {1, 0, "out", "DIR", "where"},
    {2, 'j', "jobs", "N", "how many at a time"},
    {3, 0, "json", NULL, "as JSON"},
    {0, 0, NULL, NULL, "About pictures:"},
    {4, 0, "format", "svg|png|pdf", "of pictures"},
    {5, 0, "kinds", "svg|png|pdf,...", "several"},
    {6, 0, "trace", "[EVENTS]",
     "with or without a number, which stands in the same word as it does"},
    {7, 'q', "quiet", NULL, "says nothing"},
    {8, 0, "seed", "N", "of all"},
    {9, 0, "set", "PATH=VALUE", "of one"},
    {0},
};

static const struct ehr_usage usage = {
    .verb = "try",
    .synopsis = "FILE [options]",
    .about = "Tries.",
    .options = rows,
    .operand = "FILE",
    .operands_least = 1,
    .operands_most = 2,
    .examples = "ehrgrid try it\n",
    .take = take,
};

/* Reads the words between blanks with stdout and stderr going to texts. */
static bool read_words(const char *line, enum ehr_exit *status, char said[TEXT])
{
    char copy[TEXT], first[] = "try", *argv[WORDS_MAX] = {first};
    int argc = 1, saved[2] = {dup(1), dup(2)};
    FILE *file = tmpfile();
    snprintf(copy, sizeof copy, "%s", line);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    taken[0] = '\0';
    fflush(NULL);
    dup2(fileno(file), 1);
    dup2(fileno(file), 2);
    bool go = ehr_options_read(&usage, (void *)(uintptr_t)&usage, argc, argv, status);
    fflush(NULL);
    dup2(saved[0], 1);
    dup2(saved[1], 2);
    close(saved[0]);
    close(saved[1]);
    rewind(file);
    said[fread(said, 1, TEXT - 1, file)] = '\0';
    fclose(file);
    return go;
}

static void is_read(const char *line, const char *expected)
{
    enum ehr_exit status = EHR_EXIT_WRONG;
    char said[TEXT];
    CU_ASSERT_TRUE(read_words(line, &status, said));
    CU_ASSERT_EQUAL(status, EHR_EXIT_DONE);
    CU_ASSERT_STRING_EQUAL(said, "");
    if (strcmp(taken, expected) != 0)
        printf("%s: %s: not %s\n", line, taken, expected);
    CU_ASSERT_STRING_EQUAL(taken, expected);
}

static void is_refused(const char *line, const char *expected)
{
    enum ehr_exit status = EHR_EXIT_DONE;
    char said[TEXT], whole[TEXT];
    CU_ASSERT_FALSE(read_words(line, &status, said));
    CU_ASSERT_EQUAL(status, EHR_EXIT_INPUT);
    snprintf(whole, sizeof whole, "ehrgrid try: %s\nTry `ehrgrid try --help`.\n", expected);
    if (strcmp(said, whole) != 0)
        printf("%s: %snot %s", line, said, whole);
    CU_ASSERT_STRING_EQUAL(said, whole);
}

static void options_are_read_when_they_are_written_as_usual(void)
{
    is_read("a", "0=a");
    is_read("a --out d", "1=d 0=a");
    is_read("--out=d a", "1=d 0=a");
    is_read("--ou= a", "1= 0=a");
    is_read("-j4 a -q", "2=4 7 0=a");
    is_read("-qj 4 a", "7 2=4 0=a");
    is_read("a --jobs=4 b --json", "2=4 3 0=a 0=b");
    is_read("--trace a", "6 0=a");
    is_read("--tr=5 a", "6=5 0=a");
    is_read("-- --out", "0=--out");
    is_read("-q -- -q -", "7 0=-q 0=-");
    is_read("a --format png --kinds pdf,svg", "4=png 5=pdf,svg 0=a");
}

static void the_mistake_is_named_when_there_is_one(void)
{
    is_refused("a --sed 3", "unknown option --sed; did you mean --seed?");
    is_refused("a --jsno", "unknown option --jsno; did you mean --json?");
    is_refused("a --sett=3", "unknown option --sett; did you mean --set?");
    is_refused("a --hepl", "unknown option --hepl; did you mean --help?");
    is_refused("a --wings", "unknown option --wings");
    is_refused("a -x", "unknown option -x");
    is_refused("a -qx", "unknown option -x");
    is_refused("-seed 3 a", "unknown option -seed; did you mean --seed?");
    is_refused("a --s 3", "ambiguous option --s: --seed, --set");
    is_refused("a --out", "--out: DIR is missing");
    is_refused("a -j", "-j: its value is missing");
    is_refused("a --quiet=yes", "--quiet takes no value");
    is_refused("a --jobs 0", "--jobs: 0: a number from 1 to 100");
    is_refused("a --jobs 1e1", "--jobs: 1e1: a number from 1 to 100");
    is_refused("a --format gif", "--format: gif: svg|png|pdf");
    is_refused("a --format svg,png", "--format: svg,png: svg|png|pdf");
    is_refused("a --kinds svg,gif", "--kinds: gif: svg|png|pdf, or some of them between commas");
    is_refused("a --kinds svg,", "--kinds: : svg|png|pdf, or some of them between commas");
    is_refused("", "FILE is missing");
    is_refused("a b c", "c: superfluous: at most 2 FILEs");
}

static void help_is_the_table_when_asked_for(void)
{
    static const char expected[] = "usage: ehrgrid try FILE [options]\n"
                                   "Tries.\n"
                                   "  --out DIR                where\n"
                                   "  -j, --jobs N             how many at a time\n"
                                   "  --json                   as JSON\n"
                                   "About pictures:\n"
                                   "  --format svg|png|pdf     of pictures\n"
                                   "  --kinds svg|png|pdf,...  several\n"
                                   "  --trace[=EVENTS]         with or without a number, which "
                                   "stands in the same\n"
                                   "                           word as it does\n"
                                   "  -q, --quiet              says nothing\n"
                                   "  --seed N                 of all\n"
                                   "  --set PATH=VALUE         of one\n"
                                   "Examples:\n"
                                   "  ehrgrid try it\n";
    static const char *const lines[] = {"--help", "-h", "a --hel b", "-q -h --wings"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        enum ehr_exit status = EHR_EXIT_WRONG;
        char said[TEXT];
        CU_ASSERT_FALSE(read_words(lines[i], &status, said));
        CU_ASSERT_EQUAL(status, EHR_EXIT_DONE);
        if (strcmp(said, expected) != 0)
            printf("%s\n%s", lines[i], said);
        CU_ASSERT_STRING_EQUAL(said, expected);
    }
}

static const struct ehr_unit_case cases[] = {
    {"options_are_read_when_they_are_written_as_usual",
     options_are_read_when_they_are_written_as_usual},
    {"the_mistake_is_named_when_there_is_one", the_mistake_is_named_when_there_is_one},
    {"help_is_the_table_when_asked_for", help_is_the_table_when_asked_for},
};

EHR_UNIT_MAIN("options", cases)
