/* Messages: every type encodes and decodes to itself; a hand-written encoding; what is refused. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "crypto/random.h"
#include "sim/ledger/layout.h"
#include "sim/ledger/message.h"
#include "sim/ledger/pool.h"

static uint64_t state = 1;

static uint64_t draw(uint64_t below)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33) % below;
}

static void fill(void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)draw(256);
}

static struct ehr_tx *random_tx(void)
{
    uint8_t bytes[40];
    size_t length = draw(sizeof bytes + 1);
    fill(bytes, length);
    return ehr_tx_new((uint8_t)(1 + draw(EHR_TX_TYPES - 1)), bytes, length, (uint32_t)draw(99),
                      (uint32_t)draw(99), draw(1U << 30));
}

static struct ehr_block *random_block(void)
{
    uint8_t header[EHR_BLOCK_HEADER_BYTES];
    struct ehr_tx *tx[4];
    uint32_t count = (uint32_t)draw(5);
    fill(header, sizeof header);
    for (uint32_t i = 0; i < count; i++)
        tx[i] = random_tx();
    struct ehr_block *block = ehr_block_new(header, tx, count);
    for (uint32_t i = 0; i < count; i++)
        ehr_tx_unref(tx[i]);
    return block;
}

static struct ehr_block_list *random_blocks(void)
{
    uint32_t count = (uint32_t)draw(3);
    if (count == 0)
        return NULL;
    struct ehr_block_list *list = ehr_block_list_new(count);
    for (uint32_t i = 0; i < count; i++)
        list->block[i] = random_block();
    return list;
}

static struct ehr_blob *random_blob(void)
{
    size_t length = draw(4) == 0 ? 0 : draw(3000);
    struct ehr_blob *blob = ehr_blob_new(NULL, length);
    fill(blob->bytes, length);
    return blob;
}

static void random_auth(struct ehr_auth *auth)
{
    auth->kind = (uint8_t)draw(3);
    if (auth->kind == EHR_AUTH_SIGNATURE)
        fill(auth->signature, sizeof auth->signature);
    if (auth->kind == EHR_AUTH_TAGS) {
        auth->tags = ehr_blob_new(NULL, 16 * (1 + draw(40)));
        fill(auth->tags->bytes, auth->tags->length);
    }
}

static struct ehr_message *random_message(const struct ehr_layout *layout)
{
    struct ehr_message *message = ehr_message_new((enum ehr_message_type)layout->type);
    for (unsigned i = 0; i < layout->count; i++) {
        const struct ehr_field *field = &layout->fields[i];
        uint8_t *at = (uint8_t *)message + field->offset;
        void *pointer = NULL;
        if (field->length > 0) {
            fill(at, field->length);
            continue;
        }
        if (field->kind == EHR_FIELD_KIND_SIG) {
            *at = (uint8_t)draw(2);
            if (*at)
                fill(at + 1, 64);
            continue;
        }
        if (field->kind == EHR_FIELD_KIND_AUTH) {
            random_auth((struct ehr_auth *)(void *)at);
            continue;
        }
        if (field->kind == EHR_FIELD_KIND_BLOB)
            pointer = random_blob();
        else if (field->kind == EHR_FIELD_KIND_TX)
            pointer = random_tx();
        else
            pointer = random_blocks();
        memcpy(at, &pointer, sizeof pointer);
    }
    return ehr_message_seal(message);
}

static void encodes_to_itself_when_decoded(void)
{
    for (uint16_t type = 0; type < 200; type++) {
        const struct ehr_layout *layout = ehr_layout_of(type);
        CU_ASSERT_EQUAL(layout == NULL, ehr_message_name(type) == NULL);
        for (int round = 0; layout != NULL && round < 20; round++) {
            struct ehr_message *message = random_message(layout), *again = NULL;
            uint8_t *bytes = malloc(message->size), *second = malloc(message->size);
            ehr_message_encode(message, bytes);
            CU_ASSERT_EQUAL_FATAL(ehr_message_decode(bytes, message->size, &again), EHR_OK);
            CU_ASSERT_EQUAL(again->size, message->size);
            CU_ASSERT_EQUAL(ehr_message_seal(again)->size, message->size);
            ehr_message_encode(again, second);
            CU_ASSERT_EQUAL(memcmp(bytes, second, message->size), 0);
            ehr_message_unref(message);
            ehr_message_unref(again);
            free(bytes);
            free(second);
        }
    }
    CU_ASSERT_EQUAL(ehr_message_pool_alive(), 0);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
    CU_ASSERT_EQUAL(ehr_pool_alive(), 0);
}

/* Whatever is accepted encodes to the same bytes; prefixes are never accepted. */
static void refuses_or_keeps_bytes_when_mutated(void)
{
    unsigned accepted = 0, refused = 0;
    for (uint16_t type = 1; type < EHR_MESSAGE_TYPES; type++) {
        const struct ehr_layout *layout = ehr_layout_of(type);
        for (int round = 0; layout != NULL && round < 60; round++) {
            struct ehr_message *message = random_message(layout), *again = NULL;
            size_t size = message->size;
            uint8_t *bytes = malloc(size + 1);
            ehr_message_encode(message, bytes);
            ehr_message_unref(message);
            size_t cut = draw(size);
            CU_ASSERT_EQUAL(ehr_message_decode(bytes, cut, &again), EHR_LEN);
            bytes[size] = 0;
            CU_ASSERT_EQUAL(ehr_message_decode(bytes, size + 1, &again), EHR_LEN);
            bytes[draw(size)] ^= (uint8_t)(1U << draw(8));
            if (ehr_message_decode(bytes, size, &again) == EHR_OK) {
                uint8_t *second = malloc(size);
                CU_ASSERT_EQUAL_FATAL(again->size, size);
                ehr_message_encode(again, second);
                CU_ASSERT_EQUAL(memcmp(bytes, second, size), 0);
                free(second);
                accepted++;
            } else {
                CU_ASSERT_PTR_NULL(again);
                refused++;
            }
            ehr_message_unref(again);
            free(bytes);
        }
    }
    CU_ASSERT(accepted > 100 && refused > 50);
    CU_ASSERT_EQUAL(ehr_pool_alive(), 0);
}

/* REPLY by hand: tag 12, request 0x0102, status 1, tx_id, height 7, view 3, no signature. */
static void has_stated_bytes_when_encoded(void)
{
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    reply->request = 0x0102;
    reply->status = EHR_REPLY_OK;
    memset(reply->tx_id, 0xaa, 32);
    reply->height = 7;
    reply->view = 3;
    uint8_t expected[2 + 8 + 1 + 32 + 8 + 8 + 1] = {12, 0, 2, 1};
    expected[10] = 1;
    memset(expected + 11, 0xaa, 32);
    expected[43] = 7;
    expected[51] = 3;
    CU_ASSERT_EQUAL_FATAL(ehr_message_seal(&reply->head)->size, sizeof expected);
    uint8_t bytes[sizeof expected];
    ehr_message_encode(&reply->head, bytes);
    CU_ASSERT_EQUAL(memcmp(bytes, expected, sizeof bytes), 0);
    struct ehr_message *again = NULL;
    bytes[59] = 2; /* the signature's flag is 0 or 1 */
    CU_ASSERT_EQUAL(ehr_message_decode(bytes, sizeof bytes, &again), EHR_LEN);
    reply->has_signature = 1;
    CU_ASSERT_EQUAL(ehr_message_seal(&reply->head)->size, sizeof expected + 64);
    ehr_message_unref(&reply->head);
}

/* Sizes that results are compared with: a vote 2+1+8+8+32+65+4+4, and a block of two. */
static void has_stated_size_when_sealed(void)
{
    struct ehr_msg_consensus *vote = EHR_NEW(consensus, CONSENSUS);
    vote->auth.kind = EHR_AUTH_SIGNATURE;
    CU_ASSERT_EQUAL(ehr_message_seal(&vote->head)->size, 124);
    uint8_t header[EHR_BLOCK_HEADER_BYTES] = {0};
    struct ehr_tx *tx[2] = {ehr_tx_new(EHR_TX_RAW, (const uint8_t *)"abc", 3, 1, 2, 3),
                            ehr_tx_new(EHR_TX_RAW, NULL, 0, 1, 2, 4)};
    vote->carried = ehr_block_list_new(1);
    vote->carried->block[0] = ehr_block_new(header, tx, 2);
    CU_ASSERT_EQUAL(vote->carried->block[0]->length, 156 + 4 + 21 + 3 + 21);
    CU_ASSERT_EQUAL(ehr_message_seal(&vote->head)->size, 124 + 205);
    uint8_t leaf[32];
    ehr_alliance_leaf(leaf, EHR_TX_RAW, (const uint8_t *)"abc", 3);
    CU_ASSERT_EQUAL(memcmp(leaf, tx[0]->id, 32), 0);
    ehr_tx_unref(tx[0]);
    ehr_tx_unref(tx[1]);
    ehr_message_unref(&vote->head);
    CU_ASSERT_EQUAL(ehr_body_alive(), 0);
}

static void stays_alive_when_referenced(void)
{
    struct ehr_blob *blob = ehr_blob_new("x", 1);
    struct ehr_msg_store *store = EHR_NEW(store, STORE);
    store->record = ehr_blob_ref(blob);
    struct ehr_message *message = ehr_message_ref(ehr_message_seal(&store->head));
    ehr_message_unref(message);
    CU_ASSERT_EQUAL(ehr_message_pool_alive(), 1);
    CU_ASSERT_EQUAL(blob->references, 2);
    ehr_message_unref(message);
    CU_ASSERT_EQUAL(ehr_message_pool_alive(), 0);
    CU_ASSERT_EQUAL(blob->references, 1);
    ehr_blob_unref(blob);
    ehr_message_pool_close();
}

static void is_named_when_a_reply(void)
{
    CU_ASSERT_STRING_EQUAL(ehr_reply_name(EHR_REPLY_BAD_EVIDENCE), "bad_evidence");
    CU_ASSERT_STRING_EQUAL(ehr_reply_name(EHR_REPLY_HOSPITAL_UNREACHABLE), "hospital_unreachable");
    CU_ASSERT_STRING_EQUAL(ehr_reply_text(EHR_REPLY_OK), "done");
    CU_ASSERT_STRING_EQUAL(ehr_message_name(EHR_MSG_CARD_ASK), "card_ask");
    CU_ASSERT_PTR_NULL(ehr_message_name(0));
    CU_ASSERT_PTR_NULL(ehr_message_name(UINT16_MAX));
}

/* Hostile counts ask for no memory: 2^32 - 1 blocks in 30 bytes. */
static void refuses_counts_when_bytes_are_missing(void)
{
    uint8_t bytes[2 + 8 + 4 + 16] = {EHR_MSG_BODY, 0};
    memset(bytes + 10, 0xff, 4);
    struct ehr_message *message = NULL;
    CU_ASSERT_EQUAL(ehr_message_decode(bytes, sizeof bytes, &message), EHR_LEN);
    CU_ASSERT_EQUAL(ehr_message_decode(NULL, 0, &message), EHR_LEN);
    CU_ASSERT_EQUAL(ehr_message_decode(bytes, 1, &message), EHR_LEN);
}

/* ---- the table of docs/formats/wire.md ---- */

static int row_write(char *row, size_t size, const struct ehr_layout *layout)
{
    static const char *const kinds[] = {"",    "u8",   "u16",  "u32", "u64",   "",
                                        "sig", "auth", "blob", "tx",  "blocks"};
    int at = snprintf(row, size, "| %u | `%s` | ", layout->type, layout->name);
    for (const char *c = layout->meaning; *c != '\0'; c++) /* a bar would end the cell */
        at += snprintf(row + at, size - (size_t)at, *c == '|' ? "\\%c" : "%c", *c);
    at += snprintf(row + at, size - (size_t)at, " | ");
    for (unsigned i = 0; i < layout->count; i++) {
        const struct ehr_field *field = &layout->fields[i];
        at += snprintf(row + at, size - (size_t)at, "%s%s ", i > 0 ? ", " : "", field->name);
        if (field->kind == EHR_FIELD_KIND_BYTES)
            at += snprintf(row + at, size - (size_t)at, "%u", field->length);
        else
            at += snprintf(row + at, size - (size_t)at, "%s", kinds[field->kind]);
    }
    at += snprintf(row + at, size - (size_t)at, " | %u%s |\n", layout->fixed_bytes,
                   layout->varying != 0 ? " +" : "");
    return at;
}

/* With EHRGRID_PRINT set the rows are printed, to be pasted. */
static void is_documented_when_a_message(void)
{
    FILE *file = fopen(EHR_SOURCE_DIR "/docs/formats/wire.md", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    static char text[1 << 16], row[2048];
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (uint16_t type = 0; type < EHR_MESSAGE_TYPES; type++) {
        const struct ehr_layout *layout = ehr_layout_of(type);
        if (layout == NULL)
            continue;
        row_write(row, sizeof row, layout);
        if (getenv("EHRGRID_PRINT") != NULL)
            printf("%s", row);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, row));
    }
}

static const struct ehr_unit_case cases[] = {
    {"encodes_to_itself_when_decoded", encodes_to_itself_when_decoded},
    {"refuses_or_keeps_bytes_when_mutated", refuses_or_keeps_bytes_when_mutated},
    {"has_stated_bytes_when_encoded", has_stated_bytes_when_encoded},
    {"has_stated_size_when_sealed", has_stated_size_when_sealed},
    {"stays_alive_when_referenced", stays_alive_when_referenced},
    {"is_named_when_a_reply", is_named_when_a_reply},
    {"refuses_counts_when_bytes_are_missing", refuses_counts_when_bytes_are_missing},
    {"is_documented_when_a_message", is_documented_when_a_message},
};
EHR_UNIT_CRYPTO_MAIN("message", cases)
