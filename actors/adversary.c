/* Life and dispatch: who of the two faces hears what, and through which tap it speaks. */
#include "actors/adversary_internal.h"

#include <stdlib.h>
#include <string.h>

#include "actors/memory.h"

const char *ehr_behaviour_name(enum ehr_behaviour behaviour)
{
    static const char *const names[EHR_BEHAVIOURS] = {
        [EHR_BEHAVIOUR_SILENT] = "silent",
        [EHR_BEHAVIOUR_EQUIVOCATE] = "equivocate",
        [EHR_BEHAVIOUR_CONFLICTING_VOTES] = "conflicting-votes",
        [EHR_BEHAVIOUR_DELAYED_VOTES] = "delayed-votes",
        [EHR_BEHAVIOUR_CORRUPT_DIGEST] = "corrupt-digest",
        [EHR_BEHAVIOUR_STALE_VIEW] = "stale-view",
        [EHR_BEHAVIOUR_SELECTIVE] = "selective",
    };
    return behaviour > 0 && behaviour < EHR_BEHAVIOURS ? names[behaviour] : NULL;
}

/* Every second of those who are not in it, so that leaders in turn are on both sides. */
void ehr_adversary_sides(uint8_t *sides, const bool *accomplice, uint32_t count)
{
    uint32_t others = 0;
    for (uint32_t i = 0; i < count; i++)
        sides[i] = accomplice[i] ? EHR_SIDE_BOTH : (uint8_t)(others++ % 2);
}

static const struct ehr_adversary_act *act_at(const struct adversary *self, uint64_t now_ns)
{
    for (uint32_t i = 0; i < self->config.act_count; i++)
        if (now_ns >= self->acts[i].from_ns && now_ns < self->acts[i].until_ns)
            return &self->acts[i];
    return NULL;
}

static uint32_t replica_of(const struct adversary *self, uint32_t node)
{
    return ehr_committee_replica(self->config.puppet.committee, node);
}

/* ---- faces ---- */

/* The twin says what its side should hear, and nothing of it counts: it writes no journal, and
 * clients hear the puppet alone. Until it is time it only follows. */
static void twin_say(struct adversary *self, struct ehr_fx *fx, bool group, struct ehr_address to,
                     struct ehr_message *take_message)
{
    const struct ehr_committee *committee = self->config.puppet.committee;
    bool speaks = adversary_does(self, EHR_BEHAVIOUR_EQUIVOCATE);
    for (uint32_t i = 0; speaks && i < committee->count; i++) {
        uint32_t node = committee->members[i].node;
        if (i == self->config.puppet.replica || (!group && to.node != node) ||
            self->config.sides[i] == EHR_SIDE_FIRST)
            continue;
        ehr_fx_send(fx, (struct ehr_address){node, self->config.sides[i] == EHR_SIDE_BOTH ? 1 : 0},
                    ehr_message_ref(take_message));
    }
    ehr_message_unref(take_message);
}

static void twin_ask(struct adversary *self, struct ehr_fx *fx, const struct ehr_asked *effect)
{
    bool speaks = adversary_does(self, EHR_BEHAVIOUR_EQUIVOCATE);
    switch (effect->kind) {
    case EHR_ASKED_CHARGE:
        if (speaks)
            ehr_fx_charge(fx, effect->as.charge.op, effect->as.charge.count,
                          effect->as.charge.bytes);
        return;
    case EHR_ASKED_CHARGE_PARALLEL:
        if (speaks)
            ehr_fx_charge_parallel(fx, effect->as.charge.op, effect->as.charge.count,
                                   effect->as.charge.bytes);
        return;
    case EHR_ASKED_PERSIST:
        ehr_blob_unref(effect->as.persist.data);
        return;
    case EHR_ASKED_FORGET:
        return;
    case EHR_ASKED_SEND:
    case EHR_ASKED_BROADCAST:
        twin_say(self, fx, effect->kind == EHR_ASKED_BROADCAST, effect->as.send.to,
                 effect->as.send.message);
        return;
    case EHR_ASKED_POST:
        ehr_message_unref(effect->as.send.message);
        return;
    case EHR_ASKED_TIMER:
        ehr_fx_timer(fx, 2 * effect->as.timer.id + 1, effect->as.timer.generation,
                     effect->as.timer.delay_ns);
        return;
    case EHR_ASKED_MARK:
        return;
    }
}

static void puppet_ask(struct adversary *self, struct ehr_fx *fx, const struct ehr_asked *effect)
{
    switch (effect->kind) {
    case EHR_ASKED_CHARGE:
        ehr_fx_charge(fx, effect->as.charge.op, effect->as.charge.count, effect->as.charge.bytes);
        return;
    case EHR_ASKED_CHARGE_PARALLEL:
        ehr_fx_charge_parallel(fx, effect->as.charge.op, effect->as.charge.count,
                               effect->as.charge.bytes);
        return;
    case EHR_ASKED_PERSIST:
        ehr_fx_persist_marked(fx, effect->as.persist.bytes, effect->as.persist.kind,
                              effect->as.persist.mark, effect->as.persist.data);
        return;
    case EHR_ASKED_FORGET:
        ehr_fx_forget(fx, effect->as.forget.kind, effect->as.forget.mark);
        return;
    case EHR_ASKED_SEND:
    case EHR_ASKED_BROADCAST:
        adversary_say(self, fx, effect->kind == EHR_ASKED_BROADCAST, effect->as.send.to,
                      effect->as.send.message);
        return;
    case EHR_ASKED_POST:
        ehr_fx_post(fx, effect->as.send.to, effect->as.send.message);
        return;
    case EHR_ASKED_TIMER:
        ehr_fx_timer(fx, 2 * effect->as.timer.id, effect->as.timer.generation,
                     effect->as.timer.delay_ns);
        return;
    case EHR_ASKED_MARK: /* who measures knows whom not to believe */
        ehr_fx_mark(fx, effect->as.mark);
        return;
    }
}

static void face_ask(void *context, struct ehr_fx *fx, const struct ehr_asked *effect)
{
    struct adversary_face *face = context;
    if (face->number == 0)
        puppet_ask(face->self, fx, effect);
    else
        twin_ask(face->self, fx, effect);
}

/* Begins a handler of a face. */
static bool face_open(struct adversary *self, struct ehr_fx *fx, uint32_t number)
{
    struct adversary_face *face = &self->faces[number];
    if (face->puppet == NULL)
        return false;
    face->puppet->id = self->node.id;
    /* the twin's clock is 1 ns behind: what it proposes is another block, though of the same
     * transactions */
    face->tap.lag_ns = number == 1 && adversary_does(self, EHR_BEHAVIOUR_EQUIVOCATE) ? 1 : 0;
    ehr_fx_tap_set(fx, &face->tap);
    return true;
}

static void face_hear(struct adversary *self, struct ehr_fx *fx, uint32_t number,
                      const struct ehr_delivery *d)
{
    if (!face_open(self, fx, number))
        return;
    struct ehr_node *puppet = self->faces[number].puppet;
    puppet->type->on_message(puppet, fx, d);
    ehr_fx_tap_set(fx, NULL);
}

/* ---- handlers ---- */

static void adversary_on_start(struct ehr_node *node, struct ehr_fx *fx,
                               const struct ehr_journal *saved)
{
    struct adversary *self = adversary_of(node);
    self->act = act_at(self, ehr_fx_now(fx));
    if (saved != NULL) { /* the twin has no journal: it dies with the first crash */
        adversary_mouth_close(self);
        ehr_chain_node_free(self->faces[1].puppet);
        self->faces[1].puppet = NULL;
    }
    for (uint32_t i = 0; i < ADVERSARY_FACES; i++) {
        if (!face_open(self, fx, i))
            continue;
        self->faces[i].puppet->type->on_start(self->faces[i].puppet, fx, saved);
        ehr_fx_tap_set(fx, NULL);
    }
}

/* The victim does not exist: nothing of its own is heard, from whoever it comes. */
static bool ignores(const struct adversary *self, const struct ehr_delivery *d)
{
    if (!adversary_does(self, EHR_BEHAVIOUR_SELECTIVE))
        return false;
    const struct ehr_tx *tx =
        d->message->type == EHR_MSG_SUBMIT ? EHR_AS(submit, d->message)->tx : NULL;
    return d->from.node == self->act->victim || (tx != NULL && tx->client == self->act->victim);
}

/* Which faces hear a message while the committee is split: bit 0 the puppet, bit 1 the twin. */
static uint32_t hearers(const struct adversary *self, const struct ehr_delivery *d)
{
    uint32_t sender = replica_of(self, d->from.node);
    if (sender == UINT32_MAX)
        return d->message->type == EHR_MSG_SUBMIT ? 3 : 1;
    if (!adversary_does(self, EHR_BEHAVIOUR_EQUIVOCATE))
        return 3;
    switch ((enum ehr_adversary_side)self->config.sides[sender]) {
    case EHR_SIDE_FIRST:
        return 1;
    case EHR_SIDE_SECOND:
        return 2;
    case EHR_SIDE_BOTH:
        return d->lane == 1 ? 2 : 1;
    }
    return 1;
}

static void adversary_on_message(struct ehr_node *node, struct ehr_fx *fx,
                                 const struct ehr_delivery *d)
{
    struct adversary *self = adversary_of(node);
    self->act = act_at(self, ehr_fx_now(fx));
    if (ignores(self, d))
        return;
    uint32_t who = self->faces[1].puppet != NULL ? hearers(self, d) : 1;
    for (uint32_t i = 0; i < ADVERSARY_FACES; i++)
        if ((who >> i & 1) != 0)
            face_hear(self, fx, i, d);
}

static void adversary_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                               uint64_t generation)
{
    struct adversary *self = adversary_of(node);
    self->act = act_at(self, ehr_fx_now(fx));
    if (id == ADVERSARY_TIMER_HELD) {
        adversary_held_release(self, fx, generation);
        return;
    }
    if (!face_open(self, fx, id % 2))
        return;
    struct ehr_node *puppet = self->faces[id % 2].puppet;
    puppet->type->on_timer(puppet, fx, lane, id / 2, generation);
    ehr_fx_tap_set(fx, NULL);
}

/* ---- life ---- */

static void face_make(struct adversary *self, uint32_t number, const char *name)
{
    struct adversary_face *face = &self->faces[number];
    struct ehr_chain_node_config config = self->config.puppet;
    face->self = self;
    face->number = number;
    face->tap = (struct ehr_fx_tap){face, face_ask, 0};
    face->chain = self->config.chain_new(self->config.context, config.committee->chain);
    config.chain = face->chain;
    face->puppet = ehr_chain_node_new(name, &config);
}

static bool equivocates(const struct ehr_adversary_config *config)
{
    for (uint32_t i = 0; i < config->act_count; i++)
        if (config->acts[i].behaviour == EHR_BEHAVIOUR_EQUIVOCATE)
            return true;
    return false;
}

struct ehr_node *ehr_adversary_new(const char *name, const struct ehr_adversary_config *config)
{
    /* in the tables of a run it is what it pretends to be */
    static const struct ehr_node_type private_type = {"private-node", adversary_on_start,
                                                      adversary_on_message, adversary_on_timer};
    static const struct ehr_node_type alliance_type = {"alliance-node", adversary_on_start,
                                                       adversary_on_message, adversary_on_timer};
    struct adversary *self = ehr_actor_new(sizeof *self);
    self->config = *config;
    self->acts = ehr_actor_new(config->act_count * sizeof *self->acts);
    memcpy(self->acts, config->acts, config->act_count * sizeof *self->acts);
    self->node.name = name;
    self->node.type = config->puppet.committee->chain == 0 ? &alliance_type : &private_type;
    face_make(self, 0, name);
    if (equivocates(config))
        face_make(self, 1, name);
    return &self->node;
}

void ehr_adversary_free(struct ehr_node *node)
{
    if (node == NULL)
        return;
    struct adversary *self = adversary_of(node);
    adversary_mouth_close(self);
    for (uint32_t i = 0; i < ADVERSARY_FACES; i++) {
        ehr_chain_node_free(self->faces[i].puppet);
        ehr_chain_free(self->faces[i].chain);
    }
    ehr_wipe(&self->config.puppet.secrets, sizeof self->config.puppet.secrets);
    free(self->acts);
    free(self->held);
    free(self);
}
