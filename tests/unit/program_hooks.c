/* What a program is told of a run stands in its files; that it is told changes nothing; and its
 * metrics come to what summary.csv says. */
#include "tests/unit/program_world.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/kernel.h"
#include "tests/unit/unit.h"

/* ---- the program ---- */

static const char *or_dash(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "-";
}

/* In order, at the time of the run, and each at its own. */
static void in_time(uint64_t ns)
{
    static uint64_t last_ns;
    if (ns != ehr_now_ns() || ns < last_ns)
        tell("at %" PRIu64 " of %" PRIu64, ehr_now_ns(), ns);
    last_ns = ns;
}

static void on_ready(void *context)
{
    (void)context;
    in_time(0);
    tell("ready");
}

static void on_block(void *context, const struct ehr_block_event *e)
{
    (void)context;
    in_time(e->committed_ns);
    tell("block %s %" PRIu64 " %" PRIu64 " %s %u %" PRIu64 " %" PRIu64 " %" PRIu64, e->chain,
         e->height, e->view, or_dash(e->proposer), e->transactions, e->bytes, e->proposed_ns,
         e->committed_ns);
}

static void on_request(void *context, const struct ehr_request_event *e)
{
    struct ehr_request_event again = {0};
    (void)context;
    in_time(e->end_ns);
    if (!ehr_request_read(e->request, &again) || again.end_ns != e->end_ns)
        tell("read otherwise");
    tell("request %u %s %s %s %s %" PRIu64 " %" PRIu64 " %d", e->request, e->flow,
         or_dash(e->hospital), e->outcome, or_dash(e->reason), e->start_ns, e->end_ns,
         e->identical);
}

static void on_refusal(void *context, const struct ehr_refusal_event *e)
{
    (void)context;
    in_time(e->now_ns);
    tell("refusal %u %s %s %s", e->request, or_dash(e->chain), or_dash(e->node), e->reason);
}

static void on_view_change(void *context, const struct ehr_view_event *e)
{
    (void)context;
    in_time(e->now_ns);
    tell("view %s %" PRIu64 " %s", e->chain, e->view, e->node);
}

static void on_done(void *context)
{
    double value;
    (void)context;
    tell("done");
    for (const char *const *name = ehr_metric_names(); *name != NULL; name++)
        tell("metric %s %.17g", *name, ehr_metric(*name, &value) ? value : -1);
    if (ehr_metric("visit", &value) || ehr_metric("", &value) || ehr_request_read(0, NULL) ||
        ehr_request_read(100000, NULL))
        tell("something that is not");
}

static const struct ehr_hooks all_hooks = {
    sizeof(struct ehr_hooks), NULL,   on_ready, on_block, on_request, on_refusal,
    on_view_change,           on_done};

/* ---- comparing ---- */

static bool has_line(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    while (at != NULL && !((at == text || at[-1] == '\n') && at[strlen(line)] == '\n'))
        at = strstr(at + 1, line);
    return at != NULL;
}

static unsigned lines_with(const char *text, const char *begin)
{
    unsigned count = strncmp(text, begin, strlen(begin)) == 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        count += strncmp(at + 1, begin, strlen(begin)) == 0;
    return count;
}

static void request_row(const struct table *row, void *told)
{
    char line[256];
    const char *outcome = table_text(row, "outcome");
    bool well = strcmp(outcome, "ok") == 0;
    snprintf(line, sizeof line, "request %s %s %s %s %s %" PRIu64 " %" PRIu64 " %s",
             table_text(row, "id"), table_text(row, "flow"), or_dash(table_text(row, "hospital")),
             outcome, well ? "-" : table_text(row, "reason"), table_ns(row, "start_s"),
             table_ns(row, "end_s"), table_text(row, "identical"));
    CU_ASSERT_TRUE(has_line(told, line));
}

static void block_row(const struct table *row, void *told)
{
    char line[256];
    snprintf(line, sizeof line, "block %s %s %s %s %s %s %" PRIu64 " %" PRIu64,
             table_text(row, "chain"), table_text(row, "height"), table_text(row, "view"),
             or_dash(table_text(row, "proposer")), table_text(row, "transactions"),
             table_text(row, "bytes"), table_ns(row, "proposed_s"),
             table_ns(row, "committed_first_s"));
    CU_ASSERT_TRUE(has_line(told, line));
}

/* Views that were told of by at least one replica. */
static void view_row(const struct table *row, void *told)
{
    char line[64];
    unsigned views = 0;
    if (strcmp(table_text(row, "kind"), "view_change") != 0)
        return;
    for (unsigned view = 0; view < 100; view++) {
        snprintf(line, sizeof line, "view %s %u ", table_text(row, "chain"), view);
        views += lines_with(told, line) > 0;
    }
    CU_ASSERT_EQUAL(views, table_number(row, "count"));
}

static double metric_of(const char *told, const char *name)
{
    char line[128];
    snprintf(line, sizeof line, "\nmetric %s ", name);
    const char *at = strstr(told, line);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    return strtod(at + strlen(line), NULL);
}

static void summary_row(const struct table *row, void *told)
{
    static const char *const flows[] = {"register", "visit", "retrieve", "share", "revoke"};
    static const char *const counts[][2] = {{"offered", "offered"}, {"ok", "ok"},
                                            {"refused", "refused"}, {"failed", "failed"},
                                            {"timeout", "timeout"}, {"open", "unfinished"}};
    static const char *const latencies[] = {"lat_mean_s", "lat_p50_s", "lat_p99_s"};
    static const char *const totals[] = {"alliance_blocks",       "alliance_transactions",
                                         "alliance_messages",     "alliance_bytes",
                                         "alliance_view_changes", "private_blocks",
                                         "private_transactions",  "private_messages",
                                         "private_bytes",         "private_view_changes"};
    char name[64], column[64];
    for (size_t f = 0; f < sizeof flows / sizeof flows[0]; f++) {
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            snprintf(name, sizeof name, "%s_%s", flows[f], counts[i][0]);
            snprintf(column, sizeof column, "%s_%s", flows[f], counts[i][1]);
            CU_ASSERT_EQUAL(metric_of(told, name), strtod(table_text(row, column), NULL));
        }
        for (size_t i = 0; i < sizeof latencies / sizeof latencies[0]; i++) {
            snprintf(name, sizeof name, "%s_%s", flows[f], latencies[i]);
            const char *text = table_text(row, name);
            double value = metric_of(told, name);
            CU_ASSERT(text[0] == '\0' ? isnan(value)
                                      : fabs(value - strtod(text, NULL)) <= 1e-8 * value);
        }
    }
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++)
        CU_ASSERT_EQUAL(metric_of(told, totals[i]), strtod(table_text(row, totals[i]), NULL));
    CU_ASSERT_DOUBLE_EQUAL(metric_of(told, "time_s"), strtod(table_text(row, "sim_time_s"), NULL),
                           1e-9);
}

/* Those of the hospitals' chains are those of the private tier. */
static void chains_add_up(const char *told)
{
    static const char *const quantities[] = {"blocks", "transactions", "messages", "bytes",
                                             "view_changes"};
    static const char *const hospitals[] = {"minsk", "grodno", "brest"};
    char name[64];
    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++) {
        double sum = 0;
        for (size_t h = 0; h < 3; h++) {
            snprintf(name, sizeof name, "%s_%s", hospitals[h], quantities[i]);
            sum += metric_of(told, name);
        }
        snprintf(name, sizeof name, "private_%s", quantities[i]);
        CU_ASSERT_EQUAL(sum, metric_of(told, name));
    }
    CU_ASSERT_EQUAL(metric_of(told, "minsk_height"), metric_of(told, "minsk_blocks"));
}

static struct ehr_message *silence(void *context, uint64_t now_ns, uint32_t to,
                                   struct ehr_message *message)
{
    (void)context, (void)to;
    if (now_ns < 8000000000)
        return message;
    ehr_message_unref(message);
    return NULL;
}

/* The leader of the alliance falls silent: it has to be given up. */
static void leader_falls_silent(struct ehr_world *world)
{
    ehr_kernel_rewrite_set(ehr_world_kernel(world), ehr_world_node(world, "alliance-node-0")->id,
                           silence, NULL);
}

/* ---- cases ---- */

static void same_as_in_the_files(const char *fidelity)
{
    const struct program with = {
        .sets = {fidelity, "workload/shares/@consent=0.5", "workload/visits/@count=60"},
        .hooks = &all_hooks,
        .prepare = leader_falls_silent};
    struct program without = with;
    char folder[PROGRAM_FOLDER_BYTES], other[PROGRAM_FOLDER_BYTES];
    without.hooks = NULL;
    char *told = program_run(&with, folder);
    free(program_run(&without, other));
    CU_ASSERT_EQUAL(strncmp(told, "ready\n", 6), 0);
    CU_ASSERT_EQUAL(lines_with(told, "ready"), 1);
    CU_ASSERT_EQUAL(lines_with(told, "at "), 0);
    CU_ASSERT_EQUAL(lines_with(told, "done"), 1);
    CU_ASSERT_TRUE(has_line(told, "well"));
    CU_ASSERT_EQUAL(lines_with(told, "something that is not"), 0);
    CU_ASSERT_EQUAL(lines_with(told, "read otherwise"), 0);
    CU_ASSERT_EQUAL(table_read(folder, "requests.csv", request_row, told),
                    lines_with(told, "request "));
    CU_ASSERT_EQUAL(table_read(folder, "blocks.csv", block_row, told), lines_with(told, "block "));
    table_read(folder, "consensus.csv", view_row, told);
    CU_ASSERT(lines_with(told, "view alliance 1 ") >= 3);
    CU_ASSERT(metric_of(told, "share_refused") > 0);
    CU_ASSERT_EQUAL(lines_with(strstr(told, "refusal "), "refusal "),
                    (unsigned)metric_of(told, "share_refused"));
    table_read(folder, "summary.csv", summary_row, told);
    chains_add_up(told);
    CU_ASSERT_TRUE(table_same(folder, other, "requests.csv"));
    CU_ASSERT_TRUE(table_same(folder, other, "blocks.csv"));
    CU_ASSERT_TRUE(table_same(folder, other, "consensus.csv"));
    free(told);
    program_forget(folder);
    program_forget(other);
}

static void a_program_is_told_what_the_files_say_in_flow(void)
{
    same_as_in_the_files("network/@fidelity=flow");
}

static void a_program_is_told_what_the_files_say_in_queue(void)
{
    same_as_in_the_files("network/@fidelity=queue");
}

static void a_program_is_told_what_the_files_say_in_delay(void)
{
    same_as_in_the_files("network/@fidelity=delay");
}

static const struct ehr_unit_case cases[] = {
    {"a_program_is_told_what_the_files_say_in_flow", a_program_is_told_what_the_files_say_in_flow},
    {"a_program_is_told_what_the_files_say_in_queue",
     a_program_is_told_what_the_files_say_in_queue},
    {"a_program_is_told_what_the_files_say_in_delay",
     a_program_is_told_what_the_files_say_in_delay},
};

EHR_UNIT_MAIN("program_hooks", cases)
