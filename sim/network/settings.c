/* Settings for SimGrid that a user gives: what it would end the process for is found out before. */
#include "sim/network/kernel.h"

#include <simgrid/engine.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/network/factors.h"
#include "sim/network/memory.h"
#include "sim/network/trial.h"

#define KEY_UNKNOWN "Bad config key: "
#define EXCEPTION   "Uncaught exception std::"
#define TERMINATE   "terminate called"
#define WHAT        "what():"

/* ---- what the kernel sets itself ---- */

/* docs/fidelity.md has the reasons. With '-' where older names have '_'. */
static const char *reserved_because(const char *key)
{
    static const struct {
        const char *begin, *because;
    } all[] = {
        {"network/model", "network/@model of the scenario says which"},
        {"network/TCP-gamma", "EHRGrid sets it, so that a transfer takes what the formula says"},
        {"network/crosstraffic", "EHRGrid sets it, so that a transfer takes what the formula says"},
        {"network/weight-S", "EHRGrid sets it, as transfers on changing links stall without it"},
        {"network/optim", "EHRGrid sets it, as some links need Full"},
        {"host/model", "network/@model of the scenario says which"},
        {"cmonkey/", "<faults> of the scenario says what fails"},
        {"model-check/", "EHRGrid is not written for the model checker"},
        {"maxmin/precision", "EHRGrid counts on SimGrid's"},
        {"precision/work-amount", "EHRGrid counts on SimGrid's"},
        {"surf/precision", "EHRGrid sets it, so that events 1 ns apart stay apart"},
        {"precision/timing", "EHRGrid sets it, so that events 1 ns apart stay apart"},
        {"contexts/", "EHRGrid chooses contexts: one thread, small stacks"},
    };
    char name[64];
    size_t length = 0;
    for (; key[length] != '\0' && length + 1 < sizeof name; length++)
        name[length] = key[length] == '_' ? '-' : key[length];
    name[length] = '\0';
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        size_t begin = strlen(all[i].begin);
        bool folder = all[i].begin[begin - 1] == '/';
        if (strncmp(name, all[i].begin, begin) == 0 && (folder || name[begin] == '\0'))
            return all[i].because;
    }
    return NULL;
}

/* ---- trying ---- */

static void simgrid_start(const char *setting)
{
    static char program[] = "ehrgrid";
#ifdef EHR_SANITIZED
    static char contexts[] = "--cfg=contexts/factory:thread";
#else
    static char contexts[] = "--cfg=contexts/factory:raw";
#endif
    char *word = ehr_zeroed(strlen(setting) + 1, 1);
    strcpy(word, setting);
    char *arguments[] = {program, contexts, word, NULL};
    int count = 3;
    simgrid_init(&count, arguments); /* which keeps pointers into it */
}

static void setting_attempt(void *context)
{
    char path[256];
    simgrid_start(context);
    if (!ehr_factors_platform("/dev/null", path, sizeof path)) {
        fprintf(stderr, "temporary file: %s\n", strerror(errno));
        _exit(3);
    }
    simgrid_load_platform(path); /* models are made now */
    simgrid_run_until(0);
    unlink(path);
}

static void categories_attempt(void *context)
{
    simgrid_start(context); /* which prints them, and ends */
}

/* ---- what is allowed ---- */

static void append(char *text, size_t size, const char *word)
{
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%s", length > 0 ? " " : "", word);
}

/* Keys in the same folder as the one that is unknown, else all: lines "  KEY: (type)value". */
static void keys_list(char *output, const char *unknown, char *keys, size_t size)
{
    size_t folder = strcspn(unknown, "/:");
    char *save = NULL, *copy = ehr_zeroed(strlen(output) + 1, 1);
    for (int round = 0; round < 2 && *keys == '\0'; round++) {
        strcpy(copy, output);
        for (char *line = strtok_r(copy, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save)) {
            char *end = strstr(line, ": (");
            if (strncmp(line, "  ", 2) != 0 || end == NULL)
                continue;
            *end = '\0';
            if (reserved_because(line + 2) != NULL)
                continue;
            if (round > 0 || (strncmp(line + 2, unknown, folder) == 0 && line[2 + folder] == '/'))
                append(keys, size, line + 2);
        }
    }
    free(copy);
}

/* SimGrid's words for a value that it could not read, in ours. */
static const char *translated(const char *reason)
{
    static const struct {
        const char *theirs, *ours;
    } all[] = {
        {"invalid double", "a number"},
        {"invalid integer", "a whole number"},
        {"not a boolean", "yes or no"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strstr(reason, all[i].theirs) != NULL)
            return all[i].ours;
    return reason;
}

/* The first line that says something. An exception is told by SimGrid in 3.32, by C++ in 4.0, 4.1.
 */
static const char *reason_of(char *output)
{
    char *save = NULL;
    for (char *line = strtok_r(output, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        const char *said = ehr_trial_line(line);
        if (said == NULL || strncmp(said, TERMINATE, strlen(TERMINATE)) == 0)
            continue;
        said += strspn(said, " ");
        if (strncmp(said, WHAT, strlen(WHAT)) == 0)
            said += strlen(WHAT) + strspn(said + strlen(WHAT), " ");
        if (strncmp(said, EXCEPTION, strlen(EXCEPTION)) == 0 && strstr(said, ": ") != NULL)
            said = strstr(said, ": ") + 2;
        return said;
    }
    return "SimGrid gave up";
}

/* ---- the two kinds ---- */

static bool cfg_check(const char *setting, char *error, size_t size)
{
    const char *value = setting + strlen("--cfg=");
    char key[128], *output;
    int length = (int)strcspn(value, ":");
    snprintf(key, sizeof key, "%.*s", length, value);
    /* SimGrid takes several between blanks or commas, behind which a reserved one could hide */
    if (length == 0 || value[length] != ':' || value[strcspn(value, " \t\n,")] != '\0') {
        snprintf(error, size, "--cfg: %s: one KEY:VALUE", value);
        return false;
    }
    const char *because = reserved_because(key);
    if (because != NULL) {
        snprintf(error, size, "--cfg: %s: not to be set: %s", key, because);
        return false;
    }
    bool good = ehr_trial_run(setting_attempt, (void *)(uintptr_t)setting, &output);
    if (!good && strstr(output, KEY_UNKNOWN) != NULL) {
        char *keys = ehr_zeroed(size, 1);
        keys_list(output, key, keys, size);
        snprintf(error, size, "--cfg: %s: no setting of SimGrid; allowed: %s", key, keys);
        free(keys);
    } else if (!good) {
        snprintf(error, size, "--cfg: %s: %s", value, translated(reason_of(output)));
    }
    free(output);
    return good;
}

/* Whether the list has a line "\_ NAME: what it is". Categories that nobody has are no mistake for
 * SimGrid, which waits for them. */
static bool category_is_known(const char *output, const char *name)
{
    for (const char *at = output; (at = strstr(at, name)) != NULL; at++) {
        bool begins = at > output && at[-1] == ' ';
        if (begins && at[strlen(name)] == ':')
            return true;
    }
    return false;
}

static bool category_check(const char *spec, char *error, size_t size)
{
    static char ask[] = "--help-log-categories";
    char name[64], *output;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(spec, ".:"), spec);
    ehr_trial_run(categories_attempt, ask, &output);
    /* no list, no verdict */
    bool known = strstr(output, "root: ") == NULL || category_is_known(output, name);
    if (!known) {
        char *names = ehr_zeroed(size, 1), *save = NULL;
        for (char *line = strtok_r(output, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save)) {
            char *end = strstr(line, ": "), *begin = strstr(line, "\\_ ");
            if (end == NULL || begin == NULL)
                continue;
            *end = '\0';
            append(names, size, begin + 3);
        }
        snprintf(error, size, "--log: %s: no category of SimGrid; allowed: root %s", name, names);
        free(names);
    }
    free(output);
    return known;
}

static bool log_check(const char *setting, char *error, size_t size)
{
    const char *value = setting + strlen("--log=");
    char *output;
    if (value[strcspn(value, ".")] == '\0' || value[strcspn(value, ":")] == '\0') {
        snprintf(error, size, "--log: %s: CATEGORY.KEY:VALUE, as in root.threshold:warning", value);
        return false;
    }
    bool good = ehr_trial_run(setting_attempt, (void *)(uintptr_t)setting, &output);
    if (!good && strstr(output, "Unknown setting") != NULL)
        snprintf(error, size,
                 "--log: %s: no setting of a category; allowed: threshold appender fmt additivity",
                 value);
    else if (!good)
        snprintf(error, size, "--log: %s: %s", value, reason_of(output));
    free(output);
    return good && category_check(value, error, size);
}

bool ehr_platform_setting_check(const char *setting, char *error, size_t error_size)
{
    return strncmp(setting, "--cfg=", 6) == 0 ? cfg_check(setting, error, error_size)
                                              : log_check(setting, error, error_size);
}
