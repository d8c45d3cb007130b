/* The first event of a life: a first boot, or a restart from what was persisted: the term and the
 * vote in it, the entries, the last checkpoint (ATC'14, figure 2: persistent state).
 *
 * A restarted replica is a follower. It knows as committed what its node has executed; the rest its
 * leader will say. */
#include "sim/consensus/raft/raft.h"

static void recover_vote(struct ehr_engine *e, const struct ehr_engine_record *record)
{
    if (record->view < e->term)
        return;
    e->term = record->view;
    e->voted = record->height == 0 ? EHR_RAFT_NOBODY : (uint16_t)(record->height - 1);
}

static void point_of(struct ehr_raft_point *point, const struct ehr_engine_record *record)
{
    point->height = record->height;
    point->term = record->view;
    point->state = record->digest;
    if (record->proof_length == EHR_RAFT_PROOF_BYTES)
        memcpy(point->block.bytes, record->proof + 1, sizeof(point->block.bytes));
}

/* The log begins above the highest checkpoint; records below it may be gone. */
static void recover_base(struct ehr_engine *e, const struct ehr_engine_record *records,
                         uint32_t count)
{
    struct ehr_raft_point point = {0};
    for (uint32_t i = 0; i < count; i++)
        if (records[i].type == EHR_ENGINE_CHECKPOINT && records[i].height >= point.height)
            point_of(&point, &records[i]);
    e->checkpoint = point;
    ehr_raft_log_restart(e, &point);
}

static void recover_entry(struct ehr_engine *e, const struct ehr_engine_record *record)
{
    static const struct ehr_digest none;
    if (record->height < e->base.height)
        return;
    bool barrier = memcmp(record->digest.bytes, none.bytes, sizeof(none.bytes)) == 0;
    if (!barrier && record->height > e->base.height) {
        assert(record->height <= e->last + 1);
        ehr_raft_log_put_replayed(e, record->height, record->view, &record->digest);
    } else { /* a barrier, or the entry at the base itself: it ends the log */
        assert(record->height <= e->last);
        e->last = record->height;
        e->log_term = record->view;
    }
}

static void recover_log(struct ehr_engine *e, const struct ehr_engine_record *records,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct ehr_engine_record *record = &records[i];
        if (record->type == EHR_ENGINE_RAFT_APPEND)
            recover_entry(e, record);
        if (record->type == EHR_ENGINE_CHECKPOINT && record->height == e->base.height &&
            record->proof_length > 0 && record->proof[0] == 1)
            ehr_raft_log_restart(e, &e->checkpoint);
    }
}

/* The node may have installed a state that the engine never heard of. */
static void recover_state(struct ehr_engine *e, const struct ehr_event *event)
{
    const struct ehr_engine_record *asked = NULL;
    uint64_t height = event->as.start.height;
    for (uint32_t i = 0; i < event->as.start.record_count; i++)
        if (event->as.start.records[i].type == EHR_ENGINE_RAFT_SNAPSHOT &&
            event->as.start.records[i].height == height)
            asked = &event->as.start.records[i];
    assert(height >= e->base.height);
    e->committed = e->executed = height;
    if (asked == NULL || height == e->base.height) {
        assert(height <= e->last); /* executed from the log */
        return;
    }
    struct ehr_raft_point point = {.height = height,
                                   .term = asked->view,
                                   .block = event->as.start.block,
                                   .state = event->as.start.state};
    ehr_raft_install(e, &point);
}

static void first_boot(struct ehr_engine *e, const struct ehr_event *event)
{
    struct ehr_raft_point point = {.height = event->as.start.height,
                                   .block = event->as.start.block,
                                   .state = event->as.start.state};
    e->checkpoint = point;
    ehr_raft_log_restart(e, &point);
    e->committed = e->executed = point.height;
    if (point.height > 0) /* so that a restart finds the block its log stands on */
        ehr_raft_install(e, &point);
}

void ehr_raft_on_start(struct ehr_engine *e, const struct ehr_event *event)
{
    const struct ehr_engine_record *records = event->as.start.records;
    uint32_t count = event->as.start.record_count;
    bool first = records == NULL || count == 0;
    e->started = true;
    if (first) {
        first_boot(e, event);
    } else {
        for (uint32_t i = 0; i < count; i++)
            if (records[i].type == EHR_ENGINE_RAFT_VOTE)
                recover_vote(e, &records[i]);
        recover_base(e, records, count);
        recover_log(e, records, count);
        recover_state(e, event);
    }
    /* Somebody has to be first: nobody leads before anybody has. */
    if ((first && e->config.self == 0) || e->majority == 1)
        ehr_raft_stand(e);
    else
        ehr_raft_patience(e);
}
