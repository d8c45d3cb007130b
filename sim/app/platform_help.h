/* The help texts of `ehrgrid platform`. Internal to sim/app. */
#ifndef EHR_APP_PLATFORM_HELP_H
#define EHR_APP_PLATFORM_HELP_H

/* Of "platform", "platform import", "platform regions", "platform generate"; NULL: none of them. */
const char *ehr_platform_help(const char *verb);

#endif /* EHR_APP_PLATFORM_HELP_H */
