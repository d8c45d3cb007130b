#include "sim/calibrate/operations.h"

/* A fixed part alone; a line whose growth is by bytes; one whose growth is by items. */
#define ONE(name, run, op)                                                                         \
    {                                                                                              \
        name, run, {0}, EHR_COST_##op, EHR_GROWTH_NONE, EHR_COST_INVALID                           \
    }
#define BYTES(name, run, over, op, growth_op)                                                      \
    {                                                                                              \
        name, run, {over}, EHR_COST_##op, EHR_GROWTH_BYTES, EHR_COST_##growth_op                   \
    }
#define ITEMS(name, run, over, op, growth_op)                                                      \
    {                                                                                              \
        name, run, {over}, EHR_COST_##op, EHR_GROWTH_ITEMS, EHR_COST_##growth_op                   \
    }

/* The root of a chain is known, so a certificate costs what one more adds; so does a node of a
 * tree, an entry that is scanned, or a look-up of many. A record is sealed and opened whole: what
 * does not grow is the capsule's part. The record of `combine` is the shortest there is. */
const struct ehr_operation ehr_operations[] = {
    ONE("scalarmult_base", ehr_run_scalarmult_base, SCALARMULT_BASE),
    ONE("scalarmult", ehr_run_scalarmult, SCALARMULT),
    ONE("point_check", ehr_run_point_check, POINT_CHECK),
    ONE("ed_sign", ehr_run_ed_sign, ED_SIGN),
    ONE("ed_verify", ehr_run_ed_verify, ED_VERIFY),
    ONE("schnorr_sign", ehr_run_schnorr_sign, SCHNORR_SIGN),
    ONE("schnorr_verify", ehr_run_schnorr_verify, SCHNORR_VERIFY),
    BYTES("hash", ehr_run_hash, EHR_FIXTURE_HASH, HASH, HASH),
    ITEMS("merkle_path", ehr_run_merkle, EHR_FIXTURE_DEPTH, INVALID, MERKLE_NODE),
    ONE("mac_key", ehr_run_mac_key, MAC_KEY),
    ONE("mac", ehr_run_mac, MAC),
    BYTES("box_seal", ehr_run_box_seal, EHR_FIXTURE_BOX, BOX_SEAL, BOX_SEAL),
    BYTES("box_open", ehr_run_box_open, EHR_FIXTURE_BOX, BOX_OPEN, BOX_OPEN),
    /* identities */
    ONE("patient_keys", ehr_run_patient_keys, PATIENT_KEYS),
    ONE("cert_issue", ehr_run_cert_issue, CERT_ISSUE),
    ITEMS("cert_chain", ehr_run_cert_chain, EHR_FIXTURE_CHAIN, INVALID, CERT_VERIFY),
    ONE("epoch_key_make", ehr_run_epoch_key_make, EPOCH_KEY_MAKE),
    ONE("epoch_key_verify", ehr_run_epoch_key_verify, EPOCH_KEY_VERIFY),
    ONE("card_issue", ehr_run_card_issue, CARD_ISSUE),
    ONE("card_show", ehr_run_card_show, CARD_SHOW),
    ONE("card_check", ehr_run_card_check, CARD_CHECK),
    ONE("pseudonym_make", ehr_run_pseudonym_make, PSEUDONYM_MAKE),
    ONE("pseudonym_hit", ehr_run_pseudonym_hit, PSEUDONYM_DETECT_HIT),
    ONE("pseudonym_miss", ehr_run_pseudonym_miss, PSEUDONYM_DETECT_MISS),
    /* records and re-encryption */
    ONE("encap", ehr_run_encap, INVALID),
    ONE("capsule_check", ehr_run_capsule_check, INVALID),
    ONE("head_check", ehr_run_head_check, CAPSULE_VERIFY),
    BYTES("record_seal", ehr_run_record_seal, EHR_FIXTURE_SEALED, ENCAP, SEAL),
    BYTES("record_open", ehr_run_record_open, EHR_FIXTURE_SEALED, DECAP, OPEN),
    ITEMS("grant_make", ehr_run_grant_make, EHR_FIXTURE_PROXIES, GRANT_BASE, GRANT_PER_PROXY),
    ITEMS("grant_verify", ehr_run_grant_verify, EHR_FIXTURE_PROXIES, GRANT_VERIFY_BASE,
          GRANT_VERIFY_PER_PROXY),
    ONE("kfrag_open", ehr_run_kfrag_open, KFRAG_OPEN),
    ONE("reencrypt", ehr_run_reencrypt, REENCRYPT),
    ONE("cfrag_verify", ehr_run_cfrag_verify, CFRAG_VERIFY),
    ITEMS("combine", ehr_run_combine, EHR_FIXTURE_SHARES, COMBINE_BASE, COMBINE_PER_SHARE),
    /* index, queries, evidence */
    ONE("idx_key", ehr_run_idx_key, IDX_KEY),
    ONE("trapdoor", ehr_run_trapdoor, TRAPDOOR),
    ONE("label", ehr_run_label, LABEL),
    ITEMS("lookup", ehr_run_lookup, EHR_FIXTURE_LOOKUPS, INVALID, DICTIONARY_LOOKUP),
    ITEMS("scan", ehr_run_scan, EHR_FIXTURE_ENTRIES, INVALID, SCAN_ENTRY),
    BYTES("query_make", ehr_run_query_make, EHR_FIXTURE_QUERY, QUERY_MAKE, QUERY_MAKE),
    BYTES("query_open", ehr_run_query_open, EHR_FIXTURE_BOXED, QUERY_OPEN, QUERY_OPEN),
    ONE("ptx_sign", ehr_run_ptx_sign, PTX_SIGN),
    ONE("ptx_verify", ehr_run_ptx_verify, PTX_VERIFY),
    ONE("atx_sign", ehr_run_atx_sign, ATX_SIGN),
    ONE("atx_verify", ehr_run_atx_verify, ATX_VERIFY),
};

const size_t ehr_operation_count = sizeof ehr_operations / sizeof ehr_operations[0];

unsigned ehr_operation_sizes(const struct ehr_operation *operation)
{
    unsigned count = 0;
    while (count < EHR_OPERATION_SIZES_MAX && operation->sizes[count] != 0)
        count++;
    return count == 0 ? 1 : count;
}
