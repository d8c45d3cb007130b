#include "crypto/box.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

/* Key and nonce of one body: S = H64("box"; dh, KE, N, ctx), key S[0:32], nonce S[32:56]. */
static void box_secret(uint8_t S[EHR_WIDE_BYTES], const struct ehr_point *dh, const uint8_t KE[32],
                       const struct ehr_point *N, const uint8_t context[32])
{
    EHR_HASH64(S, "box", EHR_G(dh), EHR_H(KE), EHR_G(N), EHR_H(context));
}

enum ehr_status ehr_box_body_seal(uint8_t *body, const struct ehr_dh_key *ephemeral,
                                  const struct ehr_point *N, const uint8_t context[32],
                                  const void *plaintext, size_t length)
{
    struct ehr_point dh;
    uint8_t S[EHR_WIDE_BYTES];
    enum ehr_status status = ehr_point_mul(&dh, &ephemeral->secret, N);
    if (status == EHR_OK) {
        box_secret(S, &dh, ephemeral->public.bytes, N, context);
        crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, plaintext, length, context, 32, NULL,
                                                   S + 32, S);
        ehr_declassify(body, length + EHR_BOX_TAG_BYTES); /* ciphertext */
        sodium_memzero(S, sizeof S);
    } else {
        sodium_memzero(body, length + EHR_BOX_TAG_BYTES);
    }
    sodium_memzero(&dh, sizeof dh);
    return status;
}

enum ehr_status ehr_box_body_open(uint8_t *plaintext, const struct ehr_dh_key *key,
                                  const uint8_t KE[32], const uint8_t context[32],
                                  const uint8_t *body, size_t length)
{
    if (length < EHR_BOX_TAG_BYTES)
        return EHR_LEN;
    struct ehr_point dh;
    uint8_t S[EHR_WIDE_BYTES];
    memcpy(dh.bytes, KE, sizeof dh.bytes);
    enum ehr_status status = ehr_point_mul(&dh, &key->secret, &dh);
    if (status == EHR_OK) {
        box_secret(S, &dh, KE, &key->public, context);
        int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext, NULL, NULL, body, length,
                                                            context, 32, S + 32, S);
        if (ehr_public_int(rc) != 0) /* whether the box opens: the status */
            status = EHR_AEAD;
        sodium_memzero(S, sizeof S);
    }
    if (status != EHR_OK)
        ehr_wipe(plaintext, length - EHR_BOX_TAG_BYTES);
    sodium_memzero(&dh, sizeof dh);
    return status;
}

enum ehr_status ehr_box_seal(uint8_t *box, const struct ehr_point *N, const uint8_t context[32],
                             const void *plaintext, size_t length, struct ehr_rng *rng)
{
    struct ehr_dh_key ephemeral;
    enum ehr_status status = ehr_dh_key_make(&ephemeral, rng);
    memcpy(box, ephemeral.public.bytes, EHR_POINT_BYTES);
    if (status == EHR_OK)
        status =
            ehr_box_body_seal(box + EHR_POINT_BYTES, &ephemeral, N, context, plaintext, length);
    if (status != EHR_OK)
        sodium_memzero(box, length + EHR_BOX_OVERHEAD_BYTES);
    sodium_memzero(&ephemeral, sizeof ephemeral);
    return status;
}

enum ehr_status ehr_box_open(uint8_t *plaintext, const struct ehr_dh_key *key,
                             const uint8_t context[32], const uint8_t *box, size_t length)
{
    if (length < EHR_BOX_OVERHEAD_BYTES)
        return EHR_LEN;
    return ehr_box_body_open(plaintext, key, box, context, box + EHR_POINT_BYTES,
                             length - EHR_POINT_BYTES);
}
