find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(option "" --can-fail)
    string(MAKE_C_IDENTIFIER "paper_coverage${option}" name)
    add_test(NAME ${name}
             COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/coverage.py ${option})
    set_tests_properties(${name} PROPERTIES LABELS unit)
endforeach()
