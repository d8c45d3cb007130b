#include "sim/records/sampler.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ln 2 in two parts; the high one has 32 trailing zero bits, so exponent * LN2_HIGH is exact. */
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW  1.90821492927058770002e-10
#define LOG2_E   1.44269504088896338700
#define SQRT2    1.41421356237309504880

#define GOLDEN_GAMMA UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t splitmix_next(struct ehr_stream *stream)
{
    struct ehr_stream_splitmix *generator = (struct ehr_stream_splitmix *)stream;
    generator->state += GOLDEN_GAMMA;
    return mix(generator->state);
}

void ehr_stream_splitmix_init(struct ehr_stream_splitmix *generator, uint64_t seed)
{
    generator->stream.next = splitmix_next;
    generator->state = seed;
}

uint64_t ehr_stream_derive(uint64_t key, uint64_t word)
{
    return mix(key + mix(word + GOLDEN_GAMMA) + GOLDEN_GAMMA);
}

double ehr_sample_uniform(struct ehr_stream *stream)
{
    return (double)(stream->next(stream) >> 11) * 0x1p-53;
}

uint64_t ehr_sample_below(struct ehr_stream *stream, uint64_t bound)
{
    assert(bound >= 1);
    /* 2^64 mod bound words are one too many for an even share: skip the lowest ones. */
    uint64_t skip = (UINT64_MAX - bound + 1) % bound;
    uint64_t word = stream->next(stream);
    while (word < skip)
        word = stream->next(stream);
    return word % bound;
}

double ehr_sample_exponential(struct ehr_stream *stream, double mean)
{
    assert(mean > 0);
    /* 1 - u is in (0, 1]; subtracting from 0 keeps the sign of zero positive. */
    return mean * (0.0 - ehr_sample_log(1.0 - ehr_sample_uniform(stream)));
}

double ehr_sample_normal(struct ehr_stream *stream)
{
    /* Midpoints of 2^52 cells: never 0, never 1. */
    double p = ((double)(stream->next(stream) >> 12) + 0.5) * 0x1p-52;
    return ehr_sample_normal_quantile(p);
}

double ehr_sample_lognormal(struct ehr_stream *stream, double mu, double sigma)
{
    assert(sigma >= 0);
    return ehr_sample_exp(mu + sigma * ehr_sample_normal(stream));
}

/* Value at r of the polynomial whose coefficients stand from the highest power down. */
static double polynomial(const double coefficients[8], double r)
{
    double value = coefficients[0];
    for (int i = 1; i < 8; i++)
        value = value * r + coefficients[i];
    return value;
}

/* Coefficients of AS 241: numerator and denominator of the centre, the tails, the far tails. */
static const double centre[2][8] = {
    {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
     4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
     1.3314166789178437745e+2, 3.3871328727963666080e+0},
    {5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
     2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
     4.2313330701600911252e+1, 1.0},
};
static const double tail[2][8] = {
    {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
     4.63033784615654529590e+0, 1.42343711074968357734e+0},
    {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
     2.05319162663775882187e+0, 1.0},
};
static const double far_tail[2][8] = {
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
     5.46378491116411436990e+0, 6.65790464350110377720e+0},
    {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0},
};

double ehr_sample_normal_quantile(double p)
{
    assert(p > 0 && p < 1);
    double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425) {
        double r = 0.180625 - q * q;
        return q * polynomial(centre[0], r) / polynomial(centre[1], r);
    }
    double r = sqrt(0.0 - ehr_sample_log(q < 0 ? p : 1.0 - p));
    double z = r <= 5.0 ? polynomial(tail[0], r - 1.6) / polynomial(tail[1], r - 1.6)
                        : polynomial(far_tail[0], r - 5.0) / polynomial(far_tail[1], r - 5.0);
    return q < 0 ? -z : z;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

double ehr_sample_log(double x)
{
    assert(x > 0 && x <= 0x1.fffffffffffffp+1023);
    int exponent = 0;
    if (x < 0x1p-1022) { /* subnormal: its exponent field is empty */
        x *= 0x1p54;
        exponent = -54;
    }
    uint64_t bits = bits_of(x);
    exponent += (int)(bits >> 52) - 1023;
    double m = double_of((bits & UINT64_C(0xfffffffffffff)) | UINT64_C(0x3ff0000000000000));
    if (m > SQRT2) {
        m *= 0.5;
        exponent++;
    }
    /* log m = 2 atanh s, |s| <= 0.1716: the first term left out is below 2^-57 of the sum. */
    double s = (m - 1.0) / (m + 1.0);
    double square = s * s;
    double series = 0.0;
    for (int odd = 23; odd >= 3; odd -= 2)
        series = square * (1.0 / odd + series);
    double log_m = 2.0 * s + 2.0 * s * series;
    return exponent * LN2_HIGH + (exponent * LN2_LOW + log_m);
}

double ehr_sample_exp(double x)
{
    assert(x >= -700 && x <= 700);
    int k = (int)(x * LOG2_E + (x < 0 ? -0.5 : 0.5));
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    /* Taylor, |r| <= 0.347: r^15 / 15! is below 2^-63. */
    double sum = 1.0;
    for (int term = 14; term >= 1; term--)
        sum = 1.0 + r * sum / term;
    return sum * double_of((uint64_t)(k + 1023) << 52);
}
