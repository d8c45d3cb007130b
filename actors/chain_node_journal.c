/* What a chain node writes to disk and reads again when it restarts.
 *
 * A record of the engine carries the body of the block it votes for, since a vote outlives a crash
 * only with it. Of the blocks executed the journal keeps the last mark: the chain itself is the
 * store of blocks, of which a node may use what it has marked. The mark is written before the
 * engine's record of anything that follows from it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "crypto/codec.h"
#include "sim/consensus/registry.h"

/* Kinds: the marks of executed blocks, and one for each type of record of an engine. */
enum { JOURNAL_BLOCK = 1, JOURNAL_RECORD = 16 };

enum {
    RECORD_BYTES = 1 + 8 + 8 + 32, /* type, view, height, digest: what is charged beside the rest */
    RECORD_HEAD_BYTES = RECORD_BYTES + 4, /* and the length of the proof */
    MARK_BYTES = 3 * 8,
    MARKS_KEPT = 32, /* as many marks lie around before the old ones go */
};

/* The block as it travels; NULL gives nothing. */
static struct ehr_message *body_message(struct ehr_block *block)
{
    if (block == NULL)
        return NULL;
    struct ehr_msg_body *body = EHR_NEW(body, BODY);
    body->blocks = ehr_block_list_new(1);
    body->blocks->block[0] = ehr_block_ref(block);
    return ehr_message_seal(&body->head);
}

static struct ehr_blob *record_encode(const struct ehr_engine_record *record,
                                      struct ehr_block *block)
{
    struct ehr_message *body = body_message(block);
    size_t body_bytes = body != NULL ? (size_t)body->size : 0;
    struct ehr_blob *blob =
        ehr_blob_new(NULL, RECORD_HEAD_BYTES + record->proof_length + body_bytes);
    uint8_t *at = blob->bytes;
    at[0] = record->type;
    ehr_le64(at + 1, record->view);
    ehr_le64(at + 9, record->height);
    memcpy(at + 17, record->digest.bytes, 32);
    ehr_le32(at + RECORD_BYTES, record->proof_length);
    if (record->proof_length > 0)
        memcpy(at + RECORD_HEAD_BYTES, record->proof, record->proof_length);
    if (body != NULL)
        ehr_message_encode(body, at + RECORD_HEAD_BYTES + record->proof_length);
    ehr_message_unref(body);
    return blob;
}

/* ---- what may be forgotten (struct ehr_engine_record) ---- */

static uint16_t kind_of(uint8_t type)
{
    return (uint16_t)(JOURNAL_RECORD + type);
}

/* Whether a record of this type makes those of its type before it obsolete. Their marks are serial
 * numbers, those of others heights. */
static bool replaces(const struct chain_node *self, uint8_t type)
{
    return ehr_engine_kind(self->config.engine, type)->keeps == EHR_ENGINE_KEEPS_LATEST;
}

static void forget(const struct chain_node *self, struct ehr_fx *fx,
                   const struct ehr_engine_record *record, uint64_t mark)
{
    const struct ehr_engine_type *engine = self->config.engine;
    if (replaces(self, record->type))
        ehr_fx_forget(fx, kind_of(record->type), mark);
    for (uint32_t i = 0; record->type == EHR_ENGINE_CHECKPOINT && i < engine->kind_count; i++)
        if (engine->kinds[i].keeps == EHR_ENGINE_KEEPS_HEIGHTS)
            ehr_fx_forget(fx, kind_of((uint8_t)i), record->height);
}

/* ---- writing ---- */

void chain_node_journal_record(struct chain_node *self, struct ehr_fx *fx,
                               const struct ehr_engine_record *record, struct ehr_block *block)
{
    uint64_t bytes = RECORD_BYTES + record->proof_length + (block != NULL ? block->length : 0);
    bool kept = ehr_fx_journal_kept(fx);
    uint64_t mark = replaces(self, record->type) ? ++self->journal_serial : record->height;
    ehr_fx_persist_marked(fx, bytes, kind_of(record->type), mark,
                          kept ? record_encode(record, block) : NULL);
    if (kept)
        forget(self, fx, record, mark);
}

void chain_node_journal_block(struct chain_node *self, struct ehr_fx *fx, uint64_t bytes)
{
    struct ehr_blob *blob = NULL;
    if (ehr_fx_journal_kept(fx)) {
        blob = ehr_blob_new(NULL, MARK_BYTES);
        ehr_le64(blob->bytes, self->height);
        ehr_le64(blob->bytes + 8, self->engine_height);
        ehr_le64(blob->bytes + 16, self->certified);
    }
    ehr_fx_persist_marked(fx, bytes, JOURNAL_BLOCK, self->height, blob);
    if (blob != NULL && self->height % MARKS_KEPT == 0)
        ehr_fx_forget(fx, JOURNAL_BLOCK, self->height);
}

/* ---- reading ---- */

static void mark_load(struct chain_node *self, const struct ehr_blob *data)
{
    assert(data->length == MARK_BYTES);
    self->height = ehr_le64_get(data->bytes);
    self->engine_height = ehr_le64_get(data->bytes + 8);
    self->certified = ehr_le64_get(data->bytes + 16);
}

/* A node trusts its own disk and is not charged again; the check makes what execution needs. One
 * that the chain holds is the same one. */
static void block_load(struct chain_node *self, const uint8_t *bytes, size_t length,
                       uint64_t height)
{
    const struct ehr_chain *chain = self->config.chain;
    struct ehr_message *message = NULL;
    enum ehr_status status = ehr_message_decode(bytes, length, &message);
    assert(status == EHR_OK && message->type == EHR_MSG_BODY); /* as it was written */
    struct ehr_block *block = EHR_AS(body, message)->blocks->block[0];
    uint64_t at = ehr_chain_block_find(chain, block->hash, UINT64_MAX);
    if (at > 0)
        chain_node_block_know(self, ehr_chain_block_at(chain, at)->block, height);
    else if (ehr_chain_block_check(chain, block) == EHR_REPLY_OK)
        chain_node_block_know(self, block, height);
    ehr_message_unref(message);
}

static void record_load(struct chain_node *self, const struct ehr_journal_record *saved,
                        struct ehr_engine_record *record)
{
    const uint8_t *at = saved->data->bytes;
    size_t length = saved->data->length;
    assert(length >= RECORD_HEAD_BYTES);
    record->type = at[0];
    record->view = ehr_le64_get(at + 1);
    record->height = ehr_le64_get(at + 9);
    memcpy(record->digest.bytes, at + 17, 32);
    record->proof_length = ehr_le32_get(at + RECORD_BYTES);
    record->proof = record->proof_length > 0 ? at + RECORD_HEAD_BYTES : NULL;
    size_t body = RECORD_HEAD_BYTES + (size_t)record->proof_length;
    assert(length >= body);
    if (length > body)
        block_load(self, at + body, length - body, record->height);
    if (replaces(self, record->type) && saved->mark > self->journal_serial)
        self->journal_serial = saved->mark;
}

struct ehr_engine_record *chain_node_journal_load(struct chain_node *self,
                                                  const struct ehr_journal *saved, uint32_t *count)
{
    struct ehr_engine_record *records = ehr_actor_new((saved->count + 1u) * sizeof *records);
    *count = 0;
    for (uint32_t i = 0; i < saved->count; i++)
        if (saved->records[i].kind == JOURNAL_BLOCK)
            mark_load(self, saved->records[i].data);
    for (uint32_t i = 0; i < saved->count; i++)
        if (saved->records[i].kind >= JOURNAL_RECORD)
            record_load(self, &saved->records[i], &records[(*count)++]);
    return records;
}
