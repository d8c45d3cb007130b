# Traces to read; `test_consensus_trace pbft-normal` prints what that file has to be.
ehr_test(test_consensus_trace LABEL golden
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/consensus_trace.c LIBRARIES ehr_test_engines)
