/* Requests that a program asks for: each flow, from hooks and from an actor, and what stands in
 * requests.csv; what is refused, and what waits; how long a run of a program lasts. */
#include "tests/unit/program_world.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>

#include "sim/app/genesis.h"
#include "tests/unit/unit.h"

/* The workload asks for nothing. */
#define NOTHING                                                                                    \
    "workload/visits/@rate=0/s", "workload/visits/@count=0", "workload/retrievals/@count=0",       \
        "workload/shares/@count=0"

/* ---- asking ---- */

static uint32_t ask(const struct ehr_submission *wanted)
{
    char error[200] = "";
    uint32_t request = ehr_submit(wanted, error, sizeof error);
    if (request == 0)
        tell("refused: %s", error);
    else
        tell("submitted %u %s", request, wanted->flow);
    return request;
}

static uint32_t ask_patient(const char *flow, uint32_t patient, const char *hospital)
{
    struct ehr_submission wanted = EHR_SUBMISSION_INIT;
    wanted.flow = flow;
    wanted.patient = patient;
    wanted.hospital = hospital;
    return ask(&wanted);
}

static uint32_t ask_of(const char *flow, uint32_t of, const char *where)
{
    struct ehr_submission wanted = EHR_SUBMISSION_INIT;
    wanted.flow = flow;
    wanted.of = of;
    wanted.hospital = wanted.data_user = where;
    if (strcmp(flow, "share") == 0)
        wanted.hospital = NULL;
    return ask(&wanted);
}

static void request_tell(const struct ehr_request_event *e)
{
    tell("ended %u %s %s %s %s", e->request, e->flow, e->hospital != NULL ? e->hospital : "-",
         e->outcome, e->reason);
}

static void says(const char *told, const char *line)
{
    const char *at = strstr(told, line);
    CU_ASSERT_PTR_NOT_NULL(at);
    if (at == NULL)
        printf("\n    not said: %s\n", line);
}

/* ---- every flow, from hooks ---- */

enum {
    REGISTER = 1,
    VISIT,
    REGISTER_GRODNO,
    VISIT_GRODNO,
    VISIT_STRANGER,
    VISIT_FIRST,
    VISIT_SECOND
};

static void flows_ready(void *context)
{
    (void)context;
    ask_patient("register", 0, NULL);
    ask_patient("visit", 0, NULL);
    ask_patient("register", 1, "grodno");
    ask_patient("visit", 1, "grodno");
    ask_patient("visit", 2, "brest");
    ask_patient("visit", 3, NULL);
    ask_patient("visit", 3, NULL);
    ask_patient("register", 0, NULL);
    ask_patient("visit", 60, NULL);
    ask_patient("visit", 3, "vilna");
    ask_patient("dance", 3, NULL);
    ask_patient(NULL, 3, NULL);
    ask_of("retrieve", 2, NULL);
    ask_of("retrieve", 0, NULL);
    ask_of("share", 1, "institute");
    ask_of("share", 2, "nobody");
    ask_of("share", 2, NULL);
    ask_of("revoke", 2, NULL);
    ask_of("revoke", 99, NULL);
    ask_of("ordering", 0, NULL);
    const struct ehr_submission of_no_version = {.flow = "visit"};
    ask(&of_no_version);
}

/* What follows upon what: a hook that asks, and hears of that. */
static void flows_request(void *context, const struct ehr_request_event *e)
{
    static bool again;
    (void)context;
    bool well = strcmp(e->outcome, "ok") == 0;
    if (strcmp(e->flow, "register") != 0 || e->request < 8)
        request_tell(e);
    if (e->request == VISIT && well) {
        ask_of("retrieve", VISIT, NULL);
        ask_of("retrieve", VISIT, "brest");
        ask_of("retrieve", VISIT, "minsk");
        ask_of("share", VISIT, "institute");
    }
    if (strcmp(e->flow, "share") == 0 && well)
        ask_of("revoke", e->request, NULL);
    if (strcmp(e->flow, "revoke") == 0 && well && !again) {
        again = true;
        ask_of("share", VISIT, "insurer");
        ask_patient("visit", 0, NULL);
    }
}

static const struct ehr_hooks flows_hooks = {
    .size = sizeof(struct ehr_hooks), .ready = flows_ready, .request = flows_request};

static uint32_t submitted(const char *told, const char *flow, unsigned number)
{
    char line[32];
    snprintf(line, sizeof line, " %s\n", flow);
    const char *at = told;
    uint32_t request = 0;
    while (number > 0 && (at = strstr(at, "submitted ")) != NULL) {
        request = (uint32_t)strtoul(at + strlen("submitted "), NULL, 10);
        at = strchr(at + strlen("submitted "), ' ');
        number -= strncmp(at, line, strlen(line)) == 0;
    }
    CU_ASSERT_FATAL(at != NULL && request > 0);
    return request;
}

static void flows_check(const char *told, const struct rows *rows)
{
    static const char *const where[] = {"grodno", "brest", "minsk"};
    row_is(rows, REGISTER, "register", "minsk", "ok");
    row_is(rows, VISIT, "visit", "minsk", "ok");
    row_is(rows, REGISTER_GRODNO, "register", "grodno", "ok");
    row_is(rows, VISIT_GRODNO, "visit", "grodno", "ok");
    row_is(rows, VISIT_STRANGER, "visit", "brest", "refused");
    CU_ASSERT_STRING_EQUAL(rows->row[VISIT_STRANGER].reason, "wrong_card");
    row_is(rows, VISIT_FIRST, "visit", "minsk", "ok");
    row_is(rows, VISIT_SECOND, "visit", "minsk", "ok");
    CU_ASSERT_EQUAL(rows->row[VISIT_SECOND].start_ns, 0);
    CU_ASSERT(rows->row[VISIT_SECOND].end_ns > rows->row[VISIT_FIRST].end_ns);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t request = submitted(told, "retrieve", 1 + i);
        row_is(rows, request, "retrieve", where[i], "ok");
        CU_ASSERT_TRUE(rows->row[request].identical);
        CU_ASSERT_EQUAL(rows->row[request].start_ns, rows->row[VISIT].end_ns);
        CU_ASSERT(rows->row[request].end_ns >= rows->row[VISIT].end_ns + 1000000000);
    }
    for (unsigned i = 1; i <= 2; i++) {
        row_is(rows, submitted(told, "share", i), "share", "minsk", "ok");
        row_is(rows, submitted(told, "revoke", i), "revoke", "minsk", "ok");
    }
    row_is(rows, submitted(told, "visit", 6), "visit", "minsk", "ok");
    /* and nobody twice: 60 patients, of whom one is registered at two hospitals */
    unsigned registered = 0;
    for (unsigned i = 1; i <= rows->count; i++)
        registered += strcmp(rows->row[i].flow, "register") == 0;
    CU_ASSERT_EQUAL(registered, 61);
}

static void refusals_check(const char *told)
{
    says(told, "refused: patient 0 is registered, or being registered\n");
    says(told, "refused: patient 60: there are 60, counted from 0\n");
    says(told, "refused: hospital \"vilna\": there is none of this id\n");
    says(told, "refused: flow \"dance\": register, visit, retrieve, share, revoke and ordering "
               "are allowed\n");
    says(told, "refused: flow \"\": register");
    says(told, "refused: size 0: begin with EHR_SUBMISSION_INIT");
    says(told, "refused: request 2 is no visit that is shared\n");
    says(told, "refused: request 0: there is none of this number\n");
    says(told, "refused: request 1 is of flow register: share takes a visit\n");
    says(told, "refused: data user \"nobody\": there is none of this id\n");
    says(told, "refused: data user \"\": there is none of this id\n");
    says(told, "refused: request 2 is of flow visit: revoke takes a share\n");
    says(told, "refused: request 99: there is none of this number\n");
    says(told, "refused: client \"\": there is none of this name\n");
}

static void each_flow(const char *fidelity)
{
    const struct program program = {
        .sets = {fidelity, NOTHING}, .hooks = &flows_hooks, .open = true};
    char folder[PROGRAM_FOLDER_BYTES], other[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder), *again = program_run(&program, other);
    struct rows rows = rows_read(folder);
    flows_check(told, &rows);
    refusals_check(told);
    says(told, "\nwell\n");
    CU_ASSERT_EQUAL(time_of(folder), 21000000000); /* the duration, and a second to settle */
    CU_ASSERT_STRING_EQUAL(told, again);
    CU_ASSERT_TRUE(table_same(folder, other, "requests.csv"));
    CU_ASSERT_TRUE(table_same(folder, other, "messages.csv"));
    free(told);
    free(again);
    program_forget(folder);
    program_forget(other);
}

static void each_flow_ends_well_when_hooks_ask_in_flow(void)
{
    each_flow("network/@fidelity=flow");
}

static void each_flow_ends_well_when_hooks_ask_in_queue(void)
{
    each_flow("network/@fidelity=queue");
}

static void each_flow_ends_well_when_hooks_ask_in_delay(void)
{
    each_flow("network/@fidelity=delay");
}

/* ---- from actors ---- */

static void wait_tell(uint32_t request, double timeout_s)
{
    struct ehr_request_event event = {0};
    bool ended = ehr_request_wait(request, timeout_s, &event);
    bool now = (uint64_t)llround(simgrid_get_clock() * 1e9) == event.end_ns;
    tell("waited %d %s%s", ended, event.outcome != NULL ? event.outcome : "open",
         ended && !now ? ", later" : "");
}

static void asking_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_actor_sleep_for(5);
    uint32_t visit = ask_patient("visit", 0, NULL);
    wait_tell(visit, 1e-6);
    wait_tell(visit, -1);
    wait_tell(ask_of("retrieve", visit, NULL), 30);
    ask_patient("visit", 1, NULL);
    ehr_plugin_stop();
    sg_actor_sleep_for(1);
    ask_patient("visit", 0, NULL);
    tell("waited %d for nothing", ehr_request_wait(1000, -1, NULL));
}

/* Waits for what the end of the run overtakes. */
static void late_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_actor_sleep_for(5);
    struct ehr_request_event event = {0};
    for (unsigned i = 0; i < 500 && !ehr_request_read(63, &event); i++)
        sg_actor_sleep_for(0.01);
    tell("late %d %s", ehr_request_wait(63, -1, &event), event.outcome);
}

static void actors_start(struct ehr_world *world)
{
    (void)world;
    sg_actor_t asking = sg_actor_init("asking", sg_host_by_name("institute"));
    sg_actor_start_(asking, asking_actor, 0, NULL);
    sg_actor_t late = sg_actor_init("late", sg_host_by_name("insurer"));
    sg_actor_start_(late, late_actor, 0, NULL);
}

static void an_actor_asks(const char *fidelity)
{
    const struct program program = {
        .sets = {fidelity, NOTHING}, .prepare = actors_start, .open = true};
    char folder[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder);
    struct rows rows = rows_read(folder);
    CU_ASSERT_EQUAL(rows.count, 63); /* 60 patients are registered */
    CU_ASSERT_EQUAL(rows.row[61].start_ns, 5000000000);
    row_is(&rows, 61, "visit", "minsk", "ok");
    row_is(&rows, 62, "retrieve", "grodno", "ok");
    row_is(&rows, 63, "visit", "minsk", "unfinished");
    CU_ASSERT_EQUAL(rows.row[62].start_ns, rows.row[61].end_ns);
    CU_ASSERT_EQUAL(time_of(folder), rows.row[62].end_ns);
    says(told, "submitted 61 visit\nwaited 0 open\nwaited 1 ok\nsubmitted 62 retrieve\n"
               "waited 1 ok\nsubmitted 63 visit\n");
    says(told, "late 1 unfinished\n");
    says(told, "refused: the run is over\nwaited 0 for nothing\n");
    says(told, "well\n");
    free(told);
    program_forget(folder);
}

static void a_request_begins_when_its_actor_asks(void)
{
    an_actor_asks("network/@fidelity=flow");
    an_actor_asks("network/@fidelity=queue");
    an_actor_asks("network/@fidelity=delay");
}

static void doomed_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_actor_sleep_for(5);
    (void)ehr_request_wait(ask_patient("visit", 0, NULL), -1, NULL);
    tell("alive");
}

static sg_actor_t doomed;

static void killer_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    sg_actor_sleep_for(5.001);
    sg_actor_kill(doomed);
    sg_actor_sleep_for(5);
    tell("killed");
}

static void doomed_start(struct ehr_world *world)
{
    (void)world;
    doomed = sg_actor_init("doomed", sg_host_by_name("institute"));
    sg_actor_start_(doomed, doomed_actor, 0, NULL);
    sg_actor_t killer = sg_actor_init("killer", sg_host_by_name("insurer"));
    sg_actor_start_(killer, killer_actor, 0, NULL);
}

static void a_request_ends_well_when_who_waits_is_killed(void)
{
    static const char *const fidelities[] = {"network/@fidelity=flow", "network/@fidelity=delay"};
    for (unsigned i = 0; i < 2; i++) {
        const struct program program = {
            .sets = {fidelities[i], NOTHING}, .prepare = doomed_start, .open = true};
        char folder[PROGRAM_FOLDER_BYTES];
        char *told = program_run(&program, folder);
        struct rows rows = rows_read(folder);
        row_is(&rows, 61, "visit", "minsk", "ok");
        CU_ASSERT_STRING_EQUAL(told, "submitted 61 visit\nkilled\nwell\n");
        free(told);
        program_forget(folder);
    }
}

/* ---- who is registered, and how long a run lasts ---- */

static void nobody_ready(void *context)
{
    (void)context;
    ask_patient("visit", 0, NULL);
    ask_patient("register", 25, NULL);
    ask_patient("visit", 25, NULL);
}

static void request_hear(void *context, const struct ehr_request_event *e)
{
    (void)context;
    request_tell(e);
}

static void nobody_is_registered_when_the_workload_does_not(void)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .ready = nobody_ready, .request = request_hear};
    const struct program program = {
        .sets = {NOTHING, "workload/@enrol=no"}, .hooks = &hooks, .open = true};
    char folder[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder);
    struct rows rows = rows_read(folder);
    CU_ASSERT_EQUAL(rows.count, 3);
    says(told, "ended 1 visit minsk refused wrong_card\n");
    says(told, "ended 2 register grodno ok \n");
    says(told, "ended 3 visit grodno ok \n");
    free(told);
    program_forget(folder);
}

/* Beside a workload that asks: the run ends as a scenario's, and waits for what was submitted. */
static void last_ready(void *context)
{
    (void)context;
    for (unsigned i = 0; i < 40; i++)
        ask_patient("visit", 7, NULL);
}

static void open_requests_are_waited_for_when_the_workload_is_done(void)
{
    static const struct ehr_hooks hooks = {.size = sizeof hooks, .ready = last_ready};
    const struct program program = {
        .sets = {"workload/visits/@count=1"}, .hooks = &hooks, .open = true};
    char folder[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder);
    struct rows rows = rows_read(folder);
    unsigned ok = 0;
    for (unsigned i = 1; i <= 40; i++)
        ok += strcmp(rows.row[i].flow, "visit") == 0 && strcmp(rows.row[i].outcome, "ok") == 0;
    CU_ASSERT_EQUAL(ok, 40);
    says(told, "well\n");
    free(told);
    program_forget(folder);
}

/* ---- raw requests ---- */

static void order_ready(void *context)
{
    struct ehr_submission wanted = EHR_SUBMISSION_INIT;
    (void)context;
    wanted.flow = "ordering";
    for (unsigned i = 0; i < 5; i++) {
        wanted.client = i % 2 == 0 ? "client-0" : "client-1";
        ask(&wanted);
    }
    wanted.client = "client-2";
    ask(&wanted);
    ask_patient("visit", 0, NULL);
}

static void raw_requests_are_ordered_when_a_program_asks(void)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .ready = order_ready, .request = request_hear};
    const struct program program = {.scenario = EHR_SOURCE_DIR "/tests/unit/program_ordering.xml",
                                    .hooks = &hooks,
                                    .open = true};
    char folder[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder);
    struct rows rows = rows_read(folder);
    CU_ASSERT_EQUAL(rows.count, 8); /* one patient is registered, too */
    for (unsigned i = 1; i <= 5; i++)
        row_is(&rows, i, "ordering", "", "ok");
    row_is(&rows, 6, "visit", "minsk", "ok");
    says(told, "refused: client \"client-2\": there is none of this name\n");
    CU_ASSERT_EQUAL(time_of(folder), 11000000000);
    free(told);
    program_forget(folder);
}

static const struct ehr_unit_case cases[] = {
    {"each_flow_ends_well_when_hooks_ask_in_flow", each_flow_ends_well_when_hooks_ask_in_flow},
    {"each_flow_ends_well_when_hooks_ask_in_queue", each_flow_ends_well_when_hooks_ask_in_queue},
    {"each_flow_ends_well_when_hooks_ask_in_delay", each_flow_ends_well_when_hooks_ask_in_delay},
    {"a_request_begins_when_its_actor_asks", a_request_begins_when_its_actor_asks},
    {"a_request_ends_well_when_who_waits_is_killed", a_request_ends_well_when_who_waits_is_killed},
    {"nobody_is_registered_when_the_workload_does_not",
     nobody_is_registered_when_the_workload_does_not},
    {"open_requests_are_waited_for_when_the_workload_is_done",
     open_requests_are_waited_for_when_the_workload_is_done},
    {"raw_requests_are_ordered_when_a_program_asks", raw_requests_are_ordered_when_a_program_asks},
};

EHR_UNIT_MAIN("program_requests", cases)
