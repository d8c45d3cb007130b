/* Look-ups in the directory. Linear: committees and the doctors of one hospital are few, and a
 * committee's nodes have consecutive ids. */
#include "actors/directory.h"

#include <string.h>

const struct ehr_member *ehr_directory_doctor(const struct ehr_directory *directory, uint32_t h,
                                              const uint8_t cert_id[32])
{
    if (h >= directory->hospital_count)
        return NULL;
    const struct ehr_hospital_info *hospital = &directory->hospitals[h];
    for (uint32_t i = 0; i < hospital->doctor_count; i++)
        if (memcmp(hospital->doctors[i].cert.id, cert_id, 32) == 0)
            return &hospital->doctors[i];
    return NULL;
}

uint32_t ehr_directory_hospital(const struct ehr_directory *directory, const uint8_t hid[32])
{
    for (uint32_t h = 0; h < directory->hospital_count; h++)
        if (memcmp(directory->hospitals[h].server.cert.id, hid, 32) == 0)
            return h;
    return UINT32_MAX;
}

uint32_t ehr_committee_replica(const struct ehr_committee *committee, uint32_t node)
{
    uint32_t first = committee->members[0].node;
    return node >= first && node - first < committee->count ? node - first : UINT32_MAX;
}
