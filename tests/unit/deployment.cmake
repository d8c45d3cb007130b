ehr_test(test_deployment_broken LABEL golden SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/deployment_broken.c
         LIBRARIES ehr_scenario)
ehr_test(test_deployment LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/deployment.c
         LIBRARIES ehr_scenario)
