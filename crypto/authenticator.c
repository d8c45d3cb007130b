#include "crypto/authenticator.h"

#include <assert.h>

#include "crypto/vote.h"

size_t ehr_authenticator_bytes(size_t members)
{
    assert(members > 0);
    return (members - 1) * EHR_TAG_BYTES;
}

/* Where the receiver's tag stands: the sender has none. */
static size_t place_of(size_t sender, size_t receiver)
{
    assert(sender != receiver);
    return (receiver < sender ? receiver : receiver - 1) * EHR_TAG_BYTES;
}

void ehr_authenticator_make(uint8_t *tags, const struct ehr_mac_peer *peers, size_t members,
                            size_t sender, const uint8_t digest[32])
{
    assert(sender < members);
    for (size_t i = 0; i < members; i++)
        if (i != sender)
            ehr_mac_make(tags + place_of(sender, i), peers[i].key, peers[sender].id, peers[i].id,
                         digest);
}

enum ehr_status ehr_authenticator_verify(const uint8_t *tags, size_t length,
                                         const struct ehr_mac_peer *from, size_t members,
                                         size_t sender, size_t receiver, const uint8_t own_id[32],
                                         const uint8_t digest[32])
{
    assert(sender < members && receiver < members);
    size_t at = place_of(sender, receiver);
    if (length == EHR_TAG_BYTES)
        at = 0;
    else if (length != ehr_authenticator_bytes(members))
        return EHR_LEN;
    return ehr_mac_verify(from->key, from->id, own_id, digest, tags + at);
}
