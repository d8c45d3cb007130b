/* The comparison with the original, the last check of a read. Not charged: no party of the system
 * does it, only the experiment. */
#include <string.h>

#include "actors/roles.h"

bool ehr_cases_identical(const struct ehr_cases *cases, uint32_t index, const uint8_t *text,
                         size_t length)
{
    if (index >= cases->count)
        return false;
    struct ehr_record record;
    cases->get(cases, index, &record);
    bool identical = record.length == length && memcmp(record.text, text, length) == 0;
    ehr_record_close(&record);
    return identical;
}
