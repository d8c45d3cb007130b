ehr_test(test_crypto_share LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_share.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
ehr_test(test_crypto_record LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_record.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
