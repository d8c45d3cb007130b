/* Devices of patients, the places where they are present, dispatch, and how requests end. */
#include "actors/patient_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- devices ---- */

static struct patient *device_new(const struct ehr_patients_config *config, uint32_t index)
{
    struct patient *patient = ehr_actor_new(sizeof(*patient));
    char name[24];
    (void)snprintf(name, sizeof(name), "patient-%u", (unsigned)index);
    patient->index = index;
    ehr_drbg_init(&patient->crypto, config->seed, config->replication, name, EHR_DRBG_CRYPTO);
    ehr_drbg_init(&patient->workload, config->seed, config->replication, name, EHR_DRBG_WORKLOAD);
    uint8_t seed[32];
    enum ehr_status status;
    do { /* a seed with a zero scalar has probability 2^-250 */
        ehr_rng_fill(&patient->crypto.rng, seed, sizeof(seed));
        status = ehr_patient_keys_derive(&patient->keys, seed);
    } while (status != EHR_OK);
    ehr_wipe(seed, sizeof(seed));
    return patient;
}

static void device_free(struct patient *patient)
{
    if (patient == NULL)
        return;
    while (patient->errands != NULL)
        patient_errand_free(patient, patient->errands);
    patient_logs_free(patient, NULL);
    while (patient->cards != NULL) {
        struct patient_card *card = patient->cards;
        patient->cards = card->next;
        ehr_wipe(card, sizeof(*card));
        free(card);
    }
    while (patient->doctors != NULL) {
        struct patient_doctor *doctor = patient->doctors;
        patient->doctors = doctor->next;
        ehr_wipe(doctor, sizeof(*doctor));
        free(doctor);
    }
    for (uint32_t i = 0; i < PATIENT_ANSWERS_KEPT; i++)
        ehr_message_unref(patient->answers[i].message);
    ehr_wipe(patient->visits, patient->visit_count * sizeof(*patient->visits));
    free(patient->visits);
    free(patient->grants);
    ehr_drbg_close(&patient->crypto);
    ehr_drbg_close(&patient->workload);
    ehr_wipe(patient, sizeof(*patient));
    free(patient);
}

struct ehr_patients *ehr_patients_new(const struct ehr_patients_config *config)
{
    struct ehr_patients *patients = ehr_actor_new(sizeof(*patients));
    patients->config = *config;
    patients->devices = ehr_actor_new(config->directory->patient_count * sizeof(struct patient *));
    return patients;
}

void ehr_patients_free(struct ehr_patients *patients)
{
    if (patients == NULL)
        return;
    for (uint32_t i = 0; i < patients->config.directory->patient_count; i++)
        device_free(patients->devices[i]);
    free(patients->devices);
    free(patients);
}

/* ---- what handlers share ---- */

void patient_drop(const struct here *here, const struct ehr_message *message)
{
    ehr_mark(here->fx, EHR_MARK_DROPPED, 0, message->type, 0);
}

uint64_t patient_draw_below(const struct here *here, uint64_t bound)
{
    uint8_t bytes[8];
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound, drawn;
    do {
        ehr_rng_fill(&here->patient->workload.rng, bytes, sizeof(bytes));
        drawn = ehr_le64_get(bytes);
    } while (drawn >= limit);
    return drawn % bound;
}

double patient_draw_unit(const struct here *here)
{
    uint8_t bytes[8];
    ehr_rng_fill(&here->patient->workload.rng, bytes, sizeof(bytes));
    return (double)(ehr_le64_get(bytes) >> 11) * 0x1p-53;
}

void patient_height_seen(const struct here *here, uint64_t height)
{
    if (height > here->patient->known_height)
        here->patient->known_height = height;
}

struct patient_visit *patient_visit_by_request(const struct here *here, uint64_t request)
{
    for (uint32_t i = 0; i < here->patient->visit_count; i++)
        if (here->patient->visits[i].request == request)
            return &here->patient->visits[i];
    return NULL;
}

struct patient_visit *patient_visit_by_pseudonym(const struct here *here, const uint8_t P[32])
{
    for (uint32_t i = 0; i < here->patient->visit_count; i++)
        if (memcmp(here->patient->visits[i].pseudonym, P, 32) == 0)
            return &here->patient->visits[i];
    return NULL;
}

struct patient_visit *patient_visit_add(const struct here *here)
{
    struct patient *patient = here->patient;
    if (patient->visit_count == patient->visit_capacity) {
        uint32_t capacity = patient->visit_capacity == 0 ? 4 : 2 * patient->visit_capacity;
        struct patient_visit *visits = ehr_actor_new(capacity * sizeof(*visits));
        if (patient->visit_count > 0)
            memcpy(visits, patient->visits, patient->visit_count * sizeof(*visits));
        ehr_wipe(patient->visits, patient->visit_count * sizeof(*visits));
        free(patient->visits);
        patient->visits = visits;
        patient->visit_capacity = capacity;
    }
    return &patient->visits[patient->visit_count++];
}

/* ---- errands ---- */

struct errand *patient_errand_new(const struct here *here, uint64_t request, enum errand_kind kind)
{
    struct errand *errand = ehr_actor_new(sizeof(*errand));
    errand->request = request;
    errand->kind = kind;
    errand->place = here->place;
    errand->next = here->patient->errands;
    here->patient->errands = errand;
    return errand;
}

struct errand *patient_errand_find(const struct here *here, uint64_t request)
{
    struct errand *errand = here->patient->errands;
    while (errand != NULL && errand->request != request)
        errand = errand->next;
    return errand;
}

void patient_errand_free(struct patient *patient, struct errand *errand)
{
    struct errand **link = &patient->errands;
    while (*link != errand)
        link = &(*link)->next;
    *link = errand->next;
    ehr_resend_stop(&errand->resend);
    ehr_client_stop(&errand->client);
    patient_search_free(errand->search);
    free(errand->refused_by);
    ehr_blob_unref(errand->atx);
    ehr_blob_unref(errand->grant);
    ehr_blob_unref(errand->scope);
    patient_batch_free(errand->batch);
    free(errand);
}

static void request_end(const struct here *here, uint64_t request, enum ehr_mark_kind kind,
                        enum ehr_reply reply, const uint8_t grant_id[32])
{
    ehr_mark(here->fx, kind, request, (uint16_t)reply, 0);
    struct ehr_msg_ended *ended = EHR_NEW(ended, ENDED);
    ended->request = request;
    ended->status = (uint8_t)reply;
    ended->patient = here->patient->index;
    if (grant_id != NULL)
        memcpy(ended->grant_id, grant_id, 32);
    ehr_fx_post(here->fx, (struct ehr_address){here->directory->workload, 0},
                ehr_message_seal(&ended->head));
}

void patient_request_close(const struct here *here, uint64_t request, enum ehr_reply reply)
{
    request_end(here, request, EHR_MARK_CLOSE, reply, NULL);
}

void patient_errand_close(const struct here *here, struct errand *errand, enum ehr_reply reply)
{
    request_end(here, errand->request, EHR_MARK_CLOSE, reply, errand->grant_id);
    patient_errand_free(here->patient, errand);
}

void patient_errand_time_out(const struct here *here, struct errand *errand, enum ehr_reply reply)
{
    request_end(here, errand->request, EHR_MARK_TIMEOUT, reply, errand->grant_id);
    patient_errand_free(here->patient, errand);
}

/* ---- transactions of patients ---- */

void patient_submit(const struct here *here, struct errand *errand, uint8_t type,
                    const struct ehr_blob *bytes)
{
    struct ehr_tx *tx = ehr_tx_new(type, bytes->bytes, bytes->length, here->place->node.id,
                                   here->patient->index, errand->request);
    ehr_client_start(&errand->client, here->fx, here->directory, &here->directory->alliance, tx,
                     here->patient->view, EHR_CLIENT_QUORUM_ONLY, PATIENT_TIMER,
                     ++here->patient->generation);
}

static void patient_on_reply(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    struct errand *errand = patient_errand_find(here, reply->request);
    if (errand == NULL || !ehr_client_wants(&errand->client, reply)) {
        (void)patient_log_reply(here, d); /* if of neither: more than the quorum is normal */
        return;
    }
    struct ehr_client_result result;
    switch (ehr_client_on_reply(&errand->client, here->fx, d->from.node, reply, &result)) {
    case EHR_CLIENT_WAITING:
        return;
    case EHR_CLIENT_BAD:
        patient_drop(here, d->message);
        return;
    case EHR_CLIENT_DONE:
        break;
    }
    if (result.status == EHR_REPLY_OK && !patient_batch_settled(here, errand, &result))
        return; /* f+1 agree on the batch, but not yet on what became of each grant */
    patient_submitted(here, errand, &result);
}

void patient_submitted(const struct here *here, struct errand *errand,
                       const struct ehr_client_result *result)
{
    ehr_client_stop(&errand->client);
    if (result->view > here->patient->view)
        here->patient->view = result->view;
    if (result->status == EHR_REPLY_OK) {
        patient_height_seen(here, result->height);
        ehr_mark(here->fx, EHR_MARK_ACKED, errand->request, 0, result->height);
    }
    if (errand->kind == ERRAND_REVOKE)
        patient_revoke_done(here, errand, result);
    else
        patient_consent_answer(here, errand, result->status);
}

static void client_timer(const struct here *here, struct errand *errand)
{
    if (ehr_client_on_timer(&errand->client, here->fx, here->directory, PATIENT_TIMER))
        return;
    if (errand->kind == ERRAND_REVOKE)
        patient_errand_time_out(here, errand, EHR_REPLY_NODE_UNREACHABLE);
    else
        patient_consent_answer(here, errand, EHR_REPLY_NODE_UNREACHABLE);
}

/* ---- places ---- */

static struct place *place_of(struct ehr_node *node)
{
    return (struct place *)(void *)node;
}

/* False: no such patient. */
static bool here_make(struct here *here, struct ehr_node *node, struct ehr_fx *fx, uint32_t lane)
{
    struct place *place = place_of(node);
    struct ehr_patients *patients = place->patients;
    if (lane >= patients->config.directory->patient_count)
        return false;
    if (patients->devices[lane] == NULL)
        patients->devices[lane] = device_new(&patients->config, lane);
    *here = (struct here){patients->devices[lane], place, fx, &patients->config,
                          patients->config.directory};
    return true;
}

static void place_on_message(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    struct here at, *here = &at;
    if (!here_make(here, node, fx, d->lane)) {
        ehr_mark(fx, EHR_MARK_DROPPED, 0, d->message->type, 0);
        return;
    }
    switch (d->message->type) {
    case EHR_MSG_BEGIN_ENROL:
        patient_on_begin_enrol(here, d);
        return;
    case EHR_MSG_CARD:
        patient_on_card(here, d);
        return;
    case EHR_MSG_CARD_ASK:
        patient_on_card_ask(here, d);
        return;
    case EHR_MSG_DRAFT:
        patient_on_draft(here, d);
        return;
    case EHR_MSG_AUDIT:
        patient_on_audit(here, d);
        return;
    case EHR_MSG_RECEIPT:
        patient_on_receipt(here, d);
        return;
    case EHR_MSG_BEGIN_RETRIEVE:
        patient_on_begin_retrieve(here, d);
        return;
    case EHR_MSG_ANSWER:
        patient_on_answer(here, d);
        return;
    case EHR_MSG_RECORD:
        patient_on_record(here, d);
        return;
    case EHR_MSG_ACCESS_ASK:
        patient_on_access_ask(here, d);
        return;
    case EHR_MSG_BATCH_ASK:
        patient_on_batch_ask(here, d);
        return;
    case EHR_MSG_REPLY_ITEMS:
        patient_on_reply_items(here, d);
        return;
    case EHR_MSG_BEGIN_REVOKE:
        patient_on_begin_revoke(here, d);
        return;
    case EHR_MSG_REPLY:
        patient_on_reply(here, d);
        return;
    default: /* a number, not an enum: anything may arrive */
        patient_drop(here, d->message);
        return;
    }
}

static void place_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                           uint64_t generation)
{
    (void)id;
    struct here at, *here = &at;
    if (!here_make(here, node, fx, lane))
        return;
    for (struct errand *errand = here->patient->errands; errand != NULL; errand = errand->next) {
        if (errand->resend.patience.generation == generation) {
            if (!ehr_resend_on_timer(&errand->resend, fx, here->directory, PATIENT_TIMER))
                patient_errand_time_out(here, errand, EHR_REPLY_HOSPITAL_UNREACHABLE);
            return;
        }
        if (errand->client.patience.generation == generation) {
            client_timer(here, errand);
            return;
        }
        if (patient_receipt_timer(here, errand, generation) ||
            patient_search_timer(here, errand, generation) ||
            patient_retrieve_timer(here, errand, generation))
            return;
    }
    (void)patient_log_timer(here, generation);
}

/* A place that comes back has lost the timers of requests begun there; the devices themselves keep
 * what they know. */
static void place_on_start(struct ehr_node *node, struct ehr_fx *fx,
                           const struct ehr_journal *saved)
{
    (void)fx;
    struct place *place = place_of(node);
    struct ehr_patients *patients = place->patients;
    for (uint32_t i = 0; saved != NULL && i < patients->config.directory->patient_count; i++) {
        struct patient *patient = patients->devices[i];
        struct errand *errand = patient == NULL ? NULL : patient->errands;
        while (errand != NULL) {
            struct errand *next = errand->next;
            if (errand->place == place)
                patient_errand_free(patient, errand);
            errand = next;
        }
        if (patient != NULL)
            patient_logs_free(patient, place);
    }
}

struct ehr_node *ehr_patient_place_new(const char *name, struct ehr_patients *patients,
                                       uint32_t hospital)
{
    static const struct ehr_node_type type = {"patients", place_on_start, place_on_message,
                                              place_on_timer};
    struct place *place = ehr_actor_new(sizeof(*place));
    place->node = (struct ehr_node){.type = &type, .name = name};
    place->patients = patients;
    place->hospital = hospital;
    return &place->node;
}

void ehr_patient_place_free(struct ehr_node *node)
{
    free(node);
}
