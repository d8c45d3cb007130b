/* A request that comes at a stated time: what a file of arrivals says in a row
 * (docs/formats/arrivals.md). Whoever makes them checks them. */
#ifndef EHR_ACTORS_WORKLOAD_EVENT_H
#define EHR_ACTORS_WORKLOAD_EVENT_H

#include <stdint.h>

#define EHR_WORKLOAD_ANY UINT32_MAX

/* 24 bytes. */
struct ehr_workload_event {
    uint64_t at_ns;    /* since the start of the run */
    uint32_t hospital; /* visit: where. retrieve: where, or ANY: not at the patient's own */
    uint32_t patient;  /* visit: of the hospital's, counted from 0; or ANY: one that is free */
    uint32_t who; /* share: data user, or ANY: in turn. ordering: the order, its clients in turn */
    uint8_t flow; /* enum ehr_flow: visit, retrieve, share or ordering */
};

#endif /* EHR_ACTORS_WORKLOAD_EVENT_H */
