#include "sim/platform/speed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool bits_to_bytes(double bits, uint64_t *bytes_per_s)
{
    if (!(bits >= 8 && bits <= 1e18))
        return false;
    *bytes_per_s = (uint64_t)(bits / 8);
    return true;
}

/* Digits and at most one point, no sign: moves *text behind them. */
static bool decimal(const char **text, double *value)
{
    size_t length = strspn(*text, "0123456789.");
    char digits[32];
    if (length == 0 || length >= sizeof digits || !isdigit((unsigned char)**text))
        return false;
    memcpy(digits, *text, length);
    digits[length] = '\0';
    char *end = NULL;
    *value = strtod(digits, &end);
    *text += length;
    return *end == '\0';
}

static void blanks(const char **text)
{
    while (**text == ' ' || **text == '\t' || **text == '\n')
        (*text)++;
}

bool ehr_speed_number_parse(const char *text, uint64_t *bytes_per_s)
{
    char *end = NULL;
    if (*text == '\0' || text[strspn(text, "0123456789.eE+")] != '\0')
        return false;
    double bits = strtod(text, &end);
    return *end == '\0' && bits_to_bytes(bits, bytes_per_s);
}

static bool hierarchy(const char *text, const char *prefix, double mbps, uint64_t *bytes_per_s)
{
    size_t length = strlen(prefix);
    double number;
    if (strncasecmp(text, prefix, length) != 0)
        return false;
    text += length;
    if (*text == '-' || *text == ' ')
        text++;
    if (!decimal(&text, &number))
        return false;
    if (*text == 'c' || *text == 'C')
        text++;
    return *text == '\0' && bits_to_bytes(number * mbps * 1e6, bytes_per_s);
}

static bool unit(const char *text, double *factor)
{
    static const char *const words[] = {"b", "bps", "b/s", "bit/s", "bits/s"};
    static const char prefixes[] = "kmgt";
    const char *prefix = *text != '\0' ? strchr(prefixes, tolower((unsigned char)*text)) : NULL;
    if (prefix == NULL)
        return false;
    *factor = 1;
    for (const char *p = prefixes; p <= prefix; p++)
        *factor *= 1000;
    text++;
    if (*text == '\0')
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

bool ehr_speed_label_parse(const char *text, uint64_t *bytes_per_s)
{
    double number, count = 1, factor;
    blanks(&text);
    if (hierarchy(text, "OC", 51.84, bytes_per_s) || hierarchy(text, "STM", 155.52, bytes_per_s))
        return true;
    if (!decimal(&text, &number))
        return false;
    blanks(&text);
    if (*text == 'x' || *text == 'X' || *text == '*') {
        text++;
        blanks(&text);
        count = number;
        if (!decimal(&text, &number))
            return false;
        blanks(&text);
    }
    return unit(text, &factor) && bits_to_bytes(count * number * factor, bytes_per_s);
}
