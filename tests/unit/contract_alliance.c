/* The alliance chain's contract: anchors, the secure index, consent. */
#include <string.h>

#include "crypto/codec.h"
#include "crypto/hash.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/quorum_cert.h"
#include "sim/ledger/wire.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

enum { VISITS = 4 };

static struct exchange x;
static struct ehr_chain *private_chain, *alliance;
static struct visit visits[VISITS];

/* Private block 1: visits 0, 1, 2 and one that reuses visit 0's pseudonym (leaf 3, refused). */
static void open_chains(void)
{
    struct ehr_tx *tx[VISITS];
    exchange_open(&x);
    private_chain = exchange_private_chain(&x, 0);
    alliance = exchange_alliance_chain(&x);
    for (uint32_t i = 0; i < VISITS; i++)
        visit_make(&x, &visits[i], 0, 0, i);
    memcpy(visits[3].pseudonym, visits[0].pseudonym, 96);
    visits[3].keys = visits[0].keys;
    visit_sign(&x, &visits[3]);
    for (uint32_t i = 0; i < VISITS; i++)
        tx[i] = visit_tx(&visits[i], 10 + i);
    exchange_commit(private_chain, tx, VISITS);
    exchange_certify(x.replica_secrets[0], private_chain, 1, 0x7);
}

static void close_chains(void)
{
    ehr_chain_free(private_chain);
    ehr_chain_free(alliance);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

/* Commits a block of one transaction; its outcome. */
static enum ehr_reply run(struct ehr_tx *take_tx)
{
    return (enum ehr_reply)exchange_commit(alliance, &take_tx, 1)->replies[0];
}

static enum ehr_reply check(struct ehr_tx *take_tx)
{
    enum ehr_reply verdict = ehr_contract_check(alliance->contract, take_tx);
    ehr_tx_unref(take_tx);
    return verdict;
}

static struct ehr_tx *anchor_tx(void)
{
    struct ehr_block_proof proof = ehr_chain_proof(private_chain, 1);
    return exchange_anchor(&x, 0, &proof);
}

static struct ehr_tx *index_tx(uint32_t leaf)
{
    return exchange_index(&x, 0, private_chain, 1, leaf);
}

static void txid_of(uint8_t txid[32], const struct ehr_tx *tx)
{
    struct ehr_atx atx;
    CU_ASSERT_EQUAL(ehr_atx_parse(&atx, tx->bytes, tx->length), EHR_OK);
    ehr_atx_id(txid, &atx);
}

/* ---- anchors ---- */

static void anchor_accepted_once_when_certified(void)
{
    open_chains();
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_DUPLICATE);
    /* another certificate over the same outcome: nothing new */
    struct ehr_chain *again = exchange_private_chain(&x, 0);
    struct ehr_tx *tx[VISITS];
    for (uint32_t i = 0; i < VISITS; i++)
        tx[i] = visit_tx(&visits[i], 10 + i);
    exchange_commit(again, tx, VISITS);
    exchange_certify(x.replica_secrets[0], again, 1, 0xe);
    struct ehr_block_proof proof = ehr_chain_proof(again, 1);
    CU_ASSERT_EQUAL(run(exchange_anchor(&x, 0, &proof)), EHR_REPLY_DUPLICATE);
    CU_ASSERT_EQUAL(ehr_chain_block_at(alliance, 3)->refused[0], 0);
    ehr_chain_free(again);
    close_chains();
}

static struct ehr_tx *anchor_with(const struct ehr_secrets *signers, uint32_t count)
{
    struct ehr_quorum_vote votes[EXCHANGE_REPLICAS];
    uint8_t certificate[EHR_QUORUM_CERT_BYTES(EXCHANGE_REPLICAS, EXCHANGE_REPLICAS)];
    const struct ehr_chain_block *entry = ehr_chain_block_at(private_chain, 1);
    for (uint32_t i = 0; i < count; i++) {
        votes[i].member = i;
        ehr_block_cert_sign(votes[i].sig, entry->digest, &signers[i].sign);
    }
    struct ehr_block_proof proof = ehr_chain_proof(private_chain, 1);
    proof.certificate = certificate;
    proof.certificate_len = EHR_QUORUM_CERT_BYTES(EXCHANGE_REPLICAS, count);
    CU_ASSERT_EQUAL(ehr_quorum_cert_make(certificate, proof.certificate_len, entry->digest,
                                         EXCHANGE_REPLICAS, votes, count),
                    EHR_OK);
    return exchange_anchor(&x, 0, &proof);
}

static void anchor_refused_when_its_certificate_is_wrong(void)
{
    open_chains();
    CU_ASSERT_EQUAL(check(anchor_with(x.replica_secrets[0], 2)), EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(check(anchor_with(x.replica_secrets[0], 3)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(anchor_with(x.replica_secrets[0], 4)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(anchor_with(x.replica_secrets[1], 3)), EHR_REPLY_WRONG_CERTIFICATE);
    /* the right certificate under another outcome: a refused leaf passed off as accepted */
    struct ehr_block_proof proof = ehr_chain_proof(private_chain, 1);
    uint8_t none = 0;
    proof.refused = &none;
    CU_ASSERT_EQUAL(check(exchange_anchor(&x, 0, &proof)), EHR_REPLY_WRONG_CERTIFICATE);
    proof.refused_len = 0;
    CU_ASSERT_EQUAL(check(exchange_anchor(&x, 0, &proof)), EHR_REPLY_MALFORMED);
    close_chains();
}

static void anchor_refused_when_it_is_of_another_chain_or_signer(void)
{
    open_chains();
    struct ehr_block_proof proof = ehr_chain_proof(private_chain, 1);
    /* the other hospital claims this block */
    CU_ASSERT_EQUAL(check(exchange_anchor(&x, 1, &proof)), EHR_REPLY_WRONG_CERTIFICATE);
    /* nobody's hospital, and a wrong signature */
    struct ehr_blob *bytes = ehr_anchor_make(x.users[0].cert.id, &proof, &x.user_secrets[0].sign);
    CU_ASSERT_EQUAL(check(exchange_tx(EHR_TX_ANCHOR, bytes, 1)), EHR_REPLY_WRONG_CERTIFICATE);
    bytes = ehr_anchor_make(x.hospitals[0].server.cert.id, &proof, &x.server_secrets[1].sign);
    CU_ASSERT_EQUAL(check(exchange_tx(EHR_TX_ANCHOR, bytes, 1)), EHR_REPLY_WRONG_CERTIFICATE);
    /* another chain id in a header that its committee did sign */
    uint8_t header[EHR_BLOCK_HEADER_BYTES], hash[32], root[32], digest[32];
    struct ehr_block_header parsed;
    CU_ASSERT_EQUAL(ehr_block_header_parse(&parsed, proof.header, EHR_BLOCK_HEADER_BYTES), EHR_OK);
    memcpy(parsed.chain_id, x.hospitals[1].committee.chain_id, 32);
    ehr_block_header_encode(header, &parsed);
    ehr_block_hash(hash, header);
    ehr_state_root(root, proof.previous_state, hash, proof.refused, proof.refused_len);
    ehr_block_cert_digest(digest, parsed.chain_id, parsed.epoch, parsed.height, hash, root);
    struct ehr_quorum_vote votes[3];
    uint8_t certificate[EHR_QUORUM_CERT_BYTES(EXCHANGE_REPLICAS, 3)];
    for (uint32_t i = 0; i < 3; i++) {
        votes[i].member = i;
        ehr_block_cert_sign(votes[i].sig, digest, &x.replica_secrets[0][i].sign);
    }
    CU_ASSERT_EQUAL(
        ehr_quorum_cert_make(certificate, sizeof certificate, digest, EXCHANGE_REPLICAS, votes, 3),
        EHR_OK);
    proof.header = header;
    proof.certificate = certificate;
    proof.certificate_len = sizeof certificate;
    CU_ASSERT_EQUAL(check(exchange_anchor(&x, 0, &proof)), EHR_REPLY_WRONG_CERTIFICATE);
    close_chains();
}

static void hospital_suspended_when_two_headers_are_certified_at_one_height(void)
{
    struct ehr_tx *tx[2];
    open_chains();
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(index_tx(0)), EHR_REPLY_OK);
    struct ehr_chain *fork = exchange_private_chain(&x, 0);
    tx[0] = visit_tx(&visits[2], 1);
    exchange_commit(fork, tx, 1);
    exchange_certify(x.replica_secrets[0], fork, 1, 0x7);
    struct ehr_block_proof proof = ehr_chain_proof(fork, 1);
    tx[0] = exchange_anchor(&x, 0, &proof);
    tx[1] = index_tx(1);
    const struct ehr_chain_block *entry = exchange_commit(alliance, tx, 2);
    CU_ASSERT_EQUAL(entry->replies[0], EHR_REPLY_FORK_PROOF);
    CU_ASSERT_EQUAL(entry->replies[1], EHR_REPLY_SUSPENDED);
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_DUPLICATE); /* the same bytes as before */
    CU_ASSERT_EQUAL(run(index_tx(2)), EHR_REPLY_SUSPENDED);
    CU_ASSERT_FALSE(ehr_contract_suspended(alliance->contract, 0, 2));
    CU_ASSERT_TRUE(ehr_contract_suspended(alliance->contract, 0, 3));
    CU_ASSERT_FALSE(ehr_contract_suspended(alliance->contract, 1, 9));
    ehr_chain_free(fork);
    close_chains();
}

/* ---- the index ---- */

static void index_retried_when_it_came_before_its_anchor(void)
{
    struct ehr_place place;
    uint8_t txid[32];
    open_chains();
    struct ehr_tx *early = index_tx(0);
    txid_of(txid, early);
    CU_ASSERT_EQUAL(run(ehr_tx_ref(early)), EHR_REPLY_NO_HEADER);
    CU_ASSERT_EQUAL(ehr_chain_block_at(alliance, 1)->refused[0], 1);
    CU_ASSERT_TRUE(ehr_chain_transaction_find(alliance, early->id, 1, &place));
    CU_ASSERT_FALSE(ehr_chain_transaction_done(alliance, early->id, 1, &place));
    CU_ASSERT_PTR_NULL(ehr_contract_index_find(alliance->contract, txid, 1));
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(ehr_tx_ref(early)), EHR_REPLY_OK);
    CU_ASSERT_TRUE(ehr_chain_transaction_done(alliance, early->id, 3, &place));
    CU_ASSERT_EQUAL(place.height, 3);
    CU_ASSERT_EQUAL(run(ehr_tx_ref(early)), EHR_REPLY_DUPLICATE);
    CU_ASSERT_TRUE(ehr_chain_transaction_done(alliance, early->id, 4, &place));
    CU_ASSERT_EQUAL(place.height, 3);
    ehr_tx_unref(early);
    close_chains();
}

/* Anchor and index in one block, in this order and the other. */
static void index_finds_its_anchor_when_both_are_in_one_block(void)
{
    struct ehr_tx *tx[3];
    open_chains();
    tx[0] = index_tx(0);
    tx[1] = anchor_tx();
    tx[2] = index_tx(1);
    const struct ehr_chain_block *entry = exchange_commit(alliance, tx, 3);
    CU_ASSERT_EQUAL(entry->replies[0], EHR_REPLY_NO_HEADER);
    CU_ASSERT_EQUAL(entry->replies[1], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(entry->replies[2], EHR_REPLY_OK);
    close_chains();
}

static void lower_heights_do_not_see_what_comes_later(void)
{
    uint8_t txid[32], label[16];
    open_chains();
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    struct ehr_tx *tx = index_tx(1);
    txid_of(txid, tx);
    ehr_index_label(label, visits[1].T, 1);
    CU_ASSERT_EQUAL(run(tx), EHR_REPLY_OK);
    CU_ASSERT_PTR_NULL(ehr_contract_index_find(alliance->contract, txid, 1));
    CU_ASSERT_PTR_NULL(ehr_contract_label_find(alliance->contract, label, 1));
    const struct ehr_index_entry *entry = ehr_contract_index_find(alliance->contract, txid, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    CU_ASSERT_EQUAL(entry->place.height, 2);
    CU_ASSERT_PTR_EQUAL(ehr_contract_label_find(alliance->contract, label, 2), entry);
    txid[0] ^= 1;
    CU_ASSERT_PTR_NULL(ehr_contract_index_find(alliance->contract, txid, 2));
    close_chains();
}

/* Changes a copy of an index transaction and signs it again. */
static struct ehr_tx *index_with(uint32_t leaf, void (*change)(struct ehr_atx *atx))
{
    struct ehr_tx *tx = index_tx(leaf);
    uint8_t bytes[EHR_ATX_BYTES_MAX];
    struct ehr_atx atx;
    CU_ASSERT_EQUAL(ehr_atx_parse(&atx, tx->bytes, tx->length), EHR_OK);
    change(&atx);
    ehr_atx_make(bytes, NULL, &atx, &x.server_secrets[0].sign);
    struct ehr_tx *changed = ehr_tx_new(EHR_TX_INDEX, bytes, EHR_ATX_BYTES(atx.nkw, atx.depth),
                                        EXCHANGE_CLIENT_NODE, 0, 1);
    ehr_tx_unref(tx);
    return changed;
}

static const uint8_t altered[96 * 4] = {1};

static void other_path(struct ehr_atx *atx)
{
    atx->path = altered;
}

static void other_leaf(struct ehr_atx *atx)
{
    atx->leaf_index ^= 1;
}

static void no_path(struct ehr_atx *atx)
{
    atx->depth = 0;
}

static void other_priv(struct ehr_atx *atx)
{
    atx->priv = altered;
}

static void other_height(struct ehr_atx *atx)
{
    atx->height = 2;
}

static void other_block(struct ehr_atx *atx)
{
    atx->block_hash = altered;
}

static void unchanged(struct ehr_atx *atx)
{
    (void)atx;
}

static void index_refused_when_its_path_or_anchor_is_wrong(void)
{
    open_chains();
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(index_with(0, other_path)), EHR_REPLY_WRONG_MERKLE_PATH);
    CU_ASSERT_EQUAL(run(index_with(0, other_leaf)), EHR_REPLY_WRONG_MERKLE_PATH);
    CU_ASSERT_EQUAL(run(index_with(0, no_path)), EHR_REPLY_WRONG_MERKLE_PATH);
    CU_ASSERT_EQUAL(run(index_with(0, other_priv)), EHR_REPLY_WRONG_MERKLE_PATH);
    CU_ASSERT_EQUAL(run(index_with(0, other_height)), EHR_REPLY_NO_HEADER);
    CU_ASSERT_EQUAL(run(index_with(0, other_block)), EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(run(index_with(0, unchanged)), EHR_REPLY_OK);
    close_chains();
}

static void index_refused_when_hospital_or_form_is_wrong(void)
{
    open_chains();
    CU_ASSERT_EQUAL(check(exchange_index(&x, 1, private_chain, 1, 0)),
                    EHR_REPLY_WRONG_CERTIFICATE); /* signed by the other one */
    struct ehr_tx *tx = index_tx(0);
    struct ehr_tx *cut = ehr_tx_new(EHR_TX_INDEX, tx->bytes, tx->length - 1u, 0, 0, 1);
    struct ehr_tx *grant = ehr_tx_new(EHR_TX_GRANT, tx->bytes, tx->length, 0, 0, 1);
    struct ehr_tx *revoke = ehr_tx_new(EHR_TX_REVOKE, tx->bytes, tx->length, 0, 0, 1);
    struct ehr_tx *empty = ehr_tx_new(EHR_TX_ANCHOR, NULL, 0, 0, 0, 1);
    CU_ASSERT_EQUAL(check(cut), EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(check(grant), EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(check(revoke), EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(check(empty), EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(check(tx), EHR_REPLY_OK);
    close_chains();
}

static void leaf_not_indexed_when_its_own_chain_refused_it(void)
{
    open_chains();
    CU_ASSERT_EQUAL(ehr_chain_block_at(private_chain, 1)->refused[0], 0x08);
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(index_tx(3)), EHR_REPLY_BAD_EVIDENCE);
    CU_ASSERT_EQUAL(run(index_tx(0)), EHR_REPLY_OK);
    close_chains();
}

/* The hospital signs the same leaf twice, in other bytes: a free no-op. */
static void second_index_does_nothing_when_the_leaf_is_there(void)
{
    open_chains();
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    struct ehr_tx *tx = index_tx(0);
    CU_ASSERT_EQUAL(run(ehr_tx_ref(tx)), EHR_REPLY_OK);
    struct ehr_tx *other = ehr_tx_new(EHR_TX_INDEX, tx->bytes, tx->length, 0, 0, 1);
    other->id[0] ^= 1; /* as if its signature differed */
    CU_ASSERT_EQUAL(ehr_contract_check(alliance->contract, other), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_contract_execute(alliance->contract, other, (struct ehr_place){3, 0}),
                    EHR_REPLY_DUPLICATE);
    ehr_tx_unref(other);
    ehr_tx_unref(tx);
    close_chains();
}

/* Private chains do not see each other: a pseudonym or label of another hospital is refused here.
 */
static void index_refused_when_another_hospital_used_pseudonym_or_label(void)
{
    struct visit copy;
    struct ehr_tx *tx[2];
    open_chains();
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(index_tx(0)), EHR_REPLY_OK);
    struct ehr_chain *other = exchange_private_chain(&x, 1);
    visit_make(&x, &copy, 1, 0, 0);
    struct visit label = copy;
    memcpy(label.labels + 32, visits[0].labels, 16);
    visit_sign(&x, &label);
    tx[1] = visit_tx(&label, 1);
    memcpy(copy.pseudonym, visits[0].pseudonym, 96);
    copy.keys = visits[0].keys;
    memset(copy.labels, 0x55, 16);
    for (size_t i = 0; i < sizeof copy.labels; i++)
        copy.labels[i] ^= (uint8_t)(i / 16 + 1);
    visit_sign(&x, &copy);
    tx[0] = visit_tx(&copy, 1);
    exchange_commit(other, tx, 2);
    exchange_certify(x.replica_secrets[1], other, 1, 0xb);
    CU_ASSERT_EQUAL(ehr_chain_block_at(other, 1)->refused[0], 0);
    struct ehr_block_proof proof = ehr_chain_proof(other, 1);
    CU_ASSERT_EQUAL(run(exchange_anchor(&x, 1, &proof)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(exchange_index(&x, 1, other, 1, 0)), EHR_REPLY_REUSED_PSEUDONYM);
    CU_ASSERT_EQUAL(run(exchange_index(&x, 1, other, 1, 1)), EHR_REPLY_REUSED_LABEL);
    ehr_chain_free(other);
    close_chains();
}

/* Arrays of the contract grow while transactions stay where they are. */
static void entries_keep_their_transactions_when_there_are_many(void)
{
    enum { MANY = 40 };
    struct ehr_tx *tx[MANY], *first = NULL;
    uint8_t txid[32];
    exchange_open(&x);
    private_chain = exchange_private_chain(&x, 0);
    alliance = exchange_alliance_chain(&x);
    struct visit many;
    for (uint32_t i = 0; i < MANY; i++) {
        visit_make(&x, &many, 0, 0, i);
        tx[i] = visit_tx(&many, i);
    }
    exchange_commit(private_chain, tx, MANY);
    exchange_certify(x.replica_secrets[0], private_chain, 1, 0x7);
    CU_ASSERT_EQUAL(run(anchor_tx()), EHR_REPLY_OK);
    for (uint32_t i = 0; i < MANY; i++) {
        struct ehr_tx *index = index_tx(i);
        if (i == 0) {
            txid_of(txid, index);
            first = index;
        }
        CU_ASSERT_EQUAL(run(index), EHR_REPLY_OK);
    }
    CU_ASSERT_PTR_EQUAL(ehr_contract_index_find(alliance->contract, txid, 60)->tx, first);
    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t label[16];
        ehr_index_label(label, many.T, i);
        const struct ehr_index_entry *entry =
            ehr_contract_label_find(alliance->contract, label, 2 + i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
        CU_ASSERT_EQUAL(entry->place.height, 2 + i);
    }
    close_chains();
}

static const struct ehr_unit_case cases[] = {
    {"anchor_accepted_once_when_certified", anchor_accepted_once_when_certified},
    {"anchor_refused_when_its_certificate_is_wrong", anchor_refused_when_its_certificate_is_wrong},
    {"anchor_refused_when_it_is_of_another_chain_or_signer",
     anchor_refused_when_it_is_of_another_chain_or_signer},
    {"hospital_suspended_when_two_headers_are_certified_at_one_height",
     hospital_suspended_when_two_headers_are_certified_at_one_height},
    {"index_retried_when_it_came_before_its_anchor", index_retried_when_it_came_before_its_anchor},
    {"index_finds_its_anchor_when_both_are_in_one_block",
     index_finds_its_anchor_when_both_are_in_one_block},
    {"lower_heights_do_not_see_what_comes_later", lower_heights_do_not_see_what_comes_later},
    {"index_refused_when_its_path_or_anchor_is_wrong",
     index_refused_when_its_path_or_anchor_is_wrong},
    {"index_refused_when_hospital_or_form_is_wrong", index_refused_when_hospital_or_form_is_wrong},
    {"leaf_not_indexed_when_its_own_chain_refused_it",
     leaf_not_indexed_when_its_own_chain_refused_it},
    {"second_index_does_nothing_when_the_leaf_is_there",
     second_index_does_nothing_when_the_leaf_is_there},
    {"index_refused_when_another_hospital_used_pseudonym_or_label",
     index_refused_when_another_hospital_used_pseudonym_or_label},
    {"entries_keep_their_transactions_when_there_are_many",
     entries_keep_their_transactions_when_there_are_many},
};

EHR_UNIT_MAIN("contract_alliance", cases)
