# Searching: scan, conjunctive queries, trapdoors in clear.
ehr_test(test_search_crypto LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/search_crypto.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
ehr_test(test_search_roles LABEL unit
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/search_roles.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/role_world.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/role_meddler.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/agenda.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/effects_loop.c
         LIBRARIES ehr_actors)
ehr_test(test_search_logged LABEL unit
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/search_logged.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/role_world.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/role_meddler.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/agenda.c
                 ${CMAKE_SOURCE_DIR}/tests/simulation/effects_loop.c
         LIBRARIES ehr_actors)
