#include "tests/tampering/tamper.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/roles.h"
#include "crypto/random.h"
#include "sim/app/memory.h"
#include "sim/app/report.h"
#include "sim/app/setup.h"
#include "sim/ledger/grant_batch.h"
#include "sim/measure/results.h"

/* ---- the ear: a node around a node ---- */

struct ear {
    struct ehr_node node; /* first */
    struct ehr_node_type type;
    struct ehr_node *inner;
    struct tamper *t;
};

static struct ear *ear_of(struct ehr_node *node)
{
    return (struct ear *)(void *)node;
}

static void ear_start(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    struct ear *ear = ear_of(node);
    ear->inner->id = node->id;
    ear->inner->type->on_start(ear->inner, fx, saved);
}

static void ear_message(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    struct ear *ear = ear_of(node);
    struct ehr_delivery heard = *d;
    struct ehr_message *other = ear->t->what->hear(ear->t, d);
    if (other != NULL)
        heard.message = other;
    ear->inner->type->on_message(ear->inner, fx, &heard);
    ehr_message_unref(other);
}

static void ear_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                      uint64_t generation)
{
    struct ear *ear = ear_of(node);
    ear->inner->type->on_timer(ear->inner, fx, lane, id, generation);
}

struct wearer {
    struct tamper *t;
    struct ear *ear; /* NULL: nobody */
};

static struct ehr_node *ear_put_on(void *context, struct ehr_node *node)
{
    struct wearer *wearer = context;
    const struct tamper_case *what = wearer->t->what;
    if (what->ear == NULL || strcmp(node->name, what->ear) != 0)
        return node;
    struct ear *ear = ehr_app_zeroed(1, sizeof *ear);
    ear->type = (struct ehr_node_type){node->type->role, ear_start, ear_message, ear_timer};
    ear->node = (struct ehr_node){.type = &ear->type, .name = node->name};
    ear->inner = node;
    ear->t = wearer->t;
    wearer->ear = ear;
    return &ear->node;
}

/* Before the world, which the inner node borrows from; the kernel asks it nothing more. */
static void ear_take_off(struct ear *ear)
{
    if (ear == NULL)
        return;
    if (strcmp(ear->type.role, "hospital") == 0)
        ehr_hospital_free(ear->inner);
    else if (strcmp(ear->type.role, "doctor") == 0)
        ehr_doctor_free(ear->inner);
    else if (strcmp(ear->type.role, "patients") == 0)
        ehr_patient_place_free(ear->inner);
    else
        assert(false);
}

/* ---- the mouth ---- */

uint32_t tamper_node(const struct tamper *t, const char *name)
{
    const struct ehr_node *node = ehr_world_node(t->world, name);
    assert(node != NULL);
    return node->id;
}

void tamper_mouth(struct tamper *t, const char *node, ehr_kernel_rewrite *rewrite)
{
    ehr_kernel_rewrite_set(ehr_world_kernel(t->world), tamper_node(t, node), rewrite, t);
}

struct ehr_message *tamper_copy(struct ehr_message *take)
{
    uint8_t *bytes = ehr_app_zeroed(take->size, 1);
    struct ehr_message *copy;
    ehr_message_encode(take, bytes);
    enum ehr_status status = ehr_message_decode(bytes, take->size, &copy);
    assert(status == EHR_OK);
    free(bytes);
    ehr_message_unref(take);
    return copy;
}

static const struct tamper_forged *forged_find(const struct tamper *t, uint64_t request,
                                               const uint8_t forged[32])
{
    for (uint32_t i = 0; i < t->forged_count; i++)
        if (t->forged[i].request == request && memcmp(t->forged[i].forged, forged, 32) == 0)
            return &t->forged[i];
    return NULL;
}

const struct ehr_tx *tamper_submitted(const struct ehr_message *message, uint8_t type)
{
    if (message->type != EHR_MSG_SUBMIT || EHR_AS(submit, message)->tx->type != type)
        return NULL;
    return EHR_AS(submit, message)->tx;
}

struct ehr_message *tamper_submit(struct tamper *t, struct ehr_message *take, const uint8_t *bytes,
                                  size_t length)
{
    const struct ehr_tx *own = EHR_AS(submit, take)->tx;
    struct ehr_tx *tx =
        ehr_tx_new(own->type, bytes, length, own->client, own->client_lane, own->request);
    if (forged_find(t, own->request, tx->id) == NULL) {
        assert(t->forged_count < TAMPER_FORGED_MAX);
        struct tamper_forged *forged = &t->forged[t->forged_count++];
        forged->request = own->request;
        memcpy(forged->forged, tx->id, 32);
        memcpy(forged->own, own->id, 32);
    }
    struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
    submit->request = EHR_AS(submit, take)->request;
    submit->tx = tx;
    ehr_message_unref(take);
    return ehr_message_seal(&submit->head);
}

static struct ehr_message *hear_own_items(struct tamper *t, const struct ehr_msg_reply_items *items)
{
    const struct tamper_forged *forged = forged_find(t, items->request, items->tx_id);
    if (forged == NULL)
        return NULL;
    struct ehr_msg_reply_items *other = EHR_NEW(reply_items, REPLY_ITEMS);
    other->request = items->request;
    other->height = items->height;
    other->statuses = ehr_blob_ref(items->statuses);
    memcpy(other->tx_id, forged->own, 32);
    return ehr_message_seal(&other->head);
}

struct ehr_message *tamper_hear_own(struct tamper *t, const struct ehr_delivery *d)
{
    if (d->message->type == EHR_MSG_REPLY_ITEMS)
        return hear_own_items(t, EHR_AS(reply_items, d->message));
    if (d->message->type != EHR_MSG_REPLY)
        return NULL;
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    const struct tamper_forged *forged = forged_find(t, reply->request, reply->tx_id);
    if (forged == NULL)
        return NULL;
    struct ehr_msg_reply *other = EHR_NEW(reply, REPLY);
    other->request = reply->request;
    other->status = reply->status;
    other->height = reply->height;
    other->view = reply->view;
    memcpy(other->tx_id, forged->own, 32);
    return ehr_message_seal(&other->head);
}

bool tamper_access_read(struct tamper_access *access, const struct ehr_message *message)
{
    if (message->type == EHR_MSG_ACCESS) {
        struct ehr_msg_access *m = (struct ehr_msg_access *)(uintptr_t)message;
        *access = (struct tamper_access){m->request, m->share, m->whole, m->grant_id, m->signature};
    } else if (message->type == EHR_MSG_ACCESS_SCOPED) {
        struct ehr_msg_access_scoped *m = (struct ehr_msg_access_scoped *)(uintptr_t)message;
        *access = (struct tamper_access){m->request, m->share, m->whole, m->grant_id, m->signature};
    } else {
        return false;
    }
    return true;
}

enum ehr_status tamper_grant_item(struct ehr_grant_tx *out, const struct ehr_tx *tx, uint32_t item)
{
    if (tx->type == EHR_TX_GRANT_BATCH)
        return ehr_grant_batch_item(out, item, tx->bytes, tx->length) ? EHR_OK : EHR_LEN;
    return item == 0 ? ehr_grant_tx_parse(out, tx->bytes, tx->length) : EHR_LEN;
}

/* ---- expectations ---- */

void tamper_attack(struct tamper *t, uint64_t request, enum ehr_outcome outcome,
                   enum ehr_reason reason, uint32_t blamed)
{
    request = (uint32_t)request;
    assert(request > 0 && request < TAMPER_REQUESTS_MAX);
    struct tamper_end *end = &t->expected[request];
    if (end->outcome != EHR_OUTCOME_INVALID) {
        assert(end->outcome == outcome && end->reason == reason && end->blamed == blamed);
        return;
    }
    *end = (struct tamper_end){outcome, reason, blamed, false};
    t->attacks++;
}

void tamper_refusal(struct tamper *t, uint64_t request, enum ehr_reason reason)
{
    tamper_attack(t, request, EHR_OUTCOME_REFUSED, reason, EHR_REQUEST_NOBODY);
}

bool tamper_attacked(const struct tamper *t, uint64_t request)
{
    request = (uint32_t)request;
    return request < TAMPER_REQUESTS_MAX && t->expected[request].outcome != EHR_OUTCOME_INVALID;
}

void tamper_check(struct tamper *t, bool good, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("  %s: ", good ? "as expected" : "WRONG");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    t->problems += !good;
}

const struct ehr_request *tamper_request(const struct tamper *t, uint64_t request)
{
    return ehr_request_get(ehr_measure_requests(ehr_world_measure(t->world)), (uint32_t)request);
}

/* ---- who is who ---- */

void tamper_patient_keys(const struct tamper *t, uint32_t lane, struct ehr_patient_keys *keys)
{
    struct ehr_drbg rng;
    uint8_t seed[32];
    char name[24];
    snprintf(name, sizeof name, "patient-%u", (unsigned)lane);
    ehr_drbg_init(&rng, t->seed, 0, name, EHR_DRBG_CRYPTO);
    ehr_rng_fill(&rng.rng, seed, sizeof seed);
    enum ehr_status status = ehr_patient_keys_derive(keys, seed);
    assert(status == EHR_OK);
    ehr_drbg_close(&rng);
}

void tamper_visit_keys(const struct tamper *t, const uint8_t pseudonym[EHR_PSEUDONYM_BYTES],
                       const uint8_t hid[32], struct ehr_visit_keys *keys)
{
    bool hit = false;
    for (uint32_t lane = 0; !hit && lane < t->directory->patient_count; lane++) {
        struct ehr_patient_keys patient;
        tamper_patient_keys(t, lane, &patient);
        enum ehr_status status =
            ehr_pseudonym_detect(keys, &hit, pseudonym, EHR_PSEUDONYM_BYTES, &patient, hid);
        assert(status == EHR_OK);
    }
    assert(hit);
}

/* ---- watching ---- */

static void on_mark(void *context, uint64_t now_ns, uint32_t node, const struct ehr_mark *mark)
{
    struct tamper *t = context;
    t->now_ns = now_ns;
    if (mark->kind == EHR_MARK_REFUSED_TX && mark->value < EHR_REPLY_COUNT)
        t->refused[mark->value]++;
    if (mark->kind == EHR_MARK_DROPPED && mark->phase < EHR_MESSAGE_TYPES)
        t->dropped[mark->phase]++;
    if (mark->kind == EHR_MARK_VIEW)
        t->views++;
    if (t->what->mark != NULL)
        t->what->mark(t, node, mark);
}

static void on_message(void *context, uint64_t now_ns, uint32_t from, uint32_t to,
                       const struct ehr_message *message)
{
    struct tamper *t = context;
    t->now_ns = now_ns;
    if (message->type == EHR_MSG_COMPLAINT)
        t->complaints++;
    if (message->type == EHR_MSG_ANSWER && EHR_AS(answer, message)->status < EHR_REPLY_COUNT)
        t->said[EHR_AS(answer, message)->status]++;
    if (t->what->see != NULL)
        t->what->see(t, from, to, message);
}

/* ---- judging ---- */

static const char *blamed_name(const struct tamper *t, uint32_t node)
{
    const struct ehr_directory *directory = t->directory;
    for (uint32_t i = 0; i < directory->alliance.count; i++)
        if (directory->alliance.members[i].node == node)
            return directory->alliance.members[i].name;
    for (uint32_t h = 0; h < directory->hospital_count; h++)
        if (directory->hospitals[h].server.node == node)
            return directory->hospitals[h].server.name;
    return node == EHR_REQUEST_NOBODY ? "nobody" : "somebody else";
}

static bool ended_so(const struct ehr_request *request, const struct tamper_end *end)
{
    bool reads = request->flow == EHR_FLOW_RETRIEVE || request->flow == EHR_FLOW_SHARE;
    return request->outcome == end->outcome && request->reason == end->reason &&
           request->blamed == end->blamed &&
           (request->outcome != EHR_OUTCOME_OK || !reads || request->identical);
}

static bool ended_before(const struct ehr_request *request, enum ehr_phase phase)
{
    int slot =
        phase == EHR_PHASE_INVALID ? -1 : ehr_flow_phase_slot((enum ehr_flow)request->flow, phase);
    return slot < 0 || (request->phases_seen >> slot & 1) == 0;
}

static void request_judge(struct tamper *t, uint32_t id, uint32_t *untouched)
{
    static const struct tamper_end well = {EHR_OUTCOME_OK, EHR_REASON_NONE, EHR_REQUEST_NOBODY,
                                           false};
    const struct ehr_request *request = tamper_request(t, id);
    const struct tamper_end *end = &t->expected[id];
    bool attacked = tamper_attacked(t, id);
    bool good = ended_so(request, attacked ? end : &well) ||
                (attacked && end->or_well && ended_so(request, &well));
    if (attacked && request->outcome != EHR_OUTCOME_OK && !ended_before(request, t->what->before))
        tamper_check(t, false, "request %" PRIu32 " came as far as phase %s", id,
                     ehr_phase_name(t->what->before));
    *untouched += !attacked;
    if (!attacked)
        end = &well;
    if (!attacked && good)
        return;
    tamper_check(t, good, "%s %" PRIu32 ": %s %s, blamed: %s%s; expected %s%s %s, blamed: %s",
                 ehr_flow_name((enum ehr_flow)request->flow), id,
                 ehr_outcome_name((enum ehr_outcome)request->outcome),
                 ehr_reason_name((enum ehr_reason)request->reason), blamed_name(t, request->blamed),
                 request->identical ? ", identical" : "", end->or_well ? "ok or " : "",
                 ehr_outcome_name(end->outcome), ehr_reason_name(end->reason),
                 blamed_name(t, end->blamed));
}

static void judge(struct tamper *t, bool ended_well)
{
    struct ehr_measure *measure = ehr_world_measure(t->world);
    ehr_request_finish_all(ehr_measure_requests(measure), ehr_world_end_ns(t->world));
    tamper_check(t, ended_well, "the run ended %s%s",
                 ended_well ? "well" : "wrongly: ", ehr_world_reason(t->world));
    if (t->what->judge != NULL)
        t->what->judge(t);
    if (!t->what->invisible)
        tamper_check(t, t->attacks > 0, "%" PRIu32 " requests attacked", t->attacks);
    uint32_t untouched = 0;
    for (uint32_t id = 1; id <= ehr_request_count(ehr_measure_requests(measure)); id++)
        request_judge(t, id, &untouched);
    tamper_check(t, untouched > 0, "%" PRIu32 " other requests ended well unless listed",
                 untouched);
    for (int flow = EHR_FLOW_REGISTER; flow < EHR_FLOW_END; flow++) {
        /* asserts that the outcomes add up to what was offered */
        struct ehr_flow_summary sum = ehr_measure_flow(measure, (enum ehr_flow)flow);
        if (sum.offered > 0)
            printf("  %s: offered %" PRIu64 " = %" PRIu64 " ok + %" PRIu64 " refused + %" PRIu64
                   " failed + %" PRIu64 " timeout + %" PRIu64 " unfinished\n",
                   ehr_flow_name((enum ehr_flow)flow), sum.offered, sum.ok, sum.refused, sum.failed,
                   sum.timeout, sum.unfinished);
    }
}

/* ---- a run ---- */

static bool setup_open(struct ehr_setup *setup, const struct tamper_case *what,
                       const struct tamper_run *run)
{
    const char *sets[1 + sizeof what->sets / sizeof *what->sets + TAMPER_SETS_MAX];
    char *override = ehr_app_text("network/@fidelity=%s", run->fidelity);
    struct ehr_setup_request request = {.path = run->scenario, .sets = sets, .quiet = true};
    sets[request.set_count++] = override;
    for (size_t i = 0; i < sizeof what->sets / sizeof *what->sets && what->sets[i] != NULL; i++)
        sets[request.set_count++] = what->sets[i];
    for (size_t i = 0; i < TAMPER_SETS_MAX && run->sets[i] != NULL; i++)
        sets[request.set_count++] = run->sets[i];
    enum ehr_exit status = ehr_setup_open(setup, &request);
    free(override);
    return status == EHR_EXIT_DONE;
}

/* As the command would. */
static void results_write(struct tamper *t, const struct ehr_setup *setup, const char *folder)
{
    const struct ehr_setup_request request = {.quiet = true};
    struct ehr_report *report = ehr_report_new(setup, &request, 0, NULL, 0);
    struct ehr_measure_error error = {""};
    struct ehr_results *results;
    enum ehr_measure_status status = ehr_results_new(&results, folder, &error);
    if (status == EHR_MEASURE_DONE)
        status = ehr_measure_write(ehr_world_measure(t->world), results,
                                   ehr_report_finish(report, t->world, 0), &error);
    if (status != EHR_MEASURE_DONE)
        tamper_check(t, false, "results: %s", error.text);
    ehr_results_free(results);
    ehr_report_free(report);
}

bool tamper_run(const struct tamper_case *what, const struct tamper_run *run)
{
    struct ehr_setup setup;
    ehr_crypto_init(); /* the adversary draws before there is a world */
    if (!setup_open(&setup, what, run))
        return false;
    struct tamper *t = ehr_app_zeroed(1, sizeof *t);
    struct wearer wearer = {t, NULL};
    const struct ehr_kernel_hooks hooks = {.context = t, .mark = on_mark, .inspect = on_message};
    const struct ehr_world_options options = {.seed = setup.scenario->run.seed,
                                              .costs = &setup.costs,
                                              .hooks = &hooks,
                                              .replace = ear_put_on,
                                              .context = &wearer};
    t->what = what;
    t->seed = options.seed;
    ehr_drbg_init(&t->rng, t->seed, 0, "adversary", EHR_DRBG_CRYPTO);
    t->world = ehr_world_new(setup.scenario, &options);
    t->genesis = ehr_world_genesis(t->world);
    t->directory = &t->genesis->directory;
    printf("%s (%s): %s\n", what->name, run->fidelity, what->attack);
    assert((what->ear != NULL) == (wearer.ear != NULL));
    what->prepare(t);
    judge(t, ehr_world_run(t->world));
    if (run->out != NULL)
        results_write(t, &setup, run->out);
    bool good = t->problems == 0;
    printf("%s: %s\n", what->name, good ? "passed" : "FAILED");
    ear_take_off(wearer.ear);
    ehr_world_free(t->world);
    free(wearer.ear);
    free(t);
    ehr_setup_close(&setup);
    return good;
}
