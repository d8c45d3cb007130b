#include "sim/app/said.h"

#include <inttypes.h>
#include <libxml/xmlstring.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"
#include "sim/measure/terminal.h"

#define WARNING "warning: "

static struct {
    bool json, printed;
    cJSON *problems; /* NULL: none yet */
} said;

void ehr_said_open(bool json)
{
    cJSON_Delete(said.problems);
    said.problems = NULL;
    said.json = json;
    said.printed = false;
}

/* ---- lines into fields ---- */

static void text_or_null(cJSON *object, const char *name, const char *text)
{
    if (text != NULL)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

static void keep(bool warning, const char *message, const struct ehr_problem *problem)
{
    if (!said.json)
        return;
    if (said.problems == NULL)
        said.problems = cJSON_CreateArray();
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "warning", warning);
    text_or_null(object, "file", problem->file);
    if (problem->line > 0)
        cJSON_AddNumberToObject(object, "line", problem->line);
    else
        cJSON_AddNullToObject(object, "line");
    text_or_null(object, "what", problem->what);
    text_or_null(object, "found", problem->found);
    text_or_null(object, "allowed", problem->allowed);
    cJSON_AddStringToObject(object, "message", message);
    cJSON_AddItemToArray(said.problems, object);
}

/* Cuts at ": "; what follows it, NULL if there is none. */
static char *cut(char *text)
{
    char *at = text != NULL ? strstr(text, ": ") : NULL;
    if (at == NULL)
        return NULL;
    *at = '\0';
    return at + 2;
}

/* "file:line: what: found: allowed", as other parts of the program write it; else the message
 * alone, as of what begins with the name of the command. */
static void line_keep(const char *line)
{
    struct ehr_problem problem = {0};
    char *copy = ehr_app_text("%s", line);
    char *what = cut(copy), *found = cut(what), *allowed = cut(found);
    char *colon = strrchr(copy, ':');
    bool numbered =
        colon != NULL && colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1);
    if (what != NULL && strncmp(line, "ehrgrid", 7) != 0 && (numbered || allowed != NULL)) {
        problem =
            (struct ehr_problem){.file = copy, .what = what, .found = found, .allowed = allowed};
        if (numbered) {
            *colon = '\0';
            problem.line = (int)strtol(colon + 1, NULL, 10);
        }
    }
    keep(false, line, &problem);
    free(copy);
}

/* ---- saying ---- */

void ehr_said_lines(const char *text)
{
    fputs(text, stderr);
    char *save = NULL, *copy = ehr_app_text("%s", text);
    for (char *line = said.json ? strtok_r(copy, "\n", &save) : NULL; line != NULL;
         line = strtok_r(NULL, "\n", &save))
        line_keep(line);
    free(copy);
}

static void say(bool notice, const char *format, va_list arguments)
{
    char text[8192];
    vsnprintf(text, sizeof text, format, arguments);
    fprintf(stderr, "%s\n", text);
    if (notice)
        keep(true, text, &(struct ehr_problem){0});
    else if (said.json)
        line_keep(text);
}

void ehr_said_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(false, format, arguments);
    va_end(arguments);
}

void ehr_said_notice(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(true, format, arguments);
    va_end(arguments);
}

enum ehr_exit ehr_said_usage(const char *verb, const char *format, va_list arguments)
{
    char text[8192];
    const char *blank = *verb != '\0' ? " " : "";
    vsnprintf(text, sizeof text, format, arguments);
    ehr_said_line("ehrgrid%s%s: %s", blank, verb, text);
    fprintf(stderr, "Try `ehrgrid%s%s --help`.\n", blank, verb);
    return EHR_EXIT_INPUT;
}

void ehr_said_problems(const struct ehr_problem_list *list)
{
    bool colours = ehr_terminal_colours(stderr);
    for (size_t i = 0; i < list->count; i++) {
        const struct ehr_problem *problem = &list->items[i];
        char *line = NULL;
        size_t bytes = 0;
        FILE *memory = open_memstream(&line, &bytes);
        if (memory == NULL)
            abort();
        ehr_problem_list_write(&(struct ehr_problem_list){.items = &list->items[i], .count = 1},
                               memory);
        fclose(memory);
        line[bytes - 1] = '\0'; /* its line break */
        const char *word = problem->warning && colours ? strstr(line, WARNING) : NULL;
        if (word != NULL)
            fprintf(stderr, "%.*s\033[33mwarning\033[0m%s\n", (int)(word - line), line,
                    word + strlen("warning"));
        else
            fprintf(stderr, "%s\n", line);
        keep(problem->warning, line, problem);
        free(line);
    }
}

/* ---- the object ---- */

cJSON *ehr_said_object(enum ehr_exit status)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddBoolToObject(root, "ok", status == EHR_EXIT_DONE);
    cJSON_AddNumberToObject(root, "status", (double)status);
    return root;
}

void ehr_said_count(cJSON *object, const char *name, uint64_t count)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, count);
    cJSON_AddRawToObject(object, name, text);
}

/* Names of files need not be UTF-8, JSON has to be. */
static void utf8_make(char *text)
{
    if (xmlCheckUTF8((const unsigned char *)text))
        return;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0x80)
            *text = '?';
}

void ehr_said_print(cJSON *take_root)
{
    cJSON_AddItemToObject(take_root, "problems",
                          said.problems != NULL ? said.problems : cJSON_CreateArray());
    said.problems = NULL;
    said.printed = true;
    char *text = cJSON_Print(take_root);
    cJSON_Delete(take_root);
    if (text == NULL) {
        fputs("ehrgrid: out of memory\n", stderr);
        exit(3);
    }
    utf8_make(text);
    printf("%s\n", text);
    cJSON_free(text);
}

void ehr_said_close(enum ehr_exit status)
{
    if (said.json && !said.printed)
        ehr_said_print(ehr_said_object(status));
    ehr_said_open(false);
}
