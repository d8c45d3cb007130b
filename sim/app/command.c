#include "sim/app/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/ehrgrid.h"
#include "sim/app/memory.h"
#include "sim/app/platform_help.h"
#include "sim/network/simgrid_compat.h"

#ifndef EHR_VERSION
#error "EHR_VERSION comes from the build"
#endif

struct verb {
    const char *name;
    enum ehr_exit (*run)(int argc, char **argv);
    const struct ehr_usage *usage;
    const char *help; /* where there is no usage; NULL: ehr_platform_help has it */
};

static enum ehr_exit help_run(int argc, char **argv);

static const struct verb verbs[] = {
    {"run", ehr_command_run, &ehr_command_run_usage, NULL},
    {"validate", ehr_command_validate, &ehr_command_validate_usage, NULL},
    {"expand", ehr_command_expand, NULL,
     "usage: ehrgrid expand SCENARIO [options]\n"
     "Writes the runs of a scenario's sweep as CSV: point, replication, seed, parameters.\n"
     "  --deployment       instead the scenario as a SimGrid deployment, for a program that has\n"
     "                     the plugin\n"
     "  --out FILE         instead of stdout; replaced if it exists\n"
     "  --set PATH=VALUE   as for run; repeatable\n"
     "  --seed N           instead of run/@seed\n"},
    {"sweep", ehr_command_sweep, NULL,
     "usage: ehrgrid sweep SCENARIO --out DIR [options]\n"
     "Runs all points and replications of a scenario's sweep, by GNU parallel.\n"
     "  --out DIR          where design.csv, runs/ and summary.csv go; it must not exist\n"
     "  -j, --jobs N       runs at a time (default: one per core)\n"
     "  --resume           goes on in DIR: only runs that are missing are made\n"
     "  --set PATH=VALUE   as for run; repeatable\n"
     "  --seed N           instead of run/@seed\n"
     "  --quiet            no progress, nothing but what failed\n"},
    {"aggregate", ehr_command_aggregate, NULL,
     "usage: ehrgrid aggregate DIR [options]\n"
     "Writes mean, standard deviation and 95 % interval across replications, for each point and\n"
     "column of the summary.csv of a sweep.\n"
     "  --out FILE         instead of DIR/aggregate.csv; replaced if it exists\n"
     "  --mixed            also of several versions, scenarios or fidelities\n"
     "  --quiet            does not say what was written\n"},
    {"plot", ehr_command_plot, NULL,
     "usage: ehrgrid plot DIR\n"
     "Draws the figures of a result folder into DIR/figures (needs gnuplot).\n"},
    {"calibrate", ehr_command_calibrate, NULL,
     "usage: ehrgrid calibrate [options]\n"
     "Measures what every operation of the cost table takes on this processor.\n"
     "  --out FILE         where the table goes; replaced if it exists (default: costs.json)\n"
     "  --quick            fewer and shorter samples: two seconds instead of fifteen\n"
     "  --json             medians and quartiles as JSON on stdout, instead of a table\n"
     "  --quiet            no progress line, no table\n"},
    {"platform", ehr_command_platform, NULL, NULL},
    {"help", help_run, NULL,
     "usage: ehrgrid help [VERB]\n"
     "Says how to use a verb.\n"},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

const char *ehr_command_help(const char *name)
{
    const struct verb *verb = verb_find(name);
    return verb != NULL && verb->help != NULL ? verb->help : ehr_platform_help(name);
}

static void overview_print(FILE *out)
{
    fputs("usage: ehrgrid VERB ...\n"
          "Simulates the exchange of electronic health records over two tiers of blockchains.\n"
          "  run SCENARIO       runs a scenario and writes a folder of results\n"
          "  validate SCENARIO  checks a scenario and every file it names\n"
          "  expand SCENARIO    writes the runs of its sweep, or a SimGrid deployment\n"
          "  sweep SCENARIO     runs all points of its sweep\n"
          "  aggregate DIR      means and intervals of a sweep, across replications\n"
          "  plot DIR           draws the figures of a result folder\n"
          "  calibrate          measures the cost of cryptography on this processor\n"
          "  platform ...       makes a platform of a map, of round trips, of hospitals\n"
          "  help [VERB]        says how to use a verb\n"
          "  --version          prints the versions of ehrgrid and SimGrid\n"
          "Exit status: 0 done; 1 the run ended wrongly; 2 bad usage or input; 3 environment.\n",
          out);
}

static enum ehr_exit help_run(int argc, char **argv)
{
    if (argc < 2) {
        overview_print(stdout);
        return EHR_EXIT_DONE;
    }
    char *name = argc == 2 ? ehr_app_text("%s", argv[1]) : ehr_app_text("%s %s", argv[1], argv[2]);
    const struct verb *verb = verb_find(name);
    if (verb != NULL && verb->usage != NULL) {
        ehr_options_help(verb->usage, stdout);
        free(name);
        return EHR_EXIT_DONE;
    }
    const char *text = ehr_command_help(name);
    if (text != NULL)
        fputs(text, stdout);
    enum ehr_exit status =
        text != NULL ? EHR_EXIT_DONE : ehr_command_usage("", "no verb is called %s", name);
    free(name);
    return status;
}

enum ehr_exit ehr_command_usage(const char *verb, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "ehrgrid%s%s: ", *verb != '\0' ? " " : "", verb);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry `ehrgrid%s%s --help`.\n", *verb != '\0' ? " " : "", verb);
    return EHR_EXIT_INPUT;
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
    if (argc < 2) {
        overview_print(stderr);
        return EHR_EXIT_INPUT;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        ehr_command_version(stdout);
        return (int)ehr_command_stdout_close(EHR_EXIT_DONE);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    const struct verb *verb = verb_find(name);
    if (verb == NULL)
        return (int)ehr_command_usage("", "no verb is called %s", name);
    char *program = argv[1];
    argv[1] = ehr_app_text("ehrgrid %s", name); /* what getopt calls the program */
    enum ehr_exit status = verb->run(argc - 1, argv + 1);
    free(argv[1]);
    argv[1] = program;
    return (int)ehr_command_stdout_close(status);
}
