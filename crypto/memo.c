#include "crypto/memo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Sets of four entries, addressed by the key's first bytes: a bounded table needs no deletion
 * marks, and what is replaced (a rotating place of the set) does not depend on addresses. */
enum { WAYS = 4, PARTS_MAX = 15 };

struct entry {
    uint8_t key[EHR_HASH_BYTES];
    uint8_t status; /* EHR_STATUS_INVALID: empty */
};
static_assert(sizeof(struct entry) == EHR_MEMO_ENTRY_BYTES, "the stated bound on memory");

static struct {
    struct entry *entries; /* NULL until used, or after an allocation failed */
    size_t capacity;       /* power of two, or 0: off */
    unsigned rotation;
    size_t used;
    uint64_t replaced;
    struct ehr_memo_counters counters[EHR_MEMO_KIND_COUNT];
} memo = {.capacity = EHR_MEMO_DEFAULT_ENTRIES};

static struct entry *set_of(const uint8_t key[EHR_HASH_BYTES])
{
    size_t sets = memo.capacity / WAYS;
    return memo.entries + (size_t)(ehr_le64_get(key) & (sets - 1)) * WAYS;
}

static const struct entry *memo_find(const uint8_t key[EHR_HASH_BYTES])
{
    const struct entry *set = set_of(key);
    for (unsigned i = 0; i < WAYS; i++)
        if (set[i].status != EHR_STATUS_INVALID && memcmp(set[i].key, key, EHR_HASH_BYTES) == 0)
            return &set[i];
    return NULL;
}

static void memo_store(const uint8_t key[EHR_HASH_BYTES], enum ehr_status status)
{
    struct entry *set = set_of(key);
    unsigned place = 0;
    while (place < WAYS && set[place].status != EHR_STATUS_INVALID)
        place++;
    if (place == WAYS) {
        place = memo.rotation++ % WAYS;
        memo.replaced++;
    } else {
        memo.used++;
    }
    memcpy(set[place].key, key, EHR_HASH_BYTES);
    set[place].status = (uint8_t)status;
}

/* The parts keep their own lengths, so no two inputs share a key. */
static void memo_key(uint8_t key[EHR_HASH_BYTES], enum ehr_memo_kind kind,
                     const struct ehr_part *parts, size_t count)
{
    assert(count <= PARTS_MAX);
    uint8_t kind_byte = (uint8_t)kind;
    struct ehr_part all[PARTS_MAX + 1];
    all[0] = EHR_P(&kind_byte, 1);
    memcpy(all + 1, parts, count * sizeof *parts);
    ehr_hash32(key, "memo", all, count + 1);
}

enum ehr_status ehr_memo_verify(enum ehr_memo_kind kind, const struct ehr_part *parts, size_t count,
                                enum ehr_status (*compute)(const void *context),
                                const void *context)
{
    assert(kind > EHR_MEMO_INVALID && kind < EHR_MEMO_KIND_COUNT);
    if (memo.entries == NULL && memo.capacity > 0)
        memo.entries = calloc(memo.capacity, sizeof *memo.entries);
    if (memo.entries == NULL) {
        memo.counters[kind].misses++;
        return compute(context);
    }
    uint8_t key[EHR_HASH_BYTES];
    memo_key(key, kind, parts, count);
    const struct entry *known = memo_find(key);
    if (known != NULL) {
        memo.counters[kind].hits++;
        return (enum ehr_status)known->status;
    }
    memo.counters[kind].misses++;
    enum ehr_status status = compute(context);
    assert(status != EHR_STATUS_INVALID);
    memo_store(key, status);
    return status;
}

static void memo_release(void)
{
    free(memo.entries);
    memo.entries = NULL;
    memo.rotation = 0;
    memo.used = 0;
}

void ehr_memo_configure(size_t entries)
{
    memo_release();
    memo.capacity = 0;
    if (entries == 0)
        return;
    memo.capacity = WAYS;
    while (memo.capacity <= entries / 2)
        memo.capacity *= 2;
}

void ehr_memo_clear(void)
{
    if (memo.entries != NULL)
        memset(memo.entries, 0, memo.capacity * sizeof *memo.entries);
    memo.rotation = 0;
    memo.used = 0;
}

void ehr_memo_close(void)
{
    memo_release();
    memo.replaced = 0;
    memset(memo.counters, 0, sizeof memo.counters);
}

struct ehr_memo_counters ehr_memo_counters_get(enum ehr_memo_kind kind)
{
    assert(kind > EHR_MEMO_INVALID && kind < EHR_MEMO_KIND_COUNT);
    return memo.counters[kind];
}

struct ehr_memo_use ehr_memo_use_get(void)
{
    return (struct ehr_memo_use){memo.capacity, memo.used, memo.replaced};
}
