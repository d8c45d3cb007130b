/* Problem lines, and the check that bytes are text at all. */
#ifndef EHR_RECORDS_REPORT_H
#define EHR_RECORDS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/records/records.h"

/* Adds one line, `format` without its line break; left out whole where it does not fit. */
__attribute__((format(printf, 2, 3))) void ehr_record_report(struct ehr_record_errors *errors,
                                                             const char *format, ...);

/* Line number, from 1, of the byte at `offset`. */
size_t ehr_record_line_of(const char *bytes, size_t length, size_t offset);

/* True where `bytes` is UTF-8 without NUL and no JSON string holds an escaped U+0000, which the
 * parser would cut off. Otherwise reports the first problem. */
bool ehr_record_bytes_check(const char *name, const char *bytes, size_t length,
                            struct ehr_record_errors *errors);

/* A found value for a message: at most 40 bytes, control bytes as '?'. `shown` holds 48 bytes. */
const char *ehr_record_shown(const char *value, char shown[48]);

#endif /* EHR_RECORDS_REPORT_H */
