/* What the attacks share: outcomes, the parties that are attacked, a vocabulary to guess from.
 * Every case runs an attack against the library itself and prints what came of it, with numbers;
 * and it runs the same attacker where it must succeed, so that a failure means something. An
 * outcome is fixed: every generator is seeded by the case's name. */
#ifndef EHR_TESTS_ATTACK_H
#define EHR_TESTS_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/combine.h"
#include "crypto/drbg.h"
#include "crypto/grant.h"
#include "crypto/index.h"
#include "crypto/pseudonym.h"
#include "crypto/record.h"
#include "crypto/reencrypt.h"
#include "crypto/sign.h"

/* ---- outcomes ---- */

/* Ends the program, exit 2: the scene could not be set. */
void must(enum ehr_status status);

/* Counts and prints a failure unless `condition`; goes on. */
void expect(bool condition, const char *text);
void expect_status(enum ehr_status found, enum ehr_status wanted, const char *text);

/* One sentence of the outcome, with its line break. */
void outcome(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- the parties ---- */

enum {
    ATTACK_NODES = 4,
    ATTACK_THRESHOLD = 3,
    ATTACK_USERS = 2,
    ATTACK_EPOCH = 1,
    ATTACK_HEIGHT = 150, /* inside the window of every grant below */
    ATTACK_SEALED = 256 + EHR_RECORD_OVERHEAD_BYTES,
};

struct party {
    struct ehr_drbg drbg;
    uint8_t hid[32], other_hid[32], doctor_id[32], node_ids[32 * ATTACK_NODES];
    uint8_t user_ids[32 * ATTACK_USERS], node_keys[32 * ATTACK_NODES];
    struct ehr_sign_key doctor, nodes_sign[ATTACK_NODES];
    struct ehr_dh_key w, nodes[ATTACK_NODES], users[ATTACK_USERS];
    struct ehr_patient_keys patient;
};

void party_open(struct party *party, const char *name);
struct ehr_rng *party_rng(struct party *party);

/* A visit of the patient with its record, and what a doctor that does not erase would keep. */
struct visit {
    struct ehr_pseudonym pseudonym;
    struct ehr_record_visit of; /* P, Q, hid */
    struct ehr_visit_keys keys;
    struct ehr_scalar s, s_enc; /* P = O + sB, Q = C + s_enc B */
    uint8_t sealed[ATTACK_SEALED];
    uint8_t body_hash[32], ct_hash[32];
};

void visit_make(struct party *party, struct visit *visit, const char *text);
/* Whether q opens the record and what comes out is `text`. */
bool visit_opens(const struct visit *visit, const struct ehr_scalar *q, const char *text);

/* A grant of the visit to data user number `user`, heights 100 to 200. */
struct sharing {
    const struct visit *visit;
    size_t user;
    uint8_t bytes[EHR_GRANT_BYTES(ATTACK_NODES)];
    struct ehr_grant_verified grant;
    struct ehr_record_head head;
    uint8_t cfrags[ATTACK_NODES][EHR_CFRAG_BYTES];
    uint8_t sigs[ATTACK_NODES][64];
};

void sharing_grant(struct party *party, struct sharing *sharing, const struct visit *visit,
                   size_t user, struct ehr_rng *rng);
/* Share of node i, signed for blame, as `grant` and the node's fragment of it allow. */
enum ehr_status sharing_reencrypt(struct party *party, const struct sharing *sharing, size_t node,
                                  const struct ehr_grant_verified *grant, uint64_t height,
                                  uint8_t cfrag[EHR_CFRAG_BYTES]);
/* The grant and all shares. */
void sharing_make(struct party *party, struct sharing *sharing, const struct visit *visit,
                  size_t user);
/* What `data_user` gets of the first three shares. */
enum ehr_status sharing_open(const struct sharing *sharing, const struct ehr_dh_key *data_user,
                             const char *text, uint32_t *faulty);

/* ---- guessing ---- */

enum { ATTACK_WORDS = 5000 };

/* kw of word 0 .. ATTACK_WORDS-1: codes like "icd10:k07.3". */
void word_hash(uint8_t kw[32], unsigned word);
void word_text(char text[16], unsigned word);

/* Hands out the same bytes again and again: a generator after its state was rolled back. */
struct stuck_rng {
    struct ehr_rng rng;
};
void stuck_open(struct stuck_rng *rng);

/* x = (z1 - z2) / (e1 - e2): the secret behind two responses to different challenges under one
 * nonce. False where the challenges are the same. */
bool nonce_attack(struct ehr_scalar *x, const uint8_t z1[32], const uint8_t e1[32],
                  const uint8_t z2[32], const uint8_t e2[32]);

#endif /* EHR_TESTS_ATTACK_H */
