/* A small consortium for tests of roles: two hospitals with a doctor and four private nodes each,
 * four alliance nodes that are the proxies (3 of 4), one data user, three patients. Chain nodes are
 * the real ones (PBFT). The workload is a recorder: a test begins requests itself. */
#ifndef EHR_TESTS_ROLE_WORLD_H
#define EHR_TESTS_ROLE_WORLD_H

#include "actors/directory.h"
#include "actors/hospital.h"
#include "actors/marks.h"
#include "actors/roles.h"
#include "tests/simulation/effects_loop.h"

enum {
    ROLE_WORLD_HOSPITALS = 2,
    ROLE_WORLD_REPLICAS = 4,
    ROLE_WORLD_PATIENTS = 3, /* at home at hospital 0, 0, 1 */
    ROLE_WORLD_REQUESTS = 64,
    ROLE_WORLD_MARK_KINDS = 32
};

/* What was reported of a request. */
struct role_request {
    uint32_t closed, timed_out, ended, blamed, identical, durable, shared;
    enum ehr_reply reply; /* of the first CLOSE or TIMEOUT */
    uint8_t grant_id[32];
    uint32_t blamed_node;
    uint32_t phases[EHR_PHASE_END]; /* how often each began */
};

struct role_world {
    struct ehr_loop *loop;
    struct ehr_directory directory;
    struct role_request requests[ROLE_WORLD_REQUESTS];
    uint32_t dropped; /* marks */
    /* Set by a test: sees every message that travels, as in effects_loop.h. */
    struct ehr_message *(*travel)(void *context, uint32_t from, struct ehr_address to,
                                  struct ehr_message *message);
    void *context;
    struct ehr_node *servers[ROLE_WORLD_HOSPITALS];
    struct role_private *private; /* role_world.c */
};

/* Consent is the probability with which patients grant. */
struct role_world *role_world_new(double consent);
/* The same, with another kind of search than sealed queries of one keyword in a dictionary. */
struct role_search {
    bool scan, broadcast;
    uint32_t keywords; /* of a retrieval */
};
struct role_world *role_world_new_searching(double consent, const struct role_search *search);
/* Checks that messages, blobs and transactions are all given back; returns whether they are. */
bool role_world_free(struct role_world *world);

/* Keys of the party on a node: for tests that play a faulty one. */
const struct ehr_secrets *role_world_secrets(const struct role_world *world, uint32_t node);

/* Makes record `index` of the world's cases; the caller closes it. */
void role_world_record(const struct role_world *world, uint32_t index, struct ehr_record *record);

struct ehr_address role_world_patient(const struct role_world *world, uint32_t h, uint32_t patient);
/* A message from the workload. */
void role_world_post(struct role_world *world, struct ehr_address to, struct ehr_message *take);
/* Until nothing is left to do, or `seconds` more have passed. */
void role_world_run(struct role_world *world, double seconds);

/* Begin a request (its id is the test's choice, 1 .. ROLE_WORLD_REQUESTS - 1). */
void role_world_enrol(struct role_world *world, uint32_t request, uint32_t h, uint32_t patient);
void role_world_visit(struct role_world *world, uint32_t request, uint32_t h, uint32_t patient,
                      uint32_t record);
void role_world_retrieve(struct role_world *world, uint32_t request, uint32_t h, uint32_t patient,
                         uint32_t visit, uint32_t record);
void role_world_share(struct role_world *world, uint32_t request, uint32_t patient, uint32_t visit,
                      uint32_t record);
void role_world_revoke(struct role_world *world, uint32_t request, uint32_t patient,
                       const uint8_t grant_id[32]);

#endif /* EHR_TESTS_ROLE_WORLD_H */
