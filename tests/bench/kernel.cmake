ehr_test(bench_kernel LABEL bench SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/bench_kernel.c
         LIBRARIES ehr_network ARGS delay 16 3)
