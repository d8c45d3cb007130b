/* Latency and bandwidth factor of SimGrid's network model: CM02 has 1 and 1, LV08 13.01 and 0.97,
 * and the platform's <config> may set others. Where SimGrid does not tell them to a C program
 * (simgrid_compat.h) they are measured, by a process of its own (platform.c).
 * Not the time of a transfer: that is routes.c's. */
#ifndef EHR_NETWORK_FACTORS_H
#define EHR_NETWORK_FACTORS_H

#include <stdbool.h>
#include <stddef.h>

struct ehr_factors {
    double latency, bandwidth;
    bool certain; /* they hold for messages of every size */
};

/* Those of the platform: SimGrid's, else those set, else 1 and 1. */
struct ehr_factors ehr_factors_ask(void);
void ehr_factors_set(const struct ehr_factors *factors);
/* False: nobody has said, or they differ by size: only fidelity flow knows how long a message
 * takes. */
bool ehr_factors_known(void);
/* Those of the model as it comes. */
struct ehr_factors ehr_factors_of_model(bool lv08);

/* Writes a platform of two hosts with the <config> of the one at `path`, and its name into
 * `temporary`. False: errno says why. */
bool ehr_factors_platform(const char *path, char *temporary, size_t size);
/* Runs SimGrid, in a process that has loaded the platform and has nothing else to do: three
 * transfers from the first host over the first route that has a latency. False: there is none, or
 * it carried nothing; `factors` is as it was. They are certain if time grows with the size in a
 * straight line. */
bool ehr_factors_measure(struct ehr_factors *factors);

#endif /* EHR_NETWORK_FACTORS_H */
