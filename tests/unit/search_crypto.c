/* What a trapdoor matches, by tag and by label, and conjunctions of such sets. */
#include <string.h>

#include "crypto/conjunction.h"
#include "crypto/drbg.h"
#include "tests/unit/unit.h"

enum { RECORDS = 12, NKW = 8, COUNT_MAX = RECORDS };

struct index {
    struct ehr_drbg drbg;
    uint8_t labels[RECORDS][NKW * EHR_INDEX_LABEL_BYTES];
    struct ehr_scan_entry records[RECORDS];
};

/* Records with random pseudonyms and nothing but padding. */
static void index_open(struct index *index)
{
    ehr_crypto_init();
    ehr_drbg_init(&index->drbg, 3, 0, "search", EHR_DRBG_CRYPTO);
    for (size_t i = 0; i < RECORDS; i++) {
        ehr_rng_fill(&index->drbg.rng, index->labels[i], sizeof index->labels[i]);
        ehr_rng_fill(&index->drbg.rng, index->records[i].P, 32);
        index->records[i].labels = index->labels[i];
        index->records[i].nkw = NKW;
    }
}

/* Puts a label into a place of a record. */
static void put(struct index *index, size_t record, size_t place,
                const uint8_t label[EHR_INDEX_LABEL_BYTES])
{
    memcpy(index->labels[record] + EHR_INDEX_LABEL_BYTES * place, label, EHR_INDEX_LABEL_BYTES);
}

static void put_tag(struct index *index, size_t record, size_t place, const uint8_t T[32])
{
    uint8_t tag[EHR_INDEX_LABEL_BYTES];
    ehr_index_tag(tag, T, index->records[record].P);
    put(index, record, place, tag);
}

static void put_label(struct index *index, size_t record, size_t place, const uint8_t T[32],
                      uint32_t counter)
{
    uint8_t label[EHR_INDEX_LABEL_BYTES];
    ehr_index_label(label, T, counter);
    put(index, record, place, label);
}

/* Whether `set` holds exactly the records in `text`: one digit (base 36) each. */
static bool is(const bool *set, size_t count, const char *text)
{
    bool expected[COUNT_MAX] = {false};
    for (; *text != '\0'; text++)
        expected[*text <= '9' ? *text - '0' : *text - 'a' + 10] = true;
    return memcmp(set, expected, count * sizeof *set) == 0;
}

/* ---- tags ---- */

/* ehr_index_tag hashes everything anew; known answers hold it to the specification. */
static void tag_equals_the_definition_when_the_state_is_copied(void)
{
    struct index index;
    struct ehr_scan scan;
    const uint8_t T[32] = {7};
    index_open(&index);
    ehr_scan_open(&scan, T);
    for (size_t i = 0; i < RECORDS; i++) {
        uint8_t tag[EHR_INDEX_LABEL_BYTES], expected[EHR_INDEX_LABEL_BYTES];
        ehr_index_tag(expected, T, index.records[i].P);
        for (int again = 0; again < 2; again++) { /* a copy leaves the state as it was */
            ehr_scan_tag(tag, &scan, index.records[i].P);
            CU_ASSERT_EQUAL(memcmp(tag, expected, sizeof tag), 0);
        }
    }
    ehr_scan_close(&scan);
    const struct ehr_scan zero = {{0}};
    CU_ASSERT_EQUAL(memcmp(&scan, &zero, sizeof scan), 0);
}

static void every_record_found_once_when_scanned(void)
{
    struct index index;
    struct ehr_scan scan;
    const uint8_t T[32] = {1}, other[32] = {2};
    index_open(&index);
    put_tag(&index, 0, 0, T);
    put_tag(&index, 3, 7, T);
    put_tag(&index, 4, 2, other);
    put_tag(&index, 11, 5, T);
    ehr_scan_open(&scan, T);
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 0, RECORDS), 0);
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 1, RECORDS), 3);
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 4, RECORDS), 11);
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 4, 11), 11); /* beyond what is seen */
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 12, RECORDS), RECORDS);
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, NULL, 0, 0), 0);
    index.records[3].nkw = 7; /* the tag lies behind its labels */
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 1, RECORDS), 11);
    ehr_scan_close(&scan);
}

/* The tag of one record in another: copied by somebody else, it matches nothing. */
static void nothing_found_when_a_tag_is_of_another_pseudonym(void)
{
    struct index index;
    struct ehr_scan scan;
    const uint8_t T[32] = {1};
    uint8_t tag[EHR_INDEX_LABEL_BYTES];
    index_open(&index);
    ehr_index_tag(tag, T, index.records[2].P);
    put(&index, 5, 0, tag);
    ehr_scan_open(&scan, T);
    CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 0, RECORDS), RECORDS);
    for (size_t bit = 0; bit < 8 * EHR_INDEX_LABEL_BYTES; bit++) { /* all but one bit right */
        memcpy(index.labels[2], tag, sizeof tag);
        index.labels[2][bit / 8] = (uint8_t)(tag[bit / 8] ^ 1u << bit % 8);
        CU_ASSERT_EQUAL(ehr_scan_next(&scan, index.records, 0, RECORDS), RECORDS);
    }
    ehr_scan_close(&scan);
}

/* ---- result sets ---- */

static void set_ends_at_the_gap_when_labels_are_missing(void)
{
    struct index index;
    const uint8_t T[32] = {9};
    bool set[RECORDS];
    index_open(&index);
    CU_ASSERT_EQUAL(ehr_conjunction_set_dictionary(set, T, index.records, RECORDS), 4);
    CU_ASSERT_TRUE(is(set, RECORDS, ""));
    put_label(&index, 8, 1, T, 0);
    put_label(&index, 2, 3, T, 1);
    put_label(&index, 5, 0, T, 5);  /* after a gap of three */
    put_label(&index, 6, 0, T, 10); /* after a gap of four */
    CU_ASSERT_EQUAL(ehr_conjunction_set_dictionary(set, T, index.records, RECORDS), 10);
    CU_ASSERT_TRUE(is(set, RECORDS, "258"));
    put_label(&index, 5, 1, T, 6); /* two labels of one trapdoor in a record count once */
    CU_ASSERT_EQUAL(ehr_conjunction_set_dictionary(set, T, index.records, RECORDS), 15);
    CU_ASSERT_TRUE(is(set, RECORDS, "2568"));
    CU_ASSERT_EQUAL(ehr_conjunction_set_dictionary(set, T, NULL, 0), 4);
}

static void set_holds_the_tagged_when_scanned(void)
{
    struct index index;
    const uint8_t T[32] = {9};
    bool set[RECORDS];
    index_open(&index);
    put_tag(&index, 1, 1, T);
    put_tag(&index, 10, 6, T);
    CU_ASSERT_EQUAL(ehr_conjunction_set_scan(set, T, index.records, RECORDS), RECORDS);
    CU_ASSERT_TRUE(is(set, RECORDS, "1a"));
    CU_ASSERT_EQUAL(ehr_conjunction_set_scan(set, T, NULL, 0), 0);
}

/* ---- conjunctions of sets made by hand ---- */

enum { SET = 6 };

static bool yields(size_t groups, size_t terms, const char *const *sets, const char *expected)
{
    bool flags[6 * SET] = {false}, result[SET];
    for (size_t s = 0; s < groups * terms; s++)
        for (const char *at = sets[s]; *at != '\0'; at++)
            flags[s * SET + (size_t)(*at - '0')] = true;
    ehr_conjunction_result(result, flags, groups, terms, SET);
    return is(result, SET, expected);
}

static void intersection_taken_when_a_group_has_terms(void)
{
    CU_ASSERT_TRUE(yields(1, 2, (const char *[]){"0134", "1245"}, "14"));
    CU_ASSERT_TRUE(yields(1, 3, (const char *[]){"0134", "1245", "4"}, "4"));
    CU_ASSERT_TRUE(yields(1, 2, (const char *[]){"012", "345"}, ""));
    CU_ASSERT_TRUE(yields(1, 2, (const char *[]){"012345", ""}, ""));
    CU_ASSERT_TRUE(yields(1, 2, (const char *[]){"012345", "012345"}, "012345"));
}

static void union_taken_when_there_are_groups(void)
{
    CU_ASSERT_TRUE(yields(2, 1, (const char *[]){"01", "35"}, "0135"));
    CU_ASSERT_TRUE(yields(1, 1, (const char *[]){"24"}, "24"));
    CU_ASSERT_TRUE(yields(0, 1, NULL, ""));
}

/* One keyword from each of two doctors is no conjunction: the groups are doctors. */
static void groups_kept_apart_when_each_has_one_of_the_terms(void)
{
    CU_ASSERT_TRUE(yields(2, 2, (const char *[]){"03", "1", "2", "03"}, ""));
    CU_ASSERT_TRUE(yields(2, 2, (const char *[]){"03", "31", "25", "05"}, "35"));
    CU_ASSERT_TRUE(yields(3, 2, (const char *[]){"0", "0", "1", "1", "0", "1"}, "01"));
}

static const struct ehr_unit_case cases[] = {
    {"tag_equals_the_definition_when_the_state_is_copied",
     tag_equals_the_definition_when_the_state_is_copied},
    {"every_record_found_once_when_scanned", every_record_found_once_when_scanned},
    {"nothing_found_when_a_tag_is_of_another_pseudonym",
     nothing_found_when_a_tag_is_of_another_pseudonym},
    {"set_ends_at_the_gap_when_labels_are_missing", set_ends_at_the_gap_when_labels_are_missing},
    {"set_holds_the_tagged_when_scanned", set_holds_the_tagged_when_scanned},
    {"intersection_taken_when_a_group_has_terms", intersection_taken_when_a_group_has_terms},
    {"union_taken_when_there_are_groups", union_taken_when_there_are_groups},
    {"groups_kept_apart_when_each_has_one_of_the_terms",
     groups_kept_apart_when_each_has_one_of_the_terms},
};

EHR_UNIT_MAIN("search_crypto", cases)
