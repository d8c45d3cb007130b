/* ehr_vectors DIR: compares the library with every known-answer vector of a directory. */
#include <stdio.h>

#include "crypto/random.h"
#include "tests/vectors/harness.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: ehr_vectors DIRECTORY\n");
        return 2;
    }
    ehr_crypto_init();
    return ehr_vectors_run(argv[1]);
}
