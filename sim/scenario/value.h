/* Numbers with units as scenarios write them; not the meaning of any attribute.
 * Each parser takes the whole text (no sign, no blanks), returns false and leaves `*value` alone
 * when it is malformed, out of range or not a whole number of the base unit. */
#ifndef EHR_SCENARIO_VALUE_H
#define EHR_SCENARIO_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EHR_VALUE_TIME_MAX                                                                         \
    (UINT64_C(36500) * 86400 * 1000000000) /* sums of several fit 64 bits                          \
                                            */
#define EHR_VALUE_FACTOR_MAX 1e6
#define EHR_VALUE_TEXT_BYTES 64 /* fits every written value */

/* Decimal digits, at most 2^64 - 1. */
bool ehr_value_whole_parse(const char *text, uint64_t *value);

/* "1.5ms" -> nanoseconds; ns us ms s min h d; at most EHR_VALUE_TIME_MAX. */
bool ehr_value_time_parse(const char *text, uint64_t *ns);

/* "10Mbps", "500MB/s" -> bytes per second; kB = 1000, KiB = 1024 bytes. */
bool ehr_value_bandwidth_parse(const char *text, uint64_t *bytes_per_s);

/* "6/min" -> 0.1 per second; 0 or 1e-9 to 1e9 per second. */
bool ehr_value_rate_parse(const char *text, double *per_s);

/* A decimal number: 0, or 1e-9 to 1. */
bool ehr_value_probability_parse(const char *text, double *value);

/* A decimal number: 0, or 1e-9 to 1e9. */
bool ehr_value_weight_parse(const char *text, double *value);

/* A decimal number from 1 to EHR_VALUE_FACTOR_MAX. */
bool ehr_value_factor_parse(const char *text, double *value);

/* Shortest text that the parser reads back to the same value, into text[EHR_VALUE_TEXT_BYTES]. */
void ehr_value_whole_write(char *text, uint64_t value);
void ehr_value_time_write(char *text, uint64_t ns);
void ehr_value_bandwidth_write(char *text, uint64_t bytes_per_s);
void ehr_value_rate_write(char *text, double per_s);
void ehr_value_probability_write(char *text, double value);
void ehr_value_factor_write(char *text, double value);

#endif /* EHR_SCENARIO_VALUE_H */
