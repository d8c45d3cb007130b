/* The writer of pages: what others wrote stays text, whatever it is. */
#include "tests/unit/unit.h"

#include "sim/html/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *written;
static size_t written_size;

static struct ehr_html_page page_begin(void)
{
    return (struct ehr_html_page){.out = open_memstream(&written, &written_size)};
}

/* Ends the page and compares it. */
static void page_check(struct ehr_html_page *page, const char *expected)
{
    fclose(page->out);
    CU_ASSERT_STRING_EQUAL(written, expected);
    if (strcmp(written, expected) != 0)
        printf("\n  found    %s\n  expected %s\n", written, expected);
    free(written);
}

static void text_stays_text(void)
{
    struct ehr_html_page page = page_begin();
    ehr_html_text(&page, "<script>alert(\"1\" + '2')</script> & \x01\x7f \xc3\xa9\t\n");
    page_check(&page, "&lt;script&gt;alert(&quot;1&quot; + &#39;2&#39;)&lt;/script&gt; &amp; "
                      "\xef\xbf\xbd\xef\xbf\xbd \xc3\xa9\t\n");
    page = page_begin();
    ehr_html_element(&page, "td class=\"text\"", "</td>");
    page_check(&page, "<td class=\"text\">&lt;/td&gt;</td>");
    page = page_begin();
    ehr_html_format(&page, "%s=%d", "a<b", 3);
    page_check(&page, "a&lt;b=3");
}

static void json_cannot_end_its_script(void)
{
    struct ehr_html_page page = page_begin();
    ehr_html_json(&page, "[\"</script><!--&\"]");
    page_check(&page, "[\"\\u003c/script\\u003e\\u003c!--\\u0026\"]");
}

static void svg_becomes_an_url_without_quotes(void)
{
    struct ehr_html_page page = page_begin();
    const char svg[] = "<svg a=\"b\">'%#\n\xc3\xa9</svg>";
    ehr_html_svg_url(&page, svg, strlen(svg));
    page_check(&page, "data:image/svg+xml,%3Csvg a=%22b%22%3E%27%25%23%0A%C3%A9%3C/svg%3E");
}

static void words_are_quoted_for_a_shell(void)
{
    struct ehr_html_page page = page_begin();
    const char *const words[] = {"ehrgrid", "run",  "a b.xml", "--set",
                                 "x/@y=1",  "it's", "",        "$HOME"};
    ehr_html_words(&page, words, 8);
    page_check(&page,
               "<code>ehrgrid run &#39;a b.xml&#39; --set x/@y=1 &#39;it&#39;\\&#39;&#39;s&#39; "
               "&#39;&#39; &#39;$HOME&#39;</code>");
}

static void numbers_have_four_digits_and_counts_all(void)
{
    struct ehr_html_page page = page_begin();
    ehr_html_cell_number(&page, 1.0 / 3);
    ehr_html_cell_number(&page, NAN);
    ehr_html_cell_count(&page, 12345678901u);
    ehr_html_cell_text(&page, "");
    ehr_html_cell_text(&page, "12.5");
    page_check(&page, "<td>0.3333</td><td>-</td><td>12345678901</td><td>-</td><td>12.5</td>");
}

static void a_table_names_its_columns(void)
{
    static const char *const columns[] = {"flow", " why", "count", NULL};
    struct ehr_html_page page = page_begin();
    ehr_html_table_begin(&page, "a < b", columns);
    ehr_html_table_end(&page);
    page_check(&page, "<div class=\"wide\" tabindex=\"0\"><table>\n<caption>a &lt; b</caption>\n"
                      "<thead><tr><th scope=\"col\" class=\"text\">flow</th>"
                      "<th scope=\"col\" class=\"text\">why</th><th scope=\"col\">count</th></tr>"
                      "</thead>\n<tbody>\n</tbody></table></div>\n");
}

static const struct ehr_unit_case cases[] = {
    {"text_stays_text", text_stays_text},
    {"json_cannot_end_its_script", json_cannot_end_its_script},
    {"svg_becomes_an_url_without_quotes", svg_becomes_an_url_without_quotes},
    {"words_are_quoted_for_a_shell", words_are_quoted_for_a_shell},
    {"numbers_have_four_digits_and_counts_all", numbers_have_four_digits_and_counts_all},
    {"a_table_names_its_columns", a_table_names_its_columns},
};

EHR_UNIT_MAIN("html page", cases)
