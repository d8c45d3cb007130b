ehr_test(test_paper_raft LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/raft.c
         LIBRARIES ehr_test_engines)
