/* Raft's properties (ATC'14, figure 3) from records, messages and effects: at most one leader in a
 * term; entries of equal term and height are equal, and so are those before; who leads has every
 * block committed in an earlier term; a majority has what is committed on disk, under an entry of
 * the leader's term; nobody votes for an outdated log, stands without pre-votes, leads without
 * votes, leads on without a majority that answers, or is willing to vote while it hears a leader;
 * nothing is said that a restart could take back. */
#include "crypto/codec.h"
#include "tests/simulation/campaign/check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

struct entry {
    uint64_t term;
    struct ehr_digest block;
};

/* What an instance has on disk. */
struct disk {
    uint64_t base, last, log_term;
    uint64_t term, voted; /* voted: replica + 1; 0: nobody */
    /* Not on disk: since the start of this life. */
    uint64_t asked;                       /* the term of its last pre-vote */
    uint64_t willing, votes;              /* bits: granted in this round */
    uint64_t heard_ns[EHR_INSTANCES_MAX]; /* leader: last answers */
    uint64_t led_term, led_ns;            /* when it last heard a leader, and in which term */
    struct entry log[EHR_HEIGHTS_MAX];
};

struct ehr_raft_check {
    uint64_t top;                           /* highest height committed anywhere */
    uint64_t committed_in[EHR_HEIGHTS_MAX]; /* terms */
    struct disk disks[EHR_INSTANCES_MAX];
};

void ehr_check_raft_open(struct ehr_world *w)
{
    struct ehr_raft_check *r = w->checks->raft;
    if (r == NULL)
        w->checks->raft = r = calloc(1, sizeof(*r));
    assert(r != NULL);
    r->top = 0;
    for (uint32_t i = 0; i < EHR_INSTANCES_MAX; i++)
        memset(&r->disks[i], 0, offsetof(struct disk, log) + sizeof(struct entry));
}

void ehr_check_raft_free(struct ehr_raft_check *r)
{
    free(r);
}

static bool majority(const struct ehr_world *w, uint32_t count)
{
    return 2 * count > w->setup.config.replicas;
}

/* The first entry seen of a term and height, and the term before it. */
static void log_matching(struct ehr_world *w, const struct ehr_instance *i, uint64_t height)
{
    const struct disk *disk = &w->checks->raft->disks[i->index];
    uint64_t term = disk->log[height].term;
    uint64_t place = ehr_host_key(21, term, height, 0);
    uint64_t block = ehr_host_digest64(&disk->log[height].block) | 1;
    uint64_t *first = ehr_map_at(&w->checks->map, place);
    if (*first != 0 && *first != block)
        ehr_world_broken(w, "two blocks of one term and height",
                         "r%u term %" PRIu64 " height %" PRIu64, i->replica, term, height);
    *first = block;
    uint64_t *before = ehr_map_at(&w->checks->map, ehr_host_key(23, term, height, 0));
    if (*before != 0 && *before != disk->log[height - 1].term + 1)
        ehr_world_broken(w, "log matching", "r%u term %" PRIu64 " height %" PRIu64, i->replica,
                         term, height);
    *before = disk->log[height - 1].term + 1;
}

static void checkpoint_persist(struct disk *disk, const struct ehr_engine_record *record)
{
    if (record->height < disk->base || record->height >= EHR_HEIGHTS_MAX)
        return;
    disk->base = record->height;
    disk->log[record->height].term = record->view;
    memcpy(disk->log[record->height].block.bytes, record->proof + 1, 32);
    if (record->proof[0] == 1 || disk->last < record->height) {
        disk->last = record->height;
        disk->log_term = record->view;
    }
}

static void vote_persist(struct ehr_world *w, const struct ehr_instance *i, struct disk *disk,
                         const struct ehr_engine_record *record)
{
    if (record->view < disk->term ||
        (record->view == disk->term && disk->voted != 0 && disk->voted != record->height))
        ehr_world_broken(w, "a second vote in a term", "r%u term %" PRIu64, i->replica,
                         record->view);
    disk->term = record->view;
    disk->voted = record->height;
    if (record->height != i->replica + 1U)
        return;
    if (!majority(w, ehr_host_members(disk->willing)))
        ehr_world_broken(w, "stands without pre-votes", "r%u term %" PRIu64, i->replica,
                         record->view);
    disk->votes = UINT64_C(1) << i->replica;
}

static void append_persist(struct ehr_world *w, const struct ehr_instance *i, struct disk *disk,
                           const struct ehr_engine_record *record)
{
    static const struct ehr_digest none;
    bool barrier = ehr_host_same(&record->digest, &none);
    if (record->height < disk->base || record->height >= EHR_HEIGHTS_MAX)
        return;
    if (record->height > disk->last + !barrier)
        ehr_world_broken(w, "a gap in the log", "r%u term %" PRIu64 " height %" PRIu64, i->replica,
                         record->view, record->height);
    disk->last = record->height;
    disk->log_term = record->view;
    if (barrier || record->height == disk->base)
        return;
    disk->log[record->height].term = record->view;
    disk->log[record->height].block = record->digest;
    log_matching(w, i, record->height);
}

static bool holds(const struct disk *disk, uint64_t height, const struct ehr_digest *block)
{
    return height <= disk->base ||
           (height <= disk->last && ehr_host_same(&disk->log[height].block, block));
}

/* A majority holds it for good: no log without it can win an election. */
static void on_commit(struct ehr_world *w, const struct ehr_instance *i,
                      const struct ehr_effect *effect)
{
    struct ehr_raft_check *r = w->checks->raft;
    uint64_t height = effect->as.commit.height;
    uint32_t count = 0;
    if (height <= r->top || height >= EHR_HEIGHTS_MAX)
        return; /* agreement is checked elsewhere */
    for (uint16_t k = 0; k < w->instance_count; k++) {
        const struct disk *disk = &r->disks[k];
        count += holds(disk, height, &effect->as.commit.block) &&
                 (height <= disk->base || disk->log_term >= effect->as.commit.view);
    }
    if (!majority(w, count))
        ehr_world_broken(w, "committed without a majority", "r%u term %" PRIu64 " height %" PRIu64,
                         i->replica, effect->as.commit.view, height);
    r->top = height;
    r->committed_in[height] = effect->as.commit.view;
}

static void on_leader(struct ehr_world *w, const struct ehr_instance *i, uint64_t term)
{
    struct ehr_raft_check *r = w->checks->raft;
    struct disk *disk = &r->disks[i->index];
    if (!majority(w, ehr_host_members(disk->votes)))
        ehr_world_broken(w, "leads without votes", "r%u term %" PRIu64, i->replica, term);
    uint64_t *leads = ehr_map_at(&w->checks->map, ehr_host_key(22, term, 0, 0));
    if (*leads != 0)
        ehr_world_broken(w, "two leaders in a term", "r%u term %" PRIu64, i->replica, term);
    *leads = i->replica + 1U;
    for (uint16_t k = 0; k < w->instance_count; k++)
        disk->heard_ns[k] = w->now_ns;
    /* A late vote may still make a leader of an earlier term; it can commit nothing. */
    for (uint64_t h = disk->base + 1; h <= r->top && r->committed_in[h] < term; h++)
        if (!holds(disk, h, &w->bodies[w->chain[h]].digest))
            ehr_world_broken(w, "a leader without a committed block",
                             "r%u term %" PRIu64 " height %" PRIu64, i->replica, term, h);
}

/* ATC'14, 5.4.1: no vote for a log that is less up to date. */
static void on_ballot(struct ehr_world *w, const struct ehr_instance *i, const struct disk *disk)
{
    const struct ehr_engine_message *request = w->event->as.receive.message;
    if (w->event->type != EHR_EVENT_RECEIVE || request->body_length < 9) {
        ehr_world_broken(w, "a vote nobody asked for", "r%u", i->replica);
        return;
    }
    uint64_t term = ehr_le64_get(request->body + 1);
    if (term < disk->log_term || (term == disk->log_term && request->height < disk->last))
        ehr_world_broken(w, "a vote for an outdated log", "r%u view %" PRIu64, i->replica,
                         request->view);
}

/* Thesis, 6.2: a timeout, and the heartbeat at which it is noticed. */
static void on_broadcast(struct ehr_world *w, const struct ehr_instance *i, const struct disk *disk,
                         uint64_t term)
{
    uint64_t timeout = w->setup.config.request_timeout_ns;
    uint32_t heard = 1;
    for (uint16_t k = 0; k < w->instance_count; k++)
        heard += k != i->index && w->now_ns - disk->heard_ns[k] <= timeout + timeout / 2;
    if (!majority(w, heard))
        ehr_world_broken(w, "leads without a majority that answers", "r%u term %" PRIu64,
                         i->replica, term);
}

static void on_send(struct ehr_world *w, const struct ehr_instance *i, struct disk *disk,
                    const struct ehr_effect *effect)
{
    const struct ehr_engine_message *m = &effect->as.send.message;
    if (m->type == EHR_ENGINE_RAFT_PRE_VOTE) {
        disk->asked = m->view;
        disk->willing = UINT64_C(1) << i->replica;
    } else if (m->view != disk->term) {
        ehr_world_broken(w, "speaks in a term it has not persisted", "r%u term %" PRIu64,
                         i->replica, m->view);
    }
    bool yes = m->body_length > 0 && m->body[0] == 1;
    if (m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY && yes && disk->led_ns > 0 &&
        disk->led_term == disk->term &&
        w->now_ns - disk->led_ns < w->setup.config.request_timeout_ns)
        ehr_world_broken(w, "a pre-vote against a living leader", "r%u term %" PRIu64, i->replica,
                         m->view);
    if (m->type == EHR_ENGINE_RAFT_VOTE_REPLY && yes && disk->voted != effect->as.send.to + 1U)
        ehr_world_broken(w, "a vote that is not persisted", "r%u term %" PRIu64, i->replica,
                         m->view);
    if ((m->type == EHR_ENGINE_RAFT_VOTE_REPLY || m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY) && yes)
        on_ballot(w, i, disk);
    if (m->type == EHR_ENGINE_RAFT_APPEND)
        on_broadcast(w, i, disk, m->view);
    if (m->type == EHR_ENGINE_RAFT_APPEND_REPLY && yes && m->height > disk->last)
        ehr_world_broken(w, "acknowledges what it does not hold",
                         "r%u term %" PRIu64 " height %" PRIu64, i->replica, m->view, m->height);
}

void ehr_check_raft_effect(struct ehr_world *w, struct ehr_instance *i,
                           const struct ehr_effect *effect)
{
    struct disk *disk = &w->checks->raft->disks[i->index];
    if (effect->type == EHR_EFFECT_PERSIST) {
        const struct ehr_engine_record *record = &effect->as.persist;
        if (record->type == EHR_ENGINE_RAFT_VOTE)
            vote_persist(w, i, disk, record);
        else if (record->type == EHR_ENGINE_CHECKPOINT)
            checkpoint_persist(disk, record);
        else if (record->type == EHR_ENGINE_RAFT_APPEND)
            append_persist(w, i, disk, record);
    } else if (effect->type == EHR_EFFECT_COMMIT) {
        on_commit(w, i, effect);
    } else if (effect->type == EHR_EFFECT_SEND) {
        on_send(w, i, disk, effect);
    } else if (effect->type == EHR_EFFECT_NEW_VIEW && effect->as.new_view.leader == i->replica) {
        on_leader(w, i, effect->as.new_view.view);
    }
}

/* What a message tells its receiver, before it acts on it. */
void ehr_check_raft_delivery(struct ehr_world *w, struct ehr_instance *i,
                             const struct ehr_engine_message *m)
{
    struct disk *disk = &w->checks->raft->disks[i->index];
    bool granted = m->body_length >= 9 && m->body[0] == 1;
    if (m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY && granted &&
        ehr_le64_get(m->body + 1) == disk->asked)
        disk->willing |= UINT64_C(1) << m->sender;
    if (m->type == EHR_ENGINE_RAFT_VOTE_REPLY && granted && m->view == disk->term)
        disk->votes |= UINT64_C(1) << m->sender;
    if (m->type == EHR_ENGINE_RAFT_APPEND_REPLY && m->view == disk->term)
        disk->heard_ns[m->sender] = w->now_ns;
    if (m->type == EHR_ENGINE_RAFT_APPEND && m->view >= disk->term) {
        disk->led_term = m->view;
        disk->led_ns = w->now_ns;
    }
}

void ehr_check_raft_crash(struct ehr_world *w, struct ehr_instance *i)
{
    struct disk *disk = &w->checks->raft->disks[i->index];
    disk->asked = disk->willing = disk->votes = disk->led_term = disk->led_ns = 0;
    memset(disk->heard_ns, 0, sizeof(disk->heard_ns));
}
