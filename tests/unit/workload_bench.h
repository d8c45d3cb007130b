/* The workload and parties that do nothing but end what they are asked, after a while. */
#ifndef EHR_TEST_WORKLOAD_BENCH_H
#define EHR_TEST_WORKLOAD_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "actors/workload.h"
#include "crypto/drbg.h"
#include "tests/simulation/effects_loop.h"

enum {
    HOSPITALS = 2,
    PATIENTS = 6, /* 0..2 at hospital 0, 3..5 at hospital 1 */
    DOCTORS = 2,  /* at each */
    USERS = 2,
    ASKED_MAX = 4096,
    PARTIES = HOSPITALS * (1 + DOCTORS) + USERS,
};

#define second UINT64_C(1000000000)

/* What was asked of whom, as the party heard it. */
struct heard {
    uint16_t type;
    uint32_t node, lane, request, patient, visit, record;
    uint64_t at_ns;
    uint8_t grant;
};

struct bench;

struct party {
    struct ehr_node node; /* first */
    struct bench *bench;
};

struct bench {
    struct ehr_directory directory;
    struct ehr_hospital_info hospitals[HOSPITALS];
    struct ehr_member doctors[HOSPITALS][DOCTORS];
    struct ehr_member users[USERS];
    uint32_t homes[PATIENTS];
    struct ehr_visit_plan plan;
    uint32_t planned; /* visits of each patient; UINT32_MAX: no end */
    struct ehr_workload_hooks hooks;
    struct ehr_workload_config config;
    struct ehr_drbg rng;
    struct ehr_loop *loop;
    struct party parties[PARTIES];
    struct ehr_node *workload;
    struct heard heard[ASKED_MAX];
    uint32_t heard_count;
    uint32_t opened[EHR_FLOW_END], closed[EHR_FLOW_END];
    enum ehr_flow flows[ASKED_MAX];
    uint32_t opened_count, done_count;
    uint64_t opened_ns[ASKED_MAX], done_ns;
    uint64_t takes_ns;    /* until a party ends a request */
    uint64_t enrol_ns;    /* the same for registrations */
    uint8_t visit_status; /* with which visits end */
    uint8_t enrol_status; /* and registrations */
    uint32_t open_visits[PATIENTS];
    bool twice; /* a patient had two open visits */
    bool down[PARTIES];
    uint8_t last_close; /* reply with which the workload itself ended a request */
};

/* Nothing is asked for in 10 s, whatever is set in `config` before it runs; the caller frees. */
struct bench *bench_new(void);
void bench_run(struct bench *bench);
void bench_free(struct bench *bench);

/* How many messages of the type the parties heard. */
uint32_t heard_of(const struct bench *bench, uint16_t type);

#endif /* EHR_TEST_WORKLOAD_BENCH_H */
