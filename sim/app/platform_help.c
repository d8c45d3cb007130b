#include "sim/app/platform_help.h"

#include <stddef.h>
#include <string.h>

#define COMMON                                                                                     \
    "  --out FILE                where; replaced if it exists (default: standard output)\n"        \
    "  --name NAME               of the platform's zone\n"                                         \
    "  --title TEXT              first words of the comment in front: what it models\n"            \
    "  --source TEXT             where the input comes from, for the comment\n"                    \
    "  --quiet                   no notices\n"
#define SITES                                                                                      \
    "  --hosts N                 hosts at each site: SITE, or SITE-1 .. if several (default: 1)\n" \
    "  --cores N                 of each (default: 4)\n"                                           \
    "  --lan-bandwidth B         of the port of a host (default: 1Gbps)\n"
#define GRAPHS                                                                                     \
    "  --route-factor X          cable / great-circle distance (default: 1.5)\n"                   \
    "  --min-latency TIME        no link takes less (default: 50us)\n"                             \
    "  --bandwidth B             of every link, whatever the file says\n"                          \
    "  --default-bandwidth B     of links whose speed the file does not say (default: 10Gbps)\n"   \
    "  --unplaced TIME           latency of links to nodes without a position, instead of\n"       \
    "                            placing these in the middle of their neighbours\n"                \
    "  --internal                without nodes of other networks (Internal = 0)\n"                 \
    "  --largest                 of a graph in parts the largest part\n"                           \
    "  --routing latency|hops    least latency, each route written (default up to 256 sites);\n"   \
    "                            or fewest links, found by SimGrid\n"
#define TABLES                                                                                     \
    "  --regions A,B,...         which, in this order (default: all)\n"                            \
    "  --statistic min|avg|max   of pings (default: avg)\n"                                        \
    "  --directions mean|own     one way = half the mean of both directions, or half of the\n"     \
    "                            table's own entry for each (default: mean)\n"                     \
    "  --wan-bandwidth B         of the link of every pair (default: 1Gbps)\n"

static const char platform[] =
    "usage: ehrgrid platform import FILE.graphml [options]\n"
    "       ehrgrid platform regions --matrix PATH [options]\n"
    "       ehrgrid platform generate [options]\n"
    "Writes a SimGrid platform: from a map of the Internet Topology Zoo, from a table of round\n"
    "trips between regions, or of hospitals of a given shape, hung on either of these or on any\n"
    "platform. `ehrgrid help platform import`, ... lists the options.\n";

static const char import_text[] =
    "usage: ehrgrid platform import FILE.graphml [options]\n"
    "A map with positions to a platform: great-circle distance over light in fibre.\n" COMMON SITES
    "  --lan-latency TIME        from host to host at a site (default: 100us)\n" GRAPHS;

static const char regions_text[] =
    "usage: ehrgrid platform regions --matrix PATH [options]\n"
    "Round trips between regions to a platform: half of one is the latency of one way.\n"
    "  --matrix PATH             a folder of pings REGION.dat with lines min/avg/max/mdev:REGION\n"
    "                            (ms); or CSV: columns from, to, rtt_ms; or a square one with\n"
    "                            the header rtt_ms,REGION,REGION,...\n" COMMON SITES
    "  --lan-latency TIME        from host to host in a region of which the table says nothing\n"
    "                            (default: 100us)\n" TABLES;

static const char generate_text[] =
    "usage: ehrgrid platform generate [options]\n"
    "Hospitals: NAME-server, -node-1 .., -desk-1 .., -home; alliance-1 ..; data users.\n"
    "  --hospitals N             how many (default: as many as names or places, or 3)\n"
    "  --names A,B,...           theirs (default: the places if each stands once in --at, or\n"
    "                            hospital-1 ..)\n"
    "  --on PATH                 what they hang on: a platform.xml, a map.graphml, a table.csv or\n"
    "                            a folder of pings (default: one exchange)\n"
    "  --at PLACE,...            sites, routers or hosts of it, in turn (default: its routers, or\n"
    "                            hosts if it has none, in order)\n"
    "  --servers N --nodes N --desks N --homes N\n"
    "                            per hospital (default: 1 4 2 1)\n"
    "  --alliance N              nodes of the alliance, in the hospitals in turn (default: 4)\n"
    "  --data-users A,B,...      hosts, where the first hospital is (default: institute,insurer;\n"
    "                            '' for none)\n"
    "  --lan-bandwidth B --lan-latency TIME\n"
    "                            port; from host to host (default: 1Gbps 100us)\n"
    "  --access-bandwidth B --access-latency TIME\n"
    "                            of hospitals and data users (default: 100Mbps 500us)\n"
    "  --home-bandwidth B --home-latency TIME\n"
    "                            of patients (default: 50Mbps 5ms)\n" COMMON
    "With --on a map:\n" GRAPHS "With --on a table:\n" TABLES;

const char *ehr_platform_help(const char *verb)
{
    static const struct {
        const char *verb, *text;
    } texts[] = {{"platform", platform},
                 {"platform import", import_text},
                 {"platform regions", regions_text},
                 {"platform generate", generate_text}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i].verb, verb) == 0)
            return texts[i].text;
    return NULL;
}
