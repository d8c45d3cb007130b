#include "actors/resend.h"

#include <assert.h>

void ehr_patience_start(struct ehr_patience *patience, struct ehr_fx *fx,
                        const struct ehr_directory *directory, uint32_t id, uint64_t generation)
{
    assert(generation != 0);
    *patience = (struct ehr_patience){generation, ehr_fx_now(fx), directory->retry_ns};
    ehr_fx_timer(fx, id, generation, patience->delay_ns);
}

bool ehr_patience_on_timer(struct ehr_patience *patience, struct ehr_fx *fx,
                           const struct ehr_directory *directory, uint32_t id)
{
    uint64_t waited = ehr_fx_now(fx) - patience->began_ns;
    if (waited >= directory->give_up_ns) {
        ehr_patience_stop(patience);
        return false;
    }
    /* the last wait ends when the patience does */
    patience->delay_ns *= 2;
    if (patience->delay_ns > directory->give_up_ns - waited)
        patience->delay_ns = directory->give_up_ns - waited;
    ehr_fx_timer(fx, id, patience->generation, patience->delay_ns);
    return true;
}

void ehr_patience_insist(struct ehr_patience *patience, struct ehr_fx *fx,
                         const struct ehr_directory *directory, uint32_t id)
{
    patience->delay_ns *= 2;
    if (patience->delay_ns > directory->give_up_ns / 2)
        patience->delay_ns = directory->give_up_ns / 2;
    ehr_fx_timer(fx, id, patience->generation, patience->delay_ns);
}

bool ehr_patience_is_over(const struct ehr_patience *patience, const struct ehr_fx *fx,
                          const struct ehr_directory *directory)
{
    return ehr_fx_now(fx) - patience->began_ns >= directory->give_up_ns;
}

void ehr_patience_stop(struct ehr_patience *patience)
{
    *patience = (struct ehr_patience){0};
}

void ehr_resend_start(struct ehr_resend *resend, struct ehr_fx *fx,
                      const struct ehr_directory *directory, struct ehr_address to,
                      struct ehr_message *take_message, uint32_t id, uint64_t generation)
{
    ehr_resend_stop(resend);
    resend->message = take_message;
    resend->to = to;
    ehr_fx_send(fx, to, ehr_message_ref(take_message));
    ehr_patience_start(&resend->patience, fx, directory, id, generation);
}

bool ehr_resend_on_timer(struct ehr_resend *resend, struct ehr_fx *fx,
                         const struct ehr_directory *directory, uint32_t id)
{
    if (!ehr_patience_on_timer(&resend->patience, fx, directory, id))
        return false;
    ehr_fx_send(fx, resend->to, ehr_message_ref(resend->message));
    return true;
}

void ehr_resend_insist(struct ehr_resend *resend, struct ehr_fx *fx,
                       const struct ehr_directory *directory, uint32_t id)
{
    ehr_patience_insist(&resend->patience, fx, directory, id);
    ehr_fx_send(fx, resend->to, ehr_message_ref(resend->message));
}

void ehr_resend_stop(struct ehr_resend *resend)
{
    ehr_message_unref(resend->message);
    *resend = (struct ehr_resend){0};
}
