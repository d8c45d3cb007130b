ehr_fuzz(fuzz_scenario SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_scenario.c
         LIBRARIES ehr_scenario
         CORPUS ${CMAKE_CURRENT_BINARY_DIR}/seeds/scenario ${CMAKE_SOURCE_DIR}/tests/golden/scenarios-broken
                ${CMAKE_CURRENT_SOURCE_DIR}/corpus/scenario
         DICTIONARY ${CMAKE_CURRENT_BINARY_DIR}/seeds/scenario.dict)
target_compile_definitions(fuzz_scenario PRIVATE EHR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
