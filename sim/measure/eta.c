#include "sim/measure/eta.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#define WINDOW 80u /* percent of the processor time so far: its begin is not like the rest */
#define TREND  0.7 /* how much of a trend is believed */
#define DEARER 2.0 /* and no more than so many times as dear, or as cheap */
#define NS_MAX 9e18

/* Between two looks, in seconds of processor time and in work. */
struct span {
    double cpu_s;
    double done; /* of what is due; of simulated time where nothing is */
};

static double seconds(uint64_t from_ns, uint64_t to_ns)
{
    return ((double)to_ns - (double)from_ns) / 1e9;
}

/* ---- looks ---- */

static void forget_half(struct ehr_eta *eta)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < eta->count; i += 2)
        eta->looks[kept++] = eta->looks[i];
    eta->spacing_ns = (eta->looks[kept - 1].cpu_ns - eta->looks[0].cpu_ns) / (kept - 1);
    eta->count = kept;
}

void ehr_eta_add(struct ehr_eta *eta, const struct ehr_eta_look *look)
{
    assert(eta->count == 0 || look->cpu_ns >= eta->looks[eta->count - 1].cpu_ns);
    bool close =
        eta->count >= 2 &&
        eta->looks[eta->count - 1].cpu_ns - eta->looks[eta->count - 2].cpu_ns < eta->spacing_ns;
    if (close)
        eta->count--; /* the newest one is replaced */
    else if (eta->count == EHR_ETA_LOOKS)
        forget_half(eta);
    eta->looks[eta->count++] = *look;
}

/* The last look that is as old as so many percent of the processor time so far, or the one before
 * the newest. */
static const struct ehr_eta_look *look_back(const struct ehr_eta *eta, unsigned percent)
{
    uint64_t first_ns = eta->looks[0].cpu_ns;
    uint64_t since_ns = (eta->looks[eta->count - 1].cpu_ns - first_ns) / 100 * (100 - percent);
    unsigned i = 0;
    while (i + 2 < eta->count && eta->looks[i + 1].cpu_ns - first_ns <= since_ns)
        i++;
    return &eta->looks[i];
}

/* ---- until the last request has arrived ---- */

static struct span span_of(const struct ehr_eta_look *from, const struct ehr_eta_look *to, bool due)
{
    return (struct span){seconds(from->cpu_ns, to->cpu_ns),
                         due ? from->outlook.due - to->outlook.due
                             : seconds(from->sim_ns, to->sim_ns)};
}

/* What a unit of the work to come costs: what it did, carried on to the middle of what is left. */
static double cost_of(const struct ehr_eta *eta, bool due, double rest)
{
    const struct ehr_eta_look *now = &eta->looks[eta->count - 1];
    const struct ehr_eta_look *begin = look_back(eta, WINDOW), *middle = look_back(eta, WINDOW / 2);
    struct span all = span_of(begin, now, due);
    if (all.done <= 0)
        return -1;
    double cost = all.cpu_s / all.done;
    struct span first = span_of(begin, middle, due), second = span_of(middle, now, due);
    if (first.done <= 0 || second.done <= 0)
        return cost;
    double slope = (second.cpu_s / second.done - first.cpu_s / first.done) / (all.done / 2) * TREND;
    double later = cost + slope * (all.done + rest) / 2;
    if (later > cost * DEARER)
        return cost * DEARER;
    return later < cost / DEARER ? cost / DEARER : later;
}

static double rest_of(const struct ehr_eta_look *now, bool due)
{
    if (now->outlook.until_ns <= now->sim_ns)
        return 0;
    return due ? now->outlook.due : seconds(now->sim_ns, now->outlook.until_ns);
}

/* ---- after that ---- */

/* Processor time for what is left when all have arrived, in `arrivals_s`; negative: not known. */
static double drain_of(const struct ehr_eta *eta, double arrivals_s)
{
    const struct ehr_eta_look *now = &eta->looks[eta->count - 1], *begin = look_back(eta, WINDOW);
    const struct ehr_outlook *outlook = &now->outlook;
    double cpu_s = seconds(begin->cpu_ns, now->cpu_ns);
    double ended_per_s = (double)(outlook->ended - begin->outlook.ended) / cpu_s;
    double more_per_s = ((double)outlook->left - (double)begin->outlook.left) / cpu_s;
    double left = (double)outlook->left + more_per_s * arrivals_s;
    double sim_per_s = seconds(begin->sim_ns, now->sim_ns) / cpu_s;
    if (left <= 0)
        return 0;
    double drain_s = ended_per_s > 0 ? left / ended_per_s : -1;
    if (outlook->deadline_ns == UINT64_MAX || sim_per_s <= 0)
        return drain_s;
    uint64_t from_ns = outlook->until_ns > now->sim_ns ? outlook->until_ns : now->sim_ns;
    double deadline_s =
        outlook->deadline_ns > from_ns ? seconds(from_ns, outlook->deadline_ns) / sim_per_s : 0;
    return drain_s < 0 || deadline_s < drain_s ? deadline_s : drain_s;
}

uint64_t ehr_eta_left_ns(const struct ehr_eta *eta)
{
    if (eta->count < 2)
        return UINT64_MAX;
    const struct ehr_eta_look *now = &eta->looks[eta->count - 1], *begin = look_back(eta, WINDOW);
    if (now->cpu_ns == begin->cpu_ns)
        return UINT64_MAX;
    double arrivals_s = 0;
    bool due = now->outlook.due > 0;
    double rest = rest_of(now, due);
    if (rest > 0) {
        double cost = cost_of(eta, due, rest);
        if (cost < 0 && due) { /* more came than was expected */
            rest = rest_of(now, false);
            cost = cost_of(eta, false, rest);
        }
        if (cost < 0)
            return UINT64_MAX;
        arrivals_s = cost * rest;
    }
    double drain_s = drain_of(eta, arrivals_s);
    if (drain_s < 0)
        return UINT64_MAX;
    double rate = (double)(now->wall_ns - begin->wall_ns) / (double)(now->cpu_ns - begin->cpu_ns);
    double left_ns = (arrivals_s + drain_s) * rate * 1e9;
    return left_ns < NS_MAX ? (uint64_t)left_ns : UINT64_MAX - 1;
}
