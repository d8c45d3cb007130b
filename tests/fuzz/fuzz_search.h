/* Kinds of input of fuzz_transactions that are about searching. */
#ifndef EHR_TESTS_FUZZ_SEARCH_H
#define EHR_TESTS_FUZZ_SEARCH_H

#include "tests/fuzz/fuzz.h"

void fuzz_query(struct fuzz_input *in);
void fuzz_keyword(struct fuzz_input *in);
void fuzz_labels(struct fuzz_input *in);
void fuzz_scope_proof(struct fuzz_input *in);
void fuzz_query_log(struct fuzz_input *in);

#endif /* EHR_TESTS_FUZZ_SEARCH_H */
