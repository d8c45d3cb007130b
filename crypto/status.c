#include "crypto/status.h"

const char *ehr_status_name(enum ehr_status status)
{
    switch (status) {
#define EHR_STATUS_NAME(name, text)                                                                \
    case EHR_##name:                                                                               \
        return #name;
        EHR_STATUS_TABLE(EHR_STATUS_NAME)
#undef EHR_STATUS_NAME
    case EHR_STATUS_INVALID:
        break;
    }
    return "INVALID";
}

const char *ehr_status_text(enum ehr_status status)
{
    switch (status) {
#define EHR_STATUS_TEXT(name, text)                                                                \
    case EHR_##name:                                                                               \
        return text;
        EHR_STATUS_TABLE(EHR_STATUS_TEXT)
#undef EHR_STATUS_TEXT
    case EHR_STATUS_INVALID:
        break;
    }
    return "not a status";
}
