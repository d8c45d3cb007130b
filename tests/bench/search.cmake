ehr_test(bench_search LABEL bench SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/bench_search.c
         LIBRARIES ehr_contract ehr_ledger ehr_crypto ARGS 10000 100000)
