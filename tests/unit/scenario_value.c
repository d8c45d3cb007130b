/* Numbers with units: values calculated by hand. */
#include "sim/scenario/value.h"
#include "tests/unit/unit.h"

#include <string.h>

#define UNTOUCHED 77

static void time_is(const char *text, uint64_t ns)
{
    uint64_t value = UNTOUCHED;
    CU_ASSERT_TRUE(ehr_value_time_parse(text, &value));
    CU_ASSERT_EQUAL(value, ns);
}

static void times_are_exact_when_well_formed(void)
{
    time_is("0s", 0);
    time_is("1ns", 1);
    time_is("1.5us", 1500);
    time_is("0.1ms", 100000);
    time_is("100us", 100000);
    time_is("2s", UINT64_C(2000000000));
    time_is("1.000000001s", UINT64_C(1000000001));
    time_is("10min", UINT64_C(600000000000));
    time_is("0.00000000005min", 3); /* 60e9 * 5e-11 */
    time_is("1h", UINT64_C(3600000000000));
    time_is("1.5d", UINT64_C(129600000000000));
    time_is("36500d", UINT64_C(3153600000000000000));
    time_is("007ms", 7000000);
    time_is("1.50000000000000000000000000s", 1500000000);
}

static void times_are_refused_when_malformed(void)
{
    static const char *const texts[] = {"",
                                        "5",
                                        "s",
                                        "-1s",
                                        "+1s",
                                        " 1s",
                                        "1s ",
                                        "1 s",
                                        "1.s",
                                        ".5s",
                                        "1e3s",
                                        "1S",
                                        "1m",
                                        "1sec",
                                        "0.5ns",
                                        "1.2345us",
                                        "36501d",
                                        "0x1s",
                                        "1,5s",
                                        "1.5.5s",
                                        "1µs",
                                        "99999999999999999999s",
                                        "18446744073709551615ns",
                                        "1.0000000000000000001s"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint64_t value = UNTOUCHED;
        CU_ASSERT_FALSE(ehr_value_time_parse(texts[i], &value));
        CU_ASSERT_EQUAL(value, UNTOUCHED);
    }
}

static void bandwidths_are_bytes_when_given_in_bits(void)
{
    static const struct {
        const char *text;
        uint64_t value;
    } values[] = {{"500MB/s", 500000000},
                  {"10Mbps", 1250000},
                  {"1Gbps", 125000000},
                  {"8kbps", 1000},
                  {"1KiB/s", 1024},
                  {"0.5KiB/s", 512},
                  {"2.5Mbps", 312500},
                  {"1GiB/s", 1073741824},
                  {"7B/s", 7},
                  {"0.001kB/s", 1},
                  {"3GB/s", UINT64_C(3000000000)}};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        uint64_t value = UNTOUCHED;
        CU_ASSERT_TRUE(ehr_value_bandwidth_parse(values[i].text, &value));
        CU_ASSERT_EQUAL(value, values[i].value);
    }
    uint64_t value = UNTOUCHED;
    CU_ASSERT_FALSE(ehr_value_bandwidth_parse("0.1kbps", &value)); /* 12.5 bytes */
    CU_ASSERT_FALSE(ehr_value_bandwidth_parse("1bps", &value));
    CU_ASSERT_FALSE(ehr_value_bandwidth_parse("100MB", &value));
    CU_ASSERT_FALSE(ehr_value_bandwidth_parse("100mbps", &value));
    CU_ASSERT_EQUAL(value, UNTOUCHED);
}

static void rates_are_per_second_when_given_per_minute(void)
{
    double value = -1;
    CU_ASSERT_TRUE(ehr_value_rate_parse("0.5/s", &value) && value == 0.5);
    CU_ASSERT_TRUE(ehr_value_rate_parse("6/min", &value) && value == 0.1);
    CU_ASSERT_TRUE(ehr_value_rate_parse("1/h", &value) && value == 1.0 / 3600);
    CU_ASSERT_TRUE(ehr_value_rate_parse("0/s", &value) && value == 0.0);
    CU_ASSERT_FALSE(ehr_value_rate_parse("0.5", &value));
    CU_ASSERT_FALSE(ehr_value_rate_parse("1/day", &value));
    CU_ASSERT_FALSE(ehr_value_rate_parse("2000000000/s", &value));
    CU_ASSERT_FALSE(ehr_value_rate_parse("0.0000000001/s", &value));
    CU_ASSERT_FALSE(ehr_value_rate_parse("inf/s", &value));
    CU_ASSERT_EQUAL(value, 0.0);
}

static void probabilities_are_refused_when_outside_0_to_1(void)
{
    double value = -1;
    CU_ASSERT_TRUE(ehr_value_probability_parse("0.3", &value) && value == 0.3);
    CU_ASSERT_TRUE(ehr_value_probability_parse("1", &value) && value == 1.0);
    CU_ASSERT_TRUE(ehr_value_probability_parse("0", &value) && value == 0.0);
    CU_ASSERT_FALSE(ehr_value_probability_parse("1.0001", &value));
    CU_ASSERT_FALSE(ehr_value_probability_parse("-0.5", &value));
    CU_ASSERT_FALSE(ehr_value_probability_parse("nan", &value));
    CU_ASSERT_FALSE(ehr_value_probability_parse("50%", &value));
    CU_ASSERT_TRUE(ehr_value_weight_parse("1000000000", &value) && value == 1e9);
    CU_ASSERT_TRUE(ehr_value_weight_parse("0", &value) && value == 0.0);
    CU_ASSERT_FALSE(ehr_value_weight_parse("1000000001", &value));
    CU_ASSERT_FALSE(ehr_value_weight_parse("0.0000000001", &value));
    CU_ASSERT_FALSE(ehr_value_weight_parse("1 2", &value));
    CU_ASSERT_EQUAL(value, 0.0);
}

static void written_values_read_back_when_parsed(void)
{
    static const uint64_t times[] = {0,
                                     1,
                                     999,
                                     1000,
                                     1500,
                                     60000000000,
                                     90000000000,
                                     UINT64_C(86400000000000),
                                     EHR_VALUE_TIME_MAX};
    char text[EHR_VALUE_TEXT_BYTES];
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        uint64_t value = UNTOUCHED;
        ehr_value_time_write(text, times[i]);
        CU_ASSERT_TRUE(ehr_value_time_parse(text, &value));
        CU_ASSERT_EQUAL(value, times[i]);
    }
    static const double rates[] = {0, 1e-9, 1.0 / 3, 7.0 / 60, 1.0 / 3600, 0.1, 123456.789, 1e9};
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        double value = -1;
        ehr_value_rate_write(text, rates[i]);
        CU_ASSERT_TRUE(ehr_value_rate_parse(text, &value));
        CU_ASSERT_EQUAL(value, rates[i]);
    }
    ehr_value_time_write(text, 90000000000);
    CU_ASSERT_STRING_EQUAL(text, "90s");
    ehr_value_bandwidth_write(text, 1500000);
    CU_ASSERT_STRING_EQUAL(text, "1500kB/s");
    ehr_value_probability_write(text, 0.3);
    CU_ASSERT_STRING_EQUAL(text, "0.3");
}

static const struct ehr_unit_case cases[] = {
    {"times_are_exact_when_well_formed", times_are_exact_when_well_formed},
    {"times_are_refused_when_malformed", times_are_refused_when_malformed},
    {"bandwidths_are_bytes_when_given_in_bits", bandwidths_are_bytes_when_given_in_bits},
    {"rates_are_per_second_when_given_per_minute", rates_are_per_second_when_given_per_minute},
    {"probabilities_are_refused_when_outside_0_to_1",
     probabilities_are_refused_when_outside_0_to_1},
    {"written_values_read_back_when_parsed", written_values_read_back_when_parsed},
};

EHR_UNIT_MAIN("scenario values", cases)
