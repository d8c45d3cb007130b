/* The fields of every message type as data, made from the table in message.h: what the codec, the
 * pool and the tests walk. Private to sim/ledger and its tests. */
#ifndef EHR_LEDGER_LAYOUT_H
#define EHR_LEDGER_LAYOUT_H

#include <stdint.h>

#include "sim/ledger/message.h"

enum ehr_field_kind {
    EHR_FIELD_KIND_U8 = 1,
    EHR_FIELD_KIND_U16,
    EHR_FIELD_KIND_U32,
    EHR_FIELD_KIND_U64,
    EHR_FIELD_KIND_BYTES,
    EHR_FIELD_KIND_SIG,
    EHR_FIELD_KIND_AUTH,
    EHR_FIELD_KIND_BLOB,
    EHR_FIELD_KIND_TX,
    EHR_FIELD_KIND_BLOCKS,
};

struct ehr_field {
    const char *name;
    uint16_t kind;
    uint16_t offset; /* in the struct; of a SIG: its flag, the bytes follow */
    uint16_t length; /* bytes of the encoding; 0: depends on the value */
};

struct ehr_layout {
    const char *name; /* NULL: no such type */
    const char *meaning;
    uint16_t type;
    uint16_t struct_bytes;
    uint16_t fixed_bytes; /* of the encoding: the tag and all fields of fixed length */
    uint16_t count;       /* fields */
    uint16_t varying;     /* bit i: field i varies in length */
    const struct ehr_field *fields;
};

/* NULL for a type that does not exist. */
const struct ehr_layout *ehr_layout_of(uint16_t type);

#endif /* EHR_LEDGER_LAYOUT_H */
