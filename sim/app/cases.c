#include "sim/app/cases.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/drbg.h"
#include "sim/app/memory.h"

static void no_memory(void)
{
    fputs("ehrgrid: out of memory: a record\n", stderr);
    exit(3);
}

/* ---- synthetic: record = visit * patients + patient ---- */

static void synthetic_get(const struct ehr_cases *base, uint32_t index, struct ehr_record *record)
{
    const struct ehr_app_cases *cases = (const struct ehr_app_cases *)(const void *)base;
    memset(record, 0, sizeof *record);
    if (ehr_record_generate(&cases->source, index % cases->patients, index / cases->patients,
                            record) != EHR_RECORD_OK)
        no_memory();
}

static const struct ehr_app_cases *of_plan(const struct ehr_visit_plan *plan)
{
    return (const struct ehr_app_cases *)(const void *)((const char *)plan -
                                                        offsetof(struct ehr_app_cases, plan));
}

static uint32_t synthetic_visits(const struct ehr_visit_plan *plan, uint32_t patient)
{
    (void)plan;
    (void)patient;
    return UINT32_MAX;
}

static uint32_t synthetic_record(const struct ehr_visit_plan *plan, uint32_t patient,
                                 uint32_t visit)
{
    uint64_t index = (uint64_t)visit * of_plan(plan)->patients + patient;
    assert(visit < EHR_RECORD_VISITS_LIMIT && index < UINT32_MAX);
    return (uint32_t)index;
}

void ehr_app_cases_synthetic(struct ehr_app_cases *cases, uint64_t seed, uint32_t replication,
                             uint32_t patients, uint32_t attachment_bytes)
{
    uint8_t bytes[8];
    struct ehr_drbg rng;
    struct ehr_stream_splitmix stream;
    uint64_t value = 0;
    *cases = (struct ehr_app_cases){.cases = {synthetic_get, UINT32_MAX},
                                    .plan = {synthetic_visits, synthetic_record},
                                    .patients = patients};
    ehr_drbg_init(&rng, seed, replication, "records", EHR_DRBG_WORKLOAD);
    ehr_rng_fill(&rng.rng, bytes, sizeof bytes);
    ehr_drbg_close(&rng);
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    ehr_stream_splitmix_init(&stream, value);
    ehr_record_source_init(&cases->source, &stream.stream);
    cases->source.attachment_bytes = attachment_bytes;
}

/* ---- a folder of bundles ---- */

/* A record closes with its storage, so a role gets a copy of its own: keywords as a list of
 * pointers, all texts in one piece behind each other (see ehr_record_close). */
static void copy(struct ehr_record *to, const struct ehr_record *from)
{
    size_t bytes = from->length + 1 + strlen(from->encounter) + 1 + strlen(from->start) + 1 +
                   strlen(from->class_code) + 1;
    for (size_t i = 0; i < from->keyword_count; i++)
        bytes += strlen(from->keywords[i]) + 1;
    *to = *from;
    to->keywords = malloc((from->keyword_count + 1) * sizeof *to->keywords);
    to->storage = malloc(bytes);
    if (to->keywords == NULL || to->storage == NULL)
        no_memory();
    char *next = to->storage;
    for (size_t i = 0; i < from->keyword_count; i++) {
        to->keywords[i] = next;
        next = stpcpy(next, from->keywords[i]) + 1;
    }
    to->encounter = next;
    next = stpcpy(next, from->encounter) + 1;
    to->start = next;
    next = stpcpy(next, from->start) + 1;
    to->class_code = next;
    next = stpcpy(next, from->class_code) + 1;
    to->text = next;
    memcpy(next, from->text, from->length + 1);
}

/* The bundle that holds record `index`: the last whose first one is not after it. */
static uint32_t bundle_of(const struct ehr_app_cases *cases, uint32_t index)
{
    uint32_t low = 0, high = cases->patients;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (cases->first[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void directory_get(const struct ehr_cases *base, uint32_t index, struct ehr_record *record)
{
    const struct ehr_app_cases *cases = (const struct ehr_app_cases *)(const void *)base;
    uint32_t bundle = bundle_of(cases, index);
    assert(index < base->count);
    copy(record, &cases->set->bundles[bundle].records[index - cases->first[bundle]]);
}

static uint32_t directory_visits(const struct ehr_visit_plan *plan, uint32_t patient)
{
    return (uint32_t)of_plan(plan)->set->bundles[patient].record_count;
}

static uint32_t directory_record(const struct ehr_visit_plan *plan, uint32_t patient,
                                 uint32_t visit)
{
    return of_plan(plan)->first[patient] + visit;
}

void ehr_app_cases_directory(struct ehr_app_cases *cases, const struct ehr_record_set *set)
{
    uint32_t next = 0;
    *cases = (struct ehr_app_cases){.cases = {directory_get, 0},
                                    .plan = {directory_visits, directory_record},
                                    .set = set,
                                    .patients = (uint32_t)set->bundle_count};
    cases->first = ehr_app_zeroed(set->bundle_count + 1, sizeof *cases->first);
    for (size_t i = 0; i < set->bundle_count; i++) {
        cases->first[i] = next;
        next += (uint32_t)set->bundles[i].record_count;
    }
    cases->first[set->bundle_count] = next;
    cases->cases.count = next;
}

void ehr_app_cases_close(struct ehr_app_cases *cases)
{
    free(cases->first);
    cases->first = NULL;
}
