ehr_fuzz(fuzz_scenario SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_scenario.c
         LIBRARIES ehr_scenario
         CORPUS ${CMAKE_SOURCE_DIR}/scenarios ${CMAKE_SOURCE_DIR}/tests/golden/scenarios-broken
                ${CMAKE_CURRENT_SOURCE_DIR}/corpus/scenario)
