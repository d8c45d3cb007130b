/* Settings of SimGrid's that a command line adds to a scenario: --cfg KEY:VALUE and --log SPEC. */
#ifndef EHR_APP_REQUEST_H
#define EHR_APP_REQUEST_H

#include "sim/app/options.h"
#include "sim/app/setup.h"

/* What help says of them, for the tables of verbs. */
#define EHR_REQUEST_CFG_HELP                                                                       \
    "sets SimGrid's KEY for this run: network/loopback-lat:1e-5; repeatable"
#define EHR_REQUEST_LOG_HELP "what SimGrid says on stderr: ker_network.threshold:debug; repeatable"

/* `option` is "cfg" or "log". Adds "--cfg=VALUE" to the request's settings. */
void ehr_request_setting_add(struct ehr_setup_request *request, const char *option,
                             const char *value);

/* Tries each with SimGrid; the first that is bad is told as ehr_options_wrong. */
enum ehr_exit ehr_request_settings_check(const struct ehr_usage *usage,
                                         const struct ehr_setup_request *request);

void ehr_request_settings_close(struct ehr_setup_request *request);

#endif /* EHR_APP_REQUEST_H */
