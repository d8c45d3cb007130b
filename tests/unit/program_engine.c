/* An engine of a program's own: `majority`, as docs/consensus-howto.md has it, which the build
 * takes from the page. Refused are types that do not keep to the interface. */
#include "tests/unit/program_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/app/engines.h"
#include "sim/consensus/registry.h"
#include "tests/unit/unit.h"

extern const struct ehr_engine_type ehr_majority_engine_type;

/* ---- what is refused ---- */

static struct ehr_engine_message_kind kinds[EHR_REGISTRY_KINDS_MAX + 1];
static struct ehr_engine_type changed; /* majority, and what a test changes */

static void is_refused(const char *why)
{
    const char *got = ehr_registry_add(&changed);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, why));
    changed = ehr_majority_engine_type;
}

static void a_type_is_refused_when_it_breaks_the_interface(void)
{
    changed = ehr_majority_engine_type;
    changed.name = NULL;
    is_refused("the name is missing");
    changed.name = "";
    is_refused("the name is missing");
    changed.name = "my engine";
    is_refused("the name is missing, or not a letter");
    changed.name = "9lives";
    is_refused("the name is missing, or not a letter");
    changed.name = "pbft";
    is_refused("the name is taken");
    changed.step = NULL;
    is_refused("step is NULL");
    changed.wants = NULL;
    is_refused("wants or step is NULL");
    changed.trust = NULL;
    is_refused("trust is none of");
    changed.trust = "cft";
    is_refused("trust is none of");
    changed.kinds = NULL;
    is_refused("kinds are missing");
    changed.kinds = kinds;
    changed.kind_count = EHR_REGISTRY_KINDS_MAX + 1;
    is_refused("more than 31");
    changed.kinds = kinds;
    changed.kind_count = 3;
    kinds[2].carries = (enum ehr_engine_carriage)17;
    is_refused("no value of its enumeration");
    changed.kinds = kinds;
    changed.kind_count = 2;
    kinds[0].name = "zero";
    is_refused("begin at 1");
    CU_ASSERT_PTR_NULL(ehr_engine_find("majority"));
}

/* What means something if it is NULL; in a child, too. */
static void a_child_leaves_out_what_it_may(void)
{
    struct ehr_engine_type type = ehr_majority_engine_type;
    type.name = "short";
    type.close = NULL;
    type.view = NULL;
    type.leader = NULL;
    type.turn = NULL;
    type.requests = NULL;
    type.certificate_quorum = NULL;
    type.snapshot = NULL;
    if (ehr_engine_register(&type) != EHR_EXIT_DONE)
        _exit(1);
    const struct ehr_engine_type *found = ehr_engine_find("short");
    uint8_t picture[1] = {7};
    type.name = "other"; /* the registry has its own */
    if (ehr_engine_find("short") != found || ehr_engine_find("other") != NULL)
        _exit(2);
    found->close(NULL);
    bool good = found->view(NULL) == 0 && found->leader(NULL) == 0 &&
                ehr_engine_turn(found, NULL) == 0 &&
                ehr_engine_requests_of(found, NULL) == EHR_ENGINE_REQUESTS_WATCHED &&
                found->certificate_quorum(7) == 7 &&
                found->snapshot(NULL, picture, sizeof picture) == 0 && picture[0] == 7;
    _exit(good ? 0 : 3);
}

static int child_run(void (*child)(void))
{
    int status = -1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        child();
    CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
    return status;
}

static void what_may_be_null_means_what_the_header_says(void)
{
    CU_ASSERT_EQUAL(child_run(a_child_leaves_out_what_it_may), 0);
}

/* In a child, which takes its engines with it. */
static void a_child_adds_too_many(void)
{
    static struct ehr_engine_type many[EHR_REGISTRY_MORE_MAX + 1];
    static char names[EHR_REGISTRY_MORE_MAX + 1][16];
    size_t count;
    int good = 1;
    for (int i = 0; i <= EHR_REGISTRY_MORE_MAX; i++) {
        many[i] = ehr_majority_engine_type;
        snprintf(names[i], sizeof names[i], "own-%d", i);
        many[i].name = names[i];
        int expected = i < EHR_REGISTRY_MORE_MAX ? EHR_EXIT_DONE : EHR_EXIT_INPUT;
        good = good && ehr_engine_register(&many[i]) == expected;
    }
    struct ehr_scenario_engine *engines = ehr_app_engines(&count);
    good = good && count == 4 + EHR_REGISTRY_MORE_MAX &&
           strcmp(ehr_engine_find("own-7")->name, "own-7") == 0 &&
           strcmp(engines[4 + 7].name, "own-7") == 0 && engines[4 + 7].nodes_min == 3;
    free(engines);
    _exit(good ? 0 : 1);
}

static void no_more_are_taken_when_there_are_many(void)
{
    CU_ASSERT_EQUAL(child_run(a_child_adds_too_many), 0);
}

/* ---- a run ---- */

static void engine_add(void)
{
    if (ehr_engine_register(&ehr_majority_engine_type) != EHR_EXIT_DONE)
        exit(5);
}

static unsigned blocks;

static void on_block(void *context, const struct ehr_block_event *event)
{
    (void)context, (void)event;
    blocks++;
}

static void on_done(void *context)
{
    (void)context;
    tell("%u blocks", blocks);
}

static void request_row(const struct table *row, void *context)
{
    (void)context;
    CU_ASSERT_STRING_EQUAL(table_text(row, "outcome"), "ok");
}

/* Which of the engine's messages were counted. */
static void consensus_row(const struct table *row, void *context)
{
    static const char *const names[] = {"proposal", "ack", "decision"};
    unsigned *seen = context;
    bool known = strcmp(table_text(row, "kind"), "message") != 0;
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(table_text(row, "type"), names[i]) == 0) {
            *seen |= 1U << i;
            known = true;
        }
    CU_ASSERT_TRUE(known);
}

static void the_program_s_engine_orders(const char *fidelity)
{
    static const struct ehr_hooks hooks = {
        .size = sizeof hooks, .block = on_block, .done = on_done};
    const struct program program = {
        .sets = {fidelity, "alliance/@consensus=majority", "hospital/@consensus=majority"},
        .hooks = &hooks,
        .before = engine_add};
    char folder[PROGRAM_FOLDER_BYTES];
    char *told = program_run(&program, folder);
    unsigned seen = 0;
    CU_ASSERT_EQUAL(table_read(folder, "requests.csv", request_row, NULL), 60 + 12 + 6 + 4);
    table_read(folder, "consensus.csv", consensus_row, &seen);
    CU_ASSERT_EQUAL(seen, 7);
    CU_ASSERT(strtoul(told, NULL, 10) > 20);
    CU_ASSERT_PTR_NOT_NULL(strstr(told, " blocks\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "well\n"));
    free(told);
    program_forget(folder);
}

static void a_run_ends_well_when_a_program_brings_its_engine(void)
{
    the_program_s_engine_orders("network/@fidelity=flow");
    the_program_s_engine_orders("network/@fidelity=delay");
}

static const struct ehr_unit_case cases[] = {
    {"a_type_is_refused_when_it_breaks_the_interface",
     a_type_is_refused_when_it_breaks_the_interface},
    {"what_may_be_null_means_what_the_header_says", what_may_be_null_means_what_the_header_says},
    {"no_more_are_taken_when_there_are_many", no_more_are_taken_when_there_are_many},
    {"a_run_ends_well_when_a_program_brings_its_engine",
     a_run_ends_well_when_a_program_brings_its_engine},
};

EHR_UNIT_MAIN("program_engine", cases)
