/* Which blocks a new view starts with: a function of the quorum of view changes and nothing else.
 *
 * The base is the highest stable checkpoint proven. Its own block is the candidate prepared at that
 * height in the highest view: every view change reports what was prepared at its stable height too,
 * and of those whose commits made the base block committed, at least one is in every quorum. From
 * there upwards the candidate prepared in the highest view is chosen, as long as there is one that
 * names the block below as its parent. The body of each candidate looked at has to be held, so that
 * nobody can lie about a parent; the one that stops the chain therefore travels with the NEW_VIEW.
 */
#include "sim/consensus/pbft/pbft.h"

struct candidate {
    bool present;
    uint64_t view;
    struct ehr_digest block;
};

struct ehr_pbft_chooser {
    bool any;
    uint64_t base;
    struct ehr_digest state;
    struct ehr_pbft_proof_view proof;
    uint64_t lowest;              /* height of candidates[0] */
    struct candidate *candidates; /* mask + 1 of them, by height & mask, heights >= base */
    uint64_t *heights;
    struct ehr_digest *blocks, *parents;
};

static struct ehr_pbft_chooser *chooser_of(struct ehr_engine *e)
{
    size_t slots = e->mask + 1;
    if (e->choice == NULL) {
        size_t bytes = sizeof(struct ehr_pbft_chooser) +
                       slots * (sizeof(struct candidate) + sizeof(uint64_t)) +
                       (slots + 1) * 2 * sizeof(struct ehr_digest);
        e->choice = e->memory.resize(e->memory.context, NULL, bytes);
        memset(e->choice, 0, bytes);
        struct ehr_pbft_chooser *chooser = e->choice;
        chooser->candidates = (struct candidate *)(void *)(chooser + 1);
        chooser->heights = (uint64_t *)(void *)(chooser->candidates + slots);
        chooser->blocks = (struct ehr_digest *)(void *)(chooser->heights + slots);
        chooser->parents = chooser->blocks + slots + 1;
    }
    return e->choice;
}

void ehr_pbft_choose_begin(struct ehr_engine *e)
{
    struct ehr_pbft_chooser *chooser = chooser_of(e);
    chooser->any = false;
    memset(chooser->candidates, 0, (e->mask + 1) * sizeof(struct candidate));
    memset(chooser->heights, 0, (e->mask + 1) * sizeof(uint64_t));
}

void ehr_pbft_choose_add(struct ehr_engine *e, const struct ehr_pbft_change_view *change)
{
    struct ehr_pbft_chooser *chooser = chooser_of(e);
    if (!chooser->any || change->stable > chooser->base) {
        chooser->any = true;
        chooser->base = change->stable;
        chooser->state = change->state;
        chooser->proof = change->proof;
    }
    struct ehr_pbft_cursor cursor = change->entries;
    for (uint32_t i = 0; i < change->entry_count; i++) {
        struct ehr_pbft_entry entry;
        ehr_pbft_entry_next(&cursor, &entry);
        size_t at = entry.height & e->mask;
        struct candidate *candidate = &chooser->candidates[at];
        /* Of two heights that share a place, the higher is nearer to the base. */
        if (candidate->present &&
            (chooser->heights[at] > entry.height ||
             (chooser->heights[at] == entry.height && candidate->view >= entry.view)))
            continue;
        candidate->present = true;
        candidate->view = entry.view;
        candidate->block = entry.block;
        chooser->heights[at] = entry.height;
    }
}

static const struct candidate *candidate_at(const struct ehr_engine *e,
                                            const struct ehr_pbft_chooser *chooser, uint64_t height)
{
    const struct candidate *candidate = &chooser->candidates[height & e->mask];
    bool present = height > 0 && candidate->present && chooser->heights[height & e->mask] == height;
    return present ? candidate : NULL;
}

bool ehr_pbft_choose_end(struct ehr_engine *e, struct ehr_pbft_choice *choice)
{
    struct ehr_pbft_chooser *chooser = chooser_of(e);
    memset(choice, 0, sizeof(*choice));
    choice->base = chooser->base;
    choice->state = chooser->state;
    choice->proof = chooser->proof;
    choice->blocks = chooser->blocks;
    choice->parents = chooser->parents;
    const struct candidate *base = candidate_at(e, chooser, chooser->base);
    choice->base_known = base != NULL || chooser->base == e->genesis;
    if (base != NULL)
        choice->base_block = base->block;
    else if (chooser->base == e->genesis)
        choice->base_block = e->genesis_block;
    const struct ehr_digest *below = choice->base_known ? &choice->base_block : NULL;
    for (uint64_t height = choice->base + 1; height - choice->base <= e->span; height++) {
        const struct candidate *candidate = candidate_at(e, chooser, height);
        if (candidate == NULL)
            break;
        struct ehr_digest *block = &choice->blocks[choice->count];
        struct ehr_digest *parent = &choice->parents[choice->count];
        *block = candidate->block;
        if (!e->auth->block_parent(e->auth->context, block, parent))
            return false;
        if (below != NULL && !ehr_pbft_digest_equal(parent, below)) {
            choice->stopper = true;
            break;
        }
        choice->count++;
        below = block;
    }
    return true;
}
