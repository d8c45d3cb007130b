/* Messages by hand. */
#include "tests/simulation/engine_puppet.h"

#include <string.h>

static void stepped(void *context, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effects *effects)
{
    struct ehr_puppet *puppet = context;
    (void)event;
    for (uint32_t i = 0; i < effects->count && replica == puppet->replica; i++) {
        const struct ehr_effect *effect = &effects->item[i];
        puppet->committed += effect->type == EHR_EFFECT_COMMIT;
        puppet->proposed += effect->type == EHR_EFFECT_PROPOSE;
        puppet->fetched += effect->type == EHR_EFFECT_FETCH;
        if (effect->type == EHR_EFFECT_COMMIT)
            puppet->block = effect->as.commit.block;
        if (effect->type == EHR_EFFECT_PERSIST)
            puppet->persisted[effect->as.persist.type]++;
        if (effect->type == EHR_EFFECT_SEND) {
            puppet->sent[effect->as.send.message.type]++;
            puppet->view = effect->as.send.message.view;
            if (effect->as.send.message.type == EHR_ENGINE_NEW_VIEW) {
                puppet->carried_count = effect->as.send.message.carried_count;
                for (uint32_t k = 0; k < puppet->carried_count && k < 8; k++)
                    puppet->carried[k] = effect->as.send.message.carried[k];
            }
        }
    }
}

void ehr_puppet_reset(struct ehr_puppet *puppet)
{
    struct ehr_puppet fresh = {.cluster = puppet->cluster, .replica = puppet->replica};
    *puppet = fresh;
}

void ehr_puppet_open(struct ehr_puppet *puppet, const struct ehr_cluster_options *options,
                     uint16_t replica)
{
    memset(puppet, 0, sizeof(*puppet));
    puppet->cluster = ehr_cluster_new(options);
    puppet->replica = replica;
    struct ehr_cluster_hooks hooks = {.stepped = stepped, .context = puppet};
    for (uint16_t i = 0; i < options->replicas; i++)
        if (i != replica)
            ehr_cluster_crash(puppet->cluster, i);
    ehr_cluster_run(puppet->cluster, EHR_PUPPET_MS);
    ehr_cluster_hooks_set(puppet->cluster, &hooks);
}

void ehr_puppet_close(struct ehr_puppet *puppet)
{
    ehr_cluster_free(puppet->cluster);
}

static void deliver(struct ehr_puppet *puppet, const struct ehr_engine_message *message)
{
    ehr_cluster_inject(puppet->cluster, puppet->replica, message);
    ehr_cluster_run(puppet->cluster, ehr_cluster_now(puppet->cluster) + 2 * EHR_PUPPET_MS);
}

void ehr_puppet_send(struct ehr_puppet *puppet, uint16_t from, uint8_t type, uint64_t view,
                     uint64_t height, const struct ehr_digest *digest)
{
    struct ehr_engine_message message = {
        .type = type, .sender = from, .view = view, .height = height, .digest = *digest};
    if (type == EHR_ENGINE_PRE_PREPARE) {
        message.carried = digest;
        message.carried_count = 1;
    }
    deliver(puppet, &message);
}

void ehr_puppet_depart(struct ehr_puppet *puppet, uint16_t from, uint64_t view)
{
    ehr_puppet_depart_with(puppet, from, view, NULL, 0);
}

void ehr_puppet_depart_with(struct ehr_puppet *puppet, uint16_t from, uint64_t view,
                            const struct ehr_puppet_entry *entries, uint32_t count)
{
    enum { HEAD = 8 + 32 + 2 + 4, ENTRY = 8 + 8 + 32 + 1 + 2, COUNT_MAX = 8 };
    uint8_t body[HEAD + COUNT_MAX * ENTRY] = {0}; /* stable 0, state zero, no proof */
    struct ehr_digest carried[COUNT_MAX];
    body[8 + 32 + 2] = (uint8_t)count;
    for (uint32_t i = 0; i < count && i < COUNT_MAX; i++) {
        uint8_t *at = body + HEAD + (size_t)i * ENTRY;
        at[0] = (uint8_t)entries[i].height;
        at[8] = (uint8_t)entries[i].view;
        memcpy(at + 16, entries[i].block.bytes, 32);
        carried[i] = entries[i].block;
    }
    struct ehr_engine_message message = {.type = EHR_ENGINE_VIEW_CHANGE,
                                         .sender = from,
                                         .view = view,
                                         .body = body,
                                         .body_length = HEAD + count * ENTRY,
                                         .carried = carried,
                                         .carried_count = count};
    deliver(puppet, &message);
}
