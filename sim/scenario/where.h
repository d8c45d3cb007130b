/* The test of a `where`: comparisons of attributes with each other and with values, in their units;
 * "alliance/@threshold le alliance/@proxies". It does not know of points. The language is in
 * docs/sweeps.md. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_WHERE_H
#define EHR_SCENARIO_WHERE_H

#include <libxml/tree.h>
#include <stdbool.h>

/* Whether the test can be read, compares what can be compared, and names elements that the document
 * has. False: `*found` and `*allowed` say what is wrong, new texts, the caller's. */
bool ehr_where_check(const char *test, xmlDocPtr document, char **found, char **allowed);

/* Whether a checked test holds in a document, which has overrides applied. */
bool ehr_where_holds(const char *test, xmlDocPtr document);

#endif /* EHR_SCENARIO_WHERE_H */
