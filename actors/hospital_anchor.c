/* Steps 7 to 9 of a visit: the private block's header with its certificate, then one index
 * transaction per record, to the alliance chain; the receipt to the patient. What is durable gets
 * shared, however long the alliance does not answer: a client's patience ends, not the hospital's.
 */
#include "actors/hospital_internal.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"

enum { SHARING_ATTEMPTS_MAX = 3 };

/* An anchor belongs to no measured request: its key has zeros where these are. */
static uint64_t anchor_request(uint64_t height)
{
    return height << 32;
}

void hospital_sharings_free(struct hospital *self, struct block *block)
{
    for (uint32_t i = 0; i < block->sharing_count; i++) {
        struct sharing *sharing = &block->sharings[i];
        if (sharing->open)
            HASH_DEL(self->sharings, sharing);
        ehr_client_stop(&sharing->client);
        ehr_tx_unref(sharing->tx);
    }
    free(block->sharings);
    block->sharings = NULL;
    block->sharing_count = block->open_count = 0;
}

/* ---- ends ---- */

void hospital_advance(struct hospital *self, struct ehr_fx *fx)
{
    uint64_t before = self->anchored;
    struct block *block = hospital_block_find(self, self->anchored + 1);
    while (block != NULL && block->step == BLOCK_SHARED && block->mail_count == 0) {
        hospital_block_free(self, block);
        self->anchored++;
        block = hospital_block_find(self, self->anchored + 1);
    }
    if (self->anchored == before)
        return;
    struct ehr_blob *data = ehr_blob_new(NULL, 8);
    ehr_le64(data->bytes, self->anchored);
    ehr_fx_persist(fx, data->length, EHR_HOSPITAL_JOURNAL_ANCHORED, data);
}

static void block_finish_if_done(struct block *block)
{
    if (block->step != BLOCK_SUBMITTED || block->open_count != 0)
        return;
    block->step = BLOCK_SHARED;
    ehr_client_stop(&block->anchor);
    ehr_block_unref(block->body);
    block->body = NULL;
}

/* Tells how the visit ends for the client. One that was refused or not waited for may be shared all
 * the same later, and is then told of again. */
static void sharing_report(struct hospital *self, struct ehr_fx *fx, struct sharing *sharing,
                           enum ehr_mark_kind kind, enum ehr_reply reply)
{
    const struct kept *kept = hospital_ciphertext_find(self, sharing->receipt);
    ehr_mark(fx, kind, sharing->request, (uint16_t)reply, 0);
    struct ehr_msg_ended *ended = EHR_NEW(ended, ENDED);
    ended->request = sharing->request;
    ended->status = (uint8_t)reply;
    ended->patient = kept != NULL ? kept->patient : UINT32_MAX;
    ehr_fx_post(fx, (struct ehr_address){self->config.directory->workload, 0},
                ehr_message_seal(&ended->head));
    sharing->reported = true;
}

static void sharing_end(struct hospital *self, struct ehr_fx *fx, struct sharing *sharing,
                        enum ehr_reply reply)
{
    struct kept *kept = hospital_ciphertext_find(self, sharing->receipt);
    sharing_report(self, fx, sharing, EHR_MARK_CLOSE, reply);
    if (kept != NULL)
        hospital_visit_close(self, kept);
    HASH_DEL(self->sharings, sharing);
    sharing->open = false;
    ehr_client_stop(&sharing->client);
    ehr_tx_unref(sharing->tx);
    sharing->tx = NULL;
    sharing->block->open_count--;
}

static void end_all(struct hospital *self, struct ehr_fx *fx, struct block *block,
                    enum ehr_reply reply)
{
    for (uint32_t i = 0; i < block->sharing_count; i++)
        if (block->sharings[i].open)
            sharing_end(self, fx, &block->sharings[i], reply);
    block_finish_if_done(block);
    hospital_advance(self, fx);
}

static void send_receipt(struct hospital *self, struct ehr_fx *fx, const struct sharing *sharing,
                         uint64_t height)
{
    const struct kept *kept = hospital_ciphertext_find(self, sharing->receipt);
    if (kept == NULL)
        return; /* stored by nobody: the private chain does not check that */
    struct ehr_message *sealed;
    if (sharing->emergency) {
        sealed = hospital_audit_make(self, sharing, height);
    } else {
        struct ehr_msg_receipt *receipt = EHR_NEW(receipt, RECEIPT);
        receipt->request = sharing->request;
        memcpy(receipt->receipt, sharing->receipt, sizeof(receipt->receipt));
        receipt->height = height;
        sealed = ehr_message_seal(&receipt->head);
    }
    if (sealed != NULL)
        hospital_mail_post(self, fx, sharing->block, kept->P, kept->patient, sealed);
}

/* ---- submission ---- */

static void submit_index(struct hospital *self, struct ehr_fx *fx, struct sharing *sharing)
{
    sharing->attempts++;
    sharing->waits_for_anchor = false;
    ehr_client_start(&sharing->client, fx, self->config.directory,
                     &self->config.directory->alliance, ehr_tx_ref(sharing->tx), self->view,
                     EHR_CLIENT_QUORUM_ONLY, (uint32_t)sharing->block->height, ++self->generation);
}

static void submit_anchor(struct hospital *self, struct ehr_fx *fx, struct block *block)
{
    const struct candidate *certified = block->certified;
    size_t members = self->info->committee.count;
    size_t length = EHR_QUORUM_CERT_BYTES(members, certified->vote_count);
    uint8_t *certificate = ehr_actor_new(length);
    enum ehr_status status = ehr_quorum_cert_make(certificate, length, certified->digest, members,
                                                  certified->votes, certified->vote_count);
    assert(status == EHR_OK); /* votes are of different members of the committee */
    const struct ehr_block_proof proof = {
        .header = certified->header,
        .previous_state = certified->previous_state,
        .refused = certified->refused->bytes,
        .refused_len = certified->refused->length,
        .certificate = certificate,
        .certificate_len = length,
    };
    struct ehr_blob *bytes = ehr_anchor_make(hospital_id(self), &proof, &self->config.secrets.sign);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, bytes->length);
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    struct ehr_tx *tx = ehr_tx_new(EHR_TX_ANCHOR, bytes->bytes, bytes->length, self->node.id, 0,
                                   anchor_request(block->height));
    ehr_blob_unref(bytes);
    free(certificate);
    ehr_client_start(&block->anchor, fx, self->config.directory, &self->config.directory->alliance,
                     tx, self->view, EHR_CLIENT_QUORUM_ONLY, (uint32_t)block->height,
                     ++self->generation);
}

static bool is_refused(const struct candidate *certified, uint32_t index)
{
    return (certified->refused->bytes[index / 8] >> (index % 8) & 1) != 0;
}

static void sharing_open(struct hospital *self, struct block *block, const struct ehr_tx *record,
                         const struct ehr_ptx *ptx, uint32_t leaf, const uint8_t *tree)
{
    struct sharing *sharing = &block->sharings[block->sharing_count];
    uint8_t path[EHR_MERKLE_PATH_MAX], priv[32], bytes[EHR_ATX_BYTES_MAX];
    ehr_ptx_priv(priv, ptx->terms.doctor_id, ptx->terms.ct_hash, ptx->terms.ct_len, ptx->doctor_sig,
                 ptx->token, ptx->token_len);
    const struct ehr_atx atx = {
        .hid = ptx->terms.hid,
        .epoch = ptx->terms.epoch,
        .flags = ptx->terms.flags,
        .pseudonym = ptx->terms.pseudonym,
        .labels = ptx->terms.labels,
        .nkw = ptx->terms.nkw,
        .priv = priv,
        .block_hash = block->certified->block_hash,
        .height = block->height,
        .leaf_index = leaf,
        .depth = ehr_merkle_tree_path(path, tree, block->body->count, leaf),
        .path = path,
    };
    memcpy(sharing->receipt, ptx->terms.pseudonym, 96);
    ehr_atx_make(bytes, sharing->receipt + 96, &atx, &self->config.secrets.sign);
    sharing->tx = ehr_tx_new(EHR_TX_INDEX, bytes, EHR_ATX_BYTES(atx.nkw, atx.depth), self->node.id,
                             0, record->request);
    memcpy(sharing->id, sharing->tx->id, 32);
    const struct sharing *same;
    HASH_FIND(hh, self->sharings, sharing->id, 32, same);
    assert(same == NULL); /* (block hash, leaf) is in it */
    sharing->block = block;
    sharing->request = record->request;
    sharing->open = true;
    sharing->emergency = (ptx->terms.flags & EHR_PTX_FLAG_EMERGENCY) != 0;
    memcpy(sharing->doctor_id, ptx->terms.doctor_id, sizeof(sharing->doctor_id));
    if (sharing->emergency)
        memcpy(sharing->second_id, ptx->token, sizeof(sharing->second_id));
    HASH_ADD(hh, self->sharings, id, 32, sharing);
    block->sharing_count++;
    block->open_count++;
    struct kept *kept = hospital_ciphertext_refer(self, ptx->terms.pseudonym);
    if (kept != NULL)
        kept->height = block->height;
}

/* A transaction may stand in two blocks: a primary that had not executed the first proposed it
 * again after a view change. Its second place changes nothing, and is not shared. */
static bool is_shared_below(const struct hospital *self, const struct block *block,
                            const struct ehr_ptx *ptx)
{
    const struct kept *kept = hospital_ciphertext_find(self, ptx->terms.pseudonym);
    return kept != NULL && kept->height != 0 && kept->height < block->height;
}

static void sharings_open(struct hospital *self, struct ehr_fx *fx, struct block *block)
{
    const struct ehr_block *body = block->body;
    uint8_t *leaves = ehr_actor_new(32 * (size_t)body->count);
    uint8_t *tree = ehr_actor_new(ehr_merkle_tree_len(body->count));
    for (uint32_t i = 0; i < body->count; i++)
        memcpy(leaves + 32 * (size_t)i, body->tx[i]->id, 32);
    ehr_merkle_tree_build(tree, leaves, body->count);
    block->sharings = ehr_actor_new(body->count * sizeof(*block->sharings));
    for (uint32_t i = 0; i < body->count; i++) {
        struct ehr_ptx ptx;
        if (body->tx[i]->type == EHR_TX_RECORD && !is_refused(block->certified, i) &&
            ehr_ptx_parse(&ptx, body->tx[i]->bytes, body->tx[i]->length) == EHR_OK &&
            !is_shared_below(self, block, &ptx))
            sharing_open(self, block, body->tx[i], &ptx, i, tree);
    }
    free(leaves);
    free(tree);
    if (block->sharing_count == 0)
        return;
    ehr_fx_charge(fx, EHR_COST_MERKLE_NODE, body->count, 0);
}

static void block_submit(struct hospital *self, struct ehr_fx *fx, struct block *block)
{
    block->step = BLOCK_SUBMITTED;
    if (block->body != NULL)
        sharings_open(self, fx, block);
    if (block->sharing_count > 0) {
        submit_anchor(self, fx, block);
        ehr_fx_charge_parallel(fx, EHR_COST_ATX_SIGN, block->sharing_count, 0);
    }
    for (uint32_t i = 0; i < block->sharing_count; i++)
        submit_index(self, fx, &block->sharings[i]);
    block_finish_if_done(block);
}

void hospital_anchor_ready(struct hospital *self, struct ehr_fx *fx)
{
    struct block *block = hospital_block_find(self, self->next_height);
    while (block != NULL && block->step == BLOCK_READY) {
        self->next_height++;
        block_submit(self, fx, block);
        block = hospital_block_find(self, self->next_height);
    }
    hospital_advance(self, fx);
}

/* ---- replies ---- */

static void hospital_on_anchored(struct hospital *self, struct ehr_fx *fx, struct block *block,
                                 const struct ehr_client_result *result)
{
    ehr_client_stop(&block->anchor);
    if (result->status != EHR_REPLY_OK) {
        end_all(self, fx, block, result->status);
        return;
    }
    block->anchored = true;
    for (uint32_t i = 0; i < block->sharing_count; i++) {
        struct sharing *sharing = &block->sharings[i];
        if (!sharing->open)
            continue;
        ehr_mark_phase(fx, sharing->request, EHR_PHASE_ALLIANCE_ORDER);
        if (sharing->waits_for_anchor)
            submit_index(self, fx, sharing);
    }
}

static void hospital_on_shared(struct hospital *self, struct ehr_fx *fx, struct sharing *sharing,
                               const struct ehr_client_result *result)
{
    struct block *block = sharing->block;
    if (result->status == EHR_REPLY_NO_HEADER) {
        /* overtook its anchor; the last attempt goes on being repeated */
        sharing->no_header = sharing->attempts == SHARING_ATTEMPTS_MAX;
        if (sharing->no_header)
            return;
        ehr_client_stop(&sharing->client);
        sharing->waits_for_anchor = !block->anchored;
        if (block->anchored)
            submit_index(self, fx, sharing);
        return;
    }
    ehr_client_stop(&sharing->client);
    if (result->status == EHR_REPLY_OK) {
        if (!block->anchored)
            ehr_mark_phase(fx, sharing->request, EHR_PHASE_ALLIANCE_ORDER);
        ehr_mark(fx, EHR_MARK_SHARED, sharing->request, 0, 0);
        ehr_mark(fx, EHR_MARK_ACKED, sharing->request, 0, result->height);
        send_receipt(self, fx, sharing, result->height);
    }
    sharing_end(self, fx, sharing, result->status);
    block_finish_if_done(block);
    hospital_advance(self, fx);
}

void hospital_on_reply(struct hospital *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    struct block *block = hospital_block_find(self, reply->request >> 32);
    struct sharing *sharing;
    HASH_FIND(hh, self->sharings, reply->tx_id, 32, sharing);
    struct ehr_client *client = NULL;
    if (sharing != NULL)
        client = &sharing->client;
    else if (block != NULL)
        client = &block->anchor;
    if (client == NULL || !ehr_client_wants(client, reply))
        return; /* more than the quorum is normal */
    struct ehr_client_result result;
    switch (ehr_client_on_reply(client, fx, d->from.node, reply, &result)) {
    case EHR_CLIENT_WAITING:
        return;
    case EHR_CLIENT_BAD:
        hospital_drop(fx, d->message);
        return;
    case EHR_CLIENT_DONE:
        break;
    }
    if (result.view > self->view)
        self->view = result.view;
    if (sharing != NULL)
        hospital_on_shared(self, fx, sharing, &result);
    else
        hospital_on_anchored(self, fx, block, &result);
}

/* What the client of this visit would not have waited for is told, once. */
static void look_at_time(struct hospital *self, struct ehr_fx *fx, struct sharing *sharing,
                         const struct ehr_patience *patience)
{
    if (!sharing->open || sharing->reported)
        return;
    if (sharing->no_header)
        sharing_report(self, fx, sharing, EHR_MARK_CLOSE, EHR_REPLY_NO_HEADER);
    else if (ehr_patience_is_over(patience, fx, self->config.directory))
        sharing_report(self, fx, sharing, EHR_MARK_TIMEOUT, EHR_REPLY_NODE_UNREACHABLE);
}

void hospital_anchor_timer(struct hospital *self, struct ehr_fx *fx, struct block *block,
                           uint64_t generation)
{
    uint32_t id = (uint32_t)block->height;
    if (block->anchor.patience.generation == generation) {
        for (uint32_t i = 0; i < block->sharing_count; i++)
            look_at_time(self, fx, &block->sharings[i], &block->anchor.patience);
        ehr_client_insist(&block->anchor, fx, self->config.directory, id);
        return;
    }
    for (uint32_t i = 0; i < block->sharing_count; i++) {
        struct sharing *sharing = &block->sharings[i];
        if (sharing->client.patience.generation != generation)
            continue;
        look_at_time(self, fx, sharing, &sharing->client.patience);
        ehr_client_insist(&sharing->client, fx, self->config.directory, id);
        return;
    }
}
