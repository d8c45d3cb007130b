# Not a test: minutes. cmake --build build/release --target hour
find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_custom_target(hour
                  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/bench_hour.py
                          --ehrgrid $<TARGET_FILE:ehrgrid>
                  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DEPENDS ehrgrid USES_TERMINAL VERBATIM)
