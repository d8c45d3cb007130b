/* Properties of the keyword index, of queries, and of what authenticates consensus messages. */
#include <stdlib.h>
#include <string.h>

#include "crypto/authenticator.h"
#include "crypto/box.h"
#include "crypto/codec.h"
#include "crypto/index.h"
#include "crypto/query.h"
#include "crypto/vote.h"
#include "tests/properties/property.h"

/* Of the pieces of text_make only U+0130 gets longer when it is folded, from two bytes to three: a
 * text of so many bytes is no keyword too long. */
enum { KEYWORD_SURELY = EHR_INDEX_KEYWORD_BYTES_MAX * 2 / 3 };

enum { TRAPDOORS_MAX = 5, MEMBERS_MAX = 12 };

/* ---- keywords ---- */

/* Some text of letters, blanks and code points of two to four bytes; whether not all are blanks. */
static size_t text_make(struct property_case *c, char *text, size_t most, bool *visible)
{
    static const char *const pieces[] = {"a",
                                         "Z",
                                         "7",
                                         " ",
                                         "\t",
                                         "\xc3\x84" /* A umlaut */,
                                         "A\xcc\x88" /* the same, decomposed */,
                                         "\xce\xa3" /* sigma */,
                                         "\xe2\x84\xab" /* Angstrom */,
                                         "\xf0\x90\x90\x80" /* Deseret */,
                                         "-",
                                         "\xc4\xb0"};
    size_t length = 0, count = property_between(c, 0, 20);
    *visible = false;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[property_between(c, 0, sizeof pieces / sizeof pieces[0] - 1)];
        if (length + strlen(piece) > most)
            break;
        memcpy(text + length, piece, strlen(piece));
        length += strlen(piece);
        *visible = *visible || (piece[0] != ' ' && piece[0] != '\t');
    }
    return length;
}

static void canonical_keywords_stay_as_they_are(struct property_case *c)
{
    char text[100];
    struct ehr_index_keyword keyword, again;
    bool visible;
    size_t length = text_make(c, text, sizeof text, &visible);
    enum ehr_status status = ehr_index_keyword_make(&keyword, (const uint8_t *)text, length);
    HOLDS(c, visible || status == EHR_LEN);
    HOLDS(c, !visible || length > KEYWORD_SURELY || status == EHR_OK);
    if (status != EHR_OK) {
        HOLDS(c, status == EHR_LEN && property_is_zero(&keyword, sizeof keyword));
    } else {
        HOLDS(c, keyword.len >= 1 && keyword.len <= EHR_INDEX_KEYWORD_BYTES_MAX);
        GIVES(c, ehr_index_keyword_make(&again, keyword.text, keyword.len), EHR_OK);
        HOLDS(c, again.len == keyword.len && memcmp(again.text, keyword.text, again.len) == 0);
    }
    /* A byte that no UTF-8 has is refused wherever it stands. */
    memmove(text + 1, text, length < sizeof text ? length : sizeof text - 1);
    text[0] = 'x';
    length = length < sizeof text ? length + 1 : length;
    text[property_between(c, 0, length - 1)] = (char)(0xf8 + property_between(c, 0, 7));
    GIVES(c, ehr_index_keyword_make(&keyword, (const uint8_t *)text, length), EHR_LEN);
}

static void both_sides_derive_one_index_key(struct property_case *c)
{
    struct ehr_dh_key w, f;
    uint8_t doctor[32], patient[32], bad[32], kw[32], T[2][32], label[2][16];
    property_dh_key(c, &w);
    property_dh_key(c, &f);
    GIVES(c, ehr_index_key_doctor(doctor, &w, f.public.bytes), EHR_OK);
    GIVES(c, ehr_index_key_patient(patient, &f, w.public.bytes), EHR_OK);
    HOLDS(c, memcmp(doctor, patient, 32) == 0);
    GIVES(c, ehr_index_key_doctor(patient, &f, w.public.bytes), EHR_OK); /* the roles exchanged */
    HOLDS(c, memcmp(doctor, patient, 32) != 0);
    property_bad_point(bad, f.public.bytes, c->number % PROPERTY_BAD_POINTS);
    GIVES(c, ehr_index_key_doctor(patient, &w, bad), EHR_POINT);
    HOLDS(c, property_is_zero(patient, 32));
    GIVES(c, ehr_index_key_patient(patient, &f, bad), EHR_POINT);
    HOLDS(c, property_is_zero(patient, 32));
    /* Another epoch or counter is another trapdoor or label. */
    uint32_t epoch = (uint32_t)property_u64(c);
    property_bytes(c, kw, 32);
    ehr_index_trapdoor(T[0], doctor, epoch, kw);
    ehr_index_trapdoor(T[1], doctor, epoch ^ 1U << property_between(c, 0, 31), kw);
    HOLDS(c, memcmp(T[0], T[1], 32) != 0);
    ehr_index_label(label[0], T[0], epoch);
    ehr_index_label(label[1], T[0], epoch ^ 1U << property_between(c, 0, 31));
    HOLDS(c, memcmp(label[0], label[1], 16) != 0);
    ehr_index_label(label[1], T[1], epoch);
    HOLDS(c, memcmp(label[0], label[1], 16) != 0);
}

static void packed_labels_hold_the_real_ones_once(struct property_case *c)
{
    static uint8_t labels[16 * EHR_INDEX_LABELS_MAX], packed[16 * EHR_INDEX_LABELS_MAX];
    size_t count = property_between(c, 0, EHR_INDEX_RECORD_KEYWORDS_MAX), nkw;
    GIVES(c, ehr_index_nkw(&nkw, count), EHR_OK);
    HOLDS(c, nkw >= count && nkw >= 8 && nkw <= 128 && (nkw == 8 || nkw / 2 < count));
    GIVES(c, ehr_index_nkw(&(size_t){0}, property_between(c, 129, 100000)), EHR_LEN);
    property_bytes(c, labels, 16 * count);
    GIVES(c, ehr_index_labels_pack(packed, nkw, labels, count, c->rng), EHR_OK);
    HOLDS(c, ehr_index_labels_distinct(packed, nkw));
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        for (size_t k = 0; k < nkw; k++)
            found += memcmp(labels + 16 * i, packed + 16 * k, 16) == 0;
        HOLDS(c, found == 1);
    }
    if (count < 2)
        return;
    size_t i = property_between(c, 1, count - 1);
    memcpy(labels + 16 * i, labels + 16 * property_between(c, 0, i - 1), 16);
    HOLDS(c, !ehr_index_labels_distinct(labels, count));
    GIVES(c, ehr_index_labels_pack(packed, nkw, labels, count, c->rng), EHR_DUP);
    HOLDS(c, property_is_zero(packed, 16 * nkw));
    GIVES(c, ehr_index_labels_pack(packed, count - 1, labels, count, c->rng), EHR_LEN);
}

/* ---- queries ---- */

struct query {
    struct ehr_dh_key node;
    uint8_t context[32], id[32];
};

/* What a node does with a query as it came: opens and reads it. */
static enum ehr_status query_open(void *context, const uint8_t *bytes, size_t length)
{
    const struct query *q = context;
    uint8_t plain[EHR_QUERY_BYTES(TRAPDOORS_MAX) + 64];
    struct ehr_query query;
    EHR_TRY(ehr_box_open(plain, &q->node, q->context, bytes, length));
    return ehr_query_parse(&query, plain, length - EHR_BOX_OVERHEAD_BYTES);
}

static enum ehr_status query_read(void *context, const uint8_t *bytes, size_t length)
{
    const struct query *q = context;
    struct ehr_query query;
    uint8_t id[32];
    EHR_TRY(ehr_query_parse(&query, bytes, length));
    ehr_query_id(id, bytes, length);
    return memcmp(id, q->id, 32) == 0 ? EHR_OK : EHR_HASH;
}

static void altered_queries_are_refused(struct property_case *c)
{
    struct query q;
    struct property_object object;
    struct ehr_query read;
    uint8_t nonce[16], chain_id[32], trapdoors[32 * TRAPDOORS_MAX], node_id[32];
    uint8_t bytes[EHR_QUERY_BYTES(TRAPDOORS_MAX)], box[sizeof bytes + EHR_BOX_OVERHEAD_BYTES];
    property_bytes(c, nonce, 16);
    property_bytes(c, chain_id, 32);
    property_bytes(c, node_id, 32);
    property_bytes(c, trapdoors, sizeof trapdoors);
    property_dh_key(c, &q.node);
    struct ehr_query query = {nonce,
                              property_u64(c),
                              property_u64(c),
                              (uint8_t)property_u64(c),
                              chain_id,
                              trapdoors,
                              property_between(c, 0, TRAPDOORS_MAX)};
    size_t length = EHR_QUERY_BYTES(query.count);
    ehr_query_encode(bytes, &query);
    GIVES(c, ehr_query_parse(&read, bytes, length), EHR_OK);
    HOLDS(c, memcmp(read.nonce, nonce, 16) == 0 && memcmp(read.chain_id, chain_id, 32) == 0);
    HOLDS(c, read.expiry == query.expiry && read.min_height == query.min_height);
    HOLDS(c, read.purpose == query.purpose && read.count == query.count);
    HOLDS(c, memcmp(read.trapdoors, trapdoors, 32 * query.count) == 0);
    ehr_query_id(q.id, bytes, length);
    property_object(&object, "query with its id", bytes, length, query_read, &q);
    property_field(&object, "magic", 4, AS(LEN));
    property_field(&object, "nonce, heights, purpose", 33, AS(HASH));
    property_field(&object, "reserved and count", 3, AS(LEN));
    property_field(&object, "chain and trapdoors", 32 + 32 * query.count, AS(HASH));
    property_refused(c, &object);
    ehr_query_context(q.context, node_id);
    GIVES(c, ehr_box_seal(box, &q.node.public, q.context, bytes, length, c->rng), EHR_OK);
    property_object(&object, "query sealed to a node", box, length + EHR_BOX_OVERHEAD_BYTES,
                    query_open, &q);
    object.shorter = AS(LEN) | AS(AEAD);
    object.longer = AS(AEAD);
    property_point(&object, "KE", AS(POINT) | AS(AEAD), EHR_POINT);
    property_field(&object, "body", length + 16, AS(AEAD));
    property_refused(c, &object);
}

/* ---- votes and MACs ---- */

/* Fields of a vote | signature. */
static enum ehr_status vote_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct ehr_sign_key *key = context;
    struct ehr_vote vote = {.epoch = ehr_le32_get(bytes + 32),
                            .view = ehr_le64_get(bytes + 36),
                            .height = ehr_le64_get(bytes + 44),
                            .phase = bytes[52]};
    uint8_t digest[32];
    (void)length;
    memcpy(vote.chain_id, bytes, 32);
    memcpy(vote.block_hash, bytes + 53, 32);
    ehr_vote_digest(digest, &vote);
    return ehr_vote_verify(key->public, digest, bytes + 85);
}

static void altered_votes_are_refused(struct property_case *c)
{
    uint8_t bytes[85 + 64], digest[32];
    struct ehr_sign_key key;
    struct property_object object;
    struct ehr_vote vote = {.phase = (uint8_t)property_u64(c)};
    property_sign_key(c, &key);
    property_bytes(c, bytes, 85);
    memcpy(vote.chain_id, bytes, 32);
    vote.epoch = ehr_le32_get(bytes + 32);
    vote.view = ehr_le64_get(bytes + 36);
    vote.height = ehr_le64_get(bytes + 44);
    vote.phase = bytes[52];
    memcpy(vote.block_hash, bytes + 53, 32);
    ehr_vote_digest(digest, &vote);
    ehr_vote_sign(bytes + 85, &key, digest);
    property_object(&object, "vote", bytes, sizeof bytes, vote_verify, &key);
    object.fixed = true;
    property_field(&object, "chain, epoch, view, height, phase, block", 85, AS(SIG));
    property_field(&object, "signature", 64, AS(SIG));
    property_refused(c, &object);
    GIVES(c, ehr_sign_verify(key.public, "sig-block", digest, bytes + 85), EHR_SIG);
}

/* Sender | receiver | digest | tag. */
static enum ehr_status mac_verify(void *context, const uint8_t *bytes, size_t length)
{
    (void)length;
    return ehr_mac_verify(context, bytes, bytes + 32, bytes + 64, bytes + 96);
}

static void altered_macs_are_refused(struct property_case *c)
{
    struct ehr_dh_key a, b;
    uint8_t key[32], other[32], bytes[96 + 16], bad[32];
    struct property_object object;
    property_dh_key(c, &a);
    property_dh_key(c, &b);
    GIVES(c, ehr_mac_key_derive(key, &a, b.public.bytes), EHR_OK);
    GIVES(c, ehr_mac_key_derive(other, &b, a.public.bytes), EHR_OK);
    HOLDS(c, memcmp(key, other, 32) == 0);
    property_bad_point(bad, b.public.bytes, c->number % PROPERTY_BAD_POINTS);
    GIVES(c, ehr_mac_key_derive(other, &a, bad), EHR_POINT);
    HOLDS(c, property_is_zero(other, 32));
    property_bytes(c, bytes, 96);
    ehr_mac_make(bytes + 96, key, bytes, bytes + 32, bytes + 64);
    property_object(&object, "MAC", bytes, sizeof bytes, mac_verify, key);
    object.fixed = true;
    property_field(&object, "sender, receiver, digest", 96, AS(SIG));
    property_field(&object, "tag", 16, AS(SIG));
    property_refused(c, &object);
    uint8_t reversed[16]; /* back to its sender it is no tag */
    ehr_mac_make(reversed, key, bytes + 32, bytes, bytes + 64);
    HOLDS(c, memcmp(reversed, bytes + 96, 16) != 0);
}

struct group {
    struct ehr_mac_peer peers[MEMBERS_MAX];
    uint8_t digest[32];
    size_t members, sender, receiver;
};

static enum ehr_status authenticator_verify(void *context, const uint8_t *bytes, size_t length)
{
    const struct group *g = context;
    /* The receiver knows the sender by the key that both share. */
    struct ehr_mac_peer from = g->peers[g->receiver];
    memcpy(from.id, g->peers[g->sender].id, 32);
    return ehr_authenticator_verify(bytes, length, &from, g->members, g->sender, g->receiver,
                                    g->peers[g->receiver].id, g->digest);
}

static void altered_authenticators_are_refused_by_their_receivers(struct property_case *c)
{
    struct group g = {.members = c->number == 0 ? 7 : property_between(c, 2, MEMBERS_MAX)};
    struct property_object object;
    uint8_t tags[16 * MEMBERS_MAX];
    size_t length = ehr_authenticator_bytes(g.members);
    static const char *const why = "an entry of another receiver, who refuses it";
    HOLDS(c, length == 16 * (g.members - 1));
    property_bytes(c, (uint8_t *)g.peers, sizeof g.peers);
    property_bytes(c, g.digest, 32);
    g.sender = property_between(c, 0, g.members - 1);
    ehr_authenticator_make(tags, g.peers, g.members, g.sender, g.digest);
    for (size_t r = 0; r < g.members; r++) {
        g.receiver = r;
        if (r != g.sender)
            GIVES(c, authenticator_verify(&g, tags, length), EHR_OK);
    }
    g.receiver = (g.sender + property_between(c, 1, g.members - 1)) % g.members;
    size_t before = g.receiver - (g.receiver > g.sender ? 1 : 0);
    property_object(&object, "vector of MACs", tags, length, authenticator_verify, &g);
    object.shorter = AS(LEN) | AS(SIG); /* 16 bytes are a message to one receiver */
    if (before == 0)
        object.shorter |= AS(OK); /* and the first receiver's entry is one */
    property_harmless(&object, "other entries", 128 * before, why);
    property_field(&object, "own entry", 16, AS(SIG));
    property_harmless(&object, "other entries", 128 * (g.members - 2 - before), why);
    property_refused(c, &object);
    g.digest[property_between(c, 0, 31)] ^= 1;
    GIVES(c, authenticator_verify(&g, tags, length), EHR_SIG);
}

static const struct property list[] = {
    {"canonical_keywords_stay_as_they_are", canonical_keywords_stay_as_they_are},
    {"both_sides_derive_one_index_key", both_sides_derive_one_index_key},
    {"packed_labels_hold_the_real_ones_once", packed_labels_hold_the_real_ones_once},
    {"altered_queries_are_refused", altered_queries_are_refused},
    {"altered_votes_are_refused", altered_votes_are_refused},
    {"altered_macs_are_refused", altered_macs_are_refused},
    {"altered_authenticators_are_refused_by_their_receivers",
     altered_authenticators_are_refused_by_their_receivers},
};

int main(int argc, char **argv)
{
    return property_main("index", list, sizeof list / sizeof list[0], argc, argv);
}
