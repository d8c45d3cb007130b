/* One engine whose peers are the test's hands: every other replica is down, and the test sends what
 * it likes in their names. Counts what the engine does. */
#ifndef EHR_TESTS_SIMULATION_ENGINE_PUPPET_H
#define EHR_TESTS_SIMULATION_ENGINE_PUPPET_H

#include "tests/simulation/engine_cluster.h"

enum { EHR_PUPPET_MS = 1000000 };

struct ehr_puppet {
    struct ehr_cluster *cluster;
    uint16_t replica;
    /* By message type, since the last ehr_puppet_reset. */
    uint32_t sent[EHR_ENGINE_MESSAGE_TYPES];
    uint32_t persisted[EHR_ENGINE_MESSAGE_TYPES];
    uint32_t committed, proposed, fetched;
    uint64_t view;           /* of the last message sent */
    struct ehr_digest block; /* last committed */
    /* What the last NEW_VIEW sent carries. */
    struct ehr_digest carried[8];
    uint32_t carried_count;
};

/* Takes the options' cluster and leaves only `replica` alive. */
void ehr_puppet_open(struct ehr_puppet *puppet, const struct ehr_cluster_options *options,
                     uint16_t replica);
void ehr_puppet_close(struct ehr_puppet *puppet);
void ehr_puppet_reset(struct ehr_puppet *puppet);
/* A fixed-size message from a peer, handled before the call returns. */
void ehr_puppet_send(struct ehr_puppet *puppet, uint16_t from, uint8_t type, uint64_t view,
                     uint64_t height, const struct ehr_digest *digest);
/* A view change of a peer that has prepared nothing and knows no checkpoint. */
void ehr_puppet_depart(struct ehr_puppet *puppet, uint16_t from, uint64_t view);

/* What a view change says was prepared; without signatures it needs no proof. */
struct ehr_puppet_entry {
    uint64_t height, view;
    struct ehr_digest block;
};
/* A view change of a peer at stable height 0, in a cluster without signatures. */
void ehr_puppet_depart_with(struct ehr_puppet *puppet, uint16_t from, uint64_t view,
                            const struct ehr_puppet_entry *entries, uint32_t count);

#endif /* EHR_TESTS_SIMULATION_ENGINE_PUPPET_H */
