/*
 * Ctrl-C, and what else asks a process to end: a run that is interrupted leaves no folder behind
 * and dies of the signal, as its caller expects. A signal that was ignored before stays ignored;
 * the second of a kind ends the process at once.
 */
#ifndef EHR_APP_INTERRUPT_H
#define EHR_APP_INTERRUPT_H

/* From now on SIGINT, SIGTERM and SIGHUP are noted instead of obeyed. */
void ehr_interrupt_open(void);

/* The signal that came since then, or 0. */
int ehr_interrupt_signal(void);

/* The former handlers again. If a signal came, it is raised: then this need not return. */
void ehr_interrupt_close(void);

#endif /* EHR_APP_INTERRUPT_H */
