#include "sim/scenario/vocabulary.h"

#include "sim/scenario/memory.h"

#include <stdlib.h>
#include <string.h>

#define NEAREST_CHARS_MAX 32

const struct ehr_vocabulary_element *
ehr_vocabulary_child_find(const struct ehr_vocabulary_element *element, const char *name)
{
    for (size_t i = 0; i < element->child_count; i++)
        if (strcmp(element->children[i].name, name) == 0)
            return &element->children[i];
    return NULL;
}

const struct ehr_vocabulary_attribute *
ehr_vocabulary_attribute_find(const struct ehr_vocabulary_element *element, const char *name)
{
    for (size_t i = 0; i < element->attribute_count; i++)
        if (strcmp(element->attributes[i].name, name) == 0)
            return &element->attributes[i];
    return NULL;
}

/* Appends to a text that may move. */
static char *text_append(char *text, const char *separator, const char *more)
{
    char *joined = ehr_scenario_text_format("%s%s%s", text, *text == '\0' ? "" : separator, more);
    free(text);
    return joined;
}

char *ehr_vocabulary_children_describe(const struct ehr_vocabulary_element *element)
{
    if (element->child_count == 0)
        return ehr_scenario_text_copy("nothing, the element is empty");
    char *text = ehr_scenario_text_copy("");
    for (size_t i = 0; i < element->child_count; i++)
        text = text_append(text, ", ", element->children[i].name);
    return text;
}

char *ehr_vocabulary_attributes_describe(const struct ehr_vocabulary_element *element)
{
    if (element->attribute_count == 0)
        return ehr_scenario_text_copy("no attributes");
    char *text = ehr_scenario_text_copy("");
    for (size_t i = 0; i < element->attribute_count; i++)
        text = text_append(text, ", ", element->attributes[i].name);
    return text;
}

static char *range_describe(const struct ehr_vocabulary_attribute *attribute, uint64_t type_max)
{
    return ehr_scenario_text_format(
        "a whole number from %llu to %llu", (unsigned long long)attribute->min,
        (unsigned long long)(attribute->max ? attribute->max : type_max));
}

static char *choice_describe(const struct ehr_vocabulary_attribute *attribute)
{
    char *text = ehr_scenario_text_copy("");
    for (unsigned i = 1;; i++) {
        char *value = ehr_vocabulary_choice_text(attribute->values, i);
        if (value == NULL)
            return text;
        text = text_append(text, ", ", value);
        free(value);
    }
}

static char *members_describe(const struct ehr_vocabulary_attribute *attribute)
{
    struct ehr_vocabulary_attribute one = *attribute;
    one.of_members = false;
    char *text = ehr_vocabulary_value_describe(&one);
    return text_append(text, "; ",
                       attribute->kind == EHR_VOCABULARY_ID
                           ? "in it {}, once or more, for the number or name of each member"
                           : "in it {} for the number or name of each member");
}

char *ehr_vocabulary_value_describe(const struct ehr_vocabulary_attribute *attribute)
{
    if (attribute->of_members)
        return members_describe(attribute);
    const char *text = NULL;
    switch (attribute->kind) {
    case EHR_VOCABULARY_ID:
        text = "letters, digits, '.', '_', '-', first a letter or digit";
        break;
    case EHR_VOCABULARY_FILE:
        text = "the path of a file, relative to the scenario's folder";
        break;
    case EHR_VOCABULARY_HOST:
        text = "the name of one host";
        break;
    case EHR_VOCABULARY_HOSTS:
        text = "host names or patterns (* ?), separated by commas or spaces";
        break;
    case EHR_VOCABULARY_LINKS:
        text = "link names or patterns (* ?), separated by commas or spaces";
        break;
    case EHR_VOCABULARY_GROUPS:
        text = "groups of host names or patterns (* ?), separated by |; rest: all other hosts";
        break;
    case EHR_VOCABULARY_NUMBER:
        return range_describe(attribute, UINT32_MAX);
    case EHR_VOCABULARY_LONG:
        return range_describe(attribute, UINT64_MAX);
    case EHR_VOCABULARY_TIME:
        text = attribute->min == 0
                   ? "a number and a unit (ns us ms s min h d), whole ns, at most 36500d"
                   : "a number above 0 and a unit (ns us ms s min h d), whole ns, at most 36500d";
        break;
    case EHR_VOCABULARY_BANDWIDTH:
        text = "a number above 0 and a unit (B/s kB/s MB/s GB/s KiB/s MiB/s GiB/s kbps Mbps Gbps), "
               "whole B/s";
        break;
    case EHR_VOCABULARY_RATE:
        text = "a number and a unit (/s /min /h), 0 or from 1e-9/s to 1e9/s";
        break;
    case EHR_VOCABULARY_PROBABILITY:
        text = "a number from 0 to 1";
        break;
    case EHR_VOCABULARY_FACTOR:
        text = "a number from 1 to 1000000";
        break;
    case EHR_VOCABULARY_PROFILE:
        text = "flat, clinic-day, emergency-day, or 2 to 1440 weights of the parts of a day with "
               "blanks between them, each 0 or from 1e-9 to 1e9, not all 0";
        break;
    case EHR_VOCABULARY_CHOICE:
        return choice_describe(attribute);
    case EHR_VOCABULARY_QUORUM:
        text = "f+1, q, n, or a whole number from 1 to the number of nodes";
        break;
    case EHR_VOCABULARY_COSTS:
        text = "default, zero, or the path of a cost table";
        break;
    case EHR_VOCABULARY_NAMES:
        text = "names (letters, digits, '.', '_', '-', first a letter or digit), separated by "
               "commas or spaces";
        break;
    case EHR_VOCABULARY_TEXT:
        text = "a text";
        break;
    case EHR_VOCABULARY_VERSION:
        text = "1";
        break;
    }
    return ehr_scenario_text_copy(text);
}

unsigned ehr_vocabulary_choice_find(const char *values, const char *text)
{
    size_t chars = strlen(text);
    unsigned index = 1;
    for (const char *at = values; at != NULL; index++) {
        const char *bar = strchr(at, '|');
        size_t length = bar != NULL ? (size_t)(bar - at) : strlen(at);
        if (length == chars && memcmp(at, text, chars) == 0)
            return index;
        at = bar != NULL ? bar + 1 : NULL;
    }
    return 0;
}

size_t ehr_vocabulary_distance(const char *from, const char *to)
{
    size_t columns = strlen(to) + 1;
    size_t *row = ehr_scenario_allocate(columns, sizeof(*row));
    for (size_t i = 0; i < columns; i++)
        row[i] = i;
    for (size_t r = 0; from[r] != '\0'; r++) {
        size_t diagonal = row[0];
        row[0] = r + 1;
        for (size_t c = 1; c < columns; c++) {
            size_t best = diagonal + (from[r] != to[c - 1]);
            if (row[c] + 1 < best)
                best = row[c] + 1;
            if (row[c - 1] + 1 < best)
                best = row[c - 1] + 1;
            diagonal = row[c];
            row[c] = best;
        }
    }
    size_t result = row[columns - 1];
    free(row);
    return result;
}

/* Whether `name` is nearer to `text` than what is `*away`, which it then becomes. */
static bool is_nearer(const char *text, const char *name, size_t *away)
{
    size_t letters = ehr_vocabulary_distance(text, name);
    bool nearer = letters < *away;
    if (nearer)
        *away = letters;
    return nearer;
}

char *ehr_vocabulary_suggest(char *allowed, const char *nearest)
{
    if (nearest == NULL)
        return allowed;
    char *more = ehr_scenario_text_format("%s; did you mean %s?", allowed, nearest);
    free(allowed);
    return more;
}

const char *ehr_vocabulary_attribute_nearest(const struct ehr_vocabulary_element *element,
                                             const char *name)
{
    size_t away = strlen(name) / 3 + 1;
    const char *nearest = NULL;
    for (size_t i = 0; strlen(name) <= NEAREST_CHARS_MAX && i < element->attribute_count; i++)
        if (is_nearer(name, element->attributes[i].name, &away))
            nearest = element->attributes[i].name;
    return nearest;
}

const char *ehr_vocabulary_child_nearest(const struct ehr_vocabulary_element *element,
                                         const char *name)
{
    size_t away = strlen(name) / 3 + 1;
    const char *nearest = NULL;
    for (size_t i = 0; strlen(name) <= NEAREST_CHARS_MAX && i < element->child_count; i++)
        if (is_nearer(name, element->children[i].name, &away))
            nearest = element->children[i].name;
    return nearest;
}

char *ehr_vocabulary_choice_nearest(const char *values, const char *text)
{
    size_t best = strlen(text) / 3 + 1;
    char *nearest = NULL;
    for (unsigned i = 1; strlen(text) <= NEAREST_CHARS_MAX; i++) {
        char *value = ehr_vocabulary_choice_text(values, i);
        if (value == NULL)
            break;
        if (is_nearer(text, value, &best)) {
            free(nearest);
            nearest = value;
        } else {
            free(value);
        }
    }
    return nearest;
}

char *ehr_vocabulary_choice_text(const char *values, unsigned index)
{
    const char *at = values;
    for (unsigned i = 1; at != NULL && i < index; i++) {
        at = strchr(at, '|');
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL)
        return NULL;
    return ehr_scenario_text_format("%.*s", (int)strcspn(at, "|"), at);
}
