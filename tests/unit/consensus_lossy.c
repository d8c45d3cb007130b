/* Progress where messages are lost and no replica can be spared, and what spoilt it once. */
#include "tests/simulation/engine_puppet.h"
#include "tests/simulation/hotstuff_hand.h"
#include "tests/unit/unit.h"

static const struct ehr_digest state = {{7}};

/* n is 4 and replica 0 the puppet; a request waits, the request timeout is 200 ms. */
static void pbft_open(struct ehr_puppet *puppet, bool signatures)
{
    struct ehr_cluster_options options = {.replicas = 4, .signatures = signatures};
    ehr_puppet_open(puppet, &options, 0);
}

static void wait(struct ehr_puppet *puppet, uint64_t ms)
{
    ehr_cluster_run(puppet->cluster, ehr_cluster_now(puppet->cluster) + ms * EHR_PUPPET_MS);
}

/* Replica 2 went on to view 2 with one that is down now: with 0 and 3 it is the last of a quorum.
 */
static void next_view_is_tried_when_the_last_of_a_quorum_has_gone_further(void)
{
    struct ehr_puppet p;
    pbft_open(&p, false);
    ehr_cluster_submit_to(p.cluster, 0, 0);
    wait(&p, 210);
    CU_ASSERT_EQUAL(ehr_cluster_view(p.cluster, 0), 1);
    ehr_puppet_depart(&p, 3, 1);
    ehr_puppet_depart(&p, 2, 2);
    CU_ASSERT_EQUAL(ehr_cluster_view(p.cluster, 0), 1);
    wait(&p, 410);
    CU_ASSERT_EQUAL(ehr_cluster_view(p.cluster, 0), 2);
    ehr_puppet_close(&p);
}

static void next_view_is_not_tried_when_fewer_than_a_quorum_have_left(void)
{
    struct ehr_puppet p;
    pbft_open(&p, false);
    ehr_cluster_submit_to(p.cluster, 0, 0);
    wait(&p, 210);
    ehr_puppet_depart(&p, 2, 2);
    wait(&p, 5000);
    CU_ASSERT_EQUAL(ehr_cluster_view(p.cluster, 0), 1);
    ehr_puppet_close(&p);
}

/* One of f+1 is correct; the third may be silent for good. */
static void state_is_asked_for_when_f_plus_1_vouch(void)
{
    struct ehr_puppet p;
    pbft_open(&p, true);
    ehr_cluster_submit_to(p.cluster, 0, 0);
    ehr_puppet_send(&p, 1, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    wait(&p, 410);
    CU_ASSERT_EQUAL(p.fetched, 0);
    ehr_puppet_send(&p, 2, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    wait(&p, 410);
    CU_ASSERT_EQUAL(p.fetched, 1);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_CHECKPOINT], 0); /* that takes q */
    ehr_puppet_close(&p);
}

/* A checkpoint is signed without a view: with one it would be no proof. */
static void checkpoint_is_dropped_when_it_names_a_view(void)
{
    struct ehr_puppet p;
    pbft_open(&p, true);
    uint64_t dropped = ehr_cluster_dropped(p.cluster);
    ehr_puppet_send(&p, 1, EHR_ENGINE_CHECKPOINT, 1, 4, &state);
    CU_ASSERT_EQUAL(ehr_cluster_dropped(p.cluster), dropped + 1);
    ehr_puppet_send(&p, 1, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    CU_ASSERT_EQUAL(ehr_cluster_dropped(p.cluster), dropped + 1);
    ehr_puppet_close(&p);
}

/* HotStuff: replica 1 is in view 2 and cannot show how view 1 was left. */
static void view_is_left_when_the_last_of_a_quorum_has_gone_further(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 3, false, false);
    ehr_cluster_submit_to(h.cluster, 3, 0);
    ehr_hand_wait(&h, 205);
    CU_ASSERT_EQUAL(h.left, 1);
    ehr_hand_timeout(&h, 0, 1, &h.genesis, 0);
    ehr_hand_timeout(&h, 1, 2, &h.genesis, 0);
    CU_ASSERT_EQUAL(h.left, 1);
    ehr_hand_wait(&h, 205);
    CU_ASSERT_EQUAL(h.left, 2);
    ehr_hand_close(&h);
}

/* The votes of others come before the node: its own vote completes the certificate, and it proposes
 * and votes again in the same step. Each record has to say its own node. */
static void records_are_apart_when_a_step_votes_twice(void)
{
    struct ehr_hand h;
    const struct ehr_engine_record *records;
    ehr_hand_open(&h, 2, false, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 1, false);
    ehr_hand_vote(&h, 0, &a);
    ehr_hand_vote(&h, 3, &a);
    ehr_hand_propose(&h, &a, &h.genesis, 0, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    uint32_t count = ehr_cluster_records(h.cluster, 2, &records);
    CU_ASSERT_EQUAL(count, 2);
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(records[i].view, i + 1);
        CU_ASSERT_EQUAL(records[i].proof[0], i + 1);
    }
    ehr_hand_close(&h);
}

/* It votes for d, whose parent is c; b below came from others and is not on disk. After a restart d
 * stands on nothing, yet its departure has to name c: two chains count on it. */
static void departure_names_what_was_voted_on_when_a_restart_lost_the_branch(void)
{
    struct ehr_hand h;
    struct ehr_hand_departure left1 = {1, 0, EHR_HAND_QUORUM}, left5 = {5, 4, EHR_HAND_QUORUM};
    ehr_hand_open(&h, 1, true, false);
    struct ehr_hand_node a = ehr_hand_child(&h, &h.genesis, 2, false);
    struct ehr_hand_node b = ehr_hand_child(&h, &a, 3, false);
    struct ehr_hand_node c = ehr_hand_child(&h, &b, 4, false);
    struct ehr_hand_node d = ehr_hand_child(&h, &c, 6, false);
    ehr_hand_propose(&h, &a, &h.genesis, 0, &left1);
    ehr_hand_propose(&h, &d, &c, EHR_HAND_QUORUM, &left5);
    CU_ASSERT_EQUAL(h.sent[EHR_ENGINE_HOTSTUFF_NEED], 1);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 1);
    ehr_hand_propose(&h, &b, &a, EHR_HAND_QUORUM, NULL);
    CU_ASSERT_EQUAL(h.persisted[EHR_ENGINE_HOTSTUFF_VOTE], 2);
    ehr_cluster_crash(h.cluster, 1);
    ehr_cluster_restart(h.cluster, 1);
    ehr_hand_wait(&h, 1000);
    CU_ASSERT_EQUAL(h.left, 6);
    CU_ASSERT_EQUAL(h.left_high, 4);
    ehr_hand_close(&h);
}

/* The view was entered after three departures; the certificate that commits comes when it has
 * begun, with a timeout of another. */
static void running_timer_is_shortened_when_a_commit_ends_the_back_off(void)
{
    struct ehr_hand h;
    ehr_hand_open(&h, 0, false, false);
    struct ehr_hand_node c = ehr_hand_chain(&h, &h.genesis, 1, 3);
    for (uint64_t view = 3; view <= 5; view++) { /* f+1 take this replica with them */
        ehr_hand_timeout(&h, 1, view, &h.genesis, 0);
        ehr_hand_timeout(&h, 2, view, &h.genesis, 0);
        CU_ASSERT_EQUAL(h.left, view);
    }
    CU_ASSERT_EQUAL(h.committed, 0);
    ehr_hand_timeout(&h, 1, 6, &c, EHR_HAND_QUORUM);
    CU_ASSERT_EQUAL(h.committed, 1);
    ehr_hand_wait(&h, 205); /* not 800 */
    CU_ASSERT_EQUAL(h.left, 6);
    ehr_hand_close(&h);
}

static const struct ehr_unit_case cases[] = {
    {"next_view_is_tried_when_the_last_of_a_quorum_has_gone_further",
     next_view_is_tried_when_the_last_of_a_quorum_has_gone_further},
    {"next_view_is_not_tried_when_fewer_than_a_quorum_have_left",
     next_view_is_not_tried_when_fewer_than_a_quorum_have_left},
    {"state_is_asked_for_when_f_plus_1_vouch", state_is_asked_for_when_f_plus_1_vouch},
    {"checkpoint_is_dropped_when_it_names_a_view", checkpoint_is_dropped_when_it_names_a_view},
    {"view_is_left_when_the_last_of_a_quorum_has_gone_further",
     view_is_left_when_the_last_of_a_quorum_has_gone_further},
    {"records_are_apart_when_a_step_votes_twice", records_are_apart_when_a_step_votes_twice},
    {"running_timer_is_shortened_when_a_commit_ends_the_back_off",
     running_timer_is_shortened_when_a_commit_ends_the_back_off},
    {"departure_names_what_was_voted_on_when_a_restart_lost_the_branch",
     departure_names_what_was_voted_on_when_a_restart_lost_the_branch},
};

EHR_UNIT_MAIN("consensus, lossy networks", cases)
