#include "sim/platform/hospitals.h"

#include "sim/platform/markup.h"
#include "sim/scenario/memory.h"

#include <stdlib.h>

/* Of three-hospitals.xml; assumed. */
enum { CORES_SERVER = 8, CORES_ALLIANCE = 8, CORES_NODE = 4, CORES_DESK = 2, CORES_OTHER = 4 };

/* ---- names ---- */

struct hosts {
    struct ehr_names names;
    unsigned *cores;
    size_t capacity;
};

static void host_add(struct hosts *hosts, char *take_name, unsigned cores)
{
    hosts->cores = ehr_scenario_array_grow(hosts->cores, hosts->names.count, &hosts->capacity,
                                           sizeof *hosts->cores);
    hosts->cores[hosts->names.count] = cores;
    ehr_names_add(&hosts->names, take_name);
    free(take_name);
}

static void hosts_close(struct hosts *hosts)
{
    ehr_names_close(&hosts->names);
    free(hosts->cores);
}

/* <hospital>-<kind>, with numbers if `numbered` or there are several. */
static void kind_add(struct hosts *hosts, const char *hospital, const char *kind, unsigned count,
                     bool numbered, unsigned cores)
{
    for (unsigned i = 1; i <= count; i++)
        host_add(hosts,
                 numbered || count > 1 ? ehr_scenario_text_format("%s-%s-%u", hospital, kind, i)
                                       : ehr_scenario_text_format("%s-%s", hospital, kind),
                 cores);
}

static struct hosts lan_hosts(const struct ehr_hospitals_options *options, size_t hospital)
{
    struct hosts hosts = {0};
    const char *name = options->hospitals.items[hospital];
    kind_add(&hosts, name, "server", options->servers, false, CORES_SERVER);
    kind_add(&hosts, name, "node", options->nodes, true, CORES_NODE);
    kind_add(&hosts, name, "desk", options->desks, true, CORES_DESK);
    for (unsigned i = 0; i < options->alliance; i++)
        if (i % options->hospitals.count == hospital)
            host_add(&hosts, ehr_scenario_text_format("alliance-%u", i + 1), CORES_ALLIANCE);
    return hosts;
}

static struct hosts home_hosts(const struct ehr_hospitals_options *options, size_t hospital)
{
    struct hosts hosts = {0};
    kind_add(&hosts, options->hospitals.items[hospital], "home", options->homes, false,
             CORES_OTHER);
    return hosts;
}

/* ---- placing ---- */

static void add_text(struct ehr_names *names, const char *prefix, const char *name,
                     const char *suffix)
{
    char *text = ehr_scenario_text_format("%s%s%s", prefix, name, suffix);
    ehr_names_add(names, text);
    free(text);
}

/* Hosts with a zone and an access link of their own. */
static void lines_add(const struct ehr_names *hosts, struct ehr_names *netpoints,
                      struct ehr_names *links)
{
    for (size_t i = 0; i < hosts->count; i++) {
        add_text(netpoints, "", hosts->items[i], "");
        add_text(netpoints, "", hosts->items[i], "-line");
        add_text(links, "wan-", hosts->items[i], "");
    }
}

/* All that hospitals_write writes. */
static void names_list(const struct ehr_hospitals_options *options, struct ehr_names *netpoints,
                       struct ehr_names *links)
{
    ehr_names_add(netpoints, options->name);
    for (size_t i = 0; i < options->hospitals.count; i++) {
        struct hosts lan = lan_hosts(options, i), homes = home_hosts(options, i);
        add_text(netpoints, "", options->hospitals.items[i], "-lan");
        add_text(netpoints, "", options->hospitals.items[i], "-edge");
        add_text(links, "wan-", options->hospitals.items[i], "");
        for (size_t k = 0; k < lan.names.count; k++) {
            add_text(netpoints, "", lan.names.items[k], "");
            add_text(links, "lan-", lan.names.items[k], "");
        }
        lines_add(&homes.names, netpoints, links);
        hosts_close(&lan);
        hosts_close(&homes);
    }
    lines_add(&options->data_users, netpoints, links);
}

/* A name that stands twice makes SimGrid abort. */
static bool names_check(const struct ehr_hospitals_options *options,
                        const struct ehr_ground *ground, struct ehr_problem_list *problems)
{
    struct ehr_names netpoints = {0}, links = {0};
    for (size_t i = 0; i < ground->netpoints.count; i++)
        ehr_names_add(&netpoints, ground->netpoints.items[i]);
    for (size_t i = 0; i < ground->links.count; i++)
        ehr_names_add(&links, ground->links.items[i]);
    names_list(options, &netpoints, &links);
    const char *netpoint = ehr_names_twice(&netpoints), *link = ehr_names_twice(&links);
    if (netpoint != NULL)
        ehr_problem_list_add(problems, false, "--names", 0, "host, router or zone", netpoint,
                             "each name once, also those of what the hospitals hang on");
    if (link != NULL)
        ehr_problem_list_add(problems, false, "--names", 0, "link", link,
                             "each name once, also those of what the hospitals hang on");
    bool good = netpoint == NULL && link == NULL;
    ehr_names_close(&netpoints);
    ehr_names_close(&links);
    return good;
}

/* SimGrid 4.1 aborts when it looks for a route between a host of an inner zone and one outside
 * whose gateway lies in an inner zone; 3.32 and 4.0 find it. */
static void inner_notice(const struct ehr_hospitals_options *options,
                         const struct ehr_ground *ground, struct ehr_problem_list *problems,
                         const size_t *point)
{
    struct ehr_names found = {0};
    for (size_t i = 0; i < options->hospitals.count; i++) {
        const char *id = ground->points.items[point[i]];
        if (ehr_names_has(&ground->inner, id) && !ehr_names_has(&found, id))
            ehr_names_add(&found, id);
    }
    char *text = ehr_names_text(&found, 5);
    if (found.count > 0 && ground->points.count > ground->router_count)
        ehr_problem_list_add(problems, true, "--on", 0, "places in inner zones", text,
                             "SimGrid 4.1 has no routes from the platform's own hosts to what "
                             "hangs there");
    free(text);
    ehr_names_close(&found);
}

bool ehr_hospitals_place(const struct ehr_hospitals_options *options,
                         const struct ehr_ground *ground, struct ehr_problem_list *problems,
                         size_t *point)
{
    size_t errors = problems->error_count;
    size_t places = ground->router_count > 0 ? ground->router_count : ground->points.count;
    for (size_t i = 0; i < options->hospitals.count; i++) {
        point[i] = i % places;
        if (options->at.count == 0)
            continue;
        const char *wanted = options->at.items[i % options->at.count];
        point[i] = ehr_ground_point(ground, wanted);
        if (point[i] != SIZE_MAX)
            continue;
        char *all = ehr_names_text(&ground->points, 50);
        ehr_problem_list_add(problems, false, "--at", 0, "place", wanted, all);
        free(all);
    }
    ehr_problem_list_sort(problems);
    if (problems->error_count > errors)
        return false;
    inner_notice(options, ground, problems, point);
    return names_check(options, ground, problems);
}

/* ---- writing ---- */

static void access_write(FILE *out, const char *zone_suffix, const char *name,
                         const char *gateway_suffix, const struct ehr_ground *ground, size_t point)
{
    fprintf(out,
            "    <zoneRoute src=\"%s%s\" dst=\"%s\" gw_src=\"%s%s\" gw_dst=\"%s\">"
            "<link_ctn id=\"wan-%s\" direction=\"UP\"/></zoneRoute>\n",
            name, zone_suffix, ground->zone, name, gateway_suffix, ground->points.items[point],
            name);
}

static void lan_write(FILE *out, const struct ehr_hospitals_options *options, size_t hospital)
{
    struct hosts lan = lan_hosts(options, hospital);
    const char *name = options->hospitals.items[hospital];
    char *edge = ehr_scenario_text_format("%s-edge", name);
    fprintf(out, "    <zone id=\"%s-lan\" routing=\"Floyd\">\n", name);
    for (size_t i = 0; i < lan.names.count; i++)
        ehr_markup_host(out, 6, lan.names.items[i], lan.cores[i]);
    fprintf(out, "      <router id=\"%s\"/>\n", edge);
    for (size_t i = 0; i < lan.names.count; i++)
        ehr_markup_port_link(out, 6, "lan", lan.names.items[i], options->lan.bytes_per_s,
                             options->lan.latency_ns / 2);
    for (size_t i = 0; i < lan.names.count; i++)
        ehr_markup_port_route(out, 6, "lan", lan.names.items[i], edge);
    fputs("    </zone>\n", out);
    free(edge);
    hosts_close(&lan);
}

/* A zone of one host, which is its own gateway. */
static void line_host_write(FILE *out, const char *host)
{
    fprintf(out,
            "    <zone id=\"%s-line\" routing=\"Full\"><host id=\"%s\" speed=\"1Gf\" "
            "core=\"%d\"/></zone>\n",
            host, host, CORES_OTHER);
}

static void wan_write(FILE *out, const char *name, struct ehr_hospitals_line line)
{
    ehr_markup_port_link(out, 4, "wan", name, line.bytes_per_s, line.latency_ns);
}

static void zones_write(FILE *out, const struct ehr_hospitals_options *options)
{
    for (size_t i = 0; i < options->hospitals.count; i++) {
        struct hosts homes = home_hosts(options, i);
        lan_write(out, options, i);
        for (size_t k = 0; k < homes.names.count; k++)
            line_host_write(out, homes.names.items[k]);
        hosts_close(&homes);
    }
    for (size_t i = 0; i < options->data_users.count; i++)
        line_host_write(out, options->data_users.items[i]);
}

static void links_write(FILE *out, const struct ehr_hospitals_options *options,
                        const struct ehr_ground *ground, const size_t *point)
{
    for (unsigned routes = 0; routes < 2; routes++) {
        fputc('\n', out);
        for (size_t i = 0; i < options->hospitals.count; i++) {
            struct hosts homes = home_hosts(options, i);
            if (routes)
                access_write(out, "-lan", options->hospitals.items[i], "-edge", ground, point[i]);
            else
                wan_write(out, options->hospitals.items[i], options->access);
            for (size_t k = 0; k < homes.names.count; k++) {
                if (routes)
                    access_write(out, "-line", homes.names.items[k], "", ground, point[i]);
                else
                    wan_write(out, homes.names.items[k], options->home);
            }
            hosts_close(&homes);
        }
        for (size_t i = 0; i < options->data_users.count; i++) {
            if (routes)
                access_write(out, "-line", options->data_users.items[i], "", ground, point[0]);
            else
                wan_write(out, options->data_users.items[i], options->access);
        }
    }
}

void ehr_hospitals_write(FILE *out, const struct ehr_hospitals_options *options,
                         const struct ehr_ground *ground, const size_t *point)
{
    bool *used = ehr_scenario_allocate(ground->points.count, sizeof *used);
    for (size_t i = 0; i < options->hospitals.count; i++)
        used[point[i]] = true;
    fputs("<platform version=\"4.1\">\n", out);
    if (ground->comment != NULL)
        fprintf(out, "  %s\n", ground->comment);
    if (ground->before != NULL)
        fprintf(out, "  %s\n", ground->before);
    fprintf(out, "  <zone id=\"%s\" routing=\"Floyd\">\n", options->name);
    ehr_ground_write(out, 4, ground, used);
    fputc('\n', out);
    zones_write(out, options);
    links_write(out, options, ground, point);
    fputs("  </zone>\n", out);
    if (ground->behind != NULL)
        fprintf(out, "  %s\n", ground->behind);
    fputs("</platform>\n", out);
    free(used);
}
