foreach(fidelity delay queue flow)
    add_test(NAME bench_kernel_${fidelity} COMMAND bench_kernel ${fidelity} 16 3)
    set_tests_properties(bench_kernel_${fidelity} PROPERTIES LABELS bench)
endforeach()
ehr_test(bench_kernel LABEL bench SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/bench_kernel.c
         LIBRARIES ehr_network ARGS delay 128 10)
