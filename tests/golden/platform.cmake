# Small platforms that are made, against the files that they have to be. Needs python3.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_test(NAME golden_platform
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/platform.py
                 --ehrgrid $<TARGET_FILE:ehrgrid>)
set_tests_properties(golden_platform PROPERTIES LABELS golden)
