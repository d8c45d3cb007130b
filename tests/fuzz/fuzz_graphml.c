/* Arbitrary bytes as a map and as a platform that hospitals are hung on: never a crash, a leak or
 * an undefined operation; what is made of either is a platform that can be read again, in which no
 * name stands twice. */
#include "sim/platform/hospitals.h"
#include "sim/platform/import.h"
#include "sim/platform/markup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void written_check(const char *text, size_t bytes)
{
    struct ehr_ground ground;
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    bool read = ehr_ground_platform(&ground, "made.xml", (const uint8_t *)text, bytes, &problems);
    if (!read)
        ehr_problem_list_write(&problems, stderr);
    assert(read);
    ehr_ground_close(&ground);
    ehr_problem_list_close(&problems);
}

/* Two hospitals on it, if their names are free. */
static void hang(struct ehr_ground *ground, struct ehr_problem_list *problems)
{
    struct ehr_hospitals_options options = {.name = "fuzz-all",
                                            .servers = 1,
                                            .nodes = 1,
                                            .homes = 1,
                                            .alliance = 1,
                                            .lan = {1000, 1},
                                            .access = {1, UINT64_MAX / 8},
                                            .home = {0, 125}};
    size_t point[2];
    char *text = NULL;
    size_t bytes = 0;
    ehr_names_add(&options.hospitals, "fuzz-a");
    ehr_names_add(&options.hospitals, "fuzz-b");
    if (ehr_hospitals_place(&options, ground, problems, point)) {
        FILE *out = open_memstream(&text, &bytes);
        ehr_markup_head(out, "generate", "Made.");
        ehr_hospitals_write(out, &options, ground, point);
        fclose(out);
        if (ground->is_map)
            written_check(text, bytes);
    }
    free(text);
    ehr_names_close(&options.hospitals);
}

static void map_use(const struct ehr_graph *graph, struct ehr_problem_list *problems)
{
    struct ehr_import_options options = {.route_factor = 1.5,
                                         .latency_min_ns = 50000,
                                         .default_bytes_per_s = 1000,
                                         .largest_only = true,
                                         .lan_bytes_per_s = 1000};
    struct ehr_map map;
    struct ehr_ground ground;
    const struct ehr_map_hosts hosts = {.per_site = 1, .cores = 1};
    char *text = NULL;
    size_t bytes = 0;
    if (graph->node_count > 50)
        return; /* slow, and not different */
    if (!ehr_import_map(graph, &options, problems, &map)) {
        ehr_map_close(&map);
        return;
    }
    FILE *out = open_memstream(&text, &bytes);
    ehr_markup_head(out, graph->name, graph->name);
    fputs("<platform version=\"4.1\">", out);
    ehr_markup_map(out, 2, &map, &hosts, NULL);
    fputs("</platform>\n", out);
    fclose(out);
    written_check(text, bytes);
    free(text);
    ehr_ground_take_map(&ground, &map);
    hang(&ground, problems);
    ehr_ground_close(&ground);
    ehr_map_close(&map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ehr_problem_list problems;
    struct ehr_ground ground;
    ehr_problem_list_init(&problems);
    struct ehr_graph *graph = ehr_graphml_read("fuzz.graphml", data, bytes, &problems);
    assert((graph != NULL) == (problems.error_count == 0));
    if (graph != NULL)
        map_use(graph, &problems);
    ehr_graph_free(graph);
    ehr_problem_list_close(&problems);
    ehr_problem_list_init(&problems);
    if (ehr_ground_platform(&ground, "fuzz.xml", data, bytes, &problems))
        hang(&ground, &problems);
    ehr_ground_close(&ground);
    ehr_problem_list_close(&problems);
    return 0;
}
