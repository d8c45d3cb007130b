/* The verb calibrate: measures the cost table of this processor and writes it to a file. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/random.h"
#include "sim/app/command.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/app/whole_file.h"
#include "sim/calibrate/calibrate.h"
#include "sim/measure/terminal.h"

/* A sample of 200 us is long beside the clock's own time; 301 rounds take a quarter of a minute. */
enum {
    ROUNDS = 301,
    SAMPLE_NS = 200000,
    QUICK_ROUNDS = 21,
    QUICK_SAMPLE_NS = 50000,
};

struct calibrate {
    const char *out;
    bool quick, json, quiet;
    struct ehr_calibrate_options options;
    struct ehr_cost_table table;
    struct ehr_whole_file file;
};

/* ---- the command line ---- */

enum { OPTION_OUT = 1, OPTION_QUICK, OPTION_JSON, OPTION_QUIET };

static const struct ehr_option option_rows[] = {
    {OPTION_OUT, 0, "out", "FILE",
     "where the table goes; replaced if it exists (default: costs.json)"},
    {OPTION_QUICK, 0, "quick", NULL, "fewer and shorter samples: two seconds instead of fifteen"},
    {OPTION_JSON, 0, "json", NULL, "medians and quartiles as JSON on stdout, instead of a table"},
    {OPTION_QUIET, 'q', "quiet", NULL, "no progress line, no table"},
    {0},
};

static enum ehr_exit option_take(void *context, int id, const char *value)
{
    struct calibrate *calibrate = context;
    switch (id) {
    case OPTION_OUT:
        calibrate->out = value;
        if (*value == '\0')
            return ehr_options_wrong(&ehr_command_calibrate_usage, "--out: FILE is empty");
        break;
    case OPTION_QUICK:
        calibrate->quick = true;
        break;
    case OPTION_JSON:
        calibrate->json = true;
        break;
    case OPTION_QUIET:
        calibrate->quiet = true;
        break;
    }
    return EHR_EXIT_DONE;
}

const struct ehr_usage ehr_command_calibrate_usage = {
    .verb = "calibrate",
    .synopsis = "[options]",
    .about = "Measures what every operation of the cost table takes on this processor.",
    .options = option_rows,
    .examples = "ehrgrid calibrate --out costs.json\n"
                "ehrgrid run mine.xml --set crypto/@costs=costs.json\n",
    .take = option_take,
};

/* ---- where it is measured ---- */

/* The value of a line "key : value" of /proc/cpuinfo if it is of this key and none is known yet. */
static void cpu_value(char value[EHR_COST_TEXT_BYTES], const char *line, const char *key)
{
    size_t length = strlen(key);
    const char *rest = line + length;
    if (*value != '\0' || strncmp(line, key, length) != 0 || rest[strspn(rest, " \t")] != ':')
        return;
    rest += strspn(rest, ": \t");
    snprintf(value, EHR_COST_TEXT_BYTES, "%.*s", (int)strcspn(rest, "\n"), rest);
}

/* Its name, which virtual machines shorten, and its number in the maker's list. */
static void cpu_find(char cpu[EHR_COST_TEXT_BYTES])
{
    char line[1024], name[EHR_COST_TEXT_BYTES] = "", family[EHR_COST_TEXT_BYTES] = "",
                     model[EHR_COST_TEXT_BYTES] = "";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        cpu_value(name, line, "model name");
        cpu_value(family, line, "cpu family");
        cpu_value(model, line, "model");
    }
    if (file != NULL)
        fclose(file);
    if (*name == '\0')
        snprintf(name, sizeof name, "unknown");
    if (*family != '\0' && *model != '\0')
        snprintf(cpu, EHR_COST_TEXT_BYTES, "%.60s (family %.8s, model %.8s)", name, family, model);
    else
        snprintf(cpu, EHR_COST_TEXT_BYTES, "%s", name);
}

static void machine_describe(struct ehr_cost_table *table)
{
    time_t now = time(NULL);
    struct tm utc;
    cpu_find(table->cpu);
    snprintf(table->libsodium, sizeof table->libsodium, "%s", ehr_crypto_version());
    gmtime_r(&now, &utc);
    strftime(table->date, sizeof table->date, "%Y-%m-%d", &utc);
}

/* ---- the file ---- */

static enum ehr_exit file_write(struct calibrate *calibrate)
{
    char *text = ehr_cost_table_text(&calibrate->table);
    if (text == NULL) {
        fputs("ehrgrid: out of memory\n", stderr);
        return EHR_EXIT_ENVIRONMENT;
    }
    fprintf(calibrate->file.file, "%s\n", text);
    free(text);
    return ehr_whole_file_commit(&calibrate->file);
}

/* ---- what is printed ---- */

static void table_print(const struct calibrate *calibrate, const struct ehr_calibration *measured)
{
    const struct ehr_cost_table *table = &calibrate->table;
    printf("%s, libsodium %s, %s; medians of %u rounds\n", table->cpu, table->libsodium,
           table->date, calibrate->options.rounds);
    printf("%-24s %12s %12s %12s %10s\n", "operation", "ns", "lower qu.", "upper qu.", "ps/byte");
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++) {
        struct ehr_quartiles fixed = ehr_calibration_fixed(measured, op);
        printf("%-24s %12llu %12.0f %12.0f %10llu\n", ehr_cost_op_name(op),
               (unsigned long long)table->entry[op].fixed_ns, fixed.low, fixed.high,
               (unsigned long long)table->entry[op].per_byte_ps);
    }
    printf("cost table: %s\n", calibrate->out);
}

static void quartiles_json(cJSON *operation, const char *name, struct ehr_quartiles q)
{
    char text[96];
    snprintf(text, sizeof text, "[%.1f, %.1f, %.1f]", q.low, q.median, q.high);
    cJSON_AddRawToObject(operation, name, text);
}

/* For every operation lower quartile, median, upper quartile. */
static void json_print(const struct calibrate *calibrate, const struct ehr_calibration *measured)
{
    const struct ehr_cost_table *table = &calibrate->table;
    cJSON *root = ehr_said_object(EHR_EXIT_DONE);
    cJSON_AddStringToObject(root, "file", calibrate->out);
    cJSON_AddStringToObject(root, "cpu", table->cpu);
    cJSON_AddStringToObject(root, "libsodium", table->libsodium);
    cJSON_AddStringToObject(root, "date", table->date);
    cJSON_AddNumberToObject(root, "rounds", calibrate->options.rounds);
    cJSON *operations = cJSON_AddObjectToObject(root, "operations");
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++) {
        cJSON *operation = cJSON_AddObjectToObject(operations, ehr_cost_op_name(op));
        quartiles_json(operation, "fixed_ns", ehr_calibration_fixed(measured, op));
        quartiles_json(operation, "per_byte_ps", ehr_calibration_per_byte(measured, op));
    }
    ehr_said_print(root);
}

/* ---- the measurement ---- */

static uint64_t processor_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool on_round(void *context, unsigned round)
{
    const struct calibrate *calibrate = context;
    if (!calibrate->quiet && ehr_terminal_moves(stderr))
        fprintf(stderr, "\rround %u of %u", round + 1, calibrate->options.rounds);
    return ehr_interrupt_signal() == 0;
}

static enum ehr_exit measure(struct calibrate *calibrate)
{
    calibrate->options = (struct ehr_calibrate_options){
        .clock_ns = processor_ns,
        .rounds = calibrate->quick ? QUICK_ROUNDS : ROUNDS,
        .sample_ns = calibrate->quick ? QUICK_SAMPLE_NS : SAMPLE_NS,
        .progress = on_round,
        .context = calibrate,
    };
    struct ehr_calibration *measured = ehr_calibration_new(&calibrate->options);
    if (!calibrate->quiet && ehr_terminal_moves(stderr))
        fputs("\r\033[K", stderr);
    if (measured == NULL)
        return EHR_EXIT_WRONG; /* interrupted: the signal is raised when all is cleared away */
    machine_describe(&calibrate->table);
    ehr_calibration_table(measured, &calibrate->table);
    enum ehr_exit status = file_write(calibrate);
    if (status == EHR_EXIT_DONE && calibrate->json)
        json_print(calibrate, measured);
    else if (status == EHR_EXIT_DONE && !calibrate->quiet)
        table_print(calibrate, measured);
    ehr_calibration_free(measured);
    return status;
}

enum ehr_exit ehr_command_calibrate(int argc, char **argv)
{
    struct calibrate calibrate = {.out = "costs.json"};
    enum ehr_exit status;
    if (!ehr_options_read(&ehr_command_calibrate_usage, &calibrate, argc, argv, &status))
        return status;
    ehr_interrupt_open();
    /* Before the measurement, which is not to be lost to a folder that cannot be written. */
    status = ehr_whole_file_open(&calibrate.file, "calibrate", calibrate.out);
    if (status == EHR_EXIT_DONE)
        status = measure(&calibrate);
    ehr_whole_file_close(&calibrate.file);
    if (ehr_interrupt_signal() != 0)
        fputs("ehrgrid calibrate: interrupted\n", stderr);
    ehr_interrupt_close();
    return status;
}
