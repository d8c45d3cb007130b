/* Stretches of zeros on the tape. */
#include "tests/simulation/campaign/tape.h"

#include <stddef.h>

static void stretch_set(struct ehr_tape *tape)
{
    const struct ehr_tape_cuts *cuts = tape->cuts;
    tape->calm_from = tape->calm_until = UINT64_MAX;
    if (cuts == NULL)
        return;
    if (tape->next < cuts->count) {
        tape->calm_from = cuts->zeros[tape->next].first;
        tape->calm_until = cuts->zeros[tape->next].end;
    }
    if (cuts->limited && cuts->limit <= tape->calm_from) {
        tape->calm_from = cuts->limit;
        tape->calm_until = UINT64_MAX;
    }
}

void ehr_tape_open(struct ehr_tape *tape, uint64_t seed, const struct ehr_tape_cuts *cuts)
{
    *tape = (struct ehr_tape){.seed = ehr_tape_mix(seed ^ UINT64_C(0x7461706573)), .cuts = cuts};
    stretch_set(tape);
}

void ehr_tape_stretch(struct ehr_tape *tape)
{
    while (tape->calm_until != UINT64_MAX && tape->position - 1 >= tape->calm_until) {
        tape->next++;
        stretch_set(tape);
    }
}
