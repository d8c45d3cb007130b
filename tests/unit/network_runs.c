#include "tests/unit/unit.h"
static const struct ehr_unit_case cases[] = {{0, 0}};
EHR_UNIT_MAIN("network_runs", cases)
