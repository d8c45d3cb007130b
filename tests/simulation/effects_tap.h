/* What the loops of nodes (effects_loop.h, node_loop.h) share of the effects: a tap on a handler
 * (sim/network/tap.h) and the journal that forgets (sim/network/node.h). Not the effects: each loop
 * performs its own. */
#ifndef EHR_TESTS_SIMULATION_EFFECTS_TAP_H
#define EHR_TESTS_SIMULATION_EFFECTS_TAP_H

#include "sim/network/tap.h"

/* Whether the tap, if there is one, has taken the effect. `slot`: where `fx` keeps its tap, which
 * is off meanwhile: what the tap passes on is performed. */
static inline bool effect_tapped(struct ehr_fx *fx, const struct ehr_fx_tap **slot,
                                 struct ehr_asked effect)
{
    const struct ehr_fx_tap *tap = *slot;
    if (tap == NULL)
        return false;
    *slot = NULL;
    tap->ask(tap->context, fx, &effect);
    *slot = tap;
    return true;
}

/* Drops the records of the kind with a lower mark; returns how many are left. */
static inline uint32_t effect_forget(struct ehr_journal_record *records, uint32_t count,
                                     uint16_t kind, uint64_t mark)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (records[i].kind == kind && records[i].mark < mark)
            ehr_blob_unref(records[i].data);
        else
            records[kept++] = records[i];
    }
    return kept;
}

#endif /* EHR_TESTS_SIMULATION_EFFECTS_TAP_H */
