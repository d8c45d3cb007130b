/* What a hospital server writes to its journal: for those who keep it over a crash. The role itself
 * is made by roles.h. */
#ifndef EHR_ACTORS_HOSPITAL_H
#define EHR_ACTORS_HOSPITAL_H

#include <stdint.h>

#include "sim/network/node.h"

enum ehr_hospital_journal {
    EHR_HOSPITAL_JOURNAL_CARD = 1,   /* reference 32 | keys 128 | patient u32 | regno u64 */
    EHR_HOSPITAL_JOURNAL_CIPHERTEXT, /* the sealed record; belongs to the STORED that follows */
    EHR_HOSPITAL_JOURNAL_STORED,     /* request u64 | patient u32 | ct_hash 32 | body hash 32 */
    EHR_HOSPITAL_JOURNAL_ANCHORED,   /* u64: every height up to it is completely shared, and its
                                      * receipts are with the patients or in the journal */
    EHR_HOSPITAL_JOURNAL_AUDIT,     /* doctor u32 | patient u32 | reason u8 | time u64: emergency */
    EHR_HOSPITAL_JOURNAL_MAIL,      /* patient u32 | encoded RECEIPT or AUDIT: not collected yet */
    EHR_HOSPITAL_JOURNAL_COLLECTED, /* P 32 of such a MAIL: done with */
};

/* For tests and results. */
struct ehr_hospital_counts {
    uint64_t cards, cards_again; /* issued; asked for with keys that have one */
    uint64_t stored, collected;  /* ciphertexts; orphans among them that were thrown away */
    uint64_t forks;              /* second certified blocks at one height */
    uint64_t anchored;           /* last height up to which everything is shared */
    uint64_t mail, mail_written; /* receipts not collected; those of them in the journal */
};
struct ehr_hospital_counts ehr_hospital_counts(const struct ehr_node *node);

#endif /* EHR_ACTORS_HOSPITAL_H */
