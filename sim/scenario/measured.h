/* The part of a scenario that says what SimGrid is to tell of its hosts and links, beside what the
 * results always have. Part of scenario.h. */
#ifndef EHR_SCENARIO_MEASURED_H
#define EHR_SCENARIO_MEASURED_H

enum ehr_scenario_measured {
    EHR_SCENARIO_MEASURED_NONE = 1,
    EHR_SCENARIO_MEASURED_HOSTS,
    EHR_SCENARIO_MEASURED_LINKS,
    EHR_SCENARIO_MEASURED_ALL, /* both */
};

/* Only with fidelity flow: in the others SimGrid computes and carries nothing. */
struct ehr_scenario_measure {
    enum ehr_scenario_measured energy; /* the platform says what its hosts and links draw */
    enum ehr_scenario_measured load;
};

#endif /* EHR_SCENARIO_MEASURED_H */
