/* What the protocols say, counted on the whole stack: messages per decision and one-way delays, on
 * a network of uniform latency, unlimited bandwidth and zero computing. The hand calculation stands
 * beside each measured value. Figures published for n = 4, 7, 10 (docs/consensus.md): PBFT 24, 84,
 * 180 among replicas, 29, 92, 191 with one client, 27, 90, 189 with votes of all. */
#include <stdio.h>
#include <string.h>

#include "tests/lab/ordering.h"
#include "tests/unit/unit.h"

enum { DECISIONS = 10 };
static const uint64_t one_way_ns = 10000000;
static const uint32_t sizes[] = {4, 7, 10, 16, 31, 64};
enum { SIZES = sizeof sizes / sizeof sizes[0] };
static const char *const fidelity_names[] = {"", "flow", "queue", "delay"};

static struct ehr_lab_result run(struct ehr_lab_config config)
{
    config.batch = 1;
    config.outstanding = config.outstanding == 0 ? 1 : config.outstanding;
    config.requests = config.requests == 0 ? DECISIONS : config.requests;
    config.votes = config.votes == 0 ? EHR_ENGINE_VOTES_BACKUPS : config.votes;
    config.one_way_ns = one_way_ns;
    config.checkpoint_interval = 128;
    config.linger_ns = 5 * one_way_ns;
    struct ehr_lab_result result;
    CU_ASSERT_TRUE_FATAL(ehr_lab_run_forked(&config, &result));
    CU_ASSERT_EQUAL(result.answered, config.requests);
    CU_ASSERT_EQUAL(result.blocks, config.requests);
    return result;
}

/* Prints one row and compares. */
static void check(const char *what, enum ehr_fidelity fidelity, uint32_t n, const char *formula,
                  uint64_t by_hand, uint64_t measured)
{
    printf("\n    %-5s n %2u  %s: %s = %llu, measured %llu", fidelity_names[fidelity], n, what,
           formula, (unsigned long long)by_hand, (unsigned long long)measured);
    CU_ASSERT_EQUAL(measured, by_hand);
}

/* In flow SimGrid moves each of n^2 messages as a flow of its own: small n are enough. */
static bool worth_it(enum ehr_fidelity fidelity, uint32_t n)
{
    return fidelity != EHR_FIDELITY_FLOW || n <= 10;
}

static void check_pbft_counts(enum ehr_fidelity fidelity, uint32_t n)
{
    struct ehr_lab_result r =
        run((struct ehr_lab_config){.engine = "pbft", .fidelity = fidelity, .replicas = n});
    check("pbft, votes of backups, 10 decisions among replicas", fidelity, n, "10 x 2n(n-1)",
          (uint64_t)DECISIONS * 2 * n * (n - 1), r.type_sent[EHR_MSG_CONSENSUS]);
    check("pbft, votes of backups, 10 decisions with one client", fidelity, n, "10 x (2n^2-n+1)",
          (uint64_t)DECISIONS * (2 * n * n - n + 1), r.messages);
    r = run((struct ehr_lab_config){
        .engine = "pbft", .fidelity = fidelity, .replicas = n, .votes = EHR_ENGINE_VOTES_ALL});
    check("pbft, votes of all, 10 decisions among replicas", fidelity, n, "10 x (n-1)(2n+1)",
          (uint64_t)DECISIONS * (n - 1) * (2 * n + 1), r.type_sent[EHR_MSG_CONSENSUS]);
}

static void pbft_counts_are_published_when_no_fault(void)
{
    for (enum ehr_fidelity f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++)
        for (size_t i = 0; i < SIZES; i++)
            if (worth_it(f, sizes[i]))
                check_pbft_counts(f, sizes[i]);
    printf("\n");
}

/* Messages among replicas of the second ten of twenty blocks that follow each other, all requests
 * being there from the beginning: without what the first and the last blocks cost more. */
static uint64_t in_a_row(struct ehr_lab_config config)
{
    uint64_t sent[2];
    for (uint32_t i = 0; i < 2; i++) {
        config.requests = config.outstanding = (i + 1) * DECISIONS;
        sent[i] = run(config).type_sent[EHR_MSG_CONSENSUS];
    }
    return sent[1] - sent[0];
}

static void chained_counts_are_linear_when_blocks_follow_each_other(void)
{
    static const enum ehr_fidelity fidelities[] = {EHR_FIDELITY_QUEUE, EHR_FIDELITY_DELAY};
    for (size_t f = 0; f < 2; f++) {
        for (size_t i = 0; i < SIZES; i++) {
            struct ehr_lab_config config = {.fidelity = fidelities[f], .replicas = sizes[i]};
            uint64_t by_hand = (uint64_t)DECISIONS * 2 * (sizes[i] - 1);
            config.engine = "raft";
            check("raft, 10 entries in a row", config.fidelity, sizes[i], "10 x 2(n-1)", by_hand,
                  in_a_row(config));
            config.engine = "hotstuff";
            check("hotstuff, 10 blocks in a row", config.fidelity, sizes[i], "10 x 2(n-1)", by_hand,
                  in_a_row(config));
            config.two_chain = true;
            check("hotstuff, two chains, 10 blocks in a row", config.fidelity, sizes[i],
                  "10 x 2(n-1)", by_hand, in_a_row(config));
            config.fixed_leader = true;
            check("hotstuff, two chains, one leader, 10 blocks in a row", config.fidelity, sizes[i],
                  "10 x 2(n-1)", by_hand, in_a_row(config));
        }
    }
    printf("\n");
}

/* A block alone: its own round, a round for each of the k certificates after it that commit or show
 * the commit, all of empty nodes: k + 1 proposals to n-1 and as many votes of n-1. */
static void hotstuff_block_alone_costs_its_empty_nodes(void)
{
    for (size_t i = 0; i < SIZES; i++) {
        struct ehr_lab_config config = {.engine = "hotstuff",
                                        .fidelity = EHR_FIDELITY_DELAY,
                                        .replicas = sizes[i],
                                        .requests = 1};
        check("hotstuff, a block alone", config.fidelity, sizes[i], "8(n-1)", 8ull * (sizes[i] - 1),
              run(config).type_sent[EHR_MSG_CONSENSUS]);
        config.two_chain = true;
        check("hotstuff, two chains, a block alone", config.fidelity, sizes[i], "6(n-1)",
              6ull * (sizes[i] - 1), run(config).type_sent[EHR_MSG_CONSENSUS]);
    }
    printf("\n");
}

/* pre-prepare, prepare, commit: 3 delays until the primary has committed; a request before and a
 * reply after: 5 until the client knows. In flow, copy k of a broadcast leaves k ns later: at most
 * n ns for each of the three broadcasts. */
static void check_pbft_delays(enum ehr_fidelity fidelity, uint32_t n)
{
    struct ehr_lab_result r =
        run((struct ehr_lab_config){.engine = "pbft", .fidelity = fidelity, .replicas = n});
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

static void pbft_takes_three_delays(void)
{
    for (enum ehr_fidelity f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++)
        for (size_t i = 0; i < SIZES; i++)
            if (worth_it(f, sizes[i]))
                check_pbft_delays(f, sizes[i]);
    printf("\n");
}

/* hotstuff: k rounds of proposal and vote make the k certificates that commit: 2k delays after its
 * proposal a block is committed by the leader who made the last of them, 2k + 1 everywhere, when
 * that leader's next proposal shows it. With the request before and the reply after: the leader's
 * reply is one, those of the others come 2k + 3 delays after the request. Requests that are all
 * there at once: a block every two delays, so request i (from 0) waits 2i more. */
static void check_hotstuff_delays(struct ehr_lab_config config)
{
    uint64_t chains = config.two_chain ? 2 : 3;
    config.engine = "hotstuff";
    config.requests = config.outstanding = DECISIONS;
    struct ehr_lab_result r = run(config);
    for (uint32_t i = 0; i < DECISIONS; i++) {
        CU_ASSERT_EQUAL(r.proposed_ns[i], (1 + 2 * i) * one_way_ns);
        CU_ASSERT_EQUAL(r.committed_first_ns[i] - r.proposed_ns[i], 2 * chains * one_way_ns);
        CU_ASSERT_EQUAL(r.committed_last_ns[i] - r.proposed_ns[i], (2 * chains + 1) * one_way_ns);
        CU_ASSERT_EQUAL(r.latency_ns[i], (2 * chains + 3 + 2 * i) * one_way_ns);
    }
    printf("\n    %-5s n %2u  hotstuff, %llu chains, %s: decision %llu x 10 ms, measured %llu; "
           "everywhere %llu x 10 ms, measured %llu; request to f+1 replies: %llu x 10 ms, "
           "measured %llu",
           fidelity_names[config.fidelity], config.replicas, (unsigned long long)chains,
           config.fixed_leader ? "one leader" : "leaders in turn", (unsigned long long)(2 * chains),
           (unsigned long long)(r.committed_first_ns[0] - r.proposed_ns[0]),
           (unsigned long long)(2 * chains + 1),
           (unsigned long long)(r.committed_last_ns[0] - r.proposed_ns[0]),
           (unsigned long long)(2 * chains + 3), (unsigned long long)r.latency_ns[0]);
}

static void hotstuff_takes_two_delays_a_chain(void)
{
    for (size_t i = 0; i < SIZES; i++) {
        for (uint32_t variant = 0; variant < 8; variant++) {
            check_hotstuff_delays((struct ehr_lab_config){
                .replicas = sizes[i],
                .fidelity = (variant & 4) != 0 ? EHR_FIDELITY_QUEUE : EHR_FIDELITY_DELAY,
                .two_chain = (variant & 1) != 0,
                .fixed_leader = (variant & 2) != 0});
        }
    }
    printf("\n");
}

/* solo: request, decision of the sequencer, reply: 2 delays when the sequencer's own reply counts.
 * One message to each follower a block. */
static void solo_takes_two_delays(void)
{
    struct ehr_lab_result r = run(
        (struct ehr_lab_config){.engine = "solo", .fidelity = EHR_FIDELITY_DELAY, .replicas = 4});
    CU_ASSERT_EQUAL(r.type_sent[EHR_MSG_CONSENSUS], DECISIONS * 3);
    for (uint32_t i = 0; i < DECISIONS; i++) /* f+1 = 2 replies: the second is a follower's */
        CU_ASSERT_EQUAL(r.latency_ns[i], 3 * one_way_ns);
}

/* raft: entry and acknowledgement: 2 delays at the leader, 2(n-1) messages; with one request at a
 * time (n-1) more that tell the followers, one delay later. Request and reply around it: 5 delays
 * until f+1 replies, all but one of them followers'. Before that the election: pre-vote and vote
 * there and back, the barrier and its acknowledgement; the first request waits for it: 4 delays. */
static void check_raft(enum ehr_fidelity fidelity, uint32_t n)
{
    struct ehr_lab_result r =
        run((struct ehr_lab_config){.engine = "raft", .fidelity = fidelity, .replicas = n});
    check("raft, election and 10 entries, each alone", fidelity, n, "(n-1)(6 + 3 x 10)",
          (uint64_t)(n - 1) * (6 + DECISIONS * 3), r.type_sent[EHR_MSG_CONSENSUS]);
    CU_ASSERT_EQUAL(r.latency_ns[0], (4 + 4) * one_way_ns); /* there when it leads, at 4 */
    for (uint32_t i = 1; i < DECISIONS; i++) {
        CU_ASSERT_EQUAL(r.committed_ns[i] - r.proposed_ns[i], 2 * one_way_ns);
        CU_ASSERT_EQUAL(r.committed_last_ns[i] - r.proposed_ns[i], 3 * one_way_ns);
        CU_ASSERT_EQUAL(r.latency_ns[i], 5 * one_way_ns);
    }
    printf("\n    %-5s n %2u  raft: decision 2 x 10 ms, measured %llu; request to f+1 replies: 5 x "
           "10 ms, measured %llu; first %llu",
           fidelity_names[fidelity], n, (unsigned long long)(r.committed_ns[1] - r.proposed_ns[1]),
           (unsigned long long)r.latency_ns[1], (unsigned long long)r.latency_ns[0]);
}

static void raft_takes_two_delays_after_its_election(void)
{
    for (size_t i = 0; i < SIZES; i++) {
        check_raft(EHR_FIDELITY_QUEUE, sizes[i]);
        check_raft(EHR_FIDELITY_DELAY, sizes[i]);
    }
    printf("\n");
}

static const struct ehr_unit_case cases[] = {
    {"pbft_counts_are_published_when_no_fault", pbft_counts_are_published_when_no_fault},
    {"chained_counts_are_linear_when_blocks_follow_each_other",
     chained_counts_are_linear_when_blocks_follow_each_other},
    {"hotstuff_block_alone_costs_its_empty_nodes", hotstuff_block_alone_costs_its_empty_nodes},
    {"pbft_takes_three_delays", pbft_takes_three_delays},
    {"hotstuff_takes_two_delays_a_chain", hotstuff_takes_two_delays_a_chain},
    {"solo_takes_two_delays", solo_takes_two_delays},
    {"raft_takes_two_delays_after_its_election", raft_takes_two_delays_after_its_election},
};

EHR_UNIT_MAIN("ordering counts", cases)
