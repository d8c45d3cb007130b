/* Linked to tests of cryptography and of what stands on it: with EHRGRID_TEST_GROUP=modelled in the
 * environment they run with the modelled group, and expect of it what they expect of the real one.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/modelled.h"

__attribute__((constructor)) static void modelled_on_demand(void)
{
    const char *group = getenv("EHRGRID_TEST_GROUP");
    if (group != NULL && strcmp(group, "modelled") == 0)
        ehr_group_provider_set(&ehr_group_modelled_unsafe);
}
