/* Takes the samples: every operation at every size, round after round. Internal to sim/calibrate.
 */
#ifndef EHR_CALIBRATE_SAMPLE_H
#define EHR_CALIBRATE_SAMPLE_H

#include "sim/calibrate/calibrate.h"
#include "sim/calibrate/operations.h"

/* One operation at one size. */
struct ehr_sample {
    const struct ehr_operation *operation;
    unsigned at;    /* index of the size */
    uint64_t calls; /* of which a sample is made */
    double *ns;     /* [rounds]: of one call */
};

struct ehr_samples {
    struct ehr_sample *item; /* sizes of an operation one after another */
    size_t count;
    unsigned rounds;
};

/* False if progress ended it; then `samples` is empty. Running out of memory ends the process. */
bool ehr_samples_take(struct ehr_samples *samples, const struct ehr_calibrate_options *options);
void ehr_samples_close(struct ehr_samples *samples);

#endif /* EHR_CALIBRATE_SAMPLE_H */
