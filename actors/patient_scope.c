/* D.2 where scopes are enforced: the data user gets, sealed, a trapdoor that shows the visit to be
 * in the scope of its grant. */
#include "actors/patient_internal.h"

#include <string.h>

#include "crypto/index.h"
#include "sim/ledger/scope_proof.h"

/* Which trapdoor of the search indexes the visit, and under which counter: a doctor counts the
 * records of this patient under the keyword, and a search bridges gaps of less than EHR_INDEX_GAP
 * labels, so the number found bounds it. */
static bool proof_find(const struct here *here, const struct search *search,
                       const struct ehr_atx *atx, struct ehr_scope_proof *proof)
{
    const uint8_t *trapdoors;
    const struct found *found;
    size_t count = patient_search_trapdoors(search, &trapdoors), tried = 0;
    bool scan = here->directory->scan, good = false;
    uint32_t counters = scan ? 1 : EHR_INDEX_GAP * (patient_search_found(search, &found) + 1);
    for (size_t t = 0; t < count && !good; t++) {
        memcpy(proof->T, trapdoors + 32 * t, 32);
        for (uint32_t c = 0; c < counters && !good; c++, tried++) {
            proof->counter = c;
            good = ehr_scope_proof_indexes(proof, atx, scan);
        }
    }
    ehr_fx_charge(here->fx, EHR_COST_LABEL, tried, 0);
    return good;
}

bool patient_scope_prove(const struct here *here, const struct errand *errand,
                         const struct ehr_blob *index, const uint8_t grant_id[32], uint8_t *box)
{
    struct ehr_scope_proof proof;
    struct ehr_point key;
    struct ehr_atx atx;
    bool made = false;
    memcpy(proof.grant_id, grant_id, 32);
    if (ehr_atx_parse(&atx, index->bytes, index->length) == EHR_OK &&
        ehr_point_import(&key, errand->Y) == EHR_OK &&
        proof_find(here, errand->search, &atx, &proof)) {
        ehr_fx_charge(here->fx, EHR_COST_BOX_SEAL, 1, EHR_SCOPE_PROOF_BYTES);
        made = ehr_scope_proof_seal(box, &proof, errand->du_cert_id, &key,
                                    &here->patient->crypto.rng) == EHR_OK;
    }
    ehr_wipe(&proof, sizeof proof);
    return made;
}
