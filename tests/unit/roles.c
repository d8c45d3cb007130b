/* Registration and visits: patients, doctors and hospitals against real chain nodes, without
 * SimGrid. */
#include <string.h>

#include "tests/simulation/role_meddler.h"
#include "tests/unit/unit.h"

/* ---- A ---- */

static void same_card_when_keys_come_again(void)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    CU_ASSERT_TRUE(role_ended_with(world, 1, EHR_REPLY_OK));
    role_world_enrol(world, 2, 0, 0);
    role_world_run(world, 5);
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_OK));
    struct ehr_hospital_counts counts = ehr_hospital_counts(world->servers[0]);
    CU_ASSERT_EQUAL(counts.cards, 1);
    CU_ASSERT_EQUAL(counts.cards_again, 1);
    CU_ASSERT_EQUAL(ehr_loop_journal_count(world->loop, world->servers[0]->id), 1);
    uint32_t place = world->directory.hospitals[0].place;
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, place, EHR_COST_PATIENT_KEYS), 1);
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, place, EHR_COST_BOX_OPEN), 2);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void enrolment_times_out_when_hospital_is_silent(void)
{
    struct role_world *world = role_world_new(1);
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_SILENT_HOSPITAL);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 60);
    CU_ASSERT_EQUAL(world->requests[1].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[1].reply, EHR_REPLY_HOSPITAL_UNREACHABLE);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* ---- B ---- */

static void visit_is_shared_when_all_goes_well(void)
{
    struct role_world *world = role_world_with_visit(1);
    const struct role_request *visit = &world->requests[2];
    CU_ASSERT_EQUAL(visit->durable, 1);
    CU_ASSERT_EQUAL(visit->shared, 1);
    for (int phase = EHR_PHASE_CHECK; phase <= EHR_PHASE_ALLIANCE_ORDER; phase++)
        CU_ASSERT_EQUAL(visit->phases[phase], 1);
    CU_ASSERT_EQUAL(ehr_hospital_counts(world->servers[0]).anchored, 1);
    uint32_t doctor = world->directory.hospitals[0].doctors[0].node;
    uint32_t place = world->directory.hospitals[0].place;
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, doctor, EHR_COST_CARD_CHECK), 1);
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, doctor, EHR_COST_SCHNORR_VERIFY), 1);
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, place, EHR_COST_CERT_VERIFY), 2);
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, place, EHR_COST_PSEUDONYM_DETECT_HIT), 1);
    /* the second visit to the doctor: chain and index key are remembered */
    role_world_visit(world, 3, 0, 0, 1);
    role_world_visit(world, 4, 0, 0, 1); /* the same keywords: the next labels */
    role_world_run(world, 10);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_ended_with(world, 4, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, place, EHR_COST_CERT_VERIFY), 2);
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, place, EHR_COST_IDX_KEY), 1);
    CU_ASSERT_EQUAL(ehr_loop_charged(world->loop, doctor, EHR_COST_IDX_KEY), 1);
    CU_ASSERT_EQUAL(world->dropped, 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* A visit of an enrolled patient under meddling ends with this reply. */
static void visit_refused(enum meddling what, enum ehr_reply reply)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    struct meddler meddler;
    role_meddler_start(&meddler, world, what);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 100);
    CU_ASSERT_TRUE(role_ended_with(world, 2, reply));
    CU_ASSERT_TRUE(meddler.count > 0);
    CU_ASSERT_EQUAL(world->requests[2].durable, 0);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void visit_refused_when_draft_labels_are_wrong(void)
{
    visit_refused(MEDDLE_DRAFT_LABELS, EHR_REPLY_BAD_DRAFT);
}

static void visit_refused_when_draft_does_not_open(void)
{
    visit_refused(MEDDLE_DRAFT_RECORD, EHR_REPLY_BAD_DRAFT);
}

static void visit_refused_when_card_is_unknown_to_hospital(void)
{
    visit_refused(MEDDLE_CARD_REFERENCE, EHR_REPLY_WRONG_CARD);
}

static void visit_refused_when_ciphertext_is_altered(void)
{
    visit_refused(MEDDLE_STORE_RECORD, EHR_REPLY_TAMPERED);
}

static void visit_fails_when_patient_is_silent(void)
{
    visit_refused(MEDDLE_SILENT_PATIENT, EHR_REPLY_PATIENT_OFFLINE);
}

static void visit_fails_when_hospital_is_silent(void)
{
    visit_refused(MEDDLE_SILENT_HOSPITAL, EHR_REPLY_HOSPITAL_UNREACHABLE);
}

static void visit_refused_when_patient_has_no_card(void)
{
    struct role_world *world = role_world_new(1);
    role_world_visit(world, 2, 0, 1, 0);
    role_world_run(world, 5);
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_WRONG_CARD));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void visit_succeeds_when_first_submission_is_lost(void)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_FIRST_SUBMIT);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 0.5);
    CU_ASSERT_EQUAL(meddler.submits, 1);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_OK));
    CU_ASSERT_TRUE(meddler.submits >= 5); /* one, then all four */
    CU_ASSERT_TRUE(role_world_free(world));
}

static void nothing_happens_twice_when_messages_do(void)
{
    struct role_world *world = role_world_new(1);
    ehr_loop_copies_set(world->loop, 2);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(role_ended_with(world, 1, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_OK));
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_share(world, 4, 0, 2, 0);
    role_world_run(world, 40);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_ended_with(world, 4, EHR_REPLY_OK));
    struct ehr_hospital_counts counts = ehr_hospital_counts(world->servers[0]);
    CU_ASSERT_EQUAL(counts.cards, 1);
    CU_ASSERT_EQUAL(counts.stored, 1);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* ---- restart ---- */

struct crasher {
    struct role_world *world;
    bool crashed;
};

/* The hospital goes down when the certified block is on its way to it. */
static struct ehr_message *crash_at_body(void *context, uint32_t from, struct ehr_address to,
                                         struct ehr_message *message)
{
    struct crasher *crasher = context;
    (void)from;
    (void)to;
    if (message->type == EHR_MSG_BODY && !crasher->crashed) {
        crasher->crashed = true;
        ehr_loop_crash(crasher->world->loop, crasher->world->servers[0]->id);
    }
    return message;
}

static void visit_is_finished_when_hospital_restarts(void)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    struct crasher crasher = {world, false};
    world->travel = crash_at_body;
    world->context = &crasher;
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 30);
    CU_ASSERT_TRUE(crasher.crashed);
    CU_ASSERT_EQUAL(world->requests[2].durable, 1);
    CU_ASSERT_EQUAL(world->requests[2].shared, 0);
    CU_ASSERT_EQUAL(world->requests[2].closed, 0);
    ehr_loop_restart(world->loop, world->servers[0]->id);
    role_world_run(world, 60);
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[2].shared, 1);
    /* card and ciphertext came back too: the receipt reached the right patient */
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_visit(world, 4, 0, 0, 1);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_ended_with(world, 4, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(ehr_hospital_counts(world->servers[0]).anchored, 2);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void orphan_is_collected_when_no_block_refers_to_it(void)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    for (uint32_t i = 0; i < ROLE_WORLD_REPLICAS; i++)
        ehr_loop_crash(world->loop, world->directory.hospitals[0].committee.members[i].node);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 40);
    CU_ASSERT_EQUAL(world->requests[2].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[2].reply, EHR_REPLY_NODE_UNREACHABLE);
    CU_ASSERT_EQUAL(ehr_hospital_counts(world->servers[0]).stored, 1);
    CU_ASSERT_EQUAL(ehr_hospital_counts(world->servers[0]).collected, 0);
    role_world_run(world, 40);
    CU_ASSERT_EQUAL(ehr_hospital_counts(world->servers[0]).collected, 1);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* ---- F ---- */

/* What the hospital answered to those who asked for keys. */
struct key_answers {
    uint32_t given, refused;
};

static struct ehr_message *count_keys(void *context, uint32_t from, struct ehr_address to,
                                      struct ehr_message *message)
{
    struct key_answers *answers = context;
    (void)from, (void)to;
    if (message->type == EHR_MSG_EMERGENCY_KEYS) {
        bool given = EHR_AS(emergency_keys, message)->status == EHR_REPLY_OK;
        answers->given += given;
        answers->refused += !given;
    }
    return message;
}

static void ask_keys(struct role_world *world, uint32_t doctor, uint64_t request, uint32_t patient)
{
    const struct ehr_hospital_info *hospital = &world->directory.hospitals[0];
    struct ehr_msg_emergency_ask *ask = EHR_NEW(emergency_ask, EMERGENCY_ASK);
    ask->request = request;
    ask->patient = patient;
    ask->reason = 1;
    ehr_loop_inject(world->loop, (struct ehr_address){hospital->doctors[doctor].node, 0},
                    (struct ehr_address){hospital->server.node, 0}, ehr_message_seal(&ask->head));
    role_world_run(world, 1);
}

static void keys_are_audited_when_a_request_names_another_patient_or_doctor(void)
{
    struct role_world *world = role_world_new(1);
    struct key_answers answers = {0};
    role_world_enrol(world, 1, 0, 0);
    role_world_enrol(world, 2, 0, 1);
    role_world_run(world, 5);
    uint32_t journal = ehr_loop_journal_count(world->loop, world->servers[0]->id);
    world->travel = count_keys;
    world->context = &answers;
    ask_keys(world, 0, 3, 0);
    ask_keys(world, 0, 3, 0); /* again: answered, but no second emergency */
    CU_ASSERT_EQUAL(answers.given, 2);
    ask_keys(world, 0, 3, 1);
    ask_keys(world, 1, 3, 0);
    CU_ASSERT_EQUAL(answers.given, 2);
    CU_ASSERT_EQUAL(ehr_loop_journal_count(world->loop, world->servers[0]->id), journal + 1);
    for (uint64_t request = 4; request < 4 + 12; request++)
        ask_keys(world, 0, request, 1);
    CU_ASSERT_EQUAL(answers.given, 2 + 11); /* twelve in an hour, the first among them */
    CU_ASSERT_EQUAL(answers.refused, 1);
    CU_ASSERT_EQUAL(ehr_loop_journal_count(world->loop, world->servers[0]->id), journal + 12);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* ---- rubbish ---- */

/* Every message type, empty, from the wrong sender, to every role. */
static void rubbish_is_dropped_when_it_comes_from_anybody(void)
{
    struct role_world *world = role_world_with_visit(1);
    const struct ehr_hospital_info *hospital = &world->directory.hospitals[0];
    const struct ehr_address targets[] = {
        {hospital->server.node, 0},
        {hospital->doctors[0].node, 0},
        {world->directory.data_users[0].node, 0},
        role_world_patient(world, 0, 0),
        role_world_patient(world, 0, ROLE_WORLD_PATIENTS + 5), /* nobody */
    };
    const struct ehr_address strangers[] = {
        {hospital->place, 1},
        {hospital->server.node, 0},
        {hospital->doctors[0].node, 0},
        {hospital->committee.members[0].node, 0},
        {world->directory.alliance.members[0].node, 0},
        {world->directory.data_users[0].node, 0},
    };
    for (uint16_t type = 1; type < EHR_MSG_BEGIN_ENROL; type++) {
        if (ehr_message_name(type) == NULL || type == EHR_MSG_SUBMIT || type == EHR_MSG_TX_BODY)
            continue; /* SUBMIT has no empty form */
        for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
            for (size_t k = 0; k < sizeof(strangers) / sizeof(strangers[0]); k++)
                ehr_loop_inject(world->loop, strangers[k], targets[i],
                                ehr_message_seal(ehr_message_new((enum ehr_message_type)type)));
    }
    role_world_run(world, 60);
    CU_ASSERT_TRUE(world->dropped > 100);
    /* and the roles still work */
    role_world_visit(world, 3, 0, 0, 1);
    role_world_retrieve(world, 4, 1, 0, 2, 0);
    role_world_share(world, 5, 0, 2, 0);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(role_ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_ended_with(world, 4, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_ended_with(world, 5, EHR_REPLY_OK));
    CU_ASSERT_TRUE(role_world_free(world));
}

static const struct ehr_unit_case cases[] = {
    {"same_card_when_keys_come_again", same_card_when_keys_come_again},
    {"enrolment_times_out_when_hospital_is_silent", enrolment_times_out_when_hospital_is_silent},
    {"visit_is_shared_when_all_goes_well", visit_is_shared_when_all_goes_well},
    {"visit_refused_when_draft_labels_are_wrong", visit_refused_when_draft_labels_are_wrong},
    {"visit_refused_when_draft_does_not_open", visit_refused_when_draft_does_not_open},
    {"visit_refused_when_card_is_unknown_to_hospital",
     visit_refused_when_card_is_unknown_to_hospital},
    {"visit_refused_when_ciphertext_is_altered", visit_refused_when_ciphertext_is_altered},
    {"visit_fails_when_patient_is_silent", visit_fails_when_patient_is_silent},
    {"visit_fails_when_hospital_is_silent", visit_fails_when_hospital_is_silent},
    {"visit_refused_when_patient_has_no_card", visit_refused_when_patient_has_no_card},
    {"visit_succeeds_when_first_submission_is_lost", visit_succeeds_when_first_submission_is_lost},
    {"nothing_happens_twice_when_messages_do", nothing_happens_twice_when_messages_do},
    {"visit_is_finished_when_hospital_restarts", visit_is_finished_when_hospital_restarts},
    {"orphan_is_collected_when_no_block_refers_to_it",
     orphan_is_collected_when_no_block_refers_to_it},
    {"keys_are_audited_when_a_request_names_another_patient_or_doctor",
     keys_are_audited_when_a_request_names_another_patient_or_doctor},
    {"rubbish_is_dropped_when_it_comes_from_anybody",
     rubbish_is_dropped_when_it_comes_from_anybody},
};

EHR_UNIT_MAIN("roles", cases)
