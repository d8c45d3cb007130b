#include "sim/platform/names.h"

#include "sim/scenario/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char *ehr_name_make(const char *label)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_map((const utf8proc_uint8_t *)label, 0, &folded,
                 UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                     UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
    const char *text = folded != NULL ? (const char *)folded : label; /* not UTF-8: as it is */
    char *name = ehr_scenario_allocate(EHR_NAME_BYTES_MAX + 1, 1);
    size_t length = 0;
    bool gap = false;
    for (; *text != '\0'; text++) {
        if (!is_letter_or_digit(*text)) {
            gap = length > 0;
            continue;
        }
        if (length + (gap ? 2 : 1) > EHR_NAME_BYTES_MAX)
            break;
        if (gap)
            name[length++] = '-';
        gap = false;
        bool capital = *text >= 'A' && *text <= 'Z';
        name[length++] = capital ? (char)(*text - 'A' + 'a') : *text;
    }
    free(folded);
    return name;
}

bool ehr_name_is_valid(const char *name)
{
    if (!is_letter_or_digit(*name))
        return false;
    for (; *name != '\0'; name++)
        if (!is_letter_or_digit(*name) && strchr("._-", *name) == NULL)
            return false;
    return true;
}

void ehr_names_close(struct ehr_names *names)
{
    if (names == NULL)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct ehr_names){0};
}

void ehr_names_add(struct ehr_names *names, const char *name)
{
    names->items =
        ehr_scenario_array_grow(names->items, names->count, &names->capacity, sizeof(char *));
    names->items[names->count++] = ehr_scenario_text_copy(name);
}

bool ehr_names_has(const struct ehr_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

const char *ehr_names_add_unique(struct ehr_names *names, const char *name)
{
    char *tried = ehr_scenario_text_copy(name);
    for (unsigned number = 1; ehr_names_has(names, tried); number++) {
        char letters[8] = "";
        size_t length = 0;
        for (unsigned rest = number; length == 0 || rest > 0; rest /= 26)
            letters[length++] = (char)('a' + rest % 26);
        for (size_t i = 0; i < length / 2; i++) {
            char swapped = letters[i];
            letters[i] = letters[length - 1 - i];
            letters[length - 1 - i] = swapped;
        }
        free(tried);
        tried = ehr_scenario_text_format("%s-%s", name, letters);
    }
    ehr_names_add(names, tried);
    free(tried);
    return names->items[names->count - 1];
}

static int name_compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

const char *ehr_names_twice(const struct ehr_names *names)
{
    const char *twice = NULL;
    char **sorted = ehr_scenario_allocate(names->count, sizeof(char *));
    if (names->count > 0)
        memcpy(sorted, names->items, names->count * sizeof(char *));
    qsort(sorted, names->count, sizeof(char *), name_compare);
    for (size_t i = 1; i < names->count && twice == NULL; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            twice = sorted[i];
    free(sorted);
    return twice;
}

bool ehr_names_split(struct ehr_names *names, const char *text)
{
    struct ehr_names parts = {0};
    bool good = true;
    while (good && *text != '\0') {
        size_t length = strcspn(text, ",");
        char *part = ehr_scenario_text_format("%.*s", (int)length, text);
        good = ehr_name_is_valid(part) && (text[length] == '\0' || text[length + 1] != '\0');
        ehr_names_add(&parts, part);
        free(part);
        text += length + (text[length] == ',');
    }
    for (size_t i = 0; good && i < parts.count; i++)
        ehr_names_add(names, parts.items[i]);
    ehr_names_close(&parts);
    return good;
}

char *ehr_names_text(const struct ehr_names *names, size_t shown)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert(out != NULL);
    for (size_t i = 0; i < names->count && i < shown; i++)
        fprintf(out, "%s%s", i > 0 ? ", " : "", names->items[i]);
    if (names->count > shown)
        fprintf(out, " and %zu more", names->count - shown);
    fclose(out);
    return text;
}
