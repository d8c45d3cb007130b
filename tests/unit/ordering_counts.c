/* What the protocols say, counted on the whole stack: messages per decision (the figures under
 * docs/validation: 24, 84, 180 replica messages for n = 4, 7, 10, and so on) and one-way delays, on
 * a network of uniform latency, unlimited bandwidth and zero computing. The hand calculation stands
 * beside each measured value. */
#include <stdio.h>

#include "tests/lab/ordering.h"
#include "tests/unit/unit.h"

enum { DECISIONS = 10 };
static const uint64_t one_way_ns = 10000000;

static struct ehr_lab_result run(enum ehr_fidelity fidelity, const char *engine, uint32_t n,
                                 enum ehr_engine_votes votes)
{
    const struct ehr_lab_config config = {.engine = engine,
                                          .fidelity = fidelity,
                                          .replicas = n,
                                          .votes = votes,
                                          .batch = 1,
                                          .outstanding = 1,
                                          .requests = DECISIONS,
                                          .one_way_ns = one_way_ns,
                                          .checkpoint_interval = 128,
                                          .linger_ns = 5 * one_way_ns};
    struct ehr_lab_result result;
    CU_ASSERT_TRUE_FATAL(ehr_lab_run_forked(&config, &result));
    CU_ASSERT_EQUAL(result.answered, DECISIONS);
    CU_ASSERT_EQUAL(result.blocks, DECISIONS);
    return result;
}

static const char *const fidelity_names[] = {"", "flow", "queue", "delay"};

static void check_counts(enum ehr_fidelity fidelity, uint32_t n)
{
    struct ehr_lab_result r = run(fidelity, "pbft", n, EHR_ENGINE_VOTES_BACKUPS);
    uint64_t replicas = r.type_sent[EHR_MSG_CONSENSUS] / DECISIONS;
    uint64_t all = r.messages / DECISIONS;
    printf("\n    %-5s n %2u  pbft, votes of backups: 2n(n-1) = %3u, counted %3llu; with one "
           "client 2n^2-n+1 = %3u, counted %3llu",
           fidelity_names[fidelity], n, 2 * n * (n - 1), (unsigned long long)replicas,
           2 * n * n - n + 1, (unsigned long long)all);
    CU_ASSERT_EQUAL(r.type_sent[EHR_MSG_CONSENSUS], DECISIONS * 2 * n * (n - 1));
    CU_ASSERT_EQUAL(r.messages, DECISIONS * (2 * n * n - n + 1));
    r = run(fidelity, "pbft", n, EHR_ENGINE_VOTES_ALL);
    printf("\n    %-5s n %2u  pbft, votes of all: (n-1)(2n+1) = %3u, counted %3llu",
           fidelity_names[fidelity], n, (n - 1) * (2 * n + 1),
           (unsigned long long)(r.type_sent[EHR_MSG_CONSENSUS] / DECISIONS));
    CU_ASSERT_EQUAL(r.type_sent[EHR_MSG_CONSENSUS], DECISIONS * (n - 1) * (2 * n + 1));
}

static void message_counts_are_published_when_no_fault(void)
{
    static const enum ehr_fidelity fidelities[] = {EHR_FIDELITY_FLOW, EHR_FIDELITY_QUEUE,
                                                   EHR_FIDELITY_DELAY};
    static const uint32_t sizes[] = {4, 7, 10};
    for (size_t f = 0; f < 3; f++)
        for (size_t i = 0; i < 3; i++)
            check_counts(fidelities[f], sizes[i]);
    printf("\n");
}

/* pre-prepare, prepare, commit: 3 delays until the primary has committed; a request before and a
 * reply after: 5 until the client knows. In flow, copy k of a broadcast leaves k ns later: at most
 * n ns for each of the three broadcasts. */
static void check_delays(enum ehr_fidelity fidelity, uint32_t n)
{
    struct ehr_lab_result r = run(fidelity, "pbft", n, EHR_ENGINE_VOTES_BACKUPS);
    uint64_t slack = fidelity == EHR_FIDELITY_FLOW ? 3u * n : 0;
    for (uint32_t i = 0; i < DECISIONS; i++) {
        uint64_t decision = r.committed_ns[i] - r.proposed_ns[i];
        if (i == 0)
            printf("\n    %-5s n %2u  decision at the primary: 3 x 10 ms = 30000000 ns, measured "
                   "%llu; request to f+1 replies: 5 x 10 ms, measured %llu",
                   fidelity_names[fidelity], n, (unsigned long long)decision,
                   (unsigned long long)r.latency_ns[i]);
        CU_ASSERT(decision >= 3 * one_way_ns && decision <= 3 * one_way_ns + slack);
        CU_ASSERT(r.latency_ns[i] >= 5 * one_way_ns && r.latency_ns[i] <= 5 * one_way_ns + slack);
    }
}

static void decisions_take_the_delays_of_the_protocol(void)
{
    static const uint32_t sizes[] = {4, 7, 10};
    for (size_t i = 0; i < 3; i++) {
        check_delays(EHR_FIDELITY_FLOW, sizes[i]);
        check_delays(EHR_FIDELITY_QUEUE, sizes[i]);
        check_delays(EHR_FIDELITY_DELAY, sizes[i]);
    }
    printf("\n");
}

/* solo: request, decision of the sequencer, reply: 2 delays when the sequencer's own reply counts.
 * One message to each follower a block. */
static void solo_takes_two_delays(void)
{
    struct ehr_lab_result r = run(EHR_FIDELITY_DELAY, "solo", 4, EHR_ENGINE_VOTES_BACKUPS);
    CU_ASSERT_EQUAL(r.type_sent[EHR_MSG_CONSENSUS], DECISIONS * 3);
    for (uint32_t i = 0; i < DECISIONS; i++) /* f+1 = 2 replies: the second is a follower's */
        CU_ASSERT_EQUAL(r.latency_ns[i], 3 * one_way_ns);
}

/* raft: entry and acknowledgement: 2 delays at the leader, 2(n-1) messages; with one request at a
 * time (n-1) more that tell the followers, one delay later. Request and reply around it: 5 delays
 * until f+1 = 2 replies, the second a follower's. Before that the election: pre-vote and vote there
 * and back, the barrier and its acknowledgement; the first request waits for it: 4 delays. */
static void raft_takes_two_delays_after_its_election(void)
{
    static const uint32_t sizes[] = {4, 7};
    for (size_t s = 0; s < 2; s++) {
        uint32_t n = sizes[s];
        struct ehr_lab_result r = run(EHR_FIDELITY_DELAY, "raft", n, EHR_ENGINE_VOTES_BACKUPS);
        CU_ASSERT_EQUAL(r.type_sent[EHR_MSG_CONSENSUS], (n - 1) * (6 + DECISIONS * 3));
        CU_ASSERT_EQUAL(r.latency_ns[0], (4 + 4) * one_way_ns); /* there when it leads, at 4 */
        for (uint32_t i = 1; i < DECISIONS; i++) {
            CU_ASSERT_EQUAL(r.committed_ns[i] - r.proposed_ns[i], 2 * one_way_ns);
            CU_ASSERT_EQUAL(r.latency_ns[i], 5 * one_way_ns);
        }
        printf(
            "\n    delay n %2u  raft: (n-1)(6 + 3 x 10) = %3u, counted %3llu; decision 2 x 10 ms, "
            "measured %llu; request to f+1 replies: 5 x 10 ms, measured %llu; first %llu\n",
            n, (n - 1) * (6 + DECISIONS * 3), (unsigned long long)r.type_sent[EHR_MSG_CONSENSUS],
            (unsigned long long)(r.committed_ns[1] - r.proposed_ns[1]),
            (unsigned long long)r.latency_ns[1], (unsigned long long)r.latency_ns[0]);
    }
}

static const struct ehr_unit_case cases[] = {
    {"message_counts_are_published_when_no_fault", message_counts_are_published_when_no_fault},
    {"decisions_take_the_delays_of_the_protocol", decisions_take_the_delays_of_the_protocol},
    {"solo_takes_two_delays", solo_takes_two_delays},
    {"raft_takes_two_delays_after_its_election", raft_takes_two_delays_after_its_election},
};

EHR_UNIT_MAIN("ordering counts", cases)
