#include "tests/unit/workload_bench.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

/* ---- parties ---- */

static void party_end(struct ehr_fx *fx, const struct heard *heard, uint8_t status)
{
    struct ehr_msg_ended *ended = EHR_NEW(ended, ENDED);
    ended->request = heard->request;
    ended->status = status;
    ended->patient = heard->patient;
    memset(ended->grant_id, (int)heard->request, 32);
    ehr_fx_post(fx, (struct ehr_address){PARTIES, 0}, ehr_message_seal(&ended->head));
}

static void party_on_message(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    struct bench *bench = ((struct party *)(void *)node)->bench;
    struct heard *heard = &bench->heard[bench->heard_count];
    *heard = (struct heard){
        .type = d->message->type, .node = node->id, .lane = d->lane, .at_ns = ehr_fx_now(fx)};
    heard->request = (uint32_t)EHR_AS(begin_enrol, d->message)->request;
    heard->patient = d->lane;
    if (d->message->type == EHR_MSG_BEGIN_VISIT) {
        heard->patient = EHR_AS(begin_visit, d->message)->patient;
        heard->record = EHR_AS(begin_visit, d->message)->record;
        bench->twice = bench->twice || bench->open_visits[heard->patient]++ > 0;
    } else if (d->message->type == EHR_MSG_BEGIN_RETRIEVE) {
        heard->visit = EHR_AS(begin_retrieve, d->message)->visit;
        heard->record = EHR_AS(begin_retrieve, d->message)->record;
    } else if (d->message->type == EHR_MSG_BEGIN_SHARE) {
        heard->patient = EHR_AS(begin_share, d->message)->patient;
        heard->visit = EHR_AS(begin_share, d->message)->visit;
    } else if (d->message->type == EHR_MSG_BEGIN_REVOKE) {
        heard->grant = EHR_AS(begin_revoke, d->message)->grant_id[0];
    }
    ehr_fx_timer(fx, bench->heard_count++, 0,
                 heard->type == EHR_MSG_BEGIN_ENROL ? bench->enrol_ns : bench->takes_ns);
}

static void party_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                           uint64_t generation)
{
    struct bench *bench = ((struct party *)(void *)node)->bench;
    const struct heard *heard = &bench->heard[id];
    (void)lane, (void)generation;
    uint8_t status = EHR_REPLY_OK;
    if (heard->type == EHR_MSG_BEGIN_VISIT) {
        status = bench->visit_status;
        bench->open_visits[heard->patient]--;
    } else if (heard->type == EHR_MSG_BEGIN_ENROL) {
        status = bench->enrol_status;
    }
    party_end(fx, heard, status);
}

static void party_on_start(struct ehr_node *node, struct ehr_fx *fx,
                           const struct ehr_journal *saved)
{
    (void)node, (void)fx, (void)saved;
}

static const struct ehr_node_type party_type = {"party", party_on_start, party_on_message,
                                                party_on_timer};

/* ---- hooks and plan ---- */

static uint32_t bench_open(void *context, enum ehr_flow flow, uint32_t hospital, uint64_t now_ns)
{
    struct bench *bench = context;
    (void)hospital;
    bench->opened[flow]++;
    bench->opened_ns[++bench->opened_count] = now_ns;
    bench->flows[bench->opened_count] = flow;
    return bench->opened_count;
}

static void bench_close(void *context, uint32_t request, enum ehr_reply reply, uint64_t now_ns)
{
    struct bench *bench = context;
    (void)now_ns;
    bench->closed[bench->flows[request]]++;
    bench->last_close = (uint8_t)reply;
}

static bool bench_up(void *context, uint32_t node)
{
    return !((const struct bench *)context)->down[node];
}

static void bench_done(void *context)
{
    struct bench *bench = context;
    bench->done_count++;
    bench->done_ns = ehr_loop_now(bench->loop);
}

static uint32_t plan_visits(const struct ehr_visit_plan *plan, uint32_t patient)
{
    const struct bench *bench =
        (const struct bench *)(const void *)((const char *)plan - offsetof(struct bench, plan));
    return bench->planned == UINT32_MAX ? UINT32_MAX : bench->planned + patient;
}

static uint32_t plan_record(const struct ehr_visit_plan *plan, uint32_t patient, uint32_t visit)
{
    (void)plan;
    return visit * PATIENTS + patient;
}

/* ---- bench ---- */

struct bench *bench_new(void)
{
    struct bench *bench = calloc(1, sizeof *bench);
    uint32_t node = 0;
    bench->directory = (struct ehr_directory){.hospitals = bench->hospitals,
                                              .hospital_count = HOSPITALS,
                                              .data_users = bench->users,
                                              .data_user_count = USERS,
                                              .patient_home = bench->homes,
                                              .patient_count = PATIENTS,
                                              .workload = PARTIES};
    for (uint32_t h = 0; h < HOSPITALS; h++) {
        bench->hospitals[h].doctors = bench->doctors[h];
        bench->hospitals[h].doctor_count = DOCTORS;
        bench->hospitals[h].place = node++;
        for (uint32_t d = 0; d < DOCTORS; d++)
            bench->doctors[h][d].node = node++;
    }
    for (uint32_t u = 0; u < USERS; u++)
        bench->users[u].node = node++;
    for (uint32_t p = 0; p < PATIENTS; p++)
        bench->homes[p] = p / (PATIENTS / HOSPITALS);
    bench->plan = (struct ehr_visit_plan){plan_visits, plan_record};
    bench->planned = UINT32_MAX;
    bench->hooks =
        (struct ehr_workload_hooks){bench, bench_open, bench_close, bench_up, bench_done};
    bench->takes_ns = second / 10;
    bench->enrol_ns = second / 100;
    bench->visit_status = bench->enrol_status = EHR_REPLY_OK;
    ehr_drbg_init(&bench->rng, 7, 0, "workload", EHR_DRBG_WORKLOAD);
    bench->config = (struct ehr_workload_config){.directory = &bench->directory,
                                                 .plan = &bench->plan,
                                                 .hooks = &bench->hooks,
                                                 .rng = &bench->rng.rng,
                                                 .duration_ns = 10 * second,
                                                 .travel_ns = second,
                                                 .settle_ns = second};
    return bench;
}

void bench_run(struct bench *bench)
{
    const struct ehr_loop_hooks nothing = {0};
    bench->loop = ehr_loop_new(0, &nothing);
    for (uint32_t i = 0; i < PARTIES; i++) {
        bench->parties[i] = (struct party){{&party_type, "party", 0}, bench};
        ehr_loop_node_add(bench->loop, &bench->parties[i].node);
    }
    bench->workload = ehr_workload_new("workload", &bench->config);
    CU_ASSERT_EQUAL_FATAL(ehr_loop_node_add(bench->loop, bench->workload), PARTIES);
    ehr_loop_start(bench->loop);
    ehr_loop_run(bench->loop, 100000 * second);
}

void bench_free(struct bench *bench)
{
    ehr_loop_free(bench->loop);
    ehr_workload_free(bench->workload);
    ehr_drbg_close(&bench->rng);
    free(bench);
}

uint32_t heard_of(const struct bench *bench, uint16_t type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bench->heard_count; i++)
        count += bench->heard[i].type == type;
    return count;
}
