ehr_fuzz(fuzz_scenario SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_scenario.c
         LIBRARIES ehr_scenario)
