#include "sim/network/state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "sim/network/memory.h"

void ehr_hosts_open(struct ehr_kernel *kernel)
{
    kernel->host_count = ehr_platform_host_count();
    kernel->hosts = ehr_zeroed(kernel->host_count, sizeof *kernel->hosts);
    for (uint32_t i = 0; i < kernel->host_count; i++) {
        struct ehr_host *host = &kernel->hosts[i];
        host->cores = ehr_platform_host_cores(i);
        ehr_host_slow(host, i, 1);
        host->core_free_ns = ehr_zeroed(host->cores, sizeof *host->core_free_ns);
    }
}

void ehr_hosts_close(struct ehr_kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->host_count; i++)
        free(kernel->hosts[i].core_free_ns);
    free(kernel->hosts);
}

void ehr_host_slow(struct ehr_host *host, uint32_t index, double factor)
{
    host->slow = factor;
    host->ns_factor = factor * 1e9 / ehr_platform_host_speed(index);
}

void ehr_host_look(struct ehr_kernel *kernel, uint32_t index)
{
    ehr_host_slow(&kernel->hosts[index], index, kernel->hosts[index].slow);
}

uint64_t ehr_host_ns(const struct ehr_host *host, uint64_t ns)
{
    return (uint64_t)llround((double)ns * host->ns_factor);
}

/* First come, first served, so that the end is known at the time of asking: requests come in order
 * of time, and what has a core, or waits for one, is not taken back (not even by a crash). */
uint64_t ehr_host_compute(struct ehr_host *host, uint64_t now_ns, uint64_t jobs, uint64_t each_ns)
{
    uint64_t each = ehr_host_ns(host, each_ns), end = now_ns;
    bool idle = true;
    assert(host->cores > 0);
    for (uint32_t c = 0; c < host->cores; c++)
        idle = idle && host->core_free_ns[c] <= now_ns;
    if (idle && jobs >= host->cores) {
        uint64_t rounds = jobs / host->cores;
        for (uint32_t c = 0; c < host->cores; c++)
            host->core_free_ns[c] = now_ns + rounds * each;
        end = now_ns + rounds * each;
        jobs -= rounds * host->cores;
    }
    while (jobs-- > 0) {
        uint32_t least = 0;
        for (uint32_t c = 1; c < host->cores; c++)
            if (host->core_free_ns[c] < host->core_free_ns[least])
                least = c;
        uint64_t start = host->core_free_ns[least] > now_ns ? host->core_free_ns[least] : now_ns;
        host->core_free_ns[least] = start + each;
        if (start + each > end)
            end = start + each;
    }
    return end;
}

uint64_t ehr_host_write_ns(const struct ehr_kernel *kernel, const struct ehr_host *host,
                           uint64_t bytes)
{
    uint64_t ns = kernel->config.storage_write_ns +
                  ehr_transfer_ns(bytes, kernel->config.storage_bytes_per_s);
    return host->slow > 1 ? (uint64_t)llround((double)ns * host->slow) : ns;
}

uint64_t ehr_host_write(const struct ehr_kernel *kernel, struct ehr_host *host, uint64_t now_ns,
                        uint64_t bytes)
{
    uint64_t start = host->disk_free_ns > now_ns ? host->disk_free_ns : now_ns;
    host->disk_free_ns = start + ehr_host_write_ns(kernel, host, bytes);
    return host->disk_free_ns;
}

bool ehr_host_reserve(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t jobs,
                      uint64_t each_ns)
{
    struct ehr_host *host = &kernel->hosts[kernel->seats[strand->owner]->host];
    uint64_t end = ehr_host_compute(host, kernel->now_ns, jobs, each_ns);
    if (end == kernel->now_ns)
        return false;
    struct ehr_event event = {.kind = EHR_KIND_RESUME, .as.resume = {strand, strand->generation}};
    ehr_agenda_push(kernel, &kernel->agenda, end, ehr_sequence_next(kernel), &event);
    return true;
}
