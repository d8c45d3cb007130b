/* The verb platform: maps of networks, tables of round trips and hospitals to SimGrid platforms. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/app/command.h"
#include "sim/app/interrupt.h"
#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/app/platform_options.h"
#include "sim/app/whole_file.h"
#include "sim/platform/markup.h"

struct make {
    struct ehr_platform_options options;
    struct ehr_problem_list problems;
    char *text; /* the platform */
    size_t text_bytes;
    FILE *out; /* into text */
};

/* ---- files ---- */

/* The caller's; NULL after a message. */
static uint8_t *file_read(struct make *make, const char *path, size_t *bytes)
{
    char *text = NULL;
    FILE *in = fopen(path, "rb"), *out = in != NULL ? open_memstream(&text, bytes) : NULL;
    char block[16384];
    if (out != NULL) {
        for (size_t got; (got = fread(block, 1, sizeof block, in)) > 0;)
            fwrite(block, 1, got, out);
        fclose(out);
    }
    if (in == NULL || out == NULL || ferror(in) != 0) {
        ehr_problem_list_add(&make->problems, false, path, 0, "file", strerror(errno),
                             "a file that can be read");
        free(text);
        text = NULL;
    }
    if (in != NULL)
        fclose(in);
    return (uint8_t *)text;
}

static enum ehr_exit write_out(struct make *make)
{
    const struct ehr_platform_options *options = &make->options;
    struct ehr_whole_file whole;
    if (options->out == NULL) {
        fwrite(make->text, 1, make->text_bytes, stdout);
        return EHR_EXIT_DONE; /* ehr_command_stdout_close looks at it */
    }
    ehr_interrupt_open();
    enum ehr_exit status = ehr_whole_file_open(&whole, options->usage->verb, options->out);
    if (status == EHR_EXIT_DONE) {
        fwrite(make->text, 1, make->text_bytes, whole.file);
        if (ehr_interrupt_signal() == 0)
            status = ehr_whole_file_commit(&whole);
    }
    ehr_whole_file_close(&whole);
    ehr_interrupt_close();
    return status;
}

/* ---- maps ---- */

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static bool graph_map(struct make *make, const char *path, struct ehr_map *map,
                      const struct ehr_map_hosts *hosts, const struct ehr_describe_words *words,
                      char **description)
{
    const struct ehr_import_options *options = &make->options.import;
    size_t bytes = 0;
    uint8_t *text = file_read(make, path, &bytes);
    struct ehr_graph *graph =
        text != NULL ? ehr_graphml_read(path, text, bytes, &make->problems) : NULL;
    free(text);
    bool done = graph != NULL && ehr_import_map(graph, options, &make->problems, map);
    if (done)
        *description = ehr_describe_import(graph, options, map, hosts, words);
    ehr_graph_free(graph);
    return done;
}

static bool matrix_map(struct make *make, const char *path, struct ehr_map *map,
                       const struct ehr_map_hosts *hosts, const struct ehr_describe_words *words,
                       char **description)
{
    const struct ehr_platform_options *options = &make->options;
    struct ehr_matrix matrix;
    bool done = ehr_matrix_read(path, options->statistic, &make->problems, &matrix) &&
                ehr_regions_map(&matrix, &options->regions, &make->problems, map);
    if (done)
        *description = ehr_describe_regions(&matrix, &options->regions, options->statistic_text,
                                            map, hosts, words);
    ehr_matrix_close(&matrix);
    return done;
}

/* A name of a site and a host may be the same by accident: "a" with two hosts and "a 1". */
static bool names_once(struct make *make, const struct ehr_map *map)
{
    struct ehr_names netpoints = {0}, links = {0};
    ehr_map_names(map, &make->options.hosts, NULL, &netpoints, &links);
    const char *twice = ehr_names_twice(&netpoints);
    twice = twice != NULL ? twice : ehr_names_twice(&links);
    if (twice != NULL)
        ehr_problem_list_add(&make->problems, false, make->options.usage->verb, 0,
                             "host, router, zone or link", twice,
                             "each name once: another --name or number of --hosts may help");
    ehr_names_close(&netpoints);
    ehr_names_close(&links);
    return make->problems.error_count == 0;
}

static void map_platform(struct make *make)
{
    const struct ehr_platform_options *options = &make->options;
    struct ehr_map map = {0};
    char *description = NULL;
    bool done =
        options->verb == EHR_PLATFORM_IMPORT
            ? graph_map(make, options->file, &map, &options->hosts, &options->words, &description)
            : matrix_map(make, options->matrix, &map, &options->hosts, &options->words,
                         &description);
    if (done && names_once(make, &map)) {
        ehr_markup_head(make->out, options->command, description);
        fputs("<platform version=\"4.1\">\n", make->out);
        ehr_markup_map(make->out, 2, &map, &options->hosts, NULL);
        fputs("</platform>\n", make->out);
    }
    free(description);
    ehr_map_close(&map);
}

/* ---- hospitals ---- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* `description`: what the ground's own comment would say, or NULL. */
static bool ground_find(struct make *make, struct ehr_ground *ground, char **description)
{
    const struct ehr_platform_options *options = &make->options;
    const struct ehr_describe_words words = {.source = options->words.source};
    struct ehr_map_hosts none = {0};
    struct ehr_map map = {0};
    struct stat there;
    if (options->on == NULL) {
        ehr_ground_exchange(ground);
        return true;
    }
    bool folder = stat(options->on, &there) == 0 && S_ISDIR(there.st_mode);
    bool graph = !folder && ends_with(options->on, ".graphml");
    if (graph || folder || ends_with(options->on, ".csv")) {
        bool done = graph ? graph_map(make, options->on, &map, &none, &words, description)
                          : matrix_map(make, options->on, &map, &none, &words, description);
        if (done)
            ehr_ground_take_map(ground, &map);
        ehr_map_close(&map);
        return done;
    }
    size_t bytes = 0;
    uint8_t *text = file_read(make, options->on, &bytes);
    bool done =
        text != NULL && ehr_ground_platform(ground, options->on, text, bytes, &make->problems);
    free(text);
    if (done)
        *description = ehr_app_text("The platform %s%s.", last_part(options->on),
                                    ground->comment != NULL ? ", whose comment stands below" : "");
    return done;
}

static void hospitals_platform(struct make *make)
{
    const struct ehr_platform_options *options = &make->options;
    struct ehr_ground ground = {0};
    char *description = NULL;
    size_t *point = ehr_app_zeroed(options->hospitals.hospitals.count, sizeof *point);
    if (ground_find(make, &ground, &description) &&
        ehr_hospitals_place(&options->hospitals, &ground, &make->problems, point)) {
        char *comment = ehr_describe_hospitals(&options->hospitals, description, &options->words);
        ehr_markup_head(make->out, options->command, comment);
        ehr_hospitals_write(make->out, &options->hospitals, &ground, point);
        free(comment);
    }
    free(point);
    free(description);
    ehr_ground_close(&ground);
}

/* ---- the verb ---- */

/* Errors; notices unless --quiet. */
static void problems_print(const struct make *make)
{
    const struct ehr_problem_list *all = &make->problems;
    for (size_t i = 0; i < all->count; i++) {
        struct ehr_problem_list one = {.items = &all->items[i], .count = 1};
        if (!all->items[i].warning || !make->options.quiet)
            ehr_said_problems(&one);
    }
}

static enum ehr_exit make_run(struct make *make)
{
    ehr_problem_list_init(&make->problems);
    make->out = open_memstream(&make->text, &make->text_bytes);
    if (make->out == NULL)
        abort();
    if (make->options.verb == EHR_PLATFORM_GENERATE)
        hospitals_platform(make);
    else
        map_platform(make);
    fclose(make->out);
    bool done = make->problems.error_count == 0;
    ehr_problem_list_sort(&make->problems);
    problems_print(make);
    enum ehr_exit status = done ? write_out(make) : EHR_EXIT_INPUT;
    if (status == EHR_EXIT_DONE && make->options.json) {
        cJSON *root = ehr_said_object(status);
        cJSON_AddStringToObject(root, "file", make->options.out);
        ehr_said_count(root, "bytes", make->text_bytes);
        ehr_said_print(root);
    }
    ehr_problem_list_close(&make->problems);
    free(make->text);
    return status;
}

static enum ehr_exit verb_run(enum ehr_platform_verb verb, int argc, char **argv)
{
    struct make make = {0};
    enum ehr_exit status;
    if (ehr_platform_options_read(&make.options, verb, argc, argv, &status))
        status = make_run(&make);
    ehr_platform_options_close(&make.options);
    return status;
}

enum ehr_exit ehr_command_import(int argc, char **argv)
{
    return verb_run(EHR_PLATFORM_IMPORT, argc, argv);
}

enum ehr_exit ehr_command_regions(int argc, char **argv)
{
    return verb_run(EHR_PLATFORM_REGIONS, argc, argv);
}

enum ehr_exit ehr_command_generate(int argc, char **argv)
{
    return verb_run(EHR_PLATFORM_GENERATE, argc, argv);
}
