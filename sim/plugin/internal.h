/* The state of the plugin, for the files that make it up. One per process, as SimGrid is.
 *
 * plugin.c   begin and end: configuration, settings, exit status
 * load.c     platform and deployment, before the simulation
 * parties.c  actors that declare themselves, wait at the gate, and inhabit their nodes
 * world.c    what the actor ehr.scenario does: the world, its run, its results
 *
 * Nothing here is called from two threads. Internal to sim/plugin. */
#ifndef EHR_PLUGIN_INTERNAL_H
#define EHR_PLUGIN_INTERNAL_H

#include <simgrid/semaphore.h>

#include "include/ehrgrid.h"
#include "sim/app/report.h"
#include "sim/app/setup.h"
#include "sim/app/world.h"
#include "sim/measure/results.h"
#include "sim/network/kernel.h"
#include "sim/scenario/deployment.h"

#define EHR_PLUGIN_NO_PARTY SIZE_MAX
#define EHR_PLUGIN_NO_NODE  UINT32_MAX

/* An actor of the deployment that has begun. */
struct ehr_party {
    struct ehr_deployment_actor actor; /* what it declared */
    struct ehr_deployment_seat seat;
    uint32_t node; /* EHR_PLUGIN_NO_NODE: it stands for none */
    bool alive;
    bool restarts; /* it comes back, or may: by SimGrid's call one is not told */
};

enum { EHR_PLUGIN_FIXED_MAX = 4 };

struct ehr_plugin {
    bool open;                       /* between ehr_plugin_init and ehr_plugin_close */
    struct ehr_plugin_config config; /* all members, whatever the program's version has */
    struct ehr_deployment_fixed fixed[EHR_PLUGIN_FIXED_MAX];
    size_t fixed_count;
    enum ehr_exit worst;
    char *platform; /* path; NULL: the program has loaded it */
    /* a deployment that ehr_plugin_load_deployment has read */
    char *path;
    struct ehr_deployment_file file;
    struct ehr_deployment_seat *seats; /* by actor of the file */
    bool *taken;                       /* by actor of the file: it has declared itself */
    bool loaded;
    /* actors */
    struct ehr_party *parties;
    size_t party_count, party_capacity;
    size_t scenario; /* party */
    sg_sem_t gate;
    size_t waiting; /* at the gate */
    bool judged;    /* who comes now is late, or comes back */
    bool passed;    /* the gate is open */
    /* the run */
    struct ehr_setup setup;
    struct ehr_report *report;
    struct ehr_results *results;
    struct ehr_world *world;
    double began_s, wall_s;
    bool running; /* or over: ehr_world_over */
};

extern struct ehr_plugin ehr_plugin_the;

/* The worse of both stays. Returns `status`. */
enum ehr_exit ehr_plugin_note(enum ehr_exit status);

/* What the configuration means to the kernel. */
struct ehr_kernel_config ehr_plugin_kernel_config(void);

/* ---- parties.c ---- */
/* The roles become functions that deployments may name. */
void ehr_plugin_roles_register(void);
/* Gives every party its seat in the deployment that was loaded; false after messages: actors and
 * file are not the same. */
bool ehr_plugin_parties_match(void);
void ehr_plugin_parties_close(void);

/* ---- load.c ---- */
/* The setup of a deployment: of the file's actors, or of those that have declared themselves. */
enum ehr_exit ehr_plugin_setup(const char *path, const struct ehr_deployment_file *file,
                               const struct ehr_deployment_actor *actors, size_t count,
                               struct ehr_problem_list *problems,
                               struct ehr_deployment_seat *seats);

/* ---- world.c ---- */
/* In the actor ehr.scenario, when all have declared themselves: makes the world, opens the gate,
 * and returns when the run is over. */
void ehr_plugin_world_run(void);
/* What a finished run leaves; after simgrid_run. */
enum ehr_exit ehr_plugin_world_report(void);
/* A folder for the results, if the program wants any. */
enum ehr_exit ehr_plugin_results_open(void);

#endif /* EHR_PLUGIN_INTERNAL_H */
