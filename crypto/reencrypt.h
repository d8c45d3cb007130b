/*
 * A proxy's share of a re-encryption with its proof, the proof's verification, and the signature by
 * which a bad share can be blamed on its node. Not the combination of shares: that is combine.h.
 * Source: crypto.md section c (Umbral's cfrag with a DLEQ proof).
 */
#ifndef EHR_CRYPTO_REENCRYPT_H
#define EHR_CRYPTO_REENCRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crypto/grant.h"
#include "crypto/random.h"
#include "crypto/record.h"
#include "crypto/sign.h"
#include "crypto/status.h"

#define EHR_CFRAG_BYTES 161 /* grant_id 32 | j u8 | E1 32 | V1 32 | e 32 | z 32 */

/* What a proxy knows of the record and of the chain when it is asked. */
struct ehr_reencrypt_request {
    const uint8_t *head; /* `head_len` bytes as received */
    size_t head_len;
    const uint8_t *body_hash; /* 32: of the body as received, or as another proxy states it */
    const uint8_t *ct_hash;   /* 32: the one on chain */
    uint64_t height;          /* of the alliance chain, as this proxy executed it */
    bool revoked;             /* the grant, at that height */
};

/* Share of a verified fragment of this grant (else KFRAG) for one record: |head| (LEN), ct_hash
 * (HASH), head and capsule (LEN, POINT, POLICY, SCALAR, CAPSULE), window and revocation (POLICY).
 * Draws rnd32. `cfrag` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_reencrypt(uint8_t cfrag[EHR_CFRAG_BYTES],
                                             const struct ehr_grant_verified *grant,
                                             const struct ehr_kfrag_verified *kfrag,
                                             const struct ehr_reencrypt_request *request,
                                             struct ehr_rng *rng);

/* Proof of a share: length (LEN), grant and index (CFRAG), E1, V1 (POINT), e, z (SCALAR), the
 * proof (CFRAG). `head` is the record's, checked with the grant's visit. Remembered: an equal
 * verification is computed once. */
EHR_MUST_CHECK enum ehr_status ehr_cfrag_verify(const struct ehr_grant_verified *grant,
                                                const struct ehr_record_head *head,
                                                const uint8_t *cfrag, size_t cfrag_len);

/* A share whose proof holds: made by ehr_cfrag_check only. */
struct ehr_cfrag_verified {
    uint8_t bytes[EHR_CFRAG_BYTES];     /* they name the grant */
    uint8_t capsule[EHR_CAPSULE_BYTES]; /* of the record */
};
/* ehr_cfrag_verify, as a value that ehr_combine_verified takes. `share` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_cfrag_check(struct ehr_cfrag_verified *share,
                                               const struct ehr_grant_verified *grant,
                                               const struct ehr_record_head *head,
                                               const uint8_t *cfrag, size_t cfrag_len);

/* H32("cfrag-sig"; cfrag, capsule): what the node signs. */
void ehr_cfrag_message(uint8_t message[32], const uint8_t cfrag[EHR_CFRAG_BYTES],
                       const uint8_t capsule[EHR_CAPSULE_BYTES]);

/* The node's Ed25519 signature for blame, and its verification (SIG). */
void ehr_cfrag_sign(uint8_t sig[64], const uint8_t cfrag[EHR_CFRAG_BYTES],
                    const uint8_t capsule[EHR_CAPSULE_BYTES], const struct ehr_sign_key *node_key);
EHR_MUST_CHECK enum ehr_status ehr_cfrag_sig_verify(const uint8_t cfrag[EHR_CFRAG_BYTES],
                                                    const uint8_t capsule[EHR_CAPSULE_BYTES],
                                                    const uint8_t node_ed_pk[32],
                                                    const uint8_t sig[64]);

#endif /* EHR_CRYPTO_REENCRYPT_H */
