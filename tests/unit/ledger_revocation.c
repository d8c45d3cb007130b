/* Revocations of certificates: bytes, who may order them, what they stop and from when on. */
#include <string.h>

#include "sim/ledger/cert_revoke.h"
#include "sim/ledger/wire.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

static struct exchange x;
static struct ehr_chain *alliance, *private_chain;

static void chains_open(void)
{
    exchange_open(&x);
    alliance = exchange_alliance_chain(&x);
    private_chain = exchange_private_chain(&x, 0);
    ehr_contract_issuer_set(alliance->contract, x.directory.root.id, x.directory.root.ed_pk);
    ehr_contract_issuer_set(private_chain->contract, x.hospitals[0].server.cert.id,
                            x.hospitals[0].server.cert.ed_pk);
}

static void chains_close(void)
{
    ehr_chain_free(alliance);
    ehr_chain_free(private_chain);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static struct ehr_tx *revocation(enum ehr_tx_type type, const struct ehr_member *of,
                                 const struct ehr_sign_key *by)
{
    return exchange_tx(type, ehr_cert_revoke_make(of->certificate, 7, 1, by), 50);
}

static enum ehr_reply check(struct ehr_chain *chain, struct ehr_tx *take_tx)
{
    enum ehr_reply verdict = ehr_contract_check(chain->contract, take_tx);
    ehr_tx_unref(take_tx);
    return verdict;
}

static enum ehr_reply run(struct ehr_chain *chain, struct ehr_tx *take_tx)
{
    return (enum ehr_reply)exchange_commit(chain, &take_tx, 1)->replies[0];
}

static void bytes_are_those_of_the_page(void)
{
    struct ehr_cert_revoke parsed;
    uint8_t digest[32];
    exchange_open(&x);
    struct ehr_blob *blob =
        ehr_cert_revoke_make(x.users[0].certificate, UINT64_C(0x0807060504030201), 9, &x.root);
    CU_ASSERT_EQUAL_FATAL(blob->length, 301);
    CU_ASSERT_EQUAL(memcmp(blob->bytes, "CRV1", 4), 0);
    CU_ASSERT_EQUAL(memcmp(blob->bytes + 4, x.users[0].certificate, 224), 0);
    CU_ASSERT_EQUAL(memcmp(blob->bytes + 228, "\1\2\3\4\5\6\7\10\11", 9), 0);
    ehr_cert_revoke_digest(digest, x.users[0].cert.id, UINT64_C(0x0807060504030201), 9);
    CU_ASSERT_EQUAL(ehr_sign_verify(x.root.public, "sig-crev", digest, blob->bytes + 237), EHR_OK);
    CU_ASSERT_EQUAL(ehr_cert_revoke_parse(&parsed, blob->bytes, blob->length), EHR_OK);
    CU_ASSERT_EQUAL(parsed.reason, 9);
    for (uint32_t length = 0; length < blob->length; length++)
        CU_ASSERT_EQUAL(ehr_cert_revoke_parse(&parsed, blob->bytes, length), EHR_LEN);
    /* every bit is under the magic, the certificate's signature or the revocation's */
    for (uint32_t bit = 0; bit < 8 * blob->length; bit++) {
        blob->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum ehr_status status = ehr_cert_revoke_parse(&parsed, blob->bytes, blob->length);
        if (status == EHR_OK)
            status =
                ehr_cert_revoke_check(&parsed, EHR_ROLE_ROOT, x.directory.root.id, x.root.public);
        CU_ASSERT_NOT_EQUAL(status, EHR_OK);
        blob->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ehr_blob_unref(blob);
}

static void accepted_from_the_issuer_alone(void)
{
    chains_open();
    const struct ehr_sign_key *server = &x.server_secrets[0].sign;
    const struct ehr_sign_key *other = &x.server_secrets[1].sign;
    const struct ehr_member *doctor = &x.doctors[0][0], *hospital = &x.hospitals[0].server;
    const enum ehr_tx_type type = EHR_TX_CERT_REVOKE;
    CU_ASSERT_EQUAL(check(alliance, revocation(type, doctor, server)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, doctor, other)), EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, doctor, &x.root)),
                    EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, doctor, &x.doctor_secrets[0][0].sign)),
                    EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, &x.replicas[0][1], server)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, &x.users[0], &x.root)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, &x.users[0], server)),
                    EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, &x.alliance[2], &x.root)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, hospital, &x.root)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(alliance, revocation(type, hospital, server)),
                    EHR_REPLY_WRONG_CERTIFICATE);
    chains_close();
}

/* A hospital that issues what it may not, or under another's name. */
static void refused_when_never_issued(void)
{
    chains_open();
    struct ehr_member forged = x.users[0];
    memcpy(forged.cert.issuer_id, x.hospitals[0].server.cert.id, 32);
    ehr_cert_issue(forged.certificate, &forged.cert, &x.server_secrets[0].sign);
    CU_ASSERT_EQUAL(
        check(alliance, revocation(EHR_TX_CERT_REVOKE, &forged, &x.server_secrets[0].sign)),
        EHR_REPLY_WRONG_CERTIFICATE);
    forged = x.doctors[1][0]; /* of the other hospital, signed by this one */
    ehr_cert_issue(forged.certificate, &forged.cert, &x.server_secrets[0].sign);
    CU_ASSERT_EQUAL(
        check(alliance, revocation(EHR_TX_CERT_REVOKE, &forged, &x.server_secrets[0].sign)),
        EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(check(alliance, exchange_tx(EHR_TX_CERT_REVOKE, ehr_blob_new("CRV1", 4), 1)),
                    EHR_REPLY_MALFORMED);
    chains_close();
}

static void each_type_on_its_own_chain(void)
{
    chains_open();
    const struct ehr_sign_key *server = &x.server_secrets[0].sign;
    const struct ehr_member *doctor = &x.doctors[0][0];
    CU_ASSERT_EQUAL(check(alliance, revocation(EHR_TX_DOCTOR_REVOKE, doctor, server)),
                    EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(check(private_chain, revocation(EHR_TX_CERT_REVOKE, doctor, server)),
                    EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(check(private_chain, revocation(EHR_TX_DOCTOR_REVOKE, doctor, server)),
                    EHR_REPLY_OK);
    CU_ASSERT_EQUAL(check(private_chain, revocation(EHR_TX_DOCTOR_REVOKE, &x.doctors[1][0],
                                                    &x.server_secrets[1].sign)),
                    EHR_REPLY_WRONG_CERTIFICATE);
    CU_ASSERT_EQUAL(check(private_chain, revocation(EHR_TX_DOCTOR_REVOKE, &x.users[0], &x.root)),
                    EHR_REPLY_WRONG_CERTIFICATE);
    chains_close();
}

static struct ehr_tx *record(struct visit *visit, uint32_t doctor, uint32_t i)
{
    visit_make(&x, visit, 0, doctor, i);
    return visit_tx(visit, 10 + i);
}

static void doctor_stopped_from_its_place_on(void)
{
    struct visit visit;
    chains_open();
    CU_ASSERT_EQUAL(run(private_chain, record(&visit, 0, 0)), EHR_REPLY_OK);
    struct ehr_tx *tx[4] = {
        record(&visit, 0, 1),
        revocation(EHR_TX_DOCTOR_REVOKE, &x.doctors[0][0], &x.server_secrets[0].sign),
        record(&visit, 0, 2), record(&visit, 1, 0)};
    const struct ehr_chain_block *block = exchange_commit(private_chain, tx, 4);
    CU_ASSERT_EQUAL(block->replies[0], EHR_REPLY_OK); /* before it, in the same block */
    CU_ASSERT_EQUAL(block->replies[1], EHR_REPLY_OK);
    CU_ASSERT_EQUAL(block->replies[2], EHR_REPLY_REVOKED_DOCTOR);
    CU_ASSERT_EQUAL(block->replies[3], EHR_REPLY_OK); /* another doctor */
    CU_ASSERT_EQUAL(block->refused[0], 4);
    CU_ASSERT_EQUAL(run(private_chain, revocation(EHR_TX_DOCTOR_REVOKE, &x.doctors[0][0],
                                                  &x.server_secrets[0].sign)),
                    EHR_REPLY_DUPLICATE);
    CU_ASSERT_FALSE(ehr_contract_revoked(private_chain->contract, x.doctors[0][0].cert.id, 1));
    CU_ASSERT_TRUE(ehr_contract_revoked(private_chain->contract, x.doctors[0][0].cert.id, 2));
    /* the primary's filter, as replicas at these heights see it */
    struct ehr_tx *late = record(&visit, 0, 3);
    CU_ASSERT_EQUAL(ehr_contract_prefilter(private_chain->contract, late, 1), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(ehr_contract_prefilter(private_chain->contract, late, 2),
                    EHR_REPLY_REVOKED_DOCTOR);
    ehr_tx_unref(late);
    chains_close();
}

/* One private block is anchored and indexed; then the root revokes. */
static void hospital_and_data_user_stopped_on_the_alliance_chain(void)
{
    struct visit visits[2];
    uint8_t grant_id[32], txid[32];
    chains_open();
    struct ehr_tx *records[2] = {record(&visits[0], 0, 0), record(&visits[1], 0, 1)};
    exchange_commit(private_chain, records, 2);
    exchange_certify(x.replica_secrets[0], private_chain, 1, 0x7);
    struct ehr_block_proof proof = ehr_chain_proof(private_chain, 1);
    CU_ASSERT_EQUAL(run(alliance, exchange_anchor(&x, 0, &proof)), EHR_REPLY_OK);
    struct ehr_tx *index = exchange_index(&x, 0, private_chain, 1, 0);
    struct ehr_atx atx;
    CU_ASSERT_EQUAL(ehr_atx_parse(&atx, index->bytes, index->length), EHR_OK);
    ehr_atx_id(txid, &atx);
    CU_ASSERT_EQUAL(run(alliance, index), EHR_REPLY_OK);
    struct grant_terms terms = {txid, 0, EXCHANGE_EPOCH, 0, 100};
    CU_ASSERT_EQUAL(run(alliance, exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(alliance, revocation(EHR_TX_CERT_REVOKE, &x.users[0], &x.root)),
                    EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(alliance, revocation(EHR_TX_CERT_REVOKE, &x.users[0], &x.root)),
                    EHR_REPLY_DUPLICATE);
    CU_ASSERT_EQUAL(run(alliance, exchange_grant(&x, &visits[0], &terms, grant_id)),
                    EHR_REPLY_REVOKED_CERTIFICATE);
    terms.user = 1;
    CU_ASSERT_EQUAL(run(alliance, exchange_grant(&x, &visits[0], &terms, grant_id)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(alliance, revocation(EHR_TX_CERT_REVOKE, &x.hospitals[0].server, &x.root)),
                    EHR_REPLY_OK);
    CU_ASSERT_EQUAL(run(alliance, exchange_index(&x, 0, private_chain, 1, 1)),
                    EHR_REPLY_REVOKED_CERTIFICATE);
    struct visit more;
    struct ehr_tx *later = record(&more, 1, 5);
    exchange_commit(private_chain, &later, 1);
    exchange_certify(x.replica_secrets[0], private_chain, 2, 0x7);
    proof = ehr_chain_proof(private_chain, 2);
    CU_ASSERT_EQUAL(run(alliance, exchange_anchor(&x, 0, &proof)), EHR_REPLY_REVOKED_CERTIFICATE);
    chains_close();
}

static const struct ehr_unit_case cases[] = {
    {"bytes_are_those_of_the_page", bytes_are_those_of_the_page},
    {"accepted_from_the_issuer_alone", accepted_from_the_issuer_alone},
    {"refused_when_never_issued", refused_when_never_issued},
    {"each_type_on_its_own_chain", each_type_on_its_own_chain},
    {"doctor_stopped_from_its_place_on", doctor_stopped_from_its_place_on},
    {"hospital_and_data_user_stopped_on_the_alliance_chain",
     hospital_and_data_user_stopped_on_the_alliance_chain},
};
EHR_UNIT_MAIN("ledger_revocation", cases)
