/* A visit with a sealed record, a grant of it, and the proxies' shares: what properties of grants
 * and of combinations start from. */
#ifndef EHR_TESTS_PROPERTY_SHARING_H
#define EHR_TESTS_PROPERTY_SHARING_H

#include "crypto/combine.h"
#include "tests/properties/property.h"

enum { SHARING_PLAINTEXT = 300, SHARING_KEYWORDS = 6 };
#define SHARING_SEALED (304 + EHR_RECORD_OVERHEAD_BYTES) /* the bucket of 301 is 304 */

struct sharing {
    struct property_case *c;
    size_t t, n;
    struct ehr_visit_keys keys;
    struct ehr_record_visit visit;
    struct ehr_dh_key data_user, nodes[EHR_GRANT_PROXIES_MAX];
    uint8_t cert_ids[32 * EHR_GRANT_PROXIES_MAX], node_keys[32 * EHR_GRANT_PROXIES_MAX];
    uint8_t du_cert_id[32], scope_hash[32];
    struct ehr_grant_terms terms;
    uint8_t grant_bytes[EHR_GRANT_BYTES_MAX];
    size_t grant_length;
    struct ehr_grant_verified grant;
    uint8_t plaintext[SHARING_PLAINTEXT], sealed[SHARING_SEALED];
    uint8_t body_hash[32], ct_hash[32];
    struct ehr_record_head head;
    struct ehr_reencrypt_request request;
};

/* Everything for t of n proxies. Not copied afterwards: it points into itself. */
void sharing_make(struct sharing *s, struct property_case *c, size_t t, size_t n);
/* Another grant of the same visit to the same data user, in the place of the first. */
void sharing_grant_again(struct sharing *s);
/* Another record of the same visit, in the place of the first. */
void sharing_record_again(struct sharing *s);
/* The verified fragment of proxy `i` (from 0), and its share. */
void sharing_kfrag(struct sharing *s, size_t i, struct ehr_kfrag_verified *kfrag);
void sharing_cfrag(struct sharing *s, size_t i, uint8_t cfrag[EHR_CFRAG_BYTES]);
/* The status of opening with `count` shares; checks the plaintext, or that none is given out. */
enum ehr_status sharing_open(struct sharing *s, const struct ehr_share *shares, size_t count,
                             uint32_t *faulty);
/* Random t <= n of 2..most. */
void sharing_size(struct property_case *c, size_t most, size_t *t, size_t *n);

#endif /* EHR_TESTS_PROPERTY_SHARING_H */
