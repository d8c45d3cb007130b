#include "sim/measure/plot.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/measure/error.h"
#include "sim/measure/folder.h"
#include "sim/measure/gnuplot.h"
#include "sim/measure/latency.h"
#include "sim/measure/locale.h"
#include "sim/measure/memory.h"
#include "sim/measure/plot_data.h"
#include "sim/measure/plot_scripts.h"
#include "sim/measure/plot_throughput.h"

/* A curve of more points than this looks the same and makes the SVG larger. */
#define CURVE_POINTS_MAX 1000u

/* From this ratio of the slowest to the fastest request on, the axis is logarithmic. */
#define LINEAR_SPREAD_MAX 20.0

#define PATH_SIZE     4096u
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const figures[] = {"latency-cdf", "phases", "throughput"};
static const char *const formats[] = {"svg", "png"};

/* What the scripts are told about each flow, as lists of words. */
struct words {
    char flows[256];
    char counts[256];
    char medians[256];
    char means[256];
    char units[256];
    char rows[64];
    char phases[64];
};

/* A unit in which a time is a number of a handy size. */
struct unit {
    const char *name;
    double per_second;
};

/* `folder`/`prefix``name``suffix`. The path of the results was checked to leave room for it. */
static void path_in(char path[PATH_SIZE], const char *folder, const char *prefix, const char *name,
                    const char *suffix)
{
    int length = snprintf(path, PATH_SIZE, "%s/%s%s%s", folder, prefix, name, suffix);
    assert(length > 0 && (size_t)length < PATH_SIZE);
}

static FILE *open_in(const char *folder, const char *prefix, const char *name, const char *suffix,
                     struct ehr_measure_error *error)
{
    char path[PATH_SIZE];
    path_in(path, folder, prefix, name, suffix);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path, strerror(errno));
    return file;
}

static enum ehr_measure_status close_data(FILE *file, const char *folder,
                                          struct ehr_measure_error *error)
{
    bool failed = fflush(file) != 0 || ferror(file) != 0;
    int reason = errno;
    if (fclose(file) != 0 && !failed) {
        failed = true;
        reason = errno;
    }
    if (!failed)
        return EHR_MEASURE_DONE;
    return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: cannot write: %s", folder,
                            strerror(reason));
}

static enum ehr_measure_status write_scripts(const char *folder, struct ehr_measure_error *error)
{
    for (const struct ehr_plot_script *script = ehr_plot_scripts; script->name != NULL; script++) {
        FILE *file = open_in(folder, "", script->name, "", error);
        if (file == NULL)
            return EHR_MEASURE_ENVIRONMENT;
        fwrite(script->bytes, 1, script->size, file);
        enum ehr_measure_status status = close_data(file, folder, error);
        if (status != EHR_MEASURE_DONE)
            return status;
    }
    return EHR_MEASURE_DONE;
}

static struct unit unit_of(double seconds)
{
    if (seconds >= 1.0 || seconds <= 0.0)
        return (struct unit){"s", 1.0};
    if (seconds >= 1e-3)
        return (struct unit){"ms", 1e3};
    return (struct unit){"\xc2\xb5s", 1e6};
}

/* Three digits and the unit: 12.3 ms. */
static void format_time(char *text, size_t size, double seconds)
{
    struct unit unit = unit_of(seconds);
    double value = seconds * unit.per_second;
    snprintf(text, size, value < 999.5 ? "%.3g %s" : "%.0f %s", value, unit.name);
}

/* Appends to a list; a word may hold spaces, but no quotes. */
static void add_word(char *list, size_t size, const char *word)
{
    size_t length = strlen(list);
    int added = snprintf(list + length, size - length, "%s\"%s\"", length == 0 ? "" : " ", word);
    assert(added > 0 && (size_t)added < size - length);
}

static void add_count(char *list, size_t size, size_t count)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%zu", count);
    add_word(list, size, digits);
}

/* Latency and the percentage of requests that were at most as slow. */
static enum ehr_measure_status write_curve(const char *folder, const char *name,
                                           const struct ehr_plot_flow *flow,
                                           const struct unit *unit, struct ehr_measure_error *error)
{
    FILE *file = open_in(folder, "latency-", name, ".dat", error);
    if (file == NULL)
        return EHR_MEASURE_ENVIRONMENT;
    size_t points = flow->count < CURVE_POINTS_MAX ? flow->count : CURVE_POINTS_MAX;
    double scale = unit->per_second / 1e9;
    double before = 0.0;
    fprintf(file, "%.9g 0\n", (double)flow->latencies_ns[0] * scale);
    for (size_t i = 1; i <= points; i++) {
        size_t rank = i * flow->count / points;
        double latency = (double)flow->latencies_ns[rank - 1] * scale;
        double percent = 100.0 * (double)rank / (double)flow->count;
        fprintf(file, "%.9g %.9g\n%.9g %.9g\n", latency, before, latency, percent);
        before = percent;
    }
    return close_data(file, folder, error);
}

/* The parts of a bar: the phases, and what no phase accounts for, so that the bar is as long as the
 * mean latency. */
struct bar {
    const char *names[EHR_FLOW_PHASES_MAX + 1];
    double seconds[EHR_FLOW_PHASES_MAX + 1];
    double whole_s;
    size_t phase_count;
    size_t row_count;
};

static struct bar bar_of(enum ehr_flow flow, const struct ehr_plot_flow *totals)
{
    struct bar bar = {0};
    double sum = 0.0;
    for (enum ehr_phase phase = EHR_PHASE_INVALID + 1; phase < EHR_PHASE_END; phase++) {
        int slot = ehr_flow_phase_slot(flow, phase);
        if (slot < 0)
            continue;
        bar.names[slot] = ehr_phase_name(phase);
        bar.seconds[slot] = totals->phase_s[slot];
        bar.phase_count++;
        sum += totals->phase_s[slot];
    }
    bar.row_count = bar.phase_count;
    bar.whole_s = sum;
    /* Sums of decimal fractions leave a remainder that is no time. */
    if (totals->mean_s > sum * (1.0 + 1e-6)) {
        bar.names[bar.row_count] = "in no phase";
        bar.seconds[bar.row_count++] = totals->mean_s - sum;
        bar.whole_s = totals->mean_s;
    }
    return bar;
}

/* A row per part: where it begins and ends, and its entry in the legend. */
static enum ehr_measure_status write_bar(const char *folder, const char *name,
                                         const struct bar *bar, const struct unit *unit,
                                         struct ehr_measure_error *error)
{
    FILE *file = open_in(folder, "phases-", name, ".dat", error);
    if (file == NULL)
        return EHR_MEASURE_ENVIRONMENT;
    double at_s = 0.0;
    for (size_t i = 0; i < bar->row_count; i++) {
        char mean[64];
        double end_s = at_s + bar->seconds[i];
        double percent = bar->whole_s > 0.0 ? 100.0 * bar->seconds[i] / bar->whole_s : 0.0;
        format_time(mean, sizeof(mean), bar->seconds[i]);
        fprintf(file, "%.9g %.9g \"%s  %s (%.1f %%)\"\n", at_s * unit->per_second,
                end_s * unit->per_second, bar->names[i], mean, percent);
        at_s = end_s;
    }
    return close_data(file, folder, error);
}

static enum ehr_measure_status write_flow(const char *folder, enum ehr_flow flow,
                                          const struct ehr_plot_flow *totals,
                                          const struct unit *curve_unit, struct words *words,
                                          struct ehr_measure_error *error)
{
    const char *name = ehr_flow_name(flow);
    struct bar bar = bar_of(flow, totals);
    struct unit bar_unit = unit_of(bar.whole_s);
    char median[64], mean[64];
    double median_s = (double)ehr_latency_quantile(totals->latencies_ns, totals->count, 500) / 1e9;
    format_time(median, sizeof(median), median_s);
    format_time(mean, sizeof(mean), totals->mean_s);
    add_word(words->flows, sizeof(words->flows), name);
    add_count(words->counts, sizeof(words->counts), totals->count);
    add_word(words->medians, sizeof(words->medians), median);
    add_word(words->means, sizeof(words->means), mean);
    add_word(words->units, sizeof(words->units), bar_unit.name);
    add_count(words->rows, sizeof(words->rows), bar.row_count);
    add_count(words->phases, sizeof(words->phases), bar.phase_count);
    enum ehr_measure_status status = write_curve(folder, name, totals, curve_unit, error);
    if (status == EHR_MEASURE_DONE)
        status = write_bar(folder, name, &bar, &bar_unit, error);
    return status;
}

/* The fastest and the slowest request of all flows. */
static void find_extremes(const struct ehr_plot_data *data, double *least_s, double *most_s)
{
    uint64_t least_ns = UINT64_MAX, most_ns = 0;
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1; flow < EHR_FLOW_END; flow++) {
        const struct ehr_plot_flow *totals = &data->flows[flow];
        if (totals->count == 0)
            continue;
        if (totals->latencies_ns[0] < least_ns)
            least_ns = totals->latencies_ns[0];
        if (totals->latencies_ns[totals->count - 1] > most_ns)
            most_ns = totals->latencies_ns[totals->count - 1];
    }
    *least_s = (double)least_ns / 1e9;
    *most_s = (double)most_ns / 1e9;
}

/* One figure in both formats. */
static enum ehr_measure_status draw_figure(const char *folder, const char *figure,
                                           const char **arguments, struct ehr_measure_error *error)
{
    for (size_t i = 0; i < LENGTH(formats); i++) {
        char script[64], output[64];
        snprintf(script, sizeof(script), "%s.gp", figure);
        snprintf(output, sizeof(output), "%s.%s", figure, formats[i]);
        arguments[0] = formats[i];
        arguments[1] = output;
        enum ehr_measure_status status = ehr_gnuplot_run(folder, script, arguments, error);
        if (status != EHR_MEASURE_DONE)
            return status;
    }
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status draw_throughput(const char *dir, const char *folder,
                                               const struct ehr_plot_data *data,
                                               struct ehr_measure_error *error)
{
    static struct ehr_plot_throughput words; /* large */
    char caption[512];
    snprintf(caption, sizeof(caption), "%s, run %.64s", data->scenario, data->run_id);
    const char *arguments[] = {NULL,         NULL,       caption,   words.flows, words.chains,
                               words.begins, words.ends, words.bin, words.end,   NULL};
    enum ehr_measure_status status = ehr_plot_throughput_write(&words, dir, folder, error);
    return status == EHR_MEASURE_DONE ? draw_figure(folder, figures[2], arguments, error) : status;
}

static enum ehr_measure_status draw(const char *folder, const struct ehr_plot_data *data,
                                    struct ehr_measure_error *error)
{
    struct words words = {0};
    double least_s = 0.0, most_s = 0.0;
    find_extremes(data, &least_s, &most_s);
    struct unit unit = unit_of(most_s);
    bool wide = least_s > 0.0 && most_s / least_s > LINEAR_SPREAD_MAX;
    enum ehr_measure_status status = write_scripts(folder, error);
    for (enum ehr_flow flow = EHR_FLOW_INVALID + 1;
         flow < EHR_FLOW_END && status == EHR_MEASURE_DONE; flow++) {
        if (data->flows[flow].count > 0)
            status = write_flow(folder, flow, &data->flows[flow], &unit, &words, error);
    }
    char caption[512];
    snprintf(caption, sizeof(caption), "%s, run %.64s", data->scenario, data->run_id);
    const char *curves[] = {
        NULL,      NULL, caption, words.flows, words.counts, words.medians, wide ? "log" : "linear",
        unit.name, NULL};
    const char *bars[] = {NULL,        NULL,        caption,    words.flows,  words.counts,
                          words.means, words.units, words.rows, words.phases, NULL};
    if (status == EHR_MEASURE_DONE)
        status = draw_figure(folder, figures[0], curves, error);
    if (status == EHR_MEASURE_DONE)
        status = draw_figure(folder, figures[1], bars, error);
    return status;
}

/* Moves the finished figures to where they belong, replacing those of an earlier call. */
static enum ehr_measure_status publish(const char *folder, const char *target,
                                       struct ehr_measure_error *error)
{
    if (mkdir(target, 0777) != 0 && errno != EEXIST)
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", target, strerror(errno));
    for (size_t i = 0; i < LENGTH(figures) * LENGTH(formats); i++) {
        char from[PATH_SIZE], to[PATH_SIZE];
        const char *figure = figures[i / LENGTH(formats)], *format = formats[i % LENGTH(formats)];
        path_in(from, folder, figure, ".", format);
        path_in(to, target, figure, ".", format);
        if (rename(from, to) != 0)
            return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", to, strerror(errno));
    }
    return EHR_MEASURE_DONE;
}

static enum ehr_measure_status plot(const char *dir, struct ehr_measure_error *error)
{
    char target[PATH_SIZE];
    char *temporary = NULL;
    struct ehr_plot_data data;
    struct stat found;
    if (strlen(dir) > PATH_SIZE / 2)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "the path is too long");
    if (stat(dir, &found) != 0)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s: %s", dir, strerror(errno));
    if (!S_ISDIR(found.st_mode))
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s: not a folder of results", dir);
    path_in(target, dir, "", "figures", "");
    enum ehr_measure_status status = ehr_plot_data_init(&data, dir, error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_folder_make_temporary(&temporary, target, error);
    if (status == EHR_MEASURE_DONE)
        status = draw(temporary, &data, error);
    if (status == EHR_MEASURE_DONE)
        status = draw_throughput(dir, temporary, &data, error);
    if (status == EHR_MEASURE_DONE)
        status = publish(temporary, target, error);
    if (temporary != NULL)
        ehr_folder_remove(temporary);
    free(temporary);
    ehr_plot_data_close(&data);
    return status;
}

enum ehr_measure_status ehr_plot_run(const char *dir, struct ehr_measure_error *error)
{
    locale_t previous;
    if (!ehr_locale_enter_c(&previous))
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "the C locale: %s",
                                strerror(errno));
    enum ehr_measure_status status = plot(dir, error);
    ehr_locale_leave_c(previous);
    return status;
}
