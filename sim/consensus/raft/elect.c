/* Elections: the election timer, pre-votes (thesis, 9.6) and votes (ATC'14, 5.2 and 5.4.1). */
#include "sim/consensus/raft/raft.h"

/* An engine has no generator: the random part of the election timeout is a mix of who waits, in
 * which term and for which time, so that two replicas that collide once part at the next try. The
 * finaliser is that of SplitMix64 (Steele, Lea and Flood, OOPSLA'14). */
static uint64_t spread(uint64_t self, uint64_t term, uint64_t attempt)
{
    uint64_t z = (self + 1) * UINT64_C(0x9E3779B97F4A7C15) + term * UINT64_C(0xD1B54A32D192ED03) +
                 attempt * UINT64_C(0x8CB92BA72F3D8DD7);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* In [T, 2T), as the paper's 150 to 300 ms. */
uint64_t ehr_raft_election_timeout(const struct ehr_engine *e)
{
    uint64_t base = e->config.request_timeout_ns;
    return base + spread(e->config.self, e->term, e->attempts) % base;
}

static void timer_set(struct ehr_engine *e)
{
    e->fires_ns = e->deadline_ns;
    ehr_effect_timer(e->out, EHR_ENGINE_TIMER_ELECTION, ++e->election_generation,
                     e->deadline_ns - e->now_ns);
}

/* A timer that would run out too early is left alone and set again then: most are never needed. */
void ehr_raft_patience(struct ehr_engine *e)
{
    e->deadline_ns = e->now_ns + ehr_raft_election_timeout(e);
    if (e->fires_ns <= e->now_ns || e->fires_ns > e->deadline_ns)
        timer_set(e);
}

/* Who votes in a term it has just heard of writes both at once. */
static void vote_persist(struct ehr_engine *e)
{
    uint64_t voted = e->voted == EHR_RAFT_NOBODY ? 0 : e->voted + UINT64_C(1);
    struct ehr_effect *latest = e->out->count > 0 ? &e->out->item[e->out->count - 1] : NULL;
    if (latest != NULL && latest->type == EHR_EFFECT_PERSIST &&
        latest->as.persist.type == EHR_ENGINE_RAFT_VOTE && latest->as.persist.view == e->term)
        latest->as.persist.height = voted;
    else
        ehr_raft_emit_persist(e, EHR_ENGINE_RAFT_VOTE, e->term, voted, NULL, NULL, 0);
}

void ehr_raft_follow(struct ehr_engine *e)
{
    bool led = e->role == EHR_RAFT_LEADER;
    e->role = EHR_RAFT_FOLLOWER;
    if (led) {
        ehr_raft_resign(e);
        ehr_raft_patience(e);
    }
}

void ehr_raft_adopt(struct ehr_engine *e, uint64_t term)
{
    assert(term > e->term);
    e->term = term;
    e->voted = EHR_RAFT_NOBODY;
    e->leader = EHR_RAFT_NOBODY;
    vote_persist(e);
    ehr_raft_follow(e);
}

static void round_begin(struct ehr_engine *e, enum ehr_raft_role role)
{
    e->role = role;
    e->leader = EHR_RAFT_NOBODY;
    e->granted = 1;
    for (uint32_t i = 0; i < e->config.replicas; i++)
        e->peers[i].granted = false;
}

static void ballot_send(struct ehr_engine *e, uint16_t to, uint8_t type, uint64_t view,
                        const struct ehr_raft_ballot *ballot)
{
    uint8_t *body = ehr_raft_small(e);
    uint32_t length = ehr_raft_ballot_encode(body, ballot);
    ehr_raft_emit_send(e, to, type, view, e->last, body, length);
}

static void candidate_begin(struct ehr_engine *e)
{
    round_begin(e, EHR_RAFT_CANDIDATE);
    e->term++;
    e->voted = e->hint = e->config.self;
    vote_persist(e);
    ehr_raft_patience(e);
    ballot_send(e, EHR_ENGINE_TO_ALL, EHR_ENGINE_RAFT_VOTE, e->term,
                &(struct ehr_raft_ballot){.term = e->log_term});
    if (e->granted >= e->majority)
        ehr_raft_lead(e);
}

void ehr_raft_stand(struct ehr_engine *e)
{
    round_begin(e, EHR_RAFT_PRE_CANDIDATE);
    e->attempts++;
    ehr_raft_patience(e);
    ballot_send(e, EHR_ENGINE_TO_ALL, EHR_ENGINE_RAFT_PRE_VOTE, e->term + 1,
                &(struct ehr_raft_ballot){.term = e->log_term});
    if (e->granted >= e->majority)
        candidate_begin(e);
}

void ehr_raft_on_election_timer(struct ehr_engine *e, uint32_t generation)
{
    if (generation != e->election_generation)
        return;
    e->fires_ns = 0;
    if (e->role == EHR_RAFT_LEADER)
        return;
    if (e->now_ns < e->deadline_ns)
        timer_set(e);
    else
        ehr_raft_stand(e);
}

/* Thesis, 4.2.3: who has heard from a leader within the smallest election timeout wants no other.
 */
static bool content(const struct ehr_engine *e)
{
    return e->role == EHR_RAFT_LEADER || (e->heard && e->leader != EHR_RAFT_NOBODY &&
                                          e->now_ns - e->heard_ns < e->config.request_timeout_ns);
}

/* Promises nothing, so nothing is persisted. */
void ehr_raft_on_pre_vote(struct ehr_engine *e, const struct ehr_engine_message *m)
{
    struct ehr_raft_ballot ballot;
    if (!ehr_raft_ballot_decode(m, &ballot))
        return;
    bool grant =
        m->view > e->term && !content(e) && ehr_raft_log_up_to_date(e, ballot.term, m->height);
    ballot_send(e, m->sender, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, e->term,
                &(struct ehr_raft_ballot){.granted = grant, .term = m->view});
}

void ehr_raft_on_vote(struct ehr_engine *e, const struct ehr_engine_message *m)
{
    struct ehr_raft_ballot ballot;
    if (!ehr_raft_ballot_decode(m, &ballot))
        return;
    bool grant = m->view == e->term && (e->voted == EHR_RAFT_NOBODY || e->voted == m->sender) &&
                 ehr_raft_log_up_to_date(e, ballot.term, m->height);
    if (grant) {
        bool first = e->voted == EHR_RAFT_NOBODY;
        e->voted = e->hint = m->sender;
        if (first)
            vote_persist(e);
        ehr_raft_patience(e);
    }
    ballot_send(e, m->sender, EHR_ENGINE_RAFT_VOTE_REPLY, e->term,
                &(struct ehr_raft_ballot){.granted = grant, .term = m->view});
}

void ehr_raft_on_ballot(struct ehr_engine *e, const struct ehr_engine_message *m)
{
    struct ehr_raft_ballot ballot;
    struct ehr_raft_peer *peer = &e->peers[m->sender];
    bool early = m->type == EHR_ENGINE_RAFT_PRE_VOTE_REPLY;
    if (!ehr_raft_ballot_decode(m, &ballot) || !ballot.granted || peer->granted ||
        e->role != (early ? EHR_RAFT_PRE_CANDIDATE : EHR_RAFT_CANDIDATE) ||
        ballot.term != e->term + early)
        return;
    peer->granted = true;
    if (++e->granted < e->majority)
        return;
    if (early)
        candidate_begin(e);
    else
        ehr_raft_lead(e);
}
