foreach(name contract_table contract_private contract_emergency contract_alliance contract_consent
        chain mempool)
    ehr_test(test_${name} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${name}.c ${CMAKE_CURRENT_SOURCE_DIR}/exchange.c
             LIBRARIES ehr_contract ehr_ledger ehr_crypto_sim ehr_crypto)
endforeach()
