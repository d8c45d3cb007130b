/* What SimGrid's plugins tell of hosts and links: energy and load, of everything that SimGrid
 * executes and carries, other programs' included. They are not the counters of nodes (kernel.h),
 * and know nothing where SimGrid executes nothing (fidelities queue and delay).
 *
 *     ehr_resources_plugins_init(flags);     after simgrid_init, before the platform
 *     ... the platform ...
 *     ehr_resources_begin();                 once it is sealed: simgrid_run_until(0), or an actor
 *     ... the run ...
 *     resources = ehr_resources_read();      from an actor, before the simulation ends
 *
 * Which figures are exact, and which SimGrid's plugins get wrong: docs/energy.md. */
#ifndef EHR_NETWORK_RESOURCES_H
#define EHR_NETWORK_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The bits of EHR_PLUGIN_HOST_ENERGY and so on (include/ehrgrid.h). */
enum {
    EHR_RESOURCES_HOST_ENERGY = 1U << 0,
    EHR_RESOURCES_LINK_ENERGY = 1U << 1,
    EHR_RESOURCES_HOST_LOAD = 1U << 2,
    EHR_RESOURCES_LINK_LOAD = 1U << 3,
    EHR_RESOURCES_ALL = (1U << 4) - 1,
};

/* Loads the plugins that are not loaded yet, and silences what they print at the end of a
 * simulation. */
void ehr_resources_plugins_init(unsigned flags);
/* Those that ehr_resources_plugins_init has loaded. */
unsigned ehr_resources_flags(void);
/* Load is counted from now on; energy always from the start of SimGrid's clock. Once. */
void ehr_resources_begin(void);

/* Of a host. NAN: not asked for, or not known. */
struct ehr_resources_host {
    const char *name; /* SimGrid's */
    double energy_J;
    double idle_J;      /* of the same time without work: idle watts (of the speed it has) x time */
    double busy_core_s; /* cores times the time they computed */
    double load;        /* average, 0 to 1: of all its cores */
    double flops;
};

/* Of a link, or one direction of it. */
struct ehr_resources_link {
    const char *name; /* SimGrid's */
    double energy_J;
    double idle_J; /* NAN, too, where ehr_resources_idle_read was not called */
    double bytes;
    double load; /* average, 0 to 1: bytes in comparison with the bandwidth it has at the end */
};

struct ehr_resources {
    unsigned flags;
    double window_s;                  /* from SimGrid's time 0 until they were read */
    struct ehr_resources_host *hosts; /* in the platform's order, as links */
    struct ehr_resources_link *links;
    uint32_t host_count, link_count;
};

/* Only from an actor that may be interrupted: SimGrid lets others run meanwhile, at the same time
 * of its clock. The caller frees. */
struct ehr_resources *ehr_resources_read(void);
/* Accepts NULL. */
void ehr_resources_free(struct ehr_resources *resources);

/* ---- the trial of a platform ---- */

/* How the line begins that says what is wrong, on the stderr of the trial. */
#define EHR_RESOURCES_NOTE "power: "

/* Whether every host says what it draws, in a way that SimGrid accepts; else `error` names the
 * first that does not. The plugins need not be loaded, and SimGrid would end the process. */
bool ehr_resources_hosts_check(char *error, size_t error_size);
/* Whether no host goes off by a profile, as far as the text of the platform tells: SimGrid's plugin
 * of hosts' load (3.32 to 4.1) keeps what an actor was executing that died of it, and reads it when
 * it is freed. */
bool ehr_resources_states_check(const char *path, char *error, size_t error_size);
/* In a process of its own, with the plugin of link energy: runs the simulation for a second, writes
 * what each link draws idle, and ends the process. Not 0: wrong, and stderr says what. */
_Noreturn void ehr_resources_links_try(FILE *out);
/* What the trial wrote. */
void ehr_resources_idle_read(FILE *in);

#endif /* EHR_NETWORK_RESOURCES_H */
