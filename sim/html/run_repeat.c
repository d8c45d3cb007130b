#include "sim/html/run_repeat.h"

#include <string.h>

#include "sim/html/memory.h"
#include "sim/html/run_data.h"

static const char *scenario_path(const cJSON *json, const char **sha256)
{
    const cJSON *input;
    cJSON_ArrayForEach(input, cJSON_GetObjectItemCaseSensitive(json, "inputs"))
    {
        if (strcmp(ehr_html_run_text(input, "kind"), "scenario") == 0) {
            *sha256 = ehr_html_run_text(input, "sha256");
            return ehr_html_run_text(input, "path");
        }
    }
    *sha256 = ehr_html_run_text(json, "sha256");
    return "scenario.xml";
}

/* Whether a command line has a long option. */
static bool has_option(const cJSON *command, const char *name)
{
    const cJSON *word;
    size_t length = strlen(name);
    cJSON_ArrayForEach(word, command)
    {
        const char *text = cJSON_GetStringValue(word);
        if (text != NULL && strncmp(text, name, length) == 0 &&
            (text[length] == '=' || text[length] == '\0'))
            return true;
    }
    return false;
}

/* A command line under way. */
struct command {
    const char **words;
    char **texts; /* of words that are made here */
    size_t count, text_count;
};

/* Room for all that is overridden, and three options more. */
static struct command command_begin(const char *verb, const char *scenario, const cJSON *parameters)
{
    size_t overrides = (size_t)cJSON_GetArraySize(parameters);
    struct command command = {
        .words = ehr_html_memory_zeroed(2 * overrides + 9, sizeof(*command.words)),
        .texts = ehr_html_memory_zeroed(overrides, sizeof(*command.texts)),
    };
    command.words[command.count++] = "ehrgrid";
    command.words[command.count++] = verb;
    command.words[command.count++] = scenario;
    return command;
}

static void command_option(struct command *command, const char *option, const char *value)
{
    command->words[command->count++] = option;
    command->words[command->count++] = value;
}

static void command_override(struct command *command, const cJSON *parameter, bool records)
{
    const char *path = ehr_html_run_text(parameter, "path");
    const char *value = ehr_html_run_text(parameter, "value");
    bool seed = strcmp(path, "run/@seed") == 0;
    bool setting = strncmp(path, "--", 2) == 0; /* --cfg=KEY */
    if (seed || (records && strcmp(path, "records/@directory") == 0)) {
        command_option(command, seed ? "--seed" : "--records", value);
        return;
    }
    char *text = ehr_html_memory_text(setting ? "%s:%s" : "%s=%s", path, value);
    command->texts[command->text_count++] = text;
    if (setting)
        command->words[command->count++] = text;
    else
        command_option(command, "--set", text);
}

static void command_end(struct command *command, struct ehr_html_page *page)
{
    ehr_html_words(page, command->words, command->count);
    for (size_t i = 0; i < command->text_count; i++)
        ehr_html_memory_free(command->texts[i]);
    ehr_html_memory_free(command->texts);
    ehr_html_memory_free(command->words);
}

/* The command that gives this run: what it overrode, and nothing of where it was written. */
static void command_write(struct ehr_html_page *page, const cJSON *json, const char *path)
{
    const cJSON *parameters = cJSON_GetObjectItemCaseSensitive(json, "parameters"), *parameter;
    const char *replication = ehr_html_run_text(json, "replication");
    bool records = has_option(cJSON_GetObjectItemCaseSensitive(json, "command"), "--records");
    struct command command = command_begin("run", path, parameters);
    cJSON_ArrayForEach(parameter, parameters)
    {
        command_override(&command, parameter, records);
    }
    if (strcmp(replication, "0") != 0)
        command_option(&command, "--replication", replication);
    command_option(&command, "--out", "again");
    command_end(&command, page);
}

static void original_write(struct ehr_html_page *page, const cJSON *json)
{
    const cJSON *command = cJSON_GetObjectItemCaseSensitive(json, "command"), *word;
    size_t count = 0;
    const char **words =
        ehr_html_memory_zeroed((size_t)cJSON_GetArraySize(command) + 1, sizeof(*words));
    words[count++] = "ehrgrid";
    cJSON_ArrayForEach(word, command)
    {
        const char *text = cJSON_GetStringValue(word);
        words[count++] = text != NULL ? text : "";
    }
    ehr_html_words(page, words, count);
    ehr_html_memory_free(words);
}

void ehr_html_run_inputs(struct ehr_html_page *page, const cJSON *json)
{
    static const char *const columns[] = {"input", " file", " SHA-256", NULL};
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(json, "inputs"), *input;
    ehr_html_table_begin(page, "Files that were read; paths as they were named", columns);
    cJSON_ArrayForEach(input, inputs)
    {
        ehr_html_markup(page, "<tr>");
        ehr_html_element(page, "th scope=\"row\"", ehr_html_run_text(input, "kind"));
        ehr_html_element(page, "td class=\"text\"", ehr_html_run_text(input, "path"));
        ehr_html_element(page, "td class=\"text hash\"", ehr_html_run_text(input, "sha256"));
        ehr_html_markup(page, "</tr>\n");
    }
    ehr_html_table_end(page);
    cJSON_ArrayForEach(input, inputs)
    {
        const char *text = ehr_html_run_text(input, "text");
        if (*text == '\0')
            continue;
        ehr_html_markup(page, "<details><summary>");
        ehr_html_text(page, ehr_html_run_text(input, "kind"));
        ehr_html_markup(page, " <code>");
        ehr_html_text(page, ehr_html_run_text(input, "path"));
        ehr_html_markup(page, "</code></summary><pre>");
        ehr_html_text(page, text);
        ehr_html_markup(page, "</pre></details>\n");
    }
}

/* `ehrgrid VERB SCENARIO`, and what was overridden for all runs of the sweep. */
static void sweep_command_write(struct ehr_html_page *page, const char *verb, const cJSON *json,
                                const struct ehr_html_table *design, size_t first, size_t end)
{
    const cJSON *parameters = cJSON_GetObjectItemCaseSensitive(json, "parameters"), *parameter;
    const char *sha256;
    struct command command = command_begin(verb, scenario_path(json, &sha256), parameters);
    cJSON_ArrayForEach(parameter, parameters)
    {
        const char *path = ehr_html_run_text(parameter, "path");
        size_t column = ehr_html_table_column(design, path);
        if ((column < first || column >= end) && strcmp(path, "run/@seed") != 0)
            command_override(&command, parameter, false);
    }
    if (strcmp(verb, "sweep") == 0)
        command_option(&command, "--out", "again");
    command_end(&command, page);
}

static void versions_write(struct ehr_html_page *page, const cJSON *json)
{
    const char *sha256, *path = scenario_path(json, &sha256);
    const char *const sum[] = {"sha256sum", path};
    ehr_html_markup(page, "<li>The versions: <code>ehrgrid --version</code> prints ");
    ehr_html_format(page, "ehrgrid %s, SimGrid %s", ehr_html_run_text(json, "version"),
                    ehr_html_run_text(json, "simgrid_version"));
    ehr_html_markup(page, ".</li>\n<li>The scenario: ");
    ehr_html_words(page, sum, 2);
    ehr_html_markup(page, " prints <code class=\"hash\">");
    ehr_html_format(page, "%s  %s", sha256, path);
    ehr_html_markup(page, "</code></li>\n");
}

void ehr_html_sweep_repeat(struct ehr_html_page *page, const cJSON *json,
                           const struct ehr_html_table *design, size_t first, size_t end)
{
    const char *sha256, *path = scenario_path(json, &sha256);
    ehr_html_markup(page, "<ol>\n");
    versions_write(page, json);
    ehr_html_markup(page, "<li>The design: ");
    sweep_command_write(page, "expand", json, design, first, end);
    ehr_html_markup(page, " prints what is in design.csv. If only seeds differ, the sweep had a "
                          "<code>--seed</code>.</li>\n<li>The sweep: ");
    sweep_command_write(page, "sweep", json, design, first, end);
    ehr_html_markup(page, "</li>\n<li>One run of it, the first that is there: ");
    command_write(page, json, path);
    ehr_html_markup(page, "</li>\n</ol>\n");
}

void ehr_html_run_repeat(struct ehr_html_page *page, const cJSON *json)
{
    const char *sha256, *path = scenario_path(json, &sha256);
    ehr_html_markup(page, "<section id=\"repeat\">\n<h2>How to reproduce</h2>\n"
                          "<p>The same program on the same files gives the same CSV files to the "
                          "byte, but for <code>wall_s</code> and <code>peak_rss_bytes</code>.</p>\n"
                          "<ol>\n");
    versions_write(page, json);
    ehr_html_markup(page, "<li>The run: ");
    command_write(page, json, path);
    ehr_html_markup(page, "</li>\n<li>Its <code>run_id</code> is <code>");
    ehr_html_text(page, ehr_html_run_text(json, "run_id"));
    ehr_html_markup(page, "</code> again: a hash of scenario, overrides, seed and replication."
                          "</li>\n</ol>\n<p>It was made by ");
    original_write(page, json);
    ehr_html_markup(page, "</p>\n");
    ehr_html_run_inputs(page, json);
    ehr_html_markup(page, "</section>\n");
}
