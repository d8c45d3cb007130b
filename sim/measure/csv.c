#include "sim/measure/csv.h"

#include <inttypes.h>
#include <string.h>

static void begin_cell(struct ehr_csv *csv)
{
    if (csv->row_begun)
        fputc(',', csv->file);
    csv->row_begun = true;
}

void ehr_csv_text(struct ehr_csv *csv, const char *text)
{
    begin_cell(csv);
    if (strpbrk(text, ",\"\n\r") == NULL) {
        fputs(text, csv->file);
        return;
    }
    fputc('"', csv->file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', csv->file);
        fputc(*text, csv->file);
    }
    fputc('"', csv->file);
}

void ehr_csv_name(struct ehr_csv *csv, const char *prefix, const char *name, const char *suffix)
{
    begin_cell(csv);
    fputs(prefix, csv->file);
    fputs(name, csv->file);
    fputs(suffix, csv->file);
}

void ehr_csv_count(struct ehr_csv *csv, uint64_t count)
{
    begin_cell(csv);
    fprintf(csv->file, "%" PRIu64, count);
}

void ehr_csv_moment(struct ehr_csv *csv, uint64_t ns)
{
    begin_cell(csv);
    fprintf(csv->file, "%" PRIu64 ".%09" PRIu64, ns / 1000000000u, ns % 1000000000u);
}

void ehr_csv_duration(struct ehr_csv *csv, double ns)
{
    ehr_csv_number(csv, ns / 1e9);
}

void ehr_csv_number(struct ehr_csv *csv, double number)
{
    begin_cell(csv);
    fprintf(csv->file, "%.9g", number);
}

void ehr_csv_empty(struct ehr_csv *csv)
{
    begin_cell(csv);
}

void ehr_csv_end(struct ehr_csv *csv)
{
    fputc('\n', csv->file);
    csv->row_begun = false;
}
