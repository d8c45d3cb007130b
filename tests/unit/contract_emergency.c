/* Evidence of a record written in an emergency: two doctors of the hospital, with two certificates
 * and two keys, in the place of doctor and patient. */
#include <string.h>

#include "sim/ledger/private_tx.h"
#include "tests/unit/exchange.h"
#include "tests/unit/unit.h"

enum { BYTES = 372 + 16 * EXCHANGE_NKW };

static struct exchange x;
static struct ehr_chain *chain;
static struct visit visit;

/* Who signs second, under which certificate. */
struct second {
    const uint8_t *cert_id;
    const struct ehr_sign_key *key;
};

static struct second second_of(uint32_t hospital, uint32_t doctor)
{
    return (struct second){x.doctors[hospital][doctor].cert.id,
                           &x.doctor_secrets[hospital][doctor].sign};
}

/* The visit's terms with the flag, signed by its own doctor and by the second. */
static struct ehr_tx *emergency(struct second second)
{
    const struct ehr_ptx_terms terms = {.hid = x.hospitals[visit.hospital].server.cert.id,
                                        .doctor_id =
                                            x.doctors[visit.hospital][visit.doctor].cert.id,
                                        .epoch = EXCHANGE_EPOCH,
                                        .flags = EHR_PTX_FLAG_EMERGENCY,
                                        .pseudonym = visit.pseudonym,
                                        .ct_hash = visit.ct_hash,
                                        .ct_len = sizeof visit.sealed,
                                        .labels = visit.labels,
                                        .nkw = EXCHANGE_NKW};
    uint8_t body[32], sig[64], evidence[EHR_PTX_EMERGENCY_BYTES], bytes[BYTES];
    ehr_ptx_terms_body(body, &terms);
    ehr_ptx_sign_doctor(sig, body, &x.doctor_secrets[visit.hospital][visit.doctor].sign);
    ehr_ptx_sign_emergency(evidence, body, second.cert_id, second.key);
    ehr_ptx_encode(bytes, &terms, sig, evidence);
    return ehr_tx_new(EHR_TX_RECORD, bytes, sizeof bytes, EXCHANGE_CLIENT_NODE, 0, 1);
}

static enum ehr_reply checked(struct ehr_contract *contract, struct ehr_tx *take)
{
    enum ehr_reply reply = ehr_contract_check(contract, take);
    CU_ASSERT_EQUAL(take->record != NULL, reply == EHR_REPLY_OK);
    ehr_tx_unref(take);
    return reply;
}

static void open_chain(void)
{
    exchange_open(&x);
    chain = exchange_private_chain(&x, 0);
    visit_make(&x, &visit, 0, 0, 0);
}

static void close_chain(void)
{
    ehr_chain_free(chain);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static void accepted_and_executed_when_two_doctors_signed(void)
{
    open_chain();
    struct ehr_tx *tx = emergency(second_of(0, 1));
    CU_ASSERT_EQUAL(tx->length, BYTES);
    CU_ASSERT_EQUAL(checked(chain->contract, ehr_tx_ref(tx)), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(exchange_commit(chain, &tx, 1)->replies[0], EHR_REPLY_OK);
    close_chain();
}

static void refused_when_the_second_doctor_is_the_first(void)
{
    open_chain();
    CU_ASSERT_EQUAL(checked(chain->contract, emergency(second_of(0, 0))), EHR_REPLY_UNKNOWN_DOCTOR);
    close_chain();
}

/* One person with two certificates over one key, both issued by the hospital. */
static void refused_when_one_key_signs_under_two_certificates(void)
{
    open_chain();
    const uint8_t *hid = x.hospitals[0].server.cert.id;
    struct ehr_contract_doctor doctors[2] = {{.revoked = false}, {.revoked = false}};
    for (uint32_t i = 0; i < 2; i++) {
        memcpy(doctors[i].cert_id, x.doctors[0][i].cert.id, 32);
        memcpy(doctors[i].ed_pk, x.doctors[0][0].cert.ed_pk, 32);
    }
    struct ehr_contract *one_key = ehr_contract_private_new(hid, EXCHANGE_EPOCH, doctors, 2);
    const struct second self = {doctors[1].cert_id, &x.doctor_secrets[0][0].sign};
    CU_ASSERT_EQUAL(checked(one_key, emergency(self)), EHR_REPLY_UNKNOWN_DOCTOR);
    ehr_contract_free(one_key);
    memcpy(doctors[1].ed_pk, x.doctors[0][1].cert.ed_pk, 32);
    struct ehr_contract *two_keys = ehr_contract_private_new(hid, EXCHANGE_EPOCH, doctors, 2);
    CU_ASSERT_EQUAL(checked(two_keys, emergency(self)), EHR_REPLY_BAD_EVIDENCE);
    CU_ASSERT_EQUAL(checked(two_keys, emergency(second_of(0, 1))), EHR_REPLY_OK);
    ehr_contract_free(two_keys);
    close_chain();
}

static void refused_when_the_second_doctor_is_of_another_hospital(void)
{
    open_chain();
    CU_ASSERT_EQUAL(checked(chain->contract, emergency(second_of(1, 1))), EHR_REPLY_UNKNOWN_DOCTOR);
    close_chain();
}

static void refused_when_the_second_doctor_is_revoked(void)
{
    open_chain();
    CU_ASSERT_EQUAL(checked(chain->contract, emergency(second_of(0, EXCHANGE_DOCTORS - 1))),
                    EHR_REPLY_UNKNOWN_DOCTOR);
    close_chain();
}

/* The flag is under both signatures: neither kind of evidence stands for the other. */
static void refused_when_evidence_or_flag_is_altered(void)
{
    static const struct {
        size_t at;
        enum ehr_reply reply;
    } altered[] = {
        {BYTES - 1, EHR_REPLY_BAD_EVIDENCE},    /* second signature */
        {BYTES - 96, EHR_REPLY_UNKNOWN_DOCTOR}, /* second certificate */
        {BYTES - 97, EHR_REPLY_BAD_EVIDENCE},   /* first signature */
        {72, EHR_REPLY_MALFORMED},              /* the flag: too long for a token */
    };
    uint8_t bytes[BYTES];
    open_chain();
    struct ehr_tx *good = emergency(second_of(0, 1));
    for (size_t i = 0; i < sizeof altered / sizeof *altered; i++) {
        memcpy(bytes, good->bytes, sizeof bytes);
        bytes[altered[i].at] ^= 1;
        struct ehr_tx *bad = ehr_tx_new(EHR_TX_RECORD, bytes, sizeof bytes, 0, 0, 1);
        CU_ASSERT_EQUAL(checked(chain->contract, bad), altered[i].reply);
    }
    ehr_tx_unref(good);
    close_chain();
}

static const struct ehr_unit_case cases[] = {
    {"accepted_and_executed_when_two_doctors_signed",
     accepted_and_executed_when_two_doctors_signed},
    {"refused_when_the_second_doctor_is_the_first", refused_when_the_second_doctor_is_the_first},
    {"refused_when_one_key_signs_under_two_certificates",
     refused_when_one_key_signs_under_two_certificates},
    {"refused_when_the_second_doctor_is_of_another_hospital",
     refused_when_the_second_doctor_is_of_another_hospital},
    {"refused_when_the_second_doctor_is_revoked", refused_when_the_second_doctor_is_revoked},
    {"refused_when_evidence_or_flag_is_altered", refused_when_evidence_or_flag_is_altered},
};

EHR_UNIT_MAIN("contract_emergency", cases)
