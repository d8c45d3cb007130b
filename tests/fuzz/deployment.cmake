ehr_fuzz(fuzz_deployment SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_deployment.c
         LIBRARIES ehr_scenario
         CORPUS ${CMAKE_SOURCE_DIR}/tests/golden/deployments-broken)
