/* The literal search (`scan`): the tag of one trapdoor for every index transaction, compared with
 * what the transaction carries in the place of labels. Not the look-up by labels, which needs no
 * pass over the chain (index.h). Source: crypto.md section d.
 *
 *     tag = PRF16_Kt("idx-tag"; P), Kt = H32("idx-tagk"; T)
 *
 * Everything that precedes P is fed to BLAKE2b once per trapdoor; that state is copied for every
 * entry: two compressions remain, since libsodium holds the key's block back until it knows that
 * more than two blocks come. Tags on a chain are public: comparing them need not be constant in
 * time. Nothing here can fail. */
#ifndef EHR_CRYPTO_SCAN_H
#define EHR_CRYPTO_SCAN_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/index.h"

#define EHR_SCAN_STATE_BYTES 384 /* of libsodium's BLAKE2b, aligned to 64 */

/* A trapdoor ready for scanning. Secret, as the trapdoor is: ehr_scan_close wipes it. */
struct ehr_scan {
    alignas(64) uint8_t state[EHR_SCAN_STATE_BYTES];
};

/* What a scan looks at of an index transaction: an array of these in chain order is read from
 * front to back. 48 bytes; borrows the labels. */
struct ehr_scan_entry {
    uint8_t P[32];
    const uint8_t *labels; /* 16 * nkw: tags, or labels, and padding */
    size_t nkw;
};

/* Prepares trapdoor T. */
void ehr_scan_open(struct ehr_scan *scan, const uint8_t T[32]);
void ehr_scan_close(struct ehr_scan *scan);

/* The tag of pseudonym P: ehr_index_tag of that trapdoor. */
void ehr_scan_tag(uint8_t tag[EHR_INDEX_LABEL_BYTES], const struct ehr_scan *scan,
                  const uint8_t P[32]);

/* Whether the label, or tag, is among those of the entry. */
bool ehr_scan_entry_carries(const struct ehr_scan_entry *entry,
                            const uint8_t label[EHR_INDEX_LABEL_BYTES]);

/* The first entry at or after `from` that carries its tag; `count` if none does. One PRF an
 * entry. */
size_t ehr_scan_next(const struct ehr_scan *scan, const struct ehr_scan_entry *entries, size_t from,
                     size_t count);

#endif /* EHR_CRYPTO_SCAN_H */
