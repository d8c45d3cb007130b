# libehrgrid, shared and static: everything behind EHR_LIBRARY_ROOTS in one object, of which only
# what include/ehrgrid.h declares EHR_API can be seen. Install rules: cmake/install.cmake.
set(EHR_LIBRARY_ROOTS ehr_app ehr_plugin)

# Our own archives that a library links, itself among them, and what else it links, each once.
function(ehr_link_closure roots ours_out others_out)
    set(ours)
    set(others)
    set(open ${roots})
    while(open)
        list(POP_FRONT open item)
        if(item IN_LIST ours OR item IN_LIST others)
            continue()
        endif()
        set(type NONE)
        if(TARGET ${item})
            get_target_property(type ${item} TYPE)
        endif()
        if(type STREQUAL STATIC_LIBRARY)
            list(APPEND ours ${item})
            get_target_property(links ${item} LINK_LIBRARIES)
            if(links)
                list(APPEND open ${links})
            endif()
        else()
            list(APPEND others ${item})
        endif()
    endwhile()
    set(${ours_out} ${ours} PARENT_SCOPE)
    set(${others_out} ${others} PARENT_SCOPE)
endfunction()

ehr_link_closure("${EHR_LIBRARY_ROOTS}" ehr_parts ehr_foreign)
set(ehr_objects ${ehr_parts})
list(TRANSFORM ehr_objects REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")

# The header that is installed: one file.
set(EHR_HEADER ${CMAKE_BINARY_DIR}/include/ehrgrid.h)
add_custom_command(
    OUTPUT ${EHR_HEADER}
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DINPUT=include/ehrgrid.h
            -DOUTPUT=${EHR_HEADER} -P ${CMAKE_SOURCE_DIR}/cmake/one_header.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/include/ehrgrid.h ${CMAKE_SOURCE_DIR}/sim/consensus/engine.h
            ${CMAKE_SOURCE_DIR}/cmake/one_header.cmake
    VERBATIM)
add_custom_target(ehrgrid_header ALL DEPENDS ${EHR_HEADER})

add_library(ehrgrid_library SHARED ${ehr_objects})
add_library(ehrgrid::ehrgrid ALIAS ehrgrid_library)
target_link_libraries(ehrgrid_library PRIVATE ${ehr_foreign})
set_target_properties(ehrgrid_library PROPERTIES OUTPUT_NAME ehrgrid EXPORT_NAME ehrgrid
                      LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR})
set(ehr_libraries ehrgrid_library)

# One relocatable object whose hidden symbols are local: nothing of a program that links it can
# collide with them, and it can use none of them. Not with instrumentation, whose runtime wants to
# find its tables in each object.
set(EHR_STATIC OFF)
if(CMAKE_OBJCOPY AND NOT EHR_SANITIZE AND NOT EHR_FUZZ AND NOT EHR_COVERAGE)
    set(EHR_STATIC ON)
    set(ehr_whole ${CMAKE_BINARY_DIR}/ehrgrid_whole.o)
    set(ehr_local ${CMAKE_BINARY_DIR}/ehrgrid_local.o)
    separate_arguments(ehr_link_flags UNIX_COMMAND "${CMAKE_C_FLAGS}")
    if(CMAKE_C_COMPILER_ID STREQUAL GNU)
        list(APPEND ehr_link_flags -flinker-output=nolto-rel) # code, if it is built with -flto
    endif()
    add_custom_command(
        OUTPUT ${ehr_local}
        COMMAND ${CMAKE_C_COMPILER} ${ehr_link_flags} -r -nostdlib -o ${ehr_whole} ${ehr_objects}
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${ehr_whole} ${ehr_local}
        DEPENDS ${ehr_parts} ${ehr_objects}
        BYPRODUCTS ${ehr_whole}
        COMMAND_EXPAND_LISTS VERBATIM)
    add_library(ehrgrid_static STATIC ${ehr_local})
    add_library(ehrgrid::ehrgrid_static ALIAS ehrgrid_static)
    set_source_files_properties(${ehr_local} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
    set_target_properties(ehrgrid_static PROPERTIES OUTPUT_NAME ehrgrid LINKER_LANGUAGE C)
    list(APPEND ehr_libraries ehrgrid_static)
endif()

foreach(library ${ehr_libraries})
    add_dependencies(${library} ehrgrid_header)
    target_include_directories(${library} INTERFACE
                               $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include>)
endforeach()
# Who uses the library is a SimGrid program; the static one has to be given the rest as well.
target_link_libraries(ehrgrid_library INTERFACE $<BUILD_INTERFACE:PkgConfig::SIMGRID>
                      $<INSTALL_INTERFACE:PkgConfig::EHRGRID_SIMGRID>)
if(EHR_STATIC)
    target_link_libraries(ehrgrid_static INTERFACE "$<BUILD_INTERFACE:${ehr_foreign}>"
                          $<INSTALL_INTERFACE:PkgConfig::EHRGRID_STATIC> $<INSTALL_INTERFACE:m>)
endif()
