ehr_test(bench_engine LABEL bench SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/bench_engine.c
         LIBRARIES ehr_lab ARGS 200 4 16 64)
