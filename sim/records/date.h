/* FHIR R4 dateTime and seconds since 1970; proleptic Gregorian calendar, no leap seconds. */
#ifndef EHR_RECORDS_DATE_H
#define EHR_RECORDS_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define EHR_RECORD_DATE_BYTES 26 /* "2011-10-14T23:37:54+00:00" and NUL */

/* Reads a whole dateTime (YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss[.s]zone); missing parts
 * count as their first value, a missing zone as UTC. False where `text` is anything else; then
 * `seconds` is unchanged. */
bool ehr_record_date_parse(const char *text, int64_t *seconds);

/* Writes seconds as YYYY-MM-DDThh:mm:ss+00:00. Precondition: a year of 1..9999. */
void ehr_record_date_format(int64_t seconds, char text[EHR_RECORD_DATE_BYTES]);

#endif /* EHR_RECORDS_DATE_H */
