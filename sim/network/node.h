/* A node and the effects it asks for: the only way a role touches the simulated world.
 *
 * A node (doctor, hospital server, chain node, ...) is a state machine: on_start, on_message,
 * on_timer. A handler never blocks, reads a clock, draws from a global generator or calls SimGrid;
 * it asks for effects through `struct ehr_fx`, and the kernel of the chosen fidelity (kernel.h)
 * performs them in order. The rules are the same in every fidelity:
 *  - A node runs one handler at a time, in order of (arrival or expiry, sequence). A handler starts
 *    at max(event time, busy until); an effect happens at start + the charges and persists asked
 *    for before it, plus the wait for a core or the disk.
 *  - Hosts grant cores first come, first served; a host has one first-in first-out disk.
 *  - A crash discards effects timed after it, persists included. At equal times it comes first.
 *  - On a node with devices every lane (a patient) computes on a device of its own: charges delay
 *    the later effects of that lane and nobody else; handlers of different lanes do not wait for
 *    each other. A device has one core and a disk of its own. on_start belongs to no lane: it is
 *    called at once, and computes on the host.
 * The same role code runs under SimGrid and in tests that perform the effects themselves. */
#ifndef EHR_NETWORK_NODE_H
#define EHR_NETWORK_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/cost.h"
#include "sim/ledger/message.h"

struct ehr_fx; /* effects of the handler that runs now; valid until it returns */

/* Where a message goes: a node, and on a node with devices the lane (patient), else 0. */
struct ehr_address {
    uint32_t node;
    uint32_t lane;
};

/* A message as it arrives. `message` is borrowed; take a reference to keep it. */
struct ehr_delivery {
    struct ehr_address from;
    uint32_t lane; /* of the receiver */
    const struct ehr_message *message;
};

/* What a restarted node gets back: the records it persisted, oldest first. */
struct ehr_journal_record {
    uint16_t kind; /* the role's own numbering */
    struct ehr_blob *data;
    uint64_t mark; /* 0, or what ehr_fx_persist_marked was given */
};
struct ehr_journal {
    uint32_t count;
    const struct ehr_journal_record *records;
};

/* A time stamp for the measurements: the kernel passes it, with the time at which the effect
 * happens, to the mark hook and looks at nothing in it. */
struct ehr_mark {
    uint16_t kind;    /* enum of the hook's owner */
    uint16_t phase;   /* or reason, or chain */
    uint32_t request; /* measured request */
    uint64_t value;
};

struct ehr_node;

struct ehr_node_type {
    const char *role; /* "doctor": as in nodes.csv */
    /* First event of a life. `saved` is NULL on the first boot. After a crash the node must forget
     * everything but its configuration and what `saved` holds. */
    void (*on_start)(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_journal *saved);
    void (*on_message)(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d);
    /* A timer that was set by ehr_fx_timer. Timers are not cancelled: a role that no longer waits
     * recognises a stale one by its generation. */
    void (*on_timer)(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                     uint64_t generation);
};

/* First member of every role's struct. */
struct ehr_node {
    const struct ehr_node_type *type;
    const char *name; /* unique; borrowed */
    uint32_t id;      /* index in the kernel, set by ehr_kernel_node_add */
};

/* Simulated time at which the running handler started, in ns. */
uint64_t ehr_fx_now(const struct ehr_fx *fx);

/* The handler computes: `count` operations of `op`, over `bytes` bytes in all, one after another
 * on one core. */
void ehr_fx_charge(struct ehr_fx *fx, enum ehr_cost_op op, uint64_t count, uint64_t bytes);

/* The same over all cores of the host: takes ceil(count / cores) rounds of one operation each.
 * `bytes_each` is the size of each operation. */
void ehr_fx_charge_parallel(struct ehr_fx *fx, enum ehr_cost_op op, uint64_t count,
                            uint64_t bytes_each);

/* Write `bytes` to the disk of the host; later effects of the handler wait for it. When it is
 * done, (kind, data) is in the node's journal. `take_data` (may be NULL) passes a reference. */
void ehr_fx_persist(struct ehr_fx *fx, uint64_t bytes, uint16_t kind, struct ehr_blob *take_data);

/* The same, with a mark by which the record can be forgotten. */
void ehr_fx_persist_marked(struct ehr_fx *fx, uint64_t bytes, uint16_t kind, uint64_t mark,
                           struct ehr_blob *take_data);

/* The node does not need its records of `kind` with marks below `mark` any more. Takes no time. */
void ehr_fx_forget(struct ehr_fx *fx, uint16_t kind, uint64_t mark);

/* Whether the node may get its journal back. If not, `take_data` serves nobody. */
bool ehr_fx_journal_kept(const struct ehr_fx *fx);

/* Send over the network. Takes over the caller's reference to the message. What goes to an address
 * that nobody has (a peer may have made it up) is lost. */
void ehr_fx_send(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message);

/* Send to every member of a group (ehr_kernel_group_add) but the sender itself. */
void ehr_fx_broadcast(struct ehr_fx *fx, uint32_t group, struct ehr_message *take_message);

/* Hand over inside the simulation, without network, delay, bytes or count: how the workload starts
 * a request and hears that it ended. Arrives also at a node that is down (and is lost there). */
void ehr_fx_post(struct ehr_fx *fx, struct ehr_address to, struct ehr_message *take_message);

/* Call on_timer(lane of this handler, id, generation) after `delay_ns` from when the effect
 * happens. */
void ehr_fx_timer(struct ehr_fx *fx, uint32_t id, uint64_t generation, uint64_t delay_ns);

/* Call the kernel's mark hook at the time the effect happens. */
void ehr_fx_mark(struct ehr_fx *fx, struct ehr_mark mark);

#endif /* EHR_NETWORK_NODE_H */
