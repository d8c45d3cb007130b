#include "sim/network/impair.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/network/memory.h"

struct ehr_impair *ehr_impair_of(struct ehr_kernel *kernel)
{
    if (kernel->impair == NULL)
        kernel->impair = ehr_zeroed(1, sizeof *kernel->impair);
    return kernel->impair;
}

void ehr_impair_close(struct ehr_kernel *kernel)
{
    struct ehr_impair *impair = kernel->impair;
    if (impair == NULL)
        return;
    for (size_t i = 0; i < impair->partition_count; i++)
        free(impair->partitions[i].group);
    for (size_t i = 0; i < impair->loss_count; i++)
        ehr_reach_close(&impair->losses[i].reach);
    for (size_t i = 0; i < impair->spike_count; i++)
        ehr_reach_close(&impair->spikes[i].reach);
    for (size_t i = 0; i < impair->link_count; i++)
        free(impair->links[i]);
    for (size_t i = 0; impair->draws != NULL && i < kernel->seat_count; i++)
        free(impair->draws[i]);
    free(impair->partitions);
    free(impair->losses);
    free(impair->spikes);
    free(impair->slownesses);
    free(impair->changes);
    free(impair->links);
    free(impair->draws);
    free(impair);
    kernel->impair = NULL;
}

/* ---- who is concerned ---- */

static bool *hosts_mark(const struct ehr_kernel *kernel, const struct ehr_kernel_hosts *hosts)
{
    if (hosts == NULL)
        return NULL;
    bool *marked = ehr_zeroed(kernel->host_count, sizeof *marked);
    for (size_t i = 0; i < hosts->count; i++) {
        assert(hosts->index[i] < kernel->host_count);
        marked[hosts->index[i]] = true;
    }
    return marked;
}

struct ehr_reach ehr_reach_make(const struct ehr_kernel *kernel,
                                const struct ehr_kernel_hosts *from,
                                const struct ehr_kernel_hosts *to)
{
    return (struct ehr_reach){hosts_mark(kernel, from), hosts_mark(kernel, to)};
}

bool ehr_reach_holds(const struct ehr_reach *reach, uint32_t from, uint32_t to)
{
    return (reach->from == NULL || reach->from[from]) && (reach->to == NULL || reach->to[to]);
}

void ehr_reach_close(struct ehr_reach *reach)
{
    free(reach->from);
    free(reach->to);
}

/* ---- on the way ---- */

/* What a partition stops takes no part in the draws: a message that could not arrive is not lost
 * twice. */
bool ehr_impair_leave(struct ehr_kernel *kernel, const struct ehr_seat *from,
                      const struct ehr_seat *to, uint64_t *extra_ns)
{
    const struct ehr_impair *impair = kernel->impair;
    if (ehr_partition_parts(impair, from->host, to->host) || ehr_loss_draw(kernel, from, to))
        return false;
    for (size_t i = 0; i < impair->spike_count; i++) {
        const struct ehr_spike *spike = &impair->spikes[i];
        if (spike->active && ehr_reach_holds(&spike->reach, from->host, to->host))
            *extra_ns += spike->extra_ns;
    }
    return true;
}
