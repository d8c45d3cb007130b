# The fault-injecting bench: ehr_simulation, its own tests, and the long campaign.
file(GLOB EHR_CAMPAIGN CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/campaign/*.c)
list(FILTER EHR_CAMPAIGN EXCLUDE REGEX "/simulation\\.c$")
add_library(ehr_test_campaign STATIC ${EHR_CAMPAIGN})
target_link_libraries(ehr_test_campaign PUBLIC ehr_test_engines ehr_consensus)
add_executable(ehr_simulation ${CMAKE_CURRENT_LIST_DIR}/campaign/simulation.c)
target_link_libraries(ehr_simulation PRIVATE ehr_test_campaign)
ehr_test(test_campaign LABEL "unit;simulation" SOURCES ${CMAKE_CURRENT_LIST_DIR}/campaign_test.c
                 ${CMAKE_CURRENT_LIST_DIR}/campaign_breaches.c
         LIBRARIES ehr_test_campaign)

# The same seeds in every run; the sanitizers take fewer. All seeds are safe and come to rest.
set(EHR_SEEDS 2000)
if(EHR_SANITIZE)
    set(EHR_SEEDS 300)
endif()
foreach(engine hotstuff pbft raft solo)
    add_test(NAME simulation_${engine}
             COMMAND ehr_simulation --engine ${engine} --from 1 --seeds ${EHR_SEEDS} --jobs 2)
    set_tests_properties(simulation_${engine} PROPERTIES LABELS simulation)
    list(APPEND EHR_CAMPAIGNS COMMAND ehr_simulation --engine ${engine} --from 1 --seeds 100000
         --jobs 2)
endforeach()
# Not part of CI: minutes on two cores.
add_custom_target(simulation_campaign ${EHR_CAMPAIGNS} USES_TERMINAL)
