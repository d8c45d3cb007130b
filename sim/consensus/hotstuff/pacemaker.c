/* Views: entering them by a certificate, leaving them by time.
 *
 * A replica whose timer runs out sends its vote of the view to everybody, then its timeout with its
 * highest certificate. The vote first: where only the next leader is down, everybody makes the
 * certificate itself and the chain of consecutive views is not broken, so that any three correct
 * leaders in a row commit. A quorum of timeouts ends the view; f+1 of them make the others join. */
#include "sim/consensus/hotstuff/hotstuff.h"

void ehr_hotstuff_enter(struct ehr_engine *e, uint64_t view, bool by_departure)
{
    if (view <= e->view)
        return;
    bool skipped = by_departure || view > e->view + 1;
    if (ehr_hotstuff_key(e, view) != ehr_hotstuff_key(e, e->view))
        e->timer_restart = true;
    e->view = view;
    e->batch.outstanding = false;
    if (!skipped || !e->started)
        return;
    e->tip = e->high.node.height;
    ehr_hotstuff_emit_new_view(
        e, by_departure); /* proposals of the views between may have come to nothing */
}

static void left(struct ehr_engine *e, uint64_t key)
{
    if (e->left_end <= key)
        e->left_end = key + 1;
}

void ehr_hotstuff_timeout_send(struct ehr_engine *e)
{
    struct ehr_hotstuff_timeout *own = &e->timeouts[e->config.self];
    uint64_t view = e->view;
    if (e->high.node.view < view)
        ehr_hotstuff_vote_repeat(e);
    if (e->view != view)
        return; /* the vote that was missing was its own */
    /* Not `high`: a restart may have lost the branch of what it voted on, not the vote. */
    memcpy(e->timeout, e->named.bytes, e->certificate_bytes);
    own->present = true;
    own->key = ehr_hotstuff_key(e, e->view);
    left(e, own->key);
    own->high = e->named.node.view;
    e->auth->body_digest(e->auth->context, e->timeout, e->certificate_bytes, &own->digest);
    if (e->config.signatures)
        e->auth->vote_sign(e->auth->context, EHR_ENGINE_HOTSTUFF_TIMEOUT, own->key, own->high,
                           &own->digest, own->signature);
    struct ehr_engine_message *message =
        ehr_effect_send(e->out, &e->config, EHR_ENGINE_TO_ALL, EHR_ENGINE_HOTSTUFF_TIMEOUT,
                        own->key, own->high, NULL);
    if (message != NULL) {
        message->body = e->timeout;
        message->body_length = e->certificate_bytes;
    }
    e->timer_restart = true;
    ehr_hotstuff_departure_try(e);
}

void ehr_hotstuff_leave(struct ehr_engine *e, uint64_t key)
{
    if (key > ehr_hotstuff_key(e, e->view))
        ehr_hotstuff_enter(e, key, false);
    e->barrier = ehr_hotstuff_after(e, key);
    e->changes++;
    e->batch.outstanding = false;
    ehr_hotstuff_emit_safety(e);
    ehr_hotstuff_timeout_send(e);
}

/* Leaves with others once one of them must be correct: the smallest such time, and again. */
static void join(struct ehr_engine *e)
{
    for (;;) {
        uint64_t key = ehr_hotstuff_key(e, e->view), smallest = UINT64_MAX;
        uint32_t count = 0;
        for (uint32_t i = 0; i < e->config.replicas; i++) {
            const struct ehr_hotstuff_timeout *timeout = &e->timeouts[i];
            if (!timeout->present || i == e->config.self || timeout->key < key ||
                (timeout->key == key && ehr_hotstuff_left(e)))
                continue;
            count++;
            if (timeout->key < smallest)
                smallest = timeout->key;
        }
        if (count <= e->faults)
            return;
        ehr_hotstuff_leave(e, smallest);
    }
}

bool ehr_hotstuff_outrun(const struct ehr_engine *e)
{
    uint64_t key = ehr_hotstuff_key(e, e->view);
    uint32_t count = 1;
    bool further = false;
    for (uint32_t i = 0; i < e->config.replicas; i++) {
        const struct ehr_hotstuff_timeout *timeout = &e->timeouts[i];
        if (i == e->config.self || !timeout->present || timeout->key < key)
            continue;
        count++;
        further |= timeout->key > key;
    }
    return further && count >= e->quorum;
}

void ehr_hotstuff_departure_try(struct ehr_engine *e)
{
    uint64_t key = ehr_hotstuff_key(e, e->view);
    uint32_t count = 0;
    if (e->left_end <= key)
        return; /* nobody has left this view: the good case looks at no timeout */
    for (uint32_t i = 0; i < e->config.replicas; i++)
        count += e->timeouts[i].present && e->timeouts[i].key == key &&
                 e->timeouts[i].high <= e->high.node.view;
    if (count < e->quorum)
        return;
    ehr_hotstuff_departure_build(e, key, e->departure);
    e->departure_present = true;
    e->departure_key = key;
    ehr_hotstuff_enter(e, ehr_hotstuff_after(e, key), true);
}

void ehr_hotstuff_departure_take(struct ehr_engine *e, uint64_t key, const uint8_t *bytes)
{
    if (ehr_hotstuff_after(e, key) <= e->view)
        return;
    memcpy(e->departure, bytes, e->departure_bytes);
    e->departure_present = true;
    e->departure_key = key;
    ehr_hotstuff_enter(e, ehr_hotstuff_after(e, key), true);
}

void ehr_hotstuff_on_timeout(struct ehr_engine *e, const struct ehr_engine_message *message)
{
    struct ehr_hotstuff_timeout *timeout = &e->timeouts[message->sender];
    struct ehr_hotstuff_certificate shown;
    if (message->body_length != e->certificate_bytes ||
        ehr_hotstuff_get(message->body, 8) != message->height ||
        ehr_hotstuff_key(e, message->view) != message->view)
        return;
    if (message->height > e->high.node.view) {
        if (!ehr_hotstuff_certificate_read(e, message->body, &shown))
            return;
        ehr_hotstuff_learn(e, &shown, message->sender);
    }
    uint64_t key = ehr_hotstuff_key(e, e->view);
    if (message->view < key ||
        (message->view == key && !ehr_hotstuff_left(e) && message->height < e->high.node.view)) {
        ehr_hotstuff_show(e, message->sender, NULL, 0);
        ehr_hotstuff_checkpoint_repeat(e, message->sender);
    }
    if (message->view >= key &&
        (!timeout->present || message->view > timeout->key || message->height > timeout->high)) {
        timeout->present = true;
        timeout->key = message->view;
        left(e, message->view);
        timeout->high = message->height;
        timeout->digest = message->digest;
        if (message->signature != NULL)
            memcpy(timeout->signature, message->signature, EHR_HOTSTUFF_SIGNATURE_BYTES);
        join(e);
    }
    ehr_hotstuff_retry(e);
}
