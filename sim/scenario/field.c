#include "sim/scenario/reader.h"

#include "sim/scenario/group.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/profile.h"
#include "sim/scenario/value.h"

#include <stdlib.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static bool is_made_of(const char *text, const char *more)
{
    for (; *text != '\0'; text++)
        if (strchr(letters, *text) == NULL && strchr(more, *text) == NULL)
            return false;
    return true;
}

static bool is_id(const char *text)
{
    return *text != '\0' && strchr(letters, *text) != NULL && is_made_of(text, "._-");
}

static bool are_hosts(const char *text, bool one)
{
    if (*text == '\0')
        return false;
    if (one)
        return is_made_of(text, "._:-");
    return is_made_of(text, "._:-*? ,") && strchr(" ,", *text) == NULL &&
           strchr(" ,", text[strlen(text) - 1]) == NULL;
}

/* Of members: as that of any one. */
static bool id_is_valid(const struct ehr_vocabulary_attribute *attribute, const char *text)
{
    if (!attribute->of_members)
        return is_id(text);
    char *one = ehr_group_text(text, "0");
    bool valid = is_id(one) && strcmp(one, text) != 0;
    free(one);
    return valid;
}

static bool hosts_are_valid(const struct ehr_vocabulary_attribute *attribute, const char *text)
{
    char *one = ehr_group_text(text, attribute->of_members ? "0" : EHR_GROUP_PLACE);
    bool valid = are_hosts(one, attribute->kind == EHR_VOCABULARY_HOST);
    free(one);
    return valid;
}

static bool names_are_valid(const char *text)
{
    bool valid = true;
    for (uint32_t number = 1; valid; number++) {
        char *name = ehr_group_name(text, number);
        if (name == NULL)
            return number > 1;
        valid = is_id(name);
        free(name);
    }
    return false;
}

/* Relative to the folder of the scenario file. */
static char *path_resolve(const char *scenario_file, const char *path)
{
    const char *slash = strrchr(scenario_file, '/');
    if (*path == '/' || slash == NULL)
        return ehr_scenario_text_copy(path);
    return ehr_scenario_text_format("%.*s/%s", (int)(slash - scenario_file), scenario_file, path);
}

static bool in_range(const struct ehr_vocabulary_attribute *attribute, uint64_t value,
                     uint64_t type_max)
{
    return value >= attribute->min && value <= (attribute->max ? attribute->max : type_max);
}

static void text_set(char **field, char *text)
{
    free(*field);
    *field = text;
}

static bool costs_parse(const char *text, const char *scenario_file,
                        struct ehr_scenario_crypto *crypto)
{
    if (*text == '\0')
        return false;
    text_set(&crypto->costs_file, NULL);
    if (strcmp(text, "default") == 0) {
        crypto->costs = EHR_SCENARIO_COSTS_DEFAULT;
    } else if (strcmp(text, "zero") == 0) {
        crypto->costs = EHR_SCENARIO_COSTS_ZERO;
    } else {
        crypto->costs = EHR_SCENARIO_COSTS_FILE;
        crypto->costs_file = path_resolve(scenario_file, text);
    }
    return true;
}

static bool number_parse(const struct ehr_vocabulary_attribute *attribute, const char *text,
                         void *field)
{
    uint64_t value = 0;
    if (!ehr_value_whole_parse(text, &value) || !in_range(attribute, value, UINT32_MAX))
        return false;
    *(uint32_t *)field = (uint32_t)value;
    return true;
}

static const uint32_t quorum_words[] = {EHR_SCENARIO_QUORUM_CORRECT, EHR_SCENARIO_QUORUM_ENGINE,
                                        EHR_SCENARIO_QUORUM_ALL};

static bool quorum_parse(const char *text, uint32_t *quorum)
{
    uint64_t value = 0;
    unsigned word = ehr_vocabulary_choice_find("f+1|q|n", text);
    if (word > 0)
        value = quorum_words[word - 1];
    else if (!ehr_value_whole_parse(text, &value) || value == 0 || value > EHR_SCENARIO_QUORUM_MAX)
        return false;
    *quorum = (uint32_t)value;
    return true;
}

static bool quantity_parse(const struct ehr_vocabulary_attribute *attribute, const char *text,
                           uint64_t *field)
{
    uint64_t value = 0;
    bool parsed = attribute->kind == EHR_VOCABULARY_TIME ? ehr_value_time_parse(text, &value)
                  : attribute->kind == EHR_VOCABULARY_BANDWIDTH
                      ? ehr_value_bandwidth_parse(text, &value)
                      : ehr_value_whole_parse(text, &value);
    if (!parsed || !in_range(attribute, value, UINT64_MAX))
        return false;
    *field = value;
    return true;
}

/* Enums have no negative values, so that they are unsigned int with gcc and clang. */
_Static_assert(sizeof(enum ehr_scenario_leader) == sizeof(unsigned), "enums are unsigned");

static bool choice_parse(const struct ehr_vocabulary_attribute *attribute, const char *text,
                         void *field)
{
    unsigned value = ehr_vocabulary_choice_find(attribute->values, text);
    if (value == 0)
        return false;
    memcpy(field, &value, sizeof(value));
    return true;
}

bool ehr_scenario_field_parse(const struct ehr_vocabulary_attribute *attribute, const char *text,
                              const char *scenario_file, int line, void *element_struct)
{
    void *field = (char *)element_struct + attribute->offset;
    switch (attribute->kind) {
    case EHR_VOCABULARY_ID:
        if (!id_is_valid(attribute, text))
            return false;
        text_set(field, ehr_scenario_text_copy(text));
        return true;
    case EHR_VOCABULARY_FILE:
        if (*text == '\0')
            return false;
        text_set(field, path_resolve(scenario_file, text));
        return true;
    case EHR_VOCABULARY_GROUPS:
        if (*text == '\0' || !is_made_of(text, "._:-*? ,|"))
            return false;
        text_set(field, ehr_scenario_text_copy(text));
        return true;
    case EHR_VOCABULARY_HOST:
    case EHR_VOCABULARY_HOSTS:
    case EHR_VOCABULARY_LINKS: {
        struct ehr_scenario_hosts *hosts = field;
        if (!hosts_are_valid(attribute, text))
            return false;
        text_set(&hosts->pattern, ehr_scenario_text_copy(text));
        hosts->line = line;
        return true;
    }
    case EHR_VOCABULARY_NUMBER:
        return number_parse(attribute, text, field);
    case EHR_VOCABULARY_LONG:
    case EHR_VOCABULARY_TIME:
    case EHR_VOCABULARY_BANDWIDTH:
        return quantity_parse(attribute, text, field);
    case EHR_VOCABULARY_RATE:
        return ehr_value_rate_parse(text, field);
    case EHR_VOCABULARY_PROBABILITY:
        return ehr_value_probability_parse(text, field);
    case EHR_VOCABULARY_FACTOR:
        return ehr_value_factor_parse(text, field);
    case EHR_VOCABULARY_PROFILE:
        return ehr_profile_parse(text, field);
    case EHR_VOCABULARY_CHOICE:
        return choice_parse(attribute, text, field);
    case EHR_VOCABULARY_QUORUM:
        return quorum_parse(text, field);
    case EHR_VOCABULARY_COSTS:
        return costs_parse(text, scenario_file, element_struct);
    case EHR_VOCABULARY_NAMES:
    case EHR_VOCABULARY_TEXT:
        if (*text == '\0' || (attribute->kind == EHR_VOCABULARY_NAMES && !names_are_valid(text)))
            return false;
        text_set(field, ehr_scenario_text_copy(text));
        return true;
    case EHR_VOCABULARY_VERSION:
        return strcmp(text, "1") == 0;
    }
    return false;
}

static char *costs_write(const struct ehr_scenario_crypto *crypto)
{
    switch (crypto->costs) {
    case EHR_SCENARIO_COSTS_DEFAULT:
        return ehr_scenario_text_copy("default");
    case EHR_SCENARIO_COSTS_ZERO:
        return ehr_scenario_text_copy("zero");
    case EHR_SCENARIO_COSTS_FILE:
        return ehr_scenario_text_copy(crypto->costs_file);
    }
    return NULL;
}

static char *quorum_write(uint32_t value)
{
    for (unsigned i = 0; i < sizeof quorum_words / sizeof *quorum_words; i++)
        if (value == quorum_words[i])
            return ehr_vocabulary_choice_text("f+1|q|n", i + 1);
    return ehr_scenario_text_format("%u", value);
}

static char *choice_write(const struct ehr_vocabulary_attribute *attribute, const void *field)
{
    unsigned value = 0;
    memcpy(&value, field, sizeof(value));
    return value == 0 ? NULL : ehr_vocabulary_choice_text(attribute->values, value);
}

static char *text_write(const char *text)
{
    return text == NULL ? NULL : ehr_scenario_text_copy(text);
}

char *ehr_scenario_field_write(const struct ehr_vocabulary_attribute *attribute,
                               const void *element_struct)
{
    const void *field = (const char *)element_struct + attribute->offset;
    char text[EHR_VALUE_TEXT_BYTES];
    switch (attribute->kind) {
    case EHR_VOCABULARY_ID:
    case EHR_VOCABULARY_FILE:
    case EHR_VOCABULARY_GROUPS:
    case EHR_VOCABULARY_NAMES:
    case EHR_VOCABULARY_TEXT:
        return text_write(*(char *const *)field);
    case EHR_VOCABULARY_HOST:
    case EHR_VOCABULARY_HOSTS:
    case EHR_VOCABULARY_LINKS:
        return text_write(((const struct ehr_scenario_hosts *)field)->pattern);
    case EHR_VOCABULARY_NUMBER:
        return ehr_scenario_text_format("%u", *(const uint32_t *)field);
    case EHR_VOCABULARY_QUORUM:
        return quorum_write(*(const uint32_t *)field);
    case EHR_VOCABULARY_LONG:
        ehr_value_whole_write(text, *(const uint64_t *)field);
        break;
    case EHR_VOCABULARY_TIME:
        if (*(const uint64_t *)field == EHR_SCENARIO_NEVER)
            return NULL;
        ehr_value_time_write(text, *(const uint64_t *)field);
        break;
    case EHR_VOCABULARY_BANDWIDTH:
        if (*(const uint64_t *)field == 0)
            return NULL;
        ehr_value_bandwidth_write(text, *(const uint64_t *)field);
        break;
    case EHR_VOCABULARY_RATE:
        ehr_value_rate_write(text, *(const double *)field);
        break;
    case EHR_VOCABULARY_PROBABILITY:
        ehr_value_probability_write(text, *(const double *)field);
        break;
    case EHR_VOCABULARY_FACTOR:
        ehr_value_factor_write(text, *(const double *)field);
        break;
    case EHR_VOCABULARY_PROFILE:
        return text_write(((const struct ehr_scenario_profile *)field)->text);
    case EHR_VOCABULARY_CHOICE:
        return choice_write(attribute, field);
    case EHR_VOCABULARY_COSTS:
        return costs_write(element_struct);
    case EHR_VOCABULARY_VERSION:
        return ehr_scenario_text_copy("1");
    }
    return ehr_scenario_text_copy(text);
}
