/*
 * Where the log of requests lies: in pages of a fixed number of requests, of which only some are in
 * memory. When one more is needed, the one not used for longest goes to a scratch file. It knows
 * nothing of what requests are (requests.h). Internal to sim/measure.
 *
 * Memory: `resident` pages, and 4 bytes for every page there is. As long as all pages fit, there is
 * no file. A file that cannot be made, written or read ends the program: ehr_measure_exit.
 */
#ifndef EHR_MEASURE_REQUEST_PAGES_H
#define EHR_MEASURE_REQUEST_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/measure/requests.h"

struct ehr_request_pages;

/* `results`: where the scratch file is made, as for ehr_results_scratch; borrowed, may be NULL.
 * `page_requests` > 0 requests a page, `resident` >= 2 pages in memory. */
struct ehr_request_pages *ehr_request_pages_new(struct ehr_results *results, uint32_t page_requests,
                                                uint32_t resident);

/* Accepts NULL. */
void ehr_request_pages_free(struct ehr_request_pages *pages);

/* The request at `index`, counted from 0; zeroed where its page is new. Pages begin one after the
 * other. Valid until another page is asked for. `change`: the caller writes to it. */
struct ehr_request *ehr_request_pages_at(struct ehr_request_pages *pages, uint32_t index,
                                         bool change);

/* Pages in memory, and how often one was written to the file. */
uint32_t ehr_request_pages_resident(const struct ehr_request_pages *pages);
uint64_t ehr_request_pages_written(const struct ehr_request_pages *pages);

#endif /* EHR_MEASURE_REQUEST_PAGES_H */
