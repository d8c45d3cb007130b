foreach(part network network_runs)
    ehr_test(test_${part} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${part}.c ${CMAKE_CURRENT_SOURCE_DIR}/network_world.c
             LIBRARIES ehr_network)
endforeach()
