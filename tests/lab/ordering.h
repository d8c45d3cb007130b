/* One chain alone on a uniform network: n replicas, one closed-loop client, empty requests.
 * For tests and benches that count messages and delays of a consensus; not a scenario.
 * SimGrid can be initialised once a process: so can the lab. */
#ifndef EHR_TESTS_LAB_ORDERING_H
#define EHR_TESTS_LAB_ORDERING_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/consensus/engine.h"
#include "sim/ledger/message.h"
#include "sim/network/kernel.h"

enum { EHR_LAB_BLOCKS_KEPT = 64 };

struct ehr_lab_config {
    const char *engine;
    enum ehr_fidelity fidelity;
    uint32_t replicas;
    enum ehr_engine_votes votes;
    bool signatures;
    bool two_chain, fixed_leader; /* hotstuff; requests go to every replica if leaders rotate */
    bool costs;                   /* the shipped cost table, else zero */
    uint32_t batch;               /* transactions a block */
    uint32_t outstanding;         /* requests of the client under way at a time */
    uint64_t requests;            /* in all */
    uint64_t one_way_ns;          /* between any two hosts */
    uint32_t checkpoint_interval;
    uint64_t linger_ns; /* the run ends so long after the last answer; 0: when all is silent, which
                         * an engine with heartbeats never is */
};

struct ehr_lab_result {
    enum ehr_kernel_end end;
    uint64_t answered; /* requests with f+1 matching replies */
    uint64_t blocks;   /* committed */
    uint64_t sim_ns;   /* end of the last request */
    double wall_s;     /* of the run, set-up apart */
    uint64_t messages; /* sent by anybody */
    uint64_t type_sent[EHR_MESSAGE_TYPES];
    uint64_t phase_sent[EHR_ENGINE_MESSAGE_TYPES]; /* consensus messages by engine type */
    uint64_t peak_rss_bytes;
    /* Of the second half of the requests, after everything has its size: calls of the allocator by
     * the whole process (tests/lab/heap.h), messages and processor time. */
    uint64_t late_heap_calls, late_messages;
    double late_cpu_s;
    /* of the first blocks: proposed; committed at replica 0, at the first and at the last */
    uint64_t proposed_ns[EHR_LAB_BLOCKS_KEPT], committed_ns[EHR_LAB_BLOCKS_KEPT];
    uint64_t committed_first_ns[EHR_LAB_BLOCKS_KEPT], committed_last_ns[EHR_LAB_BLOCKS_KEPT];
    /* of the first requests: from sending to f+1 replies */
    uint64_t latency_ns[EHR_LAB_BLOCKS_KEPT];
    uint64_t view_changes;
};

/* Runs the lab in this process. False with a text on stderr if it cannot be set up. */
bool ehr_lab_run(const struct ehr_lab_config *config, struct ehr_lab_result *result);
/* The same in a child process, so that a test can call it often. */
bool ehr_lab_run_forked(const struct ehr_lab_config *config, struct ehr_lab_result *result);

#endif /* EHR_TESTS_LAB_ORDERING_H */
