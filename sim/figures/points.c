#include "sim/figures/points.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "sim/figures/build.h"
#include "sim/figures/run.h"
#include "sim/figures/table.h"
#include "sim/measure/aggregate.h"
#include "sim/measure/error.h"
#include "sim/measure/memory.h"

/* Nobody reads figures of more. */
#define POINTS_MAX 5000u

/* ---- aggregate ---- */

static struct ehr_points_point *point_of(struct ehr_points *points, const char *number)
{
    if (points->count > 0 && strcmp(points->points[points->count - 1].number, number) == 0)
        return &points->points[points->count - 1];
    if (points->count == points->capacity) {
        size_t more = points->capacity == 0 ? 32 : 2 * points->capacity;
        points->points =
            ehr_measure_grow(points->points, points->capacity, more, sizeof(*points->points));
        points->capacity = more;
    }
    struct ehr_points_point *point = &points->points[points->count++];
    point->number = ehr_figures_text("%s", number);
    return point;
}

/* The first point has all metrics, in the order of the others. */
static size_t metric_of(struct ehr_points *points, const char *name)
{
    size_t found = ehr_points_metric(points, name);
    if (found != SIZE_MAX)
        return found;
    if (points->metric_count == points->metric_capacity) {
        size_t more = points->metric_capacity == 0 ? 128 : 2 * points->metric_capacity;
        points->metrics =
            ehr_measure_grow(points->metrics, points->metric_capacity, more, sizeof(char *));
        points->metric_capacity = more;
    }
    points->metrics[points->metric_count] = ehr_figures_text("%s", name);
    return points->metric_count++;
}

static double number_or_nan(const char *text)
{
    return *text == '\0' ? NAN : strtod(text, NULL);
}

/* A row of ehr_aggregate_write: point, parameters, metric, n, mean, sd, low, high. */
static void aggregate_row(struct ehr_points *points, const struct ehr_csv_reader *reader)
{
    size_t metric_column = points->parameter_count + 1;
    size_t before = points->count;
    struct ehr_points_point *point = point_of(points, ehr_csv_reader_cell(reader, 0));
    if (points->count > before) {
        point->texts = ehr_measure_zeroed(points->parameter_count + 1, sizeof(char *));
        for (size_t i = 0; i < points->parameter_count; i++)
            point->texts[i] = ehr_figures_text("%s", ehr_csv_reader_cell(reader, i + 1));
    }
    size_t count = points->metric_count;
    size_t metric = metric_of(points, ehr_csv_reader_cell(reader, metric_column));
    if (points->count == 1 && points->metric_count > count)
        point->values = ehr_measure_grow(point->values, count, count + 1, sizeof(*point->values));
    else if (point->values == NULL)
        point->values = ehr_measure_zeroed(count, sizeof(*point->values));
    point->values[metric] = (struct ehr_points_value){
        .n = strtoul(ehr_csv_reader_cell(reader, metric_column + 1), NULL, 10),
        .mean = number_or_nan(ehr_csv_reader_cell(reader, metric_column + 2)),
        .low = number_or_nan(ehr_csv_reader_cell(reader, metric_column + 4)),
        .high = number_or_nan(ehr_csv_reader_cell(reader, metric_column + 5))};
}

static enum ehr_measure_status rows_take(struct ehr_points *points, struct ehr_csv_reader *reader,
                                         struct ehr_measure_error *error)
{
    size_t metric = 0;
    enum ehr_measure_status status = ehr_csv_reader_column(reader, "metric", &metric, error);
    if (status != EHR_MEASURE_DONE)
        return status;
    points->parameter_count = metric - 1;
    points->parameters =
        ehr_measure_zeroed(points->parameter_count + 1, sizeof(*points->parameters));
    for (size_t i = 0; i + 1 < metric; i++)
        points->parameters[i].path = ehr_figures_text("%s", reader->columns[i + 1]);
    while (status == EHR_MEASURE_DONE) {
        bool end = false;
        status = ehr_csv_reader_next(reader, &end, error);
        if (status != EHR_MEASURE_DONE || end)
            break;
        aggregate_row(points, reader);
        if (points->count > POINTS_MAX)
            return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                    "%s: more than %u points: too many to draw", points->folder,
                                    POINTS_MAX);
    }
    return status;
}

/* The table that `ehrgrid aggregate` would write, through a file that is nobody else's. */
static enum ehr_measure_status aggregate_read(struct ehr_points *points,
                                              struct ehr_measure_error *error)
{
    const char *base = getenv("TMPDIR");
    char *path =
        ehr_figures_text("%s/ehrgrid-XXXXXX", base != NULL && *base != '\0' ? base : P_tmpdir);
    char *summary = ehr_figures_text("%s/summary.csv", points->folder);
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    int reason = errno;
    if (descriptor >= 0 && file == NULL) {
        (void)close(descriptor);
        (void)unlink(path);
    }
    struct ehr_aggregate_tally tally;
    struct ehr_csv_reader reader = {0};
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    if (file == NULL) {
        status = ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path, strerror(reason));
    } else {
        status = ehr_aggregate_write(summary, false, file, &tally, error);
        points->wrong = tally.wrong;
        bool failed = ferror(file) != 0;
        if ((fclose(file) != 0 || failed) && status == EHR_MEASURE_DONE)
            status =
                ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path, strerror(errno));
        if (status == EHR_MEASURE_DONE) {
            status = ehr_csv_reader_init(&reader, path, error);
            if (status == EHR_MEASURE_DONE)
                status = rows_take(points, &reader, error);
            ehr_csv_reader_close(&reader);
        }
        (void)unlink(path);
    }
    free(summary);
    free(path);
    return status;
}

/* ---- runs ---- */

struct describing {
    struct ehr_points *points;
    char *versions, *seed, *fidelity, *crypto; /* of the caption */
    bool seeds;                                /* more than one */
};

/* What all rows have in common, or that they have not. */
static void common_take(char **common, const char *text)
{
    if (*common != NULL && strcmp(*common, text) == 0)
        return;
    text = *common == NULL ? text : "varied";
    free(*common);
    *common = ehr_figures_text("%s", text);
}

static enum ehr_measure_status summary_row(void *data, const struct ehr_csv_reader *reader,
                                           const size_t *columns, struct ehr_measure_error *error)
{
    struct describing *describing = data;
    struct ehr_points *points = describing->points;
    const char *cells[9];
    (void)error;
    for (size_t i = 0; i < 9; i++)
        cells[i] = ehr_csv_reader_cell(reader, columns[i]);
    if (describing->versions == NULL) {
        describing->seed = ehr_figures_text("%s", cells[2]);
        free(points->caption);
        points->caption = ehr_figures_text("scenario %s (sha256 %.12s)", cells[3], cells[4]);
        describing->versions = ehr_figures_text("ehrgrid %s, SimGrid %s", cells[5], cells[6]);
    }
    common_take(&describing->fidelity, cells[7]);
    common_take(&describing->crypto, cells[8]);
    describing->seeds = describing->seeds || strcmp(describing->seed, cells[2]) != 0;
    for (size_t i = 0; i < points->count; i++) {
        struct ehr_points_point *point = &points->points[i];
        bool wrong = strcmp(ehr_csv_reader_cell(reader, columns[9]), "0") != 0;
        if (wrong || strcmp(point->number, cells[0]) != 0)
            continue;
        size_t count = point->run_count;
        point->runs = ehr_measure_grow(point->runs, count, count + 1, sizeof(char *));
        point->runs[point->run_count++] = ehr_figures_text("%s", cells[1]);
        break;
    }
    return EHR_MEASURE_DONE;
}

/* Replications per point, and what of the runs is the same. */
static void caption_end(struct describing *describing)
{
    struct ehr_points *points = describing->points;
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < points->count; i++) {
        size_t count = points->points[i].run_count;
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    char *replications =
        least == most ? ehr_figures_text("%zu", most) : ehr_figures_text("%zu to %zu", least, most);
    char *seed =
        describing->seeds
            ? ehr_figures_text("a seed per point")
            : ehr_figures_text("seed %s", describing->seed != NULL ? describing->seed : "");
    const char *versions = describing->versions != NULL ? describing->versions : "";
    const char *fidelity = describing->fidelity != NULL ? describing->fidelity : "";
    const char *crypto = describing->crypto != NULL ? describing->crypto : "";
    char *caption = ehr_figures_text(
        "%s, %zu points, %s, %s replication%s%s, %s, fidelity %s, crypto %s", points->caption,
        points->count, seed, replications, most == 1 ? "" : "s",
        most > 1 ? " (mean and 95 % t interval)" : " (no intervals)", versions, fidelity, crypto);
    free(replications);
    free(seed);
    free(points->caption);
    points->caption = caption;
}

/* Chains of a run of the point: how many nodes the alliance has, how many hospitals there are. */
static void chains_count(struct ehr_points *points, struct ehr_points_point *point)
{
    if (point->run_count == 0)
        return;
    char *path = ehr_figures_text("%s/runs/%s/run.json", points->folder, point->runs[0]);
    size_t size;
    char *text = ehr_figures_file(path, &size);
    cJSON *run = text != NULL ? cJSON_Parse(text) : NULL;
    const cJSON *chain = NULL;
    cJSON_ArrayForEach(chain, cJSON_GetObjectItemCaseSensitive(run, "chains"))
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(chain, "chain");
        const cJSON *replicas = cJSON_GetObjectItemCaseSensitive(chain, "replicas");
        if (!cJSON_IsString(name) || !cJSON_IsNumber(replicas) || replicas->valuedouble < 0)
            continue;
        if (strcmp(name->valuestring, "alliance") == 0)
            point->nodes = (size_t)replicas->valuedouble;
        else
            point->hospitals++;
    }
    cJSON_Delete(run);
    free(text);
    free(path);
}

static void parameters_find(struct ehr_points *points)
{
    for (size_t i = 0; i < points->parameter_count; i++) {
        struct ehr_points_parameter *parameter = &points->parameters[i];
        for (size_t j = 0; j < points->count; j++) {
            double value = 0;
            const char *text = points->points[j].texts[i];
            enum ehr_quantity quantity = ehr_quantity_parse(text, &value);
            parameter->quantity =
                j == 0 || parameter->quantity == quantity ? quantity : EHR_QUANTITY_NONE;
            size_t k = 0;
            while (k < j && strcmp(points->points[k].texts[i], text) != 0)
                k++;
            parameter->distinct += k == j;
        }
    }
}

enum ehr_measure_status ehr_points_init(struct ehr_points *points, const char *dir,
                                        struct ehr_measure_error *error)
{
    static const char *const columns[] = {
        "point",           "run_id",   "seed",   "scenario",      "sha256", "version",
        "simgrid_version", "fidelity", "crypto", "ended_wrongly", NULL};
    *points = (struct ehr_points){.folder = ehr_figures_text("%s", dir),
                                  .caption = ehr_figures_text("%s", "")};
    struct describing describing = {.points = points};
    enum ehr_measure_status status = aggregate_read(points, error);
    if (status == EHR_MEASURE_DONE)
        status =
            ehr_figures_table_read(dir, "summary.csv", columns, summary_row, &describing, error);
    if (status == EHR_MEASURE_DONE) {
        caption_end(&describing);
        parameters_find(points);
        for (size_t i = 0; i < points->count; i++)
            chains_count(points, &points->points[i]);
    }
    free(describing.versions);
    free(describing.fidelity);
    free(describing.crypto);
    free(describing.seed);
    return status;
}

void ehr_points_close(struct ehr_points *points)
{
    for (size_t i = 0; i < points->count; i++) {
        struct ehr_points_point *point = &points->points[i];
        for (size_t j = 0; j < points->parameter_count; j++)
            free(point->texts[j]);
        for (size_t j = 0; j < point->run_count; j++)
            free(point->runs[j]);
        free(point->number);
        free(point->texts);
        free(point->values);
        free(point->runs);
    }
    for (size_t i = 0; i < points->parameter_count; i++)
        free(points->parameters[i].path);
    for (size_t i = 0; i < points->metric_count; i++)
        free(points->metrics[i]);
    free(points->points);
    free(points->parameters);
    free(points->metrics);
    free(points->caption);
    free(points->folder);
    *points = (struct ehr_points){0};
}

/* ---- looking up ---- */

size_t ehr_points_metric(const struct ehr_points *points, const char *name)
{
    for (size_t i = 0; i < points->metric_count; i++)
        if (strcmp(points->metrics[i], name) == 0)
            return i;
    return SIZE_MAX;
}

size_t ehr_points_parameter(const struct ehr_points *points, const char *path)
{
    for (size_t i = 0; i < points->parameter_count; i++)
        if (strcmp(points->parameters[i].path, path) == 0)
            return i;
    return SIZE_MAX;
}

const char *ehr_points_attribute(const char *path)
{
    const char *at = strrchr(path, '@');
    return at != NULL ? at + 1 : path;
}

char *ehr_points_name(const struct ehr_points *points, size_t parameter)
{
    const char *path = points->parameters[parameter].path;
    const char *shown = ehr_points_attribute(path);
    for (size_t i = 0; i < points->parameter_count; i++)
        if (i != parameter && strcmp(ehr_points_attribute(points->parameters[i].path),
                                     ehr_points_attribute(path)) == 0)
            shown = path;
    char *name = ehr_figures_text("by-%s", shown);
    size_t length = 0;
    for (const char *at = name; *at != '\0'; at++) {
        bool plain = isalnum((unsigned char)*at) || *at == '_';
        if (plain || (length > 0 && name[length - 1] != '-'))
            name[length++] = plain ? *at : '-';
    }
    name[length] = '\0';
    return name;
}

bool ehr_points_determines(const struct ehr_points *points, size_t one, size_t two)
{
    for (size_t i = 0; i < points->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(points->points[i].texts[one], points->points[j].texts[one]) == 0 &&
                strcmp(points->points[i].texts[two], points->points[j].texts[two]) != 0)
                return false;
    return true;
}

bool ehr_points_counts(const struct ehr_points *points, size_t parameter, bool hospitals)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct ehr_points_point *one = &points->points[i];
        size_t count = hospitals ? one->hospitals : one->nodes;
        if (count == 0)
            return false;
        for (size_t j = 0; j < i; j++) {
            const struct ehr_points_point *two = &points->points[j];
            bool same = strcmp(one->texts[parameter], two->texts[parameter]) == 0;
            if (same != (count == (hospitals ? two->hospitals : two->nodes)))
                return false;
        }
    }
    return points->count > 0;
}

/* "clinic" of "../platforms/clinic.xml". */
static char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *end = strrchr(name, '.');
    return ehr_figures_text(
        "%.*s", (int)(end != NULL && end > name ? (size_t)(end - name) : strlen(name)), name);
}

/* The name of a file, or the whole path where another value has the same. */
static char *file_label(const struct ehr_points *points, size_t point, size_t parameter)
{
    const char *path = points->points[point].texts[parameter];
    char *label = file_name(path);
    bool alone = true;
    for (size_t i = 0; i < points->count && alone; i++) {
        const char *other = points->points[i].texts[parameter];
        char *name = file_name(other);
        alone = strcmp(other, path) == 0 || strcmp(name, label) != 0;
        free(name);
    }
    if (alone)
        return label;
    free(label);
    return ehr_figures_text("%s", path);
}

char *ehr_points_value_label(const struct ehr_points *points, size_t point, size_t parameter,
                             bool named)
{
    const struct ehr_points_parameter *found = &points->parameters[parameter];
    const char *text = points->points[point].texts[parameter];
    const char *attribute = ehr_points_attribute(found->path);
    if (strcmp(attribute, "hosts") == 0 && ehr_points_counts(points, parameter, false))
        return ehr_figures_text("%zu nodes", points->points[point].nodes);
    if (named && found->quantity != EHR_QUANTITY_NONE)
        return ehr_figures_text("%s %s", attribute, text);
    if (strchr(text, '/') != NULL)
        return file_label(points, point, parameter);
    return ehr_figures_text("%s", text);
}

char *ehr_points_label(const struct ehr_points *points, size_t point)
{
    char *label = ehr_figures_text("%s", "");
    for (size_t i = 0; i < points->parameter_count; i++) {
        bool told = points->parameters[i].distinct < 2 && points->count > 1;
        for (size_t j = 0; j < i && !told; j++)
            told = points->parameters[j].distinct > 1 && ehr_points_determines(points, j, i);
        if (told)
            continue;
        char *value = ehr_points_value_label(points, point, i, true);
        char *longer = ehr_figures_text("%s%s%s", label, *label == '\0' ? "" : ", ", value);
        free(value);
        free(label);
        label = longer;
    }
    return label;
}
