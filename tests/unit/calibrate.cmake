ehr_test(test_calibrate LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/calibrate.c
         LIBRARIES ehr_app ehr_calibrate PkgConfig::CJSON)
