/* A run small enough to be added up by hand, and folders to write it to; for the measure tests. */
#ifndef EHR_TESTS_MEASURE_RUN_H
#define EHR_TESTS_MEASURE_RUN_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/measure/measure.h"

#define MS  1000000u
#define SEC 1000000000u

enum { NODE_A0, NODE_A1, NODE_P0 };
enum { MESSAGE_PREPARE, MESSAGE_QUERY };

static const struct ehr_measure_node run_nodes[] = {
    {"alliance-0", "chain_node", "host-a", EHR_TIER_ALLIANCE},
    {"alliance-1", "chain_node", "host-b", EHR_TIER_ALLIANCE},
    {"minsk-0", "chain_node", "host,c", EHR_TIER_PRIVATE},
};
static const struct ehr_measure_message run_messages[] = {{"prepare", true}, {"query", false}};
static const char *const run_operations[] = {"sign", "verify"};
static const struct ehr_measure_chain run_chains[] = {{"alliance", EHR_TIER_ALLIANCE},
                                                      {"minsk", EHR_TIER_PRIVATE}};
static const char *const run_hospitals[] = {"minsk", "brest"};
/* The engine of the alliance has the types 1 and 2, that of minsk has 2 alone. */
static const uint32_t run_node_chains[] = {0, 0, 1};
static const char *const alliance_types[] = {NULL, "prepare", "commit"};
static const char *const minsk_types[] = {NULL, NULL, "append"};
static const char *const *const run_types[] = {alliance_types, minsk_types};
static const char *const run_timeouts[] = {NULL, "request"};

/* Warm-up 1 s, window to 11 s. */
static inline struct ehr_measure *run_new(void)
{
    struct ehr_measure_config config = {
        .names = {.nodes = run_nodes,
                  .messages = run_messages,
                  .operations = run_operations,
                  .chains = run_chains,
                  .hospitals = run_hospitals,
                  .consensus = {run_node_chains, run_types, run_timeouts, 3, 2},
                  .node_count = 3,
                  .message_count = 2,
                  .operation_count = 2,
                  .chain_count = 2,
                  .hospital_count = 2},
        .warmup_ns = SEC,
        .window_end_ns = (uint64_t)11 * SEC,
    };
    return ehr_measure_new(&config);
}

static inline struct ehr_measure_meta run_meta(void)
{
    static const char *const command[] = {"ehrgrid", "run", "a \"b\".xml"};
    static const struct ehr_measure_parameter parameters[] = {{"alliance/@batch", "10,20"}};
    static const struct ehr_measure_input inputs[] = {
        {"scenario", "a.xml", "abcd", "<scenario/>\n"}, {"platform", "p.xml", "ef01", NULL}};
    static const struct ehr_measure_committee committees[] = {{"alliance", "pbft", "bft", 4, 3}};
    static const struct ehr_measure_fact facts[] = {{"verify_cache_hits", 0.5}};
    return (struct ehr_measure_meta){
        .run_id = "0123",
        .scenario = "tiny, by hand",
        .sha256 = "abcd",
        .version = "0.1.0",
        .simgrid_version = "3.32",
        .fidelity = "flow",
        .crypto = "modelled",
        .command = command,
        .parameters = parameters,
        .inputs = inputs,
        .committees = committees,
        .facts = facts,
        .command_count = 3,
        .parameter_count = 1,
        .input_count = 2,
        .committee_count = 1,
        .fact_count = 1,
        .seed = UINT64_MAX,
        .replication = 3,
        .sim_time_ns = (uint64_t)20 * SEC + 5,
        .wall_s = 0.25,
        .peak_rss_bytes = 4096,
    };
}

/* A new folder; free the string after folder_remove. */
static inline char *folder_new(void)
{
    static const char pattern[] = "/tmp/ehr-measure-XXXXXX";
    char *path = malloc(sizeof(pattern));
    if (path == NULL)
        abort();
    memcpy(path, pattern, sizeof(pattern));
    if (mkdtemp(path) == NULL)
        abort();
    return path;
}

static inline char *path_join(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path == NULL)
        abort();
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* How many entries a folder has; -1 if there is none. */
static inline int folder_entries(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -1;
    int count = -2; /* . and .. */
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static inline void folder_remove(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner = path_join(path, entry->d_name);
        if (unlink(inner) != 0)
            folder_remove(inner);
        free(inner);
    }
    closedir(folder);
    rmdir(path);
}

/* The whole file as a string, or NULL. */
static inline char *file_read(const char *folder, const char *name)
{
    char *path = path_join(folder, name);
    FILE *file = fopen(path, "r");
    free(path);
    if (file == NULL)
        return NULL;
    char *text = calloc(1, 1 << 20);
    if (text == NULL)
        abort();
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static inline void file_write(const char *folder, const char *name, const char *text)
{
    char *path = path_join(folder, name);
    FILE *file = fopen(path, "w");
    free(path);
    if (file == NULL)
        abort();
    fputs(text, file);
    fclose(file);
}

#endif /* EHR_TESTS_MEASURE_RUN_H */
