/* Who said what: signatures and MACs under the messages of a chain node's engine.
 *
 * Ed25519 wherever a third party may have to be convinced. With `macs`, what the engine never
 * passes on (its type says which) carries an authenticator when it goes to all, and one tag when
 * it goes to one replica. The keys are made when two nodes first meet. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/chain_node_internal.h"
#include "actors/memory.h"
#include "crypto/hash.h"
#include "crypto/vote.h"

static void vote_digest(const struct chain_node *self, uint8_t digest[32], uint8_t type,
                        uint64_t view, uint64_t height, const struct ehr_digest *of)
{
    struct ehr_vote vote = {
        .epoch = self->config.directory->epoch, .view = view, .height = height, .phase = type};
    memcpy(vote.chain_id, self->config.committee->chain_id, 32);
    memcpy(vote.block_hash, of->bytes, 32);
    ehr_vote_digest(digest, &vote);
}

bool chain_node_vote_valid(void *context, uint16_t signer, uint8_t type, uint64_t view,
                           uint64_t height, const struct ehr_digest *digest,
                           const uint8_t *signature)
{
    const struct chain_node_auth *auth = context;
    const struct chain_node *self = auth->self;
    uint8_t signed_digest[32];
    if (!self->config.engine_config.signatures)
        return true;
    if (signer >= self->config.committee->count || signature == NULL)
        return false;
    ehr_fx_charge(auth->fx, EHR_COST_ED_VERIFY, 1, 0);
    vote_digest(self, signed_digest, type, view, height, digest);
    return ehr_vote_verify(self->config.committee->members[signer].cert.ed_pk, signed_digest,
                           signature) == EHR_OK;
}

void chain_node_vote_sign(void *context, uint8_t type, uint64_t view, uint64_t height,
                          const struct ehr_digest *digest, uint8_t signature[64])
{
    const struct chain_node_auth *auth = context;
    uint8_t under[32];
    vote_digest(auth->self, under, type, view, height, digest);
    ehr_fx_charge(auth->fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_vote_sign(signature, &auth->self->config.secrets.sign, under);
}

void chain_node_body_digest(void *context, const uint8_t *body, size_t length,
                            struct ehr_digest *digest)
{
    const struct chain_node_auth *auth = context;
    ehr_fx_charge(auth->fx, EHR_COST_HASH, 1, length);
    EHR_HASH32(digest->bytes, "vote", EHR_P(body, length));
}

/* ---- MACs ---- */

static bool goes_by_mac(const struct chain_node *self, uint8_t type)
{
    return self->config.macs && type < 32 && (self->config.engine->pairwise >> type & 1U) != 0;
}

/* What this node shares with a replica; the key is made, and charged, once. */
static const struct ehr_mac_peer *peer_meet(struct chain_node *self, struct ehr_fx *fx,
                                            uint32_t replica)
{
    const struct ehr_committee *committee = self->config.committee;
    if (self->peers == NULL) {
        self->peers = ehr_actor_new(committee->count * sizeof *self->peers);
        self->peer_met = ehr_actor_new(committee->count * sizeof *self->peer_met);
        for (uint32_t i = 0; i < committee->count; i++)
            memcpy(self->peers[i].id, committee->members[i].cert.id, 32);
    }
    struct ehr_mac_peer *peer = &self->peers[replica];
    if (!self->peer_met[replica] && replica != self->config.replica) {
        enum ehr_status status = ehr_mac_key_derive(peer->key, &self->config.secrets.dh,
                                                    committee->members[replica].cert.dh_pk.bytes);
        assert(status == EHR_OK); /* genesis certified a valid key */
        self->peer_met[replica] = true;
        ehr_fx_charge(fx, EHR_COST_MAC_KEY, 1, 0);
    }
    return peer;
}

static bool tag_valid(struct chain_node *self, struct ehr_fx *fx,
                      const struct ehr_engine_message *m, const struct ehr_auth *auth)
{
    uint8_t digest[32];
    if (auth->kind != EHR_AUTH_TAGS || m->sender == self->config.replica)
        return false;
    const struct ehr_mac_peer *peer = peer_meet(self, fx, m->sender);
    vote_digest(self, digest, m->type, m->view, m->height, &m->digest);
    ehr_fx_charge(fx, EHR_COST_MAC, 1, 0);
    return ehr_authenticator_verify(auth->tags->bytes, auth->tags->length, peer,
                                    self->config.committee->count, m->sender, self->config.replica,
                                    chain_node_self(self)->cert.id, digest) == EHR_OK;
}

static void tags_make(struct chain_node *self, struct ehr_fx *fx, struct ehr_auth *auth,
                      const uint8_t digest[32], uint16_t to)
{
    uint32_t count = self->config.committee->count, own = self->config.replica;
    if (to != EHR_ENGINE_TO_ALL) {
        const struct ehr_mac_peer *peer = peer_meet(self, fx, to);
        auth->tags = ehr_blob_new(NULL, EHR_TAG_BYTES);
        ehr_mac_make(auth->tags->bytes, peer->key, self->peers[own].id, peer->id, digest);
        ehr_fx_charge(fx, EHR_COST_MAC, 1, 0);
    } else {
        for (uint32_t i = 0; i < count; i++)
            peer_meet(self, fx, i);
        auth->tags = ehr_blob_new(NULL, ehr_authenticator_bytes(count));
        ehr_authenticator_make(auth->tags->bytes, self->peers, count, own, digest);
        ehr_fx_charge(fx, EHR_COST_MAC, count - 1, 0);
    }
    auth->kind = EHR_AUTH_TAGS;
}

/* ---- both ways ---- */

bool chain_node_authentic(struct chain_node *self, struct ehr_fx *fx,
                          const struct ehr_engine_message *m, const struct ehr_auth *auth)
{
    struct chain_node_auth context = {self, fx};
    if (m->body_length > 0) {
        struct ehr_digest digest;
        chain_node_body_digest(&context, m->body, m->body_length, &digest);
        if (memcmp(digest.bytes, m->digest.bytes, 32) != 0)
            return false;
    }
    if (goes_by_mac(self, m->type))
        return tag_valid(self, fx, m, auth);
    return chain_node_vote_valid(&context, m->sender, m->type, m->view, m->height, &m->digest,
                                 m->signature);
}

void chain_node_vouch(struct chain_node *self, struct ehr_fx *fx, struct ehr_auth *auth,
                      const struct ehr_engine_message *m, const struct ehr_digest *digest,
                      uint16_t to)
{
    uint8_t under[32];
    if (!self->config.engine_config.signatures)
        return;
    vote_digest(self, under, m->type, m->view, m->height, digest);
    if (goes_by_mac(self, m->type)) {
        tags_make(self, fx, auth, under, to);
        return;
    }
    ehr_fx_charge(fx, EHR_COST_ED_SIGN, 1, 0);
    ehr_vote_sign(auth->signature, &self->config.secrets.sign, under);
    auth->kind = EHR_AUTH_SIGNATURE;
}

void chain_node_auth_close(struct chain_node *self)
{
    if (self->peers != NULL)
        ehr_wipe(self->peers, self->config.committee->count * sizeof *self->peers);
    free(self->peers);
    free(self->peer_met);
    self->peers = NULL;
    self->peer_met = NULL;
}
