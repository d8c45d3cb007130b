/* Results of every fallible function of crypto/ and of what is built on it.
 * Not an errno: one value per class of failure, so that known-answer vectors can name it.
 * Source: crypto.md section 0. */
#ifndef EHR_CRYPTO_STATUS_H
#define EHR_CRYPTO_STATUS_H

/* X(name, text): EHR_<name> takes the next number, from 1. The order is fixed, never reused. */
#define EHR_STATUS_TABLE(X)                                                                        \
    X(OK, "success")                                                                               \
    X(LEN, "malformed encoding: length, magic, version, reserved bits, count, padding or text")    \
    X(POINT, "not an accepted group element")                                                      \
    X(SCALAR, "scalar zero or out of range")                                                       \
    X(SIG, "signature refused")                                                                    \
    X(HASH, "hash differs from the expected one")                                                  \
    X(AEAD, "authenticated decryption failed")                                                     \
    X(KCOM, "key commitment differs")                                                              \
    X(CAPSULE, "capsule equation does not hold")                                                   \
    X(KFRAG, "key fragment refused")                                                               \
    X(CFRAG, "re-encrypted share refused")                                                         \
    X(DUP, "duplicate, or not in strictly ascending order")                                        \
    X(COMBINE, "shares do not combine")                                                            \
    X(POLICY, "role, time, identity, revocation or record does not permit this")                   \
    X(MERKLE, "Merkle path does not lead to the root")                                             \
    X(THRESH, "too few or too many")

/* 0 is invalid, so that zeroed storage never reads as success. */
enum ehr_status {
    EHR_STATUS_INVALID = 0,
#define EHR_STATUS_ENUM(name, text) EHR_##name,
    EHR_STATUS_TABLE(EHR_STATUS_ENUM)
#undef EHR_STATUS_ENUM
};

#define EHR_MUST_CHECK __attribute__((warn_unused_result))

/* Returns from the calling function when `expression` is not EHR_OK. For code that holds neither
 * secrets nor resources at that point. */
#define EHR_TRY(expression)                                                                        \
    do {                                                                                           \
        enum ehr_status ehr_try_status_ = (expression);                                            \
        if (ehr_try_status_ != EHR_OK)                                                             \
            return ehr_try_status_;                                                                \
    } while (0)

/* "OK", "LEN", ...: the code as crypto.md writes it; "INVALID" for every other value. Static. */
const char *ehr_status_name(enum ehr_status status);

/* One line of English about the class of failure. Static. */
const char *ehr_status_text(enum ehr_status status);

#endif /* EHR_CRYPTO_STATUS_H */
