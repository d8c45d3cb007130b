/* A program outside the tree: it is built with what is installed only. */
#include <ehrgrid.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    char name[] = "ehrgrid", option[] = "--version";
    char *words[] = {name, option, NULL};
    return strcmp(ehr_version(), "0.1.0") != 0 || ehr_command_main(2, words) != EHR_EXIT_DONE;
}
