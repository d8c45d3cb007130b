#include "sim/figures/quantity.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/value.h"

static bool size_parse(const char *text, double *bytes)
{
    static const struct {
        const char *name;
        double bytes;
    } units[] = {{"B", 1},        {"kB", 1e3},      {"MB", 1e6},        {"GB", 1e9},
                 {"KiB", 1024.0}, {"MiB", 1048576}, {"GiB", 1073741824}};
    char *rest = NULL;
    double number = strtod(text, &rest);
    if (rest == text || !isfinite(number))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(rest, units[i].name) == 0) {
            *bytes = number * units[i].bytes;
            return true;
        }
    return false;
}

enum ehr_quantity ehr_quantity_parse(const char *text, double *value)
{
    uint64_t whole = 0;
    char *rest = NULL;
    double number = strtod(text, &rest);
    if (rest != text && *rest == '\0' && isfinite(number)) {
        *value = number;
        return EHR_QUANTITY_NUMBER;
    }
    if (ehr_value_time_parse(text, &whole)) {
        *value = (double)whole / 1e9;
        return EHR_QUANTITY_TIME;
    }
    if (ehr_value_rate_parse(text, &number)) {
        *value = number;
        return EHR_QUANTITY_RATE;
    }
    if (ehr_value_bandwidth_parse(text, &whole)) {
        *value = (double)whole * 8 / 1e6;
        return EHR_QUANTITY_BANDWIDTH;
    }
    if (size_parse(text, &number)) {
        *value = number;
        return EHR_QUANTITY_SIZE;
    }
    return EHR_QUANTITY_NONE;
}

const char *ehr_quantity_unit(enum ehr_quantity quantity)
{
    switch (quantity) {
    case EHR_QUANTITY_TIME:
        return "s";
    case EHR_QUANTITY_RATE:
        return "1/s";
    case EHR_QUANTITY_BANDWIDTH:
        return "Mbit/s";
    case EHR_QUANTITY_SIZE:
        return "B";
    case EHR_QUANTITY_NONE:
    case EHR_QUANTITY_NUMBER:
        break;
    }
    return "";
}
