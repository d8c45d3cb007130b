#include "crypto/scan.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/hash.h"

static_assert(sizeof(crypto_generichash_blake2b_state) == EHR_SCAN_STATE_BYTES,
              "the state of another libsodium");

void ehr_scan_open(struct ehr_scan *scan, const uint8_t T[32])
{
    static const uint8_t salt[crypto_generichash_blake2b_SALTBYTES] = {0};
    crypto_generichash_blake2b_state state;
    uint8_t key[32], personal[EHR_PAD16_BYTES], length[4];
    ehr_pad16(personal, "idx-tag");
    ehr_index_tag_key(key, T);
    int rc = crypto_generichash_blake2b_init_salt_personal(&state, key, sizeof key,
                                                           EHR_INDEX_LABEL_BYTES, salt, personal);
    ehr_le32(length, 32); /* of P, the one value */
    rc |= crypto_generichash_blake2b_update(&state, length, sizeof length);
    assert(rc == 0);
    (void)rc;
    memcpy(scan->state, &state, sizeof state);
    ehr_wipe(&state, sizeof state);
    ehr_wipe(key, sizeof key);
}

void ehr_scan_close(struct ehr_scan *scan)
{
    ehr_wipe(scan, sizeof *scan);
}

void ehr_scan_tag(uint8_t tag[EHR_INDEX_LABEL_BYTES], const struct ehr_scan *scan,
                  const uint8_t P[32])
{
    crypto_generichash_blake2b_state state; /* wiped by libsodium's final */
    memcpy(&state, scan->state, sizeof state);
    int rc = crypto_generichash_blake2b_update(&state, P, 32);
    rc |= crypto_generichash_blake2b_final(&state, tag, EHR_INDEX_LABEL_BYTES);
    assert(rc == 0);
    (void)rc;
}

/* 64 bits of a tag tell almost every label apart. */
static uint64_t head(const uint8_t *label)
{
    uint64_t word;
    memcpy(&word, label, sizeof word);
    return word;
}

bool ehr_scan_entry_carries(const struct ehr_scan_entry *entry,
                            const uint8_t label[EHR_INDEX_LABEL_BYTES])
{
    const uint8_t *at = entry->labels, *end = at + EHR_INDEX_LABEL_BYTES * entry->nkw;
    for (; at != end; at += EHR_INDEX_LABEL_BYTES)
        if (head(at) == head(label) && memcmp(at, label, EHR_INDEX_LABEL_BYTES) == 0)
            return true;
    return false;
}

size_t ehr_scan_next(const struct ehr_scan *scan, const struct ehr_scan_entry *entries, size_t from,
                     size_t count)
{
    for (size_t i = from; i < count; i++) {
        uint8_t tag[EHR_INDEX_LABEL_BYTES];
        /* Labels lie within transactions, all over the memory: they arrive while this one is
         * hashed. */
        __builtin_prefetch(entries[i].labels);
        ehr_scan_tag(tag, scan, entries[i].P);
        if (ehr_scan_entry_carries(&entries[i], tag))
            return i;
    }
    return count;
}
