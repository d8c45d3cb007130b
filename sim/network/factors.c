#include "sim/network/factors.h"

#include <simgrid/actor.h>
#include <simgrid/comm.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <simgrid/mailbox.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/kernel.h"
#include "sim/network/memory.h"
#include "sim/network/routes.h"
#include "sim/network/simgrid_compat.h"

enum { PROBES = 3, PAIRS_MAX = 256 };

static struct ehr_factors known = {1, 1, true};
static bool set;

void ehr_factors_set(const struct ehr_factors *factors)
{
    known = *factors;
    set = true;
}

bool ehr_factors_known(void)
{
    return ehr_simgrid_tells_factors() || (set && known.certain);
}

struct ehr_factors ehr_factors_ask(void)
{
    struct ehr_factors factors = known;
    ehr_simgrid_factors(&factors.latency, &factors.bandwidth);
    return factors;
}

struct ehr_factors ehr_factors_of_model(bool lv08)
{
    return lv08 ? (struct ehr_factors){13.01, 0.97, true} : (struct ehr_factors){1, 1, true};
}

/* ---- a platform to measure on ---- */

static char *text_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return NULL;
    char *text = NULL;
    size_t length = 0, capacity = 0, got;
    do {
        while (length + 4096 >= capacity)
            text = ehr_grow(text, &capacity, 1);
        got = fread(text + length, 1, 4096, file);
        length += got;
    } while (got > 0);
    text[length] = '\0';
    fclose(file);
    return text;
}

/* Every <config> that is not in a comment. */
static void configs_copy(FILE *out, const char *text)
{
    static const char begin[] = "<config", end[] = "</config>";
    while (*text != '\0') {
        const char *over = NULL;
        if (strncmp(text, "<!--", 4) == 0) {
            over = strstr(text, "-->");
        } else if (strncmp(text, begin, strlen(begin)) == 0) {
            over = strstr(text, end);
            if (over != NULL)
                fprintf(out, "%.*s%s\n", (int)(over - text), text, end);
        }
        text = over != NULL ? over : text + 1;
    }
}

/* Not the platform itself: its profiles would change what is measured. Hosts and link say what they
 * draw for the plugins of energy, which may be loaded. */
bool ehr_factors_platform(const char *path, char *temporary, size_t size)
{
    char *text = text_read(path);
    const char *folder = getenv("TMPDIR");
    snprintf(temporary, size, "%s/ehrgrid-factors-XXXXXX", folder != NULL ? folder : "/tmp");
    int fd = text != NULL ? mkstemp(temporary) : -1;
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool good = out != NULL;
    if (good) {
        fputs("<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
              "\"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">\n",
              out);
        configs_copy(out, text);
        fputs("<zone id='z' routing='Full'>\n"
              "<host id='a' speed='1Gf'><prop id='wattage_per_state' value='0:0'/></host>\n"
              "<host id='b' speed='1Gf'><prop id='wattage_per_state' value='0:0'/></host>\n"
              "<link id='l' bandwidth='1GBps' latency='10ms'>"
              "<prop id='wattage_range' value='0:0'/></link>\n"
              "<route src='a' dst='b'><link_ctn id='l'/></route></zone></platform>\n",
              out);
        good = fclose(out) == 0;
    }
    free(text);
    return good;
}

/* ---- measuring ---- */

struct probe {
    sg_mailbox_t mailbox;
    double bytes[PROBES], seconds[PROBES];
    int done;
};

static void sender(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct probe *probe = sg_actor_self_get_data();
    for (int i = 0; i < PROBES; i++) {
        double begin = simgrid_get_clock();
        if (sg_comm_wait(sg_mailbox_put_init(probe->mailbox, probe, (long)probe->bytes[i])) !=
            SG_OK)
            return;
        probe->seconds[i] = simgrid_get_clock() - begin;
        probe->done++;
    }
}

static void receiver(int argc, char **argv)
{
    (void)argc, (void)argv;
    struct probe *probe = sg_actor_self_get_data();
    void *payload;
    for (int i = 0; i < PROBES; i++)
        if (sg_comm_wait(sg_mailbox_get_async(probe->mailbox, &payload)) != SG_OK)
            return;
}

static void start(const char *name, sg_host_t host, void (*code)(int, char **), struct probe *probe)
{
    sg_actor_t actor = sg_actor_init(name, host);
    sg_actor_set_data(actor, probe);
    sg_actor_start_(actor, code, 0, NULL);
}

/* Nine digits: what a file says, and none of the clock's rounding errors. */
static double nine_digits(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.9g", value);
    return strtod(text, NULL);
}

bool ehr_factors_measure(struct ehr_factors *factors)
{
    double latency = 0, rate = 0;
    uint32_t to = 1, count = ehr_platform_host_count();
    while (to < count && to < PAIRS_MAX &&
           !(sg_host_is_on(ehr_platform_host(to)) && ehr_route_lone(0, to, &latency, &rate) &&
             latency > 0))
        to++;
    if (to >= count || to >= PAIRS_MAX || !sg_host_is_on(ehr_platform_host(0)))
        return false;
    /* As long on the link as on the way, or more: both are to be seen. */
    double large = ceil(rate * fmax(1, latency));
    struct probe probe = {.mailbox = sg_mailbox_by_name("factors"),
                          .bytes = {1, large + 1, ceil(large / 2) + 1}};
    start("factors-receiver", ehr_platform_host(to), receiver, &probe);
    start("factors-sender", ehr_platform_host(0), sender, &probe);
    simgrid_run();
    if (probe.done < PROBES)
        return false;
    double per_byte = (probe.seconds[1] - probe.seconds[0]) / large;
    double half = probe.seconds[0] + per_byte * (probe.bytes[2] - 1);
    *factors = (struct ehr_factors){nine_digits((probe.seconds[0] - per_byte) / latency),
                                    nine_digits(1 / (per_byte * rate)),
                                    fabs(half - probe.seconds[2]) <= 1e-6 * half};
    return true;
}
