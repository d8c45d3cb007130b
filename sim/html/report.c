#include "sim/html/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/figures/figures.h"
#include "sim/html/memory.h"
#include "sim/html/pages.h"
#include "sim/measure/locale.h"

static bool has(const char *dir, const char *name)
{
    char *path = ehr_html_memory_text("%s/%s", dir, name);
    bool found = access(path, F_OK) == 0;
    ehr_html_memory_free(path);
    return found;
}

/* Still figures need gnuplot: drawn into the folder of `plot`. */
static void stills_draw(struct ehr_html_figures *figures, struct ehr_measure_error *why,
                        struct ehr_html_notice *notice)
{
    if (ehr_figures_draw(figures->data, figures->folder, "svg", why) == EHR_MEASURE_DONE)
        return;
    figures->without = why->text;
    size_t length = strlen(notice->text);
    snprintf(notice->text + length, sizeof(notice->text) - length, "%sno still figures: %s",
             length > 0 ? "; " : "", why->text);
}

/* `data` says whether it is a sweep's folder or a run's. */
static enum ehr_measure_status page_write(struct ehr_html_figures *figures, const char *dir,
                                          const struct ehr_html_options *options, FILE *out,
                                          struct ehr_html_notice *notice,
                                          struct ehr_measure_error *error)
{
    struct ehr_html_page page = {.out = out};
    struct ehr_html_chart_library library = {0};
    struct ehr_measure_error why; /* lasts as long as the page is written */
    if (!options->only_static) {
        ehr_html_chart_library_init(&library, options->chart_library);
        if (library.bytes != NULL)
            figures->library = &library;
        else
            snprintf(notice->text, sizeof(notice->text), "no interactive figures: %s", library.why);
    }
    if (figures->library == NULL && figures->data->count > 0)
        stills_draw(figures, &why, notice);
    enum ehr_measure_status status = figures->data->sweep
                                         ? ehr_html_sweep_page(&page, dir, figures, error)
                                         : ehr_html_run_page(&page, dir, figures, error);
    ehr_html_chart_library_close(&library);
    return status;
}

static enum ehr_measure_status report_write(const char *dir, const struct ehr_html_options *options,
                                            FILE *out, struct ehr_html_notice *notice,
                                            struct ehr_measure_error *error)
{
    const struct ehr_figures_choice everything = {0};
    struct ehr_figures data;
    struct ehr_measure_error undrawn;
    char *folder = ehr_html_memory_text("%s/figures", dir);
    struct ehr_html_figures figures = {.data = &data, .folder = folder};
    enum ehr_measure_status status = EHR_MEASURE_BAD_INPUT;
    notice->text[0] = '\0';
    if (!has(dir, "run.json") && !has(dir, "design.csv")) {
        snprintf(error->text, sizeof(error->text),
                 "%s: neither the folder of a run (run.json) nor of a sweep (design.csv)", dir);
    } else {
        status = ehr_figures_read(&data, dir, &everything, &undrawn);
        /* runs that do not go together have no figures, but a page that says so */
        if (status != EHR_MEASURE_DONE && data.sweep && has(dir, "summary.csv")) {
            figures.without = undrawn.text;
            status = EHR_MEASURE_DONE;
        }
        if (status == EHR_MEASURE_DONE)
            status = page_write(&figures, dir, options, out, notice, error);
        else
            *error = undrawn;
        ehr_figures_close(&data);
    }
    ehr_html_memory_free(folder);
    return status;
}

enum ehr_measure_status ehr_html_report_write(const char *dir,
                                              const struct ehr_html_options *options, FILE *out,
                                              struct ehr_html_notice *notice,
                                              struct ehr_measure_error *error)
{
    locale_t previous;
    if (!ehr_locale_enter_c(&previous)) {
        snprintf(error->text, sizeof(error->text), "the C locale: %s", strerror(errno));
        return EHR_MEASURE_ENVIRONMENT;
    }
    enum ehr_measure_status status = report_write(dir, options, out, notice, error);
    ehr_locale_leave_c(previous);
    return status;
}
