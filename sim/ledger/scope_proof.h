/* How a data user shows that a visit lies in the keyword scope of its grant: a trapdoor that is
 * committed to in the scope and indexes the visit. Travels in boxes, from the patient to the data
 * user and from there to each proxy: who has a trapdoor finds all records under it.
 * Sources: crypto.md c (scope), d (trapdoors), i (what enforces it). */
#ifndef EHR_LEDGER_SCOPE_PROOF_H
#define EHR_LEDGER_SCOPE_PROOF_H

#include "crypto/box.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/message.h"

/* "TDR1" | grant_id 32 | T 32 | counter u32. Secret. */
enum {
    EHR_SCOPE_PROOF_BYTES = 72,
    EHR_SCOPE_PROOF_BOX_BYTES = EHR_SCOPE_PROOF_BYTES + EHR_BOX_OVERHEAD_BYTES,
};

struct ehr_scope_proof {
    uint8_t grant_id[32];
    uint8_t T[32];
    uint32_t counter; /* of the label; 0 where records carry tags (scan) */
};

/* Sealed to the receiver with this certificate id and box key, under H32("query-ctx"; id). POINT,
 * SCALAR; then `box` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_scope_proof_seal(uint8_t box[EHR_SCOPE_PROOF_BOX_BYTES],
                                                    const struct ehr_scope_proof *proof,
                                                    const uint8_t receiver_id[32],
                                                    const struct ehr_point *key,
                                                    struct ehr_rng *rng);
/* EHR_LEN; what the box says (EHR_POINT, EHR_AEAD). `proof` is zero on failure. */
EHR_MUST_CHECK enum ehr_status ehr_scope_proof_open(struct ehr_scope_proof *proof,
                                                    const uint8_t *box, size_t length,
                                                    const uint8_t own_id[32],
                                                    const struct ehr_dh_key *key);

/* Whether the trapdoor indexes the transaction, by a label or, with `scan`, by a tag. */
bool ehr_scope_proof_indexes(const struct ehr_scope_proof *proof, const struct ehr_atx *atx,
                             bool scan);
/* Whether the scope commits to it; a scope without keywords limits nothing. */
bool ehr_scope_proof_within(const struct ehr_scope_proof *proof, const uint8_t *scope,
                            size_t scope_len);

#endif /* EHR_LEDGER_SCOPE_PROOF_H */
