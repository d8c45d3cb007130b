/* Under a memory checker every piece is an allocation of its own and of its exact size, so that
 * reading past a message is seen; else pieces of a class are reused. */
#include "tests/simulation/campaign/blobs.h"

#include <assert.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHECKED 1
#endif
#endif
#ifndef CHECKED
#define CHECKED 0
#endif

enum { SMALLEST = 64 };

_Static_assert(sizeof(struct ehr_blob) % 16 == 0, "what follows is on a boundary of 16");

static uint32_t class_of(size_t size)
{
    uint32_t class = 0;
    for (size_t bytes = SMALLEST; bytes < size; bytes *= 2)
        class ++;
    assert(class < EHR_BLOB_CLASSES);
    return class;
}

void *ehr_blob_take(struct ehr_blobs *blobs, size_t size)
{
    uint32_t class = class_of(size);
    struct ehr_blob *blob = blobs->unused[class];
    if (blob != NULL) {
        blobs->unused[class] = blob->next;
    } else {
        blob = malloc(sizeof(*blob) + (CHECKED ? size : (size_t)SMALLEST << class));
        assert(blob != NULL);
        blob->class = class;
    }
    blob->size = size;
    blob->previous = NULL;
    blob->next = blobs->out;
    if (blobs->out != NULL)
        blobs->out->previous = blob;
    blobs->out = blob;
    return blob + 1;
}

void ehr_blob_give(struct ehr_blobs *blobs, void *bytes)
{
    if (bytes == NULL)
        return;
    struct ehr_blob *blob = (struct ehr_blob *)bytes - 1;
    if (blob->previous != NULL)
        blob->previous->next = blob->next;
    else
        blobs->out = blob->next;
    if (blob->next != NULL)
        blob->next->previous = blob->previous;
    if (CHECKED) {
        free(blob);
        return;
    }
    blob->next = blobs->unused[blob->class];
    blobs->unused[blob->class] = blob;
}

size_t ehr_blob_size(const void *bytes)
{
    return ((const struct ehr_blob *)bytes - 1)->size;
}

void ehr_blobs_reset(struct ehr_blobs *blobs)
{
    while (blobs->out != NULL)
        ehr_blob_give(blobs, blobs->out + 1);
}

void ehr_blobs_close(struct ehr_blobs *blobs)
{
    ehr_blobs_reset(blobs);
    for (uint32_t class = 0; class < EHR_BLOB_CLASSES; class ++)
        while (blobs->unused[class] != NULL) {
            struct ehr_blob *blob = blobs->unused[class];
            blobs->unused[class] = blob->next;
            free(blob);
        }
}
