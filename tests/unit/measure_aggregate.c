/* Student's t, and means with their intervals, against values of other programs: `t` and `interval`
 * are those of SciPy 1.10.1 (scipy.stats.t.ppf(0.975, v); numpy.mean, numpy.std(ddof=1),
 * scipy.stats.t.interval(0.95, n - 1, mean, scipy.stats.sem)); `published` are the three decimals
 * of Abramowitz & Stegun, table 26.10, and the NIST/SEMATECH e-Handbook, 1.3.6.7.2. */
#include "tests/unit/unit.h"

#include "sim/measure/aggregate.h"
#include "sim/measure/student.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void quantile_is_the_published_one_for_95_percent(void)
{
    static const struct {
        uint64_t freedom;
        double t, published;
    } rows[] = {
        {1, 12.706204736432095, 12.706},    {2, 4.302652729911275, 4.303},
        {3, 3.182446305284263, 3.182},      {4, 2.7764451051977987, 2.776},
        {5, 2.5705818366147395, 2.571},     {6, 2.4469118487916806, 2.447},
        {7, 2.3646242510102993, 2.365},     {10, 2.2281388519649385, 2.228},
        {29, 2.045229642132703, 2.045},     {30, 2.0422724563012373, 2.042},
        {100, 1.9839715184496334, 1.984},   {999, 1.9623414611334487, 1.962},
        {99999, 1.9599877077718446, 1.960},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double t = ehr_student_quantile(0.95, rows[i].freedom);
        CU_ASSERT_DOUBLE_EQUAL(t, rows[i].t, 1e-9 * rows[i].t);
        CU_ASSERT_DOUBLE_EQUAL(t, rows[i].published, 0.0005 + 1e-9);
    }
}

static void probability_is_known_exactly_when_freedom_is_small(void)
{
    /* one degree: the Cauchy distribution, a half within 1; two: t / sqrt(2 + t^2) */
    CU_ASSERT_DOUBLE_EQUAL(ehr_student_within(1, 1), 0.5, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(ehr_student_quantile(0.95, 1), tan(0.475 * acos(-1.0)), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(ehr_student_within(sqrt(2.0), 2), sqrt(0.5), 1e-15);
    for (uint64_t freedom = 1; freedom < 40; freedom++) {
        CU_ASSERT_EQUAL(ehr_student_within(0, freedom), 0);
        CU_ASSERT_DOUBLE_EQUAL(ehr_student_within(1e9, freedom), 1, 1e-8);
        CU_ASSERT_DOUBLE_EQUAL(ehr_student_within(ehr_student_quantile(0.9, freedom), freedom), 0.9,
                               1e-12);
    }
}

/* SciPy's t of one degree of freedom is exact to ten digits: tan(0.475 pi) = 12.7062047361747. */
static void moments_check(const double *values, size_t count, const double *interval)
{
    struct ehr_aggregate_moments found = ehr_aggregate_moments_of(values, count);
    const double numbers[] = {found.mean, found.deviation, found.low, found.high};
    CU_ASSERT_EQUAL(found.count, count);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_DOUBLE_EQUAL(numbers[i], interval[i], 1e-10 * fabs(interval[i]));
}

static void moments_are_those_of_scipy_when_there_are_two_or_more(void)
{
    static const double five[] = {12.1, 11.4, 13.0, 12.7, 11.9}, two[] = {0.001, 1000.0},
                        equal[] = {3, 3, 3, 3}, large[] = {1e9 + 1, 1e9 + 2, 1e9 + 4, 1e9 + 8};
    static const double five_interval[] = {12.22, 0.637965516309463, 11.427861186303062,
                                           13.01213881369694},
                        two_interval[] = {500.0005, 707.1060740797664, -5853.095515113679,
                                          6853.096515113679},
                        equal_interval[] = {3, 0, 3, 3},
                        large_interval[] = {1000000003.75, 3.095695936834452, 999999998.824057,
                                            1000000008.675943};
    moments_check(five, 5, five_interval);
    moments_check(two, 2, two_interval);
    moments_check(equal, 4, equal_interval);
    moments_check(large, 4, large_interval);
    struct ehr_aggregate_moments one = ehr_aggregate_moments_of(five, 1);
    CU_ASSERT_EQUAL(one.count, 1);
    CU_ASSERT_EQUAL(one.mean, 12.1);
    CU_ASSERT_EQUAL(ehr_aggregate_moments_of(NULL, 0).count, 0);
}

/* ---- tables ---- */

#define HEADER                                                                                     \
    "run,point,replication,seed,alliance/@batch,network/@fidelity,run_id,ended_wrongly,scenario,"  \
    "sha256,version,simgrid_version,fidelity,crypto,latency_s,ok\n"

static enum ehr_measure_status aggregated(const char *rows, bool mixed, char **text,
                                          struct ehr_aggregate_tally *tally,
                                          struct ehr_measure_error *error)
{
    char path[] = "/tmp/ehrgrid-aggregate-XXXXXX";
    int descriptor = mkstemp(path);
    size_t bytes = 0;
    FILE *file = fdopen(descriptor, "w"), *out = open_memstream(text, &bytes);
    fputs(rows, file);
    fclose(file);
    enum ehr_measure_status status = ehr_aggregate_write(path, mixed, out, tally, error);
    fclose(out);
    unlink(path);
    return status;
}

static void table_has_a_row_for_each_point_and_metric(void)
{
    static const char rows[] = HEADER "1,1,0,9,10,flow,a,0,s,f,1,4,flow,real,0.0121,90\n"
                                      "2,1,1,9,10,flow,b,0,s,f,1,4,flow,real,0.0114,91\n"
                                      "3,1,2,9,10,flow,c,0,s,f,1,4,flow,real,0.013,89\n"
                                      "4,1,3,9,10,flow,d,0,s,f,1,4,flow,real,0.0127,90\n"
                                      "5,1,4,9,10,flow,e,0,s,f,1,4,flow,real,0.0119,92\n"
                                      "6,2,0,9,20,delay,f,0,s,f,1,4,delay,real,,1.5\n"
                                      "7,2,1,9,20,delay,g,1,s,f,1,4,delay,real,7,700\n"
                                      "8,2,2,9,20,delay,h,0,s,f,1,4,delay,real,4,2.5\n"
                                      "9,4,0,9,40,delay,h,1,s,f,1,4,delay,real,4,2.5\n";
    static const char expected[] =
        "point,alliance/@batch,network/@fidelity,metric,n,mean,sd,low,high\n"
        "1,10,flow,latency_s,5,0.01222,0.000637965516,0.0114278612,0.0130121388\n"
        "1,10,flow,ok,5,90.4,1.14017543,88.9842852,91.8157148\n"
        "2,20,delay,latency_s,1,4,,,\n"
        "2,20,delay,ok,2,2,0.707106781,-4.35310237,8.35310237\n"
        "4,40,delay,latency_s,0,,,,\n"
        "4,40,delay,ok,0,,,,\n";
    char *text = NULL;
    struct ehr_aggregate_tally tally;
    struct ehr_measure_error error = {""};
    CU_ASSERT_EQUAL(aggregated(rows, false, &text, &tally, &error), EHR_MEASURE_DONE);
    CU_ASSERT_STRING_EQUAL(error.text, "");
    CU_ASSERT_STRING_EQUAL(text, expected);
    CU_ASSERT_EQUAL(tally.points, 3);
    CU_ASSERT_EQUAL(tally.runs, 9);
    CU_ASSERT_EQUAL(tally.wrong, 2);
    free(text);
}

static void refused_check(const char *row, bool mixed, const char *expected)
{
    char rows[1024], *text = NULL;
    struct ehr_aggregate_tally tally;
    struct ehr_measure_error error = {""};
    snprintf(rows, sizeof rows, HEADER "1,1,0,9,10,flow,a,0,s,f,1,4,flow,real,0.1,90\n%s", row);
    enum ehr_measure_status status = aggregated(rows, mixed, &text, &tally, &error);
    CU_ASSERT_EQUAL(status, expected != NULL ? EHR_MEASURE_BAD_INPUT : EHR_MEASURE_DONE);
    const char *message = strchr(error.text, ':');
    if (expected != NULL && (message == NULL || strcmp(message, expected) != 0))
        printf("\nfound %s, expected %s\n", error.text, expected);
    CU_ASSERT_TRUE(expected == NULL || (message != NULL && strcmp(message, expected) == 0));
    free(text);
}

static void mixtures_are_refused_unless_asked_for(void)
{
    static const char version[] = "2,1,1,9,10,flow,b,0,s,f,2,4,flow,real,0.1,90\n",
                      scenario[] = "2,1,1,9,10,flow,b,0,s,e,1,4,flow,real,0.1,90\n",
                      crypto[] = "2,2,0,9,11,flow,b,0,s,f,1,4,flow,modelled,0.1,90\n";
    refused_check(version, false, ":3: version: 2: 1 as in the first row (--mixed takes both)");
    refused_check(scenario, false, ":3: sha256: e: f as in the first row (--mixed takes both)");
    refused_check(crypto, false,
                  ":3: crypto: modelled: real as in the first row (--mixed takes both)");
    refused_check(version, true, NULL);
    refused_check(scenario, true, NULL);
    refused_check(crypto, true, NULL);
}

static void malformed_tables_are_refused_with_their_line(void)
{
    refused_check("2,1,1,9,10,flow,b,0,s,f,1,4,flow,real,fast,90\n", false,
                  ":3: latency_s: fast: a number");
    refused_check("2,2,0,9,10,flow,b,0,s,f,1,4,flow,real,nan,90\n", false,
                  ":3: latency_s: nan: a number");
    refused_check("2,2,0,9,10,flow,b,0,s,f,1,4,flow,real,1,9\n"
                  "3,1,1,9,10,flow,b,0,s,f,1,4,flow,real,1,9\n",
                  false, ":4: point 1 after point 2: rows are in the order of points");
}

static const struct ehr_unit_case cases[] = {
    {"quantile_is_the_published_one_for_95_percent", quantile_is_the_published_one_for_95_percent},
    {"probability_is_known_exactly_when_freedom_is_small",
     probability_is_known_exactly_when_freedom_is_small},
    {"moments_are_those_of_scipy_when_there_are_two_or_more",
     moments_are_those_of_scipy_when_there_are_two_or_more},
    {"table_has_a_row_for_each_point_and_metric", table_has_a_row_for_each_point_and_metric},
    {"mixtures_are_refused_unless_asked_for", mixtures_are_refused_unless_asked_for},
    {"malformed_tables_are_refused_with_their_line", malformed_tables_are_refused_with_their_line},
};

EHR_UNIT_MAIN("aggregate", cases)
