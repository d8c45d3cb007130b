#include "sim/scenario/scenario.h"

#include "sim/scenario/markup.h"
#include "sim/scenario/reader.h"
#include "sim/scenario/vocabulary.h"

#include <stdlib.h>

/* Either groups or their members. */
static bool is_written(const struct ehr_vocabulary_element *word,
                       const struct ehr_vocabulary_element *child, const void *base, size_t item)
{
    const struct ehr_scenario *scenario = base;
    if (word != &ehr_vocabulary_scenario)
        return true;
    if (child->offset == offsetof(struct ehr_scenario, hospitals))
        return scenario->hospitals[item].group == 0 || scenario->members_differ;
    return child->offset != offsetof(struct ehr_scenario, hospital_groups) ||
           !scenario->members_differ;
}

/* Whether the element stands in no file: it lacks what every one of it has. */
static bool is_absent(const struct ehr_vocabulary_element *word, const void *base)
{
    for (size_t i = 0; word->min == 0 && i < word->attribute_count; i++) {
        char *value = word->attributes[i].required
                          ? ehr_scenario_field_write(&word->attributes[i], base)
                          : NULL;
        bool lacks = word->attributes[i].required && value == NULL;
        free(value);
        if (lacks)
            return true;
    }
    return false;
}

static void element_write(FILE *out, const struct ehr_vocabulary_element *word, const void *base,
                          int depth)
{
    fprintf(out, "%*s<%s", depth * 2, "", word->name);
    if (depth == 0)
        fputs(" xmlns=\"" EHR_SCENARIO_NAMESPACE "\"", out);
    for (size_t i = 0; i < word->attribute_count; i++) {
        char *value = ehr_scenario_field_write(&word->attributes[i], base);
        if (value == NULL)
            continue;
        ehr_markup_attribute_write(out, word->attributes[i].name, value);
        free(value);
    }
    if (word->child_count == 0) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    for (size_t i = 0; i < word->child_count; i++) {
        const struct ehr_vocabulary_element *child = &word->children[i];
        const char *place = (const char *)base + child->offset;
        if (child->max == 1) {
            if (!is_absent(child, place))
                element_write(out, child, place, depth + 1);
            continue;
        }
        const char *items = *(const char *const *)(const void *)place;
        size_t count = *(const size_t *)(const void *)((const char *)base + child->count_offset);
        for (size_t item = 0; item < count; item++)
            if (is_written(word, child, base, item))
                element_write(out, child, items + item * child->item_bytes, depth + 1);
    }
    fprintf(out, "%*s</%s>\n", depth * 2, "", word->name);
}

bool ehr_scenario_effective_write(const struct ehr_scenario *scenario, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
    element_write(out, &ehr_vocabulary_scenario, scenario, 0);
    return fflush(out) == 0 && !ferror(out);
}
