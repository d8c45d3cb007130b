/* Queries over the secure index (crypto.md d, protocol.md C): trapdoors come sealed to this node,
 * or in clear where that is studied; hits go back, each once, with the proof that they are on the
 * alliance chain. */
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "crypto/box.h"
#include "crypto/index.h"
#include "crypto/query.h"
#include "crypto/scan.h"
#include "sim/ledger/query_log.h"

enum {
    HITS_MAX = UINT16_MAX, /* of one answer: what its encoding can hold */
};

/* How far ahead of this node's height the expiry of a query may lie: twice the longest, since the
 * patient may know a height that this node has yet to reach. */
static uint64_t expiry_span(const struct chain_node *self)
{
    return 2 * self->config.query_expiry_max;
}

/* Seen nonces are kept for as long as a query can live: two generations, each as long as the
 * farthest expiry, since later replays are refused by their height. */
static bool nonce_fresh(struct chain_node *self, const uint8_t nonce[16])
{
    uint64_t height = self->certified;
    if (height - self->nonces_since > expiry_span(self)) {
        ehr_table_close(&self->nonces[1]);
        self->nonces[1] = self->nonces[0];
        self->nonces[0] = (struct ehr_table){0};
        self->nonces_since = height;
    }
    if (ehr_table_get(&self->nonces[1], nonce, UINT64_MAX, NULL))
        return false;
    return ehr_table_put(&self->nonces[0], nonce, (struct ehr_place){height + 1, 0});
}

struct search {
    struct ehr_hit *hits;
    size_t count, capacity;
    uint8_t *paths; /* of all hits, one behind the other */
    size_t paths_len, paths_capacity;
    struct ehr_table sent; /* ids of the transactions in `hits` */
    uint64_t labels, scanned;
};

/* A transaction that several trapdoors match is one hit. */
static void search_hit(struct chain_node *self, struct search *search,
                       const struct ehr_index_entry *entry)
{
    if (search->count == HITS_MAX || !ehr_table_put(&search->sent, entry->tx->id, entry->place))
        return;
    if (search->count == search->capacity) {
        search->capacity = search->capacity == 0 ? 16 : 2 * search->capacity;
        search->hits = ehr_actor_resize(search->hits, search->capacity * sizeof *search->hits);
    }
    if (search->paths_capacity - search->paths_len < EHR_MERKLE_PATH_MAX) {
        search->paths_capacity = 2 * search->paths_capacity + EHR_MERKLE_PATH_MAX;
        search->paths = ehr_actor_resize(search->paths, search->paths_capacity);
    }
    struct ehr_hit *hit = &search->hits[search->count++];
    *hit = (struct ehr_hit){.atx = entry->tx->bytes,
                            .atx_len = entry->tx->length,
                            .leaf_index = entry->place.index,
                            .proof = ehr_chain_proof(self->config.chain, entry->place.height)};
    hit->depth = ehr_chain_path(self->config.chain, entry->place.height, entry->place.index,
                                search->paths + search->paths_len);
    search->paths_len += (size_t)hit->depth * 32;
}

/* label_0, label_1, ... until a gap (crypto.md d, `dictionary`). The memory in which a label would
 * lie is fetched while the next label is computed. */
static void search_dictionary(struct chain_node *self, struct search *search, const uint8_t T[32])
{
    const struct ehr_contract *contract = self->config.chain->contract;
    uint8_t label[2][EHR_INDEX_LABEL_BYTES];
    uint32_t missed = 0;
    ehr_index_label(label[0], T, 0);
    for (uint32_t counter = 0; missed < EHR_INDEX_GAP; counter++) {
        ehr_contract_label_prefetch(contract, label[counter % 2]);
        ehr_index_label(label[(counter + 1) % 2], T, counter + 1);
        const struct ehr_index_entry *entry =
            ehr_contract_label_find(contract, label[counter % 2], self->certified);
        search->labels++;
        missed = entry == NULL ? missed + 1 : 0;
        if (entry != NULL)
            search_hit(self, search, entry);
    }
}

/* Every index transaction this node sees (crypto.md d, `scan`). */
static void search_scan(struct chain_node *self, struct search *search, const uint8_t T[32])
{
    const struct ehr_contract *contract = self->config.chain->contract;
    const struct ehr_scan_entry *entries;
    size_t count = ehr_contract_scan(contract, self->certified, &entries);
    struct ehr_scan scan;
    ehr_scan_open(&scan, T);
    for (size_t at = ehr_scan_next(&scan, entries, 0, count); at < count;
         at = ehr_scan_next(&scan, entries, at + 1, count))
        search_hit(self, search, ehr_contract_scan_entry(contract, at));
    ehr_scan_close(&scan);
    search->labels++; /* the key of the tags costs what a label does */
    search->scanned += count;
}

static void search_charge(struct ehr_fx *fx, const struct search *search, bool scan)
{
    ehr_fx_charge(fx, EHR_COST_LABEL, search->labels, 0);
    if (scan)
        ehr_fx_charge(fx, EHR_COST_SCAN_ENTRY, search->scanned, 0);
    else
        ehr_fx_charge(fx, EHR_COST_DICTIONARY_LOOKUP, search->labels, 0);
    ehr_fx_charge(fx, EHR_COST_MERKLE_NODE, search->paths_len / 32, 0);
}

static struct ehr_blob *search_run(struct chain_node *self, struct ehr_fx *fx,
                                   const struct ehr_query *query)
{
    bool scan = self->config.directory->scan;
    struct search search = {0};
    for (size_t i = 0; i < query->count; i++)
        (scan ? search_scan : search_dictionary)(self, &search, query->trapdoors + 32 * i);
    const uint8_t *path = search.paths;
    for (size_t i = 0; i < search.count; i++) { /* set now that the array no longer moves */
        search.hits[i].path = path;
        path += search.hits[i].depth * (size_t)32;
    }
    search_charge(fx, &search, scan);
    struct ehr_blob *hits = ehr_hits_encode(search.hits, search.count);
    ehr_table_close(&search.sent);
    free(search.hits);
    free(search.paths);
    return hits;
}

/* Whether the log of the query stands on the chain as far as this node has executed it: exactly
 * that one, so that another log under the same query id neither helps nor harms. */
static bool is_logged(struct chain_node *self, struct ehr_fx *fx, const struct ehr_query *query,
                      const uint8_t query_id[32])
{
    uint8_t id[32];
    struct ehr_place place;
    if (query->count == 0)
        return false;
    struct ehr_blob *bytes = ehr_query_log_make(query_id, query->trapdoors, query->count);
    ehr_fx_charge(fx, EHR_COST_HASH, query->count + 1, 32 * query->count + bytes->length);
    ehr_alliance_leaf(id, EHR_TX_QUERY_LOG, bytes->bytes, bytes->length);
    ehr_blob_unref(bytes);
    return ehr_chain_transaction_find(self->config.chain, id, self->height, &place);
}

static enum ehr_reply query_check(struct chain_node *self, struct ehr_fx *fx,
                                  const struct ehr_query *query, const uint8_t query_id[32])
{
    if (memcmp(query->chain_id, self->config.committee->chain_id, 32) != 0 ||
        query->count > EHR_QUERY_TRAPDOORS_SERVED)
        return EHR_REPLY_MALFORMED;
    if (self->certified > query->expiry || query->expiry - self->certified > expiry_span(self))
        return EHR_REPLY_QUERY_EXPIRED;
    if (self->catching_up || query->min_height > self->certified)
        return EHR_REPLY_BEHIND;
    if (self->config.directory->query_logging == EHR_QUERY_LOGGING_BEFORE &&
        !is_logged(self, fx, query, query_id))
        return EHR_REPLY_QUERY_UNLOGGED;
    return nonce_fresh(self, query->nonce) ? EHR_REPLY_OK : EHR_REPLY_QUERY_REPLAY;
}

static void answer_send(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d,
                        const uint8_t query_id[32], enum ehr_reply status, struct ehr_blob *hits)
{
    uint8_t digest[32];
    struct ehr_msg_answer *answer = EHR_NEW(answer, ANSWER);
    answer->request = EHR_AS(query, d->message)->request;
    answer->status = (uint8_t)status;
    memcpy(answer->query_id, query_id, 32);
    answer->height = self->certified;
    answer->hits = hits;
    ehr_answer_digest(digest, query_id, answer->status, answer->height, hits);
    ehr_fx_charge(fx, EHR_COST_HASH, 1, hits == NULL ? 0 : hits->length);
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_sign_make(answer->signature, &self->config.secrets.sign, "sig-answer", digest);
    ehr_fx_send(fx, d->from, ehr_message_seal(&answer->head));
}

/* The bytes of a query: opened where it is sealed to this node, copied where queries travel in
 * clear. False: it is neither. */
static bool query_open(struct chain_node *self, struct ehr_fx *fx, uint8_t *bytes,
                       const struct ehr_blob *box)
{
    uint8_t context[32];
    if (self->config.directory->broadcast) {
        ehr_fx_charge(fx, EHR_COST_HASH, 1, box->length);
        memcpy(bytes, box->bytes, box->length);
        return true;
    }
    ehr_fx_charge(fx, EHR_COST_QUERY_OPEN, 1, box->length);
    ehr_query_context(context, chain_node_self(self)->cert.id);
    return ehr_box_open(bytes, &self->config.secrets.epoch, context, box->bytes, box->length) ==
           EHR_OK;
}

void chain_node_on_query(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_query *m = EHR_AS(query, d->message);
    uint8_t query_id[32];
    struct ehr_query query;
    size_t overhead = self->config.directory->broadcast ? 0 : EHR_BOX_OVERHEAD_BYTES;
    size_t length = m->box == NULL ? 0 : m->box->length;
    if (length < overhead + EHR_QUERY_BYTES(0)) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    uint8_t *bytes = ehr_actor_new(length);
    if (!query_open(self, fx, bytes, m->box) ||
        ehr_query_parse(&query, bytes, length - overhead) != EHR_OK) {
        chain_node_drop(fx, d->message->type);
    } else {
        ehr_query_id(query_id, bytes, length - overhead);
        enum ehr_reply status = query_check(self, fx, &query, query_id);
        struct ehr_blob *hits = status == EHR_REPLY_OK ? search_run(self, fx, &query) : NULL;
        answer_send(self, fx, d, query_id, status, hits);
    }
    ehr_wipe(bytes, length);
    free(bytes);
}
