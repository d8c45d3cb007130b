# Behaviour of crypto/ beyond the known-answer vectors.
ehr_test(test_crypto_base LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_base.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
ehr_test(test_crypto_sodium LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_sodium.c
         LIBRARIES ehr_crypto)
ehr_test(test_crypto_random LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_random.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
ehr_test(test_crypto_memo LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_memo.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
ehr_test(test_crypto_sign LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_sign.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
ehr_test(test_crypto_identity LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_identity.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
ehr_test(test_crypto_cost LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_cost.c
         LIBRARIES ehr_cost PkgConfig::CJSON)
ehr_test(test_crypto_modelled LABEL unit
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/crypto_modelled.c
                 ${CMAKE_CURRENT_SOURCE_DIR}/crypto_objects.c
         LIBRARIES ehr_crypto_modelled ehr_crypto_sim ehr_crypto)
