/* Adversaries among chain nodes: what exactly leaves of one, behaviour by behaviour, and what its
 * three honest peers make of it. Alliance replicas 0..3; the primary of view 0 is replica 0. */
#include <stdlib.h>
#include <string.h>

#include "crypto/codec.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

enum { HEARD_MAX = 4096, MS = 1000000 };

/* A message that a replica sent; a reference. */
struct heard {
    uint64_t at_ns;
    uint32_t from, to;
    struct ehr_message *message;
};

static struct world w;
static struct heard heard[HEARD_MAX];
static uint32_t heard_count;
static uint32_t mute; /* a replica of which nothing arrives; UINT32_MAX: none */

static struct ehr_message *listen(void *context, uint32_t from, uint32_t to,
                                  struct ehr_message *message)
{
    (void)context;
    CU_ASSERT_FATAL(heard_count < HEARD_MAX);
    heard[heard_count++] = (struct heard){w.loop.now_ns, from, to, ehr_message_ref(message)};
    if (from != mute)
        return message;
    ehr_message_unref(message);
    return NULL;
}

static void start(bool macs, uint32_t byzantine, const struct ehr_adversary_act *acts,
                  uint32_t act_count)
{
    heard_count = 0;
    mute = UINT32_MAX;
    world_open_with(
        &w, &(struct world_options){
                .macs = macs, .byzantine = byzantine, .acts = acts, .act_count = act_count});
    w.loop.tamper = listen;
}

static void finish(void)
{
    for (uint32_t i = 0; i < heard_count; i++)
        ehr_message_unref(heard[i].message);
    heard_count = 0;
    world_close(&w);
}

static struct ehr_adversary_act always(enum ehr_behaviour behaviour)
{
    return (struct ehr_adversary_act){.behaviour = behaviour,
                                      .until_ns = UINT64_MAX,
                                      .delay_ns = 40 * MS,
                                      .victim = EXCHANGE_CLIENT_NODE};
}

static struct ehr_tx *raw_tx(uint32_t serial)
{
    uint8_t bytes[4];
    ehr_le32(bytes, serial);
    return ehr_tx_new(EHR_TX_RAW, bytes, sizeof bytes, EXCHANGE_CLIENT_NODE, 0, serial);
}

/* Gives a request to all replicas, and time for it. */
static void order(uint32_t serial, uint64_t ns)
{
    struct ehr_tx *tx = raw_tx(serial);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        world_submit(&w, i, tx);
    ehr_tx_unref(tx);
    node_loop_run(&w.loop, ns);
}

/* The `skip`-th consensus message of the phase that went this way; NULL: there is none. */
static const struct ehr_msg_consensus *said(uint32_t from, uint32_t to, uint8_t phase,
                                            uint32_t skip)
{
    for (uint32_t i = 0; i < heard_count; i++)
        if (heard[i].from == from && heard[i].to == to &&
            heard[i].message->type == EHR_MSG_CONSENSUS &&
            EHR_AS(consensus, heard[i].message)->phase == phase && skip-- == 0)
            return EHR_AS(consensus, heard[i].message);
    return NULL;
}

static uint32_t count_from(uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < heard_count; i++)
        count += heard[i].from == from && (to == UINT32_MAX || heard[i].to == to);
    return count;
}

static bool same_digest(const struct ehr_msg_consensus *a, const struct ehr_msg_consensus *b)
{
    return memcmp(a->digest, b->digest, 32) == 0;
}

static uint64_t height_of(uint32_t replica)
{
    return ehr_chain_node_state(w.nodes[replica]).height;
}

static uint64_t view_of(uint32_t replica)
{
    return ehr_chain_node_state(w.nodes[replica]).view;
}

/* ---- cases ---- */

static void silence_is_complete_when_silent(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_SILENT);
    start(false, 1, &act, 1);
    order(1, 3000 * (uint64_t)MS);
    CU_ASSERT_EQUAL(count_from(0, UINT32_MAX), 0);
    for (uint32_t i = 1; i < 4; i++) {
        CU_ASSERT_EQUAL(height_of(i), 1);
        CU_ASSERT_EQUAL(view_of(i), 1);
    }
    finish();
}

static void halves_hear_of_two_blocks_when_the_primary_equivocates(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_EQUIVOCATE);
    start(false, 1, &act, 1);
    order(1, WORLD_SETTLE_NS);
    const struct ehr_msg_consensus *one = said(0, 1, EHR_ENGINE_PRE_PREPARE, 0),
                                   *two = said(0, 2, EHR_ENGINE_PRE_PREPARE, 0),
                                   *three = said(0, 3, EHR_ENGINE_PRE_PREPARE, 0);
    CU_ASSERT_FATAL(one != NULL && two != NULL && three != NULL);
    CU_ASSERT_TRUE(same_digest(one, three));
    CU_ASSERT_FALSE(same_digest(one, two));
    /* both are blocks of the same request at the same height */
    struct ehr_block_header first, second;
    const struct ehr_block *a = one->carried->block[0], *b = two->carried->block[0];
    CU_ASSERT_EQUAL(ehr_block_header_parse(&first, a->header, EHR_BLOCK_HEADER_BYTES), EHR_OK);
    CU_ASSERT_EQUAL(ehr_block_header_parse(&second, b->header, EHR_BLOCK_HEADER_BYTES), EHR_OK);
    CU_ASSERT_EQUAL(memcmp(a->tx[0]->id, b->tx[0]->id, 32), 0);
    CU_ASSERT_EQUAL(first.height, second.height);
    CU_ASSERT_EQUAL(first.time_ns, second.time_ns + 1);
    /* it votes on both sides; only the side with a quorum commits */
    CU_ASSERT_PTR_NOT_NULL_FATAL(said(0, 1, EHR_ENGINE_COMMIT, 0));
    CU_ASSERT_TRUE(same_digest(said(0, 1, EHR_ENGINE_COMMIT, 0), one));
    CU_ASSERT_PTR_NULL(said(0, 2, EHR_ENGINE_COMMIT, 0));
    CU_ASSERT_EQUAL(height_of(1), 1);
    CU_ASSERT_EQUAL(height_of(2), 0);
    CU_ASSERT_EQUAL(height_of(3), 1);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0); /* every lie is well signed */
    CU_ASSERT_NOT_EQUAL(ehr_chain_block_at(w.alliance, 1)->executor, 0);
    finish();
}

/* Nobody but the primary heard of the request, and the second half never hears of the block that
 * was committed: it sees the votes, and asks. */
static void a_replica_asks_for_a_block_when_it_is_kept_from_it(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_EQUIVOCATE);
    struct ehr_tx *tx = raw_tx(1);
    start(false, 1, &act, 1);
    world_submit(&w, 0, tx);
    ehr_tx_unref(tx);
    node_loop_run(&w.loop, WORLD_SETTLE_NS);
    CU_ASSERT_EQUAL(height_of(2), 0);
    node_loop_run(&w.loop, WORLD_REQUEST_TIMEOUT_NS);
    for (uint32_t i = 1; i < 4; i++) {
        CU_ASSERT_EQUAL(height_of(i), 1);
        CU_ASSERT_EQUAL(view_of(i), 0);
    }
    finish();
}

/* With f + 1 that know each other both halves find a quorum, and honest replicas are told apart. */
static void both_halves_commit_when_accomplices_equivocate(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_EQUIVOCATE);
    start(false, 3, &act, 1);
    order(1, WORLD_SETTLE_NS);
    CU_ASSERT_FALSE(
        same_digest(said(1, 2, EHR_ENGINE_COMMIT, 0), said(1, 3, EHR_ENGINE_COMMIT, 0)));
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DIVERGED], 1);
    CU_ASSERT_EQUAL(height_of(2) + height_of(3), 1); /* the other has left the chain */
    w.loop.marks[EHR_MARK_DIVERGED] = 0;
    finish();
}

static void every_second_hears_of_another_digest_when_votes_conflict(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_CONFLICTING_VOTES);
    for (unsigned macs = 0; macs < 2; macs++) {
        start(macs == 1, 2, &act, 1);
        order(1, WORLD_SETTLE_NS);
        static const uint8_t phases[] = {EHR_ENGINE_PREPARE, EHR_ENGINE_COMMIT};
        for (size_t i = 0; i < 2; i++) {
            CU_ASSERT_TRUE(same_digest(said(1, 0, phases[i], 0), said(1, 3, phases[i], 0)));
            CU_ASSERT_FALSE(same_digest(said(1, 0, phases[i], 0), said(1, 2, phases[i], 0)));
        }
        for (uint32_t i = 0; i < 4; i += i == 0 ? 2 : 1)
            CU_ASSERT_EQUAL(height_of(i), 1);
        CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_DROPPED], 0);
        finish();
    }
}

static void votes_leave_later_when_delayed(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_DELAYED_VOTES);
    start(false, 2, &act, 1);
    order(1, WORLD_SETTLE_NS);
    uint64_t proposed_ns = 0, voted_ns = 0;
    uint32_t votes = 0;
    for (uint32_t i = 0; i < heard_count; i++) {
        const struct ehr_msg_consensus *m = EHR_AS(consensus, heard[i].message);
        if (heard[i].message->type != EHR_MSG_CONSENSUS)
            continue;
        if (heard[i].from == 0 && m->phase == EHR_ENGINE_PRE_PREPARE)
            proposed_ns = heard[i].at_ns;
        if (heard[i].from == 1 && m->phase == EHR_ENGINE_PREPARE && votes++ == 0)
            voted_ns = heard[i].at_ns;
    }
    CU_ASSERT_EQUAL(votes, 3);
    CU_ASSERT_EQUAL(voted_ns, proposed_ns + NODE_LOOP_HOP_NS + 40 * MS);
    CU_ASSERT_EQUAL(height_of(0), 1); /* nobody waited for it */
    finish();
}

static void proposals_misname_their_blocks_when_corrupt(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_CORRUPT_DIGEST);
    start(false, 1, &act, 1);
    order(1, WORLD_SETTLE_NS);
    order(2, WORLD_SETTLE_NS);
    order(3, 3000 * (uint64_t)MS);
    for (uint32_t i = 0; i < 3; i++) {
        const struct ehr_msg_consensus *m = said(0, 1, EHR_ENGINE_PRE_PREPARE, i);
        struct ehr_block_header header;
        CU_ASSERT_PTR_NOT_NULL_FATAL(m);
        const struct ehr_block *block = m->carried->block[0];
        CU_ASSERT_EQUAL(ehr_block_header_parse(&header, block->header, EHR_BLOCK_HEADER_BYTES),
                        EHR_OK);
        CU_ASSERT_EQUAL(memcmp(block->hash, m->digest, 32), 0); /* it is what it names */
        bool wrong_height = header.height != m->height, wrong_time = header.time_ns > w.loop.now_ns,
             wrong_proposer = memcmp(header.proposer, w.x.alliance[0].cert.id, 32) != 0;
        CU_ASSERT_EQUAL(wrong_height + wrong_time + wrong_proposer, 1);
    }
    CU_ASSERT_TRUE(w.loop.marks[EHR_MARK_DROPPED] >= 9); /* three proposals at three replicas */
    for (uint32_t i = 1; i < 4; i++) {
        CU_ASSERT_EQUAL(view_of(i), 1);
        CU_ASSERT_EQUAL(ehr_chain_node_state(w.nodes[i]).waiting, 0);
    }
    finish();
}

/* ---- bodies apart ---- */

static void start_apart(uint32_t byzantine, const struct ehr_adversary_act *act)
{
    start(false, byzantine, act, 1);
    w.x.directory.alliance.bodies_broadcast = true;
    w.x.directory.alliance.submit_to_all = true;
}

/* The first proposal of replica 0 to this one, and the header in it. */
static const struct ehr_msg_consensus_ids *outline(uint32_t to, struct ehr_block_header *header)
{
    for (uint32_t i = 0; i < heard_count; i++) {
        if (heard[i].from != 0 || heard[i].to != to ||
            heard[i].message->type != EHR_MSG_CONSENSUS_IDS)
            continue;
        const struct ehr_msg_consensus_ids *m = EHR_AS(consensus_ids, heard[i].message);
        CU_ASSERT_EQUAL(m->ids->length, EHR_BLOCK_HEADER_BYTES + 32);
        CU_ASSERT_EQUAL(ehr_block_header_parse(header, m->ids->bytes, EHR_BLOCK_HEADER_BYTES),
                        EHR_OK);
        return m;
    }
    return NULL;
}

static void halves_hear_of_two_blocks_when_bodies_travel_apart(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_EQUIVOCATE);
    struct ehr_block_header first, second, third;
    start_apart(1, &act);
    order(1, WORLD_SETTLE_NS);
    const struct ehr_msg_consensus_ids *one = outline(1, &first), *two = outline(2, &second),
                                       *three = outline(3, &third);
    CU_ASSERT_FATAL(one != NULL && two != NULL && three != NULL);
    CU_ASSERT_EQUAL(memcmp(one->digest, three->digest, 32), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(one->digest, two->digest, 32), 0);
    CU_ASSERT_EQUAL(memcmp(first.merkle_root, second.merkle_root, 32), 0);
    CU_ASSERT_EQUAL(first.time_ns, second.time_ns + 1);
    CU_ASSERT_EQUAL(height_of(1), 1);
    CU_ASSERT_EQUAL(height_of(2), 0);
    CU_ASSERT_EQUAL(height_of(3), 1);
    finish();
}

static void outlines_misname_their_blocks_when_corrupt(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_CORRUPT_DIGEST);
    struct ehr_block_header header;
    uint8_t hash[32];
    start_apart(1, &act);
    order(1, 3000 * (uint64_t)MS);
    const struct ehr_msg_consensus_ids *m = outline(1, &header);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    ehr_block_hash(hash, m->ids->bytes);
    CU_ASSERT_EQUAL(memcmp(hash, m->digest, 32), 0); /* it is what it names */
    CU_ASSERT_EQUAL(header.height, m->height + 1);   /* the first of its lies */
    CU_ASSERT_TRUE(w.loop.marks[EHR_MARK_DROPPED] >= 3);
    for (uint32_t i = 1; i < 4; i++) {
        CU_ASSERT_EQUAL(view_of(i), 1);
        CU_ASSERT_EQUAL(height_of(i), 1);
    }
    finish();
}

/* The primary is cut off, so that there is a view to lag behind. */
static void the_view_before_is_spoken_of_when_stale(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_STALE_VIEW);
    start(false, 8, &act, 1);
    order(1, WORLD_SETTLE_NS);
    for (uint32_t i = 0; i < 4; i += i == 2 ? 2 : 1)
        CU_ASSERT_EQUAL(height_of(i), 1); /* in view 0 nothing is older */
    mute = 0;
    order(2, 6000 * (uint64_t)MS);
    const struct ehr_msg_consensus *left = said(3, 1, EHR_ENGINE_VIEW_CHANGE, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(left);
    uint32_t departures = 0, votes = 0, replayed = 0;
    for (uint32_t i = 0; i < heard_count; i++) {
        const struct ehr_msg_consensus *m = EHR_AS(consensus, heard[i].message);
        if (heard[i].from != 3 || heard[i].to != 1 || heard[i].message->type != EHR_MSG_CONSENSUS)
            continue;
        if (m->phase == EHR_ENGINE_VIEW_CHANGE) {
            bool first = m->body->length == left->body->length &&
                         memcmp(m->body->bytes, left->body->bytes, left->body->length) == 0;
            departures += first;
            replayed += !first; /* one of its own, 32 messages later */
        } else if (m->phase == EHR_ENGINE_PREPARE && m->height == 2) {
            if (votes++ == 0)
                CU_ASSERT_EQUAL(m->view, 0); /* its puppet is in view 1 */
        }
    }
    CU_ASSERT_TRUE(departures > 1 && departures > replayed);
    CU_ASSERT_TRUE(votes > 0);
    finish();
}

static void a_client_does_not_exist_when_it_is_the_victim(void)
{
    const struct ehr_adversary_act act = always(EHR_BEHAVIOUR_SELECTIVE);
    start(false, 1, &act, 1);
    order(1, 3000 * (uint64_t)MS);
    CU_ASSERT_EQUAL(count_from(0, EXCHANGE_CLIENT_NODE), 0);
    CU_ASSERT_PTR_NULL(said(0, 1, EHR_ENGINE_PRE_PREPARE, 0));
    for (uint32_t i = 1; i < 4; i++) {
        CU_ASSERT_EQUAL(height_of(i), 1); /* by the next primary */
        CU_ASSERT_EQUAL(view_of(i), 1);
        CU_ASSERT_EQUAL(count_from(i, EXCHANGE_CLIENT_NODE), 1);
    }
    CU_ASSERT_PTR_NOT_NULL(said(0, 1, EHR_ENGINE_COMMIT, 0)); /* it votes for what others propose */
    finish();
}

/* What all replicas said, in order, as bytes. */
static uint8_t *tape_take(size_t *length)
{
    uint8_t *tape = NULL;
    *length = 0;
    for (uint32_t i = 0; i < heard_count; i++) {
        size_t size = heard[i].message->size;
        tape = realloc(tape, *length + 16 + size);
        CU_ASSERT_PTR_NOT_NULL_FATAL(tape);
        ehr_le64(tape + *length, heard[i].at_ns);
        ehr_le32(tape + *length + 8, heard[i].from);
        ehr_le32(tape + *length + 12, heard[i].to);
        ehr_message_encode(heard[i].message, tape + *length + 16);
        *length += 16 + size;
    }
    return tape;
}

static uint8_t *tape_of(uint32_t byzantine, const struct ehr_adversary_act *acts, uint32_t count,
                        size_t *length)
{
    start(false, byzantine, acts, count);
    for (uint32_t i = 1; i <= 6; i++)
        order(i, WORLD_SETTLE_NS);
    uint8_t *tape = tape_take(length);
    finish();
    return tape;
}

/* Outside of its acts an adversary is a chain node, byte for byte, its shadow twin included. */
static void nothing_differs_when_it_is_not_its_time(void)
{
    size_t honest_length, length;
    uint8_t *honest = tape_of(0, NULL, 0, &honest_length);
    for (int behaviour = EHR_BEHAVIOUR_SILENT; behaviour < EHR_BEHAVIOURS; behaviour++) {
        struct ehr_adversary_act act = always((enum ehr_behaviour)behaviour);
        act.from_ns = 1000000 * (uint64_t)MS;
        uint8_t *tape = tape_of(1, &act, 1, &length);
        CU_ASSERT_EQUAL_FATAL(length, honest_length);
        CU_ASSERT_EQUAL(memcmp(tape, honest, length), 0);
        free(tape);
    }
    free(honest);
}

/* The same run twice is the same; and each behaviour shows. */
static void a_run_repeats_itself_when_nodes_are_byzantine(void)
{
    size_t honest_length, length, again_length;
    uint8_t *honest = tape_of(0, NULL, 0, &honest_length);
    for (int behaviour = EHR_BEHAVIOUR_SILENT; behaviour < EHR_BEHAVIOURS; behaviour++) {
        const struct ehr_adversary_act act = always((enum ehr_behaviour)behaviour);
        uint8_t *tape = tape_of(1, &act, 1, &length), *again = tape_of(1, &act, 1, &again_length);
        CU_ASSERT_EQUAL_FATAL(length, again_length);
        CU_ASSERT_EQUAL(memcmp(tape, again, length), 0);
        CU_ASSERT_FALSE(length == honest_length && memcmp(tape, honest, length) == 0);
        free(tape);
        free(again);
    }
    free(honest);
}

/* From the middle of a run on the twin knows what its puppet knows. */
static void halves_hear_of_two_blocks_when_it_begins_later(void)
{
    struct ehr_adversary_act act = always(EHR_BEHAVIOUR_EQUIVOCATE);
    act.from_ns = 2 * (uint64_t)WORLD_SETTLE_NS;
    start(false, 1, &act, 1);
    for (uint32_t i = 1; i <= 3; i++)
        order(i, WORLD_SETTLE_NS);
    for (uint32_t i = 0; i < 2; i++)
        CU_ASSERT_TRUE(same_digest(said(0, 1, EHR_ENGINE_PRE_PREPARE, i),
                                   said(0, 2, EHR_ENGINE_PRE_PREPARE, i)));
    const struct ehr_msg_consensus *one = said(0, 1, EHR_ENGINE_PRE_PREPARE, 2),
                                   *two = said(0, 2, EHR_ENGINE_PRE_PREPARE, 2);
    CU_ASSERT_FATAL(one != NULL && two != NULL);
    CU_ASSERT_EQUAL(one->height, 3);
    CU_ASSERT_EQUAL(two->height, 3);
    CU_ASSERT_FALSE(same_digest(one, two));
    finish();
}

static const struct ehr_unit_case cases[] = {
    {"silence_is_complete_when_silent", silence_is_complete_when_silent},
    {"halves_hear_of_two_blocks_when_the_primary_equivocates",
     halves_hear_of_two_blocks_when_the_primary_equivocates},
    {"halves_hear_of_two_blocks_when_it_begins_later",
     halves_hear_of_two_blocks_when_it_begins_later},
    {"a_replica_asks_for_a_block_when_it_is_kept_from_it",
     a_replica_asks_for_a_block_when_it_is_kept_from_it},
    {"both_halves_commit_when_accomplices_equivocate",
     both_halves_commit_when_accomplices_equivocate},
    {"every_second_hears_of_another_digest_when_votes_conflict",
     every_second_hears_of_another_digest_when_votes_conflict},
    {"votes_leave_later_when_delayed", votes_leave_later_when_delayed},
    {"proposals_misname_their_blocks_when_corrupt", proposals_misname_their_blocks_when_corrupt},
    {"halves_hear_of_two_blocks_when_bodies_travel_apart",
     halves_hear_of_two_blocks_when_bodies_travel_apart},
    {"outlines_misname_their_blocks_when_corrupt", outlines_misname_their_blocks_when_corrupt},
    {"the_view_before_is_spoken_of_when_stale", the_view_before_is_spoken_of_when_stale},
    {"a_client_does_not_exist_when_it_is_the_victim",
     a_client_does_not_exist_when_it_is_the_victim},
    {"nothing_differs_when_it_is_not_its_time", nothing_differs_when_it_is_not_its_time},
    {"a_run_repeats_itself_when_nodes_are_byzantine",
     a_run_repeats_itself_when_nodes_are_byzantine},
};

EHR_UNIT_MAIN("Byzantine chain nodes", cases)
