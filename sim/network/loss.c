/* Loss. Whether the k-th message between two nodes is lost, counted while a loss is in force
 * between them, is a function of the key, the two nodes and k alone: neither the order in which
 * nodes act nor what others send changes it, so that fidelities differ only where a pair's own
 * messages do. */
#include "sim/network/impair.h"

#include <assert.h>

#include "sim/network/memory.h"

void ehr_kernel_loss_key(struct ehr_kernel *kernel, uint64_t key)
{
    ehr_impair_of(kernel)->loss_key = key;
}

void ehr_kernel_loss(struct ehr_kernel *kernel, const struct ehr_kernel_hosts *from,
                     const struct ehr_kernel_hosts *to, double probability, uint64_t at_ns,
                     uint64_t until_ns)
{
    assert(probability >= 0 && probability <= 1);
    struct ehr_impair *impair = ehr_impair_of(kernel);
    if (impair->loss_count == impair->loss_capacity)
        impair->losses = ehr_grow(impair->losses, &impair->loss_capacity, sizeof *impair->losses);
    impair->losses[impair->loss_count] =
        (struct ehr_loss){.reach = ehr_reach_make(kernel, from, to), .probability = probability};
    ehr_fault_plan(kernel, EHR_FAULT_LOSS, (uint32_t)impair->loss_count++, at_ns, until_ns);
}

void ehr_loss_perform(struct ehr_kernel *kernel, uint32_t index, bool over)
{
    kernel->impair->losses[index].active = !over;
    if (over)
        kernel->impaired--;
    else
        kernel->impaired++;
}

/* The finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection that mixes all bits.
 */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static double uniform(uint64_t key, uint32_t from, uint32_t to, uint32_t number)
{
    const uint64_t golden = 0x9e3779b97f4a7c15U;
    uint64_t pair = mix(key + golden * (((uint64_t)from << 32) + to + 1));
    return (double)(mix(pair + golden * ((uint64_t)number + 1)) >> 11) * 0x1p-53;
}

static uint32_t number_next(struct ehr_kernel *kernel, uint32_t from, uint32_t to)
{
    struct ehr_impair *impair = kernel->impair;
    if (impair->draws == NULL)
        impair->draws = ehr_zeroed(kernel->seat_count, sizeof(uint32_t *));
    if (impair->draws[from] == NULL)
        impair->draws[from] = ehr_zeroed(kernel->seat_count, sizeof(uint32_t));
    return impair->draws[from][to]++;
}

/* Several losses in force act one after another; one draw decides about all of them. */
bool ehr_loss_draw(struct ehr_kernel *kernel, const struct ehr_seat *from,
                   const struct ehr_seat *to)
{
    const struct ehr_impair *impair = kernel->impair;
    double survives = 1;
    bool concerned = false;
    for (size_t i = 0; i < impair->loss_count; i++) {
        const struct ehr_loss *loss = &impair->losses[i];
        if (!loss->active || !ehr_reach_holds(&loss->reach, from->host, to->host))
            continue;
        concerned = true;
        survives *= 1 - loss->probability;
    }
    if (!concerned)
        return false;
    uint32_t a = from->node->id, b = to->node->id;
    return uniform(impair->loss_key, a, b, number_next(kernel, a, b)) >= survives;
}
