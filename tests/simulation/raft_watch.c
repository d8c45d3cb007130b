/* The properties of Raft, checked from outside. */
#include "tests/simulation/raft_watch.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint64_t term;
    struct ehr_digest block;
};

/* What a replica has on disk. */
struct disk {
    uint64_t base, last, log_term;
    uint64_t term, voted; /* voted: replica + 1; 0: nobody */
    bool rebuilt;         /* after a crash */
    /* Not on disk: since the start of this life. */
    uint64_t asked;                              /* the term of its last pre-vote */
    uint64_t willing, votes;                     /* bitmaps: granted in this round */
    uint64_t heard_ns[EHR_CLUSTER_REPLICAS_MAX]; /* leader: last answers */
    uint64_t led_term, led_ns; /* when it last heard a leader, and in which term */
    struct entry log[EHR_CLUSTER_HEIGHTS_MAX];
};

/* The first entry seen of a term and height, with the term before it. */
struct witness {
    uint64_t term, before;
    struct ehr_digest block;
};

struct ehr_raft_watch {
    struct ehr_cluster *cluster;
    uint16_t replicas;
    uint64_t seed, timeout_ns;
    struct disk *disks;
    struct {
        struct witness *item;
        uint32_t count;
    } witnesses[EHR_CLUSTER_HEIGHTS_MAX];
    struct ehr_digest committed[EHR_CLUSTER_HEIGHTS_MAX];
    uint64_t committed_in[EHR_CLUSTER_HEIGHTS_MAX]; /* terms */
    uint64_t top;                                   /* highest height committed anywhere */
    uint16_t *leaders;
    uint64_t leader_capacity;
};

enum { NO_LEADER = UINT16_MAX };

static void broken(const struct ehr_raft_watch *w, uint16_t replica, const char *what,
                   uint64_t term, uint64_t height)
{
    fprintf(stderr,
            "safety: %s: replica %u term %" PRIu64 " height %" PRIu64 ", n %u seed %" PRIu64
            " at %" PRIu64 " ns\n",
            what, replica, term, height, w->replicas, w->seed, ehr_cluster_now(w->cluster));
    abort();
}

static bool same(const struct ehr_digest *a, const struct ehr_digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct ehr_raft_watch *ehr_raft_watch_new(struct ehr_cluster *cluster, uint16_t replicas,
                                          uint64_t seed, uint64_t timeout_ns)
{
    struct ehr_raft_watch *w = calloc(1, sizeof(*w));
    assert(w != NULL);
    w->cluster = cluster;
    w->replicas = replicas;
    w->seed = seed;
    w->timeout_ns = timeout_ns;
    w->disks = calloc(replicas, sizeof(*w->disks));
    assert(w->disks != NULL);
    w->disks[0].asked = w->disks[0].willing = 1; /* it asked before anybody watched */
    return w;
}

void ehr_raft_watch_free(struct ehr_raft_watch *w)
{
    if (w == NULL)
        return;
    for (uint32_t h = 0; h < EHR_CLUSTER_HEIGHTS_MAX; h++)
        free(w->witnesses[h].item);
    free(w->disks);
    free(w->leaders);
    free(w);
}

static void log_matching(struct ehr_raft_watch *w, uint16_t replica, uint64_t height)
{
    const struct disk *disk = &w->disks[replica];
    struct witness seen = {disk->log[height].term, disk->log[height - 1].term,
                           disk->log[height].block};
    for (uint32_t i = 0; i < w->witnesses[height].count; i++) {
        const struct witness *first = &w->witnesses[height].item[i];
        if (first->term != seen.term)
            continue;
        if (!same(&first->block, &seen.block))
            broken(w, replica, "two blocks of one term and height", seen.term, height);
        if (first->before != seen.before)
            broken(w, replica, "log matching", seen.term, height);
        return;
    }
    uint32_t count = ++w->witnesses[height].count;
    w->witnesses[height].item =
        realloc(w->witnesses[height].item, count * sizeof(*w->witnesses[height].item));
    assert(w->witnesses[height].item != NULL);
    w->witnesses[height].item[count - 1] = seen;
}

static void checkpoint_apply(struct disk *disk, const struct ehr_engine_record *record)
{
    if (record->height < disk->base)
        return;
    disk->base = record->height;
    disk->log[record->height].term = record->view;
    memcpy(disk->log[record->height].block.bytes, record->proof + 1, 32);
    if (record->proof[0] == 1 || disk->last < record->height) {
        disk->last = record->height;
        disk->log_term = record->view;
    }
}

static uint32_t members(uint64_t bitmap)
{
    uint32_t count = 0;
    for (; bitmap != 0; bitmap &= bitmap - 1)
        count++;
    return count;
}

static void record_apply(struct ehr_raft_watch *w, uint16_t replica,
                         const struct ehr_engine_record *record, bool live)
{
    static const struct ehr_digest none;
    struct disk *disk = &w->disks[replica];
    if (record->type == EHR_ENGINE_RAFT_VOTE) {
        if (record->view < disk->term ||
            (record->view == disk->term && disk->voted != 0 && disk->voted != record->height))
            broken(w, replica, "a second vote in a term", record->view, 0);
        disk->term = record->view;
        disk->voted = record->height;
        if (!live || record->height != replica + 1U)
            return;
        if (2 * members(disk->willing) <= w->replicas)
            broken(w, replica, "stands without pre-votes", record->view, 0);
        disk->votes = UINT64_C(1) << replica;
    } else if (record->type == EHR_ENGINE_CHECKPOINT) {
        checkpoint_apply(disk, record);
    } else if (record->type == EHR_ENGINE_RAFT_APPEND) {
        if (record->height < disk->base)
            return;
        bool barrier = same(&record->digest, &none);
        if (live && record->height > disk->last + !barrier)
            broken(w, replica, "a gap in the log", record->view, record->height);
        disk->last = record->height;
        disk->log_term = record->view;
        if (barrier || record->height == disk->base)
            return;
        disk->log[record->height].term = record->view;
        disk->log[record->height].block = record->digest;
        if (live)
            log_matching(w, replica, record->height);
    }
}

/* Effects that a crash cut off were never performed. */
static void rebuild(struct ehr_raft_watch *w, uint16_t replica)
{
    const struct ehr_engine_record *records;
    uint32_t count = ehr_cluster_records(w->cluster, replica, &records);
    struct disk *disk = &w->disks[replica];
    disk->base = disk->last = disk->log_term = disk->term = disk->voted = 0;
    disk->rebuilt = true;
    disk->asked = disk->willing = disk->votes = disk->led_term = disk->led_ns = 0;
    for (uint32_t i = 0; i < count; i++)
        if (records[i].type == EHR_ENGINE_CHECKPOINT)
            checkpoint_apply(disk, &records[i]);
    for (uint32_t i = 0; i < count; i++)
        if (records[i].type != EHR_ENGINE_CHECKPOINT || records[i].proof[0] == 1)
            record_apply(w, replica, &records[i], false);
}

static bool holds(const struct disk *disk, uint64_t height, const struct ehr_digest *block)
{
    return height <= disk->base || (height <= disk->last && same(&disk->log[height].block, block));
}

/* ... and no log without it can win an election: there is an entry of the committing term. */
static bool holds_for_good(const struct disk *disk, uint64_t height, const struct ehr_digest *block,
                           uint64_t term)
{
    return holds(disk, height, block) && (height <= disk->base || disk->log_term >= term);
}

static void on_commit(struct ehr_raft_watch *w, uint16_t replica, const struct ehr_effect *effect)
{
    uint64_t height = effect->as.commit.height;
    if (height <= w->top)
        return; /* the cluster itself compares */
    uint32_t count = 0;
    for (uint16_t i = 0; i < w->replicas; i++)
        count +=
            holds_for_good(&w->disks[i], height, &effect->as.commit.block, effect->as.commit.view);
    if (2 * count <= w->replicas)
        broken(w, replica, "committed without a majority", effect->as.commit.view, height);
    w->top = height;
    w->committed[height] = effect->as.commit.block;
    w->committed_in[height] = effect->as.commit.view;
}

static void on_leader(struct ehr_raft_watch *w, uint16_t replica, uint64_t term)
{
    while (term >= w->leader_capacity) {
        uint64_t capacity = w->leader_capacity == 0 ? 64 : 2 * w->leader_capacity;
        w->leaders = realloc(w->leaders, capacity * sizeof(*w->leaders));
        assert(w->leaders != NULL);
        for (uint64_t i = w->leader_capacity; i < capacity; i++)
            w->leaders[i] = NO_LEADER;
        w->leader_capacity = capacity;
    }
    if (2 * members(w->disks[replica].votes) <= w->replicas)
        broken(w, replica, "leads without votes", term, 0);
    if (w->leaders[term] != NO_LEADER)
        broken(w, replica, "two leaders in a term", term, 0);
    w->leaders[term] = replica;
    for (uint16_t i = 0; i < w->replicas; i++)
        w->disks[replica].heard_ns[i] = ehr_cluster_now(w->cluster);
    /* A late vote may still make a leader of an earlier term; it can commit nothing. */
    for (uint64_t h = 1; h <= w->top && w->committed_in[h] < term; h++)
        if (!holds(&w->disks[replica], h, &w->committed[h]))
            broken(w, replica, "a leader without a committed block", term, h);
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

/* ATC'14, 5.4.1: no vote for a log that is less up to date. */
static void on_ballot(struct ehr_raft_watch *w, uint16_t replica,
                      const struct ehr_engine_message *request)
{
    const struct disk *disk = &w->disks[replica];
    uint64_t term = get_u64(request->body + 1);
    if (term < disk->log_term || (term == disk->log_term && request->height < disk->last))
        broken(w, replica, "a vote for an outdated log", request->view, request->height);
}

/* Thesis, 6.2: a timeout, and the heartbeat at which it is noticed. */
static void on_broadcast(struct ehr_raft_watch *w, uint16_t replica,
                         const struct ehr_engine_message *m)
{
    uint64_t now = ehr_cluster_now(w->cluster);
    uint32_t heard = 1;
    for (uint16_t i = 0; i < w->replicas; i++)
        heard += i != replica &&
                 now - w->disks[replica].heard_ns[i] <= w->timeout_ns + w->timeout_ns / 2;
    if (2 * heard <= w->replicas)
        broken(w, replica, "leads without a majority that answers", m->view, m->height);
}

static void on_send(struct ehr_raft_watch *w, uint16_t replica, const struct ehr_event *event,
                    const struct ehr_effect *effect)
{
    const struct ehr_engine_message *m = &effect->as.send.message;
    struct disk *disk = &w->disks[replica];
    if (m->type == EHR_ENGINE_RAFT_PRE_VOTE) {
        disk->asked = m->view;
        disk->willing = UINT64_C(1) << replica;
    } else if (m->view != disk->term) {
        broken(w, replica, "speaks in a term it has not persisted", m->view, m->height);
    }
    bool yes = m->body_length > 0 && m->body[0] == 1;
    if (m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY && yes && disk->led_ns > 0 &&
        disk->led_term == disk->term && ehr_cluster_now(w->cluster) - disk->led_ns < w->timeout_ns)
        broken(w, replica, "a pre-vote against a living leader", m->view, m->height);
    if (m->type == EHR_ENGINE_RAFT_VOTE_REPLY && yes && disk->voted != effect->as.send.to + 1U)
        broken(w, replica, "a vote that is not persisted", m->view, m->height);
    if ((m->type == EHR_ENGINE_RAFT_VOTE_REPLY || m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY) && yes)
        on_ballot(w, replica, event->as.receive.message);
    if (m->type == EHR_ENGINE_RAFT_APPEND)
        on_broadcast(w, replica, m);
    if (m->type == EHR_ENGINE_RAFT_APPEND_REPLY && yes && m->height > disk->last)
        broken(w, replica, "acknowledges what it does not hold", m->view, m->height);
}

/* What a message tells its receiver, before it acts on it. */
static void on_receive(struct ehr_raft_watch *w, uint16_t replica,
                       const struct ehr_engine_message *m)
{
    struct disk *disk = &w->disks[replica];
    bool granted = m->body[0] == 1;
    if (m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY && granted && get_u64(m->body + 1) == disk->asked)
        disk->willing |= UINT64_C(1) << m->sender;
    if (m->type == EHR_ENGINE_RAFT_VOTE_REPLY && granted && m->view == disk->term)
        disk->votes |= UINT64_C(1) << m->sender;
    if (m->type == EHR_ENGINE_RAFT_APPEND_REPLY && m->view == disk->term)
        disk->heard_ns[m->sender] = ehr_cluster_now(w->cluster);
    if (m->type == EHR_ENGINE_RAFT_APPEND && m->view >= disk->term) {
        disk->led_term = m->view;
        disk->led_ns = ehr_cluster_now(w->cluster);
    }
}

void ehr_raft_watch_step(struct ehr_raft_watch *w, uint16_t replica, const struct ehr_event *event,
                         const struct ehr_effects *effects)
{
    for (uint16_t i = 0; i < w->replicas; i++)
        if (!w->disks[i].rebuilt && !ehr_cluster_up(w->cluster, i))
            rebuild(w, i);
    if (event->type == EHR_EVENT_START)
        rebuild(w, replica);
    if (event->type == EHR_EVENT_RECEIVE)
        on_receive(w, replica, event->as.receive.message);
    w->disks[replica].rebuilt = false;
    for (uint32_t i = 0; i < effects->count; i++) {
        const struct ehr_effect *effect = &effects->item[i];
        if (effect->type == EHR_EFFECT_PERSIST)
            record_apply(w, replica, &effect->as.persist, true);
        else if (effect->type == EHR_EFFECT_COMMIT)
            on_commit(w, replica, effect);
        else if (effect->type == EHR_EFFECT_SEND)
            on_send(w, replica, event, effect);
        else if (effect->type == EHR_EFFECT_NEW_VIEW && effect->as.new_view.leader == replica)
            on_leader(w, replica, effect->as.new_view.view);
    }
}
