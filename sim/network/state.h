/* What the parts of the kernel share: nodes' seats, strands (what runs one handler at a time),
 * events, agendas. Private to sim/network; the public face is kernel.h and node.h.
 *
 * The same strands, effects and faults serve every fidelity. A fidelity is a medium (how a message
 * travels, how long cores take) and a loop that takes events from agendas: one agenda for all nodes
 * in queue and delay (loop.c), one per node in flow (flow.c). */
#ifndef EHR_NETWORK_STATE_H
#define EHR_NETWORK_STATE_H

#include <simgrid/forward.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/network/heap.h"
#include "sim/network/kernel.h"
#include "sim/network/routes.h"
#include "sim/network/tap.h"

/* Sequence numbers below this belong to faults, which come first among events of equal time. */
#define EHR_SEQUENCE_FIRST ((uint64_t)1 << 48)
#define EHR_NEVER          UINT64_MAX

/* ---- events ---- */

enum ehr_item_kind { EHR_ITEM_START = 1, EHR_ITEM_MESSAGE, EHR_ITEM_POST, EHR_ITEM_TIMER };

/* A reason to call a handler. */
struct ehr_item {
    union {
        struct ehr_message *message; /* MESSAGE, POST: a reference */
        uint64_t generation;         /* TIMER */
    } as;
    uint64_t
        since; /* sequence at which it was sent or set: void if the receiver began a life later */
    uint32_t node, lane;
    uint32_t from, from_lane; /* of a TIMER `from` is its id */
    uint8_t kind;             /* enum ehr_item_kind */
    bool in_order;            /* takes part in the order of its pair (order.c) */
};

struct ehr_plan;
struct ehr_strand;
struct ehr_stream; /* order.c */

/* A broadcast on its way: one event whose cursor walks the stops in order of arrival. */
struct ehr_cast {
    struct ehr_plan *plan;
    struct ehr_message *message;
    uint64_t base_ns; /* delay: time of sending; queue: departure of the copy at the cursor */
    uint64_t since;
    uint32_t from, from_lane, cursor;
};

enum ehr_event_kind {
    EHR_KIND_ITEM = 1, /* reaches its node */
    EHR_KIND_CAST,     /* next stop of a broadcast */
    EHR_KIND_RESUME,   /* cores or disk are done with a strand's step */
    EHR_KIND_FAULT,
    EHR_KIND_CARD, /* queue: the head of a message reaches the receiver's card */
    EHR_KIND_HELD, /* a message that was held back leaves */
};

struct ehr_event {
    union {
        struct ehr_item item; /* ITEM, HELD */
        struct ehr_cast cast;
        struct {
            struct ehr_item item;
            uint64_t extra_ns; /* of a delay spike, after the card is done */
        } card;
        struct {
            struct ehr_strand *strand;
            uint64_t generation;
        } resume;
        struct {
            uint32_t index; /* of the host, node, partition, ... */
            uint8_t kind;   /* enum ehr_fault_kind */
            bool over;      /* ends (a crash: recovers) */
        } fault;
    } as;
    uint8_t kind; /* enum ehr_event_kind */
};

/* Events of one loop, in order. */
struct ehr_agenda {
    struct ehr_heap heap;
    sg_sem_t wake;     /* flow: what its actor waits on */
    uint64_t alarm_ns; /* flow: when the control actor will look whether to wake it */
    bool waiting;      /* flow: its actor waits and nobody has woken it */
};

/* ---- strands ---- */

enum ehr_step_kind {
    EHR_STEP_COMPUTE = 1,
    EHR_STEP_PERSIST,
    EHR_STEP_SEND,
    EHR_STEP_CAST,
    EHR_STEP_POST,
    EHR_STEP_TIMER,
    EHR_STEP_MARK,
    EHR_STEP_FORGET,
};

/* An effect that waits for the computing or writing asked for before it. */
struct ehr_step {
    union {
        struct {
            uint64_t jobs, each_ns; /* at 1 Gf/s */
        } compute;
        struct {
            uint64_t bytes;
            uint64_t mark;
            struct ehr_blob *data;
            uint16_t kind;
        } persist; /* FORGET: kind and mark */
        struct {
            struct ehr_message *message;
            struct ehr_address to; /* CAST: to.node is the group */
        } send;
        struct {
            uint64_t generation, delay_ns;
            uint32_t id;
        } timer;
        struct ehr_mark mark;
    } as;
    uint8_t kind; /* enum ehr_step_kind */
};

/* Runs one handler at a time: a node, or a device. */
struct ehr_strand {
    bool busy;
    uint64_t generation; /* of the script: a RESUME of an older one is void */
    uint32_t owner;      /* node of the running script */
    uint32_t lane;       /* of the running script; a device's index */
    bool device;
    struct ehr_step *steps; /* the script: what the handler still has to do */
    size_t step_count, step_capacity, cursor;
    struct ehr_item *inbox; /* ring */
    size_t inbox_head, inbox_count, inbox_capacity;
    struct ehr_strand *next; /* device: in the list of idle ones */
};

/* ---- nodes, hosts ---- */

struct ehr_record_list {
    struct ehr_journal_record *records;
    size_t count, capacity;
};

struct ehr_list; /* cast.c: destinations of one sender and group */

/* A job that the actor of a node executes itself. */
struct ehr_own {
    uint64_t ns;         /* at 1 Gf/s; 0: none */
    uint64_t generation; /* of the strand's script */
    uint32_t life;       /* of the actor: a later one has taken the place of an earlier one */
    bool begun;
    uint32_t adrift; /* jobs that earlier ones still execute */
    uint32_t acted;  /* one more than the last life that an actor was started for */
};

struct ehr_seat {
    struct ehr_node *node;
    uint32_t host;
    enum ehr_node_place place;
    uint32_t lanes;
    uint32_t downs; /* crashes in force: of the node, of its host */
    uint64_t since; /* sequence at which its life began; EHR_NEVER while down */
    bool first_life;
    struct ehr_strand strand; /* DEVICES: for on_start only */
    struct ehr_kernel_counters counters;
    struct ehr_list **lists; /* by group */
    uint32_t list_count;
    bool journal_kept;
    struct ehr_record_list journal;
    ehr_kernel_rewrite *rewrite;
    void *rewrite_context;
    struct ehr_kernel *kernel;
    uint64_t *arrivals_ns;      /* queue, delay: of the last message to each node (order.c) */
    uint64_t *heads_ns;         /* queue: of its head, at the card (order.c) */
    struct ehr_stream *streams; /* flow: to each node (order.c) */
    struct ehr_agenda agenda;   /* flow */
    struct ehr_own own;         /* flow */
    sg_actor_t actor;           /* flow: every node; queue, delay: ROLE and DEVICES */
    sg_sem_t turn;              /* queue, delay: its actor may run the handler */
    bool inhabited;             /* by an actor of the program's */
    bool came;                  /* that has */
    bool inhabitant;            /* and lives */
    uint32_t guest_life;        /* flow: one more than the life (own) that is the inhabitant's */
    bool guest_adrift;          /* flow: it still executes a job of a life that is over */
    bool gone;                  /* its actor has died, or its host is off (lives.h) */
    sg_sem_t gate;              /* where that waits: for the run to begin; with nothing to do */
};

enum ehr_fault_kind {
    EHR_FAULT_HOST = 1, /* crashes */
    EHR_FAULT_NODE,
    EHR_FAULT_PARTITION, /* impair.h */
    EHR_FAULT_LOSS,
    EHR_FAULT_DELAY,
    EHR_FAULT_SLOW,
    EHR_FAULT_LINK,
    EHR_FAULT_HOST_LIFE, /* of SimGrid's host (lives.h) */
    EHR_FAULT_SEAT_LIFE, /* of a node's actor */
    EHR_FAULT_LIVES_LOOK,
};

struct ehr_impair;    /* impair.h */
struct ehr_flow_host; /* flow_state.h */

struct ehr_host {
    uint32_t cores;
    double ns_factor; /* ns of this host per ns at 1 Gf/s, while it is so slow */
    double slow;      /* times as long as usual: 1 */
    uint64_t *core_free_ns;
    uint64_t disk_free_ns;
    uint64_t card_out_free_ns, card_in_free_ns; /* queue */
    uint64_t cut_since; /* sequence at which it went off: what it had sent is lost; 0: it has not */
    struct ehr_flow_host *flow;
};

/* The handler that runs now. */
struct ehr_fx {
    struct ehr_kernel *kernel;
    struct ehr_seat *seat;
    struct ehr_strand *strand;
    uint64_t now_ns;
    uint32_t lane;
    bool delayed;                 /* something took time: what follows goes to the script */
    const struct ehr_fx_tap *tap; /* tap.h; NULL: none */
};

struct ehr_group {
    uint32_t *nodes;
    uint32_t count;
};

/* How messages travel and cores compute, by fidelity. */
struct ehr_medium {
    /* To a node on another host that is up, `extra_ns` longer than usual on its way; takes over the
     * item's message. */
    void (*send)(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t extra_ns);
    /* To all of a list; takes over the message. */
    void (*cast)(struct ehr_kernel *kernel, struct ehr_list *list, struct ehr_item *item);
    /* Resume the strand when the host's cores have done the jobs; false: they took no time. */
    bool (*compute)(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t jobs,
                    uint64_t each_ns);
};

struct ehr_kernel {
    struct ehr_kernel_config config;
    struct ehr_kernel_hooks hooks;
    struct ehr_medium medium;
    uint64_t now_ns;
    uint64_t sequence;       /* last one given out */
    uint64_t fault_sequence; /* the same, of faults */
    uint64_t events;
    bool stopped, running, ended;
    bool begun;  /* inhabitants have gathered */
    bool mortal; /* hosts go off and on, actors die, speeds and links change: none is ours to say */
    uint32_t started, admitted;
    struct ehr_lives *lives; /* lives.h; NULL: nothing dies */

    struct ehr_seat **seats; /* each stays where it is */
    size_t seat_count, seat_capacity;
    struct ehr_group *groups;
    size_t group_count, group_capacity;
    struct ehr_host *hosts;
    uint32_t host_count;
    uint32_t down_count;       /* nodes down */
    uint32_t impaired;         /* partitions, losses and delays in force */
    uint64_t cut_since;        /* sequence at which the last partition began, or the last host went
                                  off; 0: none has */
    struct ehr_impair *impair; /* NULL: no fault but crashes */

    struct ehr_event *slots;
    size_t slot_count, slot_capacity;
    uint32_t *slots_free;
    size_t slots_free_count, slots_free_capacity;

    struct ehr_agenda agenda;    /* queue, delay: all; flow: CONTROL nodes */
    struct ehr_agenda faults;    /* flow */
    struct ehr_strand **devices; /* by lane; NULL while idle */
    size_t device_count;
    struct ehr_strand *devices_idle;

    uint64_t hold_ns; /* what a rewrite hook asks for its message */
    uint64_t pending; /* flow: events, jobs and messages that something still happens to */
    struct ehr_fx fx; /* queue, delay: handed to the actor of a role */
    const struct ehr_item *fx_item;
    size_t own_actors;
    bool strangers;        /* actors that are not the kernel's */
    sg_sem_t back;         /* and back */
    sg_sem_t wake;         /* queue, delay: what the network actor waits on */
    bool waiting;          /* it does, and nobody has woken it */
    uint64_t synced_ns;    /* SimGrid's clock */
    uint32_t awaited;      /* inhabitants that have not come yet */
    sg_sem_t gathered;     /* they have */
    struct ehr_flow *flow; /* flow_state.h */
};

/* ---- kernel.c ---- */

static inline uint64_t ehr_sequence_next(struct ehr_kernel *kernel)
{
    return ++kernel->sequence;
}
/* The agenda in which events of a node stand. */
struct ehr_agenda *ehr_agenda_of(struct ehr_kernel *kernel, uint32_t node);
/* A slot for an event; a pointer into the slots is good until the next one is taken. */
uint32_t ehr_slot_take(struct ehr_kernel *kernel);
void ehr_slot_give(struct ehr_kernel *kernel, uint32_t slot);
/* Puts an event in an agenda, and wakes its actor where it has one. */
void ehr_agenda_push(struct ehr_kernel *kernel, struct ehr_agenda *agenda, uint64_t ns,
                     uint64_t sequence, const struct ehr_event *event);
/* The same for an item, in its node's agenda; the sequence is new. */
void ehr_item_push(struct ehr_kernel *kernel, uint64_t ns, const struct ehr_item *item);
/* bytes / (bytes per second) in ns, to the nearest; bandwidth 0 is unlimited. */
uint64_t ehr_transfer_ns(uint64_t bytes, uint64_t bytes_per_s);
/* Takes the first event of the agenda and performs it. */
void ehr_agenda_step(struct ehr_kernel *kernel, struct ehr_agenda *agenda);

/* ---- strand.c ---- */

/* An item reaches its node now. The message stays the caller's. */
void ehr_item_arrive(struct ehr_kernel *kernel, const struct ehr_item *item);
void ehr_strand_resume(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t generation);
/* A crash: script and inbox are gone. */
void ehr_strand_reset(struct ehr_strand *strand);
void ehr_strand_close(struct ehr_strand *strand);
/* Everything of a node that has crashed. */
void ehr_strands_drop(struct ehr_kernel *kernel, uint32_t node);
/* Calls the handler; in the actor of the node where it has one. */
void ehr_handler_call(struct ehr_fx *fx, const struct ehr_item *item);
void ehr_handler_call_here(struct ehr_fx *fx, const struct ehr_item *item);

/* ---- fx.c ---- */

/* Performs a step that takes no time. */
void ehr_step_perform(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t lane,
                      const struct ehr_step *step);
/* A message that was held back leaves now. Takes over the item's message. */
void ehr_held_leave(struct ehr_kernel *kernel, const struct ehr_item *item);
/* A message to `node` is lost: counts it. */
void ehr_dropped_count(struct ehr_kernel *kernel, uint32_t node, const struct ehr_message *message);
/* Where links may change, in queue and delay: one between the two is off. In flow SimGrid fails
 * what needs it. */
bool ehr_way_broken(const struct ehr_kernel *kernel, const struct ehr_seat *from,
                    const struct ehr_seat *to);
/* Gives back what a step that never happened holds. */
void ehr_step_drop(const struct ehr_step *step);

/* ---- host.c ---- */

void ehr_hosts_open(struct ehr_kernel *kernel);
void ehr_hosts_close(struct ehr_kernel *kernel);
/* When `jobs` of `each_ns` (at 1 Gf/s) that ask for cores now are all done. */
uint64_t ehr_host_compute(struct ehr_host *host, uint64_t now_ns, uint64_t jobs, uint64_t each_ns);
/* queue, delay: asks for cores now and puts the strand's resumption in the agenda. */
bool ehr_host_reserve(struct ehr_kernel *kernel, struct ehr_strand *strand, uint64_t jobs,
                      uint64_t each_ns);
/* When a write that asks for the disk now is done. */
uint64_t ehr_host_write(const struct ehr_kernel *kernel, struct ehr_host *host, uint64_t now_ns,
                        uint64_t bytes);
uint64_t ehr_host_write_ns(const struct ehr_kernel *kernel, const struct ehr_host *host,
                           uint64_t bytes);
uint64_t ehr_host_ns(const struct ehr_host *host, uint64_t ns);
/* Where speeds may change: computing takes what it takes at the speed that the host has now. */
void ehr_host_look(struct ehr_kernel *kernel, uint32_t index);
/* From now on computing and writing takes `factor` times as long. */
void ehr_host_slow(struct ehr_host *host, uint32_t index, double factor);

/* ---- journal.c, faults.c ---- */

void ehr_journal_append(struct ehr_seat *seat, uint16_t kind, uint64_t mark,
                        struct ehr_blob *take_data);
void ehr_journal_forget(struct ehr_seat *seat, uint16_t kind, uint64_t mark);
struct ehr_journal ehr_journal_view(const struct ehr_seat *seat);
void ehr_journal_close(struct ehr_seat *seat);
/* A fault that begins at at_ns (past: now) and is over at until_ns (0 or NEVER: never). */
void ehr_fault_plan(struct ehr_kernel *kernel, enum ehr_fault_kind kind, uint32_t index,
                    uint64_t at_ns, uint64_t until_ns);
void ehr_fault_perform(struct ehr_kernel *kernel, enum ehr_fault_kind kind, uint32_t index,
                       bool over);
/* Begins or ends now. */
void ehr_fault_now(struct ehr_kernel *kernel, enum ehr_fault_kind kind, uint32_t index, bool over);
void ehr_node_down(struct ehr_kernel *kernel, struct ehr_seat *seat);
void ehr_node_up(struct ehr_kernel *kernel, struct ehr_seat *seat);

/* ---- cast.c ---- */

/* One stop of a broadcast. */
struct ehr_stop {
    uint64_t offset_ns;
    uint32_t node;
};
/* Order of arrival of the copies of a message of one size (or of any, if base includes it). */
struct ehr_plan {
    uint32_t references;
    uint32_t count;
    uint64_t bytes;
    struct ehr_stop stops[];
};
struct ehr_target {
    const struct ehr_route *route;
    uint32_t node;
    uint32_t turn; /* among equal latencies each sender begins behind itself, and wraps around */
};
/* The destinations of a sender and group on other hosts, nearest first, then those on its own. */
struct ehr_list {
    uint32_t remote, count;
    uint64_t version; /* of the routes it was made of */
    bool broken;      /* one of them */
    bool uniform;     /* one bandwidth for all remote ones */
    struct ehr_plan *plans[4];
    unsigned next_plan;
    struct ehr_target targets[];
};
struct ehr_list *ehr_list_of(struct ehr_kernel *kernel, struct ehr_seat *seat, uint32_t group);
/* They are made again when next asked for. */
void ehr_lists_close(struct ehr_seat *seat);
/* A reference to the plan for messages of `bytes`; *extra_ns is added to every offset. */
struct ehr_plan *ehr_list_plan(struct ehr_list *list, uint64_t bytes, uint64_t *extra_ns);
void ehr_plan_unref(struct ehr_plan *plan);
/* A broadcast event is due: advances its cursor in the heap, then delivers one copy. */
void ehr_cast_step(struct ehr_kernel *kernel, struct ehr_agenda *agenda);

/* ---- media ---- */

extern const struct ehr_medium ehr_medium_delay, ehr_medium_queue, ehr_medium_flow;
void ehr_card_arrive(struct ehr_kernel *kernel, struct ehr_event *event);

/* ---- loops ---- */

/* flow: the actor of this agenda is to be woken, at the next safe point. */
void ehr_flow_wake(struct ehr_kernel *kernel, struct ehr_agenda *agenda);
/* flow: what reached a node before this instant, while its actor was computing, has arrived. */
void ehr_flow_catch_up(struct ehr_kernel *kernel, struct ehr_seat *seat);
/* flow: a node is about to crash. */
void ehr_flow_crash(struct ehr_kernel *kernel, struct ehr_seat *seat);
/* flow: the actor of a node has died; one is there again. A host has gone off, and with it all
 * actors on it. */
void ehr_flow_seat_gone(struct ehr_kernel *kernel, struct ehr_seat *seat);
void ehr_flow_seat_back(struct ehr_kernel *kernel, struct ehr_seat *seat);
void ehr_flow_host_gone(struct ehr_kernel *kernel, uint32_t host);
/* What the actor that performs the run does: also a later one, if the first has died. */
void ehr_flow_control(struct ehr_kernel *kernel);
void ehr_loop_control(struct ehr_kernel *kernel);
enum ehr_kernel_end ehr_kernel_how(const struct ehr_kernel *kernel);

/* flow: what the actor of a node does, until another one has taken its place or the run is over.
 * `guest`: it is the program's. */
void ehr_flow_inhabit(struct ehr_seat *seat, bool guest);

enum ehr_kernel_end ehr_loop_run(struct ehr_kernel *kernel);
void ehr_loop_close(struct ehr_kernel *kernel);
/* queue, delay: what ehr_kernel_clock and, before and after its code, ehr_kernel_call do. */
void ehr_loop_clock(struct ehr_kernel *kernel);
void ehr_loop_time(struct ehr_kernel *kernel);
void ehr_loop_wake(struct ehr_kernel *kernel);
/* flow: brings kernel->now_ns up to SimGrid's clock, rounded to the ns; does the deeds. */
void ehr_flow_time(struct ehr_kernel *kernel);
void ehr_flow_settle(struct ehr_kernel *kernel);
enum ehr_kernel_end ehr_flow_run(struct ehr_kernel *kernel);
void ehr_flow_close(struct ehr_kernel *kernel);

enum ehr_actor_kind {
    EHR_ACTOR_MAIN = 1, /* the run lasts as long as it does; all others are daemons */
    EHR_ACTOR_ROLE,     /* runs handlers */
    EHR_ACTOR_PORTER,   /* runs none, and makes do with a small stack: there are many */
    EHR_ACTOR_WATCHER,  /* a porter that is no daemon: the run goes on while it waits */
};
enum { EHR_PORTER_STACK_BYTES = 32 * 1024 };
sg_actor_t ehr_actor_start(const char *name, uint32_t host, void (*code)(int, char **), void *data,
                           enum ehr_actor_kind kind);

/* ---- order.c: messages between two nodes arrive as they were sent ---- */

/* queue, delay: when the item arrives, not before the last of its pair; takes note of it. */
uint64_t ehr_order_arrival(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t at_ns);
/* queue: when the head of the item reaches the receiver's card, not before the last of its pair. */
uint64_t ehr_order_head(struct ehr_kernel *kernel, const struct ehr_item *item, uint64_t at_ns);
/* flow: the number of the item among those of its pair. */
uint32_t ehr_order_number(struct ehr_kernel *kernel, const struct ehr_item *item);
/* flow: the item has come (now), or was lost on the way if it has no message any more. */
void ehr_order_arrive(struct ehr_kernel *kernel, const struct ehr_item *item, uint32_t number);
void ehr_order_close(struct ehr_kernel *kernel, struct ehr_seat *seat);

#endif /* EHR_NETWORK_STATE_H */
