/* Retrieval, sharing and revocation: patients and data users against real chain nodes, without
 * SimGrid. */
#include <string.h>

#include "tests/simulation/role_meddler.h"
#include "tests/unit/unit.h"

/* ---- C, D, E ---- */

static void record_is_identical_when_retrieved_elsewhere(void)
{
    struct role_world *world = role_world_with_visit(1);
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[3].identical, 1);
    CU_ASSERT_EQUAL(world->requests[3].blamed, 0);
    /* against another original the same bytes are not identical */
    role_world_retrieve(world, 4, 1, 0, 2, 1);
    role_world_run(world, 10);
    CU_ASSERT_EQUAL(world->requests[4].identical, 0);
    CU_ASSERT_NOT_EQUAL(world->requests[4].reply, EHR_REPLY_OK);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void record_found_and_node_blamed_when_it_omits_hits(void)
{
    struct role_world *world = role_world_with_visit(1);
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_HITS_OMITTED);
    uint32_t blamed = 0;
    for (uint32_t request = 3; request < 11; request++) {
        role_world_retrieve(world, request, 1, 0, 2, 0);
        role_world_run(world, 10);
        CU_ASSERT_TRUE(role_ended_with(world, request, EHR_REPLY_OK));
        if (world->requests[request].blamed > 0)
            CU_ASSERT_EQUAL(world->requests[request].blamed_node,
                            world->directory.alliance.members[0].node);
        blamed += world->requests[request].blamed;
    }
    CU_ASSERT_EQUAL(blamed, meddler.count);
    CU_ASSERT_TRUE(blamed > 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void chain_stands_in_for_a_missing_receipt(void)
{
    struct role_world *world = role_world_new(1);
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_RECEIPTS_LOST);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_OK));
    CU_ASSERT_TRUE(meddler.count > 1); /* it is repeated */
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[3].identical, 1);
    role_world_retrieve(world, 4, 1, 0, 99, 0); /* no such visit */
    role_world_run(world, 30);                  /* its receipt is waited for */
    CU_ASSERT_TRUE(role_ended_with(world, 4, EHR_REPLY_NOT_FOUND));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_opens_when_patient_consents(void)
{
    struct role_world *world = role_world_with_visit(1);
    role_world_share(world, 3, 0, 2, 0);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[3].identical, 1);
    CU_ASSERT_EQUAL(
        ehr_loop_charged(world->loop, world->directory.data_users[0].node, EHR_COST_CFRAG_VERIFY),
        0);
    role_world_revoke(world, 4, 0, world->requests[3].grant_id);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 4, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[4].phases[EHR_PHASE_EFFECT], 1);
    uint8_t unknown[32] = {1};
    role_world_revoke(world, 5, 0, unknown);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 5, EHR_REPLY_NO_GRANT));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_refused_when_patient_does_not_consent(void)
{
    struct role_world *world = role_world_with_visit(0);
    role_world_share(world, 3, 0, 2, 0);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_CONSENT_DENIED));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_times_out_when_patient_is_silent(void)
{
    struct role_world *world = role_world_with_visit(1);
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_SILENT_PATIENT);
    role_world_share(world, 3, 0, 2, 0);
    role_world_run(world, 60);
    CU_ASSERT_EQUAL(world->requests[3].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[3].reply, EHR_REPLY_CONSENT_TIMEOUT);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* Each of the four starts asks another set of three; whenever the forger is in it, it is blamed and
 * the spare takes its place. */
static void shares_with_forger(enum meddling what)
{
    struct role_world *world = role_world_with_visit(1);
    struct meddler meddler;
    role_meddler_start(&meddler, world, what);
    uint32_t blamed = 0;
    for (uint32_t request = 3; request < 9; request++) {
        role_world_share(world, request, 0, 2, 0);
        role_world_run(world, 20);
        CU_ASSERT_TRUE(role_ended_with(world, request, EHR_REPLY_OK));
        CU_ASSERT_EQUAL(world->requests[request].identical, 1);
        if (world->requests[request].blamed > 0)
            CU_ASSERT_EQUAL(world->requests[request].blamed_node,
                            world->directory.alliance.members[0].node);
        blamed += world->requests[request].blamed;
    }
    CU_ASSERT_EQUAL(blamed, meddler.count);
    CU_ASSERT_TRUE(blamed > 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_opens_and_blames_when_one_share_is_forged(void)
{
    shares_with_forger(MEDDLE_CFRAG);
}

static void share_opens_and_blames_when_forged_share_is_signed(void)
{
    shares_with_forger(MEDDLE_CFRAG_SIGNED);
}

/* A share is no worse for coming without the body: another proxy sends that. */
static void share_opens_and_blames_nobody_when_body_is_left_out(void)
{
    struct role_world *world = role_world_with_visit(1);
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_BODY_LEFT_OUT);
    for (uint32_t request = 3; request < 11; request++) {
        role_world_share(world, request, 0, 2, 0);
        role_world_run(world, 20);
        CU_ASSERT_TRUE(role_ended_with(world, request, EHR_REPLY_OK));
        CU_ASSERT_EQUAL(world->requests[request].identical, 1);
        CU_ASSERT_EQUAL(world->requests[request].blamed, 0);
    }
    CU_ASSERT_TRUE(meddler.count > 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* Without a spare, one whose share is there already is asked again. */
static void share_opens_when_body_is_left_out_and_spare_is_down(void)
{
    struct role_world *world = role_world_with_visit(1);
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_BODY_LEFT_OUT);
    for (uint32_t request = 3; request < 11; request++) {
        role_world_share(world, request, 0, 2, 0);
        for (int i = 0; i < 1000 && world->requests[request].phases[EHR_PHASE_LOCATE] == 0; i++)
            role_world_run(world, 0.001); /* until the proxies are being asked */
        if (request == 3)
            ehr_loop_crash(world->loop, world->directory.alliance.members[3].node);
        role_world_run(world, 60);
        CU_ASSERT_TRUE(role_ended_with(world, request, EHR_REPLY_OK));
        CU_ASSERT_EQUAL(world->requests[request].blamed, 0);
    }
    CU_ASSERT_TRUE(meddler.count > 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_fails_when_too_few_proxies_live(void)
{
    struct role_world *world = role_world_with_visit(1);
    role_world_share(world, 3, 0, 2, 0);
    for (int i = 0; i < 1000 && world->requests[3].phases[EHR_PHASE_LOCATE] == 0; i++)
        role_world_run(world, 0.001); /* until the proxies are being asked */
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_CFRAG);
    ehr_loop_crash(world->loop, world->directory.alliance.members[1].node);
    role_world_run(world, 200);
    CU_ASSERT_EQUAL(world->requests[3].closed + world->requests[3].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[3].reply, EHR_REPLY_FORGED_SHARE);
    CU_ASSERT_TRUE(role_world_free(world));
}

static const struct ehr_unit_case cases[] = {
    {"record_is_identical_when_retrieved_elsewhere", record_is_identical_when_retrieved_elsewhere},
    {"record_found_and_node_blamed_when_it_omits_hits",
     record_found_and_node_blamed_when_it_omits_hits},
    {"share_opens_and_blames_when_forged_share_is_signed",
     share_opens_and_blames_when_forged_share_is_signed},
    {"chain_stands_in_for_a_missing_receipt", chain_stands_in_for_a_missing_receipt},
    {"share_opens_when_patient_consents", share_opens_when_patient_consents},
    {"share_refused_when_patient_does_not_consent", share_refused_when_patient_does_not_consent},
    {"share_times_out_when_patient_is_silent", share_times_out_when_patient_is_silent},
    {"share_opens_and_blames_when_one_share_is_forged",
     share_opens_and_blames_when_one_share_is_forged},
    {"share_opens_and_blames_nobody_when_body_is_left_out",
     share_opens_and_blames_nobody_when_body_is_left_out},
    {"share_opens_when_body_is_left_out_and_spare_is_down",
     share_opens_when_body_is_left_out_and_spare_is_down},
    {"share_fails_when_too_few_proxies_live", share_fails_when_too_few_proxies_live},
};

EHR_UNIT_MAIN("roles_reads", cases)
