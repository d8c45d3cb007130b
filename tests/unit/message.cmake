ehr_test(test_message LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/message.c LIBRARIES ehr_ledger)
