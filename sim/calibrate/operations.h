/* The list of what is measured: which function calls, on which sizes, for which entries of the cost
 * table. Internal to sim/calibrate. */
#ifndef EHR_CALIBRATE_OPERATIONS_H
#define EHR_CALIBRATE_OPERATIONS_H

#include "crypto/cost.h"
#include "sim/calibrate/fixture.h"

enum { EHR_OPERATION_SIZES_MAX = 4 };

/* Where the growth with size goes. */
enum ehr_growth {
    EHR_GROWTH_NONE = 0, /* measured at one size, or only to be printed */
    EHR_GROWTH_BYTES,    /* ps a byte of `growth_op` */
    EHR_GROWTH_ITEMS,    /* ns of one `growth_op`: a proxy, a share, a certificate, a node */
};

struct ehr_operation {
    const char *name;
    /* One call on the size sizes[at]. */
    void (*run)(struct ehr_fixture *fixture, unsigned at);
    unsigned sizes[EHR_OPERATION_SIZES_MAX]; /* ascending, ended by 0; none: {0} */
    enum ehr_cost_op op; /* takes what does not grow; EHR_COST_INVALID: nothing does */
    enum ehr_growth growth;
    enum ehr_cost_op growth_op;
};

extern const struct ehr_operation ehr_operations[];
extern const size_t ehr_operation_count;

/* Number of sizes, at least 1. */
unsigned ehr_operation_sizes(const struct ehr_operation *operation);

#define EHR_RUN(name) void name(struct ehr_fixture *fixture, unsigned at)

/* run_base.c: group, signatures, hashes, boxes */
EHR_RUN(ehr_run_scalarmult_base);
EHR_RUN(ehr_run_scalarmult);
EHR_RUN(ehr_run_point_check);
EHR_RUN(ehr_run_ed_sign);
EHR_RUN(ehr_run_ed_verify);
EHR_RUN(ehr_run_schnorr_sign);
EHR_RUN(ehr_run_schnorr_verify);
EHR_RUN(ehr_run_hash);
EHR_RUN(ehr_run_merkle);
EHR_RUN(ehr_run_mac_key);
EHR_RUN(ehr_run_mac);
EHR_RUN(ehr_run_box_seal);
EHR_RUN(ehr_run_box_open);

/* run_identity.c */
EHR_RUN(ehr_run_patient_keys);
EHR_RUN(ehr_run_cert_issue);
EHR_RUN(ehr_run_cert_chain);
EHR_RUN(ehr_run_epoch_key_make);
EHR_RUN(ehr_run_epoch_key_verify);
EHR_RUN(ehr_run_card_issue);
EHR_RUN(ehr_run_card_show);
EHR_RUN(ehr_run_card_check);
EHR_RUN(ehr_run_pseudonym_make);
EHR_RUN(ehr_run_pseudonym_hit);
EHR_RUN(ehr_run_pseudonym_miss);

/* run_record.c */
EHR_RUN(ehr_run_encap);
EHR_RUN(ehr_run_capsule_check);
EHR_RUN(ehr_run_head_check);
EHR_RUN(ehr_run_record_seal);
EHR_RUN(ehr_run_record_open);
EHR_RUN(ehr_run_grant_make);
EHR_RUN(ehr_run_grant_verify);
EHR_RUN(ehr_run_kfrag_open);
EHR_RUN(ehr_run_reencrypt);
EHR_RUN(ehr_run_cfrag_verify);
EHR_RUN(ehr_run_combine);

/* run_index.c: keyword index, queries, evidence */
EHR_RUN(ehr_run_idx_key);
EHR_RUN(ehr_run_trapdoor);
EHR_RUN(ehr_run_label);
EHR_RUN(ehr_run_lookup);
EHR_RUN(ehr_run_scan);
EHR_RUN(ehr_run_query_make);
EHR_RUN(ehr_run_query_open);
EHR_RUN(ehr_run_ptx_sign);
EHR_RUN(ehr_run_ptx_verify);
EHR_RUN(ehr_run_atx_sign);
EHR_RUN(ehr_run_atx_verify);

#endif /* EHR_CALIBRATE_OPERATIONS_H */
