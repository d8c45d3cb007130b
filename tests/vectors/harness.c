#include "tests/vectors/harness.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"

#define FILE_LEN_MAX    ((size_t)64 << 20)
#define SKIPPED_OPS_MAX 64
#define INTEGER_MAX     9007199254740992.0 /* 2^53 */

/* Memory of the running case, freed at its end. */
struct block {
    struct block *next;
    max_align_t data[];
};

/* Generator whose output is the `random` of a case. */
struct script {
    struct ehr_rng rng; /* first: the generator is handed out by its address */
    const uint8_t *bytes;
    size_t len, used;
    int starved; /* more was drawn than there is */
};

struct ehr_vector {
    const char *file, *name;
    const cJSON *in;
    cJSON *out;
    struct block *blocks;
    struct script script;
};

struct tally {
    size_t agreed, disagreed, skipped;
    char skipped_ops[SKIPPED_OPS_MAX][48];
    size_t skipped_ops_count;
};

static const struct ehr_vector_op *const tables[] = {
    ehr_vector_ops_base,  ehr_vector_ops_identity, ehr_vector_ops_record,
    ehr_vector_ops_share, ehr_vector_ops_index,    ehr_vector_ops_ledger,
};

_Noreturn static void malformed(const char *file, const char *name, const char *member,
                                const char *what)
{
    printf("%s: %s: %s: %s\n", file, name, member, what);
    exit(2);
}

/* ---- memory and random bytes ---- */

void *ehr_vector_alloc(struct ehr_vector *v, size_t size)
{
    struct block *block = calloc(1, sizeof *block + size + 1);
    if (block == NULL)
        malformed(v->file, v->name, "memory", "exhausted");
    block->next = v->blocks;
    v->blocks = block;
    return block->data;
}

static void script_fill(struct ehr_rng *rng, uint8_t *bytes, size_t len)
{
    struct script *script = (struct script *)rng;
    size_t left = script->len - script->used;
    size_t taken = len < left ? len : left;
    if (taken != 0)
        memcpy(bytes, script->bytes + script->used, taken);
    if (taken < len) {
        memset(bytes + taken, 0, len - taken);
        script->starved = 1;
    }
    script->used += taken;
}

struct ehr_rng *ehr_vector_rng(struct ehr_vector *v)
{
    return &v->script.rng;
}

/* ---- reading ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static struct ehr_vector_bytes from_hex(struct ehr_vector *v, const cJSON *item, const char *name)
{
    if (!cJSON_IsString(item))
        malformed(v->file, v->name, name, "a byte string was expected");
    const char *text = item->valuestring;
    size_t digits = strlen(text);
    if (digits % 2 != 0)
        malformed(v->file, v->name, name, "odd number of hex digits");
    uint8_t *bytes = ehr_vector_alloc(v, digits / 2);
    for (size_t i = 0; i < digits / 2; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            malformed(v->file, v->name, name, "not lower-case hex");
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return (struct ehr_vector_bytes){bytes, digits / 2};
}

static const cJSON *member(struct ehr_vector *v, const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (item == NULL)
        malformed(v->file, v->name, name, "is missing");
    return item;
}

static uint64_t integer(struct ehr_vector *v, const cJSON *item, const char *name)
{
    if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > INTEGER_MAX ||
        floor(item->valuedouble) != item->valuedouble)
        malformed(v->file, v->name, name, "an integer of 0..2^53 was expected");
    return (uint64_t)item->valuedouble;
}

struct ehr_vector_bytes ehr_vector_in(struct ehr_vector *v, const char *name)
{
    return from_hex(v, member(v, v->in, name), name);
}

const uint8_t *ehr_vector_in_fixed(struct ehr_vector *v, const char *name, size_t len)
{
    struct ehr_vector_bytes value = ehr_vector_in(v, name);
    if (value.len != len)
        malformed(v->file, v->name, name, "has another length");
    return value.bytes;
}

struct ehr_scalar ehr_vector_in_scalar(struct ehr_vector *v, const char *name)
{
    struct ehr_scalar s;
    memcpy(s.bytes, ehr_vector_in_fixed(v, name, 32), sizeof s.bytes);
    return s;
}

struct ehr_point ehr_vector_in_point(struct ehr_vector *v, const char *name)
{
    struct ehr_point p;
    memcpy(p.bytes, ehr_vector_in_fixed(v, name, 32), sizeof p.bytes);
    return p;
}

const char *ehr_vector_in_text(struct ehr_vector *v, const char *name)
{
    const cJSON *item = member(v, v->in, name);
    if (!cJSON_IsString(item))
        malformed(v->file, v->name, name, "a text was expected");
    return item->valuestring;
}

uint64_t ehr_vector_in_uint(struct ehr_vector *v, const char *name)
{
    return integer(v, member(v, v->in, name), name);
}

int ehr_vector_in_has(struct ehr_vector *v, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(v->in, name) != NULL;
}

const cJSON *ehr_vector_in_list(struct ehr_vector *v, const char *name, size_t *count)
{
    const cJSON *list = member(v, v->in, name);
    if (!cJSON_IsArray(list))
        malformed(v->file, v->name, name, "a list was expected");
    *count = (size_t)cJSON_GetArraySize(list);
    return list;
}

const uint8_t *ehr_vector_in_concat(struct ehr_vector *v, const char *name, size_t len,
                                    size_t *count)
{
    const cJSON *list = ehr_vector_in_list(v, name, count), *item;
    uint8_t *all = ehr_vector_alloc(v, *count * len), *at = all;
    cJSON_ArrayForEach(item, list)
    {
        struct ehr_vector_bytes value = from_hex(v, item, name);
        if (value.len != len)
            malformed(v->file, v->name, name, "an element has another length");
        memcpy(at, value.bytes, len);
        at += len;
    }
    return all;
}

struct ehr_vector_bytes ehr_vector_item_bytes(struct ehr_vector *v, const cJSON *item)
{
    return from_hex(v, item, "element");
}

uint64_t ehr_vector_item_uint(struct ehr_vector *v, const cJSON *item)
{
    return integer(v, item, "element");
}

const cJSON *ehr_vector_item_member(struct ehr_vector *v, const cJSON *object, const char *name)
{
    return member(v, object, name);
}

/* ---- results ---- */

static cJSON *hex_item(struct ehr_vector *v, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    char *text = ehr_vector_alloc(v, 2 * len + 1);
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[from[i] >> 4];
        text[2 * i + 1] = digits[from[i] & 15];
    }
    return cJSON_CreateString(text);
}

void ehr_vector_out(struct ehr_vector *v, const char *name, const void *bytes, size_t len)
{
    cJSON_AddItemToObject(v->out, name, hex_item(v, bytes, len));
}

void ehr_vector_out_uint(struct ehr_vector *v, const char *name, uint64_t value)
{
    cJSON_AddNumberToObject(v->out, name, (double)value);
}

cJSON *ehr_vector_out_list(struct ehr_vector *v, cJSON *parent, const char *name)
{
    cJSON *list = cJSON_CreateArray();
    if (name != NULL)
        cJSON_AddItemToObject(v->out, name, list);
    else
        cJSON_AddItemToArray(parent, list);
    return list;
}

void ehr_vector_append(struct ehr_vector *v, cJSON *list, const void *bytes, size_t len)
{
    cJSON_AddItemToArray(list, hex_item(v, bytes, len));
}

void ehr_vector_append_uint(struct ehr_vector *v, cJSON *list, uint64_t value)
{
    (void)v;
    cJSON_AddItemToArray(list, cJSON_CreateNumber((double)value));
}

/* ---- running ---- */

static const struct ehr_vector_op *find_op(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct ehr_vector_op *op = tables[i]; op->name != NULL; op++)
            if (strcmp(op->name, name) == 0)
                return op;
    return NULL;
}

static const char *required_text(const cJSON *object, const char *file, const char *name,
                                 const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsString(item))
        malformed(file, name, key, "a text was expected");
    return item->valuestring;
}

static const cJSON *required_object(const cJSON *object, const char *file, const char *name,
                                    const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsObject(item))
        malformed(file, name, key, "an object was expected");
    return item;
}

static void print_difference(const cJSON *expected, const cJSON *found)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, expected)
    {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(found, item->string);
        if (cJSON_Compare(item, other, 1))
            continue;
        char *want = cJSON_PrintUnformatted(item);
        char *got = other == NULL ? NULL : cJSON_PrintUnformatted(other);
        printf("    %s: expected %.200s\n    %*s  found    %.200s\n", item->string, want,
               (int)strlen(item->string), "", got == NULL ? "nothing" : got);
        free(want);
        free(got);
    }
    cJSON_ArrayForEach(item, found)
    {
        if (cJSON_GetObjectItemCaseSensitive(expected, item->string) == NULL)
            printf("    %s: found, not expected\n", item->string);
    }
}

/* 1 if status, results and draws are the expected ones; says what is not. */
static int judge(const struct ehr_vector *v, enum ehr_status status, const char *status_expected,
                 const cJSON *out_expected)
{
    int ok = status == EHR_OK;
    int same_status = strcmp(ehr_status_name(status), status_expected) == 0;
    int same_out = cJSON_Compare(out_expected, v->out, 1);
    int same_draws = !v->script.starved && (!ok || v->script.used == v->script.len);
    if (same_status && same_out && same_draws)
        return 1;
    printf("%s: %s: DISAGREES\n", v->file, v->name);
    if (!same_status)
        printf("    status: expected %s, found %s\n", status_expected, ehr_status_name(status));
    if (!same_out)
        print_difference(out_expected, v->out);
    if (!same_draws)
        printf("    random: %zu bytes given, %zu drawn%s\n", v->script.len, v->script.used,
               v->script.starved ? ", more asked for" : "");
    return 0;
}

static void skip(struct tally *tally, const char *op)
{
    tally->skipped++;
    for (size_t i = 0; i < tally->skipped_ops_count; i++)
        if (strcmp(tally->skipped_ops[i], op) == 0)
            return;
    if (tally->skipped_ops_count < SKIPPED_OPS_MAX)
        snprintf(tally->skipped_ops[tally->skipped_ops_count++], sizeof tally->skipped_ops[0], "%s",
                 op);
}

static void run_case(const char *file, const cJSON *item, struct tally *tally)
{
    const char *name = required_text(item, file, "case", "name");
    const char *op_name = required_text(item, file, name, "op");
    const char *status_expected = required_text(item, file, name, "status");
    const cJSON *out_expected = required_object(item, file, name, "out");
    const struct ehr_vector_op *op = find_op(op_name);
    if (op == NULL) {
        skip(tally, op_name);
        return;
    }
    struct ehr_vector v = {.file = file, .name = name};
    v.in = required_object(item, file, name, "in");
    v.out = cJSON_CreateObject();
    struct ehr_vector_bytes random =
        from_hex(&v, cJSON_GetObjectItemCaseSensitive(item, "random"), "random");
    v.script = (struct script){.rng = {script_fill}, .bytes = random.bytes, .len = random.len};
    enum ehr_status status = op->run(&v);
    if (judge(&v, status, status_expected, out_expected))
        tally->agreed++;
    else
        tally->disagreed++;
    cJSON_Delete(v.out);
    while (v.blocks != NULL) {
        struct block *next = v.blocks->next;
        free(v.blocks);
        v.blocks = next;
    }
}

static char *read_file(const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        malformed(path, "file", "open", strerror(errno));
    size_t size = 0, capacity = 1 << 16;
    char *text = malloc(capacity + 1);
    while (text != NULL) {
        size_t got = fread(text + size, 1, capacity - size, stream);
        size += got;
        if (got == 0)
            break;
        if (size == capacity) {
            capacity *= 2;
            char *larger = capacity <= FILE_LEN_MAX ? realloc(text, capacity + 1) : NULL;
            if (larger == NULL)
                free(text);
            text = larger;
        }
    }
    if (text == NULL || ferror(stream))
        malformed(path, "file", "read", "failed or too long");
    fclose(stream);
    text[size] = '\0';
    return text;
}

static void run_file(const char *directory, const char *file, struct tally *tally)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", directory, file) >= (int)sizeof path)
        malformed(file, "file", "path", "too long");
    char *text = read_file(path);
    cJSON *root = cJSON_ParseWithOpts(text, NULL, 1);
    const cJSON *cases = cJSON_GetObjectItemCaseSensitive(root, "cases"), *item;
    if (!cJSON_IsArray(cases))
        malformed(file, "file", "cases", "not JSON with a list of cases");
    struct tally before = *tally;
    cJSON_ArrayForEach(item, cases)
    {
        run_case(file, item, tally);
    }
    printf("%-20s %4zu agreed, %zu disagreed, %zu skipped\n", file, tally->agreed - before.agreed,
           tally->disagreed - before.disagreed, tally->skipped - before.skipped);
    cJSON_Delete(root);
    free(text);
}

static int is_json(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

int ehr_vectors_run(const char *directory)
{
    struct dirent **files;
    int count = scandir(directory, &files, is_json, alphasort);
    if (count < 0) {
        printf("%s: %s\n", directory, strerror(errno));
        return 2;
    }
    struct tally tally = {0};
    for (int i = 0; i < count; i++) {
        run_file(directory, files[i]->d_name, &tally);
        free(files[i]);
    }
    free(files);
    if (tally.skipped_ops_count != 0) {
        printf("skipped operations:");
        for (size_t i = 0; i < tally.skipped_ops_count; i++)
            printf(" %s", tally.skipped_ops[i]);
        printf("\n");
    }
    printf("%zu agreed, %zu disagreed, %zu skipped\n", tally.agreed, tally.disagreed,
           tally.skipped);
    if (tally.agreed + tally.disagreed == 0)
        return 2;
    return tally.disagreed != 0;
}
