/* Queries over the secure index (crypto.md d, protocol.md C): trapdoors come sealed to this node,
 * hits go back with the proof that they are on the alliance chain. */
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "crypto/box.h"
#include "crypto/index.h"
#include "crypto/query.h"

enum {
    HITS_MAX = UINT16_MAX, /* of one answer: what its encoding can hold */
    TRAPDOORS_MAX = 256,   /* of one query */
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
    uint64_t labels;
};

static void search_hit(struct chain_node *self, struct search *search,
                       const struct ehr_index_entry *entry)
{
    if (search->count == HITS_MAX)
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

/* label_0, label_1, ... until a gap (crypto.md d, `dictionary`). */
static void search_trapdoor(struct chain_node *self, struct search *search, const uint8_t T[32])
{
    uint32_t missed = 0;
    for (uint32_t counter = 0; missed < EHR_INDEX_GAP; counter++) {
        uint8_t label[EHR_INDEX_LABEL_BYTES];
        ehr_index_label(label, T, counter);
        const struct ehr_index_entry *entry =
            ehr_contract_label_find(self->config.chain->contract, label, self->certified);
        search->labels++;
        missed = entry == NULL ? missed + 1 : 0;
        if (entry != NULL)
            search_hit(self, search, entry);
    }
}

static struct ehr_blob *search_run(struct chain_node *self, struct ehr_fx *fx,
                                   const struct ehr_query *query)
{
    struct search search = {0};
    for (size_t i = 0; i < query->count; i++)
        search_trapdoor(self, &search, query->trapdoors + 32 * i);
    const uint8_t *path = search.paths;
    for (size_t i = 0; i < search.count; i++) { /* set now that the array no longer moves */
        search.hits[i].path = path;
        path += search.hits[i].depth * (size_t)32;
    }
    ehr_fx_charge(fx, EHR_COST_LABEL, search.labels, 0);
    ehr_fx_charge(fx, EHR_COST_DICTIONARY_LOOKUP, search.labels, 0);
    ehr_fx_charge(fx, EHR_COST_MERKLE_NODE, search.paths_len / 32, 0);
    struct ehr_blob *hits = ehr_hits_encode(search.hits, search.count);
    free(search.hits);
    free(search.paths);
    return hits;
}

static enum ehr_reply query_check(struct chain_node *self, const struct ehr_query *query)
{
    if (memcmp(query->chain_id, self->config.committee->chain_id, 32) != 0 ||
        query->count > TRAPDOORS_MAX)
        return EHR_REPLY_MALFORMED;
    if (self->certified > query->expiry || query->expiry - self->certified > expiry_span(self))
        return EHR_REPLY_QUERY_EXPIRED;
    if (query->min_height > self->certified)
        return EHR_REPLY_BEHIND;
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

void chain_node_on_query(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    const struct ehr_msg_query *m = EHR_AS(query, d->message);
    uint8_t context[32], query_id[32];
    struct ehr_query query;
    size_t length = m->box == NULL ? 0 : m->box->length;
    if (length < EHR_BOX_OVERHEAD_BYTES) {
        chain_node_drop(fx, d->message->type);
        return;
    }
    uint8_t *bytes = ehr_actor_new(length);
    ehr_fx_charge(fx, EHR_COST_QUERY_OPEN, 1, length);
    ehr_query_context(context, chain_node_self(self)->cert.id);
    if (ehr_box_open(bytes, &self->config.secrets.epoch, context, m->box->bytes, length) !=
            EHR_OK ||
        ehr_query_parse(&query, bytes, length - EHR_BOX_OVERHEAD_BYTES) != EHR_OK) {
        chain_node_drop(fx, d->message->type);
    } else {
        ehr_query_id(query_id, bytes, length - EHR_BOX_OVERHEAD_BYTES);
        enum ehr_reply status = query_check(self, &query);
        struct ehr_blob *hits = status == EHR_REPLY_OK ? search_run(self, fx, &query) : NULL;
        answer_send(self, fx, d, query_id, status, hits);
    }
    ehr_wipe(bytes, length);
    free(bytes);
}
