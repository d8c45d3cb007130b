#include "sim/app/request.h"

#include <stdlib.h>

#include "sim/app/memory.h"
#include "sim/app/said.h"
#include "sim/network/kernel.h"
#include "sim/network/simgrid_compat.h"

enum { ERROR_BYTES = 8192 };

void ehr_request_setting_add(struct ehr_setup_request *request, const char *option,
                             const char *value)
{
    request->settings =
        ehr_app_resize(request->settings, (request->setting_count + 1) * sizeof *request->settings);
    request->settings[request->setting_count++] = ehr_app_text("--%s=%s", option, value);
}

enum ehr_exit ehr_request_settings_check(const struct ehr_usage *usage,
                                         const struct ehr_setup_request *request)
{
    char *error = ehr_app_zeroed(ERROR_BYTES, 1);
    enum ehr_exit status = EHR_EXIT_DONE;
    if (request->setting_count > 0 && !ehr_simgrid_version_check(error, ERROR_BYTES)) {
        ehr_said_line("%s", error);
        status = EHR_EXIT_ENVIRONMENT;
    }
    for (size_t i = 0; status == EHR_EXIT_DONE && i < request->setting_count; i++)
        if (!ehr_platform_setting_check(request->settings[i], error, ERROR_BYTES))
            status = ehr_options_wrong(usage, "%s", error);
    free(error);
    return status;
}

void ehr_request_settings_close(struct ehr_setup_request *request)
{
    for (size_t i = 0; i < request->setting_count; i++)
        free(request->settings[i]);
    free(request->settings);
    request->settings = NULL;
    request->setting_count = 0;
}
