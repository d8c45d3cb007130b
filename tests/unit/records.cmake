ehr_test(test_records_sampler LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/records_sampler.c
         LIBRARIES ehr_sampler)
ehr_test(test_records_load LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/records_load.c
         LIBRARIES ehr_records)
ehr_test(test_records_generate LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/records_generate.c
         LIBRARIES ehr_records)
