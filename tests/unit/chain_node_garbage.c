/* What a Byzantine peer may send: empty and mutated messages, and proposals that are signed but
 * wrong. Nodes count and drop; they go on afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/vote.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

enum { PRIMARY = EXCHANGE_PRIVATE_NODE, SAMPLES_MAX = 64, ROUNDS = 6000 };

static struct world w;

static void still_works(void)
{
    static uint32_t counter = 1000;
    struct visit visit;
    uint64_t before = w.private_chain->height;
    visit_make(&w.x, &visit, 0, 1, counter++);
    struct ehr_tx *tx = visit_tx(&visit, counter);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        world_submit(&w, PRIMARY + i, tx);
    node_loop_run(&w.loop, 8 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    struct world_replies replies = world_replies(&w, tx);
    CU_ASSERT_TRUE(replies.equal >= 3);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    CU_ASSERT_TRUE(w.private_chain->height > before);
    ehr_tx_unref(tx);
    world_grow(&w, 1);
}

static const uint32_t senders[] = {
    0, 2, PRIMARY, PRIMARY + 2, EXCHANGE_SERVER_NODE, EXCHANGE_CLIENT_NODE, EXCHANGE_STRANGER_NODE};
enum { SENDERS = sizeof senders / sizeof senders[0] };

/* Every field zero, every pointer NULL: some are not even encodable. */
static void empty_messages_survived_when_of_every_type(void)
{
    world_open(&w);
    world_share(&w, 1);
    for (uint16_t type = 1; type < EHR_MESSAGE_TYPES; type++) {
        if (ehr_message_name(type) == NULL)
            continue;
        for (uint32_t s = 0; s < SENDERS; s++)
            for (uint32_t to = 1; to < WORLD_REPLICAS; to += 4)
                if (senders[s] != to)
                    node_loop_inject(&w.loop, world_at(senders[s]), to,
                                     ehr_message_new((enum ehr_message_type)type));
    }
    CU_ASSERT_TRUE(w.loop.marks[EHR_MARK_DROPPED] > 100);
    node_loop_run(&w.loop, w.x.directory.give_up_ns);
    node_loop_clear(&w.loop);
    still_works();
    world_close(&w);
}

/* ---- mutation ---- */

struct sample {
    uint8_t *bytes;
    size_t length;
    uint32_t to;
};

static struct samples {
    struct sample sample[SAMPLES_MAX];
    uint32_t count;
    uint32_t of_type[EHR_MESSAGE_TYPES];
} samples;

static struct ehr_message *collect(void *context, uint32_t from, uint32_t to,
                                   struct ehr_message *take_message)
{
    (void)context;
    (void)from;
    if (to >= WORLD_REPLICAS || samples.count == SAMPLES_MAX ||
        samples.of_type[take_message->type] == 6)
        return take_message;
    struct sample *sample = &samples.sample[samples.count++];
    sample->length = take_message->size;
    sample->bytes = malloc(sample->length);
    sample->to = to;
    samples.of_type[take_message->type]++;
    CU_ASSERT_PTR_NOT_NULL_FATAL(sample->bytes);
    ehr_message_encode(take_message, sample->bytes);
    return take_message;
}

static void client_asks_everything(void)
{
    struct ehr_msg_fetch *fetch = EHR_NEW(fetch, FETCH);
    struct ehr_point P;
    CU_ASSERT_EQUAL(ehr_point_import(&P, w.visits[0].pseudonym), EHR_OK);
    fetch->request = 3;
    fetch->height = 1;
    memcpy(fetch->txid, w.txids[0], 32);
    CU_ASSERT_EQUAL(ehr_own_sign(fetch->proof, &w.visits[0].keys.p, &P, fetch->query_id,
                                 w.x.alliance[1].cert.id, 1, exchange_rng(&w.x)),
                    EHR_OK);
    node_loop_send(&w.loop, world_client(), world_at(1), ehr_message_seal(&fetch->head));
    struct ehr_msg_access *access = EHR_NEW(access, ACCESS);
    access->certificates = ehr_blob_new(w.x.users[0].certificate, EHR_CERT_BYTES);
    node_loop_send(&w.loop, world_client(), world_at(1), ehr_message_seal(&access->head));
    struct ehr_msg_query *query = EHR_NEW(query, QUERY);
    query->box = ehr_blob_new(w.x.users[0].certificate, 200);
    node_loop_send(&w.loop, world_client(), world_at(1), ehr_message_seal(&query->head));
    struct ehr_msg_release *release = EHR_NEW(release, RELEASE);
    release->request = UINT64_C(1) << 32 | 3; /* the first job's */
    release->status = EHR_REPLY_OK;
    release->record = ehr_blob_new(w.visits[0].sealed, sizeof w.visits[0].sealed);
    node_loop_send(&w.loop, world_at(EXCHANGE_SERVER_NODE), world_at(1),
                   ehr_message_seal(&release->head));
    struct ehr_msg_body_get *get = EHR_NEW(body_get, BODY_GET);
    get->height = 1;
    node_loop_send(&w.loop, world_at(EXCHANGE_SERVER_NODE), world_at(PRIMARY),
                   ehr_message_seal(&get->head));
    struct ehr_msg_complaint *complaint = EHR_NEW(complaint, COMPLAINT);
    node_loop_send(&w.loop, world_at(0), world_at(1), ehr_message_seal(&complaint->head));
    world_settle(&w);
}

static uint32_t draw(uint32_t below)
{
    uint8_t bytes[4];
    ehr_rng_fill(exchange_rng(&w.x), bytes, 4);
    return ehr_le32_get(bytes) % below;
}

/* A sample with a few bytes changed, or cut, or stretched; NULL if its decoder refuses. */
static struct ehr_message *mutate(const struct sample *sample)
{
    struct ehr_message *message;
    size_t length = sample->length;
    uint8_t *bytes = malloc(length + 8);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    memcpy(bytes, sample->bytes, length);
    memset(bytes + length, 0, 8);
    uint32_t flips = 1 + draw(4);
    for (uint32_t i = 0; i < flips; i++) {
        uint32_t at = draw(4) == 0 ? 2 + draw(40) : draw((uint32_t)length);
        uint32_t mask = draw(3) == 0 ? draw(256) : 1u << draw(8);
        if (at < length)
            bytes[at] = (uint8_t)(bytes[at] ^ mask);
    }
    if (draw(16) == 0)
        length = draw(2) == 0 ? draw((uint32_t)length) : length + draw(8);
    if (ehr_message_decode(bytes, length, &message) != EHR_OK)
        message = NULL;
    free(bytes);
    return message;
}

static void mutated_messages_survived_when_there_are_thousands(void)
{
    uint32_t delivered = 0;
    world_open(&w);
    memset(&samples, 0, sizeof samples);
    w.loop.tamper = collect;
    world_share(&w, 2);
    client_asks_everything();
    w.loop.tamper = NULL;
    CU_ASSERT_TRUE(samples.count > 20);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const struct sample *sample = &samples.sample[draw(samples.count)];
        uint32_t from = senders[draw(SENDERS)];
        struct ehr_message *message = mutate(sample);
        if (message == NULL || from == sample->to) {
            ehr_message_unref(message);
            continue;
        }
        node_loop_inject(&w.loop, world_at(from), sample->to, message);
        delivered++;
        if (i % 64 == 0)
            node_loop_run(&w.loop, 3 * (uint64_t)NODE_LOOP_HOP_NS);
    }
    printf(" %u of %d delivered, %llu dropped", delivered, ROUNDS,
           (unsigned long long)w.loop.marks[EHR_MARK_DROPPED]);
    CU_ASSERT_TRUE(delivered > ROUNDS / 2);
    node_loop_run(&w.loop, w.x.directory.give_up_ns);
    node_loop_clear(&w.loop);
    still_works();
    for (uint32_t i = 0; i < samples.count; i++)
        free(samples.sample[i].bytes);
    world_close(&w);
}

/* ---- a primary that signs wrong proposals ---- */

enum wrong {
    WRONG_HEIGHT = 1,
    WRONG_PROPOSER,
    WRONG_TIME,
    WRONG_SIZE,
    WRONG_TX,
    WRONG_CARRIED,
    WRONG_AGAIN, /* beside the request one that is on the chain; valid */
};

static enum wrong wrong;
static struct ehr_tx *proposed_again;

static struct ehr_block *wrong_block(const struct ehr_block *honest)
{
    struct ehr_block_header header;
    struct ehr_tx *tx[WORLD_BATCH_MAX + 1];
    uint32_t count = honest->count;
    CU_ASSERT_EQUAL(ehr_block_header_parse(&header, honest->header, EHR_BLOCK_HEADER_BYTES),
                    EHR_OK);
    for (uint32_t i = 0; i < count; i++)
        tx[i] = ehr_tx_ref(honest->tx[i]);
    if (wrong == WRONG_HEIGHT)
        header.height += 7;
    if (wrong == WRONG_PROPOSER)
        memcpy(header.proposer, w.x.replicas[0][1].cert.id, 32);
    if (wrong == WRONG_TIME)
        header.time_ns += UINT64_C(1) << 40;
    if (wrong == WRONG_AGAIN)
        tx[count++] = ehr_tx_ref(proposed_again);
    while (wrong == WRONG_SIZE && count < WORLD_BATCH_MAX + 1)
        tx[count++] = ehr_tx_ref(tx[0]);
    if (wrong == WRONG_TX) {
        struct ehr_tx *bad = ehr_tx_new(EHR_TX_RECORD, tx[0]->bytes, tx[0]->length, 0, 0, 1);
        ehr_tx_unref(tx[0]);
        bad->bytes[bad->length - 1] ^= 1;
        tx[0] = ehr_tx_new(EHR_TX_RECORD, bad->bytes, bad->length, EXCHANGE_CLIENT_NODE, 0, 1);
        ehr_tx_unref(bad);
    }
    struct ehr_block *block =
        ehr_chain_block_build(w.private_chain, header.height, header.previous_hash, header.time_ns,
                              header.proposer, tx, count);
    for (uint32_t i = 0; i < count; i++)
        ehr_tx_unref(tx[i]);
    return block;
}

static struct ehr_message *propose_wrongly(void *context, uint32_t from, uint32_t to,
                                           struct ehr_message *take_message)
{
    (void)context;
    (void)to;
    const struct ehr_msg_consensus *m = EHR_AS(consensus, take_message);
    if (from != PRIMARY || take_message->type != EHR_MSG_CONSENSUS ||
        (m->phase == EHR_ENGINE_PRE_PREPARE) != (wrong != WRONG_CARRIED) || m->view != 0 ||
        (wrong == WRONG_CARRIED && m->phase != EHR_ENGINE_COMMIT))
        return take_message;
    struct ehr_msg_consensus *out = EHR_NEW(consensus, CONSENSUS);
    struct ehr_vote vote = {.epoch = EXCHANGE_EPOCH, .height = m->height, .phase = m->phase};
    uint8_t digest[32];
    out->phase = m->phase;
    out->height = m->height;
    memcpy(out->digest, m->digest, 32);
    out->carried = ehr_block_list_new(1);
    if (wrong == WRONG_CARRIED) { /* a vote that brings a block along, even a valid one */
        out->carried->block[0] = ehr_chain_block_build(
            w.private_chain, 5, m->digest, 1, w.x.replicas[0][0].cert.id, &w.records[0], 1);
    } else {
        out->carried->block[0] = wrong_block(m->carried->block[0]);
        memcpy(out->digest, out->carried->block[0]->hash, 32);
    }
    memcpy(vote.chain_id, w.x.hospitals[0].committee.chain_id, 32);
    memcpy(vote.block_hash, out->digest, 32);
    ehr_vote_digest(digest, &vote);
    ehr_vote_sign(out->auth.signature, &w.x.replica_secrets[0][0].sign, digest);
    out->auth.kind = EHR_AUTH_SIGNATURE;
    ehr_message_unref(take_message);
    return ehr_message_seal(&out->head);
}

static void wrong_proposals_dropped_and_the_primary_replaced(void)
{
    for (wrong = WRONG_HEIGHT; wrong <= WRONG_CARRIED; wrong++) {
        world_open(&w);
        w.loop.tamper = propose_wrongly;
        visit_make(&w.x, &w.visits[0], 0, 0, 0);
        struct ehr_tx *tx = w.records[0] = visit_tx(&w.visits[0], 1);
        for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
            world_submit(&w, PRIMARY + i, tx);
        node_loop_run(&w.loop, 6 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
        /* a commit may come when the others suffice: it is not even looked at */
        CU_ASSERT_TRUE(w.loop.marks[EHR_MARK_DROPPED] >= (wrong == WRONG_CARRIED ? 1 : 3));
        struct world_replies replies = world_replies(&w, tx);
        CU_ASSERT_TRUE(replies.equal >= 3);
        CU_ASSERT_EQUAL(replies.other, 0);
        CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
        CU_ASSERT_EQUAL(ehr_chain_node_state(w.nodes[PRIMARY + 1]).view,
                        wrong == WRONG_CARRIED ? 0 : 1);
        /* what is on the chain can be proven */
        uint64_t height = w.private_chain->height;
        CU_ASSERT_EQUAL(height, 1);
        CU_ASSERT_TRUE(world_certify(&w, height) >= EXCHANGE_QUORUM);
        struct ehr_block_proof proof = ehr_chain_proof(w.private_chain, height);
        CU_ASSERT_EQUAL(ehr_block_proof_verify(&proof, w.x.hospitals[0].committee.chain_id,
                                               w.x.replica_keys[0], EXCHANGE_REPLICAS,
                                               EXCHANGE_QUORUM, NULL, NULL, NULL),
                        EHR_OK);
        world_close(&w);
    }
}

/* A primary orders once more what was refused: clients hear of the first outcome again, not that it
 * is done. */
static void first_outcome_stands_when_a_primary_proposes_it_again(void)
{
    world_open(&w);
    for (uint32_t i = 0; i < 3; i++) {
        visit_make(&w.x, &w.visits[i], 0, 0, i);
        if (i == 1) {
            memcpy(w.visits[1].pseudonym, w.visits[0].pseudonym, 96);
            w.visits[1].keys = w.visits[0].keys;
            visit_sign(&w.x, &w.visits[1]);
        }
        w.records[i] = visit_tx(&w.visits[i], 1 + i);
    }
    world_submit(&w, PRIMARY, w.records[0]);
    world_submit(&w, PRIMARY, w.records[1]);
    world_settle(&w);
    struct world_replies first = world_replies(&w, w.records[1]);
    CU_ASSERT_EQUAL(first.first.status, EHR_REPLY_REUSED_PSEUDONYM);
    uint64_t height = w.private_chain->height;
    wrong = WRONG_AGAIN;
    proposed_again = w.records[1];
    w.loop.tamper = propose_wrongly;
    world_submit(&w, PRIMARY, w.records[2]);
    world_settle(&w);
    CU_ASSERT_EQUAL(w.private_chain->height, height + 1);
    CU_ASSERT_EQUAL(ehr_chain_block_at(w.private_chain, height + 1)->replies[1],
                    EHR_REPLY_DUPLICATE);
    struct world_replies again = world_replies(&w, w.records[1]);
    CU_ASSERT_EQUAL(again.equal, EXCHANGE_REPLICAS - 1);
    CU_ASSERT_EQUAL(again.first.status, EHR_REPLY_REUSED_PSEUDONYM);
    CU_ASSERT_EQUAL(again.first.height, first.first.height);
    CU_ASSERT_EQUAL(world_replies(&w, w.records[2]).first.status, EHR_REPLY_OK);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"empty_messages_survived_when_of_every_type", empty_messages_survived_when_of_every_type},
    {"mutated_messages_survived_when_there_are_thousands",
     mutated_messages_survived_when_there_are_thousands},
    {"wrong_proposals_dropped_and_the_primary_replaced",
     wrong_proposals_dropped_and_the_primary_replaced},
    {"first_outcome_stands_when_a_primary_proposes_it_again",
     first_outcome_stands_when_a_primary_proposes_it_again},
};

EHR_UNIT_MAIN("chain_node_garbage", cases)
