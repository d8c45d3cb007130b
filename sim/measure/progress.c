#include "sim/measure/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S         1000000000u
#define REDRAW_NS        200000000u /* five times a second */
#define LINE_SIZE        80u
#define BAR_COLUMNS      16u
#define STRIDE_CALLS_MAX 1024u

static uint64_t wall_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool colour_wanted(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

void ehr_progress_init(struct ehr_progress *progress, uint64_t total_ns, bool quiet)
{
    *progress = (struct ehr_progress){.total_ns = total_ns, .stride = 1, .calls_to_look = 1};
    progress->shown = !quiet && isatty(STDERR_FILENO) != 0;
    if (!progress->shown)
        return;
    progress->colour = colour_wanted();
    progress->started_ns = wall_now_ns();
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

void ehr_progress_format(char line[80], uint64_t sim_ns, uint64_t total_ns, uint64_t wall_ns,
                         double events_per_s)
{
    double done = total_ns == 0 ? 0.0 : (double)sim_ns / (double)total_ns;
    if (done > 1.0)
        done = 1.0; /* the drain goes on after the planned end */
    char bar[BAR_COLUMNS + 1], sim[24], total[24], wall[24], rate[24], left[24] = "-";
    for (unsigned i = 0; i < BAR_COLUMNS; i++)
        bar[i] = (double)i < done * BAR_COLUMNS ? '#' : '.';
    bar[BAR_COLUMNS] = '\0';
    format_clock(sim, sim_ns / NS_PER_S);
    format_clock(total, total_ns / NS_PER_S);
    format_clock(wall, wall_ns / NS_PER_S);
    format_rate(rate, events_per_s);
    if (done > 0.0) {
        double left_s = (double)wall_ns / NS_PER_S * (1.0 - done) / done;
        format_clock(left, left_s < 1e9 ? (uint64_t)(left_s + 0.5) : 1000000000u);
    }
    char whole[2 * LINE_SIZE + 32]; /* room for clocks of any length; the line is cut to fit */
    snprintf(whole, sizeof(whole), "[%s] %3.0f%% sim %s/%s wall %s %sev/s ETA %s", bar,
             done * 100.0, sim, total, wall, rate, left);
    snprintf(line, LINE_SIZE, "%.79s", whole);
}

static void draw(struct ehr_progress *progress, uint64_t sim_ns, uint64_t events, uint64_t now_ns)
{
    double elapsed_s = (double)(now_ns - progress->drawn_ns) / NS_PER_S;
    double rate = (double)(events - progress->drawn_events) / elapsed_s;
    /* Smoothed, to be readable: half of the last value, half of the new one. */
    progress->events_per_s = progress->drawn ? (progress->events_per_s + rate) / 2 : rate;
    char line[LINE_SIZE];
    ehr_progress_format(line, sim_ns, progress->total_ns, now_ns - progress->started_ns,
                        progress->events_per_s);
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
    uint64_t now_ns = wall_now_ns();
    adapt_stride(progress, now_ns);
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
