/*
 * The C locale for the time files are written or read: printf and strtod take the decimal point
 * from the locale, and the program that uses the library may have set one. Only the locale of the
 * calling thread changes; the process-wide one is not ours to touch. Internal to sim/measure and
 * sim/figures.
 */
#ifndef EHR_MEASURE_LOCALE_H
#define EHR_MEASURE_LOCALE_H

#include <locale.h>
#include <stdbool.h>

/* Stores what to restore in `*previous`. False, with errno set, when there is no memory. */
bool ehr_locale_enter_c(locale_t *previous);

/* Goes back to `previous`. */
void ehr_locale_leave_c(locale_t previous);

#endif /* EHR_MEASURE_LOCALE_H */
