ehr_test(test_html_page LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/html_page.c
         LIBRARIES ehr_html)
ehr_test(test_html_report LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/html_report.c
         LIBRARIES ehr_html)
