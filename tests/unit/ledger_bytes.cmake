ehr_test(test_ledger_bytes LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/ledger_bytes.c
         LIBRARIES ehr_ledger ehr_crypto_sim ehr_crypto)
ehr_test(test_ledger_transactions LABEL unit
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/ledger_transactions.c
         LIBRARIES ehr_ledger ehr_crypto_sim ehr_crypto)
