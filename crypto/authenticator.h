/* Authenticators: a vector of MAC tags under one broadcast message, one tag for each receiver.
 * Not a proof to anybody else: a receiver can check its own entry only, and could have made it.
 * A sender can make an entry wrong for one receiver alone; what must convince third parties is
 * signed (vote.h). Sources: crypto.md section g; Castro and Liskov, OSDI'99, 5.2 and TOCS 2002,
 * 3.2.1. */
#ifndef EHR_CRYPTO_AUTHENTICATOR_H
#define EHR_CRYPTO_AUTHENTICATOR_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "crypto/status.h"

/* What a member of a group knows of another one. */
struct ehr_mac_peer {
    uint8_t id[32];  /* its cert_id */
    uint8_t key[32]; /* shared with it: ehr_mac_key_derive (vote.h) */
};

/* Bytes of the vector of a group of `members` (>= 1): 16 for each but the sender. */
size_t ehr_authenticator_bytes(size_t members);

/* Tags for all members but `sender`, in ascending order; `tags` holds
 * ehr_authenticator_bytes(members). peers[sender] gives the sender's id, its key is not used. */
void ehr_authenticator_make(uint8_t *tags, const struct ehr_mac_peer *peers, size_t members,
                            size_t sender, const uint8_t digest[32]);

/* Receiver's side: `own_id` is its own, `sender` (!= receiver) and `receiver` are positions in the
 * group, `from` is what it knows of the sender. `length` is that of the whole vector, or 16 where
 * the message was sent to this receiver alone. EHR_LEN; EHR_SIG: its entry is wrong. Constant
 * time in the tag. */
EHR_MUST_CHECK enum ehr_status ehr_authenticator_verify(const uint8_t *tags, size_t length,
                                                        const struct ehr_mac_peer *from,
                                                        size_t members, size_t sender,
                                                        size_t receiver, const uint8_t own_id[32],
                                                        const uint8_t digest[32]);

#endif /* EHR_CRYPTO_AUTHENTICATOR_H */
