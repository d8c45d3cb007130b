ehr_fuzz(fuzz_bundle SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_bundle.c LIBRARIES ehr_records
         PkgConfig::CJSON)
