/* Attacks on shares: patients whose grants have ended, one by one and in batches. */
#include <assert.h>
#include <string.h>

#include "crypto/grant.h"
#include "sim/contract/contract.h"
#include "sim/ledger/grant_batch.h"
#include "tests/tampering/tamper.h"

enum { KEPT_MAX = 64 };

static struct {
    uint64_t blocks;   /* that the grant is valid for, from the height that the patient knows */
    uint64_t until_ns; /* later ones are as they should be: nothing would follow to end them */
    struct {
        uint64_t request, not_after;
        uint32_t item; /* of a batch */
        struct ehr_blob *grant;
    } made[KEPT_MAX];
    size_t count;
} brief;

static size_t brief_find(uint64_t request, uint32_t item)
{
    size_t i = 0;
    while (i < brief.count && (brief.made[i].request != request || brief.made[i].item != item))
        i++;
    return i;
}

/* The patient's own grant for the same visit and data user, with another end. */
static struct ehr_blob *grant_remake(struct tamper *t, const struct ehr_grant_tx *wrapped,
                                     uint64_t not_before, uint64_t not_after)
{
    const struct ehr_directory *directory = t->directory;
    uint8_t cert_ids[32 * EHR_GRANT_PROXIES_MAX], node_keys[32 * EHR_GRANT_PROXIES_MAX];
    struct ehr_grant own;
    struct ehr_visit_keys keys;
    struct ehr_atx atx;
    enum ehr_status status = ehr_grant_parse(&own, wrapped->grant, wrapped->grant_len);
    assert(status == EHR_OK);
    const struct ehr_index_entry *visit = ehr_contract_index_find(
        t->genesis->alliance.chain->contract, wrapped->txid, t->genesis->alliance.chain->height);
    status = ehr_atx_parse(&atx, visit->tx->bytes, visit->tx->length);
    assert(status == EHR_OK);
    tamper_visit_keys(t, atx.pseudonym, own.hid, &keys);
    for (uint32_t i = 0; i < directory->proxies; i++) {
        memcpy(cert_ids + 32 * i, directory->alliance.members[i].cert.id, 32);
        memcpy(node_keys + 32 * i, directory->alliance.members[i].epoch_key.bytes, 32);
    }
    const struct ehr_grant_terms terms = {.keys = &keys,
                                          .Y = own.Y,
                                          .hid = own.hid,
                                          .du_cert_id = own.du_cert_id,
                                          .scope_hash = own.scope_hash,
                                          .epoch = directory->epoch,
                                          .threshold = own.threshold,
                                          .proxies = own.proxies,
                                          .cert_ids = cert_ids,
                                          .node_keys = node_keys,
                                          .not_before = not_before,
                                          .not_after = not_after};
    struct ehr_blob *grant = ehr_blob_new(NULL, wrapped->grant_len);
    status = ehr_grant_make(grant->bytes, grant->length, &terms, &t->rng.rng);
    assert(status == EHR_OK);
    return grant;
}

/* The short grant in the place of that one, made once. */
static const struct ehr_blob *grant_shortened(struct tamper *t, const struct ehr_grant_tx *wrapped,
                                              uint64_t request, uint32_t item)
{
    size_t at = brief_find(request, item);
    if (at == brief.count) {
        uint64_t height = t->genesis->alliance.chain->height;
        assert(brief.count < KEPT_MAX);
        brief.made[at].request = request;
        brief.made[at].item = item;
        brief.made[at].not_after = height + brief.blocks;
        brief.made[at].grant = grant_remake(t, wrapped, height, height + brief.blocks);
        brief.count++;
    }
    return brief.made[at].grant;
}

static struct ehr_message *grants_shorten(struct tamper *t, struct ehr_message *message)
{
    const struct ehr_tx *tx = EHR_AS(submit, message)->tx;
    struct ehr_grant_batch batch = {.count = 0};
    struct ehr_grant_tx wrapped;
    for (; tamper_grant_item(&wrapped, tx, batch.count) == EHR_OK; batch.count++) {
        const struct ehr_blob *made = grant_shortened(t, &wrapped, tx->request, batch.count);
        batch.item[batch.count] = (struct ehr_grant_item){wrapped.txid, made->bytes, made->length};
        wrapped.grant = made->bytes;
        wrapped.grant_len = made->length;
        batch.scope = wrapped.scope;
        batch.scope_len = wrapped.scope_len;
        if (tx->type == EHR_TX_GRANT)
            break;
    }
    tamper_refusal(t, tx->request, EHR_REASON_EXPIRED_GRANT);
    struct ehr_blob *bytes =
        tx->type == EHR_TX_GRANT ? ehr_grant_tx_make(&wrapped) : ehr_grant_batch_make(&batch);
    message = tamper_submit(t, message, bytes->bytes, bytes->length);
    ehr_blob_unref(bytes);
    return message;
}

/* What the data user gets, with the short grants in it. */
static struct ehr_message *answer_shorten(struct ehr_message *message)
{
    struct ehr_batch_answer answers[EHR_GRANT_BATCH_MAX];
    uint32_t count = 0;
    uint64_t request = EHR_AS(access_reply, message)->request; /* the first field of all three */
    size_t at = brief_find(request, 0);
    if (at == brief.count)
        return message;
    struct ehr_message *copy = tamper_copy(message);
    struct ehr_blob **whole, *own;
    if (copy->type == EHR_MSG_BATCH_REPLY) {
        whole = &((struct ehr_msg_batch_reply *)copy)->items;
        own = *whole;
        if (own == NULL)
            return copy;
        enum ehr_status status = ehr_batch_answers_parse(answers, &count, own->bytes, own->length);
        assert(status == EHR_OK);
        for (uint32_t i = 0; i < count; i++) {
            const struct ehr_blob *made = brief.made[brief_find(request, i)].grant;
            if (answers[i].grant_len > 0)
                answers[i].grant = made->bytes, answers[i].grant_len = made->length;
        }
        *whole = ehr_batch_answers_make(answers, count);
    } else {
        whole = copy->type == EHR_MSG_ACCESS_REPLY
                    ? &((struct ehr_msg_access_reply *)copy)->grant
                    : &((struct ehr_msg_access_reply_scoped *)copy)->grant;
        own = *whole;
        if (own == NULL)
            return copy;
        *whole = ehr_blob_ref(brief.made[at].grant);
    }
    ehr_blob_unref(own);
    return ehr_message_seal(copy);
}

/* A patient whose grants end too soon, in the transaction and in what the data user gets. */
static struct ehr_message *grant_speak(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    const struct ehr_tx *tx = tamper_submitted(message, EHR_TX_GRANT);
    (void)to;
    if (tx == NULL)
        tx = tamper_submitted(message, EHR_TX_GRANT_BATCH);
    if (tx != NULL) {
        bool begun = brief_find(tx->request, 0) < brief.count;
        return now_ns < brief.until_ns || begun ? grants_shorten(context, message) : message;
    }
    if (message->type == EHR_MSG_ACCESS_REPLY || message->type == EHR_MSG_ACCESS_REPLY_SCOPED ||
        message->type == EHR_MSG_BATCH_REPLY)
        return answer_shorten(message);
    return message;
}

/* A data user that does not use its grant before it has ended. */
static struct ehr_message *access_late(void *context, uint64_t now_ns, uint32_t to,
                                       struct ehr_message *message)
{
    struct tamper *t = context;
    struct tamper_access asked;
    (void)now_ns, (void)to;
    if (!tamper_access_read(&asked, message))
        return message;
    size_t at = brief_find((uint32_t)asked.request, 0);
    if (at == brief.count || t->genesis->alliance.chain->height > brief.made[at].not_after + 1)
        return message;
    ehr_message_unref(message);
    return NULL;
}

static void expired_grant(struct tamper *t)
{
    brief.blocks = 2;
    brief.until_ns = 30000000000U;
    tamper_mouth(t, "minsk-patients", grant_speak);
    tamper_mouth(t, "institute", access_late);
    tamper_mouth(t, "insurer", access_late);
}

static void expired_grant_order(struct tamper *t)
{
    brief.blocks = 0; /* the block that it is ordered in is the next */
    brief.until_ns = UINT64_MAX;
    tamper_mouth(t, "minsk-patients", grant_speak);
}

static void brief_close(struct tamper *t)
{
    (void)t;
    for (size_t i = 0; i < brief.count; i++)
        ehr_blob_unref(brief.made[i].grant);
}

const struct tamper_case tamper_cases_brief[] = {
    {.name = "expired_grant",
     .attack =
         "patients of Minsk grant for two blocks, and the data users wait until they are over",
     .before = EHR_PHASE_FETCH,
     .prepare = expired_grant,
     .judge = brief_close,
     .ear = "minsk-patients",
     .hear = tamper_hear_own},
    {.name = "expired_grant_order",
     .attack = "patients of Minsk submit grants that have ended",
     .before = EHR_PHASE_LOCATE,
     .prepare = expired_grant_order,
     .judge = brief_close,
     .ear = "minsk-patients",
     .hear = tamper_hear_own},
    {.name = NULL},
};
