/* How the help of a verb reads. */
#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"
#include "sim/app/options.h"

enum { COLUMNS = 80, INDENT_MOST = 30 };

/* Words from column `at` on, lines that follow indented so far. */
static void words_print(FILE *out, const char *text, size_t indent, size_t at)
{
    bool first = true;
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (!first && at + 1 + length > COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            first = true;
        }
        fprintf(out, "%s%.*s", first ? "" : " ", (int)length, text);
        at += (first ? 0 : 1) + length;
        first = false;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* "-j, --jobs N"; the caller's. */
static char *head_of(const struct ehr_option *row)
{
    const char *argument = row->argument != NULL ? row->argument : "";
    char letter[8] = "";
    if (row->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    if (*argument == '[')
        return ehr_app_text("%s--%s[=%s", letter, row->name, argument + 1);
    return ehr_app_text("%s--%s%s%s", letter, row->name, *argument != '\0' ? " " : "", argument);
}

static size_t indent_of(const struct ehr_usage *usage)
{
    size_t widest = 0;
    for (const struct ehr_option *row = usage->options; row->name != NULL || row->help != NULL;
         row++) {
        char *head = row->name != NULL ? head_of(row) : NULL;
        size_t width = head != NULL ? 2 + strlen(head) + 2 : 0;
        if (width > widest && width <= INDENT_MOST)
            widest = width;
        free(head);
    }
    return widest;
}

static void row_print(const struct ehr_option *row, size_t indent, FILE *out)
{
    if (row->name == NULL) {
        words_print(out, row->help, 0, 0);
        return;
    }
    char *head = head_of(row);
    size_t width = 2 + strlen(head);
    fprintf(out, "  %s", head);
    if (width + 2 > indent)
        fprintf(out, "\n%*s", (int)indent, "");
    else
        fprintf(out, "%*s", (int)(indent - width), "");
    words_print(out, row->help, indent, indent);
    free(head);
}

void ehr_options_help(const struct ehr_usage *usage, FILE *out)
{
    if (usage->help != NULL) {
        usage->help(out);
        return;
    }
    size_t indent = indent_of(usage);
    fprintf(out, "usage: ehrgrid %s %s\n", usage->verb, usage->synopsis);
    words_print(out, usage->about, 0, 0);
    for (const struct ehr_option *row = usage->options; row->name != NULL || row->help != NULL;
         row++)
        row_print(row, indent, out);
    if (usage->examples != NULL) {
        fputs("Examples:\n", out);
        for (const char *line = usage->examples; *line != '\0';) {
            size_t length = strcspn(line, "\n") + 1;
            fprintf(out, "  %.*s", (int)length, line);
            line += length;
        }
    }
}
