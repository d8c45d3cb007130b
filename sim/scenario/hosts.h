/* Where something of a scenario runs. Part of scenario.h. */
#ifndef EHR_SCENARIO_HOSTS_H
#define EHR_SCENARIO_HOSTS_H

#include <stddef.h>
#include <stdint.h>

/* Host names or patterns (`*`, `?`), separated by commas or white space. */
struct ehr_scenario_hosts {
    char *pattern;   /* as written */
    int line;        /* of the element, for messages */
    uint32_t *index; /* after ehr_scenario_place: positions in the caller's list, each once and */
    size_t count;    /* ascending (= in platform order); by a deployment: in its order, again and
                        again if that is what it says */
};

#endif /* EHR_SCENARIO_HOSTS_H */
