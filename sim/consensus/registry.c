#include "sim/consensus/registry.h"

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

static const struct ehr_engine_type *const built_in[] = {ENGINES(POINTER)};
enum { BUILT_IN = sizeof(built_in) / sizeof(built_in[0]) };

/* Of a program, which adds them before anything runs. Copies: what a type leaves out is filled in.
 */
static struct {
    struct ehr_engine_type types[EHR_REGISTRY_MORE_MAX];
    uint32_t count;
    const char *names[BUILT_IN + EHR_REGISTRY_MORE_MAX + 1]; /* of all */
} registered_by_program;

const struct ehr_engine_type *ehr_engine_find(const char *name)
{
    for (size_t i = 0; i < BUILT_IN; i++)
        if (strcmp(built_in[i]->name, name) == 0)
            return built_in[i];
    for (size_t i = 0; i < registered_by_program.count; i++)
        if (strcmp(registered_by_program.types[i].name, name) == 0)
            return &registered_by_program.types[i];
    return NULL;
}

const char *const *ehr_engine_names(void)
{
    static const char *const names[] = {ENGINES(NAME)};
    for (size_t i = 0; i < BUILT_IN; i++)
        registered_by_program.names[i] = names[i];
    for (size_t i = 0; i < registered_by_program.count; i++)
        registered_by_program.names[BUILT_IN + i] = registered_by_program.types[i].name;
    return registered_by_program.names;
}

/* ---- adding ---- */

/* As ids of scenarios: a letter, then letters, digits, '-', '_' and '.'. */
static bool name_allowed(const char *name)
{
    static const char more[] = "0123456789-_.";
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        bool letter = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z');
        if (!letter && (i == 0 || strchr(more, name[i]) == NULL))
            return false;
    }
    return length > 0 && length < 64;
}

static const char *kinds_refused(const struct ehr_engine_type *type)
{
    if (type->kinds == NULL || type->kind_count < 2 || type->kind_count > EHR_REGISTRY_KINDS_MAX)
        return "kinds are missing, or more than 31 types of messages";
    if (type->kinds[0].name != NULL)
        return "kinds: types of messages begin at 1";
    for (uint32_t i = 1; i < type->kind_count; i++)
        if ((unsigned)type->kinds[i].carries > EHR_ENGINE_CARRIES_VIEW ||
            (unsigned)type->kinds[i].keeps > EHR_ENGINE_KEEPS_LATEST)
            return "kinds: carries or keeps is no value of its enumeration";
    return NULL;
}

/* ---- what a type may leave out ---- */

static void nothing_close(struct ehr_engine *engine)
{
    (void)engine;
}

static uint64_t only_view(const struct ehr_engine *engine)
{
    (void)engine;
    return 0;
}

static uint16_t first_leader(const struct ehr_engine *engine)
{
    (void)engine;
    return 0;
}

static uint32_t everybody(uint32_t replicas)
{
    return replicas;
}

static size_t no_picture(const struct ehr_engine *engine, uint8_t *out, size_t capacity)
{
    (void)engine, (void)out, (void)capacity;
    return 0;
}

static struct ehr_engine_type completed(const struct ehr_engine_type *type)
{
    struct ehr_engine_type whole = *type;
    if (whole.close == NULL)
        whole.close = nothing_close;
    if (whole.view == NULL)
        whole.view = only_view;
    if (whole.leader == NULL)
        whole.leader = first_leader;
    if (whole.certificate_quorum == NULL)
        whole.certificate_quorum = everybody;
    if (whole.snapshot == NULL)
        whole.snapshot = no_picture;
    return whole;
}

const char *ehr_registry_add(const struct ehr_engine_type *type)
{
    if (type->name == NULL || !name_allowed(type->name))
        return "the name is missing, or not a letter followed by letters, digits, '-', '_' and '.'";
    if (ehr_engine_find(type->name) != NULL)
        return "the name is taken";
    if (type->size == NULL || type->effects_max == NULL || type->init == NULL ||
        type->wants == NULL || type->step == NULL)
        return "size, effects_max, init, wants or step is NULL";
    if (type->trust == NULL ||
        (strcmp(type->trust, "bft") != 0 && strcmp(type->trust, "crash") != 0 &&
         strcmp(type->trust, "single") != 0))
        return "trust is none of bft, crash and single";
    const char *refused = kinds_refused(type);
    if (refused == NULL && registered_by_program.count == EHR_REGISTRY_MORE_MAX)
        refused = "there are 16 engines of programs already";
    if (refused == NULL)
        registered_by_program.types[registered_by_program.count++] = completed(type);
    return refused;
}

/* ---- what a type says ---- */

enum ehr_engine_requests ehr_engine_requests_of(const struct ehr_engine_type *type,
                                                const struct ehr_engine_config *config)
{
    return type->requests != NULL ? type->requests(config) : EHR_ENGINE_REQUESTS_WATCHED;
}

uint64_t ehr_engine_turn(const struct ehr_engine_type *type, const struct ehr_engine *engine)
{
    return type->turn != NULL ? type->turn(engine) : type->view(engine);
}

const struct ehr_engine_message_kind *ehr_engine_kind(const struct ehr_engine_type *type,
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
