/* Blame that convinces third parties: of a proxy for a forged share, and signed complaints about
 * ciphertexts that are not what the chain says. It decides nothing about consequences (protocol.md
 * G). Source: crypto.md c (the node's signature on a share is over the capsule too, since anyone
 * can make another valid capsule and accuse the node with it) and f.3. */
#ifndef EHR_CRYPTO_BLAME_H
#define EHR_CRYPTO_BLAME_H

#include "crypto/grant.h"
#include "crypto/record.h"
#include "crypto/reencrypt.h"
#include "crypto/sign.h"

/* ---- forged shares ---- */

/* What the data user holds; all pointers are borrowed. */
struct ehr_blame_evidence {
    const uint8_t *head;  /* EHR_RECORD_HEAD_BYTES: of the record */
    const uint8_t *cfrag; /* EHR_CFRAG_BYTES: the share */
    const uint8_t *sig;   /* 64: "sig-cfrag" of its node on share and capsule */
    const uint8_t *grant;
    size_t grant_len;
};

/* "BLM1" | head 176 | cfrag 161 | sig 64 | grant to the end. */
#define EHR_BLAME_BYTES(proxies)                                                                   \
    (4 + EHR_RECORD_HEAD_BYTES + EHR_CFRAG_BYTES + 64 + EHR_GRANT_BYTES(proxies))

/* Writes EHR_BLAME_BYTES(n of the grant). */
void ehr_blame_encode(uint8_t *bytes, const struct ehr_blame_evidence *evidence);
/* EHR_LEN; then `evidence` is zero. The grant is not looked at. */
EHR_MUST_CHECK enum ehr_status ehr_blame_parse(struct ehr_blame_evidence *evidence,
                                               const uint8_t *bytes, size_t length);

/* Who is accused, as the certificates of the consortium tell. */
struct ehr_blame_accused {
    uint32_t epoch;
    const uint8_t *cert_ids; /* 32 * n: the proxies of the epoch, share 1 first */
    size_t proxies;
    uint8_t index;        /* its share, from 1 */
    const uint8_t *ed_pk; /* 32, of its certificate */
};

/* A node that is to blame: made by ehr_blame_verify only. */
struct ehr_blame_verified {
    uint8_t grant_id[32];
    uint8_t node_id[32]; /* its cert_id */
    enum ehr_status why; /* what is wrong with the share: POINT, SCALAR, CFRAG */
};

/* EHR_OK: the accused signed a share for this grant and record that does not verify. An honest node
 * cannot be made to look so. Else nobody is to blame, and the status says why: what is wrong with
 * the grant (ehr_grant_verify) or the head (ehr_record_head_check); POLICY: another committee or
 * index, a share for another grant, or a share that is good; SIG: not the accused's signature. Then
 * `out` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_blame_verify(struct ehr_blame_verified *out,
                                                const struct ehr_blame_evidence *evidence,
                                                const struct ehr_blame_accused *accused);

/* ---- complaints ---- */

/* The accused handed out a ciphertext with another hash than the chain's. One party's word: it is
 * signed so that it can be held to it. */
struct ehr_complaint {
    uint8_t accused[32]; /* cert_id */
    uint8_t txid[32];    /* of the record's index transaction */
    uint8_t ct_hash[32]; /* found */
    uint64_t height;     /* of the alliance chain */
};

/* H32("complaint"; accused, txid, ct_hash, height) under "sig-compl". */
void ehr_complaint_sign(uint8_t sig[64], const struct ehr_complaint *complaint,
                        const struct ehr_sign_key *key);
/* EHR_OK or EHR_SIG. */
EHR_MUST_CHECK enum ehr_status ehr_complaint_verify(const struct ehr_complaint *complaint,
                                                    const uint8_t public[32],
                                                    const uint8_t sig[64]);

#endif /* EHR_CRYPTO_BLAME_H */
