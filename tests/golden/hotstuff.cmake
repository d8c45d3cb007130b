# Two traces to read; `test_hotstuff_trace normal` prints what the file has to be.
ehr_test(test_hotstuff_trace LABEL golden
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/hotstuff_trace.c LIBRARIES ehr_test_engines)
