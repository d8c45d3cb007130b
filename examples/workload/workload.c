/* A workload of one's own: an actor of this program reads a trace and submits what stands there.
 *
 * The trace is a CSV file, named by the actor's argument, with the columns
 *   time_s    when, not before the line above
 *   hospital  where it is asked for
 *   patient   0, 1, 2 .. over all hospitals, in the order of the deployment
 *   what      register; visit; or retrieve, which is for the record of the patient's last visit
 * Every malformed line is reported as `file:line: what: found: allowed`; then nothing is run. */
#include <ehrgrid.h>
#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 10000, LINE_BYTES_MAX = 200 };

struct entry {
    unsigned line;
    double time_s;
    char hospital[33];
    uint32_t patient;
    const char *what; /* one of `flows` */
    uint32_t request; /* when it is submitted; 0: could not be */
};

static const char *const flows[] = {"register", "visit", "retrieve"};

static struct entry entries[LINES_MAX];
static size_t entry_count;
static int status = EHR_EXIT_DONE;

/* ---- reading ---- */

static void complain(const char *file, unsigned line, const char *what, const char *found,
                     const char *allowed)
{
    fprintf(stderr, "%s:%u: %s: %s: %s\n", file, line, what, found, allowed);
    status = EHR_EXIT_INPUT;
}

static void read_line(const char *file, unsigned line, char *text)
{
    static const char *const names[] = {"time_s", "hospital", "patient", "what"};
    char *cells[4], *rest = text, *end;
    text[strcspn(text, "\r\n")] = '\0';
    for (size_t i = 0; i < 4; i++) {
        cells[i] = rest;
        rest += strcspn(rest, ",");
        if (rest == cells[i] || (i == 3 && *rest == ',')) {
            complain(file, line, names[i], rest == cells[i] ? "nothing" : cells[i],
                     "one cell each of time_s,hospital,patient,what");
            return;
        }
        if (*rest == ',')
            *rest++ = '\0';
    }
    struct entry *entry = &entries[entry_count];
    *entry = (struct entry){.line = line};
    double earliest = entry_count > 0 ? entry[-1].time_s : 0;
    entry->time_s = strtod(cells[0], &end);
    if (*end != '\0' || !(entry->time_s >= earliest && entry->time_s < 1e9))
        complain(file, line, names[0], cells[0], "seconds, not before the line above");
    if (strlen(cells[1]) >= sizeof(entry->hospital))
        complain(file, line, names[1], cells[1], "at most 32 characters");
    snprintf(entry->hospital, sizeof(entry->hospital), "%s", cells[1]);
    unsigned long patient = strtoul(cells[2], &end, 10);
    if (*end != '\0' || cells[2][0] < '0' || cells[2][0] > '9' || patient > UINT32_MAX)
        complain(file, line, names[2], cells[2], "a number");
    entry->patient = (uint32_t)patient;
    for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
        if (strcmp(cells[3], flows[i]) == 0)
            entry->what = flows[i];
    if (entry->what == NULL)
        complain(file, line, names[3], cells[3], "register, visit, retrieve");
    entry_count++;
}

static void read_trace(const char *file)
{
    char text[LINE_BYTES_MAX];
    FILE *stream = fopen(file, "r");
    if (stream == NULL) {
        perror(file);
        status = EHR_EXIT_INPUT;
        return;
    }
    for (unsigned line = 1; fgets(text, sizeof(text), stream) != NULL; line++) {
        if (strchr(text, '\n') == NULL && !feof(stream)) {
            complain(file, line, "line", "too long", "at most 198 characters");
            break;
        }
        if (line == 1 && strncmp(text, "time_s,hospital,patient,what", 28) != 0)
            complain(file, line, "header", "another", "time_s,hospital,patient,what");
        if (line > 1 && entry_count == LINES_MAX) {
            complain(file, line, "line", "one more", "at most 10000 requests");
            break;
        }
        if (line > 1)
            read_line(file, line, text);
    }
    fclose(stream);
}

/* ---- submitting ---- */

/* The request of the patient's last visit, whose record is retrieved; 0: there was none. */
static uint32_t last_visit(const struct entry *entry)
{
    for (const struct entry *e = entry; e-- > entries;)
        if (strcmp(e->what, "visit") == 0 && e->patient == entry->patient)
            return e->request;
    return 0;
}

static void submit(const char *file, struct entry *entry)
{
    char error[256];
    struct ehr_submission submission = EHR_SUBMISSION_INIT;
    submission.flow = entry->what;
    submission.patient = entry->patient;
    submission.hospital = entry->hospital;
    submission.of = last_visit(entry);
    entry->request = ehr_submit(&submission, error, sizeof(error));
    if (entry->request == 0) {
        fprintf(stderr, "%s:%u: %s\n", file, entry->line, error);
        status = EHR_EXIT_INPUT;
    }
}

static void print_end(const char *file, const struct entry *entry)
{
    struct ehr_request_event event;
    if (entry->request == 0 || !ehr_request_wait(entry->request, -1, &event))
        return;
    printf("%s:%u: %s of patient %u at %s: %s", file, entry->line, event.flow, entry->patient,
           entry->hospital, event.outcome);
    if (strcmp(event.outcome, "ok") != 0)
        printf(" (%s)", event.reason);
    printf(" after %.9f s\n", (double)(event.end_ns - event.start_ns) * 1e-9);
}

/* The actor. Requests may overlap: it waits for their ends when all are under way. */
static void trace(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "trace: one argument: the file\n");
        status = EHR_EXIT_INPUT;
    } else {
        read_trace(argv[1]);
    }
    if (status == EHR_EXIT_DONE) {
        for (size_t i = 0; i < entry_count; i++) {
            sg_actor_sleep_until(entries[i].time_s);
            submit(argv[1], &entries[i]);
        }
        for (size_t i = 0; i < entry_count; i++)
            print_end(argv[1], &entries[i]);
    }
    ehr_plugin_stop();
}

int main(int argc, char **argv)
{
    simgrid_init(&argc, argv);
    if (argc != 3) {
        fprintf(stderr, "usage: %s PLATFORM DEPLOYMENT\n", argv[0]);
        return EHR_EXIT_INPUT;
    }
    simgrid_register_function("trace", trace);
    if (ehr_plugin_init(NULL) != EHR_EXIT_DONE ||
        ehr_plugin_load_platform(argv[1]) != EHR_EXIT_DONE ||
        ehr_plugin_load_deployment(argv[2]) != EHR_EXIT_DONE)
        return EHR_EXIT_INPUT;
    simgrid_run();
    int run = ehr_plugin_close();
    return run > status ? run : status;
}
