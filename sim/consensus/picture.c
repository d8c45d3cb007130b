#include "sim/consensus/picture.h"

void ehr_picture_bytes(struct ehr_picture *picture, const void *bytes, size_t length)
{
    const uint8_t *from = bytes;
    for (size_t i = 0; i < length; i++, picture->length++)
        if (picture->length < picture->capacity)
            picture->out[picture->length] = from[i];
}

void ehr_picture_number(struct ehr_picture *picture, uint64_t value)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    ehr_picture_bytes(picture, bytes, sizeof(bytes));
}
