/* HotStuff without faults and with liars: counts and delays by hand, certificates, votes, views. */
#include "tests/simulation/hotstuff_hand.h"
#include "tests/unit/unit.h"

#include <string.h>

#define MS ((uint64_t)EHR_PUPPET_MS)

struct variant {
    uint16_t replicas;
    bool two_chain, fixed_leader;
};

static struct ehr_cluster *cluster_of(const struct variant *v)
{
    struct ehr_cluster_options options = {.engine = "hotstuff",
                                          .replicas = v->replicas,
                                          .signatures = true,
                                          .two_chain = v->two_chain,
                                          .fixed_leader = v->fixed_leader};
    return ehr_cluster_new(&options);
}

/* A block alone: the nodes that certify it, and the one that tells of its commit: with k chains
 * k + 1 nodes, each proposed to n - 1 and voted for with n - 1 messages to the next leader. */
static void counts_are_exact_when_one_block_is_decided(void)
{
    static const uint16_t sizes[] = {4, 7, 10};
    for (uint32_t i = 0; i < 12; i++) {
        struct variant v = {sizes[i % 3], i % 2 == 0, i >= 6};
        uint64_t nodes = v.two_chain ? 3 : 4, others = v.replicas - 1U;
        struct ehr_cluster *c = cluster_of(&v);
        ehr_cluster_submit(c, 0);
        CU_ASSERT(ehr_cluster_run_executed(c, 1, 100 * MS));
        ehr_cluster_run(c, 1000 * MS);
        CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_PROPOSAL), nodes * others);
        CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_VOTE), nodes * others);
        CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_TIMEOUT), 0);
        CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_NEED), 0);
        for (uint16_t r = 0; r < v.replicas; r++)
            CU_ASSERT_EQUAL(ehr_cluster_height(c, r), 1);
        CU_ASSERT_EQUAL(ehr_cluster_lent(c), 0);
        ehr_cluster_free(c);
    }
}

/* In a row, every block costs one proposal and one round of votes; the last of them what a block
 * alone costs: b blocks take b + k nodes. */
static void counts_are_exact_when_blocks_follow_each_other(void)
{
    static const uint16_t sizes[] = {4, 7, 10};
    for (uint32_t i = 0; i < 12; i++) {
        struct variant v = {sizes[i % 3], i % 2 == 0, i >= 6};
        uint64_t nodes = 8 + (v.two_chain ? 2 : 3), others = v.replicas - 1U;
        struct ehr_cluster *c = cluster_of(&v);
        for (uint32_t r = 0; r < 32; r++) /* four a block */
            ehr_cluster_submit(c, r);
        CU_ASSERT(ehr_cluster_run_executed(c, 32, 500 * MS));
        ehr_cluster_run(c, 1000 * MS);
        CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), 8);
        CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_PROPOSAL), nodes * others);
        CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_VOTE), nodes * others);
        CU_ASSERT_EQUAL(ehr_cluster_lent(c), 0);
        ehr_cluster_free(c);
    }
}

/* Proposal and votes of three nodes, then the proposal that brings the third certificate: seven
 * delays of 1 ms; with two chains five. Building and executing take 1 us each. */
static void seven_or_five_delays_decide_when_the_network_is_even(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        struct variant v = {4, i % 2 == 1, i >= 2};
        struct ehr_cluster *c = cluster_of(&v);
        ehr_cluster_submit(c, 0);
        CU_ASSERT(ehr_cluster_run_executed(c, 1, 100 * MS));
        CU_ASSERT_EQUAL(ehr_cluster_now(c), (v.two_chain ? 5 : 7) * MS + 2000);
        ehr_cluster_free(c);
    }
}

static void every_size_decides_when_n_is_1_to_12(void)
{
    for (uint16_t n = 1; n <= 12; n++) {
        for (uint32_t i = 0; i < 4; i++) {
            struct variant v = {n, i % 2 == 1, i >= 2};
            struct ehr_cluster *c = cluster_of(&v);
            for (uint32_t r = 0; r < 40; r++)
                ehr_cluster_submit(c, r);
            CU_ASSERT(ehr_cluster_run_executed(c, 40, 2000 * MS));
            CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_TIMEOUT), 0);
            ehr_cluster_free(c);
        }
    }
}

static void nothing_is_sent_when_nothing_waits(void)
{
    struct variant v = {4, false, false};
    struct ehr_cluster *c = cluster_of(&v);
    ehr_cluster_submit(c, 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 100 * MS));
    ehr_cluster_run(c, ehr_cluster_now(c) + 10 * MS);
    uint64_t sent = ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_PROPOSAL);
    ehr_cluster_run(c, ehr_cluster_now(c) + 5000 * MS);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_PROPOSAL), sent);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_TIMEOUT), 0);
    ehr_cluster_free(c);
}

/* Three correct leaders in a row are enough with n = 4, although the votes for the third node go to
 * the one that is down: they are repeated to all when the view is left. */
static void strict_rotation_commits_when_one_of_four_is_down(void)
{
    for (uint32_t i = 0; i < 8; i++) {
        struct variant v = {4, i >= 4, false};
        struct ehr_cluster *c = cluster_of(&v);
        ehr_cluster_crash(c, (uint16_t)(i % 4));
        for (uint32_t r = 0; r < 6; r++)
            ehr_cluster_submit(c, r);
        CU_ASSERT(ehr_cluster_run_executed(c, 6, 3000 * MS));
        ehr_cluster_free(c);
    }
}

static void fixed_leader_stays_when_only_it_is_given_requests(void)
{
    struct ehr_cluster_options options = {
        .engine = "hotstuff", .replicas = 4, .signatures = true, .fixed_leader = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    for (uint32_t i = 0; i < 250; i++) { /* always one in flight, for more than two timeouts */
        ehr_cluster_submit_to(c, 0, i);
        ehr_cluster_run(c, ehr_cluster_now(c) + 2000000);
    }
    CU_ASSERT(ehr_cluster_run_executed(c, 250, ehr_cluster_now(c) + 100000000));
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_HOTSTUFF_TIMEOUT), 0);
    ehr_cluster_free(c);
}

static void fixed_leader_stays_until_it_is_timed_out(void)
{
    struct variant v = {4, false, true};
    struct ehr_cluster *c = cluster_of(&v);
    for (uint32_t r = 0; r < 20; r++)
        ehr_cluster_submit(c, r);
    CU_ASSERT(ehr_cluster_run_executed(c, 20, 500 * MS));
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 1) >> 32, 0);
    ehr_cluster_crash(c, 0);
    ehr_cluster_submit(c, 20);
    CU_ASSERT(ehr_cluster_run_executed(c, 21, ehr_cluster_now(c) + 300 * MS));
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 1) >> 32, 1);
    CU_ASSERT_EQUAL(ehr_cluster_type(c)->leader(ehr_cluster_engine(c, 2)), 1);
    ehr_cluster_free(c);
}

static void records_are_forgotten_when_checkpoints_are_stable(void)
{
    struct ehr_cluster_options options = {
        .engine = "hotstuff", .replicas = 4, .batch_max = 1, .signatures = true};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    for (uint32_t i = 0; i < 400; i++)
        ehr_cluster_submit(c, i);
    CU_ASSERT(ehr_cluster_run_executed(c, 400, 20000 * MS));
    ehr_cluster_run(c, ehr_cluster_now(c) + 100 * MS);
    for (uint16_t i = 0; i < 4; i++) {
        const struct ehr_engine_record *records;
        /* The checkpoint at 400, what goes with it, and the votes at 400: one block, three empty.
         */
        CU_ASSERT_EQUAL(ehr_cluster_records(c, i, &records), 6);
    }
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_CHECKPOINT), 100 * 4 * 3);
    CU_ASSERT_EQUAL(ehr_cluster_lent(c), 0);
    ehr_cluster_free(c);
}

static void late_replica_gets_the_branch_or_the_state(void)
{
    struct ehr_cluster_options options = {
        .engine = "hotstuff", .replicas = 4, .batch_max = 1, .signatures = true};
    for (uint32_t missed = 4; missed <= 100; missed += 96) {
        struct ehr_cluster *c = ehr_cluster_new(&options);
        ehr_cluster_group_set(c, 3, 1);
        for (uint32_t i = 0; i < missed; i++)
            ehr_cluster_submit(c, i);
        ehr_cluster_run(c, 20000 * MS);
        CU_ASSERT_EQUAL(ehr_cluster_height(c, 3), 0);
        CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), missed);
        ehr_cluster_group_set(c, 3, 0);
        ehr_cluster_submit(c, missed);
        CU_ASSERT(ehr_cluster_run_executed(c, missed + 1, ehr_cluster_now(c) + 60000 * MS));
        CU_ASSERT_EQUAL(ehr_cluster_fetches(c) > 0, missed == 100);
        ehr_cluster_free(c);
    }
}

static void power_cut_loses_nothing_when_votes_are_on_disk(void)
{
    struct variant v = {4, false, false};
    for (uint64_t at = 1; at < 12; at++) {
        struct ehr_cluster *c = cluster_of(&v);
        for (uint32_t r = 0; r < 9; r++)
            ehr_cluster_submit(c, r);
        ehr_cluster_run(c, at * MS);
        for (uint16_t i = 0; i < 4; i++)
            ehr_cluster_crash(c, i);
        for (uint16_t i = 0; i < 4; i++)
            ehr_cluster_restart(c, i);
        CU_ASSERT(ehr_cluster_run_executed(c, 9, 10000 * MS));
        ehr_cluster_free(c);
    }
}

static void nothing_decides_when_more_than_f_are_down(void)
{
    struct variant v = {4, false, false};
    struct ehr_cluster *c = cluster_of(&v);
    ehr_cluster_crash(c, 2);
    ehr_cluster_crash(c, 3);
    ehr_cluster_submit(c, 0);
    ehr_cluster_run(c, 3000 * MS);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), 0);
    CU_ASSERT(ehr_cluster_view(c, 0) <= 2); /* nobody runs ahead without a quorum */
    ehr_cluster_restart(c, 3);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 20000 * MS));
    ehr_cluster_free(c);
}

static void certificate_is_refused_when_short_forged_or_doubled(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 2, false);
    ehr_hand_propose(&h, &a, &h.genesis, 0, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_propose(&h, &b, &a, 0x3, NULL); /* two of three */
    ehr_hand_propose(&h, &b, &a, 0xf, NULL); /* four: one encoding only */
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    struct ehr_hand_node wrong = a; /* signatures on another node */
    wrong.node.parent.bytes[0] ^= 1;
    ehr_hand_propose(&h, &b, &wrong, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_propose(&h, &b, &a, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    ehr_hand_close(&h);
}

/* All votes overtake the node; the leader's own is one too many. */
static void certificate_is_good_when_votes_come_before_the_node(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 2, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    ehr_hand_vote(&h, 3, &a);
    ehr_hand_vote(&h, 1, &a);
    ehr_hand_vote(&h, 0, &a);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_NEED], 1);
    ehr_hand_propose(&h, &a, &h.genesis, 0, NULL);
    CU_ASSERT_EQUAL(h.proposed, 2);
    CU_ASSERT_EQUAL(h.justified, 1);
    CU_ASSERT(h.justify_valid);
    ehr_hand_close(&h);
}

static void second_proposal_of_a_view_is_refused(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    struct ehr_hand_node b = ehr_hand_child(&h, &h.genesis, 1, false);
    ehr_hand_propose(&h, &a, &h.genesis, 0, NULL);
    ehr_hand_propose(&h, &b, &h.genesis, 0, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    CU_ASSERT_EQUAL(memcmp(&h.voted, &a.id, sizeof(a.id)), 0);
    /* It may have been the other that the rest voted for. */
    struct ehr_hand_node c = ehr_hand_child(&h, &b, 2, false);
    ehr_hand_propose(&h, &c, &b, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    ehr_hand_close(&h);
}

static void proposal_is_refused_when_it_skips_a_view_without_departure(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    struct ehr_hand_node b = ehr_hand_child(&h, &h.genesis, 2, false);
    struct ehr_hand_departure weak = {1, 0, 0x3}, good = {1, 0, EHR_HAND_QUORUM};
    ehr_hand_propose(&h, &b, &h.genesis, 0, NULL);
    ehr_hand_propose(&h, &b, &h.genesis, 0, &weak);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 0);
    ehr_hand_propose(&h, &b, &h.genesis, 0, &good);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_close(&h);
}

/* Two chains: what the departure names binds the leader. */
static void two_chains_refuse_an_old_certificate_after_a_departure(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, true, false);
    struct ehr_hand_node a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 3, false);
    struct ehr_hand_node old = ehr_hand_child(&h, &h.genesis, 3, false);
    struct ehr_hand_departure departure = {2, 1, EHR_HAND_QUORUM}; /* one knew a's certificate */
    ehr_hand_propose(&h, &old, &h.genesis, 0, &departure);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1); /* a's */
    ehr_hand_close(&h);
    ehr_hand_open(&h, 0, true, false);
    a = ehr_hand_chain(&h, &h.genesis, 1, 1);
    b = ehr_hand_child(&h, &a, 3, false);
    ehr_hand_propose(&h, &b, &a, EHR_HAND_QUORUM, &departure);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    ehr_hand_close(&h);
}

static void forged_timeout_certificate_is_ignored(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 2, false, false);
    struct ehr_hand_node made_up = ehr_hand_child(&h, &h.genesis, 5, false);
    ehr_hand_timeout(&h, 0, 1, &made_up, 0x3);
    ehr_hand_timeout(&h, 1, 1, &made_up, 0x3);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_TIMEOUT], 0);
    ehr_hand_timeout(&h, 0, 1, &h.genesis, 0);
    ehr_hand_timeout(&h, 1, 1, &h.genesis, 0); /* f+1: it joins, and there are three */
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_TIMEOUT], 1);
    CU_ASSERT_EQUAL(h.left, 1);
    CU_ASSERT_EQUAL(ehr_cluster_view(h.cluster, 2), 2);
    ehr_hand_close(&h);
}

static void missing_ancestor_is_asked_for(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 2, false);
    struct ehr_hand_node c = ehr_hand_child(&h, &b, 3, false);
    ehr_hand_propose(&h, &b, &a, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1); /* a came with its certificate */
    struct ehr_hand_node d = ehr_hand_child(&h, &c, 5, false);
    struct ehr_hand_departure departure = {4, 3, EHR_HAND_QUORUM};
    struct ehr_hand_node unknown = c;
    unknown.node.parent.bytes[5] ^= 1; /* on a node nobody knows */
    uint8_t bytes[EHR_BYTES_NODE];
    unknown.id = ehr_bytes_node_write(&unknown.node, bytes);
    d = ehr_hand_child(&h, &unknown, 5, false);
    ehr_hand_propose(&h, &d, &unknown, EHR_HAND_QUORUM, &departure);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_NEED], 1);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_close(&h);
}

/* However long the views have become, a peer that does not answer is given one timeout. */
static void next_peer_is_asked_when_the_first_is_silent(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    ehr_cluster_submit_to(h.cluster, 3, 0);
    for (uint64_t view = 1; view <= 4; view++) { /* 200, 200, 400, 800 ms */
        ehr_hand_wait(&h, 810);
        CU_ASSERT_EQUAL(h.left, view);
        ehr_hand_timeout(&h, 0, view, &h.genesis, 0);
        ehr_hand_timeout(&h, 1, view, &h.genesis, 0);
    }
    struct ehr_hand_node c = ehr_hand_child(&h, &h.genesis, 3, false);
    c.node.parent.bytes[5] ^= 1; /* on a node nobody knows */
    c.node.parent_view = 2;
    uint8_t bytes[EHR_BYTES_NODE];
    c.id = ehr_bytes_node_write(&c.node, bytes);
    struct ehr_hand_node d = ehr_hand_child(&h, &c, 5, false);
    struct ehr_hand_departure departure = {4, 3, EHR_HAND_QUORUM};
    ehr_hand_propose(&h, &d, &c, EHR_HAND_QUORUM, &departure);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_NEED], 1);
    ehr_hand_wait(&h, 205);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_NEED], 2);
    ehr_hand_wait(&h, 200);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_NEED], 3);
    CU_ASSERT_EQUAL(h.left, 4);
    ehr_hand_close(&h);
}

static void checkpoint(struct ehr_hand *h, uint16_t from, uint64_t height)
{
    struct ehr_engine_message message = {.type = EHR_ENGINE_CHECKPOINT,
                                         .sender = from,
                                         .height = height,
                                         .digest = ehr_cluster_state(h->cluster, h->self)};
    ehr_cluster_inject(h->cluster, h->self, &message);
    ehr_hand_wait(h, 2);
}

/* It has forgotten the nodes below: who asks for one can only be helped by the state. */
static void stable_checkpoint_is_shown_when_it_was_executed_before_a_restart(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    struct ehr_hand_node last = ehr_hand_chain(&h, &h.genesis, 1, 7);
    CU_ASSERT_EQUAL(h.committed, 4);
    checkpoint(&h, 1, 4);
    checkpoint(&h, 2, 4);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_CHECKPOINT], 1);
    ehr_hand_chain(&h, &last, 8, 9);
    CU_ASSERT_EQUAL(h.committed, 6);
    ehr_cluster_crash(h.cluster, 0);
    ehr_cluster_restart(h.cluster, 0);
    uint32_t shown = h.sent[EHR_ENGINE_CHECKPOINT];
    struct ehr_engine_message need = {
        .type = EHR_ENGINE_HOTSTUFF_NEED, .sender = 1, .view = 1, .digest = {{1}}};
    ehr_cluster_inject(h.cluster, 0, &need);
    ehr_hand_wait(&h, 2);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_CHECKPOINT], shown + 1);
    ehr_hand_close(&h);
}

static const struct ehr_unit_case cases[] = {
    {"counts_are_exact_when_one_block_is_decided", counts_are_exact_when_one_block_is_decided},
    {"counts_are_exact_when_blocks_follow_each_other",
     counts_are_exact_when_blocks_follow_each_other},
    {"seven_or_five_delays_decide_when_the_network_is_even",
     seven_or_five_delays_decide_when_the_network_is_even},
    {"every_size_decides_when_n_is_1_to_12", every_size_decides_when_n_is_1_to_12},
    {"nothing_is_sent_when_nothing_waits", nothing_is_sent_when_nothing_waits},
    {"strict_rotation_commits_when_one_of_four_is_down",
     strict_rotation_commits_when_one_of_four_is_down},
    {"fixed_leader_stays_when_only_it_is_given_requests",
     fixed_leader_stays_when_only_it_is_given_requests},
    {"fixed_leader_stays_until_it_is_timed_out", fixed_leader_stays_until_it_is_timed_out},
    {"records_are_forgotten_when_checkpoints_are_stable",
     records_are_forgotten_when_checkpoints_are_stable},
    {"late_replica_gets_the_branch_or_the_state", late_replica_gets_the_branch_or_the_state},
    {"power_cut_loses_nothing_when_votes_are_on_disk",
     power_cut_loses_nothing_when_votes_are_on_disk},
    {"nothing_decides_when_more_than_f_are_down", nothing_decides_when_more_than_f_are_down},
    {"certificate_is_refused_when_short_forged_or_doubled",
     certificate_is_refused_when_short_forged_or_doubled},
    {"certificate_is_good_when_votes_come_before_the_node",
     certificate_is_good_when_votes_come_before_the_node},
    {"second_proposal_of_a_view_is_refused", second_proposal_of_a_view_is_refused},
    {"proposal_is_refused_when_it_skips_a_view_without_departure",
     proposal_is_refused_when_it_skips_a_view_without_departure},
    {"two_chains_refuse_an_old_certificate_after_a_departure",
     two_chains_refuse_an_old_certificate_after_a_departure},
    {"forged_timeout_certificate_is_ignored", forged_timeout_certificate_is_ignored},
    {"missing_ancestor_is_asked_for", missing_ancestor_is_asked_for},
    {"next_peer_is_asked_when_the_first_is_silent", next_peer_is_asked_when_the_first_is_silent},
    {"stable_checkpoint_is_shown_when_it_was_executed_before_a_restart",
     stable_checkpoint_is_shown_when_it_was_executed_before_a_restart},
};

EHR_UNIT_MAIN("hotstuff", cases)
