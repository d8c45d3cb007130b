#include "sim/app/command.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/ehrgrid.h"
#include "sim/app/memory.h"
#include "sim/app/platform_options.h"
#include "sim/app/said.h"
#include "sim/network/simgrid_compat.h"

#ifndef EHR_VERSION
#error "EHR_VERSION comes from the build"
#endif

struct verb {
    const char *name, *operands, *summary;
    enum ehr_exit (*run)(int argc, char **argv);
    const struct ehr_usage *usage;
};

static enum ehr_exit help_run(int argc, char **argv);
static enum ehr_exit platform_run(int argc, char **argv);
static void overview_print(FILE *out);
static const struct ehr_usage help_usage, platform_usage;
static const struct ehr_option no_options[] = {{0}};

static const struct verb verbs[] = {
    {"run", "SCENARIO", "runs a scenario and writes a folder of results", ehr_command_run,
     &ehr_command_run_usage},
    {"validate", "SCENARIO", "checks a scenario and every file it names", ehr_command_validate,
     &ehr_command_validate_usage},
    {"expand", "SCENARIO", "writes the runs of its sweep, or a SimGrid deployment",
     ehr_command_expand, &ehr_command_expand_usage},
    {"sweep", "SCENARIO", "runs all points of its sweep, here or by Slurm", ehr_command_sweep,
     &ehr_command_sweep_usage},
    {"aggregate", "DIR", "means and intervals of a sweep, across replications",
     ehr_command_aggregate, &ehr_command_aggregate_usage},
    {"plot", "DIR", "draws the figures of a run or of a sweep", ehr_command_plot,
     &ehr_command_plot_usage},
    {"report", "DIR", "writes what a run or a sweep came to as one page", ehr_command_report,
     &ehr_command_report_usage},
    {"calibrate", "", "measures the cost of cryptography on this processor", ehr_command_calibrate,
     &ehr_command_calibrate_usage},
    {"platform", "...", "makes a platform of a map, of round trips, of hospitals", platform_run,
     &platform_usage},
    {"help", "[VERB]", "says how to use a verb", help_run, &help_usage},
};

enum { VERBS = sizeof verbs / sizeof verbs[0], PLATFORM_VERBS = 3 };

/* Of the verbs below `platform`; their usages are made when they are asked for. */
static const struct {
    const char *name, *full;
    enum ehr_platform_verb verb;
    enum ehr_exit (*run)(int argc, char **argv);
} platform_verbs[PLATFORM_VERBS] = {
    {"import", "platform import", EHR_PLATFORM_IMPORT, ehr_command_import},
    {"regions", "platform regions", EHR_PLATFORM_REGIONS, ehr_command_regions},
    {"generate", "platform generate", EHR_PLATFORM_GENERATE, ehr_command_generate},
};

static const struct ehr_usage overview_usage = {
    .verb = "",
    .synopsis = "VERB ...",
    .options = no_options,
    .operand = "VERB",
    .help = overview_print,
};

/* Operands: a verb, or one and another below it. */
struct help {
    const char *words[2];
    int count;
};

static enum ehr_exit help_take(void *context, int id, const char *value)
{
    struct help *help = context;
    assert(id == EHR_OPTION_OPERAND);
    (void)id;
    help->words[help->count++] = value;
    return EHR_EXIT_DONE;
}

static const struct ehr_usage help_usage = {
    .verb = "help",
    .synopsis = "[VERB]",
    .about = "Says how to use a verb.",
    .options = no_options,
    .operand = "VERB",
    .operands_most = 2,
    .examples = "ehrgrid help run\nehrgrid help platform import\n",
    .take = help_take,
};

static const struct ehr_usage platform_usage = {
    .verb = "platform",
    .synopsis = "import FILE.graphml [options]\n"
                "       ehrgrid platform regions --matrix PATH [options]\n"
                "       ehrgrid platform generate [options]",
    .about = "Writes a SimGrid platform: from a map of the Internet Topology Zoo, from a table of "
             "round trips between regions, or of hospitals of a given shape, hung on either of "
             "these or on any platform. `ehrgrid platform import --help`, ... lists the options.",
    .options = no_options,
    .operand = "import, regions or generate",
};

static const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static enum ehr_exit verb_unknown(const struct ehr_usage *usage, const char *name)
{
    const char *names[VERBS + PLATFORM_VERBS + 1] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < VERBS && usage != &platform_usage; i++)
        names[count++] = verbs[i].name;
    for (size_t i = 0; i < PLATFORM_VERBS && usage != &overview_usage; i++)
        names[count++] = usage == &platform_usage ? platform_verbs[i].name : platform_verbs[i].full;
    const char *nearest = ehr_options_nearest(name, names);
    if (nearest != NULL)
        return ehr_options_wrong(usage, "unknown verb %s; did you mean %s?", name, nearest);
    if (usage == &overview_usage && access(name, F_OK) == 0)
        return ehr_options_wrong(usage, "%s is no verb; did you mean `ehrgrid run %s`?", name,
                                 name);
    return usage == &platform_usage
               ? ehr_options_wrong(usage, "unknown verb %s: %s", name, usage->operand)
               : ehr_options_wrong(usage, "unknown verb %s", name);
}

/* ---- help ---- */

static void overview_print(FILE *out)
{
    fputs("usage: ehrgrid VERB ...\n"
          "Simulates the exchange of electronic health records over two tiers of\n"
          "blockchains.\n",
          out);
    for (size_t i = 0; i < VERBS; i++) {
        char *head = ehr_app_text("%s %s", verbs[i].name, verbs[i].operands);
        fprintf(out, "  %-18s %s\n", head, verbs[i].summary);
        free(head);
    }
    fputs("Every verb has --help (-h), with its options and examples; --version prints\n"
          "the versions of ehrgrid and SimGrid.\n"
          "Exit status: 0 done; 1 the run ended wrongly; 2 bad usage or input;\n"
          "3 environment.\n"
          "First steps:\n"
          "  ehrgrid run scenarios/quickstart.xml --out results/first\n"
          "  ehrgrid plot results/first\n",
          out);
}

static enum ehr_exit help_of(const char *name)
{
    const struct verb *verb = verb_find(name);
    for (size_t i = 0; i < PLATFORM_VERBS; i++) {
        if (strcmp(name, platform_verbs[i].full) == 0) {
            ehr_options_help(ehr_platform_usage(platform_verbs[i].verb), stdout);
            return EHR_EXIT_DONE;
        }
    }
    if (verb == NULL)
        return verb_unknown(&help_usage, name);
    ehr_options_help(verb->usage, stdout);
    return EHR_EXIT_DONE;
}

static enum ehr_exit help_run(int argc, char **argv)
{
    struct help help = {.count = 0};
    enum ehr_exit status;
    if (!ehr_options_read(&help_usage, &help, argc, argv, &status))
        return status;
    if (help.count == 0) {
        overview_print(stdout);
        return EHR_EXIT_DONE;
    }
    char *name = help.count == 1 ? ehr_app_text("%s", help.words[0])
                                 : ehr_app_text("%s %s", help.words[0], help.words[1]);
    status = help_of(name);
    free(name);
    return status;
}

/* ---- verbs ---- */

static enum ehr_exit platform_run(int argc, char **argv)
{
    enum ehr_exit status;
    int at = ehr_options_verb(&platform_usage, argc, argv, &status);
    if (at == 0)
        return status;
    for (size_t i = 0; i < PLATFORM_VERBS; i++)
        if (strcmp(argv[at], platform_verbs[i].name) == 0)
            return platform_verbs[i].run(argc - at, argv + at);
    return verb_unknown(&platform_usage, argv[at]);
}

enum ehr_exit ehr_command_usage(const char *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    enum ehr_exit status = ehr_said_usage(verb, format, arguments);
    va_end(arguments);
    return status;
}

bool ehr_command_number(const char *text, uint64_t *number)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *number = value;
    return true;
}

enum ehr_exit ehr_command_stdout_close(enum ehr_exit status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    fprintf(stderr, "ehrgrid: standard output: %s\n", strerror(errno));
    return EHR_EXIT_ENVIRONMENT;
}

const char *ehr_version(void)
{
    return EHR_VERSION;
}

void ehr_command_version(FILE *out)
{
    fprintf(out, "ehrgrid %s\nSimGrid %s\n", ehr_version(), ehr_simgrid_version());
}

int ehr_command_main(int argc, char **argv)
{
    enum ehr_exit status;
    if (argc < 2) {
        overview_print(stderr);
        return EHR_EXIT_INPUT;
    }
    ehr_said_open(false);
    int at = ehr_options_verb(&overview_usage, argc, argv, &status);
    if (at > 0) {
        const struct verb *verb = verb_find(argv[at]);
        status = verb != NULL ? verb->run(argc - at, argv + at)
                              : verb_unknown(&overview_usage, argv[at]);
    }
    ehr_said_close(status);
    return (int)ehr_command_stdout_close(status);
}
