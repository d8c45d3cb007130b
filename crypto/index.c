#include "crypto/index.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret.h"

/* K = H32("idx-key"; DH, W, F): both sides put the doctor's key first. */
static enum ehr_status index_key(uint8_t K[32], const struct ehr_scalar *secret,
                                 const uint8_t *other, const uint8_t *W, const uint8_t *F)
{
    struct ehr_point point, shared;
    enum ehr_status status = ehr_point_import(&point, other);
    if (status == EHR_OK)
        status = ehr_point_mul(&shared, secret, &point);
    if (status != EHR_OK) {
        memset(K, 0, 32);
        return status;
    }
    EHR_HASH32(K, "idx-key", EHR_G(&shared), EHR_H(W), EHR_H(F));
    ehr_wipe(&shared, sizeof shared);
    return EHR_OK;
}

enum ehr_status ehr_index_key_doctor(uint8_t K[32], const struct ehr_dh_key *w, const uint8_t F[32])
{
    return index_key(K, &w->secret, F, w->public.bytes, F);
}

enum ehr_status ehr_index_key_patient(uint8_t K[32], const struct ehr_dh_key *f,
                                      const uint8_t W[32])
{
    return index_key(K, &f->secret, W, W, f->public.bytes);
}

void ehr_index_keyword_hash(uint8_t kw[32], const struct ehr_index_keyword *keyword)
{
    EHR_HASH32(kw, "kw", EHR_P(keyword->text, keyword->len));
}

void ehr_index_trapdoor(uint8_t T[32], const uint8_t K[32], uint32_t epoch, const uint8_t kw[32])
{
    EHR_PRF32(T, K, "idx-trap", EHR_U32(epoch), EHR_H(kw));
}

void ehr_index_td_com(uint8_t td_com[32], const uint8_t T[32])
{
    EHR_HASH32(td_com, "td-com", EHR_H(T));
    ehr_declassify(td_com, 32); /* a commitment, made to stand on the chain */
}

void ehr_index_label(uint8_t label[EHR_INDEX_LABEL_BYTES], const uint8_t T[32], uint32_t counter)
{
    EHR_HASH16(label, "idx-label", EHR_H(T), EHR_U32(counter));
}

void ehr_index_tag_key(uint8_t Kt[32], const uint8_t T[32])
{
    EHR_HASH32(Kt, "idx-tagk", EHR_H(T));
}

void ehr_index_tag_keyed(uint8_t tag[EHR_INDEX_LABEL_BYTES], const uint8_t Kt[32],
                         const uint8_t P[32])
{
    EHR_PRF16(tag, Kt, "idx-tag", EHR_H(P));
}

void ehr_index_tag(uint8_t tag[EHR_INDEX_LABEL_BYTES], const uint8_t T[32], const uint8_t P[32])
{
    uint8_t Kt[32];
    ehr_index_tag_key(Kt, T);
    ehr_index_tag_keyed(tag, Kt, P);
    ehr_wipe(Kt, sizeof Kt);
}

/* ---- labels of a record ---- */

enum ehr_status ehr_index_nkw(size_t *nkw, size_t keywords)
{
    *nkw = 0;
    if (keywords > EHR_INDEX_RECORD_KEYWORDS_MAX)
        return EHR_LEN;
    *nkw = 8;
    while (*nkw < keywords)
        *nkw *= 2;
    return EHR_OK;
}

/* r mod d, 1 <= d <= 256, byte by byte with d's reciprocal: the time of a division would depend on
 * r. Below 2^16 the quotient x * reciprocal / 2^24 is exact. */
static size_t remainder_of(const uint8_t r[8], size_t d)
{
    uint64_t reciprocal = ((uint64_t)1 << 24) / d + 1, x = 0;
    for (unsigned i = 8; i-- > 0;) {
        x = x << 8 | r[i];
        x -= (x * reciprocal >> 24) * d;
    }
    return (size_t)x;
}

/* Exchanges the last of `count` labels with number `place`. Which labels are real is what the order
 * hides, so every label is read and written. */
static void exchange_last(uint8_t *labels, size_t count, size_t place)
{
    uint64_t last[2], label[2];
    uint8_t *end = labels + EHR_INDEX_LABEL_BYTES * (count - 1);
    memcpy(last, end, sizeof last);
    for (size_t i = 0; i + 1 < count; i++) {
        uint8_t *at = labels + EHR_INDEX_LABEL_BYTES * i;
        uint64_t here = 0 - (((uint64_t)(i ^ place) - 1) >> 63); /* all ones where i = place */
        memcpy(label, at, sizeof label);
        for (size_t k = 0; k < 2; k++) {
            uint64_t difference = (label[k] ^ last[k]) & here;
            label[k] ^= difference;
            last[k] ^= difference;
        }
        memcpy(at, label, sizeof label);
    }
    memcpy(end, last, sizeof last);
}

enum ehr_status ehr_index_labels_pack(uint8_t *packed, size_t nkw, const uint8_t *labels,
                                      size_t count, struct ehr_rng *rng)
{
    const size_t width = EHR_INDEX_LABEL_BYTES;
    memset(packed, 0, width * nkw);
    if (count > nkw || nkw > EHR_INDEX_LABELS_MAX)
        return EHR_LEN;
    if (count != 0)
        memcpy(packed, labels, width * count);
    for (size_t i = count; i < nkw; i++)
        ehr_rng_fill(rng, packed + width * i, width);
    for (size_t i = nkw; i-- > 1;) {
        uint8_t bytes[8];
        ehr_rng_fill(rng, bytes, sizeof bytes);
        exchange_last(packed, i + 1, remainder_of(bytes, i + 1));
    }
    ehr_declassify(packed, width * nkw); /* as they will stand on the chain */
    if (!ehr_index_labels_distinct(packed, nkw)) {
        memset(packed, 0, width * nkw);
        return EHR_DUP;
    }
    return EHR_OK;
}

bool ehr_index_labels_distinct(const uint8_t *labels, size_t count)
{
    /* Open addressing by the labels' own bytes: labels are PRF outputs. Chosen ones can only make
     * this a comparison of all pairs, of which there are few. */
    enum { SLOTS = 2 * EHR_INDEX_LABELS_MAX };
    uint16_t slots[SLOTS] = {0}; /* label number + 1 */
    if (count > EHR_INDEX_LABELS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *label = labels + EHR_INDEX_LABEL_BYTES * i;
        size_t slot = ehr_le16_get(label) % SLOTS;
        while (slots[slot] != 0) {
            if (memcmp(label, labels + EHR_INDEX_LABEL_BYTES * (size_t)(slots[slot] - 1),
                       EHR_INDEX_LABEL_BYTES) == 0)
                return false;
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = (uint16_t)(i + 1);
    }
    return true;
}
