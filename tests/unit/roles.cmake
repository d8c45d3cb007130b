# Roles run without SimGrid: the loop defines the effects in the place of ehr_network. The archive of
# ehr_actors comes before it, and ehr_network is not pulled in because nothing is left undefined.
ehr_test(test_roles LABEL unit
    SOURCES
        ${CMAKE_CURRENT_SOURCE_DIR}/roles.c
        ${CMAKE_SOURCE_DIR}/tests/simulation/role_world.c
        ${CMAKE_SOURCE_DIR}/tests/simulation/effects_loop.c
    LIBRARIES ehr_actors)
