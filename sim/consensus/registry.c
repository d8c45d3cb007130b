/* The engines by name. */
#include "sim/consensus/engine.h"

#include <string.h>

/* One line each: ehr_<name>_engine_type, which the folder of that name defines. */
#define ENGINES(ENGINE)                                                                            \
    ENGINE(hotstuff)                                                                               \
    ENGINE(pbft)                                                                                   \
    ENGINE(raft)                                                                                   \
    ENGINE(solo)

#define DECLARATION(name) extern const struct ehr_engine_type ehr_##name##_engine_type;
#define POINTER(name)     &ehr_##name##_engine_type,
#define NAME(name)        #name,

ENGINES(DECLARATION)

static const struct ehr_engine_type *const types[] = {ENGINES(POINTER)};
static const char *const names[] = {ENGINES(NAME) NULL};

const struct ehr_engine_type *ehr_engine_find(const char *name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

const char *const *ehr_engine_names(void)
{
    return names;
}

enum ehr_engine_requests ehr_engine_requests_of(const struct ehr_engine_type *type,
                                                const struct ehr_engine_config *config)
{
    return type->requests != NULL ? type->requests(config) : EHR_ENGINE_REQUESTS_WATCHED;
}

uint64_t ehr_engine_turn(const struct ehr_engine_type *type, const struct ehr_engine *engine)
{
    return type->turn != NULL ? type->turn(engine) : type->view(engine);
}

const struct ehr_engine_message_kind *ehr_engine_message_kind(const struct ehr_engine_type *type,
                                                              uint8_t message_type)
{
    static const struct ehr_engine_message_kind none = {NULL, EHR_ENGINE_CARRIES_NOTHING,
                                                        EHR_ENGINE_KEEPS_NOTHING, false};
    return message_type < type->kind_count ? &type->kinds[message_type] : &none;
}

const char *ehr_engine_timeout_name(uint16_t timer)
{
    return timer == EHR_ENGINE_TIMER_REQUEST    ? "request"
           : timer == EHR_ENGINE_TIMER_ELECTION ? "election"
                                                : NULL;
}
