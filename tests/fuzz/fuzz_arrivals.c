/* Arbitrary bytes as arrivals of a scenario: never a crash, a leak or an undefined operation; what
 * is accepted is in order, within the run, and asks for hospitals, patients, data users and orders
 * that there are. */
#include "sim/app/arrivals.h"
#include "sim/measure/requests.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const uint32_t patients[] = {20, 7};

static struct ehr_scenario *scenario_make(void)
{
    static char minsk[] = "minsk", brest[] = "brest", institute[] = "institute";
    static struct ehr_scenario_hospital hospitals[] = {{.id = minsk}, {.id = brest}};
    static struct ehr_scenario_data_user users[] = {{.id = institute}};
    static struct ehr_scenario_ordering orderings[] = {{.number = 0}};
    static struct ehr_scenario scenario = {
        .hospitals = hospitals,
        .hospital_count = 2,
        .data_users = users,
        .data_user_count = 1,
        .run = {.duration_ns = 100000000000},
        .workload = {.orderings = orderings, .ordering_count = 1}};
    return &scenario;
}

static void events_check(const struct ehr_arrivals *arrivals)
{
    uint64_t last_ns = 0;
    for (size_t i = 0; i < arrivals->count; i++) {
        const struct ehr_workload_event *event = &arrivals->events[i];
        bool visit = event->flow == EHR_FLOW_VISIT, share = event->flow == EHR_FLOW_SHARE,
             ordering = event->flow == EHR_FLOW_ORDERING;
        assert(visit || share || ordering || event->flow == EHR_FLOW_RETRIEVE);
        assert(event->at_ns >= last_ns && event->at_ns < 100000000000);
        assert(event->hospital < 2 || (event->hospital == EHR_WORKLOAD_ANY && !visit));
        assert(event->patient == EHR_WORKLOAD_ANY ||
               (visit && event->patient < patients[event->hospital]));
        assert(ordering ? event->who == 0
                        : event->who == EHR_WORKLOAD_ANY || (share && event->who == 0));
        last_ns = event->at_ns;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[40];
    int file = memfd_create("arrivals", 0);
    assert(file >= 0);
    ssize_t written = write(file, data, bytes);
    assert(written == (ssize_t)bytes);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct ehr_problem_list problems;
    struct ehr_arrivals arrivals;
    ehr_problem_list_init(&problems);
    enum ehr_scenario_status status =
        ehr_arrivals_load(&arrivals, path, scenario_make(), patients, &problems);
    assert((status == EHR_SCENARIO_OK) == (problems.error_count == 0));
    assert(status == EHR_SCENARIO_OK || arrivals.count == 0);
    events_check(&arrivals);
    ehr_arrivals_close(&arrivals);
    ehr_problem_list_close(&problems);
    close(file);
    return 0;
}
