/* Arbitrary bytes as a deployment: never a crash, a leak or an undefined operation; what is
 * accepted is written as a deployment that is accepted, too. */
#include "sim/scenario/deployment.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const char *const hosts[] = {"alliance-1", "alliance-2",   "alliance-3",
                                    "alliance-4", "minsk-node-1", "minsk-server"};
static const char *const links[] = {"wan"};
static const struct ehr_scenario_engine engines[] = {
    {"hotstuff", 4, "f = floor((n-1)/3)", true, true, true, false},
    {"pbft", 4, "f = floor((n-1)/3)", true, false, false, true},
};

static struct ehr_scenario *text_read(const uint8_t *data, size_t bytes,
                                      struct ehr_problem_list *problems)
{
    struct ehr_deployment_file file;
    struct ehr_scenario *scenario = NULL;
    if (ehr_deployment_file_parse("fuzz.xml", data, bytes, problems, &file) != EHR_SCENARIO_OK)
        return NULL;
    const struct ehr_deployment_source source = {
        .path = "fuzz.xml",
        .actors = file.actors,
        .actor_count = file.actor_count,
        .host_names = hosts,
        .host_count = sizeof hosts / sizeof hosts[0],
        .link_names = links,
        .link_count = 1,
        .engines = engines,
        .engine_count = 2,
    };
    struct ehr_deployment_seat *seats = calloc(file.actor_count + 1, sizeof *seats);
    enum ehr_scenario_status status = ehr_deployment_read(&source, problems, &scenario, seats);
    assert((status == EHR_SCENARIO_OK) == (scenario != NULL));
    free(seats);
    ehr_deployment_file_close(&file);
    return scenario;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ehr_problem_list problems;
    ehr_problem_list_init(&problems);
    struct ehr_scenario *scenario = text_read(data, bytes, &problems);
    if (scenario != NULL) {
        char *text = NULL;
        size_t text_bytes = 0;
        FILE *out = open_memstream(&text, &text_bytes);
        bool written = ehr_deployment_write(scenario, hosts, false, &problems, out);
        assert(written);
        fclose(out);
        struct ehr_scenario *again = text_read((uint8_t *)text, text_bytes, &problems);
        assert(again != NULL);
        ehr_scenario_free(again);
        free(text);
    }
    ehr_scenario_free(scenario);
    ehr_problem_list_close(&problems);
    return 0;
}
