# ehr_library(NAME SOURCES a.c b.c DEPENDS ehr_crypto PkgConfig::SODIUM)
# A static library, and a program `proof_NAME` that links the whole archive against DEPENDS and
# nothing else: a call that breaks the dependency rules does not link.
function(ehr_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC ${ARG_DEPENDS})
    add_executable(proof_${name} ${CMAKE_SOURCE_DIR}/cmake/proof.c)
    target_link_libraries(proof_${name} PRIVATE -Wl,--whole-archive ${name} -Wl,--no-whole-archive)
endfunction()
