/* Life of a hospital server: dispatch, and what a restart rebuilds from the journal. */
#include "actors/hospital_internal.h"

#include <string.h>

#include "crypto/codec.h"

static struct hospital *hospital_of(struct ehr_node *node)
{
    return (struct hospital *)(void *)node;
}

void hospital_drop(struct ehr_fx *fx, const struct ehr_message *message)
{
    ehr_mark(fx, EHR_MARK_DROPPED, 0, message->type, 0);
}

static void hospital_on_message(struct ehr_node *node, struct ehr_fx *fx,
                                const struct ehr_delivery *d)
{
    struct hospital *self = hospital_of(node);
    switch (d->message->type) {
    case EHR_MSG_ENROL:
        hospital_on_enrol(self, fx, d);
        return;
    case EHR_MSG_CARD_CHECK:
        hospital_on_card_check(self, fx, d);
        return;
    case EHR_MSG_EMERGENCY_ASK:
        hospital_on_emergency_ask(self, fx, d);
        return;
    case EHR_MSG_STORE:
        hospital_on_store(self, fx, d);
        return;
    case EHR_MSG_COMPARE:
        hospital_on_compare(self, fx, d);
        return;
    case EHR_MSG_BLOCK_SIGN:
        hospital_on_block_sign(self, fx, d);
        return;
    case EHR_MSG_BODY:
        hospital_on_body(self, fx, d);
        return;
    case EHR_MSG_REPLY:
        hospital_on_reply(self, fx, d);
        return;
    case EHR_MSG_RECEIPT_ACK:
        hospital_on_receipt_ack(self, fx, d);
        return;
    default: /* a number, not an enum: anything may arrive */
        hospital_drop(fx, d->message);
        return;
    }
}

static void hospital_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                              uint64_t generation)
{
    (void)lane;
    struct hospital *self = hospital_of(node);
    if (id == HOSPITAL_TIMER_ORPHANS) {
        if (self->orphan_timer && generation == self->orphan_generation)
            hospital_orphans_collect(self, fx);
        return;
    }
    if (id == HOSPITAL_TIMER_GAP) {
        hospital_gap_timer(self, fx, generation);
        return;
    }
    if (id == HOSPITAL_TIMER_MAIL) {
        hospital_mail_timer(self, fx, generation);
        return;
    }
    struct block *block = hospital_block_find(self, id);
    if (block != NULL && !hospital_body_timer(self, fx, block, generation))
        hospital_anchor_timer(self, fx, block, generation);
}

static void forget(struct hospital *self)
{
    hospital_blocks_forget(self);
    hospital_store_forget(self);
    hospital_cards_forget(self);
    hospital_mail_forget(self);
    self->regno = 0;
    memset(self->emergencies, 0, self->info->doctor_count * sizeof(*self->emergencies));
    self->anchored = 0;
    self->next_height = 1;
    self->highest_certified = 0;
    self->highest_heard = 0;
    self->scanning = false;
    self->scanned = 0;
    ehr_patience_stop(&self->gap);
    self->view = 0;
}

static void restore(struct hospital *self, const struct ehr_journal *saved)
{
    struct ehr_blob *ciphertext = NULL; /* borrowed from the journal */
    for (uint32_t i = 0; i < saved->count; i++) {
        struct ehr_blob *data = saved->records[i].data;
        switch ((enum ehr_hospital_journal)saved->records[i].kind) {
        case EHR_HOSPITAL_JOURNAL_CARD:
            hospital_card_restore(self, data);
            break;
        case EHR_HOSPITAL_JOURNAL_CIPHERTEXT:
            ciphertext = data;
            break;
        case EHR_HOSPITAL_JOURNAL_STORED:
            hospital_ciphertext_restore(self, ciphertext, data);
            ciphertext = NULL;
            break;
        case EHR_HOSPITAL_JOURNAL_ANCHORED:
            self->anchored = ehr_le64_get(data->bytes);
            break;
        case EHR_HOSPITAL_JOURNAL_AUDIT:
            hospital_audit_restore(self, data);
            break;
        case EHR_HOSPITAL_JOURNAL_MAIL:
            hospital_mail_restore(self, data);
            break;
        case EHR_HOSPITAL_JOURNAL_COLLECTED:
            hospital_mail_collected(self, data);
            break;
        }
    }
    self->next_height = self->anchored + 1;
    self->highest_certified = self->anchored;
    self->highest_heard = self->anchored;
}

static void hospital_on_start(struct ehr_node *node, struct ehr_fx *fx,
                              const struct ehr_journal *saved)
{
    struct hospital *self = hospital_of(node);
    forget(self);
    if (saved == NULL)
        return;
    restore(self, saved);
    hospital_mail_send(self, fx);
    hospital_scan(self, fx);
}

struct ehr_node *ehr_hospital_new(const char *name, const struct ehr_hospital_config *config)
{
    static const struct ehr_node_type type = {"hospital", hospital_on_start, hospital_on_message,
                                              hospital_on_timer};
    struct hospital *self = ehr_actor_new(sizeof(*self));
    self->node = (struct ehr_node){.type = &type, .name = name};
    self->config = *config;
    self->info = &config->directory->hospitals[config->hospital];
    self->emergencies = ehr_actor_new((self->info->doctor_count + 1) * sizeof(*self->emergencies));
    forget(self);
    return &self->node;
}

void ehr_hospital_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct hospital *self = hospital_of(node);
    forget(self);
    free(self->emergencies);
    ehr_wipe(self, sizeof(*self));
    free(self);
}

struct ehr_hospital_counts ehr_hospital_counts(const struct ehr_node *node)
{
    const struct hospital *self = (const struct hospital *)(const void *)node;
    struct ehr_hospital_counts counts = self->counts;
    counts.anchored = self->anchored;
    counts.mail = HASH_COUNT(self->mails);
    for (const struct mail *mail = self->mails; mail != NULL; mail = mail->hh.next)
        counts.mail_written += mail->block == NULL;
    return counts;
}
