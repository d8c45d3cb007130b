#include "sim/scenario/check.h"

#include "sim/scenario/document.h"
#include "sim/scenario/group.h"
#include "sim/scenario/memory.h"
#include "sim/scenario/value.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ehr_check_add(struct ehr_check *check, bool warning, int line, const char *what,
                   const char *found, const char *allowed)
{
    ehr_problem_list_add(check->problems, warning, check->scenario->file, line, what, found,
                         allowed);
}

bool ehr_check_is_sound(const struct ehr_check *check, int line)
{
    for (size_t i = 0; i < check->read_count; i++)
        if (check->problems->items[i].line == line && !check->problems->items[i].warning)
            return false;
    return true;
}

int ehr_check_line(const struct ehr_check *check, const char *parent, const char *name)
{
    const xmlNode *node = xmlDocGetRootElement(check->document);
    int line = ehr_document_line(node);
    const char *names[] = {parent, name};
    for (size_t i = 0; i < 2; i++) {
        if (names[i] == NULL)
            continue;
        const xmlNode *child = node->children;
        while (child != NULL && (child->type != XML_ELEMENT_NODE ||
                                 strcmp((const char *)child->name, names[i]) != 0))
            child = child->next;
        if (child == NULL)
            return line;
        node = child;
        line = ehr_document_line(node);
    }
    return line;
}

static void file_check(struct ehr_check *check, int line, const char *what, const char *path,
                       bool directory)
{
    struct stat status;
    const char *allowed = directory ? "a readable folder" : "a readable file";
    char *found = NULL;
    if (stat(path, &status) != 0)
        found = ehr_scenario_text_format("%s, which does not exist", path);
    else if (directory ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode))
        found = ehr_scenario_text_format("%s, which is not a %s", path,
                                         directory ? "folder" : "regular file");
    else if (access(path, directory ? R_OK | X_OK : R_OK) != 0)
        found = ehr_scenario_text_format("%s, which cannot be read", path);
    if (found != NULL)
        ehr_check_add(check, false, line, what, found, allowed);
    free(found);
}

static void files_check(struct ehr_check *check)
{
    const struct ehr_scenario *scenario = check->scenario;
    if (scenario->platform_file != NULL)
        file_check(check, scenario->platform_line, "platform/@file", scenario->platform_file,
                   false);
    if (scenario->crypto.costs_file != NULL)
        file_check(check, ehr_check_line(check, NULL, "crypto"), "crypto/@costs",
                   scenario->crypto.costs_file, false);
    if (scenario->workload.trace.file != NULL)
        file_check(check, ehr_check_line(check, "workload", "trace"), "workload/trace/@file",
                   scenario->workload.trace.file, false);
    if (scenario->records.directory != NULL)
        file_check(check, ehr_check_line(check, NULL, "records"), "records/@directory",
                   scenario->records.directory, true);
}

static void chain_check(struct ehr_check *check, int line, const char *element,
                        const struct ehr_scenario_chain *chain)
{
    if (!ehr_check_is_sound(check, line) || chain->window >= chain->checkpoint_interval)
        return;
    char *what = ehr_scenario_text_format("%s/@window", element);
    char *found = ehr_scenario_text_format("%u", chain->window);
    char *allowed =
        ehr_scenario_text_format("at least checkpoint-interval (%u)", chain->checkpoint_interval);
    ehr_check_add(check, false, line, what, found, allowed);
    free(what);
    free(found);
    free(allowed);
}

static void chains_check(struct ehr_check *check)
{
    const struct ehr_scenario *scenario = check->scenario;
    const struct ehr_scenario_alliance *alliance = &scenario->alliance;
    chain_check(check, alliance->line, "alliance", &alliance->chain);
    for (size_t i = 0; i < scenario->hospital_count; i++)
        chain_check(check, scenario->hospitals[i].line, ehr_group_element(&scenario->hospitals[i]),
                    &scenario->hospitals[i].chain);
    if (!ehr_check_is_sound(check, alliance->line) || alliance->threshold <= alliance->proxies)
        return;
    char *found = ehr_scenario_text_format("%u", alliance->threshold);
    char *allowed = ehr_scenario_text_format("at most proxies (%u)", alliance->proxies);
    ehr_check_add(check, false, alliance->line, "alliance/@threshold", found, allowed);
    free(found);
    free(allowed);
}

static void run_check(struct ehr_check *check)
{
    const struct ehr_scenario_run *run = &check->scenario->run;
    int line = ehr_check_line(check, NULL, "run");
    if (!ehr_check_is_sound(check, line) || run->warmup_ns < run->duration_ns)
        return;
    char found[EHR_VALUE_TEXT_BYTES];
    char duration[EHR_VALUE_TEXT_BYTES];
    ehr_value_time_write(found, run->warmup_ns);
    ehr_value_time_write(duration, run->duration_ns);
    char *allowed = ehr_scenario_text_format("less than duration (%s)", duration);
    ehr_check_add(check, false, line, "run/@warmup", found, allowed);
    free(allowed);
}

/* `source` follows from `directory` where it is not given. */
static void records_check(struct ehr_check *check)
{
    struct ehr_scenario_records *records = &check->scenario->records;
    int line = ehr_check_line(check, NULL, "records");
    bool given = (unsigned)records->source != 0;
    if (!given)
        records->source = records->directory != NULL ? EHR_SCENARIO_SOURCE_DIRECTORY
                                                     : EHR_SCENARIO_SOURCE_SYNTHETIC;
    if (!ehr_check_is_sound(check, line))
        return;
    if (records->source == EHR_SCENARIO_SOURCE_DIRECTORY && records->directory == NULL)
        ehr_check_add(check, false, line, "records/@directory", "missing",
                      "a folder of FHIR R4 bundles, with source=\"directory\"");
    if (records->source == EHR_SCENARIO_SOURCE_SYNTHETIC && records->directory != NULL)
        ehr_check_add(check, false, line, "records/@source", "synthetic with a directory",
                      "directory, or no attribute directory");
    if (records->source == EHR_SCENARIO_SOURCE_DIRECTORY && records->attachment_bytes > 0)
        ehr_check_add(check, false, line, "records/@attachment-bytes", "with a directory",
                      "0: bundles stay as they are");
}

/* SimGrid tells of what it executes: in the other fidelities that is nothing. */
static void measured_check(struct ehr_check *check, const char *what,
                           enum ehr_scenario_measured measured)
{
    if (measured == EHR_SCENARIO_MEASURED_NONE ||
        check->scenario->network.fidelity == EHR_SCENARIO_FIDELITY_FLOW)
        return;
    ehr_check_add(check, false, ehr_check_line(check, NULL, "measure"), what,
                  check->scenario->network.fidelity == EHR_SCENARIO_FIDELITY_QUEUE
                      ? "given with fidelity queue"
                      : "given with fidelity delay",
                  "none, or network/@fidelity flow: else SimGrid computes and carries nothing");
}

static void measure_check(struct ehr_check *check)
{
    const struct ehr_scenario_measure *measure = &check->scenario->measure;
    if (!ehr_check_is_sound(check, ehr_check_line(check, NULL, "measure")) ||
        !ehr_check_is_sound(check, ehr_check_line(check, NULL, "network")))
        return;
    measured_check(check, "measure/@energy", measure->energy);
    measured_check(check, "measure/@load", measure->load);
}

static void hospital_find(struct ehr_check *check, int line, const char *what, const char *wanted,
                          size_t *hospital)
{
    const struct ehr_scenario *scenario = check->scenario;
    for (size_t i = 0; i < scenario->hospital_count; i++) {
        const char *id = scenario->hospitals[i].id;
        if (id != NULL && strcmp(id, wanted) == 0) {
            *hospital = i;
            return;
        }
    }
    if (ehr_check_groups_are_whole(check))
        ehr_check_add(check, false, line, what, wanted, "the id of a hospital of the scenario");
}

static void crash_time_check(struct ehr_check *check, const struct ehr_scenario_crash *crash)
{
    int line = crash->line;
    if (crash->trigger == EHR_SCENARIO_CRASH_AT_TIME) {
        if (crash->at_ns == EHR_SCENARIO_NEVER)
            ehr_check_add(check, false, line, "faults/crash/@at", "missing",
                          "a time, or on=\"private-commit\" with role=\"hospital\"");
        else if (crash->recover_ns <= crash->at_ns)
            ehr_check_add(check, false, line, "faults/crash/@recover", "not after the crash",
                          "a time later than at (with on=\"time\" both count from the start)");
        if (crash->count != 1)
            ehr_check_add(check, false, line, "faults/crash/@count", "given with on=\"time\"",
                          "on=\"private-commit\", or no count");
        return;
    }
    if (crash->at_ns != EHR_SCENARIO_NEVER)
        ehr_check_add(check, false, line, "faults/crash/@at", "given with on=\"private-commit\"",
                      "either a time or an event");
    if (crash->role != EHR_SCENARIO_CRASH_ROLE_HOSPITAL)
        ehr_check_add(check, false, line, "faults/crash/@on", "private-commit with role=\"host\"",
                      "role=\"hospital\": the event is a hospital's");
    if (crash->recover_ns == 0)
        ehr_check_add(check, false, line, "faults/crash/@recover", "0s",
                      "a time above 0, counted from the crash");
}

static void crash_check(struct ehr_check *check, struct ehr_scenario_crash *crash)
{
    int line = crash->line;
    if (!ehr_check_is_sound(check, line))
        return;
    if (crash->role == EHR_SCENARIO_CRASH_ROLE_HOSPITAL) {
        if (crash->hospital_id == NULL)
            ehr_check_add(check, false, line, "faults/crash/@hospital", "missing",
                          "the id of a hospital, with role=\"hospital\"");
        else
            hospital_find(check, line, "faults/crash/@hospital", crash->hospital_id,
                          &crash->hospital);
        if (crash->host.pattern != NULL)
            ehr_check_add(check, false, line, "faults/crash/@host", "given with role=\"hospital\"",
                          "either host or role=\"hospital\" with hospital");
    } else {
        if (crash->host.pattern == NULL)
            ehr_check_add(check, false, line, "faults/crash/@host", "missing",
                          "the name of one host, or role=\"hospital\" with hospital");
        if (crash->hospital_id != NULL)
            ehr_check_add(check, false, line, "faults/crash/@hospital", "given with role=\"host\"",
                          "role=\"hospital\", or no hospital");
    }
    crash_time_check(check, crash);
}

static void data_user_find(struct ehr_check *check, struct ehr_scenario_revoke *revoke)
{
    const struct ehr_scenario *scenario = check->scenario;
    for (size_t i = 0; i < scenario->data_user_count; i++) {
        const char *id = scenario->data_users[i].id;
        if (id != NULL && strcmp(id, revoke->data_user_id) == 0) {
            revoke->data_user = i;
            return;
        }
    }
    ehr_check_add(check, false, revoke->line, "faults/revoke/@data-user", revoke->data_user_id,
                  "the id of a data user of the scenario");
}

static void revoke_check(struct ehr_check *check, struct ehr_scenario_revoke *revoke)
{
    int line = revoke->line;
    bool of_user = revoke->certificate == EHR_SCENARIO_REVOKE_DATA_USER;
    if (!ehr_check_is_sound(check, line))
        return;
    if (of_user && revoke->data_user_id == NULL)
        ehr_check_add(check, false, line, "faults/revoke/@data-user", "missing",
                      "the id of a data user, with certificate=\"data-user\"");
    else if (of_user)
        data_user_find(check, revoke);
    else if (revoke->data_user_id != NULL)
        ehr_check_add(check, false, line, "faults/revoke/@data-user",
                      "given without certificate=\"data-user\"",
                      "hospital, or certificate=\"data-user\"");
    if (!of_user && revoke->hospital_id == NULL)
        ehr_check_add(check, false, line, "faults/revoke/@hospital", "missing",
                      "the id of a hospital, with certificate=\"doctor\" or \"hospital\"");
    else if (!of_user)
        hospital_find(check, line, "faults/revoke/@hospital", revoke->hospital_id,
                      &revoke->hospital);
    else if (revoke->hospital_id != NULL)
        ehr_check_add(check, false, line, "faults/revoke/@hospital",
                      "given with certificate=\"data-user\"", "data-user alone");
    if (revoke->certificate != EHR_SCENARIO_REVOKE_DOCTOR && revoke->index != 0)
        ehr_check_add(check, false, line, "faults/revoke/@index",
                      "given without certificate=\"doctor\"",
                      "certificate=\"doctor\", or no index");
}

void ehr_scenario_check(xmlDocPtr document, struct ehr_scenario *scenario,
                        struct ehr_problem_list *problems)
{
    struct ehr_check check = {.document = document,
                              .scenario = scenario,
                              .problems = problems,
                              .read_count = problems->count};
    files_check(&check);
    run_check(&check);
    chains_check(&check);
    ehr_check_groups(&check);
    ehr_check_ids(&check);
    records_check(&check);
    ehr_check_ordering(&check);
    ehr_check_workload(&check);
    measure_check(&check);
    for (size_t i = 0; i < scenario->crash_count; i++)
        crash_check(&check, &scenario->crashes[i]);
    for (size_t i = 0; i < scenario->revoke_count; i++)
        revoke_check(&check, &scenario->revokes[i]);
    ehr_check_faults(&check);
    ehr_check_sweep(&check);
}
