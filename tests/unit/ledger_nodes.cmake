foreach(name mac scope)
    ehr_test(test_ledger_${name} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/ledger_${name}.c
                     ${CMAKE_CURRENT_SOURCE_DIR}/chain_node_world.c
                     ${CMAKE_CURRENT_SOURCE_DIR}/exchange.c
                     ${CMAKE_SOURCE_DIR}/tests/simulation/agenda.c
                     ${CMAKE_SOURCE_DIR}/tests/simulation/node_loop.c
             LIBRARIES ehr_actors ehr_consensus ehr_contract ehr_ledger ehr_crypto_sim ehr_crypto)
endforeach()
# Contracts alone.
foreach(name revocation batch blame query_log)
    ehr_test(test_ledger_${name} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/ledger_${name}.c
                     ${CMAKE_CURRENT_SOURCE_DIR}/exchange.c
             LIBRARIES ehr_contract ehr_ledger ehr_crypto_sim ehr_crypto)
endforeach()
