/* What the command says of its words; nothing here reaches SimGrid. */
#include <stdint.h>
#include <string.h>

#include "crypto/sha256.h"
#include "include/ehrgrid.h"
#include "sim/app/command.h"
#include "tests/unit/unit.h"

static int command(const char *a, const char *b, const char *c, const char *d)
{
    char program[] = "ehrgrid", words[4][64];
    char *argv[6] = {program};
    const char *given[4] = {a, b, c, d};
    int argc = 1;
    for (int i = 0; i < 4 && given[i] != NULL; i++, argc++) {
        strcpy(words[i], given[i]);
        argv[argc] = words[i];
    }
    argv[argc] = NULL;
    return ehr_command_main(argc, argv);
}

static void bad_usage_exits_with_2_when_words_are_wrong(void)
{
    CU_ASSERT_EQUAL(command(NULL, NULL, NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("fly", NULL, NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("run", NULL, NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("run", "a.xml", "b.xml", NULL), 2);
    CU_ASSERT_EQUAL(command("run", "a.xml", "--seed", "ten"), 2);
    CU_ASSERT_EQUAL(command("run", "a.xml", "--seed", "18446744073709551616"), 2);
    CU_ASSERT_EQUAL(command("run", "a.xml", "--replication", "4294967296"), 2);
    CU_ASSERT_EQUAL(command("run", "--wings", NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("run", "no-such-file.xml", NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("validate", NULL, NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("validate", "no-such-file.xml", NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("sweep", NULL, NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("sweep", "a.xml", NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("sweep", "a.xml", "-j", "0"), 2);
    CU_ASSERT_EQUAL(command("sweep", "no-such-file.xml", "--out", "no-such-folder"), 2);
    CU_ASSERT_EQUAL(command("expand", "no-such-file.xml", NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("aggregate", NULL, NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("aggregate", "no-such-folder", NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("plot", NULL, NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("plot", "no-such-folder", NULL, NULL), 2);
    CU_ASSERT_EQUAL(command("help", "fly", NULL, NULL), 2);
}

static void help_exits_with_0_when_asked_for(void)
{
    CU_ASSERT_EQUAL(command("--help", NULL, NULL, NULL), 0);
    CU_ASSERT_EQUAL(command("--version", NULL, NULL, NULL), 0);
    CU_ASSERT_EQUAL(command("help", "run", NULL, NULL), 0);
    CU_ASSERT_EQUAL(command("run", "--help", NULL, NULL), 0);
    CU_ASSERT_EQUAL(command("validate", "-h", NULL, NULL), 0);
    CU_ASSERT_EQUAL(command("sweep", "--help", NULL, NULL), 0);
    CU_ASSERT_EQUAL(command("aggregate", "-h", NULL, NULL), 0);
    CU_ASSERT_EQUAL(command("plot", "--help", NULL, NULL), 0);
}

static void numbers_are_read_when_they_fit_in_64_bits(void)
{
    uint64_t number = 5;
    CU_ASSERT_TRUE(ehr_command_number("18446744073709551615", &number));
    CU_ASSERT_EQUAL(number, UINT64_MAX);
    CU_ASSERT_TRUE(ehr_command_number("007", &number));
    CU_ASSERT_EQUAL(number, 7);
    CU_ASSERT_FALSE(ehr_command_number("", &number));
    CU_ASSERT_FALSE(ehr_command_number("-1", &number));
    CU_ASSERT_FALSE(ehr_command_number("1 ", &number));
    CU_ASSERT_EQUAL(number, 7);
}

/* FIPS 180-4 example: SHA-256("abc"); and of the empty text. */
static void sha256_is_the_standard_one_when_compared_with_it(void)
{
    static const uint8_t abc[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                    0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                    0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    static const uint8_t empty[4] = {0xe3, 0xb0, 0xc4, 0x42};
    uint8_t out[EHR_SHA256_BYTES];
    ehr_sha256(out, "abc", 3);
    CU_ASSERT_EQUAL(memcmp(out, abc, 32), 0);
    ehr_sha256(out, NULL, 0);
    CU_ASSERT_EQUAL(memcmp(out, empty, 4), 0);
}

static const struct ehr_unit_case cases[] = {
    {"bad_usage_exits_with_2_when_words_are_wrong", bad_usage_exits_with_2_when_words_are_wrong},
    {"help_exits_with_0_when_asked_for", help_exits_with_0_when_asked_for},
    {"numbers_are_read_when_they_fit_in_64_bits", numbers_are_read_when_they_fit_in_64_bits},
    {"sha256_is_the_standard_one_when_compared_with_it",
     sha256_is_the_standard_one_when_compared_with_it},
};

EHR_UNIT_MAIN("command", cases)
