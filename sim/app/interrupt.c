#include "sim/app/interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof signals[0] };
static struct sigaction former[SIGNALS];
static volatile sig_atomic_t noted;

static void on_signal(int number)
{
    noted = number;
}

void ehr_interrupt_open(void)
{
    noted = 0;
    for (size_t i = 0; i < SIGNALS; i++) {
        /* without SA_RESTART: what waits for a file is to end, too */
        struct sigaction ours = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
        sigemptyset(&ours.sa_mask);
        sigaction(signals[i], NULL, &former[i]);
        if (former[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &ours, NULL);
    }
}

int ehr_interrupt_signal(void)
{
    return noted;
}

void ehr_interrupt_close(void)
{
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &former[i], NULL);
    if (noted != 0)
        raise(noted);
}
