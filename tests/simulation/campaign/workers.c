/* Worker k of n has every n-th chunk of seeds. It writes what failed, then its tally, to a pipe,
 * and the seed it is at to memory that outlives it. */
#include "tests/simulation/campaign/workers.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 64, JOBS_MAX = 64 };

struct word {
    bool last; /* then `tally` counts, else `failure` */
    struct ehr_failure failure;
    struct ehr_tally tally;
};

struct worker {
    pid_t process;
    int from;
    bool finished;
    size_t read; /* bytes of `word` */
    struct word word;
};

struct crew {
    const struct ehr_case *of;
    uint64_t first, count;
    uint32_t jobs;
    uint64_t *at; /* shared, by worker: offset of the seed it is at */
    struct worker workers[JOBS_MAX];
};

/* The next offset of a worker's seeds, or count. */
static uint64_t offset_next(const struct crew *crew, uint32_t k, uint64_t offset)
{
    while (offset < crew->count && offset / CHUNK % crew->jobs != k)
        offset = (offset / CHUNK + 1) * CHUNK;
    return offset < crew->count ? offset : crew->count;
}

static void add(struct ehr_harvest *harvest, const struct ehr_failure *failure)
{
    if ((harvest->count & (harvest->count + 15) & 15) == 0 && harvest->count % 16 == 0) {
        harvest->failures =
            realloc(harvest->failures, (harvest->count + 16) * sizeof(*harvest->failures));
        assert(harvest->failures != NULL);
    }
    harvest->failures[harvest->count++] = *failure;
}

static void say(int to, const struct word *word)
{
    const char *bytes = (const char *)word;
    for (size_t left = sizeof(*word); left > 0;) {
        ssize_t written = write(to, bytes, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(3);
        bytes += written;
        left -= (size_t)written;
    }
}

static void work(const struct crew *crew, uint32_t k, uint64_t offset, int to)
{
    struct ehr_world *world = ehr_world_new();
    struct word word;
    struct ehr_case one = *crew->of;
    memset(&word, 0, sizeof(word));
    for (offset = offset_next(crew, k, offset); offset < crew->count;
         offset = offset_next(crew, k, offset + 1)) {
        crew->at[k] = offset;
        one.seed = word.failure.seed = crew->first + offset;
        word.failure.verdict = ehr_case_run(world, &one, NULL, &word.tally);
        if (word.failure.verdict.broken)
            say(to, &word);
    }
    word.last = true;
    say(to, &word);
    ehr_world_free(world);
}

static void worker_start(struct crew *crew, uint32_t k, uint64_t offset)
{
    struct worker *worker = &crew->workers[k];
    int ends[2];
    crew->at[k] = offset;
    fflush(NULL);
    if (pipe(ends) != 0 || (worker->process = fork()) < 0) {
        perror("ehr_simulation: cannot start a process");
        exit(2);
    }
    if (worker->process == 0) {
        close(ends[0]);
        work(crew, k, offset, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    worker->from = ends[0];
    worker->read = 0;
}

/* The pipe has ended: the worker is through, or it has died of its seed. */
static void worker_ended(struct crew *crew, uint32_t k, struct ehr_harvest *harvest)
{
    struct worker *worker = &crew->workers[k];
    int status = 0;
    close(worker->from);
    waitpid(worker->process, &status, 0);
    if (worker->finished)
        return;
    struct ehr_failure died = {.seed = crew->first + crew->at[k], .verdict.broken = true};
    snprintf(died.verdict.kind, sizeof(died.verdict.kind), "the process died");
    snprintf(died.verdict.detail, sizeof(died.verdict.detail), "status %d", status);
    add(harvest, &died);
    harvest->tally.failed++; /* what it had counted is lost with it */
    worker_start(crew, k, crew->at[k] + 1);
}

static void worker_read(struct crew *crew, uint32_t k, struct ehr_harvest *harvest)
{
    struct worker *worker = &crew->workers[k];
    ssize_t got = read(worker->from, (char *)&worker->word + worker->read,
                       sizeof(worker->word) - worker->read);
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        worker_ended(crew, k, harvest);
        return;
    }
    worker->read += (size_t)got;
    if (worker->read < sizeof(worker->word))
        return;
    worker->read = 0;
    if (!worker->word.last) {
        add(harvest, &worker->word.failure);
        return;
    }
    worker->finished = true;
    ehr_tally_add(&harvest->tally, &worker->word.tally);
}

static int by_seed(const void *a, const void *b)
{
    const struct ehr_failure *x = a, *y = b;
    return x->seed < y->seed ? -1 : x->seed > y->seed;
}

static struct ehr_harvest alone(const struct ehr_case *of, uint64_t first, uint64_t count)
{
    struct ehr_harvest harvest = {0};
    struct ehr_world *world = ehr_world_new();
    struct ehr_case one = *of;
    for (one.seed = first; one.seed < first + count; one.seed++) {
        struct ehr_failure failure = {.seed = one.seed};
        failure.verdict = ehr_case_run(world, &one, NULL, &harvest.tally);
        if (failure.verdict.broken)
            add(&harvest, &failure);
    }
    ehr_world_free(world);
    return harvest;
}

struct ehr_harvest ehr_workers_run(const struct ehr_case *of, uint64_t first, uint64_t count,
                                   uint32_t jobs)
{
    if (jobs == 0)
        return alone(of, first, count);
    static struct crew crew;
    struct ehr_harvest harvest = {0};
    memset(&crew, 0, sizeof(crew));
    crew.of = of;
    crew.first = first;
    crew.count = count;
    crew.jobs = jobs < JOBS_MAX ? jobs : JOBS_MAX;
    size_t shared = sizeof(uint64_t) * JOBS_MAX;
    crew.at = mmap(NULL, shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(crew.at != MAP_FAILED);
    for (uint32_t k = 0; k < crew.jobs; k++)
        worker_start(&crew, k, 0);
    for (;;) {
        struct pollfd pipes[JOBS_MAX];
        uint32_t of_worker[JOBS_MAX];
        nfds_t open = 0;
        for (uint32_t k = 0; k < crew.jobs; k++)
            if (!crew.workers[k].finished) {
                of_worker[open] = k;
                pipes[open++] = (struct pollfd){.fd = crew.workers[k].from, .events = POLLIN};
            }
        if (open == 0)
            break;
        if (poll(pipes, open, -1) <= 0)
            continue;
        for (nfds_t i = 0; i < open; i++)
            if (pipes[i].revents != 0)
                worker_read(&crew, of_worker[i], &harvest);
    }
    for (uint32_t k = 0; k < crew.jobs; k++)
        worker_ended(&crew, k, &harvest);
    munmap(crew.at, shared);
    if (harvest.count > 1)
        qsort(harvest.failures, harvest.count, sizeof(*harvest.failures), by_seed);
    return harvest;
}
