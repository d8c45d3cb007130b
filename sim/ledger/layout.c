#include "sim/ledger/layout.h"

#include <stdbool.h>
#include <stddef.h>

#define LENGTH_U8(n)     1
#define LENGTH_U16(n)    2
#define LENGTH_U32(n)    4
#define LENGTH_U64(n)    8
#define LENGTH_BYTES(n)  (n)
#define LENGTH_SIG(n)    0
#define LENGTH_AUTH(n)   0
#define LENGTH_BLOB(n)   0
#define LENGTH_TX(n)     0
#define LENGTH_BLOCKS(n) 0

#define PLACE_U8(name)     name
#define PLACE_U16(name)    name
#define PLACE_U32(name)    name
#define PLACE_U64(name)    name
#define PLACE_BYTES(name)  name
#define PLACE_SIG(name)    has_##name
#define PLACE_AUTH(name)   name
#define PLACE_BLOB(name)   name
#define PLACE_TX(name)     name
#define PLACE_BLOCKS(name) name

#define FIELD(kind, name, n)                                                                       \
    {#name, EHR_FIELD_KIND_##kind, (uint16_t)offsetof(self, PLACE_##kind(name)),                   \
     (uint16_t)LENGTH_##kind(n)},

/* One function a type, because offsetof needs a name for the struct that the field macros do not
 * have: it is the same local name, `self`, in each. */
#define LAYOUT(NAME, name_, tag, text)                                                             \
    static struct ehr_layout layout_##name_(void)                                                  \
    {                                                                                              \
        typedef struct ehr_msg_##name_ self;                                                       \
        static const struct ehr_field fields[] = {EHR_MESSAGE_##NAME(FIELD)};                      \
        return (struct ehr_layout){.name = #name_,                                                 \
                                   .meaning = text,                                                \
                                   .type = tag,                                                    \
                                   .struct_bytes = sizeof(self),                                   \
                                   .count = sizeof fields / sizeof fields[0],                      \
                                   .fields = fields};                                              \
    }
EHR_MESSAGES(LAYOUT)

static struct ehr_layout layouts[EHR_MESSAGE_TYPES];
static bool ready;

static void layouts_make(void)
{
#define MAKE(NAME, name, tag, text) layouts[tag] = layout_##name();
    EHR_MESSAGES(MAKE)
#undef MAKE
    for (unsigned t = 0; t < EHR_MESSAGE_TYPES; t++) {
        struct ehr_layout *layout = &layouts[t];
        layout->fixed_bytes = 2;
        for (unsigned i = 0; i < layout->count; i++) {
            layout->fixed_bytes = (uint16_t)(layout->fixed_bytes + layout->fields[i].length);
            if (layout->fields[i].length == 0)
                layout->varying = (uint16_t)(layout->varying | 1U << i);
        }
    }
    ready = true;
}

const struct ehr_layout *ehr_layout_of(uint16_t type)
{
    if (!ready)
        layouts_make();
    return type < EHR_MESSAGE_TYPES && layouts[type].name != NULL ? &layouts[type] : NULL;
}
