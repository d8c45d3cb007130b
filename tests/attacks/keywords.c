/* Guessing and searching keywords: by who holds trapdoors, by who sees the chain only, by a doctor.
 * The straw man is an index whose key needs nobody's secret (as in every scheme where anyone may
 * write an entry): K without the Diffie-Hellman value of doctor and patient. */
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "tests/attacks/attack.h"
#include "tests/attacks/cases.h"

enum {
    KEYS_MAX = 12,
    TARGETS = 20, /* trapdoors that the inside attacker is given */
    RECORDS = 40, /* entries on the chain */
    KEYWORDS = 3, /* of every record */
    COUNTERS = 4, /* labels of a word that the outside attacker tries */
};

/* ---- the attacker ---- */

/* Index keys to try: all it can put in the place of DH(w, F) = DH(f, W). */
struct guesser {
    uint8_t K[KEYS_MAX][32];
    size_t keys;
    struct ehr_point W, F;
};

static uint8_t words[ATTACK_WORDS][32]; /* kw of each */

static void words_make(void)
{
    for (unsigned i = 0; i < ATTACK_WORDS; i++)
        word_hash(words[i], i);
}

static void guess_add(struct guesser *g, const struct ehr_point *dh)
{
    EHR_HASH32(g->K[g->keys++], "idx-key", EHR_G(dh), EHR_G(&g->W), EHR_G(&g->F));
}

static void guesser_open(struct guesser *g, const struct ehr_point *W, const struct ehr_point *F,
                         const struct ehr_dh_key *own)
{
    static const struct ehr_scalar one = {{1}};
    struct ehr_point guess;
    memset(g, 0, sizeof *g); /* K[0]: no key at all */
    g->keys = 1;
    g->W = *W;
    g->F = *F;
    EHR_HASH32(g->K[g->keys++], "idx-key", EHR_G(W), EHR_G(F));
    guess_add(g, W);
    guess_add(g, F);
    must(ehr_point_add(&guess, W, F));
    guess_add(g, &guess);
    must(ehr_point_sub(&guess, W, F));
    guess_add(g, &guess);
    must(ehr_point_mul_base(&guess, &one));
    guess_add(g, &guess);
    guess_add(g, ehr_group_u());
    if (own != NULL) { /* a serving node has a sealing key of its own */
        must(ehr_point_mul(&guess, &own->secret, F));
        guess_add(g, &guess);
        must(ehr_point_mul(&guess, &own->secret, W));
        guess_add(g, &guess);
    }
}

/* How many of the trapdoors are recognised, as the words they are of. */
static size_t trapdoors_guess(const struct guesser *g, uint8_t (*targets)[32], const unsigned *word,
                              size_t count, uint32_t epoch)
{
    size_t found = 0;
    for (size_t k = 0; k < g->keys; k++) {
        for (unsigned i = 0; i < ATTACK_WORDS; i++) {
            uint8_t T[32];
            ehr_index_trapdoor(T, g->K[k], epoch, words[i]);
            for (size_t t = 0; t < count; t++)
                found += memcmp(T, targets[t], 32) == 0 && i == word[t];
        }
    }
    return found;
}

/* ---- the chain ---- */

/* Labels on a chain, sorted; a real chain gives nothing more. */
struct chain {
    uint8_t labels[RECORDS * 8][16];
    size_t count;
};

static int label_order(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static bool on_chain(const struct chain *chain, const uint8_t label[16])
{
    return bsearch(label, chain->labels, chain->count, 16, label_order) != NULL;
}

/* Word of keyword k of record i: few words, so that counters rise. */
static unsigned word_of(size_t i, size_t k)
{
    return (unsigned)((i % 10) * 97 + k * 1511) % ATTACK_WORDS;
}

/* Adds the entries of one doctor: K is its index key with the patient. */
static void chain_write(struct chain *chain, struct party *party, const uint8_t K[32],
                        uint32_t epoch, size_t records)
{
    static uint32_t counters[ATTACK_WORDS];
    memset(counters, 0, sizeof counters);
    for (size_t i = 0; i < records; i++) {
        uint8_t labels[16 * KEYWORDS], T[32];
        for (size_t k = 0; k < KEYWORDS; k++) {
            unsigned word = word_of(i, k);
            ehr_index_trapdoor(T, K, epoch, words[word]);
            ehr_index_label(labels + 16 * k, T, counters[word]++);
        }
        must(ehr_index_labels_pack(chain->labels[chain->count], 8, labels, KEYWORDS,
                                   party_rng(party)));
        chain->count += 8;
    }
    qsort(chain->labels, chain->count, 16, label_order);
}

/* What a node does with a trapdoor. */
static size_t search(const struct chain *chain, const uint8_t T[32])
{
    size_t hits = 0;
    for (uint32_t c = 0, gap = 0; gap < EHR_INDEX_GAP; c++) {
        uint8_t label[16];
        ehr_index_label(label, T, c);
        bool hit = on_chain(chain, label);
        hits += hit;
        gap = hit ? 0 : gap + 1;
    }
    return hits;
}

/* Labels on the chain that belong to some word under some key of the attacker's. */
static size_t chain_guess(const struct chain *chain, const struct guesser *g, uint32_t epoch)
{
    size_t found = 0;
    for (size_t k = 0; k < g->keys; k++) {
        for (unsigned i = 0; i < ATTACK_WORDS; i++) {
            uint8_t T[32];
            ehr_index_trapdoor(T, g->K[k], epoch, words[i]);
            for (uint32_t c = 0; c < COUNTERS; c++) {
                uint8_t label[16];
                ehr_index_label(label, T, c);
                found += on_chain(chain, label);
            }
        }
    }
    return found;
}

/* ---- the attacks ---- */

static void index_key(uint8_t K[32], const struct party *party)
{
    must(ehr_index_key_doctor(K, &party->w, party->patient.public.F.bytes));
}

/* The straw man's key: in the place of DH(w, F) something public. */
static void straw_key(uint8_t K[32], const struct party *party)
{
    const struct ehr_point *F = &party->patient.public.F;
    EHR_HASH32(K, "idx-key", EHR_G(F), EHR_G(&party->w.public), EHR_G(F));
}

static void targets_make(uint8_t (*targets)[32], unsigned *word, const uint8_t K[32])
{
    for (size_t t = 0; t < TARGETS; t++) {
        word[t] = (unsigned)(t * 251 + 17) % ATTACK_WORDS;
        ehr_index_trapdoor(targets[t], K, ATTACK_EPOCH, words[word[t]]);
    }
}

void attack_inside_guessing(void)
{
    struct party party;
    struct guesser g;
    uint8_t K[32], targets[TARGETS][32];
    unsigned word[TARGETS];
    party_open(&party, "inside");
    words_make();
    guesser_open(&g, &party.w.public, &party.patient.public.F, &party.nodes[0]);
    index_key(K, &party);
    targets_make(targets, word, K);
    size_t found = trapdoors_guess(&g, targets, word, TARGETS, ATTACK_EPOCH);
    straw_key(K, &party);
    targets_make(targets, word, K);
    size_t straw = trapdoors_guess(&g, targets, word, TARGETS, ATTACK_EPOCH);
    expect(found == 0, "a serving node recognises no trapdoor");
    expect(straw == TARGETS, "the same attacker recognises every trapdoor of the straw man");
    outcome(
        "A serving node with %d trapdoors, the public keys and %d words under %zu index keys of "
        "its making recognised %zu of them.",
        TARGETS, ATTACK_WORDS, g.keys, found);
    outcome(
        "Where the index key holds no secret of the doctor's, the same attack recognised %zu of "
        "%d.",
        straw, TARGETS);
}

void attack_outside_guessing(void)
{
    static struct chain chain, straw_chain;
    struct party party;
    struct guesser g;
    uint8_t K[32];
    party_open(&party, "outside");
    words_make();
    guesser_open(&g, &party.w.public, &party.patient.public.F, NULL);
    index_key(K, &party);
    chain_write(&chain, &party, K, ATTACK_EPOCH, RECORDS);
    size_t found = chain_guess(&chain, &g, ATTACK_EPOCH);
    size_t repeated = 0;
    for (size_t i = 1; i < chain.count; i++)
        repeated += memcmp(chain.labels[i - 1], chain.labels[i], 16) == 0;
    straw_key(K, &party);
    chain_write(&straw_chain, &party, K, ATTACK_EPOCH, RECORDS);
    size_t straw = chain_guess(&straw_chain, &g, ATTACK_EPOCH);
    expect(found == 0, "the chain's labels belong to no word");
    expect(repeated == 0, "no label stands twice: there is no frequency to count");
    expect(straw == RECORDS * KEYWORDS, "the straw man's labels are all recognised");
    outcome(
        "Of %zu labels on the chain (%d of them of 3 keywords each of %d records) %d words x %d "
        "counters under %zu keys recognised %zu; no label stood twice.",
        chain.count, RECORDS * KEYWORDS, RECORDS, ATTACK_WORDS, COUNTERS, g.keys, found);
    outcome("The same attack on the straw man recognised %zu of %d.", straw, RECORDS * KEYWORDS);
}

/* Twice: with the doctor's new index key, and with the old one kept against the rules. */
void attack_old_trapdoor(void)
{
    static struct chain chain;
    struct party party;
    struct ehr_dh_key w_next;
    uint8_t K1[32], K2[32], old[32], new[32], kept[32];
    party_open(&party, "epochs");
    words_make();
    must(ehr_dh_key_make(&w_next, party_rng(&party)));
    index_key(K1, &party);
    must(ehr_index_key_doctor(K2, &w_next, party.patient.public.F.bytes));
    chain_write(&chain, &party, K2, ATTACK_EPOCH + 1, RECORDS);
    size_t old_hits = 0, kept_hits = 0, new_hits = 0;
    for (size_t i = 0; i < 10; i++) {
        const uint8_t *kw = words[word_of(i, 0)];
        ehr_index_trapdoor(old, K1, ATTACK_EPOCH, kw);
        ehr_index_trapdoor(kept, K2, ATTACK_EPOCH, kw);
        ehr_index_trapdoor(new, K2, ATTACK_EPOCH + 1, kw);
        old_hits += search(&chain, old);
        kept_hits += search(&chain, kept);
        new_hits += search(&chain, new);
    }
    expect(old_hits == 0, "trapdoors of the epoch before find nothing");
    expect(kept_hits == 0, "nor do they where the doctor kept its index key");
    expect(new_hits == RECORDS, "trapdoors of the epoch find all");
    outcome(
        "Trapdoors of 10 words from epoch %d found %zu of the %d entries of epoch %d (%zu where "
        "the doctor kept its key); those of epoch %d found %zu.",
        ATTACK_EPOCH, old_hits, RECORDS, ATTACK_EPOCH + 1, kept_hits, ATTACK_EPOCH + 1, new_hits);
}

/* Two doctors write for one patient; the first one guesses. */
void attack_doctor_guesses_own_entries(void)
{
    static struct chain own, other;
    struct party party;
    struct ehr_dh_key w_other;
    struct guesser g = {.keys = 1};
    uint8_t K[32];
    party_open(&party, "doctor guesses");
    words_make();
    must(ehr_dh_key_make(&w_other, party_rng(&party)));
    index_key(g.K[0], &party);
    must(ehr_index_key_doctor(K, &w_other, party.patient.public.F.bytes));
    chain_write(&own, &party, g.K[0], ATTACK_EPOCH, RECORDS);
    chain_write(&other, &party, K, ATTACK_EPOCH, RECORDS);
    size_t of_own = chain_guess(&own, &g, ATTACK_EPOCH);
    size_t of_other = chain_guess(&other, &g, ATTACK_EPOCH);
    expect(of_own == RECORDS * KEYWORDS, "a doctor recognises its own entries: inherent");
    expect(of_other == 0, "and none of another doctor's");
    outcome("Succeeds, and cannot be prevented: with its index key a doctor recognised %zu of %d "
            "keywords of its own entries over %d words; of another doctor's for the same patient "
            "%zu.",
            of_own, RECORDS * KEYWORDS, ATTACK_WORDS, of_other);
}

void attack_doctor_searches(void)
{
    static struct chain chain;
    struct party party;
    struct ehr_dh_key w_other, f = {{{0}}, {{0}}};
    uint8_t mine[32], theirs[32], patients[32], T[32];
    party_open(&party, "doctor searches");
    words_make();
    must(ehr_dh_key_make(&w_other, party_rng(&party)));
    f.secret = party.patient.f;
    f.public = party.patient.public.F;
    index_key(mine, &party);
    must(ehr_index_key_doctor(theirs, &w_other, f.public.bytes));
    must(ehr_index_key_patient(patients, &f, w_other.public.bytes));
    chain_write(&chain, &party, mine, ATTACK_EPOCH, RECORDS / 2);
    chain_write(&chain, &party, theirs, ATTACK_EPOCH, RECORDS / 2);
    size_t own = 0, patient = 0;
    for (size_t i = 0; i < 10; i++) {
        ehr_index_trapdoor(T, mine, ATTACK_EPOCH, words[word_of(i, 0)]);
        own += search(&chain, T);
        ehr_index_trapdoor(T, patients, ATTACK_EPOCH, words[word_of(i, 0)]);
        patient += search(&chain, T);
    }
    expect(own == RECORDS / 2, "a doctor finds the entries it wrote: inherent");
    expect(patient == RECORDS / 2, "the patient finds the other doctor's with its own secret");
    outcome(
        "Succeeds, and cannot be prevented: a doctor found with its own trapdoors %zu of the %d "
        "entries it wrote, and none of the %d of another doctor, of which the patient found "
        "%zu.",
        own, RECORDS / 2, RECORDS / 2, patient);
}
