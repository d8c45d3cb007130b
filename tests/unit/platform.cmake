# Platforms that are made: places and names, graphs, tables, hospitals.
foreach(name places graph regions hospitals)
    ehr_test(test_platform_${name} LABEL unit
             SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/platform_${name}.c LIBRARIES ehr_platform_make)
endforeach()
target_link_libraries(test_platform_places PRIVATE m)
ehr_test(test_platform_routes LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/platform_routes.c
         LIBRARIES PkgConfig::SIMGRID m)
