/* Samplers against published constants, and their distributions against their formulas. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "sim/records/sampler.h"
#include "tests/unit/unit.h"

struct constant {
    double at;
    double value;
};

static bool is_close(double found, double value, double tolerance)
{
    bool close = fabs(found - value) <= tolerance * fabs(value);
    if (!close)
        printf("found %.17g, value %.17g\n", found, value);
    return close;
}

/* Digits of ln 2, ln 3, ln 10 from OEIS A002162, A002391, A002392. */
static void logarithm_has_published_digits_when_asked_for_constants(void)
{
    static const struct constant known[] = {
        {2, 0.693147180559945309417232},          {3, 1.098612288668109691395245},
        {10, 2.302585092994045684017991},         {0.5, -0.693147180559945309417232},
        {1e-300, -690.775527898213705205397},     {1e300, 690.775527898213705205397},
        {0x1p-1074, -744.440071921381262314107},  /* -1074 ln 2: the smallest subnormal */
        {1.0 + 0x1p-40, 9.09494701772514747e-13}, /* 2^-40 - 2^-81 */
    };
    CU_ASSERT_EQUAL(ehr_sample_log(1.0), 0.0);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        CU_ASSERT_TRUE(is_close(ehr_sample_log(known[i].at), known[i].value, 1e-15));
}

/* e, 1/e, sqrt e, e^pi from OEIS A001113, A068985, A019774, A039661; e^100 by bc. */
static void exponential_has_published_digits_when_asked_for_constants(void)
{
    static const struct constant known[] = {
        {1, 2.718281828459045235360287},     {-1, 0.367879441171442321595524},
        {0.5, 1.648721270700128146848651},   {3.14159265358979323846, 23.14069263277926900572909},
        {100, 2.68811714181613544841263e43}, {-100, 3.72007597602083596296e-44},
    };
    CU_ASSERT_EQUAL(ehr_sample_exp(0.0), 1.0);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        CU_ASSERT_TRUE(is_close(ehr_sample_exp(known[i].at), known[i].value, 1e-14));
}

static void logarithm_and_exponential_agree_with_libm_when_swept(void)
{
    bool close = true;
    for (double x = 1e-12; x < 1e12; x *= 1.0137)
        close = close && is_close(ehr_sample_log(x), log(x), 1e-15);
    for (double x = -30; x < 30; x += 0.00613)
        close = close && is_close(ehr_sample_exp(x), exp(x), 1e-15);
    CU_ASSERT_TRUE(close);
}

/* Wichura 1988, AS 241, prints 0.25, 0.001 and 1e-20 as its test values. */
static void normal_quantile_has_published_digits_when_asked_for_constants(void)
{
    static const struct constant known[] = {
        {0.25, -0.6744897501960817}, {0.001, -3.090232306167814}, {1e-20, -9.262340089798408},
        {0.975, 1.959963984540054},  {0.75, 0.6744897501960817},
    };
    CU_ASSERT_EQUAL(ehr_sample_normal_quantile(0.5), 0.0);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        CU_ASSERT_TRUE(is_close(ehr_sample_normal_quantile(known[i].at), known[i].value, 1e-14));
}

/* First words for seed 1234567, as the reference implementation prints them. */
static void splitmix_gives_reference_words_when_seeded(void)
{
    static const uint64_t words[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                     UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                     UINT64_C(16408922859458223821)};
    struct ehr_stream_splitmix generator;
    ehr_stream_splitmix_init(&generator, 1234567);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        CU_ASSERT_EQUAL(generator.stream.next(&generator.stream), words[i]);
}

/* A stream that repeats one word, to reach the ends of the samplers. */
struct constant_stream {
    struct ehr_stream stream;
    uint64_t words[2];
    size_t drawn;
};

/* Not inlined: gcc 16 supposes that any stream could be this one, and warns. */
__attribute__((noinline)) static uint64_t constant_next(struct ehr_stream *stream)
{
    struct constant_stream *own = (struct constant_stream *)stream;
    return own->words[own->drawn++ % 2];
}

static void samples_stay_in_range_when_words_are_extreme(void)
{
    struct constant_stream low = {{constant_next}, {0, 0}, 0};
    struct constant_stream high = {{constant_next}, {UINT64_MAX, UINT64_MAX}, 0};
    CU_ASSERT_EQUAL(ehr_sample_uniform(&low.stream), 0.0);
    CU_ASSERT_EQUAL(ehr_sample_uniform(&high.stream), 1.0 - 0x1p-53);
    CU_ASSERT_EQUAL(ehr_sample_exponential(&low.stream, 2.0), 0.0);
    CU_ASSERT_FALSE(signbit(ehr_sample_exponential(&low.stream, 2.0)) != 0);
    /* -ln 2^-53 = 53 ln 2 */
    CU_ASSERT_TRUE(
        is_close(ehr_sample_exponential(&high.stream, 1.0), 36.7368005696771013991, 1e-15));
    /* 2^-53 from the ends */
    CU_ASSERT_TRUE(is_close(ehr_sample_normal(&low.stream), -8.20953615160139, 1e-12));
    CU_ASSERT_TRUE(is_close(ehr_sample_normal(&high.stream), 8.20953615160139, 1e-12));
}

/* 2^64 mod 3 = 1: the word 0 is one too many and must be drawn again. */
static void a_word_is_drawn_again_when_it_would_bias_the_result(void)
{
    struct constant_stream stream = {{constant_next}, {0, 7}, 0};
    CU_ASSERT_EQUAL(ehr_sample_below(&stream.stream, 3), 1);
    CU_ASSERT_EQUAL(stream.drawn, 2);
    CU_ASSERT_EQUAL(ehr_sample_below(&stream.stream, 1), 0);
    CU_ASSERT_EQUAL(stream.drawn, 3);
}

/* Standard errors at n = 200,000: 0.0022 of the mean of an exponential and of a normal. */
static void means_and_variances_fit_when_many_samples_are_drawn(void)
{
    const int count = 200000;
    struct ehr_stream_splitmix generator;
    ehr_stream_splitmix_init(&generator, 7);
    double exponential = 0, normal = 0, square = 0, logs = 0;
    int buckets[7] = {0};
    for (int i = 0; i < count; i++) {
        exponential += ehr_sample_exponential(&generator.stream, 4.0);
        double z = ehr_sample_normal(&generator.stream);
        normal += z;
        square += z * z;
        logs += log(ehr_sample_lognormal(&generator.stream, 8.23, 1.076));
        buckets[ehr_sample_below(&generator.stream, 7)]++;
    }
    CU_ASSERT_DOUBLE_EQUAL(exponential / count, 4.0, 0.036);
    CU_ASSERT_DOUBLE_EQUAL(normal / count, 0.0, 0.009);
    CU_ASSERT_DOUBLE_EQUAL(square / count, 1.0, 0.013);
    CU_ASSERT_DOUBLE_EQUAL(logs / count, 8.23, 0.0097);
    for (int i = 0; i < 7; i++)
        CU_ASSERT_DOUBLE_EQUAL(buckets[i], count / 7.0, 630); /* 4 standard deviations */
}

static void derived_keys_differ_when_either_part_differs(void)
{
    CU_ASSERT_NOT_EQUAL(ehr_stream_derive(1, 0), ehr_stream_derive(0, 1));
    CU_ASSERT_NOT_EQUAL(ehr_stream_derive(1, 2), ehr_stream_derive(2, 1));
    CU_ASSERT_NOT_EQUAL(ehr_stream_derive(1, 2), ehr_stream_derive(1, 3));
    CU_ASSERT_EQUAL(ehr_stream_derive(1, 2), ehr_stream_derive(1, 2));
}

static const struct ehr_unit_case cases[] = {
    {"logarithm_has_published_digits_when_asked_for_constants",
     logarithm_has_published_digits_when_asked_for_constants},
    {"exponential_has_published_digits_when_asked_for_constants",
     exponential_has_published_digits_when_asked_for_constants},
    {"logarithm_and_exponential_agree_with_libm_when_swept",
     logarithm_and_exponential_agree_with_libm_when_swept},
    {"normal_quantile_has_published_digits_when_asked_for_constants",
     normal_quantile_has_published_digits_when_asked_for_constants},
    {"splitmix_gives_reference_words_when_seeded", splitmix_gives_reference_words_when_seeded},
    {"samples_stay_in_range_when_words_are_extreme", samples_stay_in_range_when_words_are_extreme},
    {"a_word_is_drawn_again_when_it_would_bias_the_result",
     a_word_is_drawn_again_when_it_would_bias_the_result},
    {"means_and_variances_fit_when_many_samples_are_drawn",
     means_and_variances_fit_when_many_samples_are_drawn},
    {"derived_keys_differ_when_either_part_differs", derived_keys_differ_when_either_part_differs},
};

EHR_UNIT_MAIN("records sampler", cases)
