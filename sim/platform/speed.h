/* Speeds of links as maps of networks write them: bits per second, or words like "10Gb/s",
 * "2x10 Gbps", "OC-192c", "STM-16". Not the units of scenarios. */
#ifndef EHR_PLATFORM_SPEED_H
#define EHR_PLATFORM_SPEED_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number of bits per second, 8 to 1e18, to bytes per second. */
bool ehr_speed_number_parse(const char *text, uint64_t *bytes_per_s);

/* [COUNT x|*] NUMBER k|M|G|T b|bps|b/s|bit/s|bits/s, of any case, blanks allowed between; or OC-N
 * (N x 51.84 Mbit/s, SONET) and STM-N (N x 155.52 Mbit/s, SDH), a letter c behind. False: it says
 * something else. */
bool ehr_speed_label_parse(const char *text, uint64_t *bytes_per_s);

#endif /* EHR_PLATFORM_SPEED_H */
