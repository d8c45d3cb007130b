#include "tests/simulation/role_meddler.h"

#include <assert.h>
#include <string.h>

#include "crypto/reencrypt.h"
#include "sim/ledger/wire.h"

static struct ehr_blob *blob_flipped(const struct ehr_blob *blob, size_t at)
{
    struct ehr_blob *copy = ehr_blob_new(blob->bytes, blob->length);
    copy->bytes[at] ^= 1;
    return copy;
}

static struct ehr_message *draft_changed(struct ehr_message *message, bool labels)
{
    const struct ehr_msg_draft *old = EHR_AS(draft, message);
    struct ehr_msg_draft *draft = EHR_NEW(draft, DRAFT);
    draft->request = old->request;
    memcpy(draft->pseudonym, old->pseudonym, sizeof(draft->pseudonym));
    draft->epoch = old->epoch;
    draft->flags = old->flags;
    /* all labels: whichever of them are padding */
    draft->labels = ehr_blob_new(old->labels->bytes, old->labels->length);
    for (uint32_t i = 0; labels && i < draft->labels->length; i += 16)
        draft->labels->bytes[i] ^= 1;
    draft->counters = ehr_blob_ref(old->counters);
    draft->record =
        labels ? ehr_blob_ref(old->record) : blob_flipped(old->record, old->record->length - 1);
    ehr_message_unref(message);
    return ehr_message_seal(&draft->head);
}

/* A share as it was, without its body. */
static struct ehr_msg_share *share_copy(const struct ehr_msg_share *old)
{
    struct ehr_msg_share *share = EHR_NEW(share, SHARE);
    share->request = old->request;
    share->status = old->status;
    share->share = old->share;
    share->entry = ehr_blob_ref(old->entry);
    share->sealed_head = ehr_blob_ref(old->sealed_head);
    memcpy(share->body_hash, old->body_hash, 32);
    share->cfrag = ehr_blob_new(old->cfrag->bytes, old->cfrag->length);
    memcpy(share->signature, old->signature, 64);
    return share;
}

static struct ehr_message *share_head_only(struct ehr_message *message)
{
    struct ehr_msg_share *share = share_copy(EHR_AS(share, message));
    ehr_message_unref(message);
    return ehr_message_seal(&share->head);
}

static struct ehr_message *share_forged(struct ehr_message *message, const struct ehr_sign_key *key)
{
    const struct ehr_msg_share *old = EHR_AS(share, message);
    struct ehr_msg_share *share = share_copy(old);
    /* E1 and V1 change places: points still, but not of this key fragment */
    memcpy(share->cfrag->bytes + 33, old->cfrag->bytes + 65, 32);
    memcpy(share->cfrag->bytes + 65, old->cfrag->bytes + 33, 32);
    if (key != NULL)
        ehr_cfrag_sign(share->signature, share->cfrag->bytes, share->sealed_head->bytes + 40, key);
    share->record = ehr_blob_ref(old->record);
    ehr_message_unref(message);
    return ehr_message_seal(&share->head);
}

static struct ehr_message *hits_omitted(struct ehr_message *message, const struct ehr_sign_key *key)
{
    const struct ehr_msg_answer *old = EHR_AS(answer, message);
    struct ehr_msg_answer *answer = EHR_NEW(answer, ANSWER);
    uint8_t digest[32];
    answer->request = old->request;
    answer->status = old->status;
    memcpy(answer->query_id, old->query_id, 32);
    answer->height = old->height;
    answer->hits = ehr_hits_encode(NULL, 0);
    ehr_answer_digest(digest, answer->query_id, answer->status, answer->height, answer->hits);
    ehr_sign_make(answer->signature, key, "sig-answer", digest);
    ehr_message_unref(message);
    return ehr_message_seal(&answer->head);
}

static struct ehr_message *meddle(void *context, uint32_t from, struct ehr_address to,
                                  struct ehr_message *message)
{
    struct meddler *meddler = context;
    const struct ehr_directory *directory = &meddler->world->directory;
    (void)to;
    meddler->submits += message->type == EHR_MSG_SUBMIT;
    bool silent =
        (meddler->what == MEDDLE_SILENT_PATIENT && from == directory->hospitals[0].place &&
         message->type != EHR_MSG_ENROL) ||
        (meddler->what == MEDDLE_SILENT_HOSPITAL && from == directory->hospitals[0].server.node) ||
        (meddler->what == MEDDLE_RECEIPTS_LOST && message->type == EHR_MSG_RECEIPT) ||
        (meddler->what == MEDDLE_FIRST_SUBMIT && message->type == EHR_MSG_SUBMIT &&
         meddler->submits == 1);
    if (silent) {
        meddler->count++;
        ehr_message_unref(message);
        return NULL;
    }
    if (message->type == EHR_MSG_DRAFT &&
        (meddler->what == MEDDLE_DRAFT_LABELS || meddler->what == MEDDLE_DRAFT_RECORD)) {
        meddler->count++;
        return draft_changed(message, meddler->what == MEDDLE_DRAFT_LABELS);
    }
    if (message->type == EHR_MSG_CARD_CHECK && meddler->what == MEDDLE_CARD_REFERENCE) {
        struct ehr_msg_card_check *check = EHR_NEW(card_check, CARD_CHECK);
        check->request = EHR_AS(card_check, message)->request;
        ehr_message_unref(message);
        meddler->count++;
        return ehr_message_seal(&check->head);
    }
    if (message->type == EHR_MSG_STORE && meddler->what == MEDDLE_STORE_RECORD) {
        const struct ehr_msg_store *old = EHR_AS(store, message);
        struct ehr_msg_store *store = EHR_NEW(store, STORE);
        store->request = old->request;
        memcpy(store->ct_hash, old->ct_hash, 32);
        store->record = blob_flipped(old->record, 300);
        ehr_message_unref(message);
        meddler->count++;
        return ehr_message_seal(&store->head);
    }
    const struct ehr_member *node = &directory->alliance.members[0];
    const struct ehr_sign_key *key = &role_world_secrets(meddler->world, node->node)->sign;
    if (message->type == EHR_MSG_SHARE && from == node->node &&
        (meddler->what == MEDDLE_CFRAG || meddler->what == MEDDLE_CFRAG_SIGNED) &&
        EHR_AS(share, message)->cfrag != NULL) {
        meddler->count++;
        return share_forged(message, meddler->what == MEDDLE_CFRAG_SIGNED ? key : NULL);
    }
    if (message->type == EHR_MSG_SHARE && from == node->node &&
        meddler->what == MEDDLE_BODY_LEFT_OUT && EHR_AS(share, message)->record != NULL) {
        meddler->count++;
        return share_head_only(message);
    }
    if (message->type == EHR_MSG_ANSWER && from == node->node &&
        meddler->what == MEDDLE_HITS_OMITTED) {
        meddler->count++;
        return hits_omitted(message, key);
    }
    return message;
}

void role_meddler_start(struct meddler *meddler, struct role_world *world, enum meddling what)
{
    *meddler = (struct meddler){.world = world, .what = what};
    world->travel = meddle;
    world->context = meddler;
}

bool role_ended_with(const struct role_world *world, uint32_t request, enum ehr_reply reply)
{
    const struct role_request *entry = &world->requests[request];
    return entry->closed == 1 && entry->timed_out == 0 && entry->ended == 1 &&
           entry->reply == reply;
}

struct role_world *role_world_with_visit(double consent)
{
    struct role_world *world = role_world_new(consent);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 10);
    assert(role_ended_with(world, 2, EHR_REPLY_OK));
    return world;
}
