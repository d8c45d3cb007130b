foreach(part network network_faults network_runs network_platform network_chaos
             network_impair network_resources network_outside network_lives network_profiles)
    ehr_test(test_${part} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${part}.c ${CMAKE_CURRENT_SOURCE_DIR}/network_world.c
             LIBRARIES ehr_network)
endforeach()
ehr_test(test_network_parts LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/network_parts.c
         LIBRARIES ehr_network)
