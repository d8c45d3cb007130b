/* Delay spikes: a message that leaves while one is in force takes so much longer. Those in force
 * add up. What the medium does with the extra time: `send` of struct ehr_medium. */
#include "sim/network/impair.h"

#include "sim/network/memory.h"

void ehr_kernel_delay(struct ehr_kernel *kernel, const struct ehr_kernel_hosts *from,
                      const struct ehr_kernel_hosts *to, uint64_t extra_ns, uint64_t at_ns,
                      uint64_t until_ns)
{
    struct ehr_impair *impair = ehr_impair_of(kernel);
    if (impair->spike_count == impair->spike_capacity)
        impair->spikes = ehr_grow(impair->spikes, &impair->spike_capacity, sizeof *impair->spikes);
    impair->spikes[impair->spike_count] =
        (struct ehr_spike){.reach = ehr_reach_make(kernel, from, to), .extra_ns = extra_ns};
    ehr_fault_plan(kernel, EHR_FAULT_DELAY, (uint32_t)impair->spike_count++, at_ns, until_ns);
}

void ehr_spike_perform(struct ehr_kernel *kernel, uint32_t index, bool over)
{
    kernel->impair->spikes[index].active = !over;
    if (over)
        kernel->impaired--;
    else
        kernel->impaired++;
}
