/* The Raft engine without an adversary: counts, delays, elections, logs that part (figures 7 and 8
 * of ATC'14), checkpoints, restarts, determinism. */
#include "tests/simulation/engine_cluster.h"
#include "tests/simulation/raft_hand.h"
#include "tests/unit/unit.h"
#include "sim/consensus/registry.h"

#include <stdlib.h>
#include <string.h>

enum { MS = 1000000 };

static struct ehr_cluster *cluster(uint16_t replicas, uint32_t batch_max)
{
    struct ehr_cluster_options options = {
        .engine = "raft", .replicas = replicas, .batch_max = batch_max};
    return ehr_cluster_new(&options);
}

/* Messages of one decision in a quiet cluster, the election behind it. */
struct decision {
    uint64_t appends, replies;
};

static struct decision decision(uint16_t n)
{
    struct ehr_cluster *c = cluster(n, 1);
    ehr_cluster_run(c, 10 * MS);
    struct decision before = {ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND),
                              ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND_REPLY)};
    ehr_cluster_submit(c, 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 20 * MS));
    ehr_cluster_run(c, 30 * MS); /* the first heartbeat is due at 54 ms */
    struct decision after = {ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND) - before.appends,
                             ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND_REPLY) - before.replies};
    CU_ASSERT_EQUAL(ehr_cluster_lent(c), 0);
    ehr_cluster_free(c);
    return after;
}

static void decision_takes_2_n_minus_1_messages_and_a_notice_when_idle(void)
{
    static const uint16_t sizes[] = {4, 7, 10, 16};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint16_t n = sizes[i];
        struct decision d = decision(n);
        CU_ASSERT_EQUAL(d.replies, n - 1U);
        CU_ASSERT_EQUAL(d.appends, 2 * (n - 1U)); /* the entry, and that it is committed */
    }
}

static void notices_are_saved_when_blocks_follow_each_other(void)
{
    struct ehr_cluster *c = cluster(4, 1);
    ehr_cluster_run(c, 10 * MS);
    uint64_t appends = ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND);
    uint64_t replies = ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND_REPLY);
    for (uint32_t i = 0; i < 100; i++)
        ehr_cluster_submit(c, i);
    CU_ASSERT(ehr_cluster_run_executed(c, 100, 1000 * (uint64_t)MS));
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), 100);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND_REPLY) - replies, 100 * 3);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND) - appends, 100 * 3 + 3);
    ehr_cluster_free(c);
}

static void first_election_takes_four_delays_when_nothing_fails(void)
{
    struct ehr_cluster *c = cluster(7, 1);
    ehr_cluster_run(c, 4 * MS - 1);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND), 0);
    ehr_cluster_run(c, 40 * MS);
    for (uint8_t type = EHR_ENGINE_RAFT_PRE_VOTE; type <= EHR_ENGINE_RAFT_APPEND_REPLY; type++)
        CU_ASSERT_EQUAL(ehr_cluster_sent(c, type), 6);
    for (uint16_t i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(ehr_cluster_view(c, i), 1);
    ehr_cluster_free(c);
}

static void heartbeats_go_to_all_when_nothing_happens(void)
{
    struct ehr_cluster *c = cluster(4, 1);
    ehr_cluster_run(c, 1000 * (uint64_t)MS);
    /* The barrier at 4 ms, then every 50 ms: at 54, 104 .. 954 ms. */
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND), 3 * (1 + 19));
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_RAFT_PRE_VOTE), 3);
    ehr_cluster_free(c);
}

static void leader_decides_in_two_delays_and_followers_in_three(void)
{
    struct ehr_cluster *c = cluster(4, 1);
    ehr_cluster_run(c, 10 * MS);
    ehr_cluster_submit(c, 0);
    /* Building and executing take 1 us each. */
    ehr_cluster_run(c, 12 * MS + 2000);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), 1);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 1), 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 20 * MS));
    CU_ASSERT_EQUAL(ehr_cluster_now(c), 13 * MS + 2000);
    ehr_cluster_free(c);
}

static void every_size_decides_when_n_is_1_to_12(void)
{
    for (uint16_t n = 1; n <= 12; n++) {
        struct ehr_cluster *c = cluster(n, 4);
        for (uint32_t i = 0; i < 40; i++)
            ehr_cluster_submit(c, i);
        CU_ASSERT(ehr_cluster_run_executed(c, 40, 2000 * (uint64_t)MS));
        CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 1);
        ehr_cluster_free(c);
    }
    CU_ASSERT_EQUAL(ehr_engine_find("raft")->certificate_quorum(4), 3);
    CU_ASSERT_EQUAL(ehr_engine_find("raft")->certificate_quorum(5), 3);
}

static void window_bounds_the_pipeline_when_nobody_answers(void)
{
    struct ehr_cluster_options options = {.engine = "raft",
                                          .replicas = 4,
                                          .batch_max = 1,
                                          .window = 8,
                                          .delay_min_ns = 150 * MS,
                                          .request_timeout_ns = 4000 * (uint64_t)MS};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    ehr_cluster_run(c, 650 * (uint64_t)MS); /* elected at 600 ms */
    for (uint32_t i = 0; i < 50; i++)
        ehr_cluster_submit(c, i);
    ehr_cluster_run(c, 880 * (uint64_t)MS);
    CU_ASSERT_EQUAL(ehr_cluster_sent(c, EHR_ENGINE_RAFT_APPEND), 3 * (1 + 8));
    ehr_cluster_free(c);
}

static void next_leader_keeps_what_was_in_flight_when_one_crashes(void)
{
    struct ehr_cluster *c = cluster(5, 1);
    ehr_cluster_run(c, 10 * MS);
    for (uint32_t i = 0; i < 8; i++)
        ehr_cluster_submit(c, i);
    ehr_cluster_run(c, 11 * MS + MS / 2); /* the followers hold the entries */
    ehr_cluster_crash(c, 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 8, 1000 * (uint64_t)MS));
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 1), 2);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 1), 8); /* each once */
    ehr_cluster_restart(c, 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 8, 2000 * (uint64_t)MS));
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 1), 2); /* it did not disturb the others */
    ehr_cluster_free(c);
}

static void leader_steps_down_when_a_majority_is_silent(void)
{
    struct ehr_cluster *c = cluster(5, 1);
    ehr_cluster_run(c, 10 * MS);
    ehr_cluster_group_set(c, 0, 1);
    ehr_cluster_group_set(c, 1, 1);
    ehr_cluster_submit_to(c, 0, 0);
    ehr_cluster_run(c, 1000 * (uint64_t)MS);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), 0);
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 1), 0);
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 1); /* pre-votes raise no term */
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 2), 2); /* the majority has another leader */
    ehr_cluster_group_set(c, 0, 0);
    ehr_cluster_group_set(c, 1, 0);
    ehr_cluster_submit(c, 0);
    CU_ASSERT(ehr_cluster_run_executed(c, 1, 2000 * (uint64_t)MS));
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 2);
    ehr_cluster_free(c);
}

static void late_replica_gets_entries_or_a_state_by_how_late_it_is(void)
{
    for (uint32_t far = 0; far < 2; far++) {
        struct ehr_cluster *c = cluster(4, 1);
        ehr_cluster_run(c, 10 * MS);
        ehr_cluster_group_set(c, 3, 1);
        uint32_t count = far ? 100 : 6; /* window 8 */
        for (uint32_t i = 0; i < count; i++)
            ehr_cluster_submit(c, i);
        ehr_cluster_run(c, 150 * MS);
        CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), count);
        CU_ASSERT_EQUAL(ehr_cluster_height(c, 3), 0);
        ehr_cluster_group_set(c, 3, 0);
        CU_ASSERT(ehr_cluster_run_executed(c, count, 1000 * (uint64_t)MS));
        CU_ASSERT_EQUAL(ehr_cluster_fetches(c), far);
        CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 1);
        ehr_cluster_free(c);
    }
}

static void records_are_forgotten_when_the_chain_grows(void)
{
    struct ehr_cluster *c = cluster(4, 1);
    for (uint32_t i = 0; i < 400; i++)
        ehr_cluster_submit(c, i);
    CU_ASSERT(ehr_cluster_run_executed(c, 400, 20000 * (uint64_t)MS));
    for (uint16_t i = 0; i < 4; i++) {
        const struct ehr_engine_record *records;
        /* Term and vote, the entry at 400, the checkpoint there. */
        uint32_t count = ehr_cluster_records(c, i, &records);
        CU_ASSERT(count <= 4);
    }
    CU_ASSERT_EQUAL(ehr_cluster_fetches(c), 0);
    ehr_cluster_free(c);
}

static void everything_is_still_there_when_all_have_restarted(void)
{
    struct ehr_cluster *c = cluster(5, 1);
    for (uint32_t i = 0; i < 30; i++)
        ehr_cluster_submit(c, i);
    ehr_cluster_run(c, 9 * MS + MS / 2);
    uint64_t before = ehr_cluster_height(c, 0);
    for (uint16_t i = 0; i < 5; i++)
        ehr_cluster_crash(c, i);
    for (uint16_t i = 0; i < 5; i++)
        ehr_cluster_restart(c, i);
    CU_ASSERT(before > 0 && before < 30);
    CU_ASSERT(ehr_cluster_run_executed(c, 30, 2000 * (uint64_t)MS));
    CU_ASSERT_EQUAL(ehr_cluster_height(c, 0), 30);
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 0), 2);
    ehr_cluster_free(c);
}

static uint64_t whole_run(uint64_t seed)
{
    struct ehr_cluster_options options = {.engine = "raft", .replicas = 7, .seed = seed};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    uint64_t digest = 1;
    ehr_cluster_crash_at(c, 0, 60);
    for (uint32_t i = 0; i < 60; i++) {
        ehr_cluster_submit(c, i);
        ehr_cluster_run(c, ehr_cluster_now(c) + 10 * MS);
        digest = digest * UINT64_C(1099511628211) ^ ehr_cluster_picture(c);
    }
    CU_ASSERT(ehr_cluster_run_executed(c, 60, 20000 * (uint64_t)MS));
    digest ^= ehr_cluster_picture(c);
    ehr_cluster_free(c);
    return digest;
}

static void runs_are_identical_when_the_seed_is(void)
{
    CU_ASSERT_EQUAL(whole_run(5), whole_run(5));
    CU_ASSERT_NOT_EQUAL(whole_run(5), whole_run(6));
}

static void election_timeouts_differ_when_replicas_do(void)
{
    /* In [T, 2T), no two of ten alike, and others in the next term. */
    uint64_t at[2][10];
    for (uint16_t i = 0; i < 10; i++) {
        for (uint64_t term = 1; term <= 2; term++) {
            struct ehr_raft_hand hand;
            ehr_raft_hand_open(&hand, 11, i + 1U, term, 0, NULL, 0);
            at[term - 1][i] = hand.timer_at[EHR_ENGINE_TIMER_ELECTION];
            CU_ASSERT(at[term - 1][i] >= 100 * (uint64_t)MS &&
                      at[term - 1][i] < 200 * (uint64_t)MS);
            ehr_raft_hand_close(&hand);
        }
        CU_ASSERT_NOT_EQUAL(at[0][i], at[1][i]);
        for (uint16_t k = 0; k < i; k++)
            CU_ASSERT_NOT_EQUAL(at[0][i], at[0][k]);
    }
}

/* ---- figure 7 ---- */

static const uint64_t leader_log[] = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};

struct figure_7 {
    uint64_t log[12];
    uint64_t count;
    uint32_t refusals; /* until the logs meet */
    uint32_t written;  /* entries the follower writes, the barrier not counted */
};

/* The leader of term 8, and a follower with another log: their messages until both are silent. */
static void meet(const struct figure_7 *figure)
{
    struct ehr_raft_hand leader, follower;
    ehr_raft_hand_open(&leader, 7, 0, 7, 0, leader_log, 10);
    ehr_raft_hand_open(&follower, 7, 1, 7, 0, figure->log, figure->count);
    ehr_raft_hand_learn(&follower, leader_log, 10);
    ehr_raft_hand_elect(&leader);
    CU_ASSERT_EQUAL(leader.term, 8);
    uint32_t refusals = 0, written = 0;
    const struct ehr_engine_message *append;
    while ((append = ehr_raft_hand_sent(&leader, EHR_ENGINE_RAFT_APPEND)) != NULL) {
        ehr_raft_hand_receive(&follower, append);
        written += follower.persisted[EHR_ENGINE_RAFT_APPEND];
        const struct ehr_engine_message *reply =
            ehr_raft_hand_sent(&follower, EHR_ENGINE_RAFT_APPEND_REPLY);
        CU_ASSERT_PTR_NOT_NULL_FATAL(reply);
        refusals += !ehr_raft_hand_yes(reply);
        ehr_raft_hand_receive(&leader, reply);
    }
    CU_ASSERT_EQUAL(refusals, figure->refusals);
    CU_ASSERT_EQUAL(written, figure->written + 1);
    CU_ASSERT(ehr_raft_hand_log_is(&follower, leader_log, 10));
    CU_ASSERT_EQUAL(follower.log_term, 8);
    CU_ASSERT_EQUAL(leader.committed, 0); /* one of six is no majority */
    ehr_raft_hand_close(&leader);
    ehr_raft_hand_close(&follower);
}

static void follower_logs_meet_the_leaders_when_they_part_as_in_figure_7(void)
{
    static const struct figure_7 figures[] = {
        {{1, 1, 1, 4, 4, 5, 5, 6, 6}, 9, 1, 1},           /* a: one short */
        {{1, 1, 1, 4}, 4, 1, 6},                          /* b: six short */
        {{1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6}, 11, 0, 0},    /* c: one more */
        {{1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7}, 12, 0, 0}, /* d: another term more */
        {{1, 1, 1, 4, 4, 4, 4}, 7, 2, 5},                 /* e: short, then term 4 */
        {{1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}, 11, 2, 7},    /* f: terms 3 and 2, one message each */
    };
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        meet(&figures[i]);
}

/* ---- figure 8 ---- */

static void earlier_terms_wait_for_the_barrier_as_in_figure_8(void)
{
    static const uint64_t log[] = {1, 2};
    struct ehr_raft_hand s1;
    ehr_raft_hand_open(&s1, 5, 0, 3, 0, log, 2);
    ehr_raft_hand_elect(&s1);
    CU_ASSERT_EQUAL(s1.term, 4);
    /* (c): S2 and S3 hold the entry of term 2, not yet that of term 4. */
    ehr_raft_hand_reply(&s1, 1, 4, true, 2, 2, 1);
    ehr_raft_hand_reply(&s1, 2, 4, true, 2, 2, 1);
    CU_ASSERT_EQUAL(s1.committed, 0);
    /* (e): now they hold that too. */
    ehr_raft_hand_reply(&s1, 1, 4, true, 2, 4, 2);
    CU_ASSERT_EQUAL(s1.committed, 0);
    ehr_raft_hand_reply(&s1, 2, 4, true, 2, 4, 2);
    CU_ASSERT_EQUAL(s1.committed, 2);
    ehr_raft_hand_close(&s1);

    /* S5 with its entry of term 3: (d) wins S3's vote before S3 holds the barrier, (e) not after.
     */
    for (uint64_t barrier = 0; barrier < 2; barrier++) {
        struct ehr_raft_hand s3;
        ehr_raft_hand_open(&s3, 5, 2, 3, 0, log, 2);
        if (barrier)
            ehr_raft_hand_append(
                &s3, &(struct ehr_raft_hand_append){
                         .from = 0, .term = 4, .prev = 2, .prev_term = 2, .end_term = 4});
        ehr_raft_hand_ask(&s3, 4, EHR_ENGINE_RAFT_VOTE, 5, 3, 2);
        CU_ASSERT_EQUAL(ehr_raft_hand_yes(ehr_raft_hand_sent(&s3, EHR_ENGINE_RAFT_VOTE_REPLY)),
                        !barrier);
        ehr_raft_hand_close(&s3);
    }
}

static void duplicates_are_counted_once_when_replies_repeat(void)
{
    static const uint64_t log[] = {1, 2};
    struct ehr_raft_hand hand;
    ehr_raft_hand_open(&hand, 5, 0, 3, 0, log, 2);
    ehr_raft_hand_elect(&hand);
    for (uint32_t i = 0; i < 4; i++)
        ehr_raft_hand_reply(&hand, 1, 4, true, 2, 4, 2);
    CU_ASSERT_EQUAL(hand.committed, 0);
    ehr_raft_hand_reply(&hand, 3, 4, true, 2, 4, 2);
    CU_ASSERT_EQUAL(hand.committed, 2);
    ehr_raft_hand_close(&hand);
}

static void bodies_are_refused_when_malformed(void)
{
    static const uint64_t falling[] = {3, 2};
    struct ehr_raft_hand hand;
    ehr_raft_hand_open(&hand, 5, 1, 4, 0, NULL, 0);
    ehr_raft_hand_append(&hand,
                         &(struct ehr_raft_hand_append){
                             .from = 0, .term = 4, .end_term = 3, .terms = falling, .count = 2});
    CU_ASSERT_EQUAL(hand.effects.count, 0);
    uint8_t body[30] = {0};
    struct ehr_engine_message message = {.type = EHR_ENGINE_RAFT_APPEND, .view = 4, .body = body};
    for (uint32_t length = 1; length <= sizeof(body); length++) {
        message.body_length = length;
        ehr_raft_hand_receive(&hand, &message);
        CU_ASSERT_EQUAL(hand.effects.count > 0, length == 29);
    }
    uint8_t more[29 + 17 * 40] = {[25] = 17}; /* entries; the window is 16 */
    message.body = more;
    message.body_length = sizeof(more);
    ehr_raft_hand_receive(&hand, &message);
    CU_ASSERT_EQUAL(hand.effects.count, 0);
    message.body = body;
    body[24] = 2; /* a flag is 0 or 1 */
    message.body_length = 29;
    ehr_raft_hand_receive(&hand, &message);
    CU_ASSERT_EQUAL(hand.effects.count, 0);
    ehr_raft_hand_close(&hand);
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }

static const struct ehr_unit_case cases[] = {
    CASE(decision_takes_2_n_minus_1_messages_and_a_notice_when_idle),
    CASE(notices_are_saved_when_blocks_follow_each_other),
    CASE(first_election_takes_four_delays_when_nothing_fails),
    CASE(heartbeats_go_to_all_when_nothing_happens),
    CASE(leader_decides_in_two_delays_and_followers_in_three),
    CASE(every_size_decides_when_n_is_1_to_12),
    CASE(window_bounds_the_pipeline_when_nobody_answers),
    CASE(next_leader_keeps_what_was_in_flight_when_one_crashes),
    CASE(leader_steps_down_when_a_majority_is_silent),
    CASE(late_replica_gets_entries_or_a_state_by_how_late_it_is),
    CASE(records_are_forgotten_when_the_chain_grows),
    CASE(everything_is_still_there_when_all_have_restarted),
    CASE(runs_are_identical_when_the_seed_is),
    CASE(election_timeouts_differ_when_replicas_do),
    CASE(follower_logs_meet_the_leaders_when_they_part_as_in_figure_7),
    CASE(earlier_terms_wait_for_the_barrier_as_in_figure_8),
    CASE(duplicates_are_counted_once_when_replies_repeat),
    CASE(bodies_are_refused_when_malformed),
};

EHR_UNIT_MAIN("raft", cases)
