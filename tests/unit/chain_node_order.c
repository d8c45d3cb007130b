/* Chain nodes order what clients submit: replies, refusals, relays, certificates, new views. */
#include <string.h>

#include "sim/ledger/wire.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

enum { PRIMARY = EXCHANGE_PRIVATE_NODE };

static struct world w;

static struct ehr_tx *fresh_tx(uint32_t i)
{
    visit_make(&w.x, &w.visits[i], 0, 0, i);
    w.records[i] = visit_tx(&w.visits[i], 100 + i);
    return w.records[i];
}

static uint64_t height_of(uint32_t node)
{
    return ehr_chain_node_state(w.nodes[node]).height;
}

static void replies_match_when_a_record_is_ordered(void)
{
    world_open(&w);
    struct ehr_tx *tx = fresh_tx(0);
    world_submit(&w, PRIMARY, tx);
    world_settle(&w);
    struct world_replies replies = world_replies(&w, tx);
    CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(replies.other, 0);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    CU_ASSERT_EQUAL(replies.first.height, 1);
    CU_ASSERT_EQUAL(replies.first.request, 100);
    CU_ASSERT_FALSE(replies.first.has_signature);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        struct ehr_chain_node_state state = ehr_chain_node_state(w.nodes[PRIMARY + i]);
        CU_ASSERT_EQUAL(state.height, 1);
        CU_ASSERT_EQUAL(state.waiting, 0);
        CU_ASSERT_EQUAL(state.view, 0);
    }
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_COMMITTED], EXCHANGE_REPLICAS);
    world_close(&w);
}

static void reply_given_again_when_the_client_repeats(void)
{
    world_open(&w);
    struct ehr_tx *tx = fresh_tx(0);
    world_submit(&w, PRIMARY, tx);
    world_submit(&w, PRIMARY, tx);
    world_settle(&w);
    world_replies(&w, tx);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        world_submit(&w, PRIMARY + i, tx);
    world_settle(&w);
    struct world_replies replies = world_replies(&w, tx);
    CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    CU_ASSERT_EQUAL(replies.first.height, 1);
    CU_ASSERT_EQUAL(height_of(PRIMARY), 1);
    world_close(&w);
}

static void primary_refuses_signed_when_a_pseudonym_is_reused(void)
{
    uint8_t digest[32];
    world_open(&w);
    struct ehr_tx *tx = fresh_tx(0);
    world_submit(&w, PRIMARY, tx);
    world_settle(&w);
    world_replies(&w, tx);
    tx = fresh_tx(1);
    struct visit *again = &w.visits[1];
    memcpy(again->pseudonym, w.visits[0].pseudonym, 96);
    again->keys = w.visits[0].keys;
    visit_sign(&w.x, again);
    ehr_tx_unref(tx);
    w.records[1] = tx = visit_tx(again, 101);
    world_submit(&w, PRIMARY, tx);
    world_settle(&w);
    struct world_replies replies = world_replies(&w, tx);
    CU_ASSERT_EQUAL(replies.equal, 1);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_REUSED_PSEUDONYM);
    CU_ASSERT_EQUAL(replies.first.height, 0);
    CU_ASSERT_TRUE(replies.first.has_signature);
    ehr_refuse_digest(digest, tx->id, replies.first.status, 0);
    CU_ASSERT_EQUAL(ehr_sign_verify(w.x.replicas[0][0].cert.ed_pk, "sig-refuse", digest,
                                    replies.first.signature),
                    EHR_OK);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_REFUSED_TX], 1);
    CU_ASSERT_EQUAL(height_of(PRIMARY), 1);
    world_close(&w);
}

/* The primary's filter sees the chain only; of two that come together the second is refused by
 * execution, with a height, and stays refused when a client asks again. */
static void second_refused_in_the_block_when_two_come_together(void)
{
    world_open(&w);
    struct ehr_tx *first = fresh_tx(0), *second = fresh_tx(1);
    memcpy(w.visits[1].pseudonym, w.visits[0].pseudonym, 96);
    w.visits[1].keys = w.visits[0].keys;
    visit_sign(&w.x, &w.visits[1]);
    ehr_tx_unref(second);
    w.records[1] = second = visit_tx(&w.visits[1], 101);
    world_submit(&w, PRIMARY, first);
    world_submit(&w, PRIMARY, second);
    world_settle(&w);
    struct world_replies replies = world_replies(&w, second);
    CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_REUSED_PSEUDONYM);
    CU_ASSERT_TRUE(replies.first.height > 0);
    uint64_t height = replies.first.height;
    world_submit(&w, PRIMARY + 1, second);
    world_settle(&w);
    replies = world_replies(&w, second);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_REUSED_PSEUDONYM);
    CU_ASSERT_EQUAL(replies.first.height, height);
    world_close(&w);
}

static void backup_relays_when_a_client_asks_it(void)
{
    world_open(&w);
    struct ehr_tx *tx = fresh_tx(0);
    world_submit(&w, PRIMARY + 2, tx);
    world_settle(&w);
    CU_ASSERT_EQUAL(world_replies(&w, tx).equal, EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(ehr_chain_node_state(w.nodes[PRIMARY]).view, 0);
    world_close(&w);
}

static void request_dropped_when_it_names_another_client(void)
{
    world_open(&w);
    struct ehr_tx *tx = fresh_tx(0);
    struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
    submit->tx = ehr_tx_ref(tx);
    node_loop_send(&w.loop, world_at(EXCHANGE_STRANGER_NODE), world_at(PRIMARY),
                   ehr_message_seal(&submit->head));
    world_settle(&w);
    CU_ASSERT_EQUAL(height_of(PRIMARY), 0);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 1);
    world_close(&w);
}

static void signatures_reach_the_hospital_when_blocks_are_executed(void)
{
    world_open(&w);
    for (uint32_t i = 0; i < 9; i++)
        world_submit(&w, PRIMARY, fresh_tx(i));
    world_settle(&w);
    uint64_t height = height_of(PRIMARY);
    CU_ASSERT_TRUE(height >= 3);
    for (uint64_t h = 1; h <= height; h++)
        CU_ASSERT_EQUAL(world_certify(&w, h), EXCHANGE_REPLICAS);
    world_close(&w);
}

static void block_given_when_the_hospital_asks(void)
{
    struct ehr_message *message;
    world_open(&w);
    world_submit(&w, PRIMARY, fresh_tx(0));
    world_settle(&w);
    node_loop_clear(&w.loop);
    const struct ehr_chain_block *entry = ehr_chain_block_at(w.private_chain, 1);
    for (unsigned kind = 0; kind < 4; kind++) {
        struct ehr_msg_body_get *get = EHR_NEW(body_get, BODY_GET);
        uint32_t from = kind == 2 ? EXCHANGE_STRANGER_NODE : EXCHANGE_SERVER_NODE;
        get->height = kind == 3 ? 2 : 1;
        if (kind != 1) /* else zeros: forgotten, the signature too */
            memcpy(get->block_hash, entry->block->hash, 32);
        node_loop_send(&w.loop, world_at(from), world_at(PRIMARY + 3),
                       ehr_message_seal(&get->head));
        world_settle(&w);
        message = node_loop_take(&w.loop, EXCHANGE_SERVER_NODE, EHR_MSG_BODY, NULL);
        CU_ASSERT_EQUAL(message != NULL, kind < 2);
        if (message != NULL) {
            const struct ehr_msg_body *body = EHR_AS(body, message);
            CU_ASSERT_EQUAL(body->height, 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(body->blocks);
            CU_ASSERT_EQUAL(memcmp(body->blocks->block[0]->hash, entry->block->hash, 32), 0);
        }
        ehr_message_unref(message);
        message = node_loop_take(&w.loop, EXCHANGE_SERVER_NODE, EHR_MSG_BLOCK_SIGN, NULL);
        CU_ASSERT_EQUAL(message != NULL, kind == 1);
        ehr_message_unref(message);
    }
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 1);
    world_close(&w);
}

static void alliance_blocks_certified_when_peers_sign(void)
{
    world_open(&w);
    world_grow(&w, 3);
    CU_ASSERT_EQUAL(height_of(0), 3);
    for (uint64_t h = 1; h <= 3; h++) {
        struct ehr_block_proof proof = ehr_chain_proof(w.alliance, h);
        CU_ASSERT_PTR_NOT_NULL_FATAL(proof.certificate);
        CU_ASSERT_EQUAL(ehr_block_proof_verify(&proof, w.x.directory.alliance.chain_id,
                                               w.x.alliance_keys, EXCHANGE_REPLICAS,
                                               EXCHANGE_QUORUM, NULL, NULL, NULL),
                        EHR_OK);
    }
    /* three heights at four nodes */
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_SIGNERS], 12);
    CU_ASSERT_EQUAL(w.loop.last[EHR_MARK_SIGNERS].request, EXCHANGE_QUORUM);
    world_close(&w);
}

/* Long enough for checkpoints and windows to move (interval 4, window 8). */
static void chain_goes_on_when_checkpoints_pass(void)
{
    world_open(&w);
    world_grow(&w, 30);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        CU_ASSERT_EQUAL(height_of(i), 30);
    world_close(&w);
}

static void requests_ordered_in_a_new_view_when_the_primary_is_silent(void)
{
    world_open(&w);
    w.loop.down[PRIMARY] = true;
    struct ehr_tx *tx[3];
    for (uint32_t i = 0; i < 3; i++) {
        tx[i] = fresh_tx(i);
        for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
            world_submit(&w, PRIMARY + k, tx[i]);
    }
    node_loop_run(&w.loop, 4 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    for (uint32_t i = 0; i < 3; i++) {
        struct world_replies replies = world_replies(&w, tx[i]);
        CU_ASSERT_EQUAL(replies.equal, 3);
        CU_ASSERT_EQUAL(replies.other, 0);
        CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
        CU_ASSERT_EQUAL(replies.first.view, 1);
    }
    CU_ASSERT_EQUAL(ehr_chain_node_state(w.nodes[PRIMARY + 1]).waiting, 0);
    world_close(&w);
}

/* The last replica hears nothing of its peers, and they nothing of it. */
static struct ehr_message *cut_last_off(void *context, uint32_t from, uint32_t to,
                                        struct ehr_message *take_message)
{
    const uint32_t last = PRIMARY + EXCHANGE_REPLICAS - 1;
    bool peers = from >= PRIMARY && from <= last && to >= PRIMARY && to <= last;
    (void)context;
    if (!peers || (from != last && to != last))
        return take_message;
    ehr_message_unref(take_message);
    return NULL;
}

static void request_not_pending_when_the_chain_has_executed_it(void)
{
    world_open(&w);
    w.loop.tamper = cut_last_off;
    struct ehr_node *last = w.nodes[PRIMARY + EXCHANGE_REPLICAS - 1];
    struct ehr_tx *tx[2] = {fresh_tx(0), fresh_tx(1)};
    for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
        world_submit(&w, PRIMARY + k, tx[0]);
    world_settle(&w);
    CU_ASSERT_EQUAL(world_replies(&w, tx[0]).equal, 3);
    struct ehr_chain_node_state state = ehr_chain_node_state(last);
    CU_ASSERT_EQUAL(state.height, 0);
    CU_ASSERT_EQUAL(state.waiting, 1);
    CU_ASSERT_EQUAL(state.pending, 0);
    world_submit(&w, PRIMARY + EXCHANGE_REPLICAS - 1, tx[1]);
    world_settle(&w);
    state = ehr_chain_node_state(last);
    CU_ASSERT_EQUAL(state.waiting, 2);
    CU_ASSERT_EQUAL(state.pending, 1);
    CU_ASSERT(state.oldest_since_ns >= WORLD_SETTLE_NS);
    world_close(&w);
}

/* Commits of the old view are lost: the new primary carries the prepared block over, and what
 * stands in it is not proposed a second time. */
static struct ehr_message *lose_commits(void *context, uint32_t from, uint32_t to,
                                        struct ehr_message *take_message)
{
    (void)context;
    (void)from;
    (void)to;
    if (take_message->type == EHR_MSG_CONSENSUS &&
        EHR_AS(consensus, take_message)->phase == EHR_ENGINE_COMMIT &&
        EHR_AS(consensus, take_message)->view == 0) {
        ehr_message_unref(take_message);
        return NULL;
    }
    return take_message;
}

static void prepared_block_carried_over_when_the_view_changes(void)
{
    world_open(&w);
    w.loop.tamper = lose_commits;
    struct ehr_tx *tx[3];
    for (uint32_t i = 0; i < 3; i++) {
        tx[i] = fresh_tx(i);
        for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
            world_submit(&w, PRIMARY + k, tx[i]);
    }
    node_loop_run(&w.loop, 6 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    uint32_t placed = 0;
    for (uint64_t h = 1; h <= w.private_chain->height; h++)
        placed += ehr_chain_block_at(w.private_chain, h)->block->count;
    CU_ASSERT_EQUAL(placed, 3);
    for (uint32_t i = 0; i < 3; i++) {
        struct world_replies replies = world_replies(&w, tx[i]);
        CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS);
        CU_ASSERT_EQUAL(replies.other, 0);
        CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    }
    world_close(&w);
}

/* In view 0 only the primary sees blocks 1 and 2 prepared, and view 1 opens without it: there
 * another block 1 is prepared. From then on the old block 2, which has lost its parent, travels
 * with every NEW_VIEW to show where the chain stops; its requests are proposed anew. */
static struct ehr_message *orphan_block(void *context, uint32_t from, uint32_t to,
                                        struct ehr_message *take_message)
{
    (void)context;
    if (take_message->type != EHR_MSG_CONSENSUS)
        return take_message;
    const struct ehr_msg_consensus *m = EHR_AS(consensus, take_message);
    bool commit = m->phase == EHR_ENGINE_COMMIT && m->view <= 1;
    bool prepare = m->phase == EHR_ENGINE_PREPARE &&
                   ((m->view == 0 && to != PRIMARY) || (m->view == 1 && m->height > 1));
    bool departure = m->phase == EHR_ENGINE_VIEW_CHANGE && m->view == 1 && from == PRIMARY;
    if (!commit && !prepare && !departure)
        return take_message;
    ehr_message_unref(take_message);
    return NULL;
}

static void orphaned_requests_proposed_anew_when_the_view_changes(void)
{
    world_open(&w);
    w.loop.tamper = orphan_block;
    struct ehr_tx *tx[1 + WORLD_BATCH_MAX];
    for (uint32_t i = 0; i <= WORLD_BATCH_MAX; i++) { /* the first alone, at once; then a batch */
        tx[i] = fresh_tx(i);
        for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
            world_submit(&w, PRIMARY + k, tx[i]);
    }
    node_loop_run(&w.loop, 12 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    for (uint32_t i = 0; i <= WORLD_BATCH_MAX; i++) {
        struct world_replies replies = world_replies(&w, tx[i]);
        CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS);
        CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    }
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        struct ehr_chain_node_state state = ehr_chain_node_state(w.nodes[PRIMARY + i]);
        CU_ASSERT_EQUAL(state.waiting, 0);
        CU_ASSERT_EQUAL(state.view, 2);
    }
    world_close(&w);
}

/* An index transaction that came before its anchor was refused for the time being, in a block that
 * the next view carries over. The one that waits again is proposed all the same. */
static void refused_request_proposed_again_when_the_view_changes(void)
{
    world_open(&w);
    world_submit(&w, PRIMARY, fresh_tx(0));
    world_settle(&w);
    CU_ASSERT_TRUE(world_certify(&w, 1) >= EXCHANGE_QUORUM);
    struct ehr_block_proof proof = ehr_chain_proof(w.private_chain, 1);
    struct ehr_tx *anchor = exchange_anchor(&w.x, 0, &proof);
    struct ehr_tx *index = exchange_index(&w.x, 0, w.private_chain, 1, 0);
    CU_ASSERT_EQUAL(world_order(&w, ehr_tx_ref(index)), EHR_REPLY_NO_HEADER);
    CU_ASSERT_EQUAL(height_of(1), 1);
    w.loop.down[0] = true;
    for (uint32_t k = 1; k < EXCHANGE_REPLICAS; k++) {
        world_submit(&w, k, anchor);
        world_submit(&w, k, index);
    }
    node_loop_run(&w.loop, 12 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    struct world_replies replies = world_replies(&w, index);
    CU_ASSERT_EQUAL(replies.equal, 3);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_chain_node_state(w.nodes[1]).view, 1);
    ehr_tx_unref(anchor);
    ehr_tx_unref(index);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"replies_match_when_a_record_is_ordered", replies_match_when_a_record_is_ordered},
    {"reply_given_again_when_the_client_repeats", reply_given_again_when_the_client_repeats},
    {"primary_refuses_signed_when_a_pseudonym_is_reused",
     primary_refuses_signed_when_a_pseudonym_is_reused},
    {"second_refused_in_the_block_when_two_come_together",
     second_refused_in_the_block_when_two_come_together},
    {"backup_relays_when_a_client_asks_it", backup_relays_when_a_client_asks_it},
    {"request_dropped_when_it_names_another_client", request_dropped_when_it_names_another_client},
    {"signatures_reach_the_hospital_when_blocks_are_executed",
     signatures_reach_the_hospital_when_blocks_are_executed},
    {"block_given_when_the_hospital_asks", block_given_when_the_hospital_asks},
    {"alliance_blocks_certified_when_peers_sign", alliance_blocks_certified_when_peers_sign},
    {"chain_goes_on_when_checkpoints_pass", chain_goes_on_when_checkpoints_pass},
    {"requests_ordered_in_a_new_view_when_the_primary_is_silent",
     requests_ordered_in_a_new_view_when_the_primary_is_silent},
    {"request_not_pending_when_the_chain_has_executed_it",
     request_not_pending_when_the_chain_has_executed_it},
    {"prepared_block_carried_over_when_the_view_changes",
     prepared_block_carried_over_when_the_view_changes},
    {"orphaned_requests_proposed_anew_when_the_view_changes",
     orphaned_requests_proposed_anew_when_the_view_changes},
    {"refused_request_proposed_again_when_the_view_changes",
     refused_request_proposed_again_when_the_view_changes},
};

EHR_UNIT_MAIN("chain_node_order", cases)
