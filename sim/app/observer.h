/* The observer: turns the marks of roles and the messages of nodes into measurements, and shows
 * both to the safety checker. The mark and inspect hooks of the kernel. It decides nothing.
 *
 * A revocation ends for the measurements when every proxy that is up has stopped serving, not when
 * the patient has the quorum's reply: its phase `effect` is the exposure time. */
#ifndef EHR_APP_OBSERVER_H
#define EHR_APP_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "actors/directory.h"
#include "actors/marks.h"
#include "sim/app/events.h"
#include "sim/app/safety.h"
#include "sim/contract/chain.h"
#include "sim/measure/measure.h"

struct ehr_observer_config {
    const struct ehr_directory *directory; /* all borrowed */
    const struct ehr_chain *const *chains; /* by number */
    const struct ehr_measure_names *names;
    struct ehr_measure *measure;
    struct ehr_safety *safety;
    struct ehr_events *events;     /* what a program is told; NULL: there is none */
    struct ehr_timeline *timeline; /* NULL: there is none */
    const bool *byzantine;         /* by node: adversaries, whose word on their chain is not taken;
                                    * NULL: none */
    uint32_t overhead_bytes;       /* of every message */
    /* Whether a node is up now. */
    bool (*up)(void *context, uint32_t node);
    void *context;
};

struct ehr_observer;

struct ehr_observer *ehr_observer_new(const struct ehr_observer_config *config);
void ehr_observer_free(struct ehr_observer *observer);

void ehr_observer_mark(struct ehr_observer *observer, uint64_t now_ns, uint32_t node,
                       const struct ehr_mark *mark);
void ehr_observer_message(struct ehr_observer *observer, uint32_t from,
                          const struct ehr_message *message);

/* Messages of engines, by their types, as the kernel counts what carries them: one leaves `node`,
 * is delivered to it, or is lost on the way there. Other messages are ignored. */
void ehr_observer_consensus(struct ehr_observer *observer, uint32_t node,
                            enum ehr_direction direction, const struct ehr_message *message);

/* What the workload does: see struct ehr_workload_hooks. */
uint32_t ehr_observer_open(struct ehr_observer *observer, enum ehr_flow flow, uint32_t hospital,
                           uint64_t now_ns);
void ehr_observer_close(struct ehr_observer *observer, uint32_t request, enum ehr_reply reply,
                        uint64_t now_ns);

/* The run ends: revocations that are effective but not everywhere end now. */
void ehr_observer_finish(struct ehr_observer *observer, uint64_t now_ns);

/* When the chain last executed a block; 0: never. */
uint64_t ehr_observer_committed_ns(const struct ehr_observer *observer, uint32_t chain);

/* Whether messages of the type carry the measured request they belong to. */
bool ehr_observer_type_has_request(uint16_t type);

#endif /* EHR_APP_OBSERVER_H */
