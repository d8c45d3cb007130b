#include "sim/ledger/alliance_tx.h"

#include <assert.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/pseudonym.h"

#define SIG_BYTES 64

static void id(uint8_t txid[32], const uint8_t *bytes, size_t len)
{
    EHR_HASH32(txid, "atx", EHR_P(bytes, len - SIG_BYTES));
}

void ehr_atx_make(uint8_t *bytes, uint8_t txid[32], const struct ehr_atx *atx,
                  const struct ehr_sign_key *hospital)
{
    assert(atx->nkw <= EHR_PTX_LABELS_MAX && atx->depth <= EHR_MERKLE_DEPTH_MAX &&
           (atx->flags & ~EHR_PTX_FLAG_EMERGENCY) == 0);
    size_t len = EHR_ATX_BYTES(atx->nkw, atx->depth);
    struct ehr_writer writer = ehr_writer_init(bytes, len);
    ehr_writer_magic(&writer, "ATX1");
    ehr_writer_bytes(&writer, atx->hid, 32);
    ehr_writer_u32(&writer, atx->epoch);
    ehr_writer_u16(&writer, atx->flags);
    ehr_writer_u16(&writer, (uint16_t)atx->nkw);
    ehr_writer_bytes(&writer, atx->pseudonym, 96);
    ehr_writer_bytes(&writer, atx->labels, 16 * atx->nkw);
    ehr_writer_bytes(&writer, atx->priv, 32);
    ehr_writer_bytes(&writer, atx->block_hash, 32);
    ehr_writer_u64(&writer, atx->height);
    ehr_writer_u32(&writer, atx->leaf_index);
    ehr_writer_u8(&writer, (uint8_t)atx->depth);
    ehr_writer_bytes(&writer, atx->path, 32 * (size_t)atx->depth);
    uint8_t *sig = ehr_writer_reserve(&writer, SIG_BYTES), hash[32];
    assert(ehr_writer_full(&writer));
    id(hash, bytes, len);
    ehr_sign_make(sig, hospital, "sig-atx", hash);
    if (txid != NULL)
        memcpy(txid, hash, 32);
}

enum ehr_status ehr_atx_parse(struct ehr_atx *atx, const uint8_t *bytes, size_t len)
{
    struct ehr_reader reader = ehr_reader_init(bytes, len);
    atx->bytes = bytes;
    atx->len = len;
    ehr_reader_magic(&reader, "ATX1");
    atx->hid = ehr_reader_take(&reader, 32);
    atx->epoch = ehr_reader_u32(&reader);
    atx->flags = ehr_reader_u16(&reader);
    atx->nkw = ehr_reader_u16(&reader);
    ehr_reader_require(&reader, (atx->flags & ~EHR_PTX_FLAG_EMERGENCY) == 0 &&
                                    atx->nkw <= EHR_PTX_LABELS_MAX);
    atx->pseudonym = ehr_reader_take(&reader, 96);
    atx->labels = ehr_reader_take(&reader, 16 * atx->nkw);
    atx->priv = ehr_reader_take(&reader, 32);
    atx->block_hash = ehr_reader_take(&reader, 32);
    atx->height = ehr_reader_u64(&reader);
    atx->leaf_index = ehr_reader_u32(&reader);
    atx->depth = ehr_reader_u8(&reader);
    ehr_reader_require(&reader, atx->depth <= EHR_MERKLE_DEPTH_MAX);
    atx->path = ehr_reader_take(&reader, 32 * (size_t)atx->depth);
    atx->sig = ehr_reader_take(&reader, SIG_BYTES);
    if (ehr_reader_end(&reader))
        return EHR_OK;
    *atx = (struct ehr_atx){0};
    return EHR_LEN;
}

void ehr_atx_id(uint8_t txid[32], const struct ehr_atx *atx)
{
    id(txid, atx->bytes, atx->len);
}

void ehr_atx_leaf(uint8_t leaf[32], uint8_t pub[32], const struct ehr_atx *atx)
{
    uint8_t hash[32];
    ehr_ptx_pub(hash, atx->hid, atx->pseudonym, atx->epoch, atx->flags, atx->labels, atx->nkw);
    ehr_ptx_leaf(leaf, hash, atx->priv);
    if (pub != NULL)
        memcpy(pub, hash, 32);
}

static enum ehr_status verify_signature(uint8_t txid[32], const struct ehr_atx *atx,
                                        const uint8_t *hid, const uint8_t *hospital_ed_pk)
{
    EHR_TRY(ehr_pseudonym_check(atx->pseudonym));
    if (memcmp(atx->hid, hid, 32) != 0)
        return EHR_POLICY;
    ehr_atx_id(txid, atx);
    return ehr_sign_verify(hospital_ed_pk, "sig-atx", txid, atx->sig);
}

enum ehr_status ehr_atx_verify_signature(uint8_t txid[32], const struct ehr_atx *atx,
                                         const uint8_t hid[32], const uint8_t hospital_ed_pk[32])
{
    enum ehr_status status = verify_signature(txid, atx, hid, hospital_ed_pk);
    if (status != EHR_OK)
        memset(txid, 0, 32);
    return status;
}

static enum ehr_status verify_anchor(uint8_t leaf[32], const struct ehr_atx *atx,
                                     const struct ehr_atx_anchor *anchor)
{
    if (memcmp(atx->block_hash, anchor->block_hash, 32) != 0 || atx->height != anchor->height)
        return EHR_HASH;
    ehr_atx_leaf(leaf, NULL, atx);
    return ehr_merkle_verify(anchor->merkle_root, leaf, atx->leaf_index, atx->path, atx->depth);
}

enum ehr_status ehr_atx_verify_anchor(uint8_t leaf[32], const struct ehr_atx *atx,
                                      const struct ehr_atx_anchor *anchor)
{
    enum ehr_status status = verify_anchor(leaf, atx, anchor);
    if (status != EHR_OK)
        memset(leaf, 0, 32);
    return status;
}

enum ehr_status ehr_atx_anchor_check(struct ehr_atx_verified *out, const struct ehr_atx *atx,
                                     const struct ehr_atx_anchor *anchor)
{
    memset(out, 0, sizeof *out);
    EHR_TRY(ehr_atx_verify_anchor(out->leaf, atx, anchor));
    out->atx = *atx;
    ehr_atx_id(out->txid, atx);
    return EHR_OK;
}
