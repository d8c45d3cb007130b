/* The verb expand: a scenario written out as something else. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/design.h"
#include "sim/app/memory.h"
#include "sim/app/setup.h"
#include "sim/app/whole_file.h"
#include "sim/network/kernel.h"
#include "sim/scenario/deployment.h"

enum { OPTION_DEPLOYMENT = 1, OPTION_OUT, OPTION_SET, OPTION_SEED };

struct expand {
    struct ehr_setup_request request;
    const char **sets;
    const char *out; /* NULL: stdout */
    bool deployment, help;
};

static enum ehr_exit option_take(struct expand *expand, int option)
{
    switch (option) {
    case OPTION_DEPLOYMENT:
        expand->deployment = true;
        break;
    case OPTION_OUT:
        expand->out = optarg;
        break;
    case OPTION_SET:
        expand->sets[expand->request.set_count++] = optarg;
        break;
    case OPTION_SEED:
        if (!ehr_command_number(optarg, &expand->request.seed))
            return ehr_command_usage("expand", "--seed: %s: a number of at most 64 bits", optarg);
        expand->request.seed_given = true;
        break;
    case 'h':
        expand->help = true;
        break;
    default: /* getopt has said what is wrong */
        return ehr_command_usage("expand", "bad usage");
    }
    return EHR_EXIT_DONE;
}

static enum ehr_exit options_read(struct expand *expand, int argc, char **argv)
{
    static const struct option options[] = {
        {"deployment", no_argument, NULL, OPTION_DEPLOYMENT},
        {"out", required_argument, NULL, OPTION_OUT},
        {"set", required_argument, NULL, OPTION_SET},
        {"seed", required_argument, NULL, OPTION_SEED},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    enum ehr_exit status = EHR_EXIT_DONE;
    optind = 0;
    for (int option;
         status == EHR_EXIT_DONE && (option = getopt_long(argc, argv, "h", options, NULL)) != -1;)
        status = option_take(expand, option);
    if (status != EHR_EXIT_DONE || expand->help)
        return status;
    if (optind != argc - 1)
        return ehr_command_usage("expand", optind == argc ? "a scenario is missing"
                                                          : "one scenario at a time");
    expand->request.path = argv[optind];
    expand->request.sets = expand->sets;
    return EHR_EXIT_DONE;
}

static enum ehr_exit file_failed(const char *path)
{
    fprintf(stderr, "ehrgrid expand: %s: %s\n", path, strerror(errno));
    return EHR_EXIT_ENVIRONMENT;
}

static enum ehr_exit deployment_write(const struct ehr_scenario *scenario, const char *path,
                                      FILE *out)
{
    struct ehr_problem_list problems;
    uint32_t count;
    const char **names = ehr_setup_host_names(&count);
    ehr_problem_list_init(&problems);
    bool written = ehr_deployment_write(scenario, names, ehr_platform_changes(), &problems, out);
    enum ehr_exit status = written                    ? EHR_EXIT_DONE
                           : problems.error_count > 0 ? EHR_EXIT_INPUT
                                                      : file_failed(path);
    ehr_problem_list_write(&problems, stderr);
    ehr_problem_list_close(&problems);
    free(names);
    return status;
}

static enum ehr_exit content_write(const struct expand *expand, const struct ehr_design *design,
                                   const char *path, FILE *out)
{
    if (expand->deployment)
        return deployment_write(design->setup.scenario, path, out);
    ehr_design_write(design, out); /* who closes the file looks for errors */
    return EHR_EXIT_DONE;
}

static enum ehr_exit file_write(const struct expand *expand, const struct ehr_design *design)
{
    struct ehr_whole_file whole;
    enum ehr_exit status = ehr_whole_file_open(&whole, "expand", expand->out);
    if (status == EHR_EXIT_DONE)
        status = content_write(expand, design, expand->out, whole.file);
    if (status == EHR_EXIT_DONE)
        status = ehr_whole_file_commit(&whole);
    ehr_whole_file_close(&whole);
    return status;
}

static enum ehr_exit expand_run(const struct expand *expand)
{
    struct ehr_design design = {0};
    enum ehr_exit status = expand->deployment ? ehr_setup_open(&design.setup, &expand->request)
                                              : ehr_design_open(&design, &expand->request);
    if (status != EHR_EXIT_DONE)
        return status;
    status = expand->out != NULL ? file_write(expand, &design)
                                 : content_write(expand, &design, "standard output", stdout);
    ehr_design_close(&design);
    return status;
}

enum ehr_exit ehr_command_expand(int argc, char **argv)
{
    struct expand expand = {.sets = ehr_app_zeroed((size_t)argc, sizeof(char *))};
    enum ehr_exit status = options_read(&expand, argc, argv);
    if (expand.help)
        fputs(ehr_command_help("expand"), stdout);
    else if (status == EHR_EXIT_DONE)
        status = expand_run(&expand);
    free(expand.sets);
    return status;
}
