#include "crypto/sign.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/group.h"
#include "crypto/memo.h"
#include "crypto/secret.h"

/* libsodium's secret key is seed || public key, which is how the struct lies in memory. */
static_assert(sizeof(struct ehr_sign_key) == crypto_sign_SECRETKEYBYTES, "no padding");

void ehr_sign_key_init(struct ehr_sign_key *key, const uint8_t seed[32])
{
    uint8_t expanded[sizeof *key];
    ehr_group_provider_get()->ed_key(expanded, seed);
    memcpy(key, expanded, sizeof *key);
    sodium_memzero(expanded, sizeof expanded);
    ehr_declassify(key->public, sizeof key->public); /* the public key */
}

void ehr_sign_message(uint8_t message[48], const char *label, const uint8_t hash[32])
{
    ehr_pad16(message, label);
    memcpy(message + EHR_PAD16_BYTES, hash, EHR_HASH_BYTES);
}

void ehr_sign_make(uint8_t sig[64], const struct ehr_sign_key *key, const char *label,
                   const uint8_t hash[32])
{
    uint8_t message[48];
    ehr_sign_message(message, label, hash);
    ehr_group_provider_get()->ed_sign(sig, message, (const uint8_t *)key);
    ehr_declassify(sig, EHR_SIGNATURE_BYTES); /* handed to everyone */
}

struct verification {
    const uint8_t *public, *message, *sig;
};

static enum ehr_status signature_compute(const void *context)
{
    const struct verification *v = context;
    return ehr_group_provider_get()->ed_verify(v->sig, v->message, v->public) == 0 ? EHR_OK
                                                                                   : EHR_SIG;
}

enum ehr_status ehr_sign_verify(const uint8_t public[32], const char *label, const uint8_t hash[32],
                                const uint8_t sig[64])
{
    uint8_t message[48];
    ehr_sign_message(message, label, hash);
    struct verification v = {.public = public, .message = message, .sig = sig};
    return EHR_MEMO_VERIFY(EHR_MEMO_ED_SIGNATURE, signature_compute, &v, EHR_H(public),
                           EHR_P(message, sizeof message), EHR_P(sig, EHR_SIGNATURE_BYTES));
}
