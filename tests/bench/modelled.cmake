find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_test(NAME bench_modelled
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/bench_modelled.py
                 --ehrgrid $<TARGET_FILE:ehrgrid> --runs 1)
set_tests_properties(bench_modelled PROPERTIES LABELS bench)
