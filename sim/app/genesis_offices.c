/* Issuers' offices: one for each issuer that revokes something in the run, none in most runs. */
#include <stdlib.h>
#include <string.h>

#include "sim/app/genesis.h"
#include "sim/app/memory.h"

static bool is_of(const struct ehr_scenario_revoke *revoke, uint32_t hospital)
{
    bool doctor = revoke->certificate == EHR_SCENARIO_REVOKE_DOCTOR;
    return hospital == UINT32_MAX ? !doctor : doctor && revoke->hospital == hospital;
}

static const uint8_t *certificate_of(const struct ehr_directory *directory,
                                     const struct ehr_scenario_revoke *revoke)
{
    switch (revoke->certificate) {
    case EHR_SCENARIO_REVOKE_DOCTOR:
        return directory->hospitals[revoke->hospital].doctors[revoke->index].certificate;
    case EHR_SCENARIO_REVOKE_DATA_USER:
        return directory->data_users[revoke->data_user].certificate;
    case EHR_SCENARIO_REVOKE_HOSPITAL:
        break;
    }
    return directory->hospitals[revoke->hospital].server.certificate;
}

static void office_add(struct ehr_genesis *genesis, const struct ehr_scenario *scenario,
                       uint32_t hospital)
{
    struct ehr_genesis_office office = {.hospital = hospital};
    office.orders = ehr_app_zeroed(scenario->revoke_count, sizeof *office.orders);
    for (size_t i = 0; i < scenario->revoke_count; i++) {
        const struct ehr_scenario_revoke *revoke = &scenario->revokes[i];
        if (is_of(revoke, hospital))
            office.orders[office.order_count++] = (struct ehr_registrar_order){
                .at_ns = revoke->at_ns,
                .reason = 1,
                .certificate = certificate_of(&genesis->directory, revoke)};
    }
    if (office.order_count == 0) {
        free(office.orders);
        return;
    }
    bool root = hospital == UINT32_MAX;
    office.name = ehr_app_text("%s-registrar", root ? "root" : scenario->hospitals[hospital].id);
    office.host =
        root ? scenario->alliance.nodes.index[0] : scenario->hospitals[hospital].server.index[0];
    genesis->node_count++;
    genesis->offices[genesis->office_count++] = office;
}

void ehr_genesis_offices_make(struct ehr_genesis *genesis, const struct ehr_scenario *scenario)
{
    uint32_t hospitals = genesis->directory.hospital_count;
    genesis->offices = ehr_app_zeroed(hospitals + 1, sizeof *genesis->offices);
    for (uint32_t h = 0; h < hospitals; h++)
        office_add(genesis, scenario, h);
    office_add(genesis, scenario, UINT32_MAX);
}

void ehr_genesis_offices_free(struct ehr_genesis *genesis)
{
    for (uint32_t i = 0; i < genesis->office_count; i++) {
        free(genesis->offices[i].name);
        free(genesis->offices[i].orders);
    }
    free(genesis->offices);
}
