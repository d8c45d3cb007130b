/* Starts crypto/, then draws from the system's randomness in the way its argument names: what
 * watch_randomness.c must stop. Exit 0 after the draw, 2 for an unknown way. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/random.h"

static int from_file(const char *path)
{
    unsigned char byte;
    int file = open(path, O_RDONLY);
    if (file < 0)
        return 1;
    int failed = read(file, &byte, 1) != 1;
    close(file);
    return failed;
}

static int from_stream(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 1;
    int failed = fgetc(file) == EOF;
    fclose(file);
    return failed;
}

int main(int argc, char **argv)
{
    unsigned char bytes[16];
    const char *way = argc == 2 ? argv[1] : "";
    ehr_crypto_init();
    if (strcmp(way, "none") == 0)
        return 0;
    if (strcmp(way, "getrandom") == 0)
        return getrandom(bytes, sizeof bytes, 0) != sizeof bytes;
    if (strcmp(way, "getentropy") == 0)
        return getentropy(bytes, sizeof bytes) != 0;
    if (strcmp(way, "syscall") == 0)
        return syscall(SYS_getrandom, bytes, sizeof bytes, 0) != sizeof bytes;
    if (strcmp(way, "/dev/urandom") == 0)
        return from_file(way);
    if (strcmp(way, "/dev/random") == 0)
        return from_stream(way);
    return 2;
}
