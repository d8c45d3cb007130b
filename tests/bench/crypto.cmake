ehr_test(bench_crypto LABEL bench SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/bench_crypto.c
         LIBRARIES ehr_calibrate ARGS 3 20)
