/* Draws the setup. Every number is drawn before anything is taken away, so that what is left does
 * not depend on what was. */
#include "tests/simulation/campaign/setup.h"

#include <inttypes.h>
#include <string.h>

enum { MS = 1000000, EVERYTHING = (1U << EHR_FAULTS) - 1 };

static const char *const names[EHR_FAULTS] = {
    "loss",    "duplication", "reorder", "links",  "replay", "partition",
    "isolate", "oneway",      "crash",   "power",  "slow",   "hunt",
    "lies",    "garbage",     "twins",   "absent", "sync"};

const char *ehr_fault_name(enum ehr_fault kind)
{
    return names[kind];
}

enum ehr_fault ehr_fault_find(const char *name, size_t length)
{
    uint32_t kind = 0;
    while (kind < EHR_FAULTS &&
           (strlen(names[kind]) != length || memcmp(names[kind], name, length) != 0))
        kind++;
    return (enum ehr_fault)kind;
}

bool ehr_setup_has(const struct ehr_setup *setup, enum ehr_fault kind)
{
    return (setup->kinds >> kind & 1U) != 0;
}

uint16_t ehr_setup_replicas_min(const struct ehr_engine_type *type)
{
    return strcmp(type->trust, "bft") == 0 ? 4 : 2;
}

static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    return ehr_tape_mix(*state) % below;
}

/* How often, of 65536, where it happens at all. */
static uint32_t rate_draw(uint64_t *state, enum ehr_fault kind)
{
    static const uint32_t of_messages[] = {300, 1300, 6000, 16000};
    static const uint32_t of_rounds[] = {3000, 10000, 20000, 40000};
    uint64_t much = draw(state, 4);
    switch (kind) {
    case EHR_FAULT_LOSS:
    case EHR_FAULT_DUPLICATION:
        return of_messages[much] * 2 / 3;
    case EHR_FAULT_REPLAY:
    case EHR_FAULT_GARBAGE:
        return of_messages[much];
    case EHR_FAULT_POWER:
        return of_rounds[much] / 4;
    case EHR_FAULT_LIES:
        return 8000U + 14000U * (uint32_t)much;
    case EHR_FAULT_REORDER:
    case EHR_FAULT_LINKS:
    case EHR_FAULT_PARTITION:
    case EHR_FAULT_ISOLATE:
    case EHR_FAULT_ONEWAY:
    case EHR_FAULT_CRASH:
    case EHR_FAULT_SLOW:
    case EHR_FAULT_HUNT:
    case EHR_FAULT_TWINS:
    case EHR_FAULT_ABSENT:
    case EHR_FAULT_SYNC:
    case EHR_FAULTS:
        break;
    }
    return of_rounds[much];
}

static void cluster_draw(struct ehr_setup *setup, uint64_t *state)
{
    static const uint16_t bft_sizes[] = {4, 4, 4, 5, 6, 7, 7, 8, 9, 10};
    static const uint16_t crash_sizes[] = {3, 3, 3, 2, 4, 5, 5, 5, 6, 7};
    uint64_t size = draw(state, 10);
    setup->trusting = strcmp(setup->type->trust, "bft") != 0;
    setup->config.replicas = setup->trusting ? crash_sizes[size] : bft_sizes[size];
    setup->config.signatures = draw(state, 6) != 0;
    setup->macs = draw(state, 4) == 0;
}

static void engine_draw(struct ehr_setup *setup, uint64_t *state)
{
    static const uint64_t timeouts_ms[] = {30, 60, 60, 100, 200, 400};
    struct ehr_engine_config *config = &setup->config;
    uint64_t timeout = timeouts_ms[draw(state, 6)];
    config->request_timeout_ns = (setup->trusting || timeout > 30 ? timeout : 100) * MS;
    config->batch_max = 1 + (uint32_t)draw(state, 6);
    config->batch_timeout_ns = draw(state, 3) * 5 * MS;
    config->checkpoint_interval = 1 + (uint32_t)draw(state, 5);
    config->window = config->checkpoint_interval * (1 + (uint32_t)draw(state, 4));
    config->votes = draw(state, 3) == 0 ? EHR_ENGINE_VOTES_ALL : EHR_ENGINE_VOTES_BACKUPS;
    config->two_chain = draw(state, 2) == 0;
    config->fixed_leader = draw(state, 3) == 0;
}

static void network_draw(struct ehr_setup *setup, uint64_t *state)
{
    static const uint64_t ranges_us[] = {400, 4000, 19000, 19000, 40000};
    static const uint64_t nodes_ns[] = {0, 1000, 200000, 3000000};
    setup->shape = (enum ehr_delay_shape)draw(state, 3);
    setup->delay_min_ns = 50000 + draw(state, 20) * 100000;
    setup->delay_range_ns = ranges_us[draw(state, 5)] * 1000;
    setup->build_ns = nodes_ns[draw(state, 4)];
    setup->execute_ns = nodes_ns[draw(state, 4)];
    setup->transfer_ns = (1 + draw(state, 20)) * MS;
}

static void workload_draw(struct ehr_setup *setup, uint64_t *state)
{
    setup->workload = (enum ehr_workload)draw(state, 3);
    setup->requests_max = 20 + (uint32_t)draw(state, 120);
    setup->everybody_told = draw(state, 2) == 0;
    setup->rounds = 20 + (uint32_t)draw(state, 30);
    setup->round_ns_max = (30 + draw(state, 120)) * MS;
}

static void faults_draw(struct ehr_setup *setup, uint64_t *state)
{
    for (uint32_t kind = 0; kind < EHR_FAULTS; kind++) {
        bool on = draw(state, 5) < 2;
        uint32_t rate = rate_draw(state, (enum ehr_fault)kind);
        setup->rate[kind] = rate;
        setup->kinds |= (uint32_t)on << kind;
    }
    bool reordered = draw(state, 4) != 0; /* FIFO links are the exception */
    if (reordered)
        setup->kinds |= 1U << EHR_FAULT_REORDER;
    if (draw(state, 20) == 0)
        setup->kinds = 0;
}

/* Who is Byzantine; engines that trust their peers have nobody. */
static void liars_set(struct ehr_setup *setup, uint64_t byzantine, uint64_t twins)
{
    uint32_t lies = 1U << EHR_FAULT_LIES | 1U << EHR_FAULT_GARBAGE | 1U << EHR_FAULT_TWINS;
    if (setup->trusting || !setup->config.signatures)
        setup->kinds &= ~lies;
    if ((setup->kinds & lies) == 0)
        return;
    uint32_t most = (setup->config.replicas - 1U) / 3;
    setup->liars = (uint16_t)(1 + byzantine % most);
    if (ehr_setup_has(setup, EHR_FAULT_TWINS))
        setup->twins = (uint16_t)(1 + twins % setup->liars);
    if ((setup->kinds & lies) == 1U << EHR_FAULT_TWINS)
        setup->liars = setup->twins;
}

static void finish(struct ehr_setup *setup, uint64_t byzantine, uint64_t twins, bool few_down)
{
    uint32_t n = setup->config.replicas;
    bool crash = strcmp(setup->type->trust, "crash") == 0;
    if (strcmp(setup->type->trust, "single") == 0) /* it tolerates nothing */
        setup->kinds &= ~(1U << EHR_FAULT_ABSENT);
    liars_set(setup, byzantine, twins);
    for (uint32_t kind = 0; kind < EHR_FAULTS; kind++)
        if (!ehr_setup_has(setup, (enum ehr_fault)kind))
            setup->rate[kind] = 0;
    setup->down_max = few_down ? (crash ? (n - 1) / 2 : (n - 1) / 3) : n;
}

void ehr_setup_draw(struct ehr_setup *setup, const struct ehr_engine_type *type, uint64_t seed,
                    const struct ehr_setup_less *less)
{
    uint64_t state = ehr_tape_mix(seed + UINT64_C(0x736574757000));
    memset(setup, 0, sizeof(*setup));
    setup->type = type;
    setup->seed = seed;
    cluster_draw(setup, &state);
    engine_draw(setup, &state);
    network_draw(setup, &state);
    workload_draw(setup, &state);
    faults_draw(setup, &state);
    uint64_t byzantine = draw(&state, 60), twins = draw(&state, 60);
    bool few_down = draw(&state, 2) == 0;
    setup->kinds &= ~less->without;
    if (less->replicas != 0)
        setup->config.replicas = less->replicas;
    if (less->requests_limited && less->requests < setup->requests_max)
        setup->requests_max = less->requests;
    if (less->rounds != 0 && less->rounds < setup->rounds)
        setup->rounds = less->rounds;
    finish(setup, byzantine, twins, few_down);
}

void ehr_setup_full(struct ehr_setup *setup, const struct ehr_engine_type *type, uint64_t seed)
{
    struct ehr_setup_less less = {0};
    ehr_setup_draw(setup, type, seed, &less);
    setup->config.replicas = 4;
    setup->config.signatures = true;
    setup->kinds = EVERYTHING;
    if (seed % 2 == 0) /* the only Byzantine replica is a twin, or it lies */
        setup->kinds &= ~(1U << EHR_FAULT_TWINS);
    setup->workload = EHR_WORKLOAD_TRICKLE;
    uint64_t state = seed;
    for (uint32_t kind = 0; kind < EHR_FAULTS; kind++)
        setup->rate[kind] = rate_draw(&state, (enum ehr_fault)kind) / 2;
    setup->requests_max = 100;
    setup->rounds = 40;
    finish(setup, 0, 0, true);
}

void ehr_setup_print(FILE *out, const struct ehr_setup *setup)
{
    const struct ehr_engine_config *c = &setup->config;
    fprintf(out,
            "%s n %u (%u Byzantine, %u of them twins), batch %" PRIu32 " in %" PRIu64
            " us, window %" PRIu32 ", checkpoint every %" PRIu32 ", timeout %" PRIu64 " ms, %s%s%s",
            setup->type->name, c->replicas, setup->liars, setup->twins, c->batch_max,
            c->batch_timeout_ns / 1000, c->window, c->checkpoint_interval,
            c->request_timeout_ns / MS, c->signatures ? "signed" : "unsigned",
            c->signatures && setup->macs ? " with MACs" : "",
            c->votes == EHR_ENGINE_VOTES_ALL ? ", all vote" : "");
    if (strcmp(setup->type->name, "hotstuff") == 0)
        fprintf(out, ", %s chains, %s leader", c->two_chain ? "two" : "three",
                c->fixed_leader ? "fixed" : "rotating");
    fprintf(out, "; delays %" PRIu64 " to %" PRIu64 " us; faults:", setup->delay_min_ns / 1000,
            (setup->delay_min_ns + setup->delay_range_ns) / 1000);
    for (uint32_t kind = 0; kind < EHR_FAULTS; kind++)
        if (ehr_setup_has(setup, (enum ehr_fault)kind))
            fprintf(out, " %s", names[kind]);
    fprintf(out, "%s\n", setup->kinds == 0 ? " none" : "");
}
