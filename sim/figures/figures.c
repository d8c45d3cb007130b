#include "sim/figures/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/figures/build.h"
#include "sim/figures/run.h"
#include "sim/figures/sweep.h"
#include "sim/measure/error.h"
#include "sim/measure/locale.h"
#include "sim/measure/memory.h"

bool ehr_figures_has(const char *dir, const char *file)
{
    char *path = ehr_figures_text("%s/%s", dir, file);
    bool has = access(path, F_OK) == 0;
    free(path);
    return has;
}

char *ehr_figures_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "r");
    char *bytes = NULL;
    size_t capacity = 0;
    *size = 0;
    if (file == NULL)
        return NULL;
    for (size_t got = 1; got > 0; *size += got) {
        if (*size + 1 >= capacity) {
            size_t more = capacity == 0 ? 65536 : 2 * capacity;
            bytes = ehr_measure_grow(bytes, capacity, more, 1);
            capacity = more;
        }
        got = fread(bytes + *size, 1, capacity - *size - 1, file);
    }
    int reason = ferror(file) != 0 ? errno : 0;
    fclose(file);
    if (reason == 0)
        return bytes;
    free(bytes);
    errno = reason;
    return NULL;
}

/* Whether `name` is one of the words between commas. */
static bool listed(const char *words, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = words; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

static enum ehr_measure_status only_check(const struct ehr_figures *figures, const char *only,
                                          struct ehr_measure_error *error)
{
    char names[512] = "";
    for (size_t i = 0; i < figures->count; i++)
        snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i == 0 ? "" : ", ",
                 figures->figures[i].name);
    for (const char *at = only; *at != '\0';) {
        size_t length = strcspn(at, ",");
        bool found = false;
        for (size_t i = 0; i < figures->count && !found; i++)
            found = strlen(figures->figures[i].name) == length &&
                    strncmp(figures->figures[i].name, at, length) == 0;
        if (!found)
            return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s: no figure %.*s: %s",
                                    figures->folder, (int)length, at,
                                    figures->count == 0 ? "nothing to draw" : names);
        at += length + (at[length] == ',');
    }
    return EHR_MEASURE_DONE;
}

static void only_keep(struct ehr_figures *figures, const char *only)
{
    size_t kept = 0;
    for (size_t i = 0; i < figures->count; i++) {
        if (listed(only, figures->figures[i].name))
            figures->figures[kept++] = figures->figures[i];
        else
            ehr_figure_close(&figures->figures[i]);
    }
    figures->count = kept;
}

static enum ehr_measure_status folder_read(struct ehr_figures *figures,
                                           const struct ehr_figures_choice *choice,
                                           struct ehr_measure_error *error)
{
    const char *dir = figures->folder;
    struct stat found;
    if (stat(dir, &found) != 0)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s: %s", dir, strerror(errno));
    if (!S_ISDIR(found.st_mode))
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT, "%s: not a folder of results", dir);
    figures->sweep = ehr_figures_has(dir, "design.csv");
    bool summary = ehr_figures_has(dir, "summary.csv");
    if (!figures->sweep && !summary)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                "%s: neither the folder of a run (summary.csv) nor of a sweep "
                                "(design.csv)",
                                dir);
    if (figures->sweep && !summary)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                "%s: a sweep whose runs are not collected (no summary.csv): "
                                "`ehrgrid sweep` with --resume makes those that are missing, "
                                "with --gather takes those there are",
                                dir);
    if (figures->sweep)
        return ehr_figures_sweep_read(figures, choice, error);
    if (choice->x != NULL || choice->by != NULL || choice->metric != NULL)
        return ehr_measure_fail(error, EHR_MEASURE_BAD_INPUT,
                                "%s: not a sweep (no design.csv): a parameter or a metric is "
                                "drawn of a sweep",
                                dir);
    return ehr_figures_run_read(figures, error);
}

enum ehr_measure_status ehr_figures_read(struct ehr_figures *figures, const char *dir,
                                         const struct ehr_figures_choice *choice,
                                         struct ehr_measure_error *error)
{
    *figures = (struct ehr_figures){.folder = ehr_figures_text("%s", dir),
                                    .caption = ehr_figures_text("%s", "")};
    locale_t previous;
    if (!ehr_locale_enter_c(&previous))
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "the C locale: %s",
                                strerror(errno));
    enum ehr_measure_status status = folder_read(figures, choice, error);
    if (status == EHR_MEASURE_DONE && choice->only != NULL) {
        status = only_check(figures, choice->only, error);
        only_keep(figures, choice->only);
    }
    ehr_locale_leave_c(previous);
    return status;
}

void ehr_figures_close(struct ehr_figures *figures)
{
    for (size_t i = 0; i < figures->count; i++)
        ehr_figure_close(&figures->figures[i]);
    for (size_t i = 0; i < figures->notice_count; i++)
        free(figures->notices[i]);
    free(figures->figures);
    free(figures->notices);
    free(figures->folder);
    free(figures->caption);
    *figures = (struct ehr_figures){0};
}
