/* Writing XML. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_MARKUP_H
#define EHR_SCENARIO_MARKUP_H

#include <stdio.h>

/* The text as the value of an attribute, without its quotes. */
void ehr_markup_value_write(FILE *out, const char *value);

/* ` name="value"`. */
void ehr_markup_attribute_write(FILE *out, const char *name, const char *value);

#endif /* EHR_SCENARIO_MARKUP_H */
