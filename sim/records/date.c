#include "sim/records/date.h"

#include <assert.h>
#include <stdio.h>

#define DAY_S 86400

/* Days from 1970-01-01; counts years from March so that the leap day comes last. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Reads exactly `count` digits, value in minimum..maximum, and moves the cursor past them. */
static bool take_number(const char **cursor, int count, int minimum, int maximum, int *value)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        char digit = (*cursor)[i];
        if (digit < '0' || digit > '9')
            return false;
        number = number * 10 + (digit - '0');
    }
    if (number < minimum || number > maximum)
        return false;
    *cursor += count;
    *value = number;
    return true;
}

static bool take_char(const char **cursor, char wanted)
{
    if (**cursor != wanted)
        return false;
    ++*cursor;
    return true;
}

/* Reads "hh:mm:ss[.s]zone" to the end of the text as seconds since midnight UTC. */
static bool take_time(const char **cursor, int64_t *seconds)
{
    int hour, minute, second, zone_hour = 0, zone_minute = 0, ignored;
    if (!take_number(cursor, 2, 0, 23, &hour) || !take_char(cursor, ':') ||
        !take_number(cursor, 2, 0, 59, &minute) || !take_char(cursor, ':') ||
        !take_number(cursor, 2, 0, 60, &second))
        return false;
    if (take_char(cursor, '.')) {
        if (!take_number(cursor, 1, 0, 9, &ignored))
            return false;
        while (take_number(cursor, 1, 0, 9, &ignored))
            ;
    }
    int sign = 1;
    if (!take_char(cursor, 'Z')) {
        if (take_char(cursor, '-'))
            sign = -1;
        else if (!take_char(cursor, '+'))
            return false;
        if (!take_number(cursor, 2, 0, 14, &zone_hour) || !take_char(cursor, ':') ||
            !take_number(cursor, 2, 0, 59, &zone_minute))
            return false;
    }
    *seconds = (hour * 60 + minute) * 60 + second - sign * (zone_hour * 60 + zone_minute) * 60;
    return **cursor == '\0';
}

bool ehr_record_date_parse(const char *text, int64_t *seconds)
{
    const char *cursor = text;
    int year, month = 1, day = 1;
    int64_t time = 0;
    if (!take_number(&cursor, 4, 1, 9999, &year))
        return false;
    if (*cursor != '\0') {
        if (!take_char(&cursor, '-') || !take_number(&cursor, 2, 1, 12, &month))
            return false;
        if (*cursor != '\0') {
            if (!take_char(&cursor, '-') ||
                !take_number(&cursor, 2, 1, days_in_month(year, month), &day))
                return false;
            if (*cursor != '\0' && (!take_char(&cursor, 'T') || !take_time(&cursor, &time)))
                return false;
        }
    }
    *seconds = days_of(year, month, day) * DAY_S + time;
    return true;
}

void ehr_record_date_format(int64_t seconds, char text[EHR_RECORD_DATE_BYTES])
{
    int64_t days = (seconds >= 0 ? seconds : seconds - (DAY_S - 1)) / DAY_S;
    int time = (int)(seconds - days * DAY_S);
    days += 719468; /* days since 0000-03-01 */
    assert(days >= 306);
    int64_t era = days / 146097;
    int64_t day_of_era = days % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_index = (5 * day_of_year + 2) / 153;
    unsigned day = (unsigned)(day_of_year - (153 * month_index + 2) / 5 + 1);
    unsigned month = (unsigned)(month_index < 10 ? month_index + 3 : month_index - 9);
    unsigned year = (unsigned)(era * 400 + year_of_era + (month <= 2));
    assert(year <= 9999);
    int written = snprintf(text, EHR_RECORD_DATE_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u+00:00",
                           year % 10000, month % 100, day % 100, (unsigned)time / 3600 % 100,
                           (unsigned)time / 60 % 60, (unsigned)time % 60);
    assert(written == EHR_RECORD_DATE_BYTES - 1);
    (void)written;
}
