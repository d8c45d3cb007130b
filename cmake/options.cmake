# Compiler options of every target: warnings are errors, arithmetic is the same on every compiler.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum
                    $<$<BOOL:${EHR_WERROR}>:-Werror> -Wstrict-prototypes -Wmissing-prototypes -Wvla
                    -ffp-contract=off -fno-omit-frame-pointer)
add_compile_definitions(_POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
include_directories(${CMAKE_SOURCE_DIR})
# Assertions guard against our own bugs and stay on in every build.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
if(EHR_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
    add_link_options(-fsanitize=address,undefined)
    add_compile_definitions(EHR_SANITIZED=1)
endif()
if(EHR_FUZZ)
    # Everything that is fuzzed is instrumented, or the fuzzer would see nothing of it.
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    add_link_options(-fsanitize=address,undefined)
    add_compile_definitions(EHR_SANITIZED=1)
endif()
if(EHR_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
