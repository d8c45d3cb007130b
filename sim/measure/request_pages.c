#include "sim/measure/request_pages.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/measure/memory.h"
#include "sim/measure/results.h"

struct page {
    struct ehr_request *requests;
    uint64_t used;   /* when it was last asked for */
    uint32_t number; /* the requests from number * page_requests on */
    bool changed;    /* since it was read or made */
};

struct ehr_request_pages {
    struct ehr_results *results;
    struct page *slots; /* those in memory */
    uint32_t *slot_of;  /* by page: its slot + 1, or 0 when it is in the file */
    uint64_t clock;
    uint64_t written;
    uint32_t page_requests;
    uint32_t slot_count, slot_max;
    uint32_t page_count, page_capacity;
    int file; /* -1: none so far */
};

struct ehr_request_pages *ehr_request_pages_new(struct ehr_results *results, uint32_t page_requests,
                                                uint32_t resident)
{
    assert(page_requests > 0 && resident >= 2);
    struct ehr_request_pages *pages = ehr_measure_zeroed(1, sizeof(*pages));
    pages->results = results;
    pages->slots = ehr_measure_zeroed(resident, sizeof(*pages->slots));
    pages->page_requests = page_requests;
    pages->slot_max = resident;
    pages->file = -1;
    return pages;
}

void ehr_request_pages_free(struct ehr_request_pages *pages)
{
    if (pages == NULL)
        return;
    for (uint32_t i = 0; i < pages->slot_count; i++)
        free(pages->slots[i].requests);
    if (pages->file >= 0)
        close(pages->file);
    free(pages->slots);
    free(pages->slot_of);
    free(pages);
}

/* ---- the file ---- */

static size_t page_size(const struct ehr_request_pages *pages)
{
    return pages->page_requests * sizeof(struct ehr_request);
}

static void page_write(struct ehr_request_pages *pages, const struct page *page)
{
    struct ehr_measure_error error;
    if (pages->file < 0)
        pages->file = ehr_results_scratch(pages->results, &error);
    if (pages->file < 0)
        ehr_measure_exit("%s", error.text);
    const char *from = (const char *)page->requests;
    off_t begin = (off_t)page->number * (off_t)page_size(pages);
    for (size_t done = 0; done < page_size(pages);) {
        ssize_t wrote =
            pwrite(pages->file, from + done, page_size(pages) - done, begin + (off_t)done);
        if (wrote < 0 && errno != EINTR)
            ehr_measure_exit("cannot write requests to a scratch file: %s", strerror(errno));
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    pages->written++;
}

static void page_read(const struct ehr_request_pages *pages, struct page *page)
{
    char *to = (char *)page->requests;
    off_t begin = (off_t)page->number * (off_t)page_size(pages);
    for (size_t done = 0; done < page_size(pages);) {
        ssize_t got = pread(pages->file, to + done, page_size(pages) - done, begin + (off_t)done);
        if (got == 0 || (got < 0 && errno != EINTR))
            ehr_measure_exit("cannot read requests from a scratch file: %s",
                             got == 0 ? "it is too short" : strerror(errno));
        done += got > 0 ? (size_t)got : 0;
    }
}

/* ---- pages ---- */

/* A slot for one more page: a new one, or that of the page which was not used for longest. */
static uint32_t slot_take(struct ehr_request_pages *pages)
{
    if (pages->slot_count < pages->slot_max) {
        uint32_t slot = pages->slot_count++;
        pages->slots[slot].requests =
            ehr_measure_zeroed(pages->page_requests, sizeof(struct ehr_request));
        return slot;
    }
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < pages->slot_count; i++)
        if (pages->slots[i].used < pages->slots[oldest].used)
            oldest = i;
    struct page *page = &pages->slots[oldest];
    if (page->changed)
        page_write(pages, page);
    pages->slot_of[page->number] = 0;
    return oldest;
}

static void page_begin(struct ehr_request_pages *pages)
{
    if (pages->page_count == pages->page_capacity) {
        uint32_t capacity = pages->page_capacity == 0 ? 64 : 2 * pages->page_capacity;
        pages->slot_of =
            ehr_measure_grow(pages->slot_of, pages->page_capacity, capacity, sizeof(uint32_t));
        pages->page_capacity = capacity;
    }
    uint32_t number = pages->page_count++, slot = slot_take(pages);
    struct page *page = &pages->slots[slot];
    memset(page->requests, 0, page_size(pages));
    page->number = number;
    page->changed = true; /* what was never written could not be read again */
    pages->slot_of[number] = slot + 1;
}

static void page_load(struct ehr_request_pages *pages, uint32_t number)
{
    uint32_t slot = slot_take(pages);
    struct page *page = &pages->slots[slot];
    page->number = number;
    page->changed = false;
    page_read(pages, page);
    pages->slot_of[number] = slot + 1;
}

struct ehr_request *ehr_request_pages_at(struct ehr_request_pages *pages, uint32_t index,
                                         bool change)
{
    uint32_t number = index / pages->page_requests;
    assert(number <= pages->page_count);
    if (number == pages->page_count)
        page_begin(pages);
    else if (pages->slot_of[number] == 0)
        page_load(pages, number);
    struct page *page = &pages->slots[pages->slot_of[number] - 1];
    page->used = ++pages->clock;
    page->changed = page->changed || change;
    return &page->requests[index % pages->page_requests];
}

uint32_t ehr_request_pages_resident(const struct ehr_request_pages *pages)
{
    return pages->slot_count;
}

uint64_t ehr_request_pages_written(const struct ehr_request_pages *pages)
{
    return pages->written;
}
