#include "sim/app/report.h"
#include "sim/app/said.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/hash.h"
#include "crypto/memo.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "include/ehrgrid.h"
#include "sim/app/memory.h"
#include "sim/network/simgrid_compat.h"

enum { FACTS_MAX = 48 };

struct ehr_report {
    char run_id[EHR_RUN_ID_BYTES];
    char sha256[65];
    struct ehr_measure_input *inputs;
    size_t input_count, input_capacity;
    struct ehr_measure_parameter *parameters;
    char *seed_text;
    char **setting_names; /* "--cfg=KEY", "--log=CATEGORY.KEY" */
    size_t setting_count;
    struct ehr_measure_committee *committees;
    struct ehr_measure_byzantine *byzantines;
    struct ehr_measure_fact facts[FACTS_MAX];
    char *fact_names[FACTS_MAX];
    struct ehr_measure_meta meta;
};

/* ---- fingerprints ---- */

static void hex(char *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * length] = '\0';
}

void ehr_run_id(char id[EHR_RUN_ID_BYTES], const struct ehr_setup *setup,
                const struct ehr_setup_request *request, uint32_t replication)
{
    const struct ehr_scenario *scenario = setup->scenario;
    size_t count = 4 + 2 * scenario->override_count + request->setting_count, next = 0;
    struct ehr_part *parts = ehr_app_zeroed(count, sizeof *parts);
    uint8_t seed[8], number[4], hash[32];
    ehr_le64(seed, scenario->run.seed);
    ehr_le32(number, replication);
    parts[next++] = EHR_P(scenario->raw, scenario->raw_bytes);
    for (size_t i = 0; i < scenario->override_count; i++) {
        const struct ehr_scenario_override *override = &scenario->overrides[i];
        parts[next++] = EHR_P(override->path, strlen(override->path));
        parts[next++] = EHR_P(override->value, strlen(override->value));
    }
    for (size_t i = 0; i < request->setting_count; i++)
        parts[next++] = EHR_P(request->settings[i], strlen(request->settings[i]));
    parts[next++] =
        EHR_P(request->records, request->records != NULL ? strlen(request->records) : 0);
    parts[next++] = EHR_P(seed, sizeof seed);
    parts[next++] = EHR_P(number, sizeof number);
    ehr_crypto_init();
    ehr_hash32(hash, "run-id", parts, next);
    hex(id, hash, (EHR_RUN_ID_BYTES - 1) / 2);
    free(parts);
}

/* ---- inputs ---- */

/* The whole file, NUL-terminated; NULL when it cannot be read (any more). */
static char *file_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    size_t capacity = 65536, read = 0;
    *length = 0;
    if (file == NULL)
        return NULL;
    char *text = ehr_app_resize(NULL, capacity + 1);
    while ((read = fread(text + *length, 1, capacity - *length, file)) > 0) {
        *length += read;
        if (*length == capacity) {
            capacity *= 2;
            text = ehr_app_resize(text, capacity + 1);
        }
    }
    bool failed = ferror(file) != 0;
    fclose(file);
    text[*length] = '\0';
    if (failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* Takes the text, which may be NULL. */
static void input_put(struct ehr_report *report, const char *kind, const char *path,
                      char *take_text, size_t length)
{
    uint8_t hash[EHR_SHA256_BYTES];
    char *digits = ehr_app_zeroed(65, 1);
    if (take_text != NULL) {
        ehr_sha256(hash, take_text, length);
        hex(digits, hash, sizeof hash);
    }
    if (report->input_count == report->input_capacity) {
        report->input_capacity = 2 * report->input_capacity + 8;
        report->inputs =
            ehr_app_resize(report->inputs, report->input_capacity * sizeof *report->inputs);
    }
    report->inputs[report->input_count++] =
        (struct ehr_measure_input){kind, ehr_app_text("%s", path), digits, take_text};
}

static void input_add(struct ehr_report *report, const char *kind, const char *path, bool whole)
{
    size_t length;
    char *text = file_read(path, &length);
    input_put(report, kind, path, text, length);
    if (whole)
        return;
    free(text);
    report->inputs[report->input_count - 1].text = NULL;
}

/* As it was read; a program that loaded it by itself leaves no file, only what was made of it. */
static void deployment_put(struct ehr_report *report, const struct ehr_scenario *scenario)
{
    char *text = ehr_app_zeroed(scenario->raw_bytes + 1, 1);
    memcpy(text, scenario->raw, scenario->raw_bytes);
    input_put(report, "deployment", scenario->file, text, scenario->raw_bytes);
}

static void inputs_collect(struct ehr_report *report, const struct ehr_setup *setup)
{
    const struct ehr_scenario *scenario = setup->scenario;
    uint8_t hash[EHR_SHA256_BYTES];
    ehr_sha256(hash, scenario->raw, scenario->raw_bytes);
    hex(report->sha256, hash, sizeof hash);
    if (setup->deployed)
        deployment_put(report, scenario);
    else
        input_add(report, "scenario", scenario->file, true);
    if (scenario->platform_file != NULL)
        input_add(report, "platform", scenario->platform_file, true);
    if (scenario->crypto.costs == EHR_SCENARIO_COSTS_FILE)
        input_add(report, "costs", scenario->crypto.costs_file, true);
    if (scenario->workload.trace.file != NULL)
        input_add(report, "trace", scenario->workload.trace.file, false);
    for (size_t i = 0; setup->from_records && i < setup->records.bundle_count; i++) {
        char *path =
            ehr_app_text("%s/%s.json", scenario->records.directory, setup->records.bundles[i].name);
        input_add(report, "records", path, false);
        free(path);
    }
}

/* ---- description ---- */

static void parameters_collect(struct ehr_report *report, const struct ehr_setup *setup,
                               const struct ehr_setup_request *request)
{
    const struct ehr_scenario *scenario = setup->scenario;
    size_t count = 0;
    report->parameters = ehr_app_zeroed(scenario->override_count + request->setting_count + 2,
                                        sizeof *report->parameters);
    for (size_t i = 0; i < scenario->override_count; i++)
        report->parameters[count++] = (struct ehr_measure_parameter){scenario->overrides[i].path,
                                                                     scenario->overrides[i].value};
    if (request->seed_given) {
        report->seed_text = ehr_app_text("%" PRIu64, request->seed);
        report->parameters[count++] =
            (struct ehr_measure_parameter){"run/@seed", report->seed_text};
    }
    if (request->records != NULL)
        report->parameters[count++] =
            (struct ehr_measure_parameter){"records/@directory", request->records};
    report->setting_names = ehr_app_zeroed(request->setting_count, sizeof(char *));
    for (size_t i = 0; i < request->setting_count; i++) {
        const char *setting = request->settings[i];
        size_t length = strcspn(setting, ":"); /* there is one */
        char *name = ehr_app_text("%.*s", (int)length, setting);
        report->setting_names[report->setting_count++] = name;
        report->parameters[count++] = (struct ehr_measure_parameter){name, setting + length + 1};
    }
    report->meta.parameters = report->parameters;
    report->meta.parameter_count = count;
}

static const char *fidelity_name(enum ehr_scenario_fidelity fidelity)
{
    switch (fidelity) {
    case EHR_SCENARIO_FIDELITY_FLOW:
        return "flow";
    case EHR_SCENARIO_FIDELITY_QUEUE:
        return "queue";
    case EHR_SCENARIO_FIDELITY_DELAY:
        return "delay";
    }
    return "";
}

static const char *crypto_name(enum ehr_scenario_crypto_mode mode)
{
    switch (mode) {
    case EHR_SCENARIO_CRYPTO_REAL:
        return "real";
    case EHR_SCENARIO_CRYPTO_MODELLED:
        return "modelled";
    }
    return "";
}

static const char *measured_name(enum ehr_scenario_measured measured)
{
    switch (measured) {
    case EHR_SCENARIO_MEASURED_NONE:
        return "none";
    case EHR_SCENARIO_MEASURED_HOSTS:
        return "hosts";
    case EHR_SCENARIO_MEASURED_LINKS:
        return "links";
    case EHR_SCENARIO_MEASURED_ALL:
        return "all";
    }
    return "";
}

struct ehr_report *ehr_report_new(const struct ehr_setup *setup,
                                  const struct ehr_setup_request *request, uint32_t replication,
                                  const char *const *command, size_t command_count)
{
    const struct ehr_scenario *scenario = setup->scenario;
    struct ehr_report *report = ehr_app_zeroed(1, sizeof *report);
    ehr_run_id(report->run_id, setup, request, replication);
    inputs_collect(report, setup);
    report->meta = (struct ehr_measure_meta){
        .run_id = report->run_id,
        .scenario = scenario->name,
        .sha256 = report->sha256,
        .version = ehr_version(),
        .simgrid_version = ehr_simgrid_version(),
        .fidelity = fidelity_name(scenario->network.fidelity),
        .crypto = crypto_name(scenario->crypto.mode),
        .energy = measured_name(scenario->measure.energy),
        .load = measured_name(scenario->measure.load),
        .command = command,
        .command_count = command_count,
        .inputs = report->inputs,
        .input_count = report->input_count,
        .facts = report->facts,
        .seed = scenario->run.seed,
        .replication = replication,
    };
    parameters_collect(report, setup, request);
    return report;
}

void ehr_report_free(struct ehr_report *report)
{
    if (report == NULL)
        return;
    for (size_t i = 0; i < report->input_count; i++) {
        free((void *)(uintptr_t)report->inputs[i].path);
        free((void *)(uintptr_t)report->inputs[i].sha256);
        free((void *)(uintptr_t)report->inputs[i].text);
    }
    for (size_t i = 0; i < report->meta.fact_count; i++)
        free(report->fact_names[i]);
    free(report->inputs);
    free(report->parameters);
    free(report->seed_text);
    for (size_t i = 0; i < report->setting_count; i++)
        free(report->setting_names[i]);
    free(report->setting_names);
    free(report->committees);
    free(report->byzantines);
    free(report);
}

const char *ehr_report_crypto(const struct ehr_report *report)
{
    return report->meta.crypto;
}

const char *ehr_report_warning(const struct ehr_report *report)
{
    return strcmp(report->meta.crypto, "modelled") != 0
               ? NULL
               : "modelled cryptography: anybody can forge its signatures and read its secrets; "
                 "sizes, costs and outcomes are those of the real one";
}

const struct ehr_measure_meta *ehr_report_meta(const struct ehr_report *report)
{
    return &report->meta;
}

const char *ehr_report_run_id(const struct ehr_report *report)
{
    return report->run_id;
}

/* ---- chains ---- */

static void committees_collect(struct ehr_report *report, struct ehr_genesis *genesis)
{
    uint32_t count = 1 + genesis->directory.hospital_count;
    report->committees = ehr_app_zeroed(count, sizeof *report->committees);
    for (uint32_t i = 0; i < count; i++) {
        const struct ehr_genesis_chain *chain = ehr_genesis_chain_of(genesis, i);
        report->committees[i] = (struct ehr_measure_committee){
            .chain = i == 0 ? "alliance" : genesis->directory.hospitals[i - 1].id,
            .engine = chain->engine->name,
            .trust = chain->engine->trust,
            .replicas = chain->committee->count,
            .certificate_quorum = chain->committee->certificate_quorum,
        };
    }
    report->meta.committees = report->committees;
    report->meta.committee_count = count;
}

static void byzantines_collect(struct ehr_report *report, const struct ehr_world *world)
{
    uint32_t count = ehr_world_byzantine(world, NULL, 0);
    report->byzantines = ehr_app_zeroed(count, sizeof *report->byzantines);
    report->meta.byzantine_count = ehr_world_byzantine(world, report->byzantines, count);
    report->meta.byzantines = report->byzantines;
}

/* ---- facts ---- */

static void fact_add(struct ehr_report *report, char *take_name, double value)
{
    size_t at = report->meta.fact_count;
    assert(at < FACTS_MAX);
    report->fact_names[at] = take_name;
    report->facts[at] = (struct ehr_measure_fact){take_name, value};
    report->meta.fact_count++;
}

/* Per kind of verification and for all together: asked is hits + misses, executed is misses. */
static void memo_facts(struct ehr_report *report)
{
    static const char *const names[EHR_MEMO_KIND_COUNT] = {
        [EHR_MEMO_ED_SIGNATURE] = "ed_signature",
        [EHR_MEMO_SCHNORR] = "schnorr",
        [EHR_MEMO_CERTIFICATE] = "certificate",
        [EHR_MEMO_CAPSULE] = "capsule",
        [EHR_MEMO_GRANT] = "grant",
        [EHR_MEMO_CFRAG] = "cfrag",
        [EHR_MEMO_POINTS] = "points",
        [EHR_MEMO_MERKLE] = "merkle",
    };
    struct ehr_memo_counters all = {0, 0};
    for (unsigned kind = 1; kind < EHR_MEMO_KIND_COUNT; kind++) {
        struct ehr_memo_counters counters = ehr_memo_counters_get((enum ehr_memo_kind)kind);
        fact_add(report, ehr_app_text("memo_%s_hits", names[kind]), (double)counters.hits);
        fact_add(report, ehr_app_text("memo_%s_misses", names[kind]), (double)counters.misses);
        all.hits += counters.hits;
        all.misses += counters.misses;
    }
    uint64_t asked = all.hits + all.misses;
    struct ehr_memo_use use = ehr_memo_use_get();
    fact_add(report, ehr_app_text("memo_hit_rate"),
             asked > 0 ? (double)all.hits / (double)asked : 0);
    fact_add(report, ehr_app_text("memo_entries"), (double)use.entries);
    fact_add(report, ehr_app_text("memo_entries_used"), (double)use.used);
    fact_add(report, ehr_app_text("memo_entries_replaced"), (double)use.replaced);
    fact_add(report, ehr_app_text("memo_bytes"),
             (double)use.entries * (double)EHR_MEMO_ENTRY_BYTES);
}

const struct ehr_measure_meta *ehr_report_finish(struct ehr_report *report, struct ehr_world *world,
                                                 double wall_s)
{
    struct ehr_measure_meta *meta = &report->meta;
    uint64_t scanned_bytes, scanned = ehr_world_scanned(world, &scanned_bytes);
    struct ehr_genesis *genesis = ehr_world_genesis(world);
    double contracts = 0;
    for (uint32_t i = 0; i <= genesis->directory.hospital_count; i++)
        contracts += (double)ehr_contract_bytes(ehr_genesis_chain_of(genesis, i)->chain->contract);
    meta->sim_time_ns = ehr_world_end_ns(world);
    meta->wall_s = wall_s;
    meta->peak_rss_bytes = ehr_measure_peak_rss();
    if (ehr_world_reason(world)[0] != '\0')
        meta->reason = ehr_world_reason(world);
    fact_add(report, ehr_app_text("ended_wrongly"), meta->reason != NULL);
    uint32_t behind = ehr_world_behind(world, NULL, 0);
    if (behind > 0)
        fact_add(report, ehr_app_text("replicas_behind"), behind);
    fact_add(report, ehr_app_text("events"), (double)ehr_kernel_events(ehr_world_kernel(world)));
    fact_add(report, ehr_app_text("messages_searched"), (double)scanned);
    fact_add(report, ehr_app_text("bytes_searched"), (double)scanned_bytes);
    fact_add(report, ehr_app_text("contract_bytes"), contracts);
    memo_facts(report);
    committees_collect(report, genesis);
    byzantines_collect(report, world);
    return meta;
}

/* ---- what goes wrong, and how long it took ---- */

enum ehr_exit ehr_report_failed(const char *who, enum ehr_measure_status status,
                                const struct ehr_measure_error *error)
{
    ehr_said_line("%s: %s", who, error->text);
    return status == EHR_MEASURE_BAD_INPUT ? EHR_EXIT_INPUT : EHR_EXIT_ENVIRONMENT;
}

double ehr_report_clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
