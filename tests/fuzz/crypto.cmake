# One target for each kind of object that a stranger may send; tests/fuzz/README.md.
add_library(fuzz_support STATIC ${CMAKE_CURRENT_SOURCE_DIR}/fuzz.c)
target_link_libraries(fuzz_support PUBLIC ehr_crypto_sim ehr_crypto_modelled)
set(fuzz_transactions_more ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_search.c)
foreach(object certificate card record grant share transactions blocks)
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/seeds/${object})
    ehr_fuzz(fuzz_${object} SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fuzz_${object}.c
             ${fuzz_${object}_more} LIBRARIES fuzz_support ehr_ledger
             CORPUS ${CMAKE_CURRENT_BINARY_DIR}/seeds/${object}
                    ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${object})
endforeach()
