/* Chooses size, codes and form of a synthetic record. */
#include "sim/records/generate.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sim/records/resources.h"

#define RANK_NOISE     0.1 /* half width of the distance between the ranks of size and codes */
#define NARRATIVE_MIN  16  /* bytes */
#define VITALS_RUN     10
#define VOCABULARY_MAX 64 /* concepts of one kind */
#define LONG_VISIT     8  /* codes from which vital signs are always taken */
#define VISIT_STEP_S   (17 * 86400)
#define FIRST_VISIT_S  1262304000 /* 2010-01-01T00:00:00Z */

#define KIND_COUNT (EHR_RECORD_KIND_LAST + 1)

static const char *const class_codes[] = {[EHR_RECORD_KIND_AMBULATORY] = "AMB",
                                          [EHR_RECORD_KIND_EMERGENCY] = "EMER",
                                          [EHR_RECORD_KIND_INPATIENT] = "IMP"};

/* The codes of one visit, by kind in the order they were drawn. */
struct plan {
    size_t wanted;
    size_t total;
    size_t target_bytes;
    size_t resources_left; /* how many more codes may have a resource of their own */
    size_t reasons;        /* the first conditions that stand as Encounter.reasonCode */
    size_t counts[KIND_COUNT];
    unsigned char chosen[KIND_COUNT][VOCABULARY_MAX];
    bool used[KIND_COUNT][VOCABULARY_MAX];
    enum ehr_record_kind visit_kind;
    size_t chronic[3]; /* conditions of the patient */
};

void ehr_record_source_init(struct ehr_record_source *source, struct ehr_stream *stream)
{
    *source = (struct ehr_record_source){.key = stream->next(stream)};
}

size_t ehr_record_size_quantile(double size_rank)
{
    double z = ehr_sample_normal_quantile(size_rank);
    double bytes = ehr_sample_exp(EHR_RECORD_SIZE_MU + EHR_RECORD_SIZE_SIGMA * z);
    if (bytes < EHR_RECORD_SIZE_MIN)
        return EHR_RECORD_SIZE_MIN;
    return bytes > EHR_RECORD_SIZE_MAX ? EHR_RECORD_SIZE_MAX : (size_t)(bytes + 0.5);
}

size_t ehr_record_codes_quantile(double codes_rank)
{
    static const double ranks[] = {0, 0.25, 0.50, 0.75, 0.90, 0.99, 1};
    static const double codes[] = {1, 2, 5, 13, 25, 38, EHR_RECORD_CODES_MAX};
    assert(codes_rank >= 0 && codes_rank < 1);
    size_t i = 1;
    while (codes_rank > ranks[i])
        i++;
    double part = (codes_rank - ranks[i - 1]) / (ranks[i] - ranks[i - 1]);
    return (size_t)(codes[i - 1] + part * (codes[i] - codes[i - 1]) + 0.5);
}

/* Both from one rank plus noise: reflection at the ends keeps the second rank uniform too. */
static void draw_size_and_codes(struct ehr_stream *stream, struct plan *plan)
{
    double rank = ((double)(stream->next(stream) >> 12) + 0.5) * 0x1p-52;
    double codes_rank = rank + RANK_NOISE * (2 * ehr_sample_uniform(stream) - 1);
    if (codes_rank < 0)
        codes_rank = 0.0 - codes_rank;
    if (codes_rank >= 1)
        codes_rank = 2 - codes_rank;
    if (codes_rank >= 1)
        codes_rank = 1 - 0x1p-53;
    plan->target_bytes = ehr_record_size_quantile(rank);
    plan->wanted = ehr_record_codes_quantile(codes_rank);
}

static bool take(struct plan *plan, enum ehr_record_kind kind, size_t index)
{
    if (plan->total == plan->wanted || plan->used[kind][index])
        return false;
    plan->used[kind][index] = true;
    plan->chosen[kind][plan->counts[kind]++] = (unsigned char)index;
    plan->total++;
    return true;
}

/* One more of `kind`, the first ones of the table more often. False where all are taken. */
static bool take_any(struct ehr_stream *stream, struct plan *plan, enum ehr_record_kind kind)
{
    size_t count;
    ehr_record_vocabulary(kind, &count);
    uint64_t a = ehr_sample_below(stream, count), b = ehr_sample_below(stream, count);
    size_t index = (size_t)(a < b ? a : b);
    if (kind == EHR_RECORD_KIND_CONDITION && (stream->next(stream) >> 63) != 0)
        index = plan->chronic[ehr_sample_below(stream, 3)];
    for (size_t i = 0; i < count; i++)
        if (take(plan, kind, (index + i) % count))
            return true;
    return false;
}

/* A panel is measured as a whole, and reported under its own code where it has one. */
static bool take_labs(struct ehr_stream *stream, struct plan *plan)
{
    size_t count;
    const struct ehr_record_lab_group *groups = ehr_record_lab_groups(&count);
    uint64_t a = ehr_sample_below(stream, count), b = ehr_sample_below(stream, count);
    size_t start = (size_t)(a < b ? a : b);
    for (size_t i = 0; i < count; i++) {
        const struct ehr_record_lab_group *group = &groups[(start + i) % count];
        if (plan->used[EHR_RECORD_KIND_LAB][group->first])
            continue;
        if (!take(plan, EHR_RECORD_KIND_LAB, group->first))
            return false;
        if (group->panel >= 0)
            take(plan, EHR_RECORD_KIND_PANEL, (size_t)group->panel);
        for (size_t j = 1; j < group->count; j++)
            take(plan, EHR_RECORD_KIND_LAB, group->first + j);
        return true;
    }
    return false;
}

/* One step of a long visit: laboratory panels make up most of its codes. */
static void take_step(struct ehr_stream *stream, struct plan *plan)
{
    static const enum ehr_record_kind others[4] = {
        EHR_RECORD_KIND_CONDITION, EHR_RECORD_KIND_MEDICATION, EHR_RECORD_KIND_PROCEDURE,
        EHR_RECORD_KIND_VACCINE};
    bool measure = ehr_sample_below(stream, 10) < 5 || plan->resources_left == 0;
    if (measure && (take_labs(stream, plan) || take_any(stream, plan, EHR_RECORD_KIND_VITAL)))
        return;
    if (take_any(stream, plan, others[ehr_sample_below(stream, 4)]) && plan->resources_left > 0)
        plan->resources_left--;
}

static void choose_long(struct ehr_stream *stream, struct plan *plan)
{
    size_t cheap = EHR_RECORD_ENCOUNTER_BYTES + plan->wanted * EHR_RECORD_COMPONENT_BYTES +
                   4 * EHR_RECORD_GROUP_BYTES;
    if (plan->target_bytes > cheap)
        plan->resources_left =
            (plan->target_bytes - cheap) / (EHR_RECORD_RESOURCE_BYTES - EHR_RECORD_COMPONENT_BYTES);
    for (size_t i = 0; i < VITALS_RUN && i + 3 < plan->wanted; i++)
        take(plan, EHR_RECORD_KIND_VITAL, i);
    while (plan->total < plan->wanted)
        take_step(stream, plan);
}

/* Few codes: as many of them as must are reasons of the encounter, the others have resources. */
static void choose_short(struct ehr_stream *stream, struct plan *plan)
{
    static const enum ehr_record_kind kinds[10] = {
        EHR_RECORD_KIND_CONDITION,  EHR_RECORD_KIND_CONDITION,  EHR_RECORD_KIND_CONDITION,
        EHR_RECORD_KIND_MEDICATION, EHR_RECORD_KIND_MEDICATION, EHR_RECORD_KIND_PROCEDURE,
        EHR_RECORD_KIND_PROCEDURE,  EHR_RECORD_KIND_VACCINE,    EHR_RECORD_KIND_VITAL,
        EHR_RECORD_KIND_VITAL};
    size_t others = plan->wanted - plan->total;
    size_t full = EHR_RECORD_ENCOUNTER_BYTES + others * EHR_RECORD_RESOURCE_BYTES;
    size_t saving = EHR_RECORD_RESOURCE_BYTES - EHR_RECORD_REASON_BYTES;
    if (full > plan->target_bytes)
        plan->reasons = (full - plan->target_bytes + saving - 1) / saving;
    if (plan->reasons > others)
        plan->reasons = others;
    for (size_t i = 0; i < plan->reasons; i++)
        take_any(stream, plan, EHR_RECORD_KIND_CONDITION);
    while (plan->total < plan->wanted)
        take_any(stream, plan, kinds[ehr_sample_below(stream, 10)]);
}

static void choose_codes(struct ehr_stream *stream, struct plan *plan)
{
    /* Shares of the measured encounters: 91 % ambulatory, 5 % emergency, 4 % inpatient. */
    uint64_t share = ehr_sample_below(stream, 100);
    plan->visit_kind = share < 91   ? EHR_RECORD_KIND_AMBULATORY
                       : share < 96 ? EHR_RECORD_KIND_EMERGENCY
                                    : EHR_RECORD_KIND_INPATIENT;
    take_any(stream, plan, plan->visit_kind);
    if (plan->wanted >= LONG_VISIT)
        choose_long(stream, plan);
    else
        choose_short(stream, plan);
}

static const struct ehr_record_concept *concept_of(const struct plan *plan,
                                                   enum ehr_record_kind kind, size_t i)
{
    size_t count;
    return &ehr_record_vocabulary(kind, &count)[plan->chosen[kind][i]];
}

/* Conditions, then what was prescribed, done and given. */
static void write_acts(struct ehr_record_writer *writer, const struct plan *plan)
{
    char first[EHR_RECORD_URN_BYTES] = "", urn[EHR_RECORD_URN_BYTES];
    const char *reason = NULL;
    for (size_t i = plan->reasons; i < plan->counts[EHR_RECORD_KIND_CONDITION]; i++) {
        ehr_record_write_condition(writer, concept_of(plan, EHR_RECORD_KIND_CONDITION, i),
                                   reason == NULL ? first : urn);
        reason = first;
    }
    for (size_t i = 0; i < plan->counts[EHR_RECORD_KIND_MEDICATION]; i++)
        ehr_record_write_medication(writer, concept_of(plan, EHR_RECORD_KIND_MEDICATION, i),
                                    reason);
    for (size_t i = 0; i < plan->counts[EHR_RECORD_KIND_PROCEDURE]; i++)
        ehr_record_write_procedure(writer, concept_of(plan, EHR_RECORD_KIND_PROCEDURE, i));
    for (size_t i = 0; i < plan->counts[EHR_RECORD_KIND_VACCINE]; i++)
        ehr_record_write_immunization(writer, concept_of(plan, EHR_RECORD_KIND_VACCINE, i));
}

/* Bytes of `count` measurements where they are written most shortly, rounded up. */
static size_t group_bytes(size_t count)
{
    return count == 0 ? 0 : EHR_RECORD_GROUP_BYTES + count * EHR_RECORD_COMPONENT_BYTES;
}

/* Measurements of a kind: Observations of their own while the rest still fits as components of one
 * more. `urns` says in which resource each one stands. */
static void write_measurements(struct ehr_record_writer *writer, const struct plan *plan,
                               enum ehr_record_kind kind, size_t bytes_max,
                               char (*urns)[EHR_RECORD_URN_BYTES])
{
    const struct ehr_record_concept *concepts[VOCABULARY_MAX];
    size_t count = plan->counts[kind], done = 0;
    for (size_t i = 0; i < count; i++)
        concepts[i] = concept_of(plan, kind, i);
    for (; done < count; done++) {
        size_t length = writer->text.length, clinical_bytes = writer->clinical_bytes;
        ehr_record_write_observation(writer, kind, concepts[done], urns[done]);
        size_t rest = count - done - 1;
        if (rest > 0 && writer->clinical_bytes + group_bytes(rest) > bytes_max) {
            writer->text.length = length; /* take it back */
            writer->clinical_bytes = clinical_bytes;
            writer->resource_count--;
            break;
        }
    }
    if (done == count)
        return;
    ehr_record_write_group(writer, kind, concepts + done, count - done, urns[done]);
    for (size_t i = done + 1; i < count; i++)
        memcpy(urns[i], urns[done], sizeof(urns[i]));
}

/* One report for every panel, of those of its measurements that were taken. */
static void write_reports(struct ehr_record_writer *writer, const struct plan *plan,
                          char (*urns)[EHR_RECORD_URN_BYTES])
{
    size_t group_count;
    const struct ehr_record_lab_group *groups = ehr_record_lab_groups(&group_count);
    for (size_t i = 0; i < plan->counts[EHR_RECORD_KIND_PANEL]; i++) {
        size_t g = 0;
        while (groups[g].panel != plan->chosen[EHR_RECORD_KIND_PANEL][i])
            g++;
        size_t first = plan->counts[EHR_RECORD_KIND_LAB], count = 0;
        for (size_t j = 0; j < plan->counts[EHR_RECORD_KIND_LAB]; j++) {
            size_t lab = plan->chosen[EHR_RECORD_KIND_LAB][j];
            if (lab - groups[g].first < groups[g].count) { /* neighbours: taken in one go */
                first = count == 0 ? j : first;
                count++;
            }
        }
        ehr_record_write_report(writer, concept_of(plan, EHR_RECORD_KIND_PANEL, i),
                                (const char(*)[EHR_RECORD_URN_BYTES])urns + first, count);
    }
}

static void write_encounter(struct ehr_record_writer *writer, const struct plan *plan,
                            size_t narrative_bytes)
{
    const struct ehr_record_concept *reasons[EHR_RECORD_CODES_MAX];
    for (size_t i = 0; i < plan->reasons; i++)
        reasons[i] = concept_of(plan, EHR_RECORD_KIND_CONDITION, i);
    ehr_record_text_string(&writer->text, EHR_RECORD_OPENING);
    ehr_record_write_encounter(writer);
    if (narrative_bytes > 0)
        ehr_record_write_narrative(&writer->text, writer->stream, narrative_bytes);
    ehr_record_write_encounter_rest(writer, class_codes[plan->visit_kind],
                                    concept_of(plan, plan->visit_kind, 0), reasons, plan->reasons);
}

/* All but the Encounter, into at most `bytes_max` bytes if the codes allow it. */
static void write_others(struct ehr_record_writer *writer, const struct plan *plan,
                         size_t bytes_max)
{
    char urns[VOCABULARY_MAX][EHR_RECORD_URN_BYTES];
    size_t lab_count = plan->counts[EHR_RECORD_KIND_LAB];
    size_t reports = plan->counts[EHR_RECORD_KIND_PANEL] * EHR_RECORD_GROUP_BYTES +
                     lab_count * (EHR_RECORD_URN_BYTES + sizeof("{\"reference\":\"\"},"));
    size_t lab_bytes = group_bytes(lab_count) + reports;
    write_acts(writer, plan);
    write_measurements(writer, plan, EHR_RECORD_KIND_VITAL,
                       bytes_max > lab_bytes ? bytes_max - lab_bytes : 0, urns);
    write_measurements(writer, plan, EHR_RECORD_KIND_LAB,
                       bytes_max > reports ? bytes_max - reports : 0, urns);
    write_reports(writer, plan, urns);
}

/* The text, Encounter first, an image last. The others are written before the Encounter: the
 * narrative takes what is left. */
static void write_text(struct ehr_record_writer *writer, const struct plan *plan,
                       size_t attachment_bytes)
{
    struct ehr_record_writer others = *writer;
    write_encounter(writer, plan, 0);
    size_t bare = writer->clinical_bytes;
    size_t spent = bare + NARRATIVE_MIN;
    writer->text.length = writer->clinical_bytes = writer->resource_count = 0;

    others.resource_count = 1; /* they follow the Encounter */
    write_others(&others, plan, plan->target_bytes > spent ? plan->target_bytes - spent : 0);
    spent += others.clinical_bytes;
    size_t narrative =
        NARRATIVE_MIN + (plan->target_bytes > spent ? plan->target_bytes - spent : 0);
    write_encounter(writer, plan, narrative);
    ehr_record_text_append(&writer->text, others.text.bytes, others.text.length);
    writer->clinical_bytes += others.clinical_bytes;
    writer->resource_count = others.resource_count;
    if (attachment_bytes > 0)
        ehr_record_write_media(writer, attachment_bytes);
    ehr_record_text_string(&writer->text, EHR_RECORD_CLOSING);
    writer->text.failed |= others.text.failed;
    ehr_record_text_close(&others.text);
}

/* Codes in the order in which write_text writes them. */
static bool collect_keywords(const struct plan *plan, struct ehr_record_keywords *keywords)
{
    const enum ehr_record_kind order[] = {plan->visit_kind,           EHR_RECORD_KIND_CONDITION,
                                          EHR_RECORD_KIND_MEDICATION, EHR_RECORD_KIND_PROCEDURE,
                                          EHR_RECORD_KIND_VACCINE,    EHR_RECORD_KIND_VITAL,
                                          EHR_RECORD_KIND_LAB,        EHR_RECORD_KIND_PANEL};
    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        for (size_t i = 0; i < plan->counts[order[k]]; i++)
            if (!ehr_record_keywords_add(keywords, ehr_record_kind_system(order[k]),
                                         concept_of(plan, order[k], i)->code))
                return false;
    return true;
}

/* What belongs to the patient: who it is, what stays with them, when they first came. */
static int64_t draw_patient(uint64_t patient_key, struct ehr_record_writer *writer,
                            struct plan *plan)
{
    struct ehr_stream_splitmix own;
    char urn[EHR_RECORD_URN_BYTES];
    ehr_stream_splitmix_init(&own, patient_key);
    ehr_record_urn_draw(&own.stream, urn);
    snprintf(writer->subject, sizeof(writer->subject), "https://ehr.example/Patient/%s", urn + 9);
    for (int i = 0; i < 3; i++)
        plan->chronic[i] = (size_t)ehr_sample_below(&own.stream, EHR_RECORD_CHRONIC_COUNT);
    return FIRST_VISIT_S + (int64_t)ehr_sample_below(&own.stream, 365 * 86400);
}

enum ehr_record_status ehr_record_generate(const struct ehr_record_source *source, uint64_t patient,
                                           uint64_t visit, struct ehr_record *record)
{
    assert(visit < EHR_RECORD_VISITS_LIMIT);
    uint64_t patient_key = ehr_stream_derive(source->key, patient);
    struct ehr_stream_splitmix own;
    ehr_stream_splitmix_init(&own, ehr_stream_derive(patient_key, visit));
    struct ehr_record_writer writer = {.stream = &own.stream};
    struct plan plan = {0};

    /* Steps are longer than the spread within one: visits come in the order of their numbers. */
    int64_t start_s = draw_patient(patient_key, &writer, &plan) + (int64_t)visit * VISIT_STEP_S +
                      (int64_t)ehr_sample_below(&own.stream, VISIT_STEP_S);
    int64_t end_s = start_s + 900 + 60 * (int64_t)ehr_sample_below(&own.stream, 90);
    ehr_record_date_format(start_s, writer.start);
    ehr_record_date_format(end_s, writer.end);
    ehr_record_urn_draw(&own.stream, writer.encounter);
    draw_size_and_codes(&own.stream, &plan);
    choose_codes(&own.stream, &plan);
    write_text(&writer, &plan, source->attachment_bytes);

    struct ehr_record_facts facts = {.clinical_bytes = writer.clinical_bytes,
                                     .resource_count = writer.resource_count,
                                     .encounter = writer.encounter + 9,
                                     .start = writer.start,
                                     .start_s = start_s,
                                     .class_code = class_codes[plan.visit_kind]};
    struct ehr_record_keywords keywords = {0};
    bool ok = collect_keywords(&plan, &keywords);
    writer.text.failed |= !ok;
    ok = ehr_record_assemble(&writer.text, &facts, &keywords, record);
    ehr_record_keywords_close(&keywords);
    return ok ? EHR_RECORD_OK : EHR_RECORD_BAD_ENVIRONMENT;
}
