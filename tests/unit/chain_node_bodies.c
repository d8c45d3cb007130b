/* Proposals with ids in the place of transactions: rebuilt, asked for, never voted for unseen. */
#include <string.h>

#include "crypto/codec.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

enum { PRIMARY = EXCHANGE_PRIVATE_NODE, LAST = PRIMARY + EXCHANGE_REPLICAS - 1 };

static struct world w;
static uint32_t sent[EHR_MESSAGE_TYPES], carrying, prepares;
static uint32_t deaf;        /* messages of this type ... */
static uint32_t deaf_to = 0; /* ... do not reach this node; 0: nobody */

static struct ehr_message *watch(void *context, uint32_t from, uint32_t to,
                                 struct ehr_message *take_message)
{
    (void)context, (void)from;
    sent[take_message->type]++;
    if (take_message->type == EHR_MSG_CONSENSUS) {
        const struct ehr_msg_consensus *m = EHR_AS(consensus, take_message);
        carrying += m->carried != NULL;
        prepares += m->phase == EHR_ENGINE_PREPARE;
    }
    if (take_message->type != deaf || (deaf_to != 0 && to != deaf_to))
        return take_message;
    ehr_message_unref(take_message);
    return NULL;
}

static void open(void)
{
    world_open(&w);
    w.x.hospitals[0].committee.bodies_broadcast = true;
    w.x.hospitals[0].committee.submit_to_all = true;
    w.loop.tamper = watch;
    memset(sent, 0, sizeof sent);
    carrying = prepares = deaf = deaf_to = 0;
}

static struct ehr_tx *fresh_tx(uint32_t i)
{
    visit_make(&w.x, &w.visits[i], 0, 0, i);
    w.records[i] = visit_tx(&w.visits[i], 100 + i);
    return w.records[i];
}

/* To the primary and the backups after it, `count` in all. */
static void submit_to(struct ehr_tx *tx, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        world_submit(&w, PRIMARY + i, tx);
}

static uint64_t height_of(uint32_t node)
{
    return ehr_chain_node_state(w.nodes[node]).height;
}

static void blocks_are_rebuilt_when_clients_send_to_all(void)
{
    open();
    for (uint32_t i = 0; i < 10; i++)
        submit_to(fresh_tx(i), EXCHANGE_REPLICAS);
    world_settle(&w);
    for (uint32_t i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(world_replies(&w, w.records[i]).equal, EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(carrying, 0);
    CU_ASSERT_EQUAL(sent[EHR_MSG_CONSENSUS_IDS], 3 * height_of(PRIMARY));
    CU_ASSERT_EQUAL(sent[EHR_MSG_TX_GET], 0);
    CU_ASSERT_EQUAL(sent[EHR_MSG_SUBMIT], 10 * EXCHANGE_REPLICAS); /* nobody relays */
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    world_close(&w);
}

static void body_is_asked_of_the_proposer_when_it_is_missing(void)
{
    open();
    struct ehr_tx *tx = fresh_tx(0);
    submit_to(tx, 3);
    world_settle(&w);
    CU_ASSERT_EQUAL(world_replies(&w, tx).equal, EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(sent[EHR_MSG_TX_GET], 1);
    CU_ASSERT_EQUAL(sent[EHR_MSG_TX_BODY], 1);
    CU_ASSERT_EQUAL(height_of(LAST), 1);
    /* its own copy comes later: executed already, so it is answered, not ordered again */
    world_submit(&w, LAST, tx);
    world_settle(&w);
    CU_ASSERT_EQUAL(world_replies(&w, tx).equal, 1);
    CU_ASSERT_EQUAL(height_of(PRIMARY), 1);
    world_close(&w);
}

static void body_is_asked_of_another_when_the_proposer_is_silent(void)
{
    open();
    deaf = EHR_MSG_TX_GET;
    deaf_to = PRIMARY;
    struct ehr_tx *tx = fresh_tx(0);
    submit_to(tx, 3);
    world_settle(&w); /* 200 ms; the next is asked after 125 */
    CU_ASSERT_EQUAL(sent[EHR_MSG_TX_GET], 2);
    CU_ASSERT_EQUAL(sent[EHR_MSG_TX_BODY], 1);
    CU_ASSERT_EQUAL(world_replies(&w, tx).equal, EXCHANGE_REPLICAS);
    world_close(&w);
}

/* The primary alone has the body, and does not give it: no backup votes. When the client sends it
 * to them, all do. */
static void proposal_gets_no_vote_when_its_ids_are_unknown(void)
{
    open();
    deaf = EHR_MSG_TX_BODY;
    struct ehr_tx *tx = fresh_tx(0);
    submit_to(tx, 1);
    world_settle(&w);
    CU_ASSERT_EQUAL(sent[EHR_MSG_CONSENSUS_IDS], 3);
    CU_ASSERT_EQUAL(prepares, 0);
    CU_ASSERT_EQUAL(height_of(PRIMARY), 0);
    submit_to(tx, EXCHANGE_REPLICAS);
    world_settle(&w);
    CU_ASSERT_EQUAL(prepares, 9); /* three backups, to three each */
    CU_ASSERT_EQUAL(world_replies(&w, tx).equal, EXCHANGE_REPLICAS);
    world_close(&w);
}

/* A primary that proposes ids without bodies is replaced, as one that proposes nothing. */
static void view_changes_when_the_primary_proposes_unknown_ids(void)
{
    open();
    deaf = EHR_MSG_TX_BODY;
    submit_to(fresh_tx(0), 1);
    world_settle(&w);
    struct ehr_tx *tx = fresh_tx(1);
    submit_to(tx, EXCHANGE_REPLICAS);
    node_loop_run(&w.loop, 4 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    CU_ASSERT(ehr_chain_node_state(w.nodes[LAST]).view >= 1);
    CU_ASSERT(world_replies(&w, tx).equal >= 3);
    world_close(&w);
}

/* What the primary sends next, with one bit of it changed. */
static uint32_t altered_at;
static struct ehr_message *alter(void *context, uint32_t from, uint32_t to,
                                 struct ehr_message *take_message)
{
    if (take_message->type == EHR_MSG_CONSENSUS_IDS) {
        uint8_t bytes[2048];
        struct ehr_message *altered = NULL;
        CU_ASSERT_FATAL(take_message->size < sizeof bytes);
        ehr_message_encode(take_message, bytes);
        bytes[take_message->size - altered_at] ^= 1;
        CU_ASSERT_EQUAL_FATAL(ehr_message_decode(bytes, take_message->size, &altered), EHR_OK);
        ehr_message_unref(take_message);
        take_message = altered;
    }
    return watch(context, from, to, take_message);
}

/* In the last id, in the header: the list is not the block's, or the block not the signed one. */
static void proposal_is_dropped_when_a_bit_is_changed(void)
{
    const uint32_t places[] = {1, 33};
    for (uint32_t i = 0; i < 2; i++) {
        open();
        altered_at = places[i];
        w.loop.tamper = alter;
        submit_to(fresh_tx(0), EXCHANGE_REPLICAS);
        world_settle(&w);
        CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 3);
        CU_ASSERT_EQUAL(prepares, 0);
        CU_ASSERT_EQUAL(height_of(PRIMARY), 0);
        world_close(&w);
    }
}

static void question(uint32_t from, const uint8_t hash[32], uint32_t position, size_t length)
{
    struct ehr_msg_tx_get *get = EHR_NEW(tx_get, TX_GET);
    uint8_t bytes[8] = {0};
    memcpy(get->block_hash, hash, 32);
    ehr_le32(bytes, position);
    get->positions = ehr_blob_new(bytes, length);
    node_loop_inject(&w.loop, world_at(from), PRIMARY, ehr_message_seal(&get->head));
}

static void only_replicas_are_answered_when_they_ask_for_what_there_is(void)
{
    open();
    submit_to(fresh_tx(0), EXCHANGE_REPLICAS);
    world_settle(&w);
    const uint8_t *hash = ehr_chain_block_at(w.private_chain, 1)->block->hash;
    const uint8_t nowhere[32] = {7};
    question(PRIMARY + 1, hash, 0, 4); /* executed, and still answered */
    world_settle(&w);
    CU_ASSERT_EQUAL(sent[EHR_MSG_TX_BODY], 1);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    question(PRIMARY + 1, hash, 1, 4);
    question(PRIMARY + 1, nowhere, 0, 4);
    question(PRIMARY + 1, hash, 0, 3);
    question(EXCHANGE_CLIENT_NODE, hash, 0, 4);
    world_settle(&w);
    CU_ASSERT_EQUAL(sent[EHR_MSG_TX_BODY], 1);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 2);
    world_close(&w);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct ehr_unit_case cases[] = {
    CASE(blocks_are_rebuilt_when_clients_send_to_all),
    CASE(body_is_asked_of_the_proposer_when_it_is_missing),
    CASE(body_is_asked_of_another_when_the_proposer_is_silent),
    CASE(proposal_gets_no_vote_when_its_ids_are_unknown),
    CASE(view_changes_when_the_primary_proposes_unknown_ids),
    CASE(proposal_is_dropped_when_a_bit_is_changed),
    CASE(only_replicas_are_answered_when_they_ask_for_what_there_is),
};

EHR_UNIT_CRYPTO_MAIN("bodies apart from proposals", cases)
