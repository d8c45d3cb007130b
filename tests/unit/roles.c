/* Patients, doctors, hospitals and data users against real chain nodes, without SimGrid. */
#include <string.h>

#include "actors/client.h"
#include "tests/simulation/role_world.h"
#include "tests/unit/unit.h"

/* ---- what a test does to messages on their way ---- */

enum meddling {
    MEDDLE_NOTHING,
    MEDDLE_DRAFT_LABELS,    /* a label of every draft is changed */
    MEDDLE_DRAFT_RECORD,    /* a bit of every sealed record is flipped */
    MEDDLE_CARD_REFERENCE,  /* doctors ask about another card */
    MEDDLE_FIRST_SUBMIT,    /* the first SUBMIT is lost */
    MEDDLE_STORE_RECORD,    /* the ciphertext is changed on its way to the hospital */
    MEDDLE_RECEIPTS_LOST,   /* patients get no receipt */
    MEDDLE_CFRAG,           /* proxy 0 sends forged shares */
    MEDDLE_SILENT_PATIENT,  /* a patient's device sends nothing */
    MEDDLE_SILENT_HOSPITAL, /* hospital server 0 sends nothing */
};

struct meddler {
    struct role_world *world;
    enum meddling what;
    uint32_t count; /* messages meddled with */
    uint32_t submits;
};

static struct ehr_blob *blob_flipped(const struct ehr_blob *blob, size_t at)
{
    struct ehr_blob *copy = ehr_blob_new(blob->bytes, blob->length);
    copy->bytes[at] ^= 1;
    return copy;
}

static struct ehr_message *draft_changed(struct ehr_message *message, bool labels)
{
    const struct ehr_msg_draft *old = EHR_AS(draft, message);
    struct ehr_msg_draft *draft = EHR_NEW(draft, DRAFT);
    draft->request = old->request;
    memcpy(draft->pseudonym, old->pseudonym, sizeof(draft->pseudonym));
    draft->epoch = old->epoch;
    draft->flags = old->flags;
    /* all labels: whichever of them are padding */
    draft->labels = ehr_blob_new(old->labels->bytes, old->labels->length);
    for (uint32_t i = 0; labels && i < draft->labels->length; i += 16)
        draft->labels->bytes[i] ^= 1;
    draft->counters = ehr_blob_ref(old->counters);
    draft->record =
        labels ? ehr_blob_ref(old->record) : blob_flipped(old->record, old->record->length - 1);
    ehr_message_unref(message);
    return ehr_message_seal(&draft->head);
}

static struct ehr_message *share_forged(struct ehr_message *message)
{
    const struct ehr_msg_share *old = EHR_AS(share, message);
    struct ehr_msg_share *share = EHR_NEW(share, SHARE);
    share->request = old->request;
    share->status = old->status;
    share->share = old->share;
    share->entry = ehr_blob_ref(old->entry);
    share->sealed_head = ehr_blob_ref(old->sealed_head);
    memcpy(share->body_hash, old->body_hash, 32);
    share->cfrag = blob_flipped(old->cfrag, 100);
    memcpy(share->signature, old->signature, 64);
    share->record = ehr_blob_ref(old->record);
    ehr_message_unref(message);
    return ehr_message_seal(&share->head);
}

static struct ehr_message *meddle(void *context, uint32_t from, struct ehr_address to,
                                  struct ehr_message *message)
{
    struct meddler *meddler = context;
    const struct ehr_directory *directory = &meddler->world->directory;
    (void)to;
    meddler->submits += message->type == EHR_MSG_SUBMIT;
    bool silent =
        (meddler->what == MEDDLE_SILENT_PATIENT && from == directory->hospitals[0].place &&
         message->type != EHR_MSG_ENROL) ||
        (meddler->what == MEDDLE_SILENT_HOSPITAL && from == directory->hospitals[0].server.node) ||
        (meddler->what == MEDDLE_RECEIPTS_LOST && message->type == EHR_MSG_RECEIPT) ||
        (meddler->what == MEDDLE_FIRST_SUBMIT && message->type == EHR_MSG_SUBMIT &&
         meddler->submits == 1);
    if (silent) {
        meddler->count++;
        ehr_message_unref(message);
        return NULL;
    }
    if (message->type == EHR_MSG_DRAFT &&
        (meddler->what == MEDDLE_DRAFT_LABELS || meddler->what == MEDDLE_DRAFT_RECORD)) {
        meddler->count++;
        return draft_changed(message, meddler->what == MEDDLE_DRAFT_LABELS);
    }
    if (message->type == EHR_MSG_CARD_CHECK && meddler->what == MEDDLE_CARD_REFERENCE) {
        struct ehr_msg_card_check *check = EHR_NEW(card_check, CARD_CHECK);
        check->request = EHR_AS(card_check, message)->request;
        ehr_message_unref(message);
        meddler->count++;
        return ehr_message_seal(&check->head);
    }
    if (message->type == EHR_MSG_STORE && meddler->what == MEDDLE_STORE_RECORD) {
        const struct ehr_msg_store *old = EHR_AS(store, message);
        struct ehr_msg_store *store = EHR_NEW(store, STORE);
        store->request = old->request;
        memcpy(store->ct_hash, old->ct_hash, 32);
        store->record = blob_flipped(old->record, 300);
        ehr_message_unref(message);
        meddler->count++;
        return ehr_message_seal(&store->head);
    }
    if (message->type == EHR_MSG_SHARE && meddler->what == MEDDLE_CFRAG &&
        from == directory->alliance.members[0].node && EHR_AS(share, message)->cfrag != NULL) {
        meddler->count++;
        return share_forged(message);
    }
    return message;
}

static struct meddler meddler_set(struct role_world *world, enum meddling what)
{
    return (struct meddler){.world = world, .what = what};
}

static void use(struct role_world *world, struct meddler *meddler)
{
    world->travel = meddle;
    world->context = meddler;
}

static bool ended_with(const struct role_world *world, uint32_t request, enum ehr_reply reply)
{
    const struct role_request *entry = &world->requests[request];
    return entry->closed == 1 && entry->timed_out == 0 && entry->ended == 1 &&
           entry->reply == reply;
}

/* Patient 0 has a card of hospital 0 (request 1) and a shared visit there (request 2, record 0). */
static struct role_world *world_with_visit(double consent)
{
    struct role_world *world = role_world_new(consent);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE_FATAL(ended_with(world, 2, EHR_REPLY_OK));
    return world;
}

/* ---- A ---- */

static void same_card_when_keys_come_again(void)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    CU_ASSERT_TRUE(ended_with(world, 1, EHR_REPLY_OK));
    role_world_enrol(world, 2, 0, 0);
    role_world_run(world, 5);
    CU_ASSERT_TRUE(ended_with(world, 2, EHR_REPLY_OK));
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
    struct meddler meddler = meddler_set(world, MEDDLE_SILENT_HOSPITAL);
    use(world, &meddler);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 60);
    CU_ASSERT_EQUAL(world->requests[1].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[1].reply, EHR_REPLY_HOSPITAL_UNREACHABLE);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* ---- B ---- */

static void visit_is_shared_when_all_goes_well(void)
{
    struct role_world *world = world_with_visit(1);
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
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(ended_with(world, 4, EHR_REPLY_OK));
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
    struct meddler meddler = meddler_set(world, what);
    use(world, &meddler);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 100);
    CU_ASSERT_TRUE(ended_with(world, 2, reply));
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
    CU_ASSERT_TRUE(ended_with(world, 2, EHR_REPLY_WRONG_CARD));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void visit_succeeds_when_first_submission_is_lost(void)
{
    struct role_world *world = role_world_new(1);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    struct meddler meddler = meddler_set(world, MEDDLE_FIRST_SUBMIT);
    use(world, &meddler);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 0.5);
    CU_ASSERT_EQUAL(meddler.submits, 1);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(ended_with(world, 2, EHR_REPLY_OK));
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
    CU_ASSERT_TRUE(ended_with(world, 1, EHR_REPLY_OK));
    CU_ASSERT_TRUE(ended_with(world, 2, EHR_REPLY_OK));
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_share(world, 4, 0, 2, 0);
    role_world_run(world, 40);
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(ended_with(world, 4, EHR_REPLY_OK));
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
    CU_ASSERT_TRUE(ended_with(world, 2, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[2].shared, 1);
    /* card and ciphertext came back too: the receipt reached the right patient */
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_visit(world, 4, 0, 0, 1);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(ended_with(world, 4, EHR_REPLY_OK));
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

/* ---- C, D, E ---- */

static void record_is_identical_when_retrieved_elsewhere(void)
{
    struct role_world *world = world_with_visit(1);
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[3].identical, 1);
    CU_ASSERT_EQUAL(world->requests[3].blamed, 0);
    /* against another original the same bytes are not identical */
    role_world_retrieve(world, 4, 1, 0, 2, 1);
    role_world_run(world, 10);
    CU_ASSERT_EQUAL(world->requests[4].identical, 0);
    CU_ASSERT_NOT_EQUAL(world->requests[4].reply, EHR_REPLY_OK);
    CU_ASSERT_TRUE(role_world_free(world));
}

static void retrieval_refused_when_receipt_is_missing(void)
{
    struct role_world *world = role_world_new(1);
    struct meddler meddler = meddler_set(world, MEDDLE_RECEIPTS_LOST);
    use(world, &meddler);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(ended_with(world, 2, EHR_REPLY_OK));
    role_world_retrieve(world, 3, 1, 0, 2, 0);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_NOT_FOUND));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_opens_when_patient_consents(void)
{
    struct role_world *world = world_with_visit(1);
    role_world_share(world, 3, 0, 2, 0);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[3].identical, 1);
    CU_ASSERT_EQUAL(
        ehr_loop_charged(world->loop, world->directory.data_users[0].node, EHR_COST_CFRAG_VERIFY),
        0);
    role_world_revoke(world, 4, 0, world->requests[3].grant_id);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(ended_with(world, 4, EHR_REPLY_OK));
    CU_ASSERT_EQUAL(world->requests[4].phases[EHR_PHASE_EFFECT], 1);
    uint8_t unknown[32] = {1};
    role_world_revoke(world, 5, 0, unknown);
    role_world_run(world, 10);
    CU_ASSERT_TRUE(ended_with(world, 5, EHR_REPLY_NO_GRANT));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_refused_when_patient_does_not_consent(void)
{
    struct role_world *world = world_with_visit(0);
    role_world_share(world, 3, 0, 2, 0);
    role_world_run(world, 20);
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_CONSENT_DENIED));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void share_times_out_when_patient_is_silent(void)
{
    struct role_world *world = world_with_visit(1);
    struct meddler meddler = meddler_set(world, MEDDLE_SILENT_PATIENT);
    use(world, &meddler);
    role_world_share(world, 3, 0, 2, 0);
    role_world_run(world, 60);
    CU_ASSERT_EQUAL(world->requests[3].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[3].reply, EHR_REPLY_CONSENT_TIMEOUT);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* Each of the four starts asks another set of three; whenever the forger is in it, it is blamed and
 * the spare takes its place. */
static void share_opens_and_blames_when_one_share_is_forged(void)
{
    struct role_world *world = world_with_visit(1);
    struct meddler meddler = meddler_set(world, MEDDLE_CFRAG);
    use(world, &meddler);
    uint32_t blamed = 0;
    for (uint32_t request = 3; request < 9; request++) {
        role_world_share(world, request, 0, 2, 0);
        role_world_run(world, 20);
        CU_ASSERT_TRUE(ended_with(world, request, EHR_REPLY_OK));
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

static void share_fails_when_too_few_proxies_live(void)
{
    struct role_world *world = world_with_visit(1);
    role_world_share(world, 3, 0, 2, 0);
    for (int i = 0; i < 1000 && world->requests[3].phases[EHR_PHASE_LOCATE] == 0; i++)
        role_world_run(world, 0.001); /* until the proxies are being asked */
    struct meddler meddler = meddler_set(world, MEDDLE_CFRAG);
    use(world, &meddler);
    ehr_loop_crash(world->loop, world->directory.alliance.members[1].node);
    role_world_run(world, 200);
    CU_ASSERT_EQUAL(world->requests[3].closed + world->requests[3].timed_out, 1);
    CU_ASSERT_EQUAL(world->requests[3].reply, EHR_REPLY_FORGED_SHARE);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* ---- replies to clients ---- */

/* A node that runs a test's function once, to have effects. */
struct probe {
    struct ehr_node node;
    void (*run)(struct ehr_fx *fx, struct role_world *world);
    struct role_world *world;
};

static void probe_on_start(struct ehr_node *node, struct ehr_fx *fx,
                           const struct ehr_journal *saved)
{
    (void)saved;
    struct probe *probe = (struct probe *)(void *)node;
    probe->run(fx, probe->world);
}

static void probe_on_message(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    (void)node;
    (void)fx;
    (void)d;
}

static void probe_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                           uint64_t generation)
{
    (void)node;
    (void)fx;
    (void)lane;
    (void)id;
    (void)generation;
}

static void probe(void (*run)(struct ehr_fx *fx, struct role_world *world))
{
    static const struct ehr_node_type type = {"probe", probe_on_start, probe_on_message,
                                              probe_on_timer};
    struct role_world *world = role_world_new(1);
    struct probe node = {{&type, "probe", 0}, run, world};
    uint32_t id = ehr_loop_node_add(world->loop, &node.node);
    ehr_loop_restart(world->loop, id);
    CU_ASSERT_TRUE(role_world_free(world));
}

static enum ehr_client_verdict reply_from(struct ehr_client *client, struct ehr_fx *fx,
                                          uint32_t member, enum ehr_reply status, uint64_t height,
                                          struct ehr_client_result *result)
{
    const struct ehr_tx *tx = ehr_client_tx(client);
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    reply->request = tx->request;
    reply->status = (uint8_t)status;
    memcpy(reply->tx_id, tx->id, 32);
    reply->height = height;
    CU_ASSERT_TRUE(ehr_client_wants(client, reply));
    enum ehr_client_verdict verdict =
        ehr_client_on_reply(client, fx, client->committee->members[0].node + member, reply, result);
    ehr_message_unref(ehr_message_seal(&reply->head));
    return verdict;
}

static struct ehr_client client_of(struct ehr_fx *fx, const struct role_world *world,
                                   enum ehr_client_trust trust)
{
    struct ehr_client client = {0};
    ehr_client_start(&client, fx, &world->directory, &world->directory.alliance,
                     ehr_tx_new(EHR_TX_RAW, (const uint8_t *)"x", 1, 0, 0, 5), 0, trust, 1, 1);
    return client;
}

static void quorum_of_equal_replies(struct ehr_fx *fx, struct role_world *world)
{
    struct ehr_client client = client_of(fx, world, EHR_CLIENT_QUORUM_ONLY);
    struct ehr_client_result result;
    /* conflicting heights, one member twice, then a match: two of four */
    CU_ASSERT_EQUAL(reply_from(&client, fx, 0, EHR_REPLY_OK, 7, &result), EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 0, EHR_REPLY_OK, 7, &result), EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 1, EHR_REPLY_OK, 8, &result), EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 2, EHR_REPLY_NO_HEADER, 7, &result),
                    EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 4, EHR_REPLY_OK, 7, &result), EHR_CLIENT_BAD);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 3, EHR_REPLY_INVALID, 7, &result), EHR_CLIENT_BAD);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 3, EHR_REPLY_DUPLICATE, 7, &result), EHR_CLIENT_DONE);
    CU_ASSERT_EQUAL(result.status, EHR_REPLY_OK);
    CU_ASSERT_EQUAL(result.height, 7);
    ehr_client_stop(&client);
}

static void quorum_of_refusals(struct ehr_fx *fx, struct role_world *world)
{
    struct ehr_client client = client_of(fx, world, EHR_CLIENT_QUORUM_ONLY);
    struct ehr_client_result result;
    CU_ASSERT_EQUAL(reply_from(&client, fx, 0, EHR_REPLY_SUSPENDED, 3, &result),
                    EHR_CLIENT_WAITING);
    CU_ASSERT_EQUAL(reply_from(&client, fx, 1, EHR_REPLY_SUSPENDED, 4, &result), EHR_CLIENT_DONE);
    CU_ASSERT_EQUAL(result.status, EHR_REPLY_SUSPENDED);
    ehr_client_stop(&client);
}

/* A refusal that claims to be the primary's but is not signed by it. */
static void unsigned_refusal(struct ehr_fx *fx, struct role_world *world)
{
    struct ehr_client client = client_of(fx, world, EHR_CLIENT_PRIMARY_MAY_REFUSE);
    struct ehr_client_result result;
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    reply->request = 5;
    reply->status = EHR_REPLY_REUSED_LABEL;
    memcpy(reply->tx_id, ehr_client_tx(&client)->id, 32);
    reply->has_signature = 1;
    uint32_t primary = client.committee->members[0].node;
    CU_ASSERT_EQUAL(ehr_client_on_reply(&client, fx, primary, reply, &result), EHR_CLIENT_BAD);
    ehr_message_unref(ehr_message_seal(&reply->head));
    ehr_client_stop(&client);
}

static void client_is_done_when_a_quorum_agrees(void)
{
    probe(quorum_of_equal_replies);
}

static void client_is_done_when_a_quorum_refuses_alike(void)
{
    probe(quorum_of_refusals);
}

static void client_goes_on_when_a_refusal_is_not_signed(void)
{
    probe(unsigned_refusal);
}

/* Every reply has an outcome and a reason; only good ones are ok. */
static void reply_is_ok_when_done_only(void)
{
    for (int reply = 0; reply <= EHR_REPLY_COUNT; reply++) {
        enum ehr_outcome outcome = ehr_reply_outcome((enum ehr_reply)reply);
        enum ehr_reason reason = ehr_reply_reason((enum ehr_reply)reply);
        bool ok = reply == EHR_REPLY_OK || reply == EHR_REPLY_DUPLICATE;
        CU_ASSERT_EQUAL(outcome == EHR_OUTCOME_OK, ok);
        CU_ASSERT_EQUAL(reason == EHR_REASON_NONE, ok);
        CU_ASSERT_TRUE(reason > EHR_REASON_INVALID && reason < EHR_REASON_END);
    }
    CU_ASSERT_EQUAL(ehr_reply_outcome(EHR_REPLY_NODE_UNREACHABLE), EHR_OUTCOME_FAILED);
    CU_ASSERT_EQUAL(ehr_reply_outcome(EHR_REPLY_REUSED_LABEL), EHR_OUTCOME_REFUSED);
    CU_ASSERT_EQUAL(ehr_reply_reason(EHR_REPLY_BAD_DRAFT), EHR_REASON_DRAFT_REJECTED);
}

/* ---- rubbish ---- */

/* Every message type, empty, from the wrong sender, to every role. */
static void rubbish_is_dropped_when_it_comes_from_anybody(void)
{
    struct role_world *world = world_with_visit(1);
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
        if (ehr_message_name(type) == NULL || type == EHR_MSG_SUBMIT)
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
    CU_ASSERT_TRUE(ended_with(world, 3, EHR_REPLY_OK));
    CU_ASSERT_TRUE(ended_with(world, 4, EHR_REPLY_OK));
    CU_ASSERT_TRUE(ended_with(world, 5, EHR_REPLY_OK));
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
    {"record_is_identical_when_retrieved_elsewhere", record_is_identical_when_retrieved_elsewhere},
    {"retrieval_refused_when_receipt_is_missing", retrieval_refused_when_receipt_is_missing},
    {"share_opens_when_patient_consents", share_opens_when_patient_consents},
    {"share_refused_when_patient_does_not_consent", share_refused_when_patient_does_not_consent},
    {"share_times_out_when_patient_is_silent", share_times_out_when_patient_is_silent},
    {"share_opens_and_blames_when_one_share_is_forged",
     share_opens_and_blames_when_one_share_is_forged},
    {"share_fails_when_too_few_proxies_live", share_fails_when_too_few_proxies_live},
    {"client_is_done_when_a_quorum_agrees", client_is_done_when_a_quorum_agrees},
    {"client_is_done_when_a_quorum_refuses_alike", client_is_done_when_a_quorum_refuses_alike},
    {"client_goes_on_when_a_refusal_is_not_signed", client_goes_on_when_a_refusal_is_not_signed},
    {"reply_is_ok_when_done_only", reply_is_ok_when_done_only},
    {"rubbish_is_dropped_when_it_comes_from_anybody",
     rubbish_is_dropped_when_it_comes_from_anybody},
};

EHR_UNIT_MAIN("roles", cases)
