/* Values of swept parameters as numbers of an axis: "500ms", "100/s", "10Mbps", "2MB", "0.25",
 * "64". Not the check of a scenario. Internal to sim/figures. */
#ifndef EHR_FIGURES_QUANTITY_H
#define EHR_FIGURES_QUANTITY_H

#include <stdbool.h>

enum ehr_quantity {
    EHR_QUANTITY_NONE = 0, /* a word */
    EHR_QUANTITY_NUMBER,
    EHR_QUANTITY_TIME,      /* s */
    EHR_QUANTITY_RATE,      /* 1/s */
    EHR_QUANTITY_BANDWIDTH, /* Mbit/s */
    EHR_QUANTITY_SIZE,      /* B */
};

/* NONE: it is no number with a unit; `*value` is left alone. */
enum ehr_quantity ehr_quantity_parse(const char *text, double *value);

/* Of the values that ehr_quantity_parse gives; "" of a number. Static. */
const char *ehr_quantity_unit(enum ehr_quantity quantity);

#endif /* EHR_FIGURES_QUANTITY_H */
