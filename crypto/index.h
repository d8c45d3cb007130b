/*
 * The searchable keyword index: canonical keywords, trapdoors, labels and tags. Not the look-up
 * table on a chain, nor the query message (query.h). Source: crypto.md section d (an authenticated
 * searchable index; the trapdoor of a keyword gives the labels of its records one after another).
 */
#ifndef EHR_CRYPTO_INDEX_H
#define EHR_CRYPTO_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crypto/group.h"
#include "crypto/random.h"
#include "crypto/status.h"

#define EHR_INDEX_LABEL_BYTES         16
#define EHR_INDEX_KEYWORD_BYTES_MAX   64  /* bytes of a canonical keyword */
#define EHR_INDEX_RECORD_KEYWORDS_MAX 128 /* keywords of one record, at the doctor */
#define EHR_INDEX_LABELS_MAX          256 /* labels of one transaction, at the decoder */
#define EHR_INDEX_GAP                 4   /* labels not found in a row that end a search */

/* A canonical keyword; `text` is not terminated. */
struct ehr_index_keyword {
    uint8_t text[EHR_INDEX_KEYWORD_BYTES_MAX];
    size_t len;
};

/* The index key of doctor, patient and epoch from the doctor's side (pair w, the patient's F) and
 * from the patient's (pair f, the doctor's W). SCALAR, POINT; then K is zero. */
EHR_MUST_CHECK enum ehr_status ehr_index_key_doctor(uint8_t K[32], const struct ehr_dh_key *w,
                                                    const uint8_t F[32]);
EHR_MUST_CHECK enum ehr_status ehr_index_key_patient(uint8_t K[32], const struct ehr_dh_key *f,
                                                     const uint8_t W[32]);

/* Canonical form of `len` bytes of UTF-8: strict decoding, NFC, simple lower case, NFC, blanks
 * collapsed and trimmed. LEN if it is not UTF-8 or not 1..64 bytes in the end; then `keyword` is
 * zero. */
EHR_MUST_CHECK enum ehr_status ehr_index_keyword_make(struct ehr_index_keyword *keyword,
                                                      const uint8_t *utf8, size_t len);

/* kw of a canonical keyword. */
void ehr_index_keyword_hash(uint8_t kw[32], const struct ehr_index_keyword *keyword);

/* T = PRF_K("idx-trap"; epoch, kw), and its commitment H32("td-com"; T). */
void ehr_index_trapdoor(uint8_t T[32], const uint8_t K[32], uint32_t epoch, const uint8_t kw[32]);
void ehr_index_td_com(uint8_t td_com[32], const uint8_t T[32]);

/* label_counter of a trapdoor. */
void ehr_index_label(uint8_t label[EHR_INDEX_LABEL_BYTES], const uint8_t T[32], uint32_t counter);

/* `scan`: the tag of pseudonym P under T, and the key Kt = H32("idx-tagk"; T) that a scanning node
 * derives once: tag = ehr_index_tag_keyed(Kt, P). */
void ehr_index_tag_key(uint8_t Kt[32], const uint8_t T[32]);
void ehr_index_tag_keyed(uint8_t tag[EHR_INDEX_LABEL_BYTES], const uint8_t Kt[32],
                         const uint8_t P[32]);
void ehr_index_tag(uint8_t tag[EHR_INDEX_LABEL_BYTES], const uint8_t T[32], const uint8_t P[32]);

/* nkw, the number of labels of a record with `keywords` keywords: 8, 16, 32, 64 or 128; LEN (and 0)
 * above 128. */
EHR_MUST_CHECK enum ehr_status ehr_index_nkw(size_t *nkw, size_t keywords);

/* Fills `packed` (nkw labels) with the `count` real ones, random ones behind them, shuffled. Draws
 * 16 bytes a random label, then 8 bytes an exchange. LEN unless count <= nkw <= 256, DUP unless all
 * differ; then `packed` is zero. `labels` and `packed` do not overlap. */
EHR_MUST_CHECK enum ehr_status ehr_index_labels_pack(uint8_t *packed, size_t nkw,
                                                     const uint8_t *labels, size_t count,
                                                     struct ehr_rng *rng);

/* Whether `count` <= EHR_INDEX_LABELS_MAX labels are pairwise different. */
bool ehr_index_labels_distinct(const uint8_t *labels, size_t count);

#endif /* EHR_CRYPTO_INDEX_H */
