/* The roles of deployments as tables: functions, arguments and properties. Properties are
 * attributes of an element of the scenario vocabulary, less those that placements say. Internal to
 * sim/scenario. */
#ifndef EHR_SCENARIO_DEPLOYMENT_ROLES_H
#define EHR_SCENARIO_DEPLOYMENT_ROLES_H

#include "sim/scenario/deployment.h"
#include "sim/scenario/vocabulary.h"

/* The chain that is no hospital's. */
#define EHR_DEPLOYMENT_ALLIANCE "alliance"

struct ehr_deployment_word {
    const char *function; /* "ehr.hospital" */
    const char *argument; /* NULL: none */
    bool optional;        /* the argument may be missing */
    const char *element;  /* "hospital": whose attributes are properties; NULL: none, */
    const char *implied;  /* "id|server": less these */
    const char *label;    /* "hospital": the start of paths in messages of its element */
};

/* `role` is one of them. */
const struct ehr_deployment_word *ehr_deployment_word(enum ehr_deployment_role role);

/* The element of the scenario whose attributes are the properties of an actor; `kind` is that of a
 * fault, else ignored. NULL: it has none (or has paths: EHR_DEPLOYMENT_SCENARIO). */
const struct ehr_vocabulary_element *ehr_deployment_element(enum ehr_deployment_role role,
                                                            const char *kind);

/* Whether a property of this name may be given; the attribute is of ehr_deployment_element. */
const struct ehr_vocabulary_attribute *
ehr_deployment_attribute(enum ehr_deployment_role role,
                         const struct ehr_vocabulary_element *element, const char *name);

/* What may be given instead of an unknown property; a new text, the caller's. */
char *ehr_deployment_attributes_describe(enum ehr_deployment_role role,
                                         const struct ehr_vocabulary_element *element);

/* Whether an element of the scenario has its attributes among the properties of ehr.scenario:
 * those that stand once and place nothing. */
bool ehr_deployment_is_setting(const struct ehr_vocabulary_element *element);

/* NULL: "alliance/@batch" is a property of ehr.scenario; else what may be given instead, a new
 * text, the caller's. */
char *ehr_deployment_path_refusal(const char *path);

/* NULL: "alliance/@batch=1" (predicates allowed) may be set over a deployment; else why not;
 * static. */
const char *ehr_deployment_set_refusal(const char *set);

/* Adds what may have been meant, of "a|b|c"; a new text, the caller's. */
char *ehr_deployment_nearest_add(char *take_allowed, const char *choices, const char *found);

/* "a|b" for "a, b"; a new text, the caller's. */
char *ehr_deployment_choices_of(const char *names);

/* All functions, "ehr.scenario|ehr.chain_node|..."; static. */
const char *ehr_deployment_functions(void);

#endif /* EHR_SCENARIO_DEPLOYMENT_ROLES_H */
