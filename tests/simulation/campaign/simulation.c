/* Real consensus engines under faults that one number decides.
 *
 *   ehr_simulation --engine E (--seed N | --from N --seeds COUNT) [--jobs N] [--trace]
 *                  [--without KIND,..] [--replicas N] [--rounds N] [--requests N]
 *                  [--tape-limit N] [--zero A-B,..] [--no-shrink]
 *   ehr_simulation --engine E --bench [--seeds COUNT]
 *
 * Exit 0: every seed was safe and came to rest; 1: some did not, and how to replay them is printed;
 * 2: wrong arguments. docs/simulation.md says what is drawn and checked. */
#include "tests/simulation/campaign/workers.h"
#include "sim/consensus/registry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHOWN_MAX = 20, SHRUNK_MAX = 3, SHRINK_RUNS = 600 };

struct options {
    struct ehr_case one;
    uint64_t count;
    uint32_t jobs;
    bool trace, bench, keep;
};

static void refuse(const char *what, const char *found, const char *allowed)
{
    fprintf(stderr, "ehr_simulation: %s: %s: allowed: %s\n", what, found, allowed);
    exit(2);
}

static uint64_t number(const char *option, const char *text)
{
    char *end;
    uint64_t value = text != NULL ? strtoull(text, &end, 10) : 0;
    if (text == NULL || *text < '0' || *text > '9' || *end != '\0')
        refuse(option, text != NULL ? text : "nothing", "a number");
    return value;
}

static void kinds_read(struct options *o, const char *text)
{
    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, ",");
        enum ehr_fault kind = ehr_fault_find(at, length);
        if (kind == EHR_FAULTS) {
            fprintf(stderr, "ehr_simulation: --without: %s: allowed:", at);
            for (uint32_t k = 0; k < EHR_FAULTS; k++)
                fprintf(stderr, " %s", ehr_fault_name((enum ehr_fault)k));
            fprintf(stderr, "\n");
            exit(2);
        }
        o->one.less.without |= 1U << kind;
        at += length + (at[length] == ',');
    }
}

static void zeros_read(struct options *o, const char *text)
{
    struct ehr_tape_cuts *cuts = &o->one.cuts;
    uint64_t last = 0;
    for (const char *at = text; at != NULL && *at != '\0';) {
        char *end;
        struct ehr_tape_range range = {.first = strtoull(at, &end, 10)};
        range.end = *end == '-' ? strtoull(end + 1, &end, 10) : 0;
        if (range.end <= range.first || range.first < last || (*end != ',' && *end != '\0') ||
            cuts->count == EHR_TAPE_ZEROS_MAX)
            refuse("--zero", at, "ranges A-B,C-D, ascending, 32 at most");
        last = range.end;
        cuts->zeros[cuts->count++] = range;
        at = end + (*end == ',');
    }
}

static void engine_read(struct options *o, const char *name)
{
    o->one.type = name != NULL ? ehr_engine_find(name) : NULL;
    if (o->one.type == NULL)
        refuse("--engine", name != NULL ? name : "nothing", "hotstuff, pbft, raft, solo");
}

/* Options with a value; returns whether it was one. */
static bool value_read(struct options *o, const char *option, const char *value)
{
    if (strcmp(option, "--engine") == 0)
        engine_read(o, value);
    else if (strcmp(option, "--seed") == 0 || strcmp(option, "--from") == 0)
        o->one.seed = number(option, value);
    else if (strcmp(option, "--seeds") == 0)
        o->count = number(option, value);
    else if (strcmp(option, "--jobs") == 0)
        o->jobs = (uint32_t)number(option, value);
    else if (strcmp(option, "--without") == 0)
        kinds_read(o, value);
    else if (strcmp(option, "--replicas") == 0)
        o->one.less.replicas = (uint16_t)number(option, value);
    else if (strcmp(option, "--rounds") == 0)
        o->one.less.rounds = (uint32_t)number(option, value);
    else if (strcmp(option, "--zero") == 0)
        zeros_read(o, value);
    else if (strcmp(option, "--requests") == 0) {
        o->one.less.requests_limited = true;
        o->one.less.requests = (uint32_t)number(option, value);
    } else if (strcmp(option, "--tape-limit") == 0) {
        o->one.cuts.limited = true;
        o->one.cuts.limit = number(option, value);
    } else {
        return false;
    }
    return true;
}

static void options_read(struct options *o, int argc, char **argv)
{
    *o = (struct options){.count = 1, .jobs = 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trace") == 0)
            o->trace = true;
        else if (strcmp(argv[i], "--bench") == 0)
            o->bench = true;
        else if (strcmp(argv[i], "--no-shrink") == 0)
            o->keep = true;
        else if (value_read(o, argv[i], i + 1 < argc ? argv[i + 1] : NULL))
            i++;
        else
            refuse("option", argv[i],
                   "--engine --seed --from --seeds --jobs --trace --without --replicas --rounds "
                   "--requests --tape-limit --zero --no-shrink --bench");
    }
    if (o->one.type == NULL)
        engine_read(o, NULL);
    uint16_t n = o->one.less.replicas, least = ehr_setup_replicas_min(o->one.type);
    if (n != 0 && (n < least || n > EHR_SETUP_REPLICAS_MAX))
        refuse("--replicas", "out of range", "4 to 10, for raft and solo 2 to 10");
}

static void summary(const struct options *o, const struct ehr_tally *t)
{
    printf("%s: %" PRIu64 " seeds, %" PRIu64 " failed; %" PRIu64 " steps, %" PRIu64
           " heights, %" PRIu64 " views, %" PRIu64 " state transfers, %" PRIu64
           " synchronisations, %" PRIu64 " requests, %" PRIu64 " of them in a second block\n",
           o->one.type->name, t->seeds, t->failed, t->steps, t->heights, t->views, t->transfers,
           t->synchronised, t->requests, t->repeated);
    printf("  %" PRIu64 " messages delivered (%" PRIu64 " unread, %" PRIu64
           " refused), lost %" PRIu64 ", cut off %" PRIu64 ", doubled %" PRIu64
           ", replayed %" PRIu64 "; %" PRIu64 " partitions, %" PRIu64 " slow, %" PRIu64 " hunted\n",
           t->messages, t->unwanted, t->refused, t->lost, t->cut, t->duplicated, t->replayed,
           t->partitions, t->slowed, t->hunted);
    printf("  %" PRIu64 " crashes, %" PRIu64 " restarts under faults, %" PRIu64
           " power cuts, %" PRIu64 " stayed away; Byzantine %" PRIu64 ": %" PRIu64 " lies, %" PRIu64
           " garbled, %" PRIu64 " by twins\n",
           t->crashes, t->restarts, t->power_cuts, t->absent, t->liars, t->lies, t->garbage,
           t->twin_messages);
    printf("  at rest %.3f s after the faults at the latest; an engine was lent %" PRIu64
           " bytes at most\n",
           (double)t->settling_ns / 1e9, t->lent_max);
}

/* How many failed in which way. */
static void kinds_show(const struct ehr_harvest *harvest)
{
    for (size_t i = 0; i < harvest->count; i++) {
        const char *kind = harvest->failures[i].verdict.kind;
        size_t count = 0, first = i;
        for (size_t k = 0; k < harvest->count; k++)
            if (strcmp(harvest->failures[k].verdict.kind, kind) == 0) {
                first = k < first ? k : first;
                count++;
            }
        if (first == i)
            printf("%6zu x %s (first: seed %" PRIu64 ")\n", count, kind, harvest->failures[i].seed);
    }
}

static void failure_show(const struct options *o, const struct ehr_failure *failure)
{
    struct ehr_case one = o->one;
    struct ehr_setup setup;
    one.seed = failure->seed;
    ehr_setup_draw(&setup, one.type, one.seed, &one.less);
    printf("seed %" PRIu64 ": %s: %s\n  ", failure->seed, failure->verdict.kind,
           failure->verdict.detail);
    ehr_setup_print(stdout, &setup);
    printf("  replay: ");
    ehr_case_print(stdout, &one);
    printf("\n");
}

static void failure_shrink(const struct options *o, struct ehr_world *world,
                           const struct ehr_failure *failure)
{
    struct ehr_case one = o->one;
    one.seed = failure->seed;
    struct ehr_verdict verdict = ehr_case_shrink(world, &one, &failure->verdict, SHRINK_RUNS);
    printf("  shrunk: ");
    ehr_case_print(stdout, &one);
    printf("\n          %s\n", verdict.detail);
}

/* Whether an earlier failure was of the same kind. */
static bool known_kind(const struct ehr_harvest *harvest, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(harvest->failures[i].verdict.kind, harvest->failures[index].verdict.kind) == 0)
            return true;
    return false;
}

static int campaign(const struct options *o)
{
    struct ehr_harvest harvest = ehr_workers_run(&o->one, o->one.seed, o->count, o->jobs);
    struct ehr_world *world = ehr_world_new();
    uint32_t shrunk = 0;
    for (size_t i = 0; i < harvest.count && i < SHOWN_MAX; i++) {
        failure_show(o, &harvest.failures[i]);
        if (!o->keep && shrunk < SHRUNK_MAX && !known_kind(&harvest, i) &&
            strcmp(harvest.failures[i].verdict.kind, "the process died") != 0) {
            failure_shrink(o, world, &harvest.failures[i]);
            shrunk++;
        }
    }
    if (harvest.count > SHOWN_MAX)
        printf("and %zu more\n", harvest.count - SHOWN_MAX);
    kinds_show(&harvest);
    summary(o, &harvest.tally);
    int status = harvest.count > 0;
    ehr_world_free(world);
    free(harvest.failures);
    return status;
}

static int trace(const struct options *o)
{
    struct ehr_world *world = ehr_world_new();
    struct ehr_tally tally = {0};
    struct ehr_setup setup;
    ehr_setup_draw(&setup, o->one.type, o->one.seed, &o->one.less);
    ehr_setup_print(stdout, &setup);
    struct ehr_verdict verdict = ehr_case_run(world, &o->one, stdout, &tally);
    if (verdict.broken)
        printf("%s: %s\n", verdict.kind, verdict.detail);
    summary(o, &tally);
    ehr_world_free(world);
    return verdict.broken;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* other programs do not count */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* n = 4, 100 requests, all kinds of fault, one process. */
static int bench(const struct options *o)
{
    struct ehr_world *world = ehr_world_new();
    struct ehr_tally tally = {0};
    uint64_t count = o->count > 1 ? o->count : 2000;
    double begin = seconds();
    for (uint64_t seed = 1; seed <= count; seed++) {
        struct ehr_setup setup;
        ehr_setup_full(&setup, o->one.type, seed);
        ehr_world_run(world, &setup, NULL, NULL, &tally);
    }
    double took = seconds() - begin;
    summary(o, &tally);
    printf("%.2f M steps/s, %.0f seeds/s: %" PRIu64 " steps of %" PRIu64
           " seeds in %.2f s of one core\n",
           (double)tally.steps / took / 1e6, (double)count / took, tally.steps, count, took);
    ehr_world_free(world);
    return tally.failed > 0;
}

int main(int argc, char **argv)
{
    struct options options;
    options_read(&options, argc, argv);
    if (options.bench)
        return bench(&options);
    return options.trace ? trace(&options) : campaign(&options);
}
