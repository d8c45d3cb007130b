# Searching: scan, conjunctive queries, trapdoors in clear.
ehr_test(test_search_crypto LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/search_crypto.c
         LIBRARIES ehr_crypto_sim ehr_crypto)
