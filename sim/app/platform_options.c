#include "sim/app/platform_options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/scenario/value.h"

enum kind {
    KIND_FLAG = 1,
    KIND_TEXT,
    KIND_NAME,
    KIND_NAMES,
    KIND_COUNT, /* unsigned, `least` to `most` */
    KIND_FACTOR,
    KIND_TIME,
    KIND_BANDWIDTH,
    KIND_HOSPITALS, /* as KIND_COUNT, into hospital_count below */
    KIND_ROUTING,
    KIND_STATISTIC,
    KIND_DIRECTIONS,
    KIND_UNPLACED,
};

enum {
    IMPORT = EHR_PLATFORM_IMPORT,
    REGIONS = EHR_PLATFORM_REGIONS,
    GENERATE = EHR_PLATFORM_GENERATE,
    MAPS = IMPORT | REGIONS,
    ALL = MAPS | GENERATE,
    HOSTS_MAX = 1000,
    CORES_MAX = 4096,
};

struct row {
    const char *name;
    unsigned verbs;
    enum kind kind;
    size_t offset;
    unsigned least, most;
};

#define AT(member) offsetof(struct ehr_platform_options, member)

static const struct row rows[] = {
    {"out", ALL, KIND_TEXT, AT(out), 0, 0},
    {"name", ALL, KIND_NAME, AT(name), 0, 0},
    {"title", ALL, KIND_TEXT, AT(words.title), 0, 0},
    {"source", ALL, KIND_TEXT, AT(words.source), 0, 0},
    {"quiet", ALL, KIND_FLAG, AT(quiet), 0, 0},
    {"help", ALL, KIND_FLAG, AT(help), 0, 0},
    {"hosts", MAPS, KIND_COUNT, AT(hosts.per_site), 0, HOSTS_MAX},
    {"cores", MAPS, KIND_COUNT, AT(hosts.cores), 1, CORES_MAX},
    /* graphs */
    {"route-factor", IMPORT | GENERATE, KIND_FACTOR, AT(import.route_factor), 0, 0},
    {"min-latency", IMPORT | GENERATE, KIND_TIME, AT(import.latency_min_ns), 0, 0},
    {"bandwidth", IMPORT | GENERATE, KIND_BANDWIDTH, AT(import.bytes_per_s), 0, 0},
    {"default-bandwidth", IMPORT | GENERATE, KIND_BANDWIDTH, AT(import.default_bytes_per_s), 0, 0},
    {"unplaced", IMPORT | GENERATE, KIND_UNPLACED, AT(import.unplaced_ns), 0, 0},
    {"internal", IMPORT | GENERATE, KIND_FLAG, AT(import.internal_only), 0, 0},
    {"largest", IMPORT | GENERATE, KIND_FLAG, AT(import.largest_only), 0, 0},
    {"routing", IMPORT | GENERATE, KIND_ROUTING, AT(import.routing), 0, 0},
    /* tables */
    {"matrix", REGIONS, KIND_TEXT, AT(matrix), 0, 0},
    {"regions", REGIONS | GENERATE, KIND_NAMES, AT(regions_wanted), 0, 0},
    {"statistic", REGIONS | GENERATE, KIND_STATISTIC, AT(statistic), 0, 0},
    {"directions", REGIONS | GENERATE, KIND_DIRECTIONS, AT(regions.own_directions), 0, 0},
    {"wan-bandwidth", REGIONS | GENERATE, KIND_BANDWIDTH, AT(regions.bytes_per_s), 0, 0},
    /* hospitals; import and regions take the figures of their sites from the same options */
    {"lan-bandwidth", ALL, KIND_BANDWIDTH, AT(hospitals.lan.bytes_per_s), 0, 0},
    {"lan-latency", ALL, KIND_TIME, AT(hospitals.lan.latency_ns), 0, 0},
    {"on", GENERATE, KIND_TEXT, AT(on), 0, 0},
    {"at", GENERATE, KIND_NAMES, AT(hospitals.at), 0, 0},
    {"hospitals", GENERATE, KIND_HOSPITALS, 0, 1, EHR_HOSPITALS_MAX},
    {"names", GENERATE, KIND_NAMES, AT(hospitals.hospitals), 0, 0},
    {"servers", GENERATE, KIND_COUNT, AT(hospitals.servers), 1, EHR_HOSPITALS_HOSTS_MAX},
    {"nodes", GENERATE, KIND_COUNT, AT(hospitals.nodes), 0, EHR_HOSPITALS_HOSTS_MAX},
    {"desks", GENERATE, KIND_COUNT, AT(hospitals.desks), 0, EHR_HOSPITALS_HOSTS_MAX},
    {"homes", GENERATE, KIND_COUNT, AT(hospitals.homes), 0, 4},
    {"alliance", GENERATE, KIND_COUNT, AT(hospitals.alliance), 0, HOSTS_MAX},
    {"data-users", GENERATE, KIND_NAMES, AT(hospitals.data_users), 0, 0},
    {"access-bandwidth", GENERATE, KIND_BANDWIDTH, AT(hospitals.access.bytes_per_s), 0, 0},
    {"access-latency", GENERATE, KIND_TIME, AT(hospitals.access.latency_ns), 0, 0},
    {"home-bandwidth", GENERATE, KIND_BANDWIDTH, AT(hospitals.home.bytes_per_s), 0, 0},
    {"home-latency", GENERATE, KIND_TIME, AT(hospitals.home.latency_ns), 0, 0},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

struct reading {
    struct ehr_platform_options *options;
    unsigned hospital_count; /* 0: not said */
    bool data_users_said;
};

/* ---- defaults ---- */

/* Of platforms/three-hospitals.xml where it has them; all assumed. */
static void defaults_set(struct ehr_platform_options *options)
{
    bool routed = ehr_value_factor_parse(EHR_GEO_ROUTE_FACTOR_TEXT, &options->import.route_factor);
    (void)routed;
    options->hosts = (struct ehr_map_hosts){.per_site = 1, .cores = 4};
    options->import.latency_min_ns = 50 * 1000;
    options->import.default_bytes_per_s = UINT64_C(10000000000) / 8;
    options->statistic = EHR_MATRIX_AVG;
    options->statistic_text = "avg";
    options->regions.bytes_per_s = UINT64_C(1000000000) / 8;
    struct ehr_hospitals_options *hospitals = &options->hospitals;
    hospitals->servers = 1;
    hospitals->nodes = 4;
    hospitals->desks = 2;
    hospitals->homes = 1;
    hospitals->alliance = 4;
    hospitals->lan = (struct ehr_hospitals_line){100 * 1000, UINT64_C(1000000000) / 8};
    hospitals->access = (struct ehr_hospitals_line){500 * 1000, UINT64_C(100000000) / 8};
    hospitals->home = (struct ehr_hospitals_line){5 * 1000 * 1000, UINT64_C(50000000) / 8};
}

/* What is left to be found when all options are read. */
static enum ehr_exit hospitals_complete(struct reading *reading)
{
    struct ehr_platform_options *options = reading->options;
    struct ehr_hospitals_options *hospitals = &options->hospitals;
    struct ehr_names *names = &hospitals->hospitals;
    if (names->count == 0 && hospitals->at.count > 0 && ehr_names_twice(&hospitals->at) == NULL &&
        (reading->hospital_count == 0 || reading->hospital_count == hospitals->at.count))
        for (size_t i = 0; i < hospitals->at.count; i++)
            ehr_names_add(names, hospitals->at.items[i]);
    unsigned count = reading->hospital_count > 0 ? reading->hospital_count : 3;
    for (unsigned i = 1; i <= count && names->count < i; i++) {
        char *name = ehr_app_text("hospital-%u", i);
        ehr_names_add(names, name);
        free(name);
    }
    if (!reading->data_users_said) {
        ehr_names_add(&hospitals->data_users, "institute");
        ehr_names_add(&hospitals->data_users, "insurer");
    }
    hospitals->name = options->name != NULL ? options->name : "generated";
    return EHR_EXIT_DONE;
}

static enum ehr_exit complete(struct reading *reading)
{
    struct ehr_platform_options *options = reading->options;
    options->import.lan_latency_ns = options->regions.lan_latency_ns =
        options->hospitals.lan.latency_ns;
    options->import.lan_bytes_per_s = options->regions.lan_bytes_per_s =
        options->hospitals.lan.bytes_per_s;
    options->regions.regions = &options->regions_wanted;
    if (options->verb == EHR_PLATFORM_GENERATE)
        return hospitals_complete(reading);
    options->import.name = options->regions.name = options->name;
    return EHR_EXIT_DONE;
}

/* ---- values ---- */

static bool word_parse(const char *text, const char *const *words, unsigned *number)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(text, words[i]) == 0) {
            *number = i;
            return true;
        }
    }
    return false;
}

static bool count_parse(const struct row *row, const char *text, unsigned *count)
{
    uint64_t number;
    if (!ehr_command_number(text, &number) || number < row->least || number > row->most)
        return false;
    *count = (unsigned)number;
    return true;
}

static bool names_parse(struct reading *reading, const struct row *row, const char *text)
{
    struct ehr_names *names = (struct ehr_names *)(void *)((char *)reading->options + row->offset);
    reading->data_users_said |= row->offset == AT(hospitals.data_users);
    ehr_names_close(names);
    if (!ehr_names_split(names, text))
        return false;
    /* Two hospitals may hang at one place. */
    return row->offset == AT(hospitals.at) || ehr_names_twice(names) == NULL;
}

static bool word_value_parse(struct reading *reading, const struct row *row, const char *text)
{
    static const char *const routing[] = {"latency", "hops", NULL};
    static const char *const statistic[] = {"min", "avg", "max", NULL};
    static const char *const directions[] = {"mean", "own", NULL};
    struct ehr_platform_options *options = reading->options;
    unsigned word = 0;
    if (row->kind == KIND_ROUTING) {
        if (!word_parse(text, routing, &word))
            return false;
        options->import.routing = word == 0 ? EHR_MAP_LATENCY : EHR_MAP_HOPS;
        return true;
    }
    if (row->kind == KIND_STATISTIC) {
        if (!word_parse(text, statistic, &word))
            return false;
        options->statistic = (enum ehr_matrix_statistic)(EHR_MATRIX_MIN + (int)word);
        options->statistic_text = statistic[word];
        return true;
    }
    if (!word_parse(text, directions, &word))
        return false;
    options->regions.own_directions = word == 1;
    return true;
}

static bool value_read(struct reading *reading, const struct row *row, const char *text)
{
    char *at = (char *)reading->options + row->offset;
    switch (row->kind) {
    case KIND_FLAG:
        *(bool *)(void *)at = true;
        return true;
    case KIND_TEXT:
    case KIND_NAME:
        *(const char **)(void *)at = text;
        return row->kind == KIND_TEXT ? *text != '\0' : ehr_name_is_valid(text);
    case KIND_NAMES:
        return names_parse(reading, row, text);
    case KIND_COUNT:
        return count_parse(row, text, (unsigned *)(void *)at);
    case KIND_HOSPITALS:
        return count_parse(row, text, &reading->hospital_count);
    case KIND_FACTOR:
        return ehr_value_factor_parse(text, (double *)(void *)at) && *(double *)(void *)at <= 100;
    case KIND_UNPLACED:
        reading->options->import.unplaced_is_fixed = true;
        return ehr_value_time_parse(text, (uint64_t *)(void *)at);
    case KIND_TIME:
        return ehr_value_time_parse(text, (uint64_t *)(void *)at);
    case KIND_BANDWIDTH:
        return ehr_value_bandwidth_parse(text, (uint64_t *)(void *)at);
    case KIND_ROUTING:
    case KIND_STATISTIC:
    case KIND_DIRECTIONS:
        return word_value_parse(reading, row, text);
    }
    return false;
}

static const char *allowed(const struct row *row, char text[64])
{
    switch (row->kind) {
    case KIND_FLAG:
    case KIND_TEXT:
        return "a text";
    case KIND_NAME:
        return "letters, digits, '.', '_', '-'";
    case KIND_NAMES:
        return "names separated by commas, each once";
    case KIND_COUNT:
    case KIND_HOSPITALS:
        snprintf(text, 64, "a number from %u to %u", row->least, row->most);
        return text;
    case KIND_FACTOR:
        return "a number from 1 to 100";
    case KIND_TIME:
    case KIND_UNPLACED:
        return "a time with its unit: 50us";
    case KIND_BANDWIDTH:
        return "a bandwidth with its unit: 1Gbps";
    case KIND_ROUTING:
        return "latency or hops";
    case KIND_STATISTIC:
        return "min, avg or max";
    case KIND_DIRECTIONS:
        return "mean or own";
    }
    return "";
}

/* ---- the command line ---- */

static enum ehr_exit words_check(struct reading *reading, int rest, char **words)
{
    struct ehr_platform_options *options = reading->options;
    const char *verb = options->verb_text;
    if (options->verb == EHR_PLATFORM_IMPORT) {
        if (rest != 1)
            return ehr_command_usage(verb, rest == 0 ? "a GraphML file is missing"
                                                     : "one file at a time");
        options->file = words[0];
    } else if (rest != 0) {
        return ehr_command_usage(verb, "%s: it takes options only", words[0]);
    }
    if (options->verb == EHR_PLATFORM_REGIONS && options->matrix == NULL)
        return ehr_command_usage(verb, "--matrix is missing");
    struct ehr_hospitals_options *hospitals = &options->hospitals;
    if (hospitals->hospitals.count > EHR_HOSPITALS_MAX || hospitals->at.count > EHR_HOSPITALS_MAX)
        return ehr_command_usage(verb, "at most %d hospitals", EHR_HOSPITALS_MAX);
    if (reading->hospital_count > 0 && hospitals->hospitals.count > 0 &&
        hospitals->hospitals.count != reading->hospital_count)
        return ehr_command_usage(verb, "--names: %zu names for %u hospitals",
                                 hospitals->hospitals.count, reading->hospital_count);
    return EHR_EXIT_DONE;
}

enum ehr_exit ehr_platform_options_read(struct ehr_platform_options *options,
                                        enum ehr_platform_verb verb, int argc, char **argv)
{
    struct option list[ROWS + 1] = {{0}};
    char text[64];
    struct reading reading = {.options = options};
    *options = (struct ehr_platform_options){
        .verb = verb,
        .verb_text = verb == EHR_PLATFORM_IMPORT    ? "platform import"
                     : verb == EHR_PLATFORM_REGIONS ? "platform regions"
                                                    : "platform generate"};
    defaults_set(options);
    size_t count = 0;
    for (int i = 0; i < ROWS; i++)
        if ((rows[i].verbs & verb) != 0)
            list[count++] = (struct option){
                rows[i].name, rows[i].kind == KIND_FLAG ? no_argument : required_argument, NULL,
                256 + i};
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "qh", list, NULL)) != -1;) {
        if (option == 'q' || option == 'h') {
            *(option == 'q' ? &options->quiet : &options->help) = true;
            continue;
        }
        if (option < 256)
            return ehr_command_usage(options->verb_text, "bad usage");
        const struct row *row = &rows[option - 256];
        if (!value_read(&reading, row, optarg != NULL ? optarg : ""))
            return ehr_command_usage(options->verb_text, "--%s: %s: %s", row->name, optarg,
                                     allowed(row, text));
    }
    if (options->help)
        return EHR_EXIT_DONE;
    enum ehr_exit status = words_check(&reading, argc - optind, argv + optind);
    return status == EHR_EXIT_DONE ? complete(&reading) : status;
}

void ehr_platform_options_close(struct ehr_platform_options *options)
{
    ehr_names_close(&options->regions_wanted);
    ehr_names_close(&options->hospitals.hospitals);
    ehr_names_close(&options->hospitals.at);
    ehr_names_close(&options->hospitals.data_users);
}
