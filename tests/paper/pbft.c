/* Castro and Liskov, "Practical Byzantine Fault Tolerance", OSDI'99, sections 4.2 to 4.5: one case
 * per normative sentence. The sentence stands above each case, in the paper's words (its view v,
 * sequence number n and digest d; here height for n). Replica 1 of 4 is under test, f = 1. */
#include "tests/simulation/engine_puppet.h"
#include "tests/unit/unit.h"

#include <string.h>

#define MS ((uint64_t)EHR_PUPPET_MS)

static const struct ehr_digest none;

/* The engine's peers are this file's hands. */
#define PUPPET(name, replica)                                                                      \
    struct ehr_puppet name;                                                                        \
    do {                                                                                           \
        struct ehr_cluster_options options_ = {.replicas = 4, .signatures = true};                 \
        ehr_puppet_open(&name, &options_, replica);                                                \
    } while (0)

static struct ehr_digest block(struct ehr_puppet *p, const struct ehr_digest *parent, uint32_t id)
{
    return ehr_cluster_block(p->cluster, parent, &id, 1);
}

static void prepare_block(struct ehr_puppet *p, uint64_t height, const struct ehr_digest *b)
{
    ehr_puppet_send(p, 0, EHR_ENGINE_PRE_PREPARE, 0, height, b);
    ehr_puppet_send(p, 2, EHR_ENGINE_PREPARE, 0, height, b);
}

static void commit_block(struct ehr_puppet *p, uint64_t height, const struct ehr_digest *b)
{
    prepare_block(p, height, b);
    ehr_puppet_send(p, 0, EHR_ENGINE_COMMIT, 0, height, b);
    ehr_puppet_send(p, 2, EHR_ENGINE_COMMIT, 0, height, b);
}

/* 4.2: "A backup accepts a pre-prepare message provided: [..] it is in view v" */
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

/* 4.2: "it has not accepted a pre-prepare message for view v and sequence number n containing a
 * different digest" */
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

/* 4.2: "the sequence number in the pre-prepare message is between a low water mark, h, and a high
 * water mark, H" */
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

/* 4.2: "If backup i accepts the pre-prepare message, it enters the prepare phase by multicasting a
 * PREPARE message to all other replicas" */
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

/* 4.2: "prepared(m,v,n,i) is true iff replica i has inserted in its log: the request m, a
 * pre-prepare for m in view v with sequence number n, and 2f prepares from different backups that
 * match the pre-prepare" */
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

/* 4.2: "Replica i multicasts a COMMIT to the other replicas when prepared(m,v,n,i) becomes true" */
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

/* 4.2: "committed-local(m,v,n,i) is true iff prepared(m,v,n,i) is true and i has accepted 2f+1
 * commits (possibly including its own) from different replicas that match the pre-prepare" */
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

/* 4.2: "Each replica i executes the operation requested by m after committed-local(m,v,n,i) is true
 * and i's state reflects the sequential execution of all requests with lower sequence numbers" */
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

/* 4.3: "checkpoints [are produced] when a request with a sequence number divisible by some constant
 * is executed", and "the replica multicasts a CHECKPOINT message to the other replicas" */
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

/* 4.3: "[a replica collects checkpoint messages] until it has 2f+1 of them for sequence number n
 * with the same digest d signed by different replicas", "including possibly its own", and "A
 * checkpoint with a proof becomes stable and the replica discards all [..] messages with sequence
 * number less than or equal to n" */
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

/* 4.4: "If the timer of backup i expires in view v, the backup starts a view change to move the
 * system to view v+1. It stops accepting messages (other than checkpoint, view-change, and new-view
 * messages) and multicasts a VIEW-CHANGE message to all replicas" */
static void backup_stops_accepting_when_its_timer_expires(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    ehr_cluster_submit_to(p.cluster, 1, 0);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 199 * MS);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 0);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 2 * MS);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    CU_ASSERT_EQUAL(p.view, 1);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0);
    ehr_puppet_close(&p);
}

/* 4.4: "When the primary p of view v+1 receives 2f valid view-change messages for view v+1 from
 * other replicas, it multicasts a NEW-VIEW message to all other replicas" */
static void new_primary_multicasts_new_view_with_2f_others(void)
{
    PUPPET(p, 1);
    ehr_cluster_submit_to(p.cluster, 1, 0);
    ehr_puppet_depart(&p, 2, 1);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 200 * MS); /* its own */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 0);
    ehr_puppet_depart(&p, 3, 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 1);
    CU_ASSERT_EQUAL(p.proposed, 1);
    ehr_puppet_close(&p);
}

/* 4.5.2: "if a replica receives a set of f+1 valid view-change messages from other replicas for
 * views greater than its current view, it sends a view-change message for the smallest view in the
 * set, even if its timer has not expired" */
static void replica_joins_the_smallest_view_of_f_plus_1(void)
{
    PUPPET(p, 1);
    ehr_puppet_depart(&p, 2, 5);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 0);
    ehr_puppet_depart(&p, 3, 3);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    CU_ASSERT_EQUAL(p.view, 3);
    ehr_puppet_close(&p);
}

/* 4.5.2: "a replica that multicasts a view-change message for view v+1 waits for 2f+1 view-change
 * messages for view v+1 and then starts its timer to expire after some time T. If the timer expires
 * before it receives a valid new-view message [..] it starts the view change for view v+2 but this
 * time it will wait 2T" */
static void timer_of_the_next_view_waits_for_2f_plus_1_and_doubles(void)
{
    PUPPET(p, 3); /* primary of neither view 1 nor 2 */
    ehr_puppet_depart(&p, 0, 1);
    ehr_puppet_depart(&p, 1, 1); /* joins */
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 196 * MS);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 4 * MS); /* T */
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 2);
    CU_ASSERT_EQUAL(p.view, 2);
    ehr_puppet_depart(&p, 0, 2);
    ehr_puppet_depart(&p, 1, 2);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 390 * MS);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 2);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 12 * MS); /* 2T */
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 3);
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
    {"backup_stops_accepting_when_its_timer_expires",
     backup_stops_accepting_when_its_timer_expires},
    {"new_primary_multicasts_new_view_with_2f_others",
     new_primary_multicasts_new_view_with_2f_others},
    {"replica_joins_the_smallest_view_of_f_plus_1", replica_joins_the_smallest_view_of_f_plus_1},
    {"timer_of_the_next_view_waits_for_2f_plus_1_and_doubles",
     timer_of_the_next_view_waits_for_2f_plus_1_and_doubles},
};

EHR_UNIT_MAIN("pbft, OSDI'99", cases)
