#include "tests/simulation/role_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node.h"
#include "crypto/drbg.h"
#include "crypto/grant.h"
#include "crypto/hash.h"
#include "sim/ledger/pool.h"
#include "sim/records/generate.h"
#include "sim/consensus/registry.h"

enum { SEED = 7, NODES = 32 };

static const uint64_t second_ns = UINT64_C(1000000000);

/* A node with its secrets and stream. */
struct party {
    struct ehr_secrets secrets;
    struct ehr_drbg rng;
    struct ehr_node *node;
    void (*free)(struct ehr_node *node);
};

struct chain_parts {
    struct ehr_chain *chain;
    struct ehr_effects effects;
    struct ehr_engine_config config;
};

struct role_private {
    struct role_world *world;
    struct ehr_cases cases;
    struct ehr_record_source source;
    struct ehr_secrets root;
    struct party parties[NODES]; /* by node id */
    uint32_t party_count;
    struct ehr_hospital_info hospitals[ROLE_WORLD_HOSPITALS];
    struct ehr_member replicas[1 + ROLE_WORLD_HOSPITALS][ROLE_WORLD_REPLICAS];
    uint8_t keys[1 + ROLE_WORLD_HOSPITALS][32 * ROLE_WORLD_REPLICAS];
    struct chain_parts chains[1 + ROLE_WORLD_HOSPITALS];
    struct ehr_member doctors[ROLE_WORLD_HOSPITALS], data_user;
    uint32_t homes[ROLE_WORLD_PATIENTS];
    struct ehr_patients *patients;
    struct ehr_node workload;
};

/* ---- the recorder ---- */

static void on_mark(void *context, uint32_t node, const struct ehr_mark *mark)
{
    struct role_world *world = context;
    (void)node;
    struct role_request *request =
        mark->request < ROLE_WORLD_REQUESTS ? &world->requests[mark->request] : NULL;
    if (mark->kind == EHR_MARK_DROPPED)
        world->dropped++;
    if (request == NULL || mark->request == 0)
        return;
    if (mark->kind == EHR_MARK_CLOSE || mark->kind == EHR_MARK_TIMEOUT) {
        if (request->closed + request->timed_out == 0)
            request->reply = (enum ehr_reply)mark->phase;
        request->closed += mark->kind == EHR_MARK_CLOSE;
        request->timed_out += mark->kind == EHR_MARK_TIMEOUT;
    }
    if (mark->kind == EHR_MARK_PHASE && mark->phase < EHR_PHASE_END)
        request->phases[mark->phase]++;
    if (mark->kind == EHR_MARK_BLAME)
        request->blamed_node = (uint32_t)mark->value;
    request->blamed += mark->kind == EHR_MARK_BLAME;
    request->identical += mark->kind == EHR_MARK_IDENTICAL;
    request->durable += mark->kind == EHR_MARK_DURABLE;
    request->shared += mark->kind == EHR_MARK_SHARED;
}

static struct ehr_message *on_travel(void *context, uint32_t from, struct ehr_address to,
                                     struct ehr_message *message)
{
    struct role_world *world = context;
    return world->travel == NULL ? message : world->travel(world->context, from, to, message);
}

static void workload_on_start(struct ehr_node *node, struct ehr_fx *fx,
                              const struct ehr_journal *saved)
{
    (void)node;
    (void)fx;
    (void)saved;
}

static void workload_on_message(struct ehr_node *node, struct ehr_fx *fx,
                                const struct ehr_delivery *d)
{
    (void)fx;
    struct role_private *private =
        (struct role_private *)(void *)((char *)node - offsetof(struct role_private, workload));
    assert(d->message->type == EHR_MSG_ENDED);
    const struct ehr_msg_ended *ended = EHR_AS(ended, d->message);
    if (ended->request >= ROLE_WORLD_REQUESTS)
        return;
    struct role_request *request = &private->world->requests[ended->request];
    request->ended++;
    memcpy(request->grant_id, ended->grant_id, 32);
}

static void workload_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                              uint64_t generation)
{
    (void)node;
    (void)fx;
    (void)lane;
    (void)id;
    (void)generation;
}

static const struct ehr_node_type workload_type = {"workload", workload_on_start,
                                                   workload_on_message, workload_on_timer};

/* ---- identities ---- */

static void record_get(const struct ehr_cases *cases, uint32_t index, struct ehr_record *record)
{
    const struct role_private *private =
        (const struct role_private *)(const void *)((const char *)cases -
                                                    offsetof(struct role_private, cases));
    enum ehr_record_status status = ehr_record_generate(&private->source, 0, index, record);
    assert(status == EHR_RECORD_OK);
}

static void secrets_draw(struct ehr_secrets *secrets, struct ehr_rng *rng)
{
    uint8_t seed[32];
    ehr_rng_fill(rng, seed, sizeof(seed));
    ehr_sign_key_init(&secrets->sign, seed);
    enum ehr_status status = ehr_dh_key_make(&secrets->dh, rng);
    assert(status == EHR_OK);
    status = ehr_dh_key_make(&secrets->epoch, rng);
    assert(status == EHR_OK);
}

static void certify(uint8_t bytes[EHR_CERT_BYTES], struct ehr_cert *cert, enum ehr_role role,
                    const struct ehr_secrets *own, const uint8_t *issuer_id,
                    const struct ehr_secrets *issuer)
{
    *cert = (struct ehr_cert){.role = (uint8_t)role,
                              .flags = EHR_CERT_FLAG_SIMULATION,
                              .not_after = UINT64_MAX,
                              .dh_pk = own->dh.public};
    if (issuer_id != NULL)
        memcpy(cert->issuer_id, issuer_id, 32);
    memcpy(cert->ed_pk, own->sign.public, 32);
    ehr_cert_issue(bytes, cert, &issuer->sign);
}

/* Takes the next node id. */
static struct party *party_make(struct role_private *private, struct ehr_member *member,
                                enum ehr_role role, const char *name, const uint8_t *issuer_id,
                                const struct ehr_secrets *issuer)
{
    assert(private->party_count < NODES);
    member->node = private->party_count++;
    member->name = name;
    struct party *party = &private->parties[member->node];
    ehr_drbg_init(&party->rng, SEED, member->node, name, EHR_DRBG_CRYPTO);
    secrets_draw(&party->secrets, &party->rng.rng);
    certify(member->certificate, &member->cert, role, &party->secrets, issuer_id, issuer);
    if (role == EHR_ROLE_DOCTOR || role == EHR_ROLE_ALLIANCE_NODE) {
        member->epoch_key = party->secrets.epoch.public;
        ehr_epoch_cert_make(member->epoch_certificate,
                            role == EHR_ROLE_DOCTOR ? EHR_EPOCH_KEY_INDEX : EHR_EPOCH_KEY_SEALING,
                            member->cert.id, 1, &member->epoch_key, &party->secrets.sign);
    }
    return party;
}

static void committee_make(struct role_private *private, struct ehr_committee *committee,
                           uint32_t chain, enum ehr_role role, const struct ehr_cert *issuer_cert,
                           const struct ehr_secrets *issuer)
{
    const struct ehr_engine_type *engine = ehr_engine_find("pbft");
    *committee = (struct ehr_committee){.chain = chain,
                                        .count = ROLE_WORLD_REPLICAS,
                                        .members = private->replicas[chain],
                                        .keys = private->keys[chain],
                                        .certificate_quorum = 3,
                                        .client_quorum = 2};
    for (uint32_t i = 0; i < committee->count; i++) {
        (void)party_make(private, &committee->members[i], role, "replica", issuer_cert->id, issuer);
        memcpy(committee->keys + 32 * (size_t)i, committee->members[i].cert.ed_pk, 32);
    }
    ehr_chain_id(committee->chain_id, issuer_cert->id);
    struct chain_parts *parts = &private->chains[chain];
    parts->config = (struct ehr_engine_config){.replicas = ROLE_WORLD_REPLICAS,
                                               .batch_max = 8,
                                               .batch_timeout_ns = 10000000,
                                               .request_timeout_ns = 2 * second_ns,
                                               .checkpoint_interval = 16,
                                               .window = 64,
                                               .votes = EHR_ENGINE_VOTES_BACKUPS,
                                               .signatures = true};
    parts->effects.capacity = engine->effects_max(&parts->config);
    parts->effects.item = calloc(parts->effects.capacity, sizeof(*parts->effects.item));
}

static void genesis(struct role_world *world)
{
    struct role_private *private = world->private;
    struct ehr_directory *directory = &world->directory;
    struct ehr_drbg rng;
    ehr_drbg_init(&rng, SEED, 0, "root", EHR_DRBG_CRYPTO);
    secrets_draw(&private->root, &rng.rng);
    certify(directory->root_certificate, &directory->root, EHR_ROLE_ROOT, &private->root, NULL,
            &private->root);
    for (uint32_t h = 0; h < ROLE_WORLD_HOSPITALS; h++) {
        struct ehr_hospital_info *info = &private->hospitals[h];
        const struct party *server =
            party_make(private, &info->server, EHR_ROLE_HOSPITAL, h == 0 ? "server-0" : "server-1",
                       directory->root.id, &private->root);
        committee_make(private, &info->committee, 1 + h, EHR_ROLE_PRIVATE_NODE, &info->server.cert,
                       &server->secrets);
        (void)party_make(private, &private->doctors[h], EHR_ROLE_DOCTOR, "doctor",
                         info->server.cert.id, &server->secrets);
        info->doctors = &private->doctors[h];
        info->doctor_count = 1;
        info->place = private->party_count++;
    }
    committee_make(private, &directory->alliance, 0, EHR_ROLE_ALLIANCE_NODE, &directory->root,
                   &private->root);
    (void)party_make(private, &private->data_user, EHR_ROLE_DATA_USER, "data-user",
                     directory->root.id, &private->root);
    directory->epoch = 1;
    directory->hospitals = private->hospitals;
    directory->hospital_count = ROLE_WORLD_HOSPITALS;
    directory->data_users = &private->data_user;
    directory->data_user_count = 1;
    directory->patient_home = private->homes;
    directory->patient_count = ROLE_WORLD_PATIENTS;
    directory->proxies = 4;
    directory->threshold = 3;
    directory->query_expiry_blocks = 100;
    directory->retry_ns = second_ns;
    directory->give_up_ns = 20 * second_ns;
    directory->consent_timeout_ns = 30 * second_ns;
    directory->orphan_timeout_ns = 60 * second_ns;
    directory->workload = private->party_count++;
    uint8_t ids[32 * ROLE_WORLD_REPLICAS];
    for (size_t i = 0; i < ROLE_WORLD_REPLICAS; i++)
        memcpy(ids + 32 * i, directory->alliance.members[i].cert.id, 32);
    ehr_committee_id(directory->committee_id, 1, ids, ROLE_WORLD_REPLICAS);
}

/* ---- nodes ---- */

static void chains_make(struct role_private *private)
{
    struct ehr_directory *directory = &private->world->directory;
    struct ehr_member_hospital members[ROLE_WORLD_HOSPITALS] = {0};
    for (uint32_t h = 0; h < ROLE_WORLD_HOSPITALS; h++) {
        struct ehr_hospital_info *info = &private->hospitals[h];
        struct ehr_contract_doctor doctor = {0};
        memcpy(doctor.cert_id, info->doctors[0].cert.id, 32);
        memcpy(doctor.ed_pk, info->doctors[0].cert.ed_pk, 32);
        private->chains[1 + h].chain =
            ehr_chain_new(1 + h, info->committee.chain_id, 1, ROLE_WORLD_REPLICAS,
                          ehr_contract_private_new(info->server.cert.id, 1, &doctor, 1));
        memcpy(members[h].hid, info->server.cert.id, 32);
        memcpy(members[h].ed_pk, info->server.cert.ed_pk, 32);
        memcpy(members[h].chain_id, info->committee.chain_id, 32);
        members[h].keys = info->committee.keys;
        members[h].members = ROLE_WORLD_REPLICAS;
        members[h].certificate_quorum = info->committee.certificate_quorum;
    }
    private->chains[0].chain = ehr_chain_new(
        0, directory->alliance.chain_id, 1, ROLE_WORLD_REPLICAS,
        ehr_contract_alliance_new(members, ROLE_WORLD_HOSPITALS, directory->committee_id));
}

static void seat(struct role_private *private, uint32_t id, struct ehr_node *node,
                 void (*release)(struct ehr_node *node))
{
    private->parties[id].node = node;
    private->parties[id].free = release;
}

static void replicas_make(struct role_private *private, const struct ehr_committee *committee)
{
    struct chain_parts *parts = &private->chains[committee->chain];
    for (uint32_t i = 0; i < committee->count; i++) {
        uint32_t id = committee->members[i].node;
        const struct ehr_chain_node_config config = {
            .directory = &private->world->directory,
            .committee = committee,
            .replica = i,
            .chain = parts->chain,
            .engine = ehr_engine_find("pbft"),
            .engine_config = parts->config,
            .effects = &parts->effects,
            .secrets = private->parties[id].secrets,
            .rng = &private->parties[id].rng.rng,
            .query_expiry_max = 100,
        };
        seat(private, id, ehr_chain_node_new("replica", &config), ehr_chain_node_free);
    }
}

static void hospital_make(struct role_private *private, uint32_t h)
{
    const struct ehr_hospital_info *info = &private->hospitals[h];
    struct role_world *world = private->world;
    struct party *server = &private->parties[info->server.node];
    struct ehr_hospital_config config = {.directory = &world->directory,
                                         .hospital = h,
                                         .secrets = server->secrets,
                                         .rng = &server->rng.rng};
    ehr_rng_fill(&server->rng.rng, config.card_secret, sizeof(config.card_secret));
    world->servers[h] = ehr_hospital_new("server", &config);
    seat(private, info->server.node, world->servers[h], ehr_hospital_free);
    struct party *doctor = &private->parties[info->doctors[0].node];
    const struct ehr_doctor_config doctor_config = {.directory = &world->directory,
                                                    .cases = &private->cases,
                                                    .hospital = h,
                                                    .secrets = doctor->secrets,
                                                    .rng = &doctor->rng.rng};
    seat(private, info->doctors[0].node, ehr_doctor_new("doctor", &doctor_config), ehr_doctor_free);
    seat(private, info->place, ehr_patient_place_new("place", private->patients, h),
         ehr_patient_place_free);
}

struct role_world *role_world_new(double consent)
{
    return role_world_new_searching(consent, &(struct role_search){.keywords = 1});
}

struct role_world *role_world_new_searching(double consent, const struct role_search *search)
{
    ehr_crypto_init();
    struct role_world *world = calloc(1, sizeof(*world));
    struct role_private *private = calloc(1, sizeof(*private));
    assert(world != NULL && private != NULL);
    world->private = private;
    private->world = world;
    private->cases = (struct ehr_cases){record_get, 100};
    private->source.key = SEED;
    private->homes[ROLE_WORLD_PATIENTS - 1] = 1;
    private->workload = (struct ehr_node){.type = &workload_type, .name = "workload"};
    genesis(world);
    chains_make(private);
    world->directory.scan = search->scan;
    world->directory.broadcast = search->broadcast;
    if (search->scan)
        ehr_contract_scan_allow(private->chains[0].chain->contract);
    const struct ehr_patients_config patients = {.directory = &world->directory,
                                                 .cases = &private->cases,
                                                 .seed = SEED,
                                                 .consent = consent,
                                                 .keywords = search->keywords};
    private->patients = ehr_patients_new(&patients);
    replicas_make(private, &world->directory.alliance);
    for (uint32_t h = 0; h < ROLE_WORLD_HOSPITALS; h++) {
        replicas_make(private, &private->hospitals[h].committee);
        hospital_make(private, h);
    }
    struct party *user = &private->parties[private->data_user.node];
    const struct ehr_data_user_config user_config = {.directory = &world->directory,
                                                     .cases = &private->cases,
                                                     .secrets = user->secrets,
                                                     .rng = &user->rng.rng};
    seat(private, private->data_user.node, ehr_data_user_new("data-user", &user_config),
         ehr_data_user_free);
    seat(private, world->directory.workload, &private->workload, NULL);
    const struct ehr_loop_hooks hooks = {world, on_mark, on_travel};
    world->loop = ehr_loop_new(1000000, &hooks);
    for (uint32_t i = 0; i < private->party_count; i++)
        (void)ehr_loop_node_add(world->loop, private->parties[i].node);
    struct ehr_committee *alliance = &world->directory.alliance;
    alliance->group = ehr_loop_group_add(world->loop, alliance->members[0].node, alliance->count);
    for (uint32_t h = 0; h < ROLE_WORLD_HOSPITALS; h++) {
        struct ehr_committee *committee = &private->hospitals[h].committee;
        committee->group =
            ehr_loop_group_add(world->loop, committee->members[0].node, committee->count);
    }
    ehr_loop_start(world->loop);
    return world;
}

bool role_world_free(struct role_world *world)
{
    struct role_private *private = world->private;
    ehr_loop_free(world->loop);
    for (uint32_t i = 0; i < private->party_count; i++) {
        if (private->parties[i].free != NULL)
        private->parties[i].free(private->parties[i].node);
        ehr_drbg_close(&private->parties[i].rng);
    }
    ehr_patients_free(private->patients);
    for (uint32_t c = 0; c <= ROLE_WORLD_HOSPITALS; c++) {
        ehr_chain_free(private->chains[c].chain);
        free(private->chains[c].effects.item);
    }
    free(private);
    free(world);
    return ehr_message_pool_alive() == 0 && ehr_body_alive() == 0 && ehr_pool_alive() == 0;
}

/* ---- requests ---- */

const struct ehr_secrets *role_world_secrets(const struct role_world *world, uint32_t node)
{
    assert(node < world->private->party_count);
    return &world->private->parties[node].secrets;
}

void role_world_record(const struct role_world *world, uint32_t index, struct ehr_record *record)
{
    record_get(&world->private->cases, index, record);
}

struct ehr_address role_world_patient(const struct role_world *world, uint32_t h, uint32_t patient)
{
    return (struct ehr_address){world->directory.hospitals[h].place, patient};
}

void role_world_post(struct role_world *world, struct ehr_address to, struct ehr_message *take)
{
    ehr_loop_inject(world->loop, (struct ehr_address){world->directory.workload, 0}, to, take);
}

void role_world_run(struct role_world *world, double seconds)
{
    (void)ehr_loop_run(world->loop,
                       ehr_loop_now(world->loop) + (uint64_t)(seconds * (double)second_ns));
}

void role_world_enrol(struct role_world *world, uint32_t request, uint32_t h, uint32_t patient)
{
    struct ehr_msg_begin_enrol *begin = EHR_NEW(begin_enrol, BEGIN_ENROL);
    begin->request = request;
    role_world_post(world, role_world_patient(world, h, patient), ehr_message_seal(&begin->head));
}

void role_world_visit(struct role_world *world, uint32_t request, uint32_t h, uint32_t patient,
                      uint32_t record)
{
    struct ehr_msg_begin_visit *begin = EHR_NEW(begin_visit, BEGIN_VISIT);
    begin->request = request;
    begin->patient = patient;
    begin->record = record;
    role_world_post(world, (struct ehr_address){world->directory.hospitals[h].doctors[0].node, 0},
                    ehr_message_seal(&begin->head));
}

void role_world_retrieve(struct role_world *world, uint32_t request, uint32_t h, uint32_t patient,
                         uint32_t visit, uint32_t record)
{
    struct ehr_msg_begin_retrieve *begin = EHR_NEW(begin_retrieve, BEGIN_RETRIEVE);
    begin->request = request;
    begin->visit = visit;
    begin->record = record;
    role_world_post(world, role_world_patient(world, h, patient), ehr_message_seal(&begin->head));
}

void role_world_share(struct role_world *world, uint32_t request, uint32_t patient, uint32_t visit,
                      uint32_t record)
{
    struct ehr_msg_begin_share *begin = EHR_NEW(begin_share, BEGIN_SHARE);
    begin->request = request;
    begin->patient = patient;
    begin->visit = visit;
    begin->record = record;
    role_world_post(world, (struct ehr_address){world->directory.data_users[0].node, 0},
                    ehr_message_seal(&begin->head));
}

void role_world_revoke(struct role_world *world, uint32_t request, uint32_t patient,
                       const uint8_t grant_id[32])
{
    struct ehr_msg_begin_revoke *begin = EHR_NEW(begin_revoke, BEGIN_REVOKE);
    begin->request = request;
    memcpy(begin->grant_id, grant_id, 32);
    role_world_post(world,
                    role_world_patient(world, world->directory.patient_home[patient], patient),
                    ehr_message_seal(&begin->head));
}
