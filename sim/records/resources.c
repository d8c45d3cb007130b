#include "sim/records/resources.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PUT(writer, ...)                                                                           \
    ehr_record_text_strings(&(writer)->text, (const char *const[]){__VA_ARGS__, NULL})

#define TERMINOLOGY "http://terminology.hl7.org/CodeSystem/"

void ehr_record_text_strings(struct ehr_record_text *text, const char *const strings[])
{
    for (size_t i = 0; strings[i] != NULL; i++)
        ehr_record_text_string(text, strings[i]);
}

void ehr_record_urn_draw(struct ehr_stream *stream, char urn[EHR_RECORD_URN_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t words[2] = {stream->next(stream), stream->next(stream)};
    words[0] = (words[0] & ~UINT64_C(0xf000)) | UINT64_C(0x4000);                /* version 4 */
    words[1] = (words[1] & ~(UINT64_C(3) << 62)) | UINT64_C(0x8000000000000000); /* variant 1 */
    memcpy(urn, "urn:uuid:", 9);
    char *at = urn + 9;
    for (int nibble = 0; nibble < 32; nibble++) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20)
            *at++ = '-';
        *at++ = digits[words[nibble / 16] >> (60 - 4 * (nibble % 16)) & 15];
    }
    *at = '\0';
}

static void begin(struct ehr_record_writer *writer, const char *type, const char *urn)
{
    PUT(writer, writer->resource_count > 0 ? ",{\"fullUrl\":\"" : "{\"fullUrl\":\"", urn,
        "\",\"resource\":");
    writer->resource_at = writer->text.length;
    PUT(writer, "{\"resourceType\":\"", type, "\",\"id\":\"", urn + 9, "\"");
}

static void finish(struct ehr_record_writer *writer)
{
    PUT(writer, "}");
    writer->clinical_bytes += writer->text.length - writer->resource_at;
    writer->resource_count++;
    PUT(writer, "}");
}

/* A CodeableConcept. */
static void put_concept(struct ehr_record_writer *writer, enum ehr_record_system system,
                        const struct ehr_record_concept *concept)
{
    PUT(writer, "{\"coding\":[{\"system\":\"", ehr_record_system_uri(system), "\",\"code\":\"",
        concept->code, "\",\"display\":\"", concept->display, "\"}]}");
}

static void put_links(struct ehr_record_writer *writer, const char *subject_member)
{
    PUT(writer, ",\"", subject_member, "\":{\"reference\":\"", writer->subject,
        "\"},\"encounter\":{\"reference\":\"", writer->encounter, "\"}");
}

void ehr_record_write_encounter(struct ehr_record_writer *writer)
{
    begin(writer, "Encounter", writer->encounter);
    PUT(writer, ",\"text\":{\"status\":\"generated\",\"div\":"
                "\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">");
}

void ehr_record_write_encounter_rest(struct ehr_record_writer *writer, const char *class_code,
                                     const struct ehr_record_concept *type,
                                     const struct ehr_record_concept *const reasons[],
                                     size_t reason_count)
{
    PUT(writer, "</div>\"},\"status\":\"finished\",\"class\":{\"system\":\"", TERMINOLOGY,
        "v3-ActCode\",\"code\":\"", class_code, "\"},\"type\":[");
    put_concept(writer, EHR_RECORD_SYSTEM_SNOMED, type);
    PUT(writer, "],\"subject\":{\"reference\":\"", writer->subject, "\"},\"period\":{\"start\":\"",
        writer->start, "\",\"end\":\"", writer->end, "\"}");
    for (size_t i = 0; i < reason_count; i++) {
        PUT(writer, i == 0 ? ",\"reasonCode\":[" : ",");
        put_concept(writer, EHR_RECORD_SYSTEM_SNOMED, reasons[i]);
    }
    PUT(writer, reason_count > 0 ? "]" : "");
    finish(writer);
}

void ehr_record_write_condition(struct ehr_record_writer *writer,
                                const struct ehr_record_concept *concept,
                                char urn[EHR_RECORD_URN_BYTES])
{
    ehr_record_urn_draw(writer->stream, urn);
    begin(writer, "Condition", urn);
    PUT(writer, ",\"clinicalStatus\":{\"coding\":[{\"system\":\"", TERMINOLOGY,
        "condition-clinical\",\"code\":\"active\"}]},\"verificationStatus\":{\"coding\":[{"
        "\"system\":\"",
        TERMINOLOGY, "condition-ver-status\",\"code\":\"confirmed\"}]},\"code\":");
    put_concept(writer, EHR_RECORD_SYSTEM_SNOMED, concept);
    put_links(writer, "subject");
    PUT(writer, ",\"recordedDate\":\"", writer->start, "\"");
    finish(writer);
}

void ehr_record_write_medication(struct ehr_record_writer *writer,
                                 const struct ehr_record_concept *concept, const char *reason)
{
    char urn[EHR_RECORD_URN_BYTES];
    ehr_record_urn_draw(writer->stream, urn);
    begin(writer, "MedicationRequest", urn);
    PUT(writer, ",\"status\":\"active\",\"intent\":\"order\",\"medicationCodeableConcept\":");
    put_concept(writer, EHR_RECORD_SYSTEM_RXNORM, concept);
    put_links(writer, "subject");
    PUT(writer, ",\"authoredOn\":\"", writer->start, "\"");
    if (reason != NULL)
        PUT(writer, ",\"reasonReference\":[{\"reference\":\"", reason, "\"}]");
    finish(writer);
}

void ehr_record_write_procedure(struct ehr_record_writer *writer,
                                const struct ehr_record_concept *concept)
{
    char urn[EHR_RECORD_URN_BYTES];
    ehr_record_urn_draw(writer->stream, urn);
    begin(writer, "Procedure", urn);
    PUT(writer, ",\"status\":\"completed\",\"code\":");
    put_concept(writer, EHR_RECORD_SYSTEM_SNOMED, concept);
    put_links(writer, "subject");
    PUT(writer, ",\"performedPeriod\":{\"start\":\"", writer->start, "\",\"end\":\"", writer->end,
        "\"}");
    finish(writer);
}

void ehr_record_write_immunization(struct ehr_record_writer *writer,
                                   const struct ehr_record_concept *concept)
{
    char urn[EHR_RECORD_URN_BYTES];
    ehr_record_urn_draw(writer->stream, urn);
    begin(writer, "Immunization", urn);
    PUT(writer, ",\"status\":\"completed\",\"vaccineCode\":");
    put_concept(writer, EHR_RECORD_SYSTEM_CVX, concept);
    put_links(writer, "patient");
    PUT(writer, ",\"occurrenceDateTime\":\"", writer->start, "\",\"primarySource\":true");
    finish(writer);
}

/* The value as cJSON prints it: no trailing zeros. Decimals by hand keep the C library out. */
static void put_quantity(struct ehr_record_writer *writer, const struct ehr_record_concept *concept)
{
    uint64_t span = (uint64_t)(concept->high - concept->low) + 1;
    unsigned value = (unsigned)concept->low + (unsigned)ehr_sample_below(writer->stream, span);
    unsigned unit = 1;
    int decimals = concept->decimals;
    for (; decimals > 0 && value % 10 == 0; decimals--)
        value /= 10;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    char number[24];
    if (decimals == 0)
        snprintf(number, sizeof(number), "%u", value);
    else
        snprintf(number, sizeof(number), "%u.%0*u", value / unit, decimals, value % unit);
    PUT(writer, ",\"valueQuantity\":{\"value\":", number, ",\"unit\":\"", concept->unit,
        "\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"", concept->unit, "\"}");
}

static void begin_observation(struct ehr_record_writer *writer, enum ehr_record_kind kind,
                              char urn[EHR_RECORD_URN_BYTES])
{
    ehr_record_urn_draw(writer->stream, urn);
    begin(writer, "Observation", urn);
    PUT(writer, ",\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":\"", TERMINOLOGY,
        "observation-category\",\"code\":\"",
        kind == EHR_RECORD_KIND_VITAL ? "vital-signs" : "laboratory", "\"}]}],\"code\":");
}

static void put_observation_links(struct ehr_record_writer *writer)
{
    put_links(writer, "subject");
    PUT(writer, ",\"effectiveDateTime\":\"", writer->start, "\"");
}

void ehr_record_write_observation(struct ehr_record_writer *writer, enum ehr_record_kind kind,
                                  const struct ehr_record_concept *concept,
                                  char urn[EHR_RECORD_URN_BYTES])
{
    begin_observation(writer, kind, urn);
    put_concept(writer, EHR_RECORD_SYSTEM_LOINC, concept);
    put_observation_links(writer);
    put_quantity(writer, concept);
    finish(writer);
}

void ehr_record_write_group(struct ehr_record_writer *writer, enum ehr_record_kind kind,
                            const struct ehr_record_concept *const concepts[], size_t count,
                            char urn[EHR_RECORD_URN_BYTES])
{
    assert(count > 0);
    begin_observation(writer, kind, urn);
    /* A code of its own would be one more keyword: the name alone is enough for R4. */
    PUT(writer, kind == EHR_RECORD_KIND_VITAL ? "{\"text\":\"Vital signs\"}"
                                              : "{\"text\":\"Laboratory results\"}");
    put_observation_links(writer);
    for (size_t i = 0; i < count; i++) {
        PUT(writer, i == 0 ? ",\"component\":[{\"code\":" : ",{\"code\":");
        put_concept(writer, EHR_RECORD_SYSTEM_LOINC, concepts[i]);
        put_quantity(writer, concepts[i]);
        PUT(writer, "}");
    }
    PUT(writer, "]");
    finish(writer);
}

void ehr_record_write_report(struct ehr_record_writer *writer,
                             const struct ehr_record_concept *concept,
                             const char (*results)[EHR_RECORD_URN_BYTES], size_t result_count)
{
    char urn[EHR_RECORD_URN_BYTES];
    ehr_record_urn_draw(writer->stream, urn);
    begin(writer, "DiagnosticReport", urn);
    PUT(writer, ",\"status\":\"final\",\"code\":");
    put_concept(writer, EHR_RECORD_SYSTEM_LOINC, concept);
    put_links(writer, "subject");
    PUT(writer, ",\"effectiveDateTime\":\"", writer->start, "\"");
    for (size_t i = 0; i < result_count; i++) {
        if (i > 0 && strcmp(results[i], results[i - 1]) == 0)
            continue;
        PUT(writer, i == 0 ? ",\"result\":[" : ",", "{\"reference\":\"", results[i], "\"}");
    }
    PUT(writer, result_count > 0 ? "]" : "");
    finish(writer);
}

/* Groups of four characters of base64, each of three bytes; none is padded. */
static void put_base64(struct ehr_record_writer *writer, size_t groups)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char chunk[4096];
    while (groups > 0) {
        size_t count = groups < sizeof(chunk) / 4 ? groups : sizeof(chunk) / 4;
        for (size_t i = 0; i < count; i++) {
            uint64_t word = writer->stream->next(writer->stream);
            for (size_t j = 0; j < 4; j++, word >>= 6)
                chunk[4 * i + j] = alphabet[word & 63];
        }
        ehr_record_text_append(&writer->text, chunk, 4 * count);
        groups -= count;
    }
}

void ehr_record_write_media(struct ehr_record_writer *writer, size_t bytes)
{
    char urn[EHR_RECORD_URN_BYTES];
    ehr_record_urn_draw(writer->stream, urn);
    begin(writer, "Media", urn);
    PUT(writer, ",\"status\":\"completed\"");
    put_links(writer, "subject");
    PUT(writer, ",\"createdDateTime\":\"", writer->start,
        "\",\"content\":{\"contentType\":\"application/dicom\",\"data\":\"");
    put_base64(writer, (bytes + 2) / 3);
    PUT(writer, "\"}");
    finish(writer);
}

static const char *const sentences[] = {
    "History reviewed with the patient; nothing new since the last visit.",
    "Medication list checked and confirmed, no side effects reported.",
    "Sleeps well, appetite unchanged, no weight loss noticed.",
    "Denies chest pain, shortness of breath, palpitations or swelling of the legs.",
    "Lungs clear on both sides, heart sounds regular, no murmur heard.",
    "Abdomen soft, not tender, bowel sounds present.",
    "Skin warm and dry, no rash, no open wounds.",
    "Gait steady, strength equal on both sides, reflexes present.",
    "Results discussed; the patient understands what they mean and what comes next.",
    "Advised to walk half an hour a day and to drink enough water.",
    "Diet discussed: less salt, more vegetables, fewer sweet drinks.",
    "Smoking and alcohol asked about, advice given.",
    "Blood samples taken without difficulty and sent to the laboratory.",
    "Blood pressure measured twice, sitting, after five minutes of rest.",
    "Pain described as dull, worse in the evening, better with rest.",
    "No known allergies to drugs were reported today.",
    "Plan: continue the present treatment and repeat the measurements.",
    "To come back in three months, sooner if symptoms get worse.",
    "Referred for imaging; the appointment was handed over in writing.",
    "Vaccination status checked against the schedule.",
    "Family history: hypertension in one parent, otherwise unremarkable.",
    "Alert, oriented, answers to the point.",
    "Questions of the patient were answered.",
    "A copy of this note was given to the patient.",
};

void ehr_record_write_narrative(struct ehr_record_text *text, struct ehr_stream *stream,
                                size_t bytes)
{
    assert(bytes >= 16); /* every sentence opens with a word shorter than that */
    const size_t count = sizeof(sentences) / sizeof(sentences[0]);
    const char *sentence = sentences[ehr_sample_below(stream, count)];
    size_t length = strlen(sentence);
    while (length < bytes) {
        ehr_record_text_append(text, sentence, length);
        ehr_record_text_append(text, " ", 1);
        bytes -= length + 1;
        sentence = sentences[ehr_sample_below(stream, count)];
        length = strlen(sentence);
    }
    /* The last sentence breaks off after a word; spaces, which XHTML ignores, fill up. */
    size_t kept = length == bytes ? length : bytes;
    while (kept > 0 && sentence[kept] != ' ' && sentence[kept] != '\0')
        kept--;
    ehr_record_text_append(text, sentence, kept);
    for (; kept < bytes; kept++)
        ehr_record_text_append(text, " ", 1);
}
