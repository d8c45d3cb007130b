/* Everything that is agreed before the first message: who takes part, with which keys and
 * certificates, on which host and under which number; the chains, still empty, and their contracts.
 * Derived from (seed, replication, names) alone. It makes no roles and runs nothing (world.h).
 * Sources: crypto.md a, g, h; the order of nodes is the order of their numbers in the kernel. */
#ifndef EHR_APP_GENESIS_H
#define EHR_APP_GENESIS_H

#include <stdint.h>

#include "actors/directory.h"
#include "actors/registrar.h"
#include "crypto/drbg.h"
#include "sim/consensus/engine.h"
#include "sim/contract/chain.h"
#include "sim/scenario/scenario.h"

/* A party with keys: what its node is made of. */
struct ehr_identity {
    char *name;
    uint32_t node; /* number in the kernel */
    uint32_t host; /* of the platform */
    struct ehr_secrets secrets;
    struct ehr_drbg rng; /* crypto stream */
};

/* A chain with the identities of its committee (directory: the public part). */
struct ehr_genesis_chain {
    struct ehr_committee *committee;
    struct ehr_identity *nodes; /* committee->count */
    struct ehr_chain *chain;
    const struct ehr_engine_type *engine;
    struct ehr_engine_config config; /* self is set per node */
    bool macs;                       /* beside signatures */
    bool bare;                       /* proves nothing to outsiders: none use the chain */
    struct ehr_effects effects;      /* scratch of the committee */
};

struct ehr_genesis_hospital {
    struct ehr_identity server;
    uint8_t card_secret[32];
    struct ehr_genesis_chain chain;
    struct ehr_identity *doctors;
    char *place_name;
    uint32_t place_host;
};

/* An issuer that revokes certificates in the run. */
struct ehr_genesis_office {
    char *name;
    uint32_t host;
    uint32_t hospital; /* UINT32_MAX: the root's */
    struct ehr_registrar_order *orders;
    uint32_t order_count;
};

/* The clients of one <ordering>. */
struct ehr_genesis_order {
    struct ehr_committee committee; /* as they see it: with the quorum they wait for */
    uint32_t first;                 /* node; the others follow */
    char **names;
    uint32_t *hosts;
    uint32_t clients;
};

struct ehr_genesis {
    struct ehr_directory directory;
    struct ehr_secrets root;
    struct ehr_genesis_chain alliance;
    struct ehr_genesis_hospital *hospitals;
    struct ehr_identity *data_users;
    struct ehr_genesis_office *offices; /* behind the data users */
    uint32_t office_count;
    struct ehr_genesis_order *orders; /* behind the offices, before the workload */
    uint32_t order_count;
    uint32_t *patient_home;
    uint32_t node_count; /* of all nodes; the workload is the last */
};

/* `scenario` is placed (ehr_scenario_place) and borrowed. `patient_home` of `patient_count`
 * patients is copied. */
struct ehr_genesis *ehr_genesis_new(const struct ehr_scenario *scenario, uint64_t seed,
                                    uint32_t replication, const uint32_t *patient_home,
                                    uint32_t patient_count);
/* Accepts NULL. Wipes secrets. After the nodes that borrow from it. */
void ehr_genesis_free(struct ehr_genesis *genesis);

/* ---- genesis_offices.c ---- */
void ehr_genesis_offices_make(struct ehr_genesis *genesis, const struct ehr_scenario *scenario);
void ehr_genesis_offices_free(struct ehr_genesis *genesis);

/* ---- genesis_orders.c ---- */
/* Once all chains stand: seats for the clients of raw requests, which those chains then accept. */
void ehr_genesis_orders_make(struct ehr_genesis *genesis, const struct ehr_scenario *scenario);
void ehr_genesis_orders_free(struct ehr_genesis *genesis);
/* Matching replies that `wanted` (EHR_SCENARIO_QUORUM_ or a number) means on the chain. */
uint32_t ehr_genesis_quorum(const struct ehr_genesis_chain *chain, uint32_t wanted);

/* The chain with this number: 0 the alliance's, 1 + h that of hospital h. */
struct ehr_genesis_chain *ehr_genesis_chain_of(struct ehr_genesis *genesis, uint32_t number);

/* A chain of the same rules with nothing on it; the caller's, before the genesis is freed. */
struct ehr_chain *ehr_genesis_chain_new(const struct ehr_genesis *genesis, uint32_t number);

#endif /* EHR_APP_GENESIS_H */
