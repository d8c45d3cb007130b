/* Keys are drawn in a fixed order from each party's own stream, so that one more doctor changes
 * nobody else's. */
#include "sim/app/genesis.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/grant.h"
#include "crypto/hash.h"
#include "sim/app/memory.h"
#include "sim/consensus/registry.h"

enum { EPOCH = 1 };

struct making {
    const struct ehr_scenario *scenario;
    struct ehr_genesis *genesis;
    uint64_t seed;
    uint32_t replication;
    uint64_t serial; /* of the next certificate */
};

/* ---- identities ---- */

static void secrets_draw(struct ehr_secrets *secrets, struct ehr_rng *rng, bool epoch)
{
    uint8_t seed[EHR_SIGN_SEED_BYTES];
    ehr_rng_fill(rng, seed, sizeof seed);
    ehr_sign_key_init(&secrets->sign, seed);
    ehr_wipe(seed, sizeof seed);
    enum ehr_status status = ehr_dh_key_make(&secrets->dh, rng);
    if (status == EHR_OK && epoch)
        status = ehr_dh_key_make(&secrets->epoch, rng);
    assert(status == EHR_OK); /* a scalar of 0 does not come up */
}

static void certify(struct making *making, struct ehr_member *member, enum ehr_role role,
                    const char *name, const struct ehr_secrets *own, const uint8_t issuer_id[32],
                    const struct ehr_secrets *issuer)
{
    struct ehr_cert *cert = &member->cert;
    member->name = name;
    cert->role = (uint8_t)role;
    cert->flags = EHR_CERT_FLAG_SIMULATION;
    if (issuer_id != NULL)
        memcpy(cert->issuer_id, issuer_id, 32);
    cert->serial = making->serial++;
    cert->not_before = 0;
    cert->not_after = UINT64_MAX;
    memcpy(cert->ed_pk, own->sign.public, 32);
    cert->dh_pk = own->dh.public;
    ehr_cert_name_hash(cert->name_hash, name);
    ehr_cert_issue(member->certificate, cert, &issuer->sign);
}

static void epoch_certify(struct ehr_member *member, enum ehr_epoch_key_kind kind,
                          const struct ehr_secrets *secrets)
{
    member->epoch_key = secrets->epoch.public;
    ehr_epoch_cert_make(member->epoch_certificate, kind, member->cert.id, EPOCH, &member->epoch_key,
                        &secrets->sign);
}

/* Draws the keys of a party and certifies them. */
static void identity_make(struct making *making, struct ehr_identity *identity,
                          struct ehr_member *member, enum ehr_role role, char *take_name,
                          uint32_t host, const uint8_t issuer_id[32],
                          const struct ehr_secrets *issuer)
{
    bool epoch = role == EHR_ROLE_DOCTOR || role == EHR_ROLE_ALLIANCE_NODE;
    identity->name = take_name;
    identity->host = host;
    identity->node = member->node = making->genesis->node_count++;
    ehr_drbg_init(&identity->rng, making->seed, making->replication, take_name, EHR_DRBG_CRYPTO);
    secrets_draw(&identity->secrets, &identity->rng.rng, epoch);
    certify(making, member, role, take_name, &identity->secrets, issuer_id, issuer);
    if (role == EHR_ROLE_DOCTOR)
        epoch_certify(member, EHR_EPOCH_KEY_INDEX, &identity->secrets);
    if (role == EHR_ROLE_ALLIANCE_NODE)
        epoch_certify(member, EHR_EPOCH_KEY_SEALING, &identity->secrets);
}

static void root_make(struct making *making)
{
    struct ehr_genesis *genesis = making->genesis;
    struct ehr_member member = {0};
    struct ehr_drbg rng;
    ehr_drbg_init(&rng, making->seed, making->replication, "root", EHR_DRBG_CRYPTO);
    secrets_draw(&genesis->root, &rng.rng, false);
    ehr_drbg_close(&rng);
    certify(making, &member, EHR_ROLE_ROOT, "root", &genesis->root, NULL, &genesis->root);
    memcpy(genesis->directory.root_certificate, member.certificate, EHR_CERT_BYTES);
    genesis->directory.root = member.cert;
}

/* ---- chains ---- */

static void engine_choose(struct ehr_genesis_chain *chain, const struct ehr_scenario_chain *wanted)
{
    chain->engine = ehr_engine_find(wanted->consensus);
    assert(chain->engine != NULL); /* ehr_scenario_engines_check */
    chain->config = (struct ehr_engine_config){
        .replicas = (uint16_t)chain->committee->count,
        .batch_max = wanted->batch,
        .batch_timeout_ns = wanted->batch_timeout_ns,
        .request_timeout_ns = wanted->request_timeout_ns,
        .checkpoint_interval = wanted->checkpoint_interval,
        .window = wanted->window,
        .votes = wanted->votes == EHR_SCENARIO_VOTES_ALL ? EHR_ENGINE_VOTES_ALL
                                                         : EHR_ENGINE_VOTES_BACKUPS,
        .signatures = wanted->authentication != EHR_SCENARIO_AUTHENTICATION_NONE,
        .two_chain = wanted->chain == EHR_SCENARIO_CHAIN_TWO,
        .fixed_leader = wanted->leader == EHR_SCENARIO_LEADER_FIXED,
    };
    chain->macs = wanted->authentication == EHR_SCENARIO_AUTHENTICATION_MAC;
    chain->effects.capacity = chain->engine->effects_max(&chain->config);
    chain->effects.item = ehr_app_zeroed(chain->effects.capacity, sizeof *chain->effects.item);
}

/* The nodes of a committee, one on each host, and what follows from their number and keys. */
static void committee_make(struct making *making, struct ehr_genesis_chain *chain,
                           struct ehr_committee *committee, uint32_t number, const char *prefix,
                           const struct ehr_scenario_hosts *hosts,
                           const struct ehr_scenario_chain *wanted,
                           const struct ehr_cert *issuer_cert, const struct ehr_secrets *issuer)
{
    enum ehr_role role = number == 0 ? EHR_ROLE_ALLIANCE_NODE : EHR_ROLE_PRIVATE_NODE;
    chain->committee = committee;
    committee->chain = number;
    committee->count = (uint32_t)hosts->count;
    committee->members = ehr_app_zeroed(hosts->count, sizeof *committee->members);
    committee->keys = ehr_app_zeroed(hosts->count, 32);
    chain->nodes = ehr_app_zeroed(hosts->count, sizeof *chain->nodes);
    for (uint32_t i = 0; i < committee->count; i++) {
        identity_make(making, &chain->nodes[i], &committee->members[i], role,
                      ehr_app_text("%s-node-%u", prefix, i), hosts->index[i], issuer_cert->id,
                      issuer);
        memcpy(committee->keys + 32 * (size_t)i, committee->members[i].cert.ed_pk, 32);
    }
    ehr_chain_id(committee->chain_id, issuer_cert->id);
    engine_choose(chain, wanted);
    committee->certificate_quorum = chain->engine->certificate_quorum(committee->count);
    committee->client_quorum = ehr_genesis_quorum(chain, EHR_SCENARIO_QUORUM_CORRECT);
    committee->bodies_broadcast = wanted->bodies == EHR_SCENARIO_BODIES_BROADCAST;
    committee->submit_to_all =
        committee->bodies_broadcast ||
        ehr_engine_requests_of(chain->engine, &chain->config) == EHR_ENGINE_REQUESTS_ALL;
}

/* ---- hospitals ---- */

static void doctors_make(struct making *making, uint32_t h)
{
    const struct ehr_scenario_hospital *wanted = &making->scenario->hospitals[h];
    struct ehr_genesis_hospital *hospital = &making->genesis->hospitals[h];
    struct ehr_hospital_info *info = &making->genesis->directory.hospitals[h];
    size_t count = wanted->doctors.count * wanted->doctors_per_host;
    info->doctor_count = (uint32_t)count;
    info->doctors = ehr_app_zeroed(count, sizeof *info->doctors);
    hospital->doctors = ehr_app_zeroed(count, sizeof *hospital->doctors);
    for (uint32_t i = 0; i < info->doctor_count; i++)
        identity_make(making, &hospital->doctors[i], &info->doctors[i], EHR_ROLE_DOCTOR,
                      ehr_app_text("%s-doctor-%u", wanted->id, i),
                      wanted->doctors.index[i / wanted->doctors_per_host], info->server.cert.id,
                      &hospital->server.secrets);
}

static struct ehr_chain *private_chain_new(const struct ehr_directory *directory, uint32_t h)
{
    const struct ehr_hospital_info *info = &directory->hospitals[h];
    struct ehr_contract_doctor *doctors = ehr_app_zeroed(info->doctor_count, sizeof *doctors);
    for (uint32_t i = 0; i < info->doctor_count; i++) {
        memcpy(doctors[i].cert_id, info->doctors[i].cert.id, 32);
        memcpy(doctors[i].ed_pk, info->doctors[i].cert.ed_pk, 32);
    }
    struct ehr_chain *chain = ehr_chain_new(
        1 + h, info->committee.chain_id, EPOCH, info->committee.count,
        ehr_contract_private_new(info->server.cert.id, EPOCH, doctors, info->doctor_count));
    ehr_contract_issuer_set(chain->contract, info->server.cert.id, info->server.cert.ed_pk);
    free(doctors);
    return chain;
}

static void hospital_make(struct making *making, uint32_t h)
{
    const struct ehr_scenario_hospital *wanted = &making->scenario->hospitals[h];
    struct ehr_genesis *genesis = making->genesis;
    struct ehr_genesis_hospital *hospital = &genesis->hospitals[h];
    struct ehr_hospital_info *info = &genesis->directory.hospitals[h];
    info->id = wanted->id;
    identity_make(making, &hospital->server, &info->server, EHR_ROLE_HOSPITAL,
                  ehr_app_text("%s-server", wanted->id), wanted->server.index[0],
                  genesis->directory.root.id, &genesis->root);
    ehr_rng_fill(&hospital->server.rng.rng, hospital->card_secret, sizeof hospital->card_secret);
    committee_make(making, &hospital->chain, &info->committee, 1 + h, wanted->id, &wanted->nodes,
                   &wanted->chain, &info->server.cert, &hospital->server.secrets);
    doctors_make(making, h);
    hospital->chain.chain = private_chain_new(&genesis->directory, h);
    hospital->place_name = ehr_app_text("%s-patients", wanted->id);
    hospital->place_host = wanted->patients.index[0];
    info->place = genesis->node_count++;
}

/* ---- alliance ---- */

static void committee_id_compute(struct ehr_directory *directory)
{
    uint8_t *ids = ehr_app_zeroed(directory->proxies, 32);
    for (uint32_t i = 0; i < directory->proxies; i++)
        memcpy(ids + 32 * (size_t)i, directory->alliance.members[i].cert.id, 32);
    ehr_committee_id(directory->committee_id, directory->epoch, ids, directory->proxies);
    free(ids);
}

static struct ehr_chain *alliance_chain_new(const struct ehr_directory *directory)
{
    struct ehr_member_hospital *members =
        ehr_app_zeroed(directory->hospital_count, sizeof *members);
    for (uint32_t h = 0; h < directory->hospital_count; h++) {
        const struct ehr_hospital_info *info = &directory->hospitals[h];
        memcpy(members[h].hid, info->server.cert.id, 32);
        memcpy(members[h].ed_pk, info->server.cert.ed_pk, 32);
        memcpy(members[h].chain_id, info->committee.chain_id, 32);
        members[h].keys = info->committee.keys;
        members[h].members = info->committee.count;
        members[h].certificate_quorum = info->committee.certificate_quorum;
    }
    struct ehr_chain *chain = ehr_chain_new(
        0, directory->alliance.chain_id, EPOCH, directory->alliance.count,
        ehr_contract_alliance_new(members, directory->hospital_count, directory->committee_id));
    if (directory->scan)
        ehr_contract_scan_allow(chain->contract);
    ehr_contract_issuer_set(chain->contract, directory->root.id, directory->root.ed_pk);
    free(members);
    return chain;
}

static enum ehr_query_logging logging_of(enum ehr_scenario_query_log wanted)
{
    switch (wanted) {
    case EHR_SCENARIO_QUERY_LOG_NONE:
        return EHR_QUERY_LOGGING_NONE;
    case EHR_SCENARIO_QUERY_LOG_ASYNC:
        return EHR_QUERY_LOGGING_ASYNC;
    case EHR_SCENARIO_QUERY_LOG_BEFORE:
        return EHR_QUERY_LOGGING_BEFORE;
    }
    return EHR_QUERY_LOGGING_NONE;
}

static void alliance_make(struct making *making)
{
    const struct ehr_scenario_alliance *wanted = &making->scenario->alliance;
    struct ehr_genesis *genesis = making->genesis;
    struct ehr_directory *directory = &genesis->directory;
    committee_make(making, &genesis->alliance, &directory->alliance, 0, "alliance", &wanted->nodes,
                   &wanted->chain, &directory->root, &genesis->root);
    directory->alliance.client_quorum =
        ehr_genesis_quorum(&genesis->alliance, wanted->client_quorum);
    directory->proxies = wanted->proxies;
    if (directory->proxies > directory->alliance.count) /* only where nobody grants anything */
        directory->proxies = directory->alliance.count;
    directory->threshold = wanted->threshold;
    directory->query_expiry_blocks = wanted->query_expiry_blocks;
    directory->scan = wanted->search == EHR_SCENARIO_SEARCH_SCAN;
    directory->scope_enforced = wanted->scope == EHR_SCENARIO_SCOPE_ENFORCED;
    directory->broadcast = wanted->trapdoors == EHR_SCENARIO_TRAPDOORS_BROADCAST;
    directory->query_logging = logging_of(making->scenario->workload.retrievals.query_log);
    committee_id_compute(directory);
}

/* ---- the whole ---- */

static void data_users_make(struct making *making)
{
    const struct ehr_scenario *scenario = making->scenario;
    struct ehr_genesis *genesis = making->genesis;
    struct ehr_directory *directory = &genesis->directory;
    directory->data_user_count = (uint32_t)scenario->data_user_count;
    directory->data_users = ehr_app_zeroed(scenario->data_user_count, sizeof(struct ehr_member));
    genesis->data_users = ehr_app_zeroed(scenario->data_user_count, sizeof(struct ehr_identity));
    for (uint32_t i = 0; i < directory->data_user_count; i++)
        identity_make(making, &genesis->data_users[i], &directory->data_users[i],
                      EHR_ROLE_DATA_USER, ehr_app_text("%s", scenario->data_users[i].id),
                      scenario->data_users[i].host.index[0], directory->root.id, &genesis->root);
}

/* How long clients wait: docs/model-assumptions.md. */
static void patience_set(struct making *making)
{
    const uint64_t second = 1000000000U;
    struct ehr_directory *directory = &making->genesis->directory;
    directory->retry_ns = making->scenario->workload.retry_ns;
    directory->give_up_ns = making->scenario->workload.give_up_ns;
    directory->orphan_timeout_ns = 600 * second;
    directory->consent_timeout_ns = making->scenario->workload.shares.consent_timeout_ns;
}

struct ehr_genesis *ehr_genesis_new(const struct ehr_scenario *scenario, uint64_t seed,
                                    uint32_t replication, const uint32_t *patient_home,
                                    uint32_t patient_count)
{
    struct ehr_genesis *genesis = ehr_app_zeroed(1, sizeof *genesis);
    struct ehr_directory *directory = &genesis->directory;
    struct making making = {scenario, genesis, seed, replication, 1};
    directory->epoch = EPOCH;
    root_make(&making);
    alliance_make(&making);
    directory->hospital_count = (uint32_t)scenario->hospital_count;
    directory->hospitals =
        ehr_app_zeroed(directory->hospital_count, sizeof(struct ehr_hospital_info));
    genesis->hospitals =
        ehr_app_zeroed(directory->hospital_count, sizeof(struct ehr_genesis_hospital));
    for (uint32_t h = 0; h < directory->hospital_count; h++)
        hospital_make(&making, h);
    genesis->alliance.chain = alliance_chain_new(directory);
    data_users_make(&making);
    ehr_genesis_offices_make(genesis, scenario);
    genesis->patient_home = ehr_app_zeroed(patient_count, sizeof *genesis->patient_home);
    memcpy(genesis->patient_home, patient_home, patient_count * sizeof *patient_home);
    directory->patient_home = genesis->patient_home;
    directory->patient_count = patient_count;
    patience_set(&making);
    ehr_genesis_orders_make(genesis, scenario);
    directory->workload = genesis->node_count++;
    return genesis;
}

static void identities_free(struct ehr_identity *identities, size_t count)
{
    for (size_t i = 0; identities != NULL && i < count; i++) {
        free(identities[i].name);
        ehr_wipe(&identities[i].secrets, sizeof identities[i].secrets);
        ehr_drbg_close(&identities[i].rng);
    }
}

static void chain_free(struct ehr_genesis_chain *chain)
{
    identities_free(chain->nodes, chain->committee->count);
    free(chain->nodes);
    free(chain->committee->members);
    free(chain->committee->keys);
    free(chain->effects.item);
    ehr_chain_free(chain->chain);
}

void ehr_genesis_free(struct ehr_genesis *genesis)
{
    if (genesis == NULL)
        return;
    struct ehr_directory *directory = &genesis->directory;
    for (uint32_t h = 0; h < directory->hospital_count; h++) {
        struct ehr_genesis_hospital *hospital = &genesis->hospitals[h];
        identities_free(&hospital->server, 1);
        identities_free(hospital->doctors, directory->hospitals[h].doctor_count);
        free(hospital->doctors);
        free(directory->hospitals[h].doctors);
        free(hospital->place_name);
        chain_free(&hospital->chain);
        ehr_wipe(hospital->card_secret, sizeof hospital->card_secret);
    }
    free(genesis->hospitals);
    free(directory->hospitals);
    chain_free(&genesis->alliance);
    identities_free(genesis->data_users, directory->data_user_count);
    free(genesis->data_users);
    free(directory->data_users);
    ehr_genesis_offices_free(genesis);
    ehr_genesis_orders_free(genesis);
    free(genesis->patient_home);
    ehr_wipe(&genesis->root, sizeof genesis->root);
    free(genesis);
}

struct ehr_genesis_chain *ehr_genesis_chain_of(struct ehr_genesis *genesis, uint32_t number)
{
    return number == 0 ? &genesis->alliance : &genesis->hospitals[number - 1].chain;
}

struct ehr_chain *ehr_genesis_chain_new(const struct ehr_genesis *genesis, uint32_t number)
{
    struct ehr_chain *chain = number == 0 ? alliance_chain_new(&genesis->directory)
                                          : private_chain_new(&genesis->directory, number - 1);
    for (uint32_t i = 0; i < genesis->order_count; i++)
        if (genesis->orders[i].committee.chain == number)
            ehr_contract_raw_allow(chain->contract);
    return chain;
}
