ehr_test(test_ordering_counts LABEL e2e SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/ordering_counts.c
         LIBRARIES ehr_lab)
