#include "sim/scenario/where.h"

#include "sim/scenario/document.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/value.h"

#include <stdlib.h>
#include <string.h>

enum relation { EQUAL = 1, DIFFERENT, LESS, AT_MOST, MORE, AT_LEAST };

/* What can be compared with each other. */
enum quantity { NUMBER = 1, TIME, BANDWIDTH, RATE, TEXT };

static const char *const quantity_names[] = {"",       "a number", "a time", "a bandwidth",
                                             "a rate", "a text"};

struct operand {
    char *text;                                       /* a path, or a value */
    const struct ehr_vocabulary_attribute *attribute; /* NULL: a value */
    uint64_t times;                                   /* of a path */
};

struct comparison {
    enum relation relation;
    struct operand left, right;
};

/* A test that is read on; after a mistake `at` is NULL. */
struct test {
    const char *at;
    char **found, **allowed;
};

/* Takes both. */
static bool refuse(struct test *test, char *found, char *allowed)
{
    *test->found = found;
    *test->allowed = allowed;
    test->at = NULL;
    return false;
}

static bool form_refuse(struct test *test, const char *found)
{
    return refuse(test, ehr_scenario_text_copy(*found != '\0' ? found : "nothing more"),
                  ehr_scenario_text_copy("A eq|ne|lt|le|gt|ge B, where A and B are paths "
                                         "(alliance/@batch), N * a path, or values; "
                                         "or between comparisons"));
}

/* ---- words ---- */

static const char blanks[] = " \t\r\n";

/* Blanks end a word but within quotes and brackets. "" at the end; NULL where a quote stays open.
 */
static const char *word_end(const char *at)
{
    size_t depth = 0;
    for (; *at != '\0' && (depth > 0 || strchr(blanks, *at) == NULL); at++) {
        if (*at == '\'' || *at == '"') {
            at = strchr(at + 1, *at);
            if (at == NULL)
                return NULL;
        }
        depth += *at == '[';
        depth -= *at == ']' && depth > 0;
    }
    return at;
}

/* A new text, the caller's; NULL where a quote stays open. */
static char *word_take(struct test *test)
{
    const char *from = test->at + strspn(test->at, blanks), *end = word_end(from);
    if (end == NULL) {
        form_refuse(test, from);
        return NULL;
    }
    test->at = end;
    return ehr_scenario_text_format("%.*s", (int)(end - from), from);
}

static bool word_is_next(struct test *test, const char *word)
{
    const char *from = test->at + strspn(test->at, blanks), *end = word_end(from);
    if (end == NULL || (size_t)(end - from) != strlen(word) ||
        memcmp(from, word, strlen(word)) != 0)
        return false;
    test->at = end;
    return true;
}

static bool relation_read(struct test *test, enum relation *relation)
{
    static const struct {
        const char *word;
        enum relation relation;
    } words[] = {
        {"eq", EQUAL}, {"ne", DIFFERENT}, {"lt", LESS}, {"le", AT_MOST},
        {"gt", MORE},  {"ge", AT_LEAST},  {"=", EQUAL}, {"!=", DIFFERENT},
        {"<", LESS},   {"<=", AT_MOST},   {">", MORE},  {">=", AT_LEAST},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word_is_next(test, words[i].word)) {
            *relation = words[i].relation;
            return true;
        }
    return form_refuse(test, test->at + strspn(test->at, blanks));
}

/* ---- operands ---- */

static bool path_read(struct test *test, struct operand *operand)
{
    char *found = NULL, *allowed = NULL;
    operand->attribute = ehr_document_path_attribute(operand->text, &found, &allowed);
    if (operand->attribute != NULL)
        return true;
    char *whole = ehr_scenario_text_format("%s (%s)", operand->text, found);
    free(found);
    return refuse(test, whole, allowed);
}

/* "path", "2 * path", "value", "'a value'" */
static bool operand_read(struct test *test, struct operand *operand)
{
    operand->times = 1;
    operand->text = word_take(test);
    if (operand->text == NULL)
        return false;
    if (word_is_next(test, "*")) {
        char *path = word_take(test);
        bool sound = path != NULL && strchr(path, '@') != NULL &&
                     ehr_value_whole_parse(operand->text, &operand->times);
        if (path != NULL && !sound)
            form_refuse(test, operand->text);
        free(operand->text);
        operand->text = path;
        return sound && path_read(test, operand);
    }
    size_t chars = strlen(operand->text);
    if (chars == 0)
        return form_refuse(test, "");
    if (strchr("'\"", *operand->text) != NULL) {
        if (operand->text[chars - 1] != *operand->text)
            return form_refuse(test, operand->text);
        memmove(operand->text, operand->text + 1, chars - 2);
        operand->text[chars - 2] = '\0';
        return true;
    }
    return strchr(operand->text, '@') == NULL || path_read(test, operand);
}

static enum quantity quantity_of(const struct ehr_vocabulary_attribute *attribute)
{
    switch (attribute->kind) {
    case EHR_VOCABULARY_NUMBER:
    case EHR_VOCABULARY_LONG:
    case EHR_VOCABULARY_PROBABILITY:
    case EHR_VOCABULARY_FACTOR:
        return NUMBER;
    case EHR_VOCABULARY_TIME:
        return TIME;
    case EHR_VOCABULARY_BANDWIDTH:
        return BANDWIDTH;
    case EHR_VOCABULARY_RATE:
        return RATE;
    case EHR_VOCABULARY_ID:
    case EHR_VOCABULARY_FILE:
    case EHR_VOCABULARY_HOST:
    case EHR_VOCABULARY_HOSTS:
    case EHR_VOCABULARY_LINKS:
    case EHR_VOCABULARY_GROUPS:
    case EHR_VOCABULARY_PROFILE:
    case EHR_VOCABULARY_CHOICE:
    case EHR_VOCABULARY_QUORUM:
    case EHR_VOCABULARY_COSTS:
    case EHR_VOCABULARY_NAMES:
    case EHR_VOCABULARY_TEXT:
    case EHR_VOCABULARY_VERSION:
        break;
    }
    return TEXT;
}

/* Nanoseconds, bytes per second, ones per second, ones. */
static bool amount_read(enum quantity quantity, const char *text, long double *amount)
{
    uint64_t whole = 0;
    double real = 0;
    bool sound = quantity == TIME        ? ehr_value_time_parse(text, &whole)
                 : quantity == BANDWIDTH ? ehr_value_bandwidth_parse(text, &whole)
                                         : ehr_value_whole_parse(text, &whole);
    *amount = (long double)whole;
    if (quantity == TIME || quantity == BANDWIDTH || (quantity == NUMBER && sound))
        return sound;
    sound = quantity == RATE
                ? ehr_value_rate_parse(text, &real)
                : ehr_value_probability_parse(text, &real) || ehr_value_factor_parse(text, &real);
    *amount = real;
    return sound;
}

/* ---- a comparison ---- */

static char *amount_describe(enum quantity quantity,
                             const struct ehr_vocabulary_attribute *attribute)
{
    if (quantity == NUMBER)
        return ehr_scenario_text_copy("a number");
    if (quantity == TIME)
        return ehr_scenario_text_copy("a number and a unit (ns us ms s min h d), whole ns");
    return ehr_vocabulary_value_describe(attribute);
}

static bool value_check(struct test *test, const struct ehr_vocabulary_attribute *attribute,
                        const char *value)
{
    long double amount;
    enum quantity quantity = quantity_of(attribute);
    bool sound = quantity != TEXT ? amount_read(quantity, value, &amount)
                 : attribute->kind == EHR_VOCABULARY_CHOICE
                     ? ehr_vocabulary_choice_find(attribute->values, value) != 0
                     : true;
    return sound ||
           refuse(test, ehr_scenario_text_copy(value), amount_describe(quantity, attribute));
}

static bool comparison_check(struct test *test, const struct comparison *comparison)
{
    const struct operand *left = &comparison->left, *right = &comparison->right;
    if (left->attribute == NULL && right->attribute == NULL)
        return refuse(test, ehr_scenario_text_format("%s and %s", left->text, right->text),
                      ehr_scenario_text_copy("a path (alliance/@batch) on one side at least"));
    const struct operand *path = left->attribute != NULL ? left : right;
    enum quantity quantity = quantity_of(path->attribute);
    if (path->times != 1 && quantity == TEXT)
        return refuse(test, ehr_scenario_text_format("N * %s", path->text),
                      ehr_scenario_text_copy("N * a number, time, bandwidth or rate"));
    if (quantity == TEXT && comparison->relation != EQUAL && comparison->relation != DIFFERENT)
        return refuse(test, ehr_scenario_text_format("an order of %s, a text", path->text),
                      ehr_scenario_text_copy("eq, ne"));
    if (left->attribute == NULL || right->attribute == NULL)
        return value_check(test, path->attribute, path == left ? right->text : left->text);
    enum quantity other = quantity_of(right->attribute);
    return quantity == other ||
           refuse(test,
                  ehr_scenario_text_format("%s, %s, with %s, %s", left->text,
                                           quantity_names[quantity], right->text,
                                           quantity_names[other]),
                  ehr_scenario_text_copy("two numbers, times, bandwidths, rates or texts"));
}

static bool comparison_read(struct test *test, struct comparison *comparison)
{
    *comparison = (struct comparison){0};
    return operand_read(test, &comparison->left) && relation_read(test, &comparison->relation) &&
           operand_read(test, &comparison->right) && comparison_check(test, comparison);
}

static void comparison_close(struct comparison *comparison)
{
    free(comparison->left.text);
    free(comparison->right.text);
}

/* After a comparison: whether another one follows. */
static bool is_more(struct test *test)
{
    const char *rest = test->at + strspn(test->at, blanks);
    if (*rest == '\0')
        return false;
    return word_is_next(test, "or") || form_refuse(test, rest);
}

/* ---- documents ---- */

struct values {
    char **texts; /* NULL: absent, and without default */
    size_t count;
};

static struct values values_of(const struct operand *operand, xmlDocPtr document)
{
    struct values values = {0};
    if (operand->attribute != NULL) {
        values.texts = ehr_document_path_values(document, operand->text, &values.count);
        return values;
    }
    values.texts = ehr_scenario_allocate(1, sizeof *values.texts);
    values.texts[values.count++] = ehr_scenario_text_copy(operand->text);
    return values;
}

static void values_close(struct values *values)
{
    for (size_t i = 0; i < values->count; i++)
        free(values->texts[i]);
    free(values->texts);
}

static bool is_related(enum relation relation, int order)
{
    switch (relation) {
    case EQUAL:
        return order == 0;
    case DIFFERENT:
        return order != 0;
    case LESS:
        return order < 0;
    case AT_MOST:
        return order <= 0;
    case MORE:
        return order > 0;
    case AT_LEAST:
        return order >= 0;
    }
    return false;
}

static bool pair_holds(const struct comparison *comparison, const char *left, const char *right)
{
    const struct ehr_vocabulary_attribute *attribute = comparison->left.attribute != NULL
                                                           ? comparison->left.attribute
                                                           : comparison->right.attribute;
    enum quantity quantity = quantity_of(attribute);
    long double a, b;
    if (left == NULL || right == NULL)
        return false;
    if (quantity == TEXT)
        return is_related(comparison->relation, strcmp(left, right));
    if (!amount_read(quantity, left, &a) || !amount_read(quantity, right, &b))
        return false;
    a *= (long double)comparison->left.times;
    b *= (long double)comparison->right.times;
    return is_related(comparison->relation, (a > b) - (a < b));
}

/* For every element of either side. */
static bool comparison_holds(const struct comparison *comparison, xmlDocPtr document)
{
    struct values left = values_of(&comparison->left, document),
                  right = values_of(&comparison->right, document);
    bool holds = left.count > 0 && right.count > 0;
    for (size_t i = 0; holds && i < left.count; i++)
        for (size_t k = 0; holds && k < right.count; k++)
            holds = pair_holds(comparison, left.texts[i], right.texts[k]);
    values_close(&left);
    values_close(&right);
    return holds;
}

static bool operand_is_there(struct test *test, const struct operand *operand, xmlDocPtr document)
{
    struct values values = values_of(operand, document);
    bool there = values.count > 0;
    values_close(&values);
    return there || refuse(test, ehr_scenario_text_format("%s (no such element)", operand->text),
                           ehr_scenario_text_copy("an element of the scenario"));
}

bool ehr_where_check(const char *test, xmlDocPtr document, char **found, char **allowed)
{
    struct test reading = {.at = test, .found = found, .allowed = allowed};
    do {
        struct comparison comparison;
        if (comparison_read(&reading, &comparison) &&
            operand_is_there(&reading, &comparison.left, document))
            operand_is_there(&reading, &comparison.right, document);
        comparison_close(&comparison);
    } while (reading.at != NULL && is_more(&reading));
    return reading.at != NULL;
}

bool ehr_where_holds(const char *test, xmlDocPtr document)
{
    char *found = NULL, *allowed = NULL;
    struct test reading = {.at = test, .found = &found, .allowed = &allowed};
    bool holds = false;
    do {
        struct comparison comparison;
        holds = comparison_read(&reading, &comparison) && comparison_holds(&comparison, document);
        comparison_close(&comparison);
    } while (!holds && reading.at != NULL && is_more(&reading));
    free(found);
    free(allowed);
    return holds;
}
