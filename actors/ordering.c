/* A request has a slot while it is under way. The number of the slot stands above that of the
 * request in what is sent, so that a reply finds it at once however many are under way. */
#include "actors/ordering.h"

#include <stdlib.h>
#include <string.h>

#include "actors/client.h"
#include "actors/marks.h"
#include "actors/memory.h"
#include "sim/ledger/wire.h"

struct slot {
    struct ehr_client client; /* idle: the slot is free */
    uint32_t request;
    uint32_t next_free;
};

struct ordering_client {
    struct ehr_node node; /* first */
    struct ehr_ordering_config config;
    struct slot *slots;
    uint32_t slot_count, free; /* UINT32_MAX: none is free */
    uint64_t view;             /* whom to ask */
    uint64_t generation;
    uint8_t *bytes; /* of a transaction */
};

static struct ordering_client *client_of(struct ehr_node *node)
{
    return (struct ordering_client *)(void *)node;
}

static uint32_t slot_take(struct ordering_client *self)
{
    if (self->free == UINT32_MAX) {
        uint32_t count = 2 * self->slot_count + 4;
        self->slots = ehr_actor_resize(self->slots, count * sizeof *self->slots);
        for (uint32_t i = count; i-- > self->slot_count;) {
            self->slots[i] = (struct slot){.next_free = self->free};
            self->free = i;
        }
        self->slot_count = count;
    }
    uint32_t taken = self->free;
    self->free = self->slots[taken].next_free;
    return taken;
}

static void slot_leave(struct ordering_client *self, uint32_t at)
{
    ehr_client_stop(&self->slots[at].client);
    self->slots[at].next_free = self->free;
    self->free = at;
}

static void request_begin(struct ordering_client *self, struct ehr_fx *fx, uint32_t request)
{
    uint32_t at = slot_take(self);
    struct slot *slot = &self->slots[at];
    slot->request = request;
    ehr_le64(self->bytes, request);
    struct ehr_tx *tx =
        ehr_tx_new(EHR_TX_RAW, self->bytes, EHR_ORDERING_NUMBER_BYTES + self->config.payload,
                   self->node.id, 0, (uint64_t)at << 32 | request);
    ehr_mark_phase(fx, request, EHR_PHASE_ORDER);
    ehr_mark(fx, EHR_MARK_SENT, request, 0, 0);
    ehr_client_start(&slot->client, fx, self->config.directory, self->config.committee, tx,
                     self->view, EHR_CLIENT_QUORUM_ONLY, at, ++self->generation);
}

static void request_end(struct ordering_client *self, struct ehr_fx *fx, uint32_t at,
                        enum ehr_mark_kind kind, enum ehr_reply reply)
{
    uint32_t request = self->slots[at].request;
    slot_leave(self, at);
    ehr_mark(fx, kind, request, (uint16_t)reply, 0);
    struct ehr_msg_ended *ended = EHR_NEW(ended, ENDED);
    ended->request = request;
    ended->status = (uint8_t)reply;
    ehr_fx_post(fx, (struct ehr_address){self->config.directory->workload, 0},
                ehr_message_seal(&ended->head));
}

static void on_reply(struct ordering_client *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    struct ehr_client_result result;
    uint64_t at = reply->request >> 32;
    if (at >= self->slot_count || !ehr_client_wants(&self->slots[at].client, reply))
        return; /* more than the quorum is normal */
    switch (ehr_client_on_reply(&self->slots[at].client, fx, d->from.node, reply, &result)) {
    case EHR_CLIENT_WAITING:
        return;
    case EHR_CLIENT_BAD:
        ehr_mark(fx, EHR_MARK_DROPPED, 0, d->message->type, 0);
        return;
    case EHR_CLIENT_DONE:
        break;
    }
    if (result.view > self->view)
        self->view = result.view;
    if (result.status == EHR_REPLY_OK)
        ehr_mark(fx, EHR_MARK_ACKED, self->slots[at].request,
                 (uint16_t)self->config.committee->chain, result.height);
    request_end(self, fx, (uint32_t)at, EHR_MARK_CLOSE, result.status);
}

static void client_on_message(struct ehr_node *node, struct ehr_fx *fx,
                              const struct ehr_delivery *d)
{
    struct ordering_client *self = client_of(node);
    if (d->message->type == EHR_MSG_BEGIN_ORDER)
        request_begin(self, fx, (uint32_t)EHR_AS(begin_order, d->message)->request);
    else if (d->message->type == EHR_MSG_REPLY)
        on_reply(self, fx, d);
    else
        ehr_mark(fx, EHR_MARK_DROPPED, 0, d->message->type, 0);
}

static void client_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                            uint64_t generation)
{
    struct ordering_client *self = client_of(node);
    (void)lane;
    if (id >= self->slot_count || self->slots[id].client.patience.generation != generation)
        return;
    if (!ehr_client_on_timer(&self->slots[id].client, fx, self->config.directory, id))
        request_end(self, fx, id, EHR_MARK_TIMEOUT, EHR_REPLY_NODE_UNREACHABLE);
}

static void slots_forget(struct ordering_client *self)
{
    for (uint32_t i = 0; i < self->slot_count; i++)
        ehr_client_stop(&self->slots[i].client);
    free(self->slots);
    self->slots = NULL;
    self->slot_count = 0;
    self->free = UINT32_MAX;
}

static void client_on_start(struct ehr_node *node, struct ehr_fx *fx,
                            const struct ehr_journal *saved)
{
    (void)fx, (void)saved;
    slots_forget(client_of(node));
}

struct ehr_node *ehr_ordering_client_new(const char *name, const struct ehr_ordering_config *config)
{
    static const struct ehr_node_type type = {"client", client_on_start, client_on_message,
                                              client_on_timer};
    struct ordering_client *self = ehr_actor_new(sizeof *self);
    self->node = (struct ehr_node){.type = &type, .name = name};
    self->config = *config;
    self->free = UINT32_MAX;
    self->bytes = ehr_actor_new(EHR_ORDERING_NUMBER_BYTES + config->payload);
    return &self->node;
}

void ehr_ordering_client_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct ordering_client *self = client_of(node);
    slots_forget(self);
    free(self->bytes);
    free(self);
}
