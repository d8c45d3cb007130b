/* Distances, speeds and names: against published or hand-calculated values. */
#include "sim/platform/geo.h"
#include "sim/platform/names.h"
#include "sim/platform/speed.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double km(double a_latitude, double a_longitude, double b_latitude, double b_longitude)
{
    return ehr_geo_distance_km((struct ehr_geo_point){a_latitude, a_longitude},
                               (struct ehr_geo_point){b_latitude, b_longitude});
}

static void distances_are_those_published(void)
{
    /* Lyon to Paris, of the documentation of the Python package haversine 2.1.1 (same radius). */
    CU_ASSERT_DOUBLE_EQUAL(km(45.7597, 4.8422, 48.8567, 2.3508), 392.2172595594006, 1e-9);
    /* Frankfurt to Chicago airport, of the R package mpathsenser, with a radius of 6371 km. */
    CU_ASSERT_DOUBLE_EQUAL(km(50.03333, 8.570556, 41.97861, -87.90472) * 6371 / 6371.0088, 6971.059,
                           5e-4);
    /* Minsk to Grodno and Brest, of platforms/three-hospitals.xml. */
    CU_ASSERT_DOUBLE_EQUAL(km(53.9, 27.56667, 53.67679, 23.83029), 247, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(km(53.9, 27.56667, 52.09755, 23.68775), 328, 0.5);
}

static void distances_are_exact_when_points_are_equal_near_or_opposite(void)
{
    const double pi = acos(-1);
    CU_ASSERT_DOUBLE_EQUAL(km(0, 0, 90, 0), pi / 2 * 6371.0088, 1e-8);
    CU_ASSERT_DOUBLE_EQUAL(km(0, 0, 0, 180), pi * 6371.0088, 1e-8);
    CU_ASSERT_DOUBLE_EQUAL(km(0, 179.5, 0, -179.5), pi / 180 * 6371.0088, 1e-8);
    CU_ASSERT_DOUBLE_EQUAL(km(-45, 100, 45, -80), pi * 6371.0088, 1e-8);
    CU_ASSERT_DOUBLE_EQUAL(km(53.9, 27.5, 53.9, 27.5), 0, 0);
    CU_ASSERT_DOUBLE_EQUAL(km(50, 10, 50.00001, 10), pi / 180 * 1e-5 * 6371.0088, 1e-9);
    for (int i = 0; i < 1000; i++) { /* the haversine formula, by libm */
        double a = -90 + 0.18 * i, b = 90 - 0.07 * i, c = -180 + 0.36 * i, d = 179 - 0.31 * i;
        double h = pow(sin((b - a) * pi / 360), 2) +
                   cos(a * pi / 180) * cos(b * pi / 180) * pow(sin((d - c) * pi / 360), 2);
        CU_ASSERT_DOUBLE_EQUAL(km(a, c, b, d), 2 * 6371.0088 * atan2(sqrt(h), sqrt(1 - h)), 1e-6);
    }
}

static void light_takes_5003_us_when_fibre_is_1000_km_long(void)
{
    CU_ASSERT_EQUAL(ehr_geo_fibre_ns(1000), 5003000); /* 1000 / 199861.6387 s = 5003.46 us */
    CU_ASSERT_EQUAL(ehr_geo_fibre_ns(199.8616387), 1000000);
    CU_ASSERT_EQUAL(ehr_geo_fibre_ns(0), 0);
    CU_ASSERT_EQUAL(ehr_geo_fibre_ns(1.5 * 247), 1854000); /* 370.5 / 199.8616 ms = 1.85378 */
}

static void the_middle_lies_on_the_sphere(void)
{
    struct ehr_geo_point middle = {1, 1};
    struct ehr_geo_point equator[] = {{0, 0}, {0, 90}}, pole[] = {{60, 0}, {60, 180}};
    struct ehr_geo_point opposite[] = {{0, 0}, {0, 180}}, date_line[] = {{10, 179}, {10, -179}};
    CU_ASSERT_TRUE(ehr_geo_middle(equator, 2, &middle));
    CU_ASSERT_DOUBLE_EQUAL(middle.latitude, 0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(middle.longitude, 45, 1e-12);
    CU_ASSERT_TRUE(ehr_geo_middle(pole, 2, &middle));
    CU_ASSERT_DOUBLE_EQUAL(middle.latitude, 90, 1e-9);
    CU_ASSERT_TRUE(ehr_geo_middle(date_line, 2, &middle));
    CU_ASSERT_DOUBLE_EQUAL(fabs(middle.longitude), 180, 1e-9);
    CU_ASSERT_FALSE(ehr_geo_middle(opposite, 2, &middle));
}

static void speeds_are_read_when_labels_say_them(void)
{
    static const struct {
        const char *text;
        uint64_t bits;
    } cases[] = {
        {"2 Mbps", 2000000},
        {"155 Mbps", 155000000},
        {"2.5 Gbps", 2500000000},
        {"20Mb/s", 20000000},
        {"20mb/s", 20000000},
        {"40Mb/s", 40000000},
        {"1Gb/s", 1000000000},
        {"2x10Gb/s", 20000000000},
        {"4*10Gb/s", 40000000000},
        {"10 x 10 Gbit/s", 100000000000},
        {"OC-192c", 9953280000},
        {"OC-3", 155520000},
        {"STM-16", 2488320000},
        {"2M", 2000000},
        {"64kbits/s", 64000},
        {"Lit Fibre", 0},
        {"Purple Link", 0},
        {"", 0},
        {"10", 0},
        {"10 apples", 0},
        {"10GB/s!", 0},
        {"2x", 0},
        {"OC-", 0},
        {"1e9G", 0},
        {"999999999999G", 0},
        {"1.2.3M", 0},
        {"G", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bytes = 0;
        bool read = ehr_speed_label_parse(cases[i].text, &bytes);
        if (read != (cases[i].bits > 0) || bytes != cases[i].bits / 8)
            fprintf(stderr, "%s: %llu\n", cases[i].text, (unsigned long long)bytes);
        CU_ASSERT_EQUAL(read, cases[i].bits > 0);
        CU_ASSERT_EQUAL(bytes, cases[i].bits / 8);
    }
    uint64_t bytes = 0;
    CU_ASSERT_TRUE(ehr_speed_number_parse("2000000.0", &bytes) && bytes == 250000);
    CU_ASSERT_TRUE(ehr_speed_number_parse("1e9", &bytes) && bytes == 125000000);
    CU_ASSERT_FALSE(ehr_speed_number_parse("0", &bytes));
    CU_ASSERT_FALSE(ehr_speed_number_parse("-8", &bytes));
    CU_ASSERT_FALSE(ehr_speed_number_parse("1e19", &bytes));
    CU_ASSERT_FALSE(ehr_speed_number_parse("nan", &bytes));
    CU_ASSERT_FALSE(ehr_speed_number_parse("", &bytes));
}

static bool made(const char *label, const char *expected)
{
    char *name = ehr_name_make(label);
    bool equal = strcmp(name, expected) == 0;
    if (!equal)
        fprintf(stderr, "%s: %s\n", label, name);
    free(name);
    return equal;
}

static void names_fit_hosts_when_labels_are_anything(void)
{
    CU_ASSERT_TRUE(made("Minsk", "minsk"));
    CU_ASSERT_TRUE(made("Zielona G\xc3\xb3ra", "zielona-gora"));
    CU_ASSERT_TRUE(made("  SURFnet/NORDUnet ", "surfnet-nordunet"));
    CU_ASSERT_TRUE(made("Georgia, Armenia, Iran", "georgia-armenia-iran"));
    CU_ASSERT_TRUE(made("\xd0\x9c\xd0\xb8\xd0\xbd\xd1\x81\xd0\xba", "")); /* in Cyrillic */
    CU_ASSERT_TRUE(made("a\xff"
                        "b",
                        "a-b")); /* not UTF-8 */
    CU_ASSERT_TRUE(made("abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstu vwxyz",
                        "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstu"));
    CU_ASSERT_TRUE(ehr_name_is_valid("eu-west-1"));
    CU_ASSERT_FALSE(ehr_name_is_valid("-a"));
    CU_ASSERT_FALSE(ehr_name_is_valid("a b"));
    CU_ASSERT_FALSE(ehr_name_is_valid(""));
}

static void names_get_letters_when_they_are_taken(void)
{
    struct ehr_names names = {0};
    CU_ASSERT_STRING_EQUAL(ehr_names_add_unique(&names, "none"), "none");
    CU_ASSERT_STRING_EQUAL(ehr_names_add_unique(&names, "none"), "none-b");
    CU_ASSERT_STRING_EQUAL(ehr_names_add_unique(&names, "none"), "none-c");
    CU_ASSERT_PTR_NULL(ehr_names_twice(&names));
    for (int i = 0; i < 60; i++)
        ehr_names_add_unique(&names, "none");
    CU_ASSERT_PTR_NULL(ehr_names_twice(&names));
    CU_ASSERT_TRUE(ehr_names_has(&names, "none-z"));
    CU_ASSERT_TRUE(ehr_names_has(&names, "none-ba"));
    ehr_names_add(&names, "none");
    CU_ASSERT_STRING_EQUAL(ehr_names_twice(&names), "none");
    ehr_names_close(&names);
    CU_ASSERT_TRUE(ehr_names_split(&names, "a,b-1,c"));
    char *text = ehr_names_text(&names, 2);
    CU_ASSERT_STRING_EQUAL(text, "a, b-1 and 1 more");
    free(text);
    CU_ASSERT_FALSE(ehr_names_split(&names, "a,,b"));
    CU_ASSERT_FALSE(ehr_names_split(&names, "a,"));
    CU_ASSERT_TRUE(ehr_names_split(&names, ""));
    CU_ASSERT_EQUAL(names.count, 3);
    ehr_names_close(&names);
}

static const struct ehr_unit_case cases[] = {
    {"distances_are_those_published", distances_are_those_published},
    {"distances_are_exact_when_points_are_equal_near_or_opposite",
     distances_are_exact_when_points_are_equal_near_or_opposite},
    {"light_takes_5003_us_when_fibre_is_1000_km_long",
     light_takes_5003_us_when_fibre_is_1000_km_long},
    {"the_middle_lies_on_the_sphere", the_middle_lies_on_the_sphere},
    {"speeds_are_read_when_labels_say_them", speeds_are_read_when_labels_say_them},
    {"names_fit_hosts_when_labels_are_anything", names_fit_hosts_when_labels_are_anything},
    {"names_get_letters_when_they_are_taken", names_get_letters_when_they_are_taken},
};

EHR_UNIT_MAIN("platform_places", cases)
