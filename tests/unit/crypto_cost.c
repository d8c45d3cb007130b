/* The cost table: the shipped one is that of the page, arithmetic at its limits, strict files. */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/cost.h"
#include "tests/unit/unit.h"

/* Row `op` of the page's table: | `name` | what | fixed_ns | per_byte_ps |. */
static bool row_read(const char *page, const char *name, unsigned long long figures[2])
{
    char begin[64];
    snprintf(begin, sizeof begin, "\n| `%s` | ", name);
    const char *row = strstr(page, begin);
    const char *cells = row == NULL ? NULL : strstr(row + strlen(begin), " | ");
    return cells != NULL && sscanf(cells, " | %llu | %llu |\n", &figures[0], &figures[1]) == 2;
}

static void default_table_is_the_one_documented(void)
{
    static char page[1 << 16];
    const struct ehr_cost_table *t = ehr_cost_table_default();
    FILE *file = fopen(EHR_SOURCE_DIR "/docs/formats/costs.md", "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t length = fread(page, 1, sizeof page - 1, file);
    CU_ASSERT_EQUAL(fclose(file), 0);
    CU_ASSERT(length > 0 && length < sizeof page - 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(page, t->cpu));
    CU_ASSERT_PTR_NOT_NULL(strstr(page, t->libsodium));
    CU_ASSERT_PTR_NOT_NULL(strstr(page, t->date));
    for (int op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++) {
        const char *name = ehr_cost_op_name((enum ehr_cost_op)op);
        unsigned long long figures[2] = {0, 0};
        bool same = row_read(page, name, figures) && figures[0] == t->entry[op].fixed_ns &&
                    figures[1] == t->entry[op].per_byte_ps;
        if (!same)
            printf("%s ", name);
        CU_ASSERT_TRUE(same);
    }
}

static void default_table_prices_everything(void)
{
    const struct ehr_cost_table *t = ehr_cost_table_default();
    for (int op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++) {
        CU_ASSERT(t->entry[op].fixed_ns > 0 || t->entry[op].per_byte_ps > 0);
        CU_ASSERT_EQUAL(ehr_cost_ns(ehr_cost_table_zero(), (enum ehr_cost_op)op, 1000, 1000), 0);
    }
    /* 3 verifications; a record of 4 KiB: its fixed part and 4096 bytes, rounded up */
    const struct ehr_cost *seal = &t->entry[EHR_COST_SEAL];
    CU_ASSERT_EQUAL(ehr_cost_ns(t, EHR_COST_ED_VERIFY, 3, 0),
                    3 * t->entry[EHR_COST_ED_VERIFY].fixed_ns);
    CU_ASSERT_EQUAL(ehr_cost_ns(t, EHR_COST_SEAL, 1, 4096),
                    (4096 * seal->per_byte_ps + 999) / 1000);
}

static void cost_rounds_up_and_saturates(void)
{
    struct ehr_cost_table t = *ehr_cost_table_zero();
    t.entry[EHR_COST_HASH] = (struct ehr_cost){.fixed_ns = 10, .per_byte_ps = 1};
    CU_ASSERT_EQUAL(ehr_cost_ns(&t, EHR_COST_HASH, 1, 0), 10);
    CU_ASSERT_EQUAL(ehr_cost_ns(&t, EHR_COST_HASH, 1, 1), 11);
    CU_ASSERT_EQUAL(ehr_cost_ns(&t, EHR_COST_HASH, 1, 1000), 11);
    CU_ASSERT_EQUAL(ehr_cost_ns(&t, EHR_COST_HASH, 1, 1001), 12);
    CU_ASSERT_EQUAL(ehr_cost_ns(&t, EHR_COST_HASH, 0, 0), 0);
    CU_ASSERT_EQUAL(ehr_cost_ns(&t, EHR_COST_HASH, UINT64_MAX, 0), UINT64_MAX);
    t.entry[EHR_COST_HASH].per_byte_ps = 3000;
    CU_ASSERT_EQUAL(ehr_cost_ns(&t, EHR_COST_HASH, 1, UINT64_MAX / 2), UINT64_MAX);
}

static void names_lead_back_to_their_operations(void)
{
    for (int op = EHR_COST_INVALID + 1; op < EHR_COST_COUNT; op++)
        CU_ASSERT_EQUAL(ehr_cost_op_find(ehr_cost_op_name((enum ehr_cost_op)op)),
                        (enum ehr_cost_op)op);
    CU_ASSERT_EQUAL(ehr_cost_op_find("no_such"), EHR_COST_INVALID);
    CU_ASSERT_PTR_NULL(ehr_cost_op_name(EHR_COST_INVALID));
    CU_ASSERT_PTR_NULL(ehr_cost_op_name(EHR_COST_COUNT));
}

static void file_round_trips(void)
{
    char message[EHR_COST_MESSAGE_BYTES], path[] = "/tmp/ehr_cost_XXXXXX";
    char *text = ehr_cost_table_text(ehr_cost_table_default());
    struct ehr_cost_table read;
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    FILE *file = fdopen(fd, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(text, 1, strlen(text), file), strlen(text));
    CU_ASSERT_EQUAL(fclose(file), 0);
    CU_ASSERT_EQUAL(ehr_cost_table_load(&read, path, message, sizeof message), EHR_OK);
    CU_ASSERT_STRING_EQUAL(message, "");
    CU_ASSERT_STRING_EQUAL(read.cpu, ehr_cost_table_default()->cpu);
    CU_ASSERT_STRING_EQUAL(read.libsodium, ehr_cost_table_default()->libsodium);
    CU_ASSERT_STRING_EQUAL(read.date, ehr_cost_table_default()->date);
    CU_ASSERT(memcmp(read.entry, ehr_cost_table_default()->entry, sizeof read.entry) == 0);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(ehr_cost_table_load(&read, path, message, sizeof message), EHR_LEN);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "cannot be opened"));
    free(text);
}

/* Whether the default table's text with ed_sign at 13579, after `from` is replaced by `to` once, is
 * refused with a message that contains `expected`, the table unchanged. */
static void refused_when_changed(const char *from, const char *to, const char *expected)
{
    char message[EHR_COST_MESSAGE_BYTES];
    struct ehr_cost_table table = *ehr_cost_table_default();
    table.entry[EHR_COST_ED_SIGN] = (struct ehr_cost){.fixed_ns = 13579};
    char *text = ehr_cost_table_text(&table);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    char *at = strstr(text, from);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    size_t capacity = strlen(text) + strlen(to) + 1;
    char *changed = malloc(capacity);
    CU_ASSERT_PTR_NOT_NULL_FATAL(changed);
    int length =
        snprintf(changed, capacity, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    struct ehr_cost_table read = *ehr_cost_table_zero();
    enum ehr_status status =
        ehr_cost_table_parse(&read, changed, (size_t)length, message, sizeof message);
    CU_ASSERT_EQUAL(status, EHR_LEN);
    CU_ASSERT_EQUAL(read.entry[EHR_COST_ED_SIGN].fixed_ns, 0);
    if (strstr(message, expected) == NULL)
        printf("%s: %s ", expected, message);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, expected));
    free(changed);
    free(text);
}

static void file_is_refused_with_the_reason(void)
{
    refused_when_changed("\"ed_sign\"", "\"ed_sing\"", "operations.ed_sing: unknown");
    refused_when_changed("\"ed_sign\"", "\"ed_verify\"", "operations.ed_verify: given twice");
    refused_when_changed("13579", "-1", "operations.ed_sign: fixed_ns: -1: negative");
    refused_when_changed("13579", "1.5", "operations.ed_sign: fixed_ns: 1.5: not an integer");
    refused_when_changed("13579", "1e16", "operations.ed_sign: fixed_ns: 1e+16: not an integer");
    refused_when_changed("13579", "1e999", "operations.ed_sign: fixed_ns");
    refused_when_changed("13579", "\"13579\"", "operations.ed_sign: fixed_ns: not a number");
    refused_when_changed("\"fixed_ns\"", "\"fixed\"", "operations.scalarmult_base.fixed: unknown");
    refused_when_changed("\"ehrgrid-cost-1\"", "\"ehrgrid-cost-2\"", "format: ");
    refused_when_changed("\"cpu\"", "\"machine\"", "machine: unknown");
    refused_when_changed("\"date\"", "\"cpu\"", "cpu: given twice");
    refused_when_changed("\"libsodium\":\t\"1.0.18\"", "\"libsodium\":\t18",
                         "libsodium: missing, or not a text");
    refused_when_changed("\"libsodium\":\t\"1.0.18\",", "", "libsodium: missing");
    refused_when_changed("\"fixed_ns\":\t13579,", "", "operations.ed_sign: fixed_ns: missing");
    refused_when_changed("\"fixed_ns\":\t13579", "\"per_byte_ps\":\t13579",
                         "operations.ed_sign.per_byte_ps: given twice");
    refused_when_changed("{", "[", "line 2: not JSON"); /* where the array meets a colon */
    refused_when_changed("\"operations\":", "\"operations\"", "not JSON");
    refused_when_changed("1.0.18", "1.0\xff", "line 4: not UTF-8");
}

static void file_is_refused_when_members_are_missing_or_more_follows(void)
{
    char message[EHR_COST_MESSAGE_BYTES];
    struct ehr_cost_table read;
    char *text = ehr_cost_table_text(ehr_cost_table_default());
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    size_t length = strlen(text);
    for (size_t cut = 0; cut < length; cut += 7) {
        enum ehr_status status = ehr_cost_table_parse(&read, text, cut, message, sizeof message);
        CU_ASSERT_EQUAL(status, EHR_LEN);
    }
    cJSON *root = cJSON_Parse(text);
    cJSON_DeleteItemFromObject(cJSON_GetObjectItem(root, "operations"), "merkle_node");
    char *shorter = cJSON_Print(root);
    enum ehr_status status =
        ehr_cost_table_parse(&read, shorter, strlen(shorter), message, sizeof message);
    CU_ASSERT_EQUAL(status, EHR_LEN);
    CU_ASSERT_STRING_EQUAL(message, "operations.merkle_node: missing, or not an object");
    char *longer = malloc(length + 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(longer);
    snprintf(longer, length + 3, "%s\n", text);
    status = ehr_cost_table_parse(&read, longer, length + 1, message, sizeof message);
    CU_ASSERT_EQUAL(status, EHR_OK);
    snprintf(longer, length + 3, "%s\n}", text);
    status = ehr_cost_table_parse(&read, longer, length + 2, message, sizeof message);
    CU_ASSERT_EQUAL(status, EHR_LEN);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "text after the object"));
    free(longer);
    cJSON_free(shorter);
    cJSON_Delete(root);
    free(text);
}

static const struct ehr_unit_case cases[] = {
    {"default_table_is_the_one_documented", default_table_is_the_one_documented},
    {"default_table_prices_everything", default_table_prices_everything},
    {"cost_rounds_up_and_saturates", cost_rounds_up_and_saturates},
    {"names_lead_back_to_their_operations", names_lead_back_to_their_operations},
    {"file_round_trips", file_round_trips},
    {"file_is_refused_with_the_reason", file_is_refused_with_the_reason},
    {"file_is_refused_when_members_are_missing_or_more_follows",
     file_is_refused_when_members_are_missing_or_more_follows},
};

EHR_UNIT_MAIN("crypto_cost", cases)
