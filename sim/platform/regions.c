#include "sim/platform/regions.h"

#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

struct regions {
    const struct ehr_matrix *matrix;
    const struct ehr_regions_options *options;
    struct ehr_problem_list *problems;
    struct ehr_map *map;
    size_t *chosen; /* per site the region */
};

static uint64_t entry(const struct regions *regions, size_t from, size_t to)
{
    return regions->matrix
        ->rtt_ns[regions->chosen[from] * regions->matrix->regions.count + regions->chosen[to]];
}

static void report(struct regions *regions, bool warning, size_t from, size_t to, const char *found,
                   const char *allowed)
{
    const struct ehr_matrix *matrix = regions->matrix;
    char *what = ehr_scenario_text_format("%s to %s", matrix->regions.items[regions->chosen[from]],
                                          matrix->regions.items[regions->chosen[to]]);
    ehr_problem_list_add(regions->problems, warning, matrix->file, 0, what, found, allowed);
    free(what);
}

static void regions_choose(struct regions *regions)
{
    const struct ehr_matrix *matrix = regions->matrix;
    const struct ehr_names *wanted = regions->options->regions;
    if (wanted == NULL || wanted->count == 0)
        wanted = &matrix->regions;
    regions->chosen = ehr_scenario_allocate(wanted->count, sizeof *regions->chosen);
    size_t count = 0;
    for (size_t i = 0; i < wanted->count; i++) {
        regions->chosen[count] = ehr_matrix_region(matrix, wanted->items[i]);
        if (regions->chosen[count] == EHR_MATRIX_REGIONS_MAX) {
            char *all = ehr_names_text(&matrix->regions, EHR_MATRIX_REGIONS_MAX);
            ehr_problem_list_add(regions->problems, false, matrix->file, 0, "--regions",
                                 wanted->items[i], all);
            free(all);
            continue;
        }
        count++;
        char *name = ehr_name_make(wanted->items[i]);
        ehr_names_add_unique(&regions->map->sites, name);
        free(name);
    }
}

static void ports_make(struct regions *regions)
{
    struct ehr_map *map = regions->map;
    map->port_ns = ehr_scenario_allocate(map->sites.count, sizeof *map->port_ns);
    for (size_t i = 0; i < map->sites.count; i++) {
        uint64_t rtt_ns = entry(regions, i, i);
        map->port_ns[i] =
            rtt_ns != EHR_MATRIX_MISSING ? rtt_ns / 4 : regions->options->lan_latency_ns / 2;
        if (rtt_ns == EHR_MATRIX_MISSING)
            report(regions, true, i, i, "no entry", "taken from --lan-latency");
    }
}

static void link_make(struct regions *regions, size_t from, size_t to, uint64_t one_way_ns)
{
    struct ehr_map *map = regions->map;
    uint64_t ports_ns = map->port_ns[from] + map->port_ns[to];
    if (one_way_ns < ports_ns)
        report(regions, true, from, to, "less than within the two regions", "its link takes 0");
    ehr_map_link_add(map, (struct ehr_map_link){
                              .from = from,
                              .to = to,
                              .latency_ns = one_way_ns > ports_ns ? one_way_ns - ports_ns : 0,
                              .bytes_per_s = regions->options->bytes_per_s,
                          });
}

static void pair_make(struct regions *regions, size_t a, size_t b)
{
    uint64_t there = entry(regions, a, b), back = entry(regions, b, a);
    if (there == EHR_MATRIX_MISSING && back == EHR_MATRIX_MISSING) {
        report(regions, false, a, b, "no entry", "a round trip in one direction at least");
        return;
    }
    if (there == EHR_MATRIX_MISSING)
        report(regions, true, a, b, "no entry", "as the other way");
    if (back == EHR_MATRIX_MISSING)
        report(regions, true, b, a, "no entry", "as the other way");
    there = there != EHR_MATRIX_MISSING ? there : back;
    back = back != EHR_MATRIX_MISSING ? back : there;
    if (regions->options->own_directions) {
        link_make(regions, a, b, there / 2);
        link_make(regions, b, a, back / 2);
    } else {
        link_make(regions, a, b, (there + back) / 4);
    }
}

bool ehr_regions_map(const struct ehr_matrix *matrix, const struct ehr_regions_options *options,
                     struct ehr_problem_list *problems, struct ehr_map *map)
{
    struct regions regions = {
        .matrix = matrix, .options = options, .problems = problems, .map = map};
    size_t errors = problems->error_count;
    *map = (struct ehr_map){
        .name = ehr_scenario_text_copy(options->name != NULL ? options->name : "regions"),
        .one_way = options->own_directions,
        .routing = EHR_MAP_DIRECT,
        .port_bytes_per_s = options->lan_bytes_per_s,
    };
    regions_choose(&regions);
    if (problems->error_count == errors) {
        ports_make(&regions);
        for (size_t a = 0; a < map->sites.count; a++)
            for (size_t b = a + 1; b < map->sites.count; b++)
                pair_make(&regions, a, b);
    }
    free(regions.chosen);
    return problems->error_count == errors;
}
