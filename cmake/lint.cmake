# Targets lint-format (clang-format), lint-cppcheck, lint-tidy (clang-tidy, see .clang-tidy), and
# `lint` for all of them, over everything that is built. `scripts/install lint` installs the tools.
# Findings are errors; nothing is changed. All findings at once: --target lint -- -k 0
find_program(EHR_CLANG_FORMAT clang-format)
find_program(EHR_CPPCHECK cppcheck)
find_program(EHR_CLANG_TIDY run-clang-tidy)
if(NOT EHR_CLANG_FORMAT OR NOT EHR_CPPCHECK OR NOT EHR_CLANG_TIDY)
    return()
endif()

add_custom_target(lint-format
    COMMAND find crypto sim actors examples tests cmake -name "*.[ch]" -exec
            ${EHR_CLANG_FORMAT} --dry-run -Werror {} +
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
add_custom_target(lint-cppcheck
    COMMAND ${EHR_CPPCHECK} --project=${CMAKE_BINARY_DIR}/compile_commands.json --std=c11
            --enable=warning,performance,portability,style --inline-suppr --quiet
            --suppressions-list=${CMAKE_SOURCE_DIR}/cmake/cppcheck.suppressions
            "-DcJSON_ArrayForEach(e,a)=while((e=(a)))"
            "-DHASH_ITER(hh,head,e,next)=while((e=(head))&&(next=(head)))"
            "-DHASH_FIND(hh,head,key,length,out)=((void)(key),(out)=(head))"
            --error-exitcode=1 "--template={file}:{line}: {id}: {message}"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
# Not over tests/: its analyzer does not know that a fatal assertion of CUnit does not return.
add_custom_target(lint-tidy
    COMMAND ${EHR_CLANG_TIDY} -quiet -p ${CMAKE_BINARY_DIR} "/(crypto|sim|actors|examples)/"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
add_custom_target(lint DEPENDS lint-format lint-cppcheck lint-tidy)
# Sources that the build makes have to be there.
foreach(library ehr_scenario ehr_figures)
    if(TARGET ${library})
        add_dependencies(lint-cppcheck ${library})
        add_dependencies(lint-tidy ${library})
    endif()
endforeach()
