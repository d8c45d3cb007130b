ehr_fuzz(fuzz_message SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_message.c LIBRARIES ehr_ledger)
