ehr_test(test_measure LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure.c
         LIBRARIES ehr_measure)
ehr_test(test_measure_pages LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_pages.c
         LIBRARIES ehr_measure)
ehr_test(test_measure_eta LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_eta.c
         LIBRARIES ehr_measure m)
ehr_test(test_measure_results LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_results.c
         LIBRARIES ehr_measure)
ehr_test(test_measure_recovery LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_recovery.c
         LIBRARIES ehr_measure)
ehr_test(test_measure_resources LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_resources.c
         LIBRARIES ehr_measure)
ehr_test(test_measure_timeline LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_timeline.c
         LIBRARIES ehr_measure)
ehr_test(test_measure_aggregate LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_aggregate.c
         LIBRARIES ehr_measure)
ehr_test(test_measure_findings LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/measure_findings.c
         LIBRARIES ehr_measure)
