ehr_test(test_consensus LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/consensus.c
         LIBRARIES ehr_test_engines)
ehr_test(test_consensus_byzantine LABEL unit
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/consensus_byzantine.c LIBRARIES ehr_test_engines)
ehr_test(test_consensus_lossy LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/consensus_lossy.c
         LIBRARIES ehr_test_engines)
ehr_test(test_consensus_proofs LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/consensus_proofs.c
         LIBRARIES ehr_test_engines)
