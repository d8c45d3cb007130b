/* F: keys of a patient who cannot show a card; who asked for them is written down, limited, and
 * told to the patient with the receipt. */
#include "actors/hospital_internal.h"

#include <string.h>

#include "crypto/codec.h"

/* Assumed: so many in an hour, then somebody has to look. */
enum { EMERGENCIES_PER_HOUR = 12, AUDIT_JOURNAL_BYTES = 17 };
static const uint64_t hour_ns = 3600 * UINT64_C(1000000000);

/* Counts one more emergency of this doctor. False, and nothing counted: it had all of this hour. */
static bool emergency_count(struct hospital *self, uint32_t doctor, uint64_t now_ns)
{
    struct emergencies *of = &self->emergencies[doctor];
    if (now_ns - of->since_ns >= hour_ns) {
        of->since_ns = now_ns;
        of->count = 0;
    }
    if (of->count == EMERGENCIES_PER_HOUR)
        return false;
    of->count++;
    return true;
}

static void audit_persist(struct ehr_fx *fx, uint32_t doctor,
                          const struct ehr_msg_emergency_ask *ask)
{
    struct ehr_blob *data = ehr_blob_new(NULL, AUDIT_JOURNAL_BYTES);
    struct ehr_writer writer = ehr_writer_init(data->bytes, data->length);
    ehr_writer_u32(&writer, doctor);
    ehr_writer_u32(&writer, ask->patient);
    ehr_writer_u8(&writer, ask->reason);
    ehr_writer_u64(&writer, ehr_fx_now(fx));
    ehr_fx_persist(fx, data->length, EHR_HOSPITAL_JOURNAL_AUDIT, data);
}

void hospital_audit_restore(struct hospital *self, const struct ehr_blob *data)
{
    struct ehr_reader reader = ehr_reader_init(data->bytes, data->length);
    uint32_t doctor = ehr_reader_u32(&reader);
    (void)ehr_reader_u32(&reader);
    (void)ehr_reader_u8(&reader);
    uint64_t at_ns = ehr_reader_u64(&reader);
    if (doctor < self->info->doctor_count)
        (void)emergency_count(self, doctor, at_ns); /* it was granted */
}

static const struct card *card_of(const struct hospital *self, uint32_t patient)
{
    for (const struct card *card = self->cards; card != NULL; card = card->hh.next)
        if (card->patient == patient)
            return card;
    return NULL;
}

void hospital_on_emergency_ask(struct hospital *self, struct ehr_fx *fx,
                               const struct ehr_delivery *d)
{
    const struct ehr_msg_emergency_ask *ask = EHR_AS(emergency_ask, d->message);
    uint32_t doctor = hospital_doctor_find(self, d->from.node);
    const struct kept *open = hospital_visit_find(self, ask->request);
    /* One request, one doctor and one patient: another's keys under it would go uncounted. */
    if (doctor == UINT32_MAX || ask->reason == 0 ||
        (open != NULL && (open->emergency != doctor + 1 || open->patient != ask->patient))) {
        hospital_drop(fx, d->message);
        return;
    }
    const struct card *card = card_of(self, ask->patient);
    enum ehr_reply status = EHR_REPLY_OK;
    if (card == NULL)
        status = EHR_REPLY_WRONG_CARD;
    else if (open == NULL && !emergency_count(self, doctor, ehr_fx_now(fx)))
        status = EHR_REPLY_EMERGENCY_LIMIT;
    struct ehr_msg_emergency_keys *keys = EHR_NEW(emergency_keys, EMERGENCY_KEYS);
    keys->request = ask->request;
    keys->status = (uint8_t)status;
    if (status == EHR_REPLY_OK) {
        if (open == NULL)
            audit_persist(fx, doctor, ask); /* before the keys leave */
        hospital_visit_open(self, fx, ask->request, card->patient, doctor + 1);
        memcpy(keys->keys, card->keys, sizeof(keys->keys));
    }
    ehr_fx_send(fx, d->from, ehr_message_seal(&keys->head));
}

struct ehr_message *hospital_audit_make(const struct hospital *self, const struct sharing *sharing,
                                        uint64_t height)
{
    const struct ehr_member *doctor =
        ehr_directory_doctor(self->config.directory, self->config.hospital, sharing->doctor_id);
    if (doctor == NULL)
        return NULL;
    struct ehr_msg_audit *audit = EHR_NEW(audit, AUDIT);
    audit->request = sharing->request;
    memcpy(audit->receipt, sharing->receipt, sizeof(audit->receipt));
    audit->height = height;
    memcpy(audit->second, sharing->second_id, sizeof(audit->second));
    audit->certificates = ehr_blob_new(NULL, 2 * (size_t)EHR_CERT_BYTES);
    memcpy(audit->certificates->bytes, self->info->server.certificate, EHR_CERT_BYTES);
    memcpy(audit->certificates->bytes + EHR_CERT_BYTES, doctor->certificate, EHR_CERT_BYTES);
    memcpy(audit->index_key, doctor->epoch_certificate, sizeof(audit->index_key));
    return ehr_message_seal(&audit->head);
}
