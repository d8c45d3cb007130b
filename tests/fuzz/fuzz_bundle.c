/* Any bytes as a FHIR bundle: either one record at least, whole and readable, or a problem line. */
#include <assert.h>
#include <cjson/cJSON.h>
#include <stdint.h>
#include <string.h>

#include "sim/records/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct ehr_record *record)
{
    assert(record->length == strlen(record->text));
    assert(record->clinical_bytes < record->length && record->resource_count >= 1);
    assert(strlen(record->encounter) <= 64);
    for (size_t i = 0; i < record->keyword_count; i++) {
        assert(strchr(record->keywords[i], ':') != NULL);
        for (size_t j = 0; j < i && i < 64; j++)
            assert(strcmp(record->keywords[i], record->keywords[j]) != 0);
    }
    cJSON *tree = cJSON_ParseWithLength(record->text, record->length);
    assert(tree != NULL);
    cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char lines[512];
    struct ehr_record_errors errors = {.text = lines, .capacity = sizeof(lines)};
    struct ehr_patient_bundle bundle;
    enum ehr_record_status status =
        ehr_record_bundle_parse("fuzz.json", (const char *)data, size, &bundle, &errors);
    if (status == EHR_RECORD_OK) {
        assert(errors.count == 0 && bundle.record_count >= 1);
        for (size_t i = 0; i < bundle.record_count; i++)
            check_record(&bundle.records[i]);
    } else {
        assert(errors.count >= 1 && bundle.record_count == 0 && bundle.records == NULL);
    }
    ehr_record_bundle_close(&bundle);
    return 0;
}
