/* Preloaded into a program (LD_PRELOAD): ends it at the first draw from the system's randomness
 * that comes after the start of crypto/, which is when the aborting generator is installed. Counts
 * the draws before, so that a test sees that it was there. What it cannot see: the processor's own
 * instruction, and what the C library draws for itself (names of temporary files). */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>

#define EXPORT __attribute__((visibility("default")))

static bool started;
static unsigned draws_before;

static void *found_next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

/* A pointer `next` to the function of that name further down: ISO C converts no object pointer. */
#define NEXT(name)                                                                                 \
    __typeof__(&(name)) next;                                                                      \
    void *found = found_next(#name);                                                               \
    memcpy(&next, &found, sizeof next)

static void draw(const char *what)
{
    if (!started) {
        draws_before++;
        return;
    }
    fprintf(stderr, "randomness: %s after the start\n", what);
    abort();
}

static void path_look(const char *path)
{
    if (strcmp(path, "/dev/urandom") == 0 || strcmp(path, "/dev/random") == 0)
        draw(path);
}

__attribute__((destructor)) static void report(void)
{
    if (started)
        fprintf(stderr, "randomness: %u draws before the start, none after\n", draws_before);
}

/* ---- the start: libsodium gets its generator ---- */

EXPORT int randombytes_set_implementation(void *implementation);

int randombytes_set_implementation(void *implementation)
{
    NEXT(randombytes_set_implementation);
    started = true;
    return next(implementation);
}

/* ---- draws ---- */

EXPORT ssize_t getrandom(void *out, size_t length, unsigned flags);
EXPORT int getentropy(void *out, size_t length);
EXPORT uint32_t arc4random(void);
EXPORT void arc4random_buf(void *out, size_t length);
EXPORT uint32_t arc4random_uniform(uint32_t bound);
EXPORT long syscall(long number, ...);

ssize_t getrandom(void *out, size_t length, unsigned flags)
{
    draw("getrandom");
    NEXT(getrandom);
    return next(out, length, flags);
}

int getentropy(void *out, size_t length)
{
    draw("getentropy");
    NEXT(getentropy);
    return next(out, length);
}

uint32_t arc4random(void)
{
    draw("arc4random");
    NEXT(arc4random);
    return next();
}

void arc4random_buf(void *out, size_t length)
{
    draw("arc4random_buf");
    NEXT(arc4random_buf);
    next(out, length);
}

uint32_t arc4random_uniform(uint32_t bound)
{
    draw("arc4random_uniform");
    NEXT(arc4random_uniform);
    return next(bound);
}

long syscall(long number, ...)
{
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (unsigned i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number == SYS_getrandom)
        draw("syscall getrandom");
    NEXT(syscall);
    return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- files ---- */

EXPORT int open(const char *path, int flags, ...);
EXPORT int open64(const char *path, int flags, ...);
EXPORT int openat(int folder, const char *path, int flags, ...);
EXPORT int openat64(int folder, const char *path, int flags, ...);
EXPORT FILE *fopen(const char *path, const char *mode);
EXPORT FILE *fopen64(const char *path, const char *mode);

static mode_t mode_of(int flags, va_list *arguments)
{
    return (flags & O_CREAT) != 0 ? va_arg(*arguments, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = mode_of(flags, &arguments);                                                  \
        va_end(arguments);                                                                         \
        path_look(path);                                                                           \
        NEXT(name);                                                                                \
        return next(path, flags, mode);                                                            \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                               \
    int name(int folder, const char *path, int flags, ...)                                         \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = mode_of(flags, &arguments);                                                  \
        va_end(arguments);                                                                         \
        path_look(path);                                                                           \
        NEXT(name);                                                                                \
        return next(folder, path, flags, mode);                                                    \
    }
OPENAT(openat)
OPENAT(openat64)

FILE *fopen(const char *path, const char *mode)
{
    path_look(path);
    NEXT(fopen);
    return next(path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    path_look(path);
    NEXT(fopen64);
    return next(path, mode);
}
