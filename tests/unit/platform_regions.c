/* Tables of round trips: three forms, what is refused, and the latencies by hand. */
#include "tests/unit/platform_make.h"

#include <unistd.h>

struct folder {
    char path[64];
};

static struct folder folder_make(void)
{
    struct folder folder = {"ehr-regions-XXXXXX"};
    if (mkdtemp(folder.path) == NULL)
        abort();
    return folder;
}

static char *file_put(const struct folder *folder, const char *name, const char *text)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
    return path;
}

static void folder_drop(const struct folder *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder->path);
    if (system(command) != 0)
        abort();
}

/* The problems without the folder's name, which changes. */
static bool problems_end(struct ehr_problem_list *problems, const struct folder *folder,
                         const char *expected)
{
    ehr_problem_list_sort(problems);
    char *text = problems_text(problems);
    size_t length = strlen(folder->path);
    for (char *at = text; (at = strstr(at, folder->path)) != NULL;)
        memmove(at, at + length, strlen(at + length) + 1);
    bool equal = strcmp(text, expected) == 0;
    if (!equal)
        fprintf(stderr, "found:\n%sexpected:\n%s", text, expected);
    free(text);
    ehr_problem_list_close(problems);
    return equal;
}

static bool table_refused(const char *text, const char *expected)
{
    struct folder folder = folder_make();
    struct ehr_problem_list problems;
    struct ehr_matrix matrix;
    ehr_problem_list_init(&problems);
    bool read =
        ehr_matrix_read(file_put(&folder, "t.csv", text), EHR_MATRIX_AVG, &problems, &matrix);
    ehr_matrix_close(&matrix);
    bool equal = problems_end(&problems, &folder, expected);
    folder_drop(&folder);
    return equal && !read;
}

static void problems_name_the_line_when_tables_are_broken(void)
{
    CU_ASSERT_TRUE(table_refused("", "/t.csv:1: table: the file is empty: CSV with a header\n"));
    CU_ASSERT_TRUE(
        table_refused("a,b\n", "/t.csv:1: table: the column from is missing: CSV with a header\n"));
    CU_ASSERT_TRUE(table_refused("from,to,rtt_ms\na,b\n",
                                 "/t.csv:2: table: 2 cells where the header has 3: CSV with a "
                                 "header\n"));
    CU_ASSERT_TRUE(table_refused("from,to,rtt_ms\na,b,-1\na,c,1e3\n",
                                 "/t.csv:2: rtt_ms: -1: milliseconds, 0 to 1000000\n"
                                 "/t.csv:3: rtt_ms: 1e3: milliseconds, 0 to 1000000\n"));
    CU_ASSERT_TRUE(table_refused("from,to,rtt_ms\na,b,1\na,b,2\n",
                                 "/t.csv:3: entry: a to b: each pair once\n"));
    CU_ASSERT_TRUE(
        table_refused("rtt_ms,a,b\na,0,1\nc,1,0\n", "/t.csv:3: row: c: a region of the header\n"));
    CU_ASSERT_TRUE(
        table_refused("rtt_ms,a,a b\n", "/t.csv:1: region: a b: letters, digits, '.', '_', '-'\n"));
    CU_ASSERT_TRUE(table_refused("rtt_ms,a,a\n", "/t.csv:1: region: a: each once\n"));
    CU_ASSERT_TRUE(table_refused("from,to,rtt_ms\n", "/t.csv: table: no region: two or more\n"));
}

static void problems_name_the_line_when_pings_are_broken(void)
{
    struct folder folder = folder_make();
    struct ehr_problem_list problems;
    struct ehr_matrix matrix;
    ehr_problem_list_init(&problems);
    CU_ASSERT_FALSE(ehr_matrix_read(folder.path, EHR_MATRIX_AVG, &problems, &matrix));
    ehr_matrix_close(&matrix);
    CU_ASSERT_TRUE(
        problems_end(&problems, &folder, ": folder: no file *.dat: files REGION.dat of pings\n"));
    file_put(&folder, "a.dat", "1/2/3/0.5:a\n1/2/3:b\n1/2/x/1:b\n1/2/3/1:c\n1/2/3/1:a\nnothing\n");
    file_put(&folder, "b.dat", "1/2/3/4/5:a\n");
    ehr_problem_list_init(&problems);
    CU_ASSERT_FALSE(ehr_matrix_read(folder.path, EHR_MATRIX_AVG, &problems, &matrix));
    ehr_matrix_close(&matrix);
    CU_ASSERT_TRUE(problems_end(&problems, &folder,
                                "/a.dat:2: ping: 1/2/3:b: min/avg/max/mdev:region, in ms\n"
                                "/a.dat:3: ping: 1/2/x/1:b: min/avg/max/mdev:region, in ms\n"
                                "/a.dat:4: region: c: one with a file REGION.dat of its own\n"
                                "/a.dat:5: region: a: each once\n"
                                "/a.dat:6: ping: nothing: min/avg/max/mdev:region, in ms\n"
                                "/b.dat:1: ping: 1/2/3/4/5:a: min/avg/max/mdev:region, in ms\n"));
    folder_drop(&folder);
    ehr_problem_list_init(&problems);
    CU_ASSERT_FALSE(ehr_matrix_read("no-such.csv", EHR_MATRIX_AVG, &problems, &matrix));
    ehr_matrix_close(&matrix);
    CU_ASSERT_TRUE(problems_are(
        &problems, "no-such.csv: table: No such file or directory: CSV with a header\n"));
}

static const struct ehr_regions_options plain = {
    .bytes_per_s = 125000000, .lan_latency_ns = 100000, .lan_bytes_per_s = 125000000};

/* Every link: from, to, latency. */
static bool links_are(const struct ehr_map *map, const uint64_t (*expected)[3], size_t count)
{
    bool equal = map->link_names.count == count;
    for (size_t i = 0; equal && i < count; i++) {
        const struct ehr_map_link *link = &map->links[i];
        equal = link->from == expected[i][0] && link->to == expected[i][1] &&
                link->latency_ns == expected[i][2];
        if (!equal)
            fprintf(stderr, "link %zu: %zu %zu %llu\n", i, link->from, link->to,
                    (unsigned long long)link->latency_ns);
    }
    return equal;
}

/* Round trips: a 0.4, b 0.8 within; a to b 10, b to a 12; c only from a, 0.1. */
static void the_map_by_hand(const char *path, enum ehr_matrix_statistic statistic)
{
    static const char lan[] = "c to c: no entry: taken from --lan-latency\n";
    struct ehr_problem_list problems;
    struct ehr_matrix matrix;
    struct ehr_map map = {0};
    struct ehr_regions_options options = plain;
    char *text;
    ehr_problem_list_init(&problems);
    CU_ASSERT_TRUE(ehr_matrix_read(path, statistic, &problems, &matrix));
    CU_ASSERT_TRUE(ehr_regions_map(&matrix, &options, &problems, &map));
    text = problems_text(&problems);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, lan));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "a to c: less than within the two regions"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "c to a: no entry: as the other way"));
    free(text);
    CU_ASSERT_EQUAL(map.port_ns[0], 100000);
    CU_ASSERT_EQUAL(map.port_ns[1], 200000);
    CU_ASSERT_EQUAL(map.port_ns[2], 50000);
    /* a-b: (10 + 12) / 4 = 5.5 ms less the two ports; a-c 0.05 less 0.15: 0; b-c 7 / 2 less 0.25.
     */
    const uint64_t mean[][3] = {{0, 1, 5200000}, {0, 2, 0}, {1, 2, 3250000}};
    CU_ASSERT_TRUE(links_are(&map, mean, 3));
    ehr_map_close(&map);
    options.own_directions = true;
    CU_ASSERT_TRUE(ehr_regions_map(&matrix, &options, &problems, &map));
    const uint64_t own[][3] = {{0, 1, 4700000}, {1, 0, 5700000}, {0, 2, 0},
                               {2, 0, 0},       {1, 2, 3250000}, {2, 1, 3250000}};
    CU_ASSERT_TRUE(links_are(&map, own, 6));
    ehr_map_close(&map);
    struct ehr_names wanted = {0};
    CU_ASSERT_TRUE(ehr_names_split(&wanted, "b,a"));
    options.regions = &wanted;
    options.own_directions = false;
    CU_ASSERT_TRUE(ehr_regions_map(&matrix, &options, &problems, &map));
    const uint64_t two[][3] = {{0, 1, 5200000}};
    CU_ASSERT_TRUE(links_are(&map, two, 1));
    CU_ASSERT_STRING_EQUAL(map.sites.items[0], "b");
    ehr_map_close(&map);
    CU_ASSERT_TRUE(ehr_names_split(&wanted, "x"));
    CU_ASSERT_FALSE(ehr_regions_map(&matrix, &options, &problems, &map));
    ehr_map_close(&map);
    ehr_names_close(&wanted);
    ehr_matrix_close(&matrix);
    ehr_problem_list_close(&problems);
}

static void latencies_are_half_the_round_trip_in_every_form(void)
{
    struct folder folder = folder_make();
    the_map_by_hand(file_put(&folder, "long.csv",
                             "from,to,rtt_ms\na,a,0.4\nb,b,0.8\na,b,10\nb,a,12\na,c,0.1\nb,c,7\n"),
                    EHR_MATRIX_AVG);
    the_map_by_hand(
        file_put(&folder, "square.csv", "rtt_ms,a,b,c\na,0.4,10,0.1\nb,12,0.8,7\nc,,-,\n"),
        EHR_MATRIX_AVG);
    folder_drop(&folder);
    folder = folder_make();
    file_put(&folder, "a.dat", "0/0.4/1/0:a\n1/10/99/0:b\n0/0.1/9/0:c\n");
    file_put(&folder, "b.dat", "1/12/90/0:a\n0/0.8/1/0:b\n1/7/9/0:c\n");
    file_put(&folder, "c.dat", "");
    file_put(&folder, "README.md", "not a table");
    the_map_by_hand(folder.path, EHR_MATRIX_AVG);
    folder_drop(&folder);
}

static void a_pair_without_entry_is_refused(void)
{
    struct folder folder = folder_make();
    struct ehr_problem_list problems;
    struct ehr_matrix matrix;
    struct ehr_map map = {0};
    ehr_problem_list_init(&problems);
    CU_ASSERT_TRUE(ehr_matrix_read(
        file_put(&folder, "t.csv", "from,to,rtt_ms\na,a,1\nb,b,1\nc,c,1\na,b,10\na,c,10\n"),
        EHR_MATRIX_AVG, &problems, &matrix));
    CU_ASSERT_FALSE(ehr_regions_map(&matrix, &plain, &problems, &map));
    char *text = problems_text(&problems);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "b to c: no entry: a round trip in one direction at least\n"));
    free(text);
    ehr_map_close(&map);
    ehr_matrix_close(&matrix);
    ehr_problem_list_close(&problems);
    folder_drop(&folder);
}

static const struct ehr_unit_case cases[] = {
    {"problems_name_the_line_when_tables_are_broken",
     problems_name_the_line_when_tables_are_broken},
    {"problems_name_the_line_when_pings_are_broken", problems_name_the_line_when_pings_are_broken},
    {"latencies_are_half_the_round_trip_in_every_form",
     latencies_are_half_the_round_trip_in_every_form},
    {"a_pair_without_entry_is_refused", a_pair_without_entry_is_refused},
};

EHR_UNIT_MAIN("platform_regions", cases)
