# Roles run without SimGrid: the loop defines the effects in the place of ehr_network, whose archive
# is then not pulled in because nothing is left undefined.
foreach(suite roles roles_reads roles_receipts roles_client)
    ehr_test(test_${suite} LABEL unit
        SOURCES
            ${CMAKE_CURRENT_SOURCE_DIR}/${suite}.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/role_world.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/role_meddler.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/agenda.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/effects_loop.c
        LIBRARIES ehr_actors)
endforeach()
