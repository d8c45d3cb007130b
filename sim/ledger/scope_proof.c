#include "sim/ledger/scope_proof.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/grant.h"
#include "crypto/index.h"
#include "crypto/query.h"

static_assert(sizeof(((struct ehr_msg_access_scoped *)0)->trapdoor) == EHR_SCOPE_PROOF_BOX_BYTES &&
                  sizeof(((struct ehr_msg_access_reply_scoped *)0)->trapdoor) ==
                      EHR_SCOPE_PROOF_BOX_BYTES,
              "messages have room for the box");

enum ehr_status ehr_scope_proof_seal(uint8_t box[EHR_SCOPE_PROOF_BOX_BYTES],
                                     const struct ehr_scope_proof *proof,
                                     const uint8_t receiver_id[32], const struct ehr_point *key,
                                     struct ehr_rng *rng)
{
    uint8_t bytes[EHR_SCOPE_PROOF_BYTES], context[32];
    struct ehr_writer writer = ehr_writer_init(bytes, sizeof bytes);
    ehr_writer_magic(&writer, "TDR1");
    ehr_writer_bytes(&writer, proof->grant_id, 32);
    ehr_writer_bytes(&writer, proof->T, 32);
    ehr_writer_u32(&writer, proof->counter);
    assert(ehr_writer_full(&writer));
    ehr_query_context(context, receiver_id);
    enum ehr_status status = ehr_box_seal(box, key, context, bytes, sizeof bytes, rng);
    ehr_wipe(bytes, sizeof bytes);
    return status;
}

enum ehr_status ehr_scope_proof_open(struct ehr_scope_proof *proof, const uint8_t *box,
                                     size_t length, const uint8_t own_id[32],
                                     const struct ehr_dh_key *key)
{
    uint8_t bytes[EHR_SCOPE_PROOF_BYTES], context[32];
    struct ehr_scope_proof read = {0};
    memset(proof, 0, sizeof *proof);
    if (length != EHR_SCOPE_PROOF_BOX_BYTES)
        return EHR_LEN;
    ehr_query_context(context, own_id);
    enum ehr_status status = ehr_box_open(bytes, key, context, box, length);
    if (status != EHR_OK)
        return status;
    struct ehr_reader reader = ehr_reader_init(bytes, sizeof bytes);
    ehr_reader_magic(&reader, "TDR1");
    ehr_reader_bytes(&reader, read.grant_id, 32);
    ehr_reader_bytes(&reader, read.T, 32);
    read.counter = ehr_reader_u32(&reader);
    bool whole = ehr_reader_end(&reader);
    if (whole)
        *proof = read;
    ehr_wipe(bytes, sizeof bytes);
    ehr_wipe(&read, sizeof read);
    return whole ? EHR_OK : EHR_LEN;
}

bool ehr_scope_proof_indexes(const struct ehr_scope_proof *proof, const struct ehr_atx *atx,
                             bool scan)
{
    uint8_t label[EHR_INDEX_LABEL_BYTES];
    if (scan)
        ehr_index_tag(label, proof->T, atx->pseudonym);
    else
        ehr_index_label(label, proof->T, proof->counter);
    for (size_t i = 0; i < atx->nkw; i++)
        if (memcmp(atx->labels + i * sizeof label, label, sizeof label) == 0)
            return true;
    return false;
}

bool ehr_scope_proof_within(const struct ehr_scope_proof *proof, const uint8_t *scope,
                            size_t scope_len)
{
    uint8_t purpose, td_com[32];
    const uint8_t *td_coms;
    size_t count;
    if (ehr_scope_parse(&purpose, &td_coms, &count, scope, scope_len) != EHR_OK)
        return false;
    ehr_index_td_com(td_com, proof->T);
    for (size_t i = 0; i < count; i++)
        if (memcmp(td_coms + 32 * i, td_com, 32) == 0)
            return true;
    return count == 0;
}
