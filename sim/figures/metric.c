#include "sim/figures/metric.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The ends of columns, longest first where one ends as another does. */
static const struct {
    const char *end, *words, *unit;
} ends[] = {
    {"_messages_per_tx", " chain: messages per transaction", ""},
    {"_bytes_per_tx", " chain: bytes per transaction", "B"},
    {"_lat_mean_s", " latency, mean", "s"},
    {"_lat_p50_s", " latency, median", "s"},
    {"_lat_p90_s", " latency, 90th percentile", "s"},
    {"_lat_p95_s", " latency, 95th percentile", "s"},
    {"_lat_p99_s", " latency, 99th percentile", "s"},
    {"_lat_p999_s", " latency, 99.9th percentile", "s"},
    {"_lat_max_s", " latency, maximum", "s"},
    {"_durable_mean_s", ": time to durable, mean", "s"},
    {"_durable_p50_s", ": time to durable, median", "s"},
    {"_durable_p95_s", ": time to durable, 95th percentile", "s"},
    {"_committed_per_s", " committed", "1/s"},
    {"_offered_per_s", " offered", "1/s"},
    {"_sent_per_s", " sent", "1/s"},
    {"_per_s", "", "1/s"},
    {"_bytes", " bytes", "B"},
    {"_j", " energy", "J"},
    {"_w", " power", "W"},
    {"_s", "", "s"},
};

void ehr_metric_describe(const char *column, struct ehr_metric_text *text)
{
    size_t length = strlen(column);
    const char *words = "";
    text->unit = "";
    for (size_t i = 0; i < LENGTH(ends); i++) {
        size_t tail = strlen(ends[i].end);
        if (length <= tail || strcmp(column + length - tail, ends[i].end) != 0)
            continue;
        words = ends[i].words;
        text->unit = ends[i].unit;
        length -= tail;
        break;
    }
    snprintf(text->label, sizeof(text->label), "%.*s%s", (int)length, column, words);
    for (char *at = text->label; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
}
