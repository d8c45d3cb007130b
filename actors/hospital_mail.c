/* Receipts on their way: repeated until the patient's device has acknowledged them, which may be
 * off for long. One that is not collected at once is written to the journal, so that a device which
 * never answers does not keep its block from being done with. */
#include "actors/hospital_internal.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"

static struct mail *mail_find(const struct hospital *self, const uint8_t P[32])
{
    struct mail *mail;
    HASH_FIND(hh, self->mails, P, 32, mail);
    return mail;
}

static struct mail *mail_new(struct hospital *self, const uint8_t P[32], uint32_t patient)
{
    struct mail *mail = ehr_actor_new(sizeof(*mail));
    memcpy(mail->P, P, 32);
    mail->resend.to = (struct ehr_address){self->info->place, patient};
    mail->generation = ++self->generation;
    HASH_ADD(hh, self->mails, P, 32, mail);
    HASH_ADD(hh_timer, self->mails_by_timer, generation, sizeof(mail->generation), mail);
    return mail;
}

static void mail_free(struct hospital *self, struct mail *mail)
{
    HASH_DEL(self->mails, mail);
    HASH_DELETE(hh_timer, self->mails_by_timer, mail);
    ehr_resend_stop(&mail->resend);
    free(mail);
}

/* Its block need not wait for it any more. */
static void mail_let_go(struct hospital *self, struct ehr_fx *fx, struct mail *mail)
{
    struct block *block = mail->block;
    mail->block = NULL;
    block->mail_count--;
    hospital_advance(self, fx);
}

void hospital_mail_post(struct hospital *self, struct ehr_fx *fx, struct block *block,
                        const uint8_t P[32], uint32_t patient, struct ehr_message *take_receipt)
{
    struct mail *mail = mail_find(self, P);
    if (mail != NULL) { /* from before a restart */
        ehr_message_unref(take_receipt);
        return;
    }
    mail = mail_new(self, P, patient);
    mail->block = block;
    block->mail_count++;
    ehr_resend_start(&mail->resend, fx, self->config.directory, mail->resend.to, take_receipt,
                     HOSPITAL_TIMER_MAIL, mail->generation);
}

void hospital_on_receipt_ack(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_receipt_ack *ack = EHR_AS(receipt_ack, d->message);
    struct mail *mail = mail_find(self, ack->pseudonym);
    if (mail == NULL)
        return; /* acknowledged before */
    if (d->from.node != mail->resend.to.node || d->from.lane != mail->resend.to.lane) {
        hospital_drop(fx, d->message);
        return;
    }
    if (mail->block != NULL)
        mail_let_go(self, fx, mail);
    else
        ehr_fx_persist(fx, 32, EHR_HOSPITAL_JOURNAL_COLLECTED, ehr_blob_new(mail->P, 32));
    mail_free(self, mail);
}

static void mail_write(struct ehr_fx *fx, const struct mail *mail)
{
    const struct ehr_message *message = mail->resend.message;
    struct ehr_blob *data = ehr_blob_new(NULL, 4 + message->size);
    ehr_le32(data->bytes, mail->resend.to.lane);
    ehr_message_encode(message, data->bytes + 4);
    ehr_fx_persist(fx, data->length, EHR_HOSPITAL_JOURNAL_MAIL, data);
}

void hospital_mail_timer(struct hospital *self, struct ehr_fx *fx, uint64_t generation)
{
    struct mail *mail;
    HASH_FIND(hh_timer, self->mails_by_timer, &generation, sizeof(generation), mail);
    if (mail == NULL)
        return;
    ehr_resend_insist(&mail->resend, fx, self->config.directory, HOSPITAL_TIMER_MAIL);
    if (mail->block == NULL)
        return;
    mail_write(fx, mail);
    mail_let_go(self, fx, mail);
}

/* ---- restart ---- */

static const uint8_t *pseudonym_of(const struct ehr_message *message)
{
    return message->type == EHR_MSG_AUDIT ? EHR_AS(audit, message)->receipt
                                          : EHR_AS(receipt, message)->receipt;
}

void hospital_mail_restore(struct hospital *self, const struct ehr_blob *data)
{
    struct ehr_message *message;
    enum ehr_status status = ehr_message_decode(data->bytes + 4, data->length - 4, &message);
    assert(status == EHR_OK); /* its own writing */
    (void)status;
    struct mail *mail = mail_new(self, pseudonym_of(message), ehr_le32_get(data->bytes));
    mail->resend.message = message;
}

void hospital_mail_collected(struct hospital *self, const struct ehr_blob *data)
{
    struct mail *mail = mail_find(self, data->bytes);
    assert(mail != NULL); /* it was written before */
    mail_free(self, mail);
}

void hospital_mail_send(struct hospital *self, struct ehr_fx *fx)
{
    for (struct mail *mail = self->mails; mail != NULL; mail = mail->hh.next)
        ehr_resend_start(&mail->resend, fx, self->config.directory, mail->resend.to,
                         ehr_message_ref(mail->resend.message), HOSPITAL_TIMER_MAIL,
                         mail->generation);
}

void hospital_mail_forget(struct hospital *self)
{
    while (self->mails != NULL)
        mail_free(self, self->mails);
}
