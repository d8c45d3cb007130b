#include "sim/app/platform_rows.h"

#include <assert.h>

enum {
    IMPORT = EHR_PLATFORM_IMPORT,
    REGIONS = EHR_PLATFORM_REGIONS,
    GENERATE = EHR_PLATFORM_GENERATE,
    MAPS = IMPORT | REGIONS,
    GRAPHS = IMPORT | GENERATE,
    TABLES = REGIONS | GENERATE,
    ALL = MAPS | GENERATE,
    HOSTS_MAX = 1000,
    CORES_MAX = 4096,
    IN_HOSPITAL_MAX = EHR_HOSPITALS_HOSTS_MAX,
};

#define AT(member)    offsetof(struct ehr_platform_options, member)
#define LAN_BANDWIDTH EHR_PLATFORM_BANDWIDTH, AT(hospitals.lan.bytes_per_s), 0, 0, "B"
#define LAN_LATENCY   EHR_PLATFORM_TIME, AT(hospitals.lan.latency_ns), 0, 0, "TIME"

/* clang-format off: one option a line or two */
static const struct ehr_platform_row rows[] = {
    {"matrix", REGIONS, EHR_PLATFORM_FILE, AT(matrix), 0, 0, "PATH",
     "a folder of pings REGION.dat with lines min/avg/max/mdev:REGION (ms); or CSV: columns from, "
     "to, rtt_ms; or a square one with the header rtt_ms,REGION,REGION,..."},
    /* hospitals */
    {"hospitals", GENERATE, EHR_PLATFORM_HOSPITALS, 0, 1, EHR_HOSPITALS_MAX, "N",
     "how many (default: as many as names or places, or 3)"},
    {"names", GENERATE, EHR_PLATFORM_NAMES, AT(hospitals.hospitals), 0, 0, "A,B,...",
     "theirs (default: the places if each stands once in --at, or hospital-1 ..)"},
    {"on", GENERATE, EHR_PLATFORM_FILE, AT(on), 0, 0, "PATH",
     "what they hang on: a platform.xml, a map.graphml, a table.csv or a folder of pings (default: "
     "one exchange)"},
    {"at", GENERATE, EHR_PLATFORM_NAMES, AT(hospitals.at), 0, 0, "PLACE,...",
     "sites, routers or hosts of it, in turn (default: its routers, or hosts if it has none, in "
     "order)"},
    {"servers", GENERATE, EHR_PLATFORM_COUNT, AT(hospitals.servers), 1, IN_HOSPITAL_MAX, "N",
     "of each hospital (default: 1)"},
    {"nodes", GENERATE, EHR_PLATFORM_COUNT, AT(hospitals.nodes), 0, IN_HOSPITAL_MAX, "N",
     "of its private chain (default: 4)"},
    {"desks", GENERATE, EHR_PLATFORM_COUNT, AT(hospitals.desks), 0, IN_HOSPITAL_MAX, "N",
     "of its doctors (default: 2)"},
    {"homes", GENERATE, EHR_PLATFORM_COUNT, AT(hospitals.homes), 0, 4, "N",
     "of its patients (default: 1)"},
    {"alliance", GENERATE, EHR_PLATFORM_COUNT, AT(hospitals.alliance), 0, HOSTS_MAX, "N",
     "nodes of the alliance, in the hospitals in turn (default: 4)"},
    {"data-users", GENERATE, EHR_PLATFORM_NAMES, AT(hospitals.data_users), 0, 0, "A,B,...",
     "hosts, where the first hospital is (default: institute,insurer; '' for none)"},
    /* all */
    {"out", ALL, EHR_PLATFORM_OUT, AT(out), 0, 0, "FILE",
     "where; replaced if it exists (default: standard output)"},
    {"name", ALL, EHR_PLATFORM_NAME, AT(name), 0, 0, "NAME", "of the platform's zone"},
    {"title", ALL, EHR_PLATFORM_TEXT, AT(words.title), 0, 0, "TEXT",
     "first words of the comment in front: what it models"},
    {"source", ALL, EHR_PLATFORM_TEXT, AT(words.source), 0, 0, "TEXT",
     "where the input comes from, for the comment"},
    {"json", ALL, EHR_PLATFORM_QUIET, AT(json), 0, 0, NULL,
     "what was written to --out, and notices, as JSON on stdout"},
    {"quiet", ALL, EHR_PLATFORM_QUIET, AT(quiet), 0, 0, NULL, "no notices"},
    {"hosts", MAPS, EHR_PLATFORM_COUNT, AT(hosts.per_site), 0, HOSTS_MAX, "N",
     "at each site: SITE, or SITE-1 .. if several (default: 1)"},
    {"cores", MAPS, EHR_PLATFORM_COUNT, AT(hosts.cores), 1, CORES_MAX, "N", "of each (default: 4)"},
    /* lines; import and regions take the figures of their sites from the same options */
    {"lan-bandwidth", ALL, LAN_BANDWIDTH, "of the port of a host (default: 1Gbps)"},
    {"lan-latency", IMPORT, LAN_LATENCY, "from host to host at a site (default: 100us)"},
    {"lan-latency", REGIONS, LAN_LATENCY,
     "from host to host in a region of which the table says nothing (default: 100us)"},
    {"lan-latency", GENERATE, LAN_LATENCY, "from host to host in a hospital (default: 100us)"},
    {"access-bandwidth", GENERATE, EHR_PLATFORM_BANDWIDTH, AT(hospitals.access.bytes_per_s), 0, 0,
     "B", "of the lines of hospitals and data users (default: 100Mbps)"},
    {"access-latency", GENERATE, EHR_PLATFORM_TIME, AT(hospitals.access.latency_ns), 0, 0, "TIME",
     "of these lines (default: 500us)"},
    {"home-bandwidth", GENERATE, EHR_PLATFORM_BANDWIDTH, AT(hospitals.home.bytes_per_s), 0, 0, "B",
     "of the lines of patients (default: 50Mbps)"},
    {"home-latency", GENERATE, EHR_PLATFORM_TIME, AT(hospitals.home.latency_ns), 0, 0, "TIME",
     "of these lines (default: 5ms)"},
    /* graphs */
    {NULL, GENERATE, EHR_PLATFORM_HEADING, 0, 0, 0, NULL, "With --on a map:"},
    {"route-factor", GRAPHS, EHR_PLATFORM_FACTOR, AT(import.route_factor), 0, 0, "X",
     "cable / great-circle distance (default: 1.5)"},
    {"min-latency", GRAPHS, EHR_PLATFORM_TIME, AT(import.latency_min_ns), 0, 0, "TIME",
     "no link takes less (default: 50us)"},
    {"bandwidth", GRAPHS, EHR_PLATFORM_BANDWIDTH, AT(import.bytes_per_s), 0, 0, "B",
     "of every link, whatever the file says"},
    {"default-bandwidth", GRAPHS, EHR_PLATFORM_BANDWIDTH, AT(import.default_bytes_per_s), 0, 0, "B",
     "of links whose speed the file does not say (default: 10Gbps)"},
    {"unplaced", GRAPHS, EHR_PLATFORM_UNPLACED, AT(import.unplaced_ns), 0, 0, "TIME",
     "latency of links to nodes without a position, instead of placing these in the middle of "
     "their neighbours"},
    {"internal", GRAPHS, EHR_PLATFORM_FLAG, AT(import.internal_only), 0, 0, NULL,
     "without nodes of other networks (Internal = 0)"},
    {"largest", GRAPHS, EHR_PLATFORM_FLAG, AT(import.largest_only), 0, 0, NULL,
     "of a graph in parts the largest part"},
    {"routing", GRAPHS, EHR_PLATFORM_ROUTING, AT(import.routing), 0, 0, "latency|hops",
     "least latency, each route written (default up to 256 sites); or fewest links, found by "
     "SimGrid"},
    /* tables */
    {NULL, GENERATE, EHR_PLATFORM_HEADING, 0, 0, 0, NULL, "With --on a table:"},
    {"regions", TABLES, EHR_PLATFORM_NAMES, AT(regions_wanted), 0, 0, "A,B,...",
     "which, in this order (default: all)"},
    {"statistic", TABLES, EHR_PLATFORM_STATISTIC, AT(statistic), 0, 0, "min|avg|max",
     "of pings (default: avg)"},
    {"directions", TABLES, EHR_PLATFORM_DIRECTIONS, AT(regions.own_directions), 0, 0, "mean|own",
     "one way = half the mean of both directions, or half of the table's own entry for each "
     "(default: mean)"},
    {"wan-bandwidth", TABLES, EHR_PLATFORM_BANDWIDTH, AT(regions.bytes_per_s), 0, 0, "B",
     "of the link of every pair (default: 1Gbps)"},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };

const struct ehr_platform_row *ehr_platform_row(int id)
{
    assert(id >= 1 && id <= ROWS);
    return &rows[id - 1];
}

const struct ehr_option *ehr_platform_rows(enum ehr_platform_verb verb)
{
    static struct ehr_option lists[GENERATE + 1][ROWS + 1];
    struct ehr_option *list = lists[verb];
    size_t count = 0;
    for (int i = 0; i < ROWS; i++)
        if ((rows[i].verbs & (unsigned)verb) != 0)
            list[count++] = (struct ehr_option){i + 1, rows[i].offset == AT(quiet) ? 'q' : '\0',
                                                rows[i].name, rows[i].argument, rows[i].help};
    list[count] = (struct ehr_option){0};
    return list;
}
