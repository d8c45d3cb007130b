# A program's hooks and requests around whole worlds.
foreach(part program_hooks program_requests)
    ehr_test(test_${part} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${part}.c ${CMAKE_CURRENT_SOURCE_DIR}/program_world.c
             LIBRARIES ehr_app)
endforeach()
