#include "sim/app/world_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "actors/adversary.h"
#include "actors/chain_node.h"
#include "actors/ordering.h"
#include "crypto/index.h"
#include "sim/app/memory.h"
#include "sim/ledger/grant_batch.h"

enum {
    ENROL_MAX_S = 10, /* registrations are spread over at most this long ... */
    ENROL_PART = 20,  /* ... and this part of the duration */
    SETTLE_S = 1,     /* for replicas that lag and receipts under way */
    TRAVEL_S = 1,     /* the next thing that is done with a record; its receipt has arrived */
};

static const uint64_t second_ns = 1000000000U;

/* ---- one node ---- */

static void seat_take(struct ehr_world *world, struct ehr_node *made,
                      void (*release)(struct ehr_node *), uint32_t host, enum ehr_node_place place,
                      enum ehr_tier tier)
{
    struct world_seat *seat = &world->seats[world->seat_count];
    const struct ehr_world_options *options = &world->options;
    seat->made = made;
    seat->node = options->replace != NULL ? options->replace(options->context, made) : made;
    seat->release = release;
    seat->host = host;
    seat->tier = tier;
    seat->forgets =
        tier == EHR_TIER_NONE && release != ehr_hospital_free && place != EHR_NODE_CONTROL;
    world->nodes[world->seat_count] = seat->node;
    uint32_t number = ehr_kernel_node_add(
        world->kernel, seat->node, host, place,
        place == EHR_NODE_DEVICES ? world->genesis->directory.patient_count : 1);
    assert(number == world->seat_count); /* as counted by genesis */
    world->seat_count++;
}

/* ---- roles ---- */

static void committee_seat(struct ehr_world *world, struct ehr_genesis_chain *chain,
                           enum ehr_tier tier)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    uint8_t *sides = world->sides[chain->committee->chain] = world_adversary_sides(world, chain);
    uint32_t *numbers = ehr_app_zeroed(chain->committee->count, sizeof *numbers);
    for (uint32_t i = 0; i < chain->committee->count; i++) {
        struct ehr_identity *identity = &chain->nodes[i];
        const struct ehr_chain_node_config config = {
            .directory = directory,
            .committee = chain->committee,
            .replica = i,
            .chain = chain->chain,
            .engine = chain->engine,
            .engine_config = chain->config,
            .effects = &chain->effects,
            .secrets = identity->secrets,
            .rng = &identity->rng.rng,
            .query_expiry_max = directory->query_expiry_blocks,
            .macs = chain->macs,
            .bare = chain->bare,
        };
        struct ehr_node *adversary = world_adversary_new(world, identity, &config, sides);
        world->byzantine[world->seat_count] = adversary != NULL;
        seat_take(world,
                  adversary != NULL ? adversary : ehr_chain_node_new(identity->name, &config),
                  adversary != NULL ? ehr_adversary_free : ehr_chain_node_free, identity->host,
                  EHR_NODE_REPLICA, tier);
        numbers[i] = identity->node;
    }
    chain->committee->group = ehr_kernel_group_add(world->kernel, numbers, chain->committee->count);
    free(numbers);
}

static void doctors_seat(struct ehr_world *world, uint32_t h)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    for (uint32_t i = 0; i < directory->hospitals[h].doctor_count; i++) {
        struct ehr_identity *identity = &world->genesis->hospitals[h].doctors[i];
        const struct ehr_doctor_config config = {
            .directory = directory,
            .cases = &world->cases.cases,
            .hospital = h,
            .index = i,
            .secrets = identity->secrets,
            .rng = &identity->rng.rng,
        };
        seat_take(world, ehr_doctor_new(identity->name, &config), ehr_doctor_free, identity->host,
                  EHR_NODE_ROLE, EHR_TIER_NONE);
    }
}

static void hospital_seat(struct ehr_world *world, uint32_t h)
{
    struct ehr_genesis_hospital *hospital = &world->genesis->hospitals[h];
    struct ehr_hospital_config config = {
        .directory = &world->genesis->directory,
        .hospital = h,
        .secrets = hospital->server.secrets,
        .rng = &hospital->server.rng.rng,
    };
    for (size_t i = 0; i < sizeof config.card_secret; i++)
        config.card_secret[i] = hospital->card_secret[i];
    seat_take(world, ehr_hospital_new(hospital->server.name, &config), ehr_hospital_free,
              hospital->server.host, EHR_NODE_ROLE, EHR_TIER_NONE);
    ehr_wipe(&config, sizeof config);
    committee_seat(world, &hospital->chain, EHR_TIER_PRIVATE);
    doctors_seat(world, h);
    seat_take(world, ehr_patient_place_new(hospital->place_name, world->patients, h),
              ehr_patient_place_free, hospital->place_host, EHR_NODE_DEVICES, EHR_TIER_NONE);
}

/* The workload has a seat by the time that anything runs. */
static uint32_t record_of(void *context, uint32_t visit)
{
    const struct ehr_world *world = context;
    return ehr_workload_record(world->seats[world->genesis->directory.workload].made, visit);
}

static void data_users_seat(struct ehr_world *world)
{
    const struct ehr_directory *directory = &world->genesis->directory;
    for (uint32_t i = 0; i < directory->data_user_count; i++) {
        struct ehr_identity *identity = &world->genesis->data_users[i];
        const struct ehr_data_user_config config = {
            .directory = directory,
            .cases = &world->cases.cases,
            .index = i,
            .secrets = identity->secrets,
            .rng = &identity->rng.rng,
            .record_of = record_of,
            .context = world,
        };
        seat_take(world, ehr_data_user_new(identity->name, &config), ehr_data_user_free,
                  identity->host, EHR_NODE_ROLE, EHR_TIER_NONE);
    }
}

static void offices_seat(struct ehr_world *world)
{
    const struct ehr_genesis *genesis = world->genesis;
    for (uint32_t i = 0; i < genesis->office_count; i++) {
        const struct ehr_genesis_office *office = &genesis->offices[i];
        const struct ehr_registrar_config config = {
            .directory = &genesis->directory,
            .hospital = office->hospital,
            .sign = office->hospital == UINT32_MAX
                        ? genesis->root.sign
                        : genesis->hospitals[office->hospital].server.secrets.sign,
            .orders = office->orders,
            .order_count = office->order_count,
        };
        seat_take(world, ehr_registrar_new(office->name, &config), ehr_registrar_free, office->host,
                  EHR_NODE_ROLE, EHR_TIER_NONE);
    }
}

/* Borrows the scenario's. */
static struct ehr_workload_profile profile_of(const struct ehr_scenario_profile *profile)
{
    return (struct ehr_workload_profile){profile->weights, profile->count};
}

static void orders_seat(struct ehr_world *world)
{
    const struct ehr_genesis *genesis = world->genesis;
    const struct ehr_scenario_workload *wanted = &world->scenario->workload;
    world->orders = ehr_app_zeroed(genesis->order_count, sizeof *world->orders);
    for (uint32_t o = 0; o < genesis->order_count; o++) {
        const struct ehr_genesis_order *order = &genesis->orders[o];
        const struct ehr_scenario_ordering *ordering = &wanted->orderings[o];
        const struct ehr_ordering_config config = {.directory = &genesis->directory,
                                                   .committee = &order->committee,
                                                   .payload = ordering->bytes};
        for (uint32_t i = 0; i < order->clients; i++)
            seat_take(world, ehr_ordering_client_new(order->names[i], &config),
                      ehr_ordering_client_free, order->hosts[i], EHR_NODE_ROLE, EHR_TIER_NONE);
        world->orders[o] = (struct ehr_workload_order){
            .first_client = order->first,
            .clients = order->clients,
            .hospital = ordering->number == 0 ? EHR_REQUEST_NO_HOSPITAL : ordering->number - 1,
            .requests = ordering->requests,
            .rate_per_s = ordering->rate_per_s,
            .outstanding = ordering->outstanding,
            .uniform = ordering->arrivals == EHR_SCENARIO_ARRIVALS_UNIFORM,
            .profile = profile_of(&ordering->profile)};
    }
}

static_assert(EHR_SCENARIO_KEYWORDS_MAX <= EHR_INDEX_RECORD_KEYWORDS_MAX,
              "a retrieval asks for no more keywords than a record has");
static_assert(EHR_SCENARIO_VISITS_MAX == EHR_GRANT_BATCH_MAX,
              "a share asks for no more visits than a batch grants");

/* Beside the registration of patients. */
static bool asks_for_something(const struct ehr_scenario_workload *wanted)
{
    bool asks = wanted->visits.rate_per_s > 0 || wanted->retrievals.rate_per_s > 0 ||
                wanted->shares.rate_per_s > 0 || wanted->trace.file != NULL;
    for (size_t i = 0; i < wanted->ordering_count; i++)
        asks = asks || wanted->orderings[i].rate_per_s > 0 || wanted->orderings[i].outstanding > 0;
    return asks;
}

static void workload_seat(struct ehr_world *world)
{
    const struct ehr_scenario_workload *wanted = &world->scenario->workload;
    uint64_t duration_ns = world->scenario->run.duration_ns;
    struct ehr_workload_config config = {
        .directory = &world->genesis->directory,
        .plan = &world->cases.plan,
        .hooks = &world->workload_hooks,
        .rng = &world->workload_rng.rng,
        .uniform = wanted->visits.arrivals == EHR_SCENARIO_ARRIVALS_UNIFORM,
        .duration_ns = duration_ns,
        .enrol_ns = duration_ns / ENROL_PART,
        .travel_ns = TRAVEL_S * second_ns,
        .settle_ns = SETTLE_S * second_ns,
        .visits = {wanted->visits.rate_per_s, wanted->visits.count},
        .emergency_probability = wanted->visits.emergency,
        .every_visit = world->options.records != NULL,
        .retrievals = {wanted->retrievals.rate_per_s, wanted->retrievals.count},
        .retrieval_probability = wanted->retrievals.probability,
        .retrieval_delay_ns = wanted->retrievals.delay_ns,
        .shares = {wanted->shares.rate_per_s, wanted->shares.count},
        .share_visits = wanted->shares.visits,
        .revocation_probability = wanted->revocations.probability,
        .revocation_count = wanted->revocations.count,
        .revocation_delay_ns = wanted->revocations.delay_ns,
        .orders = world->orders,
        .order_count = world->genesis->order_count,
        .no_enrolment = wanted->enrol == EHR_SCENARIO_ENROL_NO,
        .lasts = world->options.open && !asks_for_something(wanted),
        .visits_profile = profile_of(&wanted->visits.profile),
        .retrievals_profile = profile_of(&wanted->retrievals.profile),
        .shares_profile = profile_of(&wanted->shares.profile),
        .day_ns = wanted->day_ns,
        .start_ns = wanted->start_ns,
    };
    if (world->options.arrivals != NULL) {
        config.events = world->options.arrivals->events;
        config.event_count = world->options.arrivals->count;
    }
    if (config.enrol_ns > ENROL_MAX_S * second_ns)
        config.enrol_ns = ENROL_MAX_S * second_ns;
    ehr_drbg_init(&world->workload_rng, world->options.seed, world->options.replication, "workload",
                  EHR_DRBG_WORKLOAD);
    seat_take(world, ehr_workload_new("workload", &config), ehr_workload_free, 0, EHR_NODE_CONTROL,
              EHR_TIER_NONE);
}

/* ---- all ---- */

void world_nodes_make(struct ehr_world *world)
{
    const struct ehr_genesis *genesis = world->genesis;
    const struct ehr_patients_config patients = {
        .directory = &genesis->directory,
        .cases = &world->cases.cases,
        .seed = world->options.seed,
        .replication = world->options.replication,
        .consent = world->scenario->workload.shares.consent,
        .keywords = world->scenario->workload.retrievals.keywords,
    };
    world->seats = ehr_app_zeroed(genesis->node_count, sizeof *world->seats);
    world->nodes = ehr_app_zeroed(genesis->node_count, sizeof(struct ehr_node *));
    world->byzantine = ehr_app_zeroed(genesis->node_count, sizeof *world->byzantine);
    world->sides = ehr_app_zeroed(1 + genesis->directory.hospital_count, sizeof(uint8_t *));
    world->patients = ehr_patients_new(&patients);
    committee_seat(world, &world->genesis->alliance, EHR_TIER_ALLIANCE);
    for (uint32_t h = 0; h < genesis->directory.hospital_count; h++)
        hospital_seat(world, h);
    data_users_seat(world);
    offices_seat(world);
    orders_seat(world);
    workload_seat(world);
    assert(world->seat_count == genesis->node_count);
}

void world_nodes_free(struct ehr_world *world)
{
    for (uint32_t i = 0; i < world->seat_count; i++)
        if (world->seats[i].made == world->seats[i].node)
            world->seats[i].release(world->seats[i].made);
    ehr_patients_free(world->patients);
    ehr_drbg_close(&world->workload_rng);
    free(world->orders);
    for (uint32_t i = 0; i <= world->genesis->directory.hospital_count; i++)
        free(world->sides[i]);
    free(world->sides);
    free(world->byzantine);
    free(world->seats);
    free(world->nodes);
}
