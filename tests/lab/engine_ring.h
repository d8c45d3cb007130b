/* Engines alone: n replicas around one queue of messages, in the order they were sent. Execution
 * and proposals are immediate, nothing is lost, no time passes. For what a message costs an engine,
 * and for what it asks of the heap; not for faults (tests/simulation). */
#ifndef EHR_TESTS_LAB_ENGINE_RING_H
#define EHR_TESTS_LAB_ENGINE_RING_H

#include "sim/consensus/engine.h"

struct ehr_ring_options {
    const char *engine;
    uint16_t replicas;
    enum ehr_engine_votes votes;
    bool signatures, two_chain;
};

struct ehr_ring_counts {
    uint64_t messages; /* that reached a replica */
    uint64_t wanted;   /* of these, worth a step */
    uint64_t steps;    /* of the engines, with what is local */
    uint64_t blocks;   /* committed by everybody */
    uint64_t lent;     /* calls of the engines' memory callback */
    size_t bytes;      /* of storage a replica */
};

struct ehr_ring;

struct ehr_ring *ehr_ring_new(const struct ehr_ring_options *options);
void ehr_ring_free(struct ehr_ring *ring);
/* Orders so many blocks more, and returns when every replica has committed them. */
void ehr_ring_order(struct ehr_ring *ring, uint64_t blocks);
/* From now on an engine that asks for memory stops the process. */
void ehr_ring_forbid_memory(struct ehr_ring *ring);
struct ehr_ring_counts ehr_ring_counts(const struct ehr_ring *ring);

#endif /* EHR_TESTS_LAB_ENGINE_RING_H */
