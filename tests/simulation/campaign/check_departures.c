/* What PBFT's view changes and new views show (bytes: sim/consensus/pbft/codec.c, read here by
 * other code): every claim proven by genuine signatures of enough distinct replicas, the sender of
 * the claim among them by its signature on the whole. */
#include "tests/simulation/campaign/check.h"

#include <inttypes.h>

enum { SIGNER_BYTES = 2 + 64 };

struct reader {
    const uint8_t *at, *end;
    bool failed;
};

static const uint8_t *bytes(struct reader *r, size_t length)
{
    if (r->failed || (size_t)(r->end - r->at) < length) {
        r->failed = true;
        return NULL;
    }
    r->at += length;
    return r->at - length;
}

static uint64_t number(struct reader *r, size_t length)
{
    const uint8_t *at = bytes(r, length);
    uint64_t value = 0;
    for (size_t i = length; at != NULL && i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static void digest(struct reader *r, struct ehr_digest *out)
{
    const uint8_t *at = bytes(r, sizeof(out->bytes));
    if (at != NULL)
        memcpy(out->bytes, at, sizeof(out->bytes));
}

/* Signers of a list, `sender` included; 0 if one is not genuine, or stands there twice. */
static uint32_t signers(struct ehr_world *w, struct reader *r, uint16_t sender, uint8_t type,
                        uint8_t other, uint64_t view, uint64_t height,
                        const struct ehr_digest *named)
{
    uint64_t seen = UINT64_C(1) << sender;
    for (uint64_t count = number(r, 2); count > 0 && !r->failed; count--) {
        uint16_t signer = (uint16_t)number(r, 2);
        const uint8_t *signature = bytes(r, SIGNER_BYTES - 2);
        if (r->failed || signer >= w->setup.config.replicas || (seen >> signer & 1) != 0)
            return 0;
        if (!ehr_host_signed(w, signer, type, view, height, named, signature) &&
            !ehr_host_signed(w, signer, other, view, height, named, signature))
            return 0;
        seen |= UINT64_C(1) << signer;
    }
    return ehr_host_members(seen);
}

/* Whether a view change of `sender` for `view` proves what it says. */
static bool change_good(struct ehr_world *w, struct reader *r, uint16_t sender, uint64_t view)
{
    struct ehr_digest state, block;
    uint64_t stable = number(r, 8);
    digest(r, &state);
    uint32_t vouch =
        signers(w, r, sender, EHR_ENGINE_CHECKPOINT, EHR_ENGINE_CHECKPOINT, 0, stable, &state);
    if (r->failed || (stable > 0 && vouch <= w->checks->faults))
        return false;
    for (uint64_t count = number(r, 4); count > 0; count--) {
        uint64_t height = number(r, 8), prepared_in = number(r, 8);
        digest(r, &block);
        number(r, 1);
        if (r->failed || height < stable || prepared_in >= view ||
            signers(w, r, sender, EHR_ENGINE_PREPARE, EHR_ENGINE_PRE_PREPARE, prepared_in, height,
                    &block) < w->checks->quorum)
            return false;
    }
    return !r->failed && r->at == r->end;
}

/* The view changes of a quorum, each signed by who sent it, but for the primary's own. */
static bool new_view_good(struct ehr_world *w, struct reader *r, uint16_t primary, uint64_t view)
{
    uint64_t count = number(r, 2), seen = 0;
    if (count != w->checks->quorum)
        return false;
    for (; count > 0; count--) {
        uint16_t sender = (uint16_t)number(r, 2);
        uint32_t length = (uint32_t)number(r, 4);
        const uint8_t *body = bytes(r, length);
        if (r->failed || length < 8 || sender >= w->setup.config.replicas ||
            (seen >> sender & 1) != 0)
            return false;
        seen |= UINT64_C(1) << sender;
        struct reader change = {.at = body, .end = body + length};
        if (!change_good(w, &change, sender, view))
            return false;
        if (sender == primary)
            continue;
        struct reader head = {.at = body, .end = body + length};
        struct ehr_digest named;
        uint64_t stable = number(&head, 8);
        const uint8_t *signature = bytes(r, 64);
        ehr_host_hash(body, length, &named);
        if (r->failed ||
            !ehr_host_signed(w, sender, EHR_ENGINE_VIEW_CHANGE, view, stable, &named, signature))
            return false;
    }
    return true;
}

/* The block of a height that a view carries over; 0: none. Of correct primaries: they open a view
 * once. */
static uint64_t *carried(struct ehr_world *w, uint64_t view, uint64_t height)
{
    return ehr_map_at(&w->checks->map, ehr_host_key(22, view, height, 0));
}

/* The blocks are the last of the body; the one that stops the chain may travel, too. */
static void carry_over(struct ehr_world *w, const struct ehr_engine_message *m)
{
    for (uint32_t stopper = 0; stopper < 2 && stopper < m->carried_count; stopper++) {
        uint32_t count = m->carried_count - stopper;
        const uint8_t *at = m->body + m->body_length - 32 * (size_t)count;
        struct reader r = {.at = at - 4, .end = at};
        if (m->body_length < 32 * count + 4 || number(&r, 4) != count)
            continue;
        for (uint32_t k = 0; k < count; k++)
            *carried(w, m->view, m->height + 1 + k) = ehr_host_digest64(&m->carried[k]) | 1;
        return;
    }
}

/* Whether an instance has prepared a height, in any view and life. */
static uint64_t *prepared(struct ehr_world *w, const struct ehr_instance *i, uint64_t height)
{
    return ehr_map_at(&w->checks->map, ehr_host_key(23, i->index, height, 0));
}

/* A view change reports all that its sender prepared, the stable height and above. */
static bool change_complete(struct ehr_world *w, struct ehr_instance *i, struct reader *r)
{
    enum { HEIGHTS = 64 };
    uint64_t stable = number(r, 8), reported = 0;
    bytes(r, 32);
    bytes(r, (size_t)number(r, 2) * SIGNER_BYTES);
    for (uint64_t count = number(r, 4); count > 0 && !r->failed; count--) {
        uint64_t height = number(r, 8);
        bytes(r, 8 + 32 + 1);
        bytes(r, (size_t)number(r, 2) * SIGNER_BYTES);
        if (height - stable < HEIGHTS)
            reported |= UINT64_C(1) << (height - stable);
    }
    for (uint64_t k = 0; k < HEIGHTS; k++)
        if (*prepared(w, i, stable + k) != 0 && (reported >> k & 1) == 0)
            return false;
    return true;
}

void ehr_check_departures_vote(struct ehr_world *w, struct ehr_instance *i,
                               const struct ehr_engine_record *record)
{
    if (record->type == EHR_ENGINE_COMMIT)
        *prepared(w, i, record->height) = 1;
    uint64_t block =
        record->type <= EHR_ENGINE_PREPARE ? *carried(w, record->view, record->height) : 0;
    if (block != 0 && block != (ehr_host_digest64(&record->digest) | 1))
        ehr_world_broken(w, "a vote against what the view carries over",
                         "r%u view %" PRIu64 " height %" PRIu64, i->replica, record->view,
                         record->height);
}

void ehr_check_departures_send(struct ehr_world *w, struct ehr_instance *i,
                               const struct ehr_engine_message *m)
{
    struct reader r = {.at = m->body, .end = m->body + m->body_length};
    if (m->type == EHR_ENGINE_NEW_VIEW)
        carry_over(w, m);
    struct reader whole = r;
    if (m->type == EHR_ENGINE_VIEW_CHANGE && !change_complete(w, i, &whole))
        ehr_world_broken(w, "a view change that hides what was prepared", "r%u view %" PRIu64,
                         i->replica, m->view);
    if (!w->setup.config.signatures)
        return;
    /* Where a life began without a record counts as stable, but nobody has a proof to show: a
     * replica that stopped between installing a state and hearing of it waits for another. */
    bool born = i->born > 0 && m->height == i->born;
    if (m->type == EHR_ENGINE_VIEW_CHANGE && !born && !change_good(w, &r, i->replica, m->view))
        ehr_world_broken(w, "a view change that proves nothing", "r%u view %" PRIu64, i->replica,
                         m->view);
    if (m->type == EHR_ENGINE_NEW_VIEW && !new_view_good(w, &r, i->replica, m->view))
        ehr_world_broken(w, "a new view that proves nothing", "r%u view %" PRIu64, i->replica,
                         m->view);
}
