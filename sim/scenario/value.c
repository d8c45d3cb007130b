#include "sim/scenario/value.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRACTION_DIGITS_MAX 18 /* 10^18 fits 64 bits */
#define DECIMAL_CHARS_MAX   64
#define DECIMAL_MIN         1e-9 /* so that every value can be written in fixed notation */

struct unit {
    const char *name;
    uint64_t size;
};

/* Descending, so that a writer takes the first that divides. */
static const struct unit time_units[] = {
    {"d", UINT64_C(86400000000000)},
    {"h", UINT64_C(3600000000000)},
    {"min", UINT64_C(60000000000)},
    {"s", 1000000000},
    {"ms", 1000000},
    {"us", 1000},
    {"ns", 1},
};

static const struct unit bandwidth_units[] = {
    {"GB/s", 1000000000}, {"MB/s", 1000000}, {"kB/s", 1000}, {"B/s", 1},
    {"Gbps", 125000000},  {"Mbps", 125000},  {"kbps", 125},  {"GiB/s", 1073741824},
    {"MiB/s", 1048576},   {"KiB/s", 1024},
};

static const struct unit rate_units[] = {{"/s", 1}, {"/min", 60}, {"/h", 3600}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text))
        text++;
    return text;
}

/* Digits, or digits '.' digits; returns the end, NULL if there is no such number. */
static const char *skip_decimal(const char *text)
{
    const char *end = skip_digits(text);
    if (end == text)
        return NULL;
    if (*end != '.')
        return end;
    const char *last = skip_digits(end + 1);
    return last == end + 1 ? NULL : last;
}

static const struct unit *unit_find(const struct unit *units, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

/* Reads [text, end), digits only. */
static bool digits_read(const char *text, const char *end, uint64_t *value)
{
    uint64_t sum = 0;
    for (; text < end; text++)
        if (__builtin_mul_overflow(sum, UINT64_C(10), &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(*text - '0'), &sum))
            return false;
    *value = sum;
    return true;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The fraction [text, end) of a unit, exactly; false if it is not a whole number. */
static bool fraction_read(const char *text, const char *end, uint64_t unit, uint64_t *value)
{
    while (end > text && end[-1] == '0')
        end--;
    if (end - text > FRACTION_DIGITS_MAX)
        return false;
    uint64_t digits = 0;
    uint64_t scale = 1;
    if (!digits_read(text, end, &digits))
        return false;
    for (; text < end; text++)
        scale *= 10;
    uint64_t divisor = common_divisor(unit, scale);
    unit /= divisor;
    scale /= divisor;
    if (digits % scale != 0)
        return false;
    *value = digits / scale * unit; /* less than the unit */
    return true;
}

static bool quantity_parse(const char *text, const struct unit *units, size_t count,
                           uint64_t *value)
{
    const char *end = skip_decimal(text);
    if (end == NULL)
        return false;
    const struct unit *unit = unit_find(units, count, end);
    if (unit == NULL)
        return false;
    const char *point = skip_digits(text);
    uint64_t whole = 0;
    uint64_t fraction = 0;
    if (!digits_read(text, point, &whole) || __builtin_mul_overflow(whole, unit->size, &whole) ||
        (point < end && !fraction_read(point + 1, end, unit->size, &fraction)) ||
        __builtin_add_overflow(whole, fraction, &whole))
        return false;
    *value = whole;
    return true;
}

/* strtod rounds correctly, so the value is the same with every C library; a locale with a decimal
 * comma stops it early, which counts as malformed rather than being misread. */
static bool decimal_read(const char *text, const char *end, double *value)
{
    char copy[DECIMAL_CHARS_MAX];
    size_t chars = (size_t)(end - text);
    if (chars >= sizeof(copy))
        return false;
    memcpy(copy, text, chars);
    copy[chars] = '\0';
    char *stop = NULL;
    *value = strtod(copy, &stop);
    return *stop == '\0';
}

bool ehr_value_whole_parse(const char *text, uint64_t *value)
{
    const char *end = skip_digits(text);
    return end != text && *end == '\0' && digits_read(text, end, value);
}

bool ehr_value_time_parse(const char *text, uint64_t *ns)
{
    uint64_t value = 0;
    if (!quantity_parse(text, time_units, COUNT(time_units), &value) || value > EHR_VALUE_TIME_MAX)
        return false;
    *ns = value;
    return true;
}

bool ehr_value_bandwidth_parse(const char *text, uint64_t *bytes_per_s)
{
    return quantity_parse(text, bandwidth_units, COUNT(bandwidth_units), bytes_per_s);
}

bool ehr_value_rate_parse(const char *text, double *per_s)
{
    const char *end = skip_decimal(text);
    if (end == NULL)
        return false;
    const struct unit *unit = unit_find(rate_units, COUNT(rate_units), end);
    double value = 0;
    if (unit == NULL || !decimal_read(text, end, &value))
        return false;
    value /= (double)unit->size;
    if (value > 1e9 || (value > 0 && value < DECIMAL_MIN))
        return false;
    *per_s = value;
    return true;
}

/* 0, or from DECIMAL_MIN to `max`. */
static bool share_parse(const char *text, double max, double *value)
{
    const char *end = skip_decimal(text);
    double read = 0;
    if (end == NULL || *end != '\0' || !decimal_read(text, end, &read) || read > max ||
        (read > 0 && read < DECIMAL_MIN))
        return false;
    *value = read;
    return true;
}

bool ehr_value_probability_parse(const char *text, double *value)
{
    return share_parse(text, 1, value);
}

bool ehr_value_weight_parse(const char *text, double *value)
{
    return share_parse(text, 1e9, value);
}

bool ehr_value_factor_parse(const char *text, double *value)
{
    const char *end = skip_decimal(text);
    double read = 0;
    if (end == NULL || *end != '\0' || !decimal_read(text, end, &read) || read < 1 ||
        read > EHR_VALUE_FACTOR_MAX)
        return false;
    *value = read;
    return true;
}

void ehr_value_whole_write(char *text, uint64_t value)
{
    snprintf(text, EHR_VALUE_TEXT_BYTES, "%llu", (unsigned long long)value);
}

static void quantity_write(char *text, uint64_t value, const struct unit *units, size_t count,
                           const char *zero)
{
    for (size_t i = 0; i < count && value != 0; i++) {
        if (value % units[i].size != 0)
            continue;
        snprintf(text, EHR_VALUE_TEXT_BYTES, "%llu%s", (unsigned long long)(value / units[i].size),
                 units[i].name);
        return;
    }
    snprintf(text, EHR_VALUE_TEXT_BYTES, "%s", zero);
}

void ehr_value_time_write(char *text, uint64_t ns)
{
    quantity_write(text, ns, time_units, COUNT(time_units), "0s");
}

void ehr_value_bandwidth_write(char *text, uint64_t bytes_per_s)
{
    quantity_write(text, bytes_per_s, bandwidth_units, COUNT(bandwidth_units), "0B/s");
}

/* Fixed notation, with as many decimals as the value needs. */
static void decimal_write(char *text, size_t bytes, double value)
{
    for (int decimals = 0; decimals < 40; decimals++) {
        snprintf(text, bytes, "%.*f", decimals, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

void ehr_value_rate_write(char *text, double per_s)
{
    assert(per_s >= 0 && per_s <= 1e9);
    static const size_t suffix_bytes = 3;
    decimal_write(text, EHR_VALUE_TEXT_BYTES - suffix_bytes, per_s);
    strcat(text, "/s");
}

void ehr_value_probability_write(char *text, double value)
{
    assert(value >= 0 && value <= 1);
    decimal_write(text, EHR_VALUE_TEXT_BYTES, value);
}

void ehr_value_factor_write(char *text, double value)
{
    assert(value >= 1 && value <= EHR_VALUE_FACTOR_MAX);
    decimal_write(text, EHR_VALUE_TEXT_BYTES, value);
}
