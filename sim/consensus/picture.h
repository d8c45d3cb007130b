/* Writes the canonical picture of an engine's state that tests compare step by step
 * (`snapshot` in engine.h): at most `capacity` bytes, while `length` counts all. */
#ifndef EHR_CONSENSUS_PICTURE_H
#define EHR_CONSENSUS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

struct ehr_picture {
    uint8_t *out;
    size_t capacity;
    size_t length;
};

void ehr_picture_bytes(struct ehr_picture *picture, const void *bytes, size_t length);
/* Eight bytes, little-endian. */
void ehr_picture_number(struct ehr_picture *picture, uint64_t value);

#endif /* EHR_CONSENSUS_PICTURE_H */
