/* The last step of a visit: the receipt, or after an emergency the audit, says that it is shared.
 * It is acknowledged each time it comes, as the hospital repeats it until then. A read that is
 * asked for before it has come searches with what the draft told; one that finds nothing so, or
 * that is about an emergency, waits for it. */
#include <string.h>

#include "actors/patient_internal.h"

/* ---- what the hospital sends ---- */

static void acknowledge(const struct here *here, const struct ehr_delivery *d, uint64_t request,
                        const uint8_t P[32])
{
    struct ehr_msg_receipt_ack *ack = EHR_NEW(receipt_ack, RECEIPT_ACK);
    ack->request = request;
    memcpy(ack->pseudonym, P, 32);
    ehr_fx_send(here->fx, d->from, ehr_message_seal(&ack->head));
}

/* `receipt` is P | E | Q | txid. */
static void visit_shared(const struct here *here, struct patient_visit *visit,
                         const uint8_t *receipt, uint64_t height)
{
    visit->shared = true;
    memcpy(visit->txid, receipt + EHR_PSEUDONYM_BYTES, 32);
    visit->height = height;
    patient_height_seen(here, height);
}

void patient_on_receipt(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_receipt *receipt = EHR_AS(receipt, d->message);
    struct patient_visit *visit = patient_visit_by_pseudonym(here, receipt->receipt);
    if (d->from.node != here->directory->hospitals[here->place->hospital].server.node ||
        visit == NULL || visit->hospital != here->place->hospital ||
        memcmp(visit->pseudonym, receipt->receipt, EHR_PSEUDONYM_BYTES) != 0) {
        patient_drop(here, d->message);
        return;
    }
    visit_shared(here, visit, receipt->receipt, receipt->height);
    acknowledge(here, d, receipt->request, receipt->receipt);
}

/* The doctor of an audit, as if it had asked for the card: its index is searched from now on. Who
 * signed in the patient's place must be another doctor of the hospital. */
static bool doctor_introduce(const struct here *here, const struct ehr_msg_audit *audit)
{
    struct ehr_cert cert;
    struct ehr_msg_card_ask ask = {.certificates = audit->certificates};
    if (audit->certificates == NULL || audit->certificates->length != 2 * EHR_CERT_BYTES ||
        ehr_cert_parse(&cert, audit->certificates->bytes + EHR_CERT_BYTES, EHR_CERT_BYTES) !=
            EHR_OK)
        return false;
    const struct ehr_member *member =
        ehr_directory_doctor(here->directory, here->place->hospital, cert.id);
    if (memcmp(audit->second, cert.id, sizeof(audit->second)) == 0 ||
        ehr_directory_doctor(here->directory, here->place->hospital, audit->second) == NULL)
        return false;
    memcpy(ask.index_key, audit->index_key, sizeof(ask.index_key));
    return member != NULL && patient_doctor_known(here, &ask, member->node);
}

/* The visit of an audit whose pseudonym is not known; NULL: not this patient's. */
static struct patient_visit *visit_detect(const struct here *here, const uint8_t *pseudonym)
{
    struct ehr_visit_keys keys;
    bool hit = false;
    const uint8_t *hid = here->directory->hospitals[here->place->hospital].server.cert.id;
    enum ehr_status status = ehr_pseudonym_detect(&keys, &hit, pseudonym, EHR_PSEUDONYM_BYTES,
                                                  &here->patient->keys, hid);
    ehr_fx_charge(here->fx,
                  status == EHR_OK && hit ? EHR_COST_PSEUDONYM_DETECT_HIT
                                          : EHR_COST_PSEUDONYM_DETECT_MISS,
                  1, 0);
    if (status != EHR_OK || !hit)
        return NULL;
    struct patient_visit *visit = patient_visit_add(here);
    visit->hospital = here->place->hospital;
    memcpy(visit->pseudonym, pseudonym, EHR_PSEUDONYM_BYTES);
    visit->keys = keys;
    ehr_wipe(&keys, sizeof(keys));
    return visit;
}

void patient_on_audit(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_audit *audit = EHR_AS(audit, d->message);
    struct patient_visit *visit = patient_visit_by_pseudonym(here, audit->receipt);
    bool known = visit != NULL && visit->shared && visit->request == audit->request;
    /* a search may have found it before the audit came; one with a draft was no emergency */
    bool good = d->from.node == here->directory->hospitals[here->place->hospital].server.node &&
                (visit == NULL ||
                 ((known || visit->request == 0) && visit->hospital == here->place->hospital &&
                  memcmp(visit->pseudonym, audit->receipt, EHR_PSEUDONYM_BYTES) == 0));
    if (good && !known) {
        good = doctor_introduce(here, audit);
        if (good && visit == NULL)
            visit = visit_detect(here, audit->receipt);
        good = good && visit != NULL;
    }
    if (!good) {
        patient_drop(here, d->message);
        return;
    }
    visit->request = audit->request;
    visit_shared(here, visit, audit->receipt, audit->height);
    acknowledge(here, d, audit->request, audit->receipt);
}

/* ---- what waits for it ---- */

const struct patient_visit *patient_visit_shared(const struct here *here, uint64_t request)
{
    const struct patient_visit *visit = patient_visit_by_request(here, request);
    return visit != NULL && visit->shared ? visit : NULL;
}

/* Without a receipt: an index as new as anything the patient has heard of. */
uint64_t patient_visit_height(const struct here *here, uint64_t request)
{
    const struct patient_visit *visit = patient_visit_shared(here, request);
    return visit != NULL ? visit->height : here->patient->known_height;
}

void patient_receipt_await(const struct here *here, struct errand *errand)
{
    patient_search_free(errand->search);
    errand->search = NULL;
    ehr_patience_start(&errand->mail, here->fx, here->directory, PATIENT_TIMER,
                       ++here->patient->generation);
}

/* The device looks again, where the errand began: nobody is asked, as the hospital repeats. */
bool patient_receipt_timer(const struct here *here, struct errand *errand, uint64_t generation)
{
    if (errand->mail.generation != generation)
        return false;
    bool there = patient_visit_shared(here, errand->visit_request) != NULL;
    if (!there && ehr_patience_on_timer(&errand->mail, here->fx, here->directory, PATIENT_TIMER))
        return true;
    ehr_patience_stop(&errand->mail);
    if (errand->kind == ERRAND_RETRIEVE && there)
        patient_retrieve_search(here, errand);
    else if (errand->kind == ERRAND_RETRIEVE)
        patient_errand_close(here, errand, EHR_REPLY_NOT_FOUND);
    else if (there)
        patient_consent_search(here, errand);
    else
        patient_consent_answer(here, errand, EHR_REPLY_NOT_FOUND);
    return true;
}
