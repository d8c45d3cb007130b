/* Begin and end of the plugin. */
#include "sim/plugin/internal.h"

#include <simgrid/actor.h>
#include <simgrid/host.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/resources.h"
#include "sim/network/simgrid_compat.h"

struct ehr_plugin ehr_plugin_the;

enum ehr_exit ehr_plugin_note(enum ehr_exit status)
{
    if (status > ehr_plugin_the.worst)
        ehr_plugin_the.worst = status;
    return status;
}

/* ---- configuration ---- */

static bool refuse(const char *what, const char *found, const char *allowed)
{
    fprintf(stderr, "ehr_plugin_init: %s: %s: %s\n", what, found, allowed);
    return false;
}

/* A program of another version has fewer members, or more of which this one knows nothing. */
static bool config_copy(const struct ehr_plugin_config *given)
{
    struct ehr_plugin_config *config = &ehr_plugin_the.config;
    *config = (struct ehr_plugin_config)EHR_PLUGIN_CONFIG_INIT;
    if (given == NULL)
        return true;
    if (given->size < sizeof given->size + sizeof given->out)
        return refuse("config.size", "too small", "begin with EHR_PLUGIN_CONFIG_INIT");
    memcpy(config, given, given->size < sizeof *config ? given->size : sizeof *config);
    config->size = sizeof *config;
    return true;
}

static bool config_check(void)
{
    const struct ehr_plugin_config *config = &ehr_plugin_the.config;
    const unsigned resources = EHR_PLUGIN_HOST_ENERGY | EHR_PLUGIN_LINK_ENERGY |
                               EHR_PLUGIN_HOST_LOAD | EHR_PLUGIN_LINK_LOAD;
    bool sound = true;
    if ((unsigned)config->model > EHR_PLUGIN_MODEL_HOST)
        sound = refuse("config.model", "no such model", "EHR_PLUGIN_MODEL_CM02, _LV08, _HOST");
    if ((config->resources & ~resources) != 0)
        sound = refuse("config.resources", "unknown bits",
                       "EHR_PLUGIN_HOST_ENERGY, _LINK_ENERGY, _HOST_LOAD, _LINK_LOAD");
    for (size_t i = 0; i < config->set_count; i++)
        if (config->sets == NULL || config->sets[i] == NULL)
            return refuse("config.sets", "NULL", "set_count texts PATH=VALUE");
    if (config->hooks != NULL && config->hooks->size == 0)
        sound = refuse("config.hooks->size", "0", "begin with EHR_HOOKS_INIT");
    return sound;
}

static void fix(const char *path, const char *value, const char *why)
{
    ehr_plugin_the.fixed[ehr_plugin_the.fixed_count++] =
        (struct ehr_deployment_fixed){path, value, why};
}

static const char *measured(unsigned hosts, unsigned links)
{
    unsigned resources = ehr_plugin_the.config.resources;
    bool of_hosts = (resources & hosts) != 0, of_links = (resources & links) != 0;
    return of_hosts && of_links ? "all" : of_hosts ? "hosts" : of_links ? "links" : "none";
}

struct ehr_kernel_config ehr_plugin_kernel_config(void)
{
    const struct ehr_plugin_config *config = &ehr_plugin_the.config;
    return (struct ehr_kernel_config){.fidelity = EHR_FIDELITY_FLOW,
                                      .lv08 = config->model == EHR_PLUGIN_MODEL_LV08,
                                      .inside = true,
                                      .resources = config->resources};
}

/* The settings of SimGrid and its plugins, and what a deployment may therefore not say otherwise.
 */
static void settings_make(void)
{
    const struct ehr_kernel_config kernel = ehr_plugin_kernel_config();
    ehr_resources_plugins_init(kernel.resources);
    fix("measure/@energy", measured(EHR_PLUGIN_HOST_ENERGY, EHR_PLUGIN_LINK_ENERGY),
        "ehr_plugin_config.resources");
    fix("measure/@load", measured(EHR_PLUGIN_HOST_LOAD, EHR_PLUGIN_LINK_LOAD),
        "ehr_plugin_config.resources");
    if (ehr_plugin_the.config.model == EHR_PLUGIN_MODEL_HOST)
        return;
    ehr_platform_settings_apply(&kernel);
    fix("network/@model", kernel.lv08 ? "lv08" : "cm02", "ehr_plugin_config.model");
    fix("network/@optim", "lazy", "ehr_plugin_config.model");
}

int ehr_plugin_init(const struct ehr_plugin_config *config)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    if (plugin->open) {
        fputs("ehr_plugin_init: called again: once in a process\n", stderr);
        return EHR_EXIT_INPUT;
    }
    char error[512];
    if (!ehr_simgrid_version_check(error, sizeof error)) {
        fprintf(stderr, "ehr_plugin_init: %s\n", error);
        return EHR_EXIT_ENVIRONMENT;
    }
    *plugin = (struct ehr_plugin){.scenario = EHR_PLUGIN_NO_PARTY};
    if (sg_host_count() > 0)
        refuse("platform", "loaded before", "call it between simgrid_init and the platform");
    else if (config_copy(config) && config_check())
        plugin->open = true;
    if (!plugin->open)
        return EHR_EXIT_INPUT;
    settings_make();
    ehr_plugin_roles_register();
    return EHR_EXIT_DONE;
}

/* ---- the end ---- */

/* Why there is nothing to report, if nobody has said it. */
static enum ehr_exit nothing_explain(void)
{
    const struct ehr_plugin *plugin = &ehr_plugin_the;
    if (plugin->worst != EHR_EXIT_DONE)
        return plugin->worst;
    if (plugin->running) {
        fputs("ehrgrid: the simulation ended before the run did: actors wait for each other\n",
              stderr);
        return EHR_EXIT_WRONG;
    }
    if (plugin->party_count > 0) {
        fputs("ehrgrid: ehr.scenario ended before it had made the world\n", stderr);
        return EHR_EXIT_WRONG;
    }
    if (plugin->loaded) {
        fputs("ehrgrid: the deployment was loaded, but none of its actors began: "
              "no simgrid_run, or no host that is on\n",
              stderr);
        return EHR_EXIT_WRONG;
    }
    fputs("ehrgrid: actors: no ehr.scenario: exactly one in the deployment\n", stderr);
    return EHR_EXIT_INPUT;
}

int ehr_plugin_close(void)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    if (!plugin->open) {
        fputs("ehr_plugin_close: nothing is open: ehr_plugin_init first\n", stderr);
        return EHR_EXIT_INPUT;
    }
    if (sg_actor_self() != NULL && sg_actor_self_get_pid() != 0) {
        fputs("ehr_plugin_close: called by an actor: after simgrid_run, by the program\n", stderr);
        return (int)ehr_plugin_note(EHR_EXIT_INPUT);
    }
    ehr_plugin_note(plugin->running && ehr_world_over(plugin->world) ? ehr_plugin_world_report()
                                                                     : nothing_explain());
    ehr_results_free(plugin->results);
    ehr_world_free(plugin->world);
    ehr_report_free(plugin->report);
    ehr_setup_close(&plugin->setup);
    ehr_deployment_file_close(&plugin->file);
    ehr_plugin_parties_close();
    free(plugin->seats);
    free(plugin->taken);
    free(plugin->path);
    free(plugin->platform);
    enum ehr_exit worst = plugin->worst;
    *plugin = (struct ehr_plugin){0};
    return (int)worst;
}
