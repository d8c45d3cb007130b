/* Which visits are of one patient? With what stands on the chain, and the patients' public keys,
 * which doctors know, nobody can tell; the patient's v tells at once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "tests/attacks/attack.h"
#include "tests/attacks/cases.h"

enum {
    PATIENTS = 8,
    PER_PATIENT = 20,
    VISITS = PATIENTS * PER_PATIENT,
    SAME = PATIENTS * PER_PATIENT * (PER_PATIENT - 1) / 2, /* pairs of visits of one patient */
    PAIRS = 2 * SAME,                                      /* and as many of two */
    LABELS = 8,
    SCORES = 6,
};

/* A visit as it stands on the chain. */
struct seen {
    struct ehr_pseudonym pseudonym;
    uint8_t bytes[EHR_PSEUDONYM_BYTES], labels[16 * LABELS];
    struct ehr_point P_Q; /* P - Q */
};

static struct scene {
    struct party party;
    struct ehr_patient_keys patients[PATIENTS];
    struct seen visits[VISITS]; /* of patient i % PATIENTS */
} scene;

/* Straw men of the positive controls. */
enum straw { STRAW_NONE, STRAW_PUBLIC_Z, STRAW_ONE_MASK, STRAW_SAME_LABELS };

/* P = O + Hs(Z..)B with Z = V, which everyone knows: no Diffie-Hellman with the ephemeral key. */
static void public_pseudonym(struct ehr_pseudonym *out, const struct ehr_patient_public *patient,
                             const uint8_t hid[32], struct ehr_rng *rng)
{
    struct ehr_dh_key e;
    struct ehr_scalar s;
    struct ehr_point sB;
    const struct ehr_point *V = &patient->V;
    must(ehr_dh_key_make(&e, rng));
    out->E = e.public;
    must(EHR_HASH_SCALAR(&s, "ps-own", EHR_G(V), EHR_G(&out->E), EHR_G(V), EHR_G(&patient->O),
                         EHR_H(hid)));
    must(ehr_point_mul_base(&sB, &s));
    must(ehr_point_add(&out->P, &patient->O, &sB));
    must(EHR_HASH_SCALAR(&s, "ps-enc", EHR_G(V), EHR_G(&out->E), EHR_G(V), EHR_G(&patient->C),
                         EHR_H(hid)));
    must(ehr_point_mul_base(&sB, &s));
    must(ehr_point_add(&out->Q, &patient->C, &sB));
}

/* P = O + sB, Q = C + sB with one s for both: P - Q is O - C, and P1 - P2 is Q1 - Q2. */
static void one_mask_pseudonym(struct ehr_pseudonym *out, const struct ehr_patient_public *patient,
                               struct ehr_rng *rng)
{
    struct ehr_dh_key e, s;
    must(ehr_dh_key_make(&e, rng));
    must(ehr_dh_key_make(&s, rng));
    out->E = e.public;
    must(ehr_point_add(&out->P, &patient->O, &s.public));
    must(ehr_point_add(&out->Q, &patient->C, &s.public));
}

static void visit_see(struct seen *seen, unsigned i, enum straw straw)
{
    const struct ehr_patient_keys *patient = &scene.patients[i % PATIENTS];
    struct party *party = &scene.party;
    uint8_t K[32], kw[32], T[32], labels[16 * 3];
    if (straw == STRAW_PUBLIC_Z)
        public_pseudonym(&seen->pseudonym, &patient->public, party->hid, party_rng(party));
    else if (straw == STRAW_ONE_MASK)
        one_mask_pseudonym(&seen->pseudonym, &patient->public, party_rng(party));
    else
        must(ehr_pseudonym_make(&seen->pseudonym, &patient->public, party->hid, party_rng(party)));
    ehr_pseudonym_encode(seen->bytes, &seen->pseudonym);
    must(ehr_point_sub(&seen->P_Q, &seen->pseudonym.P, &seen->pseudonym.Q));
    must(ehr_index_key_doctor(K, &party->w, patient->public.F.bytes));
    for (uint32_t k = 0; k < 3; k++) { /* every patient has the same words at every visit */
        word_hash(kw, k);
        ehr_index_trapdoor(T, K, ATTACK_EPOCH, kw);
        ehr_index_label(labels + 16 * k, T, straw == STRAW_SAME_LABELS ? 0 : i / PATIENTS);
    }
    must(ehr_index_labels_pack(seen->labels, LABELS, labels, 3, party_rng(party)));
}

static void scene_set(enum straw straw)
{
    party_open(&scene.party, "linking");
    for (unsigned i = 0; i < PATIENTS; i++) {
        uint8_t seed[32];
        ehr_rng_fill(party_rng(&scene.party), seed, 32);
        must(ehr_patient_keys_derive(&scene.patients[i], seed));
    }
    for (unsigned i = 0; i < VISITS; i++)
        visit_see(&scene.visits[i], i, straw);
}

/* ---- scores of a pair: the higher, the more alike ---- */

static double alike(const uint8_t *a, const uint8_t *b, size_t length)
{
    unsigned differing = 0;
    for (size_t i = 0; i < length; i++)
        for (unsigned bits = a[i] ^ b[i]; bits != 0; bits &= bits - 1)
            differing++;
    return -(double)differing;
}

static double difference_alike(const struct ehr_point *a, const struct ehr_point *b,
                               const struct ehr_point *c, const struct ehr_point *d)
{
    struct ehr_point left, right;
    must(ehr_point_sub(&left, a, b));
    must(ehr_point_sub(&right, c, d));
    return alike(left.bytes, right.bytes, 32);
}

static const char *const score_names[SCORES] = {"P",     "E", "Q", "P - Q", "P1 - P2 and Q1 - Q2",
                                                "labels"};

static void pair_score(double score[SCORES], const struct seen *a, const struct seen *b)
{
    double common = 0;
    for (size_t i = 0; i < LABELS; i++)
        for (size_t k = 0; k < LABELS; k++)
            common += memcmp(a->labels + 16 * i, b->labels + 16 * k, 16) == 0;
    score[0] = alike(a->bytes, b->bytes, 32);
    score[1] = alike(a->bytes + 32, b->bytes + 32, 32);
    score[2] = alike(a->bytes + 64, b->bytes + 64, 32);
    score[3] = alike(a->P_Q.bytes, b->P_Q.bytes, 32);
    score[4] = difference_alike(&a->pseudonym.P, &b->pseudonym.P, &a->pseudonym.Q, &b->pseudonym.Q);
    score[5] = common;
}

struct scored {
    double score;
    bool same;
};

static int score_order(const void *a, const void *b)
{
    double x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
    return (x > y) - (x < y);
}

/* |2 AUC - 1|: 0 where the score says nothing, 1 where it tells the pairs apart. */
static double advantage(struct scored *pairs)
{
    double ranks = 0;
    qsort(pairs, PAIRS, sizeof *pairs, score_order);
    for (size_t i = 0; i < PAIRS;) {
        size_t end = i;
        while (end < PAIRS && pairs[end].score >= pairs[i].score &&
               pairs[end].score <= pairs[i].score)
            end++;
        for (size_t k = i; k < end; k++) /* ties share their rank */
            ranks += pairs[k].same ? ((double)(i + end) + 1) / 2 : 0;
        i = end;
    }
    const double same = SAME;
    double auc = (ranks - same * (same + 1) / 2) / (same * same);
    return fabs(2 * auc - 1);
}

static void advantages(double out[SCORES])
{
    static struct scored pairs[SCORES][PAIRS];
    size_t same = 0, different = 0;
    for (unsigned gap = 1; gap < VISITS; gap++) {
        for (unsigned i = 0; i + gap < VISITS; i++) {
            bool is_same = gap % PATIENTS == 0;
            if (!is_same && different == SAME)
                continue;
            double score[SCORES];
            pair_score(score, &scene.visits[i], &scene.visits[i + gap]);
            size_t at = is_same ? same++ : SAME + different++;
            for (size_t k = 0; k < SCORES; k++)
                pairs[k][at] = (struct scored){score[k], is_same};
        }
    }
    expect(same == SAME && different == SAME, "as many pairs of either kind");
    for (size_t k = 0; k < SCORES; k++)
        out[k] = advantage(pairs[k]);
}

/* ---- from public keys: is P = O + Hs(Z..)B for a Z that can be made? ---- */

static bool fits(const struct seen *seen, const struct ehr_patient_public *patient,
                 const struct ehr_point *Z)
{
    struct ehr_scalar s;
    struct ehr_point sB;
    must(EHR_HASH_SCALAR(&s, "ps-own", EHR_G(Z), EHR_G(&seen->pseudonym.E), EHR_G(&patient->V),
                         EHR_G(&patient->O), EHR_H(scene.party.hid)));
    must(ehr_point_mul_base(&sB, &s));
    must(ehr_point_add(&sB, &patient->O, &sB));
    return ehr_point_equal(&sB, &seen->pseudonym.P);
}

/* Visits given to the right patient by one of the values an attacker can put for Z. */
static size_t assign(size_t *tried)
{
    size_t right = 0;
    *tried = 0;
    for (unsigned i = 0; i < VISITS; i++) {
        const struct seen *seen = &scene.visits[i];
        for (unsigned k = 0; k < PATIENTS; k++) {
            const struct ehr_patient_public *patient = &scene.patients[k].public;
            struct ehr_point sum, difference;
            must(ehr_point_add(&sum, &seen->pseudonym.E, &patient->V));
            must(ehr_point_sub(&difference, &seen->pseudonym.P, &patient->O));
            const struct ehr_point *guesses[] = {
                &patient->V,        &patient->O, &patient->C, &patient->F,  &seen->pseudonym.E,
                &seen->pseudonym.P, &sum,        &difference, ehr_group_u()};
            for (size_t z = 0; z < sizeof guesses / sizeof *guesses; z++) {
                right += fits(seen, patient, guesses[z]) && k == i % PATIENTS;
                ++*tried;
            }
        }
    }
    return right;
}

/* Visits that each patient finds to be its own, with v. */
static size_t detect(size_t *wrong)
{
    size_t right = 0;
    *wrong = 0;
    for (unsigned i = 0; i < VISITS; i++) {
        for (unsigned k = 0; k < PATIENTS; k++) {
            struct ehr_visit_keys keys;
            bool hit;
            must(ehr_pseudonym_detect(&keys, &hit, scene.visits[i].bytes, EHR_PSEUDONYM_BYTES,
                                      &scene.patients[k], scene.party.hid));
            right += hit && k == i % PATIENTS;
            *wrong += hit && k != i % PATIENTS;
        }
    }
    return right;
}

void attack_pseudonym_linking(void)
{
    /* Four standard deviations of 2 AUC - 1 where the score says nothing. */
    const double same = SAME;
    double bound = 4 * 2 * sqrt((2 * same + 1) / (12 * same * same));
    double found[SCORES], one_mask[SCORES], same_labels[SCORES], most = 0;
    size_t tried, wrong;
    scene_set(STRAW_NONE);
    advantages(found);
    for (size_t k = 0; k < SCORES; k++) {
        outcome("  likeness of %-20s advantage %.3f", score_names[k], found[k]);
        most = found[k] > most ? found[k] : most;
        expect(found[k] < bound, "the score does not tell pairs apart");
    }
    size_t assigned = assign(&tried), detected = detect(&wrong);
    expect(assigned == 0, "no visit is assigned by public keys");
    expect(detected == VISITS && wrong == 0, "with v every visit is linked, and no other");
    outcome("Over %d pairs of visits, half of them of one patient, the best of %d scores had "
            "advantage %.3f (chance: below %.3f); %zu guesses from %d patients' public keys "
            "assigned %zu of %d visits.",
            PAIRS, SCORES, most, bound, tried, PATIENTS, assigned, VISITS);
    outcome("With v, %zu of %d visits were linked, %zu wrongly.", detected, VISITS, wrong);
    scene_set(STRAW_PUBLIC_Z);
    size_t public = assign(&tried);
    scene_set(STRAW_ONE_MASK);
    advantages(one_mask);
    scene_set(STRAW_SAME_LABELS);
    advantages(same_labels);
    expect(public == VISITS, "the same guesses assign every visit where Z is public");
    expect(one_mask[3] > 0.99 && one_mask[4] > 0.99, "differences tell where P and Q share a mask");
    expect(same_labels[5] > 0.99, "the same score tells where labels have no counter");
    outcome("The same attacker assigned %zu of %d visits where Z is public, and had advantage %.3f "
            "by P - Q and %.3f by P1 - P2 where P and Q share a mask, %.3f where labels have no "
            "counter.",
            public, VISITS, one_mask[3], one_mask[4], same_labels[5]);
}
