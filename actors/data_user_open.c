/* D.6: t shares are combined and the record opened; bad shares are found and blamed only when that
 * fails. */
#include "actors/data_user_internal.h"

#include <string.h>

/* The shares that are there, at most t; `from` gets the proxy of each. */
static size_t shares_gather(const struct demand *demand, struct ehr_share *shares, uint32_t *from)
{
    size_t count = 0;
    for (uint32_t i = 0; i < demand->grant.view.proxies; i++) {
        if (demand->proxies[i].state != PROXY_GOOD || count == demand->grant.view.threshold)
            continue;
        shares[count] = (struct ehr_share){demand->proxies[i].cfrag, EHR_CFRAG_BYTES};
        from[count++] = i;
    }
    return count;
}

/* Every bad share's node is blamed and another asked in its place. */
static void shares_were_bad(struct data_user *self, struct ehr_fx *fx, struct demand *demand,
                            const uint32_t *from, size_t count, uint32_t faulty)
{
    if (faulty == 0) {
        /* all proofs hold: the record was sealed wrongly */
        data_user_close(self, fx, demand, EHR_REPLY_RECORD_MISMATCH);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if ((faulty >> i & 1) != 0)
            data_user_blame(self, fx, demand, from[i]);
    /* more than t may have come while the body was awaited */
    if (data_user_proxies_in(self, demand, PROXY_GOOD) >= demand->grant.view.threshold)
        data_user_combine(self, fx, demand);
    else
        data_user_ask_more(self, fx, demand);
}

/* The others of its batch are open already. */
static bool is_last_of_batch(struct data_user *self, const struct demand *demand)
{
    const struct demand *parent =
        data_user_demand_at(self, (uint32_t)demand->request, DEMAND_BATCH);
    return parent != NULL && parent->left == 1;
}

void data_user_combine(struct data_user *self, struct ehr_fx *fx, struct demand *demand)
{
    struct ehr_share shares[EHR_GRANT_PROXIES_MAX];
    uint32_t from[EHR_GRANT_PROXIES_MAX], faulty = 0;
    size_t count = shares_gather(demand, shares, from);
    const struct ehr_blob *sealed = demand->sealed;
    uint8_t *text = ehr_actor_new(sealed->length);
    size_t length = 0;
    if (!demand_is_child(demand) || is_last_of_batch(self, demand))
        ehr_mark_phase(fx, demand->request, EHR_PHASE_COMBINE);
    ehr_fx_charge(fx, EHR_COST_COMBINE_BASE, 1, 0);
    ehr_fx_charge(fx, EHR_COST_COMBINE_PER_SHARE, count, 0);
    ehr_fx_charge(fx, EHR_COST_OPEN, 1, sealed->length);
    enum ehr_status status =
        ehr_combine_open(text, sealed->length, &length, &self->config.secrets.dh, &demand->grant,
                         shares, count, sealed->bytes, sealed->length, &faulty);
    bool same =
        status == EHR_OK && ehr_cases_identical(self->config.cases, demand->record, text, length);
    ehr_wipe(text, sealed->length);
    free(text);
    if (status != EHR_OK) {
        if (status == EHR_COMBINE || status == EHR_KCOM)
            ehr_fx_charge_parallel(fx, EHR_COST_CFRAG_VERIFY, count, 0);
        shares_were_bad(self, fx, demand, from, count, faulty);
        return;
    }
    if (same && !demand_is_child(demand))
        ehr_mark(fx, EHR_MARK_IDENTICAL, demand->request, 0, 0);
    data_user_close(self, fx, demand, same ? EHR_REPLY_OK : EHR_REPLY_RECORD_MISMATCH);
}
