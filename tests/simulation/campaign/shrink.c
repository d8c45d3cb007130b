/* Every attempt is a whole run; what fails in another way does not count. */
#include "tests/simulation/campaign/shrink.h"

#include <inttypes.h>
#include <string.h>

struct attempt {
    struct ehr_world *world;
    struct ehr_case *best;
    struct ehr_verdict verdict; /* of the best */
    uint32_t runs;              /* left */
};

struct ehr_verdict ehr_case_run(struct ehr_world *world, const struct ehr_case *of, FILE *trace,
                                struct ehr_tally *tally)
{
    struct ehr_setup setup;
    ehr_setup_draw(&setup, of->type, of->seed, &of->less);
    return ehr_world_run(world, &setup, &of->cuts, trace, tally);
}

void ehr_case_print(FILE *out, const struct ehr_case *of)
{
    const char *comma = " --without ";
    fprintf(out, "ehr_simulation --engine %s --seed %" PRIu64, of->type->name, of->seed);
    for (uint32_t kind = 0; kind < EHR_FAULTS; kind++)
        if ((of->less.without >> kind & 1U) != 0) {
            fprintf(out, "%s%s", comma, ehr_fault_name((enum ehr_fault)kind));
            comma = ",";
        }
    if (of->less.replicas != 0)
        fprintf(out, " --replicas %u", of->less.replicas);
    if (of->less.rounds != 0)
        fprintf(out, " --rounds %" PRIu32, of->less.rounds);
    if (of->less.requests_limited)
        fprintf(out, " --requests %" PRIu32, of->less.requests);
    if (of->cuts.limited)
        fprintf(out, " --tape-limit %" PRIu64, of->cuts.limit);
    for (uint32_t i = 0; i < of->cuts.count; i++)
        fprintf(out, "%s%" PRIu64 "-%" PRIu64, i == 0 ? " --zero " : ",", of->cuts.zeros[i].first,
                of->cuts.zeros[i].end);
}

/* Whether the smaller case still fails so; then it is the best one. */
static bool smaller(struct attempt *a, const struct ehr_case *candidate)
{
    struct ehr_tally tally = {0};
    if (a->runs == 0)
        return false;
    a->runs--;
    struct ehr_verdict verdict = ehr_case_run(a->world, candidate, NULL, &tally);
    if (!verdict.broken || strcmp(verdict.kind, a->verdict.kind) != 0)
        return false;
    *a->best = *candidate;
    a->verdict = verdict;
    return true;
}

static void kinds_shrink(struct attempt *a)
{
    struct ehr_setup setup;
    ehr_setup_draw(&setup, a->best->type, a->best->seed, &a->best->less);
    for (uint32_t kind = 0; kind < EHR_FAULTS; kind++) {
        struct ehr_case candidate = *a->best;
        if (!ehr_setup_has(&setup, (enum ehr_fault)kind))
            continue;
        candidate.less.without |= 1U << kind;
        smaller(a, &candidate);
    }
}

static void replicas_shrink(struct attempt *a)
{
    struct ehr_setup setup;
    ehr_setup_draw(&setup, a->best->type, a->best->seed, &a->best->less);
    for (uint16_t n = ehr_setup_replicas_min(a->best->type); n < setup.config.replicas; n++) {
        struct ehr_case candidate = *a->best;
        candidate.less.replicas = n;
        if (smaller(a, &candidate))
            break;
    }
}

/* Rounds and requests: halves, then one by one as long as it helps. */
static void amounts_shrink(struct attempt *a)
{
    struct ehr_setup setup;
    for (uint32_t which = 0; which < 2; which++)
        for (uint32_t step = 2; step <= 8; step *= 2)
            for (;;) {
                ehr_setup_draw(&setup, a->best->type, a->best->seed, &a->best->less);
                struct ehr_case candidate = *a->best;
                uint32_t now = which == 0 ? setup.rounds : setup.requests_max;
                uint32_t next = now - (now + step - 1) / step;
                if (next == now || next == 0)
                    break;
                if (which == 0)
                    candidate.less.rounds = next;
                candidate.less.requests_limited |= which == 1;
                if (which == 1)
                    candidate.less.requests = next;
                if (!smaller(a, &candidate))
                    break;
            }
}

/* The shortest tape that is still enough, as if there were a threshold. */
static void limit_shrink(struct attempt *a)
{
    uint64_t low = 0, high = a->verdict.position;
    while (low < high) {
        struct ehr_case candidate = *a->best;
        candidate.cuts.limited = true;
        candidate.cuts.limit = low + (high - low) / 2;
        if (smaller(a, &candidate))
            high = candidate.cuts.limit;
        else
            low = candidate.cuts.limit + 1;
        if (a->runs == 0)
            return;
    }
}

/* Adds a range of zeros; false if there is no room for it. */
static bool zeros_add(struct ehr_tape_cuts *cuts, uint64_t first, uint64_t end)
{
    struct ehr_tape_range all[EHR_TAPE_ZEROS_MAX + 1];
    uint32_t count = 0, kept = 0;
    bool placed = false;
    for (uint32_t i = 0; i < cuts->count; i++) {
        if (!placed && first < cuts->zeros[i].first) {
            all[count++] = (struct ehr_tape_range){first, end};
            placed = true;
        }
        all[count++] = cuts->zeros[i];
    }
    if (!placed)
        all[count++] = (struct ehr_tape_range){first, end};
    for (uint32_t i = 0; i < count; i++) {
        if (kept > 0 && all[i].first <= all[kept - 1].end) {
            if (all[i].end > all[kept - 1].end)
                all[kept - 1].end = all[i].end;
        } else {
            all[kept++] = all[i];
        }
    }
    if (kept > EHR_TAPE_ZEROS_MAX)
        return false;
    cuts->count = kept;
    memcpy(cuts->zeros, all, kept * sizeof(*all));
    return true;
}

static bool zero_already(const struct ehr_tape_cuts *cuts, uint64_t first, uint64_t end)
{
    for (uint32_t i = 0; i < cuts->count; i++)
        if (cuts->zeros[i].first <= first && end <= cuts->zeros[i].end)
            return true;
    return false;
}

static void zeros_shrink(struct attempt *a)
{
    uint64_t length = a->best->cuts.limited ? a->best->cuts.limit : a->verdict.position;
    for (uint64_t pieces = 2; pieces <= 64 && pieces <= length && a->runs > 0; pieces *= 2)
        for (uint64_t k = 0; k < pieces; k++) {
            uint64_t first = length * k / pieces, end = length * (k + 1) / pieces;
            struct ehr_case candidate = *a->best;
            if (!zero_already(&candidate.cuts, first, end) &&
                zeros_add(&candidate.cuts, first, end))
                smaller(a, &candidate);
        }
}

struct ehr_verdict ehr_case_shrink(struct ehr_world *world, struct ehr_case *of,
                                   const struct ehr_verdict *verdict, uint32_t runs)
{
    struct attempt a = {.world = world, .best = of, .verdict = *verdict, .runs = runs};
    kinds_shrink(&a);
    replicas_shrink(&a);
    kinds_shrink(&a);
    amounts_shrink(&a);
    limit_shrink(&a);
    zeros_shrink(&a);
    return a.verdict;
}
