/* SimGrid's settings, and loading a platform without being ended by it: SimGrid aborts on a file it
 * does not understand, so a forked child tries first and its stderr says what was wrong. */
#include "sim/network/kernel.h"

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>
#include <xbt/config.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/network/factors.h"
#include "sim/network/memory.h"
#include "sim/network/resources.h"
#include "sim/network/routes.h"
#include "sim/network/simgrid_compat.h"
#include "sim/network/trial.h"

#define ROUTE_NOTE "no usable route "

enum {
    SETTINGS_MAX = 16,
    ARGUMENTS_MAX = SETTINGS_MAX + 2,
    ARGUMENT_BYTES = 64,
    ROUTES_TRIED_MAX = 256
};

/* SimGrid takes a value by call only as what its item is declared as. */
enum setting_type { SETTING_WORD, SETTING_SWITCH, SETTING_COUNT, SETTING_REAL };

static bool changes; /* hosts and links may change in the course of the run */

struct setting {
    const char *name, *value;
    enum setting_type type;
};

/* Reasons: docs/fidelity.md. */
static int settings_list(const struct ehr_kernel_config *config, struct setting list[SETTINGS_MAX])
{
    int count = 0;
    if (config->lv08) {
        list[count++] = (struct setting){"network/model", "LV08", SETTING_WORD};
    } else {
        list[count++] = (struct setting){"network/model", "CM02", SETTING_WORD};
        list[count++] = (struct setting){"network/TCP-gamma", "0", SETTING_REAL};
        list[count++] = (struct setting){"network/crosstraffic", "0", SETTING_SWITCH};
    }
    list[count++] = (struct setting){"network/weight-S", "0", SETTING_REAL};
    list[count++] =
        (struct setting){"network/optim", config->optim_full ? "Full" : "Lazy", SETTING_WORD};
    list[count++] = (struct setting){EHR_SIMGRID_PRECISION, "1e-12", SETTING_REAL};
    list[count++] = (struct setting){"contexts/nthreads", "1", SETTING_COUNT};
#ifndef EHR_SANITIZED
    list[count++] = (struct setting){"contexts/guard-size", "0", SETTING_COUNT};
    list[count++] =
        (struct setting){"contexts/stack-size", "256", SETTING_COUNT}; /* KiB; for cryptography */
#endif
    assert(count < SETTINGS_MAX);
    return count;
}

static void setting_apply(const struct setting *setting)
{
    switch (setting->type) {
    case SETTING_WORD:
        sg_cfg_set_string(setting->name, setting->value);
        return;
    case SETTING_SWITCH:
        sg_cfg_set_boolean(setting->name, strcmp(setting->value, "0") == 0 ? "no" : "yes");
        return;
    case SETTING_COUNT:
        sg_cfg_set_int(setting->name, (int)strtol(setting->value, NULL, 10));
        return;
    case SETTING_REAL:
        sg_cfg_set_double(setting->name, strtod(setting->value, NULL));
        return;
    }
}

void ehr_platform_settings_apply(const struct ehr_kernel_config *config)
{
    struct setting list[SETTINGS_MAX];
    int count = settings_list(config, list);
    for (int i = 0; i < count; i++)
        setting_apply(&list[i]);
    struct ehr_factors factors = ehr_factors_of_model(config->lv08);
    ehr_factors_set(&factors);
    ehr_resources_plugins_init(config->resources);
}

static int arguments_list(const struct ehr_kernel_config *config,
                          char list[ARGUMENTS_MAX][ARGUMENT_BYTES])
{
    struct setting settings[SETTINGS_MAX];
    int count = settings_list(config, settings);
    for (int i = 0; i < count; i++)
        snprintf(list[i], ARGUMENT_BYTES, "--cfg=%s:%s", settings[i].name, settings[i].value);
#ifdef EHR_SANITIZED
    snprintf(list[count++], ARGUMENT_BYTES, "--cfg=contexts/factory:thread");
#else
    snprintf(list[count++], ARGUMENT_BYTES, "--cfg=contexts/factory:raw");
#endif
    /* else each setting is announced */
    snprintf(list[count++], ARGUMENT_BYTES, "--log=xbt_cfg.threshold:warning");
    return count;
}

/* Whether one of the words is in the file. A comment that has it costs time, and changes nothing.
 */
static bool file_says(const char *path, const char *const *words, size_t count)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;
    while (file != NULL && !found && getline(&line, &capacity, file) >= 0)
        for (size_t i = 0; i < count && !found; i++)
            found = strstr(line, words[i]) != NULL;
    free(line);
    if (file != NULL)
        fclose(file);
    return found;
}

/* A platform that is a program (.so) may do anything. */
static bool file_has_profiles(const char *path)
{
    static const char *const words[] = {"<trace",         "state_file",
                                        "speed_file",     "availability_file",
                                        "bandwidth_file", "latency_file"};
    size_t length = strlen(path);
    bool program = length > 3 && strcmp(path + length - 3, ".so") == 0;
    return program || file_says(path, words, sizeof words / sizeof words[0]);
}

/* network/optim:Lazy of SimGrid 3.32 stalls a transfer whose latency changes while it lasts. */
static bool file_has_latencies(const char *path)
{
    static const char *const words[] = {"latency_file", "\"LATENCY\"", "'LATENCY'"};
    return file_says(path, words, sizeof words / sizeof words[0]);
}

static void simgrid_open(const char *path, const struct ehr_kernel_config *config, int argc,
                         char **argv)
{
    /* SimGrid shortens the array and keeps pointers into it: both live as long as the process. */
    static char texts[ARGUMENTS_MAX][ARGUMENT_BYTES];
    static char program[] = "ehrgrid";
    static char **arguments;
    int settings = arguments_list(config, texts), count = 0;
    free(arguments);
    arguments = ehr_zeroed((size_t)argc + (size_t)settings + 2, sizeof *arguments);
    arguments[count++] = argc > 0 ? argv[0] : program;
    for (int i = 0; i < settings; i++)
        arguments[count++] = texts[i];
    for (int i = 1; i < argc; i++)
        arguments[count++] = argv[i];
    /* SimGrid would answer Ctrl-C with a list of all actors, and an abort: that is the caller's. */
    struct sigaction interrupt;
    sigaction(SIGINT, NULL, &interrupt);
    simgrid_init(&count, arguments);
    sigaction(SIGINT, &interrupt, NULL);
    ehr_resources_plugins_init(config->resources);
    simgrid_load_platform(path);
    simgrid_run_until(0); /* seals the zones: before that Floyd and Dijkstra know no route */
    ehr_resources_begin();
}

/* ---- trying ---- */

/* Without a route SimGrid gives an empty one, or crashes without a word: the name of the route that
 * is asked for is noted first. */
static void route_try(sg_host_t from, sg_host_t to)
{
    fprintf(stderr, ROUTE_NOTE "from %s to %s\n", sg_host_get_name(from), sg_host_get_name(to));
    size_t count;
    free(ehr_simgrid_route_links(from, to, &count));
    if (count == 0 && sg_host_get_route_latency(from, to) <= 0)
        _exit(3);
}

struct load {
    const char *path;
    const struct ehr_kernel_config *config;
    int argc;
    char **argv;
    struct ehr_factors *factors; /* shared with the child that measures them */
    FILE *idle;                  /* for what links draw idle; NULL: not wanted */
    bool inside;                 /* SimGrid is the program's: initialised, with its settings made */
};

static void load_open(const struct load *load, unsigned resources)
{
    struct ehr_kernel_config config = *load->config;
    config.resources = resources;
    if (!load->inside) {
        simgrid_open(load->path, &config, load->argc, load->argv);
        return;
    }
    simgrid_load_platform(load->path);
    simgrid_run_until(0);
}

/* Without SimGrid's plugin of hosts' energy, which ends the process where a host does not say what
 * it draws. */
static void power_check(const struct ehr_kernel_config *config)
{
    char error[512];
    if ((config->resources & EHR_RESOURCES_HOST_ENERGY) == 0 ||
        ehr_resources_hosts_check(error, sizeof error))
        return;
    fprintf(stderr, EHR_RESOURCES_NOTE "%s\n", error);
    _exit(3);
}

/* What links draw takes a simulation of its own. */
static void links_attempt(void *context)
{
    const struct load *load = context;
    load_open(load, EHR_RESOURCES_LINK_ENERGY);
    ehr_resources_links_try(load->idle);
}

static void load_attempt(void *context)
{
    const struct load *load = context;
    load_open(load, 0);
    size_t count = sg_host_count();
    sg_host_t *hosts = sg_host_list();
    if (count == 0) {
        fprintf(stderr, "the platform has no host\n");
        _exit(3);
    }
    power_check(load->config);
    /* A route that is missing would end the run in its middle: try those of the first host. */
    for (size_t i = 1; i < count && i < ROUTES_TRIED_MAX; i++) {
        route_try(hosts[0], hosts[i]);
        route_try(hosts[i], hosts[0]);
    }
    free(hosts);
}

/* ---- what was wrong ---- */

static const char *after(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : text;
}

/* What the trial itself noted; NULL: the line is SimGrid's. */
static const char *note_of(const char *line)
{
    if (strncmp(line, ROUTE_NOTE, strlen(ROUTE_NOTE)) == 0)
        return line;
    const char *rest = after(line, EHR_RESOURCES_NOTE);
    return rest != line ? rest : NULL;
}

/* What was noted last, as a route that was tried; else the first line that names the file; else the
 * first that says something. */
static void reason_find(char *text, const char *path, char *error, size_t error_size)
{
    const char *base = strrchr(path, '/'), *first = NULL, *named = NULL;
    base = base != NULL ? base + 1 : path;
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        const char *note = note_of(line);
        if (note != NULL)
            first = note;
        const char *said = note == NULL ? ehr_trial_line(line) : NULL;
        if (said == NULL)
            continue;
        if (first == NULL)
            first = said;
        if (named == NULL && strstr(line, base) != NULL)
            named = after(said, "Parse error at ");
    }
    const char *reason = named != NULL ? named : first != NULL ? first : "SimGrid gave up";
    /* SimGrid writes the path as it was given to it. */
    if (strncmp(reason, path, strlen(path)) == 0)
        snprintf(error, error_size, "%s", reason);
    else
        snprintf(error, error_size, "%s: %s", path, reason);
}

bool ehr_platform_attempt(const char *path, void (*attempt)(void *context), void *context,
                          char *error, size_t error_size)
{
    char *text;
    bool good = ehr_trial_run(attempt, context, &text);
    if (!good)
        reason_find(text, path, error, error_size);
    free(text);
    return good;
}

static bool links_open(struct load *load, char *error, size_t error_size)
{
    if ((load->config->resources & EHR_RESOURCES_LINK_ENERGY) == 0)
        return true;
    load->idle = tmpfile();
    if (load->idle == NULL)
        snprintf(error, error_size, "%s: temporary file: %s", load->path, strerror(errno));
    return load->idle != NULL &&
           ehr_platform_attempt(load->path, links_attempt, load, error, error_size);
}

/* The factors of the network model take a simulation of their own, too. */
static void factors_attempt(void *context)
{
    const struct load *load = context;
    struct load small = *load;
    char path[256];
    if (!ehr_factors_platform(load->path, path, sizeof path)) {
        fprintf(stderr, "temporary file: %s\n", strerror(errno));
        _exit(3);
    }
    small.path = path;
    load_open(&small, 0);
    unlink(path);
    if (!ehr_factors_measure(load->factors))
        _exit(3);
}

/* In flow they are no more than an estimate, for the order of a broadcast. Inside a program nobody
 * knows yet whether it will be flow. */
static bool factors_open(const struct load *load, char *error, size_t error_size)
{
    if (ehr_simgrid_tells_factors())
        return true;
    bool flow = load->config->fidelity == EHR_FIDELITY_FLOW;
    struct load copy = *load;
    if (!ehr_platform_attempt(load->path, factors_attempt, &copy, error, error_size)) {
        load->factors->certain = false;
        return flow;
    }
    if (!load->factors->certain && !flow)
        snprintf(error, error_size,
                 "%s: network/latency-factor, network/bandwidth-factor: differ by size: allowed: "
                 "one number each, or fidelity flow",
                 load->path);
    return load->factors->certain || flow;
}

/* Tries everything in children first; false: `error` says what is wrong. Only here is the loading
 * itself. */
static bool load_run(struct load *load, char *error, size_t error_size)
{
    if (access(load->path, R_OK) != 0) {
        snprintf(error, error_size, "%s: %s", load->path, strerror(errno));
        return false;
    }
    if ((load->config->resources & EHR_RESOURCES_HOST_LOAD) != 0 &&
        !ehr_resources_states_check(load->path, error, error_size))
        return false;
    /* The child that measures them writes here. */
    struct ehr_factors *factors =
        mmap(NULL, sizeof *factors, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (factors == MAP_FAILED) {
        snprintf(error, error_size, "%s: mmap: %s", load->path, strerror(errno));
        return false;
    }
    *factors = ehr_factors_of_model(load->config->lv08);
    load->factors = factors;
    struct ehr_kernel_config used = *load->config;
    used.optim_full = used.optim_full || file_has_latencies(load->path);
    changes = load->inside || file_has_profiles(load->path);
    if (load->inside && used.optim_full)
        sg_cfg_set_string("network/optim", "Full");
    load->config = &used;
    bool good = ehr_platform_attempt(load->path, load_attempt, load, error, error_size) &&
                factors_open(load, error, error_size);
    ehr_factors_set(factors);
    munmap(factors, sizeof *factors);
    good = good && links_open(load, error, error_size);
    if (good && load->inside)
        simgrid_load_platform(load->path);
    else if (good)
        simgrid_open(load->path, load->config, load->argc, load->argv);
    if (good && load->idle != NULL)
        ehr_resources_idle_read(load->idle);
    if (load->idle != NULL)
        fclose(load->idle);
    return good;
}

bool ehr_platform_load(const char *path, const struct ehr_kernel_config *config, int *argc,
                       char **argv, char *error, size_t error_size)
{
    struct load load = {
        .path = path, .config = config, .argc = argc != NULL ? *argc : 0, .argv = argv};
    return load_run(&load, error, error_size);
}

bool ehr_platform_load_inside(const char *path, const struct ehr_kernel_config *config, char *error,
                              size_t error_size)
{
    struct load load = {.path = path, .config = config, .inside = true};
    return load_run(&load, error, error_size);
}

void ehr_platform_adopt(void)
{
    changes = true;
    ehr_resources_begin();
}

bool ehr_platform_changes(void)
{
    return changes;
}
