#include "sim/html/page.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdarg.h>
#include <string.h>

#include "sim/html/memory.h"

void ehr_html_markup(struct ehr_html_page *page, const char *markup)
{
    fputs(markup, page->out);
}

void ehr_html_text(struct ehr_html_page *page, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&')
            fputs("&amp;", page->out);
        else if (c == '<')
            fputs("&lt;", page->out);
        else if (c == '>')
            fputs("&gt;", page->out);
        else if (c == '"')
            fputs("&quot;", page->out);
        else if (c == '\'')
            fputs("&#39;", page->out);
        else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            fputs("\xef\xbf\xbd", page->out);
        else
            fputc(c, page->out);
    }
}

void ehr_html_format(struct ehr_html_page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = ehr_html_memory_format(format, arguments);
    va_end(arguments);
    ehr_html_text(page, text);
    ehr_html_memory_free(text);
}

void ehr_html_element(struct ehr_html_page *page, const char *name, const char *text)
{
    fprintf(page->out, "<%s>", name);
    ehr_html_text(page, text);
    fprintf(page->out, "</%.*s>", (int)strcspn(name, " "), name);
}

void ehr_html_cell_number(struct ehr_html_page *page, double number)
{
    if (isfinite(number))
        fprintf(page->out, "<td>%.4g</td>", number);
    else
        fputs("<td>-</td>", page->out);
}

void ehr_html_cell_count(struct ehr_html_page *page, uint64_t count)
{
    fprintf(page->out, "<td>%" PRIu64 "</td>", count);
}

void ehr_html_cell_text(struct ehr_html_page *page, const char *number)
{
    ehr_html_element(page, "td", number == NULL || *number == '\0' ? "-" : number);
}

void ehr_html_fact(struct ehr_html_page *page, const char *name, const char *text)
{
    fputs("<tr>", page->out);
    ehr_html_element(page, "th scope=\"row\"", name);
    ehr_html_element(page, "td", text);
    fputs("</tr>\n", page->out);
}

void ehr_html_table_begin(struct ehr_html_page *page, const char *caption,
                          const char *const *columns)
{
    fputs("<div class=\"wide\" tabindex=\"0\"><table>\n", page->out);
    ehr_html_element(page, "caption", caption);
    fputs("\n<thead><tr>", page->out);
    for (size_t i = 0; columns[i] != NULL; i++) {
        bool text = i == 0 || columns[i][0] == ' ';
        ehr_html_element(page, text ? "th scope=\"col\" class=\"text\"" : "th scope=\"col\"",
                         columns[i] + (columns[i][0] == ' '));
    }
    fputs("</tr></thead>\n<tbody>\n", page->out);
}

void ehr_html_table_end(struct ehr_html_page *page)
{
    fputs("</tbody></table></div>\n", page->out);
}

/* A word that every shell takes as it is. */
static bool is_plain(const char *word)
{
    if (*word == '\0')
        return false;
    for (; *word != '\0'; word++)
        if (!isalnum((unsigned char)*word) && strchr("_-./=:@,+%", *word) == NULL)
            return false;
    return true;
}

void ehr_html_words(struct ehr_html_page *page, const char *const *words, size_t count)
{
    fputs("<code>", page->out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fputc(' ', page->out);
        if (is_plain(words[i])) {
            ehr_html_text(page, words[i]);
            continue;
        }
        fputs("&#39;", page->out);
        for (const char *at = words[i]; *at != '\0'; at++) {
            const char one[2] = {*at, '\0'};
            ehr_html_text(page, *at == '\'' ? "'\\''" : one);
        }
        fputs("&#39;", page->out);
    }
    fputs("</code>", page->out);
}

void ehr_html_json(struct ehr_html_page *page, const char *json)
{
    /* These characters are inside strings in any JSON. */
    for (; *json != '\0'; json++) {
        if (*json == '<' || *json == '>' || *json == '&')
            fprintf(page->out, "\\u%04x", (unsigned)*json);
        else
            fputc(*json, page->out);
    }
}

void ehr_html_svg_url(struct ehr_html_page *page, const char *svg, size_t size)
{
    fputs("data:image/svg+xml,", page->out);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)svg[i];
        if (isalnum(c) || (c != '\0' && strchr(" -_.,;:=/()!*", c) != NULL))
            fputc(c, page->out);
        else
            fprintf(page->out, "%%%02X", c);
    }
}
