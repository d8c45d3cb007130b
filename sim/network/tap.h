/* Standing between a node and the world: for a node that hosts another one (actors/adversary.h).
 *
 * The host calls the handler of the node inside with the effects of its own handler; while a tap is
 * set, what is asked for comes to the tap as a value, which passes it on, changes it or lets it
 * drop. Not a second kernel: what is passed on is performed as if the host had asked for it, in
 * every fidelity. */
#ifndef EHR_NETWORK_TAP_H
#define EHR_NETWORK_TAP_H

#include "sim/network/node.h"

enum ehr_asked_kind {
    EHR_ASKED_CHARGE = 1,
    EHR_ASKED_CHARGE_PARALLEL,
    EHR_ASKED_PERSIST, /* marked */
    EHR_ASKED_FORGET,
    EHR_ASKED_SEND,
    EHR_ASKED_BROADCAST,
    EHR_ASKED_POST,
    EHR_ASKED_TIMER,
    EHR_ASKED_MARK,
};

/* An effect that was asked for; the arguments are those of the function of its name in node.h.
 * Message and data are references that belong to whoever holds the value. */
struct ehr_asked {
    enum ehr_asked_kind kind;
    union {
        struct {
            enum ehr_cost_op op;
            uint64_t count, bytes; /* CHARGE_PARALLEL: of each */
        } charge;
        struct {
            uint64_t bytes;
            uint16_t kind;
            uint64_t mark;
            struct ehr_blob *data;
        } persist;
        struct {
            uint16_t kind;
            uint64_t mark;
        } forget;
        struct {
            struct ehr_address to; /* BROADCAST: to.node is the group */
            struct ehr_message *message;
        } send;
        struct {
            uint32_t id;
            uint64_t generation, delay_ns;
        } timer;
        struct ehr_mark mark;
    } as;
};

struct ehr_fx_tap {
    void *context;
    /* Takes over the references in the value. What it asks of `fx` itself goes through. */
    void (*ask)(void *context, struct ehr_fx *fx, const struct ehr_asked *effect);
    uint64_t lag_ns; /* the clock of the node inside is behind by this much */
};

/* Sets the tap of a handler's effects, or lifts it (NULL); borrowed until then. */
void ehr_fx_tap_set(struct ehr_fx *fx, const struct ehr_fx_tap *tap);

#endif /* EHR_NETWORK_TAP_H */
