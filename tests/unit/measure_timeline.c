/* What a timeline keeps when it is told more than it may keep. */
#include "tests/unit/unit.h"

#include "sim/measure/timeline_record.h"

static const struct ehr_timeline_track node = {3, false}, device = {3, true};

static struct ehr_subject request(uint64_t number)
{
    return (struct ehr_subject){number, 0, EHR_SUBJECT_REQUEST};
}

static void take(struct ehr_timeline *timeline, uint64_t at_ns, uint64_t number)
{
    const struct ehr_timeline_handler handler = {
        .track = node, .subject = request(number), .cause = EHR_TIMELINE_MESSAGE, .number = number};
    ehr_timeline_begin(timeline, at_ns, &handler);
}

static void send(struct ehr_timeline *timeline, uint64_t at_ns, uint64_t number)
{
    const struct ehr_timeline_message message = {
        .track = node, .subject = request(number), .from = 3, .to = 4, .number = 1000000 + number};
    ehr_timeline_send(timeline, at_ns, &message);
}

static size_t count(const struct ehr_timeline *timeline, enum ehr_record_kind kind)
{
    size_t found = 0;
    for (size_t i = 0; i < timeline->count; i++)
        found += timeline->records[i].kind == kind;
    return found;
}

/* Handler i belongs to request i and sends for request i + 1: four events each (receive, handler,
 * step, send). 2500 of them are 10000 events; with one more half of the requests have to go. */
static void keeps_whole_requests_within_the_bound(void)
{
    struct ehr_timeline *timeline = ehr_timeline_new(10000);
    for (uint64_t i = 1; i <= 2500; i++) {
        take(timeline, 10 * i, i);
        ehr_timeline_step(timeline, 10 * i, node, EHR_TIMELINE_COMPUTE);
        ehr_timeline_step_end(timeline, 10 * i + 5, node);
        send(timeline, 10 * i + 5, i + 1);
        ehr_timeline_end(timeline, 10 * i + 5, node, false);
    }
    CU_ASSERT_EQUAL(timeline->used, 10000);
    CU_ASSERT_EQUAL(timeline->every, 1);
    take(timeline, 30000, 2501); /* an odd one: nobody's when it ends */
    ehr_timeline_end(timeline, 30000, node, false);
    CU_ASSERT_EQUAL(timeline->every, 2);
    /* of 1250 even requests: taken once, sent once; every handler takes or sends for one of them */
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_RECEIVE), 1250);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_SEND), 1250);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_HANDLER), 2500);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_STEP), 2500);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_OWNER), 2500);
    CU_ASSERT_EQUAL(timeline->used, 7500);
    ehr_timeline_finish(timeline, 40000, 2501); /* 7500 + 2501 > 10000: multiples of 4 */
    CU_ASSERT_EQUAL(timeline->every, 4);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_RECEIVE), 625);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_SEND), 625);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_HANDLER), 1250);
    CU_ASSERT_EQUAL(timeline->used, 3750);
    ehr_timeline_free(timeline);
}

/* One request that is too much alone goes, too: there is no k of which it is a multiple. */
static void keeps_the_bound_whatever_it_is_told(void)
{
    struct ehr_timeline *timeline = ehr_timeline_new(10000);
    take(timeline, 0, 12);
    for (uint64_t i = 0; i < 50000; i++) {
        send(timeline, i, 12);
        CU_ASSERT_FATAL(timeline->used <= 10000);
    }
    ehr_timeline_end(timeline, 50000, node, false);
    CU_ASSERT_EQUAL(timeline->every, 8);
    CU_ASSERT_EQUAL(timeline->count, 0);
    ehr_timeline_free(timeline);
}

/* A node and a device of the same number are two tracks; what runs at the end is cut there. */
static void ends_what_still_runs(void)
{
    struct ehr_timeline *timeline = ehr_timeline_new(10000);
    const struct ehr_timeline_handler handler = {
        .track = device, .subject = request(1), .cause = EHR_TIMELINE_POST};
    take(timeline, 100, 1);
    ehr_timeline_begin(timeline, 200, &handler);
    ehr_timeline_step(timeline, 200, device, EHR_TIMELINE_PERSIST);
    ehr_timeline_finish(timeline, 700, 0);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_HANDLER), 2);
    CU_ASSERT_EQUAL_FATAL(count(timeline, EHR_RECORD_STEP), 1);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct ehr_timeline_record *record = &timeline->records[i];
        if (record->kind != EHR_RECORD_HANDLER && record->kind != EHR_RECORD_STEP)
            continue;
        CU_ASSERT_EQUAL(record->at_ns + record->span_ns, 700);
        CU_ASSERT_EQUAL(record->at_ns, record->device ? 200 : 100);
        CU_ASSERT(record->kind == EHR_RECORD_STEP || record->cut);
    }
    ehr_timeline_free(timeline);
}

/* Where nothing runs, an instant's work sends. */
static void shows_who_sends_what_was_held_back(void)
{
    struct ehr_timeline *timeline = ehr_timeline_new(10000);
    send(timeline, 55, 7);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_SEND), 1);
    CU_ASSERT_EQUAL(count(timeline, EHR_RECORD_HANDLER), 1);
    CU_ASSERT_EQUAL(timeline->used, 2);
    ehr_timeline_free(timeline);
}

static const struct ehr_unit_case cases[] = {
    {"keeps_whole_requests_within_the_bound", keeps_whole_requests_within_the_bound},
    {"keeps_the_bound_whatever_it_is_told", keeps_the_bound_whatever_it_is_told},
    {"ends_what_still_runs", ends_what_still_runs},
    {"shows_who_sends_what_was_held_back", shows_who_sends_what_was_held_back},
};
EHR_UNIT_MAIN("measure: timeline", cases)
