/* A model of the group and of Ed25519 that anybody can break: for the speed of simulations.
 * Not cryptography, and in a library of its own (ehr_crypto_modelled), so that a deployment cannot
 * come to link it. Source: crypto.md; docs/decisions/0008-modelled-group.md.
 *
 * Why it is unsafe. A group element is its own discrete logarithm modulo l: the public key of x is
 * x, so every secret key, shared secret and record key can be read from what is public. A signature
 * in the place of Ed25519's is a hash of public key and message, which anybody can compute.
 *
 * What is the same as with ehr_group_sodium:
 * - the group is cyclic of the same order l, so every equation between honest values holds or fails
 *   alike, and whatever is altered without knowledge of the model's weakness is refused alike;
 * - scalars, hashes, key derivation, ciphers, the generator: how much is drawn, and in which order;
 * - sizes of all encodings; 0^32 and every encoding with bit 255 are no points, nor is the identity
 *   a result.
 * What is not:
 * - the values of points and of what is hashed from them: keys, signatures, identifiers, labels;
 * - which other 32 bytes are a point: here the numbers from 1 to l-1, one in 16 of all as there. An
 *   encoding altered at random is refused in both, but where one finds no point (EHR_POINT) the
 *   other may find a point that does not fit (the status of the equation: EHR_SIG, EHR_CAPSULE,
 *   EHR_AEAD, ..);
 * - Ed25519's own corner cases (small-order keys, a second encoding of S): here any other byte is
 *   another signature, and refused. */
#ifndef EHR_CRYPTO_MODELLED_H
#define EHR_CRYPTO_MODELLED_H

#include "crypto/group.h"

/* For ehr_group_provider_set, before any key is made. Some tenths of a microsecond an operation. */
extern const struct ehr_group_provider ehr_group_modelled_unsafe;

#endif /* EHR_CRYPTO_MODELLED_H */
