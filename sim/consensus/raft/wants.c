/* Which messages are worth the price of authenticating them. Reads the header only. */
#include "sim/consensus/raft/raft.h"

static bool wanted(const struct ehr_engine *e, const struct ehr_engine_message *m)
{
    if (m->sender >= e->config.replicas || m->sender == e->config.self || !e->started ||
        m->body == NULL)
        return false;
    bool later = m->view > e->term, now = m->view == e->term;
    switch (m->type) {
    case EHR_ENGINE_RAFT_PRE_VOTE:
    case EHR_ENGINE_RAFT_VOTE:
        return true; /* who is behind learns the term from the answer */
    case EHR_ENGINE_RAFT_PRE_VOTE_REPLY:
        return later || e->role == EHR_RAFT_PRE_CANDIDATE;
    case EHR_ENGINE_RAFT_VOTE_REPLY:
        return later || (now && e->role == EHR_RAFT_CANDIDATE);
    case EHR_ENGINE_RAFT_APPEND:
        return !now || e->role != EHR_RAFT_LEADER;
    case EHR_ENGINE_RAFT_APPEND_REPLY:
        return later || (now && e->role == EHR_RAFT_LEADER);
    case EHR_ENGINE_RAFT_SNAPSHOT:
        return later || (now && e->role != EHR_RAFT_LEADER);
    default: /* not a message of this engine; types come from peers */
        return false;
    }
}

enum ehr_want ehr_raft_wants(const struct ehr_engine *e, const struct ehr_engine_message *message)
{
    return wanted(e, message) ? EHR_WANT_VERIFY : EHR_WANT_DROP;
}
