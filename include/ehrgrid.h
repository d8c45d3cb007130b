/* EHRGrid as a library: the command `ehrgrid` as a function, for programs and tests that run
 * scenarios. Not a stable interface to the simulator's parts: those are built from source.
 * One run per process: SimGrid is a process-wide singleton. */
#ifndef EHRGRID_H
#define EHRGRID_H

#ifdef __cplusplus
extern "C" {
#endif

#define EHRGRID_API __attribute__((visibility("default")))

/* Carries out one command line, argv[0] included, as the program `ehrgrid` does; writes to stdout
 * and stderr and returns the exit status: 0 done, 1 the run ended wrongly, 2 bad usage or input,
 * 3 environment. argv may be permuted. */
EHRGRID_API int ehr_command_main(int argc, char **argv);

/* "0.1.0"; static. */
EHRGRID_API const char *ehr_version(void);

#ifdef __cplusplus
}
#endif

#endif /* EHRGRID_H */
