/* The hosts of platforms/three-hospitals.xml and uniform.xml, in SimGrid's order (by name). */
#ifndef EHR_TESTS_SCENARIO_HOSTS_H
#define EHR_TESTS_SCENARIO_HOSTS_H

#include <stddef.h>

static const char *const three_hospitals_hosts[] = {
    "alliance-1",    "alliance-2",    "alliance-3",    "alliance-4",    "brest-desk-1",
    "brest-desk-2",  "brest-home",    "brest-node-1",  "brest-node-2",  "brest-node-3",
    "brest-node-4",  "brest-server",  "grodno-desk-1", "grodno-desk-2", "grodno-home",
    "grodno-node-1", "grodno-node-2", "grodno-node-3", "grodno-node-4", "grodno-server",
    "institute",     "insurer",       "minsk-desk-1",  "minsk-desk-2",  "minsk-home",
    "minsk-node-1",  "minsk-node-2",  "minsk-node-3",  "minsk-node-4",  "minsk-server",
};

static const size_t three_hospitals_host_count =
    sizeof(three_hospitals_hosts) / sizeof(three_hospitals_hosts[0]);

#endif /* EHR_TESTS_SCENARIO_HOSTS_H */
