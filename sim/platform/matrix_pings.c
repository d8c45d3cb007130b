/* A folder of pings, a file for each region they were sent from. */
#include "sim/platform/matrix.h"

#include "sim/scenario/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDING  ".dat"
#define ALLOWED "min/avg/max/mdev:region, in ms"

enum { LINE_BYTES = 512 };

struct pings {
    struct ehr_matrix *matrix;
    struct ehr_problem_list *problems;
    enum ehr_matrix_statistic statistic;
    char *file;
    int line;
};

static void refuse(struct pings *pings, const char *what, const char *found, const char *allowed)
{
    ehr_problem_list_add(pings->problems, false, pings->file, pings->line, what, found, allowed);
}

/* "0.134/0.338/4.643/0.152" to the figure of the statistic. */
static bool figures_parse(const struct pings *pings, char *text, uint64_t *ns)
{
    uint64_t figures[4];
    for (size_t i = 0; i < 4; i++) {
        size_t length = strcspn(text, "/");
        if ((text[length] == '/') != (i < 3))
            return false;
        text[length] = '\0';
        if (!ehr_matrix_ms_parse(text, &figures[i]))
            return false;
        text += length + 1;
    }
    *ns = figures[pings->statistic - EHR_MATRIX_MIN];
    return true;
}

static void line_read(struct pings *pings, char *line, size_t from)
{
    size_t count = pings->matrix->regions.count;
    char *whole = ehr_scenario_text_copy(line), *colon = strchr(line, ':');
    uint64_t ns = 0;
    if (colon != NULL)
        *colon = '\0';
    size_t to = colon != NULL ? ehr_matrix_region(pings->matrix, colon + 1) : 0;
    if (colon == NULL || !figures_parse(pings, line, &ns))
        refuse(pings, "ping", whole, ALLOWED);
    else if (to == EHR_MATRIX_REGIONS_MAX)
        refuse(pings, "region", colon + 1, "one with a file REGION.dat of its own");
    else if (pings->matrix->rtt_ns[from * count + to] != EHR_MATRIX_MISSING)
        refuse(pings, "region", colon + 1, "each once");
    else
        pings->matrix->rtt_ns[from * count + to] = ns;
    free(whole);
}

static void file_read(struct pings *pings, size_t from)
{
    char line[LINE_BYTES];
    FILE *file = fopen(pings->file, "r");
    pings->line = 0;
    if (file == NULL) {
        refuse(pings, "file", strerror(errno), "a file that can be read");
        return;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        pings->line++;
        size_t length = strcspn(line, "\r\n");
        if (line[length] == '\0' && length == sizeof line - 1) {
            refuse(pings, "ping", "a line of more than 510 characters", ALLOWED);
            break;
        }
        line[length] = '\0';
        if (length > 0)
            line_read(pings, line, from);
    }
    if (ferror(file) != 0)
        refuse(pings, "file", strerror(errno), "a file that can be read");
    fclose(file);
}

/* The region of "<region>.dat"; NULL for other files. The caller's. */
static char *region_of(const char *entry)
{
    size_t length = strlen(entry), ending = strlen(ENDING);
    if (length <= ending || strcmp(entry + length - ending, ENDING) != 0)
        return NULL;
    char *name = ehr_scenario_text_format("%.*s", (int)(length - ending), entry);
    if (ehr_name_is_valid(name))
        return name;
    free(name);
    return NULL;
}

bool ehr_matrix_pings_read(const char *folder, enum ehr_matrix_statistic statistic,
                           struct ehr_problem_list *problems, struct ehr_matrix *matrix)
{
    struct dirent **entries = NULL;
    struct pings pings = {.matrix = matrix, .problems = problems, .statistic = statistic};
    size_t errors = problems->error_count;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char *region = region_of(entries[i]->d_name);
        if (region != NULL && matrix->regions.count < EHR_MATRIX_REGIONS_MAX)
            ehr_names_add(&matrix->regions, region);
        free(region);
        free(entries[i]);
    }
    free(entries);
    if (count < 0 || matrix->regions.count == 0)
        ehr_problem_list_add(problems, false, folder, 0, "folder",
                             count < 0 ? strerror(errno) : "no file *.dat",
                             "files REGION.dat of pings");
    ehr_matrix_clear(matrix);
    for (size_t i = 0; i < matrix->regions.count; i++) {
        pings.file = ehr_scenario_text_format("%s/%s" ENDING, folder, matrix->regions.items[i]);
        file_read(&pings, i);
        free(pings.file);
    }
    return problems->error_count == errors;
}
