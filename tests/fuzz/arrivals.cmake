ehr_fuzz(fuzz_arrivals SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_arrivals.c
         LIBRARIES ehr_arrivals
         CORPUS ${CMAKE_SOURCE_DIR}/tests/golden/arrivals-broken)
