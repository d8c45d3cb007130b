/* What may stand within <faults>. */
#include "sim/scenario/vocabulary_tables.h"

/* clang-format off */
static const struct ehr_vocabulary_attribute crash_attributes[] = {
    {.name = "role", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(crash, role),
     .default_text = "host", .values = "host|hospital"},
    {.name = "host", .kind = EHR_VOCABULARY_HOST, .offset = OFFSET(crash, host)},
    {.name = "hospital", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(crash, hospital_id)},
    {.name = "on", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(crash, trigger),
     .default_text = "time", .values = "time|private-commit"},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(crash, at_ns)},
    {.name = "count", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(crash, count),
     .default_text = "1", .min = 1},
    {.name = "recover", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(crash, recover_ns)},
};

static const struct ehr_vocabulary_attribute revoke_attributes[] = {
    {.name = "certificate", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(revoke, certificate),
     .required = true, .values = "doctor|data-user|hospital"},
    {.name = "hospital", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(revoke, hospital_id)},
    {.name = "data-user", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(revoke, data_user_id)},
    {.name = "index", .kind = EHR_VOCABULARY_NUMBER, .offset = OFFSET(revoke, index),
     .default_text = "0"},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(revoke, at_ns),
     .required = true},
};

static const struct ehr_vocabulary_attribute partition_attributes[] = {
    {.name = "groups", .kind = EHR_VOCABULARY_GROUPS, .offset = OFFSET(partition, groups),
     .required = true},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(partition, at_ns),
     .required = true},
    {.name = "heal", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(partition, heal_ns)},
};

static const struct ehr_vocabulary_attribute loss_attributes[] = {
    {.name = "from", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(loss, from),
     .default_text = "*"},
    {.name = "to", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(loss, to),
     .default_text = "*"},
    {.name = "probability", .kind = EHR_VOCABULARY_PROBABILITY,
     .offset = OFFSET(loss, probability), .required = true},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(loss, at_ns),
     .default_text = "0s"},
    {.name = "until", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(loss, until_ns)},
};

static const struct ehr_vocabulary_attribute delay_attributes[] = {
    {.name = "from", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(delay, from),
     .default_text = "*"},
    {.name = "to", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(delay, to),
     .default_text = "*"},
    {.name = "extra", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(delay, extra_ns),
     .required = true, .min = 1},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(delay, at_ns),
     .default_text = "0s"},
    {.name = "until", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(delay, until_ns)},
};

static const struct ehr_vocabulary_attribute slow_attributes[] = {
    {.name = "host", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(slow, host),
     .required = true},
    {.name = "factor", .kind = EHR_VOCABULARY_FACTOR, .offset = OFFSET(slow, factor),
     .required = true},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(slow, at_ns),
     .default_text = "0s"},
    {.name = "until", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(slow, until_ns)},
};

static const struct ehr_vocabulary_attribute link_attributes[] = {
    {.name = "name", .kind = EHR_VOCABULARY_LINKS, .offset = OFFSET(link, name),
     .required = true},
    {.name = "bandwidth", .kind = EHR_VOCABULARY_BANDWIDTH, .offset = OFFSET(link, bandwidth_Bps),
     .min = 1},
    {.name = "latency", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(link, latency_ns)},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(link, at_ns),
     .default_text = "0s"},
    {.name = "until", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(link, until_ns)},
};

static const struct ehr_vocabulary_attribute byzantine_attributes[] = {
    {.name = "node", .kind = EHR_VOCABULARY_HOSTS, .offset = OFFSET(byzantine, node),
     .required = true},
    {.name = "behaviour", .kind = EHR_VOCABULARY_CHOICE, .offset = OFFSET(byzantine, behaviour),
     .required = true,
     .values = "silent|equivocate|conflicting-votes|delayed-votes|corrupt-digest|stale-view|"
               "selective"},
    {.name = "at", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(byzantine, at_ns),
     .default_text = "0s"},
    {.name = "until", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(byzantine, until_ns)},
    {.name = "delay", .kind = EHR_VOCABULARY_TIME, .offset = OFFSET(byzantine, delay_ns),
     .default_text = "1s", .min = 1},
    {.name = "victim", .kind = EHR_VOCABULARY_ID, .offset = OFFSET(byzantine, victim)},
};

const struct ehr_vocabulary_element ehr_vocabulary_faults[EHR_VOCABULARY_FAULT_COUNT] = {
    {.name = "crash", ATTRIBUTES(crash_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, crashes),
     .count_offset = offsetof(struct ehr_scenario, crash_count),
     .item_bytes = sizeof(struct ehr_scenario_crash), .line_offset = OFFSET(crash, line)},
    {.name = "revoke", ATTRIBUTES(revoke_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, revokes),
     .count_offset = offsetof(struct ehr_scenario, revoke_count),
     .item_bytes = sizeof(struct ehr_scenario_revoke), .line_offset = OFFSET(revoke, line)},
    {.name = "partition", ATTRIBUTES(partition_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, partitions),
     .count_offset = offsetof(struct ehr_scenario, partition_count),
     .item_bytes = sizeof(struct ehr_scenario_partition), .line_offset = OFFSET(partition, line)},
    {.name = "loss", ATTRIBUTES(loss_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, losses),
     .count_offset = offsetof(struct ehr_scenario, loss_count),
     .item_bytes = sizeof(struct ehr_scenario_loss), .line_offset = OFFSET(loss, line)},
    {.name = "delay", ATTRIBUTES(delay_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, delays),
     .count_offset = offsetof(struct ehr_scenario, delay_count),
     .item_bytes = sizeof(struct ehr_scenario_delay), .line_offset = OFFSET(delay, line)},
    {.name = "slow", ATTRIBUTES(slow_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, slows),
     .count_offset = offsetof(struct ehr_scenario, slow_count),
     .item_bytes = sizeof(struct ehr_scenario_slow), .line_offset = OFFSET(slow, line)},
    {.name = "link", ATTRIBUTES(link_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, links),
     .count_offset = offsetof(struct ehr_scenario, link_count),
     .item_bytes = sizeof(struct ehr_scenario_link), .line_offset = OFFSET(link, line)},
    {.name = "byzantine", ATTRIBUTES(byzantine_attributes), .min = 0, .max = SIZE_MAX,
     .offset = offsetof(struct ehr_scenario, byzantines),
     .count_offset = offsetof(struct ehr_scenario, byzantine_count),
     .item_bytes = sizeof(struct ehr_scenario_byzantine), .line_offset = OFFSET(byzantine, line)},
};
/* clang-format on */
