#include "sim/network/resources.h"

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/link.h>
#include <simgrid/plugins/energy.h>
#include <simgrid/plugins/load.h>
#include <xbt/log.h>

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/network/kernel.h"
#include "sim/network/memory.h"
#include "sim/network/routes.h"

static struct {
    unsigned flags;
    bool begun;
    double *idle_watts; /* of links; NULL: not known */
    uint32_t idle_count;
} resources;

/* ---- plugins ---- */

void ehr_resources_plugins_init(unsigned flags)
{
    unsigned missing = flags & ~resources.flags;
    assert(flags <= EHR_RESOURCES_ALL);
    if ((missing & EHR_RESOURCES_HOST_ENERGY) != 0) {
        xbt_log_control_set("host_energy.threshold:warning");
        sg_host_energy_plugin_init();
    }
    if ((missing & EHR_RESOURCES_LINK_ENERGY) != 0) {
        xbt_log_control_set("link_energy.threshold:warning");
        sg_link_energy_plugin_init();
    }
    if ((missing & EHR_RESOURCES_HOST_LOAD) != 0)
        sg_host_load_plugin_init();
    if ((missing & EHR_RESOURCES_LINK_LOAD) != 0)
        sg_link_load_plugin_init();
    resources.flags |= flags;
}

unsigned ehr_resources_flags(void)
{
    return resources.flags;
}

void ehr_resources_begin(void)
{
    if (resources.begun)
        return;
    resources.begun = true;
    for (uint32_t i = 0; i < ehr_platform_link_count(); i++)
        if ((resources.flags & EHR_RESOURCES_LINK_LOAD) != 0)
            sg_link_load_track(ehr_platform_link(i));
}

/* ---- reading ---- */

static struct ehr_resources_host host_read(uint32_t index, double window_s)
{
    sg_host_t host = ehr_platform_host(index);
    struct ehr_resources_host reading = {sg_host_get_name(host), NAN, NAN, NAN, NAN, NAN};
    if ((resources.flags & EHR_RESOURCES_HOST_ENERGY) != 0) {
        reading.energy_J = sg_host_get_consumed_energy(host);
        reading.idle_J =
            sg_host_get_idle_consumption_at(host, (int)sg_host_get_pstate(host)) * window_s;
    }
    if ((resources.flags & EHR_RESOURCES_HOST_LOAD) != 0) {
        reading.load = sg_host_get_avg_load(host);
        reading.flops = sg_host_get_computed_flops(host);
        reading.busy_core_s = reading.load * sg_host_core_count(host) * window_s;
    }
    return reading;
}

static struct ehr_resources_link link_read(uint32_t index, double window_s)
{
    sg_link_t link = ehr_platform_link(index);
    struct ehr_resources_link reading = {sg_link_get_name(link), NAN, NAN, NAN, NAN};
    if ((resources.flags & EHR_RESOURCES_LINK_ENERGY) != 0) {
        reading.energy_J = sg_link_get_consumed_energy(link);
        if (index < resources.idle_count)
            reading.idle_J = resources.idle_watts[index] * window_s;
    }
    if ((resources.flags & EHR_RESOURCES_LINK_LOAD) != 0) {
        reading.bytes = sg_link_get_cum_load(link);
        reading.load = sg_link_get_avg_load(link) / sg_link_get_bandwidth(link);
    }
    return reading;
}

struct ehr_resources *ehr_resources_read(void)
{
    const unsigned of_hosts = EHR_RESOURCES_HOST_ENERGY | EHR_RESOURCES_HOST_LOAD;
    const unsigned of_links = EHR_RESOURCES_LINK_ENERGY | EHR_RESOURCES_LINK_LOAD;
    struct ehr_resources *result = ehr_zeroed(1, sizeof *result);
    assert(resources.begun);
    result->flags = resources.flags;
    result->window_s = simgrid_get_clock();
    if ((resources.flags & of_hosts) != 0)
        result->host_count = ehr_platform_host_count();
    if ((resources.flags & of_links) != 0)
        result->link_count = ehr_platform_link_count();
    result->hosts = ehr_zeroed(result->host_count + 1, sizeof *result->hosts);
    result->links = ehr_zeroed(result->link_count + 1, sizeof *result->links);
    for (uint32_t i = 0; i < result->host_count; i++)
        result->hosts[i] = host_read(i, result->window_s);
    for (uint32_t i = 0; i < result->link_count; i++)
        result->links[i] = link_read(i, result->window_s);
    return result;
}

void ehr_resources_free(struct ehr_resources *result)
{
    if (result == NULL)
        return;
    free(result->hosts);
    free(result->links);
    free(result);
}

/* ---- what hosts draw ---- */

/* A number of watts that ends at one of `ends`; returns what follows it, NULL: none. */
static const char *watts_skip(const char *text, const char *ends)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || errno != 0 || !isfinite(value) || value < 0 || strchr(ends, *end) == NULL)
        return NULL;
    return end;
}

/* "IDLE:ALL" or "IDLE:EPSILON:ALL" for each of `speeds`, separated by commas. */
static bool profile_is_sound(const char *text, unsigned long speeds)
{
    for (unsigned long speed = 0; speed < speeds; speed++) {
        int values = 0;
        for (;;) {
            text = watts_skip(text, ":,");
            if (text == NULL || ++values > 3)
                return false;
            if (*text != ':')
                break;
            text++;
        }
        if (values < 2 || (*text == ',') != (speed + 1 < speeds))
            return false;
        text += *text == ',';
    }
    return *text == '\0';
}

bool ehr_resources_hosts_check(char *error, size_t error_size)
{
    for (uint32_t i = 0; i < ehr_platform_host_count(); i++) {
        sg_host_t host = ehr_platform_host(i);
        const char *name = sg_host_get_name(host);
        const char *states = sg_host_get_property_value(host, "wattage_per_state");
        const char *off = sg_host_get_property_value(host, "wattage_off");
        unsigned long speeds = sg_host_get_nb_pstates(host);
        if (states == NULL || !profile_is_sound(states, speeds)) {
            snprintf(error, error_size,
                     "host %s: prop wattage_per_state: %s: IDLE:ALL or IDLE:EPSILON:ALL in watts, "
                     "for each of its speeds (%lu), which measuring energy takes",
                     name, states != NULL ? states : "missing", speeds);
            return false;
        }
        const char *end = off != NULL ? watts_skip(off, "") : "";
        if (end == NULL || *end != '\0') {
            snprintf(error, error_size, "host %s: prop wattage_off: %s: watts", name, off);
            return false;
        }
    }
    return true;
}

bool ehr_resources_states_check(const char *path, char *error, size_t error_size)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    unsigned long number = 0, found = 0;
    while (file != NULL && found == 0 && getline(&line, &capacity, file) >= 0) {
        number++;
        if ((strstr(line, "state_file") != NULL && strstr(line, "<link") == NULL) ||
            strstr(line, "HOST_AVAIL") != NULL)
            found = number;
    }
    free(line);
    if (file != NULL)
        fclose(file);
    if (found > 0)
        snprintf(error, error_size,
                 "%s:%lu: a host that goes off: with the load of hosts measured: none that does, "
                 "as SimGrid's plugin does not bear it",
                 path, found);
    return found == 0;
}

/* ---- what links draw ---- */

static double links_sum(void)
{
    double sum = 0;
    for (uint32_t i = 0; i < ehr_platform_link_count(); i++)
        sum += sg_link_get_consumed_energy(ehr_platform_link(i));
    return sum;
}

/* Links that draw nothing idle may draw something at work. */
static bool links_draw(void)
{
    enum { TRIED_MAX = 256, BYTES = 1000 };
    bool draw = links_sum() > 0;
    for (uint32_t i = 1; !draw && i < ehr_platform_host_count() && i < TRIED_MAX; i++) {
        sg_host_sendto(ehr_platform_host(0), ehr_platform_host(i), BYTES);
        draw = links_sum() > 0;
    }
    return draw;
}

static void trial_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    FILE *out = sg_actor_self_get_data();
    sg_actor_sleep_for(1);
    for (uint32_t i = 0; i < ehr_platform_link_count(); i++) {
        double watts = sg_link_get_consumed_energy(ehr_platform_link(i));
        if (!isfinite(watts) || watts < 0) {
            fprintf(stderr, EHR_RESOURCES_NOTE "link %s: prop wattage_range: IDLE:BUSY in watts\n",
                    ehr_platform_link_name(i));
            _exit(3);
        }
        fwrite(&watts, sizeof watts, 1, out);
    }
    fflush(out);
    if (ehr_platform_link_count() > 0 && !links_draw()) {
        fputs(EHR_RESOURCES_NOTE "no link draws any: prop wattage_range: IDLE:BUSY in watts, which "
                                 "measuring the energy of links takes (SimGrid overlooks it in "
                                 "links of sharing_policy SPLITDUPLEX)\n",
              stderr);
        _exit(3);
    }
    _exit(0);
}

void ehr_resources_links_try(FILE *out)
{
    sg_actor_t actor = sg_actor_init("trial", ehr_platform_host(0));
    sg_actor_set_data(actor, out);
    sg_actor_start_(actor, trial_actor, 0, NULL);
    simgrid_run();
    _exit(3);
}

void ehr_resources_idle_read(FILE *in)
{
    uint32_t count = ehr_platform_link_count();
    free(resources.idle_watts);
    resources.idle_watts = ehr_zeroed(count + 1, sizeof *resources.idle_watts);
    rewind(in);
    resources.idle_count = (uint32_t)fread(resources.idle_watts, sizeof(double), count, in);
}
