/* What the hospital owes: receipts until the patients have them, and the sharing of what is
 * durable, over loss, crashes and silence. Real chain nodes, without SimGrid. */
#include <string.h>

#include "tests/simulation/role_meddler.h"
#include "tests/unit/unit.h"

/* What is lost on the way, and what travelled. */
struct road {
    struct role_world *world;
    uint32_t receipts_lost, acks_lost; /* so many of the next */
    bool cut;                          /* nothing passes between hospital 0's server and alliance */
    uint32_t receipts, acks;           /* sent */
    uint8_t P[32];                     /* of the last receipt */
};

static bool is_alliance(const struct role_world *world, uint32_t node)
{
    return ehr_committee_replica(&world->directory.alliance, node) != UINT32_MAX;
}

static struct ehr_message *travel(void *context, uint32_t from, struct ehr_address to,
                                  struct ehr_message *message)
{
    struct road *road = context;
    uint32_t server = road->world->directory.hospitals[0].server.node;
    bool lost = road->cut && ((from == server && is_alliance(road->world, to.node)) ||
                              (to.node == server && is_alliance(road->world, from)));
    if (message->type == EHR_MSG_RECEIPT) {
        memcpy(road->P, EHR_AS(receipt, message)->receipt, 32);
        road->receipts++;
        lost = road->receipts_lost > 0;
        road->receipts_lost -= lost;
    } else if (message->type == EHR_MSG_RECEIPT_ACK) {
        road->acks++;
        lost = road->acks_lost > 0;
        road->acks_lost -= lost;
    }
    if (!lost)
        return message;
    ehr_message_unref(message);
    return NULL;
}

/* A world with an enrolled patient. */
static struct role_world *world_new(struct road *road)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    *road = (struct road){.world = world};
    world->travel = travel;
    world->context = road;
    return world;
}

static struct ehr_hospital_counts counts_of(const struct role_world *world)
{
    return ehr_hospital_counts(world->servers[0]);
}

static void restart(struct role_world *world)
{
    ehr_loop_crash(world->loop, world->servers[0]->id);
    ehr_loop_restart(world->loop, world->servers[0]->id);
}

static void nothing_is_written_when_a_receipt_is_acknowledged_at_once(void)
{
    struct road road;
    struct role_world *world = world_new(&road);
    uint32_t before = ehr_loop_journal_count(world->loop, world->servers[0]->id);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 10);
    CU_ASSERT_EQUAL(road.receipts, 1);
    CU_ASSERT_EQUAL(road.acks, 1);
    CU_ASSERT_EQUAL(counts_of(world).mail, 0);
    CU_ASSERT_EQUAL(counts_of(world).anchored, 1);
    /* ciphertext, STORED, ANCHORED */
    CU_ASSERT_EQUAL(ehr_loop_journal_count(world->loop, world->servers[0]->id), before + 3);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void receipt_comes_again_when_it_or_its_acknowledgement_is_lost(void)
{
    struct road road;
    struct role_world *world = world_new(&road);
    road.receipts_lost = 1;
    road.acks_lost = 1;
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 0.9); /* the first repetition comes after a second */
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(counts_of(world).mail, 1);
    CU_ASSERT_EQUAL(counts_of(world).mail_written, 0);
    CU_ASSERT_EQUAL(counts_of(world).anchored, 0); /* a restart would look at the block again */
    role_world_run(world, 1);
    CU_ASSERT_EQUAL(counts_of(world).mail_written, 1);
    CU_ASSERT_EQUAL(counts_of(world).anchored, 1);
    role_world_run(world, 10);
    CU_ASSERT_EQUAL(road.receipts, 3);
    CU_ASSERT_EQUAL(road.acks, 2);
    CU_ASSERT_EQUAL(counts_of(world).mail, 0);
    CU_ASSERT_EQUAL(world->dropped, 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void receipt_comes_when_hospital_crashed_before_it_was_written(void)
{
    struct road road;
    struct role_world *world = world_new(&road);
    road.receipts_lost = 1;
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 0.9);
    CU_ASSERT_EQUAL(world->requests[2].shared, 1);
    restart(world);
    CU_ASSERT_EQUAL(counts_of(world).mail, 0);
    role_world_run(world, 20);
    CU_ASSERT_EQUAL(road.receipts, 2); /* the block was looked at again, its index a duplicate */
    CU_ASSERT_EQUAL(road.acks, 1);
    CU_ASSERT_EQUAL(counts_of(world).mail, 0);
    CU_ASSERT_EQUAL(counts_of(world).anchored, 1);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void receipt_comes_when_hospital_crashed_after_it_was_written(void)
{
    struct road road;
    struct role_world *world = world_new(&road);
    road.receipts_lost = UINT32_MAX;
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 100);
    /* after 1, 3, 7 s, then every 10: half of give_up_ns */
    CU_ASSERT_EQUAL(road.receipts, 13);
    CU_ASSERT_EQUAL(counts_of(world).mail_written, 1);
    CU_ASSERT_EQUAL(counts_of(world).anchored, 1);
    road.receipts_lost = 0;
    restart(world);
    role_world_run(world, 5);
    CU_ASSERT_EQUAL(road.receipts, 14);
    CU_ASSERT_EQUAL(road.acks, 1);
    CU_ASSERT_EQUAL(counts_of(world).mail, 0);
    /* and it was written that it is done */
    restart(world);
    role_world_run(world, 30);
    CU_ASSERT_EQUAL(road.receipts, 14);
    CU_ASSERT_EQUAL(counts_of(world).mail, 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void receipt_stays_when_somebody_else_acknowledges_it(void)
{
    struct road road;
    struct role_world *world = world_new(&road);
    road.receipts_lost = 1;
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 0.9);
    const struct ehr_address others[] = {role_world_patient(world, 0, 1),
                                         role_world_patient(world, 1, 0)};
    for (size_t i = 0; i < 2; i++) {
        struct ehr_msg_receipt_ack *ack = EHR_NEW(receipt_ack, RECEIPT_ACK);
        memcpy(ack->pseudonym, road.P, 32);
        ehr_loop_inject(world->loop, others[i], (struct ehr_address){world->servers[0]->id, 0},
                        ehr_message_seal(&ack->head));
    }
    role_world_run(world, 0.05);
    CU_ASSERT_EQUAL(world->dropped, 2);
    CU_ASSERT_EQUAL(counts_of(world).mail, 1);
    role_world_run(world, 5);
    CU_ASSERT_EQUAL(counts_of(world).mail, 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* Three times as long as a client waits: the visit times out, and is shared all the same. */
static void visit_is_shared_when_the_alliance_answers_late(void)
{
    struct road road;
    struct role_world *world = world_new(&road);
    road.cut = true;
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 60);
    CU_ASSERT_EQUAL(world->requests[2].durable, 1);
    CU_ASSERT_EQUAL(world->requests[2].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[2].ended, 1);
    CU_ASSERT_EQUAL(world->requests[2].reply, EHR_REPLY_NODE_UNREACHABLE);
    CU_ASSERT_EQUAL(world->requests[2].shared, 0);
    road.cut = false;
    role_world_run(world, 11); /* half of the client's patience, at most */
    CU_ASSERT_EQUAL(world->requests[2].shared, 1);
    CU_ASSERT_EQUAL(world->requests[2].ended, 2); /* told of again */
    CU_ASSERT_EQUAL(world->requests[2].timed_out, 1);
    CU_ASSERT_EQUAL(counts_of(world).anchored, 1);
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_share(world, 4, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[3].identical, 1);
    CU_ASSERT_TRUE(role_ended_with(world, 4, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_world_free(world));
}

/* A read that comes before the receipt finds what the draft told of, and no other visit. */
static void reads_open_the_visit_asked_for_when_its_receipt_is_lost(void)
{
    struct road road;
    struct role_world *world = world_new(&road);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 5);
    road.receipts_lost = UINT32_MAX;
    role_world_visit(world, 3, 0, 0, 0);
    role_world_run(world, 5);
    role_world_visit(world, 4, 0, 0, 0); /* the newest with these keywords */
    role_world_run(world, 5);
    role_world_share(world, 5, 0, 3, 0);
    role_world_retrieve(world, 6, 1, 0, 3, 0);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(role_ended_with(world, 5, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_ended_with(world, 6, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[5].identical + world->requests[6].identical, 2);
    CU_ASSERT_TRUE(role_world_free(world));
}

static const struct ehr_unit_case cases[] = {
    {"nothing_is_written_when_a_receipt_is_acknowledged_at_once",
     nothing_is_written_when_a_receipt_is_acknowledged_at_once},
    {"receipt_comes_again_when_it_or_its_acknowledgement_is_lost",
     receipt_comes_again_when_it_or_its_acknowledgement_is_lost},
    {"receipt_comes_when_hospital_crashed_before_it_was_written",
     receipt_comes_when_hospital_crashed_before_it_was_written},
    {"receipt_comes_when_hospital_crashed_after_it_was_written",
     receipt_comes_when_hospital_crashed_after_it_was_written},
    {"receipt_stays_when_somebody_else_acknowledges_it",
     receipt_stays_when_somebody_else_acknowledges_it},
    {"visit_is_shared_when_the_alliance_answers_late",
     visit_is_shared_when_the_alliance_answers_late},
    {"reads_open_the_visit_asked_for_when_its_receipt_is_lost",
     reads_open_the_visit_asked_for_when_its_receipt_is_lost},
};

EHR_UNIT_MAIN("roles_receipts", cases)
