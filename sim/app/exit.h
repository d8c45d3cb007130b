/* Exit statuses of the command (docs/command.md). */
#ifndef EHR_APP_EXIT_H
#define EHR_APP_EXIT_H

enum ehr_exit {
    EHR_EXIT_DONE = 0,
    EHR_EXIT_WRONG = 1,       /* the run ended wrongly: deadlock, invariant broken, liveness lost */
    EHR_EXIT_INPUT = 2,       /* bad usage, bad scenario, or a file it names */
    EHR_EXIT_ENVIRONMENT = 3, /* disk full, unwritable output, read error */
};

#endif /* EHR_APP_EXIT_H */
