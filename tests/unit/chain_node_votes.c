/* Chain nodes that come back: what was promised before the crash holds after it. */
#include <string.h>

#include "actors/chain_node_internal.h"
#include "tests/unit/chain_node_world.h"
#include "tests/unit/unit.h"

enum { LONG_NS = 2000000000 };

static struct world w;

static uint64_t height_of(uint32_t node)
{
    return ehr_chain_node_state(w.nodes[node]).height;
}

static const struct chain_node *inside(uint32_t node)
{
    return chain_node_of(w.nodes[node]);
}

static struct ehr_tx *raw(uint8_t number)
{
    return ehr_tx_new(EHR_TX_RAW, &number, 1, EXCHANGE_CLIENT_NODE, 0, number);
}

/* What each replica of the alliance has said so far, one digest for each of these. */
struct said {
    uint32_t sender;
    uint8_t phase, digest[32];
    uint64_t view, height;
};
static struct said said[4096];
static uint32_t said_count;
static bool contradicted, lose_prepares;

static struct ehr_message *watch(void *context, uint32_t from, uint32_t to,
                                 struct ehr_message *take_message)
{
    (void)context, (void)to;
    if (take_message->type != EHR_MSG_CONSENSUS)
        return take_message;
    const struct ehr_msg_consensus *m = EHR_AS(consensus, take_message);
    if (m->phase > EHR_ENGINE_COMMIT)
        return take_message;
    uint32_t i = 0;
    while (i < said_count && (said[i].sender != from || said[i].phase != m->phase ||
                              said[i].view != m->view || said[i].height != m->height))
        i++;
    if (i == said_count && said_count < 4096) {
        said[said_count] =
            (struct said){.sender = from, .phase = m->phase, .view = m->view, .height = m->height};
        memcpy(said[said_count++].digest, m->digest, 32);
    }
    contradicted = contradicted || memcmp(said[i].digest, m->digest, 32) != 0;
    if (!lose_prepares || m->phase != EHR_ENGINE_PREPARE)
        return take_message;
    ehr_message_unref(take_message);
    return NULL;
}

/* The primary proposed a block, and nobody prepared it; it has lost the request, but not its word:
 * what it is asked for next goes on top, or into another view. */
static void primary_keeps_its_word_when_it_comes_back(void)
{
    world_open(&w);
    struct ehr_tx *first = raw(1), *second = raw(2);
    said_count = 0;
    contradicted = false;
    lose_prepares = true;
    w.loop.tamper = watch;
    world_submit(&w, 0, first);
    world_settle(&w);
    CU_ASSERT_EQUAL(height_of(0), 0);
    node_loop_crash(&w.loop, 0);
    node_loop_restart(&w.loop, 0);
    CU_ASSERT_EQUAL(ehr_chain_node_state(w.nodes[0]).waiting, 0);
    lose_prepares = false;
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        world_submit(&w, i, second);
    world_settle(&w);
    CU_ASSERT_FALSE(contradicted);
    node_loop_run(&w.loop, 3 * (uint64_t)LONG_NS);
    CU_ASSERT_FALSE(contradicted);
    CU_ASSERT_TRUE(
        ehr_chain_transaction_find(w.alliance, second->id, UINT64_MAX, &(struct ehr_place){0}));
    ehr_tx_unref(first);
    ehr_tx_unref(second);
    world_close(&w);
}

/* All go down together, with a block that everybody has prepared and nobody committed. */
static struct ehr_message *lose_commits(void *context, uint32_t from, uint32_t to,
                                        struct ehr_message *take_message)
{
    take_message = watch(context, from, to, take_message);
    if (take_message == NULL || take_message->type != EHR_MSG_CONSENSUS ||
        EHR_AS(consensus, take_message)->phase != EHR_ENGINE_COMMIT)
        return take_message;
    ehr_message_unref(take_message);
    return NULL;
}

static void chain_goes_on_when_the_power_was_cut(void)
{
    world_open(&w);
    struct ehr_tx *tx = raw(1);
    said_count = 0;
    contradicted = lose_prepares = false;
    world_grow(&w, 5);
    w.loop.tamper = lose_commits;
    world_submit(&w, 0, tx);
    world_settle(&w);
    w.loop.tamper = watch;
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        node_loop_crash(&w.loop, i);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++)
        node_loop_restart(&w.loop, i);
    node_loop_run(&w.loop, LONG_NS);
    for (uint32_t i = 0; i < EXCHANGE_REPLICAS; i++) {
        CU_ASSERT_EQUAL(height_of(i), 6);
        CU_ASSERT_EQUAL(inside(i)->certified, 6);
        CU_ASSERT_FALSE(inside(i)->catching_up);
    }
    CU_ASSERT_EQUAL(memcmp(ehr_chain_block_at(w.alliance, 6)->block->tx[0]->id, tx->id, 32), 0);
    CU_ASSERT_EQUAL(w.loop.marks[EHR_MARK_COMMITTED], 6 * EXCHANGE_REPLICAS);
    CU_ASSERT_FALSE(contradicted);
    world_grow(&w, 5);
    CU_ASSERT_EQUAL(w.alliance->height, 11);
    ehr_tx_unref(tx);
    world_close(&w);
}

static const struct ehr_unit_case cases[] = {
    {"primary_keeps_its_word_when_it_comes_back", primary_keeps_its_word_when_it_comes_back},
    {"chain_goes_on_when_the_power_was_cut", chain_goes_on_when_the_power_was_cut},
};

EHR_UNIT_MAIN("chain_node_votes", cases)
