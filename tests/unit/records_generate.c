/* Synthetic records: distributions, structure by R4, repeatability. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/records/generate.h"
#include "sim/records/vocabulary.h"
#include "tests/unit/unit.h"

#define SAMPLES     20000
#define FINGERPRINT UINT64_C(0x7f5d82ca39827c38)
#ifdef EHR_SANITIZED
#define CHECKED 2000 /* parsing is slow under the sanitizers */
#else
#define CHECKED SAMPLES
#endif

static struct ehr_record_source source_of(uint64_t seed)
{
    struct ehr_stream_splitmix stream;
    struct ehr_record_source source;
    ehr_stream_splitmix_init(&stream, seed);
    ehr_record_source_init(&source, &stream.stream);
    return source;
}

static const char *string_at(const cJSON *object, const char *member)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
}

static const cJSON *entry_with_url(const cJSON *entries, const char *url)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry,
                       entries) if (strcmp(string_at(entry, "fullUrl"), url) == 0) return entry;
    return NULL;
}

/* Every "reference": the patient outside the record, or an entry. Every keyword once at least. */
static bool check_tree(const cJSON *item, const cJSON *entries, const struct ehr_record *record,
                       bool *seen)
{
    static const char *const systems[][2] = {
        {"http://snomed.info/sct", "snomed"},
        {"http://loinc.org", "loinc"},
        {"http://www.nlm.nih.gov/research/umls/rxnorm", "rxnorm"},
        {"http://hl7.org/fhir/sid/cvx", "cvx"}};
    const char *reference = string_at(item, "reference");
    if (reference != NULL && strncmp(reference, "https://ehr.example/Patient/", 28) != 0 &&
        entry_with_url(entries, reference) == NULL)
        return false;
    const char *system = string_at(item, "system"), *code = string_at(item, "code");
    for (size_t i = 0; system != NULL && code != NULL && i < 4; i++) {
        if (strcmp(system, systems[i][0]) != 0)
            continue;
        char keyword[64];
        snprintf(keyword, sizeof(keyword), "%s:%s", systems[i][1], code);
        size_t k = 0;
        while (k < record->keyword_count && strcmp(record->keywords[k], keyword) != 0)
            k++;
        /* In order of first appearance: all before it were seen. */
        if (k == record->keyword_count || (!seen[k] && k > 0 && !seen[k - 1]))
            return false;
        seen[k] = true;
    }
    const cJSON *child;
    cJSON_ArrayForEach(child, item) if (!check_tree(child, entries, record, seen)) return false;
    return true;
}

/* Elements that R4 requires of each resource written here (cardinality 1..*). */
static bool has_required(const cJSON *resource, const char *patient)
{
    static const struct {
        const char *type;
        const char *members[6];
    } required[] = {
        {"Encounter", {"id", "status", "class", "subject", "period"}},
        {"Condition", {"id", "clinicalStatus", "subject", "encounter", "code"}},
        {"Procedure", {"id", "status", "subject", "encounter", "code"}},
        {"MedicationRequest",
         {"id", "status", "intent", "medicationCodeableConcept", "subject", "encounter"}},
        {"Immunization", {"id", "status", "vaccineCode", "patient", "occurrenceDateTime"}},
        {"Observation", {"id", "status", "category", "code", "subject", "encounter"}},
        {"DiagnosticReport", {"id", "status", "code", "subject", "encounter", "result"}},
        {"Media", {"id", "status", "subject", "encounter", "content"}},
    };
    const char *type = string_at(resource, "resourceType");
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (strcmp(type, required[i].type) != 0)
            continue;
        for (size_t j = 0; j < 6 && required[i].members[j] != NULL; j++)
            if (!cJSON_HasObjectItem(resource, required[i].members[j]))
                return false;
        const cJSON *subject = cJSON_GetObjectItemCaseSensitive(
            resource, strcmp(type, "Immunization") == 0 ? "patient" : "subject");
        if (strcmp(string_at(subject, "reference"), patient) != 0)
            return false;
        /* obs-6 and obs-7: a value or components, here exactly one of them. */
        return strcmp(type, "Observation") != 0 || cJSON_HasObjectItem(resource, "valueQuantity") !=
                                                       cJSON_HasObjectItem(resource, "component");
    }
    return false;
}

static bool is_sound(const struct ehr_record *record)
{
    cJSON *root = cJSON_ParseWithLength(record->text, record->length);
    const cJSON *entries = cJSON_GetObjectItemCaseSensitive(root, "entry"), *entry;
    const cJSON *first =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(entries, 0), "resource");
    bool ok = root != NULL && strcmp(string_at(root, "type"), "collection") == 0 &&
              strcmp(string_at(first, "resourceType"), "Encounter") == 0 &&
              strcmp(string_at(first, "id"), record->encounter) == 0;
    const char *patient =
        string_at(cJSON_GetObjectItemCaseSensitive(first, "subject"), "reference");
    size_t count = 0;
    cJSON_ArrayForEach(entry, entries)
    {
        const cJSON *resource = cJSON_GetObjectItemCaseSensitive(entry, "resource");
        const char *url = string_at(entry, "fullUrl");
        ok = ok && strncmp(url, "urn:uuid:", 9) == 0 &&
             strcmp(url + 9, string_at(resource, "id")) == 0 &&
             entry_with_url(entries, url) == entry && has_required(resource, patient);
        count++;
    }
    bool seen[EHR_RECORD_CODES_MAX] = {false};
    ok = ok && count == record->resource_count && check_tree(root, entries, record, seen);
    for (size_t i = 0; i < record->keyword_count; i++)
        ok = ok && seen[i];
    char *again = cJSON_PrintUnformatted(root);
    ok = ok && strcmp(again, record->text) == 0;
    cJSON_free(again);
    cJSON_Delete(root);
    return ok;
}

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Tolerance of a size quantile: 3 standard errors of an order statistic at n = 20,000 are 0.011 in
 * rank at the median; sizes grow by 1.076 * 2.5 * 0.011 = 3 % there, and 8 % at the 99th. */
static void quantiles_match_the_measured_ones_when_many_records_are_made(void)
{
    static size_t sizes[SAMPLES], codes[SAMPLES];
    struct ehr_record_source source = source_of(42);
    bool sound = true;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct ehr_record record;
        CU_ASSERT_EQUAL_FATAL(ehr_record_generate(&source, i / 10, i % 10, &record), EHR_RECORD_OK);
        sizes[i] = record.clinical_bytes;
        codes[i] = record.keyword_count;
        if (i < CHECKED && !is_sound(&record)) {
            printf("patient %zu visit %zu: %s\n", i / 10, i % 10, record.text);
            sound = false;
        }
        ehr_record_close(&record);
    }
    CU_ASSERT_TRUE(sound);
    qsort(sizes, SAMPLES, sizeof(sizes[0]), compare_sizes);
    qsort(codes, SAMPLES, sizeof(codes[0]), compare_sizes);
    /* exp(8.230 + 1.076 z) for z of the standard normal, by hand. */
    static const struct {
        double rank, size, size_tolerance, codes, codes_tolerance;
    } known[] = {{0.25, 1816.5, 0.04, 2, 0},
                 {0.50, 3751.8, 0.04, 5, 0},
                 {0.75, 7752.1, 0.04, 13, 1},
                 {0.90, 14896, 0.05, 25, 1},
                 {0.99, 45851, 0.09, 38, 2}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t at = (size_t)(known[i].rank * SAMPLES);
        CU_ASSERT_DOUBLE_EQUAL((double)sizes[at] / known[i].size, 1.0, known[i].size_tolerance);
        CU_ASSERT_DOUBLE_EQUAL((double)codes[at], known[i].codes, known[i].codes_tolerance);
    }
    CU_ASSERT_EQUAL(sizes[0], EHR_RECORD_SIZE_MIN);
    CU_ASSERT_EQUAL(codes[0], 1);
    CU_ASSERT(codes[SAMPLES - 1] <= EHR_RECORD_CODES_MAX && codes[SAMPLES - 1] >= 70);
}

static void quantile_functions_hit_their_corners_when_asked(void)
{
    CU_ASSERT_EQUAL(ehr_record_size_quantile(0.5), 3752); /* exp 8.230 = 3751.8 */
    CU_ASSERT_EQUAL(ehr_record_size_quantile(1e-9), EHR_RECORD_SIZE_MIN);
    CU_ASSERT_EQUAL(ehr_record_size_quantile(1 - 1e-12), EHR_RECORD_SIZE_MAX);
    CU_ASSERT_EQUAL(ehr_record_codes_quantile(0), 1);
    CU_ASSERT_EQUAL(ehr_record_codes_quantile(0.25), 2);
    CU_ASSERT_EQUAL(ehr_record_codes_quantile(0.5), 5);
    CU_ASSERT_EQUAL(ehr_record_codes_quantile(0.75), 13);
    CU_ASSERT_EQUAL(ehr_record_codes_quantile(0.9), 25);
    CU_ASSERT_EQUAL(ehr_record_codes_quantile(0.99), 38);
    CU_ASSERT_EQUAL(ehr_record_codes_quantile(1 - 0x1p-53), 73);
}

static uint64_t fingerprint(const struct ehr_record_source *source, bool backwards)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < 500; i++) {
        uint64_t which = backwards ? 499 - i : i;
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        struct ehr_record record;
        CU_ASSERT_EQUAL_FATAL(ehr_record_generate(source, which / 5, which % 5, &record),
                              EHR_RECORD_OK);
        for (size_t j = 0; j < record.length; j++)
            hash = (hash ^ (unsigned char)record.text[j]) * UINT64_C(0x100000001b3);
        sum += hash * (2 * which + 1);
        ehr_record_close(&record);
    }
    return sum;
}

/* The pinned value holds for every compiler and every level of optimisation. */
static void bytes_are_the_same_when_the_seed_is_the_same(void)
{
    struct ehr_record_source a = source_of(42), b = source_of(42), c = source_of(43);
    uint64_t found = fingerprint(&a, false);
    CU_ASSERT_EQUAL(found, FINGERPRINT);
    if (found != FINGERPRINT)
        printf("found 0x%016llx\n", (unsigned long long)found);
    CU_ASSERT_EQUAL(fingerprint(&b, true), found);
    CU_ASSERT_NOT_EQUAL(fingerprint(&c, false), found);
}

static void visits_follow_each_other_when_their_numbers_do(void)
{
    struct ehr_record_source source = source_of(5);
    int64_t last = INT64_MIN;
    for (uint64_t visit = 0; visit < 400; visit++) {
        struct ehr_record record;
        CU_ASSERT_EQUAL_FATAL(ehr_record_generate(&source, 3, visit, &record), EHR_RECORD_OK);
        CU_ASSERT_TRUE(record.start_s >= last);
        last = record.start_s;
        ehr_record_close(&record);
    }
    struct ehr_record record;
    CU_ASSERT_EQUAL_FATAL(ehr_record_generate(&source, 3, EHR_RECORD_VISITS_LIMIT - 1, &record),
                          EHR_RECORD_OK);
    CU_ASSERT_EQUAL(strlen(record.start), 25);
    ehr_record_close(&record);
}

/* The loader makes the same record of a generated one: text, keywords, facts. */
static void the_loader_gives_it_back_when_a_record_is_a_file(void)
{
    struct ehr_record_source source = source_of(9);
    for (uint64_t patient = 0; patient < 200; patient++) {
        struct ehr_record record;
        struct ehr_patient_bundle bundle;
        struct ehr_record_errors errors = {0};
        CU_ASSERT_EQUAL_FATAL(ehr_record_generate(&source, patient, 1, &record), EHR_RECORD_OK);
        CU_ASSERT_EQUAL_FATAL(
            ehr_record_bundle_parse("x.json", record.text, record.length, &bundle, &errors),
            EHR_RECORD_OK);
        CU_ASSERT_EQUAL_FATAL(bundle.record_count, 1);
        const struct ehr_record *loaded = &bundle.records[0];
        CU_ASSERT_STRING_EQUAL(loaded->text, record.text);
        CU_ASSERT_EQUAL(loaded->clinical_bytes, record.clinical_bytes);
        CU_ASSERT_EQUAL(loaded->start_s, record.start_s);
        CU_ASSERT_STRING_EQUAL(loaded->class_code, record.class_code);
        CU_ASSERT_EQUAL_FATAL(loaded->keyword_count, record.keyword_count);
        for (size_t i = 0; i < record.keyword_count; i++)
            CU_ASSERT_STRING_EQUAL(loaded->keywords[i], record.keywords[i]);
        ehr_record_bundle_close(&bundle);
        ehr_record_close(&record);
    }
}

/* 10,000 bytes are 3334 groups of three: 13,336 characters of base64. */
static void an_image_follows_when_it_is_asked_for(void)
{
    struct ehr_record_source bare = source_of(12), with = source_of(12);
    with.attachment_bytes = 10000;
    for (uint64_t patient = 0; patient < 50; patient++) {
        struct ehr_record a, b;
        CU_ASSERT_EQUAL_FATAL(ehr_record_generate(&bare, patient, 0, &a), EHR_RECORD_OK);
        CU_ASSERT_EQUAL_FATAL(ehr_record_generate(&with, patient, 0, &b), EHR_RECORD_OK);
        size_t closing = strlen("]}");
        CU_ASSERT_TRUE_FATAL(b.length > a.length + 13336);
        CU_ASSERT_EQUAL(memcmp(a.text, b.text, a.length - closing), 0);
        CU_ASSERT_EQUAL(b.resource_count, a.resource_count + 1);
        CU_ASSERT_EQUAL(b.keyword_count, a.keyword_count);
        CU_ASSERT_TRUE(is_sound(&b));
        const char *data = strstr(b.text, "\"data\":\"");
        CU_ASSERT_PTR_NOT_NULL_FATAL(data);
        CU_ASSERT_EQUAL(strspn(data + 8, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789+/"),
                        13336);
        ehr_record_close(&a);
        ehr_record_close(&b);
    }
}

static void patients_share_keywords_when_there_are_many(void)
{
    struct ehr_record_source source = source_of(11);
    size_t with = 0;
    for (uint64_t patient = 0; patient < 1000; patient++) {
        struct ehr_record record;
        CU_ASSERT_EQUAL_FATAL(ehr_record_generate(&source, patient, 0, &record), EHR_RECORD_OK);
        for (size_t i = 0; i < record.keyword_count; i++)
            with += strcmp(record.keywords[i], "loinc:8480-6") == 0;
        ehr_record_close(&record);
    }
    CU_ASSERT(with > 200 && with < 800); /* systolic pressure: every long visit */
}

/* ISO 7064-like check digits: LOINC by modulus 10 (Luhn), SNOMED CT by Verhoeff. */
static bool luhn_holds(const char *code)
{
    int sum = 0, place = 0;
    for (size_t i = strlen(code); i-- > 0;) {
        if (code[i] == '-')
            continue;
        int digit = (code[i] - '0') * (place % 2 == 0 ? 1 : 2);
        sum += digit / 10 + digit % 10;
        place++;
    }
    return sum % 10 == 0;
}

/* Products in the dihedral group of order 10: digits 0-4 rotate, 5-9 reflect. */
static int dihedral(int a, int b)
{
    int rotation = a < 5 ? a + b % 5 : a - b % 5 + 5;
    return rotation % 5 + ((a < 5) == (b < 5) ? 0 : 5);
}

static bool verhoeff_holds(const char *code)
{
    static const int step[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    int check = 0, place = 0;
    for (size_t i = strlen(code); i-- > 0; place++) {
        int digit = code[i] - '0';
        for (int k = 0; k < place % 8; k++)
            digit = step[digit];
        check = dihedral(check, digit);
    }
    return check == 0;
}

static void check_digits_hold_when_codes_have_them(void)
{
    static const char *seen[256];
    size_t total = 0;
    CU_ASSERT_TRUE(luhn_holds("8480-6") && !luhn_holds("8480-7"));
    CU_ASSERT_TRUE(verhoeff_holds("44054006") && !verhoeff_holds("44054060"));
    for (int kind = EHR_RECORD_KIND_AMBULATORY; kind <= EHR_RECORD_KIND_LAST; kind++) {
        size_t count;
        const struct ehr_record_concept *concepts =
            ehr_record_vocabulary((enum ehr_record_kind)kind, &count);
        enum ehr_record_system system = ehr_record_kind_system((enum ehr_record_kind)kind);
        for (size_t i = 0; i < count; i++) {
            const char *code = concepts[i].code;
            if (system == EHR_RECORD_SYSTEM_SNOMED)
                CU_ASSERT_TRUE(verhoeff_holds(code));
            if (system == EHR_RECORD_SYSTEM_LOINC)
                CU_ASSERT_TRUE(luhn_holds(code));
            CU_ASSERT_PTR_NULL(strpbrk(concepts[i].display, "\"\\<>&"));
            for (size_t j = 0; j < total; j++)
                CU_ASSERT_STRING_NOT_EQUAL(seen[j], code);
            seen[total++] = code;
        }
    }
    CU_ASSERT(total >= 120);
}

static const struct ehr_unit_case cases[] = {
    {"quantile_functions_hit_their_corners_when_asked",
     quantile_functions_hit_their_corners_when_asked},
    {"quantiles_match_the_measured_ones_when_many_records_are_made",
     quantiles_match_the_measured_ones_when_many_records_are_made},
    {"bytes_are_the_same_when_the_seed_is_the_same", bytes_are_the_same_when_the_seed_is_the_same},
    {"visits_follow_each_other_when_their_numbers_do",
     visits_follow_each_other_when_their_numbers_do},
    {"the_loader_gives_it_back_when_a_record_is_a_file",
     the_loader_gives_it_back_when_a_record_is_a_file},
    {"an_image_follows_when_it_is_asked_for", an_image_follows_when_it_is_asked_for},
    {"patients_share_keywords_when_there_are_many", patients_share_keywords_when_there_are_many},
    {"check_digits_hold_when_codes_have_them", check_digits_hold_when_codes_have_them},
};

EHR_UNIT_MAIN("records generate", cases)
