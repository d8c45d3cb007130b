/* Linked to tests of cryptography and of what stands on it: with EHRGRID_TEST_GROUP=modelled in the
 * environment they run with the modelled group, and expect of it what they expect of the real one.
 * One that ends with another group fails: it would not have tested what it is registered for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/modelled.h"

static bool demanded(void)
{
    const char *group = getenv("EHRGRID_TEST_GROUP");
    return group != NULL && strcmp(group, "modelled") == 0;
}

__attribute__((constructor)) static void modelled_on_demand(void)
{
    if (demanded())
        ehr_group_provider_set(&ehr_group_modelled_unsafe);
}

__attribute__((destructor)) static void modelled_to_the_end(void)
{
    if (!demanded() || ehr_group_provider_get() == &ehr_group_modelled_unsafe)
        return;
    puts("the modelled group was demanded, but is not in use");
    fflush(stdout);
    _exit(1);
}
