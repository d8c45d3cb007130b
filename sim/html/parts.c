#include "sim/html/parts.h"

#include <string.h>

#include "sim/html/assets.h"
#include "sim/html/chart_data.h"
#include "sim/html/memory.h"

#define SVG_BYTES_MAX (16u << 20)

static void asset_write(struct ehr_html_page *page, const char *name)
{
    for (const struct ehr_html_asset *asset = ehr_html_assets; asset->name != NULL; asset++)
        if (strcmp(asset->name, name) == 0)
            fwrite(asset->bytes, 1, asset->size, page->out);
}

void ehr_html_begin(struct ehr_html_page *page, const char *title)
{
    ehr_html_markup(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        /* nothing is fetched, whatever the texts of a scenario say */
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n");
    ehr_html_element(page, "title", title);
    ehr_html_markup(page, "\n<style>\n");
    asset_write(page, "report.css");
    ehr_html_markup(page, "</style>\n</head>\n<body>\n<main>\n");
}

static bool is_note(enum ehr_finding_kind kind)
{
    return kind >= EHR_FINDING_REPLICATIONS;
}

void ehr_html_findings(struct ehr_html_page *page, const struct ehr_findings *findings)
{
    ehr_html_markup(page, "<section id=\"warnings\">\n<h2>Warnings</h2>\n");
    if (findings->count == 0)
        ehr_html_markup(page, "<p>None.</p>\n");
    else
        ehr_html_markup(page, "<ul class=\"findings\">\n");
    for (size_t i = 0; i < findings->count; i++) {
        const struct ehr_finding *finding = &findings->items[i];
        fprintf(page->out, "<li class=\"%s\">", is_note(finding->kind) ? "note" : "warning");
        ehr_html_element(page, "strong", ehr_finding_name(finding->kind));
        ehr_html_markup(page, " ");
        ehr_html_text(page, finding->text);
        ehr_html_markup(page, "</li>\n");
    }
    if (findings->count > 0)
        ehr_html_markup(page, "</ul>\n");
    ehr_html_markup(page, "</section>\n");
}

/* ---- figures ---- */

static void frame_write(struct ehr_html_page *page, const struct ehr_figure *figure)
{
    ehr_html_markup(page, "<figure class=\"chart\" id=\"figure-");
    ehr_html_text(page, figure->name);
    ehr_html_markup(page, "\">\n");
    ehr_html_element(page, "h3", figure->title);
    ehr_html_markup(page, "\n");
    for (size_t i = 0; i < figure->panel_count; i++) {
        const struct ehr_figure_panel *panel = &figure->panels[i];
        ehr_html_markup(page, "<div class=\"panel\"><div class=\"choices\"></div>\n"
                              "<div class=\"canvas\"><canvas role=\"img\" aria-label=\"");
        ehr_html_format(page, "%s: %s against %s", figure->title,
                        *panel->y.label != '\0' ? panel->y.label : panel->title, panel->x.label);
        ehr_html_markup(page, "\"></canvas></div></div>\n");
    }
    ehr_html_element(page, "figcaption", figure->help);
    ehr_html_markup(page, "\n</figure>\n");
}

static void interactive_write(struct ehr_html_page *page, const struct ehr_figures *figures)
{
    ehr_html_markup(page,
                    "<p class=\"scripted\">A button above a figure shows and hides what it names; "
                    "the name of a flow in the tables of results shows that flow alone.</p>\n"
                    "<noscript><p>The figures are drawn by a script of this page, which is off. "
                    "The tables are complete without it; <code>ehrgrid report --static</code> "
                    "makes a page with still figures.</p></noscript>\n"
                    "<div class=\"figures scripted\">\n");
    for (size_t i = 0; i < figures->count; i++)
        frame_write(page, &figures->figures[i]);
    cJSON *data = ehr_html_chart_data(figures);
    char *json = cJSON_PrintUnformatted(data);
    ehr_html_markup(page, "</div>\n<script type=\"application/json\" id=\"data\">");
    ehr_html_json(page, json != NULL ? json : "[]");
    ehr_html_markup(page, "</script>\n");
    cJSON_free(json);
    cJSON_Delete(data);
}

static void still_write(struct ehr_html_page *page, const char *folder,
                        const struct ehr_figure *figure)
{
    size_t size;
    char *path = ehr_html_memory_text("%s/%s.svg", folder, figure->name);
    char *svg = ehr_html_memory_file(path, SVG_BYTES_MAX, &size);
    ehr_html_markup(page, "<figure class=\"still\">\n");
    if (svg != NULL) {
        ehr_html_markup(page, "<img alt=\"");
        ehr_html_text(page, figure->title);
        ehr_html_markup(page, "\" src=\"");
        ehr_html_svg_url(page, svg, size);
        ehr_html_markup(page, "\">\n");
    }
    ehr_html_element(page, "figcaption", figure->help);
    ehr_html_markup(page, "\n</figure>\n");
    ehr_html_memory_free(svg);
    ehr_html_memory_free(path);
}

void ehr_html_figures(struct ehr_html_page *page, const struct ehr_html_figures *figures)
{
    ehr_html_markup(page, "<section id=\"figures\">\n<h2>Figures</h2>\n");
    if (figures->without != NULL) {
        ehr_html_markup(page, "<p>There are no figures: ");
        ehr_html_text(page, figures->without);
        ehr_html_markup(page, ".</p>\n");
    } else if (figures->data->count == 0) {
        ehr_html_markup(page, "<p>There is nothing to draw.</p>\n");
    } else if (figures->library != NULL) {
        interactive_write(page, figures->data);
    } else {
        ehr_html_markup(page, "<p>Drawn by gnuplot.</p>\n<div class=\"stills\">\n");
        for (size_t i = 0; i < figures->data->count; i++)
            still_write(page, figures->folder, &figures->data->figures[i]);
        ehr_html_markup(page, "</div>\n");
    }
    for (size_t i = 0; i < figures->data->notice_count; i++) {
        ehr_html_element(page, "p", figures->data->notices[i]);
        ehr_html_markup(page, "\n");
    }
    ehr_html_markup(page, "</section>\n");
}

void ehr_html_end(struct ehr_html_page *page, const struct ehr_html_figures *figures,
                  const char *version)
{
    ehr_html_markup(
        page, "</main>\n<footer>\n<p>Made by <code>ehrgrid report</code> from results of ehrgrid ");
    ehr_html_text(page, version);
    ehr_html_markup(page, ". The page needs no other file and no network.</p>\n");
    if (figures->library != NULL && figures->without == NULL && figures->data->count > 0) {
        ehr_html_chart_library_licence(figures->library, page);
        ehr_html_markup(page, "</footer>\n");
        ehr_html_chart_library_write(figures->library, page);
        ehr_html_markup(page, "<script>\n");
        asset_write(page, "report.js");
        ehr_html_markup(page, "</script>\n");
    } else {
        ehr_html_markup(page, "</footer>\n");
    }
    ehr_html_markup(page, "</body>\n</html>\n");
}
