/* The kernel: performs the effects of nodes over time and network, in one of three fidelities.
 *
 * flow   SimGrid communications and executions: shared bandwidth and CPUs; the reference.
 * queue  event heap; route latency and bandwidth of the SimGrid platform, FIFO network cards.
 * delay  event heap; route latency and bandwidth only.
 * All of them run inside SimGrid, on its clock: the kernel runs the simulation, or is one of the
 * actors of a program that does (`inside`). It knows nothing of roles, chains or scenarios.
 * One kernel per process at a time (SimGrid is a process-wide singleton). */
#ifndef EHR_NETWORK_KERNEL_H
#define EHR_NETWORK_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/network/node.h"
#include "sim/network/watch.h"

enum ehr_fidelity { EHR_FIDELITY_FLOW = 1, EHR_FIDELITY_QUEUE, EHR_FIDELITY_DELAY };

struct ehr_kernel_config {
    enum ehr_fidelity fidelity;
    bool lv08;                          /* SimGrid's LV08 factors instead of latency = latency */
    bool optim_full;                    /* network/optim:Full instead of Lazy (flow) */
    bool inside;                        /* in an actor of a program that runs SimGrid itself */
    uint32_t overhead_bytes;            /* added to every message on the wire */
    uint64_t loopback_ns;               /* a message between nodes of one host */
    uint64_t storage_write_ns;          /* fixed part of a persist */
    uint64_t storage_bytes_per_s;       /* 0: unlimited */
    const struct ehr_cost_table *costs; /* borrowed */
    uint32_t message_types;             /* ids are below this: size of the counters */
    unsigned resources; /* of SimGrid's plugins to load with the platform (resources.h); flow */
};

enum ehr_kernel_end {
    EHR_KERNEL_STOPPED = 1, /* ehr_kernel_stop was called */
    EHR_KERNEL_IDLE,        /* nothing left that could happen */
    EHR_KERNEL_DEADLOCK,    /* SimGrid reported a deadlock */
};

/* Called by the kernel; all borrowed for its life. `context` first. */
struct ehr_kernel_hooks {
    void *context;
    void (*mark)(void *context, uint64_t now_ns, uint32_t node, const struct ehr_mark *mark);
    /* Every message that is sent passes here when set (global checker), once for each receiver, at
     * the time it leaves, whether or not it will arrive. Posts do not. */
    void (*inspect)(void *context, uint64_t now_ns, uint32_t from, uint32_t to,
                    const struct ehr_message *message);
    /* Every message that is delivered to `to`, or lost on its way there; may be NULL. */
    void (*arrive)(void *context, uint32_t to, const struct ehr_message *message, bool lost);
    /* Called every 1024 events with the simulated time; may be NULL. */
    void (*progress)(void *context, uint64_t now_ns, uint64_t events);
    /* Called before the first event and after each one, when no change of state is under way: from
     * here everything may be asked of the kernel, and of SimGrid what does not block. It may be
     * called while it runs, by another actor, if it calls SimGrid. NULL: nobody is. */
    void (*settled)(void *context);
    /* Fidelity flow: the run is over, SimGrid's clock is at its end, and its actors are still
     * there; called by an actor that may be interrupted. May be NULL. */
    void (*over)(void *context);
    /* A node went down, or came back, as SimGrid's host or the node's actor did; not by a crash
     * that was planned. NULL: nobody is told. */
    void (*lived)(void *context, uint64_t now_ns, uint32_t node, bool up);
    /* Only with `inside`: the actor that called ehr_kernel_run has died, one of the kernel's went
     * on in its place, and the run is over: to be called instead of returning. NULL: nothing is. */
    void (*orphaned)(void *context, enum ehr_kernel_end how);
    const struct ehr_kernel_watch *watch; /* borrowed; NULL: nobody watches */
};

/* Counters of one node. Indexed by message type: type_*; by operation: charged. */
struct ehr_kernel_counters {
    uint64_t messages_in, messages_out, bytes_in, bytes_out; /* bytes with overhead */
    uint64_t unroutable; /* sent to an address that nobody has; not among messages_out */
    uint64_t dropped;    /* to this node: lost as it was down, began another life meanwhile, or in a
                            partition or loss */
    uint64_t busy_ns;    /* computing: core time, of all cores together */
    uint64_t disk_ns;    /* writing: of the node's writes alone, without what they waited for */
    uint32_t queue_max;  /* most events waiting for the node (with devices: for one device) */
    uint64_t *type_messages_in, *type_messages_out, *type_bytes_in, *type_bytes_out;
    uint64_t *type_messages_dropped, *type_bytes_dropped; /* as `dropped` */
    uint64_t *charged;    /* [EHR_COST_COUNT] operations, counted when they are asked for */
    uint64_t *charged_ns; /* and the core time they take on the node's host */
};

struct ehr_kernel;

/* Checks SimGrid's configuration and loads the platform in a forked child first, so that a bad
 * file gives an error (text in `error`) instead of an abort; then initialises SimGrid in this
 * process and loads it. `arguments` are passed to simgrid_init (program name first). False on
 * failure. Call once per process, before ehr_kernel_new. */
bool ehr_platform_load(const char *path, const struct ehr_kernel_config *config, int *argc,
                       char **argv, char *error, size_t error_size);

/* A setting for SimGrid from the command line: "--cfg=KEY:VALUE" or "--log=CATEGORY.KEY:VALUE".
 * Tried in a forked child. False: `error` says what is wrong with it and what is allowed, as
 * "--cfg: found: allowed"; also for what the kernel sets itself. Before ehr_platform_load, which
 * takes settings among its arguments. */
bool ehr_platform_setting_check(const char *setting, char *error, size_t error_size);

/* A program that owns SimGrid calls the next three instead of ehr_platform_load.
 *
 * Between simgrid_init and the loading of the platform: makes the settings that `config` needs, and
 * loads the plugins of `resources`. The context factory stays as the program has chosen it. */
void ehr_platform_settings_apply(const struct ehr_kernel_config *config);
/* Loads the platform; false: not loaded, and `error` says why, as of ehr_platform_load. A program
 * may also call simgrid_load_platform, which ends it on a bad file. */
bool ehr_platform_load_inside(const char *path, const struct ehr_kernel_config *config, char *error,
                              size_t error_size);
/* Takes the platform that is loaded, before ehr_kernel_new: once the simulation runs, or after
 * simgrid_run_until(0). Its hosts and links may change at any time, by profiles or by others. */
void ehr_platform_adopt(void);

/* Whether hosts and links may change by what is not the kernel: profiles, a program. */
bool ehr_platform_changes(void);

/* Calls `attempt` in a forked child first, so that what SimGrid aborts on is known: true if the
 * child would have returned from it. Else `error` has the reason; what SimGrid says of the file
 * `path` begins with its name and, where SimGrid tells, the line. Before simgrid_run. */
bool ehr_platform_attempt(const char *path, void (*attempt)(void *context), void *context,
                          char *error, size_t error_size);

/* Hosts in the platform's order. cores >= 1; speed in flop/s. */
uint32_t ehr_platform_host_count(void);
const char *ehr_platform_host_name(uint32_t host);
uint32_t ehr_platform_host_cores(uint32_t host);
/* One-way latency in ns and the narrowest bandwidth in B/s of a route. */
void ehr_platform_route(uint32_t from, uint32_t to, uint64_t *latency_ns, uint64_t *bytes_per_s);
/* Links in the order of their names; one of two directions is two links, NAME_UP and NAME_DOWN. */
uint32_t ehr_platform_link_count(void);
const char *ehr_platform_link_name(uint32_t link);

struct ehr_kernel *ehr_kernel_new(const struct ehr_kernel_config *config,
                                  const struct ehr_kernel_hooks *hooks);
void ehr_kernel_free(struct ehr_kernel *kernel);

enum ehr_node_place {
    EHR_NODE_ROLE = 1, /* has a SimGrid actor of its own in every fidelity */
    EHR_NODE_REPLICA,  /* a chain node: actor in flow, stepped by the network actor else */
    EHR_NODE_DEVICES,  /* a patient population: lanes with devices of their own */
    EHR_NODE_CONTROL,  /* the workload: no cost, no network */
};

/* Adds a node (borrowed until the kernel is freed) on a host and sets node->id: 0, 1, 2, ... in
 * order of the calls. `lanes`: for EHR_NODE_DEVICES the number of lanes; lanes of the same index on
 * several nodes are the same device (a patient seen from several places). */
uint32_t ehr_kernel_node_add(struct ehr_kernel *kernel, struct ehr_node *node, uint32_t host,
                             enum ehr_node_place place, uint32_t lanes);

/* An adversary: `rewrite` sees every message that `node` sends, before it leaves, and returns what
 * leaves instead: the same message, or another that it made (it then gives up the reference to
 * the first), or NULL to send nothing. NULL ends it. */
typedef struct ehr_message *ehr_kernel_rewrite(void *context, uint64_t now_ns, uint32_t to,
                                               struct ehr_message *message);
void ehr_kernel_rewrite_set(struct ehr_kernel *kernel, uint32_t node, ehr_kernel_rewrite *rewrite,
                            void *context);

/* From `rewrite`: what it returns leaves `delay_ns` later, and is not shown to it again; unless the
 * node has crashed by then. */
void ehr_kernel_hold_back(struct ehr_kernel *kernel, uint64_t delay_ns);

/* A list of destinations for ehr_fx_broadcast; returns its id. */
uint32_t ehr_kernel_group_add(struct ehr_kernel *kernel, const uint32_t *nodes, uint32_t count);

/* Keep the journal of a node. Only nodes that will recover need one; where the platform's profiles
 * turn hosts off and on, and not `inside`, all nodes have one. A chain node whose blocks no other
 * one has then executes a block after it has written it, else before. */
void ehr_kernel_journal_keep(struct ehr_kernel *kernel, uint32_t node);

/* A crash of one host (all its nodes) or of one node at `at_ns`, recovering at `recover_ns` (0 or
 * UINT64_MAX: never). May be called before the run, from a hook or from a handler; at_ns in the
 * past means now, after the handler that runs. A node that is down for two reasons comes back when
 * both have gone. What cores and disk had been asked for before the crash is still done there. */
void ehr_kernel_crash_host(struct ehr_kernel *kernel, uint32_t host, uint64_t at_ns,
                           uint64_t recover_ns);
void ehr_kernel_crash_node(struct ehr_kernel *kernel, uint32_t node, uint64_t at_ns,
                           uint64_t recover_ns);
bool ehr_kernel_node_up(const struct ehr_kernel *kernel, uint32_t node);

/* Other faults of network and hosts, in force from `at_ns` until `until_ns` (0 or UINT64_MAX: to
 * the end of the run), calls allowed as those of crashes. They come before everything else of the
 * instant: what leaves at at_ns is concerned, what leaves at until_ns is not. Several of a kind may
 * overlap. Messages inside a host are never concerned. */

/* Hosts by number. Borrowed for the call; instead of one of these, NULL means all hosts. */
struct ehr_kernel_hosts {
    const uint32_t *index;
    size_t count;
};

/* Hosts of different groups do not hear each other; `groups` has a number for each host, 0 for
 * those that hear everybody. Lost are messages that leave while it is in force, and those that are
 * on their way when it begins. Copied. */
void ehr_kernel_partition(struct ehr_kernel *kernel, const uint16_t *groups, uint64_t at_ns,
                          uint64_t heal_ns);

/* A message that leaves a host of `from` for one of `to` is lost with this probability (0 to 1). It
 * takes no time of any network card. Overlapping losses act one after another. */
void ehr_kernel_loss(struct ehr_kernel *kernel, const struct ehr_kernel_hosts *from,
                     const struct ehr_kernel_hosts *to, double probability, uint64_t at_ns,
                     uint64_t until_ns);
/* What the draws of losses follow from; 0 if never set. */
void ehr_kernel_loss_key(struct ehr_kernel *kernel, uint64_t key);

/* A message that leaves a host of `from` for one of `to` takes `extra_ns` longer; overlapping ones
 * add up. Messages of one pair that arrive in the order of their sending (docs/fidelity.md, rule
 * 12) still do: those sent after the spike wait for those that it holds up. */
void ehr_kernel_delay(struct ehr_kernel *kernel, const struct ehr_kernel_hosts *from,
                      const struct ehr_kernel_hosts *to, uint64_t extra_ns, uint64_t at_ns,
                      uint64_t until_ns);

/* Computing and writing that is asked for on the host (patients' devices that stand for it
 * included) takes `factor` (>= 1) times as long; overlapping factors multiply. */
void ehr_kernel_slow(struct ehr_kernel *kernel, uint32_t host, double factor, uint64_t at_ns,
                     uint64_t until_ns);

/* Only before the run. The link has this bandwidth (0: its own) and latency (UINT64_MAX: its own)
 * instead of the platform's; of overlapping changes the one that began last holds. Messages on
 * their way: in flow they get the new bandwidth at once, in queue from the receiver's card on, in
 * delay they keep the time they had when they left. */
void ehr_kernel_link(struct ehr_kernel *kernel, uint32_t link, uint64_t bytes_per_s,
                     uint64_t latency_ns, uint64_t at_ns, uint64_t until_ns);

/* Only with `inside`, before the run: an actor of the program stands for the node, which is none of
 * EHR_NODE_CONTROL. The run begins when each has come (ehr_kernel_inhabit), at the same instant. */
void ehr_kernel_inhabited_expect(struct ehr_kernel *kernel, uint32_t node);
/* Called by that actor, on the node's host: does the node's work until the run is over, then
 * returns. If the actor dies, the node crashes; one that comes in its place (SimGrid restarts the
 * actor, say) calls it again, and the node recovers, with its journal if that was kept. */
void ehr_kernel_inhabit(struct ehr_kernel *kernel, uint32_t node);

/* Runs on_start of every node in order of id, then until ehr_kernel_stop or nothing is left.
 * Returns how it ended. With `inside` it is called by an actor, and returns in it while SimGrid
 * goes on; the kernel is to be freed when simgrid_run has returned. */
enum ehr_kernel_end ehr_kernel_run(struct ehr_kernel *kernel);
/* From a handler, a hook or code of ehr_kernel_call: finish what is due at this instant and end the
 * run. */
void ehr_kernel_stop(struct ehr_kernel *kernel);

/* Runs `code` as a handler of a node of EHR_NODE_CONTROL, now: from hook `settled`, or from an
 * actor that is not the kernel's. False: the kernel does not run, or no more. */
typedef void ehr_kernel_code(void *context, struct ehr_node *node, struct ehr_fx *fx);
bool ehr_kernel_call(struct ehr_kernel *kernel, uint32_t node, ehr_kernel_code *code,
                     void *context);

/* From hook `settled`: lets SimGrid's clock come up to the kernel's, which may be ahead of it where
 * no actors but the kernel's were seen. Other actors may run meanwhile. */
void ehr_kernel_clock(struct ehr_kernel *kernel);

uint64_t ehr_kernel_now(const struct ehr_kernel *kernel);
uint64_t ehr_kernel_events(const struct ehr_kernel *kernel);
const struct ehr_kernel_counters *ehr_kernel_counters(const struct ehr_kernel *kernel,
                                                      uint32_t node);

#endif /* EHR_NETWORK_KERNEL_H */
