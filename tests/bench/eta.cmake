find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_test(NAME bench_eta
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/bench_eta.py
                 --ehrgrid $<TARGET_FILE:ehrgrid> run/@duration=1min workload/visits/@count=90)
set_tests_properties(bench_eta PROPERTIES LABELS bench)
