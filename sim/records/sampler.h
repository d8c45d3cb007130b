/* Random variates from a stream of 64-bit words, the same bits on every compiler.
 *
 * Pure: no global state, no libm; own logarithm and exponential from + - * / (IEEE 754 binary64
 * without contraction), square roots are correctly rounded by the standard. Not for secrets. */
#ifndef EHR_RECORDS_SAMPLER_H
#define EHR_RECORDS_SAMPLER_H

#include <stdint.h>

/* A source of uniform 64-bit words. Embed it as the first member of a generator's struct. */
struct ehr_stream {
    uint64_t (*next)(struct ehr_stream *stream);
};

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a small generator for workloads and records. */
struct ehr_stream_splitmix {
    struct ehr_stream stream; /* first */
    uint64_t state;
};

void ehr_stream_splitmix_init(struct ehr_stream_splitmix *generator, uint64_t seed);

/* Mixes `word` into `key`: seeds of streams that belong to (key, word). A bijection of either. */
uint64_t ehr_stream_derive(uint64_t key, uint64_t word);

/* Uniform in [0, 1): a multiple of 2^-53. One word. */
double ehr_sample_uniform(struct ehr_stream *stream);

/* Uniform in {0, ..., bound - 1}, without modulo bias. Precondition: bound >= 1. One word, rarely
 * more (words that would favour small results are drawn again). */
uint64_t ehr_sample_below(struct ehr_stream *stream, uint64_t bound);

/* Exponential with the given mean > 0 (same unit as the result), >= 0. One word. */
double ehr_sample_exponential(struct ehr_stream *stream, double mean);

/* Standard normal, by inversion. One word. */
double ehr_sample_normal(struct ehr_stream *stream);

/* exp(mu + sigma * standard normal), sigma >= 0. One word. */
double ehr_sample_lognormal(struct ehr_stream *stream, double mu, double sigma);

/* Quantile of the standard normal distribution, 0 < p < 1 (Wichura 1988, AS 241, PPND16). */
double ehr_sample_normal_quantile(double p);

/* Natural logarithm of a finite x > 0, and exponential of |x| <= 700; relative error < 1e-15
 * (absolute near log 1 = 0 is also relative: log(1 + d) keeps its digits). */
double ehr_sample_log(double x);
double ehr_sample_exp(double x);

#endif /* EHR_RECORDS_SAMPLER_H */
