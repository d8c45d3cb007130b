/* Cost tables as JSON text: strict, because a misspelt entry would silently change every result. */
#include "crypto/cost.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define FORMAT_NAME "ehrgrid-cost-1"

static const double integer_max = 9007199254740991.0; /* 2^53 - 1 */

/* Where the description of a problem goes. */
struct report {
    char *message;
    size_t capacity;
};

__attribute__((format(printf, 2, 3))) static enum ehr_status refuse(const struct report *report,
                                                                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->message, report->capacity, format, arguments);
    va_end(arguments);
    return EHR_LEN;
}

static enum ehr_status price_read(uint64_t *out, const cJSON *entry, const char *member,
                                  const struct report *report)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(entry, member);
    const char *op = entry->string;
    if (item == NULL)
        return refuse(report, "operations.%s: %s: missing", op, member);
    if (!cJSON_IsNumber(item))
        return refuse(report, "operations.%s: %s: not a number", op, member);
    double value = item->valuedouble;
    if (!(value >= 0))
        return refuse(report, "operations.%s: %s: %g: negative", op, member, value);
    if (value > integer_max || value != (double)(uint64_t)value)
        return refuse(report, "operations.%s: %s: %g: not an integer up to 2^53 - 1", op, member,
                      value);
    *out = (uint64_t)value;
    return EHR_OK;
}

/* Refuses members that are not in `allowed` (ended by NULL) and those that come twice. */
static enum ehr_status members_check(const cJSON *object, const char *const *allowed,
                                     const char *where, const struct report *report)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        bool known = false;
        for (size_t i = 0; allowed[i] != NULL; i++)
            known = known || strcmp(allowed[i], item->string) == 0;
        if (!known)
            return refuse(report, "%s%s: unknown", where, item->string);
        for (const cJSON *later = item->next; later != NULL; later = later->next)
            if (strcmp(later->string, item->string) == 0)
                return refuse(report, "%s%s: given twice", where, item->string);
    }
    return EHR_OK;
}

static enum ehr_status operations_read(struct ehr_cost_table *table, const cJSON *operations,
                                       const struct report *report)
{
    static const char *const members[] = {"fixed_ns", "per_byte_ps", NULL};
    const char *allowed[EHR_COST_COUNT] = {NULL};
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++)
        allowed[op - 1] = ehr_cost_op_name(op);
    if (!cJSON_IsObject(operations))
        return refuse(report, "operations: missing, or not an object");
    EHR_TRY(members_check(operations, allowed, "operations.", report));
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++) {
        const char *name = ehr_cost_op_name(op);
        const cJSON *entry = cJSON_GetObjectItemCaseSensitive(operations, name);
        char where[64];
        if (!cJSON_IsObject(entry))
            return refuse(report, "operations.%s: missing, or not an object", name);
        snprintf(where, sizeof where, "operations.%s.", name);
        EHR_TRY(members_check(entry, members, where, report));
        EHR_TRY(price_read(&table->entry[op].fixed_ns, entry, "fixed_ns", report));
        EHR_TRY(price_read(&table->entry[op].per_byte_ps, entry, "per_byte_ps", report));
    }
    return EHR_OK;
}

static enum ehr_status text_read(char out[EHR_COST_TEXT_BYTES], const cJSON *root,
                                 const char *member, const struct report *report)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(root, member);
    if (!cJSON_IsString(text) || text->valuestring[0] == '\0')
        return refuse(report, "%s: missing, or not a text", member);
    size_t length = strlen(text->valuestring);
    if (length >= EHR_COST_TEXT_BYTES)
        return refuse(report, "%s: longer than %d bytes", member, EHR_COST_TEXT_BYTES - 1);
    memcpy(out, text->valuestring, length + 1);
    return EHR_OK;
}

static enum ehr_status table_read(struct ehr_cost_table *table, const cJSON *root,
                                  const struct report *report)
{
    static const char *const members[] = {"format", "cpu", "libsodium", "date", "operations", NULL};
    if (!cJSON_IsObject(root))
        return refuse(report, "not a JSON object");
    EHR_TRY(members_check(root, members, "", report));
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    if (!cJSON_IsString(format) || strcmp(format->valuestring, FORMAT_NAME) != 0)
        return refuse(report, "format: not \"" FORMAT_NAME "\"");
    EHR_TRY(text_read(table->cpu, root, "cpu", report));
    EHR_TRY(text_read(table->libsodium, root, "libsodium", report));
    EHR_TRY(text_read(table->date, root, "date", report));
    return operations_read(table, cJSON_GetObjectItemCaseSensitive(root, "operations"), report);
}

/* Where the text is no UTF-8, which cJSON takes: it would stand in run.json. NULL where it is. */
static const char *utf8_find_error(const char *text, size_t length)
{
    while (length > 0) {
        utf8proc_int32_t code_point;
        utf8proc_ssize_t bytes =
            utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &code_point);
        if (bytes <= 0)
            return text;
        text += bytes;
        length -= (size_t)bytes;
    }
    return NULL;
}

/* Number of the line in which `at` stands. */
static unsigned line_of(const char *text, const char *at)
{
    unsigned line = 1;
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    return line;
}

enum ehr_status ehr_cost_table_parse(struct ehr_cost_table *table, const char *text, size_t length,
                                     char *message, size_t capacity)
{
    assert(capacity > 0);
    message[0] = '\0';
    struct report report = {.message = message, .capacity = capacity};
    struct ehr_cost_table read = {.cpu = ""};
    const char *end = utf8_find_error(text, length);
    if (end != NULL)
        return refuse(&report, "line %u: not UTF-8", line_of(text, end));
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    if (root == NULL)
        return refuse(&report, "line %u: not JSON", line_of(text, end));
    enum ehr_status status = EHR_OK;
    while (end < text + length && strchr(" \t\r\n", *end) != NULL && *end != '\0')
        end++;
    if (end != text + length)
        status = refuse(&report, "line %u: text after the object", line_of(text, end));
    if (status == EHR_OK)
        status = table_read(&read, root, &report);
    if (status == EHR_OK)
        *table = read;
    cJSON_Delete(root);
    return status;
}

enum ehr_status ehr_cost_table_load(struct ehr_cost_table *table, const char *path, char *message,
                                    size_t capacity)
{
    assert(capacity > 0);
    message[0] = '\0';
    struct report report = {.message = message, .capacity = capacity};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return refuse(&report, "%s: cannot be opened", path);
    enum ehr_status status = EHR_OK;
    char reason[EHR_COST_MESSAGE_BYTES];
    char *text = malloc(EHR_COST_FILE_BYTES_MAX + 1);
    if (text == NULL) {
        status = refuse(&report, "%s: out of memory", path);
    } else {
        size_t length = fread(text, 1, EHR_COST_FILE_BYTES_MAX + 1, file);
        if (ferror(file))
            status = refuse(&report, "%s: cannot be read", path);
        else if (length > EHR_COST_FILE_BYTES_MAX)
            status = refuse(&report, "%s: longer than %d bytes", path, EHR_COST_FILE_BYTES_MAX);
        else if (ehr_cost_table_parse(table, text, length, reason, sizeof reason) != EHR_OK)
            status = refuse(&report, "%s: %s", path, reason);
    }
    free(text);
    fclose(file);
    return status;
}

/* Adds one operation; false when out of memory. */
static bool operation_write(cJSON *operations, enum ehr_cost_op op, const struct ehr_cost *cost)
{
    cJSON *entry = cJSON_AddObjectToObject(operations, ehr_cost_op_name(op));
    return entry != NULL &&
           cJSON_AddNumberToObject(entry, "fixed_ns", (double)cost->fixed_ns) != NULL &&
           cJSON_AddNumberToObject(entry, "per_byte_ps", (double)cost->per_byte_ps) != NULL;
}

char *ehr_cost_table_text(const struct ehr_cost_table *table)
{
    char *text = NULL;
    cJSON *root = cJSON_CreateObject();
    bool complete = root != NULL && cJSON_AddStringToObject(root, "format", FORMAT_NAME) != NULL &&
                    cJSON_AddStringToObject(root, "cpu", table->cpu) != NULL &&
                    cJSON_AddStringToObject(root, "libsodium", table->libsodium) != NULL &&
                    cJSON_AddStringToObject(root, "date", table->date) != NULL;
    cJSON *operations = complete ? cJSON_AddObjectToObject(root, "operations") : NULL;
    complete = operations != NULL;
    for (enum ehr_cost_op op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT && complete; op++)
        complete = operation_write(operations, op, &table->entry[op]);
    if (complete)
        text = cJSON_Print(root);
    cJSON_Delete(root);
    return text;
}
