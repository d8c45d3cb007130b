ehr_fuzz(fuzz_graphml SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_graphml.c
         LIBRARIES ehr_platform_make
         CORPUS ${CMAKE_SOURCE_DIR}/tests/golden/platforms)
