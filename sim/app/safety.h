/* The global safety checker: stands outside all roles, sees every message and every commit, and
 * says when what must never happen has happened. It repairs nothing and influences nothing.
 * Source: protocol.md, "Accounting". What it holds:
 *   one block per height and chain; a request is executed at most once; what a client was told is
 *   committed is on the chain at the end; no plaintext and no card number in any message. */
#ifndef EHR_APP_SAFETY_H
#define EHR_APP_SAFETY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/contract/chain.h"
#include "sim/ledger/message.h"

enum { EHR_SAFETY_TEXT_BYTES = 256 };

struct ehr_safety;

/* `chains[i]` is chain number i; borrowed. */
struct ehr_safety *ehr_safety_new(const struct ehr_chain *const *chains, uint32_t chain_count);
void ehr_safety_free(struct ehr_safety *safety);

/* A card number (32 bytes) that must not be seen in a message. */
void ehr_safety_card_add(struct ehr_safety *safety, const uint8_t m[32]);

/* A message leaves `from`; a broadcast may be told once per destination. The last one told is kept
 * alive until the next, or until ehr_safety_free. */
void ehr_safety_message(struct ehr_safety *safety, uint32_t from,
                        const struct ehr_message *message);

/* A replica executed `height` of a chain; looked at when it is the first. */
void ehr_safety_commit(struct ehr_safety *safety, uint32_t chain, uint64_t height);
/* The correct replica `other` committed another block there than the chain holds, which `first` was
 * the first to commit. */
void ehr_safety_diverged(struct ehr_safety *safety, const char *chain, uint64_t height,
                         const char *first, const char *other);

/* A client holds the chain's acknowledgement of `height`; a visit was acknowledged as durable, as
 * shared. */
void ehr_safety_acknowledged(struct ehr_safety *safety, uint32_t chain, uint64_t height);
void ehr_safety_durable(struct ehr_safety *safety, uint32_t request);
void ehr_safety_shared(struct ehr_safety *safety, uint32_t request);

/* At the end of a run: nothing that was acknowledged is lost. */
void ehr_safety_finish(struct ehr_safety *safety);

/* What was broken first; NULL while nothing is. */
const char *ehr_safety_broken(const struct ehr_safety *safety);

/* Messages and bytes that were searched for plaintext and card numbers. */
uint64_t ehr_safety_scanned(const struct ehr_safety *safety, uint64_t *bytes);

#endif /* EHR_APP_SAFETY_H */
