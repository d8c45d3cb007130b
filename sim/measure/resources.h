/* What hosts and links drew and did: resources.csv, and its sums for what a command prints. Where
 * the figures come from is the caller's; a run that nobody asked for them has none, and no file. */
#ifndef EHR_MEASURE_RESOURCES_H
#define EHR_MEASURE_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ehr_measure;

enum ehr_resource_kind { EHR_RESOURCE_HOST = 1, EHR_RESOURCE_LINK };

/* NAN: was asked for, and has no value. */
struct ehr_measure_resource {
    enum ehr_resource_kind kind;
    const char *name; /* of the platform; lasts as long as the measure */
    double energy_J;
    double idle_J;      /* what it would have drawn without work */
    double load;        /* average, 0 to 1 */
    double busy_core_s; /* hosts */
    double flops;       /* hosts */
    double bytes;       /* links */
};

/* What was asked for. */
struct ehr_measure_asked {
    bool host_energy, link_energy, host_load, link_load;
};

/* There will be a file, with these figures; before the run. */
void ehr_measure_resources_ask(struct ehr_measure *measure, const struct ehr_measure_asked *asked);
bool ehr_measure_resources_asked(const struct ehr_measure *measure);

/* The figures, copied, in the order in which they are to be written; `window_s`: from the start of
 * the simulation until they were taken. Once, after the run. */
void ehr_measure_resources_set(struct ehr_measure *measure,
                               const struct ehr_measure_resource *resources, size_t count,
                               double window_s);

/* Sums over hosts, links, or both. */
struct ehr_resource_sum {
    double energy_J, idle_J;
    double busy_core_s, flops;
    double bytes; /* one that crosses two links counts twice */
};

struct ehr_resource_totals {
    struct ehr_measure_asked asked;
    double window_s;
    struct ehr_resource_sum hosts, links;
    double energy_J, idle_J; /* of what was asked for: hosts, links, or both */
    /* Of the whole run, warm-up and drain included, as are the joules. */
    uint64_t visits;                                      /* that ended ok */
    uint64_t private_transactions, alliance_transactions; /* committed */
};

/* Every request must be closed. */
struct ehr_resource_totals ehr_measure_resource_totals(const struct ehr_measure *measure);

/* joules / count; NAN if nothing was done. */
double ehr_resource_per(double joules, uint64_t count);

#endif /* EHR_MEASURE_RESOURCES_H */
