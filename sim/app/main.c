/* The program: the library's command. */
#include <signal.h>

#include "include/ehrgrid.h"

int main(int argc, char **argv)
{
    /* a file that may not grow is an error of writing, with a message and an exit status */
    signal(SIGXFSZ, SIG_IGN);
    return ehr_command_main(argc, argv);
}
