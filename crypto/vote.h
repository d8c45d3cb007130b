/* Authentication of consensus messages: signed votes, and pairwise MACs for what is not passed on.
 * Not certificates of quorums (sim/ledger). Source: crypto.md section g. */
#ifndef EHR_CRYPTO_VOTE_H
#define EHR_CRYPTO_VOTE_H

#include <stdint.h>

#include "crypto/group.h"
#include "crypto/sign.h"

struct ehr_vote {
    uint8_t chain_id[32];
    uint32_t epoch;
    uint64_t view;
    uint64_t height;
    uint8_t phase; /* numbered by the engine, from 1 */
    uint8_t block_hash[32];
};

/* H32("vote"; chain_id, epoch, view, height, phase, block_hash). */
void ehr_vote_digest(uint8_t out[32], const struct ehr_vote *vote);

/* Ed25519 "sig-vote" on a digest: a vote's, or another transferable message's of an engine. */
void ehr_vote_sign(uint8_t sig[64], const struct ehr_sign_key *key, const uint8_t digest[32]);

/* EHR_OK or EHR_SIG. */
EHR_MUST_CHECK enum ehr_status ehr_vote_verify(const uint8_t public[32], const uint8_t digest[32],
                                               const uint8_t sig[64]);

/* The key that two nodes share: the same on both sides. `own` is one's DH pair. EHR_SCALAR,
 * EHR_POINT; then `key` is zeroed. */
EHR_MUST_CHECK enum ehr_status ehr_mac_key_derive(uint8_t key[32], const struct ehr_dh_key *own,
                                                  const uint8_t peer[32]);

/* tag = PRF16_key("mac"; sender_id, receiver_id, digest). */
void ehr_mac_make(uint8_t tag[16], const uint8_t key[32], const uint8_t sender_id[32],
                  const uint8_t receiver_id[32], const uint8_t digest[32]);

/* Constant time. EHR_OK or EHR_SIG. */
EHR_MUST_CHECK enum ehr_status ehr_mac_verify(const uint8_t key[32], const uint8_t sender_id[32],
                                              const uint8_t receiver_id[32],
                                              const uint8_t digest[32], const uint8_t tag[16]);

#endif /* EHR_CRYPTO_VOTE_H */
