/* C: the log of a query. The commitments of its trapdoors are ordered on the alliance chain: while
 * the search goes on, and nobody waits for it; or before, and it begins when they stand there. */
#include <string.h>

#include "actors/patient_internal.h"
#include "sim/ledger/query_log.h"

/* A log under way. It outlives the errand that it belongs to. */
struct patient_log {
    struct ehr_client client;
    const struct place *place;
    uint8_t query_id[32];
    struct patient_log *next;
};

void patient_log_submit(const struct here *here, const struct errand *errand,
                        const uint8_t query_id[32])
{
    struct patient *patient = here->patient;
    struct patient_log *log = ehr_actor_new(sizeof(*log));
    const uint8_t *trapdoors;
    size_t count = patient_search_trapdoors(errand->search, &trapdoors);
    struct ehr_blob *bytes = ehr_query_log_make(query_id, trapdoors, count);
    struct ehr_tx *tx = ehr_tx_new(EHR_TX_QUERY_LOG, bytes->bytes, bytes->length,
                                   here->place->node.id, patient->index, errand->request);
    ehr_blob_unref(bytes);
    memcpy(log->query_id, query_id, 32);
    log->place = here->place;
    log->next = patient->logs;
    patient->logs = log;
    ehr_client_start(&log->client, here->fx, here->directory, &here->directory->alliance, tx,
                     patient->view, EHR_CLIENT_QUORUM_ONLY, PATIENT_TIMER, ++patient->generation);
}

static void log_free(struct patient *patient, struct patient_log *log)
{
    struct patient_log **link = &patient->logs;
    while (*link != log)
        link = &(*link)->next;
    *link = log->next;
    ehr_client_stop(&log->client);
    free(log);
}

void patient_logs_free(struct patient *patient, const struct place *place)
{
    struct patient_log *log = patient->logs;
    while (log != NULL) {
        struct patient_log *next = log->next;
        if (place == NULL || log->place == place)
            log_free(patient, log);
        log = next;
    }
}

/* The errand whose query it is may wait for it. */
static void log_end(const struct here *here, struct patient_log *log, enum ehr_reply status)
{
    uint8_t query_id[32];
    uint64_t request = ehr_client_tx(&log->client)->request;
    memcpy(query_id, log->query_id, 32);
    log_free(here->patient, log);
    struct errand *errand = patient_errand_find(here, request);
    if (errand != NULL && errand->search != NULL)
        patient_search_logged(here, errand, query_id, status);
}

bool patient_log_reply(const struct here *here, const struct ehr_delivery *d)
{
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    struct ehr_client_result result;
    struct patient_log *log = here->patient->logs;
    while (log != NULL && !ehr_client_wants(&log->client, reply))
        log = log->next;
    if (log == NULL)
        return false;
    switch (ehr_client_on_reply(&log->client, here->fx, d->from.node, reply, &result)) {
    case EHR_CLIENT_WAITING:
        return true;
    case EHR_CLIENT_BAD:
        patient_drop(here, d->message);
        return true;
    case EHR_CLIENT_DONE:
        break;
    }
    if (result.view > here->patient->view)
        here->patient->view = result.view;
    if (result.status == EHR_REPLY_OK) {
        patient_height_seen(here, result.height);
        ehr_mark(here->fx, EHR_MARK_ACKED, reply->request, 0, result.height);
    }
    log_end(here, log, result.status);
    return true;
}

bool patient_log_timer(const struct here *here, uint64_t generation)
{
    struct patient_log *log = here->patient->logs;
    while (log != NULL && log->client.patience.generation != generation)
        log = log->next;
    if (log == NULL)
        return false;
    if (!ehr_client_on_timer(&log->client, here->fx, here->directory, PATIENT_TIMER))
        log_end(here, log, EHR_REPLY_NODE_UNREACHABLE);
    return true;
}
