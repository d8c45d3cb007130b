/* Faults of the network and of machines: their times, and what they say at all. */
#include "sim/scenario/check.h"

#include "sim/scenario/memory.h"
#include "sim/scenario/value.h"

#include <stdlib.h>

/* When a fault begins and ends, and how its messages name that. */
struct window {
    int line;
    const char *element, *end; /* "loss", "until" */
    uint64_t at_ns, until_ns;
};

static void window_check(struct ehr_check *check, const struct window *window)
{
    uint64_t duration_ns = check->scenario->run.duration_ns;
    char found[EHR_VALUE_TEXT_BYTES], limit[EHR_VALUE_TEXT_BYTES];
    char *what = ehr_scenario_text_format("faults/%s/@at", window->element);
    char *allowed = NULL;
    if (window->at_ns >= duration_ns) {
        ehr_value_time_write(found, window->at_ns);
        ehr_value_time_write(limit, duration_ns);
        allowed = ehr_scenario_text_format("a time before the run's duration is over (%s)", limit);
        ehr_check_add(check, false, window->line, what, found, allowed);
    }
    free(what);
    free(allowed);
    if (window->until_ns > window->at_ns)
        return;
    ehr_value_time_write(found, window->until_ns);
    ehr_value_time_write(limit, window->at_ns);
    what = ehr_scenario_text_format("faults/%s/@%s", window->element, window->end);
    allowed = ehr_scenario_text_format("a time later than at (%s), both from the start", limit);
    ehr_check_add(check, false, window->line, what, found, allowed);
    free(what);
    free(allowed);
}

static void link_check(struct ehr_check *check, const struct ehr_scenario_link *link)
{
    if (link->bandwidth_Bps == 0 && link->latency_ns == EHR_SCENARIO_NEVER)
        ehr_check_add(check, false, link->line, "faults/link", "neither bandwidth nor latency",
                      "one of them or both");
}

enum { ONE_SECOND_NS = 1000000000 };

static void byzantine_check(struct ehr_check *check, const struct ehr_scenario_byzantine *byzantine)
{
    int line = byzantine->line;
    bool selective = byzantine->behaviour == EHR_SCENARIO_BEHAVIOUR_SELECTIVE;
    if (!ehr_check_is_sound(check, line))
        return;
    window_check(
        check, &(struct window){line, "byzantine", "until", byzantine->at_ns, byzantine->until_ns});
    if (selective && byzantine->victim == NULL)
        ehr_check_add(
            check, false, line, "faults/byzantine/@victim", "missing",
            "the name of a client, with behaviour=\"selective\": of a doctor, a hospital's "
            "server, a place of patients or a data user, as in nodes.csv");
    if (!selective && byzantine->victim != NULL)
        ehr_check_add(check, false, line, "faults/byzantine/@victim",
                      "given without behaviour=\"selective\"",
                      "behaviour=\"selective\", or no victim");
    if (byzantine->behaviour != EHR_SCENARIO_BEHAVIOUR_DELAYED_VOTES &&
        byzantine->delay_ns != ONE_SECOND_NS) /* the default */
        ehr_check_add(check, false, line, "faults/byzantine/@delay",
                      "given without behaviour=\"delayed-votes\"",
                      "behaviour=\"delayed-votes\", or no delay");
}

void ehr_check_faults(struct ehr_check *check)
{
    const struct ehr_scenario *s = check->scenario;
    for (size_t i = 0; i < s->partition_count; i++)
        if (ehr_check_is_sound(check, s->partitions[i].line))
            window_check(check, &(struct window){s->partitions[i].line, "partition", "heal",
                                                 s->partitions[i].at_ns, s->partitions[i].heal_ns});
    for (size_t i = 0; i < s->loss_count; i++) {
        const struct ehr_scenario_loss *loss = &s->losses[i];
        if (!ehr_check_is_sound(check, loss->line))
            continue;
        window_check(check,
                     &(struct window){loss->line, "loss", "until", loss->at_ns, loss->until_ns});
        if (loss->probability <= 0)
            ehr_check_add(check, false, loss->line, "faults/loss/@probability", "0",
                          "a number above 0, at most 1");
    }
    for (size_t i = 0; i < s->delay_count; i++)
        if (ehr_check_is_sound(check, s->delays[i].line))
            window_check(check, &(struct window){s->delays[i].line, "delay", "until",
                                                 s->delays[i].at_ns, s->delays[i].until_ns});
    for (size_t i = 0; i < s->slow_count; i++)
        if (ehr_check_is_sound(check, s->slows[i].line))
            window_check(check, &(struct window){s->slows[i].line, "slow", "until",
                                                 s->slows[i].at_ns, s->slows[i].until_ns});
    for (size_t i = 0; i < s->link_count; i++) {
        if (!ehr_check_is_sound(check, s->links[i].line))
            continue;
        window_check(check, &(struct window){s->links[i].line, "link", "until", s->links[i].at_ns,
                                             s->links[i].until_ns});
        link_check(check, &s->links[i]);
    }
    for (size_t i = 0; i < s->byzantine_count; i++)
        byzantine_check(check, &s->byzantines[i]);
}
