#include "sim/measure/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool ehr_terminal_moves(FILE *file)
{
    const char *term = getenv("TERM");
    return isatty(fileno(file)) == 1 && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

bool ehr_terminal_colours(FILE *file)
{
    const char *no_color = getenv("NO_COLOR");
    return ehr_terminal_moves(file) && (no_color == NULL || *no_color == '\0');
}
