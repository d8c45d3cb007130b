/* What may be shown on a terminal: https://no-color.org, and TERM as terminfo(5) has it. */
#ifndef EHR_MEASURE_TERMINAL_H
#define EHR_MEASURE_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* A line may be drawn over: a terminal that is not dumb. */
bool ehr_terminal_moves(FILE *file);

/* The same, and NO_COLOR is unset or empty. */
bool ehr_terminal_colours(FILE *file);

#endif /* EHR_MEASURE_TERMINAL_H */
