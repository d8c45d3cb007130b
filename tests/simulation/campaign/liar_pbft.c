/* Lies about pre-prepares, votes, checkpoints and view changes (bytes: sim/consensus/pbft/codec.c).
 */
#include "crypto/codec.h"
#include "tests/simulation/campaign/liar.h"

enum { SIGNER_BYTES = 66, HEAD_BYTES = 8 + 32 + 2 + 4, ENTRY_BYTES = 8 + 8 + 32 + 1 + 2 };

static uint64_t draw(struct ehr_world *w, uint64_t below)
{
    return ehr_tape_draw(&w->tape, below);
}

static bool told_other(const struct ehr_instance *to)
{
    return to->index % 2 == 1;
}

/* A second block for the height and view of a proposal; half of the cluster gets it. */
static bool equivocate(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                       struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    if (liar->rival.view != m->view || liar->rival.height != m->height) {
        const struct ehr_body *first = ehr_host_body(w, &m->digest);
        struct ehr_digest parent, second;
        if (first == NULL)
            return true;
        parent = first->parent;
        if (draw(w, 8) == 7) /* one that does not fit */
            parent = m->digest;
        uint64_t height = m->height + (draw(w, 16) == 15);
        struct ehr_digest digest = m->digest;
        if (!ehr_liar_block(w, from, &parent, height, &second))
            return true;
        liar->rival.view = m->view;
        liar->rival.height = m->height;
        liar->rival.first = digest;
        liar->rival.second = second;
    }
    struct ehr_engine_message other = *m;
    other.digest = liar->carried = liar->rival.second;
    other.carried = &liar->carried;
    other.carried_count = 1;
    switch (draw(w, 4)) {
    case 0:
        ehr_liar_also(w, from, to, &other); /* both */
        return true;
    case 1:
        return !told_other(to); /* silence for half */
    default:
        if (told_other(to))
            *m = other;
        return true;
    }
}

/* Votes for whichever block the receiver was told of, for both, or too early. */
static bool vote(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                 struct ehr_engine_message *m)
{
    const struct ehr_liar *liar = w->liar;
    struct ehr_engine_message more = *m;
    if (liar->rival.view == m->view && liar->rival.height == m->height) {
        m->digest = told_other(to) ? liar->rival.second : liar->rival.first;
        more.digest = told_other(to) ? liar->rival.first : liar->rival.second;
        if (draw(w, 3) == 0)
            ehr_liar_also(w, from, to, &more);
    }
    switch (draw(w, 6)) {
    case 0: /* commits what is not prepared */
        more = *m;
        more.type = EHR_ENGINE_COMMIT;
        ehr_liar_also(w, from, to, &more);
        return true;
    case 1: /* for a later view, or height */
        more.view += 1 + draw(w, 2);
        more.height += draw(w, 3);
        ehr_liar_also(w, from, to, &more);
        return true;
    case 2:
        return draw(w, 2) == 0;
    default:
        return true;
    }
}

/* Where the entries of a view change begin, or 0 if it has none. */
static size_t entries_at(const uint8_t *body, uint32_t length)
{
    size_t proof = 8 + 32 + 2 + (size_t)ehr_le16_get(body + 40) * SIGNER_BYTES;
    return proof + 4 < length && ehr_le32_get(body + proof) > 0 ? proof + 4 : 0;
}

/* Claims that were never prepared, or denies those that were. */
static bool depart(struct ehr_world *w, struct ehr_instance *from, struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    if (m->body_length > EHR_LIAR_BODY_MAX || m->body_length < HEAD_BYTES)
        return true;
    memcpy(liar->body, m->body, m->body_length);
    m->body = liar->body;
    size_t at = entries_at(liar->body, m->body_length);
    uint64_t how = draw(w, 6);
    if (how == 0) { /* knows nothing at all */
        memset(liar->body, 0, HEAD_BYTES);
        m->body_length = HEAD_BYTES;
        m->carried_count = 0;
    } else if (how == 1 && at != 0) { /* forgets what it prepared */
        memset(liar->body + at - 4, 0, 4);
        m->body_length = (uint32_t)at;
        m->carried_count = 0;
    } else if (how == 2 && at != 0) { /* of a later view than it was */
        liar->body[at + 8] = (uint8_t)(liar->body[at + 8] + 1);
    } else if (how >= 3 && at != 0) { /* another block, with the signatures of the first */
        const struct ehr_body *body;
        struct ehr_digest block, first;
        memcpy(first.bytes, liar->body + at + 16, 32);
        body = ehr_host_body(w, &first);
        struct ehr_digest parent;
        if (body == NULL)
            return true;
        parent = body->parent;
        if (!ehr_liar_block(w, from, &parent, ehr_le64_get(liar->body + at), &block))
            return true;
        memcpy(liar->body + at + 16, block.bytes, 32);
        if (how == 4) /* and too few of those */
            liar->body[at + 49] = 0;
        if (how == 4)
            m->body_length = (uint32_t)at + ENTRY_BYTES;
        liar->carried = block;
        m->carried = &liar->carried;
        m->carried_count = 1;
    }
    return true;
}

/* A new view without some of its blocks, or only for some. */
static bool open_view(struct ehr_world *w, struct ehr_instance *to, struct ehr_engine_message *m)
{
    struct ehr_liar *liar = w->liar;
    if (m->body_length > EHR_LIAR_BODY_MAX)
        return true;
    memcpy(liar->body, m->body, m->body_length);
    switch (draw(w, 4)) {
    case 0: /* the last block is missing */
        for (uint32_t count = 1; m->carried_count >= count; count++) {
            uint32_t at = m->body_length - 32 * count - 4;
            if (m->body_length < 32 * count + 4 || ehr_le32_get(liar->body + at) != count)
                continue;
            liar->body[at]--;
            m->body = liar->body;
            m->body_length -= 32;
            break;
        }
        return true;
    case 1:
        return !told_other(to);
    case 2: /* one view change less than a quorum */
        liar->body[0]--;
        m->body = liar->body;
        return true;
    default:
        return true;
    }
}

bool ehr_liar_pbft(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                   struct ehr_engine_message *m)
{
    switch (m->type) {
    case EHR_ENGINE_PRE_PREPARE:
        return equivocate(w, from, to, m);
    case EHR_ENGINE_PREPARE:
    case EHR_ENGINE_COMMIT:
        return vote(w, from, to, m);
    case EHR_ENGINE_CHECKPOINT:
        if (draw(w, 3) == 0)
            m->digest.bytes[31] ^= (uint8_t)(1 + draw(w, 3));
        else if (draw(w, 3) == 0)
            m->height += draw(w, 4) * w->setup.config.checkpoint_interval;
        return true;
    case EHR_ENGINE_VIEW_CHANGE:
        return depart(w, from, m);
    case EHR_ENGINE_NEW_VIEW:
        return open_view(w, to, m);
    default: /* not PBFT's */
        return true;
    }
}
