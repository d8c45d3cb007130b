/* The metrics of a run by name, at any time of it: of each flow visit_offered, visit_ok,
 * visit_refused, visit_failed, visit_timeout, visit_open, visit_lat_mean_s, visit_lat_p50_s,
 * visit_lat_p99_s; of each chain (alliance, the ids of hospitals) and of `private`, the chains of
 * hospitals together, alliance_blocks, alliance_transactions, alliance_view_changes,
 * alliance_messages, alliance_bytes, of one chain also alliance_height; of all time_s, events,
 * messages, bytes. They mean what the columns of these names mean in summary.csv, but count from
 * the start of the run, warm-up included. What has no value yet (a latency before anything ended
 * ok) is NaN. */
#ifndef EHR_APP_METRICS_H
#define EHR_APP_METRICS_H

#include <stdbool.h>

#include "sim/measure/measure.h"
#include "sim/network/kernel.h"

struct ehr_metrics;

/* All borrowed. */
struct ehr_metrics *ehr_metrics_new(const struct ehr_measure_names *names,
                                    struct ehr_measure *measure, const struct ehr_kernel *kernel);
void ehr_metrics_free(struct ehr_metrics *metrics); /* accepts NULL */

/* NULL-terminated, in the order above. */
const char *const *ehr_metrics_names(const struct ehr_metrics *metrics);
/* The value at `now_ns`. False: there is none of the name. */
bool ehr_metrics_get(struct ehr_metrics *metrics, const char *name, uint64_t now_ns, double *value);

#endif /* EHR_APP_METRICS_H */
