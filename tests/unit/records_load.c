/* Bundles as records: hand-made ones, malformed ones, and the sample folder where it is there. */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/records/date.h"
#include "sim/records/records.h"
#include "tests/unit/unit.h"

static char messages[4096];

static struct ehr_record_errors no_errors(void)
{
    messages[0] = '\0';
    return (struct ehr_record_errors){.text = messages, .capacity = sizeof(messages)};
}

static const char small[] =
    "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[\n"
    "{\"fullUrl\":\"urn:uuid:p\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p-1\"}},\n"
    "{\"resource\":{\"resourceType\":\"Procedure\",\"encounter\":{\"reference\":\"Encounter/b\"},"
    "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8302-2\"}]}}},\n"
    "{\"fullUrl\":\"urn:uuid:b\",\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"b\","
    "\"class\":{\"code\":\"AMB\"},\"type\":[{\"coding\":[{\"system\":\"http://snomed.info/sct\","
    "\"code\":\"185345009\"},{\"system\":\"http://hl7.org/fhir/sid/icd-10\",\"code\":\"I10\"}]}],"
    "\"period\":{\"start\":\"2020-02-29T23:30:00-01:00\"}}},\n"
    "{\"fullUrl\":\"urn:uuid:a\",\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"a\","
    "\"class\":{\"code\":\"EMER\"},\"period\":{\"start\":\"2020-03-01T00:29:59Z\"}}},\n"
    "{\"resource\":{\"resourceType\":\"Claim\",\"encounter\":{\"reference\":\"urn:uuid:b\"}}},\n"
    "{\"resource\":{\"resourceType\":\"DocumentReference\",\"note\":\"\\u00e9\",\"context\":{"
    "\"encounter\":[{\"reference\":\"urn:uuid:a\"},{\"reference\":\"urn:uuid:b\"},"
    "{\"reference\":\"urn:uuid:a\"}]}}},\n"
    "{\"resource\":{\"resourceType\":\"MedicationAdministration\",\"context\":{\"reference\":"
    "\"urn:uuid:b\"},\"medicationCodeableConcept\":{\"coding\":[{\"code\":\"313782\",\"system\":"
    "\"http://www.nlm.nih.gov/research/umls/rxnorm\"},{\"system\":\"http://loinc.org\",\"code\":"
    "\"8302-2\"}]},\"modality\":{\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"140\"}}}\n"
    "]}\n";

static void records_hold_what_refers_to_them_when_a_bundle_is_parsed(void)
{
    struct ehr_patient_bundle bundle;
    struct ehr_record_errors errors = no_errors();
    CU_ASSERT_EQUAL_FATAL(
        ehr_record_bundle_parse("x.json", small, sizeof(small) - 1, &bundle, &errors),
        EHR_RECORD_OK);
    CU_ASSERT_STRING_EQUAL(bundle.name, "x");
    CU_ASSERT_STRING_EQUAL(bundle.patient, "p-1");
    CU_ASSERT_EQUAL_FATAL(bundle.record_count, 2);
    /* 23:30 at -01:00 is 00:30 UTC the day after: one second later than the other. */
    const struct ehr_record *a = &bundle.records[0], *b = &bundle.records[1];
    CU_ASSERT_STRING_EQUAL(a->encounter, "a");
    CU_ASSERT_EQUAL(b->start_s - a->start_s, 1);
    CU_ASSERT_STRING_EQUAL(b->start, "2020-02-29T23:30:00-01:00");
    CU_ASSERT_STRING_EQUAL(a->class_code, "EMER");
    CU_ASSERT_STRING_EQUAL(
        a->text,
        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
        "{\"fullUrl\":\"urn:uuid:a\",\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"a\","
        "\"class\":{\"code\":\"EMER\"},\"period\":{\"start\":\"2020-03-01T00:29:59Z\"}}},"
        "{\"resource\":{\"resourceType\":\"DocumentReference\",\"note\":\"\xc3\xa9\",\"context\":{"
        "\"encounter\":[{\"reference\":\"urn:uuid:a\"},{\"reference\":\"urn:uuid:b\"},"
        "{\"reference\":\"urn:uuid:a\"}]}}}]}");
    CU_ASSERT_EQUAL(a->keyword_count, 0);
    CU_ASSERT_EQUAL(a->length, strlen(a->text));
    CU_ASSERT_EQUAL(b->resource_count, 4);
    static const char *const keywords[] = {"snomed:185345009", "loinc:8302-2", "rxnorm:313782",
                                           "cvx:140"};
    CU_ASSERT_EQUAL_FATAL(b->keyword_count, 4);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_STRING_EQUAL(b->keywords[i], keywords[i]);
    CU_ASSERT_PTR_NULL(strstr(b->text, "Claim"));
    ehr_record_bundle_close(&bundle);
}

static void everything_but_the_text_is_there_when_a_bundle_is_indexed(void)
{
    struct ehr_patient_bundle whole, index;
    struct ehr_record_errors errors = no_errors();
    CU_ASSERT_EQUAL_FATAL(
        ehr_record_bundle_parse("x.json", small, sizeof(small) - 1, &whole, &errors),
        EHR_RECORD_OK);
    CU_ASSERT_EQUAL_FATAL(
        ehr_record_bundle_index("x.json", small, sizeof(small) - 1, &index, &errors),
        EHR_RECORD_OK);
    CU_ASSERT_STRING_EQUAL(index.patient, whole.patient);
    CU_ASSERT_EQUAL_FATAL(index.record_count, whole.record_count);
    for (size_t i = 0; i < index.record_count; i++) {
        const struct ehr_record *a = &whole.records[i], *b = &index.records[i];
        CU_ASSERT_STRING_EQUAL(b->text, "");
        CU_ASSERT_EQUAL(b->length, 0);
        CU_ASSERT_EQUAL(b->clinical_bytes, 0);
        CU_ASSERT_EQUAL(b->resource_count, a->resource_count);
        CU_ASSERT_EQUAL(b->start_s, a->start_s);
        CU_ASSERT_STRING_EQUAL(b->encounter, a->encounter);
        CU_ASSERT_STRING_EQUAL(b->start, a->start);
        CU_ASSERT_STRING_EQUAL(b->class_code, a->class_code);
        CU_ASSERT_EQUAL_FATAL(b->keyword_count, a->keyword_count);
        for (size_t k = 0; k < a->keyword_count; k++)
            CU_ASSERT_STRING_EQUAL(b->keywords[k], a->keywords[k]);
    }
    ehr_record_bundle_close(&whole);
    ehr_record_bundle_close(&index);
}

static void refuses(const char *text, size_t length, const char *message)
{
    struct ehr_patient_bundle bundle;
    struct ehr_record_errors errors = no_errors();
    CU_ASSERT_EQUAL(ehr_record_bundle_parse("x.json", text, length, &bundle, &errors),
                    EHR_RECORD_BAD_INPUT);
    CU_ASSERT_PTR_NULL(bundle.records);
    CU_ASSERT_STRING_EQUAL(messages, message);
    if (strcmp(messages, message) != 0)
        printf("found:   %swanted: %s", messages, message);
}

static void the_place_is_named_when_input_is_malformed(void)
{
#define REFUSES(text, message) refuses(text, sizeof(text) - 1, message)
    REFUSES("", "x.json:1: JSON text: ends at offset 0: one whole JSON value\n");
    REFUSES("{\"a\":1,\n\"b\" 2}", "x.json:2: JSON text: 0x32 at offset 12: one JSON value\n");
    REFUSES("{} {}", "x.json:1: JSON text: 0x7b at offset 3: one JSON value\n");
    REFUSES("{\n\"a\":\"\xff\"}", "x.json:2: byte at offset 7: 0xff: UTF-8 text\n");
    REFUSES("{\"a\":\"\xc0\xaf\"}", "x.json:1: byte at offset 6: 0xc0: UTF-8 text\n");
    REFUSES("{\"a\":\"b\0\"}", "x.json:1: byte at offset 7: 0x00: UTF-8 text\n");
    REFUSES("{\"a\":\"\\\\\\u0000\"}", "x.json:1: string: \\u0000: any other character\n");
    REFUSES("[1]", "x.json: resourceType: absent: Bundle\n");
    REFUSES("{\"resourceType\":\"Patient\"}", "x.json: resourceType: Patient: Bundle\n");
    REFUSES("{\"resourceType\":\"Bundle\"}", "x.json: entry: absent: an array\n");
    REFUSES("{\"resourceType\":\"Bundle\",\"entry\":{}}",
            "x.json: entry: not an array: an array\n");
    REFUSES("{\"resourceType\":\"Bundle\",\"entry\":[1,null,{\"resource\":[]}]}",
            "x.json: entry: no Encounter: at least one\n");
}

static void every_problem_is_reported_when_several_encounters_are_wrong(void)
{
    REFUSES("{\"resourceType\":\"Bundle\",\"entry\":["
            "{\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"a b\"}},"
            "{\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"c\",\"period\":{\"start\":"
            "\"2021-02-29\"}}},"
            "{\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"d\",\"period\":{\"start\":"
            "\"2021\"}}},"
            "{\"resource\":{\"resourceType\":\"Encounter\",\"id\":\"d\",\"period\":{\"start\":"
            "\"2021\"}}}]}",
            "x.json: entry[0].resource.id: a b: 1 to 64 of A-Z a-z 0-9 - .\n"
            "x.json: entry[0].resource.period.start: absent: a FHIR dateTime\n"
            "x.json: entry[1].resource.period.start: 2021-02-29: a FHIR dateTime\n"
            "x.json: Encounter: Encounter/d twice: distinct id and fullUrl\n");
}

static void lines_are_left_out_whole_when_the_buffer_is_full(void)
{
    char room[40];
    struct ehr_record_errors errors = {.text = room, .capacity = sizeof(room)};
    struct ehr_patient_bundle bundle;
    for (int i = 0; i < 3; i++) /* 37 bytes a line */
        CU_ASSERT_EQUAL(ehr_record_bundle_parse("x.json", "[1]", 3, &bundle, &errors),
                        EHR_RECORD_BAD_INPUT);
    CU_ASSERT_EQUAL(errors.count, 3);
    CU_ASSERT_STRING_EQUAL(room, "x.json: resourceType: absent: Bundle\n");
    struct ehr_record_errors counter = {0};
    CU_ASSERT_EQUAL(ehr_record_bundle_parse("x.json", "[1]", 3, &bundle, &counter),
                    EHR_RECORD_BAD_INPUT);
    CU_ASSERT_EQUAL(counter.count, 1);
}

static void nothing_breaks_when_a_bundle_ends_anywhere(void)
{
    for (size_t length = 0; length + 2 < sizeof(small); length++) {
        struct ehr_patient_bundle bundle;
        struct ehr_record_errors errors = no_errors();
        char *copy = malloc(length + 1); /* exact, so that reading past it is seen */
        memcpy(copy, small, length);
        char *exact = realloc(copy, length > 0 ? length : 1);
        CU_ASSERT_EQUAL(ehr_record_bundle_parse("x", exact, length, &bundle, &errors),
                        EHR_RECORD_BAD_INPUT);
        free(exact);
    }
}

static void seconds_match_hand_counted_ones_when_dates_are_parsed(void)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } dates[] = {{"1970-01-01T00:00:00Z", 0},
                 {"2000-03-01", 951868800},
                 {"2001-09-09T01:46:40.999Z", 1000000000},
                 {"1969-12-31T23:59:59+00:00", -1},
                 {"2015-02-07T13:28:17.239+02:00", 1423308497},
                 {"2016", 1451606400},
                 {"2016-02", 1454284800}};
    static const char *const wrong[] = {"",
                                        "16",
                                        "2016-13",
                                        "2016-00",
                                        "2015-02-29",
                                        "2016-2-3",
                                        "2016-02-03T",
                                        "2016-02-03T10:00",
                                        "2016-02-03T10:00:00",
                                        "2016-02-03T10:00:00+1",
                                        "2016-02-03T24:00:00Z",
                                        "2016-02-03T10:00:00.Z",
                                        "2016-02-03T10:00:00Zx",
                                        "0000",
                                        "2016-"};
    int64_t seconds;
    char text[EHR_RECORD_DATE_BYTES];
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        CU_ASSERT_TRUE(ehr_record_date_parse(dates[i].text, &seconds));
        CU_ASSERT_EQUAL(seconds, dates[i].seconds);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CU_ASSERT_FALSE(ehr_record_date_parse(wrong[i], &seconds));
    ehr_record_date_format(1423308497, text);
    CU_ASSERT_STRING_EQUAL(text, "2015-02-07T11:28:17+00:00");
    bool same = true;
    for (int64_t at = -62135596800; at < 253402300800; at += 86400 * 61 + 3607) { /* years 1-9999 */
        ehr_record_date_format(at, text);
        same = same && ehr_record_date_parse(text, &seconds) && seconds == at;
    }
    CU_ASSERT_TRUE(same);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static void remove_file(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    remove(path);
}

static void a_folder_is_loaded_by_name_when_it_holds_bundles(void)
{
    char folder[] = "/tmp/ehr-records-XXXXXX", wanted[512];
    struct ehr_record_set set;
    struct ehr_record_errors errors = no_errors();
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    CU_ASSERT_EQUAL(ehr_record_set_load(folder, &set, &errors), EHR_RECORD_BAD_INPUT);
    snprintf(wanted, sizeof(wanted), "%s: *.json: no file: at least one FHIR R4 bundle\n", folder);
    CU_ASSERT_STRING_EQUAL(messages, wanted);

    write_file(folder, "b.json", small);
    write_file(folder, "B.json", small);
    write_file(folder, ".hidden.json", "x");
    write_file(folder, "notes.txt", "x");
    errors = no_errors();
    CU_ASSERT_EQUAL_FATAL(ehr_record_set_load(folder, &set, &errors), EHR_RECORD_OK);
    CU_ASSERT_EQUAL(set.bundle_count, 2);
    CU_ASSERT_STRING_EQUAL(set.bundles[0].name, "B");
    ehr_record_set_close(&set);

    write_file(folder, "a.json", "{");
    write_file(folder, "c.json", "[]");
    errors = no_errors();
    CU_ASSERT_EQUAL(ehr_record_set_load(folder, &set, &errors), EHR_RECORD_BAD_INPUT);
    CU_ASSERT_EQUAL(set.bundle_count, 0);
    snprintf(wanted, sizeof(wanted),
             "%s/a.json:1: JSON text: ends at offset 1: one whole JSON value\n"
             "%s/c.json: resourceType: absent: Bundle\n",
             folder, folder);
    CU_ASSERT_STRING_EQUAL(messages, wanted);
    static const char *const names[] = {"a.json", "b.json",       "B.json",
                                        "c.json", ".hidden.json", "notes.txt"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        remove_file(folder, names[i]);
    rmdir(folder);
    errors = no_errors();
    CU_ASSERT_EQUAL(ehr_record_set_load(folder, &set, &errors), EHR_RECORD_BAD_INPUT);
    CU_ASSERT_EQUAL(errors.count, 1);
    ehr_record_set_close(&set);
    ehr_record_set_close(NULL);
}

/* Folder of the samples below $EHRGRID_DATA, or false after saying that the case is skipped. */
static bool find_samples(char folder[512])
{
    const char *data = getenv("EHRGRID_DATA");
    snprintf(folder, 512, "%s/fhir", data == NULL ? "../shared/data" : data);
    if (access(folder, R_OK) == 0)
        return true;
    printf("skipped: no %s ", folder);
    return false;
}

/* encounters.csv: class,start,end,resources,clinical_bytes,financial_bytes,zlib,distinct_codes. Its
 * sizes come from another JSON printer: numbers differ in digits, up to 2 bytes an Observation. */
static bool is_in_table(const char *table, const struct ehr_record *record)
{
    char key[80];
    int length = snprintf(key, sizeof(key), "\n%s,%s,", record->class_code, record->start);
    for (const char *at = strstr(table, key); at != NULL; at = strstr(at + 1, key)) {
        size_t resources, bytes, codes;
        if (sscanf(at + length, "%*[^,],%zu,%zu,%*u,%*u,%zu", &resources, &bytes, &codes) != 3)
            continue;
        size_t distance = bytes > record->clinical_bytes ? bytes - record->clinical_bytes
                                                         : record->clinical_bytes - bytes;
        if (resources == record->resource_count && codes == record->keyword_count &&
            distance <= 2 * resources)
            return true;
    }
    printf("%s %s: %zu bytes, %zu codes\n", record->encounter, record->start,
           record->clinical_bytes, record->keyword_count);
    return false;
}

static char *read_text(const char *folder, const char *name)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    char *text = malloc(4000000);
    size_t length = fread(text, 1, 3999999, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static void samples_have_the_measured_sizes_and_codes_when_loaded(void)
{
    char folder[512];
    if (!find_samples(folder))
        return;
    struct ehr_record_set set;
    struct ehr_record_errors errors = no_errors();
    CU_ASSERT_EQUAL_FATAL(ehr_record_set_load(folder, &set, &errors), EHR_RECORD_OK);
    CU_ASSERT_EQUAL(set.bundle_count, 10);
    char *table = read_text(folder, "encounters.csv");
    size_t total = 0;
    for (size_t i = 0; i < set.bundle_count; i++) {
        const struct ehr_patient_bundle *bundle = &set.bundles[i];
        size_t number, encounters; /* the file name says how many there are, as MANIFEST.csv */
        CU_ASSERT_EQUAL(sscanf(bundle->name, "bundle-%zu-%zuenc", &number, &encounters), 2);
        CU_ASSERT_EQUAL(bundle->record_count, encounters);
        for (size_t j = 0; j < bundle->record_count; j++) {
            const struct ehr_record *record = &bundle->records[j];
            CU_ASSERT_TRUE(is_in_table(table, record));
            CU_ASSERT_TRUE(j == 0 || bundle->records[j - 1].start_s <= record->start_s);
            cJSON *tree = cJSON_Parse(record->text);
            char *again = cJSON_PrintUnformatted(tree);
            CU_ASSERT_STRING_EQUAL(again, record->text);
            cJSON_free(again);
            cJSON_Delete(tree);
            total++;
        }
    }
    CU_ASSERT_EQUAL(total, 214);
    free(table);
    ehr_record_set_close(&set);
}

/* bundle-03-12enc.json, read by eye: a visit for a sore throat with a temperature and a culture. */
static void keywords_are_those_read_by_hand_when_an_encounter_is_loaded(void)
{
    static const char *const keywords[] = {"snomed:185345009", "snomed:195662009", "loinc:8331-1",
                                           "snomed:117015009"};
    char folder[512];
    if (!find_samples(folder))
        return;
    struct ehr_patient_bundle bundle;
    struct ehr_record_errors errors = no_errors();
    char *text = read_text(folder, "bundle-03-12enc.json");
    CU_ASSERT_EQUAL_FATAL(
        ehr_record_bundle_parse("bundle-03-12enc.json", text, strlen(text), &bundle, &errors),
        EHR_RECORD_OK);
    free(text);
    CU_ASSERT_STRING_EQUAL(bundle.patient, "60319ca6-f8b8-49a2-8abf-7ca0065a21d4");
    const struct ehr_record *found = NULL;
    for (size_t i = 0; i < bundle.record_count; i++)
        if (strcmp(bundle.records[i].encounter, "892096cc-a673-4c7a-92f1-696aeeab340d") == 0)
            found = &bundle.records[i];
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_STRING_EQUAL(found->start, "2011-09-04T10:35:11+00:00");
    CU_ASSERT_EQUAL(found->start_s, 1315132511);
    CU_ASSERT_EQUAL(found->resource_count, 4);
    CU_ASSERT_EQUAL_FATAL(found->keyword_count, 4);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_STRING_EQUAL(found->keywords[i], keywords[i]);
    ehr_record_bundle_close(&bundle);
}

static const struct ehr_unit_case cases[] = {
    {"records_hold_what_refers_to_them_when_a_bundle_is_parsed",
     records_hold_what_refers_to_them_when_a_bundle_is_parsed},
    {"everything_but_the_text_is_there_when_a_bundle_is_indexed",
     everything_but_the_text_is_there_when_a_bundle_is_indexed},
    {"the_place_is_named_when_input_is_malformed", the_place_is_named_when_input_is_malformed},
    {"every_problem_is_reported_when_several_encounters_are_wrong",
     every_problem_is_reported_when_several_encounters_are_wrong},
    {"lines_are_left_out_whole_when_the_buffer_is_full",
     lines_are_left_out_whole_when_the_buffer_is_full},
    {"nothing_breaks_when_a_bundle_ends_anywhere", nothing_breaks_when_a_bundle_ends_anywhere},
    {"seconds_match_hand_counted_ones_when_dates_are_parsed",
     seconds_match_hand_counted_ones_when_dates_are_parsed},
    {"a_folder_is_loaded_by_name_when_it_holds_bundles",
     a_folder_is_loaded_by_name_when_it_holds_bundles},
    {"samples_have_the_measured_sizes_and_codes_when_loaded",
     samples_have_the_measured_sizes_and_codes_when_loaded},
    {"keywords_are_those_read_by_hand_when_an_encounter_is_loaded",
     keywords_are_those_read_by_hand_when_an_encounter_is_loaded},
};

EHR_UNIT_MAIN("records load", cases)
