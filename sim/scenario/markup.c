#include "sim/scenario/markup.h"

/* Attribute values come from paths, ids and patterns: paths may hold anything. */
void ehr_markup_value_write(FILE *out, const char *value)
{
    for (; *value != '\0'; value++) {
        switch (*value) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\t':
        case '\n':
        case '\r':
            fprintf(out, "&#%d;", *value);
            break;
        default:
            fputc(*value, out);
        }
    }
}

void ehr_markup_attribute_write(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    ehr_markup_value_write(out, value);
    fputc('"', out);
}
