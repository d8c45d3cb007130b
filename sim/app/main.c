/* The program: the library's command. */
#include "include/ehrgrid.h"

int main(int argc, char **argv)
{
    return ehr_command_main(argc, argv);
}
