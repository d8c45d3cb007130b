#include "sim/app/engines.h"

#include <string.h>

#include "sim/app/memory.h"
#include "sim/consensus/registry.h"

struct ehr_scenario_engine *ehr_app_engines(size_t *count)
{
    const char *const *names = ehr_engine_names();
    for (*count = 0; names[*count] != NULL;)
        ++*count;
    struct ehr_scenario_engine *engines = ehr_app_zeroed(*count, sizeof *engines);
    for (size_t i = 0; i < *count; i++) {
        const struct ehr_engine_type *type = ehr_engine_find(names[i]);
        bool bft = strcmp(type->trust, "bft") == 0, crash = strcmp(type->trust, "crash") == 0;
        engines[i] = (struct ehr_scenario_engine){
            .name = type->name,
            .nodes_min = bft     ? 4
                         : crash ? 3
                                 : 0,
            .faults = bft ? "f = floor((n-1)/3)" : "floor((n-1)/2) crashes",
            .arbitrary = bft,
            .chain = (type->choices & EHR_ENGINE_CHOICE_CHAIN) != 0,
            .leader = (type->choices & EHR_ENGINE_CHOICE_LEADER) != 0,
            .votes = (type->choices & EHR_ENGINE_CHOICE_VOTES) != 0,
        };
    }
    return engines;
}
