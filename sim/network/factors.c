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

#include "sim/network/kernel.h"
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
    struct ehr_factors factors;
    return ehr_simgrid_factors(&factors.latency, &factors.bandwidth) || (set && known.certain);
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
