#include "sim/network/simgrid_compat.h"

#include <simgrid/actor.h>
#include <simgrid/host.h>
#include <simgrid/version.h>
#include <xbt/config.h>
#ifndef EHR_SIMGRID_ROUTE_LINKS
#include <xbt/dynar.h>
#endif
#ifndef EHR_SIMGRID_PROPERTY_NAMES
#include <xbt/dict.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/memory.h"

sg_link_t *ehr_simgrid_route_links(sg_host_t from, sg_host_t to, size_t *count)
{
#ifdef EHR_SIMGRID_ROUTE_LINKS
    int size = 0;
    const_sg_link_t *found = sg_host_get_route_links(from, to, &size);
    *count = (size_t)size;
    sg_link_t *links = ehr_zeroed(*count + 1, sizeof *links);
    if (*count > 0)
        memcpy(links, found, *count * sizeof *links); /* they are only called const */
    free(found);
#else
    xbt_dynar_t found = xbt_dynar_new(sizeof(sg_link_t), NULL);
    sg_host_get_route(from, to, found);
    *count = xbt_dynar_length(found);
    sg_link_t *links = ehr_zeroed(*count + 1, sizeof *links);
    for (size_t i = 0; i < *count; i++)
        xbt_dynar_get_cpy(found, i, &links[i]);
    xbt_dynar_free(&found);
#endif
    return links;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *name_copy(const char *name)
{
    size_t size = strlen(name) + 1;
    return memcpy(ehr_zeroed(size, 1), name, size);
}

char **ehr_simgrid_actor_properties(const_sg_actor_t actor, size_t *count)
{
    size_t n = 0;
#ifdef EHR_SIMGRID_PROPERTY_NAMES
    int size = 0;
    const char **found = sg_actor_get_property_names(actor, &size);
    char **names = ehr_zeroed((size_t)size + 1, sizeof *names);
    for (int i = 0; i < size; i++)
        names[n++] = name_copy(found[i]);
    free(found);
#else
    xbt_dict_t found = sg_actor_get_properties(actor);
    size_t size = found != NULL ? (size_t)xbt_dict_length(found) : 0;
    char **names = ehr_zeroed(size + 1, sizeof *names);
    xbt_dict_cursor_t cursor = NULL;
    char *name, *value;
    xbt_dict_foreach(found, cursor, name, value) names[n++] = name_copy(name);
    xbt_dict_free(&found);
#endif
    if (n > 1)
        qsort(names, n, sizeof *names, by_name);
    *count = n;
    return names;
}

void ehr_simgrid_names_free(char **names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        free(names[i]);
    free(names);
}

bool ehr_simgrid_tells_factors(void)
{
#ifdef EHR_SIMGRID_FACTORS_ARE_NUMBERS
    return true;
#else
    return false;
#endif
}

bool ehr_simgrid_factors(double *latency, double *bandwidth)
{
#ifdef EHR_SIMGRID_FACTORS_ARE_NUMBERS
    *latency = sg_cfg_get_double("network/latency-factor");
    *bandwidth = sg_cfg_get_double("network/bandwidth-factor");
    return true;
#else
    (void)latency, (void)bandwidth;
    return false;
#endif
}

static const char *version_text(char *text, size_t size, int major, int minor, int patch)
{
    if (patch > 0)
        snprintf(text, size, "%d.%d.%d", major, minor, patch);
    else
        snprintf(text, size, "%d.%d", major, minor);
    return text;
}

const char *ehr_simgrid_version(void)
{
    static char text[40];
    int major, minor, patch;
    sg_version_get(&major, &minor, &patch);
    return version_text(text, sizeof text, major, minor, patch);
}

/* Patches keep what a program sees; a minor version has taken calls away. */
bool ehr_simgrid_version_check(char *error, size_t error_size)
{
    int major, minor, patch;
    sg_version_get(&major, &minor, &patch);
    if (major == SIMGRID_VERSION_MAJOR && minor == SIMGRID_VERSION_MINOR)
        return true;
    char built[40];
    snprintf(error, error_size,
             "SimGrid: the library is version %s, and the program was built for %s: allowed: the "
             "same; build it again, or set LD_LIBRARY_PATH",
             ehr_simgrid_version(),
             version_text(built, sizeof built, SIMGRID_VERSION_MAJOR, SIMGRID_VERSION_MINOR,
                          SIMGRID_VERSION_PATCH));
    return false;
}

/* SimGrid tells it to C++ only (3.32 to 4.1): simgrid::s4u::Link::is_on() const. A library that
 * lacks the member is loaded nevertheless. */
bool simgrid_link_is_on(const_sg_link_t link) __asm__("_ZNK7simgrid3s4u4Link5is_onEv")
    __attribute__((weak));

bool ehr_simgrid_link_on(const_sg_link_t link)
{
    return simgrid_link_is_on == NULL || simgrid_link_is_on(link);
}
