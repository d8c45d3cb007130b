#include "sim/platform/markup.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/memory.h"

enum { COLUMNS = 110 };

/* A word without what a comment may not hold: two hyphens, control characters. */
static void word_write(FILE *out, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)word[i];
        if (c == '-' && i > 0 && word[i - 1] == '-')
            fputc(' ', out);
        fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
    }
}

static void paragraph_write(FILE *out, const char *text, size_t length, size_t *column)
{
    size_t at = 0;
    while (at < length) {
        size_t word = 0;
        while (at + word < length && text[at + word] != ' ')
            word++;
        if (*column + 1 + word > COLUMNS) {
            fputs("\n    ", out);
            *column = 4;
        }
        fputc(' ', out);
        word_write(out, text + at, word);
        *column += 1 + word;
        at += word;
        while (at < length && text[at] == ' ')
            at++;
    }
}

void ehr_markup_comment(FILE *out, const char *text)
{
    fputs("<!--", out);
    for (size_t column = 4; *text != '\0'; column = 4) {
        size_t length = strcspn(text, "\n");
        paragraph_write(out, text, length, &column);
        text += length;
        if (*text == '\n')
            fputs(*++text != '\0' ? "\n    " : "", out);
    }
    fputs(" -->\n", out);
}

void ehr_markup_head(FILE *out, const char *command, const char *comment)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?ehrgrid ", out);
    for (const char *c = command; *c != '\0'; c++) {
        bool end = c[0] == '?' && c[1] == '>'; /* of the instruction */
        fputc(end || (unsigned char)*c < 0x20 ? ' ' : *c, out);
    }
    fputs("?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n", out);
    ehr_markup_comment(out, comment);
}

const char *ehr_markup_time(char *text, uint64_t ns)
{
    if (ns % 1000000 == 0 && ns > 0)
        snprintf(text, EHR_MARKUP_FIGURE_BYTES, "%" PRIu64 "ms", ns / 1000000);
    else if (ns % 1000 == 0)
        snprintf(text, EHR_MARKUP_FIGURE_BYTES, "%" PRIu64 "us", ns / 1000);
    else
        snprintf(text, EHR_MARKUP_FIGURE_BYTES, "%" PRIu64 "ns", ns);
    return text;
}

const char *ehr_markup_bandwidth(char *text, uint64_t bytes_per_s)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T"};
    bool as_bits = bytes_per_s <= UINT64_MAX / 8;
    uint64_t value = as_bits ? 8 * bytes_per_s : bytes_per_s;
    size_t prefix = 0;
    while (prefix < 4 && value % 1000 == 0) {
        value /= 1000;
        prefix++;
    }
    snprintf(text, EHR_MARKUP_FIGURE_BYTES, "%" PRIu64 "%s%s", value, prefixes[prefix],
             as_bits ? "bps" : "Bps");
    return text;
}

void ehr_markup_link(FILE *out, int indent, const char *name, uint64_t bytes_per_s,
                     uint64_t latency_ns, enum ehr_markup_sharing sharing)
{
    char bandwidth[EHR_MARKUP_FIGURE_BYTES], latency[EHR_MARKUP_FIGURE_BYTES];
    fprintf(out, "%*s<link id=\"%s\" bandwidth=\"%s\" latency=\"%s\" sharing_policy=\"%s\"/>\n",
            indent, "", name, ehr_markup_bandwidth(bandwidth, bytes_per_s),
            ehr_markup_time(latency, latency_ns),
            sharing == EHR_MARKUP_DUPLEX ? "SPLITDUPLEX" : "SHARED");
}

void ehr_markup_host(FILE *out, int indent, const char *name, unsigned cores)
{
    fprintf(out, "%*s<host id=\"%s\" speed=\"1Gf\" core=\"%u\"/>\n", indent, "", name, cores);
}

void ehr_markup_port_link(FILE *out, int indent, const char *prefix, const char *host,
                          uint64_t bytes_per_s, uint64_t latency_ns)
{
    char *name = ehr_scenario_text_format("%s-%s", prefix, host);
    ehr_markup_link(out, indent, name, bytes_per_s, latency_ns, EHR_MARKUP_DUPLEX);
    free(name);
}

void ehr_markup_port_route(FILE *out, int indent, const char *prefix, const char *host,
                           const char *router)
{
    fprintf(out,
            "%*s<route src=\"%s\" dst=\"%s\"><link_ctn id=\"%s-%s\" direction=\"UP\"/></route>\n",
            indent, "", host, router, prefix, host);
}

/* ---- maps ---- */

static void site_write(FILE *out, int indent, const struct ehr_map *map,
                       const struct ehr_map_hosts *hosts, size_t site)
{
    const char *name = map->sites.items[site];
    char *router = ehr_scenario_text_format("%s-router", name);
    fprintf(out, "%*s<zone id=\"%s-site\" routing=\"%s\">\n", indent, "", name,
            hosts->per_site > 0 ? "Floyd" : "Full");
    for (unsigned pass = 0; pass < 3; pass++) {
        for (unsigned i = 1; i <= hosts->per_site; i++) {
            char *host = ehr_map_host_name(map, hosts, site, i);
            if (pass == 0)
                ehr_markup_host(out, indent + 2, host, hosts->cores);
            else if (pass == 1)
                ehr_markup_port_link(out, indent + 2, "port", host, map->port_bytes_per_s,
                                     map->port_ns[site]);
            else
                ehr_markup_port_route(out, indent + 2, "port", host, router);
            free(host);
        }
        if (pass == 0)
            fprintf(out, "%*s<router id=\"%s\"/>\n", indent + 2, "", router);
    }
    fprintf(out, "%*s</zone>\n", indent, "");
    free(router);
}

static void route_begin(FILE *out, int indent, const struct ehr_map *map, size_t from, size_t to)
{
    const char *a = map->sites.items[from], *b = map->sites.items[to];
    fprintf(out,
            "%*s<zoneRoute src=\"%s-site\" dst=\"%s-site\" gw_src=\"%s-router\" "
            "gw_dst=\"%s-router\"%s>",
            indent, "", a, b, a, b, map->one_way ? " symmetrical=\"NO\"" : "");
}

static void step_write(FILE *out, const struct ehr_map *map, size_t link, bool forwards)
{
    const char *direction = map->one_way ? ""
                            : forwards   ? " direction=\"UP\""
                                         : " direction=\"DOWN\"";
    fprintf(out, "<link_ctn id=\"link-%s\"%s/>", map->link_names.items[link], direction);
}

/* The links from `from`, in whose tree of ways `arrived` is, to `to`. */
static void way_write(FILE *out, const struct ehr_map *map, size_t from, size_t to,
                      const size_t *arrived)
{
    if (to == from)
        return;
    const struct ehr_map_link *link = &map->links[arrived[to]];
    bool forwards = link->to == to;
    way_write(out, map, from, forwards ? link->from : link->to, arrived);
    step_write(out, map, arrived[to], forwards);
}

static void ways_write(FILE *out, int indent, const struct ehr_map *map, const bool *used)
{
    size_t count = map->sites.count;
    size_t *arrived = ehr_scenario_allocate(count, sizeof *arrived);
    for (size_t from = 0; from < count; from++) {
        if (used != NULL && !used[from])
            continue;
        ehr_map_ways(map, from, arrived);
        for (size_t to = from + 1; to < count; to++) {
            if ((used != NULL && !used[to]) || arrived[to] == SIZE_MAX)
                continue;
            route_begin(out, indent, map, from, to);
            way_write(out, map, from, to, arrived);
            fputs("</zoneRoute>\n", out);
        }
    }
    free(arrived);
}

static void links_write(FILE *out, int indent, const struct ehr_map *map, const bool *used)
{
    for (size_t i = 0; i < map->link_names.count; i++) {
        const struct ehr_map_link *link = &map->links[i];
        if (used != NULL && (!used[link->from] || !used[link->to]))
            continue;
        route_begin(out, indent, map, link->from, link->to);
        step_write(out, map, i, true);
        fputs("</zoneRoute>\n", out);
    }
}

void ehr_markup_map(FILE *out, int indent, const struct ehr_map *map,
                    const struct ehr_map_hosts *hosts, const bool *used)
{
    assert(!map->one_way || map->routing == EHR_MAP_DIRECT);
    if (map->routing == EHR_MAP_HOPS)
        used = NULL; /* any site may lie between two others */
    fprintf(out, "%*s<zone id=\"%s\" routing=\"%s\">\n", indent, "", map->name,
            map->routing == EHR_MAP_HOPS ? "Floyd" : "Full");
    for (size_t i = 0; i < map->sites.count; i++)
        if (used == NULL || used[i])
            site_write(out, indent + 2, map, hosts, i);
    fputc('\n', out);
    for (size_t i = 0; i < map->link_names.count; i++) {
        const struct ehr_map_link *link = &map->links[i];
        if (map->routing == EHR_MAP_DIRECT && used != NULL && !(used[link->from] && used[link->to]))
            continue; /* on no way */
        char *name = ehr_scenario_text_format("link-%s", map->link_names.items[i]);
        ehr_markup_link(out, indent + 2, name, link->bytes_per_s, link->latency_ns,
                        map->one_way ? EHR_MARKUP_ONE_WAY : EHR_MARKUP_DUPLEX);
        free(name);
    }
    fputc('\n', out);
    if (map->routing == EHR_MAP_LATENCY)
        ways_write(out, indent + 2, map, used);
    else
        links_write(out, indent + 2, map, used);
    fprintf(out, "%*s</zone>\n", indent, "");
}
