/* Life and death in SimGrid: a host is turned off and on again by a profile of the platform or by a
 * program, an actor is killed and perhaps restarted. For the kernel that is a crash and a recovery:
 * of the nodes of the host, or of the node that the actor stood for. Private to sim/network.
 *
 * A dying actor runs its on_exit function, in which it must not call into SimGrid: it would not
 * come back. So that function only puts a fault into the agenda, and another actor that waits for
 * the death (a watcher, on another host) sees to it that the fault is performed. On each host with
 * nodes there is one actor that SimGrid restarts when the host is on again: its guard, in flow the
 * sink. All of this exists only where something may die (kernel->mortal). */
#ifndef EHR_NETWORK_LIVES_H
#define EHR_NETWORK_LIVES_H

#include "sim/network/state.h"

struct ehr_lives;

void ehr_lives_open(struct ehr_kernel *kernel);
/* From the actor that performs the run, at its begin: guards, and a watcher for this actor. */
void ehr_lives_begin(struct ehr_kernel *kernel);
/* Starts what is missing: when the state is whole. */
void ehr_lives_settle(struct ehr_kernel *kernel);
/* The actor that performs the run has changed: a watcher for this one. */
void ehr_lives_control_watch(struct ehr_kernel *kernel);
/* The run is over: guards and watchers go. */
void ehr_lives_end(struct ehr_kernel *kernel);
void ehr_lives_close(struct ehr_kernel *kernel);

/* From an inhabitant, when it comes; if the run has begun its node recovers. */
void ehr_lives_inhabit(struct ehr_seat *seat);

/* Whether something can be started on the host, or sent to it. */
bool ehr_host_on(const struct ehr_kernel *kernel, uint32_t host);
/* The first host that is on; host_count if none is. */
uint32_t ehr_host_first_on(const struct ehr_kernel *kernel);

/* Faults. */
void ehr_host_life_perform(struct ehr_kernel *kernel, uint32_t host, bool back);
void ehr_seat_life_perform(struct ehr_kernel *kernel, uint32_t node, bool back);
void ehr_lives_look(struct ehr_kernel *kernel);

/* ---- inhabit.c: nodes in actors of the program's ---- */

/* Waits until all have come. */
void ehr_inhabitants_await(struct ehr_kernel *kernel);
/* flow: the inhabitant of the node begins. */
void ehr_inhabitant_admit(struct ehr_seat *seat);
/* The run is over: all go. */
void ehr_inhabitants_dismiss(struct ehr_kernel *kernel);
void ehr_inhabitants_close(struct ehr_kernel *kernel);

#endif /* EHR_NETWORK_LIVES_H */
