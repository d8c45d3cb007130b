#include "actors/client.h"

#include <stdlib.h>
#include <string.h>

#include "actors/memory.h"
#include "sim/ledger/wire.h"

static void submit_send(const struct ehr_client *client, struct ehr_fx *fx, uint32_t member)
{
    ehr_fx_send(fx, (struct ehr_address){client->committee->members[member].node, 0},
                ehr_message_ref(client->submit));
}

static void submit_send_all(const struct ehr_client *client, struct ehr_fx *fx)
{
    for (uint32_t i = 0; i < client->committee->count; i++)
        submit_send(client, fx, i);
}

void ehr_client_start(struct ehr_client *client, struct ehr_fx *fx,
                      const struct ehr_directory *directory, const struct ehr_committee *committee,
                      struct ehr_tx *take_tx, uint64_t view, enum ehr_client_trust trust,
                      uint32_t id, uint64_t generation)
{
    ehr_client_stop(client);
    struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
    submit->request = take_tx->request;
    submit->tx = take_tx;
    client->committee = committee;
    client->trust = trust;
    client->view = view;
    client->submit = ehr_message_seal(&submit->head);
    if (committee->submit_to_all)
        submit_send_all(client, fx);
    else
        submit_send(client, fx, (uint32_t)(view % committee->count));
    ehr_patience_start(&client->patience, fx, directory, id, generation);
}

struct ehr_tx *ehr_client_tx(const struct ehr_client *client)
{
    return client->submit == NULL ? NULL : EHR_AS(submit, client->submit)->tx;
}

bool ehr_client_wants(const struct ehr_client *client, const struct ehr_msg_reply *reply)
{
    const struct ehr_tx *tx = ehr_client_tx(client);
    return tx != NULL && tx->request == reply->request && memcmp(tx->id, reply->tx_id, 32) == 0;
}

static uint8_t status_of(const struct ehr_msg_reply *reply)
{
    return reply->status == EHR_REPLY_DUPLICATE ? EHR_REPLY_OK : reply->status;
}

/* The last word of a member counts: it may have refused before it knew better. */
static const struct ehr_client_reply *remember(struct ehr_client *client, uint32_t member,
                                               const struct ehr_msg_reply *reply)
{
    uint32_t at = 0;
    while (at < client->reply_count && client->replies[at].member != member)
        at++;
    if (at == client->reply_capacity) {
        client->reply_capacity = at == 0 ? 4 : 2 * at;
        client->replies =
            ehr_actor_resize(client->replies, client->reply_capacity * sizeof(*client->replies));
    }
    if (at == client->reply_count)
        client->reply_count++;
    client->replies[at] =
        (struct ehr_client_reply){member, status_of(reply), reply->height, reply->view};
    return &client->replies[at];
}

static bool quorum_agrees(const struct ehr_client *client, const struct ehr_client_reply *last,
                          struct ehr_client_result *result)
{
    uint32_t equal = 0;
    uint64_t view = UINT64_MAX; /* the lowest of them: one is a correct member's */
    for (uint32_t i = 0; i < client->reply_count; i++) {
        const struct ehr_client_reply *other = &client->replies[i];
        if (other->status != last->status ||
            (last->status == EHR_REPLY_OK && other->height != last->height))
            continue;
        equal++;
        view = other->view < view ? other->view : view;
    }
    if (equal < client->committee->client_quorum)
        return false;
    if (view < client->view)
        view = client->view;
    *result = (struct ehr_client_result){(enum ehr_reply)last->status, last->height, view};
    return true;
}

/* The presumed primary may refuse alone, signed: it did not propose the transaction. */
static enum ehr_client_verdict signed_refusal(const struct ehr_client *client, struct ehr_fx *fx,
                                              uint32_t member, const struct ehr_msg_reply *reply,
                                              struct ehr_client_result *result)
{
    uint8_t digest[32];
    ehr_refuse_digest(digest, reply->tx_id, reply->status, reply->height);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, 41);
    ehr_fx_charge(fx, EHR_COST_ED_VERIFY, 1, 0);
    const uint8_t *key = client->committee->members[member].cert.ed_pk;
    if (ehr_sign_verify(key, "sig-refuse", digest, reply->signature) != EHR_OK)
        return EHR_CLIENT_BAD;
    *result = (struct ehr_client_result){(enum ehr_reply)reply->status, reply->height, reply->view};
    return EHR_CLIENT_DONE;
}

enum ehr_client_verdict ehr_client_on_reply(struct ehr_client *client, struct ehr_fx *fx,
                                            uint32_t from, const struct ehr_msg_reply *reply,
                                            struct ehr_client_result *result)
{
    uint32_t member = ehr_committee_replica(client->committee, from);
    if (member == UINT32_MAX || reply->status == EHR_REPLY_INVALID ||
        reply->status >= EHR_REPLY_COUNT)
        return EHR_CLIENT_BAD;
    if (client->trust == EHR_CLIENT_PRIMARY_MAY_REFUSE && !client->committee->submit_to_all &&
        reply->has_signature && status_of(reply) != EHR_REPLY_OK && reply->view == client->view &&
        reply->view % client->committee->count == member)
        return signed_refusal(client, fx, member, reply, result);
    const struct ehr_client_reply *last = remember(client, member, reply);
    return quorum_agrees(client, last, result) ? EHR_CLIENT_DONE : EHR_CLIENT_WAITING;
}

bool ehr_client_on_timer(struct ehr_client *client, struct ehr_fx *fx,
                         const struct ehr_directory *directory, uint32_t id)
{
    if (!ehr_patience_on_timer(&client->patience, fx, directory, id))
        return false;
    submit_send_all(client, fx);
    return true;
}

void ehr_client_insist(struct ehr_client *client, struct ehr_fx *fx,
                       const struct ehr_directory *directory, uint32_t id)
{
    ehr_patience_insist(&client->patience, fx, directory, id);
    submit_send_all(client, fx);
}

void ehr_client_stop(struct ehr_client *client)
{
    ehr_message_unref(client->submit);
    free(client->replies);
    *client = (struct ehr_client){0};
}
