/* Slow hosts. The times of computing and writing are known when they are asked for, and stay: what
 * is asked for while the host is slow takes `factor` times as long, to its end; what runs or waits
 * already is not touched. The same in every fidelity. */
#include "sim/network/impair.h"

#include <assert.h>

#include "sim/network/memory.h"

void ehr_kernel_slow(struct ehr_kernel *kernel, uint32_t host, double factor, uint64_t at_ns,
                     uint64_t until_ns)
{
    assert(host < kernel->host_count && factor >= 1);
    struct ehr_impair *impair = ehr_impair_of(kernel);
    if (impair->slowness_count == impair->slowness_capacity)
        impair->slownesses =
            ehr_grow(impair->slownesses, &impair->slowness_capacity, sizeof *impair->slownesses);
    impair->slownesses[impair->slowness_count] =
        (struct ehr_slowness){.host = host, .factor = factor};
    ehr_fault_plan(kernel, EHR_FAULT_SLOW, (uint32_t)impair->slowness_count++, at_ns, until_ns);
}

/* Calculated anew, in the order of planning: no rounding error remains of what is over. */
void ehr_slow_perform(struct ehr_kernel *kernel, uint32_t index, bool over)
{
    struct ehr_impair *impair = kernel->impair;
    impair->slownesses[index].active = !over;
    uint32_t host = impair->slownesses[index].host;
    double factor = 1;
    for (size_t i = 0; i < impair->slowness_count; i++)
        if (impair->slownesses[i].host == host && impair->slownesses[i].active)
            factor *= impair->slownesses[i].factor;
    ehr_host_slow(&kernel->hosts[host], host, factor);
}
