#include "tests/unit/chain_node_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "sim/ledger/alliance_tx.h"
#include "tests/unit/unit.h"
#include "sim/consensus/registry.h"

struct ehr_address world_at(uint32_t node)
{
    return (struct ehr_address){node, 0};
}

struct ehr_address world_client(void)
{
    return world_at(EXCHANGE_CLIENT_NODE);
}

static bool is_byzantine(const struct world *w, uint32_t i)
{
    return i < EXCHANGE_REPLICAS && (w->options.byzantine >> i & 1) != 0;
}

static struct ehr_chain *puppet_chain(void *context, uint32_t chain)
{
    CU_ASSERT_EQUAL(chain, 0);
    return exchange_alliance_chain(&((struct world *)context)->x);
}

static void node_open(struct world *w, uint32_t i)
{
    bool alliance = i < EXCHANGE_REPLICAS;
    char name[16];
    snprintf(name, sizeof name, "replica-%u", i);
    ehr_drbg_init(&w->drbgs[i], 11, 0, name, EHR_DRBG_CRYPTO);
    struct ehr_chain_node_config config = {
        .directory = &w->x.directory,
        .committee = alliance ? &w->x.directory.alliance : &w->x.hospitals[0].committee,
        .replica = i % EXCHANGE_REPLICAS,
        .chain = alliance ? w->alliance : w->private_chain,
        .engine = ehr_engine_find(w->options.engine != NULL ? w->options.engine : "pbft"),
        .engine_config = {.replicas = EXCHANGE_REPLICAS,
                          .batch_max = WORLD_BATCH_MAX,
                          .batch_timeout_ns = 2000000,
                          .request_timeout_ns = WORLD_REQUEST_TIMEOUT_NS,
                          .checkpoint_interval = 4,
                          .window = 8,
                          .votes = EHR_ENGINE_VOTES_BACKUPS,
                          .signatures = true},
        .effects = &w->effects,
        .secrets =
            alliance ? w->x.alliance_secrets[i] : w->x.replica_secrets[0][i - EXCHANGE_REPLICAS],
        .rng = &w->drbgs[i].rng,
        .query_expiry_max = WORLD_EXPIRY_MAX,
        .macs = w->options.macs,
        .bare = w->options.bare,
    };
    if (w->effects.item == NULL) {
        w->effects.capacity = config.engine->effects_max(&config.engine_config);
        w->effects.item = calloc(w->effects.capacity, sizeof *w->effects.item);
        CU_ASSERT_PTR_NOT_NULL_FATAL(w->effects.item);
    }
    const struct ehr_adversary_config adversary = {.puppet = config,
                                                   .acts = w->options.acts,
                                                   .act_count = w->options.act_count,
                                                   .sides = w->sides,
                                                   .chain_new = puppet_chain,
                                                   .context = w};
    w->nodes[i] = is_byzantine(w, i) ? ehr_adversary_new("replica", &adversary)
                                     : ehr_chain_node_new("replica", &config);
    w->nodes[i]->id = i;
    w->loop.nodes[i] = w->nodes[i];
}

void world_open(struct world *w)
{
    world_open_with(w, &(struct world_options){0});
}

void world_open_with(struct world *w, const struct world_options *options)
{
    bool accomplice[EXCHANGE_REPLICAS];
    memset(w, 0, sizeof *w);
    w->options = *options;
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        accomplice[i] = is_byzantine(w, i);
    ehr_adversary_sides(w->sides, accomplice, EXCHANGE_REPLICAS);
    exchange_open(&w->x);
    w->alliance = exchange_alliance_chain(&w->x);
    w->private_chain = exchange_private_chain(&w->x, 0);
    for (uint32_t g = 0; g < 2; g++) {
        w->loop.group_first[g] = g * EXCHANGE_REPLICAS;
        w->loop.group_count[g] = EXCHANGE_REPLICAS;
    }
    for (uint32_t i = 0; i < WORLD_REPLICAS; i++)
        node_open(w, i);
    node_loop_start(&w->loop);
}

void world_close(struct world *w)
{
    CU_ASSERT_EQUAL(w->loop.undecodable, 0);
    CU_ASSERT_EQUAL(w->loop.marks[EHR_MARK_DIVERGED], 0);
    node_loop_close(&w->loop);
    for (uint32_t i = 0; i < WORLD_REPLICAS; i++)
        (is_byzantine(w, i) ? ehr_adversary_free : ehr_chain_node_free)(w->nodes[i]);
    for (uint32_t i = 0; i < WORLD_VISITS; i++)
        ehr_tx_unref(w->records[i]);
    ehr_chain_free(w->alliance);
    ehr_chain_free(w->private_chain);
    free(w->effects.item);
    CU_ASSERT_EQUAL(ehr_message_pool_alive(), 0);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

void world_settle(struct world *w)
{
    node_loop_run(&w->loop, WORLD_SETTLE_NS);
}

/* ---- ordering ---- */

void world_submit(struct world *w, uint32_t node, struct ehr_tx *tx)
{
    struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
    submit->request = tx->request;
    submit->tx = ehr_tx_ref(tx);
    node_loop_send(&w->loop, world_client(), world_at(node), ehr_message_seal(&submit->head));
}

/* Takes letter `i` out of its place. */
static struct node_loop_letter letter_take(struct world *w, uint32_t i)
{
    struct node_loop_letter letter = w->loop.letters[i];
    memmove(&w->loop.letters[i], &w->loop.letters[i + 1],
            (--w->loop.letter_count - i) * sizeof letter);
    return letter;
}

struct world_replies world_replies(struct world *w, const struct ehr_tx *tx)
{
    struct world_replies replies = {0};
    uint32_t i = 0;
    while (i < w->loop.letter_count) {
        const struct node_loop_letter *letter = &w->loop.letters[i];
        const struct ehr_msg_reply *reply = EHR_AS(reply, letter->message);
        if (letter->to.node != EXCHANGE_CLIENT_NODE || letter->message->type != EHR_MSG_REPLY ||
            memcmp(reply->tx_id, tx->id, 32) != 0) {
            i++;
            continue;
        }
        if (replies.equal == 0)
            replies.first = *reply;
        if (reply->status == replies.first.status && reply->height == replies.first.height)
            replies.equal++;
        else
            replies.other++;
        ehr_message_unref(letter_take(w, i).message);
    }
    return replies;
}

enum ehr_reply world_order(struct world *w, struct ehr_tx *take_tx)
{
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        world_submit(w, i, take_tx);
    world_settle(w);
    struct world_replies replies = world_replies(w, take_tx);
    ehr_tx_unref(take_tx);
    CU_ASSERT_TRUE(replies.equal >= 2);
    CU_ASSERT_EQUAL(replies.other, 0);
    return (enum ehr_reply)replies.first.status;
}

void world_grow(struct world *w, uint32_t blocks)
{
    static uint32_t serial;
    for (uint32_t i = 0; i < blocks; i++) {
        uint8_t bytes[4];
        ehr_le32(bytes, ++serial);
        struct ehr_tx *tx =
            ehr_tx_new(EHR_TX_RAW, bytes, sizeof bytes, EXCHANGE_CLIENT_NODE, 0, serial);
        CU_ASSERT_EQUAL(world_order(w, tx), EHR_REPLY_OK);
    }
}

/* ---- sharing ---- */

uint32_t world_certify(struct world *w, uint64_t height)
{
    const struct ehr_chain_block *entry = ehr_chain_block_at(w->private_chain, height);
    uint32_t i = 0, valid = 0;
    uint8_t signers = 0;
    while (i < w->loop.letter_count) {
        const struct node_loop_letter *letter = &w->loop.letters[i];
        const struct ehr_msg_block_sign *push = EHR_AS(block_sign, letter->message);
        if (letter->to.node != EXCHANGE_SERVER_NODE ||
            letter->message->type != EHR_MSG_BLOCK_SIGN ||
            memcmp(push->header, entry->block->header, sizeof push->header) != 0) {
            i++;
            continue;
        }
        uint32_t member = letter->from.node - EXCHANGE_PRIVATE_NODE;
        CU_ASSERT_FATAL(member < EXCHANGE_REPLICAS);
        CU_ASSERT_EQUAL(memcmp(push->previous_state, entry->previous_state, 32), 0);
        CU_ASSERT_EQUAL(ehr_block_cert_verify(entry->digest, w->x.replicas[0][member].cert.ed_pk,
                                              push->signature),
                        EHR_OK);
        ehr_chain_signature_add(w->private_chain, height, member, push->signature);
        if (valid < EXCHANGE_QUORUM)
            signers = (uint8_t)(signers | 1u << member);
        valid++;
        ehr_message_unref(letter_take(w, i).message);
    }
    if (valid >= EXCHANGE_QUORUM)
        ehr_chain_certificate_make(w->private_chain, height, &signers, EXCHANGE_QUORUM);
    return valid;
}

static void records_order(struct world *w, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        visit_make(&w->x, &w->visits[i], 0, 0, i);
        w->records[i] = visit_tx(&w->visits[i], 100 + i);
        world_submit(w, EXCHANGE_PRIVATE_NODE, w->records[i]);
    }
    world_settle(w);
    for (uint32_t i = 0; i < count; i++) {
        struct world_replies replies = world_replies(w, w->records[i]);
        CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS);
        CU_ASSERT_EQUAL(replies.other, 0);
        CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    }
}

void world_share(struct world *w, uint32_t count)
{
    records_order(w, count);
    uint64_t heights = w->private_chain->height;
    for (uint64_t height = 1; height <= heights; height++) {
        CU_ASSERT_TRUE(world_certify(w, height) >= EXCHANGE_QUORUM);
        struct ehr_block_proof proof = ehr_chain_proof(w->private_chain, height);
        CU_ASSERT_EQUAL(world_order(w, exchange_anchor(&w->x, 0, &proof)), EHR_REPLY_OK);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct ehr_place place;
        struct ehr_atx atx;
        CU_ASSERT_FATAL(
            ehr_chain_transaction_find(w->private_chain, w->records[i]->id, heights, &place));
        struct ehr_tx *tx = exchange_index(&w->x, 0, w->private_chain, place.height, place.index);
        CU_ASSERT_EQUAL(ehr_atx_parse(&atx, tx->bytes, tx->length), EHR_OK);
        ehr_atx_id(w->txids[i], &atx);
        CU_ASSERT_EQUAL(world_order(w, tx), EHR_REPLY_OK);
    }
    node_loop_clear(&w->loop);
}
