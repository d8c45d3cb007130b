/* Byzantine replicas as filters on what a real engine sends: the engine inside stays honest, its
 * network interface does not. A liar signs with its own key only. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_LIAR_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_LIAR_H

#include "tests/simulation/campaign/inside.h"

enum { EHR_LIAR_BODY_MAX = 65536, EHR_LIAR_HISTORY = 64, EHR_LIAR_CERTIFICATE_MAX = 1024 };

struct ehr_liar {
    bool cunning; /* hotstuff: all liars lead everybody to one fork and vote for it */
    /* pbft and others: the second block of a height and view, agreed between the liars */
    struct {
        uint64_t view, height;
        struct ehr_digest first, second;
    } rival;
    /* hotstuff */
    uint64_t honest_view;
    uint32_t certificate_bytes;
    uint8_t history[EHR_LIAR_HISTORY][EHR_LIAR_CERTIFICATE_MAX]; /* certificates seen, ascending */
    uint32_t seen;
    struct ehr_digest other, other_block; /* the second proposal of `other_view` */
    uint64_t other_view, other_height;
    uint32_t other_length;
    uint8_t other_body[EHR_LIAR_BODY_MAX];
    uint8_t body[EHR_LIAR_BODY_MAX];
    struct ehr_digest carried;
};

void ehr_liar_open(struct ehr_world *w);
void ehr_liar_free(struct ehr_liar *liar);
/* What instance `from` sends to `to` in place of the message, if anything. */
void ehr_liar_send(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                   const struct ehr_engine_message *message);
/* What correct replicas send is seen by the liars, too. */
void ehr_liar_watch(struct ehr_world *w, const struct ehr_engine_message *message);

/* Changed message, or the same; false: nothing is sent. An extra message may be sent on the way. */
bool ehr_liar_pbft(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                   struct ehr_engine_message *message);
bool ehr_liar_hotstuff(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                       struct ehr_engine_message *message);
/* Sends one made-up message of the liar. */
void ehr_liar_also(struct ehr_world *w, struct ehr_instance *from, struct ehr_instance *to,
                   const struct ehr_engine_message *message);
/* A block that a liar makes up; false when there are too many. */
bool ehr_liar_block(struct ehr_world *w, const struct ehr_instance *from,
                    const struct ehr_digest *parent, uint64_t height, struct ehr_digest *block);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_LIAR_H */
