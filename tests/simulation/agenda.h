/* What is still to happen in a loop of nodes (effects_loop.h, node_loop.h), in order of time and,
 * at one time, of being pushed. Not the loops: they say what an event does. */
#ifndef EHR_TESTS_SIMULATION_AGENDA_H
#define EHR_TESTS_SIMULATION_AGENDA_H

#include <stddef.h>

#include "sim/network/node.h"

/* A message that arrives, or a timer that expires. */
struct agenda_event {
    uint64_t at_ns, sequence; /* sequence: set by agenda_push */
    struct ehr_address from, to;
    struct ehr_message *message; /* one reference; NULL: a timer */
    uint32_t timer;
    uint32_t life; /* of the node that set the timer */
    uint64_t generation;
};

/* All zero is empty. */
struct agenda {
    struct agenda_event *heap; /* [0] is next */
    size_t count, capacity;
    uint64_t sequence;
};

/* Takes over the reference to the message. */
void agenda_push(struct agenda *agenda, const struct agenda_event *event);
/* Whether something happens up to then. */
bool agenda_due(const struct agenda *agenda, uint64_t until_ns);
/* The next event, of which there is one; its reference is the caller's. */
struct agenda_event agenda_pop(struct agenda *agenda);
/* Gives back all messages; leaves it empty. */
void agenda_close(struct agenda *agenda);

#endif /* EHR_TESTS_SIMULATION_AGENDA_H */
