# A whole run against its expected results. Needs python3.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_test(NAME golden_run
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/run.py
                 --ehrgrid $<TARGET_FILE:ehrgrid>)
set_tests_properties(golden_run PROPERTIES LABELS golden)
