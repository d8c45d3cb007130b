ehr_test(bench_memo LABEL bench SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/bench_memo.c
         LIBRARIES ehr_ledger ehr_crypto_sim ehr_crypto ARGS 3)
