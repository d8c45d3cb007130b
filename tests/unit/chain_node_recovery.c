/* Chain nodes that come back, or were cut off: what others did meanwhile is taken only with proof.
 */
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "crypto/codec.h"
#include "crypto/vote.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"
#include "sim/consensus/registry.h"

enum { LATE = 3, SYNC_PHASE = 255, LONG_NS = 2000000000 };

static struct world w;

static uint64_t height_of(uint32_t node)
{
    return ehr_chain_node_state(w.nodes[node]).height;
}

static const struct chain_node *inside(uint32_t node)
{
    return chain_node_of(w.nodes[node]);
}

static uint64_t dropped(void)
{
    return w.loop.marks[EHR_MARK_DROPPED];
}

static struct ehr_tx *raw(uint8_t number)
{
    return ehr_tx_new(EHR_TX_RAW, &number, 1, EXCHANGE_CLIENT_NODE, 0, number);
}

/* ---- blocks ---- */

/* One node misses `missed` blocks, and comes back. */
static void miss(const struct world_options *options, uint32_t before, uint32_t missed)
{
    world_open_with(&w, options);
    world_grow(&w, before);
    node_loop_crash(&w.loop, LATE);
    world_grow(&w, missed);
    CU_ASSERT_EQUAL(height_of(LATE), before);
}

static void caught_up(uint64_t height)
{
    CU_ASSERT_EQUAL(height_of(LATE), height);
    CU_ASSERT_EQUAL(ehr_chain_node_state(w.nodes[LATE]).behind, 0);
    CU_ASSERT_FALSE(inside(LATE)->catching_up);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_COMMITTED], EXCHANGE_REPLICAS * w.alliance->height);
}

static void block_taken_with_its_certificate_when_a_node_comes_back(void)
{
    miss(&(struct world_options){0}, 3, 14);
    node_loop_restart(&w.loop, LATE);
    CU_ASSERT_EQUAL(height_of(LATE), 3); /* what it wrote, no more */
    node_loop_run(&w.loop, LONG_NS / 20);
    caught_up(17);
    CU_ASSERT_EQUAL(inside(LATE)->certified, 17);
    CU_ASSERT_EQUAL(dropped(), 0);
    /* it votes again within a checkpoint interval: the others need it */
    CU_ASSERT_EQUAL(inside(LATE)->engine_height, 3);
    world_grow(&w, 4);
    CU_ASSERT_EQUAL(inside(LATE)->engine_height, 21);
    node_loop_crash(&w.loop, 1);
    world_grow(&w, 4);
    CU_ASSERT_EQUAL(height_of(LATE), 25);
    world_close(&w);
}

/* Checkpoints every 4 heights: it has 14, and the checkpoint at 12, and misses 15 to 18. It takes
 * them, but votes again only above 20, whose checkpoint it hears. */
static void node_votes_again_from_the_next_checkpoint_on(void)
{
    miss(&(struct world_options){0}, 14, 4);
    node_loop_restart(&w.loop, LATE);
    node_loop_run(&w.loop, LONG_NS / 20);
    caught_up(18);
    world_grow(&w, 1);
    CU_ASSERT_EQUAL(inside(LATE)->engine_height, 14);
    CU_ASSERT_EQUAL(height_of(LATE), 19);
    world_grow(&w, 3);
    CU_ASSERT_EQUAL(inside(LATE)->engine_height, 22);
    world_close(&w);
}

/* Without block certificates the word of f + 1 is enough. */
static void block_taken_when_enough_peers_name_it(void)
{
    miss(&(struct world_options){.bare = true}, 3, 13);
    node_loop_restart(&w.loop, LATE);
    node_loop_run(&w.loop, LONG_NS / 20);
    caught_up(16);
    CU_ASSERT_EQUAL(dropped(), 0);
    world_close(&w);
}

/* Orders `count` transactions one after another, whatever an engine needs for that. */
static void grow_slowly(uint32_t count)
{
    static uint32_t serial = 1000;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        ehr_le32(bytes, ++serial);
        struct ehr_tx *tx =
            ehr_tx_new(EHR_TX_RAW, bytes, sizeof bytes, EXCHANGE_CLIENT_NODE, 0, serial);
        struct ehr_place place;
        for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
            world_submit(&w, k, tx);
        uint64_t until = w.loop.now_ns + 20 * (uint64_t)LONG_NS;
        while (!ehr_chain_transaction_find(w.alliance, tx->id, UINT64_MAX, &place) &&
               w.loop.now_ns < until)
            node_loop_run(&w.loop, LONG_NS / 40);
        CU_ASSERT_TRUE(w.loop.now_ns < until);
        ehr_tx_unref(tx);
        node_loop_clear(&w.loop);
    }
}

static void goes_on(const char *engine, bool macs)
{
    world_open_with(&w, &(struct world_options){.engine = engine, .macs = macs});
    grow_slowly(9);
    node_loop_run(&w.loop, LONG_NS);
    node_loop_crash(&w.loop, LATE);
    grow_slowly(30);
    node_loop_restart(&w.loop, LATE);
    node_loop_run(&w.loop, 2 * (uint64_t)LONG_NS);
    caught_up(w.alliance->height);
    grow_slowly(10);
    for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
        node_loop_crash(&w.loop, k);
    for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
        node_loop_restart(&w.loop, k);
    grow_slowly(10);
    node_loop_run(&w.loop, 2 * (uint64_t)LONG_NS);
    for (uint32_t k = 0; k < EXCHANGE_REPLICAS; k++)
        CU_ASSERT_EQUAL(height_of(k), w.alliance->height);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_COMMITTED], EXCHANGE_REPLICAS * w.alliance->height);
    world_close(&w);
}

static void every_engine_goes_on_when_nodes_come_back(void)
{
    const char *const *names = ehr_engine_names();
    for (uint32_t i = 0; names[i] != NULL; i++) {
        goes_on(names[i], false);
        goes_on(names[i], true);
    }
}

/* ---- peers that lie, or say nothing ---- */

static void statement_sign(uint32_t node, struct ehr_auth *auth, uint64_t number, uint64_t height,
                           const uint8_t hash[32])
{
    struct ehr_vote vote = {
        .epoch = w.x.directory.epoch, .view = number, .height = height, .phase = SYNC_PHASE};
    uint8_t digest[32];
    memcpy(vote.chain_id, w.x.directory.alliance.chain_id, 32);
    memcpy(vote.block_hash, hash, 32);
    ehr_vote_digest(digest, &vote);
    ehr_vote_sign(auth->signature, &w.x.alliance_secrets[node].sign, digest);
    auth->kind = EHR_AUTH_SIGNATURE;
}

/* What the first node that is asked answers. */
enum lie {
    LIE_OTHER_CHAIN = 1, /* blocks of its own, one on the other */
    LIE_BROKEN_CHAIN,    /* a block of its own among the right ones */
    LIE_OTHER_BODY,      /* the right headers over other transactions */
    LIE_NOTHING_MORE,    /* that it has more, but no block */
    LIE_OLD_BLOCKS,      /* that it has more, and blocks that were not asked for */
    LIE_SILENCE,
    LIE_FORGED, /* the right blocks over a signature that is not its own */
};
static enum lie lie;
static uint32_t liar, answers;

/* The block with another time, or with other transactions, on another parent if there is one. */
static struct ehr_block *altered(const struct ehr_block *block, const uint8_t *parent, bool body)
{
    struct ehr_block_header header;
    uint8_t bytes[EHR_BLOCK_HEADER_BYTES];
    struct ehr_tx *tx = raw(250);
    CU_ASSERT_EQUAL(ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES), EHR_OK);
    if (!body)
        header.time_ns--;
    if (parent != NULL)
        memcpy(header.previous_hash, parent, 32);
    ehr_block_header_encode(bytes, &header);
    struct ehr_block *made = ehr_block_new(bytes, body ? &tx : block->tx, block->count);
    ehr_tx_unref(tx);
    return made;
}

static void blocks_falsify(struct ehr_msg_sync_blocks *page)
{
    const uint8_t *parent = NULL;
    for (uint32_t i = 0; i < page->blocks->count; i++) {
        struct ehr_block *old = page->blocks->block[i];
        if (lie != LIE_OTHER_CHAIN && i != page->blocks->count / 2)
            continue;
        page->blocks->block[i] = altered(old, parent, lie == LIE_OTHER_BODY);
        parent = page->blocks->block[i]->hash;
        ehr_block_unref(old);
    }
}

/* The first block of the chain, which everybody has. */
static void blocks_put_back(struct ehr_msg_sync_blocks *page)
{
    const struct ehr_chain_block *first = ehr_chain_block_at(w.alliance, 1);
    page->blocks = ehr_block_list_new(1);
    page->blocks->block[0] = ehr_block_ref(first->block);
    page->outcomes = ehr_blob_new(first->refused, first->refused_len);
}

static struct ehr_message *tell_lies(void *context, uint32_t from, uint32_t to,
                                     struct ehr_message *take_message)
{
    (void)context, (void)to;
    if (take_message->type != EHR_MSG_SYNC_BLOCKS)
        return take_message;
    if (answers++ == 0)
        liar = from;
    if (from != liar)
        return take_message;
    if (lie == LIE_SILENCE) {
        ehr_message_unref(take_message);
        return NULL;
    }
    const struct ehr_msg_sync_blocks *true_page = EHR_AS(sync_blocks, take_message);
    struct ehr_msg_sync_blocks *page = EHR_NEW(sync_blocks, SYNC_BLOCKS);
    static const uint8_t none[32];
    page->number = true_page->number;
    page->height = true_page->height;
    page->auth = true_page->auth;
    if (true_page->blocks != NULL && lie != LIE_NOTHING_MORE && lie != LIE_OLD_BLOCKS) {
        page->blocks = ehr_block_list_new(true_page->blocks->count);
        for (uint32_t i = 0; i < page->blocks->count; i++)
            page->blocks->block[i] = ehr_block_ref(true_page->blocks->block[i]);
        page->outcomes = ehr_blob_ref(true_page->outcomes);
        page->certificates = ehr_blob_ref(true_page->certificates);
        if (lie != LIE_FORGED)
            blocks_falsify(page);
    }
    if (lie == LIE_OLD_BLOCKS)
        blocks_put_back(page);
    uint32_t count = page->blocks != NULL ? page->blocks->count : 0;
    if (lie == LIE_FORGED)
        page->auth.signature[0] ^= 1;
    else
        statement_sign(from, &page->auth, page->number, page->height,
                       count > 0 ? page->blocks->block[count - 1]->hash : none);
    ehr_message_unref(take_message);
    return ehr_message_seal(&page->head);
}

/* The node is at the right height in the end whatever one peer answers. What is a lie for certain
 * is counted, and its author left alone. */
static void lied_to(enum lie what, bool bare, uint64_t least_dropped)
{
    miss(&(struct world_options){.bare = bare}, 3, 13);
    lie = what;
    answers = 0;
    w.loop.tamper = tell_lies;
    node_loop_restart(&w.loop, LATE);
    node_loop_run(&w.loop, LONG_NS);
    caught_up(16);
    CU_ASSERT_TRUE(dropped() >= least_dropped);
    CU_ASSERT_TRUE(answers <= 8);
    world_close(&w);
}

static void made_up_chain_refused_when_one_peer_names_it(void)
{
    lied_to(LIE_OTHER_CHAIN, true, 1);
    lied_to(LIE_OTHER_CHAIN, false, 1);
}

static void block_refused_when_it_does_not_continue(void)
{
    lied_to(LIE_BROKEN_CHAIN, true, 1);
    lied_to(LIE_BROKEN_CHAIN, false, 1);
}

static void body_refused_when_it_is_not_the_headers(void)
{
    lied_to(LIE_OTHER_BODY, true, 1);
    lied_to(LIE_OTHER_BODY, false, 1);
}

static void next_peer_asked_when_one_keeps_blocks_back(void)
{
    lied_to(LIE_NOTHING_MORE, true, 1);
}

static void next_peer_asked_when_one_gives_old_blocks(void)
{
    lied_to(LIE_OLD_BLOCKS, true, 1);
    lied_to(LIE_OLD_BLOCKS, false, 1);
}

static void next_peer_asked_when_one_is_silent(void)
{
    lied_to(LIE_SILENCE, true, 0);
    lied_to(LIE_SILENCE, false, 0);
}

static void answer_dropped_when_it_is_not_its_senders(void)
{
    lied_to(LIE_FORGED, true, 1);
}

/* ---- without a crash ---- */

/* A node that hears nothing for a while has not crashed, and finds out. */
static void node_catches_up_when_it_was_cut_off(void)
{
    for (uint32_t bare = 0; bare < 2; bare++) {
        world_open_with(&w, &(struct world_options){.bare = bare == 1});
        world_grow(&w, 2);
        w.loop.down[LATE] = true;
        world_grow(&w, 13);
        w.loop.down[LATE] = false;
        CU_ASSERT_EQUAL(height_of(LATE), 2);
        world_grow(&w, 10);
        node_loop_run(&w.loop, 3 * (uint64_t)LONG_NS);
        CU_ASSERT_EQUAL(height_of(LATE), 25);
        world_close(&w);
    }
}

static struct ehr_message *cut_off(void *context, uint32_t from, uint32_t to,
                                   struct ehr_message *take_message)
{
    (void)context;
    if (from != LATE && to != LATE)
        return take_message;
    ehr_message_unref(take_message);
    return NULL;
}

/* Cut off for longer than all attempts take, and in a chain that stands still: nothing tells it
 * that the others are there again. */
static void node_asks_until_it_knows_where_the_others_are(void)
{
    world_open(&w);
    world_grow(&w, 2);
    node_loop_crash(&w.loop, LATE);
    w.loop.tamper = cut_off;
    node_loop_restart(&w.loop, LATE);
    node_loop_run(&w.loop, 1000 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    w.loop.tamper = NULL;
    CU_ASSERT_TRUE(inside(LATE)->catching_up);
    node_loop_run(&w.loop, 100 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    CU_ASSERT_FALSE(inside(LATE)->catching_up);
    world_close(&w);
}

/* Nobody's certificate can become whole, and so nobody can give it to others. */
static struct ehr_message *lose_signatures(void *context, uint32_t from, uint32_t to,
                                           struct ehr_message *take_message)
{
    (void)context, (void)from, (void)to;
    if (take_message->type != EHR_MSG_BLOCK_SIGN)
        return take_message;
    ehr_message_unref(take_message);
    return NULL;
}

static void block_signed_again_when_nobody_has_its_certificate(void)
{
    world_open(&w);
    w.loop.tamper = lose_signatures;
    world_grow(&w, 3);
    CU_ASSERT_EQUAL(inside(0)->certified, 0);
    w.loop.tamper = NULL;
    node_loop_run(&w.loop, 4 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        CU_ASSERT_EQUAL(inside(i)->certified, 3);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"block_taken_with_its_certificate_when_a_node_comes_back",
     block_taken_with_its_certificate_when_a_node_comes_back},
    {"node_votes_again_from_the_next_checkpoint_on", node_votes_again_from_the_next_checkpoint_on},
    {"block_taken_when_enough_peers_name_it", block_taken_when_enough_peers_name_it},
    {"every_engine_goes_on_when_nodes_come_back", every_engine_goes_on_when_nodes_come_back},
    {"made_up_chain_refused_when_one_peer_names_it", made_up_chain_refused_when_one_peer_names_it},
    {"block_refused_when_it_does_not_continue", block_refused_when_it_does_not_continue},
    {"body_refused_when_it_is_not_the_headers", body_refused_when_it_is_not_the_headers},
    {"next_peer_asked_when_one_keeps_blocks_back", next_peer_asked_when_one_keeps_blocks_back},
    {"next_peer_asked_when_one_gives_old_blocks", next_peer_asked_when_one_gives_old_blocks},
    {"next_peer_asked_when_one_is_silent", next_peer_asked_when_one_is_silent},
    {"answer_dropped_when_it_is_not_its_senders", answer_dropped_when_it_is_not_its_senders},
    {"node_catches_up_when_it_was_cut_off", node_catches_up_when_it_was_cut_off},
    {"node_asks_until_it_knows_where_the_others_are",
     node_asks_until_it_knows_where_the_others_are},
    {"block_signed_again_when_nobody_has_its_certificate",
     block_signed_again_when_nobody_has_its_certificate},
};

EHR_UNIT_MAIN("chain_node_recovery", cases)
