ehr_test(test_wire LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/wire.c LIBRARIES ehr_ledger)
