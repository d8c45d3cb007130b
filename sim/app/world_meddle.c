/* Nodes whose messages a program decides on. What such a node says may be false, so it counts as
 * Byzantine from the start: its word on its chain is not taken, and it executes on a chain of its
 * own, as the adversaries of scenarios do (actors/adversary.h). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/app/memory.h"
#include "sim/app/world_internal.h"

struct world_meddler {
    struct ehr_world *world;
    uint32_t node;
    ehr_adversary_hook *hook; /* NULL: the node speaks for itself again */
    void *context;
    uint8_t *bytes; /* of the message that is looked at */
    size_t capacity;
    struct ehr_chain *chain; /* of a chain node */
};

bool world_meddles(const struct ehr_world *world, uint32_t node)
{
    return world->meddlers != NULL && world->meddlers[node] != NULL;
}

/* ---- messages ---- */

/* The engine's name of a message; NULL: it is none of an engine. */
static const char *consensus_name(const struct ehr_world *world, uint32_t node,
                                  const struct ehr_message *message)
{
    const struct ehr_measure_consensus *names = &world->names.consensus;
    uint32_t chain = names->chains[node], phase;
    if (message->type == EHR_MSG_CONSENSUS)
        phase = EHR_AS(consensus, message)->phase;
    else if (message->type == EHR_MSG_CONSENSUS_IDS)
        phase = EHR_AS(consensus_ids, message)->phase;
    else
        return NULL;
    return chain != UINT32_MAX && phase < names->message_count ? names->messages[chain][phase]
                                                               : NULL;
}

/* A message of those bytes; or one that is none, which its receiver drops. What the workload tells
 * the roles never comes over a network. */
static struct ehr_message *message_of(const uint8_t *bytes, size_t length)
{
    struct ehr_message *message;
    if (bytes != NULL && ehr_message_decode(bytes, length, &message) == EHR_OK) {
        if (message->type < EHR_MSG_BEGIN_ENROL)
            return message;
        ehr_message_unref(message);
    }
    struct ehr_msg_garbled *garbled = EHR_NEW(garbled, GARBLED);
    if (bytes != NULL && length > 0)
        garbled->bytes = ehr_blob_new(bytes, length);
    return ehr_message_seal(&garbled->head);
}

static struct ehr_message *meddle(void *context, uint64_t now_ns, uint32_t to,
                                  struct ehr_message *message)
{
    struct world_meddler *self = context;
    const struct ehr_world *world = self->world;
    struct ehr_interference interference = {.verdict = EHR_VERDICT_SEND};
    if (message->size > self->capacity) {
        self->capacity = message->size + message->size / 2;
        self->bytes = ehr_app_resize(self->bytes, self->capacity);
    }
    ehr_message_encode(message, self->bytes);
    const struct ehr_message_view view = {
        .now_ns = now_ns,
        .from = world->nodes[self->node]->name,
        .to = world->nodes[to]->name,
        .type = ehr_message_name(message->type),
        .consensus = consensus_name(world, self->node, message),
        .bytes = self->bytes,
        .length = message->size,
    };
    self->hook(self->context, &view, &interference);
    switch (interference.verdict) {
    case EHR_VERDICT_SEND:
        return message;
    case EHR_VERDICT_DROP:
        ehr_message_unref(message);
        return NULL;
    case EHR_VERDICT_DELAY:
        ehr_kernel_hold_back(world->kernel, interference.delay_ns);
        return message;
    case EHR_VERDICT_REPLACE:
        ehr_message_unref(message);
        ehr_kernel_hold_back(world->kernel, interference.delay_ns);
        return message_of(interference.bytes, interference.length);
    }
    return message;
}

/* ---- nodes ---- */

static struct world_meddler *meddler_new(struct ehr_world *world, uint32_t node)
{
    struct world_meddler *self = ehr_app_zeroed(1, sizeof *self);
    uint32_t chain = world->names.consensus.chains[node];
    if (world->meddlers == NULL)
        world->meddlers = ehr_app_zeroed(world->seat_count, sizeof(struct world_meddler *));
    world->meddlers[node] = self;
    self->world = world;
    self->node = node;
    if (chain != UINT32_MAX && !world->byzantine[node]) {
        self->chain = ehr_genesis_chain_new(world->genesis, chain);
        ehr_chain_node_chain_set(world->seats[node].made, self->chain);
    }
    world->byzantine[node] = true;
    world_fault_note(world, "byzantine", world->nodes[node]->name, "program", 0, UINT64_MAX);
    return self;
}

bool ehr_world_adversary_set(struct ehr_world *world, const char *name, ehr_adversary_hook *hook,
                             void *context, char *error, size_t error_size)
{
    const struct ehr_node *node = name != NULL ? ehr_world_node(world, name) : NULL;
    if (node == NULL || node->id == world->genesis->directory.workload) {
        snprintf(error, error_size, "node \"%s\": there is none of this name",
                 name != NULL ? name : "");
        return false;
    }
    struct world_meddler *self = world_meddles(world, node->id) ? world->meddlers[node->id] : NULL;
    if (self == NULL && hook == NULL)
        return true; /* there is nothing to end */
    if (self == NULL && !world->readying) {
        snprintf(error, error_size, "node \"%s\": adversaries are named in hook ready", name);
        return false;
    }
    if (self == NULL)
        self = meddler_new(world, node->id);
    self->hook = hook;
    self->context = context;
    ehr_kernel_rewrite_set(world->kernel, node->id, hook != NULL ? meddle : NULL, self);
    return true;
}

void world_meddlers_close(struct ehr_world *world)
{
    for (uint32_t i = 0; world->meddlers != NULL && i < world->seat_count; i++) {
        struct world_meddler *self = world->meddlers[i];
        if (self == NULL)
            continue;
        ehr_chain_free(self->chain);
        free(self->bytes);
        free(self);
    }
    free(world->meddlers);
}
