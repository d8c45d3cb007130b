/* Attacks on what stands in the place of somebody's consent: the second doctor's signature in an
 * emergency, the trapdoor that a data user shows. */
#include <assert.h>
#include <string.h>

#include "sim/ledger/private_tx.h"
#include "sim/ledger/scope_proof.h"
#include "tests/tampering/tamper.h"

enum { MINSK = 0, PROXIES_MAX = 8 };

/* ---- emergencies ---- */

/* The second doctor's answer is on its way; somebody flips a bit. */
static struct ehr_message *cosignature_forge(void *context, uint64_t now_ns, uint32_t to,
                                             struct ehr_message *message)
{
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_COSIGNED)
        return message;
    struct ehr_msg_cosigned *cosigned = (struct ehr_msg_cosigned *)tamper_copy(message);
    cosigned->signature[40] ^= 1;
    tamper_refusal(context, cosigned->request, EHR_REASON_BAD_EVIDENCE);
    return &cosigned->head;
}

static void forged_cosignature(struct tamper *t)
{
    tamper_mouth(t, "minsk-doctor-0", cosignature_forge);
    tamper_mouth(t, "minsk-doctor-1", cosignature_forge);
}

/* The doctor is alone and signs for the second, too: in turn in the other's name, and as itself. */
static struct ehr_message *second_forge(void *context, uint64_t now_ns, uint32_t to,
                                        struct ehr_message *message)
{
    struct tamper *t = context;
    const struct ehr_hospital_info *hospital = &t->directory->hospitals[MINSK];
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_RECORD);
    struct ehr_ptx ptx;
    uint8_t bytes[EHR_PTX_BYTES_MAX], body[32], evidence[EHR_PTX_EMERGENCY_BYTES];
    (void)now_ns, (void)to;
    if (tx == NULL)
        return message;
    enum ehr_status status = ehr_ptx_parse(&ptx, tx->bytes, tx->length);
    assert(status == EHR_OK && ptx.token_len == EHR_PTX_EMERGENCY_BYTES);
    bool as_other = tx->request % 2 == 0;
    ehr_ptx_terms_body(body, &ptx.terms);
    ehr_ptx_sign_emergency(evidence, body, hospital->doctors[as_other ? 1 : 0].cert.id,
                           &t->genesis->hospitals[MINSK].doctors[0].secrets.sign);
    memcpy(bytes, tx->bytes, tx->length);
    memcpy(bytes + (ptx.token - tx->bytes), evidence, sizeof evidence);
    tamper_refusal(t, tx->request, as_other ? EHR_REASON_BAD_EVIDENCE : EHR_REASON_UNKNOWN_DOCTOR);
    return tamper_submit(t, message, bytes, tx->length);
}

static void forged_second_doctor(struct tamper *t)
{
    tamper_mouth(t, "minsk-doctor-0", second_forge);
}

/* ---- trapdoors ---- */

/* What each proxy was shown first, under another grant than any later one. */
static struct {
    uint64_t request;
    uint8_t box[EHR_SCOPE_PROOF_BOX_BYTES];
} shown[PROXIES_MAX];

/* In turn a trapdoor that nobody gave, and one of an earlier grant. */
static struct ehr_message *trapdoor_swap(void *context, uint64_t now_ns, uint32_t to,
                                         struct ehr_message *message)
{
    struct tamper *t = context;
    (void)now_ns;
    if (message->type != EHR_MSG_ACCESS_SCOPED)
        return message;
    struct ehr_msg_access_scoped *access = (struct ehr_msg_access_scoped *)tamper_copy(message);
    uint32_t proxy = ehr_committee_replica(&t->directory->alliance, to);
    const struct ehr_member *node = &t->directory->alliance.members[proxy];
    assert(proxy < PROXIES_MAX);
    if (shown[proxy].request == 0) {
        shown[proxy].request = access->request;
        memcpy(shown[proxy].box, access->trapdoor, sizeof shown[proxy].box);
    }
    if (access->request % 2 == 0 || shown[proxy].request == access->request) {
        struct ehr_scope_proof invented = {.T = {0xab}};
        memcpy(invented.grant_id, access->grant_id, 32);
        enum ehr_status status = ehr_scope_proof_seal(access->trapdoor, &invented, node->cert.id,
                                                      &node->epoch_key, &t->rng.rng);
        assert(status == EHR_OK);
    } else {
        memcpy(access->trapdoor, shown[proxy].box, sizeof shown[proxy].box);
    }
    tamper_refusal(t, access->request, EHR_REASON_OUT_OF_SCOPE);
    return &access->head;
}

static void out_of_scope(struct tamper *t)
{
    tamper_mouth(t, "institute", trapdoor_swap);
}

/* ---- what the patient is told of an emergency ---- */

static uint32_t audits;

/* In turn the first doctor as the second one, a doctor of another hospital, and nobody. */
static struct ehr_message *second_misname(void *context, uint64_t now_ns, uint32_t to,
                                          struct ehr_message *message)
{
    struct tamper *t = context;
    struct ehr_cert first;
    (void)now_ns, (void)to;
    if (message->type != EHR_MSG_AUDIT)
        return message;
    struct ehr_msg_audit *audit = (struct ehr_msg_audit *)tamper_copy(message);
    enum ehr_status status =
        ehr_cert_parse(&first, audit->certificates->bytes + EHR_CERT_BYTES, EHR_CERT_BYTES);
    assert(status == EHR_OK);
    const uint8_t *others[] = {first.id, t->directory->hospitals[1].doctors[0].cert.id,
                               (const uint8_t[32]){0xab}};
    memcpy(audit->second, others[audits++ % 3], sizeof audit->second);
    return &audit->head;
}

static void false_second(struct tamper *t)
{
    tamper_mouth(t, "minsk-server", second_misname);
}

static void false_second_judge(struct tamper *t)
{
    tamper_check(t, audits >= 3 && t->dropped[EHR_MSG_AUDIT] == audits,
                 "%u of %u audits with a false second doctor dropped",
                 (unsigned)t->dropped[EHR_MSG_AUDIT], (unsigned)audits);
}

const struct tamper_case tamper_cases_evidence[] = {
    {.name = "false_second",
     .attack = "in emergencies, Minsk tells its patients of a second doctor who is none",
     .sets = {"workload/visits/@emergency=1", "workload/retrievals/@count=0",
              "workload/shares/@count=0", "workload/revocations/@count=0"},
     .prepare = false_second,
     .judge = false_second_judge,
     .invisible = true},
    {.name = "forged_cosignature",
     .attack = "in emergencies, the second doctor's signature has one bit changed",
     .sets = {"workload/visits/@emergency=1"},
     .before = EHR_PHASE_STORE,
     .prepare = forged_cosignature},
    {.name = "forged_second_doctor",
     .attack = "in emergencies, a doctor signs for the second one, in turn in the other's name and "
               "as itself",
     .sets = {"workload/visits/@emergency=1"},
     .before = EHR_PHASE_ANCHOR,
     .prepare = forged_second_doctor,
     .ear = "minsk-doctor-0",
     .hear = tamper_hear_own},
    {.name = "out_of_scope",
     .attack = "a data user shows trapdoors that, in turn, nobody gave and another grant came with",
     .before = EHR_PHASE_FETCH,
     .prepare = out_of_scope},
    {.name = NULL},
};
