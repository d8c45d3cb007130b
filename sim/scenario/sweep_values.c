#include "sim/scenario/sweep_values.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/profile.h"
#include "sim/scenario/reader.h"
#include "sim/scenario/value.h"

#include <stdlib.h>
#include <string.h>

#define FRACTION_DIGITS 9 /* of a decimal number in a range; 1e-9 is the least of any */
#define FRACTION_SCALE  UINT64_C(1000000000)

struct reading {
    const struct ehr_vocabulary_attribute *word;
    struct ehr_scenario_vary *vary;
    size_t capacity;
    char **found, **allowed;
};

/* A number of a range in units that count exactly: nanoseconds, bytes per second, ones; or of a
 * decimal number the billionths, before the unit. */
struct number {
    uint64_t value;
    const char *unit; /* of a decimal number, "" for none */
};

/* Takes `allowed`. */
static bool refuse(struct reading *reading, const char *found, char *allowed)
{
    *reading->found = ehr_scenario_text_copy(*found != '\0' ? found : "an empty value");
    *reading->allowed = allowed;
    return false;
}

static bool range_refuse(struct reading *reading, const char *found)
{
    return refuse(reading, found,
                  ehr_scenario_text_copy("FIRST..LAST step STEP, the step above 0, FIRST not above "
                                         "LAST; decimal numbers with the same unit"));
}

/* Parsed as the attribute would be, into fields that are thrown away. */
static bool is_valid(const struct ehr_vocabulary_attribute *word, const char *text)
{
    struct ehr_vocabulary_attribute alone = *word;
    union {
        char *text;
        struct ehr_scenario_hosts hosts;
        struct ehr_scenario_crypto crypto;
        struct ehr_scenario_profile profile;
        uint64_t number;
        double real;
    } field;
    memset(&field, 0, sizeof field);
    alone.offset = 0;
    bool valid = ehr_scenario_field_parse(&alone, text, "", 0, &field);
    switch (word->kind) {
    case EHR_VOCABULARY_ID:
    case EHR_VOCABULARY_FILE:
    case EHR_VOCABULARY_GROUPS:
    case EHR_VOCABULARY_NAMES:
    case EHR_VOCABULARY_TEXT:
        free(field.text);
        break;
    case EHR_VOCABULARY_HOST:
    case EHR_VOCABULARY_HOSTS:
    case EHR_VOCABULARY_LINKS:
        free(field.hosts.pattern);
        break;
    case EHR_VOCABULARY_COSTS:
        free(field.crypto.costs_file);
        break;
    case EHR_VOCABULARY_PROFILE:
        ehr_profile_close(&field.profile);
        break;
    case EHR_VOCABULARY_NUMBER:
    case EHR_VOCABULARY_LONG:
    case EHR_VOCABULARY_TIME:
    case EHR_VOCABULARY_BANDWIDTH:
    case EHR_VOCABULARY_RATE:
    case EHR_VOCABULARY_PROBABILITY:
    case EHR_VOCABULARY_FACTOR:
    case EHR_VOCABULARY_CHOICE:
    case EHR_VOCABULARY_QUORUM:
    case EHR_VOCABULARY_VERSION:
        break;
    }
    return valid;
}

static bool item_add(struct reading *reading, const char *text)
{
    struct ehr_scenario_vary *vary = reading->vary;
    if (!is_valid(reading->word, text))
        return refuse(reading, text, ehr_vocabulary_value_describe(reading->word));
    if (vary->item_count == EHR_SWEEP_RUNS_MAX)
        return refuse(reading, "more values",
                      ehr_scenario_text_format("at most %d values", EHR_SWEEP_RUNS_MAX));
    vary->items = ehr_scenario_array_grow(vary->items, vary->item_count, &reading->capacity,
                                          sizeof(*vary->items));
    vary->items[vary->item_count++] = ehr_scenario_text_copy(text);
    return true;
}

/* ---- ranges ---- */

static bool has_ranges(enum ehr_vocabulary_kind kind)
{
    return kind == EHR_VOCABULARY_NUMBER || kind == EHR_VOCABULARY_LONG ||
           kind == EHR_VOCABULARY_TIME || kind == EHR_VOCABULARY_BANDWIDTH ||
           kind == EHR_VOCABULARY_RATE || kind == EHR_VOCABULARY_PROBABILITY ||
           kind == EHR_VOCABULARY_FACTOR;
}

/* "0.25/s" -> 250000000 and "/s"; decimal, so that 0.1..0.3 step 0.1 ends at 0.3. */
static bool decimal_read(const char *text, struct number *number)
{
    uint64_t value = 0;
    int fraction = -1; /* digits after the point */
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && fraction < 0); text++) {
        if (*text == '.') {
            fraction = 0;
            continue;
        }
        if (fraction == FRACTION_DIGITS || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            return false;
        fraction += fraction >= 0;
    }
    for (int digits = fraction < 0 ? 0 : fraction; digits < FRACTION_DIGITS; digits++)
        if (__builtin_mul_overflow(value, UINT64_C(10), &value))
            return false;
    *number = (struct number){value, text};
    return true;
}

static bool number_read(enum ehr_vocabulary_kind kind, const char *text, struct number *number)
{
    *number = (struct number){0, ""};
    if (kind == EHR_VOCABULARY_TIME)
        return ehr_value_time_parse(text, &number->value);
    if (kind == EHR_VOCABULARY_BANDWIDTH)
        return ehr_value_bandwidth_parse(text, &number->value);
    if (kind == EHR_VOCABULARY_NUMBER || kind == EHR_VOCABULARY_LONG)
        return ehr_value_whole_parse(text, &number->value);
    return decimal_read(text, number);
}

/* A new text, the caller's. */
static char *number_write(enum ehr_vocabulary_kind kind, const struct number *number)
{
    char text[EHR_VALUE_TEXT_BYTES];
    if (kind == EHR_VOCABULARY_TIME) {
        ehr_value_time_write(text, number->value);
    } else if (kind == EHR_VOCABULARY_BANDWIDTH) {
        ehr_value_bandwidth_write(text, number->value);
    } else if (kind == EHR_VOCABULARY_NUMBER || kind == EHR_VOCABULARY_LONG) {
        ehr_value_whole_write(text, number->value);
    } else {
        int length = snprintf(text, sizeof text, "%llu.%09llu",
                              (unsigned long long)(number->value / FRACTION_SCALE),
                              (unsigned long long)(number->value % FRACTION_SCALE));
        while (text[length - 1] == '0')
            length--;
        if (text[length - 1] == '.')
            length--;
        text[length] = '\0';
    }
    return ehr_scenario_text_format("%s%s", text, number->unit);
}

static bool range_add(struct reading *reading, struct number first, uint64_t last, uint64_t step)
{
    if ((last - first.value) / step >= EHR_SWEEP_RUNS_MAX)
        return refuse(reading, reading->vary->values,
                      ehr_scenario_text_format("at most %d values", EHR_SWEEP_RUNS_MAX));
    for (uint64_t left = (last - first.value) / step;; left--) {
        char *text = number_write(reading->word->kind, &first);
        bool added = item_add(reading, text);
        free(text);
        if (!added || left == 0)
            return added;
        first.value += step;
    }
}

/* "100..500 step 100"; whole numbers go by 1 where no step is said. */
static bool range_read(struct reading *reading, const char *text)
{
    enum ehr_vocabulary_kind kind = reading->word->kind;
    const char *dots = strstr(text, ".."), *word = strstr(dots, " step ");
    char *parts[3] = {ehr_scenario_text_format("%.*s", (int)(dots - text), text), NULL, NULL};
    size_t chars = word != NULL ? (size_t)(word - dots) - 2 : strlen(dots + 2);
    parts[1] = ehr_scenario_text_format("%.*s", (int)chars, dots + 2);
    if (word != NULL)
        word += strlen(" step ");
    else if (kind == EHR_VOCABULARY_NUMBER || kind == EHR_VOCABULARY_LONG)
        word = "1";
    parts[2] = ehr_scenario_text_copy(word != NULL ? word + strspn(word, " ") : "");
    struct number numbers[3];
    bool sound = true;
    for (int i = 0; i < 3; i++)
        sound = sound && number_read(kind, parts[i], &numbers[i]);
    sound = sound && numbers[2].value > 0 && numbers[0].value <= numbers[1].value &&
            strcmp(numbers[0].unit, numbers[1].unit) == 0 &&
            strcmp(numbers[0].unit, numbers[2].unit) == 0;
    sound = sound ? range_add(reading, numbers[0], numbers[1].value, numbers[2].value)
                  : range_refuse(reading, text);
    for (int i = 0; i < 3; i++)
        free(parts[i]);
    return sound;
}

/* ---- all ---- */

bool ehr_sweep_values_read(const struct ehr_vocabulary_attribute *word,
                           struct ehr_scenario_vary *vary, char **found, char **allowed)
{
    struct reading reading = {.word = word, .vary = vary, .found = found, .allowed = allowed};
    bool sound = true;
    for (const char *at = vary->values; sound && at != NULL;) {
        at += strspn(at, " \t\r\n");
        const char *comma = strchr(at, ',');
        size_t chars = comma != NULL ? (size_t)(comma - at) : strlen(at);
        while (chars > 0 && strchr(" \t\r\n", at[chars - 1]) != NULL)
            chars--;
        char *text = ehr_scenario_text_format("%.*s", (int)chars, at);
        sound = has_ranges(word->kind) && strstr(text, "..") != NULL ? range_read(&reading, text)
                                                                     : item_add(&reading, text);
        free(text);
        at = comma != NULL ? comma + 1 : NULL;
    }
    return sound;
}
