/* Faults of the network and of machines other than crashes: partitions, loss, delay spikes, slow
 * hosts, changed links. Private to sim/network; the public face is kernel.h.
 *
 * Nothing of this exists (kernel->impair is NULL) until the first such fault is planned, and the
 * way of a message meets it at two places only: where it leaves for another host
 * (ehr_impair_leave), while a partition, loss or delay is in force, and where it arrives
 * (ehr_partition_cuts), if a partition has begun since it left. Slow hosts and links change what
 * others read anyway. */
#ifndef EHR_NETWORK_IMPAIR_H
#define EHR_NETWORK_IMPAIR_H

#include "sim/network/state.h"

/* Groups of hosts that do not hear each other. */
struct ehr_partition {
    uint16_t *group; /* by host; 0: hears everybody */
    uint64_t since;  /* sequence at which it began; 0: it has not */
    bool active;
};

/* Hosts a rule holds for; NULL: all. */
struct ehr_reach {
    bool *from, *to; /* by host */
};

struct ehr_loss {
    struct ehr_reach reach;
    double probability;
    bool active;
};

struct ehr_spike {
    struct ehr_reach reach;
    uint64_t extra_ns;
    bool active;
};

struct ehr_slowness {
    uint32_t host;
    double factor;
    bool active;
};

/* A change of a link. The one that began last holds. */
struct ehr_link_change {
    uint32_t link;
    uint64_t bytes_per_s; /* 0: as it is */
    uint64_t latency_ns;  /* EHR_NEVER: as it is */
    uint64_t since;       /* sequence at which it began; 0: not in force */
};

/* A link that is changed at some time. */
struct ehr_link_state {
    uint32_t link;
    double bandwidth, latency; /* of the platform */
    double wanted_bandwidth;   /* now */
};

struct ehr_impair {
    struct ehr_partition *partitions;
    size_t partition_count, partition_capacity;
    struct ehr_loss *losses;
    size_t loss_count, loss_capacity;
    struct ehr_spike *spikes;
    size_t spike_count, spike_capacity;
    struct ehr_slowness *slownesses;
    size_t slowness_count, slowness_capacity;
    struct ehr_link_change *changes;
    size_t change_count, change_capacity;
    struct ehr_link_state **links; /* each stays where it is */
    size_t link_count, link_capacity;
    bool late; /* flow: some latency changes, and couriers add what SimGrid's links lack */
    uint64_t loss_key;
    uint32_t **draws; /* [sender][receiver]: messages that were drawn for; rows made when needed */
};

/* ---- impair.c ---- */

struct ehr_impair *ehr_impair_of(struct ehr_kernel *kernel);
void ehr_impair_close(struct ehr_kernel *kernel);
struct ehr_reach ehr_reach_make(const struct ehr_kernel *kernel,
                                const struct ehr_kernel_hosts *from,
                                const struct ehr_kernel_hosts *to);
bool ehr_reach_holds(const struct ehr_reach *reach, uint32_t from, uint32_t to);
void ehr_reach_close(struct ehr_reach *reach);

/* A message leaves `from` for another host; false: it is lost. *extra_ns: it takes so much longer.
 * Only to be asked while kernel->impaired > 0. */
bool ehr_impair_leave(struct ehr_kernel *kernel, const struct ehr_seat *from,
                      const struct ehr_seat *to, uint64_t *extra_ns);

/* ---- each kind begins (over = false) or ends ---- */

void ehr_partition_perform(struct ehr_kernel *kernel, uint32_t index, bool over);
void ehr_loss_perform(struct ehr_kernel *kernel, uint32_t index, bool over);
void ehr_spike_perform(struct ehr_kernel *kernel, uint32_t index, bool over);
void ehr_slow_perform(struct ehr_kernel *kernel, uint32_t index, bool over);
void ehr_link_perform(struct ehr_kernel *kernel, uint32_t index, bool over);

/* ---- partition.c ---- */

bool ehr_partition_parts(const struct ehr_impair *impair, uint32_t from, uint32_t to);
/* The item, which arrives now, was on its way when a partition between its ends began. Only worth
 * asking if it left before kernel->cut_since. */
bool ehr_partition_cuts(const struct ehr_kernel *kernel, const struct ehr_item *item);

/* ---- loss.c ---- */

/* Draws, if a loss in force is between the two nodes. */
bool ehr_loss_draw(struct ehr_kernel *kernel, const struct ehr_seat *from,
                   const struct ehr_seat *to);

/* ---- links.c ---- */

/* Hands the wanted bandwidth to SimGrid. */
void ehr_link_apply(const struct ehr_link_state *state);

#endif /* EHR_NETWORK_IMPAIR_H */
