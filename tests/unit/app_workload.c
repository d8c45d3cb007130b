/* The workload against parties that do nothing but end what they are asked, after a while. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "tests/unit/workload_bench.h"

/* ---- cases ---- */

static void counts_are_offered_exactly_when_given(void)
{
    struct bench *bench = bench_new();
    bench->config.visits = (struct ehr_workload_arrivals){1.0, 7};
    bench->config.retrievals = (struct ehr_workload_arrivals){0.5, 5};
    bench->config.shares = (struct ehr_workload_arrivals){0.5, 3};
    bench->config.revocation_count = 2;
    bench->config.revocation_delay_ns = 3 * second;
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_REGISTER], PATIENTS);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_VISIT], 7);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_RETRIEVE], 5);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_SHARE], 3);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_REVOKE], 2);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    uint32_t at[HOSPITALS] = {0, 0};
    for (uint32_t i = 0; i < bench->heard_count; i++)
        if (bench->heard[i].type == EHR_MSG_BEGIN_VISIT)
            at[bench->homes[bench->heard[i].patient]]++;
    CU_ASSERT_EQUAL(at[0], 4); /* 7 = 4 + 3 */
    CU_ASSERT_EQUAL(at[1], 3);
    CU_ASSERT_EQUAL(ehr_workload_state(bench->workload).open, 0);
    bench_free(bench);
}

/* 1/s at each of two hospitals, half a gap apart: hospital 0 at 1, 2, .. 9 s (10 s is the end),
 * hospital 1 at 0.5, 1.5, .. 9.5 s. */
static void fixed_gaps_end_with_the_duration_when_no_count_is_given(void)
{
    struct bench *bench = bench_new();
    bench->config.uniform = true;
    bench->config.visits.rate_per_s = 1.0;
    bench_run(bench);
    uint32_t at[HOSPITALS] = {0, 0};
    for (uint32_t i = 0; i < bench->heard_count; i++) {
        const struct heard *heard = &bench->heard[i];
        if (heard->type != EHR_MSG_BEGIN_VISIT)
            continue;
        uint32_t h = bench->homes[heard->patient];
        at[h]++;
        CU_ASSERT_EQUAL(heard->at_ns, at[h] * second - h * (second / 2));
    }
    CU_ASSERT_EQUAL(at[0], 9);
    CU_ASSERT_EQUAL(at[1], 10);
    /* last visit at 9.5 s takes 0.1 s, may be asked for 1 s later, settles for 1 s */
    CU_ASSERT_EQUAL(bench->done_ns, 9 * second + 6 * second / 10 + 2 * second);
    bench_free(bench);
}

static void visits_wait_when_nobody_is_registered_yet(void)
{
    struct bench *bench = bench_new();
    bench->config.uniform = true;
    bench->config.visits = (struct ehr_workload_arrivals){1.0, 4};
    bench->enrol_ns = 20 * second;
    bench_run(bench);
    CU_ASSERT_EQUAL(heard_of(bench, EHR_MSG_BEGIN_VISIT), 4);
    for (uint32_t i = 0; i < bench->heard_count; i++)
        if (bench->heard[i].type == EHR_MSG_BEGIN_VISIT)
            CU_ASSERT_EQUAL(bench->heard[i].at_ns, 20 * second);
    /* but they were offered when they arrived */
    for (uint32_t r = 1; r <= bench->opened_count; r++)
        if (bench->flows[r] == EHR_FLOW_VISIT)
            CU_ASSERT(bench->opened_ns[r] <= 2 * second);
    bench_free(bench);
}

static void a_patient_has_one_open_visit_when_visits_are_many(void)
{
    struct bench *bench = bench_new();
    bench->config.visits = (struct ehr_workload_arrivals){50.0, 600};
    bench_run(bench);
    CU_ASSERT_EQUAL(heard_of(bench, EHR_MSG_BEGIN_VISIT), 600);
    CU_ASSERT_FALSE(bench->twice);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

static void every_visit_happens_once_and_in_order_when_visits_are_planned(void)
{
    struct bench *bench = bench_new();
    uint32_t next[PATIENTS] = {0};
    bench->planned = 3; /* patient p has 3 + p: 33 in all */
    bench->config.every_visit = true;
    bench->config.visits.rate_per_s = 5.0;
    bench_run(bench);
    CU_ASSERT_EQUAL(heard_of(bench, EHR_MSG_BEGIN_VISIT), 33);
    for (uint32_t i = 0; i < bench->heard_count; i++) {
        const struct heard *heard = &bench->heard[i];
        if (heard->type != EHR_MSG_BEGIN_VISIT)
            continue;
        CU_ASSERT_EQUAL(heard->record, next[heard->patient] * PATIENTS + heard->patient);
        next[heard->patient]++;
    }
    for (uint32_t p = 0; p < PATIENTS; p++)
        CU_ASSERT_EQUAL(next[p], 3 + p);
    bench_free(bench);
}

static void each_visit_is_retrieved_elsewhere_when_the_probability_is_one(void)
{
    struct bench *bench = bench_new();
    bench->config.visits = (struct ehr_workload_arrivals){2.0, 20};
    bench->config.retrieval_probability = 1.0;
    bench->config.retrieval_delay_ns = 30 * second; /* all visits arrive in 10 s or so */
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_RETRIEVE], 20);
    uint32_t seen[ASKED_MAX] = {0};
    for (uint32_t i = 0; i < bench->heard_count; i++) {
        const struct heard *heard = &bench->heard[i];
        if (heard->type != EHR_MSG_BEGIN_RETRIEVE)
            continue;
        CU_ASSERT_EQUAL(seen[heard->visit]++, 0);
        CU_ASSERT_EQUAL(heard->node, bench->hospitals[1 - bench->homes[heard->lane]].place);
        CU_ASSERT_EQUAL(heard->record % PATIENTS, heard->lane);
        CU_ASSERT(heard->at_ns >= 31 * second); /* one of travel, then the delay */
    }
    bench_free(bench);
}

static void reads_end_as_not_found_when_no_visit_is_shared(void)
{
    struct bench *bench = bench_new();
    bench->visit_status = EHR_REPLY_WRONG_CARD;
    bench->config.visits = (struct ehr_workload_arrivals){2.0, 6};
    bench->config.retrievals = (struct ehr_workload_arrivals){2.0, 4};
    bench->config.shares = (struct ehr_workload_arrivals){2.0, 2};
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_RETRIEVE], 4);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_RETRIEVE], 4);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_SHARE], 2);
    CU_ASSERT_EQUAL(bench->last_close, EHR_REPLY_NOT_FOUND);
    CU_ASSERT_EQUAL(heard_of(bench, EHR_MSG_BEGIN_RETRIEVE), 0);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

static void visits_end_when_nobody_can_be_registered(void)
{
    struct bench *bench = bench_new();
    bench->enrol_status = EHR_REPLY_HOSPITAL_UNREACHABLE;
    bench->config.visits = (struct ehr_workload_arrivals){2.0, 6};
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_VISIT], 6);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_VISIT], 6);
    CU_ASSERT_EQUAL(bench->last_close, EHR_REPLY_HOSPITAL_UNREACHABLE);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

static void the_first_shares_are_revoked_after_the_delay_when_a_count_is_given(void)
{
    struct bench *bench = bench_new();
    uint64_t ended[2] = {0, 0};
    uint32_t shares = 0, revoked = 0;
    bench->config.visits = (struct ehr_workload_arrivals){2.0, 10};
    bench->config.shares = (struct ehr_workload_arrivals){1.0, 6};
    bench->config.revocation_count = 2;
    bench->config.revocation_delay_ns = 5 * second;
    bench_run(bench);
    for (uint32_t i = 0; i < bench->heard_count; i++) {
        const struct heard *heard = &bench->heard[i];
        if (heard->type == EHR_MSG_BEGIN_SHARE) {
            /* data users take turns */
            CU_ASSERT_EQUAL(heard->node, bench->users[shares % USERS].node);
            if (shares++ < 2)
                ended[shares - 1] = heard->at_ns + bench->takes_ns;
        }
        if (heard->type != EHR_MSG_BEGIN_REVOKE)
            continue;
        CU_ASSERT_EQUAL_FATAL(revoked < 2, true);
        CU_ASSERT_EQUAL(heard->at_ns, ended[revoked] + 5 * second);
        CU_ASSERT_EQUAL(heard->node, bench->hospitals[bench->homes[heard->lane]].place);
        revoked++;
    }
    CU_ASSERT_EQUAL(shares, 6);
    CU_ASSERT_EQUAL(revoked, 2);
    bench_free(bench);
}

/* Arrivals have streams of their own: what the system does moves none of them. */
static void arrivals_stay_where_they_are_when_answers_are_slower(void)
{
    struct bench *fast = bench_new(), *slow = bench_new();
    fast->config.visits.rate_per_s = slow->config.visits.rate_per_s = 3.0;
    slow->takes_ns = 2 * second;
    bench_run(fast);
    bench_run(slow);
    CU_ASSERT_EQUAL(fast->opened[EHR_FLOW_VISIT], slow->opened[EHR_FLOW_VISIT]);
    CU_ASSERT(fast->opened[EHR_FLOW_VISIT] > 30);
    for (uint32_t r = 1; r <= fast->opened_count; r++)
        CU_ASSERT_EQUAL(fast->opened_ns[r], slow->opened_ns[r]);
    bench_free(fast);
    bench_free(slow);
}

/* Doctor 0 of hospital 0 is down, and the place of hospital 1: visits of hospital 0 go to its other
 * doctor, nobody of hospital 1 registers. */
static void who_is_up_is_asked_when_some_are_down(void)
{
    struct bench *bench = bench_new();
    bench->down[bench->doctors[0][0].node] = true;
    bench->down[bench->hospitals[1].place] = true;
    bench->down[bench->users[1].node] = true;
    bench->config.visits = (struct ehr_workload_arrivals){2.0, 8};
    bench->config.shares = (struct ehr_workload_arrivals){1.0, 4};
    bench_run(bench);
    for (uint32_t i = 0; i < bench->heard_count; i++)
        CU_ASSERT_FALSE(bench->down[bench->heard[i].node]);
    CU_ASSERT_EQUAL(heard_of(bench, EHR_MSG_BEGIN_ENROL), PATIENTS / 2);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_REGISTER], PATIENTS / 2);
    CU_ASSERT_EQUAL(heard_of(bench, EHR_MSG_BEGIN_VISIT), 4);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_VISIT], 4);
    CU_ASSERT_EQUAL(heard_of(bench, EHR_MSG_BEGIN_SHARE), 4);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

/* Every doctor is down: a visit ends at once and its patient is free for the next. */
static void visits_end_at_once_when_no_doctor_is_up(void)
{
    struct bench *bench = bench_new();
    for (uint32_t h = 0; h < HOSPITALS; h++)
        for (uint32_t d = 0; d < DOCTORS; d++)
            bench->down[bench->doctors[h][d].node] = true;
    bench->enrol_ns = 5 * second; /* some wait, to be served in one go */
    bench->config.visits = (struct ehr_workload_arrivals){5.0, 40};
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened[EHR_FLOW_VISIT], 40);
    CU_ASSERT_EQUAL(bench->closed[EHR_FLOW_VISIT], 40);
    CU_ASSERT_EQUAL(bench->done_count, 1);
    bench_free(bench);
}

/* ---- what is still to come, told when a request is opened ---- */

static uint32_t (*bench_open)(void *, enum ehr_flow, uint32_t, uint64_t);
static struct ehr_workload_outlook outlook; /* as the request number `outlook_of` was opened */
static uint32_t outlook_of;

static uint32_t open_and_look(void *context, enum ehr_flow flow, uint32_t hospital, uint64_t now_ns)
{
    const struct bench *bench = context;
    uint32_t request = bench_open(context, flow, hospital, now_ns);
    if (request == outlook_of)
        outlook = ehr_workload_outlook(bench->workload, now_ns);
    return request;
}

static void run_and_look(struct bench *bench, uint32_t request)
{
    bench_open = bench->hooks.open;
    bench->hooks.open = open_and_look;
    outlook_of = request;
    bench_run(bench);
    bench_free(bench);
}

/* 1/s at each of two hospitals until 10 s: at 5 s hospital 0 has had four visits, hospital 1 five;
 * ten are to come, each five times the work of a registration (of which there were six). */
static void what_is_due_goes_by_the_rate_when_no_count_is_given(void)
{
    struct bench *bench = bench_new();
    bench->config.uniform = true;
    bench->config.visits.rate_per_s = 1.0;
    run_and_look(bench, PATIENTS + 10);
    CU_ASSERT_DOUBLE_EQUAL(outlook.due, 10 * 5, 1e-9);
    CU_ASSERT_EQUAL(outlook.until_ns, 10 * second);
    CU_ASSERT_EQUAL(outlook.left, 0); /* this one is not yet there, the others have ended */
    CU_ASSERT_EQUAL(outlook.ended, 6 + 9 * 5);
    CU_ASSERT_FALSE(outlook.lasts);
}

/* Seven visits: hospital 0 at 1, 2, 3, 4 s, hospital 1 at 0.5, 1.5, 2.5 s. At 2 s, as the fourth
 * comes, it and two more are due at hospital 0, one at hospital 1. */
static void what_is_due_is_what_is_left_when_a_count_is_given(void)
{
    struct bench *bench = bench_new();
    bench->config.uniform = true;
    bench->config.visits = (struct ehr_workload_arrivals){1.0, 7};
    run_and_look(bench, PATIENTS + 4);
    CU_ASSERT_DOUBLE_EQUAL(outlook.due, 4 * 5, 1e-9);
    CU_ASSERT_EQUAL(outlook.until_ns, 4 * second);
    CU_ASSERT_EQUAL(outlook.ended, 6 + 3 * 5);
}

/* Three at each hospital, a second apart: when the fourth of all comes, two are to follow. */
static void registrations_are_due_when_they_have_not_begun(void)
{
    struct bench *bench = bench_new();
    bench->config.enrol_ns = 3 * second;
    run_and_look(bench, 4);
    CU_ASSERT_DOUBLE_EQUAL(outlook.due, 2, 1e-9);
    CU_ASSERT_EQUAL(outlook.until_ns, 3 * second);
    CU_ASSERT_EQUAL(outlook.ended, 2);
}

static void requests_of_a_trace_are_due_until_its_last_one(void)
{
    const struct ehr_workload_event events[] = {
        {2 * second, 0, EHR_WORKLOAD_ANY, 0, EHR_FLOW_VISIT},
        {4 * second, 1, EHR_WORKLOAD_ANY, 0, EHR_FLOW_VISIT},
        {7 * second, EHR_WORKLOAD_ANY, EHR_WORKLOAD_ANY, 0, EHR_FLOW_RETRIEVE},
    };
    struct bench *bench = bench_new();
    bench->config.events = events;
    bench->config.event_count = 3;
    run_and_look(bench, PATIENTS + 1);
    CU_ASSERT_DOUBLE_EQUAL(outlook.due, 5 + 1, 1e-9);
    CU_ASSERT_EQUAL(outlook.until_ns, 7 * second);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct ehr_unit_case cases[] = {
    CASE(counts_are_offered_exactly_when_given),
    CASE(fixed_gaps_end_with_the_duration_when_no_count_is_given),
    CASE(visits_wait_when_nobody_is_registered_yet),
    CASE(a_patient_has_one_open_visit_when_visits_are_many),
    CASE(every_visit_happens_once_and_in_order_when_visits_are_planned),
    CASE(each_visit_is_retrieved_elsewhere_when_the_probability_is_one),
    CASE(reads_end_as_not_found_when_no_visit_is_shared),
    CASE(visits_end_when_nobody_can_be_registered),
    CASE(the_first_shares_are_revoked_after_the_delay_when_a_count_is_given),
    CASE(who_is_up_is_asked_when_some_are_down),
    CASE(visits_end_at_once_when_no_doctor_is_up),
    CASE(arrivals_stay_where_they_are_when_answers_are_slower),
    CASE(what_is_due_goes_by_the_rate_when_no_count_is_given),
    CASE(what_is_due_is_what_is_left_when_a_count_is_given),
    CASE(registrations_are_due_when_they_have_not_begun),
    CASE(requests_of_a_trace_are_due_until_its_last_one),
};

EHR_UNIT_CRYPTO_MAIN("workload", cases)
