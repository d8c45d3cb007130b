/* GraphML to a graph, a graph to a map: what is read, what is refused, which rules fill gaps. */
#include "tests/unit/platform_make.h"

#define HEAD                                                                                       \
    "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"                                  \
    "<key id=\"y\" for=\"node\" attr.name=\"Latitude\" attr.type=\"double\"/>\n"                   \
    "<key id=\"x\" for=\"node\" attr.name=\"Longitude\" attr.type=\"double\"/>\n"                  \
    "<key id=\"l\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>\n"                      \
    "<key id=\"i\" for=\"node\" attr.name=\"Internal\" attr.type=\"int\"/>\n"                      \
    "<key id=\"s\" for=\"edge\" attr.name=\"LinkSpeedRaw\" attr.type=\"double\"/>\n"               \
    "<key id=\"n\" for=\"edge\" attr.name=\"LinkSpeed\" attr.type=\"string\"/>\n"                  \
    "<key id=\"u\" for=\"edge\" attr.name=\"LinkSpeedUnits\" attr.type=\"string\"/>\n"             \
    "<key id=\"t\" for=\"edge\" attr.name=\"LinkLabel\" attr.type=\"string\"/>\n"                  \
    "<graph edgedefault=\"undirected\">\n" /* line 10 */
#define TAIL "</graph></graphml>\n"
#define NODE(id, y, x)                                                                             \
    "<node id=\"" id "\"><data key=\"y\">" y "</data><data key=\"x\">" x                           \
    "</data><data key=\"l\">" id "</data></node>\n"
#define BARE(id)   "<node id=\"" id "\"/>\n"
#define EDGE(a, b) "<edge source=\"" a "\" target=\"" b "\"/>\n"
#define FAST(a, b, k, v)                                                                           \
    "<edge source=\"" a "\" target=\"" b "\"><data key=\"" k "\">" v "</data></edge>\n"

static struct ehr_graph *read_text(const char *text, struct ehr_problem_list *problems)
{
    return ehr_graphml_read("g.graphml", (const uint8_t *)text, strlen(text), problems);
}

/* The problems of a text that is no good. */
static bool refused(const char *text, const char *expected)
{
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    struct ehr_graph *graph = read_text(text, &problems);
    bool none = graph == NULL;
    ehr_graph_free(graph);
    return problems_are(&problems, expected) && none;
}

static void problems_name_the_line_when_graphs_are_broken(void)
{
    CU_ASSERT_TRUE(refused("", "g.graphml:1: file: empty: GraphML\n"));
    CU_ASSERT_TRUE(refused("<a/>", "g.graphml:1: document element: a: <graphml "
                                   "xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"));
    CU_ASSERT_TRUE(refused("<!DOCTYPE graphml [<!ENTITY a \"b\">]>\n<graphml/>",
                           "g.graphml:1: DOCTYPE: <!DOCTYPE: none\n"));
    CU_ASSERT_TRUE(refused(HEAD TAIL, "g.graphml:10: graph: no node: at least one node\n"));
    CU_ASSERT_TRUE(refused("<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\"/>",
                           "g.graphml:1: graph: none: one graph\n"));
    CU_ASSERT_TRUE(refused(HEAD BARE("a") "</graph><graph/></graphml>",
                           "g.graphml:12: graph: a second one: one graph\n"));
    CU_ASSERT_TRUE(refused(HEAD NODE("a", "91", "0") NODE("b", "1,5", "x") TAIL,
                           "g.graphml:11: Latitude: 91: degrees from -90 to 90\n"
                           "g.graphml:12: Latitude: 1,5: degrees from -90 to 90\n"
                           "g.graphml:12: Longitude: x: degrees from -180 to 180\n"));
    CU_ASSERT_TRUE(refused(HEAD "<node id=\"a\"><data key=\"y\">1</data></node>" TAIL,
                           "g.graphml:11: node: no Longitude: both, or none of them\n"));
    CU_ASSERT_TRUE(refused(HEAD BARE("a") BARE("a") "<node/>\n" EDGE("a", "c") TAIL,
                           "g.graphml:12: node/@id: a: an id that no other node has\n"
                           "g.graphml:13: node/@id: none: an id\n"
                           "g.graphml:14: edge/@target: c: the id of a node\n"));
    CU_ASSERT_TRUE(
        refused(HEAD BARE("a") "<hyperedge/>" TAIL,
                "g.graphml:12: hyperedge: an edge of several nodes: edges between two\n"));
    CU_ASSERT_TRUE(refused(HEAD "<node id=\"a\"><graph/></node>" TAIL,
                           "g.graphml:11: graph: a graph within a node: one graph\n"));
    CU_ASSERT_TRUE(refused(HEAD BARE("a") BARE("b") FAST("a", "b", "s", "fast") TAIL,
                           "g.graphml:13: LinkSpeedRaw: fast: bits per second, 8 to 1e18\n"));
    CU_ASSERT_TRUE(refused("<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">"
                           "<graph edgedefault=\"directed\"><node id=\"a\"/></graph></graphml>",
                           "g.graphml:1: graph/@edgedefault: directed: undirected\n"));
}

/* The map of a good text; the caller closes. */
static bool mapped(const char *text, const struct ehr_import_options *options, struct ehr_map *map,
                   const char *expected)
{
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    struct ehr_graph *graph = read_text(text, &problems);
    bool done = graph != NULL && ehr_import_map(graph, options, &problems, map);
    ehr_graph_free(graph);
    return problems_are(&problems, expected) && done;
}

static void latency_is_that_of_fibre_when_nodes_have_positions(void)
{
    struct ehr_import_options options = import_options();
    struct ehr_map map = {0};
    /* One degree of the equator is 111.195 km, x 1.5 / 199.8616 km per ms = 0.83454 ms; 0.01
     * degrees would be 8 us. */
    CU_ASSERT_TRUE(mapped(HEAD NODE("a", "0", "0") NODE("b", "0", "1") NODE("c", "0.01", "0")
                              FAST("a", "b", "s", "2000000.0") FAST("c", "a", "t", "2x10Gb/s") TAIL,
                          &options, &map, ""));
    CU_ASSERT_EQUAL(map.links[0].latency_ns, 835000);
    CU_ASSERT_EQUAL(map.links[0].bytes_per_s, 250000);
    CU_ASSERT_EQUAL(map.links[1].latency_ns, 50000);
    CU_ASSERT_EQUAL(map.links[1].bytes_per_s, 2500000000);
    CU_ASSERT_STRING_EQUAL(map.link_names.items[0], "a-b");
    CU_ASSERT_STRING_EQUAL(map.sites.items[2], "c");
    CU_ASSERT_EQUAL(map.routing, EHR_MAP_LATENCY);
    ehr_map_close(&map);
    options.route_factor = 1;
    options.bytes_per_s = 125;
    CU_ASSERT_TRUE(mapped(HEAD NODE("a", "0", "0") NODE("b", "0", "1")
                              FAST("a", "b", "s", "2000000.0") TAIL,
                          &options, &map, ""));
    CU_ASSERT_EQUAL(map.links[0].latency_ns, 556000); /* 111.195 / 199.8616 ms = 0.55636 */
    CU_ASSERT_EQUAL(map.links[0].bytes_per_s, 125);
    ehr_map_close(&map);
}

static void nodes_without_position_stand_between_their_neighbours(void)
{
    struct ehr_import_options options = import_options();
    struct ehr_map map = {0};
    const char *text = HEAD NODE("a", "0", "0") BARE("b") NODE("c", "0", "2") BARE("d")
        EDGE("a", "b") EDGE("b", "c") EDGE("b", "d") TAIL;
    CU_ASSERT_TRUE(
        mapped(text, &options, &map,
               "g.graphml: warning: speed of links: none at 3 of 3 edges: taken from "
               "--default-bandwidth\n"
               "g.graphml:12: warning: node without a position: b: placed in the middle of its "
               "neighbours\n"
               "g.graphml:14: warning: node without a position: d: placed in the middle of its "
               "neighbours\n"));
    CU_ASSERT_EQUAL(map.links[0].latency_ns, 835000);
    CU_ASSERT_EQUAL(map.links[1].latency_ns, 835000);
    CU_ASSERT_EQUAL(map.links[2].latency_ns, 50000); /* d has b alone: the same place */
    CU_ASSERT_EQUAL(map.links[2].bytes_per_s, 1250000000);
    ehr_map_close(&map);
    options.unplaced_is_fixed = true;
    options.unplaced_ns = 7000000;
    options.bytes_per_s = 1000;
    CU_ASSERT_TRUE(mapped(text, &options, &map, ""));
    CU_ASSERT_EQUAL(map.links[0].latency_ns, 7000000);
    ehr_map_close(&map);
    options.unplaced_is_fixed = false;
    CU_ASSERT_FALSE(mapped(HEAD BARE("a") BARE("b") EDGE("a", "b") TAIL, &options, &map,
                           "g.graphml: positions: a, b: Latitude and Longitude, of a neighbour at "
                           "least; or --unplaced TIME\n"));
    ehr_map_close(&map);
}

static void parts_are_refused_unless_the_largest_is_asked_for(void)
{
    struct ehr_import_options options = import_options();
    struct ehr_map map = {0};
    const char *text = HEAD NODE("a", "0", "0") NODE("b", "0", "1") NODE("c", "0", "2")
        FAST("b", "c", "t", "OC-3") TAIL;
    CU_ASSERT_FALSE(mapped(text, &options, &map,
                           "g.graphml:11: graph: 2 parts without a link between them; outside the "
                           "largest: a: one part, or --largest to take the largest only\n"));
    ehr_map_close(&map);
    options.largest_only = true;
    CU_ASSERT_TRUE(mapped(text, &options, &map,
                          "g.graphml:11: warning: graph: 2 parts without a link between them; "
                          "outside the largest: a: only the largest part is taken (--largest)\n"));
    CU_ASSERT_EQUAL(map.sites.count, 2);
    CU_ASSERT_EQUAL(map.links[0].bytes_per_s, 19440000); /* 3 x 51.84 Mbit/s / 8 */
    ehr_map_close(&map);
}

static void loops_parallels_and_others_networks_are_dealt_with(void)
{
    struct ehr_import_options options = import_options();
    struct ehr_map map = {0};
    options.internal_only = true;
    CU_ASSERT_TRUE(mapped(
        HEAD NODE("a", "0", "0")
            NODE("b", "0", "1") "<node id=\"out\"><data key=\"i\">0</data></node>\n" FAST(
                "a", "b", "t", "1Gb/s") FAST("b", "a", "t", "2Gb/s") FAST("a", "a", "t", "1Gb/s")
                EDGE("a", "out") TAIL,
        &options, &map,
        "g.graphml: warning: nodes of other networks: out: left out (--internal)\n"
        "g.graphml:15: warning: parallel edge: b: its speed is added to that of the other one\n"
        "g.graphml:16: warning: edge: a: leads to itself: left out\n"));
    CU_ASSERT_EQUAL(map.sites.count, 2);
    CU_ASSERT_EQUAL(map.link_names.count, 1);
    CU_ASSERT_EQUAL(map.links[0].bytes_per_s, 375000000);
    ehr_map_close(&map);
    options.bytes_per_s = 1000;
    CU_ASSERT_TRUE(mapped(HEAD NODE("a", "0", "0") NODE("b", "0", "1") EDGE("a", "b") EDGE("b", "a")
                              TAIL,
                          &options, &map, ""));
    CU_ASSERT_EQUAL(map.links[0].bytes_per_s, 1000);
    ehr_map_close(&map);
}

static void ways_are_the_shortest_then_the_fewest_links(void)
{
    struct ehr_map map = {.routing = EHR_MAP_LATENCY};
    size_t arrived[5];
    const char *const names[] = {"a", "b", "c", "d", "e"};
    const struct ehr_map_link links[] = {
        {0, 1, 10, 1}, {1, 2, 10, 1}, {0, 2, 25, 1}, /* a-b-c beats a-c */
        {2, 3, 5, 1},  {1, 3, 15, 1},                /* a-b-d as long as a-b-c-d, fewer links */
    };
    for (size_t i = 0; i < 5; i++)
        ehr_names_add(&map.sites, names[i]);
    for (size_t i = 0; i < 5; i++)
        ehr_map_link_add(&map, links[i]);
    ehr_map_ways(&map, 0, arrived);
    const size_t expected[] = {SIZE_MAX, 0, 1, 4, SIZE_MAX};
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(arrived[i], expected[i]);
    map.one_way = true;
    ehr_map_ways(&map, 3, arrived);
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(arrived[i], SIZE_MAX);
    ehr_map_close(&map);
}

static const struct ehr_unit_case cases[] = {
    {"problems_name_the_line_when_graphs_are_broken",
     problems_name_the_line_when_graphs_are_broken},
    {"latency_is_that_of_fibre_when_nodes_have_positions",
     latency_is_that_of_fibre_when_nodes_have_positions},
    {"nodes_without_position_stand_between_their_neighbours",
     nodes_without_position_stand_between_their_neighbours},
    {"parts_are_refused_unless_the_largest_is_asked_for",
     parts_are_refused_unless_the_largest_is_asked_for},
    {"loops_parallels_and_others_networks_are_dealt_with",
     loops_parallels_and_others_networks_are_dealt_with},
    {"ways_are_the_shortest_then_the_fewest_links", ways_are_the_shortest_then_the_fewest_links},
};

EHR_UNIT_MAIN("platform_graph", cases)
