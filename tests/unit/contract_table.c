/* The append-only table under both contracts. */
#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "sim/contract/table.h"
#include "tests/unit/unit.h"

static void key_of(uint8_t key[16], uint32_t i)
{
    EHR_HASH16(key, "idx-label", EHR_U32(i));
}

static bool has_place(const struct ehr_table *table, uint32_t i, uint64_t height,
                      uint64_t at_height, uint32_t at_index)
{
    uint8_t key[16];
    struct ehr_place place;
    key_of(key, i);
    return ehr_table_get(table, key, height, &place) && place.height == at_height &&
           place.index == at_index;
}

static void nothing_found_when_empty(void)
{
    struct ehr_table table = {0};
    uint8_t key[16] = {0};
    CU_ASSERT_FALSE(ehr_table_get(&table, key, UINT64_MAX, NULL));
    CU_ASSERT_EQUAL(ehr_table_bytes(&table), 0);
    ehr_table_close(&table);
    ehr_table_close(&table);
}

static void every_entry_found_when_the_table_has_grown(void)
{
    enum { COUNT = 20000 };
    struct ehr_table table = {0};
    uint8_t key[16];
    unsigned wrong = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        key_of(key, i);
        wrong += !ehr_table_put(&table, key, (struct ehr_place){1 + i / 100, i % 100});
    }
    CU_ASSERT_EQUAL(table.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        wrong += !has_place(&table, i, UINT64_MAX, 1 + i / 100, i % 100);
    for (uint32_t i = COUNT; i < 2 * COUNT; i++) {
        key_of(key, i);
        wrong += ehr_table_get(&table, key, UINT64_MAX, NULL);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    ehr_table_close(&table);
}

static void entry_unseen_when_the_replica_is_below_its_height(void)
{
    struct ehr_table table = {0};
    uint8_t key[16];
    key_of(key, 1);
    CU_ASSERT_TRUE(ehr_table_put(&table, key, (struct ehr_place){5, 3}));
    CU_ASSERT_FALSE(has_place(&table, 1, 0, 5, 3));
    CU_ASSERT_FALSE(has_place(&table, 1, 4, 5, 3));
    CU_ASSERT_TRUE(has_place(&table, 1, 5, 5, 3));
    CU_ASSERT_TRUE(has_place(&table, 1, 6, 5, 3));
    ehr_table_close(&table);
}

static void first_entry_kept_when_a_key_is_put_again(void)
{
    struct ehr_table table = {0};
    uint8_t key[16];
    key_of(key, 1);
    CU_ASSERT_TRUE(ehr_table_put(&table, key, (struct ehr_place){5, 3}));
    CU_ASSERT_FALSE(ehr_table_put(&table, key, (struct ehr_place){6, 4}));
    CU_ASSERT_TRUE(has_place(&table, 1, 9, 5, 3));
    CU_ASSERT_EQUAL(table.count, 1);
    ehr_table_move(&table, key, (struct ehr_place){7, 1});
    CU_ASSERT_TRUE(has_place(&table, 1, 9, 7, 1));
    CU_ASSERT_FALSE(has_place(&table, 1, 6, 7, 1));
    CU_ASSERT_EQUAL(table.count, 1);
    key_of(key, 2);
    ehr_table_move(&table, key, (struct ehr_place){UINT32_MAX, UINT32_MAX}); /* the largest */
    CU_ASSERT_TRUE(has_place(&table, 2, UINT32_MAX, UINT32_MAX, UINT32_MAX));
    CU_ASSERT_EQUAL(table.count, 2);
    ehr_table_close(&table);
}

/* Keys that differ in their last byte only start at the same slot. */
static void entries_told_apart_when_their_keys_collide(void)
{
    struct ehr_table table = {0};
    unsigned wrong = 0;
    for (uint32_t i = 0; i < 200; i++) {
        uint8_t key[16] = {0};
        key[15] = (uint8_t)i;
        wrong += !ehr_table_put(&table, key, (struct ehr_place){1, i});
    }
    for (uint32_t i = 0; i < 200; i++) {
        struct ehr_place place;
        uint8_t key[16] = {0};
        key[15] = (uint8_t)i;
        wrong += !ehr_table_get(&table, key, 1, &place) || place.index != i;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    ehr_table_close(&table);
}

/* Through the cut into segments, too: no step takes more, and every entry stays. */
static void forty_bytes_a_label_suffice_when_there_are_a_million(void)
{
    enum { COUNT = 1000000 };
    struct ehr_table table = {0};
    uint8_t key[16];
    size_t over = 0, wrong = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        key_of(key, i);
        wrong += !ehr_table_put(&table, key, (struct ehr_place){1 + i % 7, i});
        over += i > 1000 && ehr_table_bytes(&table) > 40 * (table.count + 2);
    }
    CU_ASSERT_PTR_NOT_NULL(table.segments);
    CU_ASSERT_EQUAL(table.count, COUNT);
    CU_ASSERT_EQUAL(over, 0);
    for (uint32_t i = 0; i < COUNT; i++)
        wrong += !has_place(&table, i, 7, 1 + i % 7, i);
    key_of(key, COUNT);
    CU_ASSERT_FALSE(ehr_table_get(&table, key, UINT64_MAX, NULL));
    key_of(key, COUNT / 2);
    CU_ASSERT_FALSE(ehr_table_put(&table, key, (struct ehr_place){9, 9}));
    ehr_table_move(&table, key, (struct ehr_place){9, 9});
    CU_ASSERT_TRUE(has_place(&table, COUNT / 2, 9, 9, 9));
    CU_ASSERT_EQUAL(table.count, COUNT);
    CU_ASSERT_EQUAL(wrong, 0);
    printf(" %.1f bytes a label at %d", (double)ehr_table_bytes(&table) / (double)COUNT, COUNT);
    ehr_table_close(&table);
    CU_ASSERT_EQUAL(ehr_table_bytes(&table), 0);
}

/* One copy at a time: between any two entries at most a 32nd of the table (and a little, as
 * segments are not quite alike) is allocated. */
static void segments_grow_one_by_one_when_the_table_is_large(void)
{
    enum { COUNT = 1600000 };
    struct ehr_table table = {0};
    uint8_t key[16];
    size_t steps = 0, large = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        const struct ehr_table_segment *segments = table.segments;
        size_t before = ehr_table_bytes(&table);
        key_of(key, i);
        ehr_table_put(&table, key, (struct ehr_place){1, i});
        size_t added = ehr_table_bytes(&table) - before;
        if (segments == NULL || added == 0)
            continue;
        steps++;
        large += added > before / EHR_TABLE_SEGMENTS / 3; /* a quarter of it is added */
    }
    CU_ASSERT_TRUE(steps >= 2 * EHR_TABLE_SEGMENTS);
    CU_ASSERT_EQUAL(large, 0);
    printf(" %zu copies", steps);
    ehr_table_close(&table);
}

static const struct ehr_unit_case cases[] = {
    {"nothing_found_when_empty", nothing_found_when_empty},
    {"every_entry_found_when_the_table_has_grown", every_entry_found_when_the_table_has_grown},
    {"entry_unseen_when_the_replica_is_below_its_height",
     entry_unseen_when_the_replica_is_below_its_height},
    {"first_entry_kept_when_a_key_is_put_again", first_entry_kept_when_a_key_is_put_again},
    {"entries_told_apart_when_their_keys_collide", entries_told_apart_when_their_keys_collide},
    {"forty_bytes_a_label_suffice_when_there_are_a_million",
     forty_bytes_a_label_suffice_when_there_are_a_million},
    {"segments_grow_one_by_one_when_the_table_is_large",
     segments_grow_one_by_one_when_the_table_is_large},
};

EHR_UNIT_CRYPTO_MAIN("contract_table", cases)
