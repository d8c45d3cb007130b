# The cluster of engines, used by unit, paper, golden, simulation and bench programs.
add_library(ehr_test_engines STATIC
    ${CMAKE_CURRENT_LIST_DIR}/engine_cluster.c
    ${CMAKE_CURRENT_LIST_DIR}/engine_node.c
    ${CMAKE_CURRENT_LIST_DIR}/engine_print.c
    ${CMAKE_CURRENT_LIST_DIR}/engine_puppet.c
    ${CMAKE_CURRENT_LIST_DIR}/hotstuff_hand.c
    ${CMAKE_CURRENT_LIST_DIR}/hotstuff_bytes.c
    ${CMAKE_CURRENT_LIST_DIR}/raft_hand.c
    ${CMAKE_CURRENT_LIST_DIR}/engine_host.c)
target_link_libraries(ehr_test_engines PUBLIC ehr_consensus)

ehr_test(test_engine_crash_points LABEL simulation
         SOURCES ${CMAKE_CURRENT_LIST_DIR}/engine_crash_points.c
         LIBRARIES ehr_test_engines)
ehr_test(test_engine_crash_points_raft LABEL simulation
         SOURCES ${CMAKE_CURRENT_LIST_DIR}/engine_crash_points.c
         LIBRARIES ehr_test_engines ARGS raft)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME engine_mutants
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/mutants.py --cc ${CMAKE_C_COMPILER})
# They compile the engines themselves: once is enough, not again under the sanitizers.
set_tests_properties(engine_mutants PROPERTIES LABELS "simulation;slow")

ehr_test(test_engine_crash_points_hotstuff LABEL simulation
         SOURCES ${CMAKE_CURRENT_LIST_DIR}/engine_crash_points.c
         LIBRARIES ehr_test_engines ARGS hotstuff)
