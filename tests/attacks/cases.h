/* The attacks by name. Those that cannot be prevented, and succeed, say so in their outcome. */
#ifndef EHR_TESTS_ATTACK_CASES_H
#define EHR_TESTS_ATTACK_CASES_H

#define ATTACK_CASES(X)                                                                            \
    /* keywords.c */                                                                               \
    X(inside_guessing)                                                                             \
    X(outside_guessing)                                                                            \
    X(old_trapdoor)                                                                                \
    X(doctor_guesses_own_entries)                                                                  \
    X(doctor_searches)                                                                             \
    /* pseudonyms.c */                                                                             \
    X(pseudonym_linking)                                                                           \
    /* shares.c */                                                                                 \
    X(share_forgery)                                                                               \
    X(fragment_replay)                                                                             \
    X(edited_expiry)                                                                               \
    X(relabelled_capsule)                                                                          \
    X(collusion)                                                                                   \
    /* rollback.c */                                                                               \
    X(rollback_signatures)                                                                         \
    X(rollback_encapsulations)                                                                     \
    X(rollback_shares)                                                                             \
    X(rollback_boxes)                                                                              \
    X(rollback_pseudonyms)                                                                         \
    X(rollback_grants)                                                                             \
    /* evidence.c */                                                                               \
    X(doctor_signs_for_patient)                                                                    \
    X(related_keys)                                                                                \
    X(phantom_visit)                                                                               \
    X(query_replay)

#define ATTACK_DECLARE(name) void attack_##name(void);
ATTACK_CASES(ATTACK_DECLARE)
#undef ATTACK_DECLARE

#endif /* EHR_TESTS_ATTACK_CASES_H */
