/* Authenticators, and chain nodes that use them where nothing has to be proven to others. */
#include <string.h>

#include "crypto/authenticator.h"
#include "crypto/random.h"
#include "crypto/vote.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

enum { PRIMARY = EXCHANGE_PRIVATE_NODE, MEMBERS = 5 };

static struct world w;

/* ---- the vector alone ---- */

static struct ehr_mac_peer peers[MEMBERS][MEMBERS]; /* [of][about] */

static void group_make(void)
{
    struct ehr_drbg drbg;
    struct ehr_dh_key keys[MEMBERS];
    ehr_drbg_init(&drbg, 5, 0, "group", EHR_DRBG_CRYPTO);
    for (int i = 0; i < MEMBERS; i++)
        CU_ASSERT_EQUAL(ehr_dh_key_make(&keys[i], &drbg.rng), EHR_OK);
    for (int i = 0; i < MEMBERS; i++)
        for (int k = 0; k < MEMBERS; k++) {
            memset(peers[i][k].id, 0x40 + k, 32);
            CU_ASSERT_EQUAL(ehr_mac_key_derive(peers[i][k].key, &keys[i], keys[k].public.bytes),
                            EHR_OK);
        }
    ehr_drbg_close(&drbg);
}

static void every_entry_serves_its_receiver_alone(void)
{
    uint8_t digest[32] = {7}, tags[16 * (MEMBERS - 1)], other[32] = {8};
    group_make();
    CU_ASSERT_EQUAL(ehr_authenticator_bytes(1), 0);
    CU_ASSERT_EQUAL(ehr_authenticator_bytes(4), 48);
    CU_ASSERT_EQUAL(ehr_authenticator_bytes(MEMBERS), sizeof tags);
    for (size_t s = 0; s < MEMBERS; s++) {
        ehr_authenticator_make(tags, peers[s], MEMBERS, s, digest);
        for (size_t r = 0; r < MEMBERS; r++) {
            if (r == s)
                continue;
            size_t at = 16 * (r < s ? r : r - 1);
            const struct ehr_mac_peer *from = &peers[r][s];
            const uint8_t *own = peers[r][r].id;
            CU_ASSERT_EQUAL(
                ehr_authenticator_verify(tags, sizeof tags, from, MEMBERS, s, r, own, digest),
                EHR_OK);
            CU_ASSERT_EQUAL(
                ehr_authenticator_verify(tags + at, 16, from, MEMBERS, s, r, own, digest), EHR_OK);
            CU_ASSERT_EQUAL(
                ehr_authenticator_verify(tags, sizeof tags, from, MEMBERS, s, r, own, other),
                EHR_SIG);
            CU_ASSERT_EQUAL(
                ehr_authenticator_verify(tags, sizeof tags - 16, from, MEMBERS, s, r, own, digest),
                EHR_LEN);
            for (size_t bit = 0; bit < 8 * sizeof tags; bit++) { /* its own 128 bits matter */
                bool mine = bit / 8 >= at && bit / 8 < at + 16;
                tags[bit / 8] ^= (uint8_t)(1u << bit % 8);
                CU_ASSERT_EQUAL(
                    ehr_authenticator_verify(tags, sizeof tags, from, MEMBERS, s, r, own, digest),
                    mine ? EHR_SIG : EHR_OK);
                tags[bit / 8] ^= (uint8_t)(1u << bit % 8);
            }
            /* sent back, it is not the receiver's own */
            CU_ASSERT_EQUAL(ehr_authenticator_verify(tags + at, 16, &peers[s][r], MEMBERS, r, s,
                                                     peers[s][s].id, digest),
                            EHR_SIG);
        }
    }
}

/* ---- on the wire ---- */

/* 51 fixed bytes, kind 1, count 2, a tag for each of three receivers, two empty fields of 4. */
static void has_stated_size_when_a_vote(void)
{
    struct ehr_msg_consensus *vote = EHR_NEW(consensus, CONSENSUS);
    struct ehr_message *again = NULL;
    uint8_t bytes[110];
    vote->auth.kind = EHR_AUTH_TAGS;
    vote->auth.tags = ehr_blob_new(NULL, 48);
    memset(vote->auth.tags->bytes, 0xcc, 48);
    CU_ASSERT_EQUAL_FATAL(ehr_message_seal(&vote->head)->size, 51 + 1 + 2 + 48 + 4 + 4);
    ehr_message_encode(&vote->head, bytes);
    CU_ASSERT_EQUAL(bytes[51], EHR_AUTH_TAGS);
    CU_ASSERT_EQUAL(bytes[52], 3);
    CU_ASSERT_EQUAL(ehr_message_decode(bytes, sizeof bytes, &again), EHR_OK);
    CU_ASSERT_EQUAL(memcmp(EHR_AS(consensus, again)->auth.tags->bytes, bytes + 54, 48), 0);
    ehr_message_unref(again);
    bytes[51] = 3;
    CU_ASSERT_EQUAL(ehr_message_decode(bytes, sizeof bytes, &again), EHR_LEN);
    uint8_t none[51 + 3 + 8] = {13, 0};
    none[51] = EHR_AUTH_TAGS; /* no tag at all has another encoding */
    CU_ASSERT_EQUAL(ehr_message_decode(none, sizeof none, &again), EHR_LEN);
    ehr_message_unref(&vote->head);
}

/* ---- chain nodes ---- */

static uint32_t tagged, signed_, wrong_kind;
static enum { HONEST, FORGED, STRIPPED } how;

static struct ehr_message *look(void *context, uint32_t from, uint32_t to,
                                struct ehr_message *take_message)
{
    (void)context, (void)to;
    if (take_message->type != EHR_MSG_CONSENSUS)
        return take_message;
    struct ehr_msg_consensus *m = (struct ehr_msg_consensus *)(void *)take_message;
    bool commit = m->phase == EHR_ENGINE_COMMIT;
    tagged += m->auth.kind == EHR_AUTH_TAGS;
    signed_ += m->auth.kind == EHR_AUTH_SIGNATURE;
    wrong_kind += commit != (m->auth.kind == EHR_AUTH_TAGS);
    if (how == HONEST || !commit || from != PRIMARY + 2) /* the first to commit */
        return take_message;
    struct ehr_msg_consensus *out = EHR_NEW(consensus, CONSENSUS);
    out->phase = m->phase;
    out->view = m->view;
    out->height = m->height;
    memcpy(out->digest, m->digest, 32);
    if (how == FORGED) {
        out->auth.kind = EHR_AUTH_TAGS;
        out->auth.tags = ehr_blob_new(m->auth.tags->bytes, m->auth.tags->length);
        for (uint32_t i = 0; i < out->auth.tags->length; i += 16)
            out->auth.tags->bytes[i] ^= 1;
    }
    ehr_message_unref(take_message);
    return ehr_message_seal(&out->head);
}

static struct ehr_tx *open_and_submit(uint32_t first, uint32_t count)
{
    tagged = signed_ = wrong_kind = 0;
    world_open_with(&w, &(struct world_options){.macs = true});
    w.loop.tamper = look;
    visit_make(&w.x, &w.visits[0], 0, 0, 0);
    w.records[0] = visit_tx(&w.visits[0], 100);
    for (uint32_t i = 0; i < count; i++)
        world_submit(&w, first + i, w.records[0]);
    return w.records[0];
}

static void commits_carry_tags_and_the_rest_is_signed(void)
{
    how = HONEST;
    struct ehr_tx *tx = open_and_submit(PRIMARY, 1);
    world_settle(&w);
    struct world_replies replies = world_replies(&w, tx);
    CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    CU_ASSERT_EQUAL(wrong_kind, 0);
    CU_ASSERT_EQUAL(tagged, 4 * 3);      /* commits */
    CU_ASSERT_EQUAL(signed_, 3 + 3 * 3); /* pre-prepare, prepares of the backups */
    CU_ASSERT_EQUAL(w.loop.charged[EHR_COST_MAC_KEY], 4 * 3); /* each pair once at either side */
    uint64_t macs = w.loop.charged[EHR_COST_MAC];
    CU_ASSERT_TRUE(macs >= 4 * 3 + 4 * 2 && macs <= 2 * 4 * 3); /* made; checked while wanted */
    world_close(&w);
}

static void forged_or_missing_tag_is_dropped(void)
{
    for (how = FORGED; how <= STRIPPED; how++) {
        struct ehr_tx *tx = open_and_submit(PRIMARY, 1);
        world_settle(&w);
        struct world_replies replies = world_replies(&w, tx);
        CU_ASSERT_EQUAL(replies.equal, EXCHANGE_REPLICAS); /* three others commit */
        CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
        CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 3);
        world_close(&w);
    }
    how = HONEST;
}

/* The primary is gone: the others prove what they prepared with signatures as ever. */
static void view_changes_when_the_primary_crashes(void)
{
    how = HONEST;
    struct ehr_tx *tx = open_and_submit(PRIMARY, EXCHANGE_REPLICAS);
    node_loop_run(&w.loop, 3 * NODE_LOOP_HOP_NS + NODE_LOOP_HOP_NS / 2);
    w.loop.down[PRIMARY] = true; /* its pre-prepare is out; nothing is committed */
    node_loop_run(&w.loop, 6 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    struct world_replies replies = world_replies(&w, tx);
    CU_ASSERT_TRUE(replies.equal >= 3);
    CU_ASSERT_EQUAL(replies.other, 0);
    CU_ASSERT_EQUAL(replies.first.status, EHR_REPLY_OK);
    visit_make(&w.x, &w.visits[1], 0, 0, 1);
    w.records[1] = visit_tx(&w.visits[1], 101);
    for (uint32_t i = 1; i < EXCHANGE_REPLICAS; i++)
        world_submit(&w, PRIMARY + i, w.records[1]);
    node_loop_run(&w.loop, 6 * (uint64_t)WORLD_REQUEST_TIMEOUT_NS);
    replies = world_replies(&w, w.records[1]);
    CU_ASSERT_EQUAL(replies.equal, 3);
    CU_ASSERT_TRUE(ehr_chain_node_state(w.nodes[PRIMARY + 1]).view > 0);
    CU_ASSERT_EQUAL(wrong_kind, 0);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"every_entry_serves_its_receiver_alone", every_entry_serves_its_receiver_alone},
    {"has_stated_size_when_a_vote", has_stated_size_when_a_vote},
    {"commits_carry_tags_and_the_rest_is_signed", commits_carry_tags_and_the_rest_is_signed},
    {"forged_or_missing_tag_is_dropped", forged_or_missing_tag_is_dropped},
    {"view_changes_when_the_primary_crashes", view_changes_when_the_primary_crashes},
};
EHR_UNIT_CRYPTO_MAIN("ledger_mac", cases)
