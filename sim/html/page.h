/*
 * Writes HTML to a stream: texts of others escaped, tags in pairs. It is not a template language
 * and checks no nesting; errors of the stream are found when the file is closed. Internal to
 * sim/html.
 */
#ifndef EHR_HTML_PAGE_H
#define EHR_HTML_PAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ehr_html_page {
    FILE *out;
};

/* Markup of our own, as it is. */
void ehr_html_markup(struct ehr_html_page *page, const char *markup);

/* Text of anybody's, for an element or a quoted attribute: & < > " ' escaped, characters that HTML
 * does not have replaced by U+FFFD. */
void ehr_html_text(struct ehr_html_page *page, const char *text);

/* printf into a text that is escaped. */
void ehr_html_format(struct ehr_html_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* <name>text</name>; `name` may carry attributes: `th scope="row"`. */
void ehr_html_element(struct ehr_html_page *page, const char *name, const char *text);

/* A cell of a table with a number: four digits; a count; a dash where there is none (NULL, ""). */
void ehr_html_cell_number(struct ehr_html_page *page, double number);
void ehr_html_cell_count(struct ehr_html_page *page, uint64_t count);
void ehr_html_cell_text(struct ehr_html_page *page, const char *number);

/* A row of a table of facts: <tr><th>name</th><td>text</td></tr>. */
void ehr_html_fact(struct ehr_html_page *page, const char *name, const char *text);

/* A <table> with a caption and a header row, up to <tbody>; `columns` ends with NULL. Names after
 * the first are of numbers unless they begin with a blank. */
void ehr_html_table_begin(struct ehr_html_page *page, const char *caption,
                          const char *const *columns);
void ehr_html_table_end(struct ehr_html_page *page);

/* The words of a command line, quoted for a shell where they have to be, inside <code>. */
void ehr_html_words(struct ehr_html_page *page, const char *const *words, size_t count);

/* JSON for a <script>: what could end the element is escaped within the JSON. `json` is a text of
 * cJSON's. */
void ehr_html_json(struct ehr_html_page *page, const char *json);

/* A data: URL of an SVG image, to be put in a quoted attribute. */
void ehr_html_svg_url(struct ehr_html_page *page, const char *svg, size_t size);

#endif /* EHR_HTML_PAGE_H */
