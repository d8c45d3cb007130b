# A program's hooks, requests, engine and adversaries around whole worlds.
foreach(part program_hooks program_requests program_engine)
    ehr_test(test_${part} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${part}.c ${CMAKE_CURRENT_SOURCE_DIR}/program_world.c
             LIBRARIES ehr_app)
endforeach()

# Its engine is the one of the page that tells how to add one.
set(page ${CMAKE_SOURCE_DIR}/docs/consensus-howto.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
file(READ ${page} text)
string(FIND "${text}" "```c\n" begin)
string(SUBSTRING "${text}" ${begin} -1 text)
string(SUBSTRING "${text}" 5 -1 text)
string(FIND "${text}" "```" end)
string(SUBSTRING "${text}" 0 ${end} text)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/majority.c CONTENT "${text}" @ONLY)
target_sources(test_program_engine PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/majority.c)
