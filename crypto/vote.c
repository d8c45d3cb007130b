#include "crypto/vote.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

void ehr_vote_digest(uint8_t out[32], const struct ehr_vote *vote)
{
    EHR_HASH32(out, "vote", EHR_H(vote->chain_id), EHR_U32(vote->epoch), EHR_U64(vote->view),
               EHR_U64(vote->height), EHR_U8(vote->phase), EHR_H(vote->block_hash));
}

void ehr_vote_sign(uint8_t sig[64], const struct ehr_sign_key *key, const uint8_t digest[32])
{
    ehr_sign_make(sig, key, "sig-vote", digest);
}

enum ehr_status ehr_vote_verify(const uint8_t public[32], const uint8_t digest[32],
                                const uint8_t sig[64])
{
    return ehr_sign_verify(public, "sig-vote", digest, sig);
}

enum ehr_status ehr_mac_key_derive(uint8_t key[32], const struct ehr_dh_key *own,
                                   const uint8_t peer[32])
{
    struct ehr_point dh;
    memcpy(dh.bytes, peer, sizeof dh.bytes);
    enum ehr_status status = ehr_point_mul(&dh, &own->secret, &dh);
    if (status == EHR_OK) {
        /* Public keys in the order of their bytes: both sides hash the same. */
        const uint8_t *mine = own->public.bytes;
        int first = memcmp(mine, peer, 32) < 0;
        EHR_HASH32(key, "mac-key", EHR_G(&dh), EHR_H(first ? mine : peer),
                   EHR_H(first ? peer : mine));
    } else {
        sodium_memzero(key, EHR_HASH_BYTES);
    }
    sodium_memzero(&dh, sizeof dh);
    return status;
}

void ehr_mac_make(uint8_t tag[16], const uint8_t key[32], const uint8_t sender_id[32],
                  const uint8_t receiver_id[32], const uint8_t digest[32])
{
    EHR_PRF16(tag, key, "mac", EHR_H(sender_id), EHR_H(receiver_id), EHR_H(digest));
}

enum ehr_status ehr_mac_verify(const uint8_t key[32], const uint8_t sender_id[32],
                               const uint8_t receiver_id[32], const uint8_t digest[32],
                               const uint8_t tag[16])
{
    uint8_t expected[EHR_TAG_BYTES];
    ehr_mac_make(expected, key, sender_id, receiver_id, digest);
    /* Whether the tag fits is the status; where it differs stays hidden. */
    int differs = ehr_public_int(sodium_memcmp(expected, tag, sizeof expected));
    return differs == 0 ? EHR_OK : EHR_SIG;
}
