/* Platform and deployment, before the simulation: what is wrong with them is said with its line,
 * where SimGrid would end the process. */
#include "sim/plugin/internal.h"

#include <simgrid/engine.h>
#include <simgrid/host.h>

#include <stdio.h>
#include <stdlib.h>

#include "sim/app/memory.h"

enum { ERROR_BYTES = 4096 };

/* ---- platform ---- */

int ehr_plugin_load_platform(const char *path)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    char error[ERROR_BYTES];
    if (!plugin->open || sg_host_count() > 0) {
        fprintf(stderr, "ehr_plugin_load_platform: %s: %s\n", path,
                plugin->open ? "a platform has been loaded" : "ehr_plugin_init comes first");
        return (int)ehr_plugin_note(EHR_EXIT_INPUT);
    }
    const struct ehr_kernel_config config = ehr_plugin_kernel_config();
    if (!ehr_platform_load_inside(path, &config, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        return (int)ehr_plugin_note(EHR_EXIT_INPUT);
    }
    plugin->platform = ehr_app_text("%s", path);
    return EHR_EXIT_DONE;
}

/* ---- deployment ---- */

enum ehr_exit ehr_plugin_setup(const char *path, const struct ehr_deployment_file *file,
                               const struct ehr_deployment_actor *actors, size_t count,
                               struct ehr_problem_list *problems, struct ehr_deployment_seat *seats)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    const struct ehr_deployment_source source = {
        .path = path,
        .raw = file != NULL ? file->text : NULL,
        .raw_bytes = file != NULL ? file->text_bytes : 0,
        .platform_file = plugin->platform,
        .actors = actors,
        .actor_count = count,
        .sets = plugin->config.sets,
        .set_count = plugin->config.set_count,
        .fixed = plugin->fixed,
        .fixed_count = plugin->fixed_count,
    };
    return ehr_setup_deploy(&plugin->setup, &source, plugin->config.quiet, problems, seats);
}

static void deployment_attempt(void *context)
{
    simgrid_load_deployment(context);
}

static enum ehr_exit deployment_try(const char *path)
{
    char error[ERROR_BYTES];
    char *name = ehr_app_text("%s", path);
    bool good = ehr_platform_attempt(name, deployment_attempt, name, error, sizeof error);
    if (!good)
        fprintf(stderr, "%s\n", error);
    free(name);
    return good ? EHR_EXIT_DONE : EHR_EXIT_INPUT;
}

static enum ehr_exit deployment_read(const char *path)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    enum ehr_exit result = EHR_EXIT_INPUT;
    enum ehr_scenario_status status = ehr_deployment_file_load(path, &problems, &plugin->file);
    if (status == EHR_SCENARIO_OK) {
        plugin->seats = ehr_app_zeroed(plugin->file.actor_count, sizeof *plugin->seats);
        plugin->taken = ehr_app_zeroed(plugin->file.actor_count, sizeof *plugin->taken);
        result = ehr_plugin_setup(path, &plugin->file, plugin->file.actors,
                                  plugin->file.actor_count, &problems, plugin->seats);
    } else {
        ehr_problem_list_write(&problems, stderr);
        if (status == EHR_SCENARIO_ENVIRONMENT)
            result = EHR_EXIT_ENVIRONMENT;
    }
    ehr_problem_list_close(&problems);
    return result;
}

static const char *too_early_or_late(const struct ehr_plugin *plugin)
{
    if (!plugin->open)
        return "ehr_plugin_init comes first";
    if (sg_host_count() == 0)
        return "no platform has been loaded";
    if (plugin->path != NULL)
        return "a deployment has been loaded: one holds all roles";
    return plugin->party_count > 0 ? "the simulation has begun" : NULL;
}

int ehr_plugin_load_deployment(const char *path)
{
    struct ehr_plugin *plugin = &ehr_plugin_the;
    const char *objection = too_early_or_late(plugin);
    if (objection != NULL) {
        fprintf(stderr, "ehr_plugin_load_deployment: %s: %s\n", path, objection);
        return (int)ehr_plugin_note(EHR_EXIT_INPUT);
    }
    plugin->path = ehr_app_text("%s", path);
    enum ehr_exit status = deployment_read(path);
    if (status == EHR_EXIT_DONE)
        status = deployment_try(path);
    if (status == EHR_EXIT_DONE)
        status = ehr_plugin_results_open();
    if (status != EHR_EXIT_DONE)
        return (int)ehr_plugin_note(status);
    simgrid_load_deployment(path);
    plugin->loaded = true;
    return EHR_EXIT_DONE;
}
