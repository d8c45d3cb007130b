#include "sim/records/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ehr_record_report(struct ehr_record_errors *errors, const char *format, ...)
{
    errors->count++;
    size_t room = errors->capacity - errors->length;
    if (errors->text == NULL || room < 2)
        return;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(errors->text + errors->length, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length + 1 >= room) { /* no room for the line break and the NUL */
        errors->text[errors->length] = '\0';
        return;
    }
    errors->length += (size_t)length;
    errors->text[errors->length++] = '\n';
    errors->text[errors->length] = '\0';
}

size_t ehr_record_line_of(const char *bytes, size_t length, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset && i < length; i++)
        line += bytes[i] == '\n';
    return line;
}

/* Bytes of the UTF-8 sequence at `bytes`, 0 where it is none (overlong, surrogate, too large). */
static size_t sequence_length(const unsigned char *bytes, size_t left)
{
    unsigned char lead = bytes[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead > 0xf4 || length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    if ((lead == 0xe0 && bytes[1] < 0xa0) || (lead == 0xed && bytes[1] > 0x9f) ||
        (lead == 0xf0 && bytes[1] < 0x90) || (lead == 0xf4 && bytes[1] > 0x8f))
        return 0;
    return length;
}

bool ehr_record_bytes_check(const char *name, const char *bytes, size_t length,
                            struct ehr_record_errors *errors)
{
    size_t at = 0;
    while (at < length) {
        unsigned char byte = (unsigned char)bytes[at];
        if (byte == '\\') { /* JSON allows it in strings only; the next byte is never a lead */
            if (length - at >= 6 && memcmp(bytes + at, "\\u0000", 6) == 0) {
                ehr_record_report(errors, "%s:%zu: string: \\u0000: any other character", name,
                                  ehr_record_line_of(bytes, length, at));
                return false;
            }
            at += length - at >= 2 && (unsigned char)bytes[at + 1] < 0x80 ? 2 : 1;
            continue;
        }
        size_t step =
            byte == 0 ? 0 : sequence_length((const unsigned char *)bytes + at, length - at);
        if (step == 0) {
            ehr_record_report(errors, "%s:%zu: byte at offset %zu: 0x%02x: UTF-8 text", name,
                              ehr_record_line_of(bytes, length, at), at, byte);
            return false;
        }
        at += step;
    }
    return true;
}

const char *ehr_record_shown(const char *value, char shown[48])
{
    size_t length = 0;
    for (; length < 40 && value[length] != '\0'; length++) {
        unsigned char byte = (unsigned char)value[length];
        shown[length] = byte < 0x20 || byte == 0x7f ? '?' : value[length];
    }
    if (value[length] != '\0') {
        /* Do not leave half a character before the dots. */
        while (length > 0 && ((unsigned char)value[length] & 0xc0) == 0x80)
            length--;
        memcpy(shown + length, "...", 3);
        length += 3;
    }
    shown[length] = '\0';
    return shown;
}
