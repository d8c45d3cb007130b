#include "sim/platform/ground.h"

#include "sim/platform/markup.h"
#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

void ehr_ground_exchange(struct ehr_ground *ground)
{
    *ground =
        (struct ehr_ground){.zone = ehr_scenario_text_copy("exchange-site"), .router_count = 1};
    ehr_names_add(&ground->points, "exchange");
    ehr_names_add(&ground->netpoints, "exchange-site");
    ehr_names_add(&ground->netpoints, "exchange");
}

void ehr_ground_take_map(struct ehr_ground *ground, struct ehr_map *map)
{
    struct ehr_map_hosts none = {0};
    *ground = (struct ehr_ground){
        .zone = ehr_scenario_text_copy(map->name),
        .router_count = map->sites.count,
        .is_map = true,
        .map = *map,
    };
    *map = (struct ehr_map){0};
    for (size_t i = 0; i < ground->map.sites.count; i++) {
        char *router = ehr_scenario_text_format("%s-router", ground->map.sites.items[i]);
        ehr_names_add(&ground->points, router);
        free(router);
    }
    ehr_map_names(&ground->map, &none, NULL, &ground->netpoints, &ground->links);
}

void ehr_ground_close(struct ehr_ground *ground)
{
    if (ground == NULL)
        return;
    free(ground->zone);
    ehr_names_close(&ground->points);
    ehr_names_close(&ground->inner);
    ehr_names_close(&ground->netpoints);
    ehr_names_close(&ground->links);
    ehr_map_close(&ground->map);
    free(ground->before);
    free(ground->text);
    free(ground->behind);
    free(ground->comment);
    *ground = (struct ehr_ground){0};
}

static size_t point_find(const struct ehr_ground *ground, const char *id, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (strcmp(ground->points.items[i], id) == 0)
            return i;
    return SIZE_MAX;
}

size_t ehr_ground_point(const struct ehr_ground *ground, const char *name)
{
    size_t found = point_find(ground, name, 0, ground->router_count);
    if (found != SIZE_MAX)
        return found;
    char *router = ehr_scenario_text_format("%s-router", name);
    found = point_find(ground, router, 0, ground->router_count);
    free(router);
    return found != SIZE_MAX ? found
                             : point_find(ground, name, ground->router_count, ground->points.count);
}

void ehr_ground_write(FILE *out, int indent, const struct ehr_ground *ground, const bool *used)
{
    struct ehr_map_hosts none = {0};
    if (ground->is_map)
        ehr_markup_map(out, indent, &ground->map, &none, used);
    else if (ground->text != NULL)
        fprintf(out, "%*s%s\n", indent, "", ground->text);
    else
        fprintf(out, "%*s<zone id=\"%s\" routing=\"Full\"><router id=\"exchange\"/></zone>\n",
                indent, "", ground->zone);
}
