# What the scripts that show a comparison to fail share; included, not run.

# Runs PROGRAM on SCRATCH/<name><ENDING>: it ends with `code` and prints what matches `text`.
function(expect name code text)
    execute_process(COMMAND ${PROGRAM} ${SCRATCH}/${name}${ENDING} RESULT_VARIABLE result
                    OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL code OR NOT output MATCHES "${text}")
        message(FATAL_ERROR "${name}: exit ${result}, expected ${code} and '${text}'\n${output}")
    endif()
    message(STATUS "${name}: exit ${result}, ${text}")
endfunction()

# The hex text with another first digit.
function(digit_flip out hex)
    string(SUBSTRING "${hex}" 0 1 first)
    string(SUBSTRING "${hex}" 1 -1 rest)
    if(first STREQUAL "0")
        set(first 1)
    else()
        set(first 0)
    endif()
    set(${out} "${first}${rest}" PARENT_SCOPE)
endfunction()
