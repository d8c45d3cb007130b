ehr_fuzz(fuzz_arrivals SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_arrivals.c
         LIBRARIES ehr_arrivals
         CORPUS ${CMAKE_SOURCE_DIR}/tests/golden/arrivals-broken)
target_compile_definitions(fuzz_arrivals PRIVATE _GNU_SOURCE) # memfd_create
