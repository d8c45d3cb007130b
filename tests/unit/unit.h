/* Runs the CUnit suites of one test program; not a framework of its own. */
#ifndef EHR_TESTS_UNIT_H
#define EHR_TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <stddef.h>

struct ehr_unit_case {
    const char *name; /* <behaviour>_when_<condition> */
    void (*run)(void);
};

/* Runs `count` cases as one suite; returns the exit status of the program. */
static inline int ehr_unit_run(const char *suite_name, const struct ehr_unit_case *cases,
                               size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
    for (size_t i = 0; suite != NULL && i < count; i++)
        CU_add_test(suite, cases[i].name, cases[i].run);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return suite == NULL || failures != 0;
}

#define EHR_UNIT_MAIN(suite, cases)                                                                \
    int main(void)                                                                                 \
    {                                                                                              \
        return ehr_unit_run(suite, cases, sizeof(cases) / sizeof((cases)[0]));                     \
    }

/* For a suite that uses crypto/ (and includes crypto/random.h): the library is started first, and
 * with it the generator that aborts. */
#define EHR_UNIT_CRYPTO_MAIN(suite, cases)                                                         \
    int main(void)                                                                                 \
    {                                                                                              \
        ehr_crypto_init();                                                                         \
        return ehr_unit_run(suite, cases, sizeof(cases) / sizeof((cases)[0]));                     \
    }

#endif /* EHR_TESTS_UNIT_H */
