/* A program of a test around a whole world: quickstart, small and with settings of the test, in a
 * child (SimGrid is one per process), its results in a folder that the parent reads. */
#ifndef EHR_TESTS_PROGRAM_WORLD_H
#define EHR_TESTS_PROGRAM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "include/ehrgrid.h"
#include "sim/app/world.h"

enum { PROGRAM_SETS_MAX = 24, PROGRAM_FOLDER_BYTES = 64 };

struct program {
    const char *scenario;                     /* NULL: quickstart, with what is usual here */
    const char *sets[PROGRAM_SETS_MAX];       /* over those of every test; NULL at the end */
    const struct ehr_hooks *hooks;            /* NULL: none */
    bool open;                                /* as struct ehr_world_options */
    void (*before)(void);                     /* before anything is read; may be NULL */
    void (*prepare)(struct ehr_world *world); /* before the run; may be NULL */
};

/* Runs it and gives what it said; to be freed. `folder` gets the name of its results, which
 * program_forget removes. How the run ended is the last line: "well" or "wrongly: ...". */
char *program_run(const struct program *program, char folder[PROGRAM_FOLDER_BYTES]);
void program_forget(const char *folder);

/* In the child: writes a line. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct ehr_world *program_world(void);

/* ---- what files say ---- */

/* Calls `row` for each row of a table of the folder; returns how many there are. */
struct table;
typedef void table_row(const struct table *table, void *context);
unsigned table_read(const char *folder, const char *file, table_row *row, void *context);
/* A cell of the row; fails where there is no such column. */
const char *table_text(const struct table *table, const char *column);
uint64_t table_number(const struct table *table, const char *column);
/* Of a column in seconds; UINT64_MAX: empty. */
uint64_t table_ns(const struct table *table, const char *column);

/* requests.csv, by number; and when the run ended. */
struct rows {
    unsigned count;
    struct {
        char flow[16], hospital[16], outcome[16], reason[24];
        uint64_t start_ns, end_ns;
        bool identical;
    } row[256];
};
struct rows rows_read(const char *folder);
void row_is(const struct rows *rows, uint32_t request, const char *flow, const char *hospital,
            const char *outcome);
uint64_t time_of(const char *folder);

/* Whether two folders have the same bytes under this name. */
bool table_same(const char *folder, const char *other, const char *file);

#endif /* EHR_TESTS_PROGRAM_WORLD_H */
