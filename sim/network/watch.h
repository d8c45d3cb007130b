/* What the kernel shows of its work, for a timeline: handlers, what they do that takes time, and
 * messages as they leave. Called while state changes: a watcher asks the kernel for nothing and
 * calls nothing of SimGrid. Without one (struct ehr_kernel_hooks, watch) nothing is prepared. */
#ifndef EHR_NETWORK_WATCH_H
#define EHR_NETWORK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/ledger/message.h"

/* What runs one handler at a time: a node, or a device, by its lane, whatever node it serves. */
struct ehr_watch_strand {
    uint32_t index; /* node, or lane */
    bool device;
};

enum ehr_watch_cause {
    EHR_WATCH_START = 1,
    EHR_WATCH_MESSAGE,
    EHR_WATCH_POST,
    EHR_WATCH_TIMER,
};

struct ehr_watch_handler {
    struct ehr_watch_strand strand;
    uint32_t node;
    uint32_t waiting; /* events that wait for the strand */
    enum ehr_watch_cause cause;
    const struct ehr_message *message; /* MESSAGE, POST; else NULL */
    uint64_t number;                   /* MESSAGE: as in struct ehr_watch_message */
    uint32_t timer;                    /* TIMER: its id */
};

enum ehr_watch_step { EHR_WATCH_COMPUTE = 1, EHR_WATCH_PERSIST };

/* A copy that leaves. With the receiver its number is unique in a run. */
struct ehr_watch_message {
    struct ehr_watch_strand strand; /* of the sender */
    uint32_t from, to;
    const struct ehr_message *message;
    uint64_t number;
    bool lost; /* it will not arrive; then without a number */
};

/* All but `context` are set. */
struct ehr_kernel_watch {
    void *context;
    /* A handler begins; it ends when what it asked for has been done, or is `cut` by a crash. */
    void (*begin)(void *context, uint64_t now_ns, const struct ehr_watch_handler *handler);
    void (*end)(void *context, uint64_t now_ns, struct ehr_watch_strand strand, bool cut);
    /* The strand's handler begins something that takes time, the wait for core or disk included;
     * and has done it. */
    void (*step)(void *context, uint64_t now_ns, struct ehr_watch_strand strand,
                 enum ehr_watch_step step);
    void (*step_end)(void *context, uint64_t now_ns, struct ehr_watch_strand strand);
    void (*leave)(void *context, uint64_t now_ns, const struct ehr_watch_message *message);
};

#endif /* EHR_NETWORK_WATCH_H */
