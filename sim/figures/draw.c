#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/figures/build.h"
#include "sim/figures/draw.h"
#include "sim/figures/figures.h"
#include "sim/figures/gnuplot.h"
#include "sim/figures/run.h"
#include "sim/figures/scripts.h"
#include "sim/measure/error.h"
#include "sim/measure/folder.h"
#include "sim/measure/locale.h"
#include "sim/measure/memory.h"

static const char *const all_formats[] = {"svg", "png", "pdf"};

#define FORMATS (sizeof(all_formats) / sizeof(all_formats[0]))

struct drawing {
    const struct ehr_figures *figures;
    const char *target;
    char *folder;            /* temporary */
    bool wanted[FORMATS];    /* of all_formats */
    char words[4 * FORMATS]; /* the same as words */
    struct ehr_measure_error *error;
};

/* ---- formats ---- */

static enum ehr_measure_status formats_read(struct drawing *drawing, const char *formats)
{
    for (const char *at = formats;; at++) {
        size_t length = strcspn(at, ",");
        size_t i = 0;
        while (i < FORMATS &&
               (strlen(all_formats[i]) != length || strncmp(at, all_formats[i], length) != 0))
            i++;
        if (i == FORMATS)
            return ehr_measure_fail(drawing->error, EHR_MEASURE_BAD_INPUT,
                                    "format: %.*s: svg, png or pdf", (int)length, at);
        drawing->wanted[i] = true;
        at += length;
        if (*at == '\0')
            break;
    }
    for (size_t i = 0; i < FORMATS; i++)
        if (drawing->wanted[i]) {
            strcat(drawing->words, all_formats[i]);
            strcat(drawing->words, " ");
        }
    return EHR_MEASURE_DONE;
}

/* ---- files ---- */

static enum ehr_measure_status file_failed(struct drawing *drawing, const char *path)
{
    return ehr_measure_fail(drawing->error, EHR_MEASURE_ENVIRONMENT, "%s: %s", path,
                            strerror(errno));
}

static enum ehr_measure_status bytes_write(struct drawing *drawing, const char *path,
                                           const void *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return file_failed(drawing, path);
    bool whole = fwrite(bytes, 1, size, file) == size;
    if (fclose(file) != 0 || !whole)
        return file_failed(drawing, path);
    return EHR_MEASURE_DONE;
}

/* gnuplot's ids are the same in every file; a page may hold several. */
static enum ehr_measure_status ids_change(struct drawing *drawing, const char *path,
                                          const char *name)
{
    size_t size = 0, length = 0;
    char *bytes = ehr_figures_file(path, &size);
    if (bytes == NULL)
        return file_failed(drawing, path);
    /* "NAME-" at most every four bytes, as a mark and what is known after it have four */
    size_t capacity = size + (size / 4 + 1) * (strlen(name) + 1) + 1;
    char *changed = ehr_measure_zeroed(capacity, 1);
    for (size_t i = 0; i < size; i++) {
        changed[length++] = bytes[i];
        bool id = i >= 4 && (bytes[i] == '\'' || bytes[i] == '"') &&
                  strncmp(bytes + i - 3, "id=", 3) == 0;
        bool reference = bytes[i] == '#' && i > 0 && strchr("'\"(", bytes[i - 1]) != NULL;
        static const char *const known[] = {"gp", "gnuplot_", "textbox", "greybox"};
        for (size_t k = 0; (id || reference) && k < sizeof(known) / sizeof(known[0]); k++)
            if (strncmp(bytes + i + 1, known[k], strlen(known[k])) == 0) {
                length += (size_t)snprintf(changed + length, capacity - length, "%s-", name);
                break;
            }
    }
    enum ehr_measure_status status = bytes_write(drawing, path, changed, length);
    free(changed);
    free(bytes);
    return status;
}

/* Cairo writes when it made the file; blanks are as good. That of 1.17.6 and later compresses it:
 * then it stays. */
static enum ehr_measure_status date_blank(struct drawing *drawing, const char *path)
{
    static const char key[] = "/CreationDate (";
    size_t size = 0;
    char *bytes = ehr_figures_file(path, &size);
    if (bytes == NULL)
        return file_failed(drawing, path);
    for (size_t i = 0; i + sizeof(key) <= size; i++) {
        if (memcmp(bytes + i, key, sizeof(key) - 1) != 0)
            continue;
        char *end = memchr(bytes + i, ')', size - i);
        if (end != NULL)
            memset(bytes + i, ' ', (size_t)(end - bytes) - i + 1);
    }
    enum ehr_measure_status status = bytes_write(drawing, path, bytes, size);
    free(bytes);
    return status;
}

/* ---- drawing ---- */

static enum ehr_measure_status scripts_write(struct drawing *drawing)
{
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (const struct ehr_figures_script *script = ehr_figures_scripts;
         script->name != NULL && status == EHR_MEASURE_DONE; script++) {
        char *path = ehr_figures_text("%s/%s", drawing->folder, script->name);
        status = bytes_write(drawing, path, script->bytes, script->size);
        free(path);
    }
    return status;
}

static enum ehr_measure_status table_write(struct drawing *drawing, const struct ehr_figure *figure)
{
    char *path = ehr_figures_text("%s/%s.csv", drawing->folder, figure->name);
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        status = file_failed(drawing, path);
    } else {
        ehr_figure_table_write(figure, file);
        bool failed = ferror(file) != 0;
        if (fclose(file) != 0 || failed)
            status = file_failed(drawing, path);
    }
    free(path);
    return status;
}

static enum ehr_measure_status figure_draw(struct drawing *drawing, const struct ehr_figure *figure)
{
    static const char *const arguments[] = {NULL};
    enum ehr_measure_status status = table_write(drawing, figure);
    if (status == EHR_MEASURE_DONE)
        status = ehr_figure_script_write(figure, drawing->figures->caption, drawing->words,
                                         drawing->folder, drawing->error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_gnuplot_run(drawing->folder, "draw.gp", arguments, drawing->error);
    for (size_t i = 0; i < FORMATS && status == EHR_MEASURE_DONE; i++) {
        char *path = ehr_figures_text("%s/%s.%s", drawing->folder, figure->name, all_formats[i]);
        if (drawing->wanted[i] && i == 0)
            status = ids_change(drawing, path, figure->name);
        if (drawing->wanted[i] && i == 2)
            status = date_blank(drawing, path);
        free(path);
    }
    return status;
}

/* ---- publishing ---- */

static enum ehr_measure_status publish(struct drawing *drawing, const char *name,
                                       const char *suffix)
{
    char *from = ehr_figures_text("%s/%s.%s", drawing->folder, name, suffix);
    char *to = ehr_figures_text("%s/%s.%s", drawing->target, name, suffix);
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    if (rename(from, to) != 0)
        status = file_failed(drawing, to);
    free(from);
    free(to);
    return status;
}

static enum ehr_measure_status all_publish(struct drawing *drawing)
{
    if (mkdir(drawing->target, 0777) != 0 && errno != EEXIST)
        return file_failed(drawing, drawing->target);
    enum ehr_measure_status status = EHR_MEASURE_DONE;
    for (size_t i = 0; i < drawing->figures->count && status == EHR_MEASURE_DONE; i++) {
        const char *name = drawing->figures->figures[i].name;
        for (size_t j = 0; j < FORMATS && status == EHR_MEASURE_DONE; j++)
            if (drawing->wanted[j])
                status = publish(drawing, name, all_formats[j]);
        if (status == EHR_MEASURE_DONE)
            status = publish(drawing, name, "csv");
    }
    return status;
}

enum ehr_measure_status ehr_figures_draw(const struct ehr_figures *figures, const char *target,
                                         const char *formats, struct ehr_measure_error *error)
{
    struct drawing drawing = {.figures = figures, .target = target, .error = error};
    enum ehr_measure_status status = formats_read(&drawing, formats);
    if (status != EHR_MEASURE_DONE || figures->count == 0)
        return status;
    locale_t previous;
    if (!ehr_locale_enter_c(&previous))
        return ehr_measure_fail(error, EHR_MEASURE_ENVIRONMENT, "the C locale: %s",
                                strerror(errno));
    status = ehr_folder_make_temporary(&drawing.folder, target, error);
    if (status == EHR_MEASURE_DONE)
        status = scripts_write(&drawing);
    for (size_t i = 0; i < figures->count && status == EHR_MEASURE_DONE; i++)
        status = figure_draw(&drawing, &figures->figures[i]);
    if (status == EHR_MEASURE_DONE)
        status = all_publish(&drawing);
    if (drawing.folder != NULL)
        ehr_folder_remove(drawing.folder);
    free(drawing.folder);
    ehr_locale_leave_c(previous);
    return status;
}
