/* Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC'14,
 * sections 5 and 7 and figure 2, and Ongaro's thesis (Stanford 2014), 4.2.3, 6.2 and 9.6: one case
 * per normative sentence, shortly paraphrased above it. Replica 1 of 5 is under test. */
#include "tests/simulation/raft_hand.h"
#include "tests/unit/unit.h"

#include <string.h>

#define HAND(name, term, voted, ...)                                                               \
    static const uint64_t name##_log[] = {__VA_ARGS__};                                            \
    struct ehr_raft_hand name;                                                                     \
    ehr_raft_hand_open(&name, 5, 1, term, voted, name##_log,                                       \
                       sizeof(name##_log) / sizeof(name##_log[0]))

#define APPEND(hand, ...) ehr_raft_hand_append(&hand, &(struct ehr_raft_hand_append){__VA_ARGS__})

#define SENT(hand, type) ehr_raft_hand_sent(&hand, EHR_ENGINE_RAFT_##type)
#define VOTED(hand)      ehr_raft_hand_yes(SENT(hand, VOTE_REPLY))

static void append_empty(struct ehr_raft_hand *hand, uint16_t from, uint64_t term, uint64_t prev,
                         uint64_t prev_term, uint64_t end_term, uint64_t commit)
{
    ehr_raft_hand_append(hand, &(struct ehr_raft_hand_append){.from = from,
                                                              .term = term,
                                                              .prev = prev,
                                                              .prev_term = prev_term,
                                                              .end_term = end_term,
                                                              .commit = commit});
}

/* 5.1: a server that receives a request with a stale term rejects it. */
static void request_with_a_stale_term_is_rejected(void)
{
    HAND(h, 5, 0, 1, 1);
    append_empty(&h, 0, 4, 2, 1, 4, 2);
    CU_ASSERT_FALSE(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
    CU_ASSERT_EQUAL(SENT(h, APPEND_REPLY)->view, 5);
    CU_ASSERT_EQUAL(h.committed, 0);
    ehr_raft_hand_ask(&h, 2, EHR_ENGINE_RAFT_VOTE, 4, 4, 9);
    CU_ASSERT_PTR_NOT_NULL(SENT(h, VOTE_REPLY));
    CU_ASSERT_FALSE(VOTED(h));
    ehr_raft_hand_close(&h);
}

/* 5.1: a server whose current term is smaller than another's updates it; a candidate or leader
 * whose term is out of date becomes a follower. Figure 2: terms are on disk before the answer. */
static void later_term_makes_a_follower(void)
{
    HAND(h, 5, 0, 1, 1);
    ehr_raft_hand_elect(&h);
    CU_ASSERT_EQUAL(h.term, 6);
    ehr_raft_hand_reply(&h, 0, 9, false, 0, 0, 2);
    CU_ASSERT_EQUAL(h.term, 9);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_RAFT_VOTE], 1);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_HEARTBEAT);
    CU_ASSERT_PTR_NULL(SENT(h, APPEND));
    ehr_raft_hand_close(&h);
}

/* 5.2: a follower that receives no communication over the election timeout begins an election: it
 * increments its term, becomes a candidate, votes for itself and sends RequestVote to the others.
 * (Thesis, 9.6: after the pre-vote.) */
static void silence_begins_an_election(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    CU_ASSERT_PTR_NOT_NULL(SENT(h, PRE_VOTE));
    for (uint16_t i = 2; i <= 3; i++)
        ehr_raft_hand_ballot(&h, i, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    CU_ASSERT_EQUAL(h.term, 4);
    CU_ASSERT_EQUAL(h.voted, 1 + 1);
    const struct ehr_engine_message *vote = SENT(h, VOTE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(vote);
    CU_ASSERT_EQUAL(vote->view, 4);
    CU_ASSERT_EQUAL(vote->height, 2);
    CU_ASSERT_EQUAL(ehr_raft_hand_number(vote, 1), 2); /* the term of its last entry */
    ehr_raft_hand_close(&h);
}

/* 5.2: a server remains a follower as long as it receives valid RPCs from a leader. */
static void heartbeats_keep_a_follower(void)
{
    HAND(h, 3, 0, 1, 2);
    for (uint32_t i = 0; i < 10; i++) {
        ehr_raft_hand_wait(&h, 90);
        if (h.now_ns >= h.timer_at[EHR_ENGINE_TIMER_ELECTION])
            ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
        CU_ASSERT_PTR_NULL(SENT(h, PRE_VOTE));
        append_empty(&h, 0, 3, 2, 2, 3, 0);
    }
    ehr_raft_hand_close(&h);
}

/* 5.2: a candidate wins with votes from a majority; it then sends heartbeats to all others. */
static void majority_of_votes_makes_a_leader(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true); /* counts once */
    ehr_raft_hand_ballot(&h, 0, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, false);
    CU_ASSERT_PTR_NULL(SENT(h, APPEND));
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true);
    CU_ASSERT_PTR_NOT_NULL(SENT(h, APPEND));
    CU_ASSERT(h.timer_at[EHR_ENGINE_TIMER_HEARTBEAT] > h.now_ns);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_HEARTBEAT);
    CU_ASSERT_PTR_NOT_NULL(SENT(h, APPEND));
    ehr_raft_hand_close(&h);
}

/* 5.2: each server votes for at most one candidate in a term, first-come-first-served. */
static void one_vote_is_given_in_a_term(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_ask(&h, 2, EHR_ENGINE_RAFT_VOTE, 4, 2, 2);
    CU_ASSERT(VOTED(h));
    CU_ASSERT_EQUAL(h.voted, 2 + 1); /* on disk, before the answer */
    ehr_raft_hand_ask(&h, 3, EHR_ENGINE_RAFT_VOTE, 4, 2, 2);
    CU_ASSERT_FALSE(VOTED(h));
    ehr_raft_hand_ask(&h, 2, EHR_ENGINE_RAFT_VOTE, 4, 2, 2); /* its answer was lost */
    CU_ASSERT(VOTED(h));
    ehr_raft_hand_close(&h);
    HAND(again, 4, 2 + 1, 1, 2); /* after a restart */
    ehr_raft_hand_ask(&again, 3, EHR_ENGINE_RAFT_VOTE, 4, 2, 2);
    CU_ASSERT_FALSE(VOTED(again));
    ehr_raft_hand_ask(&again, 2, EHR_ENGINE_RAFT_VOTE, 4, 2, 2);
    CU_ASSERT(VOTED(again));
    ehr_raft_hand_close(&again);
}

/* 5.2: a candidate that hears from a leader whose term is at least its own recognises it. */
static void candidate_yields_to_a_leader(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    append_empty(&h, 0, 4, 2, 2, 4, 0);
    CU_ASSERT(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true);
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true);
    CU_ASSERT_PTR_NULL(SENT(h, APPEND));
    ehr_raft_hand_close(&h);
}

/* 5.2: a candidate that hears from a leader of an older term refuses it and stays a candidate. */
static void candidate_refuses_a_leader_of_an_older_term(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    append_empty(&h, 0, 3, 2, 2, 3, 0);
    CU_ASSERT_FALSE(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
    CU_ASSERT_EQUAL(SENT(h, APPEND_REPLY)->view, 4);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true);
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true);
    CU_ASSERT_PTR_NOT_NULL(SENT(h, APPEND));
    ehr_raft_hand_close(&h);
}

/* 5.3: a new leader supposes that its followers hold all that it holds: it begins just after the
 * last entry of its log. */
static void new_leader_begins_after_its_last_entry(void)
{
    HAND(h, 3, 0, 1, 2, 2);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    for (uint16_t i = 2; i <= 3; i++)
        ehr_raft_hand_ballot(&h, i, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    for (uint16_t i = 2; i <= 3; i++)
        ehr_raft_hand_ballot(&h, i, EHR_ENGINE_RAFT_VOTE_REPLY, 4, 4, true);
    CU_ASSERT_PTR_NOT_NULL_FATAL(SENT(h, APPEND));
    CU_ASSERT_EQUAL(SENT(h, APPEND)->height, 3);
    CU_ASSERT_EQUAL(SENT(h, APPEND)->carried_count, 0);
    ehr_raft_hand_close(&h);
}

/* 5.2: a candidate that neither wins nor loses times out and starts another election, and the
 * timeouts are spread so that split votes are resolved. */
static void candidate_tries_again_after_another_timeout(void)
{
    HAND(h, 3, 0, 1, 2);
    uint64_t first = h.timer_at[EHR_ENGINE_TIMER_ELECTION], second;
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    second = h.timer_at[EHR_ENGINE_TIMER_ELECTION] - h.now_ns;
    CU_ASSERT_NOT_EQUAL(first, second);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    CU_ASSERT_PTR_NOT_NULL(SENT(h, PRE_VOTE));
    CU_ASSERT_EQUAL(h.term, 3);
    ehr_raft_hand_close(&h);
}

/* 5.3: the leader appends the command to its log and sends AppendEntries to the others; with the
 * entry safely replicated (on a majority) it applies it. */
static void entry_is_committed_on_a_majority(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_elect(&h);
    ehr_raft_hand_order(&h);
    const struct ehr_engine_message *append = SENT(h, APPEND);
    CU_ASSERT_PTR_NOT_NULL_FATAL(append);
    CU_ASSERT_EQUAL(append->height, 2);                  /* of the entry before */
    CU_ASSERT_EQUAL(ehr_raft_hand_number(append, 0), 2); /* its term */
    CU_ASSERT_EQUAL(append->carried_count, 1);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_RAFT_APPEND], 1);
    ehr_raft_hand_reply(&h, 0, 4, true, 3, 4, 2);
    CU_ASSERT_EQUAL(h.committed, 0);
    ehr_raft_hand_reply(&h, 2, 4, true, 3, 4, 2);
    CU_ASSERT_EQUAL(h.committed, 3); /* "this also commits all preceding entries" */
    ehr_raft_hand_close(&h);
}

/* 5.3: the leader includes the highest index it knows to be committed in future AppendEntries,
 * heartbeats too; a follower that learns that an entry is committed applies it. Figure 2:
 * commitIndex = min(leaderCommit, index of last new entry). */
static void follower_commits_what_the_leader_says_and_it_holds(void)
{
    HAND(h, 4, 0, 1, 2, 4, 4);
    append_empty(&h, 0, 4, 3, 4, 4, 4); /* nothing is said about height 4 */
    CU_ASSERT_EQUAL(h.committed, 3);
    append_empty(&h, 0, 4, 4, 4, 4, 9);
    CU_ASSERT_EQUAL(h.committed, 4);
    ehr_raft_hand_close(&h);
}

/* 5.3: the follower refuses the new entries if it finds no entry with the previous index and term.
 */
static void entries_without_their_predecessor_are_refused(void)
{
    static const uint64_t entry[] = {4};
    HAND(h, 4, 0, 1, 2);
    APPEND(h, .from = 0, .term = 4, .prev = 3, .prev_term = 3, .end_term = 4, .commit = 2,
           .terms = entry, .count = 1);
    CU_ASSERT_FALSE(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
    APPEND(h, .from = 0, .term = 4, .prev = 2, .prev_term = 1, .end_term = 4, .terms = entry,
           .count = 1);
    CU_ASSERT_FALSE(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
    CU_ASSERT(ehr_raft_hand_log_is(&h, h_log, 2));
    CU_ASSERT_EQUAL(h.committed, 0); /* nor says a refused message what is committed */
    APPEND(h, .from = 0, .term = 4, .prev = 2, .prev_term = 2, .end_term = 4, .terms = entry,
           .count = 1);
    CU_ASSERT(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
    CU_ASSERT(ehr_raft_hand_log_is(&h, (const uint64_t[]){1, 2, 4}, 3));
    ehr_raft_hand_close(&h);
}

/* Figure 2, AppendEntries 3 and 4: an entry that conflicts (same index, another term) goes with all
 * that follow it; entries not already in the log are appended. */
static void conflicting_entries_are_overwritten(void)
{
    static const uint64_t entries[] = {4, 4};
    HAND(h, 4, 0, 1, 2, 3, 3);
    APPEND(h, .from = 0, .term = 4, .prev = 1, .prev_term = 1, .end_term = 4, .terms = entries,
           .count = 2);
    CU_ASSERT(ehr_raft_hand_log_is(&h, (const uint64_t[]){1, 4, 4}, 3));
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_RAFT_APPEND], 2);
    ehr_raft_hand_close(&h);
}

/* The same, and 5.5: RPCs are idempotent; entries already in the log are ignored, and what follows
 * them stays. */
static void repeated_entries_change_nothing(void)
{
    static const uint64_t entries[] = {4};
    HAND(h, 4, 0, 1, 4, 4, 4);
    APPEND(h, .from = 0, .term = 4, .prev = 1, .prev_term = 1, .end_term = 4, .terms = entries,
           .count = 1);
    CU_ASSERT(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
    CU_ASSERT(ehr_raft_hand_log_is(&h, h_log, 4));
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_RAFT_APPEND], 0);
    ehr_raft_hand_close(&h);
}

/* 5.3: after a rejection the leader decrements nextIndex and retries; a follower may name the term
 * of the conflicting entry and the first index it stores for that term, and the leader bypasses all
 * of them. */
static void leader_backs_off_by_terms(void)
{
    HAND(h, 5, 0, 1, 1, 4, 4, 5);
    ehr_raft_hand_elect(&h);
    ehr_raft_hand_reply(&h, 2, 6, false, 3, 2, 5); /* term 2 from index 3 on */
    const struct ehr_engine_message *append = SENT(h, APPEND);
    CU_ASSERT_PTR_NOT_NULL_FATAL(append);
    CU_ASSERT_EQUAL(append->height, 2);
    CU_ASSERT_EQUAL(append->carried_count, 3);
    ehr_raft_hand_reply(&h, 3, 6, false, 1, 0, 5); /* its log ends at 1 */
    append = SENT(h, APPEND);
    CU_ASSERT_PTR_NOT_NULL_FATAL(append);
    CU_ASSERT_EQUAL(append->height, 1);
    CU_ASSERT_EQUAL(append->carried_count, 4);
    ehr_raft_hand_close(&h);
}

/* 5.3: a leader never overwrites or deletes entries in its own log. */
static void leader_only_appends(void)
{
    HAND(h, 5, 0, 1, 1, 4);
    ehr_raft_hand_elect(&h);
    append_empty(&h, 0, 6, 1, 1, 6, 0); /* nobody else leads in its term */
    CU_ASSERT_EQUAL(h.effects.count, 0);
    CU_ASSERT(ehr_raft_hand_log_is(&h, h_log, 3));
    ehr_raft_hand_close(&h);
}

/* 5.4.1: the voter denies its vote if its own log is more up-to-date: the later last term, or, with
 * equal last terms, the longer log. */
static void vote_is_denied_to_an_outdated_log(void)
{
    static const struct {
        uint64_t term, height;
        bool given;
    } last[] = {{2, 3, true},  {2, 4, true},  {3, 1, true},
                {2, 2, false}, {1, 9, false}, {0, 0, false}};
    for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
        HAND(h, 3, 0, 1, 1, 2);
        ehr_raft_hand_ask(&h, 2, EHR_ENGINE_RAFT_VOTE, 4, last[i].term, last[i].height);
        CU_ASSERT_EQUAL(VOTED(h), last[i].given);
        ehr_raft_hand_close(&h);
    }
}

/* 5.4.2: only entries of the leader's current term are committed by counting replicas; once one is,
 * all before are committed too. (The barrier is the first entry of a term: docs/consensus.md.) */
static void entries_of_earlier_terms_are_not_counted(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_elect(&h);
    for (uint16_t i = 2; i < 5; i++)
        ehr_raft_hand_reply(&h, i, 4, true, 2, 2, 1);
    CU_ASSERT_EQUAL(h.committed, 0);
    ehr_raft_hand_reply(&h, 2, 4, true, 2, 4, 2);
    ehr_raft_hand_reply(&h, 3, 4, true, 2, 4, 2);
    CU_ASSERT_EQUAL(h.committed, 2);
    ehr_raft_hand_close(&h);
}

/* 5.5: if followers crash, the leader retries indefinitely. */
static void leader_repeats_what_was_lost(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_elect(&h);
    ehr_raft_hand_order(&h);
    ehr_raft_hand_wait(&h, 30);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_HEARTBEAT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(SENT(h, APPEND));
    CU_ASSERT_EQUAL(SENT(h, APPEND)->height, 3); /* it asks after the end of its log */
    for (uint32_t i = 0; i < 3; i++) {
        ehr_raft_hand_reply(&h, 2, 4, false, 2, 0, 3); /* a follower misses the last */
        CU_ASSERT_PTR_NOT_NULL_FATAL(SENT(h, APPEND));
        CU_ASSERT_EQUAL(SENT(h, APPEND)->height, 2);
        CU_ASSERT_EQUAL(SENT(h, APPEND)->carried_count, 1);
        for (uint32_t k = 0; k < 2; k++) { /* it answers, but what it is sent is lost */
            ehr_raft_hand_reply(&h, 0, 4, true, 3, 4, 3);
            ehr_raft_hand_reply(&h, 3, 4, true, 3, 4, 3);
            ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_HEARTBEAT);
        }
    }
    ehr_raft_hand_close(&h);
}

/* Section 7: a leader that has discarded the next entry for a follower sends a snapshot; a follower
 * discards its log, but keeps what follows the snapshot if it holds the snapshot's last entry. */
static void snapshot_replaces_the_log_unless_the_log_holds_it(void)
{
    for (uint64_t held = 0; held < 2; held++) {
        HAND(h, 5, 0, 1, 2, 3, 3);
        uint8_t body[72] = {held ? 2 : 4};
        struct ehr_digest block = ehr_raft_hand_block(held ? 2 : 4, 2);
        memcpy(body + 8, block.bytes, sizeof(block.bytes));
        struct ehr_engine_message message = {.type = EHR_ENGINE_RAFT_SNAPSHOT,
                                             .view = 5,
                                             .height = 2,
                                             .body = body,
                                             .body_length = sizeof(body)};
        ehr_raft_hand_receive(&h, &message);
        CU_ASSERT_EQUAL(ehr_raft_hand_count(&h, EHR_EFFECT_FETCH), 1);
        CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_RAFT_SNAPSHOT], 1);
        struct ehr_event installed = {.type = EHR_EVENT_INSTALLED};
        installed.as.installed.height = 2;
        installed.as.installed.block = block;
        installed.as.installed.view = held ? 2 : 4;
        ehr_raft_hand_step(&h, &installed);
        CU_ASSERT(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)));
        append_empty(&h, 0, 5, 4, 3, 3, 4); /* (3, 4) is there only if the log was kept */
        CU_ASSERT_EQUAL(ehr_raft_hand_yes(SENT(h, APPEND_REPLY)), held);
        ehr_raft_hand_close(&h);
    }
}

/* Thesis, 6.2: a leader steps down if an election timeout elapses without a successful round of
 * heartbeats to a majority. */
static void leader_without_answers_steps_down(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_elect(&h);
    for (uint32_t i = 0; i < 4; i++) {
        ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_HEARTBEAT);
        ehr_raft_hand_reply(&h, 2, 4, true, 2, 4, 2);
        ehr_raft_hand_reply(&h, 3, 4, true, 2, 4, 2);
    }
    for (uint32_t i = 0; i < 4; i++) {
        ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_HEARTBEAT);
        CU_ASSERT_PTR_NOT_NULL(SENT(h, APPEND));
        ehr_raft_hand_reply(&h, 2, 4, true, 2, 4, 2); /* two of five are no majority */
    }
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_HEARTBEAT);
    CU_ASSERT_PTR_NULL(SENT(h, APPEND));
    CU_ASSERT(h.timer_at[EHR_ENGINE_TIMER_ELECTION] > h.now_ns);
    ehr_raft_hand_close(&h);
}

/* Thesis, 9.6: a candidate only increments its term if it first learns from a majority that they
 * would be willing to grant it their votes. */
static void term_grows_only_after_a_majority_of_pre_votes(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_timer(&h, EHR_ENGINE_TIMER_ELECTION);
    CU_ASSERT_EQUAL(SENT(h, PRE_VOTE)->view, 4);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    ehr_raft_hand_ballot(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, false);
    ehr_raft_hand_ballot(&h, 3, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 3, true); /* another term */
    CU_ASSERT_EQUAL(h.term, 3);
    CU_ASSERT_EQUAL(h.voted, 0);
    ehr_raft_hand_ballot(&h, 4, EHR_ENGINE_RAFT_PRE_VOTE_REPLY, 3, 4, true);
    CU_ASSERT_EQUAL(h.term, 4);
    ehr_raft_hand_close(&h);
}

/* Thesis, 9.6: they are willing if the candidate's log is sufficiently up-to-date, and if they have
 * not received heartbeats from a valid leader for at least a baseline election timeout. A pre-vote
 * promises nothing. */
static void pre_vote_needs_a_silent_leader_and_a_good_log(void)
{
    HAND(h, 3, 0, 1, 2);
    ehr_raft_hand_wait(&h, 1);
    append_empty(&h, 0, 3, 2, 2, 3, 0);
    ehr_raft_hand_wait(&h, EHR_RAFT_HAND_TIMEOUT_MS - 1);
    ehr_raft_hand_ask(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE, 4, 3, 2);
    CU_ASSERT_PTR_NOT_NULL(SENT(h, PRE_VOTE_REPLY));
    CU_ASSERT_FALSE(ehr_raft_hand_yes(SENT(h, PRE_VOTE_REPLY)));
    ehr_raft_hand_wait(&h, 1);
    ehr_raft_hand_ask(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE, 4, 2, 2); /* lacks the barrier of term 3 */
    CU_ASSERT_FALSE(ehr_raft_hand_yes(SENT(h, PRE_VOTE_REPLY)));
    ehr_raft_hand_ask(&h, 2, EHR_ENGINE_RAFT_PRE_VOTE, 3, 3, 2); /* no later term */
    CU_ASSERT_FALSE(ehr_raft_hand_yes(SENT(h, PRE_VOTE_REPLY)));
    for (uint16_t i = 2; i <= 3; i++) {
        ehr_raft_hand_ask(&h, i, EHR_ENGINE_RAFT_PRE_VOTE, 4, 3, 2);
        CU_ASSERT(ehr_raft_hand_yes(SENT(h, PRE_VOTE_REPLY)));
    }
    CU_ASSERT_EQUAL(h.term, 3);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_RAFT_VOTE], 0);
    ehr_raft_hand_close(&h);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct ehr_unit_case cases[] = {
    CASE(request_with_a_stale_term_is_rejected),
    CASE(later_term_makes_a_follower),
    CASE(silence_begins_an_election),
    CASE(heartbeats_keep_a_follower),
    CASE(majority_of_votes_makes_a_leader),
    CASE(one_vote_is_given_in_a_term),
    CASE(candidate_yields_to_a_leader),
    CASE(candidate_refuses_a_leader_of_an_older_term),
    CASE(new_leader_begins_after_its_last_entry),
    CASE(candidate_tries_again_after_another_timeout),
    CASE(entry_is_committed_on_a_majority),
    CASE(follower_commits_what_the_leader_says_and_it_holds),
    CASE(entries_without_their_predecessor_are_refused),
    CASE(conflicting_entries_are_overwritten),
    CASE(repeated_entries_change_nothing),
    CASE(leader_backs_off_by_terms),
    CASE(leader_only_appends),
    CASE(vote_is_denied_to_an_outdated_log),
    CASE(entries_of_earlier_terms_are_not_counted),
    CASE(leader_repeats_what_was_lost),
    CASE(snapshot_replaces_the_log_unless_the_log_holds_it),
    CASE(leader_without_answers_steps_down),
    CASE(term_grows_only_after_a_majority_of_pre_votes),
    CASE(pre_vote_needs_a_silent_leader_and_a_good_log),
};

EHR_UNIT_MAIN("raft, ATC'14", cases)
