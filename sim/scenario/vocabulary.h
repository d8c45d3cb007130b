/* The scenario vocabulary as tables: which elements and attributes there are, their defaults, and
 * where each is kept in struct ehr_scenario. The reader, the writer of effective scenarios and the
 * messages all go by these tables; scenarios/scenario.xsd says the same for other programs, and a
 * test compares the two. Internal to sim/scenario. */
#ifndef EHR_SCENARIO_VOCABULARY_H
#define EHR_SCENARIO_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ehr_vocabulary_kind {
    EHR_VOCABULARY_ID = 1,      /* char * */
    EHR_VOCABULARY_FILE,        /* char *, resolved */
    EHR_VOCABULARY_HOST,        /* struct ehr_scenario_hosts, one name */
    EHR_VOCABULARY_HOSTS,       /* struct ehr_scenario_hosts */
    EHR_VOCABULARY_LINKS,       /* struct ehr_scenario_hosts, of links */
    EHR_VOCABULARY_GROUPS,      /* char *, patterns of hosts separated by bars */
    EHR_VOCABULARY_NUMBER,      /* uint32_t */
    EHR_VOCABULARY_LONG,        /* uint64_t */
    EHR_VOCABULARY_TIME,        /* uint64_t ns; EHR_SCENARIO_NEVER when absent without default */
    EHR_VOCABULARY_BANDWIDTH,   /* uint64_t bytes per second; 0 when absent without default */
    EHR_VOCABULARY_RATE,        /* double per second */
    EHR_VOCABULARY_PROBABILITY, /* double */
    EHR_VOCABULARY_FACTOR,      /* double >= 1 */
    EHR_VOCABULARY_PROFILE,     /* struct ehr_scenario_profile */
    EHR_VOCABULARY_CHOICE,      /* enum; value 1 is the first of `values` */
    EHR_VOCABULARY_QUORUM,      /* uint32_t, a number or EHR_SCENARIO_QUORUM_ */
    EHR_VOCABULARY_COSTS,       /* struct ehr_scenario_crypto */
    EHR_VOCABULARY_NAMES,       /* char *, ids */
    EHR_VOCABULARY_TEXT,        /* char *, any but an empty one */
    EHR_VOCABULARY_VERSION,     /* not kept */
};

struct ehr_vocabulary_attribute {
    const char *name;
    enum ehr_vocabulary_kind kind;
    size_t offset;            /* in the element's struct */
    const char *default_text; /* NULL: none */
    bool required;
    uint64_t min;       /* NUMBER, LONG, TIME, BANDWIDTH */
    uint64_t max;       /* 0: the type's */
    const char *values; /* CHOICE: "three|two" */
    bool of_members;    /* ID, HOST, HOSTS: holds {} where the name of a member of a group stands */
};

#define EHR_VOCABULARY_NO_LINE SIZE_MAX

struct ehr_vocabulary_element {
    const char *name;
    const struct ehr_vocabulary_attribute *attributes;
    size_t attribute_count;
    const struct ehr_vocabulary_element *children;
    size_t child_count;
    size_t min;          /* how often it may stand in its parent */
    size_t max;          /* 1, or SIZE_MAX: an array */
    size_t offset;       /* of its struct, or of the pointer to the array, in the parent's struct */
    size_t count_offset; /* array: of the count (size_t) in the parent's struct */
    size_t item_bytes;   /* array: of one item */
    size_t line_offset;  /* of the line (int) in its struct, or EHR_VOCABULARY_NO_LINE */
};

/* The document element. */
extern const struct ehr_vocabulary_element ehr_vocabulary_scenario;

/* NULL if there is none of that name. */
const struct ehr_vocabulary_element *
ehr_vocabulary_child_find(const struct ehr_vocabulary_element *element, const char *name);
const struct ehr_vocabulary_attribute *
ehr_vocabulary_attribute_find(const struct ehr_vocabulary_element *element, const char *name);

/* What may stand where something else was found; new texts, the caller's. */
char *ehr_vocabulary_children_describe(const struct ehr_vocabulary_element *element);
char *ehr_vocabulary_attributes_describe(const struct ehr_vocabulary_element *element);
char *ehr_vocabulary_value_describe(const struct ehr_vocabulary_attribute *attribute);

/* Position of `text` in "a|b|c", counted from 1; 0 if absent. */
unsigned ehr_vocabulary_choice_find(const char *values, const char *text);

/* Levenshtein's distance: letters to insert, delete or replace. */
size_t ehr_vocabulary_distance(const char *from, const char *to);

/* The choice that `text` may have been meant to be, at most a third of it changed; a new
 * text, the caller's; NULL if none is that near. */
char *ehr_vocabulary_choice_nearest(const char *values, const char *text);

/* The same of the names of attributes or children of an element; NULL if none is that near. */
const char *ehr_vocabulary_attribute_nearest(const struct ehr_vocabulary_element *element,
                                             const char *name);
const char *ehr_vocabulary_child_nearest(const struct ehr_vocabulary_element *element,
                                         const char *name);

/* Takes `allowed`; a new text, the caller's, which ends "; did you mean NEAREST?" if there is one.
 */
char *ehr_vocabulary_suggest(char *allowed, const char *nearest);

/* The choice number `index` (from 1) of "a|b|c"; a new text, the caller's. */
char *ehr_vocabulary_choice_text(const char *values, unsigned index);

#endif /* EHR_SCENARIO_VOCABULARY_H */
