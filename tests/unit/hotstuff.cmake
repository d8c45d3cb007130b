ehr_test(test_hotstuff LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/hotstuff.c
         LIBRARIES ehr_test_engines)
