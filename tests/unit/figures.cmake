ehr_test(test_figures_run LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/figures_run.c
         LIBRARIES ehr_figures)
ehr_test(test_figures_sweep LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/figures_sweep.c
         LIBRARIES ehr_figures)
