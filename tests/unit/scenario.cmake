ehr_test(test_scenario_value LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario_value.c
         LIBRARIES ehr_scenario)
ehr_test(test_scenario LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario.c
         LIBRARIES ehr_scenario)
ehr_test(test_scenario_broken LABEL golden SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario_broken.c
         LIBRARIES ehr_scenario)
ehr_test(test_scenario_vocabulary LABEL unit
         SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario_vocabulary.c LIBRARIES ehr_scenario)
ehr_test(test_scenario_sweep LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario_sweep.c
         LIBRARIES ehr_scenario)
ehr_test(test_scenario_where LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario_where.c
         LIBRARIES ehr_scenario)
ehr_test(test_scenario_group LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario_group.c
         LIBRARIES ehr_scenario)
ehr_test(test_scenario_mutants LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/scenario_mutants.c
         LIBRARIES ehr_scenario)
target_compile_definitions(test_scenario_mutants PRIVATE _XOPEN_SOURCE=700) # nftw
