/* What is still to happen, in order of time and, at one time, of being pushed: a heap of four
 * children a node, entries by value. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_QUEUE_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct ehr_happening {
    uint64_t at_ns;
    uint32_t number; /* set by push */
    uint32_t ref;    /* what the kind says */
    uint32_t extra;
    uint8_t kind, to, from;
    uint8_t life; /* of `to`, for what does not outlive it */
};

/* All zero is empty. */
struct ehr_queue {
    struct ehr_happening *heap;
    size_t count, capacity;
    uint32_t number;
};

void ehr_queue_push(struct ehr_queue *queue, const struct ehr_happening *happening);
/* The next, of which there is one. */
struct ehr_happening ehr_queue_pop(struct ehr_queue *queue);
void ehr_queue_close(struct ehr_queue *queue);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_QUEUE_H */
