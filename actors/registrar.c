/* One order after the other on a chain, any number at a time: each has its own client and timers.
 * What an order still has to do is lost with a crash, as with any desk. */
#include "actors/registrar.h"

#include <stdlib.h>
#include <string.h>

#include "actors/client.h"
#include "actors/marks.h"
#include "actors/memory.h"
#include "sim/ledger/cert_revoke.h"

/* Timer ids: of order i, `i` when it is due, order_count + i while it waits for replies. */

struct order {
    struct ehr_client client;
    struct ehr_blob *bytes; /* signed; NULL: not due yet */
    bool on_private;        /* the alliance has it; now the hospital's own chain */
};

struct registrar {
    struct ehr_node node; /* first */
    struct ehr_registrar_config config;
    struct order *orders;
    uint64_t known_height; /* of the alliance chain */
    uint64_t view[2];      /* of the alliance chain, of the private one */
    uint64_t generation;
};

static struct registrar *registrar_of(struct ehr_node *node)
{
    return (struct registrar *)(void *)node;
}

/* A revocation belongs to no measured request: its key has zeros where these are. */
static uint64_t order_request(uint32_t i)
{
    return ((uint64_t)i + 1) << 32;
}

static void order_submit(struct registrar *self, struct ehr_fx *fx, uint32_t i)
{
    struct order *order = &self->orders[i];
    const struct ehr_directory *directory = self->config.directory;
    const struct ehr_committee *committee =
        order->on_private ? &directory->hospitals[self->config.hospital].committee
                          : &directory->alliance;
    struct ehr_tx *tx =
        ehr_tx_new(order->on_private ? EHR_TX_DOCTOR_REVOKE : EHR_TX_CERT_REVOKE,
                   order->bytes->bytes, order->bytes->length, self->node.id, 0, order_request(i));
    ehr_client_start(&order->client, fx, directory, committee, tx, self->view[order->on_private],
                     EHR_CLIENT_QUORUM_ONLY, self->config.order_count + i, ++self->generation);
}

static void order_begin(struct registrar *self, struct ehr_fx *fx, uint32_t i)
{
    const struct ehr_registrar_order *wanted = &self->config.orders[i];
    struct order *order = &self->orders[i];
    if (order->bytes != NULL)
        return;
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, EHR_CERT_REVOKE_BYTES);
    order->bytes = ehr_cert_revoke_make(wanted->certificate, self->known_height, wanted->reason,
                                        &self->config.sign);
    order_submit(self, fx, i);
}

static void order_on_done(struct registrar *self, struct ehr_fx *fx, uint32_t i,
                          const struct ehr_client_result *result)
{
    struct order *order = &self->orders[i];
    ehr_client_stop(&order->client);
    if (result->view > self->view[order->on_private])
        self->view[order->on_private] = result->view;
    if (result->status != EHR_REPLY_OK || order->on_private)
        return;
    if (result->height > self->known_height)
        self->known_height = result->height;
    order->on_private = true;
    if (self->config.hospital != UINT32_MAX)
        order_submit(self, fx, i);
}

static void registrar_on_message(struct ehr_node *node, struct ehr_fx *fx,
                                 const struct ehr_delivery *d)
{
    struct registrar *self = registrar_of(node);
    if (d->message->type != EHR_MSG_REPLY) {
        ehr_mark(fx, EHR_MARK_DROPPED, 0, d->message->type, 0);
        return;
    }
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    for (uint32_t i = 0; i < self->config.order_count; i++) {
        struct ehr_client_result result;
        if (!ehr_client_wants(&self->orders[i].client, reply))
            continue;
        enum ehr_client_verdict verdict =
            ehr_client_on_reply(&self->orders[i].client, fx, d->from.node, reply, &result);
        if (verdict == EHR_CLIENT_BAD)
            ehr_mark(fx, EHR_MARK_DROPPED, 0, d->message->type, 0);
        if (verdict == EHR_CLIENT_DONE)
            order_on_done(self, fx, i, &result);
        return;
    }
}

static void registrar_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                               uint64_t generation)
{
    struct registrar *self = registrar_of(node);
    uint32_t count = self->config.order_count;
    (void)lane;
    if (id < count) {
        order_begin(self, fx, id);
        return;
    }
    struct ehr_client *client = &self->orders[id - count].client;
    if (client->patience.generation == generation &&
        !ehr_client_on_timer(client, fx, self->config.directory, id))
        ehr_client_stop(client); /* the chain does not answer: the order is lost */
}

static void orders_forget(struct registrar *self)
{
    for (uint32_t i = 0; i < self->config.order_count; i++) {
        ehr_client_stop(&self->orders[i].client);
        ehr_blob_unref(self->orders[i].bytes);
        memset(&self->orders[i], 0, sizeof self->orders[i]);
    }
}

static void registrar_on_start(struct ehr_node *node, struct ehr_fx *fx,
                               const struct ehr_journal *saved)
{
    struct registrar *self = registrar_of(node);
    uint64_t now = ehr_fx_now(fx);
    orders_forget(self);
    (void)saved;
    for (uint32_t i = 0; i < self->config.order_count; i++)
        if (self->config.orders[i].at_ns >= now)
            ehr_fx_timer(fx, i, 0, self->config.orders[i].at_ns - now);
}

struct ehr_node *ehr_registrar_new(const char *name, const struct ehr_registrar_config *config)
{
    static const struct ehr_node_type type = {"registrar", registrar_on_start, registrar_on_message,
                                              registrar_on_timer};
    struct registrar *self = ehr_actor_new(sizeof *self);
    self->node = (struct ehr_node){.type = &type, .name = name};
    self->config = *config;
    self->orders = ehr_actor_new(config->order_count * sizeof *self->orders + 1);
    return &self->node;
}

void ehr_registrar_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct registrar *self = registrar_of(node);
    orders_forget(self);
    free(self->orders);
    ehr_wipe(self, sizeof *self);
    free(self);
}
