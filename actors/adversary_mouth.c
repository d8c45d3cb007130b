/* What leaves in the place of what the puppet says. */
#include "actors/adversary_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "actors/memory.h"

/* ---- kinds of messages ---- */

static bool is_vote(uint8_t phase)
{
    switch ((enum ehr_engine_message_type)phase) {
    case EHR_ENGINE_PREPARE:
    case EHR_ENGINE_COMMIT:
    case EHR_ENGINE_CHECKPOINT:
    case EHR_ENGINE_RAFT_PRE_VOTE_REPLY:
    case EHR_ENGINE_RAFT_VOTE_REPLY:
    case EHR_ENGINE_RAFT_APPEND_REPLY:
    case EHR_ENGINE_HOTSTUFF_VOTE:
        return true;
    case EHR_ENGINE_PRE_PREPARE:
    case EHR_ENGINE_VIEW_CHANGE:
    case EHR_ENGINE_NEW_VIEW:
    case EHR_ENGINE_RAFT_PRE_VOTE:
    case EHR_ENGINE_RAFT_VOTE:
    case EHR_ENGINE_RAFT_APPEND:
    case EHR_ENGINE_RAFT_SNAPSHOT:
    case EHR_ENGINE_HOTSTUFF_PROPOSAL:
    case EHR_ENGINE_HOTSTUFF_TIMEOUT:
    case EHR_ENGINE_HOTSTUFF_NEED:
    case EHR_ENGINE_HOTSTUFF_CHAIN:
    case EHR_ENGINE_PBFT_STATUS:
    case EHR_ENGINE_MESSAGE_TYPES:
        return false;
    }
    return false;
}

static bool leaves_view(uint8_t phase)
{
    return phase == EHR_ENGINE_VIEW_CHANGE || phase == EHR_ENGINE_HOTSTUFF_TIMEOUT;
}

/* ---- later ---- */

static void hold(struct adversary *self, struct ehr_fx *fx, struct ehr_address to,
                 struct ehr_message *take_message)
{
    if (self->held_count == self->held_capacity) {
        self->held_capacity = 2 * self->held_capacity + 16;
        self->held = ehr_actor_resize(self->held, self->held_capacity * sizeof *self->held);
    }
    self->held[self->held_count++] = (struct adversary_held){++self->held_serial, to, take_message};
    ehr_fx_timer(fx, ADVERSARY_TIMER_HELD, self->held_serial, self->act->delay_ns);
}

/* They leave in the order in which they were held back, or nearly: few are looked at. */
void adversary_held_release(struct adversary *self, struct ehr_fx *fx, uint64_t serial)
{
    for (uint32_t i = 0; i < self->held_count; i++) {
        if (self->held[i].serial != serial)
            continue;
        ehr_fx_send(fx, self->held[i].to, self->held[i].message);
        self->held_count--;
        for (; i < self->held_count; i++)
            self->held[i] = self->held[i + 1];
        return;
    }
}

void adversary_mouth_close(struct adversary *self)
{
    for (uint32_t i = 0; i < self->held_count; i++)
        ehr_message_unref(self->held[i].message);
    self->held_count = 0;
    for (uint32_t i = 0; i < ADVERSARY_MEMORY; i++)
        ehr_message_unref(self->said[i].message);
    for (uint32_t i = 0; i < ADVERSARY_MEMORY; i++)
        self->said[i] = (struct adversary_said){0, NULL};
    self->said_count = 0;
    ehr_message_unref(self->departure);
    self->departure = NULL;
}

/* ---- to whom ---- */

/* A message of the engine leaves as the committee's do: with ids in the place of its blocks where
 * bodies travel apart. */
static struct ehr_message *dressed(const struct adversary *self, struct ehr_message *take_message)
{
    struct ehr_msg_consensus *m = (struct ehr_msg_consensus *)(void *)take_message;
    assert(take_message->type == EHR_MSG_CONSENSUS);
    bool apart = m->carried != NULL &&
                 chain_node_bodies_travel_apart(chain_node_of(self->faces[0].puppet), m->phase);
    return apart ? chain_node_bodies_leave_out(m) : take_message;
}

static struct ehr_address address_of(const struct adversary *self, uint32_t replica)
{
    return (struct ehr_address){self->config.puppet.committee->members[replica].node, 0};
}

/* Sends the same message to a replica or to all. */
static void send_to(struct adversary *self, struct ehr_fx *fx, uint32_t replica,
                    struct ehr_message *take_message)
{
    struct ehr_message *message = dressed(self, take_message);
    if (replica == EHR_ENGINE_TO_ALL)
        ehr_fx_broadcast(fx, self->config.puppet.committee->group, message);
    else
        ehr_fx_send(fx, address_of(self, replica), message);
}

/* Whether a message to `to` (a replica, or all) is also for replica `i`. */
static bool is_for(const struct adversary *self, uint32_t to, uint32_t i)
{
    return i != self->config.puppet.replica && (to == EHR_ENGINE_TO_ALL || to == i);
}

/* ---- behaviours: messages of the engine; `take` is a reference to `m` ---- */

static void say_to_first(struct adversary *self, struct ehr_fx *fx, uint32_t to,
                         struct ehr_message *take)
{
    for (uint32_t i = 0; i < self->config.puppet.committee->count; i++)
        if (is_for(self, to, i) && self->config.sides[i] != EHR_SIDE_SECOND)
            send_to(self, fx, i, ehr_message_ref(take));
    ehr_message_unref(take);
}

/* Every second replica hears of another vote; one that is alone to be told hears of both. */
static void say_conflicting(struct adversary *self, struct ehr_fx *fx, uint32_t to,
                            struct ehr_message *take)
{
    const struct ehr_msg_consensus *m = EHR_AS(consensus, take);
    if (!is_vote(m->phase)) {
        send_to(self, fx, to, take);
        return;
    }
    for (uint32_t i = 0, told = 0; i < self->config.puppet.committee->count; i++) {
        if (!is_for(self, to, i))
            continue;
        bool lie = to != EHR_ENGINE_TO_ALL || told++ % 2 == 1;
        if (lie)
            send_to(self, fx, i, adversary_forge_vote(self, fx, m, i));
        if (!lie || to != EHR_ENGINE_TO_ALL)
            ehr_fx_send(fx, address_of(self, i), ehr_message_ref(take));
    }
    ehr_message_unref(take);
}

static void say_later(struct adversary *self, struct ehr_fx *fx, uint32_t to,
                      struct ehr_message *take)
{
    uint8_t phase = EHR_AS(consensus, take)->phase;
    if (!is_vote(phase) && !leaves_view(phase)) {
        send_to(self, fx, to, take);
        return;
    }
    for (uint32_t i = 0; i < self->config.puppet.committee->count; i++)
        if (is_for(self, to, i))
            hold(self, fx, address_of(self, i), ehr_message_ref(take));
    ehr_message_unref(take);
}

/* One lie for all: what one replica can see to be false, each can. */
static void say_corrupt(struct adversary *self, struct ehr_fx *fx, uint32_t to,
                        struct ehr_message *take)
{
    send_to(self, fx, to, adversary_corrupt(self, fx, EHR_AS(consensus, take), self->turn++, to));
    ehr_message_unref(take);
}

static void remember(struct adversary *self, uint32_t to, struct ehr_message *message)
{
    struct adversary_said *said = &self->said[self->said_count++ % ADVERSARY_MEMORY];
    ehr_message_unref(said->message);
    *said = (struct adversary_said){to, ehr_message_ref(message)};
}

/* Leaves a view with what it knew when it first left one; speaks in the view before its own; and
 * says again, with every message, the oldest that it remembers. */
static void say_stale(struct adversary *self, struct ehr_fx *fx, uint32_t to,
                      struct ehr_message *take)
{
    const struct ehr_msg_consensus *m = EHR_AS(consensus, take);
    struct adversary_said oldest = self->said[self->said_count % ADVERSARY_MEMORY];
    struct forgery forgery = {.like = m, .view = m->view};
    if (leaves_view(m->phase)) {
        if (self->departure == NULL)
            self->departure = ehr_message_ref(take);
        forgery.like = EHR_AS(consensus, self->departure);
    } else if (m->view > 0) {
        forgery.view = m->view - 1;
    }
    if (oldest.message == NULL)
        oldest = self->said[0];
    if (oldest.message != NULL)
        send_to(self, fx, oldest.to, ehr_message_ref(oldest.message));
    send_to(self, fx, to, adversary_forge(self, fx, &forgery, to));
    remember(self, to, take);
    ehr_message_unref(take);
}

static void say_consensus(struct adversary *self, struct ehr_fx *fx, uint32_t to,
                          struct ehr_message *take)
{
    switch (self->act->behaviour) {
    case EHR_BEHAVIOUR_EQUIVOCATE:
        say_to_first(self, fx, to, take);
        return;
    case EHR_BEHAVIOUR_CONFLICTING_VOTES:
        say_conflicting(self, fx, to, take);
        return;
    case EHR_BEHAVIOUR_DELAYED_VOTES:
        say_later(self, fx, to, take);
        return;
    case EHR_BEHAVIOUR_CORRUPT_DIGEST:
        say_corrupt(self, fx, to, take);
        return;
    case EHR_BEHAVIOUR_STALE_VIEW:
        say_stale(self, fx, to, take);
        return;
    case EHR_BEHAVIOUR_SILENT:
    case EHR_BEHAVIOUR_SELECTIVE:
    case EHR_BEHAVIOURS:
        send_to(self, fx, to, take);
        return;
    }
}

/* ---- behaviours: other messages ---- */

void adversary_say(struct adversary *self, struct ehr_fx *fx, bool group, struct ehr_address to,
                   struct ehr_message *take_message)
{
    const struct ehr_committee *committee = self->config.puppet.committee;
    assert(!group || to.node == committee->group);
    uint32_t replica = group ? EHR_ENGINE_TO_ALL : ehr_committee_replica(committee, to.node);
    if (adversary_does(self, EHR_BEHAVIOUR_SILENT) ||
        (adversary_does(self, EHR_BEHAVIOUR_SELECTIVE) && !group && to.node == self->act->victim)) {
        ehr_message_unref(take_message);
        return;
    }
    if (self->act != NULL && take_message->type == EHR_MSG_CONSENSUS_IDS) { /* lies need blocks */
        struct ehr_message *whole = chain_node_bodies_put_in(chain_node_of(self->faces[0].puppet),
                                                             EHR_AS(consensus_ids, take_message));
        ehr_message_unref(take_message);
        take_message = whole;
    }
    if (self->act != NULL && take_message->type == EHR_MSG_CONSENSUS) {
        say_consensus(self, fx, replica, take_message);
        return;
    }
    if (adversary_does(self, EHR_BEHAVIOUR_CORRUPT_DIGEST))
        take_message = adversary_lie(self, fx, take_message, self->turn++, replica);
    if (group)
        ehr_fx_broadcast(fx, to.node, take_message);
    else
        ehr_fx_send(fx, to, take_message);
}
