ehr_test(test_paper_pbft LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/pbft.c
         LIBRARIES ehr_test_engines)
ehr_test(test_paper_pbft_views LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/pbft_views.c
         LIBRARIES ehr_test_engines)
