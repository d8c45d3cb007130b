# A program's hooks, requests, engine and adversaries around whole worlds.
foreach(part program_hooks program_requests program_engine program_adversary)
    ehr_test(test_${part} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${part}.c ${CMAKE_CURRENT_SOURCE_DIR}/program_world.c
             LIBRARIES ehr_app)
endforeach()

# Its engine is the one of the page that tells how to add one.
include(${CMAKE_SOURCE_DIR}/cmake/page.cmake)
ehr_page_code(${CMAKE_SOURCE_DIR}/docs/consensus-howto.md ${CMAKE_CURRENT_BINARY_DIR}/majority.c)
target_sources(test_program_engine PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/majority.c)
