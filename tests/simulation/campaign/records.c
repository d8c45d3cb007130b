/* What an instance has on disk besides its chain: records with their proofs, and the bodies that
 * have to be durable with them. */
#include "tests/simulation/campaign/inside.h"

#include <assert.h>
#include <stdlib.h>

/* engine.h: what a record of the type makes durable besides itself. */
static bool names_body(uint8_t type)
{
    return type == EHR_ENGINE_PRE_PREPARE || type == EHR_ENGINE_PREPARE ||
           type == EHR_ENGINE_RAFT_APPEND || type == EHR_ENGINE_HOTSTUFF_VOTE;
}

static bool of_height(uint8_t type)
{
    return type <= EHR_ENGINE_CHECKPOINT || type == EHR_ENGINE_RAFT_APPEND ||
           type == EHR_ENGINE_RAFT_SNAPSHOT || type == EHR_ENGINE_HOTSTUFF_VOTE;
}

static bool newest_counts(uint8_t type)
{
    return type == EHR_ENGINE_VIEW_CHANGE || type == EHR_ENGINE_NEW_VIEW ||
           type == EHR_ENGINE_RAFT_VOTE || type == EHR_ENGINE_HOTSTUFF_TIMEOUT;
}

void ehr_node_records_forget(struct ehr_world *w, struct ehr_instance *instance)
{
    uint64_t stable = 0;
    uint32_t newest[32] = {0}, kept = 0; /* by type: index + 1 */
    for (uint32_t i = 0; i < instance->record_count; i++) {
        const struct ehr_engine_record *record = &instance->records[i];
        if (record->type == EHR_ENGINE_CHECKPOINT && record->height > stable)
            stable = record->height;
        newest[record->type & 31] = i + 1;
    }
    for (uint32_t i = 0; i < instance->record_count; i++) {
        const struct ehr_engine_record *record = &instance->records[i];
        bool old = (of_height(record->type) && record->height < stable) ||
                   (newest_counts(record->type) && newest[record->type & 31] != i + 1);
        if (old)
            ehr_blob_give(&w->blobs, (void *)(uintptr_t)record->proof);
        else
            instance->records[kept++] = *record;
    }
    instance->record_count = kept;
    instance->record_limit = 2 * kept + 64;
}

void ehr_node_records_drop(struct ehr_world *w, struct ehr_instance *instance)
{
    for (uint32_t i = 0; i < instance->record_count; i++)
        ehr_blob_give(&w->blobs, (void *)(uintptr_t)instance->records[i].proof);
    instance->record_count = 0;
}

void ehr_node_persist(struct ehr_world *w, struct ehr_instance *instance,
                      const struct ehr_engine_record *record)
{
    if (instance->record_count >= instance->record_limit)
        ehr_node_records_forget(w, instance);
    if (instance->record_count == instance->record_room) {
        instance->record_room = instance->record_room == 0 ? 128 : 2 * instance->record_room;
        instance->records =
            realloc(instance->records, instance->record_room * sizeof(*instance->records));
        assert(instance->records != NULL);
    }
    struct ehr_engine_record *copy = &instance->records[instance->record_count++];
    *copy = *record;
    copy->proof = NULL;
    if (record->proof_length > 0) {
        uint8_t *proof = ehr_blob_take(&w->blobs, record->proof_length);
        memcpy(proof, record->proof, record->proof_length);
        copy->proof = proof;
    }
    struct ehr_body *body = names_body(record->type) ? ehr_host_body(w, &record->digest) : NULL;
    if (body != NULL)
        body->durable |= body->held & 1U << instance->index;
}
