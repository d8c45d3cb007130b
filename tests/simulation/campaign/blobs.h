/* Pieces of memory that are given back soon and taken again: messages, records, what engines are
 * lent. Not a general allocator: sizes are rounded up to a few classes, and all pieces that are out
 * can be taken back at once, whoever has forgotten them. */
#ifndef EHR_TESTS_SIMULATION_CAMPAIGN_BLOBS_H
#define EHR_TESTS_SIMULATION_CAMPAIGN_BLOBS_H

#include <stddef.h>
#include <stdint.h>

enum { EHR_BLOB_CLASSES = 20 };

/* In front of each piece. */
struct ehr_blob {
    struct ehr_blob *next, *previous; /* among those of its state */
    size_t size;                      /* bytes asked for */
    uint32_t class;
    uint32_t reserved;
};

/* All zero is empty. */
struct ehr_blobs {
    struct ehr_blob *out;
    struct ehr_blob *unused[EHR_BLOB_CLASSES];
};

/* Never NULL; on a boundary of 16, contents undefined. */
void *ehr_blob_take(struct ehr_blobs *blobs, size_t size);
/* NULL is nothing. */
void ehr_blob_give(struct ehr_blobs *blobs, void *bytes);
size_t ehr_blob_size(const void *bytes);
/* Takes back whatever is out. */
void ehr_blobs_reset(struct ehr_blobs *blobs);
/* Returns the memory itself. */
void ehr_blobs_close(struct ehr_blobs *blobs);

#endif /* EHR_TESTS_SIMULATION_CAMPAIGN_BLOBS_H */
