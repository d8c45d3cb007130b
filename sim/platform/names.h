/* Names for hosts, routers, zones and links, made of what maps of networks call their places; and
 * lists of them in which none stands twice. */
#ifndef EHR_PLATFORM_NAMES_H
#define EHR_PLATFORM_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum { EHR_NAME_BYTES_MAX = 48 };

/* "Zielona Góra" -> "zielona-gora": small letters without marks, digits, single hyphens inside;
 * at most EHR_NAME_BYTES_MAX. The caller's; "" if nothing is left. */
char *ehr_name_make(const char *label);

/* Fit for a host: letters, digits, '.', '_', '-', first a letter or digit. */
bool ehr_name_is_valid(const char *name);

struct ehr_names {
    char **items; /* in the order added */
    size_t count;
    size_t capacity;
};

void ehr_names_close(struct ehr_names *names); /* accepts NULL */

/* Adds a copy, also of what is there. */
void ehr_names_add(struct ehr_names *names, const char *name);

/* Adds `name`, or name-b, name-c, ..., name-zz: the first that is not there; letters, so that it
 * is not taken for the number of a host. Returns what was added, the list's. */
const char *ehr_names_add_unique(struct ehr_names *names, const char *name);

/* A name that stands there twice, or NULL. */
const char *ehr_names_twice(const struct ehr_names *names);

bool ehr_names_has(const struct ehr_names *names, const char *name);

/* "a,b,c" -> a, b, c. False: an item is not a valid name; nothing is added. "" is none. */
bool ehr_names_split(struct ehr_names *names, const char *text);

/* "a, b, c and 5 more": the first `shown`; the caller's. */
char *ehr_names_text(const struct ehr_names *names, size_t shown);

#endif /* EHR_PLATFORM_NAMES_H */
