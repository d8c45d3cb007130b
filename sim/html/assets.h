/* The files of results/report, put into the library by cmake. Internal to sim/html. */
#ifndef EHR_HTML_ASSETS_H
#define EHR_HTML_ASSETS_H

#include <stddef.h>

struct ehr_html_asset {
    const char *name; /* report.css */
    const unsigned char *bytes;
    size_t size;
};

/* Ends with a NULL name. */
extern const struct ehr_html_asset ehr_html_assets[];

#endif /* EHR_HTML_ASSETS_H */
