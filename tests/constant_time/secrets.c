/* A visit, its sharing and its messages with every secret marked uninitialised: valgrind reports
 * each branch and each address in crypto/ that depends on one. After Langley's ctgrind. The program
 * also checks that the marks arrive: secrets are still marked where they should be, and what is
 * published is not. Run by run.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "crypto/box.h"
#include "crypto/card.h"
#include "crypto/combine.h"
#include "crypto/drbg.h"
#include "crypto/grant.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "crypto/record.h"
#include "crypto/reencrypt.h"
#include "crypto/scan.h"
#include "crypto/schnorr.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "crypto/vote.h"

enum { PROXIES = 4, THRESHOLD = 3, EPOCH = 7, KEYWORDS = 3, NKW = 8, PLAINTEXT_LEN = 700 };

#define SEALED_MAX 4096

/* ---- marks ---- */

static unsigned wrong;

static size_t marked_bytes(const void *data, size_t length)
{
    uint8_t bits[SEALED_MAX];
    size_t marked = 0;
    if (VALGRIND_GET_VBITS(data, bits, length) != 1)
        return 0;
    for (size_t i = 0; i < length; i++)
        marked += bits[i] != 0;
    return marked;
}

static void expect_secret(const char *name, const void *data, size_t length)
{
    size_t marked = marked_bytes(data, length);
    printf("  %-28s %4zu of %4zu bytes marked\n", name, marked, length);
    wrong += marked != length;
}

static void expect_public(const char *name, const void *data, size_t length)
{
    size_t marked = marked_bytes(data, length);
    if (marked != 0)
        printf("  %-28s %4zu of %4zu bytes marked, none expected\n", name, marked, length);
    wrong += marked != 0;
}

static void must(enum ehr_status status, const char *what)
{
    if (status == EHR_OK)
        return;
    printf("  %s: %s\n", what, ehr_status_name(status));
    exit(2);
}

/* A generator all of whose bytes are secret. */
struct secret_rng {
    struct ehr_rng rng;
    struct ehr_drbg drbg;
};

static void secret_fill(struct ehr_rng *rng, uint8_t *out, size_t length)
{
    struct secret_rng *secret = (struct secret_rng *)rng;
    ehr_rng_fill(&secret->drbg.rng, out, length);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(out, length);
}

/* ---- the parties ---- */

static struct world {
    struct secret_rng rng;
    uint8_t hid[32], doctor_id[32], user_id[32], node_ids[32 * PROXIES];
    struct ehr_sign_key hospital, node;
    struct ehr_dh_key doctor, w, user, nodes[PROXIES];
    struct ehr_patient_keys patient;
    struct ehr_pseudonym pseudonym;
    struct ehr_visit_keys visit;
    uint8_t T[KEYWORDS][32], sealed[SEALED_MAX], plaintext[PLAINTEXT_LEN];
    size_t sealed_len;
} world;

static struct ehr_rng *rng(struct world *w)
{
    return &w->rng.rng;
}

static void identities(struct world *w)
{
    uint8_t seed[32];
    ehr_drbg_init(&w->rng.drbg, 3, 0, "constant time", EHR_DRBG_CRYPTO);
    w->rng.rng.fill = secret_fill;
    struct ehr_rng *open = &w->rng.drbg.rng; /* for names, which are public */
    ehr_rng_fill(open, w->hid, 32);
    ehr_rng_fill(open, w->doctor_id, 32);
    ehr_rng_fill(open, w->user_id, 32);
    ehr_rng_fill(open, w->node_ids, sizeof w->node_ids);
    ehr_rng_fill(rng(w), seed, 32);
    ehr_sign_key_init(&w->hospital, seed);
    ehr_rng_fill(rng(w), seed, 32);
    ehr_sign_key_init(&w->node, seed);
    must(ehr_dh_key_make(&w->doctor, rng(w)), "doctor");
    must(ehr_dh_key_make(&w->w, rng(w)), "index key");
    must(ehr_dh_key_make(&w->user, rng(w)), "data user");
    for (size_t i = 0; i < PROXIES; i++)
        must(ehr_dh_key_make(&w->nodes[i], rng(w)), "sealing key");
    ehr_rng_fill(rng(w), seed, 32);
    must(ehr_patient_keys_derive(&w->patient, seed), "patient");
    expect_secret("patient's v, o, c, f", &w->patient, 4 * 32);
    expect_public("patient's V, O, C, F", &w->patient.public, 4 * 32);
    expect_secret("node's signing seed", w->node.seed, 32);
}

/* ---- operations ---- */

/* What it hands out and what remains of it, over more than one refill. */
static void generator(struct world *w)
{
    struct ehr_drbg drbg;
    struct ehr_dh_key key;
    uint8_t drawn[2 * EHR_DRBG_BUFFER_BYTES];
    ehr_drbg_init(&drbg, 3, 1, "generator", EHR_DRBG_CRYPTO);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(drbg.key, sizeof drbg.key);
    ehr_rng_fill(&drbg.rng, drawn, sizeof drawn);
    expect_secret("drawn bytes", drawn, sizeof drawn);
    expect_secret("generator's next key", drbg.key, sizeof drbg.key);
    must(ehr_dh_key_from_secret(&key, &w->w.secret), "key from a secret");
    expect_public("its public key", &key.public, sizeof key.public);
}

static void card(struct world *w)
{
    uint8_t k_h[32], nonce[16] = {9}, box[EHR_CARD_SHOW_BYTES], ref[32];
    struct ehr_card_issued issued;
    struct ehr_patient_public seen;
    ehr_rng_fill(rng(w), k_h, 32);
    ehr_card_issue(&issued, k_h, 12345, 1, w->hid, 100, &w->patient.public, &w->hospital);
    struct ehr_card_holder holder = {issued.m, issued.card, &w->patient.o, &w->patient.public};
    must(ehr_card_show(box, &holder, w->doctor_id, &w->doctor.public, nonce, rng(w)), "card show");
    struct ehr_card_expected expected = {w->doctor_id, nonce, w->hid, w->hospital.public, 50};
    must(ehr_card_check(&seen, ref, box, sizeof box, &w->doctor, &expected), "card check");
    expect_secret("card identifier m", issued.m, 32);
    expect_public("card, shown", box, sizeof box);
}

static void pseudonym(struct world *w)
{
    uint8_t bytes[EHR_PSEUDONYM_BYTES], other[EHR_PSEUDONYM_BYTES], sig[64];
    struct ehr_pseudonym stranger;
    struct ehr_patient_public exchanged = w->patient.public;
    struct ehr_visit_keys none;
    bool hit;
    must(ehr_pseudonym_make(&w->pseudonym, &w->patient.public, w->hid, rng(w)), "pseudonym");
    ehr_pseudonym_encode(bytes, &w->pseudonym);
    must(ehr_pseudonym_detect(&w->visit, &hit, bytes, sizeof bytes, &w->patient, w->hid), "detect");
    wrong += !hit;
    exchanged.O = w->patient.public.F; /* somebody else's: a miss */
    must(ehr_pseudonym_make(&stranger, &exchanged, w->hid, rng(w)), "pseudonym");
    ehr_pseudonym_encode(other, &stranger);
    must(ehr_pseudonym_detect(&none, &hit, other, sizeof other, &w->patient, w->hid), "miss");
    wrong += hit;
    expect_secret("visit's p, q", &w->visit, sizeof w->visit);
    expect_public("P, E, Q", bytes, sizeof bytes);
    must(ehr_own_sign(sig, &w->visit.p, &w->pseudonym.P, w->doctor_id, w->node_ids, 5, rng(w)),
         "Schnorr sign");
    must(ehr_own_verify(w->pseudonym.P.bytes, w->doctor_id, w->node_ids, 5, sig), "Schnorr verify");
    expect_public("Schnorr signature", sig, sizeof sig);
}

/* Keywords are texts: their canonical form is made by branching on them. The test begins at kw. */
static void trapdoors(struct world *w)
{
    uint8_t K[32], K_patient[32], kw[32], td_com[32], labels[16 * KEYWORDS], packed[16 * NKW];
    uint8_t Kt[32], tag[16], scanned[16];
    struct ehr_scan scan;
    must(ehr_index_key_doctor(K, &w->w, w->patient.public.F.bytes), "index key");
    struct ehr_dh_key f = {w->patient.f, w->patient.public.F};
    must(ehr_index_key_patient(K_patient, &f, w->w.public.bytes), "index key");
    wrong += !ehr_equal(K, K_patient, 32);
    for (size_t i = 0; i < KEYWORDS; i++) {
        ehr_rng_fill(rng(w), kw, 32);
        ehr_index_trapdoor(w->T[i], K, EPOCH, kw);
        ehr_index_label(labels + 16 * i, w->T[i], 4);
    }
    expect_secret("K of doctor and patient", K, 32);
    expect_secret("trapdoors", w->T, sizeof w->T);
    must(ehr_index_labels_pack(packed, NKW, labels, KEYWORDS, rng(w)), "labels");
    expect_secret("labels before shuffling", labels, sizeof labels);
    expect_public("labels on the chain", packed, sizeof packed);
    ehr_index_td_com(td_com, w->T[0]);
    expect_public("trapdoor's commitment", td_com, 32);
    ehr_index_tag_key(Kt, w->T[0]);
    ehr_index_tag_keyed(tag, Kt, w->pseudonym.P.bytes);
    expect_secret("scan tag of a trapdoor", tag, sizeof tag);
    ehr_scan_open(&scan, w->T[0]);
    ehr_scan_tag(scanned, &scan, w->pseudonym.P.bytes);
    expect_secret("the same by a scan", scanned, sizeof scanned);
    wrong += !ehr_equal(tag, scanned, sizeof tag);
}

static void record(struct world *w)
{
    struct ehr_record_visit visit = {.P = w->pseudonym.P, .Q = w->pseudonym.Q};
    uint8_t opened[SEALED_MAX];
    size_t len;
    memcpy(visit.hid, w->hid, 32);
    w->sealed_len = ehr_record_sealed_len(PLAINTEXT_LEN);
    ehr_rng_fill(rng(w), w->plaintext, PLAINTEXT_LEN);
    must(ehr_record_seal(w->sealed, w->sealed_len, &visit, w->plaintext, PLAINTEXT_LEN, rng(w)),
         "seal");
    expect_public("sealed record", w->sealed, w->sealed_len);
    must(ehr_record_open(opened, sizeof opened, &len, w->sealed, w->sealed_len, &w->visit.q,
                         &w->pseudonym.P, w->hid),
         "open");
    expect_secret("opened record", opened, len);
    wrong += len != PLAINTEXT_LEN || !ehr_equal(opened, w->plaintext, len);
    w->sealed[w->sealed_len - 1] ^= 1; /* and what does not open */
    wrong += ehr_record_open(opened, sizeof opened, &len, w->sealed, w->sealed_len, &w->visit.q,
                             &w->pseudonym.P, w->hid) != EHR_AEAD;
    w->sealed[w->sealed_len - 1] ^= 1;
    w->sealed[136] ^= 1; /* the commitment */
    wrong += ehr_record_open(opened, sizeof opened, &len, w->sealed, w->sealed_len, &w->visit.q,
                             &w->pseudonym.P, w->hid) != EHR_KCOM;
    w->sealed[136] ^= 1;
}

static void reencrypt_one(struct world *w, const struct ehr_grant_verified *grant, size_t i,
                          uint8_t cfrag[EHR_CFRAG_BYTES])
{
    struct ehr_kfrag kfrag;
    struct ehr_kfrag_verified verified;
    uint8_t body_hash[32], ct_hash[32], sig[64];
    must(ehr_kfrag_open(&kfrag, grant, (uint8_t)(i + 1), &w->nodes[i]), "fragment open");
    expect_secret("key fragment", &kfrag.rk, 32);
    must(ehr_kfrag_verify(&verified, &kfrag, grant), "fragment verify");
    ehr_record_body_hash(body_hash, w->sealed + EHR_RECORD_HEAD_BYTES,
                         w->sealed_len - EHR_RECORD_HEAD_BYTES);
    ehr_record_hash(ct_hash, w->sealed, w->sealed_len);
    struct ehr_reencrypt_request request = {w->sealed, EHR_RECORD_HEAD_BYTES, body_hash, ct_hash, 5,
                                            false};
    must(ehr_reencrypt(cfrag, grant, &verified, &request, rng(w)), "re-encrypt");
    expect_public("share", cfrag, EHR_CFRAG_BYTES);
    ehr_cfrag_sign(sig, cfrag, w->sealed + 40, &w->node);
    must(ehr_cfrag_sig_verify(cfrag, w->sealed + 40, w->node.public, sig), "Ed25519");
    kfrag.rk.bytes[0] ^= 1; /* a wrong fragment is refused no earlier than a right one is taken */
    wrong += ehr_kfrag_verify(&verified, &kfrag, grant) != EHR_KFRAG;
}

static void share(struct world *w)
{
    uint8_t grant_bytes[EHR_GRANT_BYTES(PROXIES)], node_keys[32 * PROXIES], opened[SEALED_MAX];
    uint8_t cfrags[THRESHOLD][EHR_CFRAG_BYTES], sig[64];
    struct ehr_share shares[THRESHOLD];
    struct ehr_grant_verified grant;
    struct ehr_record_head head;
    struct ehr_point K;
    size_t len;
    for (size_t i = 0; i < PROXIES; i++)
        memcpy(node_keys + 32 * i, w->nodes[i].public.bytes, 32);
    struct ehr_grant_terms terms = {
        &w->visit, w->user.public.bytes, w->hid,    w->user_id, w->user_id, EPOCH, THRESHOLD,
        PROXIES,   w->node_ids,          node_keys, 1,          10};
    must(ehr_grant_make(grant_bytes, sizeof grant_bytes, &terms, rng(w)), "grant");
    expect_public("grant", grant_bytes, sizeof grant_bytes);
    must(ehr_grant_verify(&grant, grant_bytes, sizeof grant_bytes), "grant verify");
    for (size_t i = 0; i < THRESHOLD; i++) {
        reencrypt_one(w, &grant, PROXIES - 1 - i, cfrags[i]);
        shares[i] = (struct ehr_share){cfrags[i], EHR_CFRAG_BYTES};
    }
    must(ehr_record_check(&head, w->sealed, w->sealed_len, &grant.visit), "record check");
    must(ehr_combine(&K, &w->user, &grant, &head, shares, THRESHOLD, NULL), "combine");
    expect_secret("K of the combination", &K, sizeof K);
    must(ehr_combine_open(opened, sizeof opened, &len, &w->user, &grant, shares, THRESHOLD,
                          w->sealed, w->sealed_len, NULL),
         "combine and open");
    expect_secret("opened by the data user", opened, len);
    must(ehr_revoke_sign(sig, &w->visit.p, &w->pseudonym.P, grant.grant_id, 6, rng(w)), "revoke");
    must(ehr_revoke_verify(w->pseudonym.P.bytes, grant.grant_id, 6, sig), "revocation");
}

static void messages(struct world *w)
{
    uint8_t text[100], box[100 + EHR_BOX_OVERHEAD_BYTES], opened[100];
    uint8_t key[32], peer[32], tag[16], sig[64];
    ehr_rng_fill(rng(w), text, sizeof text);
    must(ehr_box_seal(box, &w->user.public, w->hid, text, sizeof text, rng(w)), "box seal");
    expect_public("box", box, sizeof box);
    must(ehr_box_open(opened, &w->user, w->hid, box, sizeof box), "box open");
    expect_secret("opened box", opened, sizeof opened);
    box[60] ^= 1;
    wrong += ehr_box_open(opened, &w->user, w->hid, box, sizeof box) != EHR_AEAD;
    must(ehr_mac_key_derive(key, &w->nodes[0], w->nodes[1].public.bytes), "MAC key");
    must(ehr_mac_key_derive(peer, &w->nodes[1], w->nodes[0].public.bytes), "MAC key");
    expect_secret("MAC key", key, 32);
    ehr_mac_make(tag, key, w->node_ids, w->node_ids + 32, w->hid);
    ehr_declassify(tag, sizeof tag); /* sent */
    must(ehr_mac_verify(peer, w->node_ids, w->node_ids + 32, w->hid, tag), "MAC");
    tag[15] ^= 1;
    wrong += ehr_mac_verify(peer, w->node_ids, w->node_ids + 32, w->hid, tag) != EHR_SIG;
    ehr_vote_sign(sig, &w->node, w->hid);
    expect_public("vote", sig, sizeof sig);
    must(ehr_vote_verify(w->node.public, w->hid, sig), "vote");
}

int main(void)
{
    if (RUNNING_ON_VALGRIND == 0) {
        puts("not under valgrind: nothing is seen (use run.py)");
        return 77;
    }
    ehr_crypto_init();
    static const struct {
        const char *name;
        void (*run)(struct world *);
    } steps[] = {{"identities", identities}, {"generator", generator}, {"card", card},
                 {"pseudonym", pseudonym},   {"trapdoors", trapdoors}, {"record", record},
                 {"share", share},           {"messages", messages}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        size_t before = VALGRIND_COUNT_ERRORS;
        puts(steps[i].name);
        steps[i].run(&world);
        printf("  %zu reports\n", (size_t)VALGRIND_COUNT_ERRORS - before);
        fflush(stdout);
    }
    printf("%u marks or results not as expected\n", wrong);
    return wrong != 0;
}
