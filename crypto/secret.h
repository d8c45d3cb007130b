/* Marks the points where a value that was computed from secrets becomes public by design.
 * Not a protection: in a normal build these functions do nothing. In the build that
 * tests/constant_time makes of crypto/ (EHR_CONSTANT_TIME), secrets are uninitialised memory to
 * valgrind, which reports every branch and every address that depends on them; what is marked here
 * is taken out of that. Each use says why the value is public. */
#ifndef EHR_CRYPTO_SECRET_H
#define EHR_CRYPTO_SECRET_H

#include <stddef.h>

#ifdef EHR_CONSTANT_TIME
#include <valgrind/memcheck.h>
#endif

/* The bytes are public from here on. */
static inline void ehr_declassify(const void *data, size_t length)
{
#ifdef EHR_CONSTANT_TIME
    (void)VALGRIND_MAKE_MEM_DEFINED(data, length);
#else
    (void)data;
    (void)length;
#endif
}

/* The same for a value: an answer on which callers branch. */
static inline int ehr_public_int(int value)
{
    ehr_declassify(&value, sizeof value);
    return value;
}

#endif /* EHR_CRYPTO_SECRET_H */
