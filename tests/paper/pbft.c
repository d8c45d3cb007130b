/* Castro and Liskov, "Practical Byzantine Fault Tolerance", OSDI'99, sections 4.2 and 4.3: one case
 * per normative sentence (4.4 and 4.5: pbft_views.c). The rule stands above each case in our words;
 * the paper's sequence number is the height here. docs/consensus-papers.md lists all of them. */
#include "tests/paper/pbft_hands.h"

/* 4.2: a backup takes a pre-prepare only in the view it is in. */
static void pre_prepare_is_refused_in_another_view(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PRE_PREPARE, 2, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    ehr_puppet_close(&p);
}

/* 4.2: nor if it has taken one of the same view and number with a different digest. */
static void second_pre_prepare_with_another_digest_is_refused(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0), other = block(&p, &none, 1);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &other);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_PREPARE], 1);
    ehr_puppet_close(&p);
}

/* 4.2: its number has to lie between the low and the high water mark. */
static void pre_prepare_outside_the_water_marks_is_not_accepted(void)
{
    PUPPET(p, 1);
    struct ehr_digest below = none;
    for (uint64_t h = 1; h <= 9; h++) { /* the window is 8 */
        struct ehr_digest b = block(&p, &below, (uint32_t)h);
        ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, h, &b);
        below = b;
    }
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 8);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 0, &below);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 8);
    ehr_puppet_close(&p);
}

/* 4.2: with a pre-prepare accepted the prepare phase begins: the backup multicasts a PREPARE
 * and logs both. */
static void backup_multicasts_prepare_when_it_accepts(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_PREPARE], 1); /* ours: on disk first */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 0);
    ehr_puppet_close(&p);
}

/* 4.2: prepared holds at a replica once its log has the request, its pre-prepare, and 2f
 * prepares of different backups that agree with it in view, number and digest. */
static void prepared_needs_the_pre_prepare_and_2f_matching_prepares(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0), other = block(&p, &none, 1);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    ehr_puppet_send(&p, 3, EHR_ENGINE_PREPARE, 0, 1, &other);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 0); /* no pre-prepare */
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1); /* own and replica 2's: 2f */
    ehr_puppet_close(&p);
    PUPPET(r, 1);
    b = block(&r, &none, 0);
    other = block(&r, &none, 1);
    ehr_puppet_send(&r, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    ehr_puppet_send(&r, 2, EHR_ENGINE_PREPARE, 0, 1, &other);
    ehr_puppet_send(&r, 0, EHR_ENGINE_PREPARE, 0, 1, &b); /* the primary is no backup */
    ehr_puppet_send(&r, 2, EHR_ENGINE_PREPARE, 0, 1, &b); /* has voted already */
    CU_ASSERT_EQUAL(r.sent[EHR_ENGINE_COMMIT], 0);
    ehr_puppet_send(&r, 3, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(r.sent[EHR_ENGINE_COMMIT], 1);
    ehr_puppet_close(&r);
}

/* 4.2: at the moment prepared begins to hold the replica multicasts a COMMIT. */
static void commit_is_multicast_when_prepared_becomes_true(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    prepare_block(&p, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    ehr_puppet_send(&p, 3, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    ehr_puppet_close(&p);
}

/* 4.2: committed-local holds once prepared does and 2f+1 commits of different replicas, its own
 * among them or not, agree with the pre-prepare. */
static void committed_local_needs_prepared_and_2f_plus_1_commits(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_COMMIT, 0, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_COMMIT, 0, 1, &b);
    ehr_puppet_send(&p, 3, EHR_ENGINE_COMMIT, 0, 1, &b);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 0); /* three commits, not prepared */
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 1);
    ehr_puppet_close(&p);
    PUPPET(r, 1);
    b = block(&r, &none, 0);
    prepare_block(&r, 1, &b);
    ehr_puppet_send(&r, 2, EHR_ENGINE_COMMIT, 0, 1, &b);
    CU_ASSERT_EQUAL(r.committed, 0); /* with its own, two */
    ehr_puppet_send(&r, 2, EHR_ENGINE_COMMIT, 0, 1, &b);
    CU_ASSERT_EQUAL(r.committed, 0);
    ehr_puppet_send(&r, 3, EHR_ENGINE_COMMIT, 0, 1, &b);
    CU_ASSERT_EQUAL(r.committed, 1);
    ehr_puppet_close(&r);
}

/* 4.2: a replica executes when committed-local holds and everything with a lower number has
 * been executed. */
static void execution_is_in_order_of_sequence_number(void)
{
    PUPPET(p, 1);
    struct ehr_digest b1 = block(&p, &none, 0), b2 = block(&p, &b1, 1);
    commit_block(&p, 2, &b2);
    CU_ASSERT_EQUAL(p.committed, 0);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0); /* ours: its parent is not known yet */
    commit_block(&p, 1, &b1);
    CU_ASSERT_EQUAL(p.committed, 2);
    CU_ASSERT_EQUAL(memcmp(&p.block, &b2, sizeof(b2)), 0);
    ehr_puppet_close(&p);
}

/* 4.3: checkpoints are made after numbers divisible by a constant, and announced to all by a
 * CHECKPOINT message. */
static void checkpoint_is_multicast_at_multiples_of_the_interval(void)
{
    PUPPET(p, 1);
    struct ehr_digest below = none;
    for (uint64_t h = 1; h <= 4; h++) { /* the interval is 4 */
        CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_CHECKPOINT], 0);
        struct ehr_digest b = block(&p, &below, (uint32_t)h);
        commit_block(&p, h, &b);
        below = b;
    }
    CU_ASSERT_EQUAL(p.committed, 4);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_CHECKPOINT], 1);
    ehr_puppet_close(&p);
}

/* 4.3: 2f+1 such messages of different replicas (its own may be one) with one number and digest
 * prove it; with the proof it is stable, and what the log has up to its number is dropped. */
static void checkpoint_is_stable_with_2f_plus_1_equal_digests(void)
{
    PUPPET(p, 1);
    struct ehr_digest below = none;
    for (uint64_t h = 1; h <= 4; h++) {
        struct ehr_digest b = block(&p, &below, (uint32_t)h);
        commit_block(&p, h, &b);
        below = b;
    }
    const struct ehr_engine_record *records;
    uint32_t count = ehr_cluster_records(p.cluster, 1, &records);
    CU_ASSERT_EQUAL(count, 8); /* a prepare and a commit for each height */
    struct ehr_digest wrong = {{9}};
    ehr_puppet_send(&p, 0, EHR_ENGINE_CHECKPOINT, 0, 4, &wrong);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_CHECKPOINT], 0);
    struct ehr_digest state = ehr_cluster_state(p.cluster, 1);
    ehr_puppet_send(&p, 2, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_CHECKPOINT], 0);
    ehr_puppet_send(&p, 3, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_CHECKPOINT], 1);
    count = ehr_cluster_records(p.cluster, 1, &records);
    CU_ASSERT_EQUAL(count, 3); /* height 4 is kept: ours, see docs/consensus.md */
    ehr_puppet_close(&p);
}

/* 4.2: when the primary gets a request it starts the three phases by assigning the next sequence
 * number and multicasting a pre-prepare with the digest; the request travels with it. */
static void primary_assigns_the_next_number_and_multicasts_a_pre_prepare(void)
{
    PUPPET(p, 0);
    ehr_cluster_submit_to(p.cluster, 0, 0);
    pass(&p, 20);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PRE_PREPARE], 1);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_PRE_PREPARE], 1); /* ours: on disk first */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0); /* the pre-prepare stands for its prepare */
    struct ehr_digest b = block(&p, &none, 7);
    ehr_puppet_send(&p, 1, EHR_ENGINE_PREPARE, 0, 1, &b); /* for another digest */
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 0);
    ehr_puppet_close(&p);
}

/* 4.2: unless more than a given number of requests are in progress; then it buffers, and multicasts
 * what is buffered as a group later. (The number is the window here, the group a batch.) */
static void primary_buffers_requests_when_too_many_are_in_progress(void)
{
    PUPPET(p, 0);
    for (uint32_t i = 0; i < 100; i++)
        ehr_cluster_submit_to(p.cluster, 0, i);
    pass(&p, 100);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PRE_PREPARE], 8); /* the window; four requests in each */
    ehr_puppet_close(&p);
}

/* 4.2: prepares are accepted if their view is the replica's current one and their number between h
 * and H; so are commits. (Votes of the next view are kept until it opens: ours.) */
static void votes_of_another_view_or_beyond_the_marks_are_not_accepted(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 1, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 5, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 0, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1000, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 0);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    ehr_puppet_send(&p, 0, EHR_ENGINE_COMMIT, 1, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_COMMIT, 5, 1, &b);
    ehr_puppet_send(&p, 3, EHR_ENGINE_COMMIT, 0, 1000, &b);
    CU_ASSERT_EQUAL(p.committed, 0);
    ehr_puppet_send(&p, 0, EHR_ENGINE_COMMIT, 0, 1, &b);
    ehr_puppet_send(&p, 2, EHR_ENGINE_COMMIT, 0, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 1);
    ehr_puppet_close(&p);
}

/* 4.3: the checkpoint protocol advances the water marks: h is the number of the last stable
 * checkpoint, H = h + k. */
static void water_marks_move_with_the_stable_checkpoint(void)
{
    PUPPET(p, 1);
    struct ehr_digest below = commit_blocks(&p, none, 1, 4);
    struct ehr_digest state = ehr_cluster_state(p.cluster, 1);
    struct ehr_digest old = below;
    ehr_puppet_send(&p, 2, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    ehr_puppet_send(&p, 3, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_CHECKPOINT], 1);
    for (uint64_t h = 5; h <= 14; h++) {
        below = block(&p, &below, (uint32_t)h);
        ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, h, &below);
    }
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 12); /* 4, and 5 to 4 + 8 */
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 4, &old);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 12);
    ehr_puppet_close(&p);
}

static const struct ehr_unit_case cases[] = {
    {"pre_prepare_is_refused_in_another_view", pre_prepare_is_refused_in_another_view},
    {"second_pre_prepare_with_another_digest_is_refused",
     second_pre_prepare_with_another_digest_is_refused},
    {"pre_prepare_outside_the_water_marks_is_not_accepted",
     pre_prepare_outside_the_water_marks_is_not_accepted},
    {"backup_multicasts_prepare_when_it_accepts", backup_multicasts_prepare_when_it_accepts},
    {"prepared_needs_the_pre_prepare_and_2f_matching_prepares",
     prepared_needs_the_pre_prepare_and_2f_matching_prepares},
    {"commit_is_multicast_when_prepared_becomes_true",
     commit_is_multicast_when_prepared_becomes_true},
    {"committed_local_needs_prepared_and_2f_plus_1_commits",
     committed_local_needs_prepared_and_2f_plus_1_commits},
    {"execution_is_in_order_of_sequence_number", execution_is_in_order_of_sequence_number},
    {"checkpoint_is_multicast_at_multiples_of_the_interval",
     checkpoint_is_multicast_at_multiples_of_the_interval},
    {"checkpoint_is_stable_with_2f_plus_1_equal_digests",
     checkpoint_is_stable_with_2f_plus_1_equal_digests},
    {"primary_assigns_the_next_number_and_multicasts_a_pre_prepare",
     primary_assigns_the_next_number_and_multicasts_a_pre_prepare},
    {"primary_buffers_requests_when_too_many_are_in_progress",
     primary_buffers_requests_when_too_many_are_in_progress},
    {"votes_of_another_view_or_beyond_the_marks_are_not_accepted",
     votes_of_another_view_or_beyond_the_marks_are_not_accepted},
    {"water_marks_move_with_the_stable_checkpoint", water_marks_move_with_the_stable_checkpoint},
};

EHR_UNIT_MAIN("pbft, OSDI'99, 4.2 and 4.3", cases)
