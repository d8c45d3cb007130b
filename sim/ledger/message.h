/* Every message of the system: one table gives the struct, the encoded size, the codec and the
 * documentation of each (docs/formats/wire.md). Messages are immutable once sent and
 * reference-counted; one body serves a whole broadcast. In a run they travel as pointers; their
 * size is that of the canonical encoding, computed from the table without encoding.
 * encode(decode(x)) == x for every x that decode accepts. */
#ifndef EHR_LEDGER_MESSAGE_H
#define EHR_LEDGER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"
#include "sim/ledger/body.h"

/* Immutable shared bytes. */
struct ehr_blob {
    uint32_t references;
    uint32_t length;
    uint8_t bytes[];
};
struct ehr_blob *ehr_blob_new(const void *bytes, size_t length); /* bytes NULL: uninitialised */
struct ehr_blob *ehr_blob_ref(struct ehr_blob *blob);            /* NULL gives NULL */
void ehr_blob_unref(struct ehr_blob *blob);

/* Blocks that travel with a message, which owns the list and a reference to each. */
struct ehr_block_list {
    uint32_t count;
    struct ehr_block *block[];
};
/* A list of `count` NULLs: put a reference into each. Freed with its message, or by free. */
struct ehr_block_list *ehr_block_list_new(uint32_t count);
void ehr_block_list_free(struct ehr_block_list *list); /* gives back the references; NULL is fine */

/* What stands under a message between members of a group (AUTH). */
enum ehr_auth_kind {
    EHR_AUTH_NONE = 0,
    EHR_AUTH_SIGNATURE = 1,
    EHR_AUTH_TAGS = 2, /* an authenticator (crypto/authenticator.h), or one tag */
};
struct ehr_auth {
    uint8_t kind; /* enum ehr_auth_kind */
    uint8_t signature[64];
    struct ehr_blob *tags; /* 16 bytes each, at least one; NULL unless the kind is TAGS */
};

/* Fields: F(kind, name, size). Kinds: U8 U16 U32 U64; BYTES (fixed); SIG (64 bytes or absent,
 * has_<name> tells); AUTH (struct ehr_auth); BLOB (u32 length, bytes; NULL is the empty one); TX
 * (as in body.h); BLOCKS (u32 count, then of each header, u32 transactions, and these). `request`
 * is the idempotency key of the client's request. `status` is an enum ehr_reply. */
#define EHR_MESSAGE_ENROL(F) F(U64, request, 0) F(BYTES, keys, 128)
#define EHR_MESSAGE_CARD(F)                                                                        \
    F(U64, request, 0) F(U8, status, 0) F(BYTES, sealed, 80) F(BYTES, card, 140)
#define EHR_MESSAGE_CARD_ASK(F)                                                                    \
    F(U64, request, 0) F(BYTES, nonce, 16) F(BLOB, certificates, 0) F(BYTES, index_key, 136)
#define EHR_MESSAGE_CARD_SHOW(F)   F(U64, request, 0) F(U8, status, 0) F(BYTES, box, 412)
#define EHR_MESSAGE_CARD_CHECK(F)  F(U64, request, 0) F(BYTES, reference, 32)
#define EHR_MESSAGE_CARD_STATUS(F) F(U64, request, 0) F(U8, status, 0)
#define EHR_MESSAGE_DRAFT(F)                                                                       \
    F(U64, request, 0)                                                                             \
    F(BYTES, pseudonym, 96)                                                                        \
    F(U32, epoch, 0) F(U16, flags, 0) F(BLOB, labels, 0) F(BLOB, counters, 0) F(BLOB, record, 0)
#define EHR_MESSAGE_TOKEN(F) F(U64, request, 0) F(U8, status, 0) F(BYTES, token, 64)
#define EHR_MESSAGE_STORE(F) F(U64, request, 0) F(BYTES, ct_hash, 32) F(BLOB, record, 0)
#define EHR_MESSAGE_STORE_ACK(F)                                                                   \
    F(U64, request, 0) F(U8, status, 0) F(BYTES, ct_hash, 32) F(BYTES, signature, 64)
#define EHR_MESSAGE_SUBMIT(F) F(U64, request, 0) F(TX, tx, 0)
#define EHR_MESSAGE_REPLY(F)                                                                       \
    F(U64, request, 0)                                                                             \
    F(U8, status, 0) F(BYTES, tx_id, 32) F(U64, height, 0) F(U64, view, 0) F(SIG, signature, 64)
#define EHR_MESSAGE_CONSENSUS(F)                                                                   \
    F(U8, phase, 0)                                                                                \
    F(U64, view, 0)                                                                                \
    F(U64, height, 0)                                                                              \
    F(BYTES, digest, 32) F(AUTH, auth, 0) F(BLOB, body, 0) F(BLOCKS, carried, 0)
#define EHR_MESSAGE_BLOCK_SIGN(F)                                                                  \
    F(BYTES, header, 156)                                                                          \
    F(BLOB, refused, 0) F(BYTES, previous_state, 32) F(BYTES, signature, 64)
#define EHR_MESSAGE_BODY_GET(F) F(U64, height, 0) F(BYTES, block_hash, 32)
#define EHR_MESSAGE_BODY(F)     F(U64, height, 0) F(BLOCKS, blocks, 0)
#define EHR_MESSAGE_RECEIPT(F)  F(U64, request, 0) F(BYTES, receipt, 128) F(U64, height, 0)
#define EHR_MESSAGE_QUERY(F)    F(U64, request, 0) F(BLOB, box, 0)
#define EHR_MESSAGE_ANSWER(F)                                                                      \
    F(U64, request, 0)                                                                             \
    F(U8, status, 0)                                                                               \
    F(BYTES, query_id, 32) F(U64, height, 0) F(BLOB, hits, 0) F(BYTES, signature, 64)
#define EHR_MESSAGE_FETCH(F)                                                                       \
    F(U64, request, 0)                                                                             \
    F(BYTES, query_id, 32) F(BYTES, txid, 32) F(U64, height, 0) F(BYTES, proof, 64)
#define EHR_MESSAGE_LOCATE(F)  F(U64, request, 0) F(BYTES, block_hash, 32) F(U32, leaf, 0)
#define EHR_MESSAGE_LOCATED(F) F(U64, request, 0) F(U8, status, 0) F(BLOB, entry, 0)
#define EHR_MESSAGE_COMPARE(F)                                                                     \
    F(U64, request, 0) F(BYTES, pseudonym, 32) F(BYTES, ct_hash, 32) F(U8, whole, 0)
#define EHR_MESSAGE_RELEASE(F)                                                                     \
    F(U64, request, 0)                                                                             \
    F(U8, status, 0) F(BYTES, body_hash, 32) F(BLOB, sealed_head, 0) F(BLOB, record, 0)
#define EHR_MESSAGE_RECORD(F)                                                                      \
    F(U64, request, 0)                                                                             \
    F(U8, status, 0) F(BYTES, txid, 32) F(BLOB, entry, 0) F(BLOB, record, 0)
#define EHR_MESSAGE_ACCESS_ASK(F)                                                                  \
    F(U64, request, 0)                                                                             \
    F(U8, purpose, 0) F(U32, visit, 0) F(BLOB, certificates, 0) F(BLOB, keyword, 0)
#define EHR_MESSAGE_ACCESS_REPLY(F)                                                                \
    F(U64, request, 0)                                                                             \
    F(U8, status, 0)                                                                               \
    F(BYTES, txid, 32) F(BLOB, index, 0) F(BLOB, grant, 0) F(BLOB, scope, 0)
#define EHR_MESSAGE_ACCESS(F)                                                                      \
    F(U64, request, 0)                                                                             \
    F(BYTES, grant_id, 32)                                                                         \
    F(U8, share, 0)                                                                                \
    F(U8, whole, 0) F(BLOB, certificates, 0) F(BYTES, signature, 64)
/* clang-format off */
#define EHR_MESSAGE_SHARE(F)                                                                       \
    F(U64, request, 0) F(U8, status, 0) F(U8, share, 0) F(BLOB, entry, 0)                          \
    F(BLOB, sealed_head, 0) F(BYTES, body_hash, 32) F(BLOB, cfrag, 0) F(BYTES, signature, 64)      \
    F(BLOB, record, 0)
/* clang-format on */
#define EHR_MESSAGE_COMPLAINT(F)                                                                   \
    F(BYTES, accused, 32)                                                                          \
    F(BYTES, txid, 32) F(BYTES, ct_hash, 32) F(U64, height, 0) F(BYTES, signature, 64)
#define EHR_MESSAGE_BATCH_ASK(F)                                                                   \
    F(U64, request, 0)                                                                             \
    F(U8, purpose, 0)                                                                              \
    F(U8, visits, 0) F(U32, visit, 0) F(BLOB, certificates, 0) F(BLOB, keyword, 0)
#define EHR_MESSAGE_BATCH_REPLY(F)                                                                 \
    F(U64, request, 0) F(U8, status, 0) F(BLOB, scope, 0) F(BLOB, items, 0)
#define EHR_MESSAGE_REPLY_ITEMS(F)                                                                 \
    F(U64, request, 0) F(BYTES, tx_id, 32) F(U64, height, 0) F(BLOB, statuses, 0)
/* Where scopes are enforced (scope_proof.h). */
#define EHR_MESSAGE_ACCESS_REPLY_SCOPED(F) EHR_MESSAGE_ACCESS_REPLY(F) F(BYTES, trapdoor, 120)
#define EHR_MESSAGE_ACCESS_SCOPED(F)       EHR_MESSAGE_ACCESS(F) F(BYTES, trapdoor, 120)
#define EHR_MESSAGE_EMERGENCY_ASK(F)       F(U64, request, 0) F(U32, patient, 0) F(U8, reason, 0)
#define EHR_MESSAGE_EMERGENCY_KEYS(F)      F(U64, request, 0) F(U8, status, 0) F(BYTES, keys, 128)
#define EHR_MESSAGE_COSIGN_ASK(F)                                                                  \
    F(U64, request, 0)                                                                             \
    F(U8, reason, 0)                                                                               \
    F(BYTES, pseudonym, 96)                                                                        \
    F(U32, epoch, 0) F(BLOB, labels, 0) F(BYTES, ct_hash, 32) F(U64, ct_len, 0)
#define EHR_MESSAGE_COSIGNED(F) F(U64, request, 0) F(U8, status, 0) F(BYTES, signature, 64)
#define EHR_MESSAGE_AUDIT(F)                                                                       \
    F(U64, request, 0)                                                                             \
    F(BYTES, receipt, 128)                                                                         \
    F(U64, height, 0) F(BYTES, second, 32) F(BLOB, certificates, 0) F(BYTES, index_key, 136)
#define EHR_MESSAGE_RECEIPT_ACK(F) F(U64, request, 0) F(BYTES, pseudonym, 32)
/* clang-format off */
#define EHR_MESSAGE_SYNC_ASK(F)                                                                    \
    F(U64, number, 0) F(U64, height, 0) F(U64, certified, 0) F(U64, last, 0)
#define EHR_MESSAGE_SYNC_BLOCKS(F)                                                                 \
    F(U64, number, 0) F(U64, height, 0) F(BLOCKS, blocks, 0) F(BLOB, outcomes, 0)                  \
    F(BLOB, certificates, 0) F(AUTH, auth, 0)
#define EHR_MESSAGE_SYNC_HASH_ASK(F) F(U64, number, 0) F(U64, height, 0)
#define EHR_MESSAGE_SYNC_HASH(F)                                                                   \
    F(U64, number, 0) F(U64, height, 0) F(BYTES, hash, 32) F(AUTH, auth, 0)
/* clang-format on */
#define EHR_MESSAGE_TX_GET(F)  F(BYTES, block_hash, 32) F(BLOB, positions, 0)
#define EHR_MESSAGE_TX_BODY(F) F(TX, tx, 0)
/* CONSENSUS with, of each block, its header and the 32-byte ids of its transactions. */
#define EHR_MESSAGE_CONSENSUS_IDS(F)                                                               \
    F(U8, phase, 0)                                                                                \
    F(U64, view, 0)                                                                                \
    F(U64, height, 0) F(BYTES, digest, 32) F(AUTH, auth, 0) F(BLOB, body, 0) F(BLOB, ids, 0)
/* Sent by no role: what stands in the place of a message that an adversary garbled. */
#define EHR_MESSAGE_GARBLED(F) F(BLOB, bytes, 0)
/* Posts of the workload: never on a network. */
#define EHR_MESSAGE_BEGIN_ENROL(F) F(U64, request, 0)
#define EHR_MESSAGE_BEGIN_VISIT(F)                                                                 \
    F(U64, request, 0) F(U32, patient, 0) F(U32, record, 0) F(U8, emergency, 0)
#define EHR_MESSAGE_BEGIN_RETRIEVE(F) F(U64, request, 0) F(U32, visit, 0) F(U32, record, 0)
#define EHR_MESSAGE_BEGIN_SHARE(F)                                                                 \
    F(U64, request, 0) F(U32, patient, 0) F(U32, visit, 0) F(U32, record, 0)
#define EHR_MESSAGE_BEGIN_REVOKE(F) F(U64, request, 0) F(BYTES, grant_id, 32)
#define EHR_MESSAGE_BEGIN_BATCH(F)                                                                 \
    F(U64, request, 0)                                                                             \
    F(U32, patient, 0) F(U32, visit, 0) F(U32, record, 0) F(U8, wanted, 0)
#define EHR_MESSAGE_BEGIN_ORDER(F) F(U64, request, 0)
#define EHR_MESSAGE_ENDED(F)                                                                       \
    F(U64, request, 0) F(U8, status, 0) F(U32, patient, 0) F(BYTES, grant_id, 32)

/* M(NAME, name, tag, meaning): tags are explicit, retired ones are never used again. */
#define EHR_MESSAGES(M)                                                                            \
    M(ENROL, enrol, 1, "patient -> hospital: public keys V|O|C|F for a card")                      \
    M(CARD, card, 2, "hospital -> patient: secret number m sealed to C, card certificate")         \
    M(CARD_ASK, card_ask, 3, "doctor -> patient: nonce, certificates, index key of the epoch")     \
    M(CARD_SHOW, card_show, 4, "patient -> doctor: card and ownership proof, sealed")              \
    M(CARD_CHECK, card_check, 5, "doctor -> hospital: is this card one of yours and valid?")       \
    M(CARD_STATUS, card_status, 6, "hospital -> doctor: answer to CARD_CHECK")                     \
    M(DRAFT, draft, 7, "doctor -> patient: pseudonym, labels, sealed record, to be checked")       \
    M(TOKEN, token, 8, "patient -> doctor: visit token over the transaction body")                 \
    M(STORE, store, 9, "doctor -> hospital: ciphertext to keep")                                   \
    M(STORE_ACK, store_ack, 10, "hospital -> doctor: signed acknowledgement")                      \
    M(SUBMIT, submit, 11, "client -> chain node: transaction to order")                            \
    M(REPLY, reply, 12, "chain node -> client: executed, or refused (then signed)")                \
    M(CONSENSUS, consensus, 13, "replica -> replica: message of the engine")                       \
    M(BLOCK_SIGN, block_sign, 14, "chain node -> hospital or peers: block certificate share")      \
    M(BODY_GET, body_get, 15, "hospital -> private node: transactions of a block, please")         \
    M(BODY, body, 16, "private node -> hospital: the block")                                       \
    M(RECEIPT, receipt, 17, "hospital -> patient: P|E|Q|txid of a shared visit")                   \
    M(QUERY, query, 18, "patient -> alliance node: trapdoors, sealed to the node")                 \
    M(ANSWER, answer, 19, "alliance node -> patient: signed hits with proofs")                     \
    M(FETCH, fetch, 20, "patient -> alliance node: a record, with ownership proof under P")        \
    M(LOCATE, locate, 21, "alliance node -> private node: private part of a leaf")                 \
    M(LOCATED, located, 22, "private node -> alliance node: doctor, ct_hash, evidence")            \
    M(COMPARE, compare, 23, "alliance node -> hospital: compare ct_hash, then release")            \
    M(RELEASE, release, 24, "hospital -> alliance node: ciphertext or head, or a refusal")         \
    M(RECORD, record, 25, "alliance node -> patient: ciphertext, or a refusal")                    \
    M(ACCESS_ASK, access_ask, 26, "data user -> patient: request for consent")                     \
    M(ACCESS_REPLY, access_reply, 27, "patient -> data user: the ordered grant, or a refusal")     \
    M(ACCESS, access, 28, "data user -> proxy: signed access request under a grant")               \
    M(SHARE, share, 29, "proxy -> data user: re-encrypted share, or a refusal")                    \
    M(COMPLAINT, complaint, 30, "node -> alliance nodes: a hospital's ciphertext is altered")      \
    M(BATCH_ASK, batch_ask, 31, "data user -> patient: request for consent to several visits")     \
    M(BATCH_REPLY, batch_reply, 32, "patient -> data user: the ordered grants, a status each")     \
    M(REPLY_ITEMS, reply_items, 33, "chain node -> client: outcomes inside a batch, beside REPLY") \
    M(ACCESS_REPLY_SCOPED, access_reply_scoped, 34, "patient -> data user: grant and trapdoor")    \
    M(ACCESS_SCOPED, access_scoped, 35,                                                            \
      "data user -> proxy: access request that shows a trapdoor")                                  \
    M(EMERGENCY_ASK, emergency_ask, 36, "doctor -> hospital: keys of a patient who shows no card") \
    M(EMERGENCY_KEYS, emergency_keys, 37, "hospital -> doctor: public keys V|O|C|F, or a refusal") \
    M(COSIGN_ASK, cosign_ask, 38, "doctor -> second doctor: terms of an emergency record")         \
    M(COSIGNED, cosigned, 39, "second doctor -> doctor: signature in the patient's place")         \
    M(AUDIT, audit, 40, "hospital -> patient: receipt of an emergency record, and who wrote it")   \
    M(SYNC_ASK, sync_ask, 41, "replica -> replica: blocks above a height, please")                 \
    M(SYNC_BLOCKS, sync_blocks, 42, "replica -> replica: blocks, outcomes, certificates")          \
    M(SYNC_HASH_ASK, sync_hash_ask, 43, "replica -> replica: which block stands at a height?")     \
    M(SYNC_HASH, sync_hash, 44, "replica -> replica: the hash of the block at a height")           \
    M(TX_GET, tx_get, 45, "replica -> replica: bodies of a block that it lacks, u32 positions")    \
    M(TX_BODY, tx_body, 46, "replica -> replica: one of them")                                     \
    M(RECEIPT_ACK, receipt_ack, 47, "patient -> hospital: the receipt, or audit, is there")        \
    M(CONSENSUS_IDS, consensus_ids, 50,                                                            \
      "replica -> replica: message of the engine, ids in the place of transactions")               \
    M(GARBLED, garbled, 51, "adversary of a program -> anybody: bytes that are no message")        \
    M(BEGIN_ENROL, begin_enrol, 64, "workload -> patient: register")                               \
    M(BEGIN_VISIT, begin_visit, 65, "workload -> doctor: a patient walks in")                      \
    M(BEGIN_RETRIEVE, begin_retrieve, 66, "workload -> patient: fetch a record")                   \
    M(BEGIN_SHARE, begin_share, 67, "workload -> data user: ask for a record")                     \
    M(BEGIN_REVOKE, begin_revoke, 68, "workload -> patient: withdraw a grant")                     \
    M(ENDED, ended, 69, "role -> workload: a request ended")                                       \
    M(BEGIN_BATCH, begin_batch, 70, "workload -> data user: ask for several records of a patient") \
    M(BEGIN_ORDER, begin_order, 71, "workload -> client: have a raw request ordered")

enum ehr_message_type {
    EHR_MESSAGE_INVALID = 0,
#define EHR_MESSAGE_ENUM(NAME, name, tag, meaning) EHR_MSG_##NAME = tag,
    EHR_MESSAGES(EHR_MESSAGE_ENUM)
#undef EHR_MESSAGE_ENUM
        EHR_MESSAGE_TYPES = 72, /* every tag is below this */
};

/* Head of every message. `size` is the length of the canonical encoding in bytes. */
struct ehr_message {
    uint32_t references;
    uint16_t type; /* enum ehr_message_type */
    uint16_t pool; /* size class of the allocator */
    uint64_t size;
};

#define EHR_FIELD_U8(name, n)    uint8_t name;
#define EHR_FIELD_U16(name, n)   uint16_t name;
#define EHR_FIELD_U32(name, n)   uint32_t name;
#define EHR_FIELD_U64(name, n)   uint64_t name;
#define EHR_FIELD_BYTES(name, n) uint8_t name[n];
#define EHR_FIELD_SIG(name, n)                                                                     \
    uint8_t has_##name;                                                                            \
    uint8_t name[n];
#define EHR_FIELD_AUTH(name, n)         struct ehr_auth name;
#define EHR_FIELD_BLOB(name, n)         struct ehr_blob *name;
#define EHR_FIELD_TX(name, n)           struct ehr_tx *name;
#define EHR_FIELD_BLOCKS(name, n)       struct ehr_block_list *name;
#define EHR_FIELD_MEMBER(kind, name, n) EHR_FIELD_##kind(name, n)
#define EHR_MESSAGE_STRUCT(NAME, name, tag, meaning)                                               \
    struct ehr_msg_##name {                                                                        \
        struct ehr_message head;                                                                   \
        EHR_MESSAGE_##NAME(EHR_FIELD_MEMBER)                                                       \
    };
/* clang-format off */
EHR_MESSAGES(EHR_MESSAGE_STRUCT)
/* clang-format on */

/* How an answer ends; the refusals of protocol.md. OK is 1. */
#define EHR_REPLIES(R)                                                                             \
    R(OK, "done")                                                                                  \
    R(BAD_EVIDENCE, "a signature of the evidence is wrong")                                        \
    R(UNKNOWN_DOCTOR, "no valid certificate of this hospital")                                     \
    R(REVOKED_DOCTOR, "the doctor's certificate is revoked")                                       \
    R(REUSED_PSEUDONYM, "the pseudonym is already on the chain")                                   \
    R(REUSED_LABEL, "an index label is already on the chain")                                      \
    R(WRONG_CARD, "the card is not valid here, or not the bearer's")                               \
    R(BAD_DRAFT, "the draft does not decrypt or its labels are wrong")                             \
    R(TAMPERED, "the ciphertext does not match its hash")                                          \
    R(FOREIGN_TRAPDOOR, "the record does not belong to the asking patient")                        \
    R(QUERY_REPLAY, "the query was seen before")                                                   \
    R(QUERY_EXPIRED, "the query's expiry height has passed or is too far")                         \
    R(NOT_FOUND, "nothing found")                                                                  \
    R(BEHIND, "the node has not reached the height asked for")                                     \
    R(NO_GRANT, "no such grant on the chain")                                                      \
    R(EXPIRED_GRANT, "the grant is outside its heights")                                           \
    R(REVOKED_GRANT, "the grant was revoked")                                                      \
    R(BAD_GRANT, "the grant does not verify or is not for this data user")                         \
    R(TOO_FEW_SHARES, "fewer than t proxies gave a valid share")                                   \
    R(FORGED_SHARE, "a share is forged")                                                           \
    R(STALE_COMMITTEE, "the grant is for another committee")                                       \
    R(WRONG_MERKLE_PATH, "leaf and path do not give the anchored root")                            \
    R(WRONG_CERTIFICATE, "a certificate or certificate quorum is not valid")                       \
    R(NO_HEADER, "the private block is not anchored")                                              \
    R(FORK_PROOF, "two certified headers at one height")                                           \
    R(SUSPENDED, "the hospital is suspended")                                                      \
    R(CONSENT_DENIED, "the patient does not consent")                                              \
    R(CONSENT_TIMEOUT, "no answer of the patient in time")                                         \
    R(HOSPITAL_UNREACHABLE, "the hospital server does not answer")                                 \
    R(PATIENT_OFFLINE, "the patient's device does not answer")                                     \
    R(NODE_UNREACHABLE, "no chain node answers")                                                   \
    R(RECORD_MISMATCH, "the opened record is not the original")                                    \
    R(MALFORMED, "the message or transaction is malformed")                                        \
    R(DUPLICATE, "already done; nothing changed")                                                  \
    R(REVOKED_CERTIFICATE, "the certificate of a hospital or data user is revoked")                \
    R(OUT_OF_SCOPE, "no keyword of the grant's scope indexes the visit")                           \
    R(EMERGENCY_LIMIT, "too many emergencies of this doctor within an hour")                       \
    R(QUERY_UNLOGGED, "the query's commitments are not on the chain")

enum ehr_reply {
    EHR_REPLY_INVALID = 0,
#define EHR_REPLY_ENUM(NAME, text) EHR_REPLY_##NAME,
    EHR_REPLIES(EHR_REPLY_ENUM)
#undef EHR_REPLY_ENUM
        EHR_REPLY_COUNT,
};
const char *ehr_reply_name(enum ehr_reply reply); /* "bad_evidence" */
const char *ehr_reply_text(enum ehr_reply reply);

const char *ehr_message_name(uint16_t type); /* "card_ask"; NULL for an unknown tag */

/* A zeroed message of the type with one reference, from the pool; fill it, then seal it: from then
 * on it is immutable and `size` is set. Unref gives back blobs, transactions and blocks. */
struct ehr_message *ehr_message_new(enum ehr_message_type type);
struct ehr_message *ehr_message_seal(struct ehr_message *message);
struct ehr_message *ehr_message_ref(struct ehr_message *message);
void ehr_message_unref(struct ehr_message *message);
/* Typed shorthand: EHR_NEW(card_ask, CARD_ASK) gives a struct ehr_msg_card_ask *. */
#define EHR_NEW(name, NAME)   ((struct ehr_msg_##name *)ehr_message_new(EHR_MSG_##NAME))
#define EHR_AS(name, message) ((const struct ehr_msg_##name *)(message))

/* Canonical encoding: tag u16, then the fields in order. `out` holds message->size bytes. */
void ehr_message_encode(const struct ehr_message *message, uint8_t *out);
/* Decodes exactly `length` bytes; EHR_LEN on anything malformed, trailing or non-canonical. */
EHR_MUST_CHECK enum ehr_status ehr_message_decode(const uint8_t *bytes, size_t length,
                                                  struct ehr_message **out);
/* Messages alive: 0 after a clean run. The second frees the memory of the pool when messages,
 * blobs, transactions and blocks are all gone, else does nothing. */
uint64_t ehr_message_pool_alive(void);
void ehr_message_pool_close(void);

#endif /* EHR_LEDGER_MESSAGE_H */
