/* What the observer makes of marks, and what the safety checker says of broken runs: each kind of
 * breach is shown to be seen. */
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"
#include "sim/app/observer.h"
#include "sim/app/safety.h"
#include "sim/ledger/layout.h"
#include "tests/unit/unit.h"

enum { NODES = 5, PROXIES = 3 };

struct bench {
    struct ehr_measure_node nodes[NODES];
    struct ehr_measure_message messages[EHR_MESSAGE_TYPES];
    struct ehr_measure_names names;
    struct ehr_measure_chain chain;
    struct ehr_member members[NODES];
    struct ehr_directory directory;
    struct ehr_chain *chains[1];
    struct ehr_measure *measure;
    struct ehr_safety *safety;
    struct ehr_observer *observer;
    bool down[NODES];
    bool byzantine[NODES];
};

static const char *const operations[] = {"-"};
static const char *const hospitals[] = {"minsk"};

static bool bench_up(void *context, uint32_t node)
{
    return !((const struct bench *)context)->down[node];
}

static struct bench *bench_new(void)
{
    static const char *const names[NODES] = {"n0", "n1", "n2", "n3", "n4"};
    static const uint8_t id[32];
    struct bench *bench = calloc(1, sizeof *bench);
    ehr_crypto_init();
    for (uint32_t i = 0; i < NODES; i++) {
        bench->nodes[i] =
            (struct ehr_measure_node){names[i], "alliance-node", "h", EHR_TIER_ALLIANCE};
        bench->members[i].node = i;
    }
    for (uint32_t t = 0; t < EHR_MESSAGE_TYPES; t++)
        bench->messages[t].name = "-";
    bench->chain = (struct ehr_measure_chain){"alliance", EHR_TIER_ALLIANCE};
    bench->names = (struct ehr_measure_names){.nodes = bench->nodes,
                                              .messages = bench->messages,
                                              .operations = operations,
                                              .chains = &bench->chain,
                                              .hospitals = hospitals,
                                              .node_count = NODES,
                                              .message_count = EHR_MESSAGE_TYPES,
                                              .operation_count = 1,
                                              .chain_count = 1,
                                              .hospital_count = 1};
    bench->directory.alliance.members = bench->members;
    bench->directory.alliance.count = NODES;
    bench->directory.proxies = PROXIES;
    bench->chains[0] = ehr_chain_new(0, id, 1, NODES, ehr_contract_private_new(id, 1, NULL, 0));
    const struct ehr_measure_config config = {.names = bench->names};
    bench->measure = ehr_measure_new(&config);
    bench->safety = ehr_safety_new((const struct ehr_chain *const *)bench->chains, 1);
    const struct ehr_observer_config observer = {
        .directory = &bench->directory,
        .chains = (const struct ehr_chain *const *)bench->chains,
        .names = &bench->names,
        .measure = bench->measure,
        .safety = bench->safety,
        .byzantine = bench->byzantine,
        .overhead_bytes = 66,
        .up = bench_up,
        .context = bench,
    };
    bench->observer = ehr_observer_new(&observer);
    return bench;
}

static void bench_free(struct bench *bench)
{
    ehr_observer_free(bench->observer);
    ehr_safety_free(bench->safety);
    ehr_measure_free(bench->measure);
    ehr_chain_free(bench->chains[0]);
    free(bench);
}

static void mark(struct bench *bench, uint64_t now_ns, uint32_t node, enum ehr_mark_kind kind,
                 uint32_t request, uint16_t phase, uint64_t value)
{
    const struct ehr_mark made = {(uint16_t)kind, phase, request, value};
    ehr_observer_mark(bench->observer, now_ns, node, &made);
}

static const struct ehr_request *request_at(const struct bench *bench, uint32_t request)
{
    return ehr_request_get(ehr_measure_requests(bench->measure), request);
}

/* A chain of blocks that nobody validated: for what must never happen. */
static void block_force(struct ehr_chain *chain, struct ehr_tx *tx, enum ehr_reply reply)
{
    uint8_t header[EHR_BLOCK_HEADER_BYTES] = {0};
    chain->blocks = realloc(chain->blocks, (chain->height + 1) * sizeof *chain->blocks);
    struct ehr_chain_block *entry = &chain->blocks[chain->height++];
    memset(entry, 0, sizeof *entry);
    entry->block = ehr_block_new(header, &tx, 1);
    entry->replies = malloc(1);
    entry->replies[0] = (uint8_t)reply;
}

static struct ehr_tx *tx_of(uint8_t type, uint8_t byte, uint64_t request)
{
    return ehr_tx_new(type, &byte, 1, 0, 0, request);
}

/* ---- requests ---- */

static void outcomes_follow_marks_when_requests_end(void)
{
    struct bench *bench = bench_new();
    for (int i = 0; i < 4; i++)
        ehr_observer_open(bench->observer, EHR_FLOW_VISIT, 0, 0);
    mark(bench, 10, 0, EHR_MARK_PHASE, 1, EHR_PHASE_CHECK, 0);
    mark(bench, 15, 0, EHR_MARK_PHASE, 1, EHR_PHASE_SEARCH, 0); /* not of visits: ignored */
    mark(bench, 20, 0, EHR_MARK_CLOSE, 1, EHR_REPLY_DUPLICATE, 0);
    mark(bench, 30, 0, EHR_MARK_CLOSE, 2, EHR_REPLY_WRONG_CARD, 0);
    mark(bench, 40, 0, EHR_MARK_TIMEOUT, 3, EHR_REPLY_NODE_UNREACHABLE, 0);
    mark(bench, 50, 0, EHR_MARK_CLOSE, 3, EHR_REPLY_OK, 0); /* too late: it stays a timeout */
    mark(bench, 60, 0, EHR_MARK_TIMEOUT, 4, EHR_REPLY_INVALID, 0);
    mark(bench, 70, 0, EHR_MARK_CLOSE, 99, EHR_REPLY_OK, 0); /* no such request */
    CU_ASSERT_EQUAL(request_at(bench, 1)->outcome, EHR_OUTCOME_OK);
    CU_ASSERT_EQUAL(request_at(bench, 1)->phase_ns[0], 10);
    CU_ASSERT_EQUAL(request_at(bench, 2)->outcome, EHR_OUTCOME_REFUSED);
    CU_ASSERT_EQUAL(request_at(bench, 2)->reason, EHR_REASON_WRONG_CARD);
    CU_ASSERT_EQUAL(request_at(bench, 3)->outcome, EHR_OUTCOME_TIMEOUT);
    CU_ASSERT_EQUAL(request_at(bench, 3)->reason, EHR_REASON_NODE_UNREACHABLE);
    CU_ASSERT_EQUAL(request_at(bench, 3)->end_ns, 40);
    CU_ASSERT_EQUAL(request_at(bench, 4)->reason, EHR_REASON_TIMED_OUT);
    bench_free(bench);
}

/* Nodes 0, 1, 2 are proxies; the patient is told at 20, the last proxy hears at 50. */
static void a_revocation_ends_with_the_last_proxy_when_all_are_up(void)
{
    struct bench *bench = bench_new();
    ehr_observer_open(bench->observer, EHR_FLOW_REVOKE, 0, 0);
    mark(bench, 5, 0, EHR_MARK_PHASE, 1, EHR_PHASE_ORDER, 0);
    mark(bench, 10, 0, EHR_MARK_EXPOSED, 1, 0, 1);
    mark(bench, 12, 4, EHR_MARK_EXPOSED, 1, 0, 1); /* no proxy */
    mark(bench, 15, 1, EHR_MARK_EXPOSED, 1, 0, 1);
    mark(bench, 20, 3, EHR_MARK_PHASE, 1, EHR_PHASE_EFFECT, 0);
    mark(bench, 20, 3, EHR_MARK_CLOSE, 1, EHR_REPLY_OK, 0);
    CU_ASSERT_EQUAL(request_at(bench, 1)->outcome, EHR_OUTCOME_INVALID);
    mark(bench, 50, 2, EHR_MARK_EXPOSED, 1, 0, 1);
    CU_ASSERT_EQUAL(request_at(bench, 1)->outcome, EHR_OUTCOME_OK);
    CU_ASSERT_EQUAL(request_at(bench, 1)->end_ns, 50);
    CU_ASSERT_EQUAL(request_at(bench, 1)->phase_ns[1], 30);
    bench_free(bench);
}

static void a_revocation_does_not_wait_when_a_proxy_is_down(void)
{
    struct bench *bench = bench_new();
    bench->down[2] = true;
    ehr_observer_open(bench->observer, EHR_FLOW_REVOKE, 0, 0);
    mark(bench, 10, 0, EHR_MARK_EXPOSED, 1, 0, 1);
    mark(bench, 15, 1, EHR_MARK_EXPOSED, 1, 0, 1);
    mark(bench, 20, 3, EHR_MARK_CLOSE, 1, EHR_REPLY_OK, 0);
    CU_ASSERT_EQUAL(request_at(bench, 1)->end_ns, 20);
    CU_ASSERT_EQUAL(request_at(bench, 1)->outcome, EHR_OUTCOME_OK);
    bench_free(bench);
}

static void a_view_change_counts_once_when_every_replica_enters_it(void)
{
    struct bench *bench = bench_new();
    for (uint32_t node = 0; node < NODES; node++)
        mark(bench, 10 + node, node, EHR_MARK_VIEW, 0, 0, 1);
    mark(bench, 20, 0, EHR_MARK_VIEW, 0, 0, 3);
    CU_ASSERT_EQUAL(
        ehr_counters_tier(ehr_measure_counters(bench->measure), EHR_TIER_ALLIANCE).view_changes, 2);
    bench_free(bench);
}

static void bytes_are_those_of_the_request_when_messages_carry_one(void)
{
    struct bench *bench = bench_new();
    ehr_observer_open(bench->observer, EHR_FLOW_REGISTER, 0, 0);
    struct ehr_msg_enrol *enrol = EHR_NEW(enrol, ENROL);
    enrol->request = 1;
    struct ehr_message *sealed = ehr_message_seal(&enrol->head);
    ehr_observer_message(bench->observer, 0, sealed);
    CU_ASSERT_EQUAL(sealed->size, 2 + 8 + 128);
    CU_ASSERT_EQUAL(request_at(bench, 1)->bytes, 2 + 8 + 128 + 66);
    ehr_message_unref(sealed);
    bench_free(bench);
}

/* One record fetched, with the message lengths of docs/formats/wire.md and 66 bytes of headers
 * each: fetch 146, locate 46, located 11 + (4 + 3), compare 75, release 43 + 4 + (4 + 5), record 43
 * + (4 + 3) + (4 + 5) are 400 and 6 headers of 66, 796 in all. A node asks under its job's ticket,
 * above 32 bits. */
static void bytes_are_those_of_the_request_when_nodes_ask_under_tickets(void)
{
    static const uint64_t ticket = (uint64_t)7 << 32 | 2, anchor = (uint64_t)9 << 32;
    struct bench *bench = bench_new();
    for (int i = 0; i < 2; i++)
        ehr_observer_open(bench->observer, EHR_FLOW_RETRIEVE, 0, 0);
    struct ehr_msg_fetch *fetch = EHR_NEW(fetch, FETCH);
    struct ehr_msg_locate *locate = EHR_NEW(locate, LOCATE);
    struct ehr_msg_located *located = EHR_NEW(located, LOCATED);
    struct ehr_msg_compare *compare = EHR_NEW(compare, COMPARE);
    struct ehr_msg_release *release = EHR_NEW(release, RELEASE);
    struct ehr_msg_record *record = EHR_NEW(record, RECORD);
    struct ehr_msg_reply *reply = EHR_NEW(reply, REPLY);
    fetch->request = record->request = 2;
    locate->request = located->request = compare->request = release->request = ticket;
    reply->request = anchor; /* of a block's anchor: nobody's */
    located->entry = ehr_blob_new("abc", 3);
    release->record = ehr_blob_new("sealed", 5);
    record->entry = ehr_blob_new("abc", 3);
    record->record = ehr_blob_new("sealed", 5);
    struct ehr_message *heads[] = {&fetch->head,   &locate->head, &located->head, &compare->head,
                                   &release->head, &record->head, &reply->head};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct ehr_message *sealed = ehr_message_seal(heads[i]);
        ehr_observer_message(bench->observer, 0, sealed);
        ehr_message_unref(sealed);
    }
    CU_ASSERT_EQUAL(request_at(bench, 1)->bytes, 0);
    CU_ASSERT_EQUAL(request_at(bench, 2)->bytes, 796);
    bench_free(bench);
}

static void types_with_a_request_are_those_of_the_table_when_compared(void)
{
    for (uint16_t type = 0; type < EHR_MESSAGE_TYPES; type++) {
        const struct ehr_layout *layout = ehr_layout_of(type);
        bool first = layout != NULL && strcmp(layout->fields[0].name, "request") == 0 &&
                     layout->fields[0].kind == EHR_FIELD_KIND_U64 &&
                     layout->fields[0].offset == offsetof(struct ehr_msg_enrol, request);
        CU_ASSERT_EQUAL(ehr_observer_type_has_request(type), first);
    }
}

/* ---- safety ---- */

static struct ehr_message *store_of(const void *bytes, size_t length)
{
    struct ehr_msg_store *store = EHR_NEW(store, STORE);
    store->record = ehr_blob_new(bytes, length);
    return ehr_message_seal(&store->head);
}

static void a_breach_is_seen_when_a_message_holds_plaintext(void)
{
    static const char sealed[] = "\x01\x02resourceType\x03", open[] = "..{\"resourceType\":\"B\"}";
    struct bench *bench = bench_new();
    struct ehr_message *good = store_of(sealed, sizeof sealed), *bad = store_of(open, sizeof open);
    ehr_safety_message(bench->safety, 0, good);
    CU_ASSERT_PTR_NULL(ehr_safety_broken(bench->safety));
    ehr_safety_message(bench->safety, 0, bad);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ehr_safety_broken(bench->safety));
    CU_ASSERT_PTR_NOT_NULL(strstr(ehr_safety_broken(bench->safety), "plaintext"));
    ehr_message_unref(good);
    ehr_message_unref(bad);
    bench_free(bench);
}

/* The storage of a message that is gone serves the next one of its size. */
static void a_breach_is_seen_when_a_message_takes_the_place_of_another(void)
{
    static const char text[] = "{\"resourceType\":\"Bundle\"}";
    static const char sealed[sizeof text] = {1};
    struct bench *bench = bench_new();
    struct ehr_message *good = store_of(sealed, sizeof sealed);
    ehr_safety_message(bench->safety, 0, good);
    ehr_message_unref(good);
    struct ehr_message *bad = store_of(text, sizeof text);
    ehr_safety_message(bench->safety, 0, bad);
    CU_ASSERT_PTR_NOT_NULL(ehr_safety_broken(bench->safety));
    ehr_message_unref(bad);
    bench_free(bench);
}

static void a_breach_is_seen_when_a_message_holds_a_card_number(void)
{
    struct bench *bench = bench_new();
    uint8_t card[32], bytes[64] = {0};
    for (uint8_t i = 0; i < 32; i++)
        card[i] = (uint8_t)(7 * i + 1);
    ehr_safety_card_add(bench->safety, card);
    memcpy(bytes + 32, card, 31); /* all but its last byte */
    struct ehr_message *good = store_of(bytes, sizeof bytes);
    memcpy(bytes + 32, card, 32); /* at the very end */
    struct ehr_message *bad = store_of(bytes, sizeof bytes);
    ehr_safety_message(bench->safety, 0, good);
    CU_ASSERT_PTR_NULL(ehr_safety_broken(bench->safety));
    ehr_safety_message(bench->safety, 0, bad);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ehr_safety_broken(bench->safety));
    CU_ASSERT_PTR_NOT_NULL(strstr(ehr_safety_broken(bench->safety), "card number"));
    ehr_message_unref(good);
    ehr_message_unref(bad);
    bench_free(bench);
}

/* Wherever it stands, whole; one changed byte of it is no card number. */
static void a_card_number_is_seen_at_every_place_of_a_message(void)
{
    uint8_t cards[3][32], bytes[120];
    for (uint8_t c = 0; c < 3; c++)
        for (uint8_t i = 0; i < 32; i++)
            cards[c][i] = (uint8_t)(7 * i + 50 * c + 1);
    for (size_t place = 0; place + 32 <= sizeof bytes; place++)
        for (size_t changed = 0; changed <= 32; changed++) {
            struct bench *bench = bench_new();
            for (size_t c = 0; c < 3; c++)
                ehr_safety_card_add(bench->safety, cards[c]);
            memset(bytes, 0xee, sizeof bytes);
            memcpy(bytes + place, cards[place % 3], 32);
            if (changed < 32)
                bytes[place + changed] ^= 1;
            struct ehr_message *message = store_of(bytes, sizeof bytes);
            ehr_safety_message(bench->safety, 0, message);
            CU_ASSERT_EQUAL(ehr_safety_broken(bench->safety) != NULL, changed == 32);
            ehr_message_unref(message);
            bench_free(bench);
        }
}

static void a_breach_is_seen_when_a_transaction_executes_twice(void)
{
    struct bench *bench = bench_new();
    struct ehr_tx *tx = tx_of(EHR_TX_RAW, 'x', 0);
    block_force(bench->chains[0], tx, EHR_REPLY_OK);
    block_force(bench->chains[0], tx, EHR_REPLY_DUPLICATE);
    ehr_safety_commit(bench->safety, 0, 2);
    CU_ASSERT_PTR_NULL(ehr_safety_broken(bench->safety));
    block_force(bench->chains[0], tx, EHR_REPLY_OK);
    ehr_safety_commit(bench->safety, 0, 3);
    CU_ASSERT_PTR_NOT_NULL(ehr_safety_broken(bench->safety));
    ehr_tx_unref(tx);
    bench_free(bench);
}

static void a_breach_is_seen_when_a_request_executes_twice(void)
{
    struct bench *bench = bench_new();
    struct ehr_tx *first = tx_of(EHR_TX_INDEX, 'x', 17);
    struct ehr_tx *second = tx_of(EHR_TX_INDEX, 'y', 17);
    block_force(bench->chains[0], first, EHR_REPLY_OK);
    ehr_safety_commit(bench->safety, 0, 1);
    CU_ASSERT_PTR_NULL(ehr_safety_broken(bench->safety));
    block_force(bench->chains[0], second, EHR_REPLY_OK);
    ehr_safety_commit(bench->safety, 0, 2);
    CU_ASSERT_PTR_NOT_NULL(ehr_safety_broken(bench->safety));
    ehr_tx_unref(first);
    ehr_tx_unref(second);
    bench_free(bench);
}

static void a_breach_is_seen_when_an_acknowledged_height_is_missing(void)
{
    struct bench *bench = bench_new();
    struct ehr_tx *tx = tx_of(EHR_TX_INDEX, 'x', 17);
    block_force(bench->chains[0], tx, EHR_REPLY_OK);
    mark(bench, 1, 0, EHR_MARK_ACKED, 17, 0, 1);
    mark(bench, 1, 0, EHR_MARK_SHARED, 0, 0, 1);
    ehr_safety_finish(bench->safety);
    CU_ASSERT_PTR_NULL(ehr_safety_broken(bench->safety));
    mark(bench, 2, 0, EHR_MARK_ACKED, 17, 0, 2);
    ehr_safety_finish(bench->safety);
    CU_ASSERT_PTR_NOT_NULL(ehr_safety_broken(bench->safety));
    ehr_tx_unref(tx);
    bench_free(bench);
}

static void a_breach_is_seen_when_a_durable_visit_is_on_no_chain(void)
{
    struct bench *bench = bench_new();
    ehr_observer_open(bench->observer, EHR_FLOW_VISIT, 0, 0);
    mark(bench, 1, 0, EHR_MARK_DURABLE, 1, 0, 0);
    CU_ASSERT_PTR_NULL(ehr_safety_broken(bench->safety));
    ehr_safety_finish(bench->safety);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ehr_safety_broken(bench->safety));
    CU_ASSERT_PTR_NOT_NULL(strstr(ehr_safety_broken(bench->safety), "visit 1"));
    bench_free(bench);
}

static void a_breach_is_seen_when_a_replica_commits_another_block(void)
{
    struct bench *bench = bench_new();
    struct ehr_tx *tx = tx_of(EHR_TX_RAW, 'x', 0);
    block_force(bench->chains[0], tx, EHR_REPLY_OK);
    ehr_chain_block_at(bench->chains[0], 1)->executor = 3;
    mark(bench, 1, 2, EHR_MARK_DIVERGED, 0, 0, 1);
    CU_ASSERT_STRING_EQUAL(ehr_safety_broken(bench->safety),
                           "two blocks at height 1 of chain alliance: n3 committed one, n2 "
                           "committed another");
    ehr_tx_unref(tx);
    bench_free(bench);
}

/* What it says of its chain is nothing: no block, no fork, no view, no end of a revocation. */
static void nothing_is_believed_when_an_adversary_says_it(void)
{
    struct bench *bench = bench_new();
    bench->byzantine[2] = true;
    ehr_observer_open(bench->observer, EHR_FLOW_REVOKE, 0, 0);
    mark(bench, 1, 2, EHR_MARK_COMMITTED, 0, 0, 7); /* a height that the chain has not */
    mark(bench, 1, 2, EHR_MARK_SIGNERS, 3, 0, 7);
    mark(bench, 2, 2, EHR_MARK_DIVERGED, 0, 0, 7);
    mark(bench, 3, 2, EHR_MARK_VIEW, 0, 0, 9);
    CU_ASSERT_PTR_NULL(ehr_safety_broken(bench->safety));
    CU_ASSERT_EQUAL(ehr_observer_committed_ns(bench->observer, 0), 0);
    CU_ASSERT_EQUAL(
        ehr_counters_tier(ehr_measure_counters(bench->measure), EHR_TIER_ALLIANCE).view_changes, 0);
    /* nor does a revocation wait for it: it never stops serving, whatever it says */
    mark(bench, 10, 2, EHR_MARK_EXPOSED, 1, 0, 1);
    mark(bench, 15, 1, EHR_MARK_EXPOSED, 1, 0, 1);
    mark(bench, 20, 3, EHR_MARK_CLOSE, 1, EHR_REPLY_OK, 0);
    CU_ASSERT_EQUAL(request_at(bench, 1)->outcome, EHR_OUTCOME_INVALID);
    mark(bench, 50, 0, EHR_MARK_EXPOSED, 1, 0, 1);
    CU_ASSERT_EQUAL(request_at(bench, 1)->end_ns, 50);
    bench_free(bench);
}

static const struct ehr_unit_case cases[] = {
    {"outcomes_follow_marks_when_requests_end", outcomes_follow_marks_when_requests_end},
    {"a_revocation_ends_with_the_last_proxy_when_all_are_up",
     a_revocation_ends_with_the_last_proxy_when_all_are_up},
    {"a_revocation_does_not_wait_when_a_proxy_is_down",
     a_revocation_does_not_wait_when_a_proxy_is_down},
    {"a_view_change_counts_once_when_every_replica_enters_it",
     a_view_change_counts_once_when_every_replica_enters_it},
    {"bytes_are_those_of_the_request_when_messages_carry_one",
     bytes_are_those_of_the_request_when_messages_carry_one},
    {"bytes_are_those_of_the_request_when_nodes_ask_under_tickets",
     bytes_are_those_of_the_request_when_nodes_ask_under_tickets},
    {"types_with_a_request_are_those_of_the_table_when_compared",
     types_with_a_request_are_those_of_the_table_when_compared},
    {"a_breach_is_seen_when_a_message_holds_plaintext",
     a_breach_is_seen_when_a_message_holds_plaintext},
    {"a_breach_is_seen_when_a_message_takes_the_place_of_another",
     a_breach_is_seen_when_a_message_takes_the_place_of_another},
    {"a_breach_is_seen_when_a_message_holds_a_card_number",
     a_breach_is_seen_when_a_message_holds_a_card_number},
    {"a_card_number_is_seen_at_every_place_of_a_message",
     a_card_number_is_seen_at_every_place_of_a_message},
    {"a_breach_is_seen_when_a_transaction_executes_twice",
     a_breach_is_seen_when_a_transaction_executes_twice},
    {"a_breach_is_seen_when_a_request_executes_twice",
     a_breach_is_seen_when_a_request_executes_twice},
    {"a_breach_is_seen_when_an_acknowledged_height_is_missing",
     a_breach_is_seen_when_an_acknowledged_height_is_missing},
    {"a_breach_is_seen_when_a_durable_visit_is_on_no_chain",
     a_breach_is_seen_when_a_durable_visit_is_on_no_chain},
    {"a_breach_is_seen_when_a_replica_commits_another_block",
     a_breach_is_seen_when_a_replica_commits_another_block},
    {"nothing_is_believed_when_an_adversary_says_it",
     nothing_is_believed_when_an_adversary_says_it},
};

EHR_UNIT_MAIN("observer and safety", cases)
