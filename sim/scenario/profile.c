#include "sim/scenario/profile.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/value.h"

#include <stdlib.h>
#include <string.h>

enum { WEIGHT_CHARS_MAX = 40 };

/* clinic-day: percent of a weekday's visits by the hour at a clinic that is open from 7 to 20;
 * assumed, with the usual shape of a morning peak, a dip at noon and a second, lower peak.
 * emergency-day: attendances by quarters of the day at the emergency departments of England, 2016
 * to 2018: Jones et al., Emergency Medicine Journal 39:168-173, 2022, table 1. */
static const struct shipped {
    const char *name;
    const char *weights;
} shipped[] = {
    {"flat", ""},
    {"clinic-day", "0 0 0 0 0 0 0 2 8 12 13 11 7 8 10 9 8 6 4 2 0 0 0 0"},
    {"emergency-day", "611073 1268524 1898281 1472013"},
};

/* The text up to the next blank, or the end; NULL if it is no weight. */
static const char *weight_read(const char *text, double *weight)
{
    char copy[WEIGHT_CHARS_MAX];
    size_t chars = strcspn(text, " ");
    if (chars >= sizeof(copy))
        return NULL;
    memcpy(copy, text, chars);
    copy[chars] = '\0';
    return ehr_value_weight_parse(copy, weight) ? text + chars : NULL;
}

/* `weights` has room for EHR_SCENARIO_PARTS_MAX. */
static bool weights_read(const char *text, double *weights, size_t *count)
{
    bool any = false;
    *count = 0;
    text += strspn(text, " ");
    for (; *text != '\0'; text += strspn(text, " ")) {
        if (*count == EHR_SCENARIO_PARTS_MAX)
            return false;
        text = weight_read(text, &weights[*count]);
        if (text == NULL)
            return false;
        any = any || weights[*count] > 0;
        ++*count;
    }
    return any && *count >= 2;
}

bool ehr_profile_parse(const char *text, struct ehr_scenario_profile *profile)
{
    const char *weights = text;
    double *values = ehr_scenario_allocate(EHR_SCENARIO_PARTS_MAX, sizeof(*values));
    size_t count = 0;
    for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++)
        if (strcmp(shipped[i].name, text) == 0)
            weights = shipped[i].weights;
    bool flat = *weights == '\0' && *text != '\0';
    if (!flat && !weights_read(weights, values, &count)) {
        free(values);
        return false;
    }
    ehr_profile_close(profile);
    profile->text = ehr_scenario_text_copy(text);
    profile->count = count;
    if (count > 0) {
        profile->weights = ehr_scenario_allocate(count, sizeof(*values));
        memcpy(profile->weights, values, count * sizeof(*values));
    }
    free(values);
    return true;
}

void ehr_profile_close(struct ehr_scenario_profile *profile)
{
    free(profile->text);
    free(profile->weights);
    *profile = (struct ehr_scenario_profile){0};
}
