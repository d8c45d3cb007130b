/* Raw requests: the workload's loops and the clients, against four replicas that answer by hand. */
#include <stdlib.h>
#include <string.h>

#include "actors/marks.h"
#include "actors/ordering.h"
#include "actors/workload.h"
#include "crypto/drbg.h"
#include "tests/simulation/effects_loop.h"
#include "tests/unit/unit.h"

enum { REPLICAS = 4, CLIENTS = 3, WORKLOAD = REPLICAS + CLIENTS, REQUESTS_MAX = 2000 };

static const uint64_t ms = 1000000U;

struct bench;

/* Replica i answers (1 + i) ms after it was asked, as if all had executed the request. */
struct replica {
    struct ehr_node node; /* first */
    struct bench *bench;
    bool silent, lies;
    struct ehr_tx *asked[4 * REQUESTS_MAX];
    uint32_t asked_count;
};

struct bench {
    struct ehr_directory directory;
    struct ehr_committee committee;
    struct ehr_member members[REPLICAS];
    struct ehr_workload_hooks hooks;
    struct ehr_workload_order order;
    struct ehr_workload_config config;
    struct ehr_ordering_config client;
    struct ehr_drbg rng;
    struct ehr_loop *loop;
    struct replica replicas[REPLICAS];
    struct ehr_node *clients[CLIENTS], *workload;
    uint32_t opened, done, closed, timeouts, abandoned, dropped;
    uint32_t open, open_max; /* under way */
    uint64_t opened_ns[REQUESTS_MAX + 1], closed_ns[REQUESTS_MAX + 1];
    bool down[WORKLOAD];
};

static void replica_answer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                           uint64_t generation)
{
    struct replica *self = (struct replica *)(void *)node;
    const struct ehr_tx *tx = self->asked[id];
    (void)lane, (void)generation;
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    reply->request = tx->request;
    reply->status = EHR_REPLY_OK;
    memcpy(reply->tx_id, tx->id, 32);
    reply->height = self->lies ? 99 : 7;
    ehr_fx_send(fx, (struct ehr_address){tx->client, tx->client_lane},
                ehr_message_seal(&reply->head));
}

static void replica_asked(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    struct replica *self = (struct replica *)(void *)node;
    CU_ASSERT_EQUAL_FATAL(d->message->type, EHR_MSG_SUBMIT);
    self->asked[self->asked_count] = ehr_tx_ref(EHR_AS(submit, d->message)->tx);
    if (!self->silent)
        ehr_fx_timer(fx, self->asked_count, 0, (1 + node->id) * ms);
    self->asked_count++;
}

static void replica_start(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    (void)node, (void)fx, (void)saved;
}

static const struct ehr_node_type replica_type = {"replica", replica_start, replica_asked,
                                                  replica_answer};

/* What the primary is sent reaches every replica. */
static struct ehr_message *spread(void *context, uint32_t from, struct ehr_address to,
                                  struct ehr_message *message)
{
    struct bench *bench = context;
    if (message->type == EHR_MSG_SUBMIT && to.node == 0 && from >= REPLICAS && bench->loop != NULL)
        for (uint32_t i = 1; i < REPLICAS; i++)
            ehr_loop_inject(bench->loop, (struct ehr_address){from, 0}, (struct ehr_address){i, 0},
                            ehr_message_ref(message));
    return message;
}

static void on_mark(void *context, uint32_t node, const struct ehr_mark *mark)
{
    struct bench *bench = context;
    (void)node;
    bench->dropped += mark->kind == EHR_MARK_DROPPED;
    bench->timeouts += mark->kind == EHR_MARK_TIMEOUT;
    if (mark->kind != EHR_MARK_CLOSE && mark->kind != EHR_MARK_TIMEOUT)
        return;
    bench->closed++;
    bench->open--;
    bench->closed_ns[mark->request] = ehr_loop_now(bench->loop);
}

static uint32_t on_open(void *context, enum ehr_flow flow, uint32_t hospital, uint64_t now_ns)
{
    struct bench *bench = context;
    CU_ASSERT_EQUAL(flow, EHR_FLOW_ORDERING);
    CU_ASSERT_EQUAL(hospital, EHR_REQUEST_NO_HOSPITAL);
    CU_ASSERT_FATAL(bench->opened < REQUESTS_MAX);
    bench->opened_ns[++bench->opened] = now_ns;
    bench->open++;
    bench->open_max = bench->open > bench->open_max ? bench->open : bench->open_max;
    return bench->opened;
}

static void on_close(void *context, uint32_t request, enum ehr_reply reply, uint64_t now_ns)
{
    struct bench *bench = context;
    (void)request, (void)now_ns;
    CU_ASSERT_EQUAL(reply, EHR_REPLY_NODE_UNREACHABLE);
    bench->abandoned++;
    bench->open--;
}

static bool on_up(void *context, uint32_t node)
{
    return !((const struct bench *)context)->down[node];
}

static void on_done(void *context)
{
    ((struct bench *)context)->done++;
}

static struct bench *bench_new(uint32_t quorum)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->committee = (struct ehr_committee){
        .members = bench->members, .count = REPLICAS, .client_quorum = quorum};
    for (uint32_t i = 0; i < REPLICAS; i++)
        bench->members[i].node = i;
    bench->directory =
        (struct ehr_directory){.workload = WORKLOAD, .retry_ns = 100 * ms, .give_up_ns = 1000 * ms};
    bench->hooks = (struct ehr_workload_hooks){bench, on_open, on_close, on_up, on_done};
    bench->order = (struct ehr_workload_order){.first_client = REPLICAS,
                                               .clients = CLIENTS,
                                               .hospital = EHR_REQUEST_NO_HOSPITAL,
                                               .outstanding = 1};
    ehr_drbg_init(&bench->rng, 7, 0, "workload", EHR_DRBG_WORKLOAD);
    bench->config = (struct ehr_workload_config){.directory = &bench->directory,
                                                 .hooks = &bench->hooks,
                                                 .rng = &bench->rng.rng,
                                                 .duration_ns = 1000 * ms,
                                                 .settle_ns = ms,
                                                 .orders = &bench->order,
                                                 .order_count = 1};
    bench->client = (struct ehr_ordering_config){&bench->directory, &bench->committee, 24};
    return bench;
}

static void bench_run(struct bench *bench)
{
    const struct ehr_loop_hooks hooks = {bench, on_mark, spread};
    bench->loop = ehr_loop_new(0, &hooks);
    for (uint32_t i = 0; i < REPLICAS; i++) {
        bench->replicas[i].node = (struct ehr_node){&replica_type, "replica", 0};
        ehr_loop_node_add(bench->loop, &bench->replicas[i].node);
    }
    for (uint32_t i = 0; i < CLIENTS; i++) {
        bench->clients[i] = ehr_ordering_client_new("client", &bench->client);
        ehr_loop_node_add(bench->loop, bench->clients[i]);
    }
    bench->workload = ehr_workload_new("workload", &bench->config);
    CU_ASSERT_EQUAL_FATAL(ehr_loop_node_add(bench->loop, bench->workload), WORKLOAD);
    ehr_loop_start(bench->loop);
    ehr_loop_run(bench->loop, 100000 * ms);
}

static void bench_free(struct bench *bench)
{
    ehr_loop_free(bench->loop);
    for (uint32_t i = 0; i < REPLICAS; i++)
        for (uint32_t k = 0; k < bench->replicas[i].asked_count; k++)
            ehr_tx_unref(bench->replicas[i].asked[k]);
    for (uint32_t i = 0; i < CLIENTS; i++)
        ehr_ordering_client_free(bench->clients[i]);
    ehr_workload_free(bench->workload);
    ehr_drbg_close(&bench->rng);
    free(bench);
}

/* ---- cases ---- */

/* 3 clients x 5 under way; a request takes 2 ms: at 2k ms 15 end and 15 start, until 100 came. */
static void as_many_are_under_way_as_asked_when_the_loop_is_closed(void)
{
    struct bench *bench = bench_new(2);
    bench->order.outstanding = 5;
    bench->order.requests = 100;
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened, 100);
    CU_ASSERT_EQUAL(bench->closed, 100);
    CU_ASSERT_EQUAL(bench->open_max, 15);
    CU_ASSERT_EQUAL(bench->done, 1);
    for (uint32_t r = 1; r <= 100; r++) {
        CU_ASSERT_EQUAL(bench->opened_ns[r], (r - 1) / 15 * 2 * ms);
        CU_ASSERT_EQUAL(bench->closed_ns[r] - bench->opened_ns[r], 2 * ms);
    }
    bench_free(bench);
}

/* Without a number: the last requests start before the duration is over. 1 s / 4 ms = 250 rounds
 * of 3, at 0, 4, .. 996 ms. */
static void requests_start_until_the_duration_when_none_are_counted(void)
{
    struct bench *bench = bench_new(4);
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened, 250 * CLIENTS);
    CU_ASSERT_EQUAL(bench->opened_ns[bench->opened], 996 * ms);
    CU_ASSERT_EQUAL(bench->done, 1);
    bench_free(bench);
}

/* Replica i answers after 1 + i ms: the quorum of k takes k ms. */
static void the_quorum_sets_the_latency_when_replicas_differ(void)
{
    for (uint32_t quorum = 1; quorum <= REPLICAS; quorum++) {
        struct bench *bench = bench_new(quorum);
        bench->order.requests = 6;
        bench_run(bench);
        CU_ASSERT_EQUAL(bench->closed, 6);
        for (uint32_t r = 1; r <= 6; r++)
            CU_ASSERT_EQUAL(bench->closed_ns[r] - bench->opened_ns[r], quorum * ms);
        bench_free(bench);
    }
}

/* Replica 1 names another height: it is the third equal one that counts, after 4 ms. */
static void a_reply_does_not_count_when_it_differs(void)
{
    struct bench *bench = bench_new(3);
    bench->replicas[1].lies = true;
    bench->order.requests = 3;
    bench_run(bench);
    for (uint32_t r = 1; r <= 3; r++)
        CU_ASSERT_EQUAL(bench->closed_ns[r], 4 * ms);
    bench_free(bench);
}

/* 200/s at fixed gaps: at 5, 10, .. ms, whatever the answers take; clients in turn. */
static void requests_come_at_fixed_gaps_when_the_loop_is_open(void)
{
    struct bench *bench = bench_new(4);
    bench->order.rate_per_s = 200;
    bench->order.uniform = true;
    bench->order.requests = 50;
    bench->directory.retry_ns = bench->directory.give_up_ns = 1000 * ms; /* nobody repeats */
    bench->replicas[3].silent = true; /* the quorum of 4 never comes: all time out */
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->opened, 50);
    CU_ASSERT_EQUAL(bench->timeouts, 50);
    CU_ASSERT_EQUAL(bench->open_max, 50);
    for (uint32_t r = 1; r <= 50; r++) {
        CU_ASSERT_EQUAL(bench->opened_ns[r], r * 5 * ms);
        CU_ASSERT_EQUAL(bench->replicas[0].asked[r - 1]->client, REPLICAS + (r - 1) % CLIENTS);
    }
    CU_ASSERT_EQUAL(bench->done, 1);
    bench_free(bench);
}

/* 500/s for a second: 500 requests, give or take four standard deviations (22.4). */
static void requests_come_at_random_when_arrivals_are_poisson(void)
{
    struct bench *bench = bench_new(1);
    uint32_t equal = 0;
    bench->order.rate_per_s = 500;
    bench_run(bench);
    CU_ASSERT(bench->opened > 410 && bench->opened < 590);
    for (uint32_t r = 2; r < bench->opened; r++)
        equal += bench->opened_ns[r + 1] - bench->opened_ns[r] ==
                 bench->opened_ns[r] - bench->opened_ns[r - 1];
    CU_ASSERT(equal < 5);
    bench_free(bench);
}

/* A transaction is the number of the request and the payload: unlike any other. */
static void transactions_are_as_long_as_asked_and_all_different(void)
{
    struct bench *bench = bench_new(1);
    bench->order.requests = 30;
    bench_run(bench);
    const struct replica *primary = &bench->replicas[0];
    CU_ASSERT_EQUAL(primary->asked_count, 30);
    for (uint32_t i = 0; i < primary->asked_count; i++) {
        CU_ASSERT_EQUAL(primary->asked[i]->length, EHR_ORDERING_NUMBER_BYTES + 24);
        CU_ASSERT_EQUAL(primary->asked[i]->type, EHR_TX_RAW);
        for (uint32_t k = 0; k < i; k++)
            CU_ASSERT_NOT_EQUAL(memcmp(primary->asked[i]->id, primary->asked[k]->id, 32), 0);
    }
    bench_free(bench);
}

/* A client that is down is not asked, and its part of the loop ends; the others go on. */
static void a_client_is_left_out_when_it_is_down(void)
{
    struct bench *bench = bench_new(1);
    bench->down[REPLICAS + 1] = true;
    bench->order.requests = 20;
    bench_run(bench);
    CU_ASSERT_EQUAL(bench->abandoned, 1);
    CU_ASSERT_EQUAL(bench->closed, 19);
    CU_ASSERT_EQUAL(bench->done, 1);
    bench_free(bench);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct ehr_unit_case cases[] = {
    CASE(as_many_are_under_way_as_asked_when_the_loop_is_closed),
    CASE(requests_start_until_the_duration_when_none_are_counted),
    CASE(the_quorum_sets_the_latency_when_replicas_differ),
    CASE(a_reply_does_not_count_when_it_differs),
    CASE(requests_come_at_fixed_gaps_when_the_loop_is_open),
    CASE(requests_come_at_random_when_arrivals_are_poisson),
    CASE(transactions_are_as_long_as_asked_and_all_different),
    CASE(a_client_is_left_out_when_it_is_down),
};

EHR_UNIT_CRYPTO_MAIN("ordering client", cases)
