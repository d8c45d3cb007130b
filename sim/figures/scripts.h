/* The gnuplot scripts of results/plot, embedded when the library is built. Internal to sim/figures.
 */
#ifndef EHR_FIGURES_SCRIPTS_H
#define EHR_FIGURES_SCRIPTS_H

#include <stddef.h>

struct ehr_figures_script {
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/* Ends with an entry whose name is NULL. */
extern const struct ehr_figures_script ehr_figures_scripts[];

#endif /* EHR_FIGURES_SCRIPTS_H */
