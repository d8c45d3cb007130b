ehr_test(bench_pbft LABEL bench SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/bench_pbft.c
         LIBRARIES ehr_lab ARGS 20 4 16)
