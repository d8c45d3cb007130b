#include "sim/consensus/back_off.h"

enum { DOUBLINGS_MAX = 20 };

uint64_t ehr_back_off(uint64_t base_ns, uint32_t changes)
{
    uint32_t doublings = changes > 0 ? changes - 1 : 0;
    if (doublings > DOUBLINGS_MAX)
        doublings = DOUBLINGS_MAX;
    return base_ns > (UINT64_MAX >> 1) >> doublings ? UINT64_MAX >> 1 : base_ns << doublings;
}
