/* Pieces of SimGrid platform files: the head with its comment, figures with units. Figures are
 * written shortest and exact, so that files are the same everywhere. */
#ifndef EHR_PLATFORM_MARKUP_H
#define EHR_PLATFORM_MARKUP_H

#include "sim/platform/map.h"

#include <stdint.h>
#include <stdio.h>

/* XML declaration, an instruction <?ehrgrid ...?> with the command (comments may not hold two
 * hyphens), DOCTYPE, and one comment of paragraphs, which are separated by line breaks. */
void ehr_markup_head(FILE *out, const char *command, const char *comment);

/* One comment as above, indented. */
void ehr_markup_comment(FILE *out, const char *text);

enum { EHR_MARKUP_FIGURE_BYTES = 32 };
/* "1851us", into text[EHR_MARKUP_FIGURE_BYTES]; as SimGrid writes it, "155Mbps". */
const char *ehr_markup_time(char *text, uint64_t ns);
const char *ehr_markup_bandwidth(char *text, uint64_t bytes_per_s);

enum ehr_markup_sharing { EHR_MARKUP_DUPLEX = 1, EHR_MARKUP_ONE_WAY };
void ehr_markup_link(FILE *out, int indent, const char *name, uint64_t bytes_per_s,
                     uint64_t latency_ns, enum ehr_markup_sharing sharing);
void ehr_markup_host(FILE *out, int indent, const char *name, unsigned cores);

/* A link "<prefix>-<host>" and the route over it from the host to a router of the same zone. */
void ehr_markup_port_link(FILE *out, int indent, const char *prefix, const char *host,
                          uint64_t bytes_per_s, uint64_t latency_ns);
void ehr_markup_port_route(FILE *out, int indent, const char *prefix, const char *host,
                           const char *router);

/* The zone of a map at an indent of 2 or more: a zone <site>-site with the router <site>-router for
 * each site that is used (NULL: all), links, and the routes between these sites. */
void ehr_markup_map(FILE *out, int indent, const struct ehr_map *map,
                    const struct ehr_map_hosts *hosts, const bool *used);

#endif /* EHR_PLATFORM_MARKUP_H */
