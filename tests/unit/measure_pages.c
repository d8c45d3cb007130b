/* The log of requests when most of it lies in a file: the same requests as in memory. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "sim/measure/request_pages.h"
#include "tests/unit/measure_run.h"

enum { PAGE = 4, RESIDENT = 3 };

static struct ehr_request_log *log_new(struct ehr_request_pages **pages)
{
    *pages = ehr_request_pages_new(NULL, PAGE, RESIDENT);
    return ehr_request_log_new_of(*pages);
}

/* Twelve requests fill the memory, a thirteenth sends the first four to the file. */
static void late_news_reach_a_request_that_has_left_memory(void)
{
    struct ehr_request_pages *pages;
    struct ehr_request_log *log = log_new(&pages);
    for (uint32_t i = 0; i < 12; i++)
        ehr_request_open(log, EHR_FLOW_VISIT, i, 100 + i);
    ehr_request_close(log, 2, EHR_OUTCOME_TIMEOUT, EHR_REASON_TIMED_OUT, 200);
    for (uint32_t id = 5; id <= 12; id++)
        ehr_request_bytes(log, id, 1);
    CU_ASSERT_EQUAL(ehr_request_pages_written(pages), 0);
    ehr_request_open(log, EHR_FLOW_VISIT, 12, 112);
    CU_ASSERT_EQUAL(ehr_request_pages_written(pages), 1);
    CU_ASSERT_EQUAL(ehr_request_pages_resident(pages), RESIDENT);
    ehr_request_durable(log, 2, 300);
    ehr_request_blame(log, 2, 7);
    ehr_request_bytes(log, 2, 50);
    for (uint32_t id = 5; id <= 13; id++) /* it leaves a second time */
        ehr_request_bytes(log, id, 1);
    ehr_request_shared(log, 2, 400);
    const struct ehr_request *late = ehr_request_get(log, 2);
    CU_ASSERT_EQUAL(late->start_ns, 101);
    CU_ASSERT_EQUAL(late->end_ns, 200);
    CU_ASSERT_EQUAL(late->outcome, EHR_OUTCOME_TIMEOUT);
    CU_ASSERT_EQUAL(late->durable_ns, 300);
    CU_ASSERT_EQUAL(late->shared_ns, 400);
    CU_ASSERT_EQUAL(late->blamed, 7);
    CU_ASSERT_EQUAL(late->bytes, 50);
    CU_ASSERT_EQUAL(late->hospital, 1);
    CU_ASSERT_EQUAL(ehr_request_get(log, 5)->bytes, 2);
    ehr_request_log_free(log);
}

/* ---- anything in any order: as when everything is in memory ---- */

static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*state >> 33) % below);
}

static void change(struct ehr_request_log *log, uint32_t what, uint32_t id, uint64_t now_ns)
{
    bool open = ehr_request_is_open(log, id);
    switch (what) {
    case 0:
        ehr_request_sent(log, id, now_ns);
        return;
    case 1:
        ehr_request_phase(log, id, EHR_PHASE_CHECK, now_ns);
        return;
    case 2:
        ehr_request_phase(log, id, EHR_PHASE_STORE, now_ns);
        return;
    case 3:
        ehr_request_phase_add(log, id, EHR_PHASE_SEAL, now_ns % 100);
        return;
    case 4:
        ehr_request_bytes(log, id, now_ns);
        return;
    case 5:
        ehr_request_blame(log, id, (uint32_t)now_ns);
        return;
    case 6:
        ehr_request_durable(log, id, now_ns);
        return;
    case 7:
        ehr_request_shared(log, id, now_ns);
        return;
    case 8:
        if (open)
            ehr_request_identical(log, id);
        return;
    default:
        if (open)
            ehr_request_close(log, id, EHR_OUTCOME_FAILED, EHR_REASON_NOT_FOUND, now_ns);
        return;
    }
}

static bool same(const struct ehr_request *a, const struct ehr_request *b)
{
    bool phases = memcmp(a->phase_ns, b->phase_ns, sizeof a->phase_ns) == 0;
    return phases && a->start_ns == b->start_ns && a->sent_ns == b->sent_ns &&
           a->end_ns == b->end_ns && a->durable_ns == b->durable_ns &&
           a->shared_ns == b->shared_ns && a->bytes == b->bytes && a->hospital == b->hospital &&
           a->blamed == b->blamed && a->flow == b->flow && a->outcome == b->outcome &&
           a->reason == b->reason && a->running == b->running && a->phases_seen == b->phases_seen &&
           a->identical == b->identical;
}

static void holds_what_memory_holds_whatever_happens_in_whatever_order(void)
{
    struct ehr_request_pages *pages;
    struct ehr_request_log *log = log_new(&pages), *whole = ehr_request_log_new(NULL);
    uint64_t state = 42;
    uint32_t count = 0, different = 0;
    for (uint64_t now_ns = 1; now_ns <= 30000; now_ns++) {
        uint32_t what = draw(&state, 11);
        if (what == 10 || count == 0) {
            count = ehr_request_open(log, EHR_FLOW_VISIT, count, now_ns);
            CU_ASSERT_EQUAL_FATAL(ehr_request_open(whole, EHR_FLOW_VISIT, count - 1, now_ns),
                                  count);
            continue;
        }
        uint32_t id = 1 + draw(&state, count);
        change(log, what, id, now_ns);
        change(whole, what, id, now_ns);
        CU_ASSERT_TRUE_FATAL(ehr_request_pages_resident(pages) <= RESIDENT);
    }
    CU_ASSERT_EQUAL(ehr_request_open_count(log), ehr_request_open_count(whole));
    CU_ASSERT_TRUE(ehr_request_open_count(log) > 0);
    ehr_request_finish_all(log, 40000);
    ehr_request_finish_all(whole, 40000);
    for (uint32_t id = 1; id <= count; id++)
        different += !same(ehr_request_get(log, id), ehr_request_get(whole, id));
    CU_ASSERT_EQUAL(different, 0);
    CU_ASSERT_TRUE(count > 2000);
    CU_ASSERT_TRUE(ehr_request_pages_written(pages) > 10000);
    ehr_request_log_free(log);
    ehr_request_log_free(whole);
}

static void nothing_is_written_again_that_was_only_read(void)
{
    struct ehr_request_pages *pages;
    struct ehr_request_log *log = log_new(&pages);
    for (uint32_t id = 1; id <= 10 * PAGE; id++)
        ehr_request_open(log, EHR_FLOW_ORDERING, EHR_REQUEST_NO_HOSPITAL, id);
    CU_ASSERT_EQUAL(ehr_request_pages_written(pages), 10 - RESIDENT);
    for (unsigned pass = 0; pass < 3; pass++)
        for (uint32_t id = 1; id <= 10 * PAGE; id++)
            CU_ASSERT_EQUAL(ehr_request_get(log, id)->start_ns, id);
    CU_ASSERT_EQUAL(ehr_request_pages_written(pages), 10);
    ehr_request_log_free(log);
}

/* As many as an hour of a country has; the pages are those of a run. */
static void a_hundred_thousand_requests_leave_memory_as_it_is(void)
{
    enum { REQUESTS = 100000, PAGES = EHR_REQUEST_LOG_RESIDENT / 256 };
    struct ehr_request_pages *pages = ehr_request_pages_new(NULL, 256, PAGES);
    struct ehr_request_log *log = ehr_request_log_new_of(pages);
    for (uint32_t id = 1; id <= REQUESTS; id++) {
        ehr_request_open(log, EHR_FLOW_VISIT, id % 7, id);
        if (id > 500) /* they overlap */
            ehr_request_close(log, id - 500, EHR_OUTCOME_OK, EHR_REASON_NONE, id);
        if (id == EHR_REQUEST_LOG_RESIDENT)
            CU_ASSERT_EQUAL(ehr_request_pages_written(pages), 0);
    }
    CU_ASSERT_EQUAL(ehr_request_pages_resident(pages), PAGES);
    CU_ASSERT_EQUAL(ehr_request_pages_written(pages), (REQUESTS + 255) / 256 - PAGES);
    CU_ASSERT_EQUAL(ehr_request_get(log, 1)->end_ns, 501);
    CU_ASSERT_EQUAL(ehr_request_get(log, 99500)->end_ns, 100000);
    ehr_request_log_free(log);
}

/* ---- when the file fails ---- */

/* Ends like a run whose scratch file cannot grow beyond 64 kB: returns the child's exit status. */
static int limited_run(const char *target, const char *messages)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit tight = {65536, 65536};
        struct ehr_measure_error error;
        struct ehr_results *results = NULL;
        signal(SIGXFSZ, SIG_IGN);
        if (freopen(messages, "w", stderr) == NULL || setrlimit(RLIMIT_FSIZE, &tight) != 0 ||
            ehr_results_new(&results, target, &error) != EHR_MEASURE_DONE)
            _exit(10);
        struct ehr_request_log *log = ehr_request_log_new_of(ehr_request_pages_new(results, 16, 2));
        for (uint32_t i = 0; i < 10000; i++)
            ehr_request_open(log, EHR_FLOW_VISIT, 0, i);
        _exit(11);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ends_with_3_and_leaves_nothing_when_the_file_cannot_grow(void)
{
    char *folder = folder_new(), *target = path_join(folder, "run");
    char *messages = path_join(folder, "messages");
    CU_ASSERT_EQUAL(limited_run(target, messages), 3);
    char *text = file_read(folder, "messages");
    CU_ASSERT_STRING_EQUAL(text, "ehrgrid: cannot write requests to a scratch file: "
                                 "File too large\n");
    CU_ASSERT_EQUAL(folder_entries(folder), 1); /* the messages */
    free(text);
    free(messages);
    free(target);
    folder_remove(folder);
    free(folder);
}

static void the_scratch_file_has_no_name_and_is_in_the_folder_or_in_tmpdir(void)
{
    struct ehr_measure_error error;
    struct ehr_results *results = NULL;
    char *folder = folder_new(), *target = path_join(folder, "run");
    CU_ASSERT_EQUAL_FATAL(ehr_results_new(&results, target, &error), EHR_MEASURE_DONE);
    int file = ehr_results_scratch(results, &error);
    struct stat of_file, of_folder;
    CU_ASSERT_FATAL(file >= 0);
    CU_ASSERT_EQUAL(fstat(file, &of_file), 0);
    CU_ASSERT_EQUAL(stat(folder, &of_folder), 0);
    CU_ASSERT_EQUAL(of_file.st_nlink, 0);
    CU_ASSERT_EQUAL(of_file.st_dev, of_folder.st_dev);
    close(file);
    ehr_results_free(results);
    CU_ASSERT_EQUAL(folder_entries(folder), 0);
    setenv("TMPDIR", "/proc/ehrgrid", 1);
    CU_ASSERT_EQUAL(ehr_results_scratch(NULL, &error), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "/proc/ehrgrid/"));
    unsetenv("TMPDIR");
    free(target);
    folder_remove(folder);
    free(folder);
}

static const struct ehr_unit_case cases[] = {
    {"late_news_reach_a_request_that_has_left_memory",
     late_news_reach_a_request_that_has_left_memory},
    {"holds_what_memory_holds_whatever_happens_in_whatever_order",
     holds_what_memory_holds_whatever_happens_in_whatever_order},
    {"nothing_is_written_again_that_was_only_read", nothing_is_written_again_that_was_only_read},
    {"a_hundred_thousand_requests_leave_memory_as_it_is",
     a_hundred_thousand_requests_leave_memory_as_it_is},
    {"ends_with_3_and_leaves_nothing_when_the_file_cannot_grow",
     ends_with_3_and_leaves_nothing_when_the_file_cannot_grow},
    {"the_scratch_file_has_no_name_and_is_in_the_folder_or_in_tmpdir",
     the_scratch_file_has_no_name_and_is_in_the_folder_or_in_tmpdir},
};

EHR_UNIT_MAIN("measure_pages", cases)
