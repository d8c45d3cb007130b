/* The liveness window: says when a chain with pending requests has committed nothing for too long,
 * and when the time for open requests is over. Looked at from the kernel's hooks, with no timer of
 * its own: a timer would hide that nothing else is left to happen.
 * Source: protocol.md, "Accounting". */
#ifndef EHR_APP_MONITOR_H
#define EHR_APP_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actors/directory.h"
#include "sim/app/observer.h"
#include "sim/measure/progress.h"
#include "sim/network/kernel.h"

struct ehr_monitor {
    const struct ehr_directory *directory; /* all borrowed */
    const struct ehr_observer *observer;
    const struct ehr_kernel *kernel;
    struct ehr_node *const *nodes; /* by number */
    const bool *byzantine;         /* by number: adversaries, which wait for nothing */
    uint64_t duration_ns, drain_ns, window_ns;
    bool parties_crash; /* parties that hold requests crash in this run, and forget them */
    uint64_t next_ns;   /* no look before */
};

enum ehr_monitor_verdict {
    EHR_MONITOR_GO_ON = 1,
    EHR_MONITOR_OVER,  /* duration and drain have passed */
    EHR_MONITOR_STUCK, /* `text` says which chain waits for what */
};

/* Cheap unless an eighth of the window has passed. `text` may be set only with STUCK. */
enum ehr_monitor_verdict ehr_monitor_look(struct ehr_monitor *monitor, uint64_t now_ns, char *text,
                                          size_t capacity);

/* When the run has to end; UINT64_MAX while requests still arrive. */
uint64_t ehr_monitor_deadline(const struct ehr_monitor *monitor);

/* What is still to come. */
struct ehr_outlook ehr_monitor_outlook(const struct ehr_monitor *monitor, uint64_t now_ns);

/* The kernel has nothing left to do. True: requests wait in vain, and no party that could have held
 * them is down or has been; `text` says what waits. */
bool ehr_monitor_idle(const struct ehr_monitor *monitor, char *text, size_t capacity);

/* Once the run is over: whether requests have not ended; `text` says how many. */
bool ehr_monitor_left(const struct ehr_monitor *monitor, char *text, size_t capacity);

/* Replicas that are up and have asked in vain for the state of a certified height; `text` names
 * them if there are any. Zero: none. */
uint32_t ehr_monitor_behind(const struct ehr_monitor *monitor, char *text, size_t capacity);

#endif /* EHR_APP_MONITOR_H */
