ehr_test(test_ordering_counts LABEL e2e SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/ordering_counts.c
         LIBRARIES ehr_lab)
ehr_test(test_ordering_client LABEL unit
    SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/ordering_client.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/agenda.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/effects_loop.c
    LIBRARIES ehr_actors)
ehr_test(test_engine_steady LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/engine_steady.c
         LIBRARIES ehr_lab)
