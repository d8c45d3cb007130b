#include "sim/measure/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "sim/measure/terminal.h"

#define NS_PER_S         1000000000u
#define REDRAW_NS        200000000u /* five times a second */
#define LINE_SIZE        80u
#define BAR_COLUMNS      16u
#define STRIDE_CALLS_MAX 1024u

static uint64_t now_ns_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void ehr_progress_init(struct ehr_progress *progress, bool quiet, ehr_outlook_look *look,
                       void *context)
{
    *progress =
        (struct ehr_progress){.look = look, .context = context, .stride = 1, .calls_to_look = 1};
    progress->shown = !quiet && ehr_terminal_moves(stderr);
    if (!progress->shown)
        return;
    progress->colour = ehr_terminal_colours(stderr);
    progress->started_ns = now_ns_of(CLOCK_MONOTONIC);
    progress->looked_ns = progress->started_ns;
    progress->drawn_ns = progress->started_ns;
}

/* 59 -> "0:59", 3600 -> "1:00:00" */
static void format_clock(char text[24], uint64_t seconds)
{
    uint64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
    if (seconds > 999u * 3600)
        snprintf(text, 24, ">999 h");
    else if (hours > 0)
        snprintf(text, 24, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, hours, minutes, seconds % 60);
    else
        snprintf(text, 24, "%" PRIu64 ":%02" PRIu64, minutes, seconds % 60);
}

/* 1234567 -> "1.2 M" */
static void format_rate(char text[24], double rate)
{
    if (rate >= 1e6)
        snprintf(text, 24, "%.1f M", rate < 1e12 ? rate / 1e6 : 1e6);
    else if (rate >= 1e3)
        snprintf(text, 24, "%.1f k", rate / 1e3);
    else
        snprintf(text, 24, "%.0f ", rate > 0 ? rate : 0.0);
}

/* Of wall-clock time; where it is not known how much is left, of simulated time. */
static double done_of(const struct ehr_progress_state *state)
{
    double done = 0;
    if (state->left_ns != UINT64_MAX)
        done = (double)state->wall_ns / ((double)state->wall_ns + (double)state->left_ns);
    else if (state->total_ns > 0)
        done = (double)state->sim_ns / (double)state->total_ns;
    return done < 1 ? done : 1; /* also 0 / 0 */
}

void ehr_progress_format(char line[80], const struct ehr_progress_state *state)
{
    double done = done_of(state);
    char bar[BAR_COLUMNS + 1], sim[24], total[26] = "", wall[24], rate[24], left[24] = "-";
    for (unsigned i = 0; i < BAR_COLUMNS; i++)
        bar[i] = (double)i < done * BAR_COLUMNS ? '#' : '.';
    bar[BAR_COLUMNS] = '\0';
    format_clock(sim, state->sim_ns / NS_PER_S);
    if (state->total_ns > 0) {
        total[0] = '/';
        format_clock(total + 1, state->total_ns / NS_PER_S);
    }
    format_clock(wall, state->wall_ns / NS_PER_S);
    format_rate(rate, state->events_per_s);
    if (state->left_ns != UINT64_MAX)
        format_clock(left, state->left_ns / NS_PER_S + (state->left_ns % NS_PER_S >= NS_PER_S / 2));
    char whole[2 * LINE_SIZE + 32]; /* room for clocks of any length; the line is cut to fit */
    snprintf(whole, sizeof(whole), "[%s] %3.0f%% sim %s%s wall %s %sev/s ETA %s", bar, done * 100.0,
             sim, total, wall, rate, left);
    snprintf(line, LINE_SIZE, "%.79s", whole);
}

static void look(struct ehr_progress *progress, uint64_t sim_ns, uint64_t now_ns)
{
    const struct ehr_eta_look seen = {
        .wall_ns = now_ns,
        .cpu_ns = now_ns_of(CLOCK_PROCESS_CPUTIME_ID),
        .sim_ns = sim_ns,
        .outlook = progress->look(progress->context, sim_ns),
    };
    ehr_eta_add(&progress->eta, &seen);
    if (seen.outlook.deadline_ns == UINT64_MAX)
        progress->until_ns = 0;
    else if (seen.outlook.until_ns > 0) /* it stays in the line when all have arrived */
        progress->until_ns = seen.outlook.until_ns;
}

static void draw(struct ehr_progress *progress, uint64_t sim_ns, uint64_t events, uint64_t now_ns)
{
    double elapsed_s = (double)(now_ns - progress->drawn_ns) / NS_PER_S;
    double rate = (double)(events - progress->drawn_events) / elapsed_s;
    /* Smoothed, to be readable: half of the last value, half of the new one. */
    progress->events_per_s = progress->drawn ? (progress->events_per_s + rate) / 2 : rate;
    look(progress, sim_ns, now_ns);
    char line[LINE_SIZE];
    const struct ehr_progress_state state = {
        .sim_ns = sim_ns,
        .total_ns = progress->until_ns,
        .wall_ns = now_ns - progress->started_ns,
        .left_ns = ehr_eta_left_ns(&progress->eta),
        .events_per_s = progress->events_per_s,
    };
    ehr_progress_format(line, &state);
    fprintf(stderr, progress->colour ? "\r\033[32m%-79s\033[0m" : "\r%-79s", line);
    fflush(stderr);
    progress->drawn = true;
    progress->drawn_ns = now_ns;
    progress->drawn_events = events;
}

/* Reading the clock costs as much as an event: look at it about a hundred times a second. */
static void adapt_stride(struct ehr_progress *progress, uint64_t now_ns)
{
    uint64_t since_ns = now_ns - progress->looked_ns;
    if (since_ns < NS_PER_S / 200 && progress->stride < STRIDE_CALLS_MAX)
        progress->stride *= 2;
    else if (since_ns > NS_PER_S / 50 && progress->stride > 1)
        progress->stride /= 2;
    progress->looked_ns = now_ns;
    progress->calls_to_look = progress->stride;
}

void ehr_progress_update(struct ehr_progress *progress, uint64_t sim_ns, uint64_t events)
{
    if (!progress->shown || --progress->calls_to_look > 0)
        return;
    uint64_t now_ns = now_ns_of(CLOCK_MONOTONIC);
    adapt_stride(progress, now_ns);
    if (progress->eta.count == 0)
        look(progress, sim_ns, now_ns);
    if (now_ns - progress->drawn_ns >= REDRAW_NS)
        draw(progress, sim_ns, events, now_ns);
}

void ehr_progress_close(struct ehr_progress *progress)
{
    if (progress->shown && progress->drawn) {
        fprintf(stderr, "\r%79s\r", "");
        fflush(stderr);
    }
    progress->shown = false;
}
