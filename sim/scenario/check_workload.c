/* What is asked for: counts, rates, profiles and what they need of each other. */
#include "sim/scenario/check.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/value.h"

#include <stdlib.h>

/* With a count alone, requests spread over the run. */
static void rate_fill(double *rate_per_s, uint64_t count, uint64_t duration_ns)
{
    if (count > 0 && *rate_per_s <= 0)
        *rate_per_s = (double)count / ((double)duration_ns / 1e9);
}

static void time_refuse(struct ehr_check *check, int line, const char *what, uint64_t found_ns,
                        const char *allowed, uint64_t bound_ns)
{
    char found[EHR_VALUE_TEXT_BYTES];
    char bound[EHR_VALUE_TEXT_BYTES];
    ehr_value_time_write(found, found_ns);
    ehr_value_time_write(bound, bound_ns);
    char *text = ehr_scenario_text_format("%s (%s)", allowed, bound);
    ehr_check_add(check, false, line, what, found, text);
    free(text);
}

static void times_check(struct ehr_check *check)
{
    const struct ehr_scenario_workload *workload = &check->scenario->workload;
    int line = ehr_check_line(check, NULL, "workload");
    if (!ehr_check_is_sound(check, line))
        return;
    if (workload->start_ns >= workload->day_ns)
        time_refuse(check, line, "workload/@start", workload->start_ns, "less than day",
                    workload->day_ns);
    if (workload->give_up_ns < workload->retry_ns)
        time_refuse(check, line, "workload/@give-up", workload->give_up_ns, "at least retry",
                    workload->retry_ns);
}

void ehr_check_profile(struct ehr_check *check, int line, const char *what,
                       const struct ehr_scenario_profile *profile, double rate_per_s)
{
    if (profile->count > 0 && rate_per_s <= 0)
        ehr_check_add(check, false, line, what, "given without a rate",
                      "a rate above 0, which is the mean of the day, or no profile");
}

static void visits_check(struct ehr_check *check)
{
    const struct ehr_scenario_visits *visits = &check->scenario->workload.visits;
    int line = ehr_check_line(check, "workload", "visits");
    if (ehr_check_is_sound(check, line) && visits->count > 0 && visits->rate_per_s <= 0)
        ehr_check_add(check, false, line, "workload/visits/@rate", "0/s",
                      "a rate above 0: count says how many, rate how fast");
}

static void retrievals_check(struct ehr_check *check)
{
    struct ehr_scenario_retrievals *retrievals = &check->scenario->workload.retrievals;
    int line = ehr_check_line(check, "workload", "retrievals");
    if (!ehr_check_is_sound(check, line))
        return;
    if (retrievals->probability > 0 && (retrievals->rate_per_s > 0 || retrievals->count > 0))
        ehr_check_add(check, false, line, "workload/retrievals/@probability",
                      "given together with rate or count", "either probability, or rate and count");
    if (retrievals->probability <= 0 && retrievals->delay_ns > 0)
        ehr_check_add(check, false, line, "workload/retrievals/@delay", "without a probability",
                      "with probability: it counts from the visit");
    rate_fill(&retrievals->rate_per_s, retrievals->count, check->scenario->run.duration_ns);
    ehr_check_profile(check, line, "workload/retrievals/@profile", &retrievals->profile,
                      retrievals->rate_per_s);
}

static void shares_check(struct ehr_check *check)
{
    struct ehr_scenario_shares *shares = &check->scenario->workload.shares;
    int line = ehr_check_line(check, "workload", "shares");
    if (!ehr_check_is_sound(check, line))
        return;
    if (check->scenario->data_user_count == 0 && (shares->rate_per_s > 0 || shares->count > 0))
        ehr_check_add(check, false, line, "workload/shares", "shares without a data-user",
                      "at least one data-user");
    rate_fill(&shares->rate_per_s, shares->count, check->scenario->run.duration_ns);
    ehr_check_profile(check, line, "workload/shares/@profile", &shares->profile,
                      shares->rate_per_s);
}

static void revocations_check(struct ehr_check *check)
{
    const struct ehr_scenario_revocations *revocations = &check->scenario->workload.revocations;
    const struct ehr_scenario_shares *shares = &check->scenario->workload.shares;
    int line = ehr_check_line(check, "workload", "revocations");
    if (!ehr_check_is_sound(check, line))
        return;
    if (revocations->probability > 0 && revocations->count > 0)
        ehr_check_add(check, false, line, "workload/revocations/@probability",
                      "given together with count", "either probability or count");
    else if ((revocations->probability > 0 || revocations->count > 0) && shares->rate_per_s <= 0 &&
             check->scenario->workload.trace.file == NULL)
        ehr_check_add(check, true, line, "workload/revocations", "nothing to revoke",
                      "shares with a rate or a count");
    else if (shares->count > 0 && revocations->count > shares->count)
        ehr_check_add(check, true, line, "workload/revocations/@count",
                      "more than there are shares", "at most the count of shares");
}

void ehr_check_workload(struct ehr_check *check)
{
    times_check(check);
    visits_check(check);
    retrievals_check(check);
    shares_check(check);
    revocations_check(check);
}
