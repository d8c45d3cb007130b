/* Searching by scanning, with several keywords, with trapdoors in clear: whole retrievals between
 * roles, compared with sealed queries of one keyword in a dictionary. */
#include <stdlib.h>
#include <string.h>

#include "actors/visit_keywords.h"
#include "crypto/box.h"
#include "crypto/query.h"
#include "sim/ledger/alliance_tx.h"
#include "sim/ledger/wire.h"
#include "tests/simulation/role_meddler.h"
#include "tests/unit/unit.h"

enum {
    VISITS = 5,      /* of patient 0, records 0 .. 4 */
    HITS_SEEN = 256, /* of all answers to a request */
    FIRST = 20,      /* request that retrieves visit 0 */
};

/* What travelled while a request was under way. */
struct watch {
    struct role_world *world;
    uint32_t queries, answers, twice; /* twice: hits that an answer repeats */
    uint32_t unsorted;                /* trapdoors of a query that do not ascend */
    size_t query_bytes, trapdoors;    /* of the last query */
    bool in_clear;
    uint8_t seen[HITS_SEEN][32]; /* pseudonyms of hits, each once, ascending */
    uint32_t seen_count;
    struct ehr_blob *foreign; /* hits that alliance node 0 is to add to its answers; kept from it */
    bool keep, add;
    uint32_t added;
};

static int compare_values(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static void query_watch(struct watch *watch, struct ehr_address to,
                        const struct ehr_msg_query *query)
{
    uint8_t bytes[EHR_QUERY_BYTES(64)], context[32];
    struct ehr_query parsed;
    size_t length = query->box->length;
    const struct ehr_committee *alliance = &watch->world->directory.alliance;
    watch->queries++;
    watch->in_clear = ehr_query_parse(&parsed, query->box->bytes, length) == EHR_OK;
    if (!watch->in_clear) {
        length -= EHR_BOX_OVERHEAD_BYTES;
        CU_ASSERT_FATAL(length <= sizeof bytes);
        uint32_t member = ehr_committee_replica(alliance, to.node);
        ehr_query_context(context, alliance->members[member].cert.id);
        CU_ASSERT_EQUAL(ehr_box_open(bytes, &role_world_secrets(watch->world, to.node)->epoch,
                                     context, query->box->bytes, query->box->length),
                        EHR_OK);
        CU_ASSERT_EQUAL_FATAL(ehr_query_parse(&parsed, bytes, length), EHR_OK);
    }
    watch->query_bytes = query->box->length;
    watch->trapdoors = parsed.count;
    for (size_t i = 1; i < parsed.count; i++)
        watch->unsorted +=
            memcmp(parsed.trapdoors + 32 * (i - 1), parsed.trapdoors + 32 * i, 32) >= 0;
}

static void hits_watch(struct watch *watch, const struct ehr_blob *hits)
{
    size_t offset = 0, left = 0;
    bool malformed = false;
    struct ehr_hit hit;
    uint8_t own[HITS_SEEN][32];
    uint32_t count = 0;
    while (ehr_hits_next(hits, &offset, &left, &hit, &malformed)) {
        struct ehr_atx atx;
        CU_ASSERT_EQUAL_FATAL(ehr_atx_parse(&atx, hit.atx, hit.atx_len), EHR_OK);
        CU_ASSERT_FATAL(count < HITS_SEEN && watch->seen_count < HITS_SEEN);
        memcpy(own[count++], atx.pseudonym, 32);
        bool known = bsearch(atx.pseudonym, watch->seen, watch->seen_count, 32, compare_values);
        if (known)
            continue;
        memcpy(watch->seen[watch->seen_count++], atx.pseudonym, 32);
        qsort(watch->seen, watch->seen_count, 32, compare_values);
    }
    CU_ASSERT_FALSE(malformed);
    qsort(own, count, 32, compare_values);
    for (uint32_t i = 1; i < count; i++)
        watch->twice += memcmp(own[i - 1], own[i], 32) == 0;
}

/* The answer of a node that adds proved transactions that nobody asked for, and signs that. */
static struct ehr_message *answer_with(struct watch *watch, struct ehr_message *message)
{
    const struct ehr_msg_answer *old = EHR_AS(answer, message);
    const struct ehr_member *node = &watch->world->directory.alliance.members[0];
    struct ehr_msg_answer *answer = EHR_NEW(answer, ANSWER);
    uint8_t digest[32];
    answer->request = old->request;
    answer->status = old->status;
    memcpy(answer->query_id, old->query_id, 32);
    answer->height = old->height;
    size_t rest = watch->foreign->length - 2;
    answer->hits = ehr_blob_new(NULL, old->hits->length + rest);
    memcpy(answer->hits->bytes, old->hits->bytes, old->hits->length);
    memcpy(answer->hits->bytes + old->hits->length, watch->foreign->bytes + 2, rest);
    ehr_le16(answer->hits->bytes,
             (uint16_t)(ehr_le16_get(old->hits->bytes) + ehr_le16_get(watch->foreign->bytes)));
    ehr_answer_digest(digest, answer->query_id, answer->status, answer->height, answer->hits);
    ehr_sign_make(answer->signature, &role_world_secrets(watch->world, node->node)->sign,
                  "sig-answer", digest);
    ehr_message_unref(message);
    watch->added++;
    return ehr_message_seal(&answer->head);
}

static struct ehr_message *on_travel(void *context, uint32_t from, struct ehr_address to,
                                     struct ehr_message *message)
{
    struct watch *watch = context;
    if (message->type == EHR_MSG_QUERY)
        query_watch(watch, to, EHR_AS(query, message));
    if (message->type != EHR_MSG_ANSWER || EHR_AS(answer, message)->hits == NULL)
        return message;
    const struct ehr_msg_answer *answer = EHR_AS(answer, message);
    watch->answers++;
    hits_watch(watch, answer->hits);
    if (watch->keep && ehr_le16_get(answer->hits->bytes) > 0 && watch->foreign == NULL)
        watch->foreign = ehr_blob_ref(answer->hits);
    if (watch->add && from == watch->world->directory.alliance.members[0].node)
        return answer_with(watch, message);
    return message;
}

static void watch_start(struct watch *watch, struct role_world *world)
{
    *watch = (struct watch){.world = world};
    world->travel = on_travel;
    world->context = watch;
}

/* Patients 0 and 1 have cards of hospital 0, requests 1 and 2; patient 0 has VISITS shared visits,
 * requests 3 .., patient 1 the next one. */
static struct role_world *world_open(const struct role_search *search)
{
    struct role_world *world = role_world_new_searching(1, search);
    role_world_enrol(world, 1, 0, 0);
    role_world_enrol(world, 2, 0, 1);
    role_world_run(world, 5);
    for (uint32_t i = 0; i <= VISITS; i++) {
        role_world_visit(world, 3 + i, 0, i < VISITS ? 0 : 1, i);
        role_world_run(world, 10);
        CU_ASSERT_TRUE(role_ended_with(world, 3 + i, EHR_REPLY_OK));
    }
    return world;
}

static uint32_t keywords_of(const struct role_world *world, uint32_t index,
                            struct ehr_visit_keywords *keywords)
{
    struct ehr_record record;
    role_world_record(world, index, &record);
    ehr_visit_keywords_make(keywords, &record);
    ehr_record_close(&record);
    return (uint32_t)keywords->count;
}

/* Retrieves every visit; what each request saw. */
static void retrieve_all(struct role_world *world, struct watch watches[VISITS])
{
    for (uint32_t i = 0; i < VISITS; i++) {
        watch_start(&watches[i], world);
        role_world_retrieve(world, FIRST + i, 1, 0, 3 + i, i);
        role_world_run(world, 10);
        CU_ASSERT_TRUE(role_ended_with(world, FIRST + i, EHR_REPLY_OK));
        CU_ASSERT_EQUAL(world->requests[FIRST + i].identical, 1);
        CU_ASSERT_EQUAL(world->requests[FIRST + i].blamed, 0);
        CU_ASSERT_EQUAL(watches[i].twice, 0);
        CU_ASSERT_EQUAL(watches[i].unsorted, 0);
    }
    CU_ASSERT_EQUAL(world->dropped, 0);
}

static bool saw_the_same(const struct watch *a, const struct watch *b)
{
    return a->seen_count == b->seen_count && memcmp(a->seen, b->seen, 32 * a->seen_count) == 0;
}

static uint64_t charged_alliance(const struct role_world *world, enum ehr_cost_op op)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < world->directory.alliance.count; i++)
        sum += ehr_loop_charged(world->loop, world->directory.alliance.members[i].node, op);
    return sum;
}

/* Doctors draw the same pseudonyms in both: what is found can be compared. */
static void same_visits_found_when_scanned_as_in_a_dictionary(void)
{
    for (uint32_t keywords = 1; keywords <= 4; keywords += 3) {
        static struct watch dictionary[VISITS], scan[VISITS];
        struct role_world *world = world_open(&(struct role_search){.keywords = keywords});
        retrieve_all(world, dictionary);
        CU_ASSERT_EQUAL(charged_alliance(world, EHR_COST_SCAN_ENTRY), 0);
        CU_ASSERT_TRUE(role_world_free(world));
        world = world_open(&(struct role_search){.scan = true, .keywords = keywords});
        retrieve_all(world, scan);
        uint64_t trapdoors = 0;
        for (uint32_t i = 0; i < VISITS; i++) {
            CU_ASSERT_TRUE(dictionary[i].seen_count > 0);
            CU_ASSERT_TRUE(saw_the_same(&dictionary[i], &scan[i]));
            trapdoors += 2 * scan[i].trapdoors; /* at each of f+1 nodes */
        }
        /* every index transaction, whatever it holds, for every trapdoor */
        CU_ASSERT_EQUAL(charged_alliance(world, EHR_COST_SCAN_ENTRY), trapdoors * (VISITS + 1));
        CU_ASSERT_TRUE(role_world_free(world));
    }
}

/* Tags changed on the way: the device refuses. */
static void draft_refused_when_tags_are_wrong(void)
{
    struct role_world *world =
        role_world_new_searching(1, &(struct role_search){.scan = true, .keywords = 1});
    struct meddler meddler;
    role_meddler_start(&meddler, world, MEDDLE_DRAFT_LABELS);
    role_world_enrol(world, 1, 0, 0);
    role_world_run(world, 5);
    role_world_visit(world, 2, 0, 0, 0);
    role_world_run(world, 10);
    CU_ASSERT_EQUAL(meddler.count, 1);
    CU_ASSERT_TRUE(role_ended_with(world, 2, EHR_REPLY_BAD_DRAFT));
    CU_ASSERT_TRUE(role_world_free(world));
}

static void node_blamed_when_it_omits_what_a_scan_finds(void)
{
    struct role_world *world = world_open(&(struct role_search){.scan = true, .keywords = 1});
    struct meddler meddler;
    uint32_t blamed = 0;
    role_meddler_start(&meddler, world, MEDDLE_HITS_OMITTED);
    for (uint32_t i = 0; i < VISITS; i++) {
        role_world_retrieve(world, FIRST + i, 1, 0, 3 + i, i);
        role_world_run(world, 10);
        CU_ASSERT_TRUE(role_ended_with(world, FIRST + i, EHR_REPLY_OK));
        if (world->requests[FIRST + i].blamed > 0)
            CU_ASSERT_EQUAL(world->requests[FIRST + i].blamed_node,
                            world->directory.alliance.members[0].node);
        blamed += world->requests[FIRST + i].blamed;
    }
    CU_ASSERT_TRUE(blamed > 0);
    CU_ASSERT_EQUAL(blamed, meddler.count);
    CU_ASSERT_TRUE(role_world_free(world));
}

/* A node adds another patient's index transaction, well proved, to its answers: those who leave it
 * out are right. */
static void liar_blamed_when_it_adds_what_was_not_asked_for(void)
{
    for (int scan = 0; scan <= 1; scan++) {
        struct role_world *world =
            world_open(&(struct role_search){.scan = scan == 1, .keywords = 1});
        struct watch watch;
        watch_start(&watch, world);
        watch.keep = true;
        role_world_retrieve(world, FIRST, 1, 1, 3 + VISITS, VISITS);
        role_world_run(world, 10);
        CU_ASSERT_PTR_NOT_NULL_FATAL(watch.foreign);
        watch.keep = false;
        watch.add = true;
        uint32_t blamed = 0;
        for (uint32_t i = 0; i < 2 * VISITS; i++) {
            uint32_t request = FIRST + 1 + i;
            role_world_retrieve(world, request, 1, 0, 3 + i % VISITS, i % VISITS);
            role_world_run(world, 10);
            CU_ASSERT_TRUE(role_ended_with(world, request, EHR_REPLY_OK));
            if (world->requests[request].blamed > 0)
                CU_ASSERT_EQUAL(world->requests[request].blamed_node,
                                world->directory.alliance.members[0].node);
            blamed += world->requests[request].blamed;
        }
        CU_ASSERT_TRUE(watch.added > 0);
        CU_ASSERT_EQUAL(blamed, watch.added);
        ehr_blob_unref(watch.foreign);
        CU_ASSERT_TRUE(role_world_free(world));
    }
}

/* ---- several keywords ---- */

static bool has(const struct ehr_visit_keywords *keywords, const uint8_t kw[32])
{
    for (size_t i = 0; i < keywords->count; i++)
        if (memcmp(keywords->kw[i], kw, 32) == 0)
            return true;
    return false;
}

/* A record with some, but not all of its at most 16 keywords in record 0; 0: there is none. */
static uint32_t overlapping(const struct role_world *world)
{
    struct ehr_visit_keywords of_first, keywords;
    keywords_of(world, 0, &of_first);
    for (uint32_t index = 1; index < 100; index++) {
        uint32_t common = 0, count = keywords_of(world, index, &keywords);
        for (size_t i = 0; i < keywords.count; i++)
            common += has(&of_first, keywords.kw[i]);
        if (common > 0 && common < count && count <= 16)
            return index;
    }
    return 0;
}

/* Visit 0 is asked for by the keywords of another record, of which it has some: its transaction
 * comes back, and is not in the intersection. */
static void visit_not_found_when_it_lacks_one_of_the_keywords(void)
{
    for (int scan = 0; scan <= 1; scan++) {
        struct role_world *world =
            role_world_new_searching(1, &(struct role_search){.scan = scan == 1, .keywords = 16});
        struct watch watch;
        struct ehr_visit_keywords keywords;
        uint32_t other = overlapping(world);
        CU_ASSERT_FATAL(other > 0);
        role_world_enrol(world, 1, 0, 0);
        role_world_run(world, 5);
        role_world_visit(world, 3, 0, 0, 0);
        role_world_run(world, 10);
        watch_start(&watch, world);
        role_world_retrieve(world, FIRST, 1, 0, 3, other);
        role_world_run(world, 10);
        CU_ASSERT_EQUAL(watch.trapdoors, keywords_of(world, other, &keywords));
        CU_ASSERT_EQUAL(watch.seen_count, 1);
        CU_ASSERT_EQUAL(watch.twice, 0);
        CU_ASSERT_TRUE(role_ended_with(world, FIRST, EHR_REPLY_NOT_FOUND));
        CU_ASSERT_EQUAL(world->requests[FIRST].blamed, 0);
        role_world_retrieve(world, FIRST + 1, 1, 0, 3, 0); /* by its own it is found */
        role_world_run(world, 10);
        CU_ASSERT_TRUE(role_ended_with(world, FIRST + 1, EHR_REPLY_OK));
        CU_ASSERT_TRUE(role_world_free(world));
    }
}

static void as_many_trapdoors_sent_when_the_record_has_fewer_keywords(void)
{
    struct role_world *world = world_open(&(struct role_search){.keywords = 4});
    static struct watch watches[VISITS];
    retrieve_all(world, watches);
    for (uint32_t i = 0; i < VISITS; i++) {
        struct ehr_visit_keywords keywords;
        uint32_t count = keywords_of(world, i, &keywords);
        CU_ASSERT_EQUAL(watches[i].trapdoors, count < 4 ? count : 4);
        CU_ASSERT_EQUAL(watches[i].query_bytes,
                        EHR_QUERY_BYTES(watches[i].trapdoors) + EHR_BOX_OVERHEAD_BYTES);
    }
    CU_ASSERT_TRUE(role_world_free(world));
}

/* ---- trapdoors in clear ---- */

static void every_node_asked_in_clear_when_trapdoors_are_broadcast(void)
{
    static struct watch designated[VISITS], broadcast[VISITS];
    struct role_world *world = world_open(&(struct role_search){.keywords = 1});
    retrieve_all(world, designated);
    CU_ASSERT_EQUAL(charged_alliance(world, EHR_COST_QUERY_OPEN), 2 * VISITS);
    CU_ASSERT_TRUE(role_world_free(world));
    world = world_open(&(struct role_search){.broadcast = true, .keywords = 1});
    retrieve_all(world, broadcast);
    CU_ASSERT_EQUAL(charged_alliance(world, EHR_COST_QUERY_OPEN), 0);
    CU_ASSERT_EQUAL(
        ehr_loop_charged(world->loop, world->directory.hospitals[1].place, EHR_COST_QUERY_MAKE), 0);
    for (uint32_t i = 0; i < VISITS; i++) {
        CU_ASSERT_FALSE(designated[i].in_clear);
        CU_ASSERT_TRUE(broadcast[i].in_clear);
        CU_ASSERT_EQUAL(designated[i].queries, 2);
        CU_ASSERT_EQUAL(broadcast[i].queries, 4);
        CU_ASSERT_EQUAL(designated[i].answers, 2);
        CU_ASSERT_EQUAL(broadcast[i].answers, 4);
        CU_ASSERT_EQUAL(designated[i].query_bytes,
                        broadcast[i].query_bytes + EHR_BOX_OVERHEAD_BYTES);
        CU_ASSERT_TRUE(saw_the_same(&designated[i], &broadcast[i]));
    }
    CU_ASSERT_TRUE(role_world_free(world));
}

static const struct ehr_unit_case cases[] = {
    {"same_visits_found_when_scanned_as_in_a_dictionary",
     same_visits_found_when_scanned_as_in_a_dictionary},
    {"draft_refused_when_tags_are_wrong", draft_refused_when_tags_are_wrong},
    {"node_blamed_when_it_omits_what_a_scan_finds", node_blamed_when_it_omits_what_a_scan_finds},
    {"liar_blamed_when_it_adds_what_was_not_asked_for",
     liar_blamed_when_it_adds_what_was_not_asked_for},
    {"visit_not_found_when_it_lacks_one_of_the_keywords",
     visit_not_found_when_it_lacks_one_of_the_keywords},
    {"as_many_trapdoors_sent_when_the_record_has_fewer_keywords",
     as_many_trapdoors_sent_when_the_record_has_fewer_keywords},
    {"every_node_asked_in_clear_when_trapdoors_are_broadcast",
     every_node_asked_in_clear_when_trapdoors_are_broadcast},
};

EHR_UNIT_MAIN("search_roles", cases)
