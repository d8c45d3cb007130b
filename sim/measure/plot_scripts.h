/* The gnuplot scripts of results/plot, embedded when the library is built. Internal to sim/measure.
 */
#ifndef EHR_MEASURE_PLOT_SCRIPTS_H
#define EHR_MEASURE_PLOT_SCRIPTS_H

#include <stddef.h>

struct ehr_plot_script {
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/* Ends with an entry whose name is NULL. */
extern const struct ehr_plot_script ehr_plot_scripts[];

#endif /* EHR_MEASURE_PLOT_SCRIPTS_H */
