/* A message that is repeated until it is answered: what every asking step of a role shares.
 * It does not know the answer: the owner compares and calls stop. Transactions are repeated to
 * whole committees by client.h.
 *
 * Timers are not cancelled, so each start takes a new generation, unique in the owner; the owner
 * finds the step of a timer by comparing it. */
#ifndef EHR_ACTORS_RESEND_H
#define EHR_ACTORS_RESEND_H

#include <stdbool.h>
#include <stdint.h>

#include "actors/directory.h"
#include "sim/network/node.h"

/* When to repeat and when to give up. All zero is idle. */
struct ehr_patience {
    uint64_t generation; /* of the timer that is awaited; 0: none */
    uint64_t began_ns;
    uint64_t delay_ns; /* of the awaited timer */
};

/* Starts waiting: timer (id, generation) after directory->retry_ns. Each generation once. */
void ehr_patience_start(struct ehr_patience *patience, struct ehr_fx *fx,
                        const struct ehr_directory *directory, uint32_t id, uint64_t generation);
/* The awaited timer expired. True: repeat now; the next timer, of the same generation, is set,
 * after twice the delay. False: give_up_ns have passed; then it is idle. */
bool ehr_patience_on_timer(struct ehr_patience *patience, struct ehr_fx *fx,
                           const struct ehr_directory *directory, uint32_t id);
/* The same for a duty, which nobody takes from the owner: it is never over. The delay doubles up to
 * half of give_up_ns. */
void ehr_patience_insist(struct ehr_patience *patience, struct ehr_fx *fx,
                         const struct ehr_directory *directory, uint32_t id);
/* Whether give_up_ns have passed since the start: what a client would not have waited for. */
bool ehr_patience_is_over(const struct ehr_patience *patience, const struct ehr_fx *fx,
                          const struct ehr_directory *directory);
void ehr_patience_stop(struct ehr_patience *patience);

/* One message to one address. All zero is idle. */
struct ehr_resend {
    struct ehr_patience patience;
    struct ehr_message *message;
    struct ehr_address to;
};

/* Sends and waits; takes over the reference to the sealed message. A running one is stopped. */
void ehr_resend_start(struct ehr_resend *resend, struct ehr_fx *fx,
                      const struct ehr_directory *directory, struct ehr_address to,
                      struct ehr_message *take_message, uint32_t id, uint64_t generation);
/* As ehr_patience_on_timer; true: it was sent again. */
bool ehr_resend_on_timer(struct ehr_resend *resend, struct ehr_fx *fx,
                         const struct ehr_directory *directory, uint32_t id);
/* As ehr_patience_insist: it was sent again. */
void ehr_resend_insist(struct ehr_resend *resend, struct ehr_fx *fx,
                       const struct ehr_directory *directory, uint32_t id);
/* Answered or given up: releases the message. Idle is fine. */
void ehr_resend_stop(struct ehr_resend *resend);

#endif /* EHR_ACTORS_RESEND_H */
