/* What a seed decides before its run: the cluster, the engine's parameters, the network and how
 * much there is of each kind of fault. Whole kinds are off in most seeds, others are frequent
 * (swarm testing: Groce et al., ISSTA'12). Not the schedule itself, which is on the tape. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_SETUP_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_SETUP_H

#include "sim/consensus/engine.h"
#include "tests/simulation/campaign/tape.h"

#include <stdio.h>

enum { EHR_SETUP_REPLICAS_MAX = 10 };

/* Kinds of fault; a seed and a command line name them. */
enum ehr_fault {
    EHR_FAULT_LOSS,
    EHR_FAULT_DUPLICATION,
    EHR_FAULT_REORDER,   /* delays differ from message to message */
    EHR_FAULT_LINKS,     /* ... and from link to link */
    EHR_FAULT_REPLAY,    /* old messages come again, long after */
    EHR_FAULT_PARTITION, /* the cluster falls into groups */
    EHR_FAULT_ISOLATE,   /* one replica hears and says nothing */
    EHR_FAULT_ONEWAY,    /* a link fails in one direction */
    EHR_FAULT_CRASH,     /* between any two effects */
    EHR_FAULT_POWER,     /* everybody crashes */
    EHR_FAULT_SLOW,      /* a replica's messages are late for a while */
    EHR_FAULT_HUNT,      /* the leader, or who has just committed, is the victim */
    EHR_FAULT_LIES,      /* Byzantine: engine-aware lies */
    EHR_FAULT_GARBAGE,   /* Byzantine: bytes of bodies changed at random */
    EHR_FAULT_TWINS,     /* Byzantine: two copies with one key (Bano et al. 2020) */
    EHR_FAULT_ABSENT,    /* some stay down for good; the others have to go on */
    EHR_FAULT_SYNC,      /* no fault: nodes get blocks from peers, behind their engines' backs */
    EHR_FAULTS,
};

enum ehr_workload { EHR_WORKLOAD_TRICKLE, EHR_WORKLOAD_BURSTS, EHR_WORKLOAD_IDLE };
enum ehr_delay_shape { EHR_DELAY_UNIFORM, EHR_DELAY_TAIL, EHR_DELAY_TWO };

struct ehr_setup {
    const struct ehr_engine_type *type;
    uint64_t seed;
    struct ehr_engine_config config; /* `self` is of no meaning here */
    bool trusting;                   /* the engine tolerates no lies */
    bool macs;                       /* what the engine calls pairwise comes without a signature */
    uint16_t liars;                  /* Byzantine replicas, the first of them twins */
    uint16_t twins;
    uint32_t kinds;            /* bit 1 << kind: may happen */
    uint32_t rate[EHR_FAULTS]; /* of 65536: messages, rounds or steps; 0: off */
    uint32_t rounds;           /* of the safety phase */
    uint64_t round_ns_max;
    enum ehr_workload workload;
    uint32_t requests_max;
    bool everybody_told; /* a request goes to all replicas at once, not to some first */
    enum ehr_delay_shape shape;
    uint64_t delay_min_ns, delay_range_ns;
    uint64_t build_ns, execute_ns, transfer_ns; /* what the node takes */
    uint32_t down_max;                          /* replicas down at a time, but for power cuts */
};

/* What a command line may take away, for replays and for shrinking. */
struct ehr_setup_less {
    uint32_t without;  /* kinds that do not happen, bits */
    uint16_t replicas; /* 0: as drawn */
    bool requests_limited;
    uint32_t requests, rounds; /* at most; rounds 0: as drawn */
};

/* All of it is a function of the arguments. */
void ehr_setup_draw(struct ehr_setup *setup, const struct ehr_engine_type *type, uint64_t seed,
                    const struct ehr_setup_less *less);
/* The fixed setup of measurements: n = 4, 100 requests, all kinds. */
void ehr_setup_full(struct ehr_setup *setup, const struct ehr_engine_type *type, uint64_t seed);
bool ehr_setup_has(const struct ehr_setup *setup, enum ehr_fault kind);
/* Smallest cluster that is drawn for the engine. */
uint16_t ehr_setup_replicas_min(const struct ehr_engine_type *type);

const char *ehr_fault_name(enum ehr_fault kind);
/* EHR_FAULTS if there is none of the name. */
enum ehr_fault ehr_fault_find(const char *name, size_t length);
/* One line for people. */
void ehr_setup_print(FILE *out, const struct ehr_setup *setup);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_SETUP_H */
