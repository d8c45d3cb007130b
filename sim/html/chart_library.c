#include "sim/html/chart_library.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "sim/html/memory.h"

#define BYTES_MAX (4u << 20)

static const char *const places[] = {
    "/usr/share/javascript/chart.js/chart.min.js",
    "/usr/share/javascript/chart.js/chart.umd.min.js",
    "/usr/share/javascript/chart.js/chart.umd.js",
};

/* The terms that the banner of the file names; the notice of copyright is the banner's. */
static const char licence[] =
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software "
    "and associated documentation files (the \"Software\"), to deal in the Software without "
    "restriction, including without limitation the rights to use, copy, modify, merge, publish, "
    "distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the "
    "Software is furnished to do so, subject to the following conditions:\n\n"
    "The above copyright notice and this permission notice shall be included in all copies or "
    "substantial portions of the Software.\n\n"
    "THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, "
    "INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR "
    "PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR "
    "ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, "
    "ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE "
    "SOFTWARE.";

/* The first comment, which names version, holders and licence: its length, 0 if there is none. */
static size_t banner_length(const char *bytes)
{
    const char *end = strstr(bytes, "*/");
    return strncmp(bytes, "/*", 2) == 0 && end != NULL ? (size_t)(end + 2 - bytes) : 0;
}

static bool banner_has(const char *bytes, const char *word)
{
    const char *found = strstr(bytes, word);
    return found != NULL && (size_t)(found - bytes) < banner_length(bytes);
}

/* What would end the element that holds it, or change how it is read, in any case of letters. */
static bool ends_script(const char *bytes)
{
    for (const char *at = strchr(bytes, '<'); at != NULL; at = strchr(at + 1, '<'))
        if (strncasecmp(at, "</script", 8) == 0 || strncmp(at, "<!--", 4) == 0)
            return true;
    return false;
}

/* NULL: it can be used. */
static const char *fault_of(const char *bytes, size_t size)
{
    if (strlen(bytes) != size)
        return "not a text";
    if (!banner_has(bytes, "Chart.js v3.") && !banner_has(bytes, "Chart.js v4."))
        return "not Chart.js 3 or 4";
    if (!banner_has(bytes, "MIT License"))
        return "its first comment does not name the MIT License";
    if (ends_script(bytes))
        return "it holds what would end a <script>";
    return NULL;
}

static bool library_read(struct ehr_html_chart_library *library, const char *path)
{
    library->bytes = ehr_html_memory_file(path, BYTES_MAX, &library->size);
    if (library->bytes == NULL) {
        snprintf(library->why, sizeof(library->why), "%s: %s", path, strerror(errno));
        return false;
    }
    const char *fault = fault_of(library->bytes, library->size);
    if (fault == NULL) {
        library->path = ehr_html_memory_text("%s", path);
        return true;
    }
    snprintf(library->why, sizeof(library->why), "%s: %s", path, fault);
    ehr_html_memory_free(library->bytes);
    library->bytes = NULL;
    return false;
}

void ehr_html_chart_library_init(struct ehr_html_chart_library *library, const char *path)
{
    *library = (struct ehr_html_chart_library){0};
    if (path != NULL) {
        library_read(library, path);
        return;
    }
    bool found = false;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++)
        found = library_read(library, places[i]);
    if (!found)
        snprintf(library->why, sizeof(library->why),
                 "Chart.js is not installed (Debian: libjs-chart.js)");
}

void ehr_html_chart_library_close(struct ehr_html_chart_library *library)
{
    ehr_html_memory_free(library->bytes);
    ehr_html_memory_free(library->path);
    *library = (struct ehr_html_chart_library){0};
}

void ehr_html_chart_library_write(const struct ehr_html_chart_library *library,
                                  struct ehr_html_page *page)
{
    assert(library->bytes != NULL);
    ehr_html_markup(page, "<script>\n");
    ehr_html_markup(page, library->bytes);
    ehr_html_markup(page, "\n</script>\n");
}

void ehr_html_chart_library_licence(const struct ehr_html_chart_library *library,
                                    struct ehr_html_page *page)
{
    char *banner = ehr_html_memory_text("%.*s", (int)banner_length(library->bytes), library->bytes);
    ehr_html_markup(page, "<details><summary>Licence of Chart.js, which draws the figures "
                          "</summary><pre class=\"licence\">");
    ehr_html_text(page, banner);
    ehr_html_markup(page, "\n\n");
    ehr_html_text(page, licence);
    ehr_html_markup(page, "</pre></details>\n");
    ehr_html_memory_free(banner);
}
