/* View changes of PBFT whose certificates are well formed and valid, but one signer short: such a
 * claim moves nobody (OSDI'99, 4.4). */
#include "tests/simulation/engine_cluster.h"
#include "tests/unit/unit.h"

#include <string.h>

#define MS ((uint64_t)1000000)

/* A VIEW_CHANGE ends with the certificate of its last prepared block: the number of signers, then
 * these (sim/consensus/pbft/codec.c). */
enum { COUNT_BYTES = 2, SIGNER_BYTES = 2 + 64, HEARD_MAX = 4096 };

/* The first VIEW_CHANGE of replicas 1 and 2 to replica 3; none arrives by itself. */
struct heard {
    struct ehr_engine_message message[3];
    uint8_t body[3][HEARD_MAX];
    struct ehr_digest carried[3][8];
};

static bool keep(void *context, uint16_t to, struct ehr_engine_message *message)
{
    struct heard *heard = context;
    uint16_t from = message->sender;
    if (to != 3 || message->type != EHR_ENGINE_VIEW_CHANGE)
        return true;
    if (from == 0 || from > 2 || heard->message[from].body != NULL)
        return false;
    CU_ASSERT_FATAL(message->body_length <= HEARD_MAX && message->carried_count <= 8);
    heard->message[from] = *message;
    memcpy(heard->body[from], message->body, message->body_length);
    memcpy(heard->carried[from], message->carried,
           message->carried_count * sizeof(struct ehr_digest));
    heard->message[from].body = heard->body[from];
    heard->message[from].carried = heard->carried[from];
    return false;
}

static void give(struct ehr_cluster *c, const struct ehr_engine_message *message)
{
    ehr_cluster_inject(c, 3, message);
    ehr_cluster_run(c, ehr_cluster_now(c) + 2 * MS);
}

/* Replica 3, which waits for nothing, joins a view when f+1 others have left for it. A short claim
 * of replica 2 is not one of them, its true one is. */
static void short_claim_moves_nobody(struct ehr_cluster *c, struct heard *heard, uint32_t count_at)
{
    struct ehr_engine_message cut = heard->message[2];
    uint8_t body[HEARD_MAX];
    CU_ASSERT_FATAL(heard->message[1].body != NULL && cut.body != NULL);
    memcpy(body, cut.body, cut.body_length);
    CU_ASSERT_EQUAL_FATAL(body[count_at], 2); /* little-endian */
    body[count_at] = 1;
    memmove(body + count_at + COUNT_BYTES + SIGNER_BYTES,
            body + count_at + COUNT_BYTES + 2 * SIGNER_BYTES,
            cut.body_length - count_at - COUNT_BYTES - 2 * SIGNER_BYTES);
    cut.body = body;
    cut.body_length -= SIGNER_BYTES;
    ehr_cluster_restart(c, 3);
    give(c, &heard->message[1]);
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 3), 0);
    give(c, &cut);
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 3), 0);
    give(c, &heard->message[2]);
    CU_ASSERT_EQUAL(ehr_cluster_view(c, 3), 1);
}

static void prepared_block_needs_a_quorum_of_signers(void)
{
    static struct heard heard;
    struct ehr_cluster_options options = {
        .replicas = 4, .signatures = true, .request_timeout_ns = 50 * MS};
    struct ehr_cluster *c = ehr_cluster_new(&options);
    struct ehr_cluster_hooks hooks = {.sending = keep, .context = &heard};
    memset(&heard, 0, sizeof heard);
    ehr_cluster_hooks_set(c, &hooks);
    ehr_cluster_submit(c, 0);
    ehr_cluster_run(c, 5 * MS / 2); /* prepared everywhere */
    ehr_cluster_crash(c, 0);
    ehr_cluster_crash(c, 3);
    for (uint16_t i = 1; i < 3; i++) /* nor may they commit */
        ehr_cluster_group_set(c, i, i);
    ehr_cluster_run(c, 80 * MS);
    ehr_cluster_crash(c, 1);
    ehr_cluster_crash(c, 2);
    for (uint16_t i = 1; i < 3; i++)
        ehr_cluster_group_set(c, i, 0);
    /* one block: its two signers beside the sender end the body */
    short_claim_moves_nobody(c, &heard,
                             heard.message[2].body_length - COUNT_BYTES - 2 * SIGNER_BYTES);
    ehr_cluster_free(c);
}

static const struct ehr_unit_case cases[] = {
    {"prepared_block_needs_a_quorum_of_signers", prepared_block_needs_a_quorum_of_signers},
};

EHR_UNIT_MAIN("consensus, certificates of view changes", cases)
