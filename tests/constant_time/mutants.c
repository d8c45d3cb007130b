/* Functions of crypto/ written the leaky way, one to a program (MUTANT): the linker puts each in
 * the place of the real one (-Wl,--wrap), and valgrind must report it. */
#include <string.h>

#include "crypto/group.h"
#include "crypto/index.h"
#include "crypto/random.h"

#define COMPARE 1 /* ehr_equal: stops at the first difference, as memcmp may */
#define CHECK   2 /* ehr_scalar_check: stops at the first byte that decides */
#define TABLE   3 /* ehr_scalar_mul: looks up a table at a secret byte */
#define SHUFFLE 4 /* ehr_index_labels_pack: exchanges at a secret place */

#if MUTANT == COMPARE
int __wrap_ehr_equal(const void *a, const void *b, size_t length);
int __wrap_ehr_equal(const void *a, const void *b, size_t length)
{
    const uint8_t *left = a, *right = b;
    for (size_t i = 0; i < length; i++)
        if (left[i] != right[i])
            return 0;
    return 1;
}
#elif MUTANT == CHECK
enum ehr_status __wrap_ehr_scalar_check(const uint8_t bytes[32]);
enum ehr_status __wrap_ehr_scalar_check(const uint8_t bytes[32])
{
    for (unsigned i = 32; i-- > 0;)
        if (bytes[i] != 0)
            return bytes[31] <= 0x10 ? EHR_OK : EHR_SCALAR;
    return EHR_SCALAR;
}
#elif MUTANT == TABLE
void __real_ehr_scalar_mul(struct ehr_scalar *out, const struct ehr_scalar *a,
                           const struct ehr_scalar *b);
void __wrap_ehr_scalar_mul(struct ehr_scalar *out, const struct ehr_scalar *a,
                           const struct ehr_scalar *b);
void __wrap_ehr_scalar_mul(struct ehr_scalar *out, const struct ehr_scalar *a,
                           const struct ehr_scalar *b)
{
    static volatile uint8_t table[256];
    uint8_t looked_up = table[b->bytes[0]];
    __real_ehr_scalar_mul(out, a, b);
    out->bytes[0] ^= looked_up; /* 0 */
}
#elif MUTANT == SHUFFLE
enum ehr_status __wrap_ehr_index_labels_pack(uint8_t *packed, size_t nkw, const uint8_t *labels,
                                             size_t count, struct ehr_rng *rng);
enum ehr_status __wrap_ehr_index_labels_pack(uint8_t *packed, size_t nkw, const uint8_t *labels,
                                             size_t count, struct ehr_rng *rng)
{
    memcpy(packed, labels, 16 * count);
    ehr_rng_fill(rng, packed + 16 * count, 16 * (nkw - count));
    for (size_t i = nkw; i-- > 1;) {
        uint8_t bytes[8], held[16];
        ehr_rng_fill(rng, bytes, sizeof bytes);
        uint8_t *other = packed + 16 * (size_t)(ehr_le64_get(bytes) % (i + 1));
        memcpy(held, packed + 16 * i, 16);
        memmove(packed + 16 * i, other, 16);
        memcpy(other, held, 16);
    }
    return EHR_OK;
}
#else
#error "MUTANT names none of them"
#endif
