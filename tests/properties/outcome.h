/* What became of altered objects, counted by object over all cases. */
#ifndef EHR_TESTS_PROPERTY_OUTCOME_H
#define EHR_TESTS_PROPERTY_OUTCOME_H

/* Prints the counts and the harmless fields. */
void property_outcomes_print(const char *family);

#endif /* EHR_TESTS_PROPERTY_OUTCOME_H */
