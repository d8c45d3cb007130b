/* Arrival processes: by rate, each with random numbers of its own. */
#include "actors/workload_internal.h"

void workload_stream_draw(struct ehr_stream_splitmix *stream, struct ehr_rng *rng)
{
    uint8_t seed[8];
    uint64_t value = 0;
    ehr_rng_fill(rng, seed, sizeof seed);
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)seed[i] << 8 * i;
    ehr_stream_splitmix_init(stream, value);
}

void workload_arrivals_init(struct arrivals *arrivals, double rate_per_s, uint64_t count,
                            bool uniform, const struct workload_day *day, struct ehr_rng *rng)
{
    workload_stream_draw(&arrivals->stream, rng);
    arrivals->day = day;
    arrivals->uniform = uniform;
    arrivals->gap_ns = rate_per_s > 0 ? 1e9 / rate_per_s : 0;
    arrivals->counted = count > 0;
    arrivals->over = rate_per_s <= 0;
    arrivals->left = arrivals->over ? 0 : count;
}

void workload_arrivals_next(struct workload *self, struct ehr_fx *fx, struct arrivals *arrivals,
                            enum workload_timer timer, uint64_t generation)
{
    if (arrivals->over)
        return;
    arrivals->next_ns += arrivals->uniform
                             ? arrivals->gap_ns
                             : ehr_sample_exponential(&arrivals->stream.stream, arrivals->gap_ns);
    double at = workload_day_time(arrivals->day, arrivals->next_ns);
    if (arrivals->counted ? arrivals->left == 0 : at >= (double)self->config.duration_ns) {
        arrivals->over = true;
        return;
    }
    if (arrivals->counted)
        arrivals->left--;
    uint64_t now_ns = ehr_fx_now(fx), at_ns = (uint64_t)at;
    ehr_fx_timer(fx, timer, generation, at_ns > now_ns ? at_ns - now_ns : 0);
}

double workload_arrivals_due(const struct workload *self, const struct arrivals *arrivals,
                             uint64_t now_ns)
{
    double until_ns = (double)self->config.duration_ns, from_ns = (double)now_ns;
    if (arrivals->over)
        return 0;
    if (arrivals->counted)
        return (double)arrivals->left;
    if (from_ns >= until_ns)
        return 0;
    return (workload_day_even(arrivals->day, until_ns) -
            workload_day_even(arrivals->day, from_ns)) /
           arrivals->gap_ns;
}
