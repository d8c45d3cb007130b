/* Queries whose commitments are ordered on the alliance chain: whole retrievals between roles. */
#include <string.h>

#include "crypto/index.h"
#include "sim/ledger/query_log.h"
#include "sim/ledger/wire.h"
#include "tests/simulation/role_meddler.h"
#include "tests/unit/unit.h"

/* What travelled, and what is done to it. */
struct watch {
    struct role_world *world;
    uint32_t logs, queries;
    uint32_t early;    /* queries that left before the chain had said anything about their log */
    uint32_t unlogged; /* answers that refuse so */
    uint32_t replies;
    uint8_t log_id[32]; /* of the last log that was submitted */
    bool lose;          /* logs never arrive */
};

static void reply_watch(struct watch *watch, const struct ehr_msg_reply *reply)
{
    watch->replies += memcmp(reply->tx_id, watch->log_id, 32) == 0 && reply->status == EHR_REPLY_OK;
}

static struct ehr_message *on_travel(void *context, uint32_t from, struct ehr_address to,
                                     struct ehr_message *message)
{
    struct watch *watch = context;
    (void)from, (void)to;
    if (message->type == EHR_MSG_REPLY)
        reply_watch(watch, EHR_AS(reply, message));
    if (message->type == EHR_MSG_ANSWER)
        watch->unlogged += EHR_AS(answer, message)->status == EHR_REPLY_QUERY_UNLOGGED;
    if (message->type == EHR_MSG_QUERY) {
        watch->queries++;
        watch->early += watch->replies < watch->world->directory.alliance.client_quorum;
    }
    if (message->type != EHR_MSG_SUBMIT || EHR_AS(submit, message)->tx->type != EHR_TX_QUERY_LOG)
        return message;
    watch->logs++;
    memcpy(watch->log_id, EHR_AS(submit, message)->tx->id, 32);
    if (!watch->lose)
        return message;
    ehr_message_unref(message);
    return NULL;
}

static struct role_world *logged_world(struct watch *watch, enum ehr_query_logging logging)
{
    struct role_world *world = role_world_with_visit(1);
    world->directory.query_logging = logging;
    *watch = (struct watch){.world = world};
    world->travel = on_travel;
    world->context = watch;
    return world;
}

static void query_waits_for_its_log_when_that_comes_before(void)
{
    struct watch watch;
    struct role_world *world = logged_world(&watch, EHR_QUERY_LOGGING_BEFORE);
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[3].identical, 1);
    CU_ASSERT_EQUAL(world->requests[3].blamed, 0);
    CU_ASSERT_TRUE(watch.logs > 0);
    CU_ASSERT_TRUE(watch.queries >= 2);
    CU_ASSERT_EQUAL(watch.early, 0);
    CU_ASSERT_EQUAL(watch.unlogged, 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void query_does_not_wait_when_its_log_goes_beside(void)
{
    struct watch watch;
    struct role_world *world = logged_world(&watch, EHR_QUERY_LOGGING_ASYNC);
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(watch.logs > 0);
    CU_ASSERT_EQUAL(watch.early, watch.queries);
    CU_ASSERT_TRUE(watch.replies >= 2); /* and it is ordered in the end */
    CU_ASSERT_TRUE(role_world_free(world));
}

static void nothing_is_logged_when_nobody_asked_for_it(void)
{
    struct watch watch;
    struct role_world *world = logged_world(&watch, EHR_QUERY_LOGGING_NONE);
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(watch.logs, 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* Before: no node is asked at all. Beside: the record is opened all the same. */
static void lost_logs_end_the_request_only_when_they_come_before(void)
{
    for (int logging = EHR_QUERY_LOGGING_ASYNC; logging <= EHR_QUERY_LOGGING_BEFORE; logging++) {
        bool before = logging == EHR_QUERY_LOGGING_BEFORE;
        struct watch watch;
        struct role_world *world = logged_world(&watch, (enum ehr_query_logging)logging);
        watch.lose = true;
        role_world_retrieve(world, 3, 1, 0, 2, 0);
        role_world_run(world, 100);
        CU_ASSERT_EQUAL(role_ended_with(world, 3, EHR_REPLY_OK), !before);
        CU_ASSERT_EQUAL(world->requests[3].timed_out, before);
        CU_ASSERT_EQUAL(watch.queries == 0, before);
        CU_ASSERT_TRUE(watch.logs > 4); /* repeated to all */
        CU_ASSERT_TRUE(role_world_free(world));
    }
}

/* A query that expires with the block of its log, whatever height it was made for: not for ever. */
static void search_ends_when_every_query_expires_before_it_is_asked(void)
{
    struct watch watch;
    struct role_world *world = logged_world(&watch, EHR_QUERY_LOGGING_BEFORE);
    world->directory.query_expiry_blocks = 0;
    world->directory.give_up_ns = 1000000000;
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 100);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_QUERY_EXPIRED));
    CU_ASSERT_EQUAL(watch.queries, 0);
    CU_ASSERT_TRUE(watch.logs > 10);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* A query that was sent under `async` rules to nodes that want its log before: the patient's device
 * sends it at once, the nodes refuse, and it is through with the log when it is asked again. */
static void nodes_refuse_when_the_log_is_not_there_yet(void)
{
    struct watch watch;
    struct role_world *world = logged_world(&watch, EHR_QUERY_LOGGING_BEFORE);
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    world->directory.query_logging = EHR_QUERY_LOGGING_NONE; /* the device's rules */
    role_world_run(world, 0);
    CU_ASSERT_EQUAL(watch.logs, 0);
    world->directory.query_logging = EHR_QUERY_LOGGING_BEFORE; /* the nodes', from now on */
    role_world_run(world, 60);
    CU_ASSERT_TRUE(watch.unlogged >= 2);
    CU_ASSERT_TRUE(watch.logs > 0); /* the next round knows */
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_world_free(world));
}

static const struct ehr_unit_case cases[] = {
    {"query_waits_for_its_log_when_that_comes_before",
     query_waits_for_its_log_when_that_comes_before},
    {"query_does_not_wait_when_its_log_goes_beside", query_does_not_wait_when_its_log_goes_beside},
    {"nothing_is_logged_when_nobody_asked_for_it", nothing_is_logged_when_nobody_asked_for_it},
    {"lost_logs_end_the_request_only_when_they_come_before",
     lost_logs_end_the_request_only_when_they_come_before},
    {"search_ends_when_every_query_expires_before_it_is_asked",
     search_ends_when_every_query_expires_before_it_is_asked},
    {"nodes_refuse_when_the_log_is_not_there_yet", nodes_refuse_when_the_log_is_not_there_yet},
};

EHR_UNIT_CRYPTO_MAIN("searches that are logged", cases)
