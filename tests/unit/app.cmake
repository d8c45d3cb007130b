# Workload, observer and safety checker without SimGrid (see roles.cmake); a whole world with it.
ehr_test(test_app_workload LABEL unit
    SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/app_workload.c
            ${CMAKE_CURRENT_SOURCE_DIR}/workload_bench.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/agenda.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/effects_loop.c
    LIBRARIES ehr_actors)
ehr_test(test_app_workload_times LABEL unit
    SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/app_workload_times.c
            ${CMAKE_CURRENT_SOURCE_DIR}/workload_bench.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/agenda.c
            ${CMAKE_SOURCE_DIR}/tests/simulation/effects_loop.c
    LIBRARIES ehr_actors)
ehr_test(test_app_observer LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/app_observer.c
         LIBRARIES ehr_app)
ehr_test(test_app_world LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/app_world.c
         LIBRARIES ehr_app)
ehr_test(test_app_command LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/app_command.c
         LIBRARIES ehr_app)
ehr_test(test_app_options LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/app_options.c
         LIBRARIES ehr_app)
ehr_test(test_arrivals LABEL unit SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/arrivals.c
         LIBRARIES ehr_arrivals)
