#include "sim/measure/locale.h"

bool ehr_locale_enter_c(locale_t *previous)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        return false;
    *previous = uselocale(c_locale);
    return true;
}

void ehr_locale_leave_c(locale_t previous)
{
    freelocale(uselocale(previous));
}
