/* Block synchronisation, the side that asks.
 *
 * It begins when a node restarts, when its engine asks for a state, when enough peers are heard to
 * be far ahead, or ahead for long, and when a request, a certificate or the hospital of a private
 * chain waits in vain. One peer is asked at a time, page by page; who
 * does not answer in time is passed over, who answers wrongly is shunned. A page that does not
 * prove itself is taken when as many peers name its last hash as cannot all be faulty. It ends when
 * as many say that they have nothing more. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node_sync.h"
#include "actors/memory.h"
#include "sim/consensus/registry.h"

enum {
    TRIES_MAX = 16,     /* without progress; then it waits for the next reason to begin */
    DOUBLINGS_MAX = 6,  /* of the time an answer may take */
    SHUNNED_FACTOR = 16 /* of that time: how long a peer that answered wrongly is not asked */
};

static void ask(struct chain_node *self, struct ehr_fx *fx);
static void go_on(struct chain_node *self, struct ehr_fx *fx, bool told);

struct chain_sync *chain_node_sync_new(const struct chain_node *self)
{
    struct chain_sync *sync =
        ehr_actor_new(sizeof *sync + self->config.committee->count * sizeof *sync->peers);
    sync->peer = self->config.replica;
    return sync;
}

static void page_drop(struct chain_sync *sync)
{
    if (sync->page != NULL)
        ehr_message_unref(&sync->page->head);
    sync->page = NULL;
}

void chain_node_sync_close(struct chain_node *self)
{
    if (self->sync == NULL)
        return;
    page_drop(self->sync);
    free(self->sync);
    self->sync = NULL;
}

uint32_t sync_quorum(const struct chain_node *self)
{
    return ehr_engine_byzantine(self->config.engine, self->config.committee->count) + 1;
}

/* ---- asking ---- */

static void timer_set(struct chain_node *self, struct ehr_fx *fx)
{
    struct chain_sync *sync = self->sync;
    uint32_t doublings = sync->fruitless < DOUBLINGS_MAX ? sync->fruitless : DOUBLINGS_MAX;
    uint64_t delay_ns = self->config.engine_config.request_timeout_ns;
    delay_ns = delay_ns < UINT64_MAX >> (DOUBLINGS_MAX + 2) ? delay_ns << doublings : delay_ns;
    ehr_fx_timer(fx, CHAIN_NODE_TIMER_SYNC, ++sync->timer, delay_ns);
}

/* The next peer that is not shunned; if all are, the next. */
static void peer_next(struct chain_node *self, struct ehr_fx *fx)
{
    struct chain_sync *sync = self->sync;
    uint32_t count = self->config.committee->count, from = sync->peer;
    for (uint32_t k = 1; k <= count; k++) {
        uint32_t peer = (from + k) % count;
        if (peer == self->config.replica)
            continue;
        sync->peer = peer;
        if (sync->peers[peer].shunned_until_ns <= ehr_fx_now(fx))
            return;
    }
    sync->peer =
        (from + 1) % count != self->config.replica ? (from + 1) % count : (from + 2) % count;
}

static void ask(struct chain_node *self, struct ehr_fx *fx)
{
    struct chain_sync *sync = self->sync;
    page_drop(sync);
    struct ehr_msg_sync_ask *ask = EHR_NEW(sync_ask, SYNC_ASK);
    ask->number = ++sync->number;
    ask->height = sync->asked_height = self->height;
    ask->certified = chain_node_is_alliance(self) ? self->certified : self->height;
    ask->last = sync->fetching && sync->fetch_height > self->height ? sync->fetch_height : 0;
    ehr_fx_send(fx, (struct ehr_address){self->config.committee->members[sync->peer].node, 0},
                ehr_message_seal(&ask->head));
    timer_set(self, fx);
}

void chain_node_sync_begin(struct chain_node *self, struct ehr_fx *fx)
{
    struct chain_sync *sync = self->sync;
    if (self->config.committee->count == 1 || sync->active || self->diverged)
        return;
    sync->active = true;
    sync->round++;
    sync->fruitless = 0;
    peer_next(self, fx);
    ask(self, fx);
}

/* ---- reasons ---- */

/* Below the engine's knowledge the others are followed block by block; else the engine follows, and
 * what is under way is no reason to ask. */
static uint64_t slack(const struct chain_node *self)
{
    return self->engine_height < self->height ? 0 : self->config.engine_config.window;
}

static uint32_t peers_above(const struct chain_node *self, uint64_t height)
{
    uint32_t above = 0;
    for (uint32_t i = 0; i < self->config.committee->count; i++)
        above += self->sync->peers[i].executed > height;
    return above;
}

void chain_node_sync_heard(struct chain_node *self, struct ehr_fx *fx, uint32_t replica,
                           uint64_t height)
{
    struct chain_sync *sync = self->sync;
    if (height > sync->peers[replica].executed)
        sync->peers[replica].executed = height;
    uint64_t enough = self->height + slack(self);
    if (height > enough && peers_above(self, enough) >= sync_quorum(self))
        chain_node_sync_begin(self, fx);
    if (height > self->height) /* what others have, too, says nothing new */
        chain_node_lack_check(self, fx);
}

static bool lacks(const struct chain_node *self)
{
    bool certificates =
        chain_node_is_alliance(self) && !self->config.bare && self->certified < self->height;
    uint32_t ahead = 0;
    for (uint32_t i = 0; i < self->config.committee->count; i++)
        ahead += self->sync->peers[i].executed > self->height ||
                 self->sync->peers[i].voted > self->height;
    return certificates || ahead >= sync_quorum(self);
}

static void lack_watch(struct chain_node *self, struct ehr_fx *fx)
{
    struct chain_sync *sync = self->sync;
    sync->lack_watched = true;
    sync->lack_height = self->height;
    sync->lack_certified = self->certified;
    ehr_fx_timer(fx, CHAIN_NODE_TIMER_LACK, ++sync->lack_timer,
                 self->config.engine_config.request_timeout_ns);
}

void chain_node_lack_check(struct chain_node *self, struct ehr_fx *fx)
{
    if (!self->sync->lack_watched && self->config.committee->count > 1 && !self->diverged &&
        lacks(self))
        lack_watch(self, fx);
}

/* A primary that shows its block to others alone keeps this node from it: their votes tell, and no
 * engine asks for a block that a quorum has without it. Called for every vote, so that nothing is
 * counted before the time is over. */
void chain_node_sync_voted(struct chain_node *self, struct ehr_fx *fx, uint32_t replica,
                           uint64_t height)
{
    struct chain_sync *sync = self->sync;
    if (height > sync->peers[replica].voted)
        sync->peers[replica].voted = height;
    if (height > self->height && !sync->lack_watched && !self->diverged)
        lack_watch(self, fx);
}

void chain_node_on_lack_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation)
{
    struct chain_sync *sync = self->sync;
    if (!sync->lack_watched || generation != sync->lack_timer)
        return;
    sync->lack_watched = false;
    if (self->height == sync->lack_height && self->certified == sync->lack_certified && lacks(self))
        chain_node_sync_begin(self, fx);
    chain_node_lack_check(self, fx);
}

uint64_t chain_node_sync_behind(const struct chain_node *self)
{
    const struct chain_sync *sync = self->sync;
    uint64_t behind = sync->fetching ? sync->fetch_height : 0;
    for (uint32_t i = 0; sync->active && i < self->config.committee->count; i++) {
        uint64_t height = sync->peers[i].executed;
        if (height > behind && peers_above(self, height - 1) >= sync_quorum(self))
            behind = height;
    }
    return behind > self->height ? behind : 0;
}

/* ---- what the engine hears ---- */

/* The mark is on disk before the engine writes what follows from it. */
static void installed_feed(struct chain_node *self, struct ehr_fx *fx)
{
    struct chain_sync *sync = self->sync;
    const struct ehr_chain_block *entry =
        ehr_chain_block_at(self->config.chain, sync->fetch_height);
    struct ehr_event event = {
        .type = EHR_EVENT_INSTALLED,
        .now_ns = ehr_fx_now(fx),
        .as.installed = {.height = sync->fetch_height, .view = sync->fetch_view}};
    sync->fetching = false;
    if (memcmp(entry->state_root, sync->fetch_state.bytes, 32) != 0) {
        self->diverged = true; /* more than f replicas lie */
        ehr_mark(fx, EHR_MARK_DIVERGED, sync->fetch_view, (uint16_t)self->config.committee->chain,
                 sync->fetch_height);
        return;
    }
    memcpy(event.as.installed.state.bytes, entry->state_root, 32);
    memcpy(event.as.installed.block.bytes, entry->block->hash, 32);
    if (sync->fetch_height > self->engine_height) {
        self->engine_height = sync->fetch_height;
        chain_node_journal_block(self, fx, 0);
    }
    chain_node_feed(self, fx, &event);
}

/* After blocks above `before` were executed: the state asked for, the last checkpoint height among
 * them, the last block. */
static void engine_tell(struct chain_node *self, struct ehr_fx *fx, uint64_t before)
{
    uint32_t interval = self->config.engine_config.checkpoint_interval;
    uint64_t checkpoint = self->height / interval * interval;
    if (self->sync->fetching && self->sync->fetch_height <= self->height)
        installed_feed(self, fx);
    if (checkpoint > before && checkpoint > self->engine_height && checkpoint < self->height)
        chain_node_executed_feed(self, fx, checkpoint);
    if (self->height > before && self->height > self->engine_height)
        chain_node_executed_feed(self, fx, self->height);
}

void chain_node_sync_fetch(struct chain_node *self, struct ehr_fx *fx, uint64_t height,
                           uint64_t view, const struct ehr_digest *state)
{
    struct chain_sync *sync = self->sync;
    if (self->diverged || (sync->fetching && height < sync->fetch_height))
        return;
    sync->fetching = true;
    sync->fetch_height = height;
    sync->fetch_view = view;
    sync->fetch_state = *state;
    if (height <= self->height)
        installed_feed(self, fx);
    else
        chain_node_sync_begin(self, fx);
}

/* ---- answers ---- */

/* A wrong answer: counted, and the peer is left alone for a while. */
static void shun(struct chain_node *self, struct ehr_fx *fx, uint16_t message_type)
{
    struct chain_sync *sync = self->sync;
    chain_node_drop(fx, message_type);
    sync->peers[sync->peer].shunned_until_ns =
        ehr_fx_now(fx) + SHUNNED_FACTOR * self->config.engine_config.request_timeout_ns;
    sync->fruitless++;
    peer_next(self, fx);
    ask(self, fx);
}

static bool statement_valid(struct chain_node *self, struct ehr_fx *fx, uint32_t sender,
                            uint64_t number, uint64_t height, const uint8_t *hash,
                            const struct ehr_auth *auth)
{
    struct ehr_engine_message said = sync_statement(sender, number, height, hash);
    said.signature = auth->kind == EHR_AUTH_SIGNATURE ? auth->signature : NULL;
    return chain_node_authentic(self, fx, &said, auth);
}

static void page_take(struct chain_node *self, struct ehr_fx *fx,
                      const struct ehr_msg_sync_blocks *page, uint64_t height)
{
    uint64_t before = self->height, certified = self->certified;
    bool right = page->blocks == NULL || sync_page_execute(self, fx, page, height);
    if (self->diverged)
        return;
    right = sync_page_certificates_take(self, fx, page) && right;
    if (self->height > before || self->certified > certified)
        self->sync->fruitless = 0;
    engine_tell(self, fx, before);
    if (self->diverged)
        return;
    if (!right)
        shun(self, fx, EHR_MSG_SYNC_BLOCKS);
    else
        go_on(self, fx, self->height >= page->height);
}

/* The others are asked what they hold in the place of the page's last block. */
static void page_hold(struct chain_node *self, struct ehr_fx *fx,
                      const struct ehr_msg_sync_blocks *page)
{
    struct chain_sync *sync = self->sync;
    struct ehr_message *kept =
        ehr_message_ref((struct ehr_message *)(uintptr_t)(const void *)&page->head);
    struct ehr_msg_sync_hash_ask *ask = EHR_NEW(sync_hash_ask, SYNC_HASH_ASK);
    sync->page = (struct ehr_msg_sync_blocks *)(void *)kept;
    for (uint32_t i = 0; i < self->config.committee->count; i++)
        sync->peers[i].agrees = sync->peers[i].differs = false;
    sync->peers[sync->peer].agrees = true;
    ask->number = sync->number;
    ask->height = sync_page_height(page, page->blocks->count - 1);
    ehr_fx_broadcast(fx, self->config.committee->group, ehr_message_seal(&ask->head));
    timer_set(self, fx);
}

static void on_blocks(struct chain_node *self, struct ehr_fx *fx, uint32_t sender,
                      const struct ehr_msg_sync_blocks *page)
{
    struct chain_sync *sync = self->sync;
    uint32_t count = page->blocks != NULL ? page->blocks->count : 0;
    const uint8_t *last = count > 0 ? page->blocks->block[count - 1]->hash : NULL;
    uint64_t proven = 0;
    if (!sync->active || sender != sync->peer || page->number != sync->number || sync->page != NULL)
        return; /* late */
    if (!statement_valid(self, fx, sender, page->number, page->height, last, &page->auth)) {
        chain_node_drop(fx, EHR_MSG_SYNC_BLOCKS);
        return;
    }
    if (page->height > sync->peers[sender].executed)
        sync->peers[sender].executed = page->height;
    if (count == 0 && page->height > self->height) {
        shun(self, fx, EHR_MSG_SYNC_BLOCKS); /* it has more, and does not give it */
    } else if (count == 0) {
        page_take(self, fx, page, 0);
    } else if (!sync_page_linked(self, fx, page) || !sync_page_proven(self, fx, page, &proven)) {
        shun(self, fx, EHR_MSG_SYNC_BLOCKS);
    } else if (sync_quorum(self) == 1) {
        page_take(self, fx, page, UINT64_MAX);
    } else if (proven > self->height) {
        page_take(self, fx, page, proven);
    } else {
        page_hold(self, fx, page);
    }
}

static void on_hash(struct chain_node *self, struct ehr_fx *fx, uint32_t sender,
                    const struct ehr_msg_sync_hash *said)
{
    struct chain_sync *sync = self->sync;
    if (!sync->active || sync->page == NULL || said->number != sync->number)
        return;
    struct sync_peer *peer = &sync->peers[sender];
    const struct ehr_block_list *blocks = sync->page->blocks;
    if (peer->agrees || peer->differs ||
        said->height != sync_page_height(sync->page, blocks->count - 1))
        return;
    if (!statement_valid(self, fx, sender, said->number, said->height, said->hash, &said->auth)) {
        chain_node_drop(fx, EHR_MSG_SYNC_HASH);
        return;
    }
    peer->agrees = memcmp(said->hash, blocks->block[blocks->count - 1]->hash, 32) == 0;
    peer->differs = !peer->agrees;
    uint32_t agree = 0, differ = 0;
    for (uint32_t i = 0; i < self->config.committee->count; i++) {
        agree += sync->peers[i].agrees;
        differ += sync->peers[i].differs;
    }
    if (agree >= sync_quorum(self)) {
        struct ehr_msg_sync_blocks *page = sync->page;
        sync->page = NULL;
        if (sync_page_linked(self, fx, page)) /* the engine may have been there meanwhile */
            page_take(self, fx, page, UINT64_MAX);
        else
            shun(self, fx, EHR_MSG_SYNC_BLOCKS);
        ehr_message_unref(&page->head);
    } else if (differ >= sync_quorum(self)) {
        shun(self, fx, EHR_MSG_SYNC_BLOCKS); /* one of them is correct */
    }
}

/* ---- going on ---- */

/* Everybody has the blocks, nobody their certificates: signatures were lost, or a peer that claims
 * to be far above made this node keep its own to itself. What is whole elsewhere meanwhile is not
 * counted there. */
static void sign_again(struct chain_node *self, struct ehr_fx *fx)
{
    uint64_t last = self->certified + self->config.engine_config.window;
    for (uint64_t height = self->certified + 1; height <= last && height <= self->height; height++)
        chain_node_push_signature(self, fx, height);
}

static void finish(struct chain_node *self)
{
    self->sync->active = false;
    self->catching_up = false;
}

/* `told`: the peer that was asked has nothing more. */
static void go_on(struct chain_node *self, struct ehr_fx *fx, bool told)
{
    struct chain_sync *sync = self->sync;
    uint32_t satisfied = 0, asked = 0;
    if (!told) {
        ask(self, fx);
        return;
    }
    sync->peers[sync->peer].told_round = sync->round;
    sync->peers[sync->peer].told_height = self->height;
    for (uint32_t i = 0; i < self->config.committee->count; i++) {
        asked += sync->peers[i].told_round == sync->round;
        satisfied +=
            sync->peers[i].told_round == sync->round && sync->peers[i].told_height == self->height;
    }
    bool whole =
        !chain_node_is_alliance(self) || self->config.bare || self->certified == self->height;
    if (satisfied >= sync_quorum(self) && !sync->fetching && whole) {
        finish(self);
        return;
    }
    peer_next(self, fx);
    if (asked < self->config.committee->count - 1) {
        ask(self, fx);
        return;
    }
    if (!whole)
        sign_again(self, fx);
    sync->round++; /* everybody was asked: again, later */
    sync->number++;
    sync->fruitless++;
    timer_set(self, fx);
}

void chain_node_on_sync_timer(struct chain_node *self, struct ehr_fx *fx, uint64_t generation)
{
    struct chain_sync *sync = self->sync;
    if (!sync->active || generation != sync->timer)
        return;
    /* who came back, and has heard nothing yet, has no other reason to ask */
    if (++sync->fruitless > TRIES_MAX && !self->catching_up) {
        page_drop(sync);
        sync->active = false;
        return;
    }
    peer_next(self, fx);
    ask(self, fx);
}

bool chain_node_on_sync(struct chain_node *self, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    uint32_t sender = ehr_committee_replica(self->config.committee, d->from.node);
    uint16_t type = d->message->type;
    if (type < EHR_MSG_SYNC_ASK || type > EHR_MSG_SYNC_HASH)
        return false;
    if (sender == UINT32_MAX || sender == self->config.replica || self->diverged)
        chain_node_drop(fx, type);
    else if (type == EHR_MSG_SYNC_ASK)
        sync_answer_blocks(self, fx, d);
    else if (type == EHR_MSG_SYNC_HASH_ASK)
        sync_answer_hash(self, fx, d);
    else if (type == EHR_MSG_SYNC_BLOCKS)
        on_blocks(self, fx, sender, EHR_AS(sync_blocks, d->message));
    else
        on_hash(self, fx, sender, EHR_AS(sync_hash, d->message));
    return true;
}
