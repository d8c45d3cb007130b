/* What a client takes for an answer of a committee, and how replies are counted. */
#include <string.h>

#include "actors/client.h"
#include "sim/ledger/wire.h"
#include "tests/simulation/role_world.h"
#include "tests/unit/unit.h"

/* A node that runs a test's function once, to have effects. */
struct probe {
    struct ehr_node node;
    void (*run)(struct ehr_fx *fx, struct role_world *world);
    struct role_world *world;
};

static void probe_on_start(struct ehr_node *node, struct ehr_fx *fx,
                           const struct ehr_journal *saved)
{
    (void)saved;
    struct probe *self = (struct probe *)(void *)node;
    self->run(fx, self->world);
}

static void probe_on_message(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    (void)node;
    (void)fx;
    (void)d;
}

static void probe_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                           uint64_t generation)
{
    (void)node;
    (void)fx;
    (void)lane;
    (void)id;
    (void)generation;
}

static void probe(void (*run)(struct ehr_fx *fx, struct role_world *world))
{
    static const struct ehr_node_type type = {"probe", probe_on_start, probe_on_message,
                                              probe_on_timer};
    struct role_world *world = role_world_new(1);
    struct probe node = {{&type, "probe", 0}, run, world};
    uint32_t id = ehr_loop_node_add(world->loop, &node.node);
    ehr_loop_restart(world->loop, id);
    CU_ASSERT_TRUE(role_world_free(world));
}

static enum ehr_client_verdict reply_from(struct ehr_client *client, struct ehr_fx *fx,
                                          uint32_t member, enum ehr_reply status, uint64_t height,
                                          struct ehr_client_result *result)
{
    const struct ehr_tx *tx = ehr_client_tx(client);
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    reply->request = tx->request;
    reply->status = (uint8_t)status;
    memcpy(reply->tx_id, tx->id, 32);
    reply->height = height;
    CU_ASSERT_TRUE(ehr_client_wants(client, reply));
    enum ehr_client_verdict verdict =
        ehr_client_on_reply(client, fx, client->committee->members[0].node + member, reply, result);
    ehr_message_unref(ehr_message_seal(&reply->head));
    return verdict;
}

static struct ehr_client client_of(struct ehr_fx *fx, const struct role_world *world,
                                   enum ehr_client_trust trust)
{
    struct ehr_client client = {0};
    ehr_client_start(&client, fx, &world->directory, &world->directory.alliance,
                     ehr_tx_new(EHR_TX_RAW, (const uint8_t *)"x", 1, 0, 0, 5), 0, trust, 1, 1);
    return client;
}

static void quorum_of_equal_replies(struct ehr_fx *fx, struct role_world *world)
{
    struct ehr_client client = client_of(fx, world, EHR_CLIENT_QUORUM_ONLY);
    struct ehr_client_result result;
    /* conflicting heights, one member twice, then a match: two of four */
    CU_ASSERT_EQUAL(reply_from(&client, fx, 0, EHR_REPLY_OK, 7, &result), EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 0, EHR_REPLY_OK, 7, &result), EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 1, EHR_REPLY_OK, 8, &result), EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 2, EHR_REPLY_NO_HEADER, 7, &result),
                    EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 4, EHR_REPLY_OK, 7, &result), EHR_CLIENT_BAD);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 3, EHR_REPLY_INVALID, 7, &result), EHR_CLIENT_BAD);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 3, EHR_REPLY_DUPLICATE, 7, &result), EHR_CLIENT_DONE);
    CU_ASSERT_EQUAL(result.status, EHR_REPLY_OK);
    CU_ASSERT_EQUAL(result.height, 7);
    ehr_client_stop(&client);
}

static void quorum_of_refusals(struct ehr_fx *fx, struct role_world *world)
{
    struct ehr_client client = client_of(fx, world, EHR_CLIENT_QUORUM_ONLY);
    struct ehr_client_result result;
    CU_ASSERT_EQUAL(reply_from(&client, fx, 0, EHR_REPLY_SUSPENDED, 3, &result),
                    EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 1, EHR_REPLY_SUSPENDED, 4, &result), EHR_CLIENT_DONE);
    CU_ASSERT_EQUAL(result.status, EHR_REPLY_SUSPENDED);
    ehr_client_stop(&client);
}

/* A refusal that claims to be the primary's but is not signed by it. */
static void unsigned_refusal(struct ehr_fx *fx, struct role_world *world)
{
    struct ehr_client client = client_of(fx, world, EHR_CLIENT_PRIMARY_MAY_REFUSE);
    struct ehr_client_result result;
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    reply->request = 5;
    reply->status = EHR_REPLY_REUSED_LABEL;
    memcpy(reply->tx_id, ehr_client_tx(&client)->id, 32);
    reply->has_signature = 1;
    uint32_t primary = client.committee->members[0].node;
    CU_ASSERT_EQUAL(ehr_client_on_reply(&client, fx, primary, reply, &result), EHR_CLIENT_BAD);
    ehr_message_unref(ehr_message_seal(&reply->head));
    ehr_client_stop(&client);
}

/* A member that names a later view, of which it would be the primary, and signs. */
static void refusal_of_another_view(struct ehr_fx *fx, struct role_world *world)
{
    struct ehr_client client = client_of(fx, world, EHR_CLIENT_PRIMARY_MAY_REFUSE);
    struct ehr_client_result result;
    for (uint32_t member = 1; member < 3; member++) {
        uint32_t node = client.committee->members[member].node;
        uint8_t digest[32];
        struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
        reply->request = 5;
        reply->status = EHR_REPLY_REUSED_LABEL;
        reply->view = 4 * (uint64_t)member + member;
        memcpy(reply->tx_id, ehr_client_tx(&client)->id, 32);
        ehr_refuse_digest(digest, reply->tx_id, reply->status, 0);
        ehr_sign_make(reply->signature, &role_world_secrets(world, node)->sign, "sig-refuse",
                      digest);
        reply->has_signature = 1;
        /* one is a word among others, two are a quorum */
        CU_ASSERT_EQUAL(ehr_client_on_reply(&client, fx, node, reply, &result),
                        member == 1 ? EHR_CLIENT_WAITING : EHR_CLIENT_DONE);
        ehr_message_unref(ehr_message_seal(&reply->head));
    }
    CU_ASSERT_EQUAL(result.status, EHR_REPLY_REUSED_LABEL);
    CU_ASSERT_EQUAL(result.view, 5);
    ehr_client_stop(&client);
}

static void client_is_done_when_a_quorum_agrees(void)
{
    probe(quorum_of_equal_replies);
}

static void client_is_done_when_a_quorum_refuses_alike(void)
{
    probe(quorum_of_refusals);
}

static void client_goes_on_when_a_refusal_is_not_signed(void)
{
    probe(unsigned_refusal);
}

static void client_goes_on_when_a_refusal_names_another_view(void)
{
    probe(refusal_of_another_view);
}

/* Every reply has an outcome and a reason; only good ones are ok. */
static void reply_is_ok_when_done_only(void)
{
    for (int reply = 0; reply <= EHR_REPLY_COUNT; reply++) {
        enum ehr_outcome outcome = ehr_reply_outcome((enum ehr_reply)reply);
        enum ehr_reason reason = ehr_reply_reason((enum ehr_reply)reply);
        bool ok = reply == EHR_REPLY_OK || reply == EHR_REPLY_DUPLICATE;
        CU_ASSERT_EQUAL(outcome == EHR_OUTCOME_OK, ok);
        CU_ASSERT_EQUAL(reason == EHR_REASON_NONE, ok);
        CU_ASSERT_TRUE(reason > EHR_REASON_INVALID && reason < EHR_REASON_END);
    }
    CU_ASSERT_EQUAL(ehr_reply_outcome(EHR_REPLY_NODE_UNREACHABLE), EHR_OUTCOME_FAILED);
    CU_ASSERT_EQUAL(ehr_reply_outcome(EHR_REPLY_REUSED_LABEL), EHR_OUTCOME_REFUSED);
    CU_ASSERT_EQUAL(ehr_reply_reason(EHR_REPLY_BAD_DRAFT), EHR_REASON_DRAFT_REJECTED);
}

/* A peer that says "done" where it had to answer has done nothing. */
static void refusal_is_never_ok(void)
{
    for (int status = 0; status <= UINT8_MAX; status++) {
        enum ehr_reply reply = ehr_reply_refusal((uint8_t)status);
        bool refuses = status > EHR_REPLY_OK && status < EHR_REPLY_COUNT &&
                       status != EHR_REPLY_DUPLICATE;
        CU_ASSERT_EQUAL(reply, refuses ? (enum ehr_reply)status : EHR_REPLY_MALFORMED);
        CU_ASSERT_NOT_EQUAL(ehr_reply_outcome(reply), EHR_OUTCOME_OK);
    }
}

static const struct ehr_unit_case cases[] = {
    {"client_is_done_when_a_quorum_agrees", client_is_done_when_a_quorum_agrees},
    {"client_is_done_when_a_quorum_refuses_alike", client_is_done_when_a_quorum_refuses_alike},
    {"client_goes_on_when_a_refusal_is_not_signed", client_goes_on_when_a_refusal_is_not_signed},
    {"client_goes_on_when_a_refusal_names_another_view",
     client_goes_on_when_a_refusal_names_another_view},
    {"reply_is_ok_when_done_only", reply_is_ok_when_done_only},
    {"refusal_is_never_ok", refusal_is_never_ok},
};

EHR_UNIT_MAIN("roles_client", cases)
