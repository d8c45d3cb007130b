/* The log of a query as a transaction of the alliance chain: that somebody asks, and for what, as
 * commitments that only who knows the trapdoors can open. Nobody signs it: who asks stays unknown,
 * and it is worth nothing but to who has the query. Sources: protocol.md C, crypto.md section d. */
#ifndef EHR_LEDGER_QUERY_LOG_H
#define EHR_LEDGER_QUERY_LOG_H

#include "crypto/status.h"
#include "sim/ledger/message.h"

/* "QLG1" | query_id 32 | count u16 | count commitments H32("td-com"; T), strictly ascending; 1 to
 * EHR_QUERY_TRAPDOORS_SERVED of them. */
#define EHR_QUERY_LOG_BYTES(count) (4 + 32 + 2 + 32 * (size_t)(count))

struct ehr_query_log {
    const uint8_t *query_id;    /* 32; borrowed, as the commitments */
    const uint8_t *commitments; /* 32 * count */
    uint32_t count;
};

/* The log of a query for `count` >= 1 trapdoors of 32 bytes, in any order; a trapdoor that stands
 * twice is committed to once. One reference. */
struct ehr_blob *ehr_query_log_make(const uint8_t query_id[32], const uint8_t *trapdoors,
                                    size_t count);

/* EHR_LEN, EHR_DUP (not strictly ascending); then `out` is zero. */
EHR_MUST_CHECK enum ehr_status ehr_query_log_parse(struct ehr_query_log *out, const uint8_t *bytes,
                                                   size_t length);

#endif /* EHR_LEDGER_QUERY_LOG_H */
