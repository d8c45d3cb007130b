/* Alliance nodes answer queries over the secure index, and refuse what they must. */
#include <stdlib.h>
#include <string.h>

#include "crypto/box.h"
#include "crypto/codec.h"
#include "crypto/query.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/merkle.h"
#include "sim/ledger/query_log.h"
#include "sim/ledger/wire.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

static struct world w;
static uint8_t query_bytes[EHR_QUERY_BYTES(2)];

static uint64_t height_of(uint32_t node)
{
    return ehr_chain_node_state(w.nodes[node]).height;
}

/* A query of the first visit's trapdoor, twice, unless `count` says less. */
static struct ehr_query query_of(const uint8_t nonce[16], const uint8_t *trapdoors, size_t count)
{
    return (struct ehr_query){.nonce = nonce,
                              .expiry = height_of(0) + WORLD_EXPIRY_MAX,
                              .min_height = 1,
                              .chain_id = w.x.directory.alliance.chain_id,
                              .trapdoors = trapdoors,
                              .count = count};
}

static void send_query(uint32_t node, const struct ehr_query *query, uint32_t sealed_to)
{
    uint8_t context[32];
    size_t length = EHR_QUERY_BYTES(query->count);
    ehr_query_encode(query_bytes, query);
    struct ehr_msg_query *m = EHR_NEW(query, QUERY);
    m->request = 42;
    m->box = ehr_blob_new(NULL, length + EHR_BOX_OVERHEAD_BYTES);
    ehr_query_context(context, w.x.alliance[sealed_to].cert.id);
    CU_ASSERT_EQUAL(ehr_box_seal(m->box->bytes, &w.x.alliance[sealed_to].epoch_key, context,
                                 query_bytes, length, exchange_rng(&w.x)),
                    EHR_OK);
    node_loop_send(&w.loop, world_client(), world_at(node), ehr_message_seal(&m->head));
    world_settle(&w);
}

/* The answer, its signature checked; the caller gives it back. */
static struct ehr_message *take_answer(uint32_t node, const struct ehr_query *query)
{
    uint8_t query_id[32], digest[32];
    struct ehr_message *message =
        node_loop_take(&w.loop, EXCHANGE_CLIENT_NODE, EHR_MSG_ANSWER, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    const struct ehr_msg_answer *answer = EHR_AS(answer, message);
    ehr_query_encode(query_bytes, query);
    ehr_query_id(query_id, query_bytes, EHR_QUERY_BYTES(query->count));
    CU_ASSERT_EQUAL(answer->request, 42);
    CU_ASSERT_EQUAL(memcmp(answer->query_id, query_id, 32), 0);
    ehr_answer_digest(digest, query_id, answer->status, answer->height, answer->hits);
    CU_ASSERT_EQUAL(
        ehr_sign_verify(w.x.alliance[node].cert.ed_pk, "sig-answer", digest, answer->signature),
        EHR_OK);
    return message;
}

static enum ehr_reply ask(uint32_t node, const struct ehr_query *query)
{
    send_query(node, query, node);
    struct ehr_message *message = take_answer(node, query);
    enum ehr_reply status = (enum ehr_reply)EHR_AS(answer, message)->status;
    CU_ASSERT_TRUE(status == EHR_REPLY_OK || EHR_AS(answer, message)->hits == NULL);
    ehr_message_unref(message);
    return status;
}

/* A hit proves itself: the transaction of that visit, its path, and the block's certificate. */
static bool hit_proven(const struct ehr_hit *hit, uint32_t *visit)
{
    struct ehr_atx atx;
    struct ehr_block_header header;
    uint8_t txid[32], leaf[32];
    if (ehr_atx_parse(&atx, hit->atx, hit->atx_len) != EHR_OK ||
        ehr_atx_verify_signature(txid, &atx, w.x.hospitals[0].server.cert.id,
                                 w.x.hospitals[0].server.cert.ed_pk) != EHR_OK ||
        ehr_block_proof_verify(&hit->proof, w.x.directory.alliance.chain_id, w.x.alliance_keys,
                               EXCHANGE_REPLICAS, EXCHANGE_QUORUM, &header, NULL, NULL) != EHR_OK ||
        ehr_block_proof_refused(&hit->proof, hit->leaf_index))
        return false;
    ehr_alliance_leaf(leaf, EHR_TX_INDEX, hit->atx, hit->atx_len);
    if (ehr_merkle_verify(header.merkle_root, leaf, hit->leaf_index, hit->path, hit->depth) !=
        EHR_OK)
        return false;
    for (*visit = 0; *visit < WORLD_VISITS; (*visit)++)
        if (memcmp(txid, w.txids[*visit], 32) == 0)
            return true;
    return false;
}

static void hits_prove_themselves_when_visits_match(void)
{
    enum { VISITS = 6 };
    world_open(&w);
    world_share(&w, VISITS);
    const uint8_t nonce[16] = {1};
    struct ehr_query query = query_of(nonce, w.visits[0].T, 1);
    for (uint32_t node = 0; node < EXCHANGE_REPLICAS; node++) {
        struct ehr_hit hit;
        size_t offset = 0, left = 0;
        bool malformed;
        uint32_t found = 0, visit;
        send_query(node, &query, node);
        struct ehr_message *message = take_answer(node, &query);
        const struct ehr_msg_answer *answer = EHR_AS(answer, message);
        CU_ASSERT_EQUAL(answer->status, EHR_REPLY_OK);
        CU_ASSERT_EQUAL(answer->height, height_of(node));
        while (ehr_hits_next(answer->hits, &offset, &left, &hit, &malformed)) {
            CU_ASSERT_TRUE(hit_proven(&hit, &visit));
            CU_ASSERT_EQUAL(visit, found);
            found++;
        }
        CU_ASSERT_FALSE(malformed);
        CU_ASSERT_EQUAL(found, VISITS);
        ehr_message_unref(message);
    }
    /* six labels and the gap of four, at each node */
    CU_ASSERT_EQUAL(w.loop.charged[EHR_COST_LABEL], EXCHANGE_REPLICAS * (VISITS + 4));
    world_close(&w);
}

static void many_hits_answered_when_paths_differ_in_depth(void)
{
    world_open(&w);
    world_share(&w, WORLD_VISITS);
    uint8_t both[64], nonce[16] = {1};
    struct ehr_hit hit;
    size_t offset = 0, left = 0;
    bool malformed;
    uint32_t found = 0, visit;
    memcpy(both, w.visits[0].T, 32);
    memset(both + 32, 9, 32); /* a trapdoor without hits */
    struct ehr_query query = query_of(nonce, both, 2);
    send_query(1, &query, 1);
    struct ehr_message *message = take_answer(1, &query);
    while (ehr_hits_next(EHR_AS(answer, message)->hits, &offset, &left, &hit, &malformed))
        found += hit_proven(&hit, &visit);
    CU_ASSERT_FALSE(malformed);
    CU_ASSERT_EQUAL(found, WORLD_VISITS);
    ehr_message_unref(message);
    world_close(&w);
}

static void query_refused_when_seen_expired_or_too_early(void)
{
    world_open(&w);
    world_share(&w, 1);
    uint8_t nonce[16] = {1};
    uint64_t height = height_of(0);
    struct ehr_query query = query_of(nonce, w.visits[0].T, 1);
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_REPLAY);
    CU_ASSERT_EQUAL(ask(1, &query), EHR_REPLY_OK); /* another node has not seen it */
    nonce[0]++;
    query.expiry = height - 1;
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_EXPIRED);
    query.expiry = height + 2 * WORLD_EXPIRY_MAX + 1;
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_EXPIRED);
    query.expiry = UINT64_MAX;
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_EXPIRED);
    query.expiry = height;
    query.min_height = height + 1;
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_BEHIND);
    query.min_height = height; /* what was refused has not used up its nonce */
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_OK);
    /* cppcheck-suppress unreadVariable; the query points to it */
    nonce[0]++;
    query.chain_id = w.x.hospitals[0].committee.chain_id;
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_MALFORMED);
    world_close(&w);
}

/* At every height up to its expiry the same query is a replay, however the memory turns over. */
static void replay_refused_for_as_long_as_the_query_lives(void)
{
    world_open(&w);
    world_share(&w, 1);
    for (uint8_t start = 0; start < 2 * WORLD_EXPIRY_MAX + 2; start++) {
        uint8_t nonce[16] = {100}, other[16] = {200};
        nonce[1] = other[1] = start;
        struct ehr_query query = query_of(nonce, w.visits[0].T, 1);
        query.expiry = height_of(0) + 2 * WORLD_EXPIRY_MAX;
        CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_OK);
        while (height_of(0) < query.expiry) {
            world_grow(&w, 1);
            struct ehr_query filler = query_of(other, w.visits[0].T, 1);
            other[2]++;
            CU_ASSERT_EQUAL(ask(0, &filler), EHR_REPLY_OK); /* turns the memory over */
            CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_REPLAY);
        }
        world_grow(&w, 1);
        CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_EXPIRED);
    }
    world_close(&w);
}

static void query_dropped_when_it_is_not_sealed_to_the_node(void)
{
    world_open(&w);
    world_share(&w, 1);
    const uint8_t nonce[16] = {1};
    struct ehr_query query = query_of(nonce, w.visits[0].T, 1);
    send_query(0, &query, 1);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 1);
    struct ehr_msg_query *m = EHR_NEW(query, QUERY); /* no box at all */
    node_loop_send(&w.loop, world_client(), world_at(0), ehr_message_seal(&m->head));
    m = EHR_NEW(query, QUERY);
    m->box = ehr_blob_new(nonce, 16);
    node_loop_send(&w.loop, world_client(), world_at(0), ehr_message_seal(&m->head));
    world_settle(&w);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 3);
    CU_ASSERT_PTR_NULL(node_loop_take(&w.loop, EXCHANGE_CLIENT_NODE, EHR_MSG_ANSWER, NULL));
    world_close(&w);
}

static void send_in_clear(uint32_t node, const struct ehr_query *query, size_t length)
{
    ehr_query_encode(query_bytes, query);
    struct ehr_msg_query *m = EHR_NEW(query, QUERY);
    m->request = 42;
    m->box = ehr_blob_new(query_bytes, length);
    node_loop_send(&w.loop, world_client(), world_at(node), ehr_message_seal(&m->head));
    world_settle(&w);
}

/* The same replay and expiry rules; what is sealed is no query then, what is in clear none else. */
static void query_in_clear_answered_when_trapdoors_are_broadcast(void)
{
    world_open(&w);
    world_share(&w, 3);
    uint8_t nonce[16] = {1};
    struct ehr_query query = query_of(nonce, w.visits[0].T, 1);
    send_in_clear(0, &query, EHR_QUERY_BYTES(1));
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 1);
    w.x.directory.broadcast = true;
    send_query(0, &query, 0);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 2);
    for (size_t length = 0; length < EHR_QUERY_BYTES(1); length++)
        send_in_clear(0, &query, length);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 2 + EHR_QUERY_BYTES(1));
    CU_ASSERT_PTR_NULL(node_loop_take(&w.loop, EXCHANGE_CLIENT_NODE, EHR_MSG_ANSWER, NULL));
    uint64_t opened = w.loop.charged[EHR_COST_QUERY_OPEN];
    for (uint32_t time = 0; time < 2; time++) {
        send_in_clear(0, &query, EHR_QUERY_BYTES(1));
        struct ehr_message *message = take_answer(0, &query);
        const struct ehr_msg_answer *answer = EHR_AS(answer, message);
        CU_ASSERT_EQUAL(answer->status, time == 0 ? EHR_REPLY_OK : EHR_REPLY_QUERY_REPLAY);
        CU_ASSERT_TRUE(time > 0 || ehr_le16_get(answer->hits->bytes) == 3);
        ehr_message_unref(message);
    }
    CU_ASSERT_EQUAL(w.loop.charged[EHR_COST_QUERY_OPEN], opened);
    world_close(&w);
}

/* Executed, but not yet proven: a node answers with what it has certificates for. */
static struct ehr_message *lose_signatures(void *context, uint32_t from, uint32_t to,
                                           struct ehr_message *take_message)
{
    (void)context;
    (void)from;
    if (take_message->type == EHR_MSG_BLOCK_SIGN && to == 2) {
        ehr_message_unref(take_message);
        return NULL;
    }
    return take_message;
}

static void answer_stops_at_certified_height_when_signatures_are_missing(void)
{
    world_open(&w);
    world_share(&w, 1);
    uint64_t height = height_of(2);
    w.loop.tamper = lose_signatures;
    world_grow(&w, 2);
    CU_ASSERT_EQUAL(height_of(2), height + 2);
    const uint8_t nonce[16] = {1};
    struct ehr_query query = query_of(nonce, w.visits[0].T, 1);
    query.min_height = height + 1;
    CU_ASSERT_EQUAL(ask(2, &query), EHR_REPLY_BEHIND);
    CU_ASSERT_EQUAL(ask(1, &query), EHR_REPLY_OK);
    query.min_height = height;
    send_query(2, &query, 2);
    struct ehr_message *message = take_answer(2, &query);
    CU_ASSERT_EQUAL(EHR_AS(answer, message)->status, EHR_REPLY_OK);
    CU_ASSERT_EQUAL(EHR_AS(answer, message)->height, height);
    ehr_message_unref(message);
    world_close(&w);
}

/* The log of a query, as a transaction to submit. */
static struct ehr_tx *log_of(const struct ehr_query *query, const uint8_t *trapdoors, size_t count,
                             uint64_t request)
{
    uint8_t query_id[32];
    ehr_query_encode(query_bytes, query);
    ehr_query_id(query_id, query_bytes, EHR_QUERY_BYTES(query->count));
    return exchange_tx(EHR_TX_QUERY_LOG, ehr_query_log_make(query_id, trapdoors, count), request);
}

static void query_refused_when_its_log_is_not_on_the_chain(void)
{
    world_open(&w);
    world_share(&w, 1);
    w.x.directory.query_logging = EHR_QUERY_LOGGING_BEFORE;
    uint8_t nonce[16] = {1}, both[64];
    memcpy(both, w.visits[0].T, 32);
    memset(both + 32, 9, 32);
    struct ehr_query query = query_of(nonce, w.visits[0].T, 1);
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_UNLOGGED);
    /* under its id, but of another trapdoor; then of more than it has */
    CU_ASSERT_EQUAL(world_order(&w, log_of(&query, both + 32, 1, 71)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(world_order(&w, log_of(&query, both, 2, 72)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_UNLOGGED);
    /* that of another query with the same trapdoor */
    nonce[0]++;
    CU_ASSERT_EQUAL(world_order(&w, log_of(&query, both, 1, 73)), EHR_REPLY_OK);
    nonce[0]--;
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_UNLOGGED);
    /* its own: what was refused has not used up its nonce, what was answered has */
    CU_ASSERT_EQUAL(world_order(&w, log_of(&query, both, 1, 74)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_QUERY_REPLAY);
    CU_ASSERT_EQUAL(ask(3, &query), EHR_REPLY_OK);
    /* no trapdoors, no log */
    query.count = 0;
    CU_ASSERT_EQUAL(ask(1, &query), EHR_REPLY_QUERY_UNLOGGED);
    w.x.directory.query_logging = EHR_QUERY_LOGGING_ASYNC;
    nonce[1]++;
    query.count = 1;
    CU_ASSERT_EQUAL(ask(0, &query), EHR_REPLY_OK);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"hits_prove_themselves_when_visits_match", hits_prove_themselves_when_visits_match},
    {"many_hits_answered_when_paths_differ_in_depth",
     many_hits_answered_when_paths_differ_in_depth},
    {"query_refused_when_seen_expired_or_too_early", query_refused_when_seen_expired_or_too_early},
    {"replay_refused_for_as_long_as_the_query_lives",
     replay_refused_for_as_long_as_the_query_lives},
    {"query_dropped_when_it_is_not_sealed_to_the_node",
     query_dropped_when_it_is_not_sealed_to_the_node},
    {"query_in_clear_answered_when_trapdoors_are_broadcast",
     query_in_clear_answered_when_trapdoors_are_broadcast},
    {"query_refused_when_its_log_is_not_on_the_chain",
     query_refused_when_its_log_is_not_on_the_chain},
    {"answer_stops_at_certified_height_when_signatures_are_missing",
     answer_stops_at_certified_height_when_signatures_are_missing},
};

EHR_UNIT_MAIN("chain_node_query", cases)
