#define _GNU_SOURCE /* memmem */
#include "sim/app/safety.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "sim/app/memory.h"
#include "sim/contract/table.h"

/* What every FHIR record holds, and nothing that is sealed. */
static const char plaintext[] = "\"resourceType\"";

/* What is known of a measured request; bits of a byte each. */
enum {
    RECORDED = 1, /* its record transaction was executed */
    INDEXED = 2,  /* its index transaction was */
    TOLD_DURABLE = 4,
    TOLD_SHARED = 8,
};

/* Wherever a card number begins, it covers four bytes at a place of the message that is a multiple
 * of STRIDE. Only those places are looked at, for what may be there: the four bytes at 0, 1, ...,
 * STRIDE - 1 of each card number. */
enum { CARD_BYTES = 32, STRIDE = 8, OPENING_BITS = 20, OPENINGS = 1 << OPENING_BITS };

struct checked_chain {
    uint64_t height;           /* looked at up to here */
    uint64_t told;             /* highest acknowledged */
    struct ehr_table executed; /* ids of transactions */
};

struct ehr_safety {
    const struct ehr_chain *const *chains;
    struct checked_chain *checked;
    uint32_t chain_count;
    uint8_t *requests; /* by id */
    size_t request_capacity;
    uint8_t *cards; /* 32 bytes each */
    size_t card_count, card_capacity;
    bool cards_sorted;
    uint8_t openings[OPENINGS / 8]; /* bitmap: by opening_of */
    uint8_t *bytes;                 /* an encoded message */
    size_t byte_capacity;
    struct ehr_message *last; /* looked at last, to skip the other copies of a broadcast; kept, so
                               * that no other message can be taken for it */
    uint32_t last_from;
    uint64_t scanned, scanned_bytes;
    char broken[EHR_SAFETY_TEXT_BYTES];
};

struct ehr_safety *ehr_safety_new(const struct ehr_chain *const *chains, uint32_t chain_count)
{
    struct ehr_safety *safety = ehr_app_zeroed(1, sizeof *safety);
    safety->chains = chains;
    safety->chain_count = chain_count;
    safety->checked = ehr_app_zeroed(chain_count, sizeof *safety->checked);
    return safety;
}

void ehr_safety_free(struct ehr_safety *safety)
{
    if (safety == NULL)
        return;
    for (uint32_t i = 0; i < safety->chain_count; i++)
        ehr_table_close(&safety->checked[i].executed);
    ehr_message_unref(safety->last);
    free(safety->checked);
    free(safety->requests);
    free(safety->cards);
    free(safety->bytes);
    free(safety);
}

/* The first breach is the one that is reported: others may follow from it. */
__attribute__((format(printf, 2, 3))) static void breach(struct ehr_safety *safety,
                                                         const char *format, ...)
{
    if (safety->broken[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(safety->broken, sizeof safety->broken, format, arguments);
    va_end(arguments);
}

const char *ehr_safety_broken(const struct ehr_safety *safety)
{
    return safety->broken[0] != '\0' ? safety->broken : NULL;
}

uint64_t ehr_safety_scanned(const struct ehr_safety *safety, uint64_t *bytes)
{
    *bytes = safety->scanned_bytes;
    return safety->scanned;
}

/* ---- messages ---- */

/* Almost all places fail the test of a bit. */
static uint32_t opening_of(const uint8_t *at)
{
    return ehr_le32_get(at) * 2654435761U >> (32 - OPENING_BITS);
}

void ehr_safety_card_add(struct ehr_safety *safety, const uint8_t m[32])
{
    if (safety->card_count == safety->card_capacity) {
        safety->card_capacity = 2 * safety->card_capacity + 64;
        safety->cards = ehr_app_resize(safety->cards, 32 * safety->card_capacity);
    }
    memcpy(safety->cards + 32 * safety->card_count++, m, 32);
    safety->cards_sorted = false;
    for (size_t i = 0; i < STRIDE; i++) {
        uint32_t opening = opening_of(m + i);
        safety->openings[opening / 8] =
            (uint8_t)(safety->openings[opening / 8] | 1u << opening % 8);
    }
}

static bool opening_known(const struct ehr_safety *safety, const uint8_t *at)
{
    uint32_t opening = opening_of(at);
    return (safety->openings[opening / 8] >> opening % 8 & 1) != 0;
}

static int card_compare(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static bool card_at(struct ehr_safety *safety, const uint8_t *at)
{
    if (!safety->cards_sorted)
        qsort(safety->cards, safety->card_count, 32, card_compare);
    safety->cards_sorted = true;
    return bsearch(at, safety->cards, safety->card_count, 32, card_compare) != NULL;
}

static bool card_within(struct ehr_safety *safety, const uint8_t *bytes, size_t length)
{
    for (size_t place = 0; place + 4 <= length; place += STRIDE) {
        if (!opening_known(safety, bytes + place))
            continue;
        for (size_t before = 0; before < STRIDE && before <= place; before++) {
            const uint8_t *card = bytes + (place - before);
            if (place - before + CARD_BYTES <= length && opening_known(safety, card) &&
                card_at(safety, card))
                return true;
        }
    }
    return false;
}

void ehr_safety_message(struct ehr_safety *safety, uint32_t from, const struct ehr_message *message)
{
    if (message == safety->last && from == safety->last_from)
        return;
    ehr_message_unref(safety->last);
    safety->last = ehr_message_ref((struct ehr_message *)(uintptr_t)message);
    safety->last_from = from;
    if (message->size > safety->byte_capacity) {
        safety->byte_capacity = message->size + message->size / 2;
        safety->bytes = ehr_app_resize(safety->bytes, safety->byte_capacity);
    }
    ehr_message_encode(message, safety->bytes);
    safety->scanned++;
    safety->scanned_bytes += message->size;
    if (memmem(safety->bytes, message->size, plaintext, sizeof plaintext - 1) != NULL)
        breach(safety, "a message of type %s of node %" PRIu32 " holds plaintext of a record",
               ehr_message_name(message->type), from);
    if (safety->card_count > 0 && card_within(safety, safety->bytes, message->size))
        breach(safety, "a message of type %s of node %" PRIu32 " holds a card number",
               ehr_message_name(message->type), from);
}

/* ---- requests ---- */

static uint8_t *request_of(struct ehr_safety *safety, uint64_t request)
{
    size_t old = safety->request_capacity;
    if (request >= old) {
        safety->request_capacity = request + request / 2 + 1024;
        safety->requests = ehr_app_resize(safety->requests, safety->request_capacity);
        memset(safety->requests + old, 0, safety->request_capacity - old);
    }
    return &safety->requests[request];
}

void ehr_safety_acknowledged(struct ehr_safety *safety, uint32_t chain, uint64_t height)
{
    if (chain < safety->chain_count && height > safety->checked[chain].told)
        safety->checked[chain].told = height;
}

void ehr_safety_durable(struct ehr_safety *safety, uint32_t request)
{
    *request_of(safety, request) |= TOLD_DURABLE;
}

void ehr_safety_shared(struct ehr_safety *safety, uint32_t request)
{
    *request_of(safety, request) |= TOLD_SHARED;
}

/* ---- chains ---- */

static void executed(struct ehr_safety *safety, uint32_t chain, const struct ehr_tx *tx,
                     struct ehr_place place)
{
    if (!ehr_table_put(&safety->checked[chain].executed, tx->id, place))
        breach(safety, "chain %" PRIu32 " executed one transaction twice, again at height %" PRIu64,
               chain, place.height);
    uint8_t bit = tx->type == EHR_TX_RECORD ? RECORDED : tx->type == EHR_TX_INDEX ? INDEXED : 0;
    if (bit == 0 || tx->request == 0 || tx->request > UINT32_MAX)
        return;
    uint8_t *known = request_of(safety, tx->request);
    if ((*known & bit) != 0)
        breach(safety,
               "chain %" PRIu32 " executed request %" PRIu64 " twice, again at height %" PRIu64,
               chain, tx->request, place.height);
    *known |= bit;
}

void ehr_safety_commit(struct ehr_safety *safety, uint32_t chain, uint64_t height)
{
    assert(chain < safety->chain_count);
    struct checked_chain *checked = &safety->checked[chain];
    const struct ehr_chain *held = safety->chains[chain];
    while (checked->height < height && checked->height < held->height) {
        const struct ehr_chain_block *entry = ehr_chain_block_at(held, ++checked->height);
        for (uint32_t i = 0; i < entry->block->count; i++)
            if (entry->replies[i] == EHR_REPLY_OK)
                executed(safety, chain, entry->block->tx[i],
                         (struct ehr_place){checked->height, i});
    }
}

void ehr_safety_diverged(struct ehr_safety *safety, const char *chain, uint64_t height,
                         const char *first, const char *other)
{
    breach(safety,
           "two blocks at height %" PRIu64 " of chain %s: %s committed one, %s committed another",
           height, chain, first, other);
}

/* ---- the end ---- */

void ehr_safety_finish(struct ehr_safety *safety)
{
    for (uint32_t i = 0; i < safety->chain_count; i++) {
        ehr_safety_commit(safety, i, UINT64_MAX);
        if (safety->checked[i].told > safety->chains[i]->height)
            breach(safety,
                   "chain %" PRIu32 " ends at height %" PRIu64 " but acknowledged height %" PRIu64,
                   i, safety->chains[i]->height, safety->checked[i].told);
    }
    for (size_t r = 0; r < safety->request_capacity; r++) {
        uint8_t known = safety->requests[r];
        if ((known & TOLD_DURABLE) != 0 && (known & RECORDED) == 0)
            breach(safety, "visit %zu was acknowledged as durable and is on no private chain", r);
        if ((known & TOLD_SHARED) != 0 && (known & INDEXED) == 0)
            breach(safety, "visit %zu was acknowledged as shared and is not on the alliance chain",
                   r);
    }
}
