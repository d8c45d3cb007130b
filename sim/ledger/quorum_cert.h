/*
 * Quorum certificate "QCT1": the signatures of enough members of a committee on one digest (of a
 * vote, or of a block and its outcome). Not the counting of votes, nor how many are
 * enough: these are the engine's.
 * Source: crypto.md section g.
 */
#ifndef EHR_LEDGER_QUORUM_CERT_H
#define EHR_LEDGER_QUORUM_CERT_H

#include <stddef.h>
#include <stdint.h>
#include "crypto/status.h"

#define EHR_QUORUM_MEMBERS_MAX 65535
/* Bytes of a certificate of a committee of `members` with `signers` signatures. */
#define EHR_QUORUM_CERT_BYTES(members, signers)                                                    \
    (38 + ((size_t)(members) + 7) / 8 + 64 * (size_t)(signers))

struct ehr_quorum_vote {
    size_t member; /* from 0 */
    uint8_t sig[64];
};

/* Writes EHR_QUORUM_CERT_BYTES(members, count) bytes from votes in any order. LEN if a member is
 * out of range or the committee is empty or too large, DUP if one votes twice; then `cert` is zero.
 * Not verified: a vote is, when it is received. */
EHR_MUST_CHECK enum ehr_status ehr_quorum_cert_make(uint8_t *cert, size_t cert_len,
                                                    const uint8_t digest[32], size_t members,
                                                    const struct ehr_quorum_vote *votes,
                                                    size_t count);

/* A well-formed certificate; borrows the bytes. */
struct ehr_quorum_cert {
    const uint8_t *digest; /* 32 */
    size_t members, signers;
    const uint8_t *bitmap;
    const uint8_t *sigs; /* 64 * signers, ascending member */
};

/* Magic, committee size, unused bits, exact length (LEN). `view` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_quorum_cert_parse(struct ehr_quorum_cert *view,
                                                     const uint8_t *cert, size_t len,
                                                     size_t members);

/* 1 if that member signed. */
int ehr_quorum_cert_has(const struct ehr_quorum_cert *view, size_t member);

/* Full check against the committee's Ed25519 keys (32 * members, pairwise different) under the
 * signature label ("sig-vote", "sig-block"): LEN, `digest` (HASH), at least `threshold` signers
 * (THRESH), every signature (SIG). `view` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_quorum_cert_verify(struct ehr_quorum_cert *view,
                                                      const uint8_t *cert, size_t len,
                                                      const char *label, const uint8_t digest[32],
                                                      const uint8_t *keys, size_t members,
                                                      size_t threshold);

/* A certificate that was checked in full: made by ehr_quorum_cert_check only. */
struct ehr_quorum_cert_verified {
    uint8_t digest[32];
    size_t members, signers;
};
/* ehr_quorum_cert_verify, as a value. `out` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_quorum_cert_check(struct ehr_quorum_cert_verified *out,
                                                     const uint8_t *cert, size_t len,
                                                     const char *label, const uint8_t digest[32],
                                                     const uint8_t *keys, size_t members,
                                                     size_t threshold);

#endif /* EHR_LEDGER_QUORUM_CERT_H */
