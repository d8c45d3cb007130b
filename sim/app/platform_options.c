#include "sim/app/platform_options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/command.h"
#include "sim/app/memory.h"
#include "sim/app/platform_rows.h"
#include "sim/scenario/value.h"
#include "sim/scenario/vocabulary.h"

#define AT(member) offsetof(struct ehr_platform_options, member)

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

static bool count_parse(const struct ehr_platform_row *row, const char *text, unsigned *count)
{
    uint64_t number;
    if (!ehr_command_number(text, &number) || number < row->least || number > row->most)
        return false;
    *count = (unsigned)number;
    return true;
}

static bool names_parse(struct reading *reading, const struct ehr_platform_row *row,
                        const char *text)
{
    struct ehr_names *names = (struct ehr_names *)(void *)((char *)reading->options + row->offset);
    reading->data_users_said |= row->offset == AT(hospitals.data_users);
    ehr_names_close(names);
    if (!ehr_names_split(names, text))
        return false;
    /* Two hospitals may hang at one place. */
    return row->offset == AT(hospitals.at) || ehr_names_twice(names) == NULL;
}

/* One of the row's words: that was checked before. */
static void word_read(struct reading *reading, const struct ehr_platform_row *row, const char *text)
{
    struct ehr_platform_options *options = reading->options;
    unsigned word = ehr_vocabulary_choice_find(row->argument, text);
    if (row->kind == EHR_PLATFORM_ROUTING) {
        options->import.routing = word == 1 ? EHR_MAP_LATENCY : EHR_MAP_HOPS;
    } else if (row->kind == EHR_PLATFORM_STATISTIC) {
        options->statistic = (enum ehr_matrix_statistic)(EHR_MATRIX_MIN + (int)word - 1);
        options->statistic_text = text;
    } else {
        options->regions.own_directions = word == 2;
    }
}

static bool value_read(struct reading *reading, const struct ehr_platform_row *row,
                       const char *text)
{
    char *at = (char *)reading->options + row->offset;
    switch (row->kind) {
    case EHR_PLATFORM_HEADING:
        break;
    case EHR_PLATFORM_FLAG:
    case EHR_PLATFORM_QUIET:
        *(bool *)(void *)at = true;
        return true;
    case EHR_PLATFORM_TEXT:
    case EHR_PLATFORM_FILE:
    case EHR_PLATFORM_OUT:
        *(const char **)(void *)at = text;
        return *text != '\0';
    case EHR_PLATFORM_NAME:
        *(const char **)(void *)at = text;
        return ehr_name_is_valid(text);
    case EHR_PLATFORM_NAMES:
        return names_parse(reading, row, text);
    case EHR_PLATFORM_COUNT:
        return count_parse(row, text, (unsigned *)(void *)at);
    case EHR_PLATFORM_HOSPITALS:
        return count_parse(row, text, &reading->hospital_count);
    case EHR_PLATFORM_FACTOR:
        return ehr_value_factor_parse(text, (double *)(void *)at) && *(double *)(void *)at <= 100;
    case EHR_PLATFORM_UNPLACED:
        reading->options->import.unplaced_is_fixed = true;
        return ehr_value_time_parse(text, (uint64_t *)(void *)at);
    case EHR_PLATFORM_TIME:
        return ehr_value_time_parse(text, (uint64_t *)(void *)at);
    case EHR_PLATFORM_BANDWIDTH:
        return ehr_value_bandwidth_parse(text, (uint64_t *)(void *)at);
    case EHR_PLATFORM_ROUTING:
    case EHR_PLATFORM_STATISTIC:
    case EHR_PLATFORM_DIRECTIONS:
        word_read(reading, row, text);
        return true;
    }
    return false;
}

static const char *allowed(const struct ehr_platform_row *row, char text[64])
{
    switch (row->kind) {
    case EHR_PLATFORM_HEADING:
    case EHR_PLATFORM_FLAG:
    case EHR_PLATFORM_QUIET:
        break;
    case EHR_PLATFORM_TEXT:
    case EHR_PLATFORM_FILE:
    case EHR_PLATFORM_OUT:
        return "a text";
    case EHR_PLATFORM_NAME:
        return "letters, digits, '.', '_', '-'";
    case EHR_PLATFORM_NAMES:
        return "names separated by commas, each once";
    case EHR_PLATFORM_COUNT:
    case EHR_PLATFORM_HOSPITALS:
        snprintf(text, 64, "a number from %u to %u", row->least, row->most);
        return text;
    case EHR_PLATFORM_FACTOR:
        return "a number from 1 to 100";
    case EHR_PLATFORM_TIME:
    case EHR_PLATFORM_UNPLACED:
        return "a time with its unit: 50us";
    case EHR_PLATFORM_BANDWIDTH:
        return "a bandwidth with its unit: 1Gbps";
    case EHR_PLATFORM_ROUTING:
    case EHR_PLATFORM_STATISTIC:
    case EHR_PLATFORM_DIRECTIONS:
        break; /* checked before */
    }
    return "";
}

/* ---- the command that made it, which stands in the comment in front ---- */

/* Without the folders: a platform does not depend on where its sources lie. */
static char *without_folder(const char *word)
{
    size_t length = strlen(word);
    while (length > 1 && word[length - 1] == '/')
        length--;
    size_t begin = length;
    while (begin > 0 && word[begin - 1] != '/')
        begin--;
    return ehr_app_text("%.*s", (int)(length - begin), word + begin);
}

/* " word", in quotes where a shell needs them; the caller's. */
static char *quoted(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./,:=+";
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (out == NULL)
        abort();
    bool quotes = *word == '\0' || strspn(word, plain) < strlen(word);
    fputs(quotes ? " '" : " ", out);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[2]){*word, '\0'}, out);
    fputs(quotes ? "'" : "", out);
    fclose(out);
    return text;
}

/* Behind `length` of its letters. */
static void command_insert(struct ehr_platform_options *options, size_t length, const char *word)
{
    char *text = quoted(word);
    char *longer =
        ehr_app_text("%.*s%s%s", (int)length, options->command, text, options->command + length);
    free(options->command);
    free(text);
    options->command = longer;
}

static void command_note(struct ehr_platform_options *options, const struct ehr_platform_row *row,
                         const char *value)
{
    if (row->kind == EHR_PLATFORM_OUT || row->kind == EHR_PLATFORM_QUIET)
        return;
    bool empty = value != NULL && *value == '\0';
    char *name = ehr_app_text("--%s%s", row->name, empty ? "=" : "");
    char *file = row->kind == EHR_PLATFORM_FILE ? without_folder(value) : NULL;
    command_insert(options, strlen(options->command), name);
    if (value != NULL && !empty)
        command_insert(options, strlen(options->command), file != NULL ? file : value);
    free(file);
    free(name);
}

/* ---- the command line ---- */

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct reading *reading = context;
    struct ehr_platform_options *options = reading->options;
    char text[64];
    if (id == EHR_OPTION_OPERAND) {
        char *file = without_folder(value);
        options->file = value;
        command_insert(options, strlen(options->usage->verb), file);
        free(file);
        return EHR_EXIT_DONE;
    }
    const struct ehr_platform_row *row = ehr_platform_row(id);
    command_note(options, row, value);
    if (!value_read(reading, row, value != NULL ? value : ""))
        return ehr_options_wrong(options->usage, "--%s: %s: %s", row->name, value,
                                 allowed(row, text));
    return EHR_EXIT_DONE;
}

const struct ehr_usage *ehr_platform_usage(enum ehr_platform_verb verb)
{
    static struct ehr_usage import = {
        .verb = "platform import",
        .synopsis = "FILE.graphml [options]",
        .about = "A map with positions to a platform: great-circle distance over light in fibre.",
        .operand = "FILE.graphml",
        .operands_least = 1,
        .operands_most = 1,
        .examples = "ehrgrid platform import Geant2012.graphml --out geant.xml\n",
        .take = option_take,
    };
    static struct ehr_usage regions = {
        .verb = "platform regions",
        .synopsis = "--matrix PATH [options]",
        .about =
            "Round trips between regions to a platform: half of one is the latency of one way.",
        .examples = "ehrgrid platform regions --matrix gcp --regions europe-west3,us-east4 "
                    "--out two.xml\n",
        .take = option_take,
    };
    static struct ehr_usage generate = {
        .verb = "platform generate",
        .synopsis = "[options]",
        .about =
            "Hospitals: NAME-server, -node-1 .., -desk-1 .., -home; alliance-1 ..; data users.",
        .examples =
            "ehrgrid platform generate --hospitals 6 --out six.xml\n"
            "ehrgrid platform generate --on Basnet.graphml --internal --bandwidth 1Gbps \\\n"
            "    --at minsk,grodno,brest --out belarus.xml\n",
        .take = option_take,
    };
    struct ehr_usage *usage = verb == EHR_PLATFORM_IMPORT    ? &import
                              : verb == EHR_PLATFORM_REGIONS ? &regions
                                                             : &generate;
    usage->options = ehr_platform_rows(verb);
    return usage;
}

static enum ehr_exit check(const struct reading *reading)
{
    const struct ehr_platform_options *options = reading->options;
    const struct ehr_usage *usage = options->usage;
    const struct ehr_hospitals_options *hospitals = &options->hospitals;
    if (options->json && options->out == NULL)
        return ehr_options_wrong(usage,
                                 "--json needs --out FILE: standard output has the platform");
    if (options->verb == EHR_PLATFORM_REGIONS && options->matrix == NULL)
        return ehr_options_wrong(usage, "--matrix PATH is missing");
    if (hospitals->hospitals.count > EHR_HOSPITALS_MAX || hospitals->at.count > EHR_HOSPITALS_MAX)
        return ehr_options_wrong(usage, "at most %d hospitals", EHR_HOSPITALS_MAX);
    if (reading->hospital_count > 0 && hospitals->hospitals.count > 0 &&
        hospitals->hospitals.count != reading->hospital_count)
        return ehr_options_wrong(usage, "--names: %zu names for %u hospitals",
                                 hospitals->hospitals.count, reading->hospital_count);
    return EHR_EXIT_DONE;
}

bool ehr_platform_options_read(struct ehr_platform_options *options, enum ehr_platform_verb verb,
                               int argc, char **argv, enum ehr_exit *status)
{
    struct reading reading = {.options = options};
    const struct ehr_usage *usage = ehr_platform_usage(verb);
    *options = (struct ehr_platform_options){
        .verb = verb,
        .usage = usage,
        .command = ehr_app_text("%s", usage->verb),
    };
    defaults_set(options);
    if (!ehr_options_read(usage, &reading, argc, argv, status))
        return false;
    *status = check(&reading);
    if (*status == EHR_EXIT_DONE)
        *status = complete(&reading);
    return *status == EHR_EXIT_DONE;
}

void ehr_platform_options_close(struct ehr_platform_options *options)
{
    ehr_names_close(&options->regions_wanted);
    ehr_names_close(&options->hospitals.hospitals);
    ehr_names_close(&options->hospitals.at);
    ehr_names_close(&options->hospitals.data_users);
    free(options->command);
    options->command = NULL;
}
