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
