/* The verbs that run nothing: validate and plot. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/setup.h"
#include "sim/measure/plot.h"

/* ---- validate ---- */

enum { OPTION_EFFECTIVE = 1, OPTION_SET, OPTION_RECORDS };

struct validate {
    struct ehr_setup_request request;
    const char **sets;
    bool effective, help;
};

static enum ehr_exit validate_options(struct validate *validate, int argc, char **argv)
{
    static const struct option options[] = {
        {"effective", no_argument, NULL, OPTION_EFFECTIVE},
        {"set", required_argument, NULL, OPTION_SET},
        {"records", required_argument, NULL, OPTION_RECORDS},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == OPTION_EFFECTIVE)
            validate->effective = true;
        else if (option == OPTION_SET)
            validate->sets[validate->request.set_count++] = optarg;
        else if (option == OPTION_RECORDS)
            validate->request.records = optarg;
        else if (option == 'h')
            validate->help = true;
        else
            return ehr_command_usage("validate", "bad usage");
    }
    if (validate->help)
        return EHR_EXIT_DONE;
    if (optind != argc - 1)
        return ehr_command_usage("validate", optind == argc ? "a scenario is missing"
                                                            : "one scenario at a time");
    validate->request.path = argv[optind];
    validate->request.sets = validate->sets;
    return EHR_EXIT_DONE;
}

static enum ehr_exit validate_run(const struct validate *validate)
{
    struct ehr_setup setup;
    enum ehr_exit status = ehr_setup_open(&setup, &validate->request);
    if (status != EHR_EXIT_DONE)
        return status;
    if (!validate->effective)
        printf("%s is valid\n", validate->request.path);
    else if (!ehr_scenario_effective_write(setup.scenario, stdout)) {
        fprintf(stderr, "ehrgrid validate: standard output: %s\n", strerror(errno));
        status = EHR_EXIT_ENVIRONMENT;
    }
    ehr_setup_close(&setup);
    return status;
}

enum ehr_exit ehr_command_validate(int argc, char **argv)
{
    struct validate validate = {.sets = ehr_app_zeroed((size_t)argc, sizeof(char *))};
    enum ehr_exit status = validate_options(&validate, argc, argv);
    if (validate.help)
        fputs(ehr_command_help("validate"), stdout);
    else if (status == EHR_EXIT_DONE)
        status = validate_run(&validate);
    free(validate.sets);
    return status;
}

/* ---- plot ---- */

enum ehr_exit ehr_command_plot(int argc, char **argv)
{
    struct ehr_measure_error error;
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(ehr_command_help("plot"), stdout);
        return EHR_EXIT_DONE;
    }
    if (argc != 2 || argv[1][0] == '-')
        return ehr_command_usage("plot", "one result folder is needed");
    enum ehr_measure_status status = ehr_plot_run(argv[1], &error);
    if (status == EHR_MEASURE_DONE) {
        printf("figures: %s/figures\n", argv[1]);
        return EHR_EXIT_DONE;
    }
    return ehr_report_failed("ehrgrid plot", status, &error);
}
