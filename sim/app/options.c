#include "sim/app/options.h"

#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/scenario/vocabulary.h"

/* What getopt_long returns for row i of the table is ROW + i: beyond all letters. */
enum { ROW = 256, HELP = ROW - 1, VERSION = ROW - 2, NEAREST_CHARS_MAX = 64 };

enum ehr_exit ehr_options_wrong(const struct ehr_usage *usage, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum ehr_exit status = ehr_said_usage(usage->verb, format, arguments);
    va_end(arguments);
    return status;
}

enum ehr_exit ehr_options_number(const struct ehr_usage *usage, const char *name, const char *text,
                                 uint64_t least, uint64_t most, uint64_t *number)
{
    uint64_t value;
    if (!ehr_command_number(text, &value) || value < least || value > most)
        return ehr_options_wrong(usage, "--%s: %s: a number from %" PRIu64 " to %" PRIu64, name,
                                 text, least, most);
    *number = value;
    return EHR_EXIT_DONE;
}

/* ---- what was meant ---- */

static size_t common(const char *a, const char *b)
{
    size_t front = 0, back = 0, length_a = strlen(a), length_b = strlen(b);
    while (a[front] != '\0' && a[front] == b[front])
        front++;
    while (back < length_a && back < length_b && a[length_a - 1 - back] == b[length_b - 1 - back])
        back++;
    return front + back;
}

/* At most a third of it changed, or one letter more if it begins alike, as in --jsno. Of those that
 * are equally far the one that has more of its ends: --sed is --seed, not --set. */
const char *ehr_options_nearest(const char *text, const char *const *names)
{
    size_t length = strlen(text), best = SIZE_MAX;
    const char *nearest = NULL;
    for (size_t i = 0; length <= NEAREST_CHARS_MAX && names[i] != NULL; i++) {
        size_t away = ehr_vocabulary_distance(text, names[i]);
        if (away > length / 3 + (text[0] == names[i][0]) || away >= length)
            continue;
        if (away < best || (away == best && common(text, names[i]) > common(text, nearest))) {
            best = away;
            nearest = names[i];
        }
    }
    return nearest;
}

static size_t rows_count(const struct ehr_usage *usage)
{
    size_t count = 0;
    while (usage->options[count].name != NULL || usage->options[count].help != NULL)
        count++;
    return count;
}

/* The name of a long option, what follows '=' left out; the caller's. */
static char *name_of(const char *word)
{
    word += strspn(word, "-");
    return ehr_app_text("%.*s", (int)strcspn(word, "="), word);
}

/* " or --this": options that begin so, " and " between them; the caller's. Empty if there is one.
 */
static char *matches(const struct option *list, const char *name)
{
    char *text = ehr_app_text("%s", "");
    unsigned count = 0;
    for (size_t i = 0; list[i].name != NULL; i++) {
        if (strncmp(list[i].name, name, strlen(name)) != 0)
            continue;
        char *longer = ehr_app_text("%s%s--%s", text, count > 0 ? ", " : "", list[i].name);
        free(text);
        text = longer;
        count++;
    }
    if (count < 2)
        *text = '\0';
    return text;
}

static enum ehr_exit unknown(const struct ehr_usage *usage, const struct option *list,
                             const char *word)
{
    const char *names[ROW] = {NULL};
    char *name = name_of(word);
    size_t count = 0;
    for (; list[count].name != NULL && count + 1 < ROW; count++)
        names[count] = list[count].name;
    char *several = matches(list, name);
    const char *nearest = ehr_options_nearest(name, names);
    enum ehr_exit status =
        *several != '\0' ? ehr_options_wrong(usage, "ambiguous option --%s: %s", name, several)
        : nearest != NULL
            ? ehr_options_wrong(usage, "unknown option --%s; did you mean --%s?", name, nearest)
            : ehr_options_wrong(usage, "unknown option --%s", name);
    free(several);
    free(name);
    return status;
}

/* A letter that is none: of a long option with one dash the nearest with two. */
static enum ehr_exit letter_unknown(const struct ehr_usage *usage, const struct option *list,
                                    int letter, const char *word)
{
    const char *names[ROW] = {NULL};
    char *name = name_of(word);
    for (size_t count = 0; list[count].name != NULL && count + 1 < ROW; count++)
        names[count] = list[count].name;
    const char *nearest = word[0] == '-' && word[1] != '-' && strlen(name) > 2
                              ? ehr_options_nearest(name, names)
                              : NULL;
    enum ehr_exit status =
        nearest != NULL
            ? ehr_options_wrong(usage, "unknown option -%s; did you mean --%s?", name, nearest)
            : ehr_options_wrong(usage, "unknown option -%c", letter);
    free(name);
    return status;
}

/* ---- values that are words of a list ---- */

/* "a|b|c,..." */
static bool is_choice(const char *argument)
{
    return argument != NULL && strchr(argument, '|') != NULL;
}

static enum ehr_exit choice_check(const struct ehr_usage *usage, const struct ehr_option *option,
                                  const char *value)
{
    char *words = ehr_app_text("%.*s", (int)strcspn(option->argument, ","), option->argument);
    bool several = option->argument[strlen(words)] == ',';
    enum ehr_exit status = EHR_EXIT_DONE;
    for (const char *at = value; status == EHR_EXIT_DONE && at != NULL;) {
        size_t length = several ? strcspn(at, ",") : strlen(at);
        char *word = ehr_app_text("%.*s", (int)length, at);
        if (ehr_vocabulary_choice_find(words, word) == 0)
            status = ehr_options_wrong(usage, "--%s: %s: %s%s", option->name, word, words,
                                       several ? ", or some of them between commas" : "");
        at = at[length] == ',' ? at + length + 1 : NULL;
        free(word);
    }
    free(words);
    return status;
}

/* ---- reading ---- */

struct lists {
    struct option longs[ROW];
    char letters[ROW];
};

static int needs(const char *argument)
{
    return argument == NULL   ? no_argument
           : *argument == '[' ? optional_argument
                              : required_argument;
}

static void lists_make(const struct ehr_usage *usage, const char *order, struct lists *lists)
{
    size_t rows = rows_count(usage), count = 0;
    *lists = (struct lists){0};
    /* ':' so that a value that is missing is told apart */
    size_t letters = (size_t)snprintf(lists->letters, sizeof lists->letters, "%s:", order);
    assert(3 * rows + 8 < ROW);
    for (size_t i = 0; i < rows; i++) {
        const struct ehr_option *row = &usage->options[i];
        if (row->name == NULL)
            continue;
        lists->longs[count++] =
            (struct option){row->name, needs(row->argument), NULL, ROW + (int)i};
        if (row->letter != 0)
            lists->letters[letters++] = row->letter;
        if (row->letter != 0 && row->argument != NULL)
            lists->letters[letters++] = ':';
    }
    lists->letters[letters] = 'h';
    lists->longs[count++] = (struct option){"help", no_argument, NULL, HELP};
    lists->longs[count] = (struct option){"version", no_argument, NULL, VERSION};
}

/* What getopt_long did not like: ':' a value is missing; '?' anything else. */
static enum ehr_exit refused(const struct ehr_usage *usage, const struct lists *lists, int what,
                             char **argv)
{
    const char *word = argv[optind - 1];
    if (what == ':' && optopt >= ROW) {
        const struct ehr_option *row = &usage->options[optopt - ROW];
        return ehr_options_wrong(usage, "--%s: %s is missing", row->name, row->argument);
    }
    if (what == ':')
        return ehr_options_wrong(usage, "-%c: its value is missing", optopt);
    if (optopt >= VERSION) {
        char *name = name_of(word);
        enum ehr_exit status = ehr_options_wrong(usage, "--%s takes no value", name);
        free(name);
        return status;
    }
    if (optopt == 0)
        return unknown(usage, lists->longs, word);
    /* a letter in the midst of a word: getopt has not gone on to the next */
    return letter_unknown(usage, lists->longs, optopt,
                          argv[optind] != NULL && argv[optind][0] == '-' ? argv[optind] : word);
}

static const struct ehr_option *row_of(const struct ehr_usage *usage, int found)
{
    if (found >= ROW)
        return &usage->options[found - ROW];
    for (size_t i = 0; i < rows_count(usage); i++)
        if (usage->options[i].letter == found)
            return &usage->options[i];
    return NULL;
}

/* False: help or version was asked for and printed, or *status says what is wrong. */
static bool option_read(const struct ehr_usage *usage, const struct lists *lists, void *context,
                        int found, char **argv, enum ehr_exit *status)
{
    if (found == '?' || found == ':') {
        *status = refused(usage, lists, found, argv);
        return false;
    }
    if (found == HELP || found == 'h' || found == VERSION) {
        ehr_said_open(false);
        if (found == VERSION)
            ehr_command_version(stdout);
        else
            ehr_options_help(usage, stdout);
        return false;
    }
    const struct ehr_option *row = row_of(usage, found);
    assert(row != NULL);
    if (strcmp(row->name, "json") == 0)
        ehr_said_open(true);
    if (optarg != NULL && is_choice(row->argument))
        *status = choice_check(usage, row, optarg);
    if (*status == EHR_EXIT_DONE)
        *status = usage->take(context, row->id, optarg);
    return *status == EHR_EXIT_DONE;
}

static enum ehr_exit operands_read(const struct ehr_usage *usage, void *context, int count,
                                   char **words)
{
    enum ehr_exit status = EHR_EXIT_DONE;
    if (count < usage->operands_least)
        return ehr_options_wrong(usage, "%s is missing", usage->operand);
    if (count > usage->operands_most && usage->operands_most == 0)
        return ehr_options_wrong(usage, "%s: superfluous: it takes options only", words[0]);
    if (count > usage->operands_most && usage->operands_most == 1)
        return ehr_options_wrong(usage, "%s: superfluous: one %s at a time", words[1],
                                 usage->operand);
    if (count > usage->operands_most)
        return ehr_options_wrong(usage, "%s: superfluous: at most %d %ss",
                                 words[usage->operands_most], usage->operands_most, usage->operand);
    for (int i = 0; status == EHR_EXIT_DONE && i < count; i++)
        status = *words[i] != '\0' ? usage->take(context, EHR_OPTION_OPERAND, words[i])
                                   : ehr_options_wrong(usage, "%s is empty", usage->operand);
    return status;
}

/* `order`: "+" for up to the first operand. */
static bool options_read(const struct ehr_usage *usage, const char *order, void *context, int argc,
                         char **argv, enum ehr_exit *status)
{
    struct lists lists;
    lists_make(usage, order, &lists);
    *status = EHR_EXIT_DONE;
    optind = 0; /* glibc: start again, whatever was parsed before */
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, lists.letters, lists.longs, NULL)) != -1;)
        if (!option_read(usage, &lists, context, found, argv, status))
            return false;
    return true;
}

static bool has_json(const struct ehr_usage *usage)
{
    size_t rows = rows_count(usage);
    for (size_t i = 0; i < rows; i++)
        if (usage->options[i].name != NULL && strcmp(usage->options[i].name, "json") == 0)
            return true;
    return false;
}

bool ehr_options_read(const struct ehr_usage *usage, void *context, int argc, char **argv,
                      enum ehr_exit *status)
{
    /* whatever is wrong before it is read */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 && has_json(usage))
            ehr_said_open(true);
    if (!options_read(usage, "", context, argc, argv, status))
        return false;
    *status = operands_read(usage, context, argc - optind, argv + optind);
    return *status == EHR_EXIT_DONE;
}

int ehr_options_verb(const struct ehr_usage *usage, int argc, char **argv, enum ehr_exit *status)
{
    if (!options_read(usage, "+", NULL, argc, argv, status))
        return 0;
    if (optind < argc)
        return optind;
    *status = ehr_options_wrong(usage, "%s is missing", usage->operand);
    return 0;
}
