/* How long a leader gets, growing with every view change that brought no progress. */
#ifndef EHR_CONSENSUS_BACK_OFF_H
#define EHR_CONSENSUS_BACK_OFF_H

#include <stdint.h>

/* base_ns, doubled for each of the `changes` after the first, 20 times at most; never above half of
 * what 64 bits hold. */
uint64_t ehr_back_off(uint64_t base_ns, uint32_t changes);

#endif /* EHR_CONSENSUS_BACK_OFF_H */
