/* Yin, Malkhi, Reiter, Golan Gueta and Abraham, "HotStuff: BFT Consensus with Linearity and
 * Responsiveness", PODC'19, chained (algorithm 3) and in its implementation form (algorithms 4 and
 * 5), and what these take over from algorithms 1 and 2: one case per normative sentence. The rule
 * stands above each case in our words. Replica 3 of 4 is under test where nothing else is said;
 * f = 1, n - f = 3; view v is led by replica v mod 4. */
#include "tests/simulation/hotstuff_hand.h"
#include "tests/unit/unit.h"

#include <string.h>

static bool same(const struct ehr_digest *a, const struct ehr_digest *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Algorithm 1, CREATELEAF: a proposal extends the node it names as parent, by the parent's digest.
 * Section 4.3: the node's parent is the one its certificate is for. */
static void leaf_names_the_node_of_its_certificate_as_parent(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_node b = ehr_hand_child(&h, &h.genesis, 2, false); /* beside a */
    ehr_hand_propose(&h, &b, &a, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_chain(&h, &a, 2, 2);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    ehr_hand_close(&h);
}

/* Algorithm 1, QC, and section 4.2: a certificate combines n - f votes for one node of one view.
 * Replica 2 collects the votes of view 1. */
static void certificate_takes_n_minus_f_matching_votes(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 2, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    struct ehr_hand_node other = ehr_hand_child(&h, &h.genesis, 1, false);
    ehr_hand_propose(&h, &a, &h.genesis, 0, NULL); /* its own vote is one */
    ehr_hand_vote(&h, 0, &other);
    ehr_hand_vote(&h, 1, &a);
    ehr_hand_vote(&h, 1, &a);
    CU_ASSERT_EQUAL(h.proposed, 0);
    ehr_hand_vote(&h, 0, &a); /* has voted */
    CU_ASSERT_EQUAL(h.proposed, 0);
    ehr_hand_vote(&h, 3, &a);
    CU_ASSERT_EQUAL(h.proposed, 2);
    CU_ASSERT_EQUAL(h.justified, 1);
    ehr_hand_close(&h);
}

/* Algorithm 3, as a replica: it sends its vote for a safe node to the leader of the next view. */
static void vote_goes_to_the_leader_of_the_next_view(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    CU_ASSERT_EQUAL(h.voted_view, 1);
    CU_ASSERT_EQUAL(h.voted_to, 2);
    CU_ASSERT(same(&h.voted, &a.id));
    CU_ASSERT(h.vote_was_persisted); /* ours */
    ehr_hand_close(&h);
}

/* Algorithm 3, as a leader: it proposes a node on its highest certificate, in the view after it. */
static void leader_extends_its_highest_certificate(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    ehr_cluster_submit_to(h.cluster, 3, 100);
    struct ehr_hand_node b = ehr_hand_chain(&h, &h.genesis, 1, 2);
    ehr_hand_vote(&h, 0, &b);
    ehr_hand_vote(&h, 1, &b);
    CU_ASSERT_EQUAL(h.proposed, 3);
    CU_ASSERT_EQUAL(h.justified, 2);
    CU_ASSERT(same(&h.own.node.parent, &b.id));
    CU_ASSERT_EQUAL(h.own.node.height, 3);
    ehr_hand_close(&h);
}

/* Section 4.2 (one vote in a view) and algorithm 4 (vheight): a replica votes at most once in a
 * view, and in no view below one it voted in. */
static void votes_are_monotonic(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_departure departure = {2, 1, EHR_HAND_QUORUM};
    struct ehr_hand_node c = ehr_hand_child(&h, &a, 3, false);
    ehr_hand_propose(&h, &c, &a, EHR_HAND_QUORUM, &departure);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 2, false);
    ehr_hand_propose(&h, &b, &a, EHR_HAND_QUORUM, NULL);
    struct ehr_hand_node again = ehr_hand_child(&h, &a, 3, true);
    ehr_hand_propose(&h, &again, &a, EHR_HAND_QUORUM, &departure);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    ehr_hand_close(&h);
}

/* Replica 1, locked on view 2: it has seen the certificates of 2 and 3. */
static void lock_on_view_2(struct ehr_hand *h, struct ehr_hand_node *locked)
{
    struct ehr_hand_departure departure = {1, 0, EHR_HAND_QUORUM};
    ehr_hand_open(h, 1, false, false);
    *locked = ehr_hand_child(h, &h->genesis, 2, false);
    ehr_hand_propose(h, locked, &h->genesis, 0, &departure);
    ehr_hand_chain(h, locked, 3, 4);
    CU_ASSERT_EQUAL(h->persisted[EHR_ENGINE_HOTSTUFF_VOTE], 3);
}

/* Algorithm 1, SAFENODE, safety rule: a node is accepted if it extends the locked one, whatever its
 * certificate; and it is refused if it neither does nor has a certificate of a higher view than the
 * lock. */
static void node_that_does_not_extend_the_lock_is_refused(void)
{
    struct ehr_hand h;
    struct ehr_hand_node locked;
    struct ehr_hand_departure departure = {5, 3, EHR_HAND_QUORUM};
    lock_on_view_2(&h, &locked);
    struct ehr_hand_node old = ehr_hand_child(&h, &h.genesis, 6, false);
    ehr_hand_propose(&h, &old, &h.genesis, 0, &departure);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 3);
    ehr_hand_close(&h);
    lock_on_view_2(&h, &locked);
    struct ehr_hand_node on_lock = ehr_hand_child(&h, &locked, 6, false);
    ehr_hand_propose(&h, &on_lock, &locked, EHR_HAND_QUORUM, &departure);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 4);
    ehr_hand_close(&h);
}

/* Section 4.2 and ours: what binds a replica (lock, views left) binds it after a restart, too. */
static void promises_outlive_a_restart(void)
{
    struct ehr_hand h;
    struct ehr_hand_node locked;
    struct ehr_hand_departure departure = {5, 3, EHR_HAND_QUORUM};
    lock_on_view_2(&h, &locked);
    ehr_cluster_crash(h.cluster, 1);
    ehr_cluster_restart(h.cluster, 1);
    struct ehr_hand_node old = ehr_hand_child(&h, &h.genesis, 6, false);
    ehr_hand_propose(&h, &old, &h.genesis, 0, &departure);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 3);
    ehr_hand_close(&h);
    ehr_hand_open(&h, 0, false, false);
    ehr_cluster_submit_to(h.cluster, 0, 0);
    ehr_hand_wait(&h, 205); /* leaves view 1 */
    ehr_cluster_crash(h.cluster, 0);
    ehr_cluster_restart(h.cluster, 0);
    ehr_hand_chain(&h, &h.genesis, 1, 1);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 0);
    ehr_hand_close(&h);
}

/* Algorithm 1, SAFENODE, liveness rule: a certificate of a higher view than the lock is enough. */
static void higher_certificate_overrides_the_lock(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_node b = ehr_hand_chain(&h, &a, 2, 2);
    ehr_hand_chain(&h, &b, 3, 3); /* shows b's certificate: the lock is on a */
    struct ehr_hand_departure left5 = {5, 0, EHR_HAND_QUORUM};
    struct ehr_hand_node rival = ehr_hand_child(&h, &h.genesis, 6, false);
    uint32_t votes = h.persisted[EHR_ENGINE_HOTSTUFF_VOTE];
    ehr_hand_propose(&h, &rival, &h.genesis, 0, &left5);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], votes);
    struct ehr_hand_node heir = ehr_hand_child(&h, &rival, 7, false);
    ehr_hand_propose(&h, &heir, &rival, EHR_HAND_QUORUM, NULL); /* others did vote for it */
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], votes + 1);
    ehr_hand_close(&h);
}

/* Section 5 and algorithm 3: the tail of three certified nodes of consecutive views is committed;
 * one and two chains commit nothing. */
static void three_chain_commits_its_tail(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_node c = ehr_hand_chain(&h, &a, 2, 3);
    CU_ASSERT_EQUAL(h.committed, 0);
    ehr_hand_chain(&h, &c, 4, 4);
    CU_ASSERT_EQUAL(h.committed, 1);
    CU_ASSERT(same(&h.block, &a.node.block));
    ehr_hand_close(&h);
}

/* Section 5: with a gap between the views (a dummy node in the paper) the chain does not count. */
static void chain_with_a_gap_does_not_commit(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    struct ehr_hand_node b = ehr_hand_chain(&h, &h.genesis, 1, 2);
    struct ehr_hand_node d = ehr_hand_child(&h, &b, 4, false);
    /* View 4 is led by the replica under test; it learns d from its certificate and its child. */
    struct ehr_hand_node e = ehr_hand_child(&h, &d, 5, false);
    struct ehr_hand_node f = ehr_hand_child(&h, &e, 6, false);
    struct ehr_hand_node g = ehr_hand_child(&h, &f, 7, false);
    ehr_hand_propose(&h, &e, &d, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.committed, 0); /* 1, 2, 4 */
    ehr_hand_propose(&h, &f, &e, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.committed, 0); /* 2, 4, 5 */
    ehr_hand_propose(&h, &g, &f, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.committed, 3); /* 4, 5, 6: and the branch below */
    CU_ASSERT(same(&h.block, &d.node.block));
    ehr_hand_close(&h);
}

/* Algorithm 4, ONCOMMIT: the branch below a committed node is committed first, in order. */
static void branch_below_is_committed_in_order(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node last = ehr_hand_chain(&h, &h.genesis, 1, 2);
    ehr_hand_chain(&h, &last, 3, 6); /* replica 3 does not hear itself propose 3, others do */
    CU_ASSERT_EQUAL(h.committed, 3);
    ehr_hand_wait(&h, 5);
    CU_ASSERT_EQUAL(ehr_cluster_height(h.cluster, 3), 3);
    ehr_hand_close(&h);
}

/* Two-chain HotStuff (our option; Jolteon, figure 2): two certified nodes of consecutive views. */
static void two_chain_commits_its_tail(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, true, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_node b = ehr_hand_chain(&h, &a, 2, 2);
    CU_ASSERT_EQUAL(h.committed, 0);
    ehr_hand_chain(&h, &b, 3, 3);
    CU_ASSERT_EQUAL(h.committed, 1);
    CU_ASSERT(same(&h.block, &a.node.block));
    ehr_hand_close(&h);
}

/* Section 4.1, the interrupt NEXTVIEW: on a timeout a replica sends its highest certificate in a
 * NEW-VIEW message (here TIMEOUT, to all) and accepts nothing more in that view. */
static void timeout_reports_the_highest_certificate_and_ends_the_view(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    ehr_cluster_submit_to(h.cluster, 0, 0);
    ehr_hand_chain(&h, &h.genesis, 1, 2);
    ehr_hand_wait(&h, 190);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_TIMEOUT], 0);
    ehr_hand_wait(&h, 15);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_TIMEOUT], 1);
    CU_ASSERT_EQUAL(h.left, 2);
    CU_ASSERT_EQUAL(h.left_high, 1);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_TIMEOUT], 1); /* ours */
    ehr_hand_close(&h);
    ehr_hand_open(&h, 0, false, false);
    ehr_cluster_submit_to(h.cluster, 0, 0);
    ehr_hand_wait(&h, 205); /* leaves view 1 without a node */
    CU_ASSERT_EQUAL(h.left, 1);
    ehr_hand_chain(&h, &h.genesis, 1, 1);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 0);
    ehr_hand_close(&h);
}

/* Algorithm 2, PREPARE phase as a leader: with n - f NEW-VIEW messages it takes the certificate of
 * the highest view among them and extends its node. Replica 3 leads view 3. */
static void new_leader_extends_the_highest_of_n_minus_f_certificates(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    ehr_cluster_submit_to(h.cluster, 3, 0);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    ehr_hand_timeout(&h, 0, 2, &h.genesis, 0);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_PROPOSAL], 0);
    ehr_hand_timeout(&h, 1, 2, &a, EHR_HAND_QUORUM);
    ehr_hand_wait(&h, 2);
    ehr_hand_timeout(&h, 2, 2, &h.genesis, 0);
    CU_ASSERT_EQUAL(h.proposed, 3);
    CU_ASSERT_EQUAL(h.justified, 1);
    CU_ASSERT(same(&h.own.node.parent, &a.id));
    ehr_hand_close(&h);
}

/* Algorithm 5, UPDATEQCHIGH: a lower certificate never replaces a higher one. */
static void highest_certificate_never_sinks(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    ehr_cluster_submit_to(h.cluster, 0, 0);
    struct ehr_hand_node b = ehr_hand_chain(&h, &h.genesis, 1, 2);
    struct ehr_hand_node old = ehr_hand_child(&h, &h.genesis, 1, false);
    ehr_hand_timeout(&h, 1, 2, &old, EHR_HAND_QUORUM);
    ehr_hand_chain(&h, &b, 3, 3);
    ehr_hand_wait(&h, 205);
    CU_ASSERT_EQUAL(h.left, 3);
    CU_ASSERT_EQUAL(h.left_high, 2);
    ehr_hand_close(&h);
}

/* Section 4.4 (liveness): the time for a view grows with every view that ends without a decision
 * (here: doubles), and views of correct replicas overlap (here: f+1 timeouts make others join, and
 * a quorum of them ends the view). */
static void views_get_longer_and_replicas_join(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    ehr_hand_timeout(&h, 1, 5, &h.genesis, 0);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_TIMEOUT], 0);
    ehr_hand_timeout(&h, 2, 6, &h.genesis, 0);
    CU_ASSERT_EQUAL(h.left, 5);
    ehr_hand_timeout(&h, 1, 6, &h.genesis, 0);
    CU_ASSERT_EQUAL(h.left, 6);
    CU_ASSERT_EQUAL(ehr_cluster_view(h.cluster, 0), 7);
    ehr_cluster_submit_to(h.cluster, 0, 0);
    ehr_hand_wait(&h, 390); /* two were left: the next takes twice as long */
    CU_ASSERT_EQUAL(h.left, 6);
    ehr_hand_wait(&h, 20);
    CU_ASSERT_EQUAL(h.left, 7);
    ehr_hand_close(&h);
}

/* Section 5: "dummy" or empty nodes carry the pipeline on; here only until the others know of the
 * commit. Replica 3 leads view 3; the block of view 1 needs empty nodes after it. */
static void empty_node_is_proposed_while_a_block_is_not_committed(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 2, true);
    ehr_hand_propose(&h, &b, &a, EHR_HAND_QUORUM, NULL);
    ehr_hand_vote(&h, 0, &b);
    ehr_hand_vote(&h, 1, &b);
    CU_ASSERT_EQUAL(h.proposed, 3);
    CU_ASSERT(h.proposed_empty);
    CU_ASSERT_EQUAL(h.own.node.height, 1); /* ours: an empty node is no height */
    ehr_hand_close(&h);
}

/* Algorithm 1, MATCHINGMSG, and section 4.3: only the leader of a view proposes in it. */
static void proposal_of_another_than_the_leader_is_ignored(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    ehr_hand_propose_from(&h, 2, &a, &h.genesis, 0, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 0);
    ehr_hand_propose_from(&h, 1, &a, &h.genesis, 0, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_close(&h);
}

/* Section 3 and algorithm 1, QC: what combines fewer than n - f votes is no certificate. */
static void certificate_short_of_a_quorum_is_refused(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 2, false);
    ehr_hand_propose(&h, &b, &a, 0x3, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_propose(&h, &b, &a, EHR_HAND_OTHER_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    ehr_hand_close(&h);
}

/* Section 4.2, viewNumber, and algorithm 3: views only grow; a certificate of a view opens the next
 * one without waiting for time (responsiveness, section 4.4). */
static void certificate_opens_the_next_view(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    CU_ASSERT_EQUAL(ehr_cluster_view(h.cluster, 0), 1);
    struct ehr_hand_node b = ehr_hand_chain(&h, &a, 2, 2);
    CU_ASSERT_EQUAL(ehr_cluster_view(h.cluster, 0), 2);
    ehr_hand_chain(&h, &b, 3, 3);
    CU_ASSERT_EQUAL(ehr_cluster_view(h.cluster, 0), 3);
    ehr_hand_timeout(&h, 1, 1, &h.genesis, 0); /* old ones do not lead back */
    ehr_hand_timeout(&h, 2, 1, &h.genesis, 0);
    CU_ASSERT_EQUAL(ehr_cluster_view(h.cluster, 0), 3);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_TIMEOUT], 0);
    ehr_hand_close(&h);
}

/* Section 4.2, tree and branches: a branch is all ancestors of its leaf; who lacks one catches up
 * by asking others before it goes on. */
static void missing_ancestors_are_asked_for_before_a_vote(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 2, false);
    struct ehr_hand_node c = ehr_hand_child(&h, &b, 4, false);
    struct ehr_hand_departure left3 = {3, 2, EHR_HAND_QUORUM};
    ehr_hand_propose(&h, &c, &b, EHR_HAND_QUORUM, &left3); /* a has never come */
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 0);
    CU_ASSERT(h.sent[EHR_ENGINE_HOTSTUFF_NEED] > 0);
    ehr_hand_close(&h);
}

static const struct ehr_unit_case cases[] = {
    {"leaf_names_the_node_of_its_certificate_as_parent",
     leaf_names_the_node_of_its_certificate_as_parent},
    {"certificate_takes_n_minus_f_matching_votes", certificate_takes_n_minus_f_matching_votes},
    {"vote_goes_to_the_leader_of_the_next_view", vote_goes_to_the_leader_of_the_next_view},
    {"leader_extends_its_highest_certificate", leader_extends_its_highest_certificate},
    {"votes_are_monotonic", votes_are_monotonic},
    {"node_that_does_not_extend_the_lock_is_refused",
     node_that_does_not_extend_the_lock_is_refused},
    {"promises_outlive_a_restart", promises_outlive_a_restart},
    {"higher_certificate_overrides_the_lock", higher_certificate_overrides_the_lock},
    {"three_chain_commits_its_tail", three_chain_commits_its_tail},
    {"chain_with_a_gap_does_not_commit", chain_with_a_gap_does_not_commit},
    {"branch_below_is_committed_in_order", branch_below_is_committed_in_order},
    {"two_chain_commits_its_tail", two_chain_commits_its_tail},
    {"timeout_reports_the_highest_certificate_and_ends_the_view",
     timeout_reports_the_highest_certificate_and_ends_the_view},
    {"new_leader_extends_the_highest_of_n_minus_f_certificates",
     new_leader_extends_the_highest_of_n_minus_f_certificates},
    {"highest_certificate_never_sinks", highest_certificate_never_sinks},
    {"views_get_longer_and_replicas_join", views_get_longer_and_replicas_join},
    {"empty_node_is_proposed_while_a_block_is_not_committed",
     empty_node_is_proposed_while_a_block_is_not_committed},
    {"proposal_of_another_than_the_leader_is_ignored",
     proposal_of_another_than_the_leader_is_ignored},
    {"certificate_short_of_a_quorum_is_refused", certificate_short_of_a_quorum_is_refused},
    {"certificate_opens_the_next_view", certificate_opens_the_next_view},
    {"missing_ancestors_are_asked_for_before_a_vote",
     missing_ancestors_are_asked_for_before_a_vote},
};

EHR_UNIT_MAIN("hotstuff, PODC'19", cases)
