/* What SimGrid would end the process for is tried in a forked child first, whose output says why.
 * Internal to sim/network. */
#ifndef EHR_NETWORK_TRIAL_H
#define EHR_NETWORK_TRIAL_H

#include <stdbool.h>

/* True: the child returned from `attempt`. `text` is what it printed, the caller's; at most 64 KiB
 * of it. A pipe or a process that cannot be had is false, with a text that says so. */
bool ehr_trial_run(void (*attempt)(void *context), void *context, char **text);

/* The line without SimGrid's prefix; NULL if it is about something else than what is wrong: of a
 * backtrace, of a setting that was made. */
const char *ehr_trial_line(const char *line);

#endif /* EHR_NETWORK_TRIAL_H */
