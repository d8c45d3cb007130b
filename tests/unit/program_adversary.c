/* A program decides on what nodes send: within f it harms nobody, whatever it does, and what it did
 * is counted. */
#include "tests/unit/program_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ledger/message.h"
#include "tests/unit/unit.h"

/* What the hook saw and did, by verdict. */
static struct counts {
    uint64_t seen, dropped, delayed, replaced, garbled, votes;
} counts;

static void counts_tell(void *context)
{
    (void)context;
    tell("seen %" PRIu64 " dropped %" PRIu64 " delayed %" PRIu64 " replaced %" PRIu64
         " garbled %" PRIu64 " votes %" PRIu64,
         counts.seen, counts.dropped, counts.delayed, counts.replaced, counts.garbled,
         counts.votes);
}

static void set(const char *node, ehr_adversary_hook *hook)
{
    int status = ehr_adversary_set(node, hook, &counts);
    if (status != EHR_EXIT_DONE)
        tell("%s is refused", node);
}

/* ---- hooks that interfere ---- */

/* Looks, and finds what messages.csv and the wire format say. */
static void look(void *context, const struct ehr_message_view *view,
                 struct ehr_interference *interference)
{
    struct ehr_message *message = NULL;
    (void)context;
    counts.seen++;
    if (ehr_message_decode(view->bytes, view->length, &message) != EHR_OK)
        tell("not canonical: %s", view->type);
    else if (strcmp(ehr_message_name(message->type), view->type) != 0 ||
             strcmp(view->from, "alliance-node-1") != 0 || view->now_ns != ehr_now_ns() ||
             (view->consensus != NULL) != (message->type == EHR_MSG_CONSENSUS) ||
             interference->verdict != EHR_VERDICT_SEND)
        tell("not as it is: %s", view->type);
    if (view->consensus != NULL && strcmp(view->consensus, "commit") == 0)
        counts.votes++;
    if (message != NULL)
        ehr_message_unref(message);
}

/* Every second receiver hears of another block, or votes of none. */
static void equivocate(void *context, const struct ehr_message_view *view,
                       struct ehr_interference *interference)
{
    static uint8_t bytes[1 << 16];
    (void)context;
    bool other = view->to[strlen(view->to) - 1] % 2 == 0;
    if (view->consensus == NULL || !other || view->length > sizeof bytes)
        return;
    memcpy(bytes, view->bytes, view->length);
    bytes[2 + 1 + 8 + 8] ^= 1; /* after tag, phase, view and height: the digest */
    *interference = (struct ehr_interference){
        .verdict = EHR_VERDICT_REPLACE, .bytes = bytes, .length = view->length};
    counts.replaced++;
}

/* In turn: noise, nothing at all, a message cut short, what only the workload says, silence, a
 * message that is late. */
static void garble(void *context, const struct ehr_message_view *view,
                   struct ehr_interference *interference)
{
    static const uint8_t noise[] = {0xff, 0xff, 1, 2, 3},
                         post[] = {64, 0, 1, 0, 0, 0, 0, 0, 0, 0}; /* BEGIN_ENROL of request 1 */
    (void)context;
    interference->verdict = EHR_VERDICT_REPLACE;
    switch (counts.seen++ % 7) {
    case 0:
        interference->bytes = noise;
        interference->length = sizeof noise;
        break;
    case 1:
        break;
    case 2:
        interference->bytes = view->bytes;
        interference->length = view->length - 1;
        break;
    case 3:
        interference->bytes = post;
        interference->length = sizeof post;
        break;
    case 4:
        interference->verdict = EHR_VERDICT_DROP;
        counts.dropped++;
        return;
    case 5:
        interference->verdict = EHR_VERDICT_DELAY;
        interference->delay_ns = 300000000;
        counts.delayed++;
        return;
    default:
        interference->verdict = EHR_VERDICT_SEND;
        return;
    }
    counts.garbled++;
}

static void drop_all(void *context, const struct ehr_message_view *view,
                     struct ehr_interference *interference)
{
    (void)context, (void)view;
    interference->verdict = EHR_VERDICT_DROP;
    counts.dropped++;
}

/* ---- files ---- */

struct sent {
    const char *node;
    uint64_t all, garbled_out, garbled_dropped;
};

static void sent_row(const struct table *row, void *context)
{
    struct sent *sent = context;
    uint64_t count = table_number(row, "count");
    bool garbled = strcmp(table_text(row, "type"), "garbled") == 0;
    const char *direction = table_text(row, "direction");
    if (strcmp(direction, "out") == 0 && strcmp(table_text(row, "node"), sent->node) == 0) {
        sent->all += count;
        sent->garbled_out += garbled ? count : 0;
    }
    if (strcmp(direction, "dropped") == 0 && garbled)
        sent->garbled_dropped += count;
}

static struct sent sent_by(const char *folder, const char *node)
{
    struct sent sent = {.node = node};
    table_read(folder, "messages.csv", sent_row, &sent);
    return sent;
}

static void ok_row(const struct table *row, void *context)
{
    (void)context;
    CU_ASSERT_STRING_EQUAL(table_text(row, "outcome"), "ok");
}

static void fault_row(const struct table *row, void *context)
{
    unsigned *byzantine = context;
    *byzantine += strcmp(table_text(row, "kind"), "byzantine") == 0 &&
                  strcmp(table_text(row, "value"), "program") == 0;
}

static uint64_t told_number(const char *told, const char *what)
{
    const char *at = strstr(told, what);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    return strtoull(at + strlen(what), NULL, 10);
}

/* Everything ends ok though one alliance node is an adversary; the parent looks at more. */
static char *harmless(const struct ehr_hooks *hooks, const char *fidelity,
                      char folder[PROGRAM_FOLDER_BYTES])
{
    const struct program program = {.sets = {fidelity, "alliance/@request-timeout=500ms"},
                                    .hooks = hooks};
    char other[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder), *again = program_run(&program, other);
    unsigned byzantine = 0;
    CU_ASSERT_EQUAL(table_read(folder, "requests.csv", ok_row, NULL), 60 + 12 + 6 + 4);
    table_read(folder, "faults.csv", fault_row, &byzantine);
    CU_ASSERT_EQUAL(byzantine, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "\nwell\n"));
    CU_ASSERT_PTR_NULL(strstr(told, "not "));
    CU_ASSERT_STRING_EQUAL(told, again);
    CU_ASSERT_TRUE(table_same(folder, other, "requests.csv"));
    CU_ASSERT_TRUE(table_same(folder, other, "messages.csv"));
    free(again);
    program_forget(other);
    return told;
}

static const char *const fidelities[] = {"network/@fidelity=flow", "network/@fidelity=queue",
                                         "network/@fidelity=delay"};

/* ---- cases ---- */

static void ready_look(void *context)
{
    (void)context;
    set("alliance-node-1", look);
    set("alliance-node-2", NULL); /* has none: stays what it is */
    if (ehr_adversary_set("nobody", look, NULL) == EHR_EXIT_INPUT &&
        ehr_adversary_set("workload", look, NULL) == EHR_EXIT_INPUT &&
        ehr_adversary_set(NULL, look, NULL) == EHR_EXIT_INPUT)
        tell("refused");
}

static void every_copy_is_seen_when_a_hook_looks(void)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .ready = ready_look, .done = counts_tell};
    for (size_t i = 0; i < 3; i++) {
        char folder[PROGRAM_FOLDER_BYTES];
        char *told = harmless(&hooks, fidelities[i], folder);
        CU_ASSERT_EQUAL(told_number(told, "seen "), sent_by(folder, "alliance-node-1").all);
        CU_ASSERT(told_number(told, "votes ") > 30);
        CU_ASSERT_PTR_NOT_NULL(strstr(told, "refused\n"));
        free(told);
        program_forget(folder);
    }
}

static void ready_equivocate(void *context)
{
    (void)context;
    set("alliance-node-0", equivocate); /* the first leader */
}

static void nobody_is_harmed_when_the_leader_equivocates(void)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .ready = ready_equivocate, .done = counts_tell};
    for (size_t i = 0; i < 3; i++) {
        char folder[PROGRAM_FOLDER_BYTES];
        char *told = harmless(&hooks, fidelities[i], folder);
        CU_ASSERT(told_number(told, "replaced ") > 0);
        free(told);
        program_forget(folder);
    }
}

static void ready_garble(void *context)
{
    (void)context;
    set("alliance-node-0", garble);
}

static void what_is_no_message_is_dropped_and_counted(void)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .ready = ready_garble, .done = counts_tell};
    for (size_t i = 0; i < 3; i++) {
        char folder[PROGRAM_FOLDER_BYTES];
        char *told = harmless(&hooks, fidelities[i], folder);
        struct sent sent = sent_by(folder, "alliance-node-0");
        CU_ASSERT(told_number(told, "dropped ") > 0 && told_number(told, "delayed ") > 0);
        CU_ASSERT_EQUAL(sent.garbled_out, told_number(told, "garbled "));
        CU_ASSERT_EQUAL(sent.garbled_dropped, sent.garbled_out);
        free(told);
        program_forget(folder);
    }
}

/* ---- more than f, and for a time ---- */

static void ready_two(void *context)
{
    (void)context;
    set("alliance-node-0", drop_all);
    set("alliance-node-1", drop_all);
}

static void liveness_is_lost_when_more_than_f_are_silent(void)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .ready = ready_two, .done = counts_tell};
    const struct program program = {.sets = {"run/@liveness-window=5s"}, .hooks = &hooks};
    char folder[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder);
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "wrongly: chain alliance (pbft) has committed nothing"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "2 of 4 replicas are Byzantine (alliance-node-0, "
                                        "alliance-node-1), more than f = 1"));
    free(told);
    program_forget(folder);
}

/* Doctors that say nothing until the first visit has failed: then visits go well. */
static const char *const doctors[] = {"minsk-doctor-0",  "minsk-doctor-1", "grodno-doctor-0",
                                      "grodno-doctor-1", "brest-doctor-0", "brest-doctor-1"};

static void ready_doctors(void *context)
{
    (void)context;
    for (unsigned i = 0; i < 6; i++)
        set(doctors[i], drop_all);
}

static void request_doctors(void *context, const struct ehr_request_event *e)
{
    static bool lifted;
    (void)context;
    if (lifted || strcmp(e->flow, "visit") != 0)
        return;
    lifted = true;
    for (unsigned i = 0; i < 6; i++)
        set(doctors[i], NULL);
    set("minsk-server", drop_all); /* too late */
    tell("lifted at %s", e->outcome);
}

static void visit_row(const struct table *row, void *context)
{
    unsigned *ok = context;
    *ok += strcmp(table_text(row, "flow"), "visit") == 0 &&
           strcmp(table_text(row, "outcome"), "ok") == 0;
}

static void a_node_speaks_again_when_its_hook_is_lifted(void)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .ready = ready_doctors, .request = request_doctors};
    const struct program program = {
        .sets = {"workload/visits/@rate=0.02/s", "workload/visits/@count=6"}, .hooks = &hooks};
    char folder[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder);
    unsigned ok = 0;
    table_read(folder, "requests.csv", visit_row, &ok);
    CU_ASSERT(ok > 0 && ok < 6);
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "minsk-server is refused\nlifted at failed\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "\nwell\n"));
    free(told);
    program_forget(folder);
}

static const struct ehr_unit_case cases[] = {
    {"every_copy_is_seen_when_a_hook_looks", every_copy_is_seen_when_a_hook_looks},
    {"nobody_is_harmed_when_the_leader_equivocates", nobody_is_harmed_when_the_leader_equivocates},
    {"what_is_no_message_is_dropped_and_counted", what_is_no_message_is_dropped_and_counted},
    {"liveness_is_lost_when_more_than_f_are_silent", liveness_is_lost_when_more_than_f_are_silent},
    {"a_node_speaks_again_when_its_hook_is_lifted", a_node_speaks_again_when_its_hook_is_lifted},
};

EHR_UNIT_MAIN("program_adversary", cases)
