/* The canonical form of keywords; ehr_index_keyword_make of index.h. */
#include "crypto/index.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* A keyword under construction; blanks are held back until something follows them. */
struct builder {
    struct ehr_index_keyword *keyword;
    bool blank_pending, overflow;
};

static bool is_blank(uint8_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == 0x20;
}

static void put(struct builder *b, uint8_t c)
{
    if (b->keyword->len < EHR_INDEX_KEYWORD_BYTES_MAX)
        b->keyword->text[b->keyword->len++] = c;
    else
        b->overflow = true;
}

/* Collapses blanks; all bytes of a longer sequence are >= 0x80 and pass through. */
static void feed(struct builder *b, uint8_t c)
{
    if (is_blank(c)) {
        b->blank_pending = b->keyword->len != 0;
        return;
    }
    if (b->blank_pending)
        put(b, ' ');
    b->blank_pending = false;
    put(b, c);
}

static uint8_t ascii_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static utf8proc_int32_t lower(utf8proc_int32_t code_point, void *context)
{
    (void)context;
    return utf8proc_tolower(code_point);
}

/* NFC of `len` bytes, lower case of every code point first where asked; NULL if they are not UTF-8.
 * utf8proc decodes strictly: no surrogates, no overlong forms, nothing above U+10FFFF. */
static uint8_t *normalise(const uint8_t *utf8, size_t len, bool lower_case, size_t *out_len)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n =
        utf8proc_map_custom(utf8, (utf8proc_ssize_t)len, &out, UTF8PROC_STABLE | UTF8PROC_COMPOSE,
                            lower_case ? lower : NULL, NULL);
    if (n < 0)
        return NULL;
    *out_len = (size_t)n;
    return out;
}

static enum ehr_status feed_unicode(struct builder *b, const uint8_t *utf8, size_t len)
{
    size_t nfc_len, lower_len;
    uint8_t *nfc = normalise(utf8, len, false, &nfc_len);
    if (nfc == NULL)
        return EHR_LEN;
    uint8_t *lowered = normalise(nfc, nfc_len, true, &lower_len);
    free(nfc);
    if (lowered == NULL)
        return EHR_LEN;
    for (size_t i = 0; i < lower_len; i++)
        feed(b, lowered[i]);
    free(lowered);
    return EHR_OK;
}

static enum ehr_status make(struct builder *b, const uint8_t *utf8, size_t len)
{
    size_t ascii = 0;
    while (ascii < len && utf8[ascii] < 0x80)
        ascii++;
    if (ascii < len) {
        EHR_TRY(feed_unicode(b, utf8, len));
    } else {
        for (size_t i = 0; i < len; i++)
            feed(b, ascii_lower(utf8[i]));
    }
    return b->overflow || b->keyword->len == 0 ? EHR_LEN : EHR_OK;
}

enum ehr_status ehr_index_keyword_make(struct ehr_index_keyword *keyword, const uint8_t *utf8,
                                       size_t len)
{
    *keyword = (struct ehr_index_keyword){.len = 0};
    struct builder builder = {.keyword = keyword};
    enum ehr_status status = make(&builder, utf8, len);
    if (status != EHR_OK)
        *keyword = (struct ehr_index_keyword){.len = 0};
    return status;
}
