/* What a program is told (struct ehr_hooks of include/ehrgrid.h): what happens is put in a queue,
 * and told when nothing is half done (hook `settled` of the kernel). It measures nothing: the
 * numbers of requests and blocks are looked up in the measurements when they are told, so that they
 * are those of the files. */
#ifndef EHR_APP_EVENTS_H
#define EHR_APP_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "include/ehrgrid.h"
#include "sim/measure/measure.h"

struct ehr_events;

/* All borrowed. */
struct ehr_events *ehr_events_new(const struct ehr_hooks *hooks,
                                  const struct ehr_measure_names *names,
                                  struct ehr_measure *measure);
void ehr_events_free(struct ehr_events *events); /* accepts NULL */

/* ---- what happens; `events` NULL: nobody is told ---- */

/* The first correct replica has executed `height` of `chain`: its row is in the counters. */
void ehr_events_block(struct ehr_events *events, uint32_t chain, uint64_t height,
                      const uint8_t hash[32], uint64_t now_ns);
/* It has ended. */
void ehr_events_request(struct ehr_events *events, uint32_t request, uint64_t now_ns);
/* `node` UINT32_MAX: nobody; `chain` UINT32_MAX: the request was refused, else a transaction. */
void ehr_events_refusal(struct ehr_events *events, uint32_t request, uint32_t chain, uint32_t node,
                        enum ehr_reason reason, uint64_t now_ns);
void ehr_events_view(struct ehr_events *events, uint32_t chain, uint32_t node, uint64_t view,
                     uint64_t now_ns);

/* ---- telling ---- */

/* Whether the actor that asks is in a hook. */
bool ehr_events_telling(const struct ehr_events *events);
/* Whether something waits to be told. */
bool ehr_events_waiting(const struct ehr_events *events);
/* Tells everything in its order, and what comes meanwhile. A hook may call into SimGrid, and
 * another actor may then ask for the same: what waits is told by the one that began. */
void ehr_events_flush(struct ehr_events *events);
void ehr_events_ready(struct ehr_events *events);
void ehr_events_done(struct ehr_events *events);

/* A request as it stands, for hooks and for who asks. */
struct ehr_request_event ehr_events_request_of(const struct ehr_measure_names *names,
                                               const struct ehr_request_log *log, uint32_t request);

#endif /* EHR_APP_EVENTS_H */
