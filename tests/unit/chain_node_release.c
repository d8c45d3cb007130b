/* A record on its way to its patient: fetch, locate, compare, release; and those who cheat. */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/record.h"
#include "sim/ledger/wire.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

enum { NODE = 1 }; /* asked by the patient; it starts with private node 1 */

static struct world w;
static const uint8_t query_id[32] = {5};

static void fetch_as(uint64_t request, uint32_t from, const struct visit *owner, uint64_t height,
                     const uint8_t txid[32])
{
    struct ehr_point P;
    struct ehr_msg_fetch *ask = EHR_NEW(fetch, FETCH);
    CU_ASSERT_EQUAL(ehr_point_import(&P, owner->pseudonym), EHR_OK);
    ask->request = request;
    memcpy(ask->query_id, query_id, 32);
    memcpy(ask->txid, txid, 32);
    ask->height = height;
    CU_ASSERT_EQUAL(ehr_own_sign(ask->proof, &owner->keys.p, &P, query_id,
                                 w.x.alliance[NODE].cert.id, height, exchange_rng(&w.x)),
                    EHR_OK);
    node_loop_send(&w.loop, world_at(from), world_at(NODE), ehr_message_seal(&ask->head));
}

static uint64_t height_now(void)
{
    return ehr_chain_node_state(w.nodes[NODE]).height;
}

static void fetch(uint64_t request)
{
    fetch_as(request, EXCHANGE_CLIENT_NODE, &w.visits[0], height_now(), w.txids[0]);
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
}

static struct ehr_message *take_compare(void)
{
    return node_loop_take(&w.loop, EXCHANGE_SERVER_NODE, EHR_MSG_COMPARE, NULL);
}

/* The hospital's answer to the oldest COMPARE that waits; `cut`: bytes of the record it keeps back,
 * `flip`: which byte it alters. */
static void release(enum ehr_reply status, size_t cut, size_t flip)
{
    struct ehr_message *message = take_compare();
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    const struct ehr_msg_compare *compare = EHR_AS(compare, message);
    CU_ASSERT_EQUAL(memcmp(compare->ct_hash, w.visits[0].ct_hash, 32), 0);
    CU_ASSERT_EQUAL(memcmp(compare->pseudonym, w.visits[0].pseudonym, 32), 0);
    CU_ASSERT_EQUAL(compare->whole, 1);
    struct ehr_msg_release *answer = EHR_NEW(release, RELEASE);
    answer->request = compare->request;
    answer->status = (uint8_t)status;
    if (status == EHR_REPLY_OK && cut < sizeof w.visits[0].sealed) {
        memcpy(answer->body_hash, w.visits[0].body_hash, 32);
        answer->sealed_head = ehr_blob_new(w.visits[0].sealed, EHR_RECORD_HEAD_BYTES);
        answer->record = ehr_blob_new(w.visits[0].sealed, sizeof w.visits[0].sealed - cut);
        if (flip < answer->record->length)
            answer->record->bytes[flip] ^= 1;
    }
    node_loop_send(&w.loop, world_at(EXCHANGE_SERVER_NODE), world_at(NODE),
                   ehr_message_seal(&answer->head));
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
    ehr_message_unref(message);
}

static const size_t WHOLE = 0, UNTOUCHED = SIZE_MAX;

/* The status of the RECORD that waits at the client; INVALID if there is none. */
static enum ehr_reply take_record(uint64_t request)
{
    struct ehr_entry entry;
    struct ehr_message *message =
        node_loop_take(&w.loop, EXCHANGE_CLIENT_NODE, EHR_MSG_RECORD, NULL);
    if (message == NULL)
        return EHR_REPLY_INVALID;
    const struct ehr_msg_record *record = EHR_AS(record, message);
    enum ehr_reply status = (enum ehr_reply)record->status;
    CU_ASSERT_EQUAL(record->request, request);
    CU_ASSERT_EQUAL(record->record != NULL, status == EHR_REPLY_OK);
    if (status == EHR_REPLY_OK) {
        CU_ASSERT_EQUAL(memcmp(record->txid, w.txids[0], 32), 0);
        CU_ASSERT_EQUAL(ehr_entry_parse(&entry, record->entry->bytes, record->entry->length),
                        EHR_OK);
        CU_ASSERT_EQUAL(memcmp(entry.ct_hash, w.visits[0].ct_hash, 32), 0);
        CU_ASSERT_EQUAL(record->record->length, sizeof w.visits[0].sealed);
        CU_ASSERT_EQUAL(memcmp(record->record->bytes, w.visits[0].sealed, record->record->length),
                        0);
    }
    ehr_message_unref(message);
    return status;
}

static void open_shared(uint32_t visits)
{
    world_open(&w);
    world_share(&w, visits);
}

static void record_arrives_when_all_are_honest(void)
{
    open_shared(2);
    fetch(7);
    release(EHR_REPLY_OK, WHOLE, UNTOUCHED);
    CU_ASSERT_EQUAL(take_record(7), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_BLAME], 0);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    CU_ASSERT_EQUAL(w.loop.last[EHR_MARK_PHASE].request, 7);
    CU_ASSERT_EQUAL(w.loop.last[EHR_MARK_PHASE].phase, EHR_PHASE_FETCH);
    /* what comes later is for nobody */
    node_loop_run(&w.loop, w.x.directory.give_up_ns);
    CU_ASSERT_EQUAL(take_record(7), EHR_REPLY_INVALID);
    world_close(&w);
}

static void fetch_refused_when_owner_height_or_record_is_wrong(void)
{
    const uint8_t unknown[32] = {1};
    open_shared(2);
    fetch_as(1, EXCHANGE_CLIENT_NODE, &w.visits[1], height_now(), w.txids[0]);
    world_settle(&w);
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_FOREIGN_TRAPDOOR);
    fetch_as(2, EXCHANGE_CLIENT_NODE, &w.visits[0], height_now(), unknown);
    world_settle(&w);
    CU_ASSERT_EQUAL(take_record(2), EHR_REPLY_NOT_FOUND);
    fetch_as(3, EXCHANGE_CLIENT_NODE, &w.visits[0], height_now() + 1, w.txids[0]);
    world_settle(&w);
    CU_ASSERT_EQUAL(take_record(3), EHR_REPLY_BEHIND);
    uint64_t height = height_now();
    world_grow(&w, 2 * WORLD_EXPIRY_MAX);
    fetch_as(4, EXCHANGE_CLIENT_NODE, &w.visits[0], height, w.txids[0]);
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
    release(EHR_REPLY_OK, WHOLE, UNTOUCHED);
    CU_ASSERT_EQUAL(take_record(4), EHR_REPLY_OK);
    world_grow(&w, 1);
    fetch_as(5, EXCHANGE_CLIENT_NODE, &w.visits[0], height, w.txids[0]);
    world_settle(&w);
    CU_ASSERT_EQUAL(take_record(5), EHR_REPLY_QUERY_EXPIRED);
    world_close(&w);
}

/* Counts complaints that travel, and checks each. */
static struct ehr_message *see_complaint(void *context, uint32_t from, uint32_t to,
                                         struct ehr_message *take_message)
{
    (void)to;
    if (take_message->type == EHR_MSG_COMPLAINT) {
        const struct ehr_msg_complaint *complaint = EHR_AS(complaint, take_message);
        uint8_t digest[32];
        EHR_HASH32(digest, "complaint", EHR_H(complaint->accused), EHR_H(complaint->txid),
                   EHR_H(complaint->ct_hash), EHR_U64(complaint->height));
        CU_ASSERT_EQUAL(ehr_sign_verify(w.x.alliance[from].cert.ed_pk, "sig-compl", digest,
                                        complaint->signature),
                        EHR_OK);
        CU_ASSERT_EQUAL(memcmp(complaint->accused, w.x.hospitals[0].server.cert.id, 32), 0);
        CU_ASSERT_EQUAL(memcmp(complaint->txid, w.txids[0], 32), 0);
        CU_ASSERT_NOT_EQUAL(memcmp(complaint->ct_hash, w.visits[0].ct_hash, 32), 0);
        ++*(uint32_t *)context;
    }
    return take_message;
}

static void hospital_accused_when_it_releases_other_bytes(void)
{
    uint32_t complaints = 0;
    open_shared(1);
    w.loop.tamper = see_complaint;
    w.loop.tamper_context = &complaints;
    const struct {
        enum ehr_reply status;
        size_t cut, flip;
    } lies[] = {
        {EHR_REPLY_OK, WHOLE, 200},          /* in the body */
        {EHR_REPLY_OK, WHOLE, 50},           /* in the head */
        {EHR_REPLY_OK, 1, UNTOUCHED},        /* short */
        {EHR_REPLY_OK, 300, UNTOUCHED},      /* shorter than a head */
        {EHR_REPLY_OK, SIZE_MAX, UNTOUCHED}, /* nothing */
        {EHR_REPLY_TAMPERED, WHOLE, UNTOUCHED},
    };
    for (uint32_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        fetch(10 + i);
        release(lies[i].status, lies[i].cut, lies[i].flip);
        CU_ASSERT_EQUAL(take_record(10 + i), EHR_REPLY_TAMPERED);
        CU_ASSERT_EQUAL(complaints, (i + 1) * (EXCHANGE_REPLICAS - 1));
        CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_BLAME], i + 1);
        CU_ASSERT_EQUAL(w.loop.last[EHR_MARK_BLAME].value, EXCHANGE_SERVER_NODE);
    }
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
    world_close(&w);
}

static void other_refusals_passed_on_only_when_they_have_a_name(void)
{
    open_shared(1);
    fetch(1);
    release(EHR_REPLY_NOT_FOUND, WHOLE, UNTOUCHED);
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_NOT_FOUND);
    fetch(2);
    release(EHR_REPLY_DUPLICATE, WHOLE, UNTOUCHED); /* would count as done */
    CU_ASSERT_EQUAL(take_record(2), EHR_REPLY_MALFORMED);
    fetch(3);
    release((enum ehr_reply)0, WHOLE, UNTOUCHED);
    CU_ASSERT_EQUAL(take_record(3), EHR_REPLY_MALFORMED);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_BLAME], 0);
    world_close(&w);
}

static void hospital_asked_again_and_named_when_it_is_silent(void)
{
    struct ehr_message *message;
    uint32_t asked = 0;
    open_shared(1);
    fetch(1);
    node_loop_run(&w.loop, w.x.directory.give_up_ns);
    while ((message = take_compare()) != NULL) {
        asked++;
        ehr_message_unref(message);
    }
    CU_ASSERT_EQUAL(asked, 3); /* at 0, 1 and 3 s; over after 5 s */
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_HOSPITAL_UNREACHABLE);
    /* one that wakes up late still serves */
    fetch(2);
    message = take_compare();
    ehr_message_unref(message);
    node_loop_run(&w.loop, w.x.directory.retry_ns);
    release(EHR_REPLY_OK, WHOLE, UNTOUCHED);
    CU_ASSERT_EQUAL(take_record(2), EHR_REPLY_OK);
    world_close(&w);
}

/* ---- private nodes that cheat ---- */

enum { LIAR = EXCHANGE_PRIVATE_NODE + NODE };

struct lie {
    unsigned kind; /* 0: another entry, 1: none, 2: cut, 3: silence, 4: the lie comes twice */
    uint32_t asked[EXCHANGE_REPLICAS];
};

static struct ehr_message *lie_about_entries(void *context, uint32_t from, uint32_t to,
                                             struct ehr_message *take_message)
{
    struct lie *lie = context;
    if (take_message->type == EHR_MSG_LOCATE)
        lie->asked[to - EXCHANGE_PRIVATE_NODE]++;
    if (take_message->type != EHR_MSG_LOCATED || from != LIAR)
        return take_message;
    const struct ehr_msg_located *located = EHR_AS(located, take_message);
    struct ehr_msg_located *other = EHR_NEW(located, LOCATED);
    other->request = located->request;
    other->status = located->status;
    if (lie->kind != 1)
        other->entry =
            ehr_blob_new(located->entry->bytes, located->entry->length - (lie->kind == 2 ? 1 : 0));
    if (lie->kind == 0 || lie->kind == 4)
        other->entry->bytes[40] ^= 1;
    ehr_message_unref(take_message);
    struct ehr_message *sealed = ehr_message_seal(&other->head);
    if (lie->kind == 3) {
        ehr_message_unref(sealed);
        return NULL;
    }
    if (lie->kind == 4) {
        lie->kind = 5; /* once */
        for (unsigned i = 0; i < 3; i++)
            node_loop_send(&w.loop, world_at(from), world_at(to), ehr_message_ref(sealed));
    }
    return sealed;
}

static void next_private_node_asked_when_one_gives_a_wrong_entry(void)
{
    for (unsigned kind = 0; kind < 5; kind++) {
        struct lie lie = {.kind = kind};
        open_shared(1);
        w.loop.tamper = lie_about_entries;
        w.loop.tamper_context = &lie;
        fetch(1);
        if (kind == 3)
            node_loop_run(&w.loop, w.x.directory.retry_ns);
        CU_ASSERT_EQUAL(lie.asked[NODE], 1);
        CU_ASSERT_EQUAL(lie.asked[NODE + 1], 1);
        CU_ASSERT_EQUAL(lie.asked[NODE + 2], 0);
        release(EHR_REPLY_OK, WHOLE, UNTOUCHED);
        CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_OK);
        world_close(&w);
    }
}

static void private_nodes_named_when_none_answers(void)
{
    open_shared(1);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        w.loop.down[EXCHANGE_PRIVATE_NODE + i] = true;
    fetch(1);
    node_loop_run(&w.loop, w.x.directory.give_up_ns);
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_NODE_UNREACHABLE);
    world_close(&w);
}

/* ---- clients ---- */

static void one_job_runs_when_a_fetch_is_repeated(void)
{
    open_shared(1);
    fetch(1);
    fetch(1);
    release(EHR_REPLY_OK, WHOLE, UNTOUCHED);
    CU_ASSERT_PTR_NULL(take_compare());
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_OK);
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_INVALID);
    world_close(&w);
}

/* Requests are numbers that clients choose: another client with the same one has its own job. */
static void clients_kept_apart_when_they_use_one_number(void)
{
    struct ehr_message *message;
    uint32_t compares = 0;
    open_shared(2);
    fetch_as(1, EXCHANGE_STRANGER_NODE, &w.visits[1], height_now(), w.txids[1]);
    fetch_as(1 | UINT64_C(7) << 40, EXCHANGE_STRANGER_NODE, &w.visits[1], height_now(), w.txids[1]);
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
    while ((message = take_compare()) != NULL) {
        compares++;
        ehr_message_unref(message);
    }
    CU_ASSERT_EQUAL(compares, 2);
    fetch(1);
    release(EHR_REPLY_OK, WHOLE, UNTOUCHED);
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_OK);
    CU_ASSERT_PTR_NULL(node_loop_take(&w.loop, EXCHANGE_STRANGER_NODE, EHR_MSG_RECORD, NULL));
    node_loop_run(&w.loop, w.x.directory.give_up_ns); /* the stranger's jobs end by themselves */
    for (unsigned i = 0; i < 2; i++) {
        message = node_loop_take(&w.loop, EXCHANGE_STRANGER_NODE, EHR_MSG_RECORD, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(message);
        ehr_message_unref(message);
    }
    world_close(&w);
}

/* The index grows while a job waits: what it refers to must not move. */
static void job_survives_when_the_index_grows(void)
{
    open_shared(WORLD_VISITS - 5);
    fetch(1);
    uint64_t heights = w.private_chain->height;
    for (uint32_t i = WORLD_VISITS - 5; i < WORLD_VISITS; i++) {
        visit_make(&w.x, &w.visits[i], 0, 0, i);
        w.records[i] = visit_tx(&w.visits[i], 100 + i);
        world_submit(&w, EXCHANGE_PRIVATE_NODE, w.records[i]);
    }
    world_settle(&w);
    for (uint64_t h = heights + 1; h <= w.private_chain->height; h++) {
        CU_ASSERT_EQUAL(world_certify(&w, h), EXCHANGE_REPLICAS);
        struct ehr_block_proof proof = ehr_chain_proof(w.private_chain, h);
        CU_ASSERT_EQUAL(world_order(&w, exchange_anchor(&w.x, 0, &proof)), EHR_REPLY_OK);
        for (uint32_t i = 0; i < ehr_chain_block_at(w.private_chain, h)->block->count; i++)
            CU_ASSERT_EQUAL(world_order(&w, exchange_index(&w.x, 0, w.private_chain, h, i)),
                            EHR_REPLY_OK);
    }
    release(EHR_REPLY_OK, WHOLE, UNTOUCHED);
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_OK);
    world_close(&w);
}

static void answers_ignored_when_they_come_from_others(void)
{
    open_shared(1);
    fetch(1);
    struct ehr_message *message = take_compare();
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    struct ehr_msg_release *forged = EHR_NEW(release, RELEASE);
    forged->request = EHR_AS(compare, message)->request;
    forged->status = EHR_REPLY_NOT_FOUND;
    node_loop_send(&w.loop, world_at(EXCHANGE_STRANGER_NODE), world_at(NODE),
                   ehr_message_seal(&forged->head));
    node_loop_run(&w.loop, 10 * (uint64_t)NODE_LOOP_HOP_NS);
    CU_ASSERT_EQUAL(take_record(1), EHR_REPLY_INVALID);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 1);
    ehr_message_unref(message);
    struct ehr_msg_complaint *complaint = EHR_NEW(complaint, COMPLAINT); /* not signed */
    memcpy(complaint->accused, w.x.hospitals[0].server.cert.id, 32);
    node_loop_send(&w.loop, world_at(0), world_at(NODE), ehr_message_seal(&complaint->head));
    world_settle(&w);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 2);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"record_arrives_when_all_are_honest", record_arrives_when_all_are_honest},
    {"fetch_refused_when_owner_height_or_record_is_wrong",
     fetch_refused_when_owner_height_or_record_is_wrong},
    {"hospital_accused_when_it_releases_other_bytes",
     hospital_accused_when_it_releases_other_bytes},
    {"other_refusals_passed_on_only_when_they_have_a_name",
     other_refusals_passed_on_only_when_they_have_a_name},
    {"hospital_asked_again_and_named_when_it_is_silent",
     hospital_asked_again_and_named_when_it_is_silent},
    {"next_private_node_asked_when_one_gives_a_wrong_entry",
     next_private_node_asked_when_one_gives_a_wrong_entry},
    {"private_nodes_named_when_none_answers", private_nodes_named_when_none_answers},
    {"one_job_runs_when_a_fetch_is_repeated", one_job_runs_when_a_fetch_is_repeated},
    {"clients_kept_apart_when_they_use_one_number", clients_kept_apart_when_they_use_one_number},
    {"job_survives_when_the_index_grows", job_survives_when_the_index_grows},
    {"answers_ignored_when_they_come_from_others", answers_ignored_when_they_come_from_others},
};

EHR_UNIT_MAIN("chain_node_release", cases)
