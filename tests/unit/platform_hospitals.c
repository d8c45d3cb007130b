/* Hospitals hung on a ground: where, under which names, and the text that comes of it. */
#include "tests/unit/platform_make.h"

static const char base[] = "<?xml version=\"1.0\"?>\n"
                           "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                           "<!-- A country. -->\n"
                           "<platform version=\"4.1\">\n"
                           "<config><prop id=\"network/model\" value=\"CM02\"/></config>\n"
                           "<zone id=\"land\" routing=\"Full\">\n"
                           "<host id=\"north\" speed=\"1Gf\"/><host id=\"south\" speed=\"1Gf\"/>\n"
                           "<link id=\"ns\" bandwidth=\"1Gbps\" latency=\"1ms\"/>\n"
                           "<zone id=\"in\" routing=\"Full\"><router id=\"hub-router\"/></zone>\n"
                           "<route src=\"north\" dst=\"south\"><link_ctn id=\"ns\"/></route>\n"
                           "</zone>\n"
                           "<trace id=\"t\" periodicity=\"1\">0 1</trace>\n"
                           "</platform>\n";

static bool platform_read(struct ehr_ground *ground, const char *text,
                          struct ehr_problem_list *problems)
{
    ehr_problem_list_init(problems);
    return ehr_ground_platform(ground, "p.xml", (const uint8_t *)text, strlen(text), problems);
}

static bool platform_refused(const char *text, const char *expected)
{
    struct ehr_ground ground;
    struct ehr_problem_list problems;
    bool read = platform_read(&ground, text, &problems);
    ehr_ground_close(&ground);
    return problems_are(&problems, expected) && !read;
}

static void a_platform_gives_its_names_and_its_text(void)
{
    struct ehr_ground ground;
    struct ehr_problem_list problems;
    CU_ASSERT_TRUE(platform_read(&ground, base, &problems));
    CU_ASSERT_TRUE(problems_are(&problems, ""));
    CU_ASSERT_STRING_EQUAL(ground.zone, "land");
    CU_ASSERT_EQUAL(ground.router_count, 1);
    CU_ASSERT_EQUAL(ground.points.count, 3);
    CU_ASSERT_EQUAL(ehr_ground_point(&ground, "hub"), 0);
    CU_ASSERT_EQUAL(ehr_ground_point(&ground, "hub-router"), 0);
    CU_ASSERT_EQUAL(ehr_ground_point(&ground, "south"), 2);
    CU_ASSERT_EQUAL(ehr_ground_point(&ground, "west"), SIZE_MAX);
    CU_ASSERT_STRING_EQUAL(ground.comment, "<!-- A country. -->");
    CU_ASSERT_PTR_NOT_NULL(strstr(ground.text, "<route src=\"north\" dst=\"south\">"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ground.before, "<config>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ground.behind, "<trace id=\"t\""));
    ehr_ground_close(&ground);
}

static void problems_name_the_line_when_platforms_are_broken(void)
{
    CU_ASSERT_TRUE(platform_refused("", "p.xml:1: file: empty: a SimGrid platform\n"));
    CU_ASSERT_TRUE(platform_refused("<a/>", "p.xml:1: document element: a: <platform>\n"));
    CU_ASSERT_TRUE(
        platform_refused("<platform version=\"3\"/>", "p.xml:1: platform/@version: 3: 4 or 4.1\n"));
    CU_ASSERT_TRUE(platform_refused("<platform version=\"4.1\">\n</platform>",
                                    "p.xml:1: zone: none: one <zone> in <platform>\n"));
    CU_ASSERT_TRUE(platform_refused("<platform version=\"4.1\"><zone id=\"a\"/>\n"
                                    "<zone id=\"b\"/></platform>",
                                    "p.xml:1: zone: no <host> and no <router>: something to hang a "
                                    "hospital on\n"
                                    "p.xml:2: zone: beside the first zone: one <zone>, <config>, "
                                    "<trace>, <trace_connect>\n"));
    CU_ASSERT_TRUE(platform_refused("<!DOCTYPE p [\n<!ENTITY a \"b\">]>\n<platform/>",
                                    "p.xml:2: DOCTYPE: declarations: a name only\n"));
    CU_ASSERT_TRUE(platform_refused("<!DOCTYPE p SYSTEM \"x\">\n<platform>&b;</platform>",
                                    "p.xml:2: XML: Entity 'b' not defined: well-formed XML\n"));
    char text[sizeof base];
    for (size_t length = 1; length < sizeof base - 2; length += 3) { /* cut off anywhere */
        struct ehr_ground ground;
        struct ehr_problem_list problems;
        memcpy(text, base, length);
        text[length] = '\0';
        CU_ASSERT_FALSE(platform_read(&ground, text, &problems));
        CU_ASSERT_TRUE(problems.error_count > 0);
        ehr_ground_close(&ground);
        ehr_problem_list_close(&problems);
    }
}

static struct ehr_hospitals_options options_make(const char *names, const char *at)
{
    struct ehr_hospitals_options options = {.name = "all",
                                            .servers = 1,
                                            .nodes = 2,
                                            .desks = 1,
                                            .homes = 1,
                                            .alliance = 3,
                                            .lan = {100000, 125000000},
                                            .access = {500000, 12500000},
                                            .home = {5000000, 6250000}};
    CU_ASSERT_TRUE(ehr_names_split(&options.hospitals, names));
    CU_ASSERT_TRUE(ehr_names_split(&options.at, at));
    CU_ASSERT_TRUE(ehr_names_split(&options.data_users, "institute"));
    return options;
}

static void options_close(struct ehr_hospitals_options *options)
{
    ehr_names_close(&options->hospitals);
    ehr_names_close(&options->at);
    ehr_names_close(&options->data_users);
}

#define INNER                                                                                      \
    "--on: warning: places in inner zones: hub-router: SimGrid 4.1 has no routes from the "        \
    "platform's own hosts to what hangs there\n"

static bool placed(const char *names, const char *at, const char *expected, const size_t *where)
{
    struct ehr_ground ground;
    struct ehr_problem_list problems;
    size_t point[4] = {0};
    CU_ASSERT_TRUE(platform_read(&ground, base, &problems));
    struct ehr_hospitals_options options = options_make(names, at);
    bool done = ehr_hospitals_place(&options, &ground, &problems, point);
    bool equal = problems_are(&problems, expected) && done == (where != NULL);
    for (size_t i = 0; where != NULL && i < options.hospitals.count; i++)
        equal = equal && point[i] == where[i];
    options_close(&options);
    ehr_ground_close(&ground);
    return equal;
}

static void hospitals_stand_where_they_are_told_or_in_order(void)
{
    CU_ASSERT_TRUE(placed("a,b,c", "", INNER, (size_t[]){0, 0, 0})); /* the only router */
    CU_ASSERT_TRUE(placed("a,b,c", "south,hub", INNER, (size_t[]){2, 0, 2}));
    CU_ASSERT_TRUE(placed("a,b", "north,south", "", (size_t[]){1, 2}));
    CU_ASSERT_TRUE(placed("a", "west", "--at: place: west: hub-router, north, south\n", NULL));
    CU_ASSERT_TRUE(
        placed("alliance", "south", "", (size_t[]){2})); /* alliance-server beside alliance-1 */
    CU_ASSERT_TRUE(placed("a,a", "north",
                          "--names: host, router or zone: a-desk-1: each name once, also those of "
                          "what the hospitals hang on\n"
                          "--names: link: lan-a-desk-1: each name once, also those of what the "
                          "hospitals hang on\n",
                          NULL));
}

static void the_text_holds_each_host_link_and_route(void)
{
    struct ehr_ground ground;
    struct ehr_problem_list problems;
    size_t point[2];
    char *text = NULL;
    size_t bytes = 0;
    CU_ASSERT_TRUE(platform_read(&ground, base, &problems));
    struct ehr_hospitals_options options = options_make("x,y", "south,hub");
    CU_ASSERT_TRUE(ehr_hospitals_place(&options, &ground, &problems, point));
    FILE *out = open_memstream(&text, &bytes);
    ehr_hospitals_write(out, &options, &ground, point);
    fclose(out);
    static const char *const pieces[] = {
        "<host id=\"x-server\"",
        "<host id=\"x-node-2\"",
        "<host id=\"y-desk-1\"",
        "<host id=\"x-home\"",
        "<host id=\"institute\"",
        "<host id=\"alliance-3\" speed=\"1Gf\" core=\"8\"/>\n      <router id=\"x-edge\"/>",
        "<link id=\"lan-x-server\" bandwidth=\"1Gbps\" latency=\"50us\"",
        "<link id=\"wan-y\" bandwidth=\"100Mbps\" latency=\"500us\"",
        "<link id=\"wan-y-home\" bandwidth=\"50Mbps\" latency=\"5ms\"",
        "<zoneRoute src=\"x-lan\" dst=\"land\" gw_src=\"x-edge\" gw_dst=\"south\">",
        "<zoneRoute src=\"y-home-line\" dst=\"land\" gw_src=\"y-home\" gw_dst=\"hub-router\">",
        "<zoneRoute src=\"institute-line\" dst=\"land\" gw_src=\"institute\" gw_dst=\"south\">",
    };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        if (strstr(text, pieces[i]) == NULL)
            fprintf(stderr, "missing: %s\n", pieces[i]);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, pieces[i]));
    }
    struct ehr_ground again; /* what was written can be hung on itself */
    CU_ASSERT_TRUE(
        ehr_ground_platform(&again, "again.xml", (const uint8_t *)text, bytes, &problems));
    CU_ASSERT_PTR_NULL(ehr_names_twice(&again.netpoints));
    CU_ASSERT_PTR_NULL(ehr_names_twice(&again.links));
    ehr_ground_close(&again);
    CU_ASSERT_TRUE(problems_are(&problems, INNER));
    free(text);
    options_close(&options);
    ehr_ground_close(&ground);
}

static const struct ehr_unit_case cases[] = {
    {"a_platform_gives_its_names_and_its_text", a_platform_gives_its_names_and_its_text},
    {"problems_name_the_line_when_platforms_are_broken",
     problems_name_the_line_when_platforms_are_broken},
    {"hospitals_stand_where_they_are_told_or_in_order",
     hospitals_stand_where_they_are_told_or_in_order},
    {"the_text_holds_each_host_link_and_route", the_text_holds_each_host_link_and_route},
};

EHR_UNIT_MAIN("platform_hospitals", cases)
